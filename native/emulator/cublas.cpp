// The part of cuBLAS that the CUDA backend uses: column-major products of float, half and bfloat16 with float sums.
//   Floats are multiplied as TF32 only where the math mode or the compute type asks for it. Values are those of cublas_api.h.
#include "exports.h"
#include "numbers.h"

namespace emulator
{
enum CublasStatus { CublasSuccess = 0, CublasNotInitialized = 1, CublasInvalidValue = 7, CublasExecutionFailed = 13, CublasNotSupported = 15 };

struct CublasHandle
{
    void* stream = nullptr;
    int math = 0, pointer_mode = 0, atomics = 0;
};

static Handles<CublasHandle> handles;

// What is not supported is asked for on purpose and only kept; what is wrong is printed too.
static int complain(int code, const char* what)
{
    report(code == CublasNotSupported ? Success : Unknown, "cuBLAS %d: %s", code, what);
    return code;
}

static bool element(int type, Element& element)
{
    switch (type)
    {
        case 0: element = Element::Float; return true;
        case 2: element = Element::Half; return true;
        case 14: element = Element::Bfloat16; return true;
        default: return false;
    }
}

EXPORT int cublasCreate_v2(void** handle)
{
    Lock lock(device_mutex());
    REQUIRE(handle != nullptr, CublasInvalidValue);
    REQUIRE(initialized() && current_context() != nullptr, complain(CublasNotInitialized, "no context is current"));
    *handle = handles.add(std::make_unique<CublasHandle>());
    return CublasSuccess;
}

EXPORT int cublasDestroy_v2(void* handle)
{
    Lock lock(device_mutex());
    return handles.remove(handle) ? CublasSuccess : CublasNotInitialized;
}

EXPORT int cublasGetVersion_v2(void* handle, int* version)
{
    Lock lock(device_mutex());
    REQUIRE(handles.find(handle) != nullptr, CublasNotInitialized);
    REQUIRE(version != nullptr, CublasInvalidValue);
    *version = 120800;
    return CublasSuccess;
}

EXPORT int cublasGetProperty(int which, int* value)
{
    REQUIRE(value != nullptr && which >= 0 && which <= 2, CublasInvalidValue);
    *value = which == 0 ? 12 : which == 1 ? 8 : 0;
    return CublasSuccess;
}

EXPORT const char* cublasGetStatusName(int status)
{
    switch (status)
    {
        case CublasSuccess: return "CUBLAS_STATUS_SUCCESS";
        case CublasNotInitialized: return "CUBLAS_STATUS_NOT_INITIALIZED";
        case CublasInvalidValue: return "CUBLAS_STATUS_INVALID_VALUE";
        case CublasExecutionFailed: return "CUBLAS_STATUS_EXECUTION_FAILED";
        case CublasNotSupported: return "CUBLAS_STATUS_NOT_SUPPORTED";
        default: return "CUBLAS_STATUS_UNKNOWN";
    }
}

EXPORT const char* cublasGetStatusString(int status) { return cublasGetStatusName(status); }

#define CUBLAS_SETTING(name, argument, condition, act)              \
    EXPORT int name(void* handle, argument value)                   \
    {                                                               \
        Lock lock(device_mutex());                                  \
        CublasHandle* found = handles.find(handle);                 \
        REQUIRE(found != nullptr, CublasNotInitialized);            \
        REQUIRE(condition, CublasInvalidValue);                     \
        act;                                                        \
        return CublasSuccess;                                       \
    }
CUBLAS_SETTING(cublasSetStream_v2, void*, stream_here(value) != nullptr, found->stream = value)
CUBLAS_SETTING(cublasSetMathMode, int, (value & ~16) >= 0 && (value & ~16) <= 3, found->math = value)
CUBLAS_SETTING(cublasSetPointerMode_v2, int, value == 0 || value == 1, found->pointer_mode = value)
CUBLAS_SETTING(cublasSetAtomicsMode, int, value == 0 || value == 1, found->atomics = value)

EXPORT int cublasSetWorkspace_v2(void* handle, void* space, std::size_t bytes)
{
    Lock lock(device_mutex());
    REQUIRE(handles.find(handle) != nullptr, CublasNotInitialized);
    REQUIRE(bytes == 0 || (on_device(space, bytes) && reinterpret_cast<std::uintptr_t>(space) % 256 == 0), CublasInvalidValue);
    return CublasSuccess;
}

struct Matrix
{
    Element type;
    const void* data;
    std::int64_t leading, batch;
    bool turned;

    float at(std::int64_t matrix, int row, int column) const
    {
        std::int64_t index = matrix * batch + (turned ? column + row * leading : row + column * leading);
        return get(data, static_cast<std::size_t>(index), type);
    }

