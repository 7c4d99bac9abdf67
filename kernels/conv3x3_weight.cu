#include "kernel.cuh"
#include "conv3x3.cuh"

// conv3x3_weight: gradients of the filters and biases of dilated 3x3 convolutions, as partial sums over chunks of pixels.
//   wide     part[r,s,c,k] = sum over the chunk's pixels of in[n, y+(r-1)d, x+(s-1)d, c] * dOut[n,y,x,k]    c, k < 64
//   narrow   the same with 4 channels in; for a layer of 4 outputs in and dOut change places, which turns its taps round
//   bias     part[k] = sum of dOut[n,y,x,k]                                                                 k < 64 or 4
// in, dOut [n,height,width,.] of the storage type, part float: chunk number i, of `chunkPixels` pixels counted over the batch,
// writes part[i * stride ..]. Sums are fused, a thread's in the order of the pixels. conv3x3_sum adds the chunks.
// Grids: wide (chunks, 3 filter rows), narrow (chunks), bias (chunks); 256 threads.

namespace
{
    constexpr int Threads = 256;

    template <typename T>
    __device__ __forceinline__ void wide(const T* input, const T* dOutput, float* part, PictureRegion region, int dilation,
        int chunkPixels, long long stride)
    {
        constexpr int Stage = 32;
        alignas(16) __shared__ float inputs[3][Stage][64];
        alignas(16) __shared__ float gradients[Stage][64];
        int thread = threadIdx.x, r = blockIdx.y;
        int c0 = thread / 16 * 4, k0 = thread % 16 * 4;
        int first = blockIdx.x * chunkPixels;
        float sum[3][4][4] = {};
        for (int at = 0; at < chunkPixels; at += Stage)
        {
            __syncthreads();
#pragma unroll
            for (int i = thread; i < Stage * 16; i += Threads)
            {
                int p = i / 16, quad = i % 16 * 4;
                PlanePixel pixel = region.pixel(first + at + p);
                bool mine = at + p < chunkPixels && region.holds(pixel, 0, 0);
                store_four(&gradients[p][quad], mine ? load_four(dOutput + pixel.at * 64LL + quad) : float4{0, 0, 0, 0});
#pragma unroll
                for (int s = 0; s < 3; s++)
                {
                    int down = (r - 1) * dilation, across = (s - 1) * dilation;
                    store_four(&inputs[s][p][quad], mine && region.holds(pixel, down, across)
                        ? load_four(input + region.offset(pixel, down, across) * 64 + quad) : float4{0, 0, 0, 0});
                }
            }
            __syncthreads();
#pragma unroll 4
            for (int p = 0; p < Stage; p++)
            {
                float g[4], a[4];
                split(g, load_four(&gradients[p][k0]));
#pragma unroll
                for (int s = 0; s < 3; s++)
                {
                    split(a, load_four(&inputs[s][p][c0]));
#pragma unroll
                    for (int c = 0; c < 4; c++)
#pragma unroll
                        for (int k = 0; k < 4; k++)
                            sum[s][c][k] = fma32(a[c], g[k], sum[s][c][k]);
                }
            }
        }
#pragma unroll
        for (int s = 0; s < 3; s++)
#pragma unroll
            for (int c = 0; c < 4; c++)
            {
                float* own = sum[s][c];
                store_four(part + blockIdx.x * stride + ((r * 3 + s) * 64 + c0 + c) * 64 + k0, float4{own[0], own[1], own[2], own[3]});
            }
    }

    template <typename T>
    __device__ __forceinline__ void narrow(const T* input, const T* dOutput, float* part, PictureRegion region, int dilation,
        int chunkPixels, long long stride)
    {
        constexpr int Stage = 32, Groups = Threads / 64;
        alignas(16) __shared__ float inputs[9][Stage][4];
        alignas(16) __shared__ float sums[36][64];
        int thread = threadIdx.x, k = thread % 64, group = thread / 64;
        int first = blockIdx.x * chunkPixels;
        float sum[36] = {};
        for (int at = 0; at < chunkPixels; at += Stage)
        {
            __syncthreads();
            for (int i = thread; i < 9 * Stage; i += Threads)
            {
                int tap = i / Stage, p = i % Stage;
                int down = (tap / 3 - 1) * dilation, across = (tap % 3 - 1) * dilation;
                PlanePixel pixel = region.pixel(first + at + p);
                store_four(inputs[tap][p], region.holds(pixel, 0, 0) && region.holds(pixel, down, across)
                    ? load_four(input + region.offset(pixel, down, across) * 4) : float4{0, 0, 0, 0});
            }
            __syncthreads();
            for (int p = group; p < Stage; p += Groups)
            {
                PlanePixel pixel = region.pixel(first + at + p);
                if (at + p >= chunkPixels || !region.holds(pixel, 0, 0))
                    continue;
                float g = to_float(dOutput[pixel.at * 64LL + k]);
#pragma unroll
                for (int tap = 0; tap < 9; tap++)
                {
                    float a[4];
                    split(a, load_four(inputs[tap][p]));
#pragma unroll
                    for (int c = 0; c < 4; c++)
                        sum[tap * 4 + c] = fma32(a[c], g, sum[tap * 4 + c]);
                }
            }
        }
        // The groups' sums, one after the other.
        for (int turn = 0; turn < Groups; turn++)
        {
            __syncthreads();
            if (group == turn)
            {
#pragma unroll
                for (int i = 0; i < 36; i++)
                    sums[i][k] = turn == 0 ? sum[i] : sums[i][k] + sum[i];
            }
        }
        __syncthreads();
        for (int i = thread; i < 36 * 64; i += Threads)
            part[blockIdx.x * stride + i] = sums[0][i];
    }

