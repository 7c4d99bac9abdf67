// The emulated device: memory, streams, graphs, modules, behind the exports of driver.cpp, cudnn.cpp and cublas.cpp.
//   Work runs in the order it is given, at once; with JQE_EMULATOR_STREAMS=lazy a stream's work waits until something
//   synchronises with it, as late as a device could run it, so that a wait that is missing shows in the results.
//   One lock around every call. Error codes are those of cuda.h.
#pragma once

#include "launch.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace emulator
{
enum Result : int
{
    Success = 0, InvalidValue = 1, OutOfMemory = 2, NotInitialized = 3, NoDevice = 100, InvalidDevice = 101, InvalidImage = 200,
    InvalidContext = 201, NoBinaryForGpu = 209, InvalidPtx = 218, UnsupportedPtxVersion = 222, InvalidHandle = 400,
    NotFound = 500, NotReady = 600, IllegalAddress = 700, LaunchOutOfResources = 701, AssertFailed = 710, MisalignedAddress = 716,
    LaunchFailed = 719, NotSupported = 801, CaptureUnsupported = 900, CaptureInvalidated = 901, CaptureUnmatched = 903,
    CaptureUnjoined = 904, CaptureImplicit = 906, CapturedEvent = 907, Unknown = 999
};

using Lock = std::lock_guard<std::recursive_mutex>;
std::recursive_mutex& device_mutex();

// Prints what went wrong beside the bare code that the caller gets, and keeps it for jqe_emulator_message.
Result report(Result code, const char* format, ...) __attribute__((format(printf, 2, 3)));

extern "C" const char* jqe_emulator_message();

// --- memory.cpp
constexpr std::size_t MemoryGuard = 4096;

struct MemoryPool
{
    std::uint64_t used = 0, used_high = 0, reserved = 0, reserved_high = 0, threshold = 0;
    std::uint64_t flags[3] = {1, 1, 1};
    void take(std::uint64_t bytes);
    void give(std::uint64_t bytes);
    void trim(std::uint64_t keep);
};

MemoryPool& default_pool();
std::uint64_t memory_capacity();
std::uint64_t memory_used();
std::uint64_t live_allocations();
Result allocate(std::uint64_t bytes, MemoryPool* pool, bool host, void** address);
Result release(void* address, bool host);
// Whole range inside one allocation: of the device, or of either kind.
bool on_device(const void* address, std::uint64_t bytes);
bool reachable(const void* address, std::uint64_t bytes);
bool is_pinned(const void* address, std::uint64_t bytes);
// False, with a report, when the memory around the allocation of this address was written.
bool guards_hold(const void* address, const char* by);

// --- stream.cpp
using Operation = std::function<Result()>;

struct Graph
{
    std::vector<Operation> operations;
};

struct Capture
{
    Graph* graph;
    struct Stream* origin;
    bool invalid = false;
    std::vector<Stream*> joined;
};

struct Stream
{
    std::deque<Operation> queue;
    std::uint64_t submitted = 0, finished = 0;
    std::shared_ptr<Capture> capture;
    std::uint64_t captured = 0, joined_back = 0;
    void* context = nullptr; // none: the legacy stream of every context
};

struct Event
{
    Stream* stream = nullptr;
    std::uint64_t position = 0;
    std::shared_ptr<Capture> capture;
    bool recorded = false, timed = true;
    std::chrono::steady_clock::time_point at;
};

Stream* legacy_stream();
// Null where the handle is none.
Stream* find_stream(void* handle);
// Null also where the stream belongs to a context that is not the calling thread's.
Stream* stream_here(void* handle);
Result submit(Stream& stream, Operation operation);
Result drain(Stream& stream, std::uint64_t until = ~0ULL);
Result drain_all();
Result begin_capture(Stream& stream, int mode);
Result end_capture(Stream& stream, Graph** graph);
Result record(Event& event, Stream& stream);
Result wait(Stream& stream, Event& event);
void adopt(Stream& stream);
void forget(Stream& stream);

// --- module.cpp
struct Function
{
    const Kernel* kernel;
    std::string name;
    std::uint64_t static_shared = 0;
    int max_threads = 1024;
    int max_dynamic_shared;
    void* context = nullptr;
};

struct Module
{
    std::vector<std::unique_ptr<Function>> functions;
};

Result load_module(const char* ptx, Module& module, std::string& log);
Result launch_kernel(Function& function, dim3 grid, dim3 block, std::uint64_t dynamic_shared, Stream& stream, void** parameters);
}
