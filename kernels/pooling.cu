// Average pooling of 2x2 and over whole pictures, [n,c,h,w] with channels (last) or pixels (planar) side by side, any strides.
//   forward    out[y,x] = (in[2y,2x] + in[2y,2x+1] + (in[2y+1,2x] + in[2y+1,2x+1])) / 4, in times the dropout mask of the
//              convolution before it where there is one
//   backward   dIn[y,x] = dOut[y/2,x/2] / 4, times the same mask
//   global     features[n,c] = mean over pixels of in, or of max(0, a in + b) as batch_norm.cu activates;
//              backward dIn[p] = dFeatures[n,c] / pixels
// Values T are float, Half or Bfloat16, features float. Sizes are those of the larger picture, h and w even. The global mean:
// runs of pixels in a thread, lanes by halves (planar: a warp a plane; last: a thread a channel, all pixels in order of rows
// of eight lanes), doubles across threads.
#include "dropout.cuh"
#include "storage.cuh"

#define POOL(T) const T *in, long long in_picture, long long in_stride, T *out, long long out_picture, long long out_stride, \
    const unsigned long long *step_key, int layer, unsigned threshold, float keep, unsigned pictures, unsigned channels, unsigned height, unsigned width
#define POOL_THESE in, in_picture, in_stride, out, out_picture, out_stride, step_key, layer, threshold, keep, pictures, channels, height, width

// Offsets of pixel (y, x) of channel c, in values.
template <bool Planar>
__device__ __forceinline__ long long pixel_offset(unsigned n, unsigned c, unsigned y, unsigned x, unsigned width, long long picture, long long stride)
{
    long long p = static_cast<long long>(y) * width + x;
    return Planar ? n * picture + c * stride + p : n * picture + p * stride + c;
}

// The index of a value, innermost first: pixels then channels, or channels then pixels.
struct PoolIndex
{
    unsigned n;
    unsigned c;
    unsigned y;
    unsigned x;

    template <bool Planar>
    __device__ static __forceinline__ PoolIndex of(unsigned i, unsigned channels, unsigned height, unsigned width)
    {
        unsigned c, x, y, n;
        if constexpr (Planar)
        {
            unsigned row = i / width, plane = row / height;
            x = i - row * width;
            y = row - plane * height;
            n = plane / channels;
            c = plane - n * channels;
        }
        else
        {
            unsigned pixel = i / channels, row = pixel / width;
            c = i - pixel * channels;
            x = pixel - row * width;
            n = row / height;
            y = row - n * height;
        }
        return {n, c, y, x};
    }
};

template <bool Planar, typename T>
__device__ __forceinline__ void pool(POOL(T))
{
    unsigned down = height / 2, across = width / 2, all = pictures * channels * down * across;
#pragma unroll 1
    for (unsigned i = grid_first(); i < all; i += grid_step())
    {
        PoolIndex at = PoolIndex::of<Planar>(i, channels, down, across);
        DropoutMask mask = DropoutMask::of(step_key, layer, at.n, threshold, keep);
        float four[4];
        for (unsigned k = 0; k < 4; k++)
        {
            unsigned y = 2 * at.y + k / 2, x = 2 * at.x + k % 2;
            four[k] = to_float(in[pixel_offset<Planar>(at.n, at.c, y, x, width, in_picture, in_stride)]);
            if (threshold != 0)
                four[k] *= mask.factor((y * channels + at.c) * width + x);
        }
        out[pixel_offset<Planar>(at.n, at.c, at.y, at.x, across, out_picture, out_stride)] =
            from_float<T>((four[0] + four[1] + (four[2] + four[3])) * 0.25f);
    }
}

// in is dOut, out is dIn.
template <bool Planar, typename T>
__device__ __forceinline__ void pool_gradient(POOL(T))
{
    unsigned all = pictures * channels * height * width;
#pragma unroll 1
    for (unsigned i = grid_first(); i < all; i += grid_step())
    {
        PoolIndex at = PoolIndex::of<Planar>(i, channels, height, width);
        float d = to_float(in[pixel_offset<Planar>(at.n, at.c, at.y / 2, at.x / 2, width / 2, in_picture, in_stride)]) * 0.25f;
        if (threshold != 0)
            d *= DropoutMask::of(step_key, layer, at.n, threshold, keep).factor((at.y * channels + at.c) * width + at.x);
        out[pixel_offset<Planar>(at.n, at.c, at.y, at.x, width, out_picture, out_stride)] = from_float<T>(d);
    }
}

#define BODY(T) pool<true>(POOL_THESE)
KERNEL_EACH_TYPE(256, pool_forward_planar, POOL, BODY)
#undef BODY
#define BODY(T) pool<false>(POOL_THESE)
KERNEL_EACH_TYPE(256, pool_forward_last, POOL, BODY)
#undef BODY
#define BODY(T) pool_gradient<true>(POOL_THESE)
KERNEL_EACH_TYPE(256, pool_gradient_planar, POOL, BODY)
#undef BODY
#define BODY(T) pool_gradient<false>(POOL_THESE)
KERNEL_EACH_TYPE(256, pool_gradient_last, POOL, BODY)
#undef BODY

