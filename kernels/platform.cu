// What the platform promises, one kernel for each thing, so that the device and the emulation can be held to the same results.
//   platform_scale: y[i] = fma(a, x[i], y[i]).  platform_sum: sums[block] = sum of 256 values in a fixed order.
//   platform_rows: one block a row of [rows,width], the sum of each through dynamic shared memory of width floats.
//   platform_numbers: of x the 16-bit floats, exp, log and 1 / sqrt in double.
//   platform_lanes: of one warp's x what each warp operation gives, [16,32].
//   platform_vectors: y = x in stretches of 16 and 8 bytes.  platform_count: how many x are each of 0..15, by atomics.
#include "kernel.cuh"
#include "math.cuh"

extern "C" __global__ void __launch_bounds__(256) platform_scale(float* y, const float* __restrict__ x, float a, int n)
{
    int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (i < n)
        y[i] = fma32(a, x[i], y[i]);
}

extern "C" __global__ void __launch_bounds__(256) platform_sum(double* sums, const double* __restrict__ x, long long n)
{
    __shared__ double scratch[32];
    long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
    double sum = block_sum(i < n ? x[i] : 0.0, scratch);
    if (threadIdx.x == 0)
        sums[blockIdx.x] = sum;
}

extern "C" __global__ void __launch_bounds__(128) platform_rows(float* sums, const float* __restrict__ x, int width)
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

extern "C" __global__ void __launch_bounds__(256) platform_numbers(uint16_t* half, uint16_t* bfloat, double* exponentials,
    double* logarithms, double* roots, const double* __restrict__ x, int n)
{
    int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (i >= n)
        return;
    half[i] = Half::of(static_cast<float>(x[i])).bits;
    bfloat[i] = Bfloat16::of(static_cast<float>(x[i])).bits;
    exponentials[i] = exp64(x[i]);
    logarithms[i] = log64(x[i]);
    roots[i] = rsqrt64(x[i]);
}

extern "C" __global__ void __launch_bounds__(32) platform_lanes(int* y, const int* __restrict__ x)
{
    int lane = threadIdx.x, value = x[lane], row = 0;
    auto put = [&](int result) { y[row++ * 32 + lane] = result; };
    put(__shfl_sync(0xffffffffu, value, 5));
    put(__shfl_sync(0xffffffffu, value, lane * 7 % 32));
    put(__shfl_xor_sync(0xffffffffu, value, 9));
    put(__shfl_down_sync(0xffffffffu, value, 3));
    put(__shfl_up_sync(0xffffffffu, value, 3));
    put(static_cast<int>(__ballot_sync(0xffffffffu, value & 1)));
    put(__any_sync(0xffffffffu, value == x[31]));
    put(__all_sync(0xffffffffu, value == x[31]));
    put(static_cast<int>(warp_sum(static_cast<float>(value))));
    put(static_cast<int>(warp_sum(static_cast<double>(value))));
    // Halves of the warp apart from each other.
    unsigned half = lane < 16 ? 0x0000ffffu : 0xffff0000u;
    int sum = value;
    for (int by = 8; by > 0; by >>= 1)
        sum += __shfl_xor_sync(half, sum, by);
    put(sum);
    if (lane >= 16)
        value = -value;
    __syncwarp();
    put(__shfl_sync(0xffffffffu, value, 31 - lane));
    put(__popc(static_cast<unsigned>(value)));
    put(__clz(value));
    put(__ffs(value));
    put(static_cast<int>(__umulhi(static_cast<unsigned>(value), 0x9e3779b9u)));
}

extern "C" __global__ void __launch_bounds__(64) platform_vectors(float* y, const float* __restrict__ x, int n)
{
    int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x) * 12;
    if (i + 12 > n)
        return;
    store4(y + i, load4(x + i));
    store16(y + i + 4, load16(x + i + 4));
    store8(y + i + 8, load8(x + i + 8));
    store8(y + i + 10, load8(x + i + 10));
}

extern "C" __global__ void __launch_bounds__(256) platform_count(int* counts, const int* __restrict__ x, int n)
{
    __shared__ int own[16];
    if (threadIdx.x < 16)
        own[threadIdx.x] = 0;
    __syncthreads();
    int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (i < n)
        atomicAdd(&own[x[i]], 1);
    __syncthreads();
    if (threadIdx.x < 16)
        atomicAdd(&counts[threadIdx.x], own[threadIdx.x]);
}
