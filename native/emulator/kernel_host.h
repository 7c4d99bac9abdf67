// The names of CUDA C++ on the emulated GPU: what kernels/kernel.cuh includes when a kernel is compiled for the host.
//   A thread's indices lie at the foot of the stack it runs on, so that reading threadIdx costs one load and no thread-local
//   look-up: fiber stacks are aligned to their size. Barriers and warp operations park the fiber (see block.cpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#if !defined(JQE_LIST_KERNELS)
#define __global__
#endif
#define __device__
#define __shared__ static thread_local
#define __constant__ static
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __syncthreads() ::emulator::barrier(__FILE__, __LINE__)
#define __syncwarp(...) ::emulator::warp_barrier(__FILE__, __LINE__ __VA_OPT__(, ) __VA_ARGS__)
#define __restrict__ __restrict
#define KERNEL_ALIGNED(address, bytes) ::emulator::aligned(address, bytes, __FILE__, __LINE__)

struct alignas(8) float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(8) int2 { int x, y; };
struct alignas(16) int4 { int x, y, z, w; };
struct alignas(8) uint2 { unsigned x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
struct alignas(16) double2 { double x, y; };
struct uint3 { unsigned x, y, z; };
struct dim3 { unsigned x = 1, y = 1, z = 1; };

typedef float kernel_float4 __attribute__((vector_size(16), aligned(4), may_alias));
typedef unsigned kernel_uint4 __attribute__((vector_size(16), aligned(4), may_alias));
typedef unsigned kernel_uint2 __attribute__((vector_size(8), aligned(4), may_alias));

constexpr int warpSize = 32;

namespace emulator
{
constexpr std::size_t StackBytes = 1 << 18;

class Worker;

// What a running kernel thread knows of itself: the lowest bytes of its stack.
struct ThreadState
{
    Worker* worker;
    uint3 thread;
    uint3 block;
    dim3 block_size;
    dim3 grid_size;
    void* dynamic_shared;
    unsigned lane;
    unsigned warp;
};

inline ThreadState& self_state()
{
    auto frame = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    return *reinterpret_cast<ThreadState*>(frame & ~(StackBytes - 1));
}

inline const ThreadState& self() { return self_state(); }

inline void* dynamic_shared() { return self().dynamic_shared; }

enum class MmaKind { Half, Bfloat16, Tf32 };

void barrier(const char* file, int line);
void warp_barrier(const char* file, int line, unsigned mask = 0xffffffffu);
// Every lane of `mask` gives `value` and gets that of lane `from`; poison where that lane has gone or never was.
std::uint64_t exchange(unsigned mask, std::uint64_t value, int from, const char* what);
// Every lane of `mask` gives a predicate and gets those of all.
unsigned ballot(unsigned mask, bool predicate);
void mma(MmaKind kind, float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]);
std::uint16_t half_bits(float value);
float half_value(std::uint16_t bits);
[[noreturn]] void misaligned(const void* address, int bytes, const char* file, int line);
inline void aligned(const void* address, int bytes, const char* file, int line)
{
    if (reinterpret_cast<std::uintptr_t>(address) % bytes != 0)
        misaligned(address, bytes, file, line);
}

template <typename T>
inline T exchanged(unsigned mask, T value, int from, const char* what)
{
    static_assert(sizeof(T) == 4 || sizeof(T) == 8, "shuffles carry 4 or 8 bytes");
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof(T));
    bits = exchange(mask, bits, from, what);
    std::memcpy(&value, &bits, sizeof(T));
    return value;
}
}

#define threadIdx (::emulator::self().thread)
#define blockIdx (::emulator::self().block)
#define blockDim (::emulator::self().block_size)
#define gridDim (::emulator::self().grid_size)

// A lane out of range reads its own value, as the hardware has it.
template <typename T> inline T __shfl_sync(unsigned mask, T value, int lane)
{
    return emulator::exchanged(mask, value, lane & 31, "__shfl_sync");
}

template <typename T> inline T __shfl_xor_sync(unsigned mask, T value, int lane)
{
    return emulator::exchanged(mask, value, static_cast<int>(emulator::self().lane) ^ (lane & 31), "__shfl_xor_sync");
}

template <typename T> inline T __shfl_down_sync(unsigned mask, T value, int by)
{
    int own = static_cast<int>(emulator::self().lane);
    return emulator::exchanged(mask, value, own + by > 31 ? own : own + by, "__shfl_down_sync");
}

template <typename T> inline T __shfl_up_sync(unsigned mask, T value, int by)
{
    int own = static_cast<int>(emulator::self().lane);
    return emulator::exchanged(mask, value, own - by < 0 ? own : own - by, "__shfl_up_sync");
}

inline unsigned __ballot_sync(unsigned mask, int predicate) { return emulator::ballot(mask, predicate != 0); }
inline int __any_sync(unsigned mask, int predicate) { return __ballot_sync(mask, predicate) != 0; }
inline int __all_sync(unsigned mask, int predicate) { return __ballot_sync(mask, !predicate) == 0; }
inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline int __popc(unsigned value) { return __builtin_popcount(value); }
inline int __clz(int value) { return value == 0 ? 32 : __builtin_clz(static_cast<unsigned>(value)); }
inline int __ffs(int value) { return __builtin_ffs(value); }
inline int __float_as_int(float value) { return __builtin_bit_cast(int, value); }
inline unsigned __float_as_uint(float value) { return __builtin_bit_cast(unsigned, value); }
inline float __int_as_float(int value) { return __builtin_bit_cast(float, value); }
inline float __uint_as_float(unsigned value) { return __builtin_bit_cast(float, value); }
inline long long __double_as_longlong(double value) { return __builtin_bit_cast(long long, value); }
inline double __longlong_as_double(long long value) { return __builtin_bit_cast(double, value); }
inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>(static_cast<std::uint64_t>(a) * b >> 32); }

template <typename T> inline T atomicAdd(T* at, T value)
{
    static_assert(std::is_integral_v<T>, "no atomics on floats");
    return __atomic_fetch_add(at, value, __ATOMIC_RELAXED);
}

template <typename T> inline T atomicOr(T* at, T value) { return __atomic_fetch_or(at, value, __ATOMIC_RELAXED); }

template <typename T> inline T atomicMax(T* at, T value)
{
    T old = __atomic_load_n(at, __ATOMIC_RELAXED);
    while (old < value && !__atomic_compare_exchange_n(at, &old, value, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) { }
    return old;
}

template <typename T> inline T atomicMin(T* at, T value)
{
    T old = __atomic_load_n(at, __ATOMIC_RELAXED);
    while (value < old && !__atomic_compare_exchange_n(at, &old, value, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) { }
    return old;
}
