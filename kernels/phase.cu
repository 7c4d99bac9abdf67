#include "math.cuh"

// phase.cu: the steps of the phase-histogram network that are no matrix products (PhaseEvidence, PhaseHistogramForward).
//   luma      pixels -> (299 R + 587 G + 114 B) / 1000
//   evidence  64x64 windows of luma -> histograms and combs of 64 grid phases    evidence [K,n,64,F]  overall [K,n,F]
//   stripes, slide  the same for overlapping windows of a row
//   attend    scores, softmax over phases, pooling                               alpha [n,64,16]  inputs [n,X]  attended [n,15,H]
//   blocks    adds each coefficient's own path to its block                      logits [n,226]
// Tallies are integers, each phase's its own thread's: equal to the processor's. Floats keep the processor's order and
// fusing; its exponential alone is another one.

constexpr int Phases = 64, Side = 64, Reach = 57, AlphaRow = 16, Blocks = 15, Outputs = 226;
constexpr int LastCode = 8192, CombScale = 511;

__constant__ int block_offsets[16] = {0, 16, 27, 39, 53, 65, 75, 91, 105, 118, 132, 150, 167, 183, 202, 226};

// rows x columns of pixels, bytes each; red: 0 in RGB, 2 in BGR.
extern "C" __global__ void __launch_bounds__(256) phase_luma(
    const unsigned char* pixels, long long stride, int bytes, int red, int columns, int rows, float* luma, int lumaRow)
{
    const int x = (int)(blockIdx.x * blockDim.x + threadIdx.x), y = blockIdx.y;
    if (x >= columns || y >= rows)
        return;
    const unsigned char* at = pixels + y * stride + (long long)x * bytes;
    luma[(long long)y * lumaRow + x] = bytes == 1 ? at[0] : (float)(299 * at[red] + 587 * at[1] + 114 * at[2 - red]) / 1000.0f;
}

__device__ __forceinline__ float combine(const float* basis, float a, float b, float c, float d)
{
    float sum = a * basis[0];
    sum = fma32(b, basis[1], sum);
    sum = fma32(c, basis[2], sum);
    return fma32(d, basis[3], sum);
}

// The four sums (even frequency) or differences (odd) of mirrored samples, combined.
__device__ __forceinline__ float mirror(const float* basis, int frequency, const float* v)
{
    if ((frequency & 1) == 0)
        return combine(basis + 4 * frequency, v[0] + v[7], v[1] + v[6], v[2] + v[5], v[3] + v[4]);
    return combine(basis + 4 * frequency, v[0] - v[7], v[1] - v[6], v[2] - v[5], v[3] - v[4]);
}

// Positions first, first + 8, .. of a window.
__device__ __forceinline__ int of_phase(int first) { return (Reach - first + 7) / 8; }

// Tallies of one phase: values of down x across positions, 8 apart both ways from "at" on, of partial transforms in rows of
// "pitch". counts[bin * countRow] and sum(period, value) receive them; sums are of round(511 cos) + 511.
template <typename Sum>
__device__ __forceinline__ void tally_phase(
    const float* at, int pitch, int down, int across, const float* basis, int vertical, const unsigned short* comb, int combRow, float binScale,
    int bins, int periods, unsigned short* counts, int countRow, Sum sum)
{
    for (int b = 0; b < bins; b++)
        counts[b * countRow] = 0;
    // 32 periods at a time, two to a word: sums of at most 64 values stay below 2^16.
    for (int period = 0; period == 0 || period < periods; period += 32)
    {
        unsigned sums[16] = {};
        const int chunks = least((periods - period + 7) / 8, 4);
        for (int i = 0; i < down; i++)
            for (int j = 0; j < across; j++)
            {
                float v[8];
#pragma unroll
                for (int r = 0; r < 8; r++)
                    v[r] = at[(8 * i + r) * pitch + 8 * j];
                const float magnitude = abs32(mirror(basis, vertical, v));
                if (period == 0)
                    counts[(int)least(magnitude * binScale, (float)(bins - 1)) * countRow]++;
                const int code = (int)least(magnitude + 0.5f, (float)LastCode);
                const unsigned short* row = comb + (long long)code * combRow + period;
#pragma unroll
                for (int c = 0; c < 4; c++)
                    if (c < chunks)
                    {
                        const uint4 words = load16(row + 8 * c);
                        sums[4 * c] += words.x;
                        sums[4 * c + 1] += words.y;
                        sums[4 * c + 2] += words.z;
                        sums[4 * c + 3] += words.w;
                    }
            }
#pragma unroll
        for (int q = 0; q < 32; q++)
            if (period + q < periods)
                sum(period + q, (unsigned short)(sums[q / 2] >> (16 * (q & 1))));
    }
}

