// DenseNet-40's transitions in training, where dropout keeps the pooling behind the convolution; by multiply-adds in float.
//   densenet_transition_*           out[k] = mean of 2x2 of mask * (sum over c of relu(scale[c] in[c] + shift[c]) w[c][k]); weights [channels][channels]
//                                   rows c, as densenet_pack_rows_float makes them
//   densenet_transition_gradient_*  dOut[k] = pooled[k] / 4 * mask; dAct[c] = sum over k of dOut[k] w[k][c], w as in the parameters; then the
//                                   backward of the batch norm but for the batch's means: d = dAct where the activation is above 0,
//                                   else 0; G[c] = gamma d, written, the transition being its first reader in the backward pass;
//                                   partials [parts][2][channels] of d and d (x - mean), a part 128 pixels
//   densenet_transition_weights_*   partials [groups][channels][channels] of dW[k][c] = sum over pixels of dOut[k] act[c]
// Pixels go by quads, the four under one pooled pixel. pooled [n][pixel][channels] floats. channels a multiple of 24; the
// sides of an image are even, and its pixels a multiple of 128. A group is a fixed run of the batch's pixels.
#include "kernel.cuh"
#include "densenet.cuh"
#include "dropout.cuh"

namespace
{
constexpr int Depth = 24;
constexpr int Pixels = 128;
constexpr int Outputs = 48;
constexpr int Row = Pixels + 4;

// Pixel number i of the batch, counted by quads: image, row and column, and its place in a canvas.
struct QuadPixel
{
    int image;
    int y;
    int x;
    int pooled;

    __device__ __forceinline__ QuadPixel(int i, int size)
    {
        pooled = i / 4;
        int half = size / 2, at = pooled % (half * half), sub = i % 4;
        image = pooled / (half * half);
        y = 2 * (at / half) + sub / 2;
        x = 2 * (at % half) + sub % 2;
    }

    __device__ __forceinline__ long long at(int size) const { return (static_cast<long long>(image) * size + y) * size + x; }
};

struct MaskOf
{
    const unsigned long long* step_key;
    int layer;
    unsigned threshold;
    float scale;

