// Bias and ReLU over rows of channels [rows, channels] (channels-last, or the outputs of a linear layer) and over planes
// [n, channels, pixels].
//   forward   out = x + bias, then max(0, .) where asked; out may be x
//   gradient  d = dOut where the gate is above 0 else 0 (no gate: dOut); dX = d; dBias[c] = sum of d; dX may be dOut, or null
// Values T are float, Half or Bfloat16, bias and dBias float. Sums: runs of values in a thread, the threads of a block, the
// blocks' doubles, in an order that depends on sizes and strides alone.
#include "storage.cuh"

constexpr unsigned bias_rows = 32;       // rows a thread, channels-last, 256 threads
constexpr unsigned bias_run = 2048;      // pixels a block, planar, 128 threads

#define BIAS(T) const T *x, long long x_picture, long long x_stride, const float *bias, T *out, long long out_picture, long long out_stride, \
    unsigned pictures, unsigned channels, unsigned pixels, int rectify, [[maybe_unused]] int wide
#define BIAS_THESE x, x_picture, x_stride, bias, out, out_picture, out_stride, pictures, channels, pixels, rectify, wide

template <int V>
__device__ __forceinline__ void rectify_values(float (&values)[V], int rectify)
{
    if (rectify != 0)
        for (int k = 0; k < V; k++)
            values[k] = values[k] <= 0.0f ? 0.0f : values[k];
}

template <int V, typename T>
__device__ __forceinline__ void bias_last(BIAS(T))
{
    unsigned vectors = channels / V, all = pictures * pixels * vectors;
#pragma unroll 1
    for (unsigned i = grid_first(); i < all; i += grid_step())
    {
        unsigned row = i / vectors, c = (i - row * vectors) * V, n = row / pixels, p = row - n * pixels;
        float values[V];
        load_values(x + n * x_picture + p * x_stride + c, values);
        for (int k = 0; k < V; k++)
            values[k] += bias[c + k];
        rectify_values(values, rectify);
        store_values(out + n * out_picture + p * out_stride + c, values);
    }
}

template <int V, typename T>
__device__ __forceinline__ void bias_planar(BIAS(T))
{
    unsigned vectors = pixels / V, all = pictures * channels * vectors;
#pragma unroll 1
    for (unsigned i = grid_first(); i < all; i += grid_step())
    {
        unsigned plane = i / vectors, p = (i - plane * vectors) * V, n = plane / channels, c = plane - n * channels;
        float values[V];
        load_values(x + n * x_picture + c * x_stride + p, values);
        for (int k = 0; k < V; k++)
            values[k] += bias[c];
        rectify_values(values, rectify);
        store_values(out + n * out_picture + c * out_stride + p, values);
    }
}

#define BODY(T) wide ? bias_last<values_of<T>>(BIAS_THESE) : bias_last<1>(BIAS_THESE)
KERNEL_EACH_TYPE(256, bias_last, BIAS, BODY)
#undef BODY
#define BODY(T) wide ? bias_planar<values_of<T>>(BIAS_THESE) : bias_planar<1>(BIAS_THESE)
KERNEL_EACH_TYPE(256, bias_planar, BIAS, BODY)
#undef BODY

#define BIAS_GRADIENT(T) const T *d_out, long long d_picture, long long d_stride, const T *gate, long long gate_picture, long long gate_stride, \
    T *d_x, long long x_picture, long long x_stride, double *partials, unsigned pictures, unsigned channels, unsigned pixels, \
    [[maybe_unused]] unsigned lanes, [[maybe_unused]] int wide
#define BIAS_GRADIENT_THESE d_out, d_picture, d_stride, gate, gate_picture, gate_stride, d_x, x_picture, x_stride, partials, pictures, channels, pixels, lanes, wide

