using System.Diagnostics;
using System.Text;
using JpegQualityEstimation.Images;
using Xunit;

namespace JpegQualityEstimation.Tests.Jpeg.Codec;

// JpegTools: cjpeg, djpeg and jpegtran of libjpeg-turbo, where they are installed: pictures in, pictures out.
static class JpegTools
{
    public static void SkipWithout(params string[] tools)
    {
        foreach (string tool in tools)
            Skip.If(Find(tool) is null, $"{tool} (libjpeg-turbo) is not installed");
    }

    public static byte[] Compress(PixelView picture, params string[] arguments) =>
        Run("cjpeg", arguments, Netpbm(picture));

    public static byte[] Transform(byte[] jpeg, params string[] arguments) => Run("jpegtran", arguments, jpeg);

    public static ImageBuffer Decompress(byte[] jpeg) => FromNetpbm(Run("djpeg", ["-pnm"], jpeg));

    static string? Find(string tool) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, tool))
        .FirstOrDefault(File.Exists);

    static byte[] Run(string tool, string[] arguments, byte[] input)
    {
        using var process = Process.Start(new ProcessStartInfo(Find(tool)!, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task writing = Task.Run(() =>
        {
            using Stream stream = process.StandardInput.BaseStream;
            stream.Write(input);
        });
        Task<string> errors = process.StandardError.ReadToEndAsync();
        var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        writing.Wait();
        Assert.True(process.ExitCode == 0, $"{tool} {string.Join(' ', arguments)}: {errors.Result}");
        return output.ToArray();
    }

    public static byte[] Netpbm(PixelView picture)
    {
        string kind = picture.Format == PixelFormat.Gray8 ? "P5" : "P6";
        byte[] head = Encoding.ASCII.GetBytes($"{kind}\n{picture.Width} {picture.Height}\n255\n");
        return [.. head, .. picture.Pixels];
    }

    public static ImageBuffer FromNetpbm(byte[] file)
    {
        int at = 0;
        string kind = Word(), width = Word(), height = Word();
        Assert.Equal("255", Word());
        var picture = new ImageBuffer(int.Parse(width), int.Parse(height), kind == "P5" ? PixelFormat.Gray8 : PixelFormat.Rgb24);
        file.AsSpan(at).CopyTo(picture.Pixels);
        return picture;

        string Word()
        {
            int end = Array.FindIndex(file, at, b => b is (byte)' ' or (byte)'\n');
            string word = Encoding.ASCII.GetString(file, at, end - at);
            at = end + 1;
            return word;
        }
    }
}
