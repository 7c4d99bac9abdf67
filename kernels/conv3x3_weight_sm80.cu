#include "kernel.cuh"
#include "conv3x3.cuh"
#include "warp_matrix.cuh"

// conv3x3_weight_sm80: the wide weight gradient of conv3x3_weight.cu by tensor cores, in bfloat16 and tf32 with float sums.
//   part[r,s,c,k] = sum over the chunk's pixels of in[n, y+(r-1)d, x+(s-1)d, c] * dOut[n,y,x,k],  c, k < 64
// A chunk is `chunkRuns` runs of 16 pixels of a row, counted over rows and batch; runs that pass a row's end are filled up with
// zeros. A block takes one chunk and one filter row r, a warp 16 channels c by 64 outputs k of its three taps; each step takes a
// run, the sums' order inside it being the hardware's. Four runs, with a halo of d pixels on either side of the input's, are in
// shared memory while the next four are on their way.
//   bfloat16   128 bytes a pixel, parts of 16 bytes exchanged by the pixel's number modulo 8, read transposed
//   tf32       288 bytes a pixel, so that 8 channels of 4 pixels lie in all banks
// Shared memory: 2 * 4 * (32 + 2d) pixels. Grid: (chunks, 3), 128 threads. d up to 4.

namespace
{
    constexpr int Threads = 128;
    constexpr int Run = 16;
    constexpr int Stage = 4;

    template <typename T>
    constexpr int Pitch = sizeof(T) == 2 ? 128 : 288;

    template <typename T>
    __device__ __forceinline__ int place(int pixel, int part)
    {
        return pixel * Pitch<T> + (sizeof(T) == 2 ? part ^ (pixel & 7) : part) * 16;
    }

    struct Runs
    {
        int count, width, height, dilation, r, across;

        // Starts the copies of run `run`: its input row with the halo to `inputs`, its dOut to `gradients`.
        template <typename T>
        __device__ __forceinline__ void fetch(const T* input, const T* dOutput, int run, bool mine, SharedAddress inputs, SharedAddress gradients) const
        {
            constexpr int Parts = 64 * sizeof(T) / 16;
            int row = run / across, x0 = (run - row * across) * Run, n = row / height, y = row - n * height;
            int down = y + (r - 1) * dilation;
            bool inside = mine && static_cast<unsigned>(down) < static_cast<unsigned>(height);
            const char* from = reinterpret_cast<const char*>(input);
            for (int i = threadIdx.x; i < (Run + 2 * dilation) * Parts; i += Threads)
            {
                int pixel = i / Parts, part = i % Parts, x = x0 - dilation + pixel;
                bool valid = inside && static_cast<unsigned>(x) < static_cast<unsigned>(width);
                long long at = valid ? (static_cast<long long>(n * height + down) * width + x) * 64 * static_cast<int>(sizeof(T)) + part * 16 : 0;
                copy16_async(inputs + place<T>(pixel, part), from + at, valid);
            }
            from = reinterpret_cast<const char*>(dOutput);
            for (int i = threadIdx.x; i < Run * Parts; i += Threads)
            {
                int pixel = i / Parts, part = i % Parts, x = x0 + pixel;
                bool valid = mine && x < width;
                long long at = valid ? (static_cast<long long>(row) * width + x) * 64 * static_cast<int>(sizeof(T)) + part * 16 : 0;
                copy16_async(gradients + place<T>(pixel, part), from + at, valid);
            }
        }
    };

    // Adds the products of one run: 16 channels from c0 on, all outputs, three taps.
    __device__ __forceinline__ void add(Bfloat16, float (&sum)[3][8][4], const char* inputs, const char* gradients, int c0, int dilation)
    {
        SharedAddress from = shared_address(const_cast<char*>(gradients)), left = shared_address(const_cast<char*>(inputs));
        unsigned b[4][4];
#pragma unroll
        for (int j = 0; j < 4; j++)
            load_transposed(b[j], [&](int lane) { return from + place<Bfloat16>((lane & 7) + (lane >> 3 & 1) * 8, 2 * j + (lane >> 4)); });
#pragma unroll
        for (int s = 0; s < 3; s++)
        {
            unsigned a[4];
            load_transposed(a, [&](int lane) { return left + place<Bfloat16>(s * dilation + (lane & 7) + (lane >> 4) * 8, c0 / 8 + (lane >> 3 & 1)); });
#pragma unroll
            for (int j = 0; j < 4; j++)
            {
                mma_bfloat16(sum[s][2 * j], a, {b[j][0], b[j][1]});
                mma_bfloat16(sum[s][2 * j + 1], a, {b[j][2], b[j][3]});
            }
        }
    }

