// Backward of DenseNet-40's head: linear layer, global average, batch norm and ReLU. dLogits [n][outputs], features [n][456].
//   densenet_features_gradient   dFeatures[n][c] = sum over o of dLogits[n][o] w[o][c]
//   densenet_linear_gradient     dW[o][c] = sum over n of dLogits[n][o] features[n][c];  dBias[o] = sum over n of dLogits[n][o]
//   densenet_average_gradient_*  d = dFeatures[c] / pixels where the activation is above 0, else 0;  G[c] = gamma d, written: the head is the
//                                first reader in the backward pass;  partials [n][2][456] of d and d (x - mean)
// Sums by rising o, n or pixel, two halves of the pixels apart.
#include "kernel.cuh"
#include "densenet.cuh"

namespace
{
constexpr int Features = 456;
constexpr int Quads = Features / 4;

template <typename T> __device__ __forceinline__ void run_average(const float* d_features, const T* values, int pixels, const float* scale, const float* shift,
    const float* gamma, const float* mean, float* gradients, float* partials)
{
    alignas(16) __shared__ float sums[2][2][Features];
    int image = static_cast<int>(blockIdx.x), part = threadIdx.x / Quads, c = threadIdx.x % Quads * 4;
    if (part < 2)
    {
        float total[4] = {0, 0, 0, 0}, product[4] = {0, 0, 0, 0}, d_feature[4];
        load_quad(d_features + image * Features + c, d_feature);
        for (int p = part * pixels / 2; p < (part + 1) * pixels / 2; p++)
        {
            long long at = (static_cast<long long>(image) * pixels + p) * Features + c;
            float x[4], g[4];
            load_quad(values + at, x);
            for (int i = 0; i < 4; i++)
            {
                float d = dense_activate(x[i], scale[c + i], shift[c + i]) > 0 ? d_feature[i] / static_cast<float>(pixels) : 0.0f;
                total[i] += d;
                product[i] = fma32(d, x[i] - mean[c + i], product[i]);
                g[i] = d * gamma[c + i];
            }
            store_quad(gradients + at, g);
        }
        store_quad(sums[part][0] + c, total);
        store_quad(sums[part][1] + c, product);
    }
    __syncthreads();
    for (int i = threadIdx.x; i < 2 * Features; i += blockDim.x)
        partials[2 * image * Features + i] = sums[0][i / Features][i % Features] + sums[1][i / Features][i % Features];
}
}

extern "C" __global__ void __launch_bounds__(256) densenet_features_gradient(const float* d_logits, const float* weights, int outputs, float* d_features)
{
    int image = static_cast<int>(blockIdx.x);
    for (int c = threadIdx.x; c < Features; c += 256)
    {
        float sum = 0;
        for (int o = 0; o < outputs; o++)
            sum = fma32(d_logits[image * outputs + o], weights[o * Features + c], sum);
        d_features[image * Features + c] = sum;
    }
}

extern "C" __global__ void __launch_bounds__(256) densenet_linear_gradient(const float* d_logits, const float* features, int images, int outputs, float* d_weights, float* d_bias)
{
    int o = static_cast<int>(blockIdx.x);
    for (int c = threadIdx.x; c <= Features; c += 256)
    {
        float sum = 0;
        for (int n = 0; n < images; n++)
            sum = fma32(d_logits[n * outputs + o], c < Features ? features[n * Features + c] : 1.0f, sum);
        if (c < Features)
            d_weights[o * Features + c] = sum;
        else
            d_bias[o] = sum;
    }
}

extern "C" __global__ void __launch_bounds__(256) densenet_average_gradient_float(const float* d_features, const float* values, int pixels,
    const float* scale, const float* shift, const float* gamma, const float* mean, float* gradients, float* partials)
{
    run_average(d_features, values, pixels, scale, shift, gamma, mean, gradients, partials);
}

extern "C" __global__ void __launch_bounds__(256) densenet_average_gradient_bfloat16(const float* d_features, const Bfloat16* values, int pixels,
    const float* scale, const float* shift, const float* gamma, const float* mean, float* gradients, float* partials)
{
    run_average(d_features, values, pixels, scale, shift, gamma, mean, gradients, partials);
}
