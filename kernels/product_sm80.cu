#include "product.cuh"

// product_sm80.cu: products on tensor cores, product.cuh says of what. Factors are rounded to tf32 (10 bits of fraction), sums are
// floats; their order is the hardware's. Eight warps share a tile, each m16 x n8 pieces of it.

template <int BM, int BN, int WarpsDown>
__device__ __forceinline__ void product_tf32(const Product& p)
{
    constexpr int WarpsAcross = 8 / WarpsDown, M = BM / WarpsDown / 16, N = BN / WarpsAcross / 8;
    static_assert(M * WarpsDown * 16 == BM && N * WarpsAcross * 8 == BN, "whole pieces");
    // Rows of 8 words more than needed, for tiles of whole 32s and of 16s: the four terms of a fragment fall into different banks.
    __shared__ unsigned left[Depth][BM + 8];
    __shared__ unsigned right[Depth][BN + 8];
    const int tid = threadIdx.x, z = blockIdx.z, warp = tid / 32, g = tid % 32 / 4, t = tid % 4;
    const int down = warp / WarpsAcross * 16 * M, across = warp % WarpsAcross * 8 * N;
    ProductStage<BM, BN> stage(p, z);
    float sum[M][N][4];
#pragma unroll
    for (int i = 0; i < M; i++)
#pragma unroll
        for (int j = 0; j < N; j++)
#pragma unroll
            for (int e = 0; e < 4; e++)
                sum[i][j][e] = product_start(p, z, stage.row0 + down + 16 * i + g + 8 * (e / 2), stage.column0 + across + 8 * j + 2 * t + e % 2);
    stage.load(p, 0);
    for (int term0 = 0; term0 < p.terms; term0 += Depth)
    {
        stage.store(left, right, [](float value) { return tf32_of(value); });
        __syncthreads();
        if (term0 + Depth < p.terms)
            stage.load(p, term0 + Depth);
#pragma unroll
        for (int k = 0; k < Depth; k += 8)
        {
            unsigned a[M][4], b[N][2];
#pragma unroll
            for (int i = 0; i < M; i++)
            {
                const int row = down + 16 * i + g;
                a[i][0] = left[k + t][row];
                a[i][1] = left[k + t][row + 8];
                a[i][2] = left[k + t + 4][row];
                a[i][3] = left[k + t + 4][row + 8];
            }
#pragma unroll
            for (int j = 0; j < N; j++)
            {
                b[j][0] = right[k + t][across + 8 * j + g];
                b[j][1] = right[k + t + 4][across + 8 * j + g];
            }
#pragma unroll
            for (int i = 0; i < M; i++)
#pragma unroll
                for (int j = 0; j < N; j++)
                    mma_tf32(sum[i][j], a[i], b[j]);
        }
        __syncthreads();
    }
#pragma unroll
    for (int i = 0; i < M; i++)
#pragma unroll
        for (int j = 0; j < N; j++)
#pragma unroll
            for (int e = 0; e < 4; e++)
                product_store(p, z, stage.row0 + down + 16 * i + g + 8 * (e / 2), stage.column0 + across + 8 * j + 2 * t + e % 2, sum[i][j][e]);
}

extern "C" __global__ void __launch_bounds__(256, 2) product_tf32_128x64(PRODUCT_PARAMETERS) { product_tf32<128, 64, 4>(PRODUCT_THESE); }
extern "C" __global__ void __launch_bounds__(256, 2) product_tf32_128x48(PRODUCT_PARAMETERS) { product_tf32<128, 48, 4>(PRODUCT_THESE); }
extern "C" __global__ void __launch_bounds__(256, 2) product_tf32_64x64(PRODUCT_PARAMETERS) { product_tf32<64, 64, 2>(PRODUCT_THESE); }
extern "C" __global__ void __launch_bounds__(256, 2) product_tf32_64x48(PRODUCT_PARAMETERS) { product_tf32<64, 48, 4>(PRODUCT_THESE); }
extern "C" __global__ void __launch_bounds__(256) product_tf32_32x32(PRODUCT_PARAMETERS) { product_tf32<32, 32, 2>(PRODUCT_THESE); }
