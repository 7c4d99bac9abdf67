#include "math.cuh"

// phase_training.cu: the steps of the phase-histogram network's gradient that are no matrix products
// (PhaseHistogramGradient, PhaseHistogramBackward). Every sum in an order that depends on the shape alone.
//   supervise         -log alpha of the true phase, whether it is the most probable, of each window
//   values            loss, phase loss, share of right steps, squared error, share of phases found
//   blocks_paths      d path [n,15,Z]    blocks_weights  d W5 [Z,226]
//   attend_gradient   d score [n,64,heads], d w [n,64,D], what d hidden [15,n,64,H] starts from
//   sum_rows          out[z,j] = sum over i of a[z,i,j]

constexpr int Phases = 64, AlphaRow = 16, Blocks = 15, Outputs = 226, UnknownPhase = 255;

__constant__ int block_offsets[16] = {0, 16, 27, 39, 53, 65, 75, 91, 105, 118, 132, 150, 167, 183, 202, 226};

__device__ __forceinline__ int block_of(int output)
{
    int c = 0;
    while (block_offsets[c + 1] <= output)
        c++;
    return c;
}

// posterior [n,64]; found: 1 or 0, -1 where the phase is not known.
extern "C" __global__ void __launch_bounds__(128) phase_supervise(const float* posterior, const unsigned char* phases, int windows, double* losses, int* found)
{
    const int n = (int)(blockIdx.x * blockDim.x + threadIdx.x);
    if (n >= windows)
        return;
    const int phase = phases[n];
    const float* own = posterior + (long long)n * Phases;
    int best = 0;
    for (int p = 1; p < Phases; p++)
        if (own[p] > own[best])
            best = p;
    losses[n] = phase == UnknownPhase ? 0 : -log64(largest(own[phase], 1e-30f));
    found[n] = phase == UnknownPhase ? -1 : best == phase;
}

// One block. primary [3]: mean loss, share of right steps, squared error.
extern "C" __global__ void __launch_bounds__(256) phase_values(const double* primary, const double* losses, const int* found, int windows, double* values)
{
    __shared__ double sums[32];
    __shared__ int counts[32];
    double loss = 0;
    int right = 0, known = 0;
    for (int n = threadIdx.x; n < windows; n += (int)blockDim.x)
    {
        loss += losses[n];
        right += found[n] == 1;
        known += found[n] >= 0;
    }
    loss = block_sum(loss, sums);
    right = block_sum(right, counts);
    known = block_sum(known, counts);
    if (threadIdx.x == 0)
    {
        values[0] = primary[0];
        values[1] = loss / windows;
        values[2] = primary[1];
        values[3] = primary[2];
        values[4] = known == 0 ? 0 : (double)right / known;
    }
}

// grid (windows), one thread a unit of a path in turn.
extern "C" __global__ void __launch_bounds__(256) phase_blocks_paths(
    const float* dLogits, const float* weights, const float* paths, int pathWidth, float* dPaths)
{
    const int n = blockIdx.x;
    for (int i = threadIdx.x; i < Blocks * pathWidth; i += (int)blockDim.x)
    {
        const int c = i / pathWidth, z = i - c * pathWidth;
        float sum = 0;
        for (int o = block_offsets[c]; o < block_offsets[c + 1]; o++)
            sum = fma32(dLogits[n * Outputs + o], weights[z * Outputs + o], sum);
        const long long at = (long long)n * Blocks * pathWidth + i;
        dPaths[at] = paths[at] > 0 ? sum : 0;
    }
}

// grid (Z), one thread an output.
extern "C" __global__ void __launch_bounds__(256) phase_blocks_weights(
    const float* dLogits, const float* paths, int pathWidth, int windows, float* dWeights)
{
    const int z = blockIdx.x, o = threadIdx.x;
    if (o >= Outputs)
        return;
    const int c = block_of(o);
    float sum = 0;
    for (int n = 0; n < windows; n++)
        sum = fma32(paths[((long long)n * Blocks + c) * pathWidth + z], dLogits[(long long)n * Outputs + o], sum);
    dWeights[z * Outputs + o] = sum;
}

