// What joins the layers of DenseNet-40, all over canvases (densenet.cuh), T float, Half or Bfloat16, arithmetic in float.
//   densenet_pool_*      means[i][c] = mean of the 2x2 pixels under pixel i of `canvas`, after BN and ReLU: rows first, then neighbours.
//                        Pooling before the 1x1 convolution is the same, both being linear, and a quarter of its work.
//                        Pixel (y, x) reads columns 2x and 2x + 1 of the source, in the second half of a ringed canvas
//                        2x + right_shift and the next; means [computed pixels][channels]
//   densenet_head_*      features[n][c] = mean over the image of relu(scale x + shift); outputs[n][o] = bias[o] + sum_c w[c][o] features[c]
//   densenet_share_*     columns of edges that no edge touches, from the strip that all windows share: edges [2][windows] images, the
//                        left edges first; column x of a window's edge is column window * stride + x of the strip, from `right` on
//                        for right edges; copied are columns behind the ring, `count` channels from `channel` on
//   densenet_assemble_*  windows from edges ([2][sides] images) and strip: outermost 8 columns from the edges, those between from the strip
//   densenet_slide       rows [from, from + rows) of every image become rows 0..; from >= rows
// Determinism: sums of one thread by rising position, then of the threads in order; no value depends on the launch.
#include "kernel.cuh"
#include "densenet.cuh"
#include "storage.cuh"

namespace
{
constexpr int Features = 456;
constexpr int Quads = Features / 4;

template <typename T> __device__ __forceinline__ void run_pool(const T* source, int source_pitch, int source_width, long long source_stride, int right_shift,
    int channels, const float* scale, const float* shift, T* means, const DenseCanvas& canvas)
{
    int quads = channels / 4;
    long long all = canvas.pixels() * quads, step = static_cast<long long>(gridDim.x) * blockDim.x;
    for (long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x; i < all; i += step)
    {
        long long pixel = i / quads;
        int c = static_cast<int>(i - pixel * quads) * 4;
        int image, y, x;
        canvas.place(pixel, image, y, x);
        bool right = canvas.ring > 0 && 2 * image >= canvas.images;
        const T* at = source + image * source_stride + (2ll * y * source_width + 2 * x + (right ? right_shift : 0)) * source_pitch + c;
        long long below = static_cast<long long>(source_width) * source_pitch;
        float a[4], b[4], d[4], e[4];
        load_quad(at, a);
        load_quad(at + source_pitch, b);
        load_quad(at + below, d);
        load_quad(at + below + source_pitch, e);
        for (int k = 0; k < 4; k++)
        {
            float s = scale[c + k], h = shift[c + k];
            a[k] = dense_activate(a[k], s, h) + dense_activate(d[k], s, h);
            b[k] = dense_activate(b[k], s, h) + dense_activate(e[k], s, h);
            a[k] = (a[k] + b[k]) * 0.25f;
        }
        store_quad(means + pixel * channels + c, a);
    }
}

template <typename T> __device__ __forceinline__ void run_head(const T* values, int pitch, int pixels, long long image_stride, const float* scale, const float* shift,
    const float* weights, const float* bias, int outputs, float* features, float* to)
{
    alignas(16) __shared__ float sums[2 * Features];
    int image = static_cast<int>(blockIdx.x);
    int part = threadIdx.x / Quads, c = threadIdx.x % Quads * 4;
    if (part < 2)
    {
        float sum[4] = {0, 0, 0, 0};
        const T* from = values + image * image_stride + c;
        for (int p = part * pixels / 2; p < (part + 1) * pixels / 2; p++)
        {
            float v[4];
            load_quad(from + static_cast<long long>(p) * pitch, v);
            for (int k = 0; k < 4; k++)
                sum[k] += dense_activate(v[k], scale[c + k], shift[c + k]);
        }
        store_quad(sums + part * Features + c, sum);
    }
    __syncthreads();
    for (int i = threadIdx.x; i < Features; i += blockDim.x)
        features[image * Features + i] = sums[i] = (sums[i] + sums[Features + i]) / static_cast<float>(pixels);
    __syncthreads();
    for (int o = threadIdx.x; o < outputs; o += blockDim.x)
    {
        float sum = bias[o];
        for (int i = 0; i < Features; i++)
            sum = fma32(weights[i * outputs + o], sums[i], sum);
        to[image * outputs + o] = sum;
    }
}

template <typename T> __device__ __forceinline__ void run_share(const T* strip, int strip_pitch, int strip_width, T* edges, const DenseCanvas& canvas, int ring,
    int stride, int right, int channel, int count)
{
    int quads = count / 4, columns = canvas.width - ring, windows = canvas.images / 2;
    long long all = static_cast<long long>(canvas.images) * canvas.rows() * columns * quads, step = static_cast<long long>(gridDim.x) * blockDim.x;
    for (long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x; i < all; i += step)
    {
        long long rest = i / quads;
        int c = channel + static_cast<int>(i - rest * quads) * 4;
        int x = static_cast<int>(rest % columns);
        rest /= columns;
        int y = static_cast<int>(rest % canvas.rows());
        y += y < canvas.upper ? 0 : canvas.lower - canvas.upper;
        int image = static_cast<int>(rest / canvas.rows());
        bool is_right = image >= windows;
        x += is_right ? 0 : ring;
        int from = image % windows * stride + (is_right ? right : 0) + x;
        float v[4];
        load_quad(strip + (static_cast<long long>(y) * strip_width + from) * strip_pitch + c, v);
        store_quad(edges + canvas.pixel(image, y, x) + c, v);
    }
}

template <typename T> __device__ __forceinline__ void run_assemble(const T* strip, int strip_width, const T* edges, int edge_width, long long edge_stride, int sides,
    T* to, int pitch, int size, int windows, int stride)
{
    constexpr int Ring = 8;
    int quads = pitch / 4;
    long long all = static_cast<long long>(windows) * size * size * quads, step = static_cast<long long>(gridDim.x) * blockDim.x;
    for (long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x; i < all; i += step)
    {
        long long pixel = i / quads;
        int c = static_cast<int>(i - pixel * quads) * 4;
        int x = static_cast<int>(pixel % size), y = static_cast<int>(pixel / size % size), window = static_cast<int>(pixel / size / size);
        const T* from;
        if (x < Ring || x >= size - Ring)
        {
            bool right = x >= Ring;
            int column = right ? x - (size - edge_width) : x;
            from = edges + (right ? sides + window : window) * edge_stride + (static_cast<long long>(y) * edge_width + column) * pitch + c;
        }
        else
            from = strip + (static_cast<long long>(y) * strip_width + window * stride + x) * pitch + c;
        float v[4];
        load_quad(from, v);
        store_quad(to + pixel * pitch + c, v);
    }
}
}

