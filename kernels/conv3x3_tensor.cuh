// conv3x3_tensor: the convolutions of conv3x3.cu and conv3x3_pair.cu by tensor cores, in half, bfloat16 and tf32, as an implicit matrix
// product. Sums are floats. Same formula, shapes, region and bounds; sums start from the bias and take slabs, taps, then steps of 16
// (tf32: 8) channels; inside a step the order is the hardware's, the same for every pixel, so no result depends on the tiles.
// The tf32 storage is float whose values have 10 bits of fraction; outputs are rounded to that.
//   weights, wide    [slab][9][64 outputs][128 bytes of channels]: one slab of half or bfloat16, two of tf32
//   weights, narrow  [64 outputs][48 (half) or 40 (tf32)]: 4 channels, place tap * 4 + channel, zeros after the 36th
//   weights, pair    [slab][9][8 outputs][128 bytes of channels]: outputs 0 and 1, zeros
// A block of 128 threads makes 16x16 pixels by all outputs, a warp four rows of 16 pixels. The slab of the input with its halo
// lies in shared memory, 128 bytes a pixel, the 16-byte parts of a pixel exchanged by its number modulo 8 so that eight pixels
// in a row lie in all banks, whatever the dilation; the taps' weights come through a ring of three.
// Shared memory: (16 + 2d)^2 * 128 + 3 * 8192 bytes, 96 kB at dilation 4: two blocks on a multiprocessor of 228 kB.
// Grid: (ceil(columns / 16), ceil(rows / 16), count).

#pragma once
#include "conv3x3.cuh"
#include "warp_matrix.cuh"

namespace
{
    constexpr int Side = 16;
    constexpr int Threads = 128;
    constexpr int Pixel = 128;
    constexpr int TapBytes = 64 * 128;
    constexpr int Ring = 3;

    __device__ __forceinline__ void multiply(Half, float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) { mma_half(d, a, b); }
    __device__ __forceinline__ void multiply(Bfloat16, float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) { mma_bfloat16(d, a, b); }
    __device__ __forceinline__ void multiply(Tf32, float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) { mma_tf32(d, a, b); }

    // Two sums as they are stored.
#if defined(JQE_EMULATED)
    template <typename T> inline unsigned round2(T, float low, float high) { return pack2<T>(low, high); }
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
    __device__ __forceinline__ unsigned round2(Half, float low, float high)
    {
        unsigned both;
        asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(high), "f"(low));
        return both;
    }

    __device__ __forceinline__ unsigned round2(Bfloat16, float low, float high)
    {
        unsigned both;
        asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(high), "f"(low));
        return both;
    }
