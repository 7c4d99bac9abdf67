using System.Text;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;
using JpegQualityEstimation.Training;

namespace JpegQualityEstimation.Fuzz;

delegate void FuzzRead(byte[] input);

delegate byte[] FuzzRepair(byte[] input, IReadOnlyList<byte[]> seeds, FuzzMutator mutator);

/// <summary>One reader under fire.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Share">How often its turn comes, beside the others' shares.</param>
/// <param name="Seeds">Valid files, and refused ones.</param>
/// <param name="Read">Reads an input; throws as the reader does.</param>
/// <param name="Repair">Makes a mutated input pass the outer checks, where the format has some.</param>
sealed record FuzzTarget(string Name, int Share, IReadOnlyList<byte[]> Seeds, FuzzRead Read, FuzzRepair? Repair = null)
{
    public static IReadOnlyList<string> Names { get; } =
    [
        "jpeg", "jpeg-header", "png", "tiff", "bmp", "pnm", "safetensors", "network",
        "phase-histogram", "densenet40", "primary-checkpoint", "quality-checkpoint", "primary-recipe", "quality-recipe", "table",
    ];

    static readonly byte[] s_window = SyntheticPicture.Create(64, 64, 3).Pixels;
    static readonly ushort[] s_second = QuantTable.StandardLuminance(90).ZigZagOrder();
    static readonly float[] s_logits = new float[PrimaryBlocks.Outputs];
    static readonly float[] s_phase = new float[64];
    static readonly ImageReadOptions s_limits = new() { MaxPixels = FuzzOptions.MaxPixels };

    public static IReadOnlyList<FuzzTarget> All() =>
    [
        new("jpeg", 40, FuzzSeeds.Jpeg(), ReadImage),
        new("jpeg-header", 4, FuzzSeeds.Jpeg(), static input => JpegHeader.Read(input, "input")),
        new("png", 20, FuzzSeeds.Png(), ReadImage, PngRepair.Apply),
        new("tiff", 20, FuzzSeeds.Tiff(), ReadImage),
        new("bmp", 8, FuzzSeeds.Files(".bmp"), ReadImage),
        new("pnm", 5, FuzzSeeds.Files(".pbm", ".pgm", ".ppm", ".pam"), ReadImage),
        new("safetensors", 20, FuzzSeeds.Safetensors(), static input => Safetensors.Read(input, "input")),
        new("network", 1, FuzzSeeds.Network(), static input => QualityNetwork.Load(new MemoryStream(input), "input")),
        new("phase-histogram", 8, FuzzSeeds.PhaseHistogram(), ReadPrimary, SafetensorsRepair.Apply),
        new("densenet40", 1, FuzzSeeds.DenseNet40(), static input => PrimaryNetwork.Load(new MemoryStream(input), "input"), SafetensorsRepair.Apply),
        new("primary-checkpoint", 4, FuzzSeeds.PrimaryCheckpoint(),
            static input => TrainingState<PrimaryRecipe>.FromContent(Safetensors.Read(input, "input"), PrimaryTrainees.ParameterCount), SafetensorsRepair.Apply),
        new("quality-checkpoint", 1, FuzzSeeds.QualityCheckpoint(),
            static input => TrainingState<QualityRecipe>.FromContent(Safetensors.Read(input, "input"), _ => QualityArchitecture.ParameterCount), SafetensorsRepair.Apply),
        new("primary-recipe", 20, FuzzSeeds.PrimaryRecipes(), static input => PrimaryRecipe.Parse(Encoding.UTF8.GetString(input), "input"), OtherDigits),
        new("quality-recipe", 10, FuzzSeeds.QualityRecipes(), static input => QualityRecipe.Parse(Encoding.UTF8.GetString(input), "input"), OtherDigits),
        new("table", 1, FuzzSeeds.Tables(), static input => QuantTable.Parse(Encoding.Latin1.GetString(input), "input")),
    ];

    /// <summary>Half of the inputs: a seed with up to three other digits, which stays JSON of known keys.</summary>
    static byte[] OtherDigits(byte[] input, IReadOnlyList<byte[]> seeds, FuzzMutator mutator)
    {
        if (mutator.Next(2) == 0)
            return input;
        byte[] changed = [.. seeds[mutator.Next(seeds.Count)]];
        for (int changes = mutator.Next(4); changes > 0; changes--)
            mutator.ChangeDigit(changed, mutator.Next(changed.Length));
        return changed;
    }

    // What can be read must also run: one window, and probabilities or logits of any value but no end of the process.
    static void ReadPrimary(byte[] input)
    {
        using IPrimaryEngine engine = PrimaryNetwork.Load(new MemoryStream(input), "input").OpenEngine();
        engine.RunWindows(s_window, 1, s_second, s_logits, s_phase);
    }

    static void ReadImage(byte[] input)
    {
        ImageBuffer image = ImageFile.Read(input, "input", s_limits);
        if ((long)image.Width * image.Height > FuzzOptions.MaxPixels || image.Format is not (PixelFormat.Gray8 or PixelFormat.Rgb24))
            throw new InvalidOperationException($"a {image.Width}x{image.Height} {image.Format} picture came out");
    }
}
