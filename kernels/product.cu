#include "product.cuh"

// product.cu: products on multiply-adds, product.cuh says of what. The terms of one output are added in the order of t after
// its start, multiply-adds fused: MatrixProduct of the C# library gives the same bits, and so does every tile.

// N neighbouring floats, four at a time where they are so many.
template <int N>
__device__ __forceinline__ void factors(const float* from, float (&values)[N])
{
    if constexpr (N % 4 == 0)
    {
#pragma unroll
        for (int i = 0; i < N; i += 4)
        {
            const float4 four = load4(from + i);
            values[i] = four.x;
            values[i + 1] = four.y;
            values[i + 2] = four.z;
            values[i + 3] = four.w;
        }
    }
    else
    {
#pragma unroll
        for (int i = 0; i < N; i++)
            values[i] = from[i];
    }
}

template <int BM, int BN, int TM, int TN>
__device__ __forceinline__ void product_tile(const Product& p)
{
    static_assert((BM / TM) * (BN / TN) == 256, "256 threads");
    // Rows of 4 floats more than needed: columns written side by side fall into different banks.
    alignas(16) __shared__ float left[Depth][BM + 4];
    alignas(16) __shared__ float right[Depth][BN + 4];
    const int tid = threadIdx.x, z = blockIdx.z, ty = tid / (BN / TN), tx = tid % (BN / TN);
    ProductStage<BM, BN> stage(p, z);
    const int row0 = stage.row0 + ty * TM, column0 = stage.column0 + tx * TN;
    float sum[TM][TN];
#pragma unroll
    for (int i = 0; i < TM; i++)
#pragma unroll
        for (int j = 0; j < TN; j++)
            sum[i][j] = product_start(p, z, row0 + i, column0 + j);
    stage.load(p, 0);
    for (int term0 = 0; term0 < p.terms; term0 += Depth)
    {
        stage.store(left, right, [](float value) { return value; });
        __syncthreads();
        if (term0 + Depth < p.terms)
            stage.load(p, term0 + Depth);
#pragma unroll
        for (int t = 0; t < Depth; t++)
        {
            float x[TM], y[TN];
            factors(left[t] + ty * TM, x);
            factors(right[t] + tx * TN, y);
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
            product_store(p, z, row0 + i, column0 + j, sum[i][j]);
}

extern "C" __global__ void __launch_bounds__(256, 2) product_128x64(PRODUCT_PARAMETERS) { product_tile<128, 64, 8, 4>(PRODUCT_THESE); }
extern "C" __global__ void __launch_bounds__(256, 2) product_128x48(PRODUCT_PARAMETERS) { product_tile<128, 48, 8, 3>(PRODUCT_THESE); }
extern "C" __global__ void __launch_bounds__(256, 3) product_64x64(PRODUCT_PARAMETERS) { product_tile<64, 64, 4, 4>(PRODUCT_THESE); }
extern "C" __global__ void __launch_bounds__(256, 3) product_64x48(PRODUCT_PARAMETERS) { product_tile<64, 48, 4, 3>(PRODUCT_THESE); }
extern "C" __global__ void __launch_bounds__(256) product_32x32(PRODUCT_PARAMETERS) { product_tile<32, 32, 2, 2>(PRODUCT_THESE); }
