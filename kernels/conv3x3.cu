#include "kernel.cuh"
#include "conv3x3.cuh"

// conv3x3: dilated 3x3 convolutions with 64 outputs, channels last, for devices without cuDNN or tensor cores.
//   forward   out[n,y,x,k] = max(0, bias[k] + sum over r,s,c of in[n, y+(r-1)d, x+(s-1)d, c] * w[r,s,c,k])
//   gradient  out[n,y,x,k] = gate[n,y,x,k] > 0 ? sum over r,s,c of the same : 0      (w turned and transposed by its layout)
// in [n,height,width,C], C = 4 or 64; out, gate [n,height,width,64]; w [3,3,C,64] of the storage type; bias [64] float.
// Storage float, half or bfloat16; sums in float, fused, in the order r, s, c from the bias (0): the bits of the processor's
// direct kernel where the storage is float. No aliasing. What counts as picture: PictureRegion (conv3x3.cuh).
// A block of 256 threads makes 256 pixels of the region, counted row by row over the batch, by 64 outputs; a thread 8 by 8.
// One tap and 16 channels at a time go through shared memory, two buffers, the next one loaded while this one is used.
// Grid: ceil(n * region pixels / 256).

namespace
{
    constexpr int Threads = 256;
    constexpr int Pixels = 256;
    constexpr int Pitch = Pixels + 4;
    constexpr int Outputs = 64;

    template <typename T, int C, bool Gated>
    __device__ void convolve(const T* input, const T* weights, const float* bias, const T* gate, T* output, PictureRegion region,
        int dilation)
    {
        constexpr int Chunk = C < 16 ? C : 16;
        constexpr int Quads = Chunk / 4;
        constexpr int Stages = 9 * (C / Chunk);
        alignas(16) __shared__ float inputs[2][Chunk][Pitch];
        alignas(16) __shared__ float filters[2][Chunk][Outputs];

        int thread = threadIdx.x, first = blockIdx.x * Pixels;
        if (region.is_outside(first, Pixels))
            return;

        // What this thread loads: of pixels thread / Quads + i * Threads / Quads the quad thread % Quads.
        int quad = thread % Quads;
        PlanePixel loaded[Quads];
#pragma unroll
        for (int i = 0; i < Quads; i++)
            loaded[i] = region.pixel(first + thread / Quads + i * (Threads / Quads));
        float4 nextInput[Quads];
        float4 nextFilter = {0, 0, 0, 0};

        auto fetch = [&](int stage)
        {
            int tap = stage / (C / Chunk), channel = stage % (C / Chunk) * Chunk;
            int down = (tap / 3 - 1) * dilation, across = (tap % 3 - 1) * dilation;
#pragma unroll
            for (int i = 0; i < Quads; i++)
                nextInput[i] = region.holds(loaded[i], down, across)
                    ? load_four(input + region.offset(loaded[i], down, across) * C + channel + 4 * quad)
                    : float4{0, 0, 0, 0};
            if (thread < Chunk * Outputs / 4)
                nextFilter = load_four(weights + (tap * C + channel) * Outputs + 4 * thread);
        };
        auto keep = [&](int buffer)
        {
#pragma unroll
            for (int i = 0; i < Quads; i++)
            {
                int pixel = thread / Quads + i * (Threads / Quads);
                inputs[buffer][4 * quad][pixel] = nextInput[i].x;
                inputs[buffer][4 * quad + 1][pixel] = nextInput[i].y;
                inputs[buffer][4 * quad + 2][pixel] = nextInput[i].z;
                inputs[buffer][4 * quad + 3][pixel] = nextInput[i].w;
            }
            if (thread < Chunk * Outputs / 4)
                store_four(&filters[buffer][0][0] + 4 * thread, nextFilter);
        };

        // Outputs k0..k0+3 and 32 + k0.., pixels p0..p0+3 and 128 + p0..
        int k0 = thread % 8 * 4, p0 = thread / 8 * 4;
        float sum[8][8];
#pragma unroll
        for (int k = 0; k < 8; k++)
        {
            float start = Gated ? 0 : bias[k0 + k % 4 + k / 4 * 32];
#pragma unroll
            for (int p = 0; p < 8; p++)
                sum[p][k] = start;
        }

        fetch(0);
        keep(0);
        __syncthreads();
        for (int stage = 0; stage < Stages; stage++)
        {
            int buffer = stage & 1;
            if (stage + 1 < Stages)
                fetch(stage + 1);
#pragma unroll 4
            for (int c = 0; c < Chunk; c++)
            {
                float a[8], b[8];
                split(a, load_four(&inputs[buffer][c][p0]));
                split(a + 4, load_four(&inputs[buffer][c][p0 + 128]));
                split(b, load_four(&filters[buffer][c][k0]));
                split(b + 4, load_four(&filters[buffer][c][k0 + 32]));
#pragma unroll
                for (int p = 0; p < 8; p++)
#pragma unroll
                    for (int k = 0; k < 8; k++)
                        sum[p][k] = fma32(a[p], b[k], sum[p][k]);
            }
            if (stage + 1 < Stages)
                keep(buffer ^ 1);
            __syncthreads();
        }

#pragma unroll
        for (int p = 0; p < 8; p++)
        {
            PlanePixel pixel = region.pixel(first + p0 + p % 4 + p / 4 * 128);
            if (!region.holds(pixel, 0, 0))
                continue;
            long long at = region.offset(pixel, 0, 0) * Outputs + k0;
#pragma unroll
            for (int half = 0; half < 2; half++)
            {
                float* own = sum[p] + 4 * half;
                if (Gated)
                {
                    float open[4];
                    split(open, load_four(gate + at + 32 * half));
#pragma unroll
                    for (int k = 0; k < 4; k++)
                        own[k] = open[k] > 0 ? own[k] : 0;
                }
                else
                {
#pragma unroll
                    for (int k = 0; k < 4; k++)
                        own[k] = rectified(own[k]);
                }
                store_four(output + at + 32 * half, float4{own[0], own[1], own[2], own[3]});
            }
        }
    }
}

#define CONV3X3(name, T, C)                                                                                                    \
    extern "C" __global__ void __launch_bounds__(256, 2) conv3x3_forward_##name(const T* input, const T* weights,                \
        const float* bias, T* output, const int* bounds, int count, int width, int height, int dilation, int left, int top,      \
        int right, int bottom)                                                                                                 \
    {                                                                                                                          \
        convolve<T, C, false>(input, weights, bias, nullptr, output,                                                           \
            PictureRegion(bounds, count, width, height, left, top, right, bottom), dilation);                                  \
    }                                                                                                                          \
    extern "C" __global__ void __launch_bounds__(256, 2) conv3x3_gradient_##name(const T* input, const T* weights,               \
        const T* gate, T* output, int count, int width, int height, int dilation)                                              \
    {                                                                                                                          \
        convolve<T, C, true>(input, weights, nullptr, gate, output,                                                            \
            PictureRegion(nullptr, count, width, height, 0, 0, width, height), dilation);                                      \
    }

CONV3X3(f32_4, float, 4)
CONV3X3(f32_64, float, 64)
CONV3X3(f16_4, Half, 4)
CONV3X3(f16_64, Half, 64)
CONV3X3(bf16_4, Bfloat16, 4)
CONV3X3(bf16_64, Bfloat16, 64)
