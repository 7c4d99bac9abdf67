// Bytes of a picture of any format and stride to a network's input, bytes / 255.
//   byte of channel k of pixel (x,y) of picture n: pixels[n picture + y stride + x step + offset_k]; gray has equal offsets
//   out [n,height,width,c] (last: c channels side by side, those behind the third zero) or [n,c,height,width] (planar);
//   luma: JPEG's luma, a byte, alone. Out covers the rectangle of the picture that begins at (left, top), which may reach
//   beyond the picture: what lies there is zero.
// Exact: one product with the float 1/255, then rounded to T. The contracts are PixelConversion and WindowPixels of the
// processor; luma is YccConversion.Luminance.
#include "storage.cuh"

constexpr float byte_scale = 1.0f / 255;

#define PICTURE const unsigned char *pixels, long long picture, long long stride, int step, int red, int green, int blue, int picture_width, \
    int picture_height, int left, int top, unsigned count, unsigned width, unsigned height, unsigned channels, int luma
#define PICTURE_THESE pixels, picture, stride, step, red, green, blue, picture_width, picture_height, left, top, count, width, height, channels, luma

struct InputPixel
{
    float first;
    float second;
    float third;

    __device__ __forceinline__ float channel(unsigned c) const { return c == 0 ? first : c == 1 ? second : c == 2 ? third : 0.0f; }

    __device__ static __forceinline__ InputPixel of(const unsigned char* pixels, long long picture, long long stride, int step, int red, int green, int blue,
        int picture_width, int picture_height, unsigned n, int x, int y, int luma)
    {
        if (x < 0 || y < 0 || x >= picture_width || y >= picture_height)
            return {0.0f, 0.0f, 0.0f};
        const unsigned char* from = pixels + n * picture + y * stride + static_cast<long long>(x) * step;
        int r = from[red], g = from[green], b = from[blue];
        if (luma != 0)
            return {static_cast<float>((19595 * r + 38470 * g + 7471 * b + 32768) >> 16) * byte_scale, 0.0f, 0.0f};
        return {static_cast<float>(r) * byte_scale, static_cast<float>(g) * byte_scale, static_cast<float>(b) * byte_scale};
    }
};

// C channels a pixel: 4 or 8 in one or two stores, else one by one.
template <int C, typename T>
__device__ __forceinline__ void image_last(PICTURE, T* out, unsigned first)
{
    (void)channels;
    unsigned all = count * height * width;
#pragma unroll 1
    for (unsigned i = first; i < all; i += grid_step())
    {
        unsigned row = i / width, x = i - row * width, n = row / height, y = row - n * height;
        InputPixel pixel = InputPixel::of(pixels, picture, stride, step, red, green, blue, picture_width, picture_height, n,
            left + static_cast<int>(x), top + static_cast<int>(y), luma);
        if constexpr (C == 0)
        {
            T* to = out + static_cast<long long>(i) * channels;
            for (unsigned c = 0; c < channels; c++)
                to[c] = from_float<T>(pixel.channel(c));
        }
        else
        {
            float whole[C];
            for (unsigned c = 0; c < C; c++)
                whole[c] = pixel.channel(c);
            if constexpr (sizeof(T) == 2 && C == 4)
                store8(out + static_cast<long long>(i) * C, {pack2<T>(whole[0], whole[1]), pack2<T>(whole[2], whole[3])});
            else
                store_values(out + static_cast<long long>(i) * C, whole);
        }
    }
}

template <typename T>
__device__ __forceinline__ void image_planar(PICTURE, T* out, unsigned first)
{
    unsigned plane = height * width, all = count * plane;
#pragma unroll 1
    for (unsigned i = first; i < all; i += grid_step())
    {
        unsigned n = i / plane, p = i - n * plane, y = p / width, x = p - y * width;
        InputPixel pixel = InputPixel::of(pixels, picture, stride, step, red, green, blue, picture_width, picture_height, n,
            left + static_cast<int>(x), top + static_cast<int>(y), luma);
        T* to = out + static_cast<long long>(n) * channels * plane + p;
        for (unsigned c = 0; c < channels; c++, to += plane)
            *to = from_float<T>(pixel.channel(c));
    }
}

#define IMAGE(T) PICTURE, T *out
#define BODY(T) channels == 4 ? image_last<4, T>(PICTURE_THESE, out, grid_first()) \
    : channels == 8 ? image_last<8, T>(PICTURE_THESE, out, grid_first()) : image_last<0, T>(PICTURE_THESE, out, grid_first())
KERNEL_EACH_TYPE(256, image_last, IMAGE, BODY)
#undef BODY
#define BODY(T) image_planar(PICTURE_THESE, out, grid_first())
KERNEL_EACH_TYPE(256, image_planar, IMAGE, BODY)
