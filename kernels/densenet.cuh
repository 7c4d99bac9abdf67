// Where the kernels of DenseNet-40 work: a canvas is a batch of concatenation buffers [image][y][x][channel], channels last.
//   pitch         channels of a pixel in memory, a multiple of 8, so that a pixel begins on 16 bytes in every type
//   image_stride  values from an image to the next; base addresses may point behind a canvas's first row
// Computed are rows [0, upper) and [lower, height) and, of a row, all columns (ring 0) or the outermost ring columns: the left
// ones in the first half of the images, the right ones in the second half (edges of windows, left and right sides).
// What lies outside of an image is zero, after batch norm and ReLU.
#pragma once
#include "kernel.cuh"

constexpr int DenseGrowth = 12;

struct DenseCanvas
{
    int pitch;
    int width;
    int height;
    long long image_stride;
    int images;
    int ring;
    int upper;
    int lower;

    __device__ __forceinline__ int first_column(int image) const { return ring > 0 && 2 * image >= images ? width - ring : 0; }

    __device__ __forceinline__ int end_column(int image) const { return ring > 0 && 2 * image < images ? ring : width; }

    // Strips of so many rows, none of them across the gap.
    __device__ __forceinline__ int strips(int rows) const { return (upper + rows - 1) / rows + (height - lower + rows - 1) / rows; }

    __device__ __forceinline__ void strip(int index, int rows, int& first, int& end) const
    {
        int above = (upper + rows - 1) / rows;
        first = index < above ? index * rows : lower + (index - above) * rows;
        end = least(first + rows, index < above ? upper : height);
    }

    // Computed pixels, counted by image, row, column; the place of one of them.
    __device__ __forceinline__ int columns() const { return ring > 0 ? ring : width; }

    __device__ __forceinline__ int rows() const { return upper + height - lower; }

    __device__ __forceinline__ long long pixels() const { return static_cast<long long>(images) * rows() * columns(); }

    __device__ __forceinline__ void place(long long index, int& image, int& y, int& x) const
    {
        unsigned row = static_cast<unsigned>(index / columns());
        x = static_cast<int>(index - static_cast<long long>(row) * columns());
        image = static_cast<int>(row / rows());
        y = static_cast<int>(row) - image * rows();
        y += y < upper ? 0 : lower - upper;
        x += first_column(image);
    }

    __device__ __forceinline__ long long pixel(int image, int y, int x) const
    {
        return image * image_stride + (static_cast<long long>(y) * width + x) * pitch;
    }
};

// max(0, scale x + shift); NaN stays NaN.
__device__ __forceinline__ float dense_activate(float x, float scale, float shift) { return rectified(fma32(x, scale, shift)); }

// Four neighbouring values, the first at a multiple of four.
__device__ __forceinline__ void load_quad(const float* from, float (&to)[4])
{
    float4 v = load4(from);
    to[0] = v.x, to[1] = v.y, to[2] = v.z, to[3] = v.w;
}

template <typename T> __device__ __forceinline__ void load_quad(const T* from, float (&to)[4])
{
    uint2 v = load8(from);
    to[0] = low_half<T>(v.x), to[1] = high_half<T>(v.x), to[2] = low_half<T>(v.y), to[3] = high_half<T>(v.y);
}

__device__ __forceinline__ void store_quad(float* to, const float (&from)[4]) { store4(to, {from[0], from[1], from[2], from[3]}); }

template <typename T> __device__ __forceinline__ void store_quad(T* to, const float (&from)[4])
{
    store8(to, {pack2<T>(from[0], from[1]), pack2<T>(from[2], from[3])});
}
