// The grid phase at each of the 256 places of DenseNet-40's last block, what GridPhaseHead is on the processor: 16 outputs a place,
// k 0..7 rows, 8..15 columns of the first compression's 8x8 grid; place (y,x) is pixel (4y,4x); phases [n] are 8 r + s, above 63 none.
//   f[n][p][c] = max(0, scale x + shift);  z[p][k] = bias[k] + sum over c of w[k][c] f[p][c], w [16][456]
//   densenet_phase_loss_*      losses [n]: 1/512 sum over p of -log softmax(z[p][0..7])[(4y - r) mod 8] - log softmax(z[p][8..15])[(4x - s) mod 8];
//                              found [n]: whether the phase of the largest likelihood over all places is the true one, -1 where there is
//                              none; d_outputs [n][256][16]: factor times the loss's gradient, null: none is asked for
//   densenet_phase_weights_*   partials [group][16 * 456 + 16] of dW[k][c] = sum over n, p of d_outputs[n][p][k] f[n][p][c], dBias[k] = sum of d_outputs
//   densenet_phase_gradient_*  d = dFeatures[n][c] / 256 + sum over k of w[k][c] d_outputs[n][p][k] where the activation is above 0, else 0;
//                              G[c] = gamma d, written: the head is the first reader in the backward pass;
//                              partials [quarter][2][456] of d and d (x - mean)
// A quarter is 64 places of a window, a group a run of the batch's quarters: sums depend on the batch size and on nothing else.
// Outputs by rising c, gradients by rising k as on the processor, losses in doubles by the tree of a block, places by two halves of a quarter.
#include "densenet.cuh"
#include "math.cuh"

