// Batch norm and ReLU over [n,c,h,w], planar (pixels side by side) or channels-last (channels side by side), within buffers
// of any picture, plane and pixel stride, so that the layers of a dense block work in one concatenation buffer.
//   statistics  mean, 1/sqrt(variance + epsilon) a channel over n,h,w; running numbers += momentum (batch - running), variance unbiased
//   activate    out = max(0, a x + b), a = gamma inverse, b = beta - mean a; or a, b themselves (mean null)
//   gradient    d = dOut where out > 0 else 0;  G (+)= gamma d;  dBeta = sum d;  dGamma = inverse sum d (x - mean);
//               A (+)= gamma mean(d), B (+)= gamma mean(d xhat), doubles
//   input       dX = inverse (G - A - xhat B), times the dropout mask of the convolution that made x
// G, A and B add up over all readers of a channel, whose statistics are one (Pleiss et al. 2017, "Memory-efficient
// implementation of DenseNets"). Statistics first apply the dropout mask to x, where there is one.
// Values T are float, Half or Bfloat16; G, parameters and statistics float. Out may be x, dX may be dOut or x.
// Order of sums: runs of 16 or 32 values in a thread, the threads of a block, then the blocks' doubles; it depends on sizes
// and strides alone. The contracts are DenseBlockOps and DenseNet40State of the processor.
#include "storage.cuh"
#include "dropout.cuh"

constexpr unsigned plane_run = 2048;   // pixels a block, planar, 128 threads
constexpr unsigned row_terms = 32;     // rows a thread, channels-last, 256 threads

// NaN stays NaN.
__device__ __forceinline__ float rectified(float v) { return v <= 0.0f ? 0.0f : v; }

struct NormScale
{
    float a;
    float b;

    __device__ static __forceinline__ NormScale of(const float* gamma, const float* beta, const float* mean, const float* inverse, unsigned c)
    {
        if (mean == nullptr)
            return {gamma[c], beta[c]};
        float a = gamma[c] * inverse[c];
        return {a, fma32(-mean[c], a, beta[c])};
    }
};

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

// Sums of the row lanes of a block, channel by channel; valid in the first lanes threads. scratch: blockDim.x doubles.
__device__ __forceinline__ double lane_sum(double value, unsigned lanes, double* scratch)
{
    __syncthreads();
    scratch[threadIdx.x] = value;
    __syncthreads();
    double sum = 0;
    if (threadIdx.x < lanes)
#pragma unroll 1
        for (unsigned i = threadIdx.x; i < blockDim.x; i += lanes)
            sum += scratch[i];
    return sum;
}

#define ACTIVATE(T) const T *x, long long x_picture, long long x_stride, const float *gamma, const float *beta, const float *mean, \
    const float *inverse, T *out, long long out_picture, long long out_stride, unsigned pictures, unsigned channels, unsigned pixels, int wide
#define ACTIVATE_THESE x, x_picture, x_stride, gamma, beta, mean, inverse, out, out_picture, out_stride, pictures, channels, pixels

template <int V, typename T>
__device__ __forceinline__ void activate_planar(const T* x, long long x_picture, long long x_stride, const float* gamma, const float* beta,
    const float* mean, const float* inverse, T* out, long long out_picture, long long out_stride, unsigned pictures, unsigned channels, unsigned pixels)
{
    unsigned vectors = pixels / V, all = pictures * channels * vectors;
#pragma unroll 1
    for (unsigned i = grid_first(); i < all; i += grid_step())
    {
        unsigned plane = i / vectors, p = (i - plane * vectors) * V;
        unsigned n = plane / channels, c = plane - n * channels;
        NormScale scale = NormScale::of(gamma, beta, mean, inverse, c);
        float values[V];
        load_values(x + n * x_picture + c * x_stride + p, values);
        for (int k = 0; k < V; k++)
            values[k] = rectified(fma32(values[k], scale.a, scale.b));
        store_values(out + n * out_picture + c * out_stride + p, values);
    }
}

