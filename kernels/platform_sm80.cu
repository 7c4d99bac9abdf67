// One tensor-core product each: d[16,8] = a[16,k] b[k,8], row-major floats, rounded to the narrow type on the way in. One warp.
#include "kernel.cuh"

extern "C" __global__ void __launch_bounds__(32) platform_mma_half(float* d, const float* __restrict__ a, const float* __restrict__ b)
{
    int g = threadIdx.x / 4, t = threadIdx.x % 4 * 2;
    unsigned x[4], y[2];
    float sum[4] = {0, 0, 0, 0};
    for (int i = 0; i < 4; i++)
    {
        const float* from = a + (g + i % 2 * 8) * 16 + t + i / 2 * 8;
        x[i] = pack2<Half>(from[0], from[1]);
    }
    for (int i = 0; i < 2; i++)
        y[i] = pack2<Half>(b[(t + i * 8) * 8 + g], b[(t + i * 8 + 1) * 8 + g]);
    mma_half(sum, x, y);
    for (int i = 0; i < 4; i++)
        d[(g + i / 2 * 8) * 8 + t + i % 2] = sum[i];
}

extern "C" __global__ void __launch_bounds__(32) platform_mma_bfloat16(float* d, const float* __restrict__ a, const float* __restrict__ b)
{
    int g = threadIdx.x / 4, t = threadIdx.x % 4 * 2;
    unsigned x[4], y[2];
    float sum[4] = {0, 0, 0, 0};
    for (int i = 0; i < 4; i++)
    {
        const float* from = a + (g + i % 2 * 8) * 16 + t + i / 2 * 8;
        x[i] = pack2<Bfloat16>(from[0], from[1]);
    }
    for (int i = 0; i < 2; i++)
        y[i] = pack2<Bfloat16>(b[(t + i * 8) * 8 + g], b[(t + i * 8 + 1) * 8 + g]);
    mma_bfloat16(sum, x, y);
    for (int i = 0; i < 4; i++)
        d[(g + i / 2 * 8) * 8 + t + i % 2] = sum[i];
}

extern "C" __global__ void __launch_bounds__(32) platform_mma_tf32(float* d, const float* __restrict__ a, const float* __restrict__ b)
{
    int g = threadIdx.x / 4, t = threadIdx.x % 4;
    unsigned x[4], y[2];
    float sum[4] = {0, 0, 0, 0};
    for (int i = 0; i < 4; i++)
        x[i] = tf32_of(a[(g + i % 2 * 8) * 8 + t + i / 2 * 4]);
    for (int i = 0; i < 2; i++)
        y[i] = tf32_of(b[(t + i * 4) * 8 + g]);
    mma_tf32(sum, x, y);
    for (int i = 0; i < 4; i++)
        d[(g + i / 2 * 8) * 8 + t * 2 + i % 2] = sum[i];
}