namespace
{
constexpr int Features = 456;
constexpr int Quads = Features / 4;
constexpr int Places = 256;
constexpr int Side = 16;
constexpr int Quarter = 64;
constexpr int Period = 8;
constexpr int Classes = 2 * Period;
constexpr int Phases = Period * Period;
constexpr int Warps = Places / 32;

// One axis of a place at pixel 0 or 4 (mod 8). z: its eight outputs, replaced by factor times the gradient of -log softmax(z)[truth] / 512.
// scores [8][warps]: of each offset of the grid, the sum over the warp's places of its log softmax.
__device__ __forceinline__ double run_axis(float* z, bool odd, int first, double factor, double (*scores)[Warps])
{
    double f[Period], most = z[0], sum = 0;
#pragma unroll
    for (int k = 1; k < Period; k++)
        most = largest(most, static_cast<double>(z[k]));
#pragma unroll
    for (int k = 0; k < Period; k++)
        sum += f[k] = exp64(z[k] - most);
    double log = most + log64(sum), loss = 0;
    int truth = (odd ? 4 : 0) - first & Period - 1;
#pragma unroll
    for (int offset = 0; offset < Period; offset++)
    {
        double even = z[-offset & Period - 1], at_four = z[4 - offset & Period - 1];
        double score = warp_sum((odd ? at_four : even) - log);
        if (threadIdx.x % 32 == 0)
            scores[offset][threadIdx.x / 32] = score;
    }
#pragma unroll
    for (int k = 0; k < Period; k++)
    {
        loss = k == truth ? log - z[k] : loss;
        z[k] = static_cast<float>(factor * (f[k] / sum - (k == truth ? 1 : 0)) / (2 * Places));
    }
    return loss;
}

// A block a window, a thread a place.
template <typename T> __device__ __forceinline__ void run_loss(const T* values, const float* scale, const float* shift, const float* weights, const float* bias,
    const unsigned char* phases, double factor, float* d_outputs, double* losses, int* found)
{
    alignas(16) __shared__ float rows[Classes * Features];
    alignas(16) __shared__ float scales[Features];
    alignas(16) __shared__ float shifts[Features];
    alignas(16) __shared__ double scores[Classes][Warps];
    alignas(16) __shared__ double likelihood[Classes];
    alignas(16) __shared__ double sums[32];
    int image = static_cast<int>(blockIdx.x), p = static_cast<int>(threadIdx.x), phase = phases[image];
    for (int i = p; i < Classes * Features; i += Places)
        rows[i] = weights[i];
    for (int i = p; i < Features; i += Places)
    {
        scales[i] = scale[i];
        shifts[i] = shift[i];
    }
    float z[Classes];
#pragma unroll
    for (int k = 0; k < Classes; k++)
        z[k] = bias[k];
    __syncthreads();
    const T* own = values + (static_cast<long long>(image) * Places + p) * Features;
#pragma unroll 1
    for (int c = 0; c < Features; c += 4)
    {
        float x[4], a[4], b[4];
        load_quad(own + c, x);
        load_quad(scales + c, a);
        load_quad(shifts + c, b);
#pragma unroll
        for (int i = 0; i < 4; i++)
            x[i] = dense_activate(x[i], a[i], b[i]);
#pragma unroll
        for (int k = 0; k < Classes; k++)
        {
            float w[4];
            load_quad(rows + k * Features + c, w);
#pragma unroll
            for (int i = 0; i < 4; i++)
                z[k] = fma32(x[i], w[i], z[k]);
        }
    }
    bool known = phase < Phases;
    double loss = run_axis(z, p / Side % 2 != 0, phase / Period, factor, scores);
    loss += run_axis(z + Period, p % 2 != 0, phase % Period, factor, scores + Period);
    if (d_outputs != nullptr)
    {
        float* to = d_outputs + (static_cast<long long>(image) * Places + p) * Classes;
#pragma unroll
        for (int k = 0; k < Classes; k += 4)
            store4(to + k, {known ? z[k] : 0.0f, known ? z[k + 1] : 0.0f, known ? z[k + 2] : 0.0f, known ? z[k + 3] : 0.0f});
    }
    // The barriers of this sum stand before the reading of the scores too.
    loss = block_sum(loss, sums);
    if (p < Classes)
    {
        double sum = 0;
        for (int warp = 0; warp < Warps; warp++)
            sum += scores[p][warp];
        likelihood[p] = sum;
    }
    __syncthreads();
    if (p != 0)
        return;
    int best = 0;
    float most = static_cast<float>(likelihood[0] + likelihood[Period]);
#pragma unroll 1
    for (int i = 1; i < Phases; i++)
    {
        float score = static_cast<float>(likelihood[i / Period] + likelihood[Period + i % Period]);
        if (score > most)
        {
            most = score;
            best = i;
        }
    }
    losses[image] = known ? loss / (2 * Places) : 0;
    found[image] = known ? best == phase : -1;
}

// Gradients by the outputs of a quarter, four a thread.
__device__ __forceinline__ void fetch_quarter(const float* d_outputs, int quarter, float* to)
{
    static_assert(Quarter * Classes == 4 * Places, "a quad a thread");
    store4(to + 4 * threadIdx.x, load4(d_outputs + static_cast<long long>(quarter) * Quarter * Classes + 4 * threadIdx.x));
}

// A block a group; a thread four channels of half the places of a quarter, sixteen of those left over a bias each.
template <typename T> __device__ __forceinline__ void run_weights(const float* d_outputs, const T* values, int images, const float* scale, const float* shift, float* partials)
{
    alignas(16) __shared__ float d[Quarter * Classes];
    alignas(16) __shared__ float other[Classes * Features];
    int thread = static_cast<int>(threadIdx.x), part = thread / Quads, c = thread % Quads * 4, beside = thread - 2 * Quads;
    float sum[Classes][4] = {}, a[4], b[4], bias = 0;
#pragma unroll
    for (int i = 0; i < 4; i++)
    {
        a[i] = scale[c + i];
        b[i] = shift[c + i];
    }
    long long quarters = static_cast<long long>(images) * (Places / Quarter);
    int first = static_cast<int>(quarters * blockIdx.x / gridDim.x), end = static_cast<int>(quarters * (blockIdx.x + 1) / gridDim.x);
#pragma unroll 1
    for (int quarter = first; quarter < end; quarter++)
    {
        __syncthreads();
        fetch_quarter(d_outputs, quarter, d);
        __syncthreads();
        if (part < 2)
        {
#pragma unroll 1
            for (int p = part * Quarter / 2; p < (part + 1) * Quarter / 2; p++)
            {
                float x[4];
                load_quad(values + (static_cast<long long>(quarter) * Quarter + p) * Features + c, x);
#pragma unroll
                for (int i = 0; i < 4; i++)
                    x[i] = dense_activate(x[i], a[i], b[i]);
#pragma unroll
                for (int k = 0; k < Classes; k += 4)
                {
                    float slope[4];
                    load_quad(d + p * Classes + k, slope);
#pragma unroll
                    for (int j = 0; j < 4; j++)
#pragma unroll
                        for (int i = 0; i < 4; i++)
                            sum[k + j][i] = fma32(slope[j], x[i], sum[k + j][i]);
                }
            }
        }
        else if (beside < Classes)
        {
            for (int p = 0; p < Quarter; p++)
                bias += d[p * Classes + beside];
        }
    }
    if (part == 1)
#pragma unroll
        for (int k = 0; k < Classes; k++)
            store_quad(other + k * Features + c, sum[k]);
    __syncthreads();
    float* to = partials + static_cast<long long>(blockIdx.x) * Classes * (Features + 1);
    if (part == 0)
    {
#pragma unroll
        for (int k = 0; k < Classes; k++)
        {
            float more[4];
            load_quad(other + k * Features + c, more);
            store4(to + k * Features + c, {sum[k][0] + more[0], sum[k][1] + more[1], sum[k][2] + more[2], sum[k][3] + more[3]});
        }
    }
    else if (part == 2 && beside < Classes)
        to[Classes * Features + beside] = bias;
}

// A block a quarter.
template <typename T> __device__ __forceinline__ void run_gradient(const float* d_features, const float* d_outputs, const float* weights, const T* values,
    const float* scale, const float* shift, const float* gamma, const float* mean, float* gradients, float* partials)
{
    alignas(16) __shared__ float d[Quarter * Classes];
    alignas(16) __shared__ float sums[2][2][Features];
    int quarter = static_cast<int>(blockIdx.x), thread = static_cast<int>(threadIdx.x), part = thread / Quads, c = thread % Quads * 4;
    fetch_quarter(d_outputs, quarter, d);
    __syncthreads();
    if (part < 2)
    {
        float w[Classes][4], total[4] = {0, 0, 0, 0}, product[4] = {0, 0, 0, 0}, d_feature[4];
        load_quad(d_features + quarter / (Places / Quarter) * Features + c, d_feature);
#pragma unroll
        for (int i = 0; i < 4; i++)
        {
            d_feature[i] /= static_cast<float>(Places);
#pragma unroll
            for (int k = 0; k < Classes; k++)
                w[k][i] = weights[k * Features + c + i];
        }
#pragma unroll 1
        for (int p = part * Quarter / 2; p < (part + 1) * Quarter / 2; p++)
        {
            long long at = (static_cast<long long>(quarter) * Quarter + p) * Features + c;
            float x[4], g[4] = {d_feature[0], d_feature[1], d_feature[2], d_feature[3]};
            load_quad(values + at, x);
#pragma unroll
            for (int k = 0; k < Classes; k += 4)
            {
                float slope[4];
                load_quad(d + p * Classes + k, slope);
#pragma unroll
                for (int j = 0; j < 4; j++)
#pragma unroll
                    for (int i = 0; i < 4; i++)
                        g[i] = fma32(slope[j], w[k + j][i], g[i]);
            }
#pragma unroll
            for (int i = 0; i < 4; i++)
            {
                float slope = dense_activate(x[i], scale[c + i], shift[c + i]) > 0 ? g[i] : 0.0f;
                total[i] += slope;
                product[i] = fma32(slope, x[i] - mean[c + i], product[i]);
                g[i] = slope * gamma[c + i];
            }
            store_quad(gradients + at, g);
        }
        store_quad(sums[part][0] + c, total);
        store_quad(sums[part][1] + c, product);
    }
    __syncthreads();
    for (int i = thread; i < 2 * Features; i += Places)
        partials[static_cast<long long>(quarter) * 2 * Features + i] = sums[0][i / Features][i % Features] + sums[1][i / Features][i % Features];
}
}