template <int V, typename T>
__device__ __forceinline__ void activate_last(const T* x, long long x_picture, long long x_stride, const float* gamma, const float* beta,
    const float* mean, const float* inverse, T* out, long long out_picture, long long out_stride, unsigned pictures, unsigned channels, unsigned pixels)
{
    unsigned vectors = channels / V, all = pictures * pixels * vectors;
#pragma unroll 1
    for (unsigned i = grid_first(); i < all; i += grid_step())
    {
        unsigned row = i / vectors, c = (i - row * vectors) * V;
        unsigned n = row / pixels, p = row - n * pixels;
        float values[V];
        load_values(x + n * x_picture + p * x_stride + c, values);
        for (int k = 0; k < V; k++)
        {
            NormScale scale = NormScale::of(gamma, beta, mean, inverse, c + k);
            values[k] = rectified(fma32(values[k], scale.a, scale.b));
        }
        store_values(out + n * out_picture + p * out_stride + c, values);
    }
}

extern "C" __global__ void __launch_bounds__(256) norm_activate_planar_f32(ACTIVATE(float)) { wide ? activate_planar<4>(ACTIVATE_THESE) : activate_planar<1>(ACTIVATE_THESE); }
extern "C" __global__ void __launch_bounds__(256) norm_activate_planar_f16(ACTIVATE(Half)) { wide ? activate_planar<8>(ACTIVATE_THESE) : activate_planar<1>(ACTIVATE_THESE); }
extern "C" __global__ void __launch_bounds__(256) norm_activate_planar_bf16(ACTIVATE(Bfloat16)) { wide ? activate_planar<8>(ACTIVATE_THESE) : activate_planar<1>(ACTIVATE_THESE); }
extern "C" __global__ void __launch_bounds__(256) norm_activate_last_f32(ACTIVATE(float)) { wide ? activate_last<4>(ACTIVATE_THESE) : activate_last<1>(ACTIVATE_THESE); }
extern "C" __global__ void __launch_bounds__(256) norm_activate_last_f16(ACTIVATE(Half)) { wide ? activate_last<8>(ACTIVATE_THESE) : activate_last<1>(ACTIVATE_THESE); }
extern "C" __global__ void __launch_bounds__(256) norm_activate_last_bf16(ACTIVATE(Bfloat16)) { wide ? activate_last<8>(ACTIVATE_THESE) : activate_last<1>(ACTIVATE_THESE); }

// partials [channels][runs]: sums of the distances of a run of values from its centre, near their mean, and of their squares.
struct RunStatistics
{
    double distances;
    double squares;
    double centre;
    double count;
};

// What the mask leaves is rounded before it is summed: the statistics are of what is stored.
#define STATISTICS(T) T *x, long long x_picture, long long x_stride, const unsigned long long *step_key, int layer, unsigned threshold, float keep, \
    RunStatistics *partials, unsigned pictures, unsigned channels, unsigned pixels, unsigned width
#define STATISTICS_THESE x, x_picture, x_stride, step_key, layer, threshold, keep, partials, pictures, channels, pixels, width

template <int V, typename T>
__device__ __forceinline__ void statistics_planar(T* x, long long x_picture, long long x_stride, const unsigned long long* step_key, int layer,
    unsigned threshold, float keep, RunStatistics* partials, unsigned pictures, unsigned channels, unsigned pixels, unsigned width)
{
    __shared__ double scratch[32];
    unsigned runs = (pixels + plane_run - 1) / plane_run;
#pragma unroll 1
    for (unsigned item = blockIdx.x; item < pictures * channels * runs; item += gridDim.x)
    {
        unsigned plane = item / runs, run = item - plane * runs;
        unsigned n = plane / channels, c = plane - n * channels;
        unsigned first = run * plane_run, end = least(pixels, first + plane_run);
        T* at = x + n * x_picture + c * x_stride;
        DropoutMask mask = DropoutMask::of(step_key, layer, n, threshold, keep);
        float sum = 0;
#pragma unroll 1
        for (unsigned p = first + threadIdx.x * V; p < end; p += 128 * V)
        {
            float values[V];
            load_values(at + p, values);
            if (threshold != 0)
            {
                for (int k = 0; k < V; k++)
                {
                    unsigned y = (p + k) / width;
                    values[k] = to_float(from_float<T>(values[k] * mask.factor((y * channels + c) * width + (p + k - y * width))));
                }
                store_values(at + p, values);
            }
            for (int k = 0; k < V; k++)
                sum += values[k];
        }
        double total = block_sum(static_cast<double>(sum), scratch);
        float centre = static_cast<float>(total / (end - first)), distances = 0, squares = 0;
        for (unsigned p = first + threadIdx.x * V; p < end; p += 128 * V)
        {
            float values[V];
            load_values(at + p, values);
            for (int k = 0; k < V; k++)
            {
                float d = values[k] - centre;
                distances += d;
                squares = fma32(d, d, squares);
            }
        }
        double apart = block_sum(static_cast<double>(distances), scratch);
        double square = block_sum(static_cast<double>(squares), scratch);
        if (threadIdx.x == 0)
            partials[(c * pictures + n) * runs + run] = {apart, square, centre, static_cast<double>(end - first)};
    }
}

