// Prints what the vendor's headers say of everything that src/JpegQualityEstimation.Cuda/Native declares: the committed
// abi.txt is its output, and the tests hold the declarations to that. Build: native/build.sh abi INCLUDE_FOLDER...
//   value TYPE.MEMBER = number; size TYPE = bytes; offset TYPE.MEMBER = bytes;
//   function NAME = what it returns, then its parameters: n4 a whole number or enumeration of 4 bytes, n8 one of 8 bytes or
//   a pointer, f4 and f8 floats, v nothing.
#include <cuda.h>
#include <cublas_v2.h>
#include <cudnn.h>

#include <cstddef>
#include <cstdio>
#include <type_traits>

template <typename T>
static void kind()
{
    if constexpr (std::is_void_v<T>)
        std::printf(" v");
    else
        std::printf(" %c%zu", std::is_floating_point_v<T> ? 'f' : 'n', sizeof(T));
}

template <typename Pointer>
struct Function;

template <typename R, typename... T>
struct Function<R (*)(T...)>
{
    static void print(const char* name)
    {
        std::printf("function %s =", name);
        kind<R>();
        (kind<T>(), ...);
        std::printf("\n");
    }
};

#define VALUE(type, member, constant) std::printf("value %s.%s = %lld\n", #type, #member, static_cast<long long>(constant))
#define SIZE(type, of) std::printf("size %s = %zu\n", #type, sizeof(of))
#define OFFSET(type, member, of, field) std::printf("offset %s.%s = %zu\n", #type, #member, offsetof(of, field))
// Types only: nothing is linked.
#define FUNCTION_AS(name, ...) Function<decltype(__VA_ARGS__)>::print(#name)
#define FUNCTION(name) FUNCTION_AS(name, &name)

static void driver()
{
#include "driver.inc"
}

static void cudnn()
{
#include "cudnn.inc"
}

static void cublas()
{
#include "cublas.inc"
}

int main()
{
    std::printf("# From the headers of CUDA %d and cuDNN %d.%d.%d by native/build.sh abi.\n", CUDA_VERSION, CUDNN_MAJOR, CUDNN_MINOR, CUDNN_PATCHLEVEL);
    driver();
    cudnn();
    cublas();
}
