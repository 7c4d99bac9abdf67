using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training.Evaluation;

// BlockTransform: orthonormal 8x8 DCT coefficients of a picture's luma - 128 on a grid that begins anywhere, one
// coefficient (zig-zag) at a time. Blocks that do not fit are left out.

sealed class BlockTransform
{
    static readonly float[][] bases = [.. Enumerable.Range(0, 64).Select(Basis)];

    readonly float[] luma;
    readonly int width, height;

    public BlockTransform(PixelView picture)
    {
        (width, height) = (picture.Width, picture.Height);
        luma = new float[width * height];
        LumaRows.Convert(picture, luma, width);
        for (int i = 0; i < luma.Length; i++)
            luma[i] -= 128;
    }

    public int Rows(int originRow) => (height - originRow) / 8;

    public int Columns(int originColumn) => (width - originColumn) / 8;

    /// <summary>Coefficient k of all blocks, [rows,columns].</summary>
    public float[] Coefficients(int k, int originRow, int originColumn)
    {
        int rows = Rows(originRow), columns = Columns(originColumn);
        float[] basis = bases[k];
        var values = new float[rows * columns];
        for (int b = 0; b < values.Length; b++)
        {
            int at = (originRow + b / columns * 8) * width + originColumn + b % columns * 8;
            float sum = 0;
            for (int y = 0; y < 8; y++)
                for (int x = 0; x < 8; x++)
                    sum += basis[y * 8 + x] * luma[at + y * width + x];
            values[b] = sum;
        }
        return values;
    }

    static float[] Basis(int k)
    {
        int natural = ZigZag.ToNatural[k], v = natural / 8, u = natural % 8;
        var basis = new float[64];
        for (int i = 0; i < 64; i++)
        {
            double row = Math.Cos((2 * (i / 8) + 1) * v * Math.PI / 16) * (v == 0 ? Math.Sqrt(0.125) : 0.5);
            basis[i] = (float)(row * Math.Cos((2 * (i % 8) + 1) * u * Math.PI / 16) * (u == 0 ? Math.Sqrt(0.125) : 0.5));
        }
        return basis;
    }
}
