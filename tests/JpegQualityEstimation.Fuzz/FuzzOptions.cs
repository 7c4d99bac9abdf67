using System.Globalization;

namespace JpegQualityEstimation.Fuzz;

/// <param name="Inputs">How many inputs, over all formats.</param>
/// <param name="Seed">Which inputs: the same seed and index give the same bytes.</param>
/// <param name="OutFolder">Where failing inputs are written.</param>
/// <param name="Format">Only this format; all of them where null.</param>
/// <param name="Only">Only the input of this index; -1 for all.</param>
sealed record FuzzOptions(int Inputs = 100_000, ulong Seed = 1, string OutFolder = "artifacts/fuzz", string? Format = null, int Only = -1)
{
    public static string Usage { get; } =
        "usage: [--inputs N] [--seed S] [--out FOLDER] [--format NAME] [--only INDEX]\nformats: " + string.Join(", ", FuzzTarget.Names);

    /// <summary>Largest picture the readers may decode.</summary>
    public const long MaxPixels = 1 << 20;

    public static readonly TimeSpan LongestInput = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Managed bytes that reading one input may allocate: 32 a pixel of the limit (a progressive CMYK picture takes 8 for
    /// coefficients and 3 for the result, a TIFF block of eight 16-bit samples 16 and 3), 64 a byte of input, and 4 MiB.
    /// </summary>
    public static long MostBytes(int inputLength) => 32 * MaxPixels + 64L * inputLength + (4 << 20);

    public static FuzzOptions? Parse(string[] args)
    {
        FuzzOptions options = new();
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            bool isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
            FuzzOptions? next = args[i] switch
            {
                "--inputs" when isNumber => options with { Inputs = number },
                "--seed" when isNumber => options with { Seed = (ulong)number },
                "--only" when isNumber => options with { Only = number },
                "--out" when value.Length > 0 => options with { OutFolder = value },
                "--format" when FuzzTarget.Names.Contains(value) => options with { Format = value },
                _ => null,
            };
            if (next is null)
                return null;
            options = next;
        }
        return options;
    }
}
