// The device and its contexts as the driver API shows them.
#include "exports.h"

#include <cstdio>

namespace emulator
{
static bool is_initialized;
static int primary_uses[MostDevices];
static char primary[MostDevices]; // their addresses are the contexts
static thread_local void* context_stack[16];
static thread_local int context_depth;

bool initialized() { return is_initialized; }

static bool exists(int device) { return device >= 0 && device < settings().devices; }

// The device of a context that is in use, else -1.
static int device_of(void* context)
{
    for (int device = 0; device < MostDevices; device++)
        if (context == &primary[device])
            return primary_uses[device] > 0 ? device : -1;
    return -1;
}

void* current_context()
{
    void* top = context_depth == 0 ? nullptr : context_stack[context_depth - 1];
    return device_of(top) < 0 ? nullptr : top;
}

static int attribute(int which)
{
    switch (which)
    {
        case 1: case 2: case 3: return 1024; // threads of a block, x, y
        case 4: return 64;
        case 5: return 0x7fffffff;
        case 6: case 7: return 65535;
        case 8: return 48 * 1024;
        case 9: return 65536;
        case 10: return 32;
        case 12: case 82: return 65536; // registers of a block, of a multiprocessor
        case 13: case 36: return 1000000; // kHz
        case 16: return 8;
        case 17: case 18: case 20: case 32: return 0;
        case 19: case 31: case 41: case 78: case 83: case 95: case 115: return 1;
        case 33: case 34: case 35: case 50: return 0;
        case 37: return 64; // bits
        case 38: return 4 << 20;
        case 39: return 2048;
        case 40: return 2;
        case 75: return 9;
        case 76: return 0;
        case 81: return 228 * 1024;
        case 97: return 227 * 1024;
        case 106: return 32;
        case 111: return 1024;
        default: return -1;
    }
}

struct ErrorText
{
    int code;
    const char* name;
    const char* text;
};

static constexpr ErrorText Errors[] = {
    {0, "CUDA_SUCCESS", "no error"}, {1, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {2, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"}, {3, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {100, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"}, {101, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {200, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"}, {201, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {209, "CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"},
    {218, "CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"},
    {222, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "the provided PTX was compiled with an unsupported toolchain"},
    {400, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"}, {500, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {600, "CUDA_ERROR_NOT_READY", "device not ready"}, {700, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {701, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
    {710, "CUDA_ERROR_ASSERT", "device-side assert triggered"}, {716, "CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"},
    {719, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"}, {801, "CUDA_ERROR_NOT_SUPPORTED", "operation not supported"},
    {900, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing"},
    {901, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", "operation failed due to a previous error during capture"},
    {903, "CUDA_ERROR_STREAM_CAPTURE_UNMATCHED", "capture was not initiated in this stream"},
    {904, "CUDA_ERROR_STREAM_CAPTURE_UNJOINED", "capturing stream has unjoined work"},
    {906, "CUDA_ERROR_STREAM_CAPTURE_IMPLICIT", "operation would make the legacy stream depend on a capturing blocking stream"},
    {907, "CUDA_ERROR_CAPTURED_EVENT", "operation not permitted on an event last recorded in a capturing stream"},
    {999, "CUDA_ERROR_UNKNOWN", "unknown error"}};

static int error_text(int code, const char** text, const char* ErrorText::*which)
{
    REQUIRE(text != nullptr, InvalidValue);
    *text = nullptr;
    for (const ErrorText& error : Errors)
        if (error.code == code)
            *text = error.*which;
    return *text == nullptr ? InvalidValue : Success;
}

EXPORT int cuInit(unsigned flags)
{
    Lock lock(device_mutex());
    REQUIRE(flags == 0, InvalidValue);
    is_initialized = true;
    return Success;
}

EXPORT int cuDriverGetVersion(int* version)
{
    REQUIRE(version != nullptr, InvalidValue);
    *version = 12080;
    return Success;
}

EXPORT int cuGetErrorName(int code, const char** name) { return error_text(code, name, &ErrorText::name); }
EXPORT int cuGetErrorString(int code, const char** text) { return error_text(code, text, &ErrorText::text); }

EXPORT int cuDeviceGetCount(int* count)
{
    NEEDS_INIT;
    REQUIRE(count != nullptr, InvalidValue);
    *count = settings().devices;
    return Success;
}

EXPORT int cuDeviceGet(int* device, int ordinal)
{
    NEEDS_INIT;
    REQUIRE(device != nullptr, InvalidValue);
    REQUIRE(exists(ordinal), InvalidDevice);
    *device = ordinal;
    return Success;
}

EXPORT int cuDeviceGetName(char* name, int length, int device)
{
    NEEDS_INIT;
    REQUIRE(name != nullptr && length > 0, InvalidValue);
    REQUIRE(exists(device), InvalidDevice);
    std::snprintf(name, static_cast<std::size_t>(length), "Emulated GPU (host)");
    return Success;
}

EXPORT int cuDeviceGetUuid_v2(void* uuid, int device)
{
    NEEDS_INIT;
    REQUIRE(uuid != nullptr, InvalidValue);
    REQUIRE(exists(device), InvalidDevice);
    std::memcpy(uuid, "emulated GPU 0\0", 16);
    static_cast<char*>(uuid)[13] += static_cast<char>(device);
    return Success;
}

EXPORT int cuDeviceGetUuid(void* uuid, int device) { return cuDeviceGetUuid_v2(uuid, device); }

EXPORT int cuDeviceGetPCIBusId(char* id, int length, int device)
{
    NEEDS_INIT;
    REQUIRE(id != nullptr && length > 0, InvalidValue);
    REQUIRE(exists(device), InvalidDevice);
    std::snprintf(id, static_cast<std::size_t>(length), "0000:00:00.0");
    return Success;
}

EXPORT int cuDeviceTotalMem_v2(std::size_t* bytes, int device)
{
    NEEDS_INIT;
    REQUIRE(bytes != nullptr, InvalidValue);
    REQUIRE(exists(device), InvalidDevice);
    *bytes = memory_capacity();
    return Success;
}

EXPORT int cuDeviceGetAttribute(int* value, int which, int device)
{
    NEEDS_INIT;
    REQUIRE(value != nullptr, InvalidValue);
    REQUIRE(exists(device), InvalidDevice);
    int found = attribute(which);
    REQUIRE(found >= 0, report(InvalidValue, "device attribute %d is not emulated", which));
    *value = found;
    return Success;
}

EXPORT int cuDeviceCanAccessPeer(int* can, int device, int peer)
{
    NEEDS_INIT;
    REQUIRE(can != nullptr, InvalidValue);
    REQUIRE(exists(device) && exists(peer), InvalidDevice);
    *can = 0;
    return Success;
}

EXPORT int cuDevicePrimaryCtxRetain(void** context, int device)
{
    NEEDS_INIT;
    REQUIRE(context != nullptr, InvalidValue);
    REQUIRE(exists(device), InvalidDevice);
    primary_uses[device]++;
    *context = &primary[device];
    return Success;
}

EXPORT int cuDevicePrimaryCtxRelease_v2(int device)
{
    NEEDS_INIT;
    REQUIRE(exists(device), InvalidDevice);
    REQUIRE(primary_uses[device] > 0, InvalidContext);
    primary_uses[device]--;
    return Success;
}

EXPORT int cuDevicePrimaryCtxGetState(int device, unsigned* flags, int* active)
{
    NEEDS_INIT;
    REQUIRE(exists(device), InvalidDevice);
    REQUIRE(flags != nullptr && active != nullptr, InvalidValue);
    *flags = 0;
    *active = primary_uses[device] > 0;
    return Success;
}

EXPORT int cuCtxSetCurrent(void* context)
{
    NEEDS_INIT;
    REQUIRE(context == nullptr || device_of(context) >= 0, InvalidContext);
    if (context == nullptr)
        context_depth -= context_depth > 0;
    else
        context_stack[context_depth == 0 ? context_depth++ : context_depth - 1] = context;
    return Success;
}

EXPORT int cuCtxGetCurrent(void** context)
{
    NEEDS_INIT;
    REQUIRE(context != nullptr, InvalidValue);
    *context = current_context();
    return Success;
}

EXPORT int cuCtxPushCurrent_v2(void* context)
{
    NEEDS_INIT;
    REQUIRE(device_of(context) >= 0 && context_depth < 16, InvalidContext);
    context_stack[context_depth++] = context;
    return Success;
}

EXPORT int cuCtxPopCurrent_v2(void** context)
{
    NEEDS_INIT;
    REQUIRE(context_depth > 0, InvalidContext);
    void* popped = context_stack[--context_depth];
    if (context != nullptr)
        *context = popped;
    return Success;
}

EXPORT int cuCtxGetDevice(int* device)
{
    NEEDS_CONTEXT;
    REQUIRE(device != nullptr, InvalidValue);
    *device = device_of(current_context());
    return Success;
}

// What tells this library from the driver, and what tests turn.
EXPORT int jqe_emulated_gpu() { return 1; }
EXPORT int jqe_emulator_set(const char* name, const char* value) { return settings().set(name, value) ? Success : InvalidValue; }

EXPORT int cuCtxSynchronize()
{
    NEEDS_CONTEXT;
    return drain_all();
}
}
