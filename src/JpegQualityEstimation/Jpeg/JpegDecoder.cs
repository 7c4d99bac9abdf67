using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Jpeg;

/// <summary>Reads JPEG files; the pixels equal those of libjpeg-turbo's djpeg at its defaults, bit by bit.</summary>
/// <remarks>
/// Read are baseline, extended sequential and progressive Huffman-coded frames of 8-bit samples (ITU-T T.81), gray,
/// YCbCr, RGB, CMYK and YCCK, with any sampling factors of whole ratios, restart intervals and any order of scans.
/// Inks become RGB under Adobe's rule, 255 is no ink: red = cyan * black / 255.
/// <para>
/// Nothing is guessed. Where libjpeg warns and fills in (missing entropy-coded data, a restart marker out of place,
/// progressive scans that are not all there) the file is refused. Only what cannot change the picture is passed
/// over: a missing EOI, bytes between segments, bytes behind the last scan.
/// </para>
/// <para>Safe to call from several threads at once. Memory: the picture and two bands of it; for progressive files
/// and files of several scans also their coefficients, two bytes a sample.</para>
/// </remarks>
public static class JpegDecoder
{
    /// <summary>Decodes a whole file.</summary>
    /// <param name="bytes">The file, from SOI on; bytes behind EOI are not looked at.</param>
    /// <param name="name">What to call the file in errors.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <returns><see cref="PixelFormat.Gray8"/> for one component, <see cref="PixelFormat.Rgb24"/> otherwise.</returns>
    /// <exception cref="ImageFormatException">The file is not JPEG, of a kind that is not read (arithmetic coding,
    /// lossless, hierarchical, 12 bit, DNL, fractional sampling ratios), damaged, incomplete or too large.</exception>
    public static ImageBuffer Decode(ReadOnlySpan<byte> bytes, string name, ImageReadOptions? options = null)
    {
        var reader = new JpegFileReader(bytes, name, options);
        reader.CheckRatios();
        JpegFrame frame = reader.Frame;
        JpegColorModel color = reader.Segments.ColorModel;
        try
        {
            CoefficientPlane[]? all = reader.IsOnePass ? null : reader.ReadAll();
            var picture = new ImageBuffer(
                frame.Width, frame.Height, color == JpegColorModel.Gray ? PixelFormat.Gray8 : PixelFormat.Rgb24);
            var output = new BandOutput(frame, color, picture);
            if (all is null)
                reader.ReadBands(output.Add);
            else
                for (int row = 0; row < frame.McusDown; row++)
                    output.Add(all, row);
            return picture;
        }
        catch (OutOfMemoryException)
        {
            throw new ImageFormatException(
                ImageErrorCode.TooLarge, name, -1, $"{frame.Width}x{frame.Height} pixels do not fit the memory");
        }
    }
}
