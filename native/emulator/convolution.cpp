#include "convolution.h"

namespace emulator
{
// A tensor as floats [n,h,w,c], as the arithmetic sees its elements.
static std::vector<float> dense(const TensorShape& t, const void* from, bool as_tf32)
{
    std::vector<float> to(static_cast<std::size_t>(t.n) * t.h * t.w * t.c);
    std::size_t i = 0;
    for (int n = 0; n < t.n; n++)
        for (int h = 0; h < t.h; h++)
            for (int w = 0; w < t.w; w++)
                for (int c = 0; c < t.c; c++, i++)
                {
                    float value = get(from, static_cast<std::size_t>(t.at(n, c, h, w)), t.type);
                    to[i] = as_tf32 && t.type == Element::Float ? tf32(value) : value;
                }
    return to;
}

static void blend(const TensorShape& t, void* to, int n, int h, int w, int c, float value, float beta)
{
    auto at = static_cast<std::size_t>(t.at(n, c, h, w));
    set(to, at, t.type, beta == 0 ? value : __builtin_fmaf(beta, get(to, at, t.type), value));
}

void convolve(const TensorShape& x, const void* from, const TensorShape& f, const void* filter, const Geometry& g,
    const FilterBias& after, const TensorShape& y, void* to)
{
    auto input = dense(x, from, g.tf32), weights = dense(f, filter, g.tf32);
    int in = f.c, out = f.n / g.groups, taps = f.h * f.w;
    // [group][tap][c][k]: the innermost loop runs over outputs.
    std::vector<float> packed(weights.size());
    for (int k = 0; k < f.n; k++)
        for (int tap = 0; tap < taps; tap++)
            for (int c = 0; c < in; c++)
                packed[((static_cast<std::size_t>(k / out) * taps + tap) * in + c) * out + k % out]
                    = weights[(static_cast<std::size_t>(k) * taps + (g.flip ? taps - 1 - tap : tap)) * in + c];
    parallel_for(y.n * y.h, static_cast<double>(y.n) * y.h * y.w * f.n * taps * in, [&](int row) {
        int n = row / y.h, p = row % y.h;
        std::vector<float> sums(static_cast<std::size_t>(f.n));
        for (int q = 0; q < y.w; q++)
        {
            std::fill(sums.begin(), sums.end(), 0.0f);
            for (int group = 0; group < g.groups; group++)
                for (int tap = 0; tap < taps; tap++)
                {
                    int h = p * g.stride_h - g.pad_h + tap / f.w * g.dilation_h, w = q * g.stride_w - g.pad_w + tap % f.w * g.dilation_w;
                    if (h < 0 || h >= x.h || w < 0 || w >= x.w)
                        continue;
                    const float* pixel = &input[((static_cast<std::size_t>(n) * x.h + h) * x.w + w) * x.c + group * in];
                    const float* weight = &packed[(static_cast<std::size_t>(group) * taps + tap) * in * out];
                    float* sum = &sums[static_cast<std::size_t>(group) * out];
                    for (int c = 0; c < in; c++, weight += out)
                        for (int k = 0; k < out; k++)
                            sum[k] = __builtin_fmaf(pixel[c], weight[k], sum[k]);
                }
            for (int k = 0; k < y.c; k++)
            {
                float value = after.alpha * sums[k];
                if (after.z != nullptr && after.z_scale != 0)
                    value = __builtin_fmaf(after.z_scale, get(after.z, static_cast<std::size_t>(after.z_shape.at(n, k, p, q)), after.z_shape.type), value);
                if (after.bias != nullptr)
                    value += get(after.bias, static_cast<std::size_t>(k), y.type);
                blend(y, to, n, p, q, k, after.relu && !(value > 0) && value == value ? 0 : value, after.beta);
            }
        }
    });
}

void convolve_data(const TensorShape& f, const void* filter, const TensorShape& dy, const void* from, const Geometry& g,
    float alpha, float beta, const TensorShape& dx, void* to)
{
    auto gradient = dense(dy, from, g.tf32), weights = dense(f, filter, g.tf32); // weights [k][tap][c]
    int in = f.c, out = f.n / g.groups, taps = f.h * f.w;
    parallel_for(dx.n * dx.h, static_cast<double>(dx.n) * dx.h * dx.w * f.n * taps * in, [&](int row) {
        int n = row / dx.h, h = row % dx.h;
        std::vector<float> sums(static_cast<std::size_t>(dx.c));
        for (int w = 0; w < dx.w; w++)
        {
            std::fill(sums.begin(), sums.end(), 0.0f);
            for (int tap = 0; tap < taps; tap++)
            {
                int p = h + g.pad_h - tap / f.w * g.dilation_h, q = w + g.pad_w - tap % f.w * g.dilation_w;
                if (p < 0 || q < 0 || p % g.stride_h != 0 || q % g.stride_w != 0 || p / g.stride_h >= dy.h || q / g.stride_w >= dy.w)
                    continue;
                const float* pixel = &gradient[((static_cast<std::size_t>(n) * dy.h + p / g.stride_h) * dy.w + q / g.stride_w) * dy.c];
                for (int k = 0; k < f.n; k++)
                {
                    const float* weight = &weights[(static_cast<std::size_t>(k) * taps + (g.flip ? taps - 1 - tap : tap)) * in];
                    float* sum = &sums[static_cast<std::size_t>(k / out) * in];
                    for (int c = 0; c < in; c++)
                        sum[c] = __builtin_fmaf(pixel[k], weight[c], sum[c]);
                }
            }
            for (int c = 0; c < dx.c; c++)
                blend(dx, to, n, h, w, c, alpha * sums[c], beta);
        }
    });
}

void convolve_filter(const TensorShape& x, const void* from, const TensorShape& dy, const void* gradient, const Geometry& g,
    float alpha, float beta, const TensorShape& df, void* to)
{
    auto input = dense(x, from, g.tf32), outputs = dense(dy, gradient, g.tf32);
    int in = df.c, out = df.n / g.groups, taps = df.h * df.w;
    parallel_for(taps, static_cast<double>(dy.n) * dy.h * dy.w * df.n * taps * in, [&](int tap) {
        std::vector<float> sums(static_cast<std::size_t>(df.n) * in);
        for (int n = 0; n < dy.n; n++)
            for (int p = 0; p < dy.h; p++)
                for (int q = 0; q < dy.w; q++)
                {
                    int h = p * g.stride_h - g.pad_h + tap / df.w * g.dilation_h, w = q * g.stride_w - g.pad_w + tap % df.w * g.dilation_w;
                    if (h < 0 || h >= x.h || w < 0 || w >= x.w)
                        continue;
                    const float* pixel = &input[((static_cast<std::size_t>(n) * x.h + h) * x.w + w) * x.c];
                    const float* gradients = &outputs[((static_cast<std::size_t>(n) * dy.h + p) * dy.w + q) * dy.c];
                    for (int k = 0; k < df.n; k++)
                    {
                        const float* group = pixel + k / out * in;
                        float* sum = &sums[static_cast<std::size_t>(k) * in];
                        for (int c = 0; c < in; c++)
                            sum[c] = __builtin_fmaf(gradients[k], group[c], sum[c]);
                    }
                }
        int place = g.flip ? taps - 1 - tap : tap;
        for (int k = 0; k < df.n; k++)
            for (int c = 0; c < in; c++)
                blend(df, to, k, place / df.w, place % df.w, c, alpha * sums[static_cast<std::size_t>(k) * in + c], beta);
    });
}
}