#endif

    // Part `part` of 16 bytes of a pixel (or of a row of weights) in shared memory.
    __device__ __forceinline__ SharedAddress place(SharedAddress base, int pixel, int part) { return base + pixel * Pixel + ((part ^ (pixel & 7)) << 4); }

    struct Tile
    {
        PictureRegion region;
        int n, x, y, dilation, side;

        __device__ Tile(PictureRegion region, int dilation)
            : region(region), n(blockIdx.z), x(region.left + blockIdx.x * Side), y(region.top + blockIdx.y * Side), dilation(dilation),
              side(Side + 2 * dilation)
        {
        }

        __device__ bool is_picture(int px, int py) const { return region.holds(PlanePixel{0, py, px}, 0, 0); }

        __device__ bool is_outside() const
        {
            return x >= region.pictureLeft + region.pictureColumns || x + Side <= region.pictureLeft
                || y >= region.pictureTop + region.pictureRows || y + Side <= region.pictureTop;
        }

        __device__ bool is_made(int px, int py) const
        {
            return px < region.left + region.columns && py < region.top + region.rows && is_picture(px, py);
        }

        __device__ long long at(int px, int py) const { return (static_cast<long long>(n) * region.height + py) * region.width + px; }
    };

    template <typename T>
    constexpr int Slabs = 64 * sizeof(T) / Pixel;

    // Starts the copies of one slab of the tile's input, halo included.
    template <typename T>
    __device__ __forceinline__ void fetch_slab(const Tile& tile, const T* input, int slab, SharedAddress halo)
    {
        // A thread takes one part of every sixteenth pixel; a row is longer than sixteen, so it moves down by one at most.
        // What lies beyond the picture is not read, wherever its address points.
        constexpr int Step = Threads / 8;
        constexpr long long Bytes = Slabs<T> * Pixel;
        static_assert(Step <= Side && Step % 8 == 0);
        int part = threadIdx.x & 7, first = threadIdx.x >> 3;
        int left = tile.x - tile.dilation, px = left + first, py = tile.y - tile.dilation;
        const char* from = reinterpret_cast<const char*>(input) + slab * Pixel + part * 16;
        long long at = tile.at(px, py) * Bytes, wrap = (tile.region.width - tile.side) * Bytes;
        SharedAddress to = place(halo, first, part), end = halo + tile.side * tile.side * Pixel;
        for (; to < end; to += Step * Pixel)
        {
            copy16_async(to, from + at, tile.is_picture(px, py));
            px += Step;
            at += Step * Bytes;
            if (px >= left + tile.side)
            {
                px -= tile.side;
                py++;
                at += wrap;
            }
        }
    }

    // Starts the copies of rows [.., 128 bytes] of weights.
    __device__ __forceinline__ void fetch_rows(const char* from, int rows, SharedAddress to)
    {
        for (int i = threadIdx.x; i < rows * 8; i += Threads)
            copy16_async_cached(place(to, i >> 3, i & 7), from + i * 16);
    }

    // The left matrix of 16 pixels from `pixel` on and step `step` of 32 bytes.
    __device__ __forceinline__ void load_pixels(unsigned (&a)[4], SharedAddress halo, int pixel, int step)
    {
        load_matrices(a, [&](int lane) { return place(halo, pixel + (lane & 15), 2 * step + (lane >> 4)); });
    }

    // The right matrices of outputs first .. first + 15.
    __device__ __forceinline__ void load_filters(unsigned (&b)[4], SharedAddress rows, int first, int step)
    {
        load_matrices(b, [&](int lane) { return place(rows, first + (lane & 7) + (lane >> 4) * 8, 2 * step + (lane >> 3 & 1)); });
    }

    // Closes the sums of a warp (rectified, or let through where the gate is open) and writes them, by way of shared memory, 16
    // bytes a lane. `scratch` is this warp's own, 16 pixels of 64 T.
    template <typename T, bool Gated>
    __device__ __forceinline__ void finish(const Tile& tile, float (&sum)[4][8][4], const T* gate, T* output, char* scratch)
    {
        constexpr int Parts = 64 * sizeof(T) / 16;
        int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
        int g = lane / 4, t = lane % 4;
#pragma unroll
        for (int m = 0; m < 4; m++)
        {
            __syncwarp();
#pragma unroll
            for (int j = 0; j < 8; j++)
#pragma unroll
                for (int half = 0; half < 2; half++)
                {
                    float first = sum[m][j][2 * half], second = sum[m][j][2 * half + 1];
                    if (!Gated)
                    {
                        first = rectified(first);
                        second = rectified(second);
                    }
                    int pixel = g + 8 * half;
                    int part = (8 * j + 2 * t) * static_cast<int>(sizeof(T)) / 16, within = (8 * j + 2 * t) * static_cast<int>(sizeof(T)) % 16;
                    char* to = scratch + (pixel * Parts + (part ^ (pixel & 7))) * 16 + within;
                    if constexpr (sizeof(T) == 2)
                        *reinterpret_cast<unsigned*>(to) = round2(T(), first, second);
                    else
                        store8(to, {tf32_of(first), tf32_of(second)});
                }
            __syncwarp();
            int py = tile.y + 4 * warp + m;
#pragma unroll 1
            for (int i = lane; i < 16 * Parts; i += 32)
            {
                int pixel = i / Parts, part = i % Parts;
                if (!tile.is_made(tile.x + pixel, py))
                    continue;
                uint4 values = load16(scratch + (pixel * Parts + (part ^ (pixel & 7))) * 16);
                long long at = tile.at(tile.x + pixel, py) * 64 + part * (16 / static_cast<int>(sizeof(T)));
                if (Gated)
                {
                    uint4 open = load16(gate + at);
                    values = {keep<T>(values.x, open.x), keep<T>(values.y, open.y), keep<T>(values.z, open.z), keep<T>(values.w, open.w)};
                }
                store16(output + at, values);
            }
        }
    }

    template <bool Gated>
    __device__ __forceinline__ void start(float (&sum)[4][8][4], const float* bias)
    {
        int t = threadIdx.x % 4;
#pragma unroll
        for (int j = 0; j < 8; j++)
        {
            float first = Gated ? 0 : bias[8 * j + 2 * t], second = Gated ? 0 : bias[8 * j + 2 * t + 1];
#pragma unroll
            for (int m = 0; m < 4; m++)
            {
                sum[m][j][0] = sum[m][j][2] = first;
                sum[m][j][1] = sum[m][j][3] = second;
            }
        }
    }

    template <typename T, bool Gated>
    __device__ __forceinline__ void convolve_wide(const T* input, const T* weights, const float* bias, const T* gate, T* output, PictureRegion region,
        int dilation)
    {
        KERNEL_DYNAMIC_SHARED(char, shared);
        Tile tile(region, dilation);
        if (tile.is_outside())
            return;
        SharedAddress ring = shared_address(shared), halo = ring + Ring * TapBytes;
        const char* filters = reinterpret_cast<const char*>(weights);
        constexpr int Taps = 9 * Slabs<T>;
        int warp = threadIdx.x / 32;
        float sum[4][8][4];
        start<Gated>(sum, bias);

        fetch_slab(tile, input, 0, halo);
        fetch_rows(filters, 64, ring);
        copy_commit();
        fetch_rows(filters + TapBytes, 64, ring + TapBytes);
        copy_commit();
        for (int at = 0; at < Taps; at++)
        {
            int tap = at % 9;
            if (at > 0 && tap == 0)
            {
                __syncthreads();
                fetch_slab(tile, input, at / 9, halo);
                copy_commit();
                copy_wait<0>();
            }
            copy_wait<1>();
            __syncthreads();
            if (at + 2 < Taps)
                fetch_rows(filters + (at + 2) * TapBytes, 64, ring + (at + 2) % Ring * TapBytes);
            copy_commit();
            SharedAddress rows = ring + at % Ring * TapBytes;
            int first = (4 * warp + tap / 3 * dilation) * tile.side + tap % 3 * dilation;
#pragma unroll
            for (int step = 0; step < 4; step++)
            {
                unsigned b[4][4];
#pragma unroll
                for (int j = 0; j < 4; j++)
                    load_filters(b[j], rows, 16 * j, step);
#pragma unroll
                for (int m = 0; m < 4; m++)
                {
                    unsigned a[4];
                    load_pixels(a, halo, first + m * tile.side, step);
#pragma unroll
                    for (int j = 0; j < 4; j++)
                    {
                        multiply(T(), sum[m][2 * j], a, {b[j][0], b[j][1]});
                        multiply(T(), sum[m][2 * j + 1], a, {b[j][2], b[j][3]});
                    }
                }
            }
        }
        copy_wait<0>();
        __syncthreads();
        finish<T, Gated>(tile, sum, gate, output, shared + warp * Side * 64 * sizeof(T));
    }

    template <typename T, bool Gated>
    __device__ __forceinline__ void convolve_narrow(const T* input, const T* weights, const float* bias, const T* gate, T* output,
        PictureRegion region, int dilation)
    {
        // Places of the product's inner side, in four bytes: Depth of them a tap, padded to whole steps of 8.
        constexpr int Depth = sizeof(T), Steps = (9 * Depth + 7) / 8, Pitch = 8 * Steps + 4;
        alignas(16) __shared__ unsigned filters[64 * Pitch];
        __shared__ uint4 scratch[4][Side * 64 * sizeof(T) / 16];
        KERNEL_DYNAMIC_SHARED(unsigned, halo);
        Tile tile(region, dilation);
        if (tile.is_outside())
            return;
        for (int i = threadIdx.x; i < 64 * 8 * Steps; i += Threads)
            filters[i / (8 * Steps) * Pitch + i % (8 * Steps)] = reinterpret_cast<const unsigned*>(weights)[i];
        for (int pixel = threadIdx.x; pixel < tile.side * tile.side; pixel += Threads)
        {
            int row = pixel / tile.side;
            int py = tile.y - dilation + row, px = tile.x - dilation + pixel - row * tile.side;
            bool valid = tile.is_picture(px, py);
            const unsigned* from = reinterpret_cast<const unsigned*>(input) + (valid ? tile.at(px, py) * Depth : 0);
#pragma unroll
            for (int i = 0; i < Depth; i++)
                halo[pixel * Depth + i] = valid ? from[i] : 0;
        }
        __syncthreads();

        int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
        int g = lane / 4, t = lane % 4;
        float sum[4][8][4];
        start<Gated>(sum, bias);
#pragma unroll
        for (int step = 0; step < Steps; step++)
        {
            // The places 8 step + t and 8 step + 4 + t; those after the last tap meet weights of zero.
            int offset[2];
#pragma unroll
            for (int i = 0; i < 2; i++)
            {
                int k = 8 * step + 4 * i + t, tap = least(k / Depth, 8);
                offset[i] = (tap / 3 * dilation * tile.side + tap % 3 * dilation) * Depth + k % Depth;
            }
            unsigned b[8][2];
#pragma unroll
            for (int j = 0; j < 8; j++)
            {
                b[j][0] = filters[(8 * j + g) * Pitch + 8 * step + t];
                b[j][1] = filters[(8 * j + g) * Pitch + 8 * step + 4 + t];
            }
#pragma unroll
            for (int m = 0; m < 4; m++)
            {
                const unsigned* own = halo + ((4 * warp + m) * tile.side + g) * Depth;
                unsigned a[4] = {own[offset[0]], own[8 * Depth + offset[0]], own[offset[1]], own[8 * Depth + offset[1]]};
#pragma unroll
                for (int j = 0; j < 8; j++)
                    multiply(T(), sum[m][j], a, b[j]);
            }
        }
        finish<T, Gated>(tile, sum, gate, output, reinterpret_cast<char*>(scratch[warp]));
    }

    template <typename T>
    __device__ __forceinline__ void convolve_pair(const T* input, const T* weights, const float* bias, float* output, PictureRegion region,
        int dilation, int pixelStride, long long planeStride)
    {
        KERNEL_DYNAMIC_SHARED(char, shared);
        Tile tile(region, dilation);
        if (tile.is_outside())
            return;
        constexpr int SlabBytes = 9 * 8 * Pixel;
        SharedAddress filters = shared_address(shared), halo = filters + SlabBytes;
        int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
        int g = lane / 4, t = lane % 4;
        float sum[4][4];
#pragma unroll
        for (int m = 0; m < 4; m++)
        {
            sum[m][0] = sum[m][2] = t == 0 ? bias[0] : 0;
            sum[m][1] = sum[m][3] = t == 0 ? bias[1] : 0;
        }
        for (int slab = 0; slab < Slabs<T>; slab++)
        {
            __syncthreads();
            fetch_slab(tile, input, slab, halo);
            fetch_rows(reinterpret_cast<const char*>(weights) + slab * SlabBytes, 72, filters);
            copy_commit();
            copy_wait<0>();
            __syncthreads();
            for (int tap = 0; tap < 9; tap++)
            {
                int first = (4 * warp + tap / 3 * dilation) * tile.side + tap % 3 * dilation;
#pragma unroll
                for (int steps = 0; steps < 4; steps += 2)
                {
                    unsigned b[4];
                    load_matrices(b, [&](int l) { return place(filters, 8 * tap + (l & 7), 2 * steps + (l >> 3)); });
#pragma unroll
                    for (int m = 0; m < 4; m++)
#pragma unroll
                        for (int i = 0; i < 2; i++)
                        {
                            unsigned a[4];
                            load_pixels(a, halo, first + m * tile.side, steps + i);
                            multiply(T(), sum[m], a, {b[2 * i], b[2 * i + 1]});
                        }
                }
            }
        }
        if (t != 0)
            return;
#pragma unroll
        for (int m = 0; m < 4; m++)
#pragma unroll
            for (int half = 0; half < 2; half++)
            {
                int px = tile.x + g + 8 * half, py = tile.y + 4 * warp + m;
                if (!tile.is_made(px, py))
                    continue;
                long long at = (static_cast<long long>(tile.n) * region.rows + py - region.top) * region.columns + px - region.left;
                output[at * pixelStride] = sum[m][2 * half];
                output[at * pixelStride + planeStride] = sum[m][2 * half + 1];
            }
    }
}

