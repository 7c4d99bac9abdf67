// Which values of one picture's layer survive, from (seed, step, layer, picture, element) alone; DropoutMask of the
// processor, bit for bit.
//   keep where hash(element) >= rate * 2^32; survivors are multiplied by 1 / (1 - rate)
// The key of the step, mixed from seed and step, lies in device memory, so that a captured graph serves every step.
// An element is (y * channels + c) * width + x of its picture, whatever the layout.
#pragma once
#include "kernel.cuh"

struct DropoutMask
{
    unsigned key;
    unsigned second_key;
    unsigned threshold;
    float scale;

    __device__ static __forceinline__ unsigned long long mix(unsigned long long z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
        return z ^ (z >> 31);
    }

    __device__ static __forceinline__ DropoutMask of(const unsigned long long* step_key, int layer, unsigned picture, unsigned threshold, float scale)
    {
        if (threshold == 0)
            return {0, 0, 0, 1.0f};
        unsigned long long mixed = mix(mix(*step_key + static_cast<unsigned long long>(layer)) ^ picture);
        return {static_cast<unsigned>(mixed), static_cast<unsigned>(mixed >> 32), threshold, scale};
    }

    // 0, or 1 / (1 - rate); 1 where nothing is dropped.
    __device__ __forceinline__ float factor(unsigned element) const
    {
        unsigned hash = element * 0x9E3779B9u + key;
        hash = (hash ^ (hash >> 16)) * 0x7FEB352Du;
        hash ^= second_key;
        hash = (hash ^ (hash >> 15)) * 0x846CA68Bu;
        hash ^= hash >> 16;
        return hash >= threshold ? scale : 0.0f;
    }
};
