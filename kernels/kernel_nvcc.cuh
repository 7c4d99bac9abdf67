// nvcc brings the names itself; these are the few of ours on top. Build with -fmad=false.
#pragma once

#include <stdint.h>

#define KERNEL_ALIGNED(address, bytes) ((void)0)

struct alignas(16) kernel_float4
{
    float v[4];
    __device__ float operator[](int i) const { return v[i]; }
};

struct alignas(16) kernel_uint4
{
    unsigned v[4];
    __device__ unsigned operator[](int i) const { return v[i]; }
};

struct alignas(8) kernel_uint2
{
    unsigned v[2];
    __device__ unsigned operator[](int i) const { return v[i]; }
};
