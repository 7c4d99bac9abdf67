// Fragments of tensor-core products whose lanes load 16 bytes of neighbouring channels of a pixel: two k-steps at once, the
// order of channels within the 64 bytes of four lanes being that of densenet_pack.cu on both sides.
#pragma once
#include "kernel.cuh"

template <typename T> struct DenseFragment;

template <> struct DenseFragment<Half>
{
    static constexpr int Values = 8;
    __device__ static __forceinline__ float value(const unsigned (&words)[4], int i) { return i % 2 ? high_half<Half>(words[i / 2]) : low_half<Half>(words[i / 2]); }
    __device__ static __forceinline__ unsigned word(const float* x)
    {
#if defined(JQE_EMULATED)
        return pack2<Half>(x[0], x[1]);
#else
        unsigned d;
        asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(d) : "f"(x[1]), "f"(x[0]));
        return d;
#endif
    }
    __device__ static __forceinline__ void multiply(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) { mma_half(d, a, b); }
};

template <> struct DenseFragment<Bfloat16>
{
    static constexpr int Values = 8;
    __device__ static __forceinline__ float value(const unsigned (&words)[4], int i) { return i % 2 ? high_half<Bfloat16>(words[i / 2]) : low_half<Bfloat16>(words[i / 2]); }
    __device__ static __forceinline__ unsigned word(const float* x)
    {
#if defined(JQE_EMULATED)
        return pack2<Bfloat16>(x[0], x[1]);
#else
        unsigned d;
        asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(d) : "f"(x[1]), "f"(x[0]));
        return d;
#endif
    }
    __device__ static __forceinline__ void multiply(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) { mma_bfloat16(d, a, b); }
};

// Floats, multiplied as tf32.
template <> struct DenseFragment<float>
{
    static constexpr int Values = 4;
    __device__ static __forceinline__ float value(const unsigned (&words)[4], int i) { return __uint_as_float(words[i]); }
    __device__ static __forceinline__ unsigned word(const float* x) { return tf32_of(*x); }
    __device__ static __forceinline__ void multiply(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) { mma_tf32(d, a, b); }
};
