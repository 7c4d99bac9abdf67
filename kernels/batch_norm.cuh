// What the kernels of batch norm share. Values T of [n,c,h,w] are float, Half or Bfloat16, planar (pixels side by side, `stride`
// from plane to plane) or channels-last (channels side by side, `stride` from pixel to pixel), in buffers of any strides, so
// that the layers of a dense block work in one concatenation buffer.
//   lanes   planar and elementwise kernels: values that a thread takes at once, values_of<T> or 1;
//           channels-last kernels that sum: threads across the channels, a power of two
// Order of sums: runs of 16 or 32 values in a thread, the threads of a block, then the blocks' doubles; it depends on sizes
// and strides alone.
#pragma once
#include "storage.cuh"
#include "dropout.cuh"

constexpr unsigned plane_run = 2048;   // pixels a block, planar, 128 threads
constexpr unsigned row_terms = 32;     // rows a thread, channels-last, 256 threads

struct NormScale
{
    float a;
    float b;

    __device__ static __forceinline__ NormScale of(const float* gamma, const float* beta, const float* mean, const float* inverse, unsigned c)
    {
        if (mean == nullptr)
            return {gamma[c], beta[c]};
        float a = gamma[c] * inverse[c];
        return {a, fma32(-mean[c], a, beta[c])};
    }
};

// Sums of the row lanes of a block, channel by channel; valid in the first lanes threads. scratch: blockDim.x doubles.
__device__ __forceinline__ double lane_sum(double value, unsigned lanes, double* scratch)
{
    __syncthreads();
    scratch[threadIdx.x] = value;
    __syncthreads();
    double sum = 0;
    if (threadIdx.x < lanes)
#pragma unroll 1
        for (unsigned i = threadIdx.x; i < blockDim.x; i += lanes)
            sum += scratch[i];
    return sum;
}