    __device__ __forceinline__ float factor(const QuadPixel& pixel, int channel, int channels, int size) const
    {
        if (threshold == 0)
            return 1.0f;
        return DropoutMask::of(step_key, layer, static_cast<unsigned>(pixel.image), threshold, scale)
            .factor(static_cast<unsigned>((pixel.y * channels + channel) * size + pixel.x));
    }
};

// A quad of pixels by twelve columns of a thread, over a depth staged in shared memory.
__device__ __forceinline__ void multiply(const float* input, const float* filters, int quad, int group, float (&sums)[4][12])
{
    for (int row = 0; row < Depth; row++)
    {
        float x[4], w[12];
        load_quad(input + row * Row + 4 * quad, x);
#pragma unroll
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

// Rows [row, row + Depth) of a square matrix, columns from k0 on.
__device__ __forceinline__ void stage_weights(const float* weights, int channels, int row, int k0, float* filters)
{
    for (int i = threadIdx.x; i < Depth * Outputs / 4; i += 128)
    {
        int k = i % (Outputs / 4) * 4, at = i / (Outputs / 4);
        float v[4] = {0, 0, 0, 0};
        if (k0 + k < channels)
            load_quad(weights + (row + at) * channels + k0 + k, v);
        store_quad(filters + at * Outputs + k, v);
    }
}

template <typename T> __device__ __forceinline__ void run_forward(const T* values, int pitch, int size, int channels, const float* scale, const float* shift,
    const float* weights, T* to, int to_pitch, const MaskOf& mask)
{
    alignas(16) __shared__ float input[Depth * Row];
    alignas(16) __shared__ float filters[Depth * Outputs];
    int first = static_cast<int>(blockIdx.x) * Pixels, k0 = static_cast<int>(blockIdx.y) * Outputs;
    int quad = threadIdx.x % 32, group = threadIdx.x / 32;
    long long own = QuadPixel(first + static_cast<int>(threadIdx.x), size).at(size) * pitch;
    float sums[4][12] = {};
    for (int c = 0; c < channels; c += Depth)
    {
        __syncthreads();
        for (int part = 0; part < Depth; part += 4)
        {
            float v[4];
            load_quad(values + own + c + part, v);
            for (int j = 0; j < 4; j++)
                input[(part + j) * Row + threadIdx.x] = dense_activate(v[j], scale[c + part + j], shift[c + part + j]);
        }
        stage_weights(weights, channels, c, k0, filters);
        __syncthreads();
        multiply(input, filters, quad, group, sums);
    }
    int k = k0 + 12 * group;
    if (k >= channels)
        return;
    for (int j = 0; j < 12; j += 4)
    {
        float v[4];
        for (int i = 0; i < 4; i++)
        {
            float x[4];
            for (int p = 0; p < 4; p++)
                x[p] = sums[p][j + i] * mask.factor(QuadPixel(first + 4 * quad + p, size), k + j + i, channels, size);
            v[i] = (x[0] + x[1] + (x[2] + x[3])) * 0.25f;
        }
        store_quad(to + static_cast<long long>(first / 4 + quad) * to_pitch + k + j, v);
    }
}

template <typename T> __device__ __forceinline__ void run_gradient(const float* pooled, const float* weights, const T* values, int pitch, int size, int channels,
    const float* scale, const float* shift, const float* gamma, const float* mean, float* gradients, float* partials, const MaskOf& mask)
{
    alignas(16) __shared__ float input[Depth * Row];
    alignas(16) __shared__ float filters[Depth * Outputs];
    int first = static_cast<int>(blockIdx.x) * Pixels, c0 = static_cast<int>(blockIdx.y) * Outputs;
    int quad = threadIdx.x % 32, group = threadIdx.x / 32;
    QuadPixel own(first + static_cast<int>(threadIdx.x), size);
    float sums[4][12] = {};
    for (int k = 0; k < channels; k += Depth)
    {
        __syncthreads();
        for (int part = 0; part < Depth; part += 4)
        {
            float v[4];
            load_quad(pooled + static_cast<long long>(own.pooled) * channels + k + part, v);
            for (int j = 0; j < 4; j++)
                input[(part + j) * Row + threadIdx.x] = v[j] * 0.25f * mask.factor(own, k + part + j, channels, size);
        }
        stage_weights(weights, channels, k, c0, filters);
        __syncthreads();
        multiply(input, filters, quad, group, sums);
    }
    int c = c0 + 12 * group;
    if (c >= channels)
        return;
    float total[12] = {}, product[12] = {};
#pragma unroll
    for (int p = 0; p < 4; p++)
    {
        long long at = QuadPixel(first + 4 * quad + p, size).at(size) * pitch + c;
#pragma unroll
        for (int j = 0; j < 12; j += 4)
        {
            float x[4], g[4];
            load_quad(values + at + j, x);
#pragma unroll
            for (int i = 0; i < 4; i++)
            {
                float d = dense_activate(x[i], scale[c + j + i], shift[c + j + i]) > 0 ? sums[p][j + i] : 0.0f;
                total[j + i] += d;
                product[j + i] = fma32(d, x[i] - mean[c + j + i], product[j + i]);
                g[i] = d * gamma[c + j + i];
            }
            store_quad(gradients + at + j, g);
        }
    }
#pragma unroll
    for (int j = 0; j < 12; j++)
    {
        float d = warp_sum(total[j]), x = warp_sum(product[j]);
        if (quad == 0)
        {
            partials[2ll * blockIdx.x * channels + c + j] = d;
            partials[(2ll * blockIdx.x + 1) * channels + c + j] = x;
        }
    }
}

// One block 48 filters by 48 channels (blockIdx.x) and a group of runs of 32 pixels (blockIdx.y); 144 threads, four by four.
template <typename T> __device__ __forceinline__ void run_weights(const float* pooled, const T* values, int pitch, int size, int images, int channels,
    const float* scale, const float* shift, float* partials, const MaskOf& mask)
{
    constexpr int Run = 32, Side = 48, Pad = Side + 4;
    alignas(16) __shared__ float gradient[Run * Pad];
    alignas(16) __shared__ float activated[Run * Pad];
    int tiles = (channels + Side - 1) / Side;
    int k0 = static_cast<int>(blockIdx.x) / tiles * Side, c0 = static_cast<int>(blockIdx.x) % tiles * Side;
    int group = static_cast<int>(blockIdx.y), groups = static_cast<int>(gridDim.y), runs = images * size * size / Run;
    int k = threadIdx.x / 12 * 4, c = threadIdx.x % 12 * 4;
    float sums[4][4] = {};
    for (int run = static_cast<int>(static_cast<long long>(runs) * group / groups); run < static_cast<int>(static_cast<long long>(runs) * (group + 1) / groups); run++)
    {
        __syncthreads();
        for (int i = threadIdx.x; i < Run * Side / 4; i += 144)
        {
            int p = i / (Side / 4), j = i % (Side / 4) * 4;
            QuadPixel pixel(run * Run + p, size);
            float d[4] = {0, 0, 0, 0}, x[4] = {0, 0, 0, 0};
            if (k0 + j < channels)
            {
                load_quad(pooled + static_cast<long long>(pixel.pooled) * channels + k0 + j, d);
                for (int n = 0; n < 4; n++)
                    d[n] = d[n] * 0.25f * mask.factor(pixel, k0 + j + n, channels, size);
            }
            if (c0 + j < channels)
            {
                load_quad(values + pixel.at(size) * pitch + c0 + j, x);
                for (int n = 0; n < 4; n++)
                    x[n] = dense_activate(x[n], scale[c0 + j + n], shift[c0 + j + n]);
            }
            store_quad(gradient + p * Pad + j, d);
            store_quad(activated + p * Pad + j, x);
        }
        __syncthreads();
        for (int p = 0; p < Run; p++)
        {
            float d[4], x[4];
            load_quad(gradient + p * Pad + k, d);
            load_quad(activated + p * Pad + c, x);
#pragma unroll
            for (int i = 0; i < 4; i++)
#pragma unroll
                for (int j = 0; j < 4; j++)
                    sums[i][j] = fma32(d[i], x[j], sums[i][j]);
        }
    }
    if (c0 + c >= channels)
        return;
    for (int i = 0; i < 4; i++)
        if (k0 + k + i < channels)
            store_quad(partials + (static_cast<long long>(group) * channels + k0 + k + i) * channels + c0 + c, sums[i]);
}
}

extern "C" __global__ void __launch_bounds__(128) densenet_transition_float(const float* values, int pitch, int size, int channels, const float* scale, const float* shift,
    const float* weights, float* to, int to_pitch, const unsigned long long* step_key, int mask_layer, unsigned threshold, float drop_scale)
{
    run_forward(values, pitch, size, channels, scale, shift, weights, to, to_pitch, {step_key, mask_layer, threshold, drop_scale});
}

extern "C" __global__ void __launch_bounds__(128) densenet_transition_gradient_float(const float* pooled, const float* weights, const float* values,
    int pitch, int size, int channels, const float* scale, const float* shift, const float* gamma, const float* mean, float* gradients, float* partials,
    const unsigned long long* step_key, int mask_layer, unsigned threshold, float drop_scale)
{
    run_gradient(pooled, weights, values, pitch, size, channels, scale, shift, gamma, mean, gradients, partials, {step_key, mask_layer, threshold, drop_scale});
}

extern "C" __global__ void __launch_bounds__(144) densenet_transition_weights_float(const float* pooled, const float* values, int pitch, int size, int images, int channels,
    const float* scale, const float* shift, float* partials, const unsigned long long* step_key, int mask_layer, unsigned threshold, float drop_scale)
{
    run_weights(pooled, values, pitch, size, images, channels, scale, shift, partials, {step_key, mask_layer, threshold, drop_scale});
}

extern "C" __global__ void __launch_bounds__(128) densenet_transition_bfloat16(const Bfloat16* values, int pitch, int size, int channels, const float* scale, const float* shift,
    const float* weights, Bfloat16* to, int to_pitch, const unsigned long long* step_key, int mask_layer, unsigned threshold, float drop_scale)
{
    run_forward(values, pitch, size, channels, scale, shift, weights, to, to_pitch, {step_key, mask_layer, threshold, drop_scale});
}

extern "C" __global__ void __launch_bounds__(128) densenet_transition_gradient_bfloat16(const float* pooled, const float* weights, const Bfloat16* values,
    int pitch, int size, int channels, const float* scale, const float* shift, const float* gamma, const float* mean, float* gradients, float* partials,
    const unsigned long long* step_key, int mask_layer, unsigned threshold, float drop_scale)
{
    run_gradient(pooled, weights, values, pitch, size, channels, scale, shift, gamma, mean, gradients, partials, {step_key, mask_layer, threshold, drop_scale});
}

extern "C" __global__ void __launch_bounds__(144) densenet_transition_weights_bfloat16(const float* pooled, const Bfloat16* values, int pitch, int size, int images, int channels,
    const float* scale, const float* shift, float* partials, const unsigned long long* step_key, int mask_layer, unsigned threshold, float drop_scale)
{
    run_weights(pooled, values, pitch, size, images, channels, scale, shift, partials, {step_key, mask_layer, threshold, drop_scale});
}