template <typename T>
__device__ __forceinline__ void statistics_last(T* x, long long x_picture, long long x_stride, const unsigned long long* step_key, int layer,
    unsigned threshold, float keep, RunStatistics* partials, unsigned pictures, unsigned channels, unsigned pixels, unsigned width, unsigned lanes)
{
    __shared__ double scratch[256];
    __shared__ float centres[32];
    unsigned down = 256 / lanes, run = down * row_terms;
    unsigned rows = pictures * pixels, runs = (rows + run - 1) / run, groups = (channels + lanes - 1) / lanes;
    unsigned lane = threadIdx.x % lanes, from = threadIdx.x / lanes;
#pragma unroll 1
    for (unsigned item = blockIdx.x; item < runs * groups; item += gridDim.x)
    {
        unsigned segment = item / groups, c = (item - segment * groups) * lanes + lane;
        unsigned first = segment * run, count = least(run, rows - first);
        float sum = 0;
        for (unsigned r = from; r < count && c < channels; r += down)
        {
            unsigned row = first + r, n = row / pixels, p = row - n * pixels;
            T* at = x + n * x_picture + p * x_stride + c;
            float v = to_float(*at);
            if (threshold != 0)
            {
                unsigned y = p / width;
                T kept = from_float<T>(v * DropoutMask::of(step_key, layer, n, threshold, keep).factor((y * channels + c) * width + (p - y * width)));
                *at = kept;
                v = to_float(kept);
            }
            sum += v;
        }
        double total = lane_sum(sum, lanes, scratch);
        if (threadIdx.x < lanes)
            centres[lane] = static_cast<float>(total / count);
        __syncthreads();
        float centre = centres[lane], distances = 0, squares = 0;
        for (unsigned r = from; r < count && c < channels; r += down)
        {
            unsigned row = first + r, n = row / pixels, p = row - n * pixels;
            float d = to_float(x[n * x_picture + p * x_stride + c]) - centre;
            distances += d;
            squares = fma32(d, d, squares);
        }
        double apart = lane_sum(distances, lanes, scratch);
        double square = lane_sum(squares, lanes, scratch);
        if (threadIdx.x < lanes && c < channels)
            partials[c * runs + segment] = {apart, square, centre, static_cast<double>(count)};
    }
}

extern "C" __global__ void __launch_bounds__(128) norm_statistics_planar_f32(STATISTICS(float), int wide) { wide ? statistics_planar<4>(STATISTICS_THESE) : statistics_planar<1>(STATISTICS_THESE); }
extern "C" __global__ void __launch_bounds__(128) norm_statistics_planar_f16(STATISTICS(Half), int wide) { wide ? statistics_planar<8>(STATISTICS_THESE) : statistics_planar<1>(STATISTICS_THESE); }
extern "C" __global__ void __launch_bounds__(128) norm_statistics_planar_bf16(STATISTICS(Bfloat16), int wide) { wide ? statistics_planar<8>(STATISTICS_THESE) : statistics_planar<1>(STATISTICS_THESE); }
extern "C" __global__ void __launch_bounds__(256) norm_statistics_last_f32(STATISTICS(float), unsigned lanes) { statistics_last(STATISTICS_THESE, lanes); }
extern "C" __global__ void __launch_bounds__(256) norm_statistics_last_f16(STATISTICS(Half), unsigned lanes) { statistics_last(STATISTICS_THESE, lanes); }
extern "C" __global__ void __launch_bounds__(256) norm_statistics_last_bf16(STATISTICS(Bfloat16), unsigned lanes) { statistics_last(STATISTICS_THESE, lanes); }

