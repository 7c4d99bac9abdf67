using System.Globalization;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Tool.Report;

// JpegSegmentsText: APPn segments by their identifiers: JFIF (T.871), Exif, XMP, ICC, Adobe, Photoshop resources.
static class JpegSegmentsText
{
    static ReadOnlySpan<byte> Xmp => "http://ns.adobe.com/xap/1.0/\0"u8;

    // What the marker list says of it.
    public static string Read(JpegMarkerWalk walk, int app, ReadOnlySpan<byte> payload)
    {
        if (app == 0 && payload.Length >= 14 && payload.StartsWith("JFIF\0"u8))
            return Jfif(walk, payload);
        if (app == 0 && payload.StartsWith("JFXX\0"u8))
        {
            walk.Add(new EmbeddedThumbnail("JFXX segment", payload.Length, null, null));
            return "JFIF extension";
        }
        if (app == 1 && payload.StartsWith("Exif\0"u8) && payload.Length > 6)
            return Exif(walk, payload[6..]);
        if (app == 1 && payload.StartsWith(Xmp))
        {
            walk.Add(new MetadataGroup("XMP", XmpText.Read(payload[Xmp.Length..])));
            return "XMP";
        }
        if (app == 14 && payload.Length >= 12 && payload.StartsWith("Adobe"u8))
        {
            walk.Add("Adobe", ("Version", Text($"{payload[5] << 8 | payload[6]}")), ("Colour transform", payload[11] switch
            {
                0 => "0 (none: RGB or CMYK)", 1 => "1 (YCbCr)", 2 => "2 (YCCK)", byte other => Text($"{other}"),
            }));
            return "Adobe";
        }
        int length = payload[..Math.Min(32, payload.Length)].IndexOf((byte)0);
        ReadOnlySpan<byte> identifier = payload[..(length < 0 ? Math.Min(16, payload.Length) : length)];
        return identifier.Length > 0 && identifier.IndexOfAnyExceptInRange((byte)' ', (byte)'~') < 0 ? MetadataText.Of(identifier) : "";
    }

    static string Jfif(JpegMarkerWalk walk, ReadOnlySpan<byte> payload)
    {
        string unit = payload[7] switch { 1 => "dots per inch", 2 => "dots per centimetre", _ => "pixel aspect ratio" };
        walk.Add("JFIF", ("Version", Text($"{payload[5]}.{payload[6]:00}")),
            ("Density", Text($"{payload[8] << 8 | payload[9]} x {payload[10] << 8 | payload[11]} {unit}")));
        if (payload[12] > 0 && payload[13] > 0)
            walk.Add(new EmbeddedThumbnail("JFIF segment, RGB", 3 * payload[12] * payload[13], payload[12], payload[13]));
        return "JFIF";
    }

    static string Exif(JpegMarkerWalk walk, ReadOnlySpan<byte> tiff)
    {
        ExifContent exif = ExifReader.Read(tiff, "EXIF");
        walk.Add(exif.Groups);
        if (exif.ThumbnailBytes > 0)
        {
            ReadOnlySpan<byte> thumbnail = tiff.Slice(exif.ThumbnailStart, exif.ThumbnailBytes);
            JpegHeader? header = null;
            try
            {
                header = JpegHeader.Read(thumbnail, "thumbnail");
            }
            catch (ImageFormatException)
            {
                // A thumbnail that is no JPEG file is told by its size alone.
            }
            walk.Add(new EmbeddedThumbnail("EXIF second directory", exif.ThumbnailBytes, header?.Width, header?.Height));
        }
        return "Exif";
    }

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
