// The smallest kernels, one for each thing the platform promises: kept so that both builds and the emulation prove themselves.
//   example_scale: y[i] = fma(a, x[i], y[i]).  example_sum: sums[block] = sum of 256 values in a fixed order.
//   example_rows: one block a row of [rows, width], sum of each through dynamic shared memory of width floats.
//   example_numbers: the 16-bit floats of x, and exp and log in double. x, y [n].
#include "kernel.cuh"
#include "math.cuh"

extern "C" __global__ void __launch_bounds__(256) example_scale(float* y, const float* __restrict__ x, float a, int n)
{
    int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (i < n)
        y[i] = fma32(a, x[i], y[i]);
}

extern "C" __global__ void __launch_bounds__(256) example_sum(double* sums, const double* __restrict__ x, long long n)
{
    __shared__ double scratch[32];
    long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
    double sum = block_sum(i < n ? x[i] : 0.0, scratch);
    if (threadIdx.x == 0)
        sums[blockIdx.x] = sum;
}

extern "C" __global__ void __launch_bounds__(128) example_rows(float* sums, const float* __restrict__ x, int width)
{
    KERNEL_DYNAMIC_SHARED(float, row);
    const float* from = x + static_cast<long long>(blockIdx.x) * width;
    for (int i = threadIdx.x; i < width; i += 128)
        row[i] = from[width - 1 - i];
    __syncthreads();
    if (threadIdx.x != 0)
        return;
    float sum = 0;
    for (int i = 0; i < width; i++)
        sum += row[i];
    sums[blockIdx.x] = sum;
}

extern "C" __global__ void __launch_bounds__(256) example_numbers(uint16_t* half, uint16_t* bfloat, double* exponentials,
    double* logarithms, const double* __restrict__ x, int n)
{
    int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (i >= n)
        return;
    half[i] = Half::of(static_cast<float>(x[i])).bits;
    bfloat[i] = Bfloat16::of(static_cast<float>(x[i])).bits;
    exponentials[i] = exp64(x[i]);
    logarithms[i] = log64(x[i]);
}
