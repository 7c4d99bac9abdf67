using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Engine.Cpu;

// Conv3x3WeightGradient: what one row adds to the gradient of the weights of a dilated 3x3 convolution.
//   dWeight[r,s,c,k] += sum over x of row[r][x + (s-1)*dilation, c] * dOut[x,k]
// row[r]   [.., C], as for Conv3x3;  dOut [width, 64];  dWeight [3,3,C,64], C a multiple of 4.
// Three taps s by four (two) channels by two vectors stay in registers along the row; pixels are added in the
// order x, rows in the order of the calls, so the result does not depend on the block or the vector width.
static unsafe partial class Conv3x3WeightGradient<TVector, TSimd, TChannels>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
    where TChannels : struct, IConstant
{
    const int Outputs = 64;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row(in RowTriple rows, int dilation, float* dOut, float* dWeight, int width)
    {
        for (int r = 0; r < 3; r++)
        {
            float* row = rows[r];
            for (int k = 0; k < Outputs; k += 2 * TSimd.Count)
            {
                float* d = dWeight + r * 3 * TChannels.Value * Outputs + k;
                if (TSimd.HasThirtyTwoRegisters)
                {
                    for (int c = 0; c < TChannels.Value; c += 4)
                        Taps3x4(row + c, dilation, dOut + k, d + c * Outputs, width);
                }
                else
                {
                    for (int c = 0; c < TChannels.Value; c += 2)
                        Taps3x2(row + c, dilation, dOut + k, d + c * Outputs, width);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Taps3x4(float* input, int dilation, float* dOut, float* dWeight, int width)
    {
        int tap = TChannels.Value * Outputs;
        float* d0 = dWeight;
        float* d1 = dWeight + tap;
        float* d2 = dWeight + 2 * tap;
        TVector a00 = Get(d0, 0), b00 = GetNext(d0, 0), a01 = Get(d0, 1), b01 = GetNext(d0, 1);
        TVector a02 = Get(d0, 2), b02 = GetNext(d0, 2), a03 = Get(d0, 3), b03 = GetNext(d0, 3);
        TVector a10 = Get(d1, 0), b10 = GetNext(d1, 0), a11 = Get(d1, 1), b11 = GetNext(d1, 1);
        TVector a12 = Get(d1, 2), b12 = GetNext(d1, 2), a13 = Get(d1, 3), b13 = GetNext(d1, 3);
        TVector a20 = Get(d2, 0), b20 = GetNext(d2, 0), a21 = Get(d2, 1), b21 = GetNext(d2, 1);
        TVector a22 = Get(d2, 2), b22 = GetNext(d2, 2), a23 = Get(d2, 3), b23 = GetNext(d2, 3);
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
            i = TSimd.Broadcast(left[3]);
            a03 = TSimd.MultiplyAdd(i, u, a03);
            b03 = TSimd.MultiplyAdd(i, v, b03);
            i = TSimd.Broadcast(input[0]);
            a10 = TSimd.MultiplyAdd(i, u, a10);
            b10 = TSimd.MultiplyAdd(i, v, b10);
            i = TSimd.Broadcast(input[1]);
            a11 = TSimd.MultiplyAdd(i, u, a11);
            b11 = TSimd.MultiplyAdd(i, v, b11);
            i = TSimd.Broadcast(input[2]);
            a12 = TSimd.MultiplyAdd(i, u, a12);
            b12 = TSimd.MultiplyAdd(i, v, b12);
            i = TSimd.Broadcast(input[3]);
            a13 = TSimd.MultiplyAdd(i, u, a13);
            b13 = TSimd.MultiplyAdd(i, v, b13);
            i = TSimd.Broadcast(right[0]);
            a20 = TSimd.MultiplyAdd(i, u, a20);
            b20 = TSimd.MultiplyAdd(i, v, b20);
            i = TSimd.Broadcast(right[1]);
            a21 = TSimd.MultiplyAdd(i, u, a21);
            b21 = TSimd.MultiplyAdd(i, v, b21);
            i = TSimd.Broadcast(right[2]);
            a22 = TSimd.MultiplyAdd(i, u, a22);
            b22 = TSimd.MultiplyAdd(i, v, b22);
            i = TSimd.Broadcast(right[3]);
            a23 = TSimd.MultiplyAdd(i, u, a23);
            b23 = TSimd.MultiplyAdd(i, v, b23);
            left += TChannels.Value;
            input += TChannels.Value;
            right += TChannels.Value;
        }
        Put(d0, 0, a00, b00);
        Put(d0, 1, a01, b01);
        Put(d0, 2, a02, b02);
        Put(d0, 3, a03, b03);
        Put(d1, 0, a10, b10);
        Put(d1, 1, a11, b11);
        Put(d1, 2, a12, b12);
        Put(d1, 3, a13, b13);
        Put(d2, 0, a20, b20);
        Put(d2, 1, a21, b21);
        Put(d2, 2, a22, b22);
        Put(d2, 3, a23, b23);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Taps3x2(float* input, int dilation, float* dOut, float* dWeight, int width)
    {
        int tap = TChannels.Value * Outputs;
        float* d0 = dWeight;
        float* d1 = dWeight + tap;
        float* d2 = dWeight + 2 * tap;
        TVector a00 = Get(d0, 0), b00 = GetNext(d0, 0), a01 = Get(d0, 1), b01 = GetNext(d0, 1);
        TVector a10 = Get(d1, 0), b10 = GetNext(d1, 0), a11 = Get(d1, 1), b11 = GetNext(d1, 1);
        TVector a20 = Get(d2, 0), b20 = GetNext(d2, 0), a21 = Get(d2, 1), b21 = GetNext(d2, 1);
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
            i = TSimd.Broadcast(input[0]);
            a10 = TSimd.MultiplyAdd(i, u, a10);
            b10 = TSimd.MultiplyAdd(i, v, b10);
            i = TSimd.Broadcast(input[1]);
            a11 = TSimd.MultiplyAdd(i, u, a11);
            b11 = TSimd.MultiplyAdd(i, v, b11);
            i = TSimd.Broadcast(right[0]);
            a20 = TSimd.MultiplyAdd(i, u, a20);
            b20 = TSimd.MultiplyAdd(i, v, b20);
            i = TSimd.Broadcast(right[1]);
            a21 = TSimd.MultiplyAdd(i, u, a21);
            b21 = TSimd.MultiplyAdd(i, v, b21);
            left += TChannels.Value;
            input += TChannels.Value;
            right += TChannels.Value;
        }
        Put(d0, 0, a00, b00);
        Put(d0, 1, a01, b01);
        Put(d1, 0, a10, b10);
        Put(d1, 1, a11, b11);
        Put(d2, 0, a20, b20);
        Put(d2, 1, a21, b21);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector Get(float* tap, int channel) => TSimd.Load(tap + channel * Outputs);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector GetNext(float* tap, int channel) => TSimd.Load(tap + channel * Outputs + TSimd.Count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Put(float* tap, int channel, TVector a, TVector b)
    {
        TSimd.Store(tap + channel * Outputs, a);
        TSimd.Store(tap + channel * Outputs + TSimd.Count, b);
    }
}
