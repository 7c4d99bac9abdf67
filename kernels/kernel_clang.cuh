// The names of CUDA C++ for clang's NVPTX target without a toolkit. Only what our kernels use.
#pragma once

#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __shared__ __attribute__((shared))
#define __constant__ __attribute__((constant))
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))
#define KERNEL_ALIGNED(address, bytes) ((void)0)

typedef unsigned char uint8_t;
typedef signed char int8_t;
typedef unsigned short uint16_t;
typedef short int16_t;
typedef unsigned int uint32_t;
typedef int int32_t;
typedef unsigned long long uint64_t;
typedef long long int64_t;
typedef decltype(sizeof(0)) size_t;

struct alignas(8) float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(8) int2 { int x, y; };
struct alignas(16) int4 { int x, y, z, w; };
struct alignas(8) uint2 { unsigned x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
struct alignas(16) double2 { double x, y; };
struct uint3 { unsigned x, y, z; };
struct dim3 { unsigned x, y, z; };

typedef float kernel_float4 __attribute__((vector_size(16)));
typedef unsigned kernel_uint4 __attribute__((vector_size(16)));
typedef unsigned kernel_uint2 __attribute__((vector_size(8)));

// threadIdx.x and its like read a special register each.
#define KERNEL_REGISTER(name, of)                                                                          \
    struct kernel_##of                                                                                     \
    {                                                                                                      \
        __device__ __forceinline__ unsigned get_x() const { return __nvvm_read_ptx_sreg_##of##_x(); }      \
        __device__ __forceinline__ unsigned get_y() const { return __nvvm_read_ptx_sreg_##of##_y(); }      \
        __device__ __forceinline__ unsigned get_z() const { return __nvvm_read_ptx_sreg_##of##_z(); }      \
        __declspec(property(get = get_x)) unsigned x;                                                      \
        __declspec(property(get = get_y)) unsigned y;                                                      \
        __declspec(property(get = get_z)) unsigned z;                                                      \
    };                                                                                                     \
    extern const __device__ __attribute__((weak)) kernel_##of name;
KERNEL_REGISTER(threadIdx, tid)
KERNEL_REGISTER(blockIdx, ctaid)
KERNEL_REGISTER(blockDim, ntid)
KERNEL_REGISTER(gridDim, nctaid)
#undef KERNEL_REGISTER
constexpr int warpSize = 32;

// Shuffles of any 4- or 8-byte value, all of `width` 32.
#define KERNEL_SHUFFLE(name, builtin, clamp)                                                          \
    template <typename T>                                                                             \
    __device__ __forceinline__ T name(unsigned mask, T value, int lane)                               \
    {                                                                                                 \
        if constexpr (sizeof(T) == 8)                                                                 \
        {                                                                                             \
            uint2 bits = __builtin_bit_cast(uint2, value);                                            \
            bits.x = static_cast<unsigned>(builtin(mask, static_cast<int>(bits.x), lane, clamp));     \
            bits.y = static_cast<unsigned>(builtin(mask, static_cast<int>(bits.y), lane, clamp));     \
            return __builtin_bit_cast(T, bits);                                                       \
        }                                                                                             \
        else                                                                                          \
        {                                                                                             \
            static_assert(sizeof(T) == 4, "shuffles carry 4 or 8 bytes");                             \
            return __builtin_bit_cast(T, builtin(mask, __builtin_bit_cast(int, value), lane, clamp)); \
        }                                                                                             \
    }
KERNEL_SHUFFLE(__shfl_sync, __nvvm_shfl_sync_idx_i32, 0x1f)
KERNEL_SHUFFLE(__shfl_up_sync, __nvvm_shfl_sync_up_i32, 0)
KERNEL_SHUFFLE(__shfl_down_sync, __nvvm_shfl_sync_down_i32, 0x1f)
KERNEL_SHUFFLE(__shfl_xor_sync, __nvvm_shfl_sync_bfly_i32, 0x1f)
#undef KERNEL_SHUFFLE

__device__ __forceinline__ void __syncwarp(unsigned mask = 0xffffffffu) { __nvvm_bar_warp_sync(mask); }
__device__ __forceinline__ unsigned __ballot_sync(unsigned mask, int predicate) { return __nvvm_vote_ballot_sync(mask, predicate); }
__device__ __forceinline__ int __any_sync(unsigned mask, int predicate) { return __nvvm_vote_any_sync(mask, predicate); }
__device__ __forceinline__ int __all_sync(unsigned mask, int predicate) { return __nvvm_vote_all_sync(mask, predicate); }
__device__ __forceinline__ void __threadfence() { __nvvm_membar_gl(); }
__device__ __forceinline__ int __popc(unsigned value) { return __builtin_popcount(value); }
__device__ __forceinline__ int __clz(int value) { return value == 0 ? 32 : __builtin_clz(static_cast<unsigned>(value)); }
__device__ __forceinline__ int __ffs(int value) { return __builtin_ffs(value); }
__device__ __forceinline__ int __float_as_int(float value) { return __builtin_bit_cast(int, value); }
__device__ __forceinline__ unsigned __float_as_uint(float value) { return __builtin_bit_cast(unsigned, value); }
__device__ __forceinline__ float __int_as_float(int value) { return __builtin_bit_cast(float, value); }
__device__ __forceinline__ float __uint_as_float(unsigned value) { return __builtin_bit_cast(float, value); }
__device__ __forceinline__ long long __double_as_longlong(double value) { return __builtin_bit_cast(long long, value); }
__device__ __forceinline__ double __longlong_as_double(long long value) { return __builtin_bit_cast(double, value); }
__device__ __forceinline__ unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>(static_cast<uint64_t>(a) * b >> 32); }

// Atomics on integers only: sums of floats by atomics would not repeat.
template <typename T> __device__ __forceinline__ T atomicAdd(T* at, T value)
{
    static_assert(__is_integral(T), "no atomics on floats");
    return __atomic_fetch_add(at, value, __ATOMIC_RELAXED);
}
template <typename T> __device__ __forceinline__ T atomicOr(T* at, T value) { return __atomic_fetch_or(at, value, __ATOMIC_RELAXED); }
template <typename T> __device__ __forceinline__ T atomicMax(T* at, T value) { return __atomic_fetch_max(at, value, __ATOMIC_RELAXED); }
template <typename T> __device__ __forceinline__ T atomicMin(T* at, T value) { return __atomic_fetch_min(at, value, __ATOMIC_RELAXED); }
