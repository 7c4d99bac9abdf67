#pragma once
#include "kernel.cuh"

// jpeg.cuh: the pixel side of JPEG in libjpeg's integers, bit-exact with JpegRoundTrip of the C# library.
//   colour      RGB <-> YCbCr of JFIF, 16-bit fixed point          (YccConversion)
//   block       "islow" DCT, quantize, dequantize, inverse, 8x8    (Dct8x8, Quantizer)
//   chroma      box averages down, triangle filters up             (ChromaDownsampling, ChromaUpsampling)
// A block is one thread's: its 64 values stay in registers, nothing is transposed and nobody waits.
// Source: C. Loeffler, A. Ligtenberg, G. Moschytz, ICASSP 1989; ITU-T T.81; JFIF 1.02.

/// One quantization step as the division wants it: floor(m / q) = m * factor >> shift for m < 2^13 (Quantizer.Factors).
struct JpegStep
{
    unsigned factor;
    unsigned short step;
    unsigned short shift;
};

__device__ __forceinline__ int jpeg_limit(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

__device__ __forceinline__ int jpeg_luminance(int r, int g, int b)
{
    return (19595 * r + 38470 * g + 7471 * b + 32768) >> 16;
}

// The sums are never negative: 2^23 is 128 of them.
__device__ __forceinline__ int jpeg_blue_difference(int r, int g, int b)
{
    return (-11059 * r - 21709 * g + 32768 * b + 8421375) >> 16;
}

__device__ __forceinline__ int jpeg_red_difference(int r, int g, int b)
{
    return (32768 * r - 27439 * g - 5329 * b + 8421375) >> 16;
}

/// YCbCr to R, G, B in the low three bytes, 255 in the fourth.
__device__ __forceinline__ unsigned jpeg_pixel(int y, int cb, int cr)
{
    cb -= 128;
    cr -= 128;
    int r = jpeg_limit(y + ((91881 * cr + 32768) >> 16), 0, 255);
    int g = jpeg_limit(y + ((-22554 * cb - 46802 * cr + 32768) >> 16), 0, 255);
    int b = jpeg_limit(y + ((116130 * cb + 32768) >> 16), 0, 255);
    return (unsigned)r | (unsigned)g << 8 | (unsigned)b << 16 | 0xFF000000u;
}

__device__ __forceinline__ JpegStep jpeg_step(int q)
{
    JpegStep result = {0, (unsigned short)q, 15};
    if (q < 8192)
    {
        int shift = 2;
        for (int rest = q; rest > 1; rest >>= 1)
            shift++;
        result.factor = (unsigned)(((1 << (13 + shift)) + q - 1) / q);
        result.shift = (unsigned short)(13 + shift);
    }
    return result;
}

__device__ __forceinline__ int jpeg_descale(int value, int shift) { return (value + (1 << (shift - 1))) >> shift; }

__device__ __forceinline__ int jpeg_wrap(int value) { return (int)(short)value; }

__device__ __forceinline__ int jpeg_saturate(int value) { return jpeg_limit(value, -32768, 32767); }

// Rows first: samples have not lost their 128 yet, which only the sum of all eight sees.
template <bool FIRST>
__device__ __forceinline__ void jpeg_forward(int& d0, int& d1, int& d2, int& d3, int& d4, int& d5, int& d6, int& d7)
{
    const int shift = FIRST ? 11 : 15;
    int t0 = d0 + d7, t7 = d0 - d7, t1 = d1 + d6, t6 = d1 - d6;
    int t2 = d2 + d5, t5 = d2 - d5, t3 = d3 + d4, t4 = d3 - d4;
    int e0 = t0 + t3, e1 = t1 + t2, e2 = t1 - t2, e3 = t0 - t3;
    d0 = FIRST ? (e0 + e1 - 1024) * 4 : jpeg_descale(e0 + e1, 2);
    d4 = FIRST ? (e0 - e1) * 4 : jpeg_descale(e0 - e1, 2);
    d2 = jpeg_descale(e3 * (4433 + 6270) + e2 * 4433, shift);
    d6 = jpeg_descale(e3 * 4433 + e2 * (4433 - 15137), shift);
    int s3 = t4 + t6, s4 = t5 + t7;
    int z3 = s3 * (9633 - 16069) + s4 * 9633;
    int z4 = s3 * 9633 + s4 * (9633 - 3196);
    d7 = jpeg_descale(t4 * (2446 - 7373) - t7 * 7373 + z3, shift);
    d1 = jpeg_descale(t7 * (12299 - 7373) - t4 * 7373 + z4, shift);
    d5 = jpeg_descale(t5 * (16819 - 20995) - t6 * 20995 + z4, shift);
    d3 = jpeg_descale(t6 * (25172 - 20995) - t5 * 20995 + z3, shift);
}

template <int SHIFT>
__device__ __forceinline__ void jpeg_inverse(int& d0, int& d1, int& d2, int& d3, int& d4, int& d5, int& d6, int& d7)
{
    int e3 = d2 * (4433 + 6270) + d6 * 4433, e2 = d2 * 4433 + d6 * (4433 - 15137);
    int e0 = jpeg_wrap(d0 + d4) * 8192, e1 = jpeg_wrap(d0 - d4) * 8192;
    int a0 = e0 + e3, a3 = e0 - e3, a1 = e1 + e2, a2 = e1 - e2;
    int s3 = jpeg_wrap(d7 + d3), s4 = jpeg_wrap(d5 + d1);
    int z3 = s3 * (9633 - 16069) + s4 * 9633;
    int z4 = s3 * 9633 + s4 * (9633 - 3196);
    int b0 = d7 * (2446 - 7373) - d1 * 7373 + z3;
    int b3 = d1 * (12299 - 7373) - d7 * 7373 + z4;
    int b1 = d5 * (16819 - 20995) - d3 * 20995 + z4;
    int b2 = d3 * (25172 - 20995) - d5 * 20995 + z3;
    d0 = jpeg_saturate(jpeg_descale(a0 + b3, SHIFT));
    d7 = jpeg_saturate(jpeg_descale(a0 - b3, SHIFT));
    d1 = jpeg_saturate(jpeg_descale(a1 + b2, SHIFT));
    d6 = jpeg_saturate(jpeg_descale(a1 - b2, SHIFT));
    d2 = jpeg_saturate(jpeg_descale(a2 + b1, SHIFT));
    d5 = jpeg_saturate(jpeg_descale(a2 - b1, SHIFT));
    d3 = jpeg_saturate(jpeg_descale(a3 + b0, SHIFT));
    d4 = jpeg_saturate(jpeg_descale(a3 - b0, SHIFT));
}

/// k * q with k = sign(x) * floor((|x| + 4q) / 8q), in 16 bits that wrap.
__device__ __forceinline__ int jpeg_requantize(int x, JpegStep s)
{
    int magnitude = x < 0 ? -x : x;
    int m = (int)((unsigned)(magnitude + 4 * (int)s.step) >> 3);
    int k = (int)((unsigned)m * s.factor >> s.shift);
    return jpeg_wrap((x < 0 ? -k : k) * (int)s.step);
}

/// Takes 8x8 samples through DCT, quantization and back, in place; rows are 8-byte aligned and "pitch" bytes apart.
__device__ __forceinline__ void jpeg_block(unsigned char* samples, int pitch, const JpegStep* steps)
{
    int d[64];
#pragma unroll
    for (int y = 0; y < 8; y++)
    {
        unsigned long long row = *(const unsigned long long*)(samples + y * pitch);
#pragma unroll
        for (int x = 0; x < 8; x++)
            d[8 * y + x] = (int)(row >> (8 * x)) & 255;
        int* r = d + 8 * y;
        jpeg_forward<true>(r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7]);
    }
#pragma unroll
    for (int x = 0; x < 8; x++)
    {
        int* c = d + x;
        jpeg_forward<false>(c[0], c[8], c[16], c[24], c[32], c[40], c[48], c[56]);
#pragma unroll
        for (int y = 0; y < 8; y++)
            c[8 * y] = jpeg_requantize(c[8 * y], steps[8 * y + x]);
        jpeg_inverse<11>(c[0], c[8], c[16], c[24], c[32], c[40], c[48], c[56]);
    }
#pragma unroll
    for (int y = 0; y < 8; y++)
    {
        int* r = d + 8 * y;
        jpeg_inverse<18>(r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7]);
        unsigned long long row = 0;
#pragma unroll
        for (int x = 0; x < 8; x++)
            row |= (unsigned long long)(unsigned)(jpeg_limit(r[x], -128, 127) + 128) << (8 * x);
        *(unsigned long long*)(samples + y * pitch) = row;
    }
}

