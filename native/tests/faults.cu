// Kernels that do what they must not: the emulated GPU has to notice. None of them is compiled to PTX.
#include "kernel.cuh"

extern "C" __global__ void fault_two_barriers(int* y)
{
    if (threadIdx.x < 16)
        __syncthreads();
    else
    {
        y[0] = 1;
        __syncthreads();
    }
}

extern "C" __global__ void fault_early_end(int* y)
{
    if (threadIdx.x == 3)
        return;
    __syncthreads();
    y[threadIdx.x] = 1;
}

// Correct with the barrier that is missing; what comes out without it depends on the order of the threads.
extern "C" __global__ void fault_no_barrier(int* y)
{
    __shared__ int values[256];
    values[threadIdx.x] = static_cast<int>(threadIdx.x);
    y[threadIdx.x] = values[255 - threadIdx.x];
}

extern "C" __global__ void fault_outside_mask(int* y)
{
    y[threadIdx.x] = __shfl_xor_sync(0x0000ffffu, static_cast<int>(threadIdx.x), 1);
}

// Lane 7 has ended: what is read from it is poison.
extern "C" __global__ void fault_ended_lane(int* y)
{
    if (threadIdx.x == 7)
        return;
    y[threadIdx.x] = __shfl_sync(0xffffffffu, 5, 7);
}

extern "C" __global__ void fault_two_operations(int* y)
{
    if (threadIdx.x < 8)
        y[threadIdx.x] = __shfl_xor_sync(0xffffffffu, 1, 1);
    else
        y[threadIdx.x] = __shfl_down_sync(0xffffffffu, 1, 1);
}

extern "C" __global__ void fault_part_of_a_warp_waits(int* y)
{
    if (threadIdx.x < 8)
        y[threadIdx.x] = __shfl_xor_sync(0xffffffffu, 1, 1);
    else
        __syncthreads();
}

extern "C" __global__ void fault_misaligned(float* y)
{
    store4(y + 1, {1, 2, 3, 4});
}

extern "C" __global__ void fault_null(int* y, int* z)
{
    z[threadIdx.x] = y[0];
}

extern "C" __global__ void fault_behind(int* y, int n)
{
    y[n] = 1;
}

extern "C" __global__ void fault_far_behind(int* y, long long n)
{
    y[n] = 1;
}

extern "C" __global__ void fault_stale_shared(float* y, int* z)
{
    __shared__ float values[64];
    KERNEL_DYNAMIC_SHARED(float, others);
    y[threadIdx.x] = values[threadIdx.x] + others[threadIdx.x];
    values[threadIdx.x] = 1;
    others[threadIdx.x] = 1;
    z[0] = 1;
}

extern "C" __global__ void fault_shared_overrun(int* y, int n)
{
    KERNEL_DYNAMIC_SHARED(int, values);
    values[n] = y[0];
}

extern "C" __global__ void fault_part_of_a_warp_multiplies(float* y)
{
    float d[4] = {0, 0, 0, 0};
    unsigned a[4] = {0, 0, 0, 0}, b[2] = {0, 0};
    if (threadIdx.x < 16)
        return;
    mma_half(d, a, b);
    y[threadIdx.x] = d[0];
}
