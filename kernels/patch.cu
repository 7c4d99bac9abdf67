#include "kernel.cuh"

// patch.cu: what photographs go through before they are compressed, for many square crops (PatchPreparation, PatchCrop).
//   taps, across, down  resampling (or a plain cut), turned on the way    -> pixels [side,side,3] floats
//   blur_across, _down  Gaussian blur, or unsharp mask, in place
//   finish              noise, exposure, tone, gray, rounding             -> crop [side,side] words R | G << 8 | B << 16 | 255 << 24
// Crops that need none of their pixels' neighbours are cut by "finish" itself. Floats are added and multiplied in the
// order of PatchCrop, without contraction, so that crops are the same bytes. Lists hold the crops that a kernel is for.

struct PatchDrawing
{
    unsigned long long picture;     // address of its first pixel, RGB bytes
    unsigned long long noise;       // state of the random numbers
    long long pixels, rows;         // first float of either, where flags say LOOKS_AROUND
    long long crop;                 // first word
    double x, y, scale;
    int stride, width, height;      // of the picture
    int side, kernel, turn, flags;
    int slot;                       // of the taps
    int radius;                     // of the blur
    float blur[10], sharpen[4];     // weights by distance
    float amount, sigma, exposure, contrast, brightness, saturation, gamma;
    int reserved[2];
};

enum { RESAMPLED = 1, BLURRED = 2, SHARPENED = 4, NOISY = 8, SAME_NOISE = 16, EXPOSED = 32, TONED = 64, GRAY = 128, LOOKS_AROUND = 256 };

constexpr int TileRows = 8;

__device__ __forceinline__ float limit255(float value) { return value < 0 ? 0 : value > 255 ? 255 : value; }

__device__ __forceinline__ int limit_to(int value, int low, int high) { return value < low ? low : value > high ? high : value; }

__device__ __forceinline__ double tap_support(const PatchDrawing& d)
{
    double widening = largest(1.0, 1 / d.scale), radius = d.kernel == 0 ? 0.5 : d.kernel == 1 ? 1.0 : 2.0;
    return radius * widening + 1;
}

// The first row that resampling looks at.
__device__ __forceinline__ int first_row(const PatchDrawing& d) { return largest(0, (int)__builtin_floor(d.y - tap_support(d))); }

