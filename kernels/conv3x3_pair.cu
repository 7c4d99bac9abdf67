#include "kernel.cuh"
#include "conv3x3.cuh"

// conv3x3_pair: the last layer, 64 channels to 2, no activation, for devices without tensor cores.
//   out[p,k] = bias[k] + sum over r,s,c of in[n, y+(r-1)d, x+(s-1)d, c] * w[r,s,k,c]
// in [n,height,width,64], w [3,3,2,64], both of the storage type; bias, out float. Output k of pixel number i of the region
// (row by row, plane by plane) goes to out[i * pixelStride + k * planeStride]. Region and bounds: PictureRegion (conv3x3.cuh).
// Eight lanes share the channels of four pixels; each sums its own over r, s, c, then the lanes' sums are added by halves.
// Grid: ceil(n * region pixels / 128), 256 threads.

namespace
{
    template <typename T>
    __device__ __forceinline__ void convolve(const T* input, const T* weights, const float* bias, float* output, PictureRegion region,
        int dilation, int pixelStride, long long planeStride)
    {
        constexpr int Pixels = 128;
        alignas(16) __shared__ float filters[9 * 2 * 64];
        int thread = threadIdx.x;
        if (region.is_outside(blockIdx.x * Pixels, Pixels))
            return;
        for (int i = thread; i < 9 * 2 * 64; i += 256)
            filters[i] = to_float(weights[i]);
        __syncthreads();

        int lane = thread % 8, first = blockIdx.x * Pixels + thread / 8 * 4;
        PlanePixel pixels[4];
        float sum[4][2];
#pragma unroll
        for (int p = 0; p < 4; p++)
        {
            pixels[p] = region.pixel(first + p);
            sum[p][0] = sum[p][1] = 0;
        }
        for (int tap = 0; tap < 9; tap++)
        {
            int down = (tap / 3 - 1) * dilation, across = (tap % 3 - 1) * dilation;
#pragma unroll
            for (int half = 0; half < 2; half++)
            {
                int channel = 32 * half + 4 * lane;
                float u[4], v[4];
                split(u, load_four(filters + tap * 128 + channel));
                split(v, load_four(filters + tap * 128 + 64 + channel));
#pragma unroll
                for (int p = 0; p < 4; p++)
                {
                    if (!region.holds(pixels[p], down, across))
                        continue;
                    float a[4];
                    split(a, load_four(input + region.offset(pixels[p], down, across) * 64 + channel));
#pragma unroll
                    for (int c = 0; c < 4; c++)
                    {
                        sum[p][0] = fma32(a[c], u[c], sum[p][0]);
                        sum[p][1] = fma32(a[c], v[c], sum[p][1]);
                    }
                }
            }
        }
#pragma unroll
        for (int p = 0; p < 4; p++)
#pragma unroll
            for (int k = 0; k < 2; k++)
            {
                for (int by = 4; by > 0; by >>= 1)
                    sum[p][k] += __shfl_xor_sync(0xffffffffu, sum[p][k], by);
                if (lane == 0 && region.holds(pixels[p], 0, 0))
                    output[static_cast<long long>(first + p) * pixelStride + k * planeStride] = bias[k] + sum[p][k];
            }
    }
}

#define CONV3X3_PAIR(name, T)                                                                                                  \
    extern "C" __global__ void __launch_bounds__(256) conv3x3_pair_##name(const T* input, const T* weights, const float* bias,   \
        float* output, const int* bounds, int count, int width, int height, int dilation, int left, int top, int right,          \
        int bottom, int pixelStride, long long planeStride)                                                                    \
    {                                                                                                                          \
        convolve<T>(input, weights, bias, output, PictureRegion(bounds, count, width, height, left, top, right, bottom),        \
            dilation, pixelStride, planeStride);                                                                               \
    }

CONV3X3_PAIR(f32, float)
CONV3X3_PAIR(f16, Half)
CONV3X3_PAIR(bf16, Bfloat16)
