// One layer of a dense block on tensor cores: BN - ReLU - Conv3x3 with twelve filters over channels [first, end) of a canvas,
// written (add: added) beside them at channel `output`, times its dropout mask.
//   out[k][y][x] = sum over r,c,s of relu(scale[c] in[c][y+r-1][x+s-1] + shift[c]) * w[k][c][r][s]
// A warp walks down the rows of 32 columns (one tile 32 wide, or two images 16 wide). A value of the canvas is loaded once a
// row, 16 bytes a lane, straight into the fragment of a product whose columns are the nine taps times twelve filters; only
// sums move afterwards: taps r are sums kept for three rows of output, taps s are shifted between lanes at the end of a row.
//   fragments  lane (g, t) holds, of pixels g and g + 8, the 16 bytes of channels from t * 16 bytes on: two k-steps at once
//   columns    five tiles of eight: s = 0, 1, 2 of filters 0..7; s = 0 and 1 of filters 8..11; s = 2 of filters 8..11 and nothing
//   weights    [64 bytes of channels][r][tile][lane] 16 bytes, as densenet_pack writes them; copied to shared memory
// `tiles` warps share a row of an image (1, 2, 4 or 8) and hand each other the sums at their seams. Images wider than these take
// `step` columns a group, and the column on either side of them twice. tile 16: two images a warp.
// Dynamic shared memory: [2][8][24] seam sums, then scale and shift of the channels read (rounded up to 64 bytes of them), then
// the weights, 7680 bytes for every 64 bytes of channels.
// Determinism: a value's terms are added in one order wherever it lies. Sums in float, as the tensor cores add.
#include "kernel.cuh"
#include "densenet.cuh"
#include "densenet_fragment.cuh"
#include "dropout.cuh"

