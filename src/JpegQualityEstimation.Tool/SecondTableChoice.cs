using System.Globalization;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Tool;

// --second: the luminance table of the last compression, from each JPEG file itself (auto), from a quality factor, or
// from a file of 64 steps.
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

    public SecondTable Of(ReadOnlySpan<byte> file, string name)
    {
        if (same is not null)
            return same;
        if (ImageSignature.Recognise(file) != ImageFileFormat.Jpeg)
            throw new InputException("no-second-table", "not a JPEG file, so it holds no second table: name one with --second QF or --second FILE");
        JpegHeader header = JpegHeader.Read(file, name);
        if (header.ColorModel is JpegColorModel.Rgb or JpegColorModel.Cmyk)
            throw new InputException("no-second-table", "a JPEG file without luminance holds no luminance table: name one with --second QF or --second FILE");
        return new SecondTable("file", header.Components[0].Table);
    }
}

// A second table and where it comes from: "file", "quality-factor" or "table".
sealed record SecondTable(string Source, QuantTable Table);
