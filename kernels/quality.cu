#include "kernel.cuh"
#include "conv3x3.cuh"

// quality: what the quality network (Uchida, Tanaka, Okutomi 2019) needs beside its convolutions.
//   lay      to[i] = from[place[i]] in the storage type, 0 where place[i] < 0: parameters as a kernel reads them
//   load     bytes of a picture or of patches to [n,height,width,4] of the storage type: RGB / 255 and a zero; zeros beyond the
//            picture. view {left, top, right, bottom of the picture in the plane, bytes a row, bytes a pixel, offsets of red,
//            green and blue}; the bytes start with the picture's first pixel, planes follow each other.
//   clear    zeros in the pixels of a plane that are not picture (view's first four)
//   loss     dOut[i,k] = (out[i,k] - target[i,k]) * scale_k, k < 2 of 4, and the sums of the squared differences, a block's each
// Grids: ceil(values / 256), loss: up to 1024 blocks that go round; 256 threads. loss_sum: one block.

namespace
{
    template <typename T>
    __device__ __forceinline__ void load(const unsigned char* bytes, const int* view, T* output, int count, int width, int height)
    {
        int i = blockIdx.x * 256 + threadIdx.x;
        if (i >= count * height * width)
            return;
        int row = i / width, x = i - row * width - view[0];
        int n = row / height, y = row - n * height - view[1];
        int columns = view[2] - view[0], rows = view[3] - view[1];
        float4 v = {0, 0, 0, 0};
        if (static_cast<unsigned>(x) < static_cast<unsigned>(columns) && static_cast<unsigned>(y) < static_cast<unsigned>(rows))
        {
            constexpr float Scale = 1.0f / 255;
            const unsigned char* pixel = bytes + static_cast<long long>(n * rows + y) * view[4] + x * view[5];
            v = {pixel[view[6]] * Scale, pixel[view[7]] * Scale, pixel[view[8]] * Scale, 0};
        }
        store_four(output + i * 4LL, v);
    }

    template <typename T>
    __device__ __forceinline__ void loss(const float* output, const float* target, T* dOutput, double* sums, int pixels, float scale0,
        float scale1)
    {
        __shared__ double scratch[32];
        double first = 0, second = 0;
        for (int i = blockIdx.x * 256 + threadIdx.x; i < pixels; i += gridDim.x * 256)
        {
            float quality = output[2 * i] - target[2 * i], flag = output[2 * i + 1] - target[2 * i + 1];
            first = fma64(quality, quality, first);
            second = fma64(flag, flag, second);
            store_four(dOutput + i * 4LL, float4{quality * scale0, flag * scale1, 0, 0});
        }
        first = block_sum(first, scratch);
        __syncthreads();
        second = block_sum(second, scratch);
        if (threadIdx.x == 0)
        {
            sums[2 * blockIdx.x] = first;
            sums[2 * blockIdx.x + 1] = second;
        }
    }

    template <typename T>
    __device__ __forceinline__ void lay(const float* from, const int* place, T* to, int length)
    {
        int i = blockIdx.x * 256 + threadIdx.x;
        if (i < length)
            to[i] = from_float<T>(place[i] < 0 ? 0 : from[place[i]]);
    }
}

#define QUALITY(name, T)                                                                                                       \
    extern "C" __global__ void __launch_bounds__(256) quality_lay_##name(const float* from, const int* place, T* to, int length) \
    {                                                                                                                          \
        lay<T>(from, place, to, length);                                                                                       \
    }                                                                                                                          \
    extern "C" __global__ void __launch_bounds__(256) quality_load_##name(const unsigned char* bytes, const int* view,          \
        T* output, int count, int width, int height)                                                                           \
    {                                                                                                                          \
        load<T>(bytes, view, output, count, width, height);                                                                    \
    }                                                                                                                          \
    extern "C" __global__ void __launch_bounds__(256) quality_loss_##name(const float* output, const float* target, T* dOutput,  \
        double* sums, int pixels, float scale0, float scale1)                                                                  \
    {                                                                                                                          \
        loss<T>(output, target, dOutput, sums, pixels, scale0, scale1);                                                        \
    }

QUALITY(f32, float)
QUALITY(tf32, Tf32)
QUALITY(f16, Half)
QUALITY(bf16, Bfloat16)

// values[k] = sum of sums[block,k] / pixels: one warp, a lane each strided part, then by halves.
extern "C" __global__ void __launch_bounds__(32) quality_loss_sum(const double* sums, double* values, int blocks, double pixels)
{
    double first = 0, second = 0;
    for (int i = threadIdx.x; i < blocks; i += 32)
    {
        first += sums[2 * i];
        second += sums[2 * i + 1];
    }
    first = warp_sum(first);
    second = warp_sum(second);
    if (threadIdx.x == 0)
    {
        values[0] = first / pixels;
        values[1] = second / pixels;
    }
}

extern "C" __global__ void __launch_bounds__(256) quality_clear(unsigned char* plane, const int* view, int width, int height, int bytes)
{
    int i = blockIdx.x * 256 + threadIdx.x;
    int y = i / width, x = i - y * width;
    if (y >= height || (x >= view[0] && x < view[2] && y >= view[1] && y < view[3]))
        return;
    for (int part = 0; part < bytes; part += 16)
        store16(plane + static_cast<long long>(i) * bytes + part, {0, 0, 0, 0});
}
