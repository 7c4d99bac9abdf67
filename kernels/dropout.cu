// Dropout: x times the mask of dropout.cuh, forward and backward alike, in place, over [n,c,h,w] with channels side by side
// (last) or pixels side by side (planar).
#include "dropout.cuh"
#include "storage.cuh"

#define DROPOUT(T) T *x, long long x_picture, long long x_stride, const unsigned long long *step_key, int layer, unsigned threshold, float keep, \
    unsigned pictures, unsigned channels, unsigned pixels, unsigned width
#define DROPOUT_THESE x, x_picture, x_stride, step_key, layer, threshold, keep, pictures, channels, pixels, width

template <bool Planar, typename T>
__device__ __forceinline__ void dropout(DROPOUT(T))
{
    unsigned inner = Planar ? pixels : channels, outer = Planar ? channels : pixels, all = pictures * outer * inner;
#pragma unroll 1
    for (unsigned i = grid_first(); i < all; i += grid_step())
    {
        unsigned run = i / inner, at = i - run * inner, n = run / outer, o = run - n * outer;
        unsigned c = Planar ? o : at, p = Planar ? at : o, y = p / width;
        T* value = x + n * x_picture + o * x_stride + at;
        float factor = DropoutMask::of(step_key, layer, n, threshold, keep).factor((y * channels + c) * width + (p - y * width));
        *value = from_float<T>(to_float(*value) * factor);
    }
}

#define BODY(T) dropout<true>(DROPOUT_THESE)
KERNEL_EACH_TYPE(256, dropout_planar, DROPOUT, BODY)
#undef BODY
#define BODY(T) dropout<false>(DROPOUT_THESE)
KERNEL_EACH_TYPE(256, dropout_last, DROPOUT, BODY)
