// What the 3x3 convolutions share: which pixels there are, and four values of any storage type at a time.
#pragma once

__device__ __forceinline__ float4 load_four(const float* from) { return load4(from); }

__device__ __forceinline__ float4 load_four(const Half* from)
{
    uint2 v = load8(from);
    return {low_half<Half>(v.x), high_half<Half>(v.x), low_half<Half>(v.y), high_half<Half>(v.y)};
}

__device__ __forceinline__ float4 load_four(const Bfloat16* from)
{
    uint2 v = load8(from);
    return {low_half<Bfloat16>(v.x), high_half<Bfloat16>(v.x), low_half<Bfloat16>(v.y), high_half<Bfloat16>(v.y)};
}

__device__ __forceinline__ void store_four(float* to, float4 v) { store4(to, v); }

__device__ __forceinline__ void store_four(Half* to, float4 v) { store8(to, {pack2<Half>(v.x, v.y), pack2<Half>(v.z, v.w)}); }

__device__ __forceinline__ void store_four(Bfloat16* to, float4 v)
{
    store8(to, {pack2<Bfloat16>(v.x, v.y), pack2<Bfloat16>(v.z, v.w)});
}

// A pixel's four values in an array.
__device__ __forceinline__ void split(float* to, float4 v)
{
    to[0] = v.x;
    to[1] = v.y;
    to[2] = v.z;
    to[3] = v.w;
}

// Storage of tf32: a float with 10 bits of fraction, rounded to nearest, ties away from zero (as cvt.rna.tf32.f32 does).
struct Tf32
{
    float bits;

    __device__ static __forceinline__ Tf32 of(float x)
    {
        unsigned u = __float_as_uint(x);
        return {(u & 0x7f800000u) == 0x7f800000u ? x : __uint_as_float((u + 0x1000u) & 0xffffe000u)};
    }
};

__device__ __forceinline__ void store_four(Tf32* to, float4 v)
{
    store4(reinterpret_cast<float*>(to), float4{Tf32::of(v.x).bits, Tf32::of(v.y).bits, Tf32::of(v.z).bits, Tf32::of(v.w).bits});
}

// Values in one word where those of the gate are above zero, zero elsewhere.
template <typename T>
__device__ __forceinline__ unsigned keep(unsigned values, unsigned gate)
{
    if constexpr (sizeof(T) == 2)
        return (low_half<T>(gate) > 0 ? values & 0xffffu : 0) | (high_half<T>(gate) > 0 ? values & 0xffff0000u : 0);
    else
        return __uint_as_float(gate) > 0 ? values : 0;
}

// A pixel of a batch of planes: its number among all of them, and its row and column.
struct PlanePixel
{
    int at, y, x;
};

// Which pixels of planes [count,height,width] a convolution makes, and which of them are picture.
//   region   columns [left, right), rows [top, bottom), the same of every plane;
//   bounds   null, or {left, top, right, bottom} in device memory: the part of the plane that lies in the picture. Pixels
//            beyond it read as zero, which is the zero padding of the network, and are not written. So one captured graph
//            serves the tiles at the edges too.
struct PictureRegion
{
    int count, width, height;
    int left, top, columns, rows;
    int pictureLeft, pictureTop, pictureColumns, pictureRows;

    __device__ PictureRegion(const int* bounds, int count, int width, int height, int left, int top, int right, int bottom)
        : count(count), width(width), height(height), left(left), top(top), columns(right - left), rows(bottom - top),
          pictureLeft(0), pictureTop(0), pictureColumns(width), pictureRows(height)
    {
        if (bounds != nullptr)
        {
            pictureLeft = bounds[0];
            pictureTop = bounds[1];
            pictureColumns = bounds[2] - bounds[0];
            pictureRows = bounds[3] - bounds[1];
        }
    }

    // The region's pixels are counted row by row, plane by plane; those after the last are in no picture.
    __device__ PlanePixel pixel(int index) const
    {
        int row = index / columns, x = left + index - row * columns;
        int n = row / rows, y = top + row - n * rows;
        return n < count ? PlanePixel{(n * height + y) * width + x, y, x} : PlanePixel{0, -(1 << 30), 0};
    }

    __device__ bool holds(PlanePixel p, int down, int across) const
    {
        return static_cast<unsigned>(p.y + down - pictureTop) < static_cast<unsigned>(pictureRows)
            && static_cast<unsigned>(p.x + across - pictureLeft) < static_cast<unsigned>(pictureColumns);
    }

    __device__ long long offset(PlanePixel p, int down, int across) const { return p.at + static_cast<long long>(down) * width + across; }

    // None of these pixels of the region lies in the picture (one plane; of more, none is left out).
    __device__ bool is_outside(int first, int pixels) const
    {
        int top0 = top + first / columns, bottom0 = top + (first + pixels - 1) / columns;
        return count == 1 && (bottom0 < pictureTop || top0 >= pictureTop + pictureRows);
    }
};
