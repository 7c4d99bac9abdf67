using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace JpegQualityEstimation.Engine.Cpu;

// Transposition: to[j,i] = from[i,j] of [rows, columns], rows of either so many floats apart. Moves alone: four by four in
// registers where the processor has the instructions, in bands of sixteen rows so that whole lines are written.
static unsafe class Transposition
{
    const int Band = 16;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(float* from, nint fromRow, int rows, int columns, float* to, nint toRow)
    {
        for (int first = 0; first < rows; first += Band)
        {
            int band = Math.Min(Band, rows - first), whole = Sse.IsSupported ? band & ~3 : 0, j = 0;
            float* source = from + first * fromRow;
            float* target = to + first;
            for (; j <= columns - 4; j += 4)
                for (int i = 0; i < whole; i += 4)
                    Four(source + i * fromRow + j, fromRow, target + j * toRow + i, toRow);
            Rest(source, fromRow, whole, band, 0, j, target, toRow);
            Rest(source, fromRow, 0, band, j, columns, target, toRow);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Four(float* from, nint fromRow, float* to, nint toRow)
    {
        Vector128<float> a = Vector128.Load(from), b = Vector128.Load(from + fromRow);
        Vector128<float> c = Vector128.Load(from + 2 * fromRow), d = Vector128.Load(from + 3 * fromRow);
        Vector128<float> ab = Sse.UnpackLow(a, b), cd = Sse.UnpackLow(c, d);
        Sse.MoveLowToHigh(ab, cd).Store(to);
        Sse.MoveHighToLow(cd, ab).Store(to + toRow);
        (ab, cd) = (Sse.UnpackHigh(a, b), Sse.UnpackHigh(c, d));
        Sse.MoveLowToHigh(ab, cd).Store(to + 2 * toRow);
        Sse.MoveHighToLow(cd, ab).Store(to + 3 * toRow);
    }

    static void Rest(float* from, nint fromRow, int row, int rows, int column, int columns, float* to, nint toRow)
    {
        for (int j = column; j < columns; j++)
            for (int i = row; i < rows; i++)
                to[j * toRow + i] = from[i * fromRow + j];
    }
}
