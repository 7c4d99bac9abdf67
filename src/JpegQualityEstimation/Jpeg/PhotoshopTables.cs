namespace JpegQualityEstimation.Jpeg;

// The quantization tables of Adobe Photoshop's "Save As", natural order, levels that keep full chroma (4:4:4; level 6 and
// below are 4:2:0). Read from files that Photoshop wrote, and the tables of a level are those whose MD5 signature the
// list of JPEGsnoop (Calvin Hass, Signatures.inl) gives to "Adobe Photoshop, Save As" of that level. For levels 9 and 11 no
// file with such a signature was at hand.

/// <summary>Quantization tables that Adobe Photoshop's "Save As" writes, all with full chroma (4:4:4).</summary>
public static class PhotoshopTables
{
    /// <summary>The levels that are known here, of the 0..12 of the dialog.</summary>
    public static IReadOnlyList<int> Levels { get; } = [7, 8, 10, 12];

    /// <summary>The luminance table of a level.</summary>
    /// <param name="level">One of <see cref="Levels"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another level.</exception>
    public static QuantTable Luminance(int level) => level switch
    {
        7 => Luminance7,
        8 => Luminance8,
        10 => Luminance10,
        12 => Luminance12,
        _ => throw Unknown(level),
    };

    /// <summary>The chrominance table of a level.</summary>
    /// <param name="level">One of <see cref="Levels"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another level.</exception>
    public static QuantTable Chrominance(int level) => level switch
    {
        7 => Chrominance7,
        8 => Chrominance8,
        10 => Chrominance10,
        12 => Chrominance12,
        _ => throw Unknown(level),
    };

    static ArgumentOutOfRangeException Unknown(int level) =>
        new(nameof(level), level, $"the levels known are {string.Join(", ", Levels)}");

    static readonly QuantTable Luminance7 = new(
    [
        10, 7, 11, 18, 22, 27, 34, 17,
        7, 8, 10, 17, 23, 23, 12, 12,
        11, 10, 14, 22, 23, 12, 12, 12,
        18, 17, 22, 23, 12, 12, 12, 12,
        22, 23, 23, 12, 12, 12, 12, 12,
        27, 23, 12, 12, 12, 12, 12, 12,
        34, 12, 12, 12, 12, 12, 12, 12,
        17, 12, 12, 12, 12, 12, 12, 12,
    ]);

    static readonly QuantTable Chrominance7 = new(
    [
        11, 14, 31, 34, 20, 20, 17, 17,
        14, 19, 24, 14, 14, 12, 12, 12,
        31, 24, 14, 14, 12, 12, 12, 12,
        34, 14, 14, 12, 12, 12, 12, 12,
        20, 14, 12, 12, 12, 12, 12, 12,
        20, 12, 12, 12, 12, 12, 12, 12,
        17, 12, 12, 12, 12, 12, 12, 12,
        17, 12, 12, 12, 12, 12, 12, 12,
    ]);

    static readonly QuantTable Luminance8 = new(
    [
        6, 4, 4, 6, 9, 11, 12, 16,
        4, 5, 5, 6, 8, 10, 12, 12,
        4, 5, 5, 6, 10, 12, 12, 12,
        6, 6, 6, 11, 12, 12, 12, 12,
        9, 8, 10, 12, 12, 12, 12, 12,
        11, 10, 12, 12, 12, 12, 12, 12,
        12, 12, 12, 12, 12, 12, 12, 12,
        16, 12, 12, 12, 12, 12, 12, 12,
    ]);

    static readonly QuantTable Chrominance8 = new(
    [
        7, 7, 13, 24, 20, 20, 17, 17,
        7, 12, 16, 14, 14, 12, 12, 12,
        13, 16, 14, 14, 12, 12, 12, 12,
        24, 14, 14, 12, 12, 12, 12, 12,
        20, 14, 12, 12, 12, 12, 12, 12,
        20, 12, 12, 12, 12, 12, 12, 12,
        17, 12, 12, 12, 12, 12, 12, 12,
        17, 12, 12, 12, 12, 12, 12, 12,
    ]);

    static readonly QuantTable Luminance10 = new(
    [
        2, 2, 3, 4, 5, 6, 8, 11,
        2, 2, 2, 4, 5, 7, 9, 11,
        3, 2, 3, 5, 7, 9, 11, 12,
        4, 4, 5, 7, 9, 11, 12, 12,
        5, 5, 7, 9, 11, 12, 12, 12,
        6, 7, 9, 11, 12, 12, 12, 12,
        8, 9, 11, 12, 12, 12, 12, 12,
        11, 11, 12, 12, 12, 12, 12, 12,
    ]);

    static readonly QuantTable Chrominance10 = new(
    [
        3, 3, 7, 13, 15, 15, 15, 15,
        3, 4, 7, 13, 14, 12, 12, 12,
        7, 7, 13, 14, 12, 12, 12, 12,
        13, 13, 14, 12, 12, 12, 12, 12,
        15, 14, 12, 12, 12, 12, 12, 12,
        15, 12, 12, 12, 12, 12, 12, 12,
        15, 12, 12, 12, 12, 12, 12, 12,
        15, 12, 12, 12, 12, 12, 12, 12,
    ]);

    static readonly QuantTable Luminance12 = new(
    [
        1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 2,
        1, 1, 1, 1, 1, 1, 2, 2,
        1, 1, 1, 1, 1, 2, 2, 3,
        1, 1, 1, 1, 2, 2, 3, 3,
        1, 1, 1, 2, 2, 3, 3, 3,
        1, 1, 2, 2, 3, 3, 3, 3,
    ]);

    static readonly QuantTable Chrominance12 = new(
    [
        1, 1, 1, 1, 2, 3, 3, 3,
        1, 1, 1, 2, 3, 3, 3, 3,
        1, 1, 1, 3, 3, 3, 3, 3,
        1, 2, 3, 3, 3, 3, 3, 3,
        2, 3, 3, 3, 3, 3, 3, 3,
        3, 3, 3, 3, 3, 3, 3, 3,
        3, 3, 3, 3, 3, 3, 3, 3,
        3, 3, 3, 3, 3, 3, 3, 3,
    ]);
}