namespace
{
constexpr int Warps = 8;
constexpr int Seam = 2 * DenseGrowth;

template <typename T> struct Layer
{
    T* values;
    DenseCanvas canvas;
    int first;
    int end;
    int output;
    int add;
    const T* weights;
    const float* scale;
    const float* shift;
    int tile;
    int tiles;
    int step;
    int strip_rows;
    const unsigned long long* step_key;
    int mask_layer;
    unsigned threshold;
    float drop_scale;
};

// What a warp's four groups of eight columns are.
struct Place
{
    int image[4];
    int x[4];
    long long at[4];
    bool inside[4];
    int store_first[4];
    int store_end[4];
};

typedef float Sums[3][5][2][4];

template <typename T> struct Walk
{
    using F = DenseFragment<T>;
    static constexpr int Block = 4 * F::Values;

    const Layer<T>& layer;
    const T* weights;
    const float* scale;
    const float* shift;
    float* seams;
    int lane;
    int g;
    int t;
    int warp;
    bool left_seam;
    bool right_seam;
    Place place;
    int first_row;
    int end_row;

    __device__ __forceinline__ void load(int y, int block, uint4 (&raw)[4]) const
    {
        int c = layer.first + block * Block + F::Values * t;
        for (int q = 0; q < 4; q++)
        {
            raw[q] = {0, 0, 0, 0};
            if (place.inside[q] && c < layer.end)
                raw[q] = load16(layer.values + place.at[q] + static_cast<long long>(y) * layer.canvas.width * layer.canvas.pitch + c);
            // Of eight channels the upper four may be what nobody has written yet, which zeros as weights would not silence.
            if (F::Values == 8 && c + 4 >= layer.end)
                raw[q].z = raw[q].w = 0;
        }
    }

    // Products of input row y into the sums of rows y + 1, y, y - 1: slots P, P + 2, P + 1.
    template <int P> __device__ __forceinline__ void multiply(int y, Sums& sums) const
    {
        int blocks = (layer.end - layer.first + Block - 1) / Block;
        uint4 raw[4];
        load(y, 0, raw);
        for (int block = 0; block < blocks; block++)
        {
            unsigned a[2][2][4];
            float s[F::Values], h[F::Values];
            for (int i = 0; i < F::Values; i += 4)
            {
                float4 v = load4(scale + block * Block + F::Values * t + i);
                float4 w = load4(shift + block * Block + F::Values * t + i);
                s[i] = v.x, s[i + 1] = v.y, s[i + 2] = v.z, s[i + 3] = v.w;
                h[i] = w.x, h[i + 1] = w.y, h[i + 2] = w.z, h[i + 3] = w.w;
            }
#pragma unroll
            for (int q = 0; q < 4; q++)
            {
                unsigned words[4] = {raw[q].x, raw[q].y, raw[q].z, raw[q].w};
                float x[F::Values];
#pragma unroll
                for (int i = 0; i < F::Values; i++)
                    x[i] = place.inside[q] ? dense_activate(F::value(words, i), s[i], h[i]) : 0.0f;
#pragma unroll
                for (int i = 0; i < 4; i++)
                    a[i / 2][q / 2][q % 2 + 2 * (i % 2)] = F::word(x + i * F::Values / 4);
            }
            if (block + 1 < blocks)
                load(y, block + 1, raw);
#pragma unroll
            for (int r = 0; r < 3; r++)
            {
                int out = y + 1 - r;
                if (out < first_row || out >= end_row)
                    continue;
                constexpr int Slots[3] = {P, (P + 2) % 3, (P + 1) % 3};
#pragma unroll
                for (int n = 0; n < 5; n++)
                {
                    uint4 w = load16(weights + (((block * 3 + r) * 5 + n) * 32 + lane) * F::Values);
                    unsigned b[2][2] = {{w.x, w.y}, {w.z, w.w}};
#pragma unroll
                    for (int m = 0; m < 2; m++)
                    {
                        F::multiply(sums[Slots[r]][n][m], a[0][m], b[0]);
                        F::multiply(sums[Slots[r]][n][m], a[1][m], b[1]);
                    }
                }
            }
        }
    }

    // Column sums x - 1 and x + 1 of a tile's value e in all four groups; what comes over a seam is patched in.
    __device__ __forceinline__ void from_left(const float (&tile)[2][4], int e, const float* seam, float (&to)[4]) const
    {
#pragma unroll
        for (int q = 0; q < 4; q++)
        {
            float own = tile[q / 2][2 * (q % 2) + e];
            float before = q == 0 ? 0.0f : tile[(q + 3) % 4 / 2][2 * ((q + 3) % 4 % 2) + e];
            to[q] = __shfl_sync(0xffffffffu, g == 7 ? before : own, (lane + 28) % 32);
            if (g == 0 && (q == 0 || (q == 2 && layer.tile == 16)))
                to[q] = q == 0 && left_seam ? seam[e] : 0.0f;
        }
    }

    __device__ __forceinline__ void from_right(const float (&tile)[2][4], int e, const float* seam, float (&to)[4]) const
    {
#pragma unroll
        for (int q = 0; q < 4; q++)
        {
            float own = tile[q / 2][2 * (q % 2) + e];
            float behind = q == 3 ? 0.0f : tile[(q + 1) % 4 / 2][2 * ((q + 1) % 4 % 2) + e];
            to[q] = __shfl_sync(0xffffffffu, g == 0 ? behind : own, (lane + 4) % 32);
            if (g == 7 && (q == 3 || (q == 1 && layer.tile == 16)))
                to[q] = q == 3 && right_seam ? seam[e] : 0.0f;
        }
    }

    // A finished row of output: taps s together, then to the canvas.
    template <int S> __device__ __forceinline__ void finish(int y, int parity, Sums& sums)
    {
        float (&tiles)[5][2][4] = sums[S];
        float* own = seams + (parity * Warps + warp) * Seam;
        const float* left = own - (left_seam ? Seam : 0);
        const float* right = own + DenseGrowth + (right_seam ? Seam : 0);
        if (layer.tiles > 1)
        {
            if (g == 7)
                seam_out(tiles[0], tiles[3], 1, 2, own);
            if (g == 0)
                seam_out(tiles[2], tiles[4], 0, 0, own + DenseGrowth);
            __syncthreads();
        }
        bool stored = y >= first_row && y < end_row;
        float low[2][4], high[2][4];
#pragma unroll
        for (int e = 0; e < 2; e++)
        {
            float before[4], behind[4];
            from_left(tiles[0], e, left + 2 * t, before);
            from_right(tiles[2], e, right + 2 * t, behind);
#pragma unroll
            for (int q = 0; q < 4; q++)
                low[e][q] = before[q] + tiles[1][q / 2][2 * (q % 2) + e] + behind[q];
            from_left(tiles[3], e, left + 8 + 2 * (t % 2), before);
            from_right(tiles[4], e, right + 8 + 2 * (t % 2), behind);
#pragma unroll
            for (int q = 0; q < 4; q++)
                high[e][q] = before[q] + __shfl_sync(0xffffffffu, tiles[3][q / 2][2 * (q % 2) + e], (lane + 2) % 32) + behind[q];
        }
#pragma unroll
        for (int q = 0; q < 4; q++)
            if (stored && place.inside[q] && place.x[q] >= place.store_first[q] && place.x[q] < place.store_end[q])
            {
                T* to = layer.values + place.at[q] + static_cast<long long>(y) * layer.canvas.width * layer.canvas.pitch + layer.output;
                store(to, 2 * t, low[0][q], low[1][q], q, y);
                if (t < 2)
                    store(to, 8 + 2 * t, high[0][q], high[1][q], q, y);
            }
#pragma unroll
        for (int n = 0; n < 5; n++)
#pragma unroll
            for (int m = 0; m < 2; m++)
#pragma unroll
                for (int i = 0; i < 4; i++)
                    tiles[n][m][i] = 0;
    }

    // Twelve sums of the outermost column: half m, row pair i of the tiles.
    __device__ __forceinline__ void seam_out(const float (&low)[2][4], const float (&high)[2][4], int m, int i, float* to) const
    {
        for (int e = 0; e < 2; e++)
        {
            to[2 * t + e] = low[m][i + e];
            if (t < 2)
                to[8 + 2 * t + e] = high[m][i + e];
        }
    }

    __device__ __forceinline__ void store(T* to, int k, float v0, float v1, int q, int y) const
    {
        if (layer.add)
        {
            v0 += to_float(to[k]);
            v1 += to_float(to[k + 1]);
        }
        if (layer.threshold != 0)
        {
            DropoutMask mask = DropoutMask::of(layer.step_key, layer.mask_layer, static_cast<unsigned>(place.image[q]), layer.threshold, layer.drop_scale);
            unsigned element = static_cast<unsigned>((y * DenseGrowth + k) * layer.canvas.width + place.x[q]);
            v0 *= mask.factor(element);
            v1 *= mask.factor(element + layer.canvas.width);
        }
        if constexpr (sizeof(T) == 4)
            store8(to + k, {__float_as_uint(v0), __float_as_uint(v1)});
        else
        {
            float both[2] = {v0, v1};
            *reinterpret_cast<unsigned*>(to + k) = DenseFragment<T>::word(both);
        }
    }

    template <int P> __device__ __forceinline__ void row(int index, Sums& sums)
    {
        int y = first_row - 1 + index;
        if (y >= 0 && y < layer.canvas.height)
            multiply<P>(y, sums);
        finish<(P + 1) % 3>(y - 1, index % 2, sums);
    }
};

template <typename T> __device__ __forceinline__ void place_warp(const Layer<T>& layer, int group, int warp, int g, Place& place)
{
    int per_image = layer.step == 0 ? 1 : (layer.canvas.width + layer.step - 1) / layer.step;
    for (int q = 0; q < 4; q++)
    {
        int image, x, from, to;
        if (layer.tile == 16)
        {
            image = 2 * group + q / 2;
            x = q % 2 * 8 + g;
            from = 0;
            to = layer.canvas.width;
        }
        else
        {
            image = group / per_image;
            int origin = group % per_image * layer.step;
            x = origin - (layer.step > 0 ? 1 : 0) + warp % layer.tiles * 32 + q * 8 + g;
            from = origin;
            to = layer.step == 0 ? layer.canvas.width : least(origin + layer.step, layer.canvas.width);
        }
        place.inside[q] = image < layer.canvas.images && x >= 0 && x < layer.canvas.width;
        place.image[q] = image;
        place.x[q] = x;
        place.at[q] = place.inside[q] ? layer.canvas.pixel(image, 0, x) : 0;
        place.store_first[q] = largest(from, layer.canvas.first_column(image));
        place.store_end[q] = least(to, layer.canvas.end_column(image));
    }
}

template <typename T> __device__ __forceinline__ void run_layer(const Layer<T>& layer)
{
    using F = DenseFragment<T>;
    constexpr int Block = 4 * F::Values;
    KERNEL_DYNAMIC_SHARED(float, shared);
    int blocks = (layer.end - layer.first + Block - 1) / Block;
    float* scale = shared + 2 * Warps * Seam;
    float* shift = scale + blocks * Block;
    for (int i = threadIdx.x; i < blocks * Block; i += 32 * Warps)
    {
        bool read = layer.first + i < layer.end;
        scale[i] = read ? layer.scale[layer.first + i] : 0.0f;
        shift[i] = read ? layer.shift[layer.first + i] : 0.0f;
    }
    T* weights = reinterpret_cast<T*>(shift + blocks * Block);
    for (int i = threadIdx.x; i < blocks * 15 * 32; i += 32 * Warps)
        store16(weights + i * F::Values, load16(layer.weights + i * F::Values));
    __syncthreads();

    int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    int per_image = layer.step == 0 ? 1 : (layer.canvas.width + layer.step - 1) / layer.step;
    int groups = layer.tile == 16 ? (layer.canvas.images + 1) / 2 : layer.canvas.images * per_image;
    int groups_a_block = Warps / layer.tiles;
    int columns = (groups + groups_a_block - 1) / groups_a_block;
    int units = columns * layer.canvas.strips(layer.strip_rows);
    for (int unit = blockIdx.x; unit < units; unit += gridDim.x)
    {
        Walk<T> walk{layer, weights, scale, shift, shared, lane, lane / 4, lane % 4, warp,
            warp % layer.tiles > 0, warp % layer.tiles < layer.tiles - 1, {}, 0, 0};
        place_warp(layer, unit % columns * groups_a_block + warp / layer.tiles, warp, lane / 4, walk.place);
        layer.canvas.strip(unit / columns, layer.strip_rows, walk.first_row, walk.end_row);
        Sums sums = {};
        int rows = walk.end_row - walk.first_row + 2;
        for (int i = 0; i < rows; i += 3)
        {
            walk.template row<0>(i, sums);
            if (i + 1 < rows)
                walk.template row<1>(i + 1, sums);
            if (i + 2 < rows)
                walk.template row<2>(i + 2, sums);
        }
        __syncthreads();
    }
}
}

