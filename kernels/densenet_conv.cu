// Convolutions of DenseNet-40 by multiply-adds in float, for every type of canvas; products and sums are floats.
//   densenet_layer_*    BN - ReLU - Conv3x3 with twelve filters over channels [first, end), written (add: added) at channel
//                       `output`, times its dropout mask; weights [c - first][r][s][12] floats. What densenet_conv_sm80.cu does.
//   densenet_first_*    the first convolution: pixels / 255 (inputs 3) or JPEG's rounded luma / 255 (inputs 1) -> channels 0..23;
//                       weights [24][inputs][3][3]. Pixel (y, x) of image n: bytes + n * image_bytes + y * row_bytes + 3 x;
//                       right sides of a ringed canvas are counted from 0 again, right_bytes further.
// One block a tile of 16x16 pixels (layer: 64 threads, four pixels by twelve filters each; first: 256 threads, a pixel each).
// Determinism: a value's terms are added by rising (c, r, s).
#include "kernel.cuh"
#include "densenet.cuh"
#include "dropout.cuh"
#include "storage.cuh"

namespace
{
constexpr int Tile = 16;
constexpr int Band = Tile + 2;
constexpr int Row = 20;
constexpr int Plane = Band * Row + 4;

// Tiles of a canvas: blockIdx.x over columns of tiles, blockIdx.y over strips of 16 rows, blockIdx.z over images.
struct DenseTile
{
    int image;
    int x;
    int y;
    int end_row;

