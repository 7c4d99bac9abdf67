// Backward of a layer's convolution on tensor cores: what densenet_gradient.cu does, T float (multiplied as tf32) or Bfloat16.
//   densenet_mma_gradient_*  pixels by (9 taps x 16 filters, twelve and zeros) times that by channels; weights as densenet_pack_gradient_*
//                            writes them: [48 channels][9][6 tiles][32 lanes] four filters. One block a tile of 16x16 pixels
//                            (blockIdx.x) by 48 channels (blockIdx.y); a warp two lines. Lane (g, t) holds filters 4t..4t+3 of pixels g, g + 8.
//   densenet_mma_weights_*   for every tap (16 filters, twelve and zeros) by pixels times pixels by channels. One block 24 channels
//                            (blockIdx.x) by a group of tiles (blockIdx.y); a warp two lines of each tile, the warps' sums added in order.
//                            Words of neighbouring columns x are loaded; a word of 16-bit numbers holds pixels x and x + 8, so that
//                            the taps' shifts never split one.
// dOut [n][pixel][12] floats, rounded to T in shared memory. Partial sums and their order as in densenet_gradient.cu.
#include "kernel.cuh"
#include "densenet.cuh"
#include "densenet_fragment.cuh"

namespace
{
constexpr int Tile = 16;
constexpr int Band = Tile + 2;
constexpr int Threads = 256;

template <typename T> struct Packed;

template <> struct Packed<float>
{
    static constexpr int Steps = 2;
    // Columns of a band and of a tile in words, and where column x lies.
    static constexpr int BandWords = Band;
    static constexpr int TileWords = Tile;
    __device__ static __forceinline__ unsigned word(float near, float) { return tf32_of(near); }
};

template <> struct Packed<Bfloat16>
{
    static constexpr int Steps = 1;
    static constexpr int BandWords = Band - 8;
    static constexpr int TileWords = Tile - 8;
    __device__ static __forceinline__ unsigned word(float near, float far)
    {
        float both[2] = {near, far};
        return DenseFragment<Bfloat16>::word(both);
    }
};

__device__ __forceinline__ void place_tile(int item, int width, int height, int& image, int& y, int& x)
{
    int across = width / Tile, count = across * (height / Tile), tile = item % count;
    image = item / count;
    y = tile / across * Tile;
    x = tile % across * Tile;
}

// Four filters of a pixel as fragment words: a step's two words side by side.
template <typename T> struct Four
{
    unsigned words[2 * Packed<T>::Steps];

    __device__ __forceinline__ explicit Four(const unsigned* from)
    {
        if constexpr (Packed<T>::Steps == 1)
        {
            uint2 v = load8(from);
            words[0] = v.x, words[1] = v.y;
        }
        else
        {
            uint4 v = load16(from);
            words[0] = v.x, words[1] = v.y, words[2] = v.z, words[3] = v.w;
        }
    }
};

template <typename T> __device__ __forceinline__ void run_gradient(const float* d_out, const T* weights, const T* values, int pitch, int width, int height,
    int channels, const float* scale, const float* shift, const float* gamma, const float* mean, float* gradients, float* partials)
{
    using F = DenseFragment<T>;
    constexpr int Steps = Packed<T>::Steps, Words = 2 * Steps, Pixel = 4 * Words, Tiles = 6, Filters = 9 * Tiles * 32 * Words;
    alignas(16) __shared__ unsigned gradient[Band * Band * Pixel];
    alignas(16) __shared__ unsigned filters[Filters];
    // In the place of the tile, once all have read it.
    float* warp_sums = reinterpret_cast<float*>(gradient);
    int image, y0, x0;
    place_tile(static_cast<int>(blockIdx.x), width, height, image, y0, x0);
    int c0 = static_cast<int>(blockIdx.y) * 8 * Tiles;
    long long origin = static_cast<long long>(image) * width * height;
    for (int i = threadIdx.x; i < Band * Band * 4; i += Threads)
    {
        int part = i % 4, pixel = i / 4;
        int y = y0 - 1 + pixel / Band, x = x0 - 1 + pixel % Band;
        float v[4] = {0, 0, 0, 0};
        if (part < 3 && y >= 0 && y < height && x >= 0 && x < width)
            load_quad(d_out + (origin + y * width + x) * DenseGrowth + 4 * part, v);
        for (int j = 0; j < Words; j++)
            gradient[pixel * Pixel + part * Words + j] = F::word(v + j * 4 / Words);
    }
    const unsigned* packed = reinterpret_cast<const unsigned*>(weights) + static_cast<long long>(blockIdx.y) * Filters;
    for (int i = threadIdx.x; i < Filters / 4; i += Threads)
        store16(filters + 4 * i, load16(packed + 4 * i));
    __syncthreads();

    int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
    float sums[Tiles][2][4] = {};
    for (int tap = 0; tap < 9; tap++)
    {
        int r = tap / 3, s = tap % 3;
        unsigned a[Steps][2][4];
#pragma unroll
        for (int q = 0; q < 4; q++)
        {
            Four<T> four(gradient + ((2 * warp + q / 2 + 2 - r) * Band + q % 2 * 8 + g + 2 - s) * Pixel + t * Words);
#pragma unroll
            for (int i = 0; i < Words; i++)
                a[i / 2][q / 2][q % 2 + 2 * (i % 2)] = four.words[i];
        }
#pragma unroll
        for (int n = 0; n < Tiles; n++)
        {
            Four<T> w(filters + ((tap * Tiles + n) * 32 + lane) * Words);
#pragma unroll
            for (int step = 0; step < Steps; step++)
            {
                unsigned b[2] = {w.words[2 * step], w.words[2 * step + 1]};
                F::multiply(sums[n][0], a[step][0], b);
                F::multiply(sums[n][1], a[step][1], b);
            }
        }
    }
    __syncthreads();
#pragma unroll
    for (int n = 0; n < Tiles; n++)
    {
        int c = c0 + 8 * n + 2 * t;
        float total[2] = {0, 0}, product[2] = {0, 0};
        if (c < channels)
        {
#pragma unroll
            for (int q = 0; q < 4; q++)
            {
                long long at = (origin + (y0 + 2 * warp + q / 2) * width + x0 + q % 2 * 8 + g) * pitch + c;
                uint2 old = load8(gradients + at);
                float now[2] = {__uint_as_float(old.x), __uint_as_float(old.y)};
#pragma unroll
                for (int e = 0; e < 2; e++)
                {
                    float x = to_float(values[at + e]);
                    float d = dense_activate(x, scale[c + e], shift[c + e]) > 0 ? sums[n][q / 2][2 * (q % 2) + e] : 0.0f;
                    total[e] += d;
                    product[e] = fma32(d, x - mean[c + e], product[e]);
                    now[e] = fma32(d, gamma[c + e], now[e]);
                }
                store8(gradients + at, {__float_as_uint(now[0]), __float_as_uint(now[1])});
            }
        }
#pragma unroll
        for (int e = 0; e < 2; e++)
        {
            for (int by = 4; by < 32; by *= 2)
            {
                total[e] += __shfl_xor_sync(0xffffffffu, total[e], by);
                product[e] += __shfl_xor_sync(0xffffffffu, product[e], by);
            }
            if (g == 0)
            {
                warp_sums[2 * warp * 8 * Tiles + 8 * n + 2 * t + e] = total[e];
                warp_sums[(2 * warp + 1) * 8 * Tiles + 8 * n + 2 * t + e] = product[e];
            }
        }
    }
    __syncthreads();
    for (int i = threadIdx.x; i < 2 * 8 * Tiles; i += Threads)
    {
        int which = i / (8 * Tiles), c = i % (8 * Tiles);
        if (c0 + c >= channels)
            continue;
        float sum = 0;
        for (int w = 0; w < 8; w++)
            sum += warp_sums[(2 * w + which) * 8 * Tiles + c];
        partials[(2ll * blockIdx.x + which) * channels + c0 + c] = sum;
    }
}

template <typename T> __device__ __forceinline__ void run_weights(const float* d_out, const T* values, int pitch, int width, int height, int images,
    int channels, const float* scale, const float* shift, float* partials)
{
    using F = DenseFragment<T>;
    constexpr int Steps = Packed<T>::Steps, Columns = 24, BandRow = Packed<T>::BandWords, TileRow = Packed<T>::TileWords;
    // Strides that put the eight channels or filters of a warp's load into different banks.
    constexpr int ActivatedPlane = Band * BandRow, GradientPlane = Tile * TileRow + 4;
    __shared__ unsigned activated[Columns * ActivatedPlane];
    __shared__ unsigned gradient[16 * GradientPlane];
    float* merged = reinterpret_cast<float*>(activated);
    static_assert(DenseGrowth * Columns * 9 <= Columns * ActivatedPlane, "merged sums take the place of the activations");
    int c0 = static_cast<int>(blockIdx.x) * Columns, group = static_cast<int>(blockIdx.y), groups = static_cast<int>(gridDim.y);
    int items = images * (width / Tile) * (height / Tile);
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
    float sums[9][3][4] = {};
    for (int item = static_cast<int>(static_cast<long long>(items) * group / groups); item < static_cast<int>(static_cast<long long>(items) * (group + 1) / groups); item++)
    {
        int image, y0, x0;
        place_tile(item, width, height, image, y0, x0);
        long long origin = static_cast<long long>(image) * width * height;
        __syncthreads();
        for (int i = threadIdx.x; i < Band * BandRow * 6; i += Threads)
        {
            int part = i % 6, pixel = i / 6, py = pixel / BandRow, px = pixel % BandRow;
            int y = y0 - 1 + py, c = c0 + 4 * part;
            float v[2][4] = {};
            for (int far = 0; far < 3 - Steps; far++)
            {
                int x = x0 - 1 + px + 8 * far;
                if (y < 0 || y >= height || x < 0 || x >= width || c >= channels)
                    continue;
                load_quad(values + (origin + y * width + x) * pitch + c, v[far]);
                for (int j = 0; j < 4; j++)
                    v[far][j] = dense_activate(v[far][j], scale[c + j], shift[c + j]);
            }
            for (int j = 0; j < 4; j++)
                activated[(4 * part + j) * ActivatedPlane + py * BandRow + px] = Packed<T>::word(v[0][j], v[1][j]);
        }
        for (int i = threadIdx.x; i < Tile * TileRow * 4; i += Threads)
        {
            int part = i % 4, pixel = i / 4, py = pixel / TileRow, px = pixel % TileRow;
            float v[2][4] = {};
            for (int far = 0; far < 3 - Steps && part < 3; far++)
                load_quad(d_out + (origin + (y0 + py) * width + x0 + px + 8 * far) * DenseGrowth + 4 * part, v[far]);
            for (int j = 0; j < 4; j++)
                gradient[(4 * part + j) * GradientPlane + py * TileRow + px] = Packed<T>::word(v[0][j], v[1][j]);
        }
        __syncthreads();
        for (int y = 2 * warp; y < 2 * warp + 2; y++)
#pragma unroll
            for (int step = 0; step < Steps; step++)
            {
                unsigned a[4];
#pragma unroll
                for (int i = 0; i < 4; i++)
                    a[i] = gradient[(g + i % 2 * 8) * GradientPlane + y * TileRow + 8 * step + t + i / 2 * 4];
#pragma unroll
                for (int tap = 0; tap < 9; tap++)
#pragma unroll
                    for (int n = 0; n < 3; n++)
                    {
                        const unsigned* at = activated + (8 * n + g) * ActivatedPlane + (y + tap / 3) * BandRow + 8 * step + t + tap % 3;
                        unsigned b[2] = {at[0], at[4]};
                        F::multiply(sums[tap][n], a, b);
                    }
            }
    }
    for (int w = 0; w < 8; w++)
    {
        __syncthreads();
        if (w != warp)
            continue;
#pragma unroll
        for (int tap = 0; tap < 9; tap++)
#pragma unroll
            for (int n = 0; n < 3; n++)
#pragma unroll
                for (int i = 0; i < 4; i++)
                {
                    int k = g + i / 2 * 8, c = 8 * n + 2 * t + i % 2;
                    if (k >= DenseGrowth)
                        continue;
                    float* to = merged + (k * Columns + c) * 9 + tap;
                    *to = w == 0 ? sums[tap][n][i] : *to + sums[tap][n][i];
                }
    }
    __syncthreads();
    for (int i = threadIdx.x; i < DenseGrowth * Columns * 9; i += Threads)
    {
        int k = i / (Columns * 9), c = i / 9 % Columns;
        if (c0 + c < channels)
            partials[((static_cast<long long>(group) * DenseGrowth + k) * channels + c0 + c) * 9 + i % 9] = merged[i];
    }
}
}