extern "C" __global__ void __launch_bounds__(256) densenet_phase_loss_float(const float* values, const float* scale, const float* shift, const float* weights,
    const float* bias, const unsigned char* phases, double factor, float* d_outputs, double* losses, int* found)
{
    run_loss(values, scale, shift, weights, bias, phases, factor, d_outputs, losses, found);
}

extern "C" __global__ void __launch_bounds__(256) densenet_phase_loss_bfloat16(const Bfloat16* values, const float* scale, const float* shift, const float* weights,
    const float* bias, const unsigned char* phases, double factor, float* d_outputs, double* losses, int* found)
{
    run_loss(values, scale, shift, weights, bias, phases, factor, d_outputs, losses, found);
}

extern "C" __global__ void __launch_bounds__(256) densenet_phase_weights_float(const float* d_outputs, const float* values, int images,
    const float* scale, const float* shift, float* partials)
{
    run_weights(d_outputs, values, images, scale, shift, partials);
}

extern "C" __global__ void __launch_bounds__(256) densenet_phase_weights_bfloat16(const float* d_outputs, const Bfloat16* values, int images,
    const float* scale, const float* shift, float* partials)
{
    run_weights(d_outputs, values, images, scale, shift, partials);
}

extern "C" __global__ void __launch_bounds__(256) densenet_phase_gradient_float(const float* d_features, const float* d_outputs, const float* weights, const float* values,
    const float* scale, const float* shift, const float* gamma, const float* mean, float* gradients, float* partials)
{
    run_gradient(d_features, d_outputs, weights, values, scale, shift, gamma, mean, gradients, partials);
}

extern "C" __global__ void __launch_bounds__(256) densenet_phase_gradient_bfloat16(const float* d_features, const float* d_outputs, const float* weights, const Bfloat16* values,
    const float* scale, const float* shift, const float* gamma, const float* mean, float* gradients, float* partials)
{
    run_gradient(d_features, d_outputs, weights, values, scale, shift, gamma, mean, gradients, partials);
}
