// The losses of Tondi 2021 over the block softmax f of n windows, q the true steps, and how right the outputs are.
//   softmax head     a/15 sum_ij -t[i,j] log f[i,j] + b sum_ij f[i,j] d[i,j],  d = |j - q_i|^power,
//                    gradient a/15 (f - t) + b f (d - f.d);  t 1 at q_i, or exp(-|j - q_i| / tau) normalised in each block
//   regression head  1/15 sum_i (z_i - q_i)^2, gradient 2/15 (z_i - q_i)  (Niu, Tondi, Zhao, Barni 2020)
// Eq. 1 is a = 1, b = 0; Eq. 5 a = c, b = 1 - c; the smooth loss a = 1, b = 0, tau above 0. The gradient is that of the mean
// over the windows. A true step outside of its block makes the loss NaN.
//   window_loss [n] doubles; right [n] steps that are equal, errors [n] sums of squared differences of argmax + 1 (or of the
//   rounded output, at least 1) from the step; d_logits null: no gradient.
//   values: mean loss, share of right steps, mean squared difference (PrimaryScores of the processor).
// Doubles throughout; blocks of a window are added in their order, windows by the tree of one thread block.
#include "primary_blocks.cuh"

// One thread block a window, four warps, each every fourth output block.
extern "C" __global__ void __launch_bounds__(128) primary_loss_softmax(const float* logits, const unsigned char* steps, double cross_entropy, double distance,
    int power, double tau, float* d_logits, double* window_loss, int* right, long long* errors, unsigned count)
{
    __shared__ double losses[primary_blocks];
    __shared__ int found[primary_blocks];
    int lane = static_cast<int>(threadIdx.x % 32);
    double share = cross_entropy / primary_blocks;
#pragma unroll 1
    for (unsigned n = blockIdx.x; n < count; n += gridDim.x)
    {
        __syncthreads();
#pragma unroll 1
        for (unsigned block = threadIdx.x / 32; block < primary_blocks; block += 4)
        {
            int size = block_size(block), step = steps[n * primary_blocks + block], j = lane + 1;
            unsigned at = n * primary_outputs + block_offset(block);
            BlockSoftmax softmax = BlockSoftmax::of(logits + at, size, lane);
            double f = softmax.weight / softmax.sum;
            double z = lane < size ? logits[at + lane] : 0;
            int apart = j < step ? step - j : j - step;
            double away = power == 1 ? apart : apart * apart;
            double target = lane >= size ? 0 : tau > 0 ? exp64(-apart / tau) : apart == 0 ? 1 : 0;
            double share_of = target / warp_sum(target);
            double expected = warp_sum(f * away);
            double entropy = warp_sum(lane < size ? share_of * (log64(softmax.sum) - (z - softmax.top)) : 0.0);
            if (d_logits != nullptr && lane < size)
            {
                float slope = static_cast<float>(share * (f - share_of) + distance * f * (away - expected));
                d_logits[at + lane] = slope / static_cast<float>(count);
            }
            // The first of the largest outputs.
            int best = lane < size && static_cast<float>(z) == softmax.top ? lane : 31;
            for (int by = 16; by > 0; by >>= 1)
                best = least(best, __shfl_xor_sync(0xffffffffu, best, by));
            if (lane == 0)
            {
                bool valid = step >= 1 && step <= size;
                losses[block] = valid ? share * entropy + distance * expected : __longlong_as_double(0x7ff8000000000000ll);
                found[block] = best + 1 - step;
            }
        }
        __syncthreads();
        if (threadIdx.x != 0)
            continue;
        double loss = 0;
        int equal = 0, squares = 0;
        for (unsigned block = 0; block < primary_blocks; block++)
        {
            loss += losses[block];
            equal += found[block] == 0 ? 1 : 0;
            squares += found[block] * found[block];
        }
        window_loss[n] = loss;
        right[n] = equal;
        errors[n] = squares;
    }
}

// A thread a window.
extern "C" __global__ void __launch_bounds__(128) primary_loss_regression(const float* outputs, const unsigned char* steps, float* d_outputs,
    double* window_loss, int* right, long long* errors, unsigned count)
{
#pragma unroll 1
    for (unsigned n = blockIdx.x * blockDim.x + threadIdx.x; n < count; n += gridDim.x * blockDim.x)
    {
        double loss = 0;
        int equal = 0;
        long long squares = 0;
#pragma unroll 1
        for (unsigned i = 0; i < primary_blocks; i++)
        {
            float z = outputs[n * primary_blocks + i];
            int step = steps[n * primary_blocks + i];
            double error = static_cast<double>(z) - step;
            loss += error * error / primary_blocks;
            if (d_outputs != nullptr)
                d_outputs[n * primary_blocks + i] = static_cast<float>(2 * error / primary_blocks) / static_cast<float>(count);
            // The nearest whole number, halves away from zero.
            float near = z >= 1.0f ? least(z, 65535.0f) : 1.0f;
            long long apart = static_cast<long long>(static_cast<double>(near) + 0.5) - step;
            equal += apart == 0 ? 1 : 0;
            squares += apart * apart;
        }
        window_loss[n] = loss;
        right[n] = equal;
        errors[n] = squares;
    }
}

// One thread block: values[3] from what the windows gave.
extern "C" __global__ void __launch_bounds__(256) primary_loss_merge(const double* window_loss, const int* right, const long long* errors, unsigned count, double* values)
{
    __shared__ double scratch[32];
    __shared__ long long whole[32];
    double loss = 0;
    long long equal = 0, squares = 0;
#pragma unroll 1
    for (unsigned n = threadIdx.x; n < count; n += blockDim.x)
    {
        loss += window_loss[n];
        equal += right[n];
        squares += errors[n];
    }
    loss = block_sum(loss, scratch);
    equal = block_sum(equal, whole);
    squares = block_sum(squares, whole);
    if (threadIdx.x != 0)
        return;
    double steps = static_cast<double>(count) * primary_blocks;
    values[0] = loss / count;
    values[1] = equal / steps;
    values[2] = squares / steps;
}
