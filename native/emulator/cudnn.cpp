// The part of cuDNN 9's legacy interface that the CUDA backend uses. Values are those of cudnn_ops_v9.h and cudnn_cnn_v9.h.
//   Floats are multiplied as TF32 unless the convolution's math type is CUDNN_FMA_MATH, as the library does on sm_80 and up.
//   The heuristics name algorithms that are not deterministic first, and every algorithm wants a workspace of its own size.
//   JQE_EMULATOR_CUDNN=packed declines NHWC tensors with room between their pixels, as some versions do.
#include "convolution.h"
#include "exports.h"

#include <string_view>

namespace emulator
{
enum CudnnStatus { CudnnSuccess = 0, CudnnNotInitialized = 1001, CudnnBadParam = 2000, CudnnNotSupported = 3000, CudnnExecutionFailed = 5000 };

struct CudnnHandle
{
    void* stream = nullptr;
};

struct CudnnTensor
{
    TensorShape shape;
    bool ready = false;
};

struct CudnnFilter
{
    TensorShape shape;
    bool ready = false, nhwc = false;
};

struct CudnnConvolution
{
    Geometry geometry;
    int math = 0, compute = 0;
    bool ready = false;
};

struct CudnnActivation
{
    int mode = -1, propagates_nan = 0;
};

struct CudnnPerformance
{
    int algorithm, status;
    float time;
    std::size_t memory;
    int determinism, math, reserved[3];
};

static Handles<CudnnHandle> handles;
static Handles<CudnnTensor> tensors;
static Handles<CudnnFilter> filters;
static Handles<CudnnConvolution> convolutions;
static Handles<CudnnActivation> activations;

// What is not supported is asked for on purpose and only kept; what is wrong is printed too.
static int complain(int code, const char* what)
{
    report(code == CudnnNotSupported ? Success : Unknown, "cuDNN %d: %s", code, what);
    return code;
}

static bool element(int type, Element& element)
{
    switch (type)
    {
        case 0: element = Element::Float; return true;
        case 2: element = Element::Half; return true;
        case 9: element = Element::Bfloat16; return true;
        default: return false;
    }
}

#define CUDNN_EXPORT EXPORT int
#define CUDNN_LOCK Lock lock(device_mutex())

EXPORT std::size_t cudnnGetVersion() { return 90700; }
EXPORT std::size_t cudnnGetCudartVersion() { return 12080; }

CUDNN_EXPORT cudnnGetProperty(int which, int* value)
{
    REQUIRE(value != nullptr && which >= 0 && which <= 2, CudnnBadParam);
    *value = which == 0 ? 9 : which == 1 ? 7 : 0;
    return CudnnSuccess;
}

EXPORT const char* cudnnGetErrorString(int status)
{
    switch (status)
    {
        case CudnnSuccess: return "CUDNN_STATUS_SUCCESS";
        case CudnnNotInitialized: return "CUDNN_STATUS_NOT_INITIALIZED";
        case CudnnBadParam: return "CUDNN_STATUS_BAD_PARAM";
        case CudnnNotSupported: return "CUDNN_STATUS_NOT_SUPPORTED";
        case CudnnExecutionFailed: return "CUDNN_STATUS_EXECUTION_FAILED";
        default: return "CUDNN_UNKNOWN_STATUS";
    }
}

EXPORT void cudnnGetLastErrorString(char* message, std::size_t length)
{
    if (message != nullptr && length > 0)
        message[std::string_view(jqe_emulator_message()).copy(message, length - 1)] = 0;
}

CUDNN_EXPORT cudnnCreate(void** handle)
{
    CUDNN_LOCK;
    REQUIRE(handle != nullptr, CudnnBadParam);
    REQUIRE(initialized() && current_context() != nullptr, complain(CudnnNotInitialized, "no context is current"));
    *handle = handles.add(std::make_unique<CudnnHandle>());
    return CudnnSuccess;
}

CUDNN_EXPORT cudnnDestroy(void* handle)
{
    CUDNN_LOCK;
    return handles.remove(handle) ? CudnnSuccess : CudnnBadParam;
}

CUDNN_EXPORT cudnnSetStream(void* handle, void* stream)
{
    CUDNN_LOCK;
    CudnnHandle* found = handles.find(handle);
    REQUIRE(found != nullptr && stream_here(stream) != nullptr, CudnnBadParam);
    found->stream = stream;
    return CudnnSuccess;
}

#define CUDNN_DESCRIPTOR(name, type, all)                                        \
    CUDNN_EXPORT cudnnCreate##name##Descriptor(void** descriptor)                \
    {                                                                            \
        CUDNN_LOCK;                                                              \
        REQUIRE(descriptor != nullptr, CudnnBadParam);                           \
        *descriptor = all.add(std::make_unique<type>());                         \
        return CudnnSuccess;                                                     \
    }                                                                            \
    CUDNN_EXPORT cudnnDestroy##name##Descriptor(void* descriptor)                \
    {                                                                            \
        CUDNN_LOCK;                                                              \
        return all.remove(descriptor) ? CudnnSuccess : CudnnBadParam;            \
    }
CUDNN_DESCRIPTOR(Tensor, CudnnTensor, tensors)
CUDNN_DESCRIPTOR(Filter, CudnnFilter, filters)
CUDNN_DESCRIPTOR(Convolution, CudnnConvolution, convolutions)
CUDNN_DESCRIPTOR(Activation, CudnnActivation, activations)

CUDNN_EXPORT cudnnSetTensor4dDescriptorEx(void* descriptor, int type, int n, int c, int h, int w, int ns, int cs, int hs, int ws)
{
    CUDNN_LOCK;
    CudnnTensor* found = tensors.find(descriptor);
    REQUIRE(found != nullptr && n > 0 && c > 0 && h > 0 && w > 0 && ns > 0 && cs > 0 && hs > 0 && ws > 0,
        complain(CudnnBadParam, "a tensor descriptor of no extent or stride"));
    found->shape = {Element::Float, n, c, h, w, ns, cs, hs, ws};
    REQUIRE(element(type, found->shape.type), complain(CudnnNotSupported, "a tensor of a type that is not emulated"));
    REQUIRE(static_cast<std::int64_t>(n) * ns < 0x7fffffff, complain(CudnnNotSupported, "a tensor of 2^31 elements or more"));
    found->ready = true;
    return CudnnSuccess;
}

CUDNN_EXPORT cudnnSetTensor4dDescriptor(void* descriptor, int format, int type, int n, int c, int h, int w)
{
    REQUIRE(format == 0 || format == 1, CudnnBadParam);
    return format == 0 ? cudnnSetTensor4dDescriptorEx(descriptor, type, n, c, h, w, c * h * w, h * w, w, 1)
                       : cudnnSetTensor4dDescriptorEx(descriptor, type, n, c, h, w, c * h * w, 1, w * c, c);
}

CUDNN_EXPORT cudnnSetFilter4dDescriptor(void* descriptor, int type, int format, int k, int c, int h, int w)
{
    CUDNN_LOCK;
    CudnnFilter* found = filters.find(descriptor);
    REQUIRE(found != nullptr && (format == 0 || format == 1) && k > 0 && c > 0 && h > 0 && w > 0,
        complain(CudnnBadParam, "a filter descriptor of no extent or an unknown format"));
    found->nhwc = format == 1;
    found->shape = found->nhwc ? TensorShape{Element::Float, k, c, h, w, c * h * w, 1, w * c, c} : TensorShape{Element::Float, k, c, h, w, c * h * w, h * w, w, 1};
    REQUIRE(element(type, found->shape.type), complain(CudnnNotSupported, "a filter of a type that is not emulated"));
    found->ready = true;
    return CudnnSuccess;
}

CUDNN_EXPORT cudnnSetConvolution2dDescriptor(void* descriptor, int pad_h, int pad_w, int u, int v, int dilation_h, int dilation_w, int mode, int compute)
{
    CUDNN_LOCK;
    CudnnConvolution* found = convolutions.find(descriptor);
    REQUIRE(found != nullptr && pad_h >= 0 && pad_w >= 0 && u > 0 && v > 0 && dilation_h > 0 && dilation_w > 0 && (mode == 0 || mode == 1),
        complain(CudnnBadParam, "a convolution descriptor out of range"));
    found->geometry = {pad_h, pad_w, u, v, dilation_h, dilation_w, 1, mode == 0, true};
    found->compute = compute;
    found->math = 0;
    found->ready = true;
    return CudnnSuccess;
}

CUDNN_EXPORT cudnnSetConvolutionMathType(void* descriptor, int math)
{
    CUDNN_LOCK;
    CudnnConvolution* found = convolutions.find(descriptor);
    REQUIRE(found != nullptr && math >= 0 && math <= 3, CudnnBadParam);
    found->math = math;
    found->geometry.tf32 = math != 3;
    return CudnnSuccess;
}

CUDNN_EXPORT cudnnSetConvolutionGroupCount(void* descriptor, int groups)
{
    CUDNN_LOCK;
    CudnnConvolution* found = convolutions.find(descriptor);
    REQUIRE(found != nullptr && groups > 0, CudnnBadParam);
    found->geometry.groups = groups;
    return CudnnSuccess;
}

CUDNN_EXPORT cudnnSetActivationDescriptor(void* descriptor, int mode, int propagates_nan, double)
{
    CUDNN_LOCK;
    CudnnActivation* found = activations.find(descriptor);
    REQUIRE(found != nullptr && mode >= 0 && mode <= 6, CudnnBadParam);
    found->mode = mode;
    found->propagates_nan = propagates_nan;
    return CudnnSuccess;
}

// --- the three convolutions

struct Problem
{
    CudnnHandle* handle;
    CudnnTensor *x, *y;
    CudnnFilter* filter;
    CudnnConvolution* convolution;
};

static int output_extent(int in, int pad, int dilation, int taps, int stride) { return (in + 2 * pad - dilation * (taps - 1) - 1) / stride + 1; }

static bool packed(const TensorShape& t) { return t.cs != 1 || (t.ws == t.c && t.hs == static_cast<std::int64_t>(t.w) * t.c); }

static int check(const Problem& p)
{
    REQUIRE(p.x != nullptr && p.y != nullptr && p.filter != nullptr && p.convolution != nullptr && p.x->ready && p.y->ready && p.filter->ready
            && p.convolution->ready, complain(CudnnBadParam, "a descriptor that is none, or was never set"));
    const TensorShape &x = p.x->shape, &y = p.y->shape, &f = p.filter->shape;
    const Geometry& g = p.convolution->geometry;
    REQUIRE(x.type == y.type && x.type == f.type, complain(CudnnBadParam, "tensors of different types"));
    REQUIRE(p.convolution->compute == 0, complain(CudnnNotSupported, "only sums in float are emulated"));
    REQUIRE(x.c == f.c * g.groups && f.n % g.groups == 0 && y.c == f.n && y.n == x.n, complain(CudnnBadParam, "channels or pictures that do not fit"));
    REQUIRE(y.h == output_extent(x.h, g.pad_h, g.dilation_h, f.h, g.stride_h) && y.w == output_extent(x.w, g.pad_w, g.dilation_w, f.w, g.stride_w),
        complain(CudnnBadParam, "an output of the wrong size"));
    bool channels_last = x.cs == 1 && y.cs == 1;
    REQUIRE(!p.filter->nhwc || channels_last || (x.c == 1 && y.cs == 1), complain(CudnnNotSupported, "an NHWC filter wants NHWC tensors"));
    REQUIRE(!settings().packed || !p.filter->nhwc || (packed(x) && packed(y)),
        complain(CudnnNotSupported, "NHWC tensors with room between pixels (JQE_EMULATOR_CUDNN=packed)"));
    return CudnnSuccess;
}

CUDNN_EXPORT cudnnGetConvolution2dForwardOutputDim(void* convolution, void* input, void* filter, int* n, int* c, int* h, int* w)
{
    CUDNN_LOCK;
    CudnnConvolution* g = convolutions.find(convolution);
    CudnnTensor* x = tensors.find(input);
    CudnnFilter* f = filters.find(filter);
    REQUIRE(g != nullptr && x != nullptr && f != nullptr && n != nullptr && c != nullptr && h != nullptr && w != nullptr, CudnnBadParam);
    *n = x->shape.n;
    *c = f->shape.n;
    *h = output_extent(x->shape.h, g->geometry.pad_h, g->geometry.dilation_h, f->shape.h, g->geometry.stride_h);
    *w = output_extent(x->shape.w, g->geometry.pad_w, g->geometry.dilation_w, f->shape.w, g->geometry.stride_w);
    return CudnnSuccess;
}

enum class Direction { Forward, Data, Filter };

// Algorithms in the order the heuristics name them, and whether they repeat.
struct Algorithm
{
    int number;
    bool deterministic;
};

static constexpr Algorithm Algorithms[3][3] = {{{1, true}, {0, true}, {6, true}}, {{0, false}, {1, true}, {4, true}}, {{0, false}, {3, false}, {1, true}}};

static bool offers(Direction direction, int algorithm, const Problem& p)
{
    for (Algorithm known : Algorithms[static_cast<int>(direction)])
        if (known.number == algorithm)
        {
            bool winograd = (direction == Direction::Forward && algorithm == 6) || (direction == Direction::Data && algorithm == 4);
            const Geometry& g = p.convolution->geometry;
            return !winograd || (!p.filter->nhwc && p.filter->shape.h == 3 && p.filter->shape.w == 3 && g.dilation_h == 1 && g.dilation_w == 1 && g.stride_h == 1 && g.stride_w == 1);
        }
    return false;
}

static std::size_t workspace(Direction direction, int algorithm, const Problem& p)
{
    return direction == Direction::Forward && algorithm == 0 ? 0 : 512 * static_cast<std::size_t>(algorithm + 1) + 16 * static_cast<std::size_t>(p.filter->shape.n);
}

static int heuristics(Direction direction, const Problem& p, int wanted, int* count, CudnnPerformance* results)
{
    REQUIRE(p.handle != nullptr && wanted > 0 && count != nullptr && results != nullptr, CudnnBadParam);
    if (int status = check(p); status != CudnnSuccess)
        return status;
    *count = 0;
    // What is offered first, what is not behind it.
    for (bool offered : {true, false})
        for (Algorithm known : Algorithms[static_cast<int>(direction)])
            if (*count < wanted && offers(direction, known.number, p) == offered)
                results[(*count)++] = {known.number, offered ? CudnnSuccess : CudnnNotSupported, offered ? 0.1f : -1.0f,
                    offered ? workspace(direction, known.number, p) : 0, known.deterministic, p.convolution->math, {}};
    return CudnnSuccess;
}

static int workspace_size(Direction direction, const Problem& p, int algorithm, std::size_t* bytes)
{
    REQUIRE(p.handle != nullptr && bytes != nullptr, CudnnBadParam);
    if (int status = check(p); status != CudnnSuccess)
        return status;
    REQUIRE(offers(direction, algorithm, p), complain(CudnnNotSupported, "an algorithm that does not serve this convolution"));
    *bytes = workspace(direction, algorithm, p);
    return CudnnSuccess;
}

CUDNN_EXPORT cudnnGetConvolutionForwardAlgorithm_v7(void* handle, void* x, void* filter, void* convolution, void* y, int wanted, int* count, CudnnPerformance* results)
{
    CUDNN_LOCK;
    return heuristics(Direction::Forward, {handles.find(handle), tensors.find(x), tensors.find(y), filters.find(filter), convolutions.find(convolution)}, wanted, count, results);
}

CUDNN_EXPORT cudnnGetConvolutionBackwardDataAlgorithm_v7(void* handle, void* filter, void* dy, void* convolution, void* dx, int wanted, int* count, CudnnPerformance* results)
{
    CUDNN_LOCK;
    return heuristics(Direction::Data, {handles.find(handle), tensors.find(dx), tensors.find(dy), filters.find(filter), convolutions.find(convolution)}, wanted, count, results);
}

CUDNN_EXPORT cudnnGetConvolutionBackwardFilterAlgorithm_v7(void* handle, void* x, void* dy, void* convolution, void* filter, int wanted, int* count, CudnnPerformance* results)
{
    CUDNN_LOCK;
    return heuristics(Direction::Filter, {handles.find(handle), tensors.find(x), tensors.find(dy), filters.find(filter), convolutions.find(convolution)}, wanted, count, results);
}

CUDNN_EXPORT cudnnGetConvolutionForwardWorkspaceSize(void* handle, void* x, void* filter, void* convolution, void* y, int algorithm, std::size_t* bytes)
{
    CUDNN_LOCK;
    return workspace_size(Direction::Forward, {handles.find(handle), tensors.find(x), tensors.find(y), filters.find(filter), convolutions.find(convolution)}, algorithm, bytes);
}

CUDNN_EXPORT cudnnGetConvolutionBackwardDataWorkspaceSize(void* handle, void* filter, void* dy, void* convolution, void* dx, int algorithm, std::size_t* bytes)
{
    CUDNN_LOCK;
    return workspace_size(Direction::Data, {handles.find(handle), tensors.find(dx), tensors.find(dy), filters.find(filter), convolutions.find(convolution)}, algorithm, bytes);
}

CUDNN_EXPORT cudnnGetConvolutionBackwardFilterWorkspaceSize(void* handle, void* x, void* dy, void* convolution, void* filter, int algorithm, std::size_t* bytes)
{
    CUDNN_LOCK;
    return workspace_size(Direction::Filter, {handles.find(handle), tensors.find(x), tensors.find(dy), filters.find(filter), convolutions.find(convolution)}, algorithm, bytes);
}

// The operands lie on the device, the workspace is there and large enough; then the work, which spoils the workspace.
template <typename Work>
static int run(Direction direction, const Problem& p, int algorithm, void* space, std::size_t space_bytes, const void* alpha, const void* beta,
    const void* x, const void* filter, const void* y, Work work)
{
    REQUIRE(p.handle != nullptr && alpha != nullptr && beta != nullptr && x != nullptr && filter != nullptr && y != nullptr, CudnnBadParam);
    if (int status = check(p); status != CudnnSuccess)
        return status;
    REQUIRE(offers(direction, algorithm, p), complain(CudnnNotSupported, "an algorithm that does not serve this convolution"));
    std::size_t needed = workspace(direction, algorithm, p);
    REQUIRE(space_bytes >= needed && (needed == 0 || on_device(space, space_bytes)), complain(CudnnBadParam, "a workspace that is too small, or not on the device"));
    REQUIRE(on_device(x, p.x->shape.bytes()) && on_device(filter, p.filter->shape.bytes()) && on_device(y, p.y->shape.bytes()),
        complain(CudnnExecutionFailed, "a tensor that reaches beyond its memory"));
    REQUIRE(stream_here(p.handle->stream) != nullptr, complain(CudnnExecutionFailed, "a context that is not the handle's"));
    Result status = submit(*find_stream(p.handle->stream), [=, x_shape = p.x->shape, y_shape = p.y->shape, f_shape = p.filter->shape, geometry = p.convolution->geometry] {
        if (needed > 0)
            std::memset(space, 0xa5, needed);
        work(x_shape, y_shape, f_shape, geometry);
        bool hold = true;
        for (const void* operand : {x, filter, y})
            hold &= guards_hold(operand, "cuDNN");
        return hold ? Success : IllegalAddress;
    });
    return status == Success ? CudnnSuccess : CudnnExecutionFailed;
}

static float scale(const void* value) { return *static_cast<const float*>(value); }

CUDNN_EXPORT cudnnConvolutionForward(void* handle, const void* alpha, void* x_descriptor, const void* x, void* filter_descriptor, const void* filter,
    void* convolution, int algorithm, void* space, std::size_t space_bytes, const void* beta, void* y_descriptor, void* y)
{
    CUDNN_LOCK;
    Problem p = {handles.find(handle), tensors.find(x_descriptor), tensors.find(y_descriptor), filters.find(filter_descriptor), convolutions.find(convolution)};
    return run(Direction::Forward, p, algorithm, space, space_bytes, alpha, beta, x, filter, y,
        [=, a = alpha == nullptr ? 0 : scale(alpha), b = beta == nullptr ? 0 : scale(beta)](auto& xs, auto& ys, auto& fs, auto& g) {
            convolve(xs, x, fs, filter, g, {a, b, 0, nullptr, {}, nullptr, false}, ys, y);
        });
}

CUDNN_EXPORT cudnnConvolutionBiasActivationForward(void* handle, const void* alpha, void* x_descriptor, const void* x, void* filter_descriptor,
    const void* filter, void* convolution, int algorithm, void* space, std::size_t space_bytes, const void* z_scale, void* z_descriptor, const void* z,
    void* bias_descriptor, const void* bias, void* activation, void* y_descriptor, void* y)
{
    CUDNN_LOCK;
    Problem p = {handles.find(handle), tensors.find(x_descriptor), tensors.find(y_descriptor), filters.find(filter_descriptor), convolutions.find(convolution)};
    CudnnTensor *zs = tensors.find(z_descriptor), *bs = tensors.find(bias_descriptor);
    CudnnActivation* act = activations.find(activation);
    REQUIRE(p.y != nullptr && zs != nullptr && bs != nullptr && act != nullptr && z != nullptr && bias != nullptr, complain(CudnnBadParam, "a null argument"));
    REQUIRE(act->mode == 1 || act->mode == 5, complain(CudnnNotSupported, "an activation other than ReLU and identity"));
    // The library's own rules: NaN is not passed on, and identity only with the precomputed implicit GEMM.
    REQUIRE(act->propagates_nan == 0, complain(CudnnNotSupported, "an activation that passes NaN on"));
    REQUIRE(act->mode == 1 || algorithm == 1, complain(CudnnNotSupported, "identity wants the algorithm IMPLICIT_PRECOMP_GEMM"));
    const TensorShape& b = bs->shape;
    REQUIRE(b.n == 1 && b.h == 1 && b.w == 1 && b.c == p.y->shape.c && b.type == p.y->shape.type && b.cs == 1, complain(CudnnBadParam, "a bias that is not [1,k,1,1] of the output's type"));
    REQUIRE(zs->shape.same(p.y->shape) && zs->shape.type == p.y->shape.type, complain(CudnnBadParam, "z is not of the output's shape"));
    REQUIRE(on_device(bias, b.bytes()) && on_device(z, zs->shape.bytes()), complain(CudnnExecutionFailed, "a tensor that reaches beyond its memory"));
    bool relu = act->mode == 1;
    return run(Direction::Forward, p, algorithm, space, space_bytes, alpha, z_scale, x, filter, y,
        [=, a = alpha == nullptr ? 0 : scale(alpha), s = z_scale == nullptr ? 0 : scale(z_scale), z_shape = zs->shape](auto& xs, auto& ys, auto& fs, auto& g) {
            convolve(xs, x, fs, filter, g, {a, 0, s, z, z_shape, bias, relu}, ys, y);
        });
}

CUDNN_EXPORT cudnnConvolutionBackwardData(void* handle, const void* alpha, void* filter_descriptor, const void* filter, void* dy_descriptor, const void* dy,
    void* convolution, int algorithm, void* space, std::size_t space_bytes, const void* beta, void* dx_descriptor, void* dx)
{
    CUDNN_LOCK;
    Problem p = {handles.find(handle), tensors.find(dx_descriptor), tensors.find(dy_descriptor), filters.find(filter_descriptor), convolutions.find(convolution)};
    return run(Direction::Data, p, algorithm, space, space_bytes, alpha, beta, dx, filter, dy,
        [=, a = alpha == nullptr ? 0 : scale(alpha), b = beta == nullptr ? 0 : scale(beta)](auto& xs, auto& ys, auto& fs, auto& g) {
            convolve_data(fs, filter, ys, dy, g, a, b, xs, dx);
        });
}

CUDNN_EXPORT cudnnConvolutionBackwardFilter(void* handle, const void* alpha, void* x_descriptor, const void* x, void* dy_descriptor, const void* dy,
    void* convolution, int algorithm, void* space, std::size_t space_bytes, const void* beta, void* filter_descriptor, void* filter)
{
    CUDNN_LOCK;
    Problem p = {handles.find(handle), tensors.find(x_descriptor), tensors.find(dy_descriptor), filters.find(filter_descriptor), convolutions.find(convolution)};
    return run(Direction::Filter, p, algorithm, space, space_bytes, alpha, beta, x, filter, dy,
        [=, a = alpha == nullptr ? 0 : scale(alpha), b = beta == nullptr ? 0 : scale(beta)](auto& xs, auto& ys, auto& fs, auto& g) {
            convolve_filter(xs, x, ys, dy, g, a, b, fs, filter);
        });
}

// --- elementwise

CUDNN_EXPORT cudnnAddTensor(void* handle, const void* alpha, void* a_descriptor, const void* a, const void* beta, void* c_descriptor, void* c)
{
    CUDNN_LOCK;
    CudnnHandle* found = handles.find(handle);
    CudnnTensor *from = tensors.find(a_descriptor), *to = tensors.find(c_descriptor);
    REQUIRE(found != nullptr && from != nullptr && to != nullptr && from->ready && to->ready && alpha != nullptr && beta != nullptr && a != nullptr && c != nullptr, CudnnBadParam);
    const TensorShape &x = from->shape, &y = to->shape;
    auto spreads = [](int of, int over) { return of == 1 || of == over; };
    REQUIRE(x.type == y.type && spreads(x.n, y.n) && spreads(x.c, y.c) && spreads(x.h, y.h) && spreads(x.w, y.w), complain(CudnnBadParam, "a tensor that does not spread over the other"));
    REQUIRE(on_device(a, x.bytes()) && on_device(c, y.bytes()), complain(CudnnExecutionFailed, "a tensor that reaches beyond its memory"));
    REQUIRE(stream_here(found->stream) != nullptr, complain(CudnnExecutionFailed, "a context that is not the handle's"));
    Result status = submit(*find_stream(found->stream), [=, s = scale(alpha), t = scale(beta)] {
        for (int n = 0; n < y.n; n++)
            for (int k = 0; k < y.c; k++)
                for (int h = 0; h < y.h; h++)
                    for (int w = 0; w < y.w; w++)
                    {
                        auto at = static_cast<std::size_t>(y.at(n, k, h, w));
                        auto other = static_cast<std::size_t>(x.at(x.n == 1 ? 0 : n, x.c == 1 ? 0 : k, x.h == 1 ? 0 : h, x.w == 1 ? 0 : w));
                        float value = s * get(a, other, x.type);
                        set(c, at, y.type, t == 0 ? value : __builtin_fmaf(t, get(c, at, y.type), value));
                    }
        return guards_hold(c, "cuDNN") ? Success : IllegalAddress;
    });
    return status == Success ? CudnnSuccess : CudnnExecutionFailed;
}

CUDNN_EXPORT cudnnActivationForward(void* handle, void* activation, const void* alpha, void* x_descriptor, const void* x, const void* beta, void* y_descriptor, void* y)
{
    CUDNN_LOCK;
    CudnnHandle* found = handles.find(handle);
    CudnnActivation* act = activations.find(activation);
    CudnnTensor *from = tensors.find(x_descriptor), *to = tensors.find(y_descriptor);
    REQUIRE(found != nullptr && act != nullptr && from != nullptr && to != nullptr && from->ready && to->ready && alpha != nullptr && beta != nullptr && x != nullptr && y != nullptr, CudnnBadParam);
    REQUIRE(act->mode == 1, complain(CudnnNotSupported, "an activation other than ReLU"));
    const TensorShape &in = from->shape, &out = to->shape;
    REQUIRE(in.same(out) && in.type == out.type, complain(CudnnBadParam, "tensors of different shapes"));
    // In place only where both descriptors say the same.
    REQUIRE(x != y || (in.ns == out.ns && in.cs == out.cs && in.hs == out.hs && in.ws == out.ws), complain(CudnnBadParam, "in place with other strides"));
    REQUIRE(on_device(x, in.bytes()) && on_device(y, out.bytes()), complain(CudnnExecutionFailed, "a tensor that reaches beyond its memory"));
    REQUIRE(stream_here(found->stream) != nullptr, complain(CudnnExecutionFailed, "a context that is not the handle's"));
    Result status = submit(*find_stream(found->stream), [=, s = scale(alpha), t = scale(beta)] {
        for (int n = 0; n < out.n; n++)
            for (int k = 0; k < out.c; k++)
                for (int h = 0; h < out.h; h++)
                    for (int w = 0; w < out.w; w++)
                    {
                        float value = get(x, static_cast<std::size_t>(in.at(n, k, h, w)), in.type);
                        value = s * (value > 0 || value != value ? value : 0);
                        auto at = static_cast<std::size_t>(out.at(n, k, h, w));
                        set(y, at, out.type, t == 0 ? value : __builtin_fmaf(t, get(y, at, out.type), value));
                    }
        return guards_hold(y, "cuDNN") ? Success : IllegalAddress;
    });
    return status == Success ? CudnnSuccess : CudnnExecutionFailed;
}
}
