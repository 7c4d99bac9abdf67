namespace JpegQualityEstimation.Images.Png;

// The five row filters, undone in place. row, above: the bytes of a row and of the row above (zeros for the
// first), equally long; step: bytes to the left neighbour. Source: PNG specification, clause 9.

static partial class PngFilter
{
    /// <summary>Undoes filter <paramref name="type"/>; false where there is no such filter.</summary>
    public static bool Undo(int type, Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        above = above[..row.Length];
        switch (type)
        {
            case 0:
                return true;
            case 1:
                for (int i = step; i < row.Length; i++)
                    row[i] += row[i - step];
                return true;
            case 2:
                for (int i = 0; i < row.Length; i++)
                    row[i] += above[i];
                return true;
            case 3:
                for (int i = 0; i < Math.Min(step, row.Length); i++)
                    row[i] += (byte)(above[i] >> 1);
                for (int i = step; i < row.Length; i++)
                    row[i] += (byte)((row[i - step] + above[i]) >> 1);
                return true;
            case 4:
                for (int i = 0; i < Math.Min(step, row.Length); i++)
                    row[i] += above[i];
                for (int i = step; i < row.Length; i++)
                    row[i] += Paeth(row[i - step], above[i], above[i - step]);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Of left a, above b and above-left c: the one nearest to a + b - c; ties go to a, then b.</summary>
    public static byte Paeth(int a, int b, int c)
    {
        int toA = Math.Abs(b - c);
        int toB = Math.Abs(a - c);
        int toC = Math.Abs(a + b - 2 * c);
        return (byte)(toA <= toB && toA <= toC ? a : toB <= toC ? b : c);
    }
}
