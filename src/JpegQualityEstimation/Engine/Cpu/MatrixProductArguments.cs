namespace JpegQualityEstimation.Engine.Cpu;

// The operands of out[i,j] = e( initial[i,j] + sum over t of a[i,t] * b[t,j] ).
//   a        element (i,t) at A + i * ARow + t * ATerm
//   b        row t at B + t * BTerm, its columns side by side
//   initial  row i at Initial + i * InitialRow (0: the same row for all; the output itself: accumulate)
//   out      row i at Output + i * OutputRow; overlaps neither a nor b
//   gate     laid out as out, read by the epilogue Gate only
//   ahead    where given, asked for along with the terms
// Columns is a multiple of 16; rows and terms are any number from 1 on. No alignment is needed.
unsafe struct MatrixProductArguments
{
    public int Rows;
    public int Columns;
    public int Terms;
    public float* A;
    public nint ARow;
    public nint ATerm;
    public float* B;
    public nint BTerm;
    public float* Initial;
    public nint InitialRow;
    public float* Output;
    public nint OutputRow;
    public float* Gate;
    public MemoryAhead? Ahead;

    /// <summary>out[rows,columns] = initial + a[rows,terms] b[terms,columns], each row-major.</summary>
    public static MatrixProductArguments Of(
        int rows, int columns, int terms, float* a, nint aRow, float* b, nint bTerm, float* initial, nint initialRow, float* output, nint outputRow) =>
        new()
        {
            Rows = rows, Columns = columns, Terms = terms, A = a, ARow = aRow, ATerm = 1, B = b, BTerm = bTerm,
            Initial = initial, InitialRow = initialRow, Output = output, OutputRow = outputRow, Gate = output,
        };

    /// <summary>out[rows,columns] += a' b with a [terms,rows] and b [terms,columns], each row-major.</summary>
    public static MatrixProductArguments Adding(
        int rows, int columns, int terms, float* a, nint aTerm, float* b, nint bTerm, float* output, nint outputRow) =>
        new()
        {
            Rows = rows, Columns = columns, Terms = terms, A = a, ARow = 1, ATerm = aTerm, B = b, BTerm = bTerm,
            Initial = output, InitialRow = outputRow, Output = output, OutputRow = outputRow, Gate = output,
        };

    /// <summary>Has the output written over and not added to.</summary>
    /// <param name="zeros">[columns] zeros.</param>
    public void Overwrite(float* zeros)
    {
        Initial = zeros;
        InitialRow = 0;
    }
}

/// <summary>What happens to a sum before it is stored.</summary>
enum MatrixEpilogue
{
    None,
    Rectify,
    Gate,
}

interface IMatrixEpilogue
{
    static abstract MatrixEpilogue Kind { get; }
}

readonly struct PlainProduct : IMatrixEpilogue
{
    public static MatrixEpilogue Kind => MatrixEpilogue.None;
}

readonly struct RectifiedProduct : IMatrixEpilogue
{
    public static MatrixEpilogue Kind => MatrixEpilogue.Rectify;
}

readonly struct GatedProduct : IMatrixEpilogue
{
    public static MatrixEpilogue Kind => MatrixEpilogue.Gate;
}
