using System.Text;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;

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
    public static IReadOnlyList<string> Names { get; } = ["jpeg", "jpeg-header", "png", "tiff", "bmp", "pnm", "safetensors", "network", "table"];

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
        new("table", 1, FuzzSeeds.Tables(), static input => QuantTable.Parse(Encoding.Latin1.GetString(input), "input")),
    ];

    static void ReadImage(byte[] input)
    {
        ImageBuffer image = ImageFile.Read(input, "input", s_limits);
        if ((long)image.Width * image.Height > FuzzOptions.MaxPixels || image.Format is not (PixelFormat.Gray8 or PixelFormat.Rgb24))
            throw new InvalidOperationException($"a {image.Width}x{image.Height} {image.Format} picture came out");
    }
}
