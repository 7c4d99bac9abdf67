namespace JpegQualityEstimation.Images.Tiff;

enum TiffPhotometric { MinIsWhite = 0, MinIsBlack = 1, Rgb = 2, Palette = 3 }

enum TiffCompression { None = 1, Lzw = 5, Deflate = 8, PackBits = 32773, OldDeflate = 32946 }

/// <summary>Names of what TIFF files may hold, for refusals.</summary>
static class TiffNames
{
    public static string Compression(uint value) => value switch
    {
        2 => "CCITT run length (2)",
        3 => "CCITT Group 3 fax (3)",
        4 => "CCITT Group 4 fax (4)",
        6 => "old-style JPEG (6)",
        7 => "JPEG (7)",
        32809 => "ThunderScan (32809)",
        33003 or 33005 or 34712 => $"JPEG 2000 ({value})",
        34661 => "JBIG (34661)",
        34676 or 34677 => $"SGI LogLuv ({value})",
        34887 => "LERC (34887)",
        34925 => "LZMA (34925)",
        50000 => "Zstandard (50000)",
        50001 => "WebP (50001)",
        50002 => "JPEG XL (50002)",
        _ => $"{value}",
    };

    public static string Photometric(uint value) => value switch
    {
        0 => "gray (min is white)",
        1 => "gray (min is black)",
        2 => "RGB",
        3 => "palette",
        4 => "transparency mask",
        5 => "CMYK",
        6 => "YCbCr",
        8 => "CIE L*a*b*",
        9 => "ICC L*a*b*",
        10 => "ITU L*a*b*",
        32803 => "colour filter array",
        32844 or 32845 => "LogLuv",
        34892 => "linear raw",
        _ => $"{value}",
    };
}
