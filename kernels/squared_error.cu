// Mean squared errors of the two maps of the quality network (Uchida 2019, "Training") and the gradient of their weighted sum.
//   loss_k = mean (out_k - target_k)^2 over n, h, w;  d_out_k = scale_k (out_k - target_k), scale_k = 2 weight_k / (n h w)
// out and d_out: channel k of pixel i at i * pixel stride + k * channel stride; channels behind the second, up to the pixel
// stride of a channels-last d_out, are not touched. targets [n,h,w,2] float. d_out null: no gradient.
// Differences are floats as the processor has them; their squares are summed in doubles: eight of a thread, the threads of a
// block, then the blocks, whatever the grid.
#include "storage.cuh"

constexpr unsigned error_run = 2048;   // pixels a block of 256 threads

#define ERRORS(T) const T *out, long long out_pixel, long long out_channel, const float *targets, float quality_scale, float flag_scale, \
    T *d_out, long long d_pixel, long long d_channel, double2 *partials, unsigned pixels
#define ERRORS_THESE out, out_pixel, out_channel, targets, quality_scale, flag_scale, d_out, d_pixel, d_channel, partials, pixels

template <typename T>
__device__ __forceinline__ void squared_error(ERRORS(T))
{
    __shared__ double scratch[32];
    unsigned runs = (pixels + error_run - 1) / error_run;
#pragma unroll 1
    for (unsigned run = blockIdx.x; run < runs; run += gridDim.x)
    {
        unsigned end = least(pixels, (run + 1) * error_run);
        double quality = 0, flag = 0;
#pragma unroll 1
        for (unsigned i = run * error_run + threadIdx.x; i < end; i += 256)
        {
            float first = to_float(out[i * out_pixel]) - targets[2ull * i];
            float second = to_float(out[i * out_pixel + out_channel]) - targets[2ull * i + 1];
            quality += static_cast<double>(first) * first;
            flag += static_cast<double>(second) * second;
            if (d_out != nullptr)
            {
                d_out[i * d_pixel] = from_float<T>(first * quality_scale);
                d_out[i * d_pixel + d_channel] = from_float<T>(second * flag_scale);
            }
        }
        quality = block_sum(quality, scratch);
        flag = block_sum(flag, scratch);
        if (threadIdx.x == 0)
            partials[run] = {quality, flag};
    }
}

#define BODY(T) squared_error(ERRORS_THESE)
KERNEL_EACH_TYPE(256, squared_error, ERRORS, BODY)
#undef BODY

// One thread block: values[2] = the two means.
extern "C" __global__ void __launch_bounds__(256) squared_error_merge(const double2* partials, unsigned runs, double pixels, double* values)
{
    __shared__ double scratch[32];
    double quality = 0, flag = 0;
#pragma unroll 1
    for (unsigned i = threadIdx.x; i < runs; i += 256)
    {
        quality += partials[i].x;
        flag += partials[i].y;
    }
    quality = block_sum(quality, scratch);
    flag = block_sum(flag, scratch);
    if (threadIdx.x != 0)
        return;
    values[0] = quality / pixels;
    values[1] = flag / pixels;
}
