#include "jpeg.cuh"

// jpeg.cu: JPEG compression and decompression of many patches, without the (lossless) entropy coding.
//   result[patch] = the rectangle [top, top + rows) x [left, left + columns) of round_trip(pixels[patch])
// One block of threads a patch; its three planes stay in shared memory. Pixels of 1 (gray), 3 (RGB) or 4 (RGBX) bytes;
// pixels of 4 bytes lie on multiples of 4. Edges are repeated as libjpeg does. Bit-exact with JpegRoundTrip.
// Pixels and result never overlap. Integers only: every order of threads gives the same bytes.

struct JpegPatch
{
    long long source, destination;        // first bytes
    int sourceStride, destinationStride;  // bytes a row
    int width, height;                    // what is compressed
    int sampling;                         // ChromaSubsampling; -1: copy, do not compress
    int luminance, chrominance;           // which tables
    int top, left, rows, columns;         // what is written
    int reserved;
};

enum { JPEG_444, JPEG_422, JPEG_420, JPEG_440, JPEG_GRAY };

__device__ __forceinline__ unsigned jpeg_load(const unsigned char* at, int bytes)
{
    if (bytes == 4)
        return *(const unsigned*)at | 0xFF000000u;
    if (bytes == 1)
        return at[0] * 0x010101u | 0xFF000000u;
    return at[0] | (unsigned)at[1] << 8 | (unsigned)at[2] << 16 | 0xFF000000u;
}

__device__ __forceinline__ void jpeg_store(unsigned char* at, int bytes, unsigned pixel)
{
    if (bytes == 4)
    {
        *(unsigned*)at = pixel;
        return;
    }
    at[0] = (unsigned char)pixel;
    if (bytes == 3)
    {
        at[1] = (unsigned char)(pixel >> 8);
        at[2] = (unsigned char)(pixel >> 16);
    }
}

extern "C" __global__ void __launch_bounds__(128) jpeg_round_trip(
    const JpegPatch* patches, const unsigned short* tables, const unsigned char* pixels, unsigned char* result, int pixelBytes, int resultBytes)
{
    KERNEL_DYNAMIC_SHARED(unsigned char, planes);
    __shared__ JpegStep steps[128];
    const JpegPatch patch = patches[blockIdx.x];
    const int lane = threadIdx.x & 31, line = threadIdx.x >> 5, lines = blockDim.x >> 5;
    const unsigned char* source = pixels + patch.source;
    unsigned char* destination = result + patch.destination;
    if (patch.sampling < 0)
    {
        for (int y = line; y < patch.rows; y += lines)
            for (int x = lane; x < patch.columns; x += 32)
            {
                unsigned pixel = jpeg_load(source + (long long)(patch.top + y) * patch.sourceStride + (patch.left + x) * pixelBytes, pixelBytes);
                jpeg_store(destination + (long long)y * patch.destinationStride + x * resultBytes, resultBytes, pixel);
            }
        return;
    }
    const bool color = patch.sampling != JPEG_GRAY && pixelBytes != 1 && resultBytes != 1;
    const int h = color && (patch.sampling == JPEG_422 || patch.sampling == JPEG_420) ? 2 : 1;
    const int v = color && (patch.sampling == JPEG_440 || patch.sampling == JPEG_420) ? 2 : 1;
    const int width = patch.width, height = patch.height;
    const int chromaWidth = (width + h - 1) / h, chromaHeight = (height + v - 1) / v;
    const int across = (width + 7) >> 3, down = (height + 7) >> 3;
    const int chromaAcross = (chromaWidth + 7) >> 3, chromaDown = (chromaHeight + 7) >> 3;
    const int pitch = 8 * across, chromaPitch = 8 * chromaAcross;
    unsigned char* luma = planes;
    unsigned char* cb = luma + pitch * 8 * down;
    unsigned char* cr = cb + chromaPitch * 8 * chromaDown;

    for (int i = threadIdx.x; i < 128; i += (int)blockDim.x)
        steps[i] = jpeg_step(tables[64 * (i < 64 ? patch.luminance : patch.chrominance) + (i & 63)]);
    for (int y = line; y < 8 * down; y += lines)
    {
        const unsigned char* row = source + (long long)least(y, height - 1) * patch.sourceStride;
        for (int x = lane; x < pitch; x += 32)
        {
            unsigned p = jpeg_load(row + least(x, width - 1) * pixelBytes, pixelBytes);
            luma[y * pitch + x] = (unsigned char)jpeg_luminance(p & 255, p >> 8 & 255, p >> 16 & 255);
        }
    }
    if (color)
    {
        for (int y = line; y < 8 * chromaDown; y += lines)
        {
            const int first = v * least(y, chromaHeight - 1);
            for (int x = lane; x < chromaPitch; x += 32)
            {
                int blue = 0, red = 0;
                for (int i = 0; i < v; i++)
                {
                    const unsigned char* row = source + (long long)least(first + i, height - 1) * patch.sourceStride;
                    for (int j = 0; j < h; j++)
                    {
                        unsigned p = jpeg_load(row + least(h * x + j, width - 1) * pixelBytes, pixelBytes);
                        blue += jpeg_blue_difference(p & 255, p >> 8 & 255, p >> 16 & 255);
                        red += jpeg_red_difference(p & 255, p >> 8 & 255, p >> 16 & 255);
                    }
                }
                // Shift and bias: 2x2 averages four with 1, 2, 1, 2..; 2x1 two with 0, 1, 0, 1..; 1x2 two with 1.
                const int shift = h + v - 2;
                const int bias = h == 2 ? (x & 1) + v - 1 : v - 1;
                cb[y * chromaPitch + x] = (unsigned char)((blue + bias) >> shift);
                cr[y * chromaPitch + x] = (unsigned char)((red + bias) >> shift);
            }
        }
    }
    __syncthreads();

    const int lumaBlocks = across * down, chromaBlocks = color ? chromaAcross * chromaDown : 0;
    for (int i = threadIdx.x; i < lumaBlocks + 2 * chromaBlocks; i += (int)blockDim.x)
    {
        const bool isLuma = i < lumaBlocks;
        const int at = isLuma ? i : (i - lumaBlocks) % chromaBlocks;
        unsigned char* plane = isLuma ? luma : i - lumaBlocks < chromaBlocks ? cb : cr;
        const int wide = isLuma ? across : chromaAcross;
        const int blockRow = at / wide;
        jpeg_block(plane + blockRow * 64 * wide + 8 * (at - blockRow * wide), 8 * wide, steps + (isLuma ? 0 : 64));
    }
    __syncthreads();

    const JpegPlane blues = {cb, chromaPitch, chromaWidth, chromaHeight, h, v}, reds = {cr, chromaPitch, chromaWidth, chromaHeight, h, v};
    for (int row = line; row < patch.rows; row += lines)
    {
        const int y = patch.top + row;
        unsigned char* to = destination + (long long)row * patch.destinationStride;
        for (int column = lane; column < patch.columns; column += 32)
        {
            const int x = patch.left + column;
            const int value = luma[y * pitch + x];
            unsigned pixel = color ? jpeg_pixel(value, jpeg_upsample(blues, x, y), jpeg_upsample(reds, x, y)) : value * 0x010101u | 0xFF000000u;
            jpeg_store(to + column * resultBytes, resultBytes, pixel);
        }
    }
}
