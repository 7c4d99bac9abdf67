// Batch norm and ReLU backward, for channels that several layers read.
//   gradient  d = dOut where out > 0 else 0;  G (+)= gamma d;  dBeta = sum d;  dGamma = inverse sum d (x - mean);
//             A (+)= gamma mean(d), B (+)= gamma mean(d xhat), doubles. dOut is a buffer, or the gradient [n,c] of a global average.
//   input     dX = inverse (G - A - xhat B), times the dropout mask of the convolution that made x. dX may be x.
// G, A and B add up over all readers of a channel, whose statistics are one (Pleiss et al. 2017, "Memory-efficient
// implementation of DenseNets"). G, parameters and statistics are floats. The contracts are DenseBlockOps and DenseNet40State
// of the processor.
#include "batch_norm.cuh"

// One channel's slope and constant: dX = inverse G + slope x + constant.
struct NormSlope
{
    float inverse;
    float slope;
    float constant;

    __device__ static __forceinline__ NormSlope of(const float* mean, const float* inverse, const double* reader_means, const double* reader_products, unsigned c)
    {
        double i = inverse[c];
        double slope = -i * i * reader_products[c];
        return {inverse[c], static_cast<float>(slope), static_cast<float>(-i * reader_means[c] - slope * mean[c])};
    }
};

#define GRADIENT(T) const T *x, long long x_picture, long long x_stride, float *g, long long g_picture, long long g_stride, const float *gamma, \
    const float *beta, const float *mean, const float *inverse, double2 *partials, unsigned pictures, unsigned channels, unsigned pixels, int add, \
    [[maybe_unused]] unsigned lanes
#define GRADIENT_THESE x, x_picture, x_stride, g, g_picture, g_stride, gamma, beta, mean, inverse, partials, pictures, channels, pixels, add, lanes

// What comes from above: values of a buffer, or the gradient [n,c] of an average over all pixels.
template <typename T> struct BufferAbove
{
    const T* d_out;
    long long d_picture;
    long long d_stride;

    template <int V> __device__ __forceinline__ void load_planar(unsigned n, unsigned c, unsigned, unsigned p, unsigned, float (&to)[V]) const
    {
        load_values(d_out + n * d_picture + c * d_stride + p, to);
    }

    __device__ __forceinline__ float last(unsigned n, unsigned c, unsigned, unsigned p, unsigned) const { return to_float(d_out[n * d_picture + p * d_stride + c]); }
};

struct AverageAbove
{
    const float* d_average;

    template <int V> __device__ __forceinline__ void load_planar(unsigned n, unsigned c, unsigned channels, unsigned, unsigned pixels, float (&to)[V]) const
    {
        float d = d_average[n * channels + c] / static_cast<float>(pixels);
        for (int k = 0; k < V; k++)
            to[k] = d;
    }

    __device__ __forceinline__ float last(unsigned n, unsigned c, unsigned channels, unsigned, unsigned pixels) const
    {
        return d_average[n * channels + c] / static_cast<float>(pixels);
    }
};

template <int V, typename Above, typename T>
__device__ __forceinline__ void gradient_planar(Above above, GRADIENT(T))
{
    __shared__ double scratch[32];
    unsigned runs = (pixels + plane_run - 1) / plane_run;
#pragma unroll 1
    for (unsigned item = blockIdx.x; item < pictures * channels * runs; item += gridDim.x)
    {
        unsigned plane = item / runs, run = item - plane * runs;
        unsigned n = plane / channels, c = plane - n * channels;
        NormScale scale = NormScale::of(gamma, beta, mean, inverse, c);
        float factor = gamma[c], centre = mean[c];
        float sum = 0, product = 0;
        unsigned end = least(pixels, (run + 1) * plane_run);
        for (unsigned p = run * plane_run + threadIdx.x * V; p < end; p += 128 * V)
        {
            float d[V], values[V], to[V];
            above.load_planar(n, c, channels, p, pixels, d);
            load_values(x + n * x_picture + c * x_stride + p, values);
            float* into = g + n * g_picture + c * g_stride + p;
            if (add)
                load_values(into, to);
            for (int k = 0; k < V; k++)
            {
                if (!(fma32(values[k], scale.a, scale.b) > 0.0f))
                    d[k] = 0;
                sum += d[k];
                product = fma32(d[k], values[k] - centre, product);
                to[k] = add ? fma32(d[k], factor, to[k]) : d[k] * factor;
            }
            store_values(into, to);
        }
        double all = block_sum(static_cast<double>(sum), scratch);
        double products = block_sum(static_cast<double>(product), scratch);
        if (threadIdx.x == 0)
            partials[(c * pictures + n) * runs + run] = {all, products};
    }
}

