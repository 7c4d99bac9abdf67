using System.Runtime.InteropServices;

namespace JpegQualityEstimation.Cuda.Jpeg;

// JpegPatch: what the kernel jpeg_round_trip does to one patch; laid out as there.
[StructLayout(LayoutKind.Sequential)]
struct JpegPatch
{
    /// <summary>The patch is copied, not compressed.</summary>
    public const int Copy = -1;

    /// <summary>First byte of the patch.</summary>
    public long Source;

    /// <summary>First byte of the result.</summary>
    public long Destination;

    /// <summary>Bytes a row.</summary>
    public int SourceStride;

    /// <summary>Bytes a row.</summary>
    public int DestinationStride;

    /// <summary>Columns that are compressed.</summary>
    public int Width;

    /// <summary>Rows that are compressed.</summary>
    public int Height;

    /// <summary>A ChromaSubsampling, or <see cref="Copy"/>.</summary>
    public int Sampling;

    /// <summary>Index of the table of the first component.</summary>
    public int Luminance;

    /// <summary>Index of the table of the others.</summary>
    public int Chrominance;

    /// <summary>First row that is written.</summary>
    public int Top;

    /// <summary>First column that is written.</summary>
    public int Left;

    /// <summary>Rows that are written.</summary>
    public int Rows;

    /// <summary>Columns that are written.</summary>
    public int Columns;

    readonly int reserved;
}
