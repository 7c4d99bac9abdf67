using System.Text;

namespace JpegQualityEstimation.Images.Pnm;

// PnmHeader: magic, size and largest value of P1..P6, and the header lines of P7 (PAM).
// Source: netpbm manual pages pbm(5), pgm(5), ppm(5), pam(5).

/// <param name="Kind">1..7, the digit of the magic.</param>
/// <param name="Width">Pixels a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Channels">Samples a pixel in the file, 1..4.</param>
/// <param name="Largest">Largest sample, 1..65535.</param>
/// <param name="DataOffset">Where the samples begin.</param>
readonly record struct PnmHeader(int Kind, int Width, int Height, int Channels, int Largest, int DataOffset)
{
    public bool IsText => Kind <= 3;

    public bool IsBitmap => Kind is 1 or 4;

    public PixelFormat Format => Channels < 3 ? PixelFormat.Gray8 : PixelFormat.Rgb24;

    public static PnmHeader Read(EncodedImage file)
    {
        int kind = file.Bytes[1] - '0';
        if (kind == 7)
            return ReadLines(file);
        PnmTokens tokens = new(file, 2);
        long width = tokens.Number("the width");
        long height = tokens.Number("the height");
        int largest = kind is 1 or 4 ? 1 : CheckLargest(file, tokens.Offset, tokens.Number("the largest value"));
        int channels = kind is 3 or 6 ? 3 : 1;
        file.CheckSize(2, width, height, channels == 3 ? PixelFormat.Rgb24 : PixelFormat.Gray8);
        if (tokens.Offset < file.Length && !char.IsWhiteSpace((char)file.Bytes[tokens.Offset]))
            throw file.Corrupt(tokens.Offset, "no white space after the header");
        // Exactly one white space stands between the header and binary samples.
        return new PnmHeader(kind, (int)width, (int)height, channels, largest, tokens.Offset + 1);
    }

    static PnmHeader ReadLines(EncodedImage file)
    {
        long width = 0, height = 0, channels = 0, largest = 0;
        int offset = 2;
        while (true)
        {
            int end = file.Bytes[offset..].IndexOf((byte)'\n');
            if (end < 0)
                throw file.Truncated(file.Length, "the file ends inside the PAM header");
            string line = Encoding.Latin1.GetString(file.Bytes.Slice(offset, Math.Min(end, 1000))).Trim();
            int start = offset;
            offset += end + 1;
            if (line == "ENDHDR")
                break;
            int space = line.IndexOf(' ');
            string key = space < 0 ? line : line[..space];
            if (line.Length == 0 || line[0] == '#' || key == "TUPLTYPE")
                continue;
            if (space < 0 || !int.TryParse(line.AsSpan(space).Trim(), out int value) || value < 1)
                throw file.Corrupt(start, "a PAM header line without a positive number");
            switch (key)
            {
                case "WIDTH":
                    width = value;
                    break;
                case "HEIGHT":
                    height = value;
                    break;
                case "DEPTH":
                    channels = value;
                    break;
                case "MAXVAL":
                    largest = value;
                    break;
                default:
                    throw file.Corrupt(start, "an unknown PAM header line");
            }
        }
        if (channels is < 1 or > 4)
            throw channels < 1 ? file.Corrupt(2, "the PAM header lacks DEPTH") : file.Unsupported(2, $"PAM with {channels} samples a pixel is not read");
        file.CheckSize(2, width, height, channels < 3 ? PixelFormat.Gray8 : PixelFormat.Rgb24);
        return new PnmHeader(7, (int)width, (int)height, (int)channels, CheckLargest(file, 2, largest), offset);
    }

    static int CheckLargest(EncodedImage file, int offset, long largest) =>
        largest is >= 1 and <= 65535 ? (int)largest : throw file.Corrupt(offset, $"the largest value is {largest} instead of 1 to 65535");
}
