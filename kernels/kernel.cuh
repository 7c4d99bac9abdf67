// The ground every kernel stands on: one source for the device (clang or nvcc, no toolkit headers) and for the emulated GPU
// of ../native (JQE_EMULATED). Included first, and it includes nothing else of the system's on the device.
//   Kernels: extern "C" __global__ void __launch_bounds__(n) noun_verb(pointers, int, unsigned, long long, float, double).
//   Contraction is off in both builds and every operation here is an IEEE one, so both give the same bits; multiply-adds are
//   fused where fma32 or fma64 says so, and nowhere else.
#pragma once

#if defined(JQE_EMULATED)
#include "emulator/kernel_host.h"
#elif defined(__clang__)
#include "kernel_clang.cuh"
#else
#include "kernel_nvcc.cuh"
#endif

// Dynamic shared memory, sized by the launch, aligned to 16 bytes. One declaration a kernel.
#if defined(JQE_EMULATED)
#define KERNEL_DYNAMIC_SHARED(type, name) type* name = static_cast<type*>(emulator::dynamic_shared())
#else
extern __shared__ uint4 kernel_dynamic_shared[];
#define KERNEL_DYNAMIC_SHARED(type, name) type* name = reinterpret_cast<type*>(kernel_dynamic_shared)
#endif

// Loads and stores of 16 bytes (8 for the halves of four): addresses are multiples of that.
__device__ inline float4 load4(const float* from)
{
    KERNEL_ALIGNED(from, 16);
    kernel_float4 v = *reinterpret_cast<const kernel_float4*>(from);
    return {v[0], v[1], v[2], v[3]};
}

__device__ inline void store4(float* to, float4 value)
{
    KERNEL_ALIGNED(to, 16);
    *reinterpret_cast<kernel_float4*>(to) = kernel_float4{value.x, value.y, value.z, value.w};
}

__device__ inline uint4 load16(const void* from)
{
    KERNEL_ALIGNED(from, 16);
    kernel_uint4 v = *static_cast<const kernel_uint4*>(from);
    return {v[0], v[1], v[2], v[3]};
}

__device__ inline void store16(void* to, uint4 value)
{
    KERNEL_ALIGNED(to, 16);
    *static_cast<kernel_uint4*>(to) = kernel_uint4{value.x, value.y, value.z, value.w};
}

__device__ inline uint2 load8(const void* from)
{
    KERNEL_ALIGNED(from, 8);
    kernel_uint2 v = *static_cast<const kernel_uint2*>(from);
    return {v[0], v[1]};
}

__device__ inline void store8(void* to, uint2 value)
{
    KERNEL_ALIGNED(to, 8);
    *static_cast<kernel_uint2*>(to) = kernel_uint2{value.x, value.y};
}

// Sums over a warp and over a block, in a fixed order: lanes by halves, then warps in rising order. The block's result is
// valid in every thread; `scratch` is 32 values of shared memory; blockDim.x is a multiple of 32, y and z are 1.
template <typename T>
__device__ inline T warp_sum(T value)
{
    for (int lane = 16; lane > 0; lane >>= 1)
        value += __shfl_xor_sync(0xffffffffu, value, lane);
    return value;
}

template <typename T>
__device__ inline T block_sum(T value, T* scratch)
{
    value = warp_sum(value);
    __syncthreads();
    if (threadIdx.x % 32 == 0)
        scratch[threadIdx.x / 32] = value;
    __syncthreads();
    T sum = scratch[0];
    for (unsigned warp = 1; warp < blockDim.x / 32; warp++)
        sum += scratch[warp];
    return sum;
}

#include "number.cuh"
#include "mma.cuh"