// A warp a channel. Squares move from each run's centre to the batch's mean.
extern "C" __global__ void __launch_bounds__(128) norm_statistics_merge(const RunStatistics* partials, unsigned channels, unsigned runs, double total,
    double epsilon, double momentum, float* mean, float* inverse, float* running_mean, float* running_variance)
{
    unsigned lane = threadIdx.x % 32;
#pragma unroll 1
    for (unsigned c = blockIdx.x * 4 + threadIdx.x / 32; c < channels; c += gridDim.x * 4)
    {
        double sum = 0;
#pragma unroll 1
        for (unsigned i = lane; i < runs; i += 32)
        {
            RunStatistics run = partials[c * runs + i];
            sum += run.distances + run.count * run.centre;
        }
        double middle = warp_sum(sum) / total;
        double squares = 0;
#pragma unroll 1
        for (unsigned i = lane; i < runs; i += 32)
        {
            RunStatistics run = partials[c * runs + i];
            double apart = run.centre - middle;
            squares += run.squares + apart * (2 * run.distances + run.count * apart);
        }
        squares = warp_sum(squares);
        if (lane != 0)
            continue;
        mean[c] = static_cast<float>(middle);
        inverse[c] = static_cast<float>(1 / sqrt_rn(squares / total + epsilon));
        if (running_mean == nullptr)
            continue;
        running_mean[c] += static_cast<float>(momentum * (middle - running_mean[c]));
        running_variance[c] += static_cast<float>(momentum * (squares / (total - 1) - running_variance[c]));
    }
}

// dOut of the global average that follows is one number a picture and channel: type D float, d_pixel 0.
#define GRADIENT(T) const T *d_out, long long d_picture, long long d_stride, const T *x, long long x_picture, long long x_stride, \
    float *g, long long g_picture, long long g_stride, const float *gamma, const float *beta, const float *mean, const float *inverse, \
    double2 *partials, unsigned pictures, unsigned channels, unsigned pixels, int add
#define AVERAGE_GRADIENT(T) const float *d_average, const T *x, long long x_picture, long long x_stride, \
    float *g, long long g_picture, long long g_stride, const float *gamma, const float *beta, const float *mean, const float *inverse, \
    double2 *partials, unsigned pictures, unsigned channels, unsigned pixels, int add
#define GRADIENT_THESE x, x_picture, x_stride, g, g_picture, g_stride, gamma, beta, mean, inverse, partials, pictures, channels, pixels, add

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
__device__ __forceinline__ void gradient_planar(Above above, const T* x, long long x_picture, long long x_stride, float* g, long long g_picture, long long g_stride,
    const float* gamma, const float* beta, const float* mean, const float* inverse, double2* partials, unsigned pictures, unsigned channels, unsigned pixels, int add)
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
__device__ __forceinline__ void gradient_last(Above above, const T* x, long long x_picture, long long x_stride, float* g, long long g_picture, long long g_stride,
    const float* gamma, const float* beta, const float* mean, const float* inverse, double2* partials, unsigned pictures, unsigned channels, unsigned pixels, int add,
    unsigned lanes)
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

