using System.Globalization;

namespace JpegQualityEstimation.Training.Evaluation;

/// <summary>How the first grids of a spliced picture lie to the last one.</summary>
public enum RegionGrids
{
    /// <summary>Ground and donors all shifted, each by one of the 63 shifts that are not (0, 0).</summary>
    Shifted,
    /// <summary>None shifted.</summary>
    Aligned,
    /// <summary>The ground is not shifted, the donors are: a JPEG file that was opened, pasted into and saved.</summary>
    Mixed,
}

// RegionScenario: one line of the tables. Its name says all of it: GROUND[+DONOR[+DONOR]]-GRIDS-LAST, qualities 1..100,
// GROUND or DONOR 0: never compressed before the last compression.

/// <summary>A kind of spliced pictures, or of genuine ones, that finders of regions are measured on.</summary>
/// <param name="Ground">First quality factor of the ground, 1..100; 0: none.</param>
/// <param name="Donors">First quality factors of the donors, two at most; none: a genuine picture.</param>
/// <param name="Grids">How the first grids lie.</param>
/// <param name="Last">Quality factor of the last compression, 1..100.</param>
public sealed record RegionScenario(int Ground, IReadOnlyList<int> Donors, RegionGrids Grids, int Last)
{
    /// <summary>Most donors of a picture.</summary>
    public const int MostDonors = 2;

    /// <summary>What <see cref="Parse"/> reads.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Firsts}-{Grids.ToString().ToLowerInvariant()}-{Last}");

    /// <summary>First qualities, the ground's first, with + between.</summary>
    public string Firsts => string.Join('+', Donors.Prepend(Ground).Select(quality => quality.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Whether there is no donor.</summary>
    public bool IsGenuine => Donors.Count == 0;

    /// <summary>
    /// The committed table's: donors 95 and 85 on 75, 65 and 95 on 75, 70 on 75, 95 on 75, 75 on never compressed; genuine
    /// pictures of 75, of 95, of the last quality and of one compression; last qualities 80, 90, 95; all grids.
    /// </summary>
    public static IReadOnlyList<RegionScenario> Standard { get; } = [.. new[] { 80, 90, 95 }.SelectMany(OfLast)];

    /// <summary>The standard ones of one last quality.</summary>
    /// <param name="last">1..100.</param>
    public static IEnumerable<RegionScenario> OfLast(int last)
    {
        int[][] firsts = [[75, 95, 85], [75, 65, 95], [75, 70], [75, 95]];
        foreach (RegionGrids grids in Enum.GetValues<RegionGrids>())
            foreach (int[] qualities in firsts)
                yield return new RegionScenario(qualities[0], qualities[1..], grids, last);
        yield return new RegionScenario(0, [75], RegionGrids.Shifted, last);
        foreach (RegionGrids grids in new[] { RegionGrids.Shifted, RegionGrids.Aligned })
            foreach (int quality in new[] { 75, 95, last }.Distinct())
                yield return new RegionScenario(quality, [], grids, last);
        yield return new RegionScenario(0, [], RegionGrids.Aligned, last);
    }

    /// <summary>Reads a name as GROUND[+DONOR[+DONOR]]-shifted|aligned|mixed-LAST.</summary>
    /// <exception cref="FormatException">The text is not of that form.</exception>
    public static RegionScenario Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string[] words = name.Split('-');
        if (words.Length != 3)
            throw Bad();
        int[] firsts = [.. words[0].Split('+').Select(text => Quality(text, 0))];
        RegionGrids grids = words[1] switch
        {
            "shifted" => RegionGrids.Shifted,
            "aligned" => RegionGrids.Aligned,
            "mixed" => RegionGrids.Mixed,
            _ => throw Bad(),
        };
        return firsts.Length > 1 + MostDonors ? throw Bad() : new RegionScenario(firsts[0], firsts[1..], grids, Quality(words[2], 1));

        int Quality(string text, int least) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int quality) && quality >= least && quality <= 100 ? quality : throw Bad();

        FormatException Bad() => new($"'{name}' is not GROUND[+DONOR[+DONOR]]-shifted|aligned|mixed-LAST");
    }

    /// <inheritdoc/>
    public bool Equals(RegionScenario? other) => other is not null && Name == other.Name;

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
}
