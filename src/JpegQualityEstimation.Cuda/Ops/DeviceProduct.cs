using System.Runtime.InteropServices;

namespace JpegQualityEstimation.Cuda.Ops;

/// <summary>A product as kernels/matrix.cu reads it: struct MatrixProduct.</summary>
[StructLayout(LayoutKind.Sequential)]
struct DeviceProduct
{
    public ulong A;
    public ulong B;
    public ulong Initial;
    public ulong Gate;
    public ulong Output;
    public int Rows;
    public int Columns;
    public int Terms;
    public int ARow;
    public int ATerm;
    public int BTerm;
    public int BColumn;
    public int InitialRow;
    public int OutputRow;
    public int Epilogue;
    public float Alpha;
    public float Beta;
    public float Diagonal;
    public int Unused;
}

/// <summary>A tile of one of several products: struct ProductTile of kernels/matrix.cu.</summary>
[StructLayout(LayoutKind.Sequential)]
struct ProductTile
{
    public int Product;
    public int Row;
    public int Column;
    public int Unused;
}
