// Batch norm of DenseNet-40 in training, over channels-last canvases of images one after the other; what DenseNet40State and
// DenseNet40Gradient do on the processor.
//   densenet_statistics_*    of channels [first, first + count) of each picture: mean [n][pitch] and sum of squared distances from it
//   densenet_statistics_merge  mean and 1 / sqrt(variance + epsilon) of these channels over the batch, pictures in order; running
//                            numbers += momentum (batch - running), variance unbiased. Then what densenet_scale does.
//   densenet_running         mean and inverse deviation from the running numbers
//   densenet_scale           scale = gamma inverse, shift = beta - mean scale of a reader's channels
//   densenet_norm_merge      gradients of gamma and beta from partial sums [parts][2][channels] of d and d (x - mean), and what the
//                            reader adds to A and B:  A += gamma mean(d), B += gamma mean(d xhat)
//   densenet_output_*        dOut[n][pixel][count] = inverse G + slope x + constant of channels [first, first + count) whose readers are
//                            all done, times the dropout mask of the convolution that made them
// Order of sums: pixels of a thread, threads of a block by rising index, pictures or parts in eight runs; doubles beyond a thread.
#include "kernel.cuh"
#include "densenet.cuh"
#include "dropout.cuh"

namespace
{
// One block an image and 12 channels (blockIdx.y), 192 threads: 64 runs of pixels by three quads of channels.
template <typename T> __device__ __forceinline__ void run_statistics(const T* values, int pitch, int pixels, int first, double* means, double* squares)
{
    __shared__ double sums[64][DenseGrowth];
    __shared__ float centre[DenseGrowth];
    int image = static_cast<int>(blockIdx.x), c0 = first + DenseGrowth * static_cast<int>(blockIdx.y);
    int quad = threadIdx.x % 3 * 4, run = threadIdx.x / 3;
    const T* from = values + static_cast<long long>(image) * pixels * pitch + c0 + quad;
    for (int pass = 0; pass < 2; pass++)
    {
        float sum[4] = {0, 0, 0, 0};
        for (int p = run; p < pixels; p += 64)
        {
            float v[4];
            load_quad(from + static_cast<long long>(p) * pitch, v);
            for (int k = 0; k < 4; k++)
            {
                float apart = pass == 0 ? 0.0f : v[k] - centre[quad + k];
                sum[k] = pass == 0 ? sum[k] + v[k] : fma32(apart, apart, sum[k]);
            }
        }
        __syncthreads();
        for (int k = 0; k < 4; k++)
            sums[run][quad + k] = sum[k];
        __syncthreads();
        if (threadIdx.x < DenseGrowth)
        {
            double total = 0;
            for (int i = 0; i < 64; i++)
                total += sums[i][threadIdx.x];
            if (pass == 0)
                centre[threadIdx.x] = static_cast<float>(total / pixels);
            (pass == 0 ? means : squares)[image * pitch + c0 + static_cast<int>(threadIdx.x)] = pass == 0 ? static_cast<float>(total / pixels) : total;
        }
        __syncthreads();
    }
}

__device__ __forceinline__ void scale_channel(int c, const float* gamma, const float* beta, const float* mean, const float* inverse, float* scale, float* shift)
{
    float s = gamma[c] * inverse[c];
    scale[c] = s;
    shift[c] = fma32(-mean[c], s, beta[c]);
}

template <typename T> __device__ __forceinline__ void run_output(const float* gradients, const T* values, int pitch, int pixels, int first, int count, int images,
    const float* mean, const float* inverse, const double* reader_means, const double* reader_products, float* to, int width,
    const unsigned long long* step_key, int mask_layer, unsigned threshold, float drop_scale)
{
    int quads = count / 4;
    long long all = static_cast<long long>(images) * pixels * quads, step = static_cast<long long>(gridDim.x) * blockDim.x;
    for (long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x; i < all; i += step)
    {
        long long pixel = i / quads;
        int k = static_cast<int>(i - pixel * quads) * 4, image = static_cast<int>(pixel / pixels), at = static_cast<int>(pixel % pixels);
        float g[4], x[4];
        load_quad(gradients + pixel * pitch + first + k, g);
        load_quad(values + pixel * pitch + first + k, x);
        DropoutMask mask = DropoutMask::of(step_key, mask_layer, static_cast<unsigned>(image), threshold, drop_scale);
        for (int j = 0; j < 4; j++)
        {
            int c = first + k + j;
            double inv = inverse[c], slope = -inv * inv * reader_products[c];
            float constant = static_cast<float>(-inv * reader_means[c] - slope * mean[c]);
            float d = fma32(g[j], inverse[c], fma32(x[j], static_cast<float>(slope), constant));
            g[j] = threshold == 0 ? d : d * mask.factor(static_cast<unsigned>((at / width * count + k + j) * width + at % width));
        }
        store_quad(to + pixel * count + k, g);
    }
}
}

