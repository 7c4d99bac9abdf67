// Adam (Kingma, Ba 2015) with decoupled weight decay (Loshchilov, Hutter 2019), the norm of the gradient, and a running
// average of the parameters.
//   g *= min(1, clip / |g|);  p -= rate * decay * p;  m = b1 m + (1-b1) g;  v = b2 v + (1-b2) g^2
//   p -= rate / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + eps);  average += share (p - average)
// Elementwise and without contraction: the bits of AdamOptimizer of the processor. The norm is summed in doubles: sixteen of
// a thread, the threads of a block, the blocks.
#include "optimizer.cuh"

constexpr unsigned norm_run = 4096;

extern "C" __global__ void __launch_bounds__(256) adam_norm(const float* gradient, unsigned count, double* partials)
{
    __shared__ double scratch[32];
    unsigned runs = (count + norm_run - 1) / norm_run;
#pragma unroll 1
    for (unsigned run = blockIdx.x; run < runs; run += gridDim.x)
    {
        unsigned end = least(count, (run + 1) * norm_run);
        double sum = 0;
        for (unsigned i = run * norm_run + threadIdx.x; i < end; i += 256)
            sum += static_cast<double>(gradient[i]) * gradient[i];
        sum = block_sum(sum, scratch);
        if (threadIdx.x == 0)
            partials[run] = sum;
    }
}

// One thread block. values [value_count]: what the step measured; any that is not finite spoils it.
extern "C" __global__ void __launch_bounds__(256) adam_verdict(const double* partials, unsigned runs, const double* values, unsigned value_count,
    const StepNumbers* numbers, StepVerdict* verdict)
{
    __shared__ double scratch[32];
    double sum = 0;
#pragma unroll 1
    for (unsigned i = threadIdx.x; i < runs; i += 256)
        sum += partials[i];
    sum = block_sum(sum, scratch);
    if (threadIdx.x != 0)
        return;
    double norm = sqrt_rn(sum), all = norm;
    for (unsigned i = 0; i < value_count; i++)
        all += values[i];
    double limit = numbers->clip_norm;
    verdict->norm = norm;
    verdict->factor = limit > 0 && norm > limit ? static_cast<float>(limit / norm) : 1.0f;
    verdict->finite = all - all == 0 ? 1 : 0;
}

__device__ __forceinline__ float averaged(float average, float parameter, float share) { return average + share * (parameter - average); }

struct AdamState
{
    float p;
    float m;
    float v;
    float average;

    __device__ __forceinline__ void step(float gradient, float factor, const StepNumbers& s)
    {
        float g = gradient * factor;
        m = m * s.beta1 + g * s.rest1;
        v = v * s.beta2 + g * g * s.rest2;
        p = p * s.keep;
        p -= m / (sqrt_rn(v) / s.root + s.epsilon) * s.size;
        average = averaged(average, p, s.average);
    }
};

// A block a run of at most 1024 values, four a thread; runs that Muon takes are left to it.
extern "C" __global__ void __launch_bounds__(256) adam_update(const ParameterRun* runs, unsigned run_count, float* parameters, const float* gradient,
    float* first, float* second, float* average, const StepNumbers* numbers, const StepVerdict* verdict, int muon)
{
    if (verdict->finite == 0)
        return;
    StepNumbers s = *numbers;
    float factor = verdict->factor;
#pragma unroll 1
    for (unsigned r = blockIdx.x; r < run_count; r += gridDim.x)
    {
        ParameterRun run = runs[r];
        if (run.kind >= 0 && muon != 0)
            continue;
        int at = run.offset + 4 * static_cast<int>(threadIdx.x), end = run.offset + run.count;
        if (at >= end)
            continue;
        if (run.kind == -2)
        {
            for (int i = at; i < least(at + 4, end); i++)
                average[i] = parameters[i];
        }
        else if (at % 4 == 0 && at + 4 <= end)
        {
            float4 p = load4(parameters + at), g = load4(gradient + at), m = load4(first + at), v = load4(second + at), a = load4(average + at);
            AdamState x{p.x, m.x, v.x, a.x}, y{p.y, m.y, v.y, a.y}, z{p.z, m.z, v.z, a.z}, w{p.w, m.w, v.w, a.w};
            x.step(g.x, factor, s);
            y.step(g.y, factor, s);
            z.step(g.z, factor, s);
            w.step(g.w, factor, s);
            store4(parameters + at, {x.p, y.p, z.p, w.p});
            store4(first + at, {x.m, y.m, z.m, w.m});
            store4(second + at, {x.v, y.v, z.v, w.v});
            store4(average + at, {x.average, y.average, z.average, w.average});
        }
        else
        {
            for (int i = at; i < least(at + 4, end); i++)
            {
                AdamState x{parameters[i], first[i], second[i], average[i]};
                x.step(gradient[i], factor, s);
                parameters[i] = x.p;
                first[i] = x.m;
                second[i] = x.v;
                average[i] = x.average;
            }
        }
    }
}