    template <typename T, int C>
    __device__ __forceinline__ void bias(const T* dOutput, float* part, int pixels, int chunkPixels, long long stride)
    {
        constexpr int Quads = C / 4, Rows = Threads / Quads;
        alignas(16) __shared__ float sums[Rows][C];
        int thread = threadIdx.x, quad = thread % Quads * 4;
        int first = blockIdx.x * chunkPixels, end = least(first + chunkPixels, pixels);
        float sum[4] = {};
        for (int p = first + thread / Quads; p < end; p += Rows)
        {
            float g[4];
            split(g, load_four(dOutput + static_cast<long long>(p) * C + quad));
#pragma unroll
            for (int k = 0; k < 4; k++)
                sum[k] += g[k];
        }
        store_four(&sums[thread / Quads][quad], float4{sum[0], sum[1], sum[2], sum[3]});
        __syncthreads();
        for (int k = thread; k < C; k += Threads)
        {
            float total = sums[0][k];
            for (int row = 1; row < Rows; row++)
                total += sums[row][k];
            part[blockIdx.x * stride + k] = total;
        }
    }
}

#define CONV3X3_WEIGHT(name, T)                                                                                                \
    extern "C" __global__ void __launch_bounds__(256) conv3x3_weight_##name##_64(const T* input, const T* dOutput, float* part,  \
        int count, int width, int height, int dilation, int chunkPixels, long long stride)                                     \
    {                                                                                                                          \
        wide<T>(input, dOutput, part, PictureRegion(nullptr, count, width, height, 0, 0, width, height), dilation, chunkPixels,  \
            stride);                                                                                                           \
    }                                                                                                                          \
    extern "C" __global__ void __launch_bounds__(256) conv3x3_weight_##name##_4(const T* input, const T* dOutput, float* part,   \
        int count, int width, int height, int dilation, int chunkPixels, long long stride)                                     \
    {                                                                                                                          \
        narrow<T>(input, dOutput, part, PictureRegion(nullptr, count, width, height, 0, 0, width, height), dilation,            \
            chunkPixels, stride);                                                                                              \
    }                                                                                                                          \
    extern "C" __global__ void __launch_bounds__(256) conv3x3_bias_##name##_64(const T* dOutput, float* part, int pixels,        \
        int chunkPixels, long long stride)                                                                                     \
    {                                                                                                                          \
        bias<T, 64>(dOutput, part, pixels, chunkPixels, stride);                                                               \
    }                                                                                                                          \
    extern "C" __global__ void __launch_bounds__(256) conv3x3_bias_##name##_4(const T* dOutput, float* part, int pixels,         \
        int chunkPixels, long long stride)                                                                                     \
    {                                                                                                                          \
        bias<T, 4>(dOutput, part, pixels, chunkPixels, stride);                                                                \
    }

CONV3X3_WEIGHT(f32, float)
CONV3X3_WEIGHT(bf16, Bfloat16)

// to[place[i]] = the sum over chunks of part[chunk * stride + i], in rising order; where place[i] < 0 nothing.
extern "C" __global__ void __launch_bounds__(256) conv3x3_sum(const float* part, const int* place, float* to, int length,
    int chunks, long long stride)
{
    int i = blockIdx.x * 256 + threadIdx.x;
    if (i >= length || place[i] < 0)
        return;
    float sum = part[i];
    for (int chunk = 1; chunk < chunks; chunk++)
        sum += part[chunk * stride + i];
    to[place[i]] = sum;
}
