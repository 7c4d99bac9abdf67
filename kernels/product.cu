#include "kernel.cuh"

// product.cu: many matrix products of one shape, z = 0, 1, ..:
//   out[z,i,j] = e( initial[z,i,j] + sum over t of a[z,i,t] b[z,t,j] )
//   a        element (i,t) at a + z aBatch + i aRow + (t / inner) aOuter + (t mod inner) aTerm; inner a multiple of 16, or all terms
//   b        element (t,j) at b + z bBatch + t bTerm + j bColumn; z counts modulo bRepeat where that is not 0
//   initial  row (i >> initialShift) & initialMask at initial + z initialBatch + row * initialRow; null: zeros
//   aligned  a row at aligned + z alignedBatch that rows i = 0, 64, .. start with as well; null: none
//   e        0: as it is; 1: rectified; 2: where gate (laid out as out) is above 0, else 0
// The terms of one output are added in the order of t after its start, multiply-adds fused: MatrixProduct of the C#
// library gives the same bits. grid (column tiles, row tiles, z), 256 threads; a tile's next terms are loaded while the
// ones before are added. out overlaps neither a nor b; it may be initial.

constexpr int Depth = 16;

template <int BM, int BN, int TM, int TN>
__device__ __forceinline__ void product_tile(
    const float* a, long long aBatch, long long aRow, long long aTerm, int inner, long long aOuter,
    const float* b, long long bBatch, long long bTerm, long long bColumn, int bRepeat,
    const float* initial, long long initialBatch, int initialRow, int initialShift, int initialMask, const float* aligned, long long alignedBatch,
    const float* gate, float* out, long long outBatch, int outRow, int rows, int columns, int terms, int epilogue)
{
    constexpr int Threads = (BM / TM) * (BN / TN);
    constexpr int LoadsA = BM * Depth / Threads, LoadsB = BN * Depth / Threads;
    static_assert(Threads == 256 && LoadsA * Threads == BM * Depth && LoadsB * Threads == BN * Depth, "whole loads");
    // Rows of 4 floats more than needed: columns written side by side fall into different banks.
    __shared__ float left[Depth][BM + 4];
    __shared__ float right[Depth][BN + 4];
    const int tid = threadIdx.x, z = blockIdx.z;
    const int row0 = (int)blockIdx.y * BM, column0 = (int)blockIdx.x * BN;
    const int ty = tid / (BN / TN), tx = tid % (BN / TN);
    a += z * aBatch;
    b += (bRepeat > 0 ? z % bRepeat : z) * bBatch;

    float sum[TM][TN];
#pragma unroll
    for (int i = 0; i < TM; i++)
#pragma unroll
        for (int j = 0; j < TN; j++)
        {
            const int row = row0 + ty * TM + i, column = column0 + tx * TN + j;
            float start = 0;
            if (row < rows && column < columns)
            {
                if (initial != nullptr)
                    start = initial[z * initialBatch + (long long)((row >> initialShift) & initialMask) * initialRow + column];
                if (aligned != nullptr && (row & 63) == 0)
                    start += aligned[z * alignedBatch + column];
            }
            sum[i][j] = start;
        }

    // Neighbouring threads read neighbouring floats, whichever way a and b lie.
    const bool alongTerms = aTerm == 1, alongColumns = bColumn == 1;
    float nextA[LoadsA], nextB[LoadsB];
    auto load = [&](int term0)
    {
        const long long outer = (long long)(term0 / inner) * aOuter - (long long)(term0 / inner) * inner * aTerm;
#pragma unroll
        for (int l = 0; l < LoadsA; l++)
        {
            const int at = tid + l * Threads;
            const int t = term0 + (alongTerms ? at % Depth : at / BM), row = row0 + (alongTerms ? at / Depth : at % BM);
            nextA[l] = t < terms && row < rows ? a[outer + row * aRow + t * aTerm] : 0.0f;
        }
#pragma unroll
        for (int l = 0; l < LoadsB; l++)
        {
            const int at = tid + l * Threads;
            const int t = term0 + (alongColumns ? at / BN : at % Depth), column = column0 + (alongColumns ? at % BN : at / Depth);
            nextB[l] = t < terms && column < columns ? b[t * bTerm + column * bColumn] : 0.0f;
        }
    };
    load(0);
    for (int term0 = 0; term0 < terms; term0 += Depth)
    {
#pragma unroll
        for (int l = 0; l < LoadsA; l++)
        {
            const int at = tid + l * Threads;
            left[alongTerms ? at % Depth : at / BM][alongTerms ? at / Depth : at % BM] = nextA[l];
        }
#pragma unroll
        for (int l = 0; l < LoadsB; l++)
        {
            const int at = tid + l * Threads;
            right[alongColumns ? at / BN : at % Depth][alongColumns ? at % BN : at / Depth] = nextB[l];
        }
        __syncthreads();
        if (term0 + Depth < terms)
            load(term0 + Depth);
#pragma unroll
        for (int t = 0; t < Depth; t++)
        {
            float x[TM], y[TN];
#pragma unroll
            for (int i = 0; i < TM; i++)
                x[i] = left[t][ty * TM + i];
#pragma unroll
            for (int j = 0; j < TN; j++)
                y[j] = right[t][tx * TN + j];
#pragma unroll
            for (int i = 0; i < TM; i++)
#pragma unroll
                for (int j = 0; j < TN; j++)
                    sum[i][j] = fma32(x[i], y[j], sum[i][j]);
        }
        __syncthreads();
    }

#pragma unroll
    for (int i = 0; i < TM; i++)
#pragma unroll
        for (int j = 0; j < TN; j++)
        {
            const int row = row0 + ty * TM + i, column = column0 + tx * TN + j;
            if (row >= rows || column >= columns)
                continue;
            const long long at = z * outBatch + (long long)row * outRow + column;
            float value = sum[i][j];
            if (epilogue == 1)
                value = value > 0 ? value : 0;
            else if (epilogue == 2)
                value = gate[at] > 0 ? value : 0;
            out[at] = value;
        }
}