// Feature f of all phases together, and of one phase of so many blocks, from their tallies (PhaseFeatures).
__device__ __forceinline__ float overall_feature(int f, int bins, int total)
{
    return f < bins ? sqrt_rn((float)total * (1.0f / (Reach * Reach)))
                    : (float)(total - CombScale * Reach * Reach) * (1.0f / ((float)CombScale * (Reach * Reach)));
}

__device__ __forceinline__ float phase_feature(int f, int bins, int value, int blocks, float overall)
{
    return f < bins ? fma32(sqrt_rn((float)value * (1.0f / blocks)), 4.0f, -4.0f * overall)
                    : fma32((float)(value - CombScale * blocks) * (1.0f / ((float)CombScale * blocks)), 4.0f, -4.0f * overall);
}

// grid (8 horizontal frequencies, windows), 64 threads for each of "together" coefficients.
// Window n starts at luma + n windowStep, its phases are counted from (gridX + n gridStep, gridY).
// plan: [8] how many coefficients a horizontal frequency has, then [8,8] zig-zag index * 8 + vertical frequency.
// comb: [8193, combRow] shorts, round(511 cos) + 511, combRow a multiple of 8.
// Shared: float transforms [64,72], then float all [together F], then unsigned short tally [F, 64 together + 2].
extern "C" __global__ void __launch_bounds__(256) phase_evidence(
    const float* luma, long long windowStep, int lumaRow, int gridX, int gridY, int gridStep,
    const float* basis, const int* plan, const unsigned short* comb, int combRow, float binScale, int bins, int periods,
    int windows, float* evidence, float* overall)
{
    constexpr int Pitch = 72;  // phases of one warp fall into different banks
    KERNEL_DYNAMIC_SHARED(float, shared);
    const int tid = threadIdx.x, threads = blockDim.x, together = threads / Phases;
    const int features = bins + periods, tallyRow = threads + 2;
    float* transforms = shared;
    float* all = transforms + Side * Pitch;
    unsigned short* tally = (unsigned short*)(all + together * features);
    const int u = blockIdx.x, n = blockIdx.y, terms = plan[u];
    if (terms == 0)
        return;
    luma += n * windowStep;
    gridX = (gridX + n * gridStep) & 7;

    for (int y = tid / 32; y < Side; y += threads / 32)
        for (int x = tid % 32; x < Reach; x += 32)
        {
            float v[8];
            for (int i = 0; i < 8; i++)
                v[i] = luma[(long long)y * lumaRow + x + i] + -128.0f;
            transforms[y * Pitch + x] = mirror(basis, u, v);
        }
    __syncthreads();

    const int own = tid / Phases, phase = tid % Phases;
    const int dy = ((phase >> 3) - gridY) & 7, dx = (phase - gridX) & 7;
    const int down = of_phase(dy), across = of_phase(dx);
    for (int first = 0; first < terms; first += together)
    {
        if (first + own < terms)
        {
            const int vertical = plan[8 + 8 * u + first + own] & 7;
            tally_phase(transforms + dy * Pitch + dx, Pitch, down, across, basis, vertical, comb, combRow, binScale, bins, periods, tally + tid, tallyRow,
                [&](int period, unsigned short sum) { tally[(bins + period) * tallyRow + tid] = sum; });
        }
        __syncthreads();
        for (int i = tid; i < together * features; i += threads)
        {
            const int term = i / features, f = i - term * features;
            if (first + term >= terms)
                continue;
            const unsigned short* row = tally + f * tallyRow + term * Phases;
            int total = 0;
            for (int p = 0; p < Phases; p++)
                total += row[p];
            const float value = overall_feature(f, bins, total);
            const int k = plan[8 + 8 * u + first + term] >> 3;
            overall[((long long)k * windows + n) * features + f] = value;
            all[i] = value;
        }
        __syncthreads();
        for (int i = tid; i < together * Phases * features; i += threads)
        {
            const int column = i / features, f = i - column * features, term = column / Phases, p = column % Phases;
            if (first + term >= terms)
                break;
            const int blocks = of_phase(((p >> 3) - gridY) & 7) * of_phase((p - gridX) & 7);
            const float feature = phase_feature(f, bins, tally[f * tallyRow + column], blocks, all[term * features + f]);
            const int k = plan[8 + 8 * u + first + term] >> 3;
            evidence[(((long long)k * windows + n) * Phases + p) * features + f] = feature;
        }
        __syncthreads();
    }
}