extern "C" __global__ void __launch_bounds__(256) densenet_slide(uint8_t* values, long long image_bytes, long long row_bytes, int images, int from, int rows)
{
    long long vectors = rows * row_bytes / 16, all = images * vectors, step = static_cast<long long>(gridDim.x) * blockDim.x;
    for (long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x; i < all; i += step)
    {
        uint8_t* image = values + i / vectors * image_bytes + i % vectors * 16;
        store16(image, load16(image + from * row_bytes));
    }
}

// The kernels of one storage type.
#define DENSENET_STORED(name, T) \
    extern "C" __global__ void __launch_bounds__(256) densenet_pool_##name(const T* source, int source_pitch, int source_width, long long source_stride, \
        int right_shift, int channels, const float* scale, const float* shift, T* means, \
        int pitch, int width, int height, long long image_stride, int images, int ring, int upper, int lower) \
    { \
        run_pool(source, source_pitch, source_width, source_stride, right_shift, channels, scale, shift, means, {pitch, width, height, image_stride, images, ring, upper, lower}); \
    } \
    extern "C" __global__ void __launch_bounds__(256) densenet_head_##name(const T* values, int pitch, int pixels, long long image_stride, \
        const float* scale, const float* shift, const float* weights, const float* bias, int outputs, float* features, float* to) \
    { \
        run_head(values, pitch, pixels, image_stride, scale, shift, weights, bias, outputs, features, to); \
    } \
    extern "C" __global__ void __launch_bounds__(256) densenet_share_##name(const T* strip, int strip_pitch, int strip_width, T* edges, \
        int pitch, int width, int height, long long image_stride, int images, int upper, int lower, int ring, int stride, int right, int channel, int count) \
    { \
        run_share(strip, strip_pitch, strip_width, edges, {pitch, width, height, image_stride, images, 0, upper, lower}, ring, stride, right, channel, count); \
    } \
    extern "C" __global__ void __launch_bounds__(256) densenet_assemble_##name(const T* strip, int strip_width, const T* edges, int edge_width, long long edge_stride, \
        int sides, T* to, int pitch, int size, int windows, int stride) \
    { \
        run_assemble(strip, strip_width, edges, edge_width, edge_stride, sides, to, pitch, size, windows, stride); \
    }

DENSENET_STORED(float, float)
DENSENET_STORED(half, Half)
DENSENET_STORED(bfloat16, Bfloat16)
