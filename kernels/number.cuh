// Numbers: fused multiply-adds, square roots, least and largest, and the 16-bit floats as storage.
//   Half is IEEE binary16, Bfloat16 the upper half of a float; both are made by rounding to nearest, ties to even. A NaN
//   becomes 0x7fff. Source: IEEE 754-2019, and the PTX ISA (cvt) for the NaN.
#pragma once

__device__ __forceinline__ float fma32(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
__device__ __forceinline__ double fma64(double a, double b, double c) { return __builtin_fma(a, b, c); }
__device__ __forceinline__ float sqrt_rn(float x) { return __builtin_sqrtf(x); }
__device__ __forceinline__ double sqrt_rn(double x) { return __builtin_sqrt(x); }
__device__ __forceinline__ float abs32(float x) { return __builtin_fabsf(x); }

// The second where neither is the lesser or the greater, NaN included: the same on both sides, as `a < b ? a : b` is.
template <typename T> __device__ __forceinline__ T least(T a, T b) { return a < b ? a : b; }
template <typename T> __device__ __forceinline__ T largest(T a, T b) { return a > b ? a : b; }

// max(0, v) of the result of an addition or a product; NaN stays NaN. A device's NaN is 0x7fffffff then (PTX ISA, floating-point
// instructions): of two whole numbers the larger is meant, which takes one instruction and no predicate.
__device__ __forceinline__ float rectified(float v)
{
#if defined(JQE_EMULATED)
    return v <= 0.0f ? 0.0f : v;
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
    float positive;
    asm("max.NaN.f32 %0, %1, 0f00000000;" : "=f"(positive) : "f"(v));
    return positive;
#else
    return __int_as_float(largest(__float_as_int(v), 0));
#endif
}

struct Bfloat16
{
    uint16_t bits;

    __device__ static __forceinline__ Bfloat16 of(float value)
    {
        unsigned u = __float_as_uint(value);
        if ((u & 0x7fffffffu) > 0x7f800000u)
            return {0x7fff};
        return {static_cast<uint16_t>((u + 0x7fffu + (u >> 16 & 1)) >> 16)};
    }

    __device__ __forceinline__ float value() const { return __uint_as_float(static_cast<unsigned>(bits) << 16); }
};

struct Half
{
    uint16_t bits;

#if defined(JQE_EMULATED)
    static Half of(float value) { return {emulator::half_bits(value)}; }
    float value() const { return emulator::half_value(bits); }
#else
    __device__ static __forceinline__ Half of(float value)
    {
        uint16_t bits;
        asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
        return {bits};
    }

    __device__ __forceinline__ float value() const
    {
        float value;
        asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
        return value;
    }
#endif
};

// The same words for every type that a kernel stores: to_float(x), from_float<T>(x), two in one word.
__device__ __forceinline__ float to_float(float x) { return x; }
__device__ __forceinline__ float to_float(Half x) { return x.value(); }
__device__ __forceinline__ float to_float(Bfloat16 x) { return x.value(); }

template <typename T> __device__ __forceinline__ T from_float(float x) { return T::of(x); }
template <> __device__ __forceinline__ float from_float<float>(float x) { return x; }

template <typename T> __device__ __forceinline__ unsigned pack2(float low, float high)
{
    return T::of(low).bits | static_cast<unsigned>(T::of(high).bits) << 16;
}

template <typename T> __device__ __forceinline__ float low_half(unsigned pair) { return T{static_cast<uint16_t>(pair)}.value(); }
template <typename T> __device__ __forceinline__ float high_half(unsigned pair) { return T{static_cast<uint16_t>(pair >> 16)}.value(); }
