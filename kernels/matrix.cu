// Products of float matrices, for where cuBLAS is absent and where bits must repeat across devices.
//   out[i,j] = e( alpha (beta initial[i,j] + diagonal (i = j) + sum over t of a[i,t] b[t,j]) )
//   a  element (i,t) at a + i a_row + t a_term (one of them 1);  b  element (t,j) at b + t b_term + j b_column (one of them 1)
//   initial  row i at initial + i initial_row (0: one row for all, a bias); null: none;  out, gate  rows out_row apart
//   e  0: none, 1: max(0, .), 2: zero where gate is not above 0
// Out may be initial, and overlaps neither factor. The terms of an output are added in the order of t after what it starts
// from, one fused multiply-add each: the same bits as MatrixOps of the processor, whatever the tile.
// A block of 256 threads holds a tile of 64 (large) or 32 (small, grouped) rows and columns, each thread 4x4 or 2x2; the next
// factors are on their way from memory while the last are used.
#include "kernel.cuh"

struct MatrixProduct
{
    const float* a;
    const float* b;
    const float* initial;
    const float* gate;
    float* out;
    int rows;
    int columns;
    int terms;
    int a_row;
    int a_term;
    int b_term;
    int b_column;
    int initial_row;
    int out_row;
    int epilogue;
    float alpha;
    float beta;
    float diagonal;
    int unused;
};

__device__ __forceinline__ float start_of(const MatrixProduct& m, int i, int j)
{
    float start = m.initial != nullptr ? m.beta * m.initial[static_cast<long long>(i) * m.initial_row + j] : 0.0f;
    return i == j ? start + m.diagonal : start;
}

// One element of a and b of stage t0 a thread and slot; neighbours in memory are neighbours in the block.
template <int Tile, int Depth>
__device__ __forceinline__ float factor(const float* from, int slot, bool along_terms, int first, int count, int stride, int t0, int terms, int term, int& at)
{
    int index = slot * 256 + static_cast<int>(threadIdx.x);
    int i = along_terms ? index / Depth : index % Tile, t = along_terms ? index % Depth : index / Tile;
    at = t * (Tile + 4) + i;
    return first + i < count && t0 + t < terms ? from[static_cast<long long>(first + i) * stride + static_cast<long long>(t0 + t) * term] : 0.0f;
}

template <int R>
__device__ __forceinline__ void multiply(const MatrixProduct& m, int tile_row, int tile_column)
{
    constexpr int Tile = 16 * R, Depth = R == 4 ? 16 : 64, Slots = Tile * Depth / 256;
    alignas(16) __shared__ float as[Depth * (Tile + 4)];
    alignas(16) __shared__ float bs[Depth * (Tile + 4)];
    int first = tile_row * Tile, column = tile_column * Tile;
    int down = static_cast<int>(threadIdx.x) / 16 * R, across = static_cast<int>(threadIdx.x) % 16 * R;
    float sums[R][R];
#pragma unroll
    for (int i = 0; i < R; i++)
#pragma unroll
        for (int j = 0; j < R; j++)
            sums[i][j] = first + down + i < m.rows && column + across + j < m.columns ? start_of(m, first + down + i, column + across + j) : 0.0f;
    float next_a[Slots], next_b[Slots];
    int at_a[Slots], at_b[Slots];
    bool a_terms = m.a_term == 1, b_terms = m.b_term == 1 && m.b_column != 1;
#pragma unroll
    for (int s = 0; s < Slots; s++)
    {
        next_a[s] = factor<Tile, Depth>(m.a, s, a_terms, first, m.rows, m.a_row, 0, m.terms, m.a_term, at_a[s]);
        next_b[s] = factor<Tile, Depth>(m.b, s, b_terms, column, m.columns, m.b_column, 0, m.terms, m.b_term, at_b[s]);
    }
#pragma unroll 1
    for (int t0 = 0; t0 < m.terms; t0 += Depth)
    {
        __syncthreads();
#pragma unroll
        for (int s = 0; s < Slots; s++)
        {
            as[at_a[s]] = next_a[s];
            bs[at_b[s]] = next_b[s];
        }
        __syncthreads();
#pragma unroll
        for (int s = 0; s < Slots; s++)
        {
            next_a[s] = factor<Tile, Depth>(m.a, s, a_terms, first, m.rows, m.a_row, t0 + Depth, m.terms, m.a_term, at_a[s]);
            next_b[s] = factor<Tile, Depth>(m.b, s, b_terms, column, m.columns, m.b_column, t0 + Depth, m.terms, m.b_term, at_b[s]);
        }
        int depth = least(Depth, m.terms - t0);
        for (int t = 0; t < depth; t++)
        {
            float u[R], v[R];
#pragma unroll
            for (int i = 0; i < R; i++)
            {
                u[i] = as[t * (Tile + 4) + down + i];
                v[i] = bs[t * (Tile + 4) + across + i];
            }
#pragma unroll
            for (int i = 0; i < R; i++)
#pragma unroll
                for (int j = 0; j < R; j++)
                    sums[i][j] = fma32(u[i], v[j], sums[i][j]);
        }
    }
#pragma unroll
    for (int i = 0; i < R; i++)
#pragma unroll
        for (int j = 0; j < R; j++)
        {
            int row = first + down + i, k = column + across + j;
            if (row >= m.rows || k >= m.columns)
                continue;
            long long at = static_cast<long long>(row) * m.out_row + k;
            float sum = m.alpha * sums[i][j];
            if (m.epilogue == 1)
                sum = sum <= 0.0f ? 0.0f : sum;
            if (m.epilogue == 2)
                sum = m.gate[at] > 0.0f ? sum : 0.0f;
            m.out[at] = sum;
        }
}

#define PRODUCT const float *a, long long a_batch, const float *b, long long b_batch, const float *initial, long long initial_batch, const float *gate, \
    float *out, long long out_batch, int rows, int columns, int terms, int a_row, int a_term, int b_term, int b_column, int initial_row, int out_row, \
    int epilogue, float alpha, float beta, float diagonal
#define PRODUCT_THESE {a + blockIdx.z * a_batch, b + blockIdx.z * b_batch, initial == nullptr ? nullptr : initial + blockIdx.z * initial_batch, \
    gate == nullptr ? nullptr : gate + blockIdx.z * out_batch, out + blockIdx.z * out_batch, rows, columns, terms, a_row, a_term, b_term, b_column, \
    initial_row, out_row, epilogue, alpha, beta, diagonal, 0}

// Grid: tiles across, tiles down, matrices.
extern "C" __global__ void __launch_bounds__(256) matrix_product_large(PRODUCT)
{
    MatrixProduct m PRODUCT_THESE;
    multiply<4>(m, static_cast<int>(blockIdx.y), static_cast<int>(blockIdx.x));
}

extern "C" __global__ void __launch_bounds__(256) matrix_product_small(PRODUCT)
{
    MatrixProduct m PRODUCT_THESE;
    multiply<2>(m, static_cast<int>(blockIdx.y), static_cast<int>(blockIdx.x));
}

// A tile of one of several products.
struct ProductTile
{
    int product;
    int row;
    int column;
    int unused;
};

// Products of any sizes at once: a block a tile.
extern "C" __global__ void __launch_bounds__(256) matrix_product_grouped(const MatrixProduct* products, const ProductTile* tiles)
{
    ProductTile tile = tiles[blockIdx.x];
    MatrixProduct m = products[tile.product];
    multiply<2>(m, tile.row, tile.column);
}