    __device__ __forceinline__ explicit DenseTile(const DenseCanvas& canvas) : image(static_cast<int>(blockIdx.z))
    {
        x = canvas.first_column(image) + static_cast<int>(blockIdx.x) * Tile;
        canvas.strip(static_cast<int>(blockIdx.y), Tile, y, end_row);
    }
};

template <typename T> struct LayerSums
{
    const DenseCanvas& canvas;
    const DenseTile& tile;

    // Twelve activated channels with a border of one pixel, planes apart; zero outside the image.
    __device__ __forceinline__ void stage(const T* values, int c, const float* scale, const float* shift, float* activated) const
    {
        for (int i = threadIdx.x; i < Band * Band * 3; i += 64)
        {
            int quad = i % 3, pixel = i / 3;
            int py = pixel / Band, px = pixel % Band;
            int y = tile.y - 1 + py, x = tile.x - 1 + px;
            float v[4] = {0, 0, 0, 0};
            if (y >= 0 && y < canvas.height && x >= 0 && x < canvas.width)
            {
                const T* from = values + canvas.pixel(tile.image, y, x) + c + 4 * quad;
                load_quad(from, v);
                for (int k = 0; k < 4; k++)
                    v[k] = dense_activate(v[k], scale[c + 4 * quad + k], shift[c + 4 * quad + k]);
            }
            for (int k = 0; k < 4; k++)
                activated[(4 * quad + k) * Plane + py * Row + px] = v[k];
        }
    }
};

template <typename T> __device__ __forceinline__ void run_layer(T* values, const DenseCanvas& canvas, int first, int end, int output, int add,
    const float* weights, const float* scale, const float* shift, const unsigned long long* step_key, int mask_layer, unsigned threshold, float drop_scale)
{
    alignas(16) __shared__ float activated[DenseGrowth * Plane];
    alignas(16) __shared__ float filters[DenseGrowth * 9 * DenseGrowth];
    DenseTile tile(canvas);
    LayerSums<T> stage{canvas, tile};
    int quad = threadIdx.x % 4, line = threadIdx.x / 4;
    float sums[4][DenseGrowth] = {};
    for (int c = first; c < end; c += DenseGrowth)
    {
        __syncthreads();
        stage.stage(values, c, scale, shift, activated);
        const float* from = weights + (c - first) * 9 * DenseGrowth;
        for (int i = threadIdx.x; i < DenseGrowth * 9 * DenseGrowth / 4; i += 64)
            store4(filters + 4 * i, load4(from + 4 * i));
        __syncthreads();
        for (int k = 0; k < DenseGrowth; k++)
#pragma unroll
            for (int r = 0; r < 3; r++)
            {
                const float* at = activated + k * Plane + (line + r) * Row + 4 * quad;
                float4 near = load4(at);
                float x[6] = {near.x, near.y, near.z, near.w, at[4], at[5]};
#pragma unroll
                for (int s = 0; s < 3; s++)
#pragma unroll
                    for (int group = 0; group < 3; group++)
                    {
                        float4 w = load4(filters + ((k * 3 + r) * 3 + s) * DenseGrowth + 4 * group);
#pragma unroll
                        for (int p = 0; p < 4; p++)
                        {
                            sums[p][4 * group] = fma32(x[p + s], w.x, sums[p][4 * group]);
                            sums[p][4 * group + 1] = fma32(x[p + s], w.y, sums[p][4 * group + 1]);
                            sums[p][4 * group + 2] = fma32(x[p + s], w.z, sums[p][4 * group + 2]);
                            sums[p][4 * group + 3] = fma32(x[p + s], w.w, sums[p][4 * group + 3]);
                        }
                    }
            }
    }
    int y = tile.y + line;
    if (y >= tile.end_row)
        return;
    DropoutMask mask = DropoutMask::of(step_key, mask_layer, static_cast<unsigned>(tile.image), threshold, drop_scale);
#pragma unroll
    for (int p = 0; p < 4; p++)
    {
        int x = tile.x + 4 * quad + p;
        if (x >= canvas.end_column(tile.image))
            continue;
        T* to = values + canvas.pixel(tile.image, y, x) + output;
#pragma unroll
        for (int k = 0; k < DenseGrowth; k += 4)
        {
            float there[4] = {0, 0, 0, 0}, v[4];
            if (add)
                load_quad(to + k, there);
#pragma unroll
            for (int i = 0; i < 4; i++)
            {
                v[i] = sums[p][k + i] + there[i];
                if (threshold != 0)
                    v[i] *= mask.factor(static_cast<unsigned>((y * DenseGrowth + k + i) * canvas.width + x));
            }
            store_quad(to + k, v);
        }
    }
}

template <typename T> __device__ __forceinline__ void run_first(const uint8_t* bytes, long long image_bytes, long long row_bytes, long long right_bytes,
    int inputs, const float* weights, T* values, const DenseCanvas& canvas)
{
    constexpr int Filters = 2 * DenseGrowth;
    __shared__ float packed[27 * Filters];
    __shared__ float input[3 * Band * Band];
    for (int i = threadIdx.x; i < inputs * 9 * Filters; i += 256)
        packed[i] = weights[i % Filters * inputs * 9 + i / Filters];
    DenseTile tile(canvas);
    int side = canvas.ring > 0 ? canvas.images / 2 : canvas.images;
    bytes += tile.image % side * image_bytes + (tile.image >= side ? right_bytes : 0);
    for (int i = threadIdx.x; i < Band * Band; i += 256)
    {
        int y = tile.y - 1 + i / Band, x = tile.x - 1 + i % Band;
        bool inside = y >= 0 && y < canvas.height && x >= 0 && x < canvas.width;
        const uint8_t* from = bytes + y * row_bytes + 3 * x;
        int r = inside ? from[0] : 0, g = inside ? from[1] : 0, b = inside ? from[2] : 0;
        if (inputs == 1)
            r = (19595 * r + 38470 * g + 7471 * b + 32768) >> 16;
        constexpr float Scale = 1.0f / 255;
        input[i] = static_cast<float>(r) * Scale;
        input[Band * Band + i] = static_cast<float>(g) * Scale;
        input[2 * Band * Band + i] = static_cast<float>(b) * Scale;
    }
    __syncthreads();
    int line = threadIdx.x / Tile, column = threadIdx.x % Tile;
    int y = tile.y + line, x = tile.x + column;
    if (y >= tile.end_row || x >= canvas.end_column(tile.image))
        return;
    float sums[Filters] = {};
    for (int c = 0; c < inputs; c++)
        for (int tap = 0; tap < 9; tap++)
        {
            float v = input[c * Band * Band + (line + tap / 3) * Band + column + tap % 3];
#pragma unroll
            for (int k = 0; k < Filters; k++)
                sums[k] = fma32(v, packed[(c * 9 + tap) * Filters + k], sums[k]);
        }
    T* to = values + canvas.pixel(tile.image, y, x);
    constexpr int V = values_of<T>;
#pragma unroll
    for (int k = 0; k < Filters; k += V)
    {
        float v[V];
#pragma unroll
        for (int i = 0; i < V; i++)
            v[i] = sums[k + i];
        store_values(to + k, v);
    }
}
}