extern "C" __global__ void __launch_bounds__(256) densenet_mma_gradient_tf32(const float* d_out, const float* weights, const float* values,
    int pitch, int width, int height, int channels, const float* scale, const float* shift, const float* gamma, const float* mean, float* gradients, float* partials)
{
    run_gradient(d_out, weights, values, pitch, width, height, channels, scale, shift, gamma, mean, gradients, partials);
}

extern "C" __global__ void __launch_bounds__(256) densenet_mma_weights_tf32(const float* d_out, const float* values,
    int pitch, int width, int height, int images, int channels, const float* scale, const float* shift, float* partials)
{
    run_weights(d_out, values, pitch, width, height, images, channels, scale, shift, partials);
}

extern "C" __global__ void __launch_bounds__(256) densenet_mma_gradient_bfloat16(const float* d_out, const Bfloat16* weights, const Bfloat16* values,
    int pitch, int width, int height, int channels, const float* scale, const float* shift, const float* gamma, const float* mean, float* gradients, float* partials)
{
    run_gradient(d_out, weights, values, pitch, width, height, channels, scale, shift, gamma, mean, gradients, partials);
}

extern "C" __global__ void __launch_bounds__(256) densenet_mma_weights_bfloat16(const float* d_out, const Bfloat16* values,
    int pitch, int width, int height, int images, int channels, const float* scale, const float* shift, float* partials)
{
    run_weights(d_out, values, pitch, width, height, images, channels, scale, shift, partials);
}
