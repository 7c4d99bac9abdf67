// Convolutions of the emulated cuDNN: any strides, dilation, groups; sums in float, in one order.
#pragma once

#include "numbers.h"

namespace emulator
{
struct TensorShape
{
    Element type;
    int n, c, h, w;
    std::int64_t ns, cs, hs, ws;

    std::int64_t at(int in, int ic, int ih, int iw) const { return in * ns + ic * cs + ih * hs + iw * ws; }
    std::uint64_t bytes() const { return (static_cast<std::uint64_t>(at(n - 1, c - 1, h - 1, w - 1)) + 1) * bytes_of(type); }
    bool same(const TensorShape& other) const { return n == other.n && c == other.c && h == other.h && w == other.w; }
};

struct Geometry
{
    int pad_h, pad_w, stride_h, stride_w, dilation_h, dilation_w, groups;
    bool flip; // a convolution proper: the filter turned around
    bool tf32; // operands as a tensor core sees them
};

struct FilterBias
{
    float alpha, beta, z_scale;
    const void* z;
    TensorShape z_shape;
    const void* bias;
    bool relu;
};

// y = alpha conv(x, f) + beta y; with what comes after it, y = act(alpha conv(x, f) + z_scale z + bias).
void convolve(const TensorShape& x, const void* from, const TensorShape& f, const void* filter, const Geometry& g,
    const FilterBias& after, const TensorShape& y, void* to);
// dx = alpha conv'(dy, f) + beta dx
void convolve_data(const TensorShape& f, const void* filter, const TensorShape& dy, const void* from, const Geometry& g,
    float alpha, float beta, const TensorShape& dx, void* to);
// df = alpha sum x dy + beta df
void convolve_filter(const TensorShape& x, const void* from, const TensorShape& dy, const void* gradient, const Geometry& g,
    float alpha, float beta, const TensorShape& df, void* to);
}
