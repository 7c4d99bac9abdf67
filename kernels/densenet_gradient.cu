// Backward of DenseNet-40's convolutions of twelve filters (and of the first one), by multiply-adds in float. Canvases hold
// images one after the other whose sides are multiples of 16; activations are computed again from the canvas.
//   densenet_layer_gradient_*   dAct[c] = sum over k,r,s of dOut[k] at (y - r + 1, x - s + 1) w[k][c][r][s], and at once the backward of the
//                               batch norm before it but for the batch's means: d = dAct where the activation is above 0, else 0;
//                               G[c] += gamma d;  partials [parts][2][channels] of d and d (x - mean), a part a tile of 16x16 pixels
//   densenet_layer_weights_*    partials [groups][12][channels][9] of dW[k][c][r][s] = sum over pixels of dOut[k] act[c] at (y + r - 1, x + s - 1)
//   densenet_first_weights      the same of the first convolution: [groups][24][inputs][9]
//   densenet_reduce             to[i] = sum over groups of partials[group][i]
// dOut [n][pixel][12] (first: [24]) floats. A group is a fixed run of the batch's tiles: sums depend on the batch size and on nothing else.
#include "kernel.cuh"
#include "densenet.cuh"

namespace
{
constexpr int Tile = 16;
constexpr int Band = Tile + 2;
constexpr int Row = 20;
constexpr int Plane = Band * Row + 4;

struct DenseTiles
{
    int width;
    int height;

    __device__ __forceinline__ int count() const { return width / Tile * (height / Tile); }

