// Weights of DenseNet-40 from the flat parameter vector to what its kernels read. blockIdx.y is a row of `table` [rows][6]:
//   source (offset of [outputs, channels, side, side]), outputs, channels, first channel, channels taken, destination (offset)
//   densenet_pack_rows_float   [channel][tap][output] floats
//   densenet_pack_layer_*      fragments of densenet_conv_sm80.cu: [64 bytes of channels][r][5 tiles][32 lanes] 16 bytes
//   densenet_pack_matrix_*     fragments of densenet_pointwise_sm80.cu: [104 outputs][64 bytes of channels][13 tiles][32 lanes] 16 bytes
//   densenet_pack_gradient_*   fragments of densenet_gradient_sm80.cu: [48 channels][9 taps][6 tiles][32 lanes] filters 4t..4t+3 of channel g
// Elsewhere lane (g, t) holds, of column g of a tile, the channels of its 16 bytes. Rounded to the type; tf32 to 10 bits of fraction.
#include "kernel.cuh"

namespace
{
struct Tf32
{
    unsigned bits;
    __device__ static __forceinline__ Tf32 of(float x)
    {
        unsigned u = __float_as_uint(x);
        return {(u & 0x7f800000u) == 0x7f800000u ? u : (u + 0x1000u) & 0xffffe000u};
    }
};

struct Part
{
    const float* from;
    int outputs;
    int channels;
    int first;
    int taken;
    long long to;

    __device__ __forceinline__ Part(const float* parameters, const int* table)
    {
        const int* row = table + 6 * blockIdx.y;
        from = parameters + row[0];
        outputs = row[1], channels = row[2], first = row[3], taken = row[4], to = row[5];
    }
};

template <typename T> __device__ __forceinline__ void run_layer(const float* parameters, const int* table, T* packed)
{
    constexpr int Values = 16 / sizeof(T);
    Part part(parameters, table);
    int blocks = (part.taken + 4 * Values - 1) / (4 * Values);
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < blocks * 15 * 32 * Values; i += gridDim.x * blockDim.x)
    {
        int value = i % Values, lane = i / Values % 32, tile = i / (Values * 32) % 5, r = i / (Values * 32 * 5) % 3, block = i / (Values * 32 * 15);
        int g = lane / 4, c = block * 4 * Values + lane % 4 * Values + value;
        int s = tile < 3 ? tile : tile == 3 ? g / 4 : g < 4 ? 2 : 3;
        int k = tile < 3 ? g : 8 + g % 4;
        float w = s < 3 && c < part.taken ? part.from[((k * part.channels + part.first + c) * 3 + r) * 3 + s] : 0.0f;
        packed[part.to + i] = T::of(w);
    }
}

template <typename T> __device__ __forceinline__ void run_matrix(const float* parameters, const int* table, T* packed)
{
    constexpr int Values = 16 / sizeof(T);
    Part part(parameters, table);
    int blocks = (part.channels + 4 * Values - 1) / (4 * Values), chunks = (part.outputs + 103) / 104;
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < chunks * blocks * 13 * 32 * Values; i += gridDim.x * blockDim.x)
    {
        int value = i % Values, lane = i / Values % 32, tile = i / (Values * 32) % 13, block = i / (Values * 32 * 13) % blocks, chunk = i / (Values * 32 * 13) / blocks;
        int k = chunk * 104 + tile * 8 + lane / 4, c = block * 4 * Values + lane % 4 * Values + value;
        float w = k < part.outputs && c < part.channels ? part.from[k * part.channels + c] : 0.0f;
        packed[part.to + i] = T::of(w);
    }
}

template <typename T> __device__ __forceinline__ void run_gradient(const float* parameters, const int* table, T* packed)
{
    Part part(parameters, table);
    int chunks = (part.channels + 47) / 48;
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < chunks * 9 * 6 * 32 * 4; i += gridDim.x * blockDim.x)
    {
        int lane = i / 4 % 32, tile = i / 128 % 6, tap = i / 768 % 9, chunk = i / 6912;
        int k = lane % 4 * 4 + i % 4, c = chunk * 48 + tile * 8 + lane / 4;
        float w = k < part.outputs && c < part.channels ? part.from[(k * part.channels + c) * 9 + tap] : 0.0f;
        packed[part.to + i] = T::of(w);
    }
}
}

extern "C" __global__ void __launch_bounds__(256) densenet_pack_rows_float(const float* parameters, const int* table, int taps, float* packed)
{
    Part part(parameters, table);
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < part.taken * taps * part.outputs; i += gridDim.x * blockDim.x)
    {
        int k = i % part.outputs, tap = i / part.outputs % taps, c = i / part.outputs / taps;
        packed[part.to + i] = part.from[(k * part.channels + part.first + c) * taps + tap];
    }
}

extern "C" __global__ void __launch_bounds__(256) densenet_pack_layer_half(const float* parameters, const int* table, Half* packed) { run_layer(parameters, table, packed); }
extern "C" __global__ void __launch_bounds__(256) densenet_pack_layer_bfloat16(const float* parameters, const int* table, Bfloat16* packed) { run_layer(parameters, table, packed); }
extern "C" __global__ void __launch_bounds__(256) densenet_pack_layer_tf32(const float* parameters, const int* table, float* packed) { run_layer(parameters, table, reinterpret_cast<Tf32*>(packed)); }
extern "C" __global__ void __launch_bounds__(256) densenet_pack_matrix_half(const float* parameters, const int* table, Half* packed) { run_matrix(parameters, table, packed); }
extern "C" __global__ void __launch_bounds__(256) densenet_pack_matrix_bfloat16(const float* parameters, const int* table, Bfloat16* packed) { run_matrix(parameters, table, packed); }
extern "C" __global__ void __launch_bounds__(256) densenet_pack_matrix_tf32(const float* parameters, const int* table, float* packed) { run_matrix(parameters, table, reinterpret_cast<Tf32*>(packed)); }
extern "C" __global__ void __launch_bounds__(256) densenet_pack_gradient_bfloat16(const float* parameters, const int* table, Bfloat16* packed) { run_gradient(parameters, table, packed); }
extern "C" __global__ void __launch_bounds__(256) densenet_pack_gradient_tf32(const float* parameters, const int* table, float* packed) { run_gradient(parameters, table, reinterpret_cast<Tf32*>(packed)); }
