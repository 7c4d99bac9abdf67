using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Engine.Cpu;

// The weight gradient of rows that are padded to four channels, of which two or three are used: what is not used is not
// multiplied where there are 32 registers. The same order of terms.
static unsafe partial class Conv3x3WeightGradient<TVector, TSimd, TChannels>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
    where TChannels : struct, IConstant
{
    /// <summary>dWeight [3,3,C,64], of which the channels after the first two or three are left alone or without meaning.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RowOfFew(int used, in RowTriple rows, int dilation, float* dOut, float* dWeight, int width)
    {
        int block = (used == 2 && TSimd.HasThirtyTwoRegisters ? 4 : 2) * TSimd.Count;
        for (int r = 0; r < 3; r++)
        {
            float* row = rows[r];
            for (int k = 0; k < Outputs; k += block)
            {
                float* d = dWeight + r * 3 * TChannels.Value * Outputs + k;
                if (!TSimd.HasThirtyTwoRegisters)
                {
                    for (int c = 0; c < used; c += 2)
                        Taps3x2(row + c, dilation, dOut + k, d + c * Outputs, width);
                }
                else if (used == 2)
                {
                    Taps3Of2(row, dilation, dOut + k, d, width);
                }
                else
                {
                    Taps3Of3(row, dilation, dOut + k, d, width);
                }
            }
        }
    }

    // Three taps by two channels by four vectors.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Taps3Of2(float* input, int dilation, float* dOut, float* dWeight, int width)
    {
        int tap = TChannels.Value * Outputs;
        float* d0 = dWeight;
        float* d1 = dWeight + tap;
        float* d2 = dWeight + 2 * tap;
        int beyond = 2 * TSimd.Count;
        TVector a00 = Get(d0, 0), b00 = GetNext(d0, 0), e00 = Get(d0 + beyond, 0), f00 = GetNext(d0 + beyond, 0);
        TVector a01 = Get(d0, 1), b01 = GetNext(d0, 1), e01 = Get(d0 + beyond, 1), f01 = GetNext(d0 + beyond, 1);
        TVector a10 = Get(d1, 0), b10 = GetNext(d1, 0), e10 = Get(d1 + beyond, 0), f10 = GetNext(d1 + beyond, 0);
        TVector a11 = Get(d1, 1), b11 = GetNext(d1, 1), e11 = Get(d1 + beyond, 1), f11 = GetNext(d1 + beyond, 1);
        TVector a20 = Get(d2, 0), b20 = GetNext(d2, 0), e20 = Get(d2 + beyond, 0), f20 = GetNext(d2 + beyond, 0);
        TVector a21 = Get(d2, 1), b21 = GetNext(d2, 1), e21 = Get(d2 + beyond, 1), f21 = GetNext(d2 + beyond, 1);
        float* left = input - dilation * TChannels.Value;
        float* right = input + dilation * TChannels.Value;
        for (float* end = dOut + width * Outputs; dOut < end; dOut += Outputs)
        {
            TVector u = TSimd.Load(dOut);
            TVector v = TSimd.Load(dOut + TSimd.Count);
            TVector w = TSimd.Load(dOut + 2 * TSimd.Count);
            TVector z = TSimd.Load(dOut + 3 * TSimd.Count);
            TVector i = TSimd.Broadcast(left[0]);
            a00 = TSimd.MultiplyAdd(i, u, a00);
            b00 = TSimd.MultiplyAdd(i, v, b00);
            e00 = TSimd.MultiplyAdd(i, w, e00);
            f00 = TSimd.MultiplyAdd(i, z, f00);
            i = TSimd.Broadcast(left[1]);
            a01 = TSimd.MultiplyAdd(i, u, a01);
            b01 = TSimd.MultiplyAdd(i, v, b01);
            e01 = TSimd.MultiplyAdd(i, w, e01);
            f01 = TSimd.MultiplyAdd(i, z, f01);
            i = TSimd.Broadcast(input[0]);
            a10 = TSimd.MultiplyAdd(i, u, a10);
            b10 = TSimd.MultiplyAdd(i, v, b10);
            e10 = TSimd.MultiplyAdd(i, w, e10);
            f10 = TSimd.MultiplyAdd(i, z, f10);
            i = TSimd.Broadcast(input[1]);
            a11 = TSimd.MultiplyAdd(i, u, a11);
            b11 = TSimd.MultiplyAdd(i, v, b11);
            e11 = TSimd.MultiplyAdd(i, w, e11);
            f11 = TSimd.MultiplyAdd(i, z, f11);
            i = TSimd.Broadcast(right[0]);
            a20 = TSimd.MultiplyAdd(i, u, a20);
            b20 = TSimd.MultiplyAdd(i, v, b20);
            e20 = TSimd.MultiplyAdd(i, w, e20);
            f20 = TSimd.MultiplyAdd(i, z, f20);
            i = TSimd.Broadcast(right[1]);
            a21 = TSimd.MultiplyAdd(i, u, a21);
            b21 = TSimd.MultiplyAdd(i, v, b21);
            e21 = TSimd.MultiplyAdd(i, w, e21);
            f21 = TSimd.MultiplyAdd(i, z, f21);
            left += TChannels.Value;
            input += TChannels.Value;
            right += TChannels.Value;
        }
        Put(d0, 0, a00, b00);
        Put(d0 + beyond, 0, e00, f00);
        Put(d0, 1, a01, b01);
        Put(d0 + beyond, 1, e01, f01);
        Put(d1, 0, a10, b10);
        Put(d1 + beyond, 0, e10, f10);
        Put(d1, 1, a11, b11);
        Put(d1 + beyond, 1, e11, f11);
        Put(d2, 0, a20, b20);
        Put(d2 + beyond, 0, e20, f20);
        Put(d2, 1, a21, b21);
        Put(d2 + beyond, 1, e21, f21);
    }

    // Three taps by three channels by two vectors.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Taps3Of3(float* input, int dilation, float* dOut, float* dWeight, int width)
    {
        int tap = TChannels.Value * Outputs;
        float* d0 = dWeight;
        float* d1 = dWeight + tap;
        float* d2 = dWeight + 2 * tap;
        TVector a00 = Get(d0, 0), b00 = GetNext(d0, 0);
        TVector a01 = Get(d0, 1), b01 = GetNext(d0, 1);
        TVector a02 = Get(d0, 2), b02 = GetNext(d0, 2);
        TVector a10 = Get(d1, 0), b10 = GetNext(d1, 0);
        TVector a11 = Get(d1, 1), b11 = GetNext(d1, 1);
        TVector a12 = Get(d1, 2), b12 = GetNext(d1, 2);
        TVector a20 = Get(d2, 0), b20 = GetNext(d2, 0);
        TVector a21 = Get(d2, 1), b21 = GetNext(d2, 1);
        TVector a22 = Get(d2, 2), b22 = GetNext(d2, 2);
        float* left = input - dilation * TChannels.Value;
        float* right = input + dilation * TChannels.Value;
        for (float* end = dOut + width * Outputs; dOut < end; dOut += Outputs)
        {
            TVector u = TSimd.Load(dOut);
            TVector v = TSimd.Load(dOut + TSimd.Count);
            TVector i = TSimd.Broadcast(left[0]);
            a00 = TSimd.MultiplyAdd(i, u, a00);
            b00 = TSimd.MultiplyAdd(i, v, b00);
            i = TSimd.Broadcast(left[1]);
            a01 = TSimd.MultiplyAdd(i, u, a01);
            b01 = TSimd.MultiplyAdd(i, v, b01);
            i = TSimd.Broadcast(left[2]);
            a02 = TSimd.MultiplyAdd(i, u, a02);
            b02 = TSimd.MultiplyAdd(i, v, b02);
            i = TSimd.Broadcast(input[0]);
            a10 = TSimd.MultiplyAdd(i, u, a10);
            b10 = TSimd.MultiplyAdd(i, v, b10);
            i = TSimd.Broadcast(input[1]);
            a11 = TSimd.MultiplyAdd(i, u, a11);
            b11 = TSimd.MultiplyAdd(i, v, b11);
            i = TSimd.Broadcast(input[2]);
            a12 = TSimd.MultiplyAdd(i, u, a12);
            b12 = TSimd.MultiplyAdd(i, v, b12);
            i = TSimd.Broadcast(right[0]);
            a20 = TSimd.MultiplyAdd(i, u, a20);
            b20 = TSimd.MultiplyAdd(i, v, b20);
            i = TSimd.Broadcast(right[1]);
            a21 = TSimd.MultiplyAdd(i, u, a21);
            b21 = TSimd.MultiplyAdd(i, v, b21);
            i = TSimd.Broadcast(right[2]);
            a22 = TSimd.MultiplyAdd(i, u, a22);
            b22 = TSimd.MultiplyAdd(i, v, b22);
            left += TChannels.Value;
            input += TChannels.Value;
            right += TChannels.Value;
        }
        Put(d0, 0, a00, b00);
        Put(d0, 1, a01, b01);
        Put(d0, 2, a02, b02);
        Put(d1, 0, a10, b10);
        Put(d1, 1, a11, b11);
        Put(d1, 2, a12, b12);
        Put(d2, 0, a20, b20);
        Put(d2, 1, a21, b21);
        Put(d2, 2, a22, b22);
    }
}