// Tallies of stripes of eight columns of positions, which overlapping windows of a row share: [K,stripes,F,64], stripe s from
// column 8 s of a band of 64 rows. The last stripe has its first column only,
// zeros in the others. grid (8 horizontal frequencies, stripes),
// 64 threads for each of several coefficients; plan, comb as above. Shared: float transforms [64,8], unsigned short [bins, threads].
extern "C" __global__ void __launch_bounds__(256) phase_stripes(
    const float* luma, int lumaRow, int columns, int gridX, int gridY, const float* basis, const int* plan, const unsigned short* comb, int combRow,
    float binScale, int bins, int periods, int stripes, unsigned short* tallies)
{
    KERNEL_DYNAMIC_SHARED(float, transforms);
    unsigned short* counts = (unsigned short*)(transforms + Side * 8);
    const int tid = threadIdx.x, threads = blockDim.x, together = threads / Phases, features = bins + periods;
    const int u = blockIdx.x, stripe = blockIdx.y, terms = plan[u];
    if (terms == 0)
        return;
    for (int i = tid; i < Side * 8; i += threads)
    {
        const int y = i / 8, x = 8 * stripe + i % 8;
        if (x + 7 >= columns)
            continue;
        float v[8];
        for (int j = 0; j < 8; j++)
            v[j] = luma[(long long)y * lumaRow + x + j] + -128.0f;
        transforms[i] = mirror(basis, u, v);
    }
    __syncthreads();
    const int phase = tid % Phases, dy = ((phase >> 3) - gridY) & 7, dx = (phase - gridX) & 7;
    const int down = 8 * stripe + dx + 7 < columns ? of_phase(dy) : 0;
    for (int term = tid / Phases; term < terms; term += together)
    {
        const int entry = plan[8 + 8 * u + term];
        unsigned short* to = tallies + ((long long)(entry >> 3) * stripes + stripe) * features * Phases + phase;
        tally_phase(transforms + dy * 8 + dx, 8, down, 1, basis, entry & 7, comb, combRow, binScale, bins, periods, counts + tid, threads,
            [&](int period, unsigned short sum) { to[(bins + period) * Phases] = sum; });
        for (int b = 0; b < bins; b++)
            to[b * Phases] = counts[b * threads + tid];
    }
}

// Features of windows from the stripes under them, window n from stripe n step on: seven of them, and of the eighth the
// first column. grid (K, runs of "each" windows): a run's tallies slide. Words hold the tallies of two phases.
// Shared: unsigned sums [F,33], float all [F].
extern "C" __global__ void __launch_bounds__(256) phase_slide(
    const unsigned short* tallies, int stripes, int step, int gridX, int gridY, int bins, int periods, int windows, int each,
    float* evidence, float* overall)
{
    constexpr int Row = Phases / 2 + 1;
    KERNEL_DYNAMIC_SHARED(unsigned, sums);
    const int tid = threadIdx.x, threads = blockDim.x, features = bins + periods, words = features * (Phases / 2), k = blockIdx.x;
    float* all = (float*)(sums + features * Row);
    const unsigned* stripe = (const unsigned*)tallies + (long long)k * stripes * words;
    const int first = (int)blockIdx.y * each, end = least(windows, first + each);
    for (int n = first; n < end; n++)
    {
        const unsigned* now = stripe + (long long)n * step * words;
        const unsigned* before = now - (long long)step * words;
        const bool slides = n > first && step < 7;
        for (int i = tid; i < words; i += threads)
        {
            const int f = i / (Phases / 2), q = i % (Phases / 2);
            const unsigned column = (((2 * q - gridX) & 7) == 0 ? 0xFFFFu : 0) | (((2 * q + 1 - gridX) & 7) == 0 ? 0xFFFF0000u : 0);
            unsigned sum = 0;
            if (slides)
            {
                // What leaves goes first: no half ever borrows or carries.
                sum = sums[f * Row + q];
                for (int j = 0; j < step; j++)
                    sum -= before[(long long)j * words + i];
                sum -= before[7ll * words + i] & column;
                for (int j = 7 - step; j < 7; j++)
                    sum += now[(long long)j * words + i];
            }
            else
                for (int j = 0; j < 7; j++)
                    sum += now[(long long)j * words + i];
            sums[f * Row + q] = sum + (now[7ll * words + i] & column);
        }
        __syncthreads();
        for (int f = tid; f < features; f += threads)
        {
            int total = 0;
            for (int q = 0; q < Phases / 2; q++)
                total += (int)(sums[f * Row + q] & 0xFFFF) + (int)(sums[f * Row + q] >> 16);
            all[f] = overall_feature(f, bins, total);
            overall[((long long)k * windows + n) * features + f] = all[f];
        }
        __syncthreads();
        for (int i = tid; i < Phases * features; i += threads)
        {
            const int p = i / features, f = i - p * features;
            const int blocks = of_phase(((p >> 3) - gridY) & 7) * of_phase((p - gridX) & 7);
            const int value = (int)(sums[f * Row + p / 2] >> (16 * (p & 1)) & 0xFFFF);
            evidence[((long long)k * windows + n) * Phases * features + i] = phase_feature(f, bins, value, blocks, all[f]);
        }
        __syncthreads();
    }
}

