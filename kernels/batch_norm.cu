// Batch norm and ReLU forward.
//   statistics  mean, 1/sqrt(variance + epsilon) a channel over n,h,w; running numbers += momentum (batch - running), variance
//               unbiased. Before that x is multiplied by a dropout mask, in place, where there is one.
//   activate    out = max(0, a x + b), a = gamma inverse, b = beta - mean a; or a, b themselves (mean null). Out may be x.
// The contracts are DenseBlockOps and DenseNet40State of the processor.
#include "batch_norm.cuh"

#define ACTIVATE(T) const T *x, long long x_picture, long long x_stride, const float *gamma, const float *beta, const float *mean, \
    const float *inverse, T *out, long long out_picture, long long out_stride, unsigned pictures, unsigned channels, unsigned pixels, \
    [[maybe_unused]] unsigned lanes
#define ACTIVATE_THESE x, x_picture, x_stride, gamma, beta, mean, inverse, out, out_picture, out_stride, pictures, channels, pixels, lanes

template <int V, typename T>
__device__ __forceinline__ void activate_planar(ACTIVATE(T))
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
__device__ __forceinline__ void activate_last(ACTIVATE(T))
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

#define BODY(T) lanes > 1 ? activate_planar<values_of<T>>(ACTIVATE_THESE) : activate_planar<1>(ACTIVATE_THESE)
KERNEL_EACH_TYPE(256, norm_activate_planar, ACTIVATE, BODY)
#undef BODY
#define BODY(T) lanes > 1 ? activate_last<values_of<T>>(ACTIVATE_THESE) : activate_last<1>(ACTIVATE_THESE)
KERNEL_EACH_TYPE(256, norm_activate_last, ACTIVATE, BODY)
#undef BODY

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
    RunStatistics *partials, unsigned pictures, unsigned channels, unsigned pixels, unsigned width, [[maybe_unused]] unsigned lanes
#define STATISTICS_THESE x, x_picture, x_stride, step_key, layer, threshold, keep, partials, pictures, channels, pixels, width, lanes

template <int V, typename T>
__device__ __forceinline__ void statistics_planar(STATISTICS(T))
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
__device__ __forceinline__ void statistics_last(STATISTICS(T))
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

#define BODY(T) lanes > 1 ? statistics_planar<values_of<T>>(STATISTICS_THESE) : statistics_planar<1>(STATISTICS_THESE)
KERNEL_EACH_TYPE(128, norm_statistics_planar, STATISTICS, BODY)
#undef BODY
#define BODY(T) statistics_last(STATISTICS_THESE)
KERNEL_EACH_TYPE(256, norm_statistics_last, STATISTICS, BODY)
#undef BODY

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