    __device__ __forceinline__ void add(Tf32, float (&sum)[3][8][4], const char* inputs, const char* gradients, int c0, int dilation)
    {
        int g = threadIdx.x % 32 / 4, t = threadIdx.x % 4;
        const unsigned* in = reinterpret_cast<const unsigned*>(inputs) + c0 + g;
        const unsigned* out = reinterpret_cast<const unsigned*>(gradients) + g;
        constexpr int Words = Pitch<Tf32> / 4;
#pragma unroll
        for (int first = 0; first < Run; first += 8)
        {
            unsigned b[8][2];
#pragma unroll
            for (int j = 0; j < 8; j++)
            {
                b[j][0] = out[(first + t) * Words + 8 * j];
                b[j][1] = out[(first + t + 4) * Words + 8 * j];
            }
#pragma unroll
            for (int s = 0; s < 3; s++)
            {
                const unsigned* own = in + (first + s * dilation + t) * Words;
                unsigned a[4] = {own[0], own[8], own[4 * Words], own[4 * Words + 8]};
#pragma unroll
                for (int j = 0; j < 8; j++)
                    mma_tf32(sum[s][j], a, b[j]);
            }
        }
    }

    template <typename T>
    __device__ __forceinline__ void weigh(const T* input, const T* dOutput, float* part, int count, int width, int height, int dilation,
        int chunkRuns, long long stride)
    {
        KERNEL_DYNAMIC_SHARED(char, shared);
        Runs runs = {count, width, height, dilation, static_cast<int>(blockIdx.y), (width + Run - 1) / Run};
        int bytes = (2 * Run + 2 * dilation) * Pitch<T>, gradients = (Run + 2 * dilation) * Pitch<T>;
        int first = blockIdx.x * chunkRuns, end = least(first + chunkRuns, count * height * runs.across);
        int warp = threadIdx.x / 32, g = threadIdx.x % 32 / 4, t = threadIdx.x % 4;
        float sum[3][8][4] = {};

        auto fetch = [&](int from, int buffer)
        {
            for (int i = 0; i < Stage; i++)
            {
                SharedAddress to = shared_address(shared) + (buffer * Stage + i) * bytes;
                runs.fetch(input, dOutput, least(from + i, end - 1), from + i < end, to, to + gradients);
            }
            copy_commit();
        };
        fetch(first, 0);
        for (int at = first, buffer = 0; at < end; at += Stage, buffer ^= 1)
        {
            if (at + Stage < end)
                fetch(at + Stage, buffer ^ 1);
            else
                copy_commit();
            copy_wait<1>();
            __syncthreads();
            for (int i = 0; i < Stage; i++)
            {
                const char* from = shared + (buffer * Stage + i) * bytes;
                add(T(), sum, from, from + gradients, 16 * warp, dilation);
            }
            __syncthreads();
        }
#pragma unroll
        for (int s = 0; s < 3; s++)
#pragma unroll
            for (int j = 0; j < 8; j++)
#pragma unroll
                for (int half = 0; half < 2; half++)
                {
                    float* to = part + blockIdx.x * stride + ((blockIdx.y * 3 + s) * 64 + 16 * warp + g + 8 * half) * 64 + 8 * j + 2 * t;
                    store8(to, {__float_as_uint(sum[s][j][2 * half]), __float_as_uint(sum[s][j][2 * half + 1])});
                }
    }
}

#define CONV3X3_WEIGHT_SM80(name, T)                                                                                           \
    extern "C" __global__ void __launch_bounds__(128, 3) conv3x3_mma_weight_##name(const T* input, const T* dOutput, float* part, \
        int count, int width, int height, int dilation, int chunkRuns, long long stride)                                       \
    {                                                                                                                          \
        weigh<T>(input, dOutput, part, count, width, height, dilation, chunkRuns, stride);                                     \
    }

CONV3X3_WEIGHT_SM80(bf16, Bfloat16)
CONV3X3_WEIGHT_SM80(tf32, Tf32)