#define CONV3X3_SM80(name, T, shape)                                                                                           \
    extern "C" __global__ void __launch_bounds__(128, 2) conv3x3_mma_forward_##name(const T* input, const T* weights,               \
        const float* bias, T* output, const int* bounds, int count, int width, int height, int dilation, int left, int top,      \
        int right, int bottom)                                                                                                 \
    {                                                                                                                          \
        convolve_##shape<T, false>(input, weights, bias, nullptr, output,                                                      \
            PictureRegion(bounds, count, width, height, left, top, right, bottom), dilation);                                  \
    }                                                                                                                          \
    extern "C" __global__ void __launch_bounds__(128, 2) conv3x3_mma_gradient_##name(const T* input, const T* weights,              \
        const T* gate, T* output, int count, int width, int height, int dilation)                                              \
    {                                                                                                                          \
        convolve_##shape<T, true>(input, weights, nullptr, gate, output,                                                       \
            PictureRegion(nullptr, count, width, height, 0, 0, width, height), dilation);                                      \
    }

#define CONV3X3_SM80_PAIR(name, T)                                                                                             \
    extern "C" __global__ void __launch_bounds__(128) conv3x3_mma_pair_##name(const T* input, const T* weights, const float* bias,   \
        float* output, const int* bounds, int count, int width, int height, int dilation, int left, int top, int right,          \
        int bottom, int pixelStride, long long planeStride)                                                                    \
    {                                                                                                                          \
        convolve_pair<T>(input, weights, bias, output, PictureRegion(bounds, count, width, height, left, top, right, bottom),   \
            dilation, pixelStride, planeStride);                                                                               \
    }
