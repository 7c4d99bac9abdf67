// The output blocks of Tondi, Costanzo, Huang, Li 2021 (section 4.1), as PrimaryBlocks of the processor has them: block i has
// one output for each step 1..size. A warp works on a block, a lane on an output.
#pragma once
#include "math.cuh"

constexpr unsigned primary_blocks = 15;
constexpr unsigned primary_outputs = 226;

__device__ __forceinline__ int block_size(unsigned block)
{
    constexpr int sizes[] = {16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24};
    int size = 0;
    for (unsigned i = 0; i < primary_blocks; i++)
        size = i == block ? sizes[i] : size;
    return size;
}

__device__ __forceinline__ int block_offset(unsigned block)
{
    constexpr int offsets[] = {0, 16, 27, 39, 53, 65, 75, 91, 105, 118, 132, 150, 167, 183, 202};
    int offset = 0;
    for (unsigned i = 0; i < primary_blocks; i++)
        offset = i == block ? offsets[i] : offset;
    return offset;
}

// What a lane knows of its block's softmax; lanes behind the block's size have weight 0.
struct BlockSoftmax
{
    float top;        // the largest output
    double weight;    // exp(z - top)
    double sum;       // of the weights, the same in every lane

    __device__ static __forceinline__ BlockSoftmax of(const float* logits, int size, int lane)
    {
        float z = logits[lane < size ? lane : 0];
        float top = z;
        for (int apart = 16; apart > 0; apart >>= 1)
            top = largest(top, __shfl_xor_sync(0xffffffffu, top, apart));
        double weight = lane < size ? exp64(static_cast<double>(z) - top) : 0;
        return {top, weight, warp_sum(weight)};
    }
};
