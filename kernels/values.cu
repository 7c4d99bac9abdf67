// Values one by one: from one type to another, out = a + b, out = factor a + addend b. Out may be an operand of its own type.
//   T is float, Half or Bfloat16; sums are floats, rounded to T once.
#include "storage.cuh"

template <int V, typename From, typename To>
__device__ __forceinline__ void cast_values(const From* from, To* to, unsigned long long count, unsigned long long first)
{
#pragma unroll 1
    for (unsigned long long i = first; i < count; i += static_cast<unsigned long long>(grid_step()) * V)
    {
        float values[V];
        load_values(from + i, values);
        store_values(to + i, values);
    }
}

template <int V, typename T>
__device__ __forceinline__ void combine_values(const T* a, const T* b, float factor, float addend, T* out, unsigned long long count, unsigned long long first)
{
#pragma unroll 1
    for (unsigned long long i = first; i < count; i += static_cast<unsigned long long>(grid_step()) * V)
    {
        float x[V], y[V];
        load_values(a + i, x);
        load_values(b + i, y);
        for (int k = 0; k < V; k++)
            x[k] = fma32(factor, x[k], addend * y[k]);
        store_values(out + i, x);
    }
}

// Wide takes all but the last values that do not fill sixteen bytes; these go one a thread.
template <typename From, typename To>
__device__ __forceinline__ void cast_all(const From* from, To* to, unsigned long long count, int wide)
{
    constexpr int V = 8;
    unsigned long long whole = wide != 0 ? count / V * V : 0;
    cast_values<V>(from, to, whole, static_cast<unsigned long long>(grid_first()) * V);
    cast_values<1>(from, to, count, whole + grid_first());
}

template <typename T>
__device__ __forceinline__ void combine_all(const T* a, const T* b, float factor, float addend, T* out, unsigned long long count, int wide)
{
    constexpr int V = values_of<T>;
    unsigned long long whole = wide != 0 ? count / V * V : 0;
    combine_values<V>(a, b, factor, addend, out, whole, static_cast<unsigned long long>(grid_first()) * V);
    combine_values<1>(a, b, factor, addend, out, count, whole + grid_first());
}

#define CAST(From, To) const From *from, To *to, unsigned long long count, int wide
#define CAST_KERNEL(name, From, To) \
    extern "C" __global__ void __launch_bounds__(256) values_cast_##name(CAST(From, To)) { cast_all(from, to, count, wide); }
CAST_KERNEL(f32_f16, float, Half)
CAST_KERNEL(f32_bf16, float, Bfloat16)
CAST_KERNEL(f16_f32, Half, float)
CAST_KERNEL(f16_bf16, Half, Bfloat16)
CAST_KERNEL(bf16_f32, Bfloat16, float)
CAST_KERNEL(bf16_f16, Bfloat16, Half)

#define COMBINE(T) const T *a, const T *b, float factor, float addend, T *out, unsigned long long count, int wide
#define BODY(T) combine_all(a, b, factor, addend, out, count, wide)
KERNEL_EACH_TYPE(256, values_combine, COMBINE, BODY)
