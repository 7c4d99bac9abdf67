// A softmax over each block of outputs (Tondi 2021, section 3.1).
//   f[i,j] = exp(z[i,j] - max_i) / sum_j exp(z[i,j] - max_i);  dz[i,j] = f[i,j] (df[i,j] - sum_j f[i,j] df[i,j])
// z, f, df, dz [n,226]; both may run in place. A warp a block; exponentials and sums are doubles, summed by halves of the
// warp. The contract is BlockSoftmax of the processor.
#include "primary_blocks.cuh"

extern "C" __global__ void __launch_bounds__(128) softmax_forward(const float* logits, float* probabilities, unsigned count)
{
    int lane = static_cast<int>(threadIdx.x % 32);
#pragma unroll 1
    for (unsigned i = blockIdx.x * 4 + threadIdx.x / 32; i < count * primary_blocks; i += gridDim.x * 4)
    {
        unsigned n = i / primary_blocks, block = i - n * primary_blocks;
        int size = block_size(block);
        unsigned at = n * primary_outputs + block_offset(block);
        BlockSoftmax softmax = BlockSoftmax::of(logits + at, size, lane);
        if (lane < size)
            probabilities[at + lane] = static_cast<float>(softmax.weight / softmax.sum);
    }
}

extern "C" __global__ void __launch_bounds__(128) softmax_backward(const float* probabilities, const float* d_probabilities, float* d_logits, unsigned count)
{
    int lane = static_cast<int>(threadIdx.x % 32);
#pragma unroll 1
    for (unsigned i = blockIdx.x * 4 + threadIdx.x / 32; i < count * primary_blocks; i += gridDim.x * 4)
    {
        unsigned n = i / primary_blocks, block = i - n * primary_blocks;
        int size = block_size(block);
        unsigned at = n * primary_outputs + block_offset(block) + static_cast<unsigned>(lane < size ? lane : 0);
        double f = lane < size ? probabilities[at] : 0, d = lane < size ? d_probabilities[at] : 0;
        double dot = warp_sum(f * d);
        if (lane < size)
            d_logits[at] = static_cast<float>(f * (d - dot));
    }
}
