using System.Globalization;
using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Tool;

// --second: the luminance table of the last compression: of each picture itself (auto: of a JPEG file its table, of other
// files what their pixels tell, with the place of the grid), from a quality factor, or from a file of 64 steps.
sealed class SecondTableChoice
{
    readonly SecondTable? same;

    SecondTableChoice(SecondTable? same) => this.same = same;

    public static SecondTableChoice Parse(string text)
    {
        if (text.Equals("auto", StringComparison.OrdinalIgnoreCase))
            return new SecondTableChoice(null);
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int quality))
        {
            return quality is >= 1 and <= 100
                ? new SecondTableChoice(new SecondTable("quality-factor", QuantTable.StandardLuminance(quality)))
                : throw new UsageException($"--second {text}: a quality factor is 1 to 100");
        }
        try
        {
            return new SecondTableChoice(new SecondTable("table", QuantTable.ReadFile(text)));
        }
        catch (Exception e) when (e is ImageFormatException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--second {text}: {Failure.Of(e)}");
        }
    }

    public SecondTable Of(ReadOnlySpan<byte> file, string name, PixelView picture, CancellationToken cancellation) => Of(
        file, name, same is null && !IsJpeg(file) ? LastCompressionEstimator.Estimate(picture, cancellation: cancellation) : null);

    /// <summary>As above, with what the pixels tell of the last compression already known; null for a JPEG file.</summary>
    public SecondTable Of(ReadOnlySpan<byte> file, string name, LastCompressionEstimate? last)
    {
        if (same is not null)
            return same;
        if (last is not null)
            return OfPixels(last);
        JpegHeader header = JpegHeader.Read(file, name);
        if (header.ColorModel is JpegColorModel.Rgb or JpegColorModel.Cmyk)
            throw NoTable("a JPEG file without luminance holds no luminance table");
        return new SecondTable("file", header.Components[0].Table);
    }

    public static bool IsJpeg(ReadOnlySpan<byte> file) => ImageSignature.Recognise(file) == ImageFileFormat.Jpeg;

    static SecondTable OfPixels(LastCompressionEstimate last)
    {
        if (!last.IsDetected)
            throw NoTable("not a JPEG file, and the pixels bear no trace of a last compression");
        if (last.Table is not { } table)
            throw NoTable($"not a JPEG file, and of the last compression's table the pixels tell {last.AnsweredSteps} of 64 steps only");
        return new SecondTable("estimated", table) { Last = last };
    }

    static InputException NoTable(string reason) => new("no-second-table", reason + ": name a table with --second QF or --second FILE");
}

// A second table and where it comes from: "file", "quality-factor", "table", or "estimated" from the pixels.
sealed record SecondTable(string Source, QuantTable Table)
{
    public LastCompressionEstimate? Last { get; init; }

    public GridOrigin Origin => Last?.GridOrigin ?? default;
}