// One window a block. w [n,64,D], hidden [K,n,64,H] (the first 15 are read), overall [K,n,F], seconds [n,K,2].
// inputs [n,X]: D pooled by each head, D by all phases alike, the bins of overall averaged by four, seconds.
extern "C" __global__ void __launch_bounds__(256) phase_attend(
    const float* w, int pooledWidth, const float* weights, const float* bias, int heads, const float* hidden, int hiddenWidth,
    const float* overall, int features, int bins, const float* seconds, int coefficients, int withSeconds, int windows,
    float* alpha, float* inputs, int inputRow, float* attended, float* posterior)
{
    __shared__ float attention[Phases][AlphaRow + 1];
    __shared__ float scale[AlphaRow];
    const int tid = threadIdx.x, threads = blockDim.x, n = blockIdx.x;
    w += (long long)n * Phases * pooledWidth;
    for (int i = tid; i < Phases * heads; i += threads)
    {
        const int p = i / heads, head = i - p * heads;
        float score = bias[i];
        for (int d = 0; d < pooledWidth; d++)
            score = fma32(w[p * pooledWidth + d], weights[d * heads + head], score);
        attention[p][head] = score;
    }
    __syncthreads();
    if (tid < heads)
    {
        float most = attention[0][tid];
        for (int p = 1; p < Phases; p++)
            most = largest(most, attention[p][tid]);
        scale[tid] = most;
    }
    __syncthreads();
    for (int i = tid; i < Phases * heads; i += threads)
        attention[i / heads][i % heads] = exp32(attention[i / heads][i % heads] - scale[i % heads]);
    __syncthreads();
    if (tid < heads)
    {
        float sum = 0;
        for (int p = 0; p < Phases; p++)
            sum += attention[p][tid];
        scale[tid] = 1 / sum;
    }
    __syncthreads();
    for (int i = tid; i < Phases * AlphaRow; i += threads)
    {
        const int p = i / AlphaRow, head = i % AlphaRow;
        const float value = head < heads ? attention[p][head] * scale[head] : head == heads ? 1.0f / Phases : 0;
        attention[p][head] = value;
        alpha[(long long)n * Phases * AlphaRow + i] = value;
        if (head == 0)
            posterior[n * Phases + p] = value;
    }
    __syncthreads();
    float* x = inputs + (long long)n * inputRow;
    for (int i = tid; i < (heads + 1) * pooledWidth; i += threads)
    {
        const int head = i / pooledWidth, j = i - head * pooledWidth;
        float sum = 0;
        for (int p = 0; p < Phases; p++)
            sum = fma32(attention[p][head], w[p * pooledWidth + j], sum);
        x[i] = sum;
    }
    for (int i = tid; i < Blocks * hiddenWidth; i += threads)
    {
        const int c = i / hiddenWidth, j = i - c * hiddenWidth;
        const float* h = hidden + ((long long)c * windows + n) * Phases * hiddenWidth + j;
        float sum = 0;
        for (int p = 0; p < Phases; p++)
            sum = fma32(attention[p][0], h[p * hiddenWidth], sum);
        attended[(long long)n * Blocks * hiddenWidth + i] = sum;
    }
    x += (heads + 1) * pooledWidth;
    const int quarter = bins / 4;
    for (int i = tid; i < coefficients * quarter; i += threads)
    {
        const int c = i / quarter;
        const float* four = overall + ((long long)c * windows + n) * features + 4 * (i - c * quarter);
        x[i] = (four[0] + four[1] + four[2] + four[3]) * 0.25f;
    }
    x += coefficients * quarter;
    for (int i = tid; i < 2 * coefficients; i += threads)
        x[i] = withSeconds ? seconds[(long long)n * 2 * coefficients + i] : 0;
}

// logits [n,226] += paths [n,15,Z] of each block's own coefficient, times weights [Z,226]. One thread an output.
extern "C" __global__ void __launch_bounds__(256) phase_blocks(const float* paths, int pathWidth, const float* weights, float* logits)
{
    const int n = blockIdx.x, o = threadIdx.x;
    if (o >= Outputs)
        return;
    int c = 0;
    while (block_offsets[c + 1] <= o)
        c++;
    const float* path = paths + ((long long)n * Blocks + c) * pathWidth;
    float sum = logits[n * Outputs + o];
    for (int z = 0; z < pathWidth; z++)
        sum = fma32(path[z], weights[z * Outputs + o], sum);
    logits[n * Outputs + o] = sum;
}
