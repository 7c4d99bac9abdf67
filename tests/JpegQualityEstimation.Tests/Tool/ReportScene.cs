using System.Buffers.Binary;
using System.Text;
using System.Xml.Linq;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Tests.Maps;
using JpegQualityEstimation.Tool;

namespace JpegQualityEstimation.Tests.Tool;

// Pictures, files and runs of jqe report under a clock that stands still.
sealed class ReportScene : IDisposable
{
    public ToolFolder Folder { get; } = new();

    public FakePrimaryEngine Engine { get; } = new();

    public string this[string relative] => Folder[relative];

    public ToolRun Report(params string[] arguments) => ReportFrom("", arguments);

    public ToolRun ReportFrom(string input, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var console = new ToolConsole(new StringReader(input), output, error, Interactive: false, default);
        int status = Application.Run(["report", "--model", Folder.Model, "--threads", "1", "--device", "cpu", .. arguments], console,
            options => PrimaryQuantEstimator.Create(options with { ModelPath = null, Network = Engine.Network }), new StoppedClock());
        return new ToolRun(status, output.ToString(), error.ToString());
    }

    public string AddJpeg(string relative, int width = 96, int height = 80, int quality = 85, params byte[][] segments)
    {
        using var stream = new MemoryStream();
        JpegEncoder.Encode(stream, TestScenes.Waves(width, height, 1).View, JpegCompression.FromQuality(quality));
        byte[] jpeg = stream.ToArray();
        Directory.CreateDirectory(Path.GetDirectoryName(Folder[relative])!);
        File.WriteAllBytes(Folder[relative], [.. jpeg[..20], .. segments.SelectMany(segment => segment), .. jpeg[20..]]);
        return Folder[relative];
    }

    // The page as XML; throws where it is not well-formed.
    public static XElement Page(string path) =>
        XDocument.Parse(File.ReadAllText(path).Replace("<!DOCTYPE html>\n", "", StringComparison.Ordinal), LoadOptions.PreserveWhitespace).Root!;

    public static byte[] Segment(byte marker, params byte[] payload) =>
        [0xFF, marker, (byte)((payload.Length + 2) >> 8), (byte)(payload.Length + 2), .. payload];

    // An Exif segment whose first directory holds texts, big-endian.
    public static byte[] Exif(params (int Tag, string Text)[] fields) => Segment(0xE1, [.. "Exif\0\0"u8, .. Tiff(fields)]);

    public static byte[] Tiff(params (int Tag, string Text)[] fields)
    {
        int data = 8 + 2 + 12 * fields.Length + 4;
        using var directory = new MemoryStream();
        using var texts = new MemoryStream();
        directory.Write([(byte)'M', (byte)'M', 0, 42, 0, 0, 0, 8, 0, (byte)fields.Length]);
        byte[] entry = new byte[12];
        foreach ((int tag, string text) in fields)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text + "\0\0\0\0");
            BinaryPrimitives.WriteUInt16BigEndian(entry, (ushort)tag);
            BinaryPrimitives.WriteUInt16BigEndian(entry.AsSpan(2), 2);
            BinaryPrimitives.WriteInt32BigEndian(entry.AsSpan(4), bytes.Length);
            BinaryPrimitives.WriteInt32BigEndian(entry.AsSpan(8), data + (int)texts.Length);
            directory.Write(entry);
            texts.Write(bytes);
        }
        return [.. directory.ToArray(), 0, 0, 0, 0, .. texts.ToArray()];
    }

    public void Dispose() => Folder.Dispose();

    sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

        public override long GetTimestamp() => 0;
    }
}
