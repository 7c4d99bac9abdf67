using System.Globalization;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Cuda.Runtime;

// GemmShape: C[m,n] = op(A)[m,k] op(B)[k,n], rows first; a batch of them at even steps.
readonly record struct GemmShape(int M, int N, int K)
{
    public bool TransposeA { get; init; }

    public bool TransposeB { get; init; }

    /// <summary>Elements from row to row of A as it lies; 0: its width.</summary>
    public int APitch { get; init; }

    public int BPitch { get; init; }

    public int CPitch { get; init; }

    public int Batch { get; init; } = 1;

    /// <summary>Elements from one A of a batch to the next; 0: all read the same.</summary>
    public long AStep { get; init; }

    public long BStep { get; init; }

    public long CStep { get; init; }

    /// <summary>Whether float factors may be rounded to TF32; other types are told by the matrices.</summary>
    public ComputePrecision Precision { get; init; }

    public int ARow => APitch == 0 ? AWidth : APitch;

    public int BRow => BPitch == 0 ? BWidth : BPitch;

    public int CRow => CPitch == 0 ? N : CPitch;

    int AWidth => TransposeA ? M : K;

    int BWidth => TransposeB ? K : N;

    /// <exception cref="ArgumentException">There is no such product, or a matrix is too short for it.</exception>
    public void Require(long a, long b, long c)
    {
        if (M < 1 || N < 1 || K < 1 || Batch < 1 || ARow < AWidth || BRow < BWidth || CRow < N || AStep < 0 || BStep < 0 || CStep < 0)
            throw new ArgumentException($"no product: {this}");
        Require("A", a, Length(TransposeA ? K : M, ARow, AWidth, AStep));
        Require("B", b, Length(TransposeB ? N : K, BRow, BWidth, BStep));
        Require("C", c, Length(M, CRow, N, CStep));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"[{M},{K}]{(TransposeA ? "t" : "")} x [{K},{N}]{(TransposeB ? "t" : "")}, pitches {ARow}, {BRow}, {CRow}, batch {Batch}, {Precision}");

    long Length(int rows, long pitch, int width, long step) => (Batch - 1) * step + (rows - 1) * pitch + width;

    void Require(string matrix, long given, long needed)
    {
        if (given < needed)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{matrix} has {given} elements, {needed} are needed for {this}"));
    }
}
