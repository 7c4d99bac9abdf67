using System.Globalization;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training.Evaluation;

/// <summary>Where the grid of the first compression lies to that of the second.</summary>
public enum GridAlignment
{
    /// <summary>Shifted by (r, c) of 0..7 each, any of the 64 as likely: aligned once in 64 (section 4.2 of the paper).</summary>
    Mixed,
    /// <summary>Shifted by any of the 63 that are not (0, 0).</summary>
    NonAligned,
    /// <summary>Not shifted.</summary>
    Aligned,
}

/// <summary>What a window went through first.</summary>
public enum FirstCompression
{
    /// <summary>Standard tables of a range of quality factors.</summary>
    Standard,
    /// <summary>The tables of Photoshop's levels that are known, 4:4:4 as Photoshop writes them.</summary>
    Photoshop,
    /// <summary>Nothing: the second compression is the only one, and every step should read as 1.</summary>
    None,
}

// PrimaryScenario: one line of the tables of Tondi et al. 2021, section 5. Its name says all of it:
//   [half-][photoshop-]ALIGNMENT-QF2[-told-QF]   ALIGNMENT: mixed, nonaligned, aligned;   single-QF2[-told-QF]

/// <summary>A kind of double-compressed windows that networks are measured on.</summary>
/// <param name="First">The first compression.</param>
/// <param name="Alignment">The shift between the two grids; of no account without a first compression.</param>
/// <param name="SecondQuality">Quality factor of the second compression, 1..100.</param>
/// <param name="ToldQuality">Quality factor of the table that the network is told was the second.</param>
/// <param name="HalfSize">Whether pictures are scaled down by two first.</param>
public sealed record PrimaryScenario(
    FirstCompression First, GridAlignment Alignment, int SecondQuality, int ToldQuality, bool HalfSize = false)
{
    /// <summary>What <see cref="Parse"/> reads.</summary>
    public string Name
    {
        get
        {
            string kind = First == FirstCompression.None ? "single" : Alignment.ToString().ToLowerInvariant();
            string told = ToldQuality == SecondQuality ? "" : string.Create(CultureInfo.InvariantCulture, $"-told-{ToldQuality}");
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{(HalfSize ? "half-" : "")}{(First == FirstCompression.Photoshop ? "photoshop-" : "")}{kind}-{SecondQuality}{told}");
        }
    }

    /// <summary>Reads a name as [half-][photoshop-]mixed|nonaligned|aligned|single-QF2[-told-QF].</summary>
    /// <exception cref="FormatException">The text is not of that form.</exception>
    public static PrimaryScenario Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        List<string> words = [.. name.Split('-')];
        bool half = Take("half"), photoshop = Take("photoshop");
        string kind = words[0];
        int second = words.Count is 2 or 4 ? Quality(words[1]) : throw Bad();
        int told = words.Count == 2 ? second : words[2] == "told" ? Quality(words[3]) : throw Bad();
        GridAlignment alignment = kind switch
        {
            "mixed" => GridAlignment.Mixed,
            "nonaligned" => GridAlignment.NonAligned,
            "aligned" => GridAlignment.Aligned,
            "single" when !photoshop => GridAlignment.Aligned,
            _ => throw Bad(),
        };
        FirstCompression first = kind == "single" ? FirstCompression.None : photoshop ? FirstCompression.Photoshop : FirstCompression.Standard;
        return new PrimaryScenario(first, alignment, second, told, half);

        bool Take(string word)
        {
            bool there = words[0] == word && words.Count > 1;
            if (there)
                words.RemoveAt(0);
            return there;
        }

        int Quality(string text) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int quality) && quality is >= 1 and <= 100 ? quality : throw Bad();

        FormatException Bad() => new($"'{name}' is not [half-][photoshop-]mixed|nonaligned|aligned|single-QF2[-told-QF]");
    }

    /// <summary>The first compressions: quality factors 60..98, from 55 below a second quality of 88; or the known levels of Photoshop; or nothing.</summary>
    internal PrimaryFirst[] Firsts(ChromaSubsampling subsampling) => First switch
    {
        FirstCompression.None => [PrimaryFirst.None],
        FirstCompression.Photoshop => [.. PhotoshopTables.Levels.Select(PrimaryFirst.Photoshop)],
        _ => [.. Enumerable.Range(FirstFrom, 98 - FirstFrom + 1).Select(quality => PrimaryFirst.Standard(quality, subsampling))],
    };

    /// <summary>The lowest first quality factor: 60 for a second one of 90, 55 for 80, as in the paper.</summary>
    int FirstFrom => SecondQuality < 88 ? 55 : 60;
}

/// <summary>One first compression: its label in tables, what it does, and the 15 steps that a network should read.</summary>
sealed record PrimaryFirst(int Label, JpegCompression? Compression, int[] Steps)
{
    public static PrimaryFirst None { get; } = new(0, null, [.. Enumerable.Repeat(1, PrimarySums.Steps)]);

    public static PrimaryFirst Standard(int quality, ChromaSubsampling subsampling) =>
        Of(quality, JpegCompression.FromQuality(quality, subsampling));

    public static PrimaryFirst Photoshop(int level) =>
        Of(level, new JpegCompression(PhotoshopTables.Luminance(level), PhotoshopTables.Chrominance(level), ChromaSubsampling.Samp444));

    static PrimaryFirst Of(int label, JpegCompression compression) =>
        new(label, compression, Array.ConvertAll(compression.Luminance.ZigZagOrder()[..PrimarySums.Steps], step => (int)step));
}
