using System.Globalization;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Tool.Report;

// One quantization table of a file: Use: which components take it, "not used" otherwise; Nearest: of the standard tables of
// its kind.
sealed record TableFacts(int Index, string Use, QuantTable Table, bool IsWide, bool IsChrominance, StandardQualityMatch Nearest)
{
    public static IReadOnlyList<TableFacts> Of(JpegHeader header, JpegMarkerWalk walk)
    {
        // A frame has four components at most; files that define more than a few tables were made to be odd.
        const int Most = 16;
        var tables = new List<TableFacts>();
        foreach ((int index, QuantTable table, bool isWide) in walk.Tables.DistinctBy(t => (t.Index, t.Table)).Take(Most))
        {
            int[] users = [.. Enumerable.Range(0, header.Components.Count).Where(c => header.Components[c].Table.Equals(table))];
            bool chrominance = users.Length > 0 && users[0] > 0 && header.ColorModel is JpegColorModel.YCbCr or JpegColorModel.Ycck;
            string use = users.Length == 0 ? "not used" : string.Join(", ", users.Select(c => Component(header, c)));
            tables.Add(new(index, use, table, isWide, chrominance, chrominance ? table.NearestStandardChrominance() : table.NearestStandardLuminance()));
        }
        return tables;
    }

    // "standard, quality 85" or how far off.
    public string Standard => Nearest.IsExact
        ? string.Create(CultureInfo.InvariantCulture, $"standard {(IsChrominance ? "chrominance" : "luminance")} table of quality {Nearest.QualityFactor}")
        : string.Create(CultureInfo.InvariantCulture,
            $"not a standard table; nearest is quality {Nearest.QualityFactor}, its steps off by {100 * (Math.Exp(Nearest.Distance) - 1):0.#} % on average");

    static string Component(JpegHeader header, int component) => (header.ColorModel, component) switch
    {
        (JpegColorModel.Gray, _) => "luminance",
        (JpegColorModel.YCbCr or JpegColorModel.Ycck, 0) => "luminance (Y)",
        (JpegColorModel.YCbCr or JpegColorModel.Ycck, 1) => "Cb",
        (JpegColorModel.YCbCr or JpegColorModel.Ycck, 2) => "Cr",
        (JpegColorModel.Rgb, _) => ((string[])["red", "green", "blue"])[component],
        _ => string.Create(CultureInfo.InvariantCulture, $"component {component + 1}"),
    };
}
