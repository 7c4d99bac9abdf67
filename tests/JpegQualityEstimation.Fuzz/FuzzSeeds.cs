using System.IO.Compression;
using System.Text;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;
using JpegQualityEstimation.Training;

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

    /// <summary>Small networks, one with the second table as input, one in halves.</summary>
    public static IReadOnlyList<byte[]> PhaseHistogram() =>
    [
        Saved(stream => PhaseHistogramNetwork.CreateInitialized(1, SmallHistogram).Save(stream)),
        Saved(stream => PhaseHistogramNetwork.CreateInitialized(2, SmallHistogram with { Bins = 8, SecondTable = true }).Save(stream, halves: true)),
    ];

    public static IReadOnlyList<byte[]> DenseNet40() =>
    [
        Saved(stream => DenseNet40Network.CreateInitialized(1).Save(stream, halves: true)),
        Saved(stream => DenseNet40Network.CreateInitialized(1, PrimaryInput.Luma, 15).Save(stream, halves: true)),
    ];

    public static IReadOnlyList<byte[]> PrimaryCheckpoint()
    {
        PrimaryRecipe recipe = PrimaryRecipe.Parse(SmallRecipe, "small");
        return [Checkpoint(recipe, PrimaryTrainees.ParameterCount(recipe))];
    }

    public static IReadOnlyList<byte[]> QualityCheckpoint() => [Checkpoint(QualityRecipe.Load("quality"), QualityArchitecture.ParameterCount)];

    /// <summary>The bundled ones, and what a text editor leaves behind.</summary>
    public static IReadOnlyList<byte[]> PrimaryRecipes() =>
    [
        .. PrimaryRecipe.BundledNames.Select(name => Encoding.UTF8.GetBytes(PrimaryRecipe.Load(name).ToJson())),
        Encoding.UTF8.GetBytes(SmallRecipe),
        .. OddRecipes(),
    ];

    public static IReadOnlyList<byte[]> QualityRecipes() =>
        [.. QualityRecipe.BundledNames.Select(name => Encoding.UTF8.GetBytes(QualityRecipe.Load(name).ToJson())), .. OddRecipes()];

    static IEnumerable<byte[]> OddRecipes() => new[]
    {
        """{"name": "half of a pair: \ud800 x"}""", """{"half of a key \udc00": 1}""", """{"schedule": "\ud800"}""",
        """{"name": "\ud83d\ude00", /* comment */ "steps": 1e3}""", """{"learningRate": 1e-999, "blur": [0, 3]}""",
        $$"""{"blur": [{{string.Concat(Enumerable.Repeat("1,", 2_000))}}[]]}""",
    }.Select(Encoding.UTF8.GetBytes);

    static readonly PhaseHistogramOptions SmallHistogram = new()
    {
        Coefficients = 15, Bins = 4, Periods = 4, Hidden = 16, PhaseWidth = 16, PooledWidth = 16, Heads = 1, CoefficientWidth = 16, Trunk = 16,
    };

    const string SmallRecipe =
        """{"network":"phase-histogram","coefficients":15,"bins":4,"periods":4,"hidden":16,"phaseWidth":16,"pooledWidth":16,"heads":1,"coefficientWidth":16,"trunk":16}""";

    public static IReadOnlyList<byte[]> Tables() =>
    [
        Encoding.Latin1.GetBytes(QuantTable.StandardLuminance(50).ToString()),
        Encoding.Latin1.GetBytes("# steps\n" + string.Join(",", Enumerable.Range(1, 64))),
    ];

    static byte[] Checkpoint<TRecipe>(TRecipe recipe, int parameters)
        where TRecipe : TrainingRecipe, ITrainingRecipe<TRecipe> =>
        Saved(new TrainingState<TRecipe>(new float[parameters], recipe, 1, "manifest") { Step = 3, Seconds = 1.5 }.Save);

    static byte[] Saved(Action<Stream> save)
    {
        using MemoryStream stream = new();
        save(stream);
        return stream.ToArray();
    }

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
