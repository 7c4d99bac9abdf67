namespace JpegQualityEstimation.Jpeg;

// The quantization tables of Adobe Photoshop's "Save As", natural order, levels that keep full chroma (4:4:4; level 6 and
// below are 4:2:0). The tables of a level are those whose MD5 signature the list of JPEGsnoop (Calvin Hass,
// Signatures.inl) gives to "Adobe Photoshop, Save As" of that level. Where versions of Photoshop differ and the list has
// two signatures for a level (8, 9, 12), the tables are those of one of them; of level 8 both are here.

/// <summary>Quantization tables that Adobe Photoshop's "Save As" writes, all with full chroma (4:4:4).</summary>
public static class PhotoshopTables
{
    /// <summary>The levels that are known here, of the 0..12 of the dialog.</summary>
    public static IReadOnlyList<int> Levels { get; } = [7, 8, 9, 10, 11, 12];

    /// <summary>The luminance table of a level.</summary>
    /// <param name="level">One of <see cref="Levels"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another level.</exception>
    public static QuantTable Luminance(int level) => level switch
    {
        7 => Luminance7,
        8 => Luminance8,
        9 => Luminance9,
        10 => Luminance10,
        11 => Luminance11,
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
        9 => Chrominance9,
        10 => Chrominance10,
        11 => Chrominance11,
        12 => Chrominance12,
        _ => throw Unknown(level),
    };

    /// <summary>The tables of level 8 in other versions of Photoshop.</summary>
    internal static (QuantTable Luminance, QuantTable Chrominance) Earlier8 => (EarlierLuminance8, EarlierChrominance8);

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
        6, 4, 7, 11, 14, 17, 22, 17,
        4, 5, 6, 10, 14, 19, 12, 12,
        7, 6, 8, 14, 19, 12, 12, 12,
        11, 10, 14, 19, 12, 12, 12, 12,
        14, 14, 19, 12, 12, 12, 12, 12,
        17, 19, 12, 12, 12, 12, 12, 12,
        22, 12, 12, 12, 12, 12, 12, 12,
        17, 12, 12, 12, 12, 12, 12, 12,
    ]);

    static readonly QuantTable Chrominance8 = new(
    [
        7, 9, 19, 34, 20, 20, 17, 17,
        9, 12, 19, 14, 14, 12, 12, 12,
        19, 19, 14, 14, 12, 12, 12, 12,
        34, 14, 14, 12, 12, 12, 12, 12,
        20, 14, 12, 12, 12, 12, 12, 12,
        20, 12, 12, 12, 12, 12, 12, 12,
        17, 12, 12, 12, 12, 12, 12, 12,
        17, 12, 12, 12, 12, 12, 12, 12,
    ]);

    static readonly QuantTable EarlierLuminance8 = new(
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

    static readonly QuantTable EarlierChrominance8 = new(
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

    static readonly QuantTable Luminance9 = new(
    [
        4, 3, 4, 7, 9, 11, 14, 17,
        3, 3, 4, 7, 9, 12, 12, 12,
        4, 4, 5, 9, 12, 12, 12, 12,
        7, 7, 9, 12, 12, 12, 12, 12,
        9, 9, 12, 12, 12, 12, 12, 12,
        11, 12, 12, 12, 12, 12, 12, 12,
        14, 12, 12, 12, 12, 12, 12, 12,
        17, 12, 12, 12, 12, 12, 12, 12,
    ]);

    static readonly QuantTable Chrominance9 = new(
    [
        4, 6, 12, 22, 20, 20, 17, 17,
        6, 8, 12, 14, 14, 12, 12, 12,
        12, 12, 14, 14, 12, 12, 12, 12,
        22, 14, 14, 12, 12, 12, 12, 12,
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

    static readonly QuantTable Luminance11 = new(
    [
        1, 1, 1, 2, 3, 3, 4, 5,
        1, 1, 1, 2, 3, 4, 4, 6,
        1, 1, 2, 3, 4, 4, 5, 7,
        2, 2, 3, 4, 4, 5, 7, 8,
        3, 3, 4, 4, 5, 7, 8, 8,
        3, 4, 4, 5, 7, 8, 8, 8,
        4, 4, 5, 7, 8, 8, 8, 8,
        5, 6, 7, 8, 8, 8, 8, 8,
    ]);

    static readonly QuantTable Chrominance11 = new(
    [
        1, 2, 4, 7, 8, 8, 8, 8,
        2, 2, 4, 7, 8, 8, 8, 8,
        4, 4, 7, 8, 8, 8, 8, 8,
        7, 7, 8, 8, 8, 8, 8, 8,
        8, 8, 8, 8, 8, 8, 8, 8,
        8, 8, 8, 8, 8, 8, 8, 8,
        8, 8, 8, 8, 8, 8, 8, 8,
        8, 8, 8, 8, 8, 8, 8, 8,
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
