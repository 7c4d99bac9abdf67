// Outputs of the quality network's tiles to the two maps of a picture.
//   map_k[y0 + y, x0 + x] = tile[(top + y), (left + x), k] limited to [low, high]; NaN stays
// tile: pixel (y,x) at y * row stride + x * pixel stride, its two channels a channel stride apart; T is float, Half or
// Bfloat16. Maps are float planes of any stride; map pointers stand at (y0, x0).
#include "storage.cuh"

__device__ __forceinline__ float limited(float v, float low, float high) { return v < low ? low : v > high ? high : v; }

#define STITCH(T) const T *tile, long long tile_row, long long tile_pixel, long long tile_channel, float *first, float *second, long long map_row, \
    unsigned width, unsigned height, float low, float high
#define STITCH_THESE tile, tile_row, tile_pixel, tile_channel, first, second, map_row, width, height, low, high

template <typename T>
__device__ __forceinline__ void map_stitch(STITCH(T))
{
#pragma unroll 1
    for (unsigned i = grid_first(); i < width * height; i += grid_step())
    {
        unsigned y = i / width, x = i - y * width;
        const T* from = tile + y * tile_row + x * tile_pixel;
        first[y * map_row + x] = limited(to_float(from[0]), low, high);
        second[y * map_row + x] = limited(to_float(from[tile_channel]), low, high);
    }
}

#define BODY(T) map_stitch(STITCH_THESE)
KERNEL_EACH_TYPE(256, map_stitch, STITCH, BODY)
