using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// TilePooling: BN - ReLU - mean of 2x2 over tiles of 4x4 pixels: neighbours lie in the same lane of different phases.
//   out[c][row][2 y + x][lane] = 1/4 sum of max(0, scale[c] d + shift[c]) over the four pixels of quarter (y, x)
static unsafe class TilePooling<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pool(in TileChunk input, int channels, float* scale, float* shift, int rows, int width, float* output)
    {
        TVector quarter = TSimd.Broadcast(0.25f);
        int phase = input.PhaseStride;
        for (int c = 0; c < channels; c++)
        {
            TVector a = TSimd.Broadcast(scale[c]);
            TVector b = TSimd.Broadcast(shift[c]);
            for (int r = 0; r < rows; r++)
                for (int q = 0; q < 4; q++, output += width)
                {
                    float* first = input.At(r, c) + ((q & 2) * 4 + (q & 1) * 2) * phase;
                    for (int x = 0; x < width; x += TSimd.Count)
                    {
                        float* from = first + x;
                        TVector left = TSimd.Add(Activate(from, a, b), Activate(from + 4 * phase, a, b));
                        TVector right = TSimd.Add(Activate(from + phase, a, b), Activate(from + 5 * phase, a, b));
                        TSimd.Store(output + x, TSimd.Multiply(TSimd.Add(left, right), quarter));
                    }
                }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector Activate(float* from, TVector scale, TVector shift) => TSimd.ClampNegative(TSimd.MultiplyAdd(TSimd.Load(from), scale, shift));
}
