// Muon (Jordan et al. 2024): momentum whose update is made orthogonal, for weight matrices [height, width]. The products are
// matrix_product_grouped on tall matrices x [rows, columns]: the transpose where the matrix is wider than tall, columns
// padded with zeros.
//   direction  m = momentum m + g;  u = g + momentum m;  squares: sum of u^2 a run of the parameter vector
//   start      x = u / |u|, 0 where |u| is 0
//   apply      p -= rate * 0.2 sqrt(rows) * x;  average += share (p - average)
// Elementwise and without contraction as MuonOptimizer of the processor has it; |u| is summed in doubles, run by run.
#include "optimizer.cuh"

struct MuonMatrix
{
    int offset;          // in the parameter vector
    int height;
    int width;
    int rows;            // of x
    int columns;         // of x, padded
    int x;               // offset of x in its buffer
    int direction;       // offset of u in its buffer
    int first_run;       // square sums of the matrix
    int run_count;
};

// Where element i of the matrix stands in x.
__device__ __forceinline__ int place(const MuonMatrix& m, int i)
{
    int r = i / m.width, c = i - r * m.width;
    return m.height >= m.width ? r * m.columns + c : c * m.columns + r;
}

// A block a run.
extern "C" __global__ void __launch_bounds__(256) muon_direction(const ParameterRun* runs, unsigned run_count, const MuonMatrix* matrices, const float* gradient,
    float* first, float* directions, double* squares, const StepNumbers* numbers, const StepVerdict* verdict)
{
    __shared__ double scratch[32];
    if (verdict->finite == 0)
        return;
    float momentum = numbers->momentum, factor = verdict->factor;
#pragma unroll 1
    for (unsigned r = blockIdx.x; r < run_count; r += gridDim.x)
    {
        ParameterRun run = runs[r];
        if (run.kind < 0)
            continue;
        const MuonMatrix& matrix = matrices[run.kind];
        float* to = directions + matrix.direction + (run.offset - matrix.offset);
        double sum = 0;
        for (int i = static_cast<int>(threadIdx.x); i < run.count; i += 256)
        {
            float g = gradient[run.offset + i] * factor;
            float m = first[run.offset + i] * momentum + g;
            float u = g + momentum * m;
            first[run.offset + i] = m;
            to[i] = u;
            sum += static_cast<double>(u) * u;
        }
        sum = block_sum(sum, scratch);
        if (threadIdx.x == 0)
            squares[run.index] = sum;
    }
}

// Grid: blocks over x, matrices.
extern "C" __global__ void __launch_bounds__(256) muon_start(const MuonMatrix* matrices, const float* directions, const double* squares, float* xs,
    const StepVerdict* verdict)
{
    __shared__ double scratch[32];
    if (verdict->finite == 0)
        return;
    MuonMatrix m = matrices[blockIdx.y];
    double sum = 0;
    for (int i = static_cast<int>(threadIdx.x); i < m.run_count; i += 256)
        sum += squares[m.first_run + i];
    sum = block_sum(sum, scratch);
    float scale = sum == 0 ? 0.0f : static_cast<float>(1 / sqrt_rn(sum));
    int narrow = least(m.height, m.width);
    const float* from = directions + m.direction;
    float* to = xs + m.x;
#pragma unroll 1
    for (int k = static_cast<int>(grid_first()); k < m.rows * m.columns; k += static_cast<int>(grid_step()))
    {
        int i = k / m.columns, j = k - i * m.columns;
        to[k] = j >= narrow ? 0.0f : scale * from[m.height >= m.width ? i * m.width + j : j * m.width + i];
    }
}

// A block a run of at most 1024 values.
extern "C" __global__ void __launch_bounds__(256) muon_apply(const ParameterRun* runs, unsigned run_count, const MuonMatrix* matrices, const float* xs,
    float* parameters, float* average, const StepNumbers* numbers, const StepVerdict* verdict)
{
    if (verdict->finite == 0)
        return;
    double rate = numbers->rate;
    float share = numbers->average;
#pragma unroll 1
    for (unsigned r = blockIdx.x; r < run_count; r += gridDim.x)
    {
        ParameterRun run = runs[r];
        if (run.kind < 0)
            continue;
        MuonMatrix m = matrices[run.kind];
        float size = static_cast<float>(rate * 0.2 * sqrt_rn(static_cast<double>(m.rows)));
        for (int i = static_cast<int>(threadIdx.x); i < run.count; i += 256)
        {
            int at = run.offset + i;
            float p = parameters[at] - size * xs[m.x + place(m, at - m.offset)];
            parameters[at] = p;
            average[at] = average[at] + share * (p - average[at]);
        }
    }
}