extern "C" __global__ void __launch_bounds__(256) product_128x64(
    const float* a, long long aBatch, long long aRow, long long aTerm, int inner, long long aOuter,
    const float* b, long long bBatch, long long bTerm, long long bColumn, int bRepeat,
    const float* initial, long long initialBatch, int initialRow, int initialShift, int initialMask, const float* aligned, long long alignedBatch,
    const float* gate, float* out, long long outBatch, int outRow, int rows, int columns, int terms, int epilogue)
{
    product_tile<128, 64, 8, 4>(a, aBatch, aRow, aTerm, inner, aOuter, b, bBatch, bTerm, bColumn, bRepeat, initial, initialBatch, initialRow,
        initialShift, initialMask, aligned, alignedBatch, gate, out, outBatch, outRow, rows, columns, terms, epilogue);
}

extern "C" __global__ void __launch_bounds__(256) product_128x48(
    const float* a, long long aBatch, long long aRow, long long aTerm, int inner, long long aOuter,
    const float* b, long long bBatch, long long bTerm, long long bColumn, int bRepeat,
    const float* initial, long long initialBatch, int initialRow, int initialShift, int initialMask, const float* aligned, long long alignedBatch,
    const float* gate, float* out, long long outBatch, int outRow, int rows, int columns, int terms, int epilogue)
{
    product_tile<128, 48, 8, 3>(a, aBatch, aRow, aTerm, inner, aOuter, b, bBatch, bTerm, bColumn, bRepeat, initial, initialBatch, initialRow,
        initialShift, initialMask, aligned, alignedBatch, gate, out, outBatch, outRow, rows, columns, terms, epilogue);
}

extern "C" __global__ void __launch_bounds__(256) product_32x32(
    const float* a, long long aBatch, long long aRow, long long aTerm, int inner, long long aOuter,
    const float* b, long long bBatch, long long bTerm, long long bColumn, int bRepeat,
    const float* initial, long long initialBatch, int initialRow, int initialShift, int initialMask, const float* aligned, long long alignedBatch,
    const float* gate, float* out, long long outBatch, int outRow, int rows, int columns, int terms, int epilogue)
{
    product_tile<32, 32, 2, 2>(a, aBatch, aRow, aTerm, inner, aOuter, b, bBatch, bTerm, bColumn, bRepeat, initial, initialBatch, initialRow,
        initialShift, initialMask, aligned, alignedBatch, gate, out, outBatch, outRow, rows, columns, terms, epilogue);
}

extern "C" __global__ void __launch_bounds__(256) product_64x48(
    const float* a, long long aBatch, long long aRow, long long aTerm, int inner, long long aOuter,
    const float* b, long long bBatch, long long bTerm, long long bColumn, int bRepeat,
    const float* initial, long long initialBatch, int initialRow, int initialShift, int initialMask, const float* aligned, long long alignedBatch,
    const float* gate, float* out, long long outBatch, int outRow, int rows, int columns, int terms, int epilogue)
{
    product_tile<64, 48, 4, 3>(a, aBatch, aRow, aTerm, inner, aOuter, b, bBatch, bTerm, bColumn, bRepeat, initial, initialBatch, initialRow,
        initialShift, initialMask, aligned, alignedBatch, gate, out, outBatch, outRow, rows, columns, terms, epilogue);
}

extern "C" __global__ void __launch_bounds__(256) product_64x64(
    const float* a, long long aBatch, long long aRow, long long aTerm, int inner, long long aOuter,
    const float* b, long long bBatch, long long bTerm, long long bColumn, int bRepeat,
    const float* initial, long long initialBatch, int initialRow, int initialShift, int initialMask, const float* aligned, long long alignedBatch,
    const float* gate, float* out, long long outBatch, int outRow, int rows, int columns, int terms, int epilogue)
{
    product_tile<64, 64, 4, 4>(a, aBatch, aRow, aTerm, inner, aOuter, b, bBatch, bTerm, bColumn, bRepeat, initial, initialBatch, initialRow,
        initialShift, initialMask, aligned, alignedBatch, gate, out, outBatch, outRow, rows, columns, terms, epilogue);
}