#define BUFFER_ABOVE(T) BufferAbove<T>{d_out, d_picture, d_stride}
extern "C" __global__ void __launch_bounds__(128) norm_gradient_planar_f32(GRADIENT(float), int wide) { wide ? gradient_planar<4>(BUFFER_ABOVE(float), GRADIENT_THESE) : gradient_planar<1>(BUFFER_ABOVE(float), GRADIENT_THESE); }
extern "C" __global__ void __launch_bounds__(128) norm_gradient_planar_f16(GRADIENT(Half), int wide) { wide ? gradient_planar<8>(BUFFER_ABOVE(Half), GRADIENT_THESE) : gradient_planar<1>(BUFFER_ABOVE(Half), GRADIENT_THESE); }
extern "C" __global__ void __launch_bounds__(128) norm_gradient_planar_bf16(GRADIENT(Bfloat16), int wide) { wide ? gradient_planar<8>(BUFFER_ABOVE(Bfloat16), GRADIENT_THESE) : gradient_planar<1>(BUFFER_ABOVE(Bfloat16), GRADIENT_THESE); }
extern "C" __global__ void __launch_bounds__(256) norm_gradient_last_f32(GRADIENT(float), unsigned lanes) { gradient_last(BUFFER_ABOVE(float), GRADIENT_THESE, lanes); }
extern "C" __global__ void __launch_bounds__(256) norm_gradient_last_f16(GRADIENT(Half), unsigned lanes) { gradient_last(BUFFER_ABOVE(Half), GRADIENT_THESE, lanes); }
extern "C" __global__ void __launch_bounds__(256) norm_gradient_last_bf16(GRADIENT(Bfloat16), unsigned lanes) { gradient_last(BUFFER_ABOVE(Bfloat16), GRADIENT_THESE, lanes); }
extern "C" __global__ void __launch_bounds__(128) norm_gradient_average_planar_f32(AVERAGE_GRADIENT(float), int wide) { wide ? gradient_planar<4>(AverageAbove{d_average}, GRADIENT_THESE) : gradient_planar<1>(AverageAbove{d_average}, GRADIENT_THESE); }
extern "C" __global__ void __launch_bounds__(128) norm_gradient_average_planar_f16(AVERAGE_GRADIENT(Half), int wide) { wide ? gradient_planar<8>(AverageAbove{d_average}, GRADIENT_THESE) : gradient_planar<1>(AverageAbove{d_average}, GRADIENT_THESE); }
extern "C" __global__ void __launch_bounds__(128) norm_gradient_average_planar_bf16(AVERAGE_GRADIENT(Bfloat16), int wide) { wide ? gradient_planar<8>(AverageAbove{d_average}, GRADIENT_THESE) : gradient_planar<1>(AverageAbove{d_average}, GRADIENT_THESE); }
extern "C" __global__ void __launch_bounds__(256) norm_gradient_average_last_f32(AVERAGE_GRADIENT(float), unsigned lanes) { gradient_last(AverageAbove{d_average}, GRADIENT_THESE, lanes); }
extern "C" __global__ void __launch_bounds__(256) norm_gradient_average_last_f16(AVERAGE_GRADIENT(Half), unsigned lanes) { gradient_last(AverageAbove{d_average}, GRADIENT_THESE, lanes); }
extern "C" __global__ void __launch_bounds__(256) norm_gradient_average_last_bf16(AVERAGE_GRADIENT(Bfloat16), unsigned lanes) { gradient_last(AverageAbove{d_average}, GRADIENT_THESE, lanes); }

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
    unsigned width, int wide
#define INPUT_THESE g, g_picture, g_stride, x, x_picture, x_stride, mean, inverse, reader_means, reader_products, step_key, layer, threshold, keep, \
    out, out_picture, out_stride, pictures, channels, pixels, width

template <int V, typename T>
__device__ __forceinline__ void input_planar(const float* g, long long g_picture, long long g_stride, const T* x, long long x_picture, long long x_stride,
    const float* mean, const float* inverse, const double* reader_means, const double* reader_products, const unsigned long long* step_key, int layer,
    unsigned threshold, float keep, T* out, long long out_picture, long long out_stride, unsigned pictures, unsigned channels, unsigned pixels, unsigned width)
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
__device__ __forceinline__ void input_last(const float* g, long long g_picture, long long g_stride, const T* x, long long x_picture, long long x_stride,
    const float* mean, const float* inverse, const double* reader_means, const double* reader_products, const unsigned long long* step_key, int layer,
    unsigned threshold, float keep, T* out, long long out_picture, long long out_stride, unsigned pictures, unsigned channels, unsigned pixels, unsigned width)
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

extern "C" __global__ void __launch_bounds__(256) norm_input_planar_f32(INPUT(float)) { wide ? input_planar<4>(INPUT_THESE) : input_planar<1>(INPUT_THESE); }
extern "C" __global__ void __launch_bounds__(256) norm_input_planar_f16(INPUT(Half)) { wide ? input_planar<8>(INPUT_THESE) : input_planar<1>(INPUT_THESE); }
extern "C" __global__ void __launch_bounds__(256) norm_input_planar_bf16(INPUT(Bfloat16)) { wide ? input_planar<8>(INPUT_THESE) : input_planar<1>(INPUT_THESE); }
extern "C" __global__ void __launch_bounds__(256) norm_input_last_f32(INPUT(float)) { wide ? input_last<4>(INPUT_THESE) : input_last<1>(INPUT_THESE); }
extern "C" __global__ void __launch_bounds__(256) norm_input_last_f16(INPUT(Half)) { wide ? input_last<8>(INPUT_THESE) : input_last<1>(INPUT_THESE); }
extern "C" __global__ void __launch_bounds__(256) norm_input_last_bf16(INPUT(Bfloat16)) { wide ? input_last<8>(INPUT_THESE) : input_last<1>(INPUT_THESE); }