#define AVERAGE(T) const T *in, long long in_picture, long long in_stride, const float *gamma, const float *beta, const float *mean, const float *inverse, \
    float *features, unsigned pictures, unsigned channels, unsigned pixels
#define AVERAGE_THESE in, in_picture, in_stride, gamma, beta, mean, inverse, features, pictures, channels, pixels

// gamma null: the values themselves; mean null: gamma and beta are scale and shift.
struct AverageScale
{
    float a;
    float b;
    bool plain;

    __device__ static __forceinline__ AverageScale of(const float* gamma, const float* beta, const float* mean, const float* inverse, unsigned c)
    {
        if (gamma == nullptr)
            return {1.0f, 0.0f, true};
        if (mean == nullptr)
            return {gamma[c], beta[c], false};
        float a = gamma[c] * inverse[c];
        return {a, fma32(-mean[c], a, beta[c]), false};
    }

    __device__ __forceinline__ float of(float x) const
    {
        float v = fma32(x, a, b);
        return plain ? x : v <= 0.0f ? 0.0f : v;
    }
};

// A warp a plane.
template <typename T>
__device__ __forceinline__ void average_planar(AVERAGE(T))
{
    unsigned lane = threadIdx.x % 32;
#pragma unroll 1
    for (unsigned plane = blockIdx.x * 4 + threadIdx.x / 32; plane < pictures * channels; plane += gridDim.x * 4)
    {
        unsigned n = plane / channels, c = plane - n * channels;
        AverageScale scale = AverageScale::of(gamma, beta, mean, inverse, c);
        const T* from = in + n * in_picture + c * in_stride;
        float sum = 0;
        for (unsigned p = lane; p < pixels; p += 32)
            sum += scale.of(to_float(from[p]));
        double total = warp_sum(static_cast<double>(sum));
        if (lane == 0)
            features[plane] = static_cast<float>(total) / static_cast<float>(pixels);
    }
}

// A block 32 channels of a picture, eight threads down the pixels.
template <typename T>
__device__ __forceinline__ void average_last(AVERAGE(T))
{
    __shared__ float sums[256];
    unsigned groups = (channels + 31) / 32, lane = threadIdx.x % 32, from = threadIdx.x / 32;
#pragma unroll 1
    for (unsigned item = blockIdx.x; item < pictures * groups; item += gridDim.x)
    {
        unsigned n = item / groups, c = (item - n * groups) * 32 + lane;
        float sum = 0;
        if (c < channels)
        {
            AverageScale scale = AverageScale::of(gamma, beta, mean, inverse, c);
            for (unsigned p = from; p < pixels; p += 8)
                sum += scale.of(to_float(in[n * in_picture + p * in_stride + c]));
        }
        __syncthreads();
        sums[threadIdx.x] = sum;
        __syncthreads();
        if (from == 0 && c < channels)
        {
            double total = 0;
            for (unsigned i = 0; i < 8; i++)
                total += sums[32 * i + lane];
            features[n * channels + c] = static_cast<float>(total) / static_cast<float>(pixels);
        }
    }
}

#define BODY(T) average_planar(AVERAGE_THESE)
KERNEL_EACH_TYPE(128, average_planar, AVERAGE, BODY)
#undef BODY
#define BODY(T) average_last(AVERAGE_THESE)
KERNEL_EACH_TYPE(256, average_last, AVERAGE, BODY)
#undef BODY

#define AVERAGE_BACK(T) const float *d_features, T *d_in, long long in_picture, long long in_stride, unsigned pictures, unsigned channels, unsigned pixels
#define AVERAGE_BACK_THESE d_features, d_in, in_picture, in_stride, pictures, channels, pixels

template <bool Planar, typename T>
__device__ __forceinline__ void average_gradient(AVERAGE_BACK(T))
{
    unsigned inner = Planar ? pixels : channels, outer = Planar ? channels : pixels, all = pictures * outer * inner;
#pragma unroll 1
    for (unsigned i = grid_first(); i < all; i += grid_step())
    {
        unsigned run = i / inner, at = i - run * inner, n = run / outer, o = run - n * outer;
        d_in[n * in_picture + o * in_stride + at] = from_float<T>(d_features[n * channels + (Planar ? o : at)] / static_cast<float>(pixels));
    }
}

#define BODY(T) average_gradient<true>(AVERAGE_BACK_THESE)
KERNEL_EACH_TYPE(256, average_gradient_planar, AVERAGE_BACK, BODY)
#undef BODY
#define BODY(T) average_gradient<false>(AVERAGE_BACK_THESE)
KERNEL_EACH_TYPE(256, average_gradient_last, AVERAGE_BACK, BODY)