// V channels a thread, `lanes` threads across, the others down the rows.
template <int V, typename T>
__device__ __forceinline__ void bias_gradient_last(BIAS_GRADIENT(T))
{
    __shared__ float sums[256 * V];
    unsigned down = 256 / lanes, run = down * bias_rows, across = lanes * V;
    unsigned rows = pictures * pixels, runs = (rows + run - 1) / run, groups = (channels + across - 1) / across;
    unsigned lane = threadIdx.x % lanes, from = threadIdx.x / lanes;
#pragma unroll 1
    for (unsigned item = blockIdx.x; item < runs * groups; item += gridDim.x)
    {
        unsigned segment = item / groups, group = item - segment * groups, c = group * across + lane * V;
        unsigned first = segment * run, count = least(run, rows - first);
        float sum[V];
        for (int k = 0; k < V; k++)
            sum[k] = 0;
#pragma unroll 1
        for (unsigned r = from; r < count && c < channels; r += down)
        {
            unsigned row = first + r, n = row / pixels, p = row - n * pixels;
            float d[V], open[V];
            load_values(d_out + n * d_picture + p * d_stride + c, d);
            if (gate != nullptr)
            {
                load_values(gate + n * gate_picture + p * gate_stride + c, open);
                for (int k = 0; k < V; k++)
                    d[k] = open[k] > 0.0f ? d[k] : 0.0f;
            }
            if (d_x != nullptr)
                store_values(d_x + n * x_picture + p * x_stride + c, d);
            for (int k = 0; k < V; k++)
                sum[k] += d[k];
        }
        __syncthreads();
        for (int k = 0; k < V; k++)
            sums[from * across + lane * V + k] = sum[k];
        __syncthreads();
        for (unsigned k = threadIdx.x; k < across; k += 256)
        {
            double total = 0;
#pragma unroll 1
            for (unsigned i = 0; i < down; i++)
                total += sums[i * across + k];
            if (group * across + k < channels)
                partials[(group * across + k) * runs + segment] = total;
        }
    }
}

template <int V, typename T>
__device__ __forceinline__ void bias_gradient_planar(BIAS_GRADIENT(T))
{
    __shared__ double scratch[32];
    unsigned runs = (pixels + bias_run - 1) / bias_run;
#pragma unroll 1
    for (unsigned item = blockIdx.x; item < pictures * channels * runs; item += gridDim.x)
    {
        unsigned plane = item / runs, run = item - plane * runs, n = plane / channels, c = plane - n * channels;
        unsigned end = least(pixels, (run + 1) * bias_run);
        float sum = 0;
#pragma unroll 1
        for (unsigned p = run * bias_run + threadIdx.x * V; p < end; p += 128 * V)
        {
            float d[V], open[V];
            load_values(d_out + n * d_picture + c * d_stride + p, d);
            if (gate != nullptr)
            {
                load_values(gate + n * gate_picture + c * gate_stride + p, open);
                for (int k = 0; k < V; k++)
                    d[k] = open[k] > 0.0f ? d[k] : 0.0f;
            }
            if (d_x != nullptr)
                store_values(d_x + n * x_picture + c * x_stride + p, d);
            for (int k = 0; k < V; k++)
                sum += d[k];
        }
        double total = block_sum(static_cast<double>(sum), scratch);
        if (threadIdx.x == 0)
            partials[(c * pictures + n) * runs + run] = total;
    }
}

#define BODY(T) wide ? bias_gradient_last<values_of<T>>(BIAS_GRADIENT_THESE) : bias_gradient_last<1>(BIAS_GRADIENT_THESE)
KERNEL_EACH_TYPE(256, bias_gradient_last, BIAS_GRADIENT, BODY)
#undef BODY
#define BODY(T) wide ? bias_gradient_planar<values_of<T>>(BIAS_GRADIENT_THESE) : bias_gradient_planar<1>(BIAS_GRADIENT_THESE)
KERNEL_EACH_TYPE(128, bias_gradient_planar, BIAS_GRADIENT, BODY)
#undef BODY

// A warp a channel: dBias[c] = sum of its runs, added to what is there where asked.
extern "C" __global__ void __launch_bounds__(128) bias_gradient_merge(const double* partials, unsigned channels, unsigned runs, float* d_bias, int add)
{
    unsigned lane = threadIdx.x % 32;
#pragma unroll 1
    for (unsigned c = blockIdx.x * 4 + threadIdx.x / 32; c < channels; c += gridDim.x * 4)
    {
        double sum = 0;
#pragma unroll 1
        for (unsigned i = lane; i < runs; i += 32)
            sum += partials[c * runs + i];
        sum = warp_sum(sum);
        if (lane == 0)
            d_bias[c] = add != 0 ? d_bias[c] + static_cast<float>(sum) : static_cast<float>(sum);
    }
}