    __device__ __forceinline__ void place(int item, int& image, int& y, int& x) const
    {
        image = item / count();
        int tile = item % count();
        y = tile / (width / Tile) * Tile;
        x = tile % (width / Tile) * Tile;
    }
};

// One block a tile (blockIdx.x, all images) and twelve channels (blockIdx.y), 64 threads of four pixels by twelve channels.
template <typename T> __device__ __forceinline__ void run_layer_gradient(const float* d_out, const float* weights, const T* values, int pitch, int width, int height,
    int channels, const float* scale, const float* shift, const float* gamma, const float* mean, float* gradients, float* partials)
{
    alignas(16) __shared__ float planes[DenseGrowth * Plane];
    alignas(16) __shared__ float filters[DenseGrowth * 9 * DenseGrowth];
    DenseTiles tiles{width, height};
    int image, y0, x0;
    tiles.place(static_cast<int>(blockIdx.x), image, y0, x0);
    int c0 = static_cast<int>(blockIdx.y) * DenseGrowth;
    long long origin = static_cast<long long>(image) * width * height;
    for (int i = threadIdx.x; i < Band * Band * 3; i += 64)
    {
        int part = i % 3, pixel = i / 3, py = pixel / Band, px = pixel % Band;
        int y = y0 - 1 + py, x = x0 - 1 + px;
        float v[4] = {0, 0, 0, 0};
        if (y >= 0 && y < height && x >= 0 && x < width)
            load_quad(d_out + (origin + y * width + x) * DenseGrowth + 4 * part, v);
        for (int k = 0; k < 4; k++)
            planes[(4 * part + k) * Plane + py * Row + px] = v[k];
    }
    for (int i = threadIdx.x; i < DenseGrowth * 9 * DenseGrowth; i += 64)
    {
        int tap = i % 9, c = i / 9 % DenseGrowth, k = i / (9 * DenseGrowth);
        filters[(k * 9 + tap) * DenseGrowth + c] = weights[(k * channels + c0 + c) * 9 + tap];
    }
    __syncthreads();
    int quad = threadIdx.x % 4, line = threadIdx.x / 4;
    float sums[4][DenseGrowth] = {};
    for (int k = 0; k < DenseGrowth; k++)
#pragma unroll
        for (int r = 0; r < 3; r++)
        {
            const float* at = planes + k * Plane + (line + 2 - r) * Row + 4 * quad;
            float4 near = load4(at);
            float d[6] = {near.x, near.y, near.z, near.w, at[4], at[5]};
#pragma unroll
            for (int s = 0; s < 3; s++)
#pragma unroll
                for (int group = 0; group < 3; group++)
                {
                    float w[4];
                    load_quad(filters + ((k * 3 + r) * 3 + s) * DenseGrowth + 4 * group, w);
#pragma unroll
                    for (int p = 0; p < 4; p++)
#pragma unroll
                        for (int c = 0; c < 4; c++)
                            sums[p][4 * group + c] = fma32(d[p + 2 - s], w[c], sums[p][4 * group + c]);
                }
        }
    float total[DenseGrowth] = {}, product[DenseGrowth] = {};
#pragma unroll
    for (int p = 0; p < 4; p++)
    {
        long long at = (origin + (y0 + line) * width + x0 + 4 * quad + p) * pitch + c0;
#pragma unroll
        for (int c = 0; c < DenseGrowth; c += 4)
        {
            float x[4], g[4];
            load_quad(values + at + c, x);
            load_quad(gradients + at + c, g);
#pragma unroll
            for (int i = 0; i < 4; i++)
            {
                int channel = c0 + c + i;
                float d = dense_activate(x[i], scale[channel], shift[channel]) > 0 ? sums[p][c + i] : 0.0f;
                total[c + i] += d;
                product[c + i] = fma32(d, x[i] - mean[channel], product[c + i]);
                g[i] = fma32(d, gamma[channel], g[i]);
            }
            store_quad(gradients + at + c, g);
        }
    }
    __syncthreads();
    for (int c = 0; c < DenseGrowth; c++)
    {
        planes[threadIdx.x * 2 * DenseGrowth + c] = total[c];
        planes[threadIdx.x * 2 * DenseGrowth + DenseGrowth + c] = product[c];
    }
    __syncthreads();
    if (threadIdx.x < 2 * DenseGrowth)
    {
        float sum = 0;
        for (int i = 0; i < 64; i++)
            sum += planes[i * 2 * DenseGrowth + threadIdx.x];
        int which = threadIdx.x / DenseGrowth;
        partials[(2ll * blockIdx.x + which) * channels + c0 + threadIdx.x % DenseGrowth] = sum;
    }
}

// One block twelve channels (blockIdx.x) and a group of tiles (blockIdx.y); 144 threads: a channel by four filters by four lines.
template <typename T> __device__ __forceinline__ void run_layer_weights(const float* d_out, const T* values, int pitch, int width, int height, int images,
    int channels, const float* scale, const float* shift, float* partials)
{
    constexpr int Threads = 144;
    alignas(16) __shared__ float shared[DenseGrowth * Plane + Tile * Tile * DenseGrowth];
    float* activated = shared;
    float* gradient = shared + DenseGrowth * Plane;
    DenseTiles tiles{width, height};
    int c0 = static_cast<int>(blockIdx.x) * DenseGrowth, group = static_cast<int>(blockIdx.y), groups = static_cast<int>(gridDim.y);
    int items = images * tiles.count();
    int channel = threadIdx.x % DenseGrowth, filter = threadIdx.x / DenseGrowth % 3 * 4, lines = threadIdx.x / 36 * 4;
    float sums[9][4] = {};
    for (int item = static_cast<int>(static_cast<long long>(items) * group / groups); item < static_cast<int>(static_cast<long long>(items) * (group + 1) / groups); item++)
    {
        int image, y0, x0;
        tiles.place(item, image, y0, x0);
        long long origin = static_cast<long long>(image) * width * height;
        __syncthreads();
        for (int i = threadIdx.x; i < Band * Band * 3; i += Threads)
        {
            int part = i % 3, pixel = i / 3, py = pixel / Band, px = pixel % Band;
            int y = y0 - 1 + py, x = x0 - 1 + px;
            float v[4] = {0, 0, 0, 0};
            if (y >= 0 && y < height && x >= 0 && x < width)
            {
                load_quad(values + (origin + y * width + x) * pitch + c0 + 4 * part, v);
                for (int k = 0; k < 4; k++)
                    v[k] = dense_activate(v[k], scale[c0 + 4 * part + k], shift[c0 + 4 * part + k]);
            }
            for (int k = 0; k < 4; k++)
                activated[(4 * part + k) * Plane + py * Row + px] = v[k];
        }
        for (int i = threadIdx.x; i < Tile * Tile * 3; i += Threads)
        {
            int part = i % 3, pixel = i / 3;
            float v[4];
            load_quad(d_out + (origin + (y0 + pixel / Tile) * width + x0 + pixel % Tile) * DenseGrowth + 4 * part, v);
            store_quad(gradient + pixel * DenseGrowth + 4 * part, v);
        }
        __syncthreads();
        for (int y = lines; y < lines + 4; y++)
            for (int x = 0; x < Tile; x += 4)
            {
                float d[4][4];
#pragma unroll
                for (int p = 0; p < 4; p++)
                    load_quad(gradient + (y * Tile + x + p) * DenseGrowth + filter, d[p]);
#pragma unroll
                for (int r = 0; r < 3; r++)
                {
                    const float* at = activated + channel * Plane + (y + r) * Row + x;
                    float4 near = load4(at);
                    float v[6] = {near.x, near.y, near.z, near.w, at[4], at[5]};
#pragma unroll
                    for (int s = 0; s < 3; s++)
#pragma unroll
                        for (int p = 0; p < 4; p++)
#pragma unroll
                            for (int k = 0; k < 4; k++)
                                sums[3 * r + s][k] = fma32(v[p + s], d[p][k], sums[3 * r + s][k]);
                }
            }
    }
    __syncthreads();
    for (int tap = 0; tap < 9; tap++)
        for (int k = 0; k < 4; k++)
            shared[threadIdx.x * 36 + tap * 4 + k] = sums[tap][k];
    __syncthreads();
    for (int i = threadIdx.x; i < 36 * 36; i += Threads)
    {
        int thread = i / 36, tap = i % 36 / 4, k = thread / DenseGrowth * 4 + i % 4;
        float sum = 0;
        for (int part = 0; part < 4; part++)
            sum += shared[(part * 36 + thread) * 36 + i % 36];
        partials[((static_cast<long long>(group) * DenseGrowth + k) * channels + c0 + thread % DenseGrowth) * 9 + tap] = sum;
    }
}
}