template <typename Above, typename T>
__device__ __forceinline__ void gradient_last(Above above, GRADIENT(T))
{
    __shared__ double scratch[256];
    unsigned down = 256 / lanes, run = down * row_terms;
    unsigned rows = pictures * pixels, runs = (rows + run - 1) / run, groups = (channels + lanes - 1) / lanes;
    unsigned lane = threadIdx.x % lanes, from = threadIdx.x / lanes;
#pragma unroll 1
    for (unsigned item = blockIdx.x; item < runs * groups; item += gridDim.x)
    {
        unsigned segment = item / groups, c = (item - segment * groups) * lanes + lane;
        unsigned first = segment * run, count = least(run, rows - first);
        float sum = 0, product = 0;
        if (c < channels)
        {
            NormScale scale = NormScale::of(gamma, beta, mean, inverse, c);
            float factor = gamma[c], centre = mean[c];
            for (unsigned r = from; r < count; r += down)
            {
                unsigned row = first + r, n = row / pixels, p = row - n * pixels;
                float v = to_float(x[n * x_picture + p * x_stride + c]);
                float d = above.last(n, c, channels, p, pixels);
                if (!(fma32(v, scale.a, scale.b) > 0.0f))
                    d = 0;
                sum += d;
                product = fma32(d, v - centre, product);
                float* into = g + n * g_picture + p * g_stride + c;
                *into = add ? fma32(d, factor, *into) : d * factor;
            }
        }
        double all = lane_sum(sum, lanes, scratch);
        double products = lane_sum(product, lanes, scratch);
        if (threadIdx.x < lanes && c < channels)
            partials[c * runs + segment] = {all, products};
    }
}

#define BUFFER_GRADIENT(T) const T *d_out, long long d_picture, long long d_stride, GRADIENT(T)
#define AVERAGE_GRADIENT(T) const float *d_average, GRADIENT(T)
#define BUFFER(T) BufferAbove<T>{d_out, d_picture, d_stride}, GRADIENT_THESE
#define AVERAGE AverageAbove{d_average}, GRADIENT_THESE
#define BODY(T) lanes > 1 ? gradient_planar<values_of<T>>(BUFFER(T)) : gradient_planar<1>(BUFFER(T))
KERNEL_EACH_TYPE(128, norm_gradient_planar, BUFFER_GRADIENT, BODY)
#undef BODY
#define BODY(T) gradient_last(BUFFER(T))
KERNEL_EACH_TYPE(256, norm_gradient_last, BUFFER_GRADIENT, BODY)
#undef BODY
#define BODY(T) lanes > 1 ? gradient_planar<values_of<T>>(AVERAGE) : gradient_planar<1>(AVERAGE)
KERNEL_EACH_TYPE(128, norm_gradient_average_planar, AVERAGE_GRADIENT, BODY)
#undef BODY
#define BODY(T) gradient_last(AVERAGE)
KERNEL_EACH_TYPE(256, norm_gradient_average_last, AVERAGE_GRADIENT, BODY)
#undef BODY

