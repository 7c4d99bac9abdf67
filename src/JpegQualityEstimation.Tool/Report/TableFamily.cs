using System.Globalization;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Tool.Report;

// TableFamily: which software writes tables like a file's: a hint, not a proof: tables can be copied.
// Known are the standard tables (T.81 annex K scaled by libjpeg) and Photoshop's (PhotoshopTables).
sealed record TableFamily(string Name, string Meaning)
{
    public static TableFamily Of(JpegHeader header)
    {
        if (header.ColorModel is JpegColorModel.Rgb or JpegColorModel.Cmyk)
            return new("no luminance table", "The file holds no luminance and chrominance, its tables are compared with none.");
        QuantTable luminance = header.Components[0].Table;
        QuantTable? chrominance = header.Components.Count > 1 ? header.Components[1].Table : null;
        bool alike = header.Components.Count < 3 || header.Components[2].Table.Equals(chrominance);
        int? first = luminance.StandardLuminanceQuality(), second = chrominance?.StandardChrominanceQuality();
        if (alike && first is { } quality && (chrominance is null || chrominance.Equals(QuantTable.StandardChrominance(quality))))
            return new(Text($"libjpeg, quality {quality}"),
                "Standard tables, as libjpeg, libjpeg-turbo and the many programs that save with them write them.");
        if (alike && first is { } one && second is { } other)
            return new(Text($"libjpeg, luminance {one}, chrominance {other}"), "Standard tables of two qualities: a program built on libjpeg that sets them apart.");
        if (alike && Photoshop(luminance, chrominance) is { } level)
            return new(Text($"Adobe Photoshop, level {level}"), "Tables of Photoshop's \"Save As\" dialog; other Adobe programs share some of them.");
        if (first is { } only)
            return new(Text($"standard luminance table, quality {only}"), "The chrominance table is neither a standard one nor Photoshop's.");
        return new("none known here", "Neither standard tables nor Photoshop's: cameras, telephones and web services often have tables of their own.");
    }

    static int? Photoshop(QuantTable luminance, QuantTable? chrominance)
    {
        foreach (int level in PhotoshopTables.Levels)
            if (luminance.Equals(PhotoshopTables.Luminance(level)) && (chrominance?.Equals(PhotoshopTables.Chrominance(level)) ?? true))
                return level;
        (QuantTable earlier, QuantTable earlierChrominance) = PhotoshopTables.Earlier8;
        return luminance.Equals(earlier) && (chrominance?.Equals(earlierChrominance) ?? true) ? 8 : null;
    }

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