/// One component sampled h x v times coarser than luma, real size columns x rows, in a plane of "pitch" bytes a row.
struct JpegPlane
{
    const unsigned char* samples;
    int pitch, columns, rows, h, v;
};

/// The sample of luma's (x, y): triangle filter, or repetition for components at most two samples wide.
__device__ __forceinline__ int jpeg_upsample(JpegPlane p, int x, int y)
{
    int cx = p.h == 2 ? x >> 1 : x, cy = p.v == 2 ? y >> 1 : y;
    const unsigned char* near = p.samples + cy * p.pitch;
    if (p.h * p.v == 1 || (p.h == 2 && p.columns <= 2))
        return near[cx];
    int sideways = (x & 1) == 0 ? largest(cx - 1, 0) : least(cx + 1, p.columns - 1);
    if (p.v == 1)
        return (3 * near[cx] + near[sideways] + 1 + (x & 1)) >> 2;
    int row = (y & 1) == 0 ? largest(cy - 1, 0) : least(cy + 1, p.rows - 1);
    const unsigned char* far = p.samples + row * p.pitch;
    if (p.h == 1)
        return (3 * near[cx] + far[cx] + 1 + (y & 1)) >> 2;
    return (3 * (3 * near[cx] + far[cx]) + 3 * near[sideways] + far[sideways] + 8 - (x & 1)) >> 4;
}