extern "C" __global__ void __launch_bounds__(256) densenet_statistics_merge(const double* means, const double* squares, int images, int pitch, int pixels,
    int first, int count, float* mean, float* inverse, float* running_mean, float* running_variance, double momentum, double epsilon,
    int channels, const float* gamma, const float* beta, float* scale, float* shift)
{
    double total = static_cast<double>(pixels) * images;
    for (int c = first + static_cast<int>(threadIdx.x); c < first + count; c += 256)
    {
        double m = 0, s = 0;
        for (int n = 0; n < images; n++)
            m += means[n * pitch + c] / images;
        for (int n = 0; n < images; n++)
        {
            double apart = means[n * pitch + c] - m;
            s += squares[n * pitch + c] + pixels * apart * apart;
        }
        mean[c] = static_cast<float>(m);
        inverse[c] = static_cast<float>(1 / sqrt_rn(s / total + epsilon));
        running_mean[c] += static_cast<float>(momentum * (m - running_mean[c]));
        running_variance[c] += static_cast<float>(momentum * (s / (total - 1) - running_variance[c]));
    }
    __syncthreads();
    for (int c = threadIdx.x; c < channels; c += 256)
        scale_channel(c, gamma, beta, mean, inverse, scale, shift);
}

extern "C" __global__ void __launch_bounds__(256) densenet_running(const float* running_mean, const float* running_variance, double epsilon, float* mean, float* inverse, int channels)
{
    for (int c = threadIdx.x; c < channels; c += 256)
    {
        mean[c] = running_mean[c];
        inverse[c] = static_cast<float>(1 / sqrt_rn(running_variance[c] + epsilon));
    }
}

extern "C" __global__ void __launch_bounds__(256) densenet_scale(const float* gamma, const float* beta, const float* mean, const float* inverse, int channels, float* scale, float* shift)
{
    for (int c = threadIdx.x; c < channels; c += 256)
        scale_channel(c, gamma, beta, mean, inverse, scale, shift);
}

// 256 threads: 32 channels (blockIdx.x) by eight runs of parts.
extern "C" __global__ void __launch_bounds__(256) densenet_norm_merge(const float* partials, int parts, int channels, double pixels, const float* gamma,
    const float* inverse, float* d_gamma, float* d_beta, double* reader_means, double* reader_products)
{
    __shared__ double sums[2][8][32];
    int lane = threadIdx.x % 32, run = threadIdx.x / 32, c = static_cast<int>(blockIdx.x) * 32 + lane;
    double d = 0, product = 0;
    if (c < channels)
        for (int i = run; i < parts; i += 8)
        {
            d += partials[(2ll * i) * channels + c];
            product += partials[(2ll * i + 1) * channels + c];
        }
    sums[0][run][lane] = d;
    sums[1][run][lane] = product;
    __syncthreads();
    if (run != 0 || c >= channels)
        return;
    d = product = 0;
    for (int i = 0; i < 8; i++)
    {
        d += sums[0][i][lane];
        product += sums[1][i][lane];
    }
    product *= inverse[c];
    d_gamma[c] = static_cast<float>(product);
    d_beta[c] = static_cast<float>(d);
    reader_means[c] += gamma[c] * d / pixels;
    reader_products[c] += gamma[c] * product / pixels;
}

extern "C" __global__ void __launch_bounds__(192) densenet_statistics_float(const float* values, int pitch, int pixels, int first, double* means, double* squares)
{
    run_statistics(values, pitch, pixels, first, means, squares);
}

extern "C" __global__ void __launch_bounds__(256) densenet_output_float(const float* gradients, const float* values, int pitch, int pixels, int first, int count,
    int images, const float* mean, const float* inverse, const double* reader_means, const double* reader_products, float* to, int width,
    const unsigned long long* step_key, int mask_layer, unsigned threshold, float drop_scale)
{
    run_output(gradients, values, pitch, pixels, first, count, images, mean, inverse, reader_means, reader_products, to, width,
        step_key, mask_layer, threshold, drop_scale);
}

extern "C" __global__ void __launch_bounds__(192) densenet_statistics_bfloat16(const Bfloat16* values, int pitch, int pixels, int first, double* means, double* squares)
{
    run_statistics(values, pitch, pixels, first, means, squares);
}

extern "C" __global__ void __launch_bounds__(256) densenet_output_bfloat16(const float* gradients, const Bfloat16* values, int pitch, int pixels, int first, int count,
    int images, const float* mean, const float* inverse, const double* reader_means, const double* reader_products, float* to, int width,
    const unsigned long long* step_key, int mask_layer, unsigned threshold, float drop_scale)
{
    run_output(gradients, values, pitch, pixels, first, count, images, mean, inverse, reader_means, reader_products, to, width,
        step_key, mask_layer, threshold, drop_scale);
}