extern "C" __global__ void __launch_bounds__(256, 1) densenet_mma_half(Half* values, int pitch, int width, int height, long long image_stride,
    int images, int ring, int upper, int lower, int first, int end, int output, int add, const Half* weights, const float* scale, const float* shift,
    int tile, int tiles, int step, int strip_rows, const unsigned long long* step_key, int mask_layer, unsigned threshold, float drop_scale)
{
    run_layer<Half>({values, {pitch, width, height, image_stride, images, ring, upper, lower}, first, end, output, add, weights, scale, shift,
        tile, tiles, step, strip_rows, step_key, mask_layer, threshold, drop_scale});
}

extern "C" __global__ void __launch_bounds__(256, 1) densenet_mma_bfloat16(Bfloat16* values, int pitch, int width, int height, long long image_stride,
    int images, int ring, int upper, int lower, int first, int end, int output, int add, const Bfloat16* weights, const float* scale, const float* shift,
    int tile, int tiles, int step, int strip_rows, const unsigned long long* step_key, int mask_layer, unsigned threshold, float drop_scale)
{
    run_layer<Bfloat16>({values, {pitch, width, height, image_stride, images, ring, upper, lower}, first, end, output, add, weights, scale, shift,
        tile, tiles, step, strip_rows, step_key, mask_layer, threshold, drop_scale});
}

extern "C" __global__ void __launch_bounds__(256, 1) densenet_mma_tf32(float* values, int pitch, int width, int height, long long image_stride,
    int images, int ring, int upper, int lower, int first, int end, int output, int add, const float* weights, const float* scale, const float* shift,
    int tile, int tiles, int step, int strip_rows, const unsigned long long* step_key, int mask_layer, unsigned threshold, float drop_scale)
{
    run_layer<float>({values, {pitch, width, height, image_stride, images, ring, upper, lower}, first, end, output, add, weights, scale, shift,
        tile, tiles, step, strip_rows, step_key, mask_layer, threshold, drop_scale});
}