// One window a block. dInputs [n,(heads+1) D] of what the attention pooled, dAttended [n,15,H]. supervision: weight of a
// window's phase loss.
extern "C" __global__ void __launch_bounds__(256) phase_attend_gradient(
    const float* w, int pooledWidth, const float* weights, int heads, const float* hidden, int hiddenWidth, const float* alpha,
    const float* dInputs, const float* dAttended, const unsigned char* phases, float supervision, int windows,
    float* dScores, float* dPooled, float* dHidden)
{
    __shared__ float gradient[Phases][AlphaRow + 1];
    __shared__ float attention[Phases][AlphaRow + 1];
    __shared__ float parts[4][Phases];
    __shared__ float means[AlphaRow];
    const int tid = threadIdx.x, threads = blockDim.x, n = blockIdx.x;
    w += (long long)n * Phases * pooledWidth;
    dInputs += (long long)n * (heads + 1) * pooledWidth;
    dAttended += (long long)n * Blocks * hiddenWidth;
    for (int i = tid; i < Phases * AlphaRow; i += threads)
        attention[i / AlphaRow][i % AlphaRow] = alpha[(long long)n * Phases * AlphaRow + i];
    for (int i = tid; i < Phases * heads; i += threads)
    {
        const int p = i / heads, head = i - p * heads;
        float sum = 0;
        for (int j = 0; j < pooledWidth; j++)
            sum = fma32(w[p * pooledWidth + j], dInputs[head * pooledWidth + j], sum);
        gradient[p][head] = sum;
    }
    for (int i = tid; i < 4 * Phases; i += threads)
    {
        const int part = i / Phases, p = i % Phases;
        float sum = 0;
        for (int c = part; c < Blocks; c += 4)
        {
            const float* h = hidden + (((long long)c * windows + n) * Phases + p) * hiddenWidth;
            for (int j = 0; j < hiddenWidth; j++)
                sum = fma32(h[j], dAttended[c * hiddenWidth + j], sum);
        }
        parts[part][p] = sum;
    }
    __syncthreads();
    for (int p = tid; p < Phases; p += threads)
        gradient[p][0] += (parts[0][p] + parts[1][p]) + (parts[2][p] + parts[3][p]);
    __syncthreads();
    if (tid < heads)
    {
        float mean = 0;
        for (int p = 0; p < Phases; p++)
            mean += attention[p][tid] * gradient[p][tid];
        means[tid] = mean;
    }
    __syncthreads();
    const int phase = phases[n];
    for (int i = tid; i < Phases * heads; i += threads)
    {
        const int p = i / heads, head = i - p * heads;
        float value = attention[p][head] * (gradient[p][head] - means[head]);
        if (head == 0 && phase != UnknownPhase)
            value += supervision * (attention[p][0] - (p == phase ? 1.0f : 0.0f));
        gradient[p][head] = value;
        dScores[(long long)n * Phases * heads + i] = value;
    }
    __syncthreads();
    for (int i = tid; i < Phases * pooledWidth; i += threads)
    {
        const int p = i / pooledWidth, j = i - p * pooledWidth;
        float sum = 0;
        for (int head = 0; head <= heads; head++)
            sum = fma32(attention[p][head], dInputs[head * pooledWidth + j], sum);
        for (int head = 0; head < heads; head++)
            sum = fma32(gradient[p][head], weights[j * heads + head], sum);
        dPooled[(long long)n * Phases * pooledWidth + i] = w[i] > 0 ? sum : 0;
    }
    for (int i = tid; i < Blocks * Phases * hiddenWidth; i += threads)
    {
        const int c = i / (Phases * hiddenWidth), rest = i - c * Phases * hiddenWidth, p = rest / hiddenWidth, j = rest - p * hiddenWidth;
        dHidden[((long long)c * windows + n) * Phases * hiddenWidth + rest] = attention[p][0] * dAttended[c * hiddenWidth + j];
    }
}

// grid (z, tiles of 32 columns), blockDim.x / 32 lanes that take every so manieth row, added in their order.
extern "C" __global__ void __launch_bounds__(1024) phase_sum_rows(
    const float* a, long long aBatch, long long aRow, int rows, int columns, float* out, long long outBatch)
{
    __shared__ float sums[32][33];
    const int lane = threadIdx.x / 32, lanes = blockDim.x / 32, column = (int)blockIdx.y * 32 + (int)(threadIdx.x % 32);
    a += blockIdx.x * aBatch;
    float sum = 0;
    if (column < columns)
        for (int i = lane; i < rows; i += lanes)
            sum += a[i * aRow + column];
    sums[lane][threadIdx.x % 32] = sum;
    __syncthreads();
    if (lane > 0 || column >= columns)
        return;
    for (int l = 1; l < lanes; l++)
        sum += sums[l][threadIdx.x];
    out[blockIdx.x * outBatch + column] = sum;
}