extern "C" __global__ void __launch_bounds__(64) densenet_layer_float(float* values, int pitch, int width, int height, long long image_stride,
    int images, int ring, int upper, int lower, int first, int end, int output, int add, const float* weights, const float* scale, const float* shift,
    const unsigned long long* step_key, int mask_layer, unsigned threshold, float drop_scale)
{
    run_layer(values, {pitch, width, height, image_stride, images, ring, upper, lower}, first, end, output, add, weights, scale, shift,
        step_key, mask_layer, threshold, drop_scale);
}

extern "C" __global__ void __launch_bounds__(64) densenet_layer_half(Half* values, int pitch, int width, int height, long long image_stride,
    int images, int ring, int upper, int lower, int first, int end, int output, int add, const float* weights, const float* scale, const float* shift,
    const unsigned long long* step_key, int mask_layer, unsigned threshold, float drop_scale)
{
    run_layer(values, {pitch, width, height, image_stride, images, ring, upper, lower}, first, end, output, add, weights, scale, shift,
        step_key, mask_layer, threshold, drop_scale);
}

extern "C" __global__ void __launch_bounds__(64) densenet_layer_bfloat16(Bfloat16* values, int pitch, int width, int height, long long image_stride,
    int images, int ring, int upper, int lower, int first, int end, int output, int add, const float* weights, const float* scale, const float* shift,
    const unsigned long long* step_key, int mask_layer, unsigned threshold, float drop_scale)
{
    run_layer(values, {pitch, width, height, image_stride, images, ring, upper, lower}, first, end, output, add, weights, scale, shift,
        step_key, mask_layer, threshold, drop_scale);
}

extern "C" __global__ void __launch_bounds__(256) densenet_first_float(const uint8_t* bytes, long long image_bytes, long long row_bytes, long long right_bytes,
    int inputs, const float* weights, float* values, int pitch, int width, int height, long long image_stride, int images, int ring, int upper, int lower)
{
    run_first(bytes, image_bytes, row_bytes, right_bytes, inputs, weights, values, {pitch, width, height, image_stride, images, ring, upper, lower});
}

extern "C" __global__ void __launch_bounds__(256) densenet_first_half(const uint8_t* bytes, long long image_bytes, long long row_bytes, long long right_bytes,
    int inputs, const float* weights, Half* values, int pitch, int width, int height, long long image_stride, int images, int ring, int upper, int lower)
{
    run_first(bytes, image_bytes, row_bytes, right_bytes, inputs, weights, values, {pitch, width, height, image_stride, images, ring, upper, lower});
}

extern "C" __global__ void __launch_bounds__(256) densenet_first_bfloat16(const uint8_t* bytes, long long image_bytes, long long row_bytes, long long right_bytes,
    int inputs, const float* weights, Bfloat16* values, int pitch, int width, int height, long long image_stride, int images, int ring, int upper, int lower)
{
    run_first(bytes, image_bytes, row_bytes, right_bytes, inputs, weights, values, {pitch, width, height, image_stride, images, ring, upper, lower});
}
