using System.Globalization;
using System.Text;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Jpeg;

// The text form: 64 whole numbers in natural order, between them white space or commas; # starts a comment that
// ends with its line. ToString writes 8 lines of 8 numbers, which Parse reads again (and cjpeg -qtables, too).
public sealed partial class QuantTable
{
    const int MaxFileBytes = 1 << 16;

    /// <summary>Eight lines of eight steps, natural order; <see cref="Parse"/> reads it.</summary>
    public override string ToString()
    {
        int digits = 1;
        foreach (ushort step in natural)
            digits = Math.Max(digits, step.ToString(CultureInfo.InvariantCulture).Length);
        var text = new StringBuilder();
        for (int i = 0; i < 64; i++)
        {
            text.Append(natural[i].ToString(CultureInfo.InvariantCulture).PadLeft(digits));
            if (i < 63)
                text.Append(i % 8 == 7 ? '\n' : ' ');
        }
        return text.ToString();
    }

    /// <summary>Reads a text file of 64 steps in natural order (see <see cref="Parse"/>).</summary>
    /// <param name="path">The file, at most 65536 bytes.</param>
    /// <exception cref="ImageFormatException">The file does not hold 64 steps; names the file, the place and the reason.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static QuantTable ReadFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream stream = File.OpenRead(path);
        byte[] bytes = new byte[MaxFileBytes + 1];
        int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (length > MaxFileBytes)
            throw new ImageFormatException(ImageErrorCode.TooLarge, path, -1, "too long for 64 quantization steps");
        // One character a byte, so that offsets in the text are offsets in the file.
        return Parse(Encoding.Latin1.GetString(bytes, 0, length), path);
    }

    /// <summary>Reads 64 steps (1..65535) in natural order, separated by white space or commas; # starts a comment.</summary>
    /// <param name="text">The numbers.</param>
    /// <param name="name">What to call the text in an exception, usually the file.</param>
    /// <exception cref="ImageFormatException">Not 64 numbers, or one outside 1..65535.</exception>
    public static QuantTable Parse(ReadOnlySpan<char> text, string name)
    {
        Span<ushort> steps = stackalloc ushort[64];
        int count = 0, i = 0;
        while (i < text.Length)
        {
            if (IsSeparator(text[i]))
            {
                i++;
                continue;
            }
            if (text[i] == '#')
            {
                int end = text[i..].IndexOf('\n');
                i = end < 0 ? text.Length : i + end;
                continue;
            }
            int start = i;
            while (i < text.Length && text[i] != '#' && !IsSeparator(text[i]))
                i++;
            ReadOnlySpan<char> word = text[start..i];
            if (!ushort.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out ushort step) || step == 0)
                throw new ImageFormatException(
                    ImageErrorCode.Corrupt, name, start, $"\"{Shortened(word)}\" is not a quantization step (a whole number, 1..65535)");
            if (count == 64)
                throw new ImageFormatException(ImageErrorCode.Corrupt, name, start, "more than 64 quantization steps");
            steps[count++] = step;
        }
        if (count < 64)
            throw new ImageFormatException(ImageErrorCode.Corrupt, name, text.Length, $"{count} quantization steps, 64 are needed");
        return new QuantTable(steps);
    }

    static bool IsSeparator(char c) => c is ' ' or '\t' or '\r' or '\n' or ',' or '\uFEFF';

    static string Shortened(ReadOnlySpan<char> word)
    {
        var text = new StringBuilder();
        foreach (char c in word[..Math.Min(word.Length, 20)])
            text.Append(char.IsControl(c) ? '?' : c);
        return word.Length > 20 ? text.Append("...").ToString() : text.ToString();
    }
}