__device__ __forceinline__ double kernel_value(int kernel, double x)
{
    x = __builtin_fabs(x);
    if (kernel == 0)
        return x <= 0.5 ? 1 : 0;
    if (kernel == 1)
        return largest(0.0, 1 - x);
    return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

// grid (2, list): axis, crop. weights [slot, axis, sides, most], first and length [slot, axis, sides].
extern "C" __global__ void __launch_bounds__(128) patch_taps(
    const PatchDrawing* drawings, const int* list, float* weights, int* first, int* length, int sides, int most)
{
    const PatchDrawing& d = drawings[list[blockIdx.y]];
    if ((d.flags & RESAMPLED) == 0)
        return;
    const int axis = blockIdx.x, extent = axis == 0 ? d.width : d.height, row = (2 * d.slot + axis) * sides;
    const double widening = largest(1.0, 1 / d.scale), support = tap_support(d), from = axis == 0 ? d.x : d.y;
    for (int i = threadIdx.x; i < d.side; i += (int)blockDim.x)
    {
        const double centre = from + (i + 0.5) / d.scale;
        const int low = (int)__builtin_floor(centre - support), high = (int)__builtin_ceil(centre + support);
        const int start = limit_to(low, 0, extent - 1), end = limit_to(high, 0, extent - 1);
        float* own = weights + (long long)(row + i) * most;
        for (int k = 0; k <= end - start; k++)
            own[k] = 0;
        double sum = 0;
        for (int at = low; at <= high; at++)
        {
            double weight = kernel_value(d.kernel, (at + 0.5 - centre) / widening);
            own[limit_to(at, start, end) - start] += (float)weight;
            sum += weight;
        }
        for (int k = 0; k <= end - start; k++)
            own[k] = (float)(own[k] / sum);
        first[row + i] = start;
        length[row + i] = end - start + 1;
    }
}

// grid (tiles of rows, list): rows of the picture, resampled along x.
extern "C" __global__ void __launch_bounds__(128) patch_across(
    const PatchDrawing* drawings, const int* list, const float* weights, const int* first, const int* length, int sides, int most, float* rows)
{
    const PatchDrawing& d = drawings[list[blockIdx.y]];
    if ((d.flags & RESAMPLED) == 0)
        return;
    const int top = first_row(d), bottom = least(d.height - 1, (int)__builtin_ceil(d.y + d.side / d.scale + tap_support(d)));
    const int taps = 2 * d.slot * sides;
    for (int i = threadIdx.x; i < d.side; i += (int)blockDim.x)
    {
        const float* w = weights + (long long)(taps + i) * most;
        const int start = first[taps + i], count = length[taps + i];
        for (int t = 0; t < TileRows; t++)
        {
            const int row = top + (int)blockIdx.x * TileRows + t;
            if (row > bottom)
                break;
            const unsigned char* source = (const unsigned char*)d.picture + (long long)row * d.stride + 3 * start;
            float r = 0, g = 0, b = 0;
            for (int k = 0; k < count; k++)
            {
                r += w[k] * source[3 * k];
                g += w[k] * source[3 * k + 1];
                b += w[k] * source[3 * k + 2];
            }
            float* to = rows + d.rows + (long long)(row - top) * 3 * d.side + 3 * i;
            to[0] = r;
            to[1] = g;
            to[2] = b;
        }
    }
}

// Where pixel (x, y) of a turned crop comes from.
__device__ __forceinline__ void turned(const PatchDrawing& d, int x, int y, int& fromX, int& fromY)
{
    fromX = (d.turn & 1) != 0 ? d.side - 1 - x : x;
    fromY = (d.turn & 2) != 0 ? d.side - 1 - y : y;
    if ((d.turn & 4) != 0)
    {
        int swapped = fromX;
        fromX = fromY;
        fromY = swapped;
    }
}

__device__ __forceinline__ const unsigned char* cut_pixel(const PatchDrawing& d, int x, int y)
{
    int fromX, fromY;
    turned(d, x, y, fromX, fromY);
    return (const unsigned char*)d.picture + (long long)((int)d.y + fromY) * d.stride + 3 * ((int)d.x + fromX);
}

// grid (tiles of rows, list)
extern "C" __global__ void __launch_bounds__(128) patch_down(
    const PatchDrawing* drawings, const int* list, const float* weights, const int* first, const int* length, int sides, int most,
    const float* rows, float* pixels)
{
    const PatchDrawing& d = drawings[list[blockIdx.y]];
    const int taps = (2 * d.slot + 1) * sides, top = first_row(d);
    const int end = least(d.side, ((int)blockIdx.x + 1) * TileRows);
    for (int y = (int)blockIdx.x * TileRows; y < end; y++)
        for (int x = threadIdx.x; x < d.side; x += (int)blockDim.x)
        {
            float* to = pixels + d.pixels + 3 * (long long)(y * d.side + x);
            if ((d.flags & RESAMPLED) == 0)
            {
                const unsigned char* from = cut_pixel(d, x, y);
                for (int c = 0; c < 3; c++)
                    to[c] = from[c];
                continue;
            }
            int fromX, fromY;
            turned(d, x, y, fromX, fromY);
            const float* w = weights + (long long)(taps + fromY) * most;
            const float* from = rows + d.rows + (long long)(first[taps + fromY] - top) * 3 * d.side + 3 * fromX;
            const int count = length[taps + fromY];
            float r = 0, g = 0, b = 0;
            for (int k = 0; k < count; k++, from += 3 * d.side)
            {
                r += w[k] * from[0];
                g += w[k] * from[1];
                b += w[k] * from[2];
            }
            to[0] = limit255(r);
            to[1] = limit255(g);
            to[2] = limit255(b);
        }
}

__device__ __forceinline__ const float* blur_of(const PatchDrawing& d, int sharpens, int& radius)
{
    radius = sharpens ? 3 : d.radius;
    return sharpens ? d.sharpen : d.blur;
}

// grid (tiles of rows, list); sharpens: 0 for the blur, 1 for the unsharp mask.
extern "C" __global__ void __launch_bounds__(128) patch_blur_across(
    const PatchDrawing* drawings, const int* list, const float* pixels, float* across, int sharpens)
{
    const PatchDrawing& d = drawings[list[blockIdx.y]];
    if ((d.flags & (sharpens ? SHARPENED : BLURRED)) == 0)
        return;
    int radius;
    const float* weights = blur_of(d, sharpens, radius);
    const int end = least(d.side, ((int)blockIdx.x + 1) * TileRows);
    for (int y = (int)blockIdx.x * TileRows; y < end; y++)
        for (int i = threadIdx.x; i < 3 * d.side; i += (int)blockDim.x)
        {
            const int x = i / 3, c = i - 3 * x;
            const float* row = pixels + d.pixels + 3 * (long long)y * d.side + c;
            float sum = 0;
            for (int k = -radius; k <= radius; k++)
                sum += weights[k < 0 ? -k : k] * row[3 * limit_to(x + k, 0, d.side - 1)];
            across[d.pixels + 3 * (long long)y * d.side + i] = sum;
        }
}

extern "C" __global__ void __launch_bounds__(128) patch_blur_down(
    const PatchDrawing* drawings, const int* list, const float* across, float* pixels, int sharpens)
{
    const PatchDrawing& d = drawings[list[blockIdx.y]];
    if ((d.flags & (sharpens ? SHARPENED : BLURRED)) == 0)
        return;
    int radius;
    const float* weights = blur_of(d, sharpens, radius);
    const int end = least(d.side, ((int)blockIdx.x + 1) * TileRows);
    for (int y = (int)blockIdx.x * TileRows; y < end; y++)
        for (int i = threadIdx.x; i < 3 * d.side; i += (int)blockDim.x)
        {
            float sum = 0;
            for (int k = -radius; k <= radius; k++)
                sum += weights[k < 0 ? -k : k] * across[d.pixels + 3 * (long long)limit_to(y + k, 0, d.side - 1) * d.side + i];
            float* at = pixels + d.pixels + 3 * (long long)y * d.side + i;
            *at = sharpens ? limit255(*at + d.amount * (*at - sum)) : sum;
        }
}

// Number "index" of those that follow a state: SplitMix64, then the sum of four uniforms (CounterRandom.NextNormal).
__device__ __forceinline__ float noise_at(unsigned long long state, unsigned long long index)
{
    unsigned long long z = state + (index + 1) * 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    z ^= z >> 31;
    int sum = (int)(z & 0xFFFF) + (int)(z >> 16 & 0xFFFF) + (int)(z >> 32 & 0xFFFF) + (int)(z >> 48);
    return (float)(sum - 2 * 65535) * (1.0f / 37837.227f);
}

// GammaCurve.Power: x ^ gamma for 0 <= x <= 1, the same additions and multiplications.
__device__ inline float gamma_power(float x, float gamma)
{
    if (x <= 0)
        return 0;
    const double high = 6.93147180369123816490e-01, low = 1.90821492927058770002e-10;
    const long long bits = __double_as_longlong((double)x);
    int e = (int)(bits >> 52) - 1023;
    double m = __longlong_as_double((bits & 0xFFFFFFFFFFFFFll) | 0x3FF0000000000000ll);
    if (m >= 1.4142135623730951)
    {
        m *= 0.5;
        e++;
    }
    const double s = (m - 1) / (m + 1), z = s * s;
    double sum = 1.0 / 21;
    sum = sum * z + 1.0 / 19;
    sum = sum * z + 1.0 / 17;
    sum = sum * z + 1.0 / 15;
    sum = sum * z + 1.0 / 13;
    sum = sum * z + 1.0 / 11;
    sum = sum * z + 1.0 / 9;
    sum = sum * z + 1.0 / 7;
    sum = sum * z + 1.0 / 5;
    sum = sum * z + 1.0 / 3;
    sum = sum * z + 1;
    const double y = gamma * (e * high + (2 * s * sum + e * low));
    if (y < -700)
        return 0;
    const double n = __builtin_floor(y * 1.4426950408889634 + 0.5);
    const double r = y - n * high - n * low;
    sum = 1 / 6227020800.0;
    sum = sum * r + 1 / 479001600.0;
    sum = sum * r + 1 / 39916800.0;
    sum = sum * r + 1 / 3628800.0;
    sum = sum * r + 1 / 362880.0;
    sum = sum * r + 1 / 40320.0;
    sum = sum * r + 1 / 5040.0;
    sum = sum * r + 1 / 720.0;
    sum = sum * r + 1 / 120.0;
    sum = sum * r + 1 / 24.0;
    sum = sum * r + 1 / 6.0;
    sum = sum * r + 1 / 2.0;
    sum = sum * r + 1;
    sum = sum * r + 1;
    return (float)(sum * __longlong_as_double((long long)((int)n + 1023) << 52));
}

// grid (tiles of rows, crops)
extern "C" __global__ void __launch_bounds__(128) patch_finish(const PatchDrawing* drawings, const float* pixels, unsigned* crops)
{
    const PatchDrawing& d = drawings[blockIdx.y];
    const int end = least(d.side, ((int)blockIdx.x + 1) * TileRows);
    for (int y = (int)blockIdx.x * TileRows; y < end; y++)
        for (int x = threadIdx.x; x < d.side; x += (int)blockDim.x)
        {
            const int at = y * d.side + x;
            float v[3];
            if ((d.flags & LOOKS_AROUND) != 0)
                for (int c = 0; c < 3; c++)
                    v[c] = pixels[d.pixels + 3 * (long long)at + c];
            else
            {
                const unsigned char* from = cut_pixel(d, x, y);
                for (int c = 0; c < 3; c++)
                    v[c] = from[c];
            }
            if ((d.flags & NOISY) != 0)
            {
                const bool same = (d.flags & SAME_NOISE) != 0;
                for (int c = 0; c < 3; c++)
                    v[c] = limit255(v[c] + d.sigma * noise_at(d.noise, same ? at : 3ull * at + c));
            }
            if ((d.flags & EXPOSED) != 0)
                for (int c = 0; c < 3; c++)
                    v[c] = least(d.exposure * v[c], 255.0f);
            if ((d.flags & TONED) != 0)
            {
                const float luma = 0.299f * v[0] + 0.587f * v[1] + 0.114f * v[2];
                for (int c = 0; c < 3; c++)
                {
                    float value = luma + d.saturation * (v[c] - luma);
                    value = d.contrast * (value - 127.5f) + 127.5f + d.brightness;
                    v[c] = 255 * gamma_power(limit255(value) / 255, d.gamma);
                }
            }
            if ((d.flags & GRAY) != 0)
                v[0] = v[1] = v[2] = 0.299f * v[0] + 0.587f * v[1] + 0.114f * v[2];
            unsigned word = 0xFF000000u;
            for (int c = 0; c < 3; c++)
                word |= (unsigned)(int)(limit255(v[c]) + 0.5f) << (8 * c);
            crops[d.crop + at] = word;
        }
}
