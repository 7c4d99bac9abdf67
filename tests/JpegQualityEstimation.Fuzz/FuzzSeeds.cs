using System.IO.Compression;
using System.Text;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;

namespace JpegQualityEstimation.Fuzz;

/// <summary>The files that mutation starts from.</summary>
static class FuzzSeeds
{
    public static IReadOnlyList<byte[]> Files(params string[] extensions) =>
    [
        .. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "fuzz-seeds")).Order(StringComparer.Ordinal)
            .Where(path => extensions.Contains(Path.GetExtension(path))).Select(File.ReadAllBytes),
    ];

    public static IReadOnlyList<byte[]> Jpeg()
    {
        using MemoryStream stream = new();
        JpegEncoder.Encode(stream, SyntheticPicture.Create(61, 47, 1).View, JpegCompression.FromQuality(70));
        return [.. Files(".jpg"), stream.ToArray()];
    }

    /// <summary>Besides the golden files one that is small in the file and near the limit in memory.</summary>
    public static IReadOnlyList<byte[]> Png()
    {
        using MemoryStream stream = new();
        PngWriter.Write(stream, new ImageBuffer(1000, 1000, PixelFormat.Rgb24).View);
        return [.. Files(".png"), stream.ToArray()];
    }

    /// <inheritdoc cref="Png"/>
    public static IReadOnlyList<byte[]> Tiff()
    {
        using MemoryStream strip = new();
        using (ZLibStream deflated = new(strip, CompressionLevel.Optimal, leaveOpen: true))
            deflated.Write(new byte[1000 * 1000 * 3]);
        int[] fields = [256, 1000, 257, 1000, 258, 8, 259, 8, 262, 2, 273, 8 + 2 + 9 * 12 + 4, 277, 3, 278, 1000, 279, (int)strip.Length];
        List<byte> file = [.. "II*\0"u8, 8, 0, 0, 0, 9, 0];
        for (int i = 0; i < fields.Length; i += 2)
            file.AddRange([.. BitConverter.GetBytes((ushort)fields[i]), 4, 0, 1, 0, 0, 0, .. BitConverter.GetBytes(fields[i + 1])]);
        return [.. Files(".tif"), [.. file, 0, 0, 0, 0, .. strip.ToArray()]];
    }

    public static IReadOnlyList<byte[]> Safetensors() =>
    [
        Written([new Tensor("weight", [2, 3], [1, 2, 3, 4, 5, 6]), new Tensor("bias", [2], [0, 1])], new() { ["license"] = "MIT", ["note"] = "a \"b\" \u00e9" }),
        Written([new Tensor("empty", [0, 4], []), new Tensor("scalar", [], [7])], []),
        Written([], new() { ["only"] = "metadata" }),
        Halves("F16"),
        Halves("BF16"),
    ];

    public static IReadOnlyList<byte[]> Network()
    {
        using MemoryStream stream = new();
        QualityNetwork.CreateInitialized(1).Save(stream);
        return [stream.ToArray()];
    }

    public static IReadOnlyList<byte[]> Tables() =>
    [
        Encoding.Latin1.GetBytes(QuantTable.StandardLuminance(50).ToString()),
        Encoding.Latin1.GetBytes("# steps\n" + string.Join(",", Enumerable.Range(1, 64))),
    ];

    static byte[] Written(IReadOnlyList<Tensor> tensors, Dictionary<string, string> metadata)
    {
        using MemoryStream stream = new();
        Tensors.Safetensors.Write(stream, tensors, metadata);
        return stream.ToArray();
    }

    static byte[] Halves(string type)
    {
        byte[] header = Encoding.UTF8.GetBytes($"{{\"a\":{{\"dtype\":\"{type}\",\"shape\":[2,2],\"data_offsets\":[0,8]}}}}");
        return [.. BitConverter.GetBytes((long)header.Length), .. header, 0, 60, 0, 188, 0, 124, 1, 0];
    }
}