    std::uint64_t bytes(int rows, int columns, int count) const
    {
        std::int64_t last = turned ? columns - 1 + (rows - 1) * leading : rows - 1 + (columns - 1) * leading;
        return static_cast<std::uint64_t>((count - 1) * batch + last + 1) * bytes_of(type);
    }
};

static void multiply(const Matrix& a, const Matrix& b, const Matrix& c, int m, int n, int k, int count, float alpha, float beta, bool as_tf32)
{
    parallel_for(count * n, static_cast<double>(count) * m * n * k, [&](int work) {
        int matrix = work / n, column = work % n;
        std::vector<float> sums(static_cast<std::size_t>(m));
        for (int i = 0; i < k; i++)
        {
            float right = b.at(matrix, i, column);
            for (int row = 0; row < m; row++)
            {
                float left = a.at(matrix, row, i);
                sums[row] = __builtin_fmaf(as_tf32 ? tf32(left) : left, as_tf32 ? tf32(right) : right, sums[row]);
            }
        }
        for (int row = 0; row < m; row++)
        {
            auto at = static_cast<std::size_t>(matrix * c.batch + row + column * c.leading);
            void* to = const_cast<void*>(c.data);
            float value = alpha * sums[row];
            set(to, at, c.type, beta == 0 ? value : __builtin_fmaf(beta, get(to, at, c.type), value));
        }
    });
}

EXPORT int cublasGemmStridedBatchedEx(void* handle, int ta, int tb, int m, int n, int k, const void* alpha, const void* a, int a_type, int lda,
    long long a_stride, const void* b, int b_type, int ldb, long long b_stride, const void* beta, void* c, int c_type, int ldc, long long c_stride,
    int count, int compute, int algorithm)
{
    Lock lock(device_mutex());
    CublasHandle* found = handles.find(handle);
    REQUIRE(found != nullptr, CublasNotInitialized);
    REQUIRE(m >= 0 && n >= 0 && k >= 0 && count >= 0 && ta >= 0 && ta <= 2 && tb >= 0 && tb <= 2 && alpha != nullptr && beta != nullptr
            && lda >= std::max(1, ta == 0 ? m : k) && ldb >= std::max(1, tb == 0 ? k : n) && ldc >= std::max(1, m)
            && algorithm >= -1, complain(CublasInvalidValue, "a size, leading dimension or operation out of range"));
    REQUIRE(found->pointer_mode == 0, complain(CublasNotSupported, "alpha and beta on the device are not emulated"));
    Matrix left = {{}, a, lda, a_stride, ta != 0}, right = {{}, b, ldb, b_stride, tb != 0}, result = {{}, c, ldc, c_stride, false};
    REQUIRE(element(a_type, left.type) && element(b_type, right.type) && element(c_type, result.type) && left.type == right.type
            && (result.type == left.type || result.type == Element::Float), complain(CublasNotSupported, "types that do not go together"));
    // CUBLAS_COMPUTE_32F, its pedantic form, and the fast ones.
    REQUIRE(compute == 68 || compute == 69 || compute == 74 || compute == 75 || compute == 77, complain(CublasNotSupported, "only sums in float are emulated"));
    if (m == 0 || n == 0 || count == 0)
        return CublasSuccess;
    REQUIRE(k == 0 || (on_device(a, left.bytes(m, k, count)) && on_device(b, right.bytes(k, n, count))), complain(CublasExecutionFailed, "a matrix that reaches beyond its memory"));
    REQUIRE(on_device(c, result.bytes(m, n, count)), complain(CublasExecutionFailed, "a matrix that reaches beyond its memory"));
    bool as_tf32 = left.type == Element::Float && compute != 69 && (compute == 77 || (found->math & ~16) == 3);
    float x = *static_cast<const float*>(alpha), y = *static_cast<const float*>(beta);
    REQUIRE(stream_here(found->stream) != nullptr, complain(CublasExecutionFailed, "a context that is not the handle's"));
    Result status = submit(*find_stream(found->stream), [=] {
        multiply(left, right, result, m, n, k, count, x, y, as_tf32);
        return guards_hold(c, "cuBLAS") ? Success : IllegalAddress;
    });
    return status == Success ? CublasSuccess : CublasExecutionFailed;
}

EXPORT int cublasGemmEx(void* handle, int ta, int tb, int m, int n, int k, const void* alpha, const void* a, int a_type, int lda, const void* b,
    int b_type, int ldb, const void* beta, void* c, int c_type, int ldc, int compute, int algorithm)
{
    return cublasGemmStridedBatchedEx(handle, ta, tb, m, n, k, alpha, a, a_type, lda, 0, b, b_type, ldb, 0, beta, c, c_type, ldc, 0, 1, compute, algorithm);
}

EXPORT int cublasSgemm_v2(void* handle, int ta, int tb, int m, int n, int k, const float* alpha, const float* a, int lda, const float* b, int ldb,
    const float* beta, float* c, int ldc)
{
    return cublasGemmEx(handle, ta, tb, m, n, k, alpha, a, 0, lda, b, 0, ldb, beta, c, 0, ldc, 68, -1);
}

EXPORT int cublasSgemmStridedBatched(void* handle, int ta, int tb, int m, int n, int k, const float* alpha, const float* a, int lda, long long a_stride,
    const float* b, int ldb, long long b_stride, const float* beta, float* c, int ldc, long long c_stride, int count)
{
    return cublasGemmStridedBatchedEx(handle, ta, tb, m, n, k, alpha, a, 0, lda, a_stride, b, 0, ldb, b_stride, beta, c, 0, ldc, c_stride, count, 68, -1);
}
}
