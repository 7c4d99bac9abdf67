// 1x1 convolutions of DenseNet-40's transitions by multiply-adds in float: out[i][k] = sum over c of in[i][c] w[c][k], in
// [computed pixels][channels] dense, out channel k of pixel i of a canvas; weights [channels][outputs] floats.
// One block 128 pixels by 48 outputs, a thread four pixels by twelve; 24 channels at a time in shared memory (blockIdx.x over
// pixels, blockIdx.y over outputs). channels a multiple of 24, outputs of 12. Terms are added by rising channel.
#include "kernel.cuh"
#include "densenet.cuh"

namespace
{
constexpr int Depth = 24;
constexpr int Pixels = 128;
constexpr int Outputs = 48;
constexpr int Row = Pixels + 4;

template <typename T> __device__ __forceinline__ void run(const T* in, int channels, const float* weights, int outputs, T* values, const DenseCanvas& canvas)
{
    alignas(16) __shared__ float input[Depth * Row];
    alignas(16) __shared__ float filters[Depth * Outputs];
    long long first = static_cast<long long>(blockIdx.x) * Pixels, pixels = canvas.pixels();
    int k0 = static_cast<int>(blockIdx.y) * Outputs;
    int quad = threadIdx.x % 32, group = threadIdx.x / 32;
    float sums[4][12] = {};
    for (int c = 0; c < channels; c += Depth)
    {
        __syncthreads();
        for (int i = threadIdx.x; i < Pixels * Depth / 4; i += 128)
        {
            int p = i % Pixels, part = i / Pixels;
            float v[4] = {0, 0, 0, 0};
            if (first + p < pixels)
                load_quad(in + (first + p) * channels + c + 4 * part, v);
            for (int j = 0; j < 4; j++)
                input[(4 * part + j) * Row + p] = v[j];
        }
        for (int i = threadIdx.x; i < Depth * Outputs / 4; i += 128)
        {
            int k = i % (Outputs / 4) * 4, row = i / (Outputs / 4);
            float v[4] = {0, 0, 0, 0};
            if (k0 + k < outputs)
                load_quad(weights + (c + row) * outputs + k0 + k, v);
            store_quad(filters + row * Outputs + k, v);
        }
        __syncthreads();
        for (int row = 0; row < Depth; row++)
        {
            float x[4], w[12];
            load_quad(input + row * Row + 4 * quad, x);
            for (int j = 0; j < 12; j += 4)
            {
                float4 v = load4(filters + row * Outputs + 12 * group + j);
                w[j] = v.x, w[j + 1] = v.y, w[j + 2] = v.z, w[j + 3] = v.w;
            }
#pragma unroll
            for (int p = 0; p < 4; p++)
#pragma unroll
                for (int j = 0; j < 12; j++)
                    sums[p][j] = fma32(x[p], w[j], sums[p][j]);
        }
    }
    if (k0 + 12 * group >= outputs)
        return;
#pragma unroll
    for (int p = 0; p < 4; p++)
    {
        if (first + 4 * quad + p >= pixels)
            continue;
        int image, y, x;
        canvas.place(first + 4 * quad + p, image, y, x);
        T* to = values + canvas.pixel(image, y, x) + k0 + 12 * group;
#pragma unroll
        for (int j = 0; j < 12; j += 4)
        {
            float v[4] = {sums[p][j], sums[p][j + 1], sums[p][j + 2], sums[p][j + 3]};
            store_quad(to + j, v);
        }
    }
}
}

extern "C" __global__ void __launch_bounds__(128) densenet_pointwise_float(const float* in, int channels, const float* weights, int outputs, float* values,
    int pitch, int width, int height, long long image_stride, int images, int ring, int upper, int lower)
{
    run(in, channels, weights, outputs, values, {pitch, width, height, image_stride, images, ring, upper, lower});
}

extern "C" __global__ void __launch_bounds__(128) densenet_pointwise_half(const Half* in, int channels, const float* weights, int outputs, Half* values,
    int pitch, int width, int height, long long image_stride, int images, int ring, int upper, int lower)
{
    run(in, channels, weights, outputs, values, {pitch, width, height, image_stride, images, ring, upper, lower});
}

extern "C" __global__ void __launch_bounds__(128) densenet_pointwise_bfloat16(const Bfloat16* in, int channels, const float* weights, int outputs, Bfloat16* values,
    int pitch, int width, int height, long long image_stride, int images, int ring, int upper, int lower)
{
    run(in, channels, weights, outputs, values, {pitch, width, height, image_stride, images, ring, upper, lower});
}