// One block a group of tiles; 144 threads: a filter by an input by eight lines.
extern "C" __global__ void __launch_bounds__(144) densenet_first_weights(const uint8_t* bytes, long long image_bytes, long long row_bytes, int inputs,
    const float* d_out, int width, int height, int images, float* partials)
{
    constexpr int Filters = 2 * DenseGrowth;
    __shared__ float input[3 * Band * Band];
    __shared__ float gradient[Tile * Tile * Filters];
    __shared__ float half[72 * 9];
    DenseTiles tiles{width, height};
    int group = static_cast<int>(blockIdx.x), groups = static_cast<int>(gridDim.x), items = images * tiles.count();
    int k = threadIdx.x % Filters, c = threadIdx.x / Filters % 3, lines = threadIdx.x / 72 * 8;
    float sums[9] = {};
    for (int item = static_cast<int>(static_cast<long long>(items) * group / groups); item < static_cast<int>(static_cast<long long>(items) * (group + 1) / groups); item++)
    {
        int image, y0, x0;
        tiles.place(item, image, y0, x0);
        __syncthreads();
        for (int i = threadIdx.x; i < Band * Band; i += 144)
        {
            int y = y0 - 1 + i / Band, x = x0 - 1 + i % Band;
            bool inside = y >= 0 && y < height && x >= 0 && x < width;
            const uint8_t* from = bytes + image * image_bytes + y * row_bytes + 3 * x;
            int r = inside ? from[0] : 0, g = inside ? from[1] : 0, b = inside ? from[2] : 0;
            if (inputs == 1)
                r = (19595 * r + 38470 * g + 7471 * b + 32768) >> 16;
            constexpr float Scale = 1.0f / 255;
            input[i] = static_cast<float>(r) * Scale;
            input[Band * Band + i] = static_cast<float>(g) * Scale;
            input[2 * Band * Band + i] = static_cast<float>(b) * Scale;
        }
        for (int i = threadIdx.x; i < Tile * Tile * Filters; i += 144)
        {
            int pixel = i / Filters;
            gradient[i] = d_out[(static_cast<long long>(image) * width * height + (y0 + pixel / Tile) * width + x0 + pixel % Tile) * Filters + i % Filters];
        }
        __syncthreads();
        if (c < inputs)
            for (int y = lines; y < lines + 8; y++)
                for (int x = 0; x < Tile; x++)
                {
                    float d = gradient[(y * Tile + x) * Filters + k];
#pragma unroll
                    for (int tap = 0; tap < 9; tap++)
                        sums[tap] = fma32(input[c * Band * Band + (y + tap / 3) * Band + x + tap % 3], d, sums[tap]);
                }
    }
    __syncthreads();
    if (threadIdx.x >= 72)
        for (int tap = 0; tap < 9; tap++)
            half[(threadIdx.x - 72) * 9 + tap] = sums[tap];
    __syncthreads();
    if (threadIdx.x < 72 && c < inputs)
        for (int tap = 0; tap < 9; tap++)
            partials[((static_cast<long long>(group) * Filters + k) * inputs + c) * 9 + tap] = sums[tap] + half[threadIdx.x * 9 + tap];
}

extern "C" __global__ void __launch_bounds__(256) densenet_reduce(const float* partials, int groups, int count, float* to)
{
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x)
    {
        double sum = 0;
        for (int g = 0; g < groups; g++)
            sum += partials[static_cast<long long>(g) * count + i];
        to[i] = static_cast<float>(sum);
    }
}

extern "C" __global__ void __launch_bounds__(64) densenet_layer_gradient_float(const float* d_out, const float* weights, const float* values,
    int pitch, int width, int height, int channels, const float* scale, const float* shift, const float* gamma, const float* mean, float* gradients, float* partials)
{
    run_layer_gradient(d_out, weights, values, pitch, width, height, channels, scale, shift, gamma, mean, gradients, partials);
}

extern "C" __global__ void __launch_bounds__(144) densenet_layer_weights_float(const float* d_out, const float* values,
    int pitch, int width, int height, int images, int channels, const float* scale, const float* shift, float* partials)
{
    run_layer_weights(d_out, values, pitch, width, height, images, channels, scale, shift, partials);
}

extern "C" __global__ void __launch_bounds__(64) densenet_layer_gradient_bfloat16(const float* d_out, const float* weights, const Bfloat16* values,
    int pitch, int width, int height, int channels, const float* scale, const float* shift, const float* gamma, const float* mean, float* gradients, float* partials)
{
    run_layer_gradient(d_out, weights, values, pitch, width, height, channels, scale, shift, gamma, mean, gradients, partials);
}

extern "C" __global__ void __launch_bounds__(144) densenet_layer_weights_bfloat16(const float* d_out, const Bfloat16* values,
    int pitch, int width, int height, int images, int channels, const float* scale, const float* shift, float* partials)
{
    run_layer_weights(d_out, values, pitch, width, height, images, channels, scale, shift, partials);
}
