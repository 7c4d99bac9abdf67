// Memory, pools and copies as the driver API shows them. During a capture nothing is allocated or freed: a graph of ours
// holds copies, fills and launches only.
#include "exports.h"

namespace emulator
{
static Handles<MemoryPool> pools;

// Copies larger than any real transfer would wait for; refused rather than tried.
static bool is_range(const void* address, std::size_t bytes) { return address != nullptr && bytes <= 1ULL << 46; }

static int copy(void* to, const void* from, std::size_t bytes, Stream* stream, bool stage)
{
    REQUIRE(stream != nullptr, InvalidHandle);
    if (bytes == 0)
        return Success;
    // Memory the program can page out is read at once, pinned memory when the stream gets there.
    std::shared_ptr<std::vector<char>> staged;
    if (stage && !reachable(from, bytes) && stream->capture == nullptr)
        staged = std::make_shared<std::vector<char>>(static_cast<const char*>(from), static_cast<const char*>(from) + bytes);
    return submit(*stream, [=] { std::memmove(to, staged == nullptr ? from : staged->data(), bytes); return Success; });
}

EXPORT int cuMemGetInfo_v2(std::size_t* free, std::size_t* total)
{
    NEEDS_CONTEXT;
    REQUIRE(free != nullptr && total != nullptr, InvalidValue);
    *total = memory_capacity();
    *free = *total - memory_used();
    return Success;
}

EXPORT int cuMemAlloc_v2(void** address, std::size_t bytes)
{
    NEEDS_CONTEXT;
    return allocate(bytes, nullptr, false, address);
}

EXPORT int cuMemFree_v2(void* address)
{
    NEEDS_CONTEXT;
    if (address == nullptr)
        return Success;
    Result status = drain_all();
    return status != Success ? status : release(address, false);
}

EXPORT int cuMemHostAlloc(void** address, std::size_t bytes, unsigned flags)
{
    NEEDS_CONTEXT;
    REQUIRE((flags & ~7u) == 0, InvalidValue);
    return allocate(bytes, nullptr, true, address);
}

EXPORT int cuMemAllocHost_v2(void** address, std::size_t bytes) { return cuMemHostAlloc(address, bytes, 0); }

EXPORT int cuMemFreeHost(void* address)
{
    NEEDS_CONTEXT;
    Result status = drain_all();
    return status != Success ? status : release(address, true);
}

EXPORT int cuMemPoolCreate(MemoryPool** pool, const int* properties)
{
    NEEDS_CONTEXT;
    // CUmemPoolProps: allocType, handleTypes, location.type, location.id; pinned memory of a device.
    REQUIRE(pool != nullptr && properties != nullptr && properties[0] == 1 && properties[2] == 1, InvalidValue);
    REQUIRE(properties[3] >= 0 && properties[3] < settings().devices, InvalidDevice);
    *pool = pools.add(std::make_unique<MemoryPool>());
    return Success;
}

static MemoryPool* find_pool(void* handle) { return handle == &default_pool() ? &default_pool() : pools.find(handle); }

EXPORT int cuMemPoolDestroy(void* pool)
{
    NEEDS_CONTEXT;
    MemoryPool* found = pools.find(pool);
    REQUIRE(found != nullptr, InvalidValue);
    REQUIRE(found->used == 0, report(InvalidValue, "a memory pool goes with %llu bytes in use", static_cast<unsigned long long>(found->used)));
    pools.remove(pool);
    return Success;
}

EXPORT int cuDeviceGetDefaultMemPool(void** pool, int device)
{
    NEEDS_INIT;
    REQUIRE(pool != nullptr, InvalidValue);
    REQUIRE(device >= 0 && device < settings().devices, InvalidDevice);
    *pool = &default_pool();
    return Success;
}

EXPORT int cuDeviceGetMemPool(void** pool, int device) { return cuDeviceGetDefaultMemPool(pool, device); }

EXPORT int cuMemPoolTrimTo(void* pool, std::size_t keep)
{
    NEEDS_CONTEXT;
    MemoryPool* found = find_pool(pool);
    REQUIRE(found != nullptr, InvalidValue);
    found->trim(keep);
    return Success;
}

// CUmemPool_attribute: 1-3 are ints, the rest 64-bit counts of bytes; the highs can be reset to 0.
EXPORT int cuMemPoolSetAttribute(void* pool, int which, void* value)
{
    NEEDS_CONTEXT;
    MemoryPool* found = find_pool(pool);
    REQUIRE(found != nullptr && value != nullptr, InvalidValue);
    switch (which)
    {
        case 1: case 2: case 3: found->flags[which - 1] = static_cast<std::uint64_t>(*static_cast<int*>(value)); return Success;
        case 4: found->threshold = *static_cast<std::uint64_t*>(value); return Success;
        case 6: case 8:
            REQUIRE(*static_cast<std::uint64_t*>(value) == 0, InvalidValue);
            (which == 6 ? found->reserved_high : found->used_high) = which == 6 ? found->reserved : found->used;
            return Success;
        default: return InvalidValue;
    }
}

EXPORT int cuMemPoolGetAttribute(void* pool, int which, void* value)
{
    NEEDS_CONTEXT;
    MemoryPool* found = find_pool(pool);
    REQUIRE(found != nullptr && value != nullptr, InvalidValue);
    auto give = [value](std::uint64_t count) { *static_cast<std::uint64_t*>(value) = count; return Success; };
    switch (which)
    {
        case 1: case 2: case 3: *static_cast<int*>(value) = static_cast<int>(found->flags[which - 1]); return Success;
        case 4: return give(found->threshold);
        case 5: return give(found->reserved);
        case 6: return give(found->reserved_high);
        case 7: return give(found->used);
        case 8: return give(found->used_high);
        default: return InvalidValue;
    }
}

EXPORT int cuMemAllocFromPoolAsync(void** address, std::size_t bytes, void* pool, void* stream)
{
    NEEDS_CONTEXT;
    MemoryPool* found = find_pool(pool);
    Stream* on = stream_here(stream);
    REQUIRE(found != nullptr, InvalidValue);
    REQUIRE(on != nullptr, InvalidHandle);
    REQUIRE(on->capture == nullptr, report(CaptureUnsupported, "memory is allocated during a capture"));
    return allocate(bytes, found, false, address);
}

EXPORT int cuMemAllocAsync(void** address, std::size_t bytes, void* stream)
{
    return cuMemAllocFromPoolAsync(address, bytes, &default_pool(), stream);
}

EXPORT int cuMemFreeAsync(void* address, void* stream)
{
    NEEDS_CONTEXT;
    Stream* on = stream_here(stream);
    REQUIRE(on != nullptr, InvalidHandle);
    REQUIRE(on->capture == nullptr, report(CaptureUnsupported, "memory is freed during a capture"));
    REQUIRE(on_device(address, 1), report(InvalidValue, "%p is freed, but is no allocation", address));
    return submit(*on, [=] { return release(address, false); });
}

EXPORT int cuMemcpyHtoDAsync_v2(void* to, const void* from, std::size_t bytes, void* stream)
{
    NEEDS_CONTEXT;
    REQUIRE(is_range(to, bytes) && is_range(from, bytes) && on_device(to, bytes) && !on_device(from, 0),
        report(InvalidValue, "a copy of %zu bytes to %p from %p: not from the host into device memory", bytes, to, from));
    return copy(to, from, bytes, stream_here(stream), true);
}

EXPORT int cuMemcpyDtoHAsync_v2(void* to, const void* from, std::size_t bytes, void* stream)
{
    NEEDS_CONTEXT;
    REQUIRE(is_range(to, bytes) && is_range(from, bytes) && on_device(from, bytes) && !on_device(to, 0),
        report(InvalidValue, "a copy of %zu bytes to %p from %p: not from device memory to the host", bytes, to, from));
    int status = copy(to, from, bytes, stream_here(stream), false);
    // A copy into memory that can be paged out has ended when the call returns.
    Stream* on = stream_here(stream);
    return status != Success || on->capture != nullptr || is_pinned(to, bytes) ? status : drain(*on);
}

EXPORT int cuMemcpyDtoDAsync_v2(void* to, const void* from, std::size_t bytes, void* stream)
{
    NEEDS_CONTEXT;
    REQUIRE(is_range(to, bytes) && is_range(from, bytes) && on_device(to, bytes) && on_device(from, bytes),
        report(InvalidValue, "a copy of %zu bytes to %p from %p: not inside device memory", bytes, to, from));
    return copy(to, from, bytes, stream_here(stream), false);
}

EXPORT int cuMemcpyHtoD_v2(void* to, const void* from, std::size_t bytes) { return cuMemcpyHtoDAsync_v2(to, from, bytes, nullptr); }
EXPORT int cuMemcpyDtoH_v2(void* to, const void* from, std::size_t bytes) { return cuMemcpyDtoHAsync_v2(to, from, bytes, nullptr); }
EXPORT int cuMemcpyDtoD_v2(void* to, const void* from, std::size_t bytes) { return cuMemcpyDtoDAsync_v2(to, from, bytes, nullptr); }

template <typename T>
static int fill(void* to, T value, std::size_t count, void* stream)
{
    Stream* on = stream_here(stream);
    REQUIRE(on != nullptr, InvalidHandle);
    REQUIRE(is_range(to, count) && on_device(to, count * sizeof(T)) && reinterpret_cast<std::uintptr_t>(to) % sizeof(T) == 0,
        report(InvalidValue, "%zu elements of %zu bytes at %p are filled: not inside device memory", count, sizeof(T), to));
    return submit(*on, [=] { std::fill_n(static_cast<T*>(to), count, value); return Success; });
}

EXPORT int cuMemsetD8Async(void* to, unsigned char value, std::size_t count, void* stream)
{
    NEEDS_CONTEXT;
    return fill(to, value, count, stream);
}

EXPORT int cuMemsetD32Async(void* to, unsigned value, std::size_t count, void* stream)
{
    NEEDS_CONTEXT;
    return fill(to, value, count, stream);
}

// For tests: what nobody has freed.
EXPORT std::uint64_t jqe_emulator_live_allocations()
{
    Lock lock(device_mutex());
    return live_allocations();
}
}
