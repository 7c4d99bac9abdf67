using System.Runtime.CompilerServices;
using JpegQualityEstimation.Engine.Ops;

namespace JpegQualityEstimation.Engine.Cpu;

/// <summary>The dense products on this processor, in one vector width.</summary>
sealed unsafe class CpuMatrixOps<TVector, TSimd> : MatrixOps
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    const int Lanes = 16;

    public override void Product(in MatrixProductArguments arguments) =>
        MatrixProduct<TVector, TSimd>.Run<PlainProduct>(arguments);

    public override void RectifiedProduct(in MatrixProductArguments arguments) =>
        MatrixProduct<TVector, TSimd>.Run<RectifiedProduct>(arguments);

    public override void GatedProduct(in MatrixProductArguments arguments) =>
        MatrixProduct<TVector, TSimd>.Run<GatedProduct>(arguments);

    public override void AddRows(float* values, nint row, int rows, int columns, float* sum)
    {
        int j = 0;
        // Three sums do not wait for each other.
        for (; j <= columns - 3 * TSimd.Count; j += 3 * TSimd.Count)
        {
            TVector a = TSimd.Load(sum + j), b = TSimd.Load(sum + j + TSimd.Count), c = TSimd.Load(sum + j + 2 * TSimd.Count);
            float* at = values + j;
            for (int i = 0; i < rows; i++, at += row)
            {
                a = TSimd.Add(a, TSimd.Load(at));
                b = TSimd.Add(b, TSimd.Load(at + TSimd.Count));
                c = TSimd.Add(c, TSimd.Load(at + 2 * TSimd.Count));
            }
            TSimd.Store(sum + j, a);
            TSimd.Store(sum + j + TSimd.Count, b);
            TSimd.Store(sum + j + 2 * TSimd.Count, c);
        }
        for (; j < columns; j += TSimd.Count)
        {
            TVector total = TSimd.Load(sum + j);
            for (int i = 0; i < rows; i++)
                total = TSimd.Add(total, TSimd.Load(values + i * row + j));
            TSimd.Store(sum + j, total);
        }
    }

    public override void AddLaneProducts(float* values, int rows, int columns, float* other, float* lanes)
    {
        for (int i = 0; i < rows; i++, values += columns, lanes += Lanes)
        {
            for (int l = 0; l < Lanes; l += TSimd.Count)
            {
                TVector total = TSimd.Load(lanes + l);
                for (int j = l; j < columns; j += Lanes)
                    total = TSimd.MultiplyAdd(TSimd.Load(values + j), TSimd.Load(other + j), total);
                TSimd.Store(lanes + l, total);
            }
        }
    }

    public override void Add(float* values, int count, float* sum)
    {
        int i = 0;
        for (; i <= count - TSimd.Count; i += TSimd.Count)
            TSimd.Store(sum + i, TSimd.Add(TSimd.Load(sum + i), TSimd.Load(values + i)));
        for (; i < count; i++)
            sum[i] += values[i];
    }
}
