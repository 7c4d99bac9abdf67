using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine.Cpu;

namespace JpegQualityEstimation.Cuda.Ops;

// StridedProduct: the operands of many matrix products of one shape, z = 0 .. Batch - 1; product.cu says what each stride is.
//   out[z,i,j] = e( initial[z,i,j] + sum over t of a[z,i,t] b[z,t,j] )
// Strides are in floats. Bits equal those of MatrixOps of the processor.
record struct StridedProduct(int Rows, int Columns, int Terms)
{
    public int Batch { get; set; } = 1;

    public DeviceSpan<float> A { get; set; }

    public long ABatch { get; set; }

    public long ARow { get; set; }

    public long ATerm { get; set; } = 1;

    /// <summary>Terms that lie ATerm apart, a multiple of 16; behind them come others at AOuter. 0: all of them.</summary>
    public int Inner { get; set; }

    public long AOuter { get; set; }

    public DeviceSpan<float> B { get; set; }

    public long BBatch { get; set; }

    public long BTerm { get; set; }

    public long BColumn { get; set; } = 1;

    /// <summary>Product z takes the factor z mod BRepeat; 0: z.</summary>
    public int BRepeat { get; set; }

    /// <summary>What the sums start from; empty: zeros.</summary>
    public DeviceSpan<float> Initial { get; set; }

    public long InitialBatch { get; set; }

    /// <summary>0: the same row for all.</summary>
    public int InitialRow { get; set; }

    /// <summary>Row i starts from row (i >> InitialShift) &amp; InitialMask.</summary>
    public int InitialShift { get; set; }

    public int InitialMask { get; set; } = -1;

    /// <summary>A row that rows 0, 64, .. start from as well; empty: none.</summary>
    public DeviceSpan<float> Aligned { get; set; }

    public long AlignedBatch { get; set; }

    /// <summary>Laid out as Out; read by <see cref="MatrixEpilogue.Gate"/> only.</summary>
    public DeviceSpan<float> Gate { get; set; }

    public DeviceSpan<float> Out { get; set; }

    public long OutBatch { get; set; }

    public int OutRow { get; set; }

    public MatrixEpilogue Epilogue { get; set; }
}
