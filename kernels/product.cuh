#pragma once
#include "kernel.cuh"

// product.cuh: what products on multiply-adds (product.cu) and on tensor cores (product_sm80.cu) have in common. Many matrix
// products of one shape, z = 0, 1, ..:
//   out[z,i,j] = e( initial[z,i,j] + sum over t of a[z,i,t] b[z,t,j] )
//   a        element (i,t) at a + z aBatch + i aRow + (t / inner) aOuter + (t mod inner) aTerm; inner a multiple of 16, or all terms
//   b        element (t,j) at b + z bBatch + t bTerm + j bColumn; z counts modulo bRepeat where that is not 0
//   initial  row (i >> initialShift) & initialMask at initial + z initialBatch + row * initialRow; null: zeros
//   aligned  a row at aligned + z alignedBatch that rows i = 0, 64, .. start with as well; null: none
//   e        0: as it is; 1: rectified; 2: where gate (laid out as out) is above 0, else 0
// grid (column tiles, row tiles, z), 256 threads; a tile's next terms are loaded while the ones before are added.
// out overlaps neither a nor b; it may be initial.

constexpr int Depth = 16;

struct Product
{
    const float* a;
    long long aBatch, aRow, aTerm;
    int inner;
    long long aOuter;
    const float* b;
    long long bBatch, bTerm, bColumn;
    int bRepeat;
    const float* initial;
    long long initialBatch;
    int initialRow, initialShift, initialMask;
    const float* aligned;
    long long alignedBatch;
    const float* gate;
    float* out;
    long long outBatch;
    int outRow, rows, columns, terms, epilogue;
};

#define PRODUCT_PARAMETERS                                                                                                          \
    const float *a, long long aBatch, long long aRow, long long aTerm, int inner, long long aOuter, const float *b,                 \
        long long bBatch, long long bTerm, long long bColumn, int bRepeat, const float *initial, long long initialBatch,            \
        int initialRow, int initialShift, int initialMask, const float *aligned, long long alignedBatch, const float *gate,         \
        float *out, long long outBatch, int outRow, int rows, int columns, int terms, int epilogue

#define PRODUCT_THESE                                                                                                               \
    {                                                                                                                               \
        a, aBatch, aRow, aTerm, inner, aOuter, b, bBatch, bTerm, bColumn, bRepeat, initial, initialBatch, initialRow, initialShift, \
            initialMask, aligned, alignedBatch, gate, out, outBatch, outRow, rows, columns, terms, epilogue                         \
    }

// What the sum of an output starts from.
__device__ __forceinline__ float product_start(const Product& p, int z, int row, int column)
{
    float start = 0;
    if (row < p.rows && column < p.columns)
    {
        if (p.initial != nullptr)
            start = p.initial[z * p.initialBatch + (long long)((row >> p.initialShift) & p.initialMask) * p.initialRow + column];
        if (p.aligned != nullptr && (row & 63) == 0)
            start += p.aligned[z * p.alignedBatch + column];
    }
    return start;
}

__device__ __forceinline__ void product_store(const Product& p, int z, int row, int column, float value)
{
    if (row >= p.rows || column >= p.columns)
        return;
    const long long at = z * p.outBatch + (long long)row * p.outRow + column;
    if (p.epilogue == 1)
        value = rectified(value);
    else if (p.epilogue == 2)
        value = p.gate[at] > 0 ? value : 0;
    p.out[at] = value;
}

// The next terms of a tile on their way from memory. Neighbouring threads read neighbouring floats, whichever way a and b lie.
template <int BM, int BN>
struct ProductStage
{
    static constexpr int Threads = 256, LoadsA = BM * Depth / Threads, LoadsB = BN * Depth / Threads;
    static_assert(LoadsA * Threads == BM * Depth && LoadsB * Threads == BN * Depth, "whole loads");

    const float* a;
    const float* b;
    int row0, column0;
    bool alongTerms, alongColumns;
    float nextA[LoadsA], nextB[LoadsB];

    __device__ __forceinline__ ProductStage(const Product& p, int z)
        : a(p.a + z * p.aBatch), b(p.b + (p.bRepeat > 0 ? z % p.bRepeat : z) * p.bBatch), row0((int)blockIdx.y * BM), column0((int)blockIdx.x * BN),
          alongTerms(p.aTerm == 1), alongColumns(p.bColumn == 1)
    {
    }

    __device__ __forceinline__ void load(const Product& p, int term0)
    {
        const int tid = threadIdx.x;
        const long long outer = (long long)(term0 / p.inner) * p.aOuter - (long long)(term0 / p.inner) * p.inner * p.aTerm;
#pragma unroll
        for (int l = 0; l < LoadsA; l++)
        {
            const int at = tid + l * Threads;
            const int t = term0 + (alongTerms ? at % Depth : at / BM), row = row0 + (alongTerms ? at / Depth : at % BM);
            nextA[l] = t < p.terms && row < p.rows ? a[outer + row * p.aRow + t * p.aTerm] : 0.0f;
        }
#pragma unroll
        for (int l = 0; l < LoadsB; l++)
        {
            const int at = tid + l * Threads;
            const int t = term0 + (alongColumns ? at / BN : at % Depth), column = column0 + (alongColumns ? at % BN : at / Depth);
            nextB[l] = t < p.terms && column < p.columns ? b[t * p.bTerm + column * p.bColumn] : 0.0f;
        }
    }

    // To left [Depth, pitch of left], right [Depth, pitch of right], each value through "as".
    template <typename T, int LeftPitch, int RightPitch, typename Convert>
    __device__ __forceinline__ void store(T (&left)[Depth][LeftPitch], T (&right)[Depth][RightPitch], Convert as) const
    {
        const int tid = threadIdx.x;
#pragma unroll
        for (int l = 0; l < LoadsA; l++)
        {
            const int at = tid + l * Threads;
            left[alongTerms ? at % Depth : at / BM][alongTerms ? at / Depth : at % BM] = as(nextA[l]);
        }
#pragma unroll
        for (int l = 0; l < LoadsB; l++)
        {
            const int at = tid + l * Threads;
            right[alongColumns ? at / BN : at % Depth][alongColumns ? at % BN : at / Depth] = as(nextB[l]);
        }
    }
};
