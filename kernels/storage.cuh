// Values in memory as float, Half or Bfloat16, V neighbours a thread; arithmetic is always float.
//   V is values_of<T>, sixteen bytes of the narrowest type in hand, where addresses and sizes allow it, and else 1.
#pragma once
#include "kernel.cuh"

template <typename T> constexpr int values_of = 16 / sizeof(T);

template <int V> __device__ __forceinline__ void load_values(const float* from, float (&to)[V])
{
    if constexpr (V == 1)
        to[0] = *from;
    else
        for (int i = 0; i < V; i += 4)
        {
            float4 four = load4(from + i);
            to[i] = four.x;
            to[i + 1] = four.y;
            to[i + 2] = four.z;
            to[i + 3] = four.w;
        }
}

template <int V, typename T> __device__ __forceinline__ void load_values(const T* from, float (&to)[V])
{
    if constexpr (V == 1)
        to[0] = from->value();
    else
    {
        static_assert(V == 8, "sixteen bytes");
        uint4 eight = load16(from);
        unsigned words[4] = {eight.x, eight.y, eight.z, eight.w};
        for (int i = 0; i < 4; i++)
        {
            to[2 * i] = low_half<T>(words[i]);
            to[2 * i + 1] = high_half<T>(words[i]);
        }
    }
}

template <int V> __device__ __forceinline__ void store_values(float* to, const float (&from)[V])
{
    if constexpr (V == 1)
        *to = from[0];
    else
        for (int i = 0; i < V; i += 4)
            store4(to + i, {from[i], from[i + 1], from[i + 2], from[i + 3]});
}

template <int V, typename T> __device__ __forceinline__ void store_values(T* to, const float (&from)[V])
{
    if constexpr (V == 1)
        *to = T::of(from[0]);
    else
    {
        static_assert(V == 8, "sixteen bytes");
        store16(to, {pack2<T>(from[0], from[1]), pack2<T>(from[2], from[3]), pack2<T>(from[4], from[5]), pack2<T>(from[6], from[7])});
    }
}

// The first index of a grid-stride loop, and its step.
__device__ __forceinline__ unsigned grid_first() { return blockIdx.x * blockDim.x + threadIdx.x; }
__device__ __forceinline__ unsigned grid_step() { return gridDim.x * blockDim.x; }

// A kernel for each type: name_f32, name_f16, name_bf16, with PARAMETERS(T) and the body BODY(T).
#define KERNEL_EACH_TYPE(threads, name, PARAMETERS, BODY)                                                       \
    extern "C" __global__ void __launch_bounds__(threads) name##_f32(PARAMETERS(float)) { BODY(float); }        \
    extern "C" __global__ void __launch_bounds__(threads) name##_f16(PARAMETERS(Half)) { BODY(Half); }          \
    extern "C" __global__ void __launch_bounds__(threads) name##_bf16(PARAMETERS(Bfloat16)) { BODY(Bfloat16); }
