// 1x1 convolutions of DenseNet-40's transitions on tensor cores: what densenet_pointwise.cu does, weights as densenet_pack_matrix_*
// writes them. A warp has 32 pixels by 104 outputs; fragments are loaded where they lie, 16 bytes a lane. blockIdx.x over 256
// pixels, blockIdx.y over 104 outputs. Terms are added by rising 64 bytes of channels.
#include "kernel.cuh"
#include "densenet.cuh"
#include "densenet_fragment.cuh"

namespace
{
constexpr int Tiles = 13;

template <typename T> __device__ __forceinline__ void run(const T* in, int channels, const T* weights, int outputs, T* values, const DenseCanvas& canvas)
{
    using F = DenseFragment<T>;
    constexpr int Block = 4 * F::Values;
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
    long long first = static_cast<long long>(blockIdx.x) * 256 + warp * 32, pixels = canvas.pixels();
    int blocks = (channels + Block - 1) / Block;
    const T* packed = weights + (static_cast<long long>(blockIdx.y) * blocks * Tiles * 32 + lane) * F::Values;
    float sums[Tiles][2][4] = {};
    for (int block = 0; block < blocks; block++)
    {
        unsigned a[2][2][4];
        int c = block * Block + F::Values * t;
#pragma unroll
        for (int q = 0; q < 4; q++)
        {
            uint4 raw = {0, 0, 0, 0};
            if (first + 8 * q + g < pixels && c < channels)
                raw = load16(in + (first + 8 * q + g) * channels + c);
            unsigned words[4] = {raw.x, raw.y, raw.z, raw.w};
#pragma unroll
            for (int i = 0; i < 4; i++)
            {
                if constexpr (sizeof(T) == 4)
                    words[i] = tf32_of(__uint_as_float(words[i]));
                a[i / 2][q / 2][q % 2 + 2 * (i % 2)] = words[i];
            }
        }
#pragma unroll
        for (int n = 0; n < Tiles; n++)
        {
            uint4 w = load16(packed + static_cast<long long>(block * Tiles + n) * 32 * F::Values);
            unsigned b[2][2] = {{w.x, w.y}, {w.z, w.w}};
#pragma unroll
            for (int m = 0; m < 2; m++)
            {
                F::multiply(sums[n][m], a[0][m], b[0]);
                F::multiply(sums[n][m], a[1][m], b[1]);
            }
        }
    }
#pragma unroll
    for (int q = 0; q < 4; q++)
    {
        if (first + 8 * q + g >= pixels)
            continue;
        int image, y, x;
        canvas.place(first + 8 * q + g, image, y, x);
        T* to = values + canvas.pixel(image, y, x);
#pragma unroll
        for (int n = 0; n < Tiles; n++)
        {
            int k = static_cast<int>(blockIdx.y) * 8 * Tiles + 8 * n + 2 * t;
            if (k >= outputs)
                continue;
            float both[2] = {sums[n][q / 2][2 * (q % 2)], sums[n][q / 2][2 * (q % 2) + 1]};
            if constexpr (sizeof(T) == 4)
                store8(to + k, {__float_as_uint(both[0]), __float_as_uint(both[1])});
            else
                *reinterpret_cast<unsigned*>(to + k) = F::word(both);
        }
    }
}
}

extern "C" __global__ void __launch_bounds__(256) densenet_product_tf32(const float* in, int channels, const float* weights, int outputs, float* values,
    int pitch, int width, int height, long long image_stride, int images, int ring, int upper, int lower)
{
    run(in, channels, weights, outputs, values, {pitch, width, height, image_stride, images, ring, upper, lower});
}

extern "C" __global__ void __launch_bounds__(256) densenet_product_half(const Half* in, int channels, const Half* weights, int outputs, Half* values,
    int pitch, int width, int height, long long image_stride, int images, int ring, int upper, int lower)
{
    run(in, channels, weights, outputs, values, {pitch, width, height, image_stride, images, ring, upper, lower});
}

extern "C" __global__ void __launch_bounds__(256) densenet_product_bfloat16(const Bfloat16* in, int channels, const Bfloat16* weights, int outputs, Bfloat16* values,
    int pitch, int width, int height, long long image_stride, int images, int ring, int upper, int lower)
{
    run(in, channels, weights, outputs, values, {pitch, width, height, image_stride, images, ring, upper, lower});
}