// A warp a channel.
extern "C" __global__ void __launch_bounds__(128) norm_gradient_merge(const double2* partials, unsigned channels, unsigned runs, double total,
    const float* gamma, const float* inverse, float* d_gamma, float* d_beta, double* reader_means, double* reader_products, int add)
{
    unsigned lane = threadIdx.x % 32;
#pragma unroll 1
    for (unsigned c = blockIdx.x * 4 + threadIdx.x / 32; c < channels; c += gridDim.x * 4)
    {
        double d = 0, product = 0;
#pragma unroll 1
        for (unsigned i = lane; i < runs; i += 32)
        {
            d += partials[c * runs + i].x;
            product += partials[c * runs + i].y;
        }
        d = warp_sum(d);
        product = warp_sum(product) * inverse[c];
        if (lane != 0)
            continue;
        d_gamma[c] = static_cast<float>(product);
        d_beta[c] = static_cast<float>(d);
        double a = gamma[c] * d / total, b = gamma[c] * product / total;
        reader_means[c] = add ? reader_means[c] + a : a;
        reader_products[c] = add ? reader_products[c] + b : b;
    }
}

#define INPUT(T) const float *g, long long g_picture, long long g_stride, const T *x, long long x_picture, long long x_stride, const float *mean, \
    const float *inverse, const double *reader_means, const double *reader_products, const unsigned long long *step_key, int layer, \
    unsigned threshold, float keep, T *out, long long out_picture, long long out_stride, unsigned pictures, unsigned channels, unsigned pixels, \
    unsigned width, [[maybe_unused]] unsigned lanes
#define INPUT_THESE g, g_picture, g_stride, x, x_picture, x_stride, mean, inverse, reader_means, reader_products, step_key, layer, threshold, keep, \
    out, out_picture, out_stride, pictures, channels, pixels, width, lanes

template <int V, typename T>
__device__ __forceinline__ void input_planar(INPUT(T))
{
    unsigned vectors = pixels / V, all = pictures * channels * vectors;
#pragma unroll 1
    for (unsigned i = grid_first(); i < all; i += grid_step())
    {
        unsigned plane = i / vectors, p = (i - plane * vectors) * V;
        unsigned n = plane / channels, c = plane - n * channels;
        NormSlope slope = NormSlope::of(mean, inverse, reader_means, reader_products, c);
        DropoutMask mask = DropoutMask::of(step_key, layer, n, threshold, keep);
        float from[V], values[V];
        load_values(g + n * g_picture + c * g_stride + p, from);
        load_values(x + n * x_picture + c * x_stride + p, values);
        for (int k = 0; k < V; k++)
        {
            values[k] = fma32(from[k], slope.inverse, fma32(values[k], slope.slope, slope.constant));
            if (threshold != 0)
            {
                unsigned y = (p + k) / width;
                values[k] *= mask.factor((y * channels + c) * width + (p + k - y * width));
            }
        }
        store_values(out + n * out_picture + c * out_stride + p, values);
    }
}

template <int V, typename T>
__device__ __forceinline__ void input_last(INPUT(T))
{
    unsigned vectors = channels / V, all = pictures * pixels * vectors;
#pragma unroll 1
    for (unsigned i = grid_first(); i < all; i += grid_step())
    {
        unsigned row = i / vectors, c = (i - row * vectors) * V;
        unsigned n = row / pixels, p = row - n * pixels, y = p / width;
        DropoutMask mask = DropoutMask::of(step_key, layer, n, threshold, keep);
        float from[V], values[V];
        load_values(g + n * g_picture + p * g_stride + c, from);
        load_values(x + n * x_picture + p * x_stride + c, values);
        for (int k = 0; k < V; k++)
        {
            NormSlope slope = NormSlope::of(mean, inverse, reader_means, reader_products, c + k);
            values[k] = fma32(from[k], slope.inverse, fma32(values[k], slope.slope, slope.constant));
            if (threshold != 0)
                values[k] *= mask.factor((y * channels + c + k) * width + (p - y * width));
        }
        store_values(out + n * out_picture + p * out_stride + c, values);
    }
}

#define BODY(T) lanes > 1 ? input_planar<values_of<T>>(INPUT_THESE) : input_planar<1>(INPUT_THESE)
KERNEL_EACH_TYPE(256, norm_input_planar, INPUT, BODY)
#undef BODY
#define BODY(T) lanes > 1 ? input_last<values_of<T>>(INPUT_THESE) : input_last<1>(INPUT_THESE)
KERNEL_EACH_TYPE(256, norm_input_last, INPUT, BODY)
