// Streams, events, modules, launches and graphs as the driver API shows them.
#include "exports.h"

#include <algorithm>

namespace emulator
{
static Handles<Stream> streams;
static Handles<Event> events;
static Handles<Module> modules;
static Handles<Graph> graphs, executables;

static std::vector<Function*> functions;

static Function* find_function(void* handle)
{
    auto found = std::find(functions.begin(), functions.end(), handle);
    return found == functions.end() ? nullptr : *found;
}

EXPORT int cuStreamCreate(void** stream, unsigned flags)
{
    NEEDS_CONTEXT;
    REQUIRE(stream != nullptr && flags <= 1, InvalidValue);
    Stream* made = streams.add(std::make_unique<Stream>());
    made->context = current_context();
    adopt(*made);
    *stream = made;
    return Success;
}

EXPORT int cuStreamCreateWithPriority(void** stream, unsigned flags, int) { return cuStreamCreate(stream, flags); }

EXPORT int cuStreamDestroy_v2(void* stream)
{
    NEEDS_CONTEXT;
    Stream* found = streams.find(stream);
    REQUIRE(found != nullptr, InvalidHandle);
    forget(*found);
    streams.remove(stream);
    return Success;
}

EXPORT int cuStreamSynchronize(void* stream)
{
    NEEDS_CONTEXT;
    Stream* found = stream_here(stream);
    REQUIRE(found != nullptr, InvalidHandle);
    return found == legacy_stream() ? drain_all() : drain(*found);
}

EXPORT int cuStreamQuery(void* stream)
{
    NEEDS_CONTEXT;
    Stream* found = stream_here(stream);
    REQUIRE(found != nullptr, InvalidHandle);
    REQUIRE(found->capture == nullptr, CaptureUnsupported);
    return found->queue.empty() ? Success : NotReady;
}

EXPORT int cuStreamWaitEvent(void* stream, void* event, unsigned flags)
{
    NEEDS_CONTEXT;
    Stream* found = stream_here(stream);
    Event* of = events.find(event);
    REQUIRE(found != nullptr && of != nullptr, InvalidHandle);
    REQUIRE(flags <= 1, InvalidValue);
    return wait(*found, *of);
}

EXPORT int cuEventCreate(void** event, unsigned flags)
{
    NEEDS_CONTEXT;
    REQUIRE(event != nullptr && (flags & ~7u) == 0, InvalidValue);
    Event* made = events.add(std::make_unique<Event>());
    made->timed = (flags & 2) == 0;
    *event = made;
    return Success;
}

EXPORT int cuEventDestroy_v2(void* event)
{
    NEEDS_CONTEXT;
    Event* found = events.find(event);
    REQUIRE(found != nullptr, InvalidHandle);
    if (found->recorded && found->capture == nullptr && find_stream(found->stream) != nullptr && found->stream->capture == nullptr)
        (void)drain(*found->stream, found->position);
    events.remove(event);
    return Success;
}

EXPORT int cuEventRecord(void* event, void* stream)
{
    NEEDS_CONTEXT;
    Event* found = events.find(event);
    Stream* on = stream_here(stream);
    REQUIRE(found != nullptr && on != nullptr, InvalidHandle);
    return record(*found, *on);
}

EXPORT int cuEventSynchronize(void* event)
{
    NEEDS_CONTEXT;
    Event* found = events.find(event);
    REQUIRE(found != nullptr, InvalidHandle);
    REQUIRE(found->capture == nullptr, CapturedEvent);
    return found->recorded && find_stream(found->stream) != nullptr ? drain(*found->stream, found->position) : Success;
}

EXPORT int cuEventQuery(void* event)
{
    NEEDS_CONTEXT;
    Event* found = events.find(event);
    REQUIRE(found != nullptr, InvalidHandle);
    REQUIRE(found->capture == nullptr, CapturedEvent);
    return !found->recorded || find_stream(found->stream) == nullptr || found->stream->finished >= found->position ? Success : NotReady;
}

EXPORT int cuEventElapsedTime(float* milliseconds, void* from, void* to)
{
    NEEDS_CONTEXT;
    Event *start = events.find(from), *end = events.find(to);
    REQUIRE(start != nullptr && end != nullptr, InvalidHandle);
    REQUIRE(milliseconds != nullptr, InvalidValue);
    REQUIRE(start->recorded && end->recorded && start->timed && end->timed, InvalidHandle);
    *milliseconds = std::chrono::duration<float, std::milli>(end->at - start->at).count();
    return Success;
}

EXPORT int cuEventElapsedTime_v2(float* milliseconds, void* from, void* to) { return cuEventElapsedTime(milliseconds, from, to); }

// Options: 5 and 6 are CU_JIT_ERROR_LOG_BUFFER and its size.
EXPORT int cuModuleLoadDataEx(void** module, const void* image, unsigned count, const int* options, void** values)
{
    NEEDS_CONTEXT;
    REQUIRE(module != nullptr && image != nullptr, InvalidValue);
    auto made = std::make_unique<Module>();
    std::string log;
    Result status = load_module(static_cast<const char*>(image), *made, log);
    char* buffer = nullptr;
    std::size_t size = 0;
    for (unsigned i = 0; i < count; i++)
    {
        if (options[i] == 5)
            buffer = static_cast<char*>(values[i]);
        if (options[i] == 6)
            size = reinterpret_cast<std::uintptr_t>(values[i]) & 0xffffffffu;
    }
    if (buffer != nullptr && size > 0)
        buffer[log.copy(buffer, size - 1)] = 0;
    REQUIRE(status == Success, status);
    for (auto& function : made->functions)
    {
        function->context = current_context();
        functions.push_back(function.get());
    }
    *module = modules.add(std::move(made));
    return Success;
}

EXPORT int cuModuleLoadData(void** module, const void* image) { return cuModuleLoadDataEx(module, image, 0, nullptr, nullptr); }

EXPORT int cuModuleUnload(void* module)
{
    NEEDS_CONTEXT;
    Module* found = modules.find(module);
    REQUIRE(found != nullptr, InvalidHandle);
    (void)drain_all();
    for (auto& function : found->functions)
        std::erase(functions, function.get());
    modules.remove(module);
    return Success;
}

EXPORT int cuModuleGetFunction(void** function, void* module, const char* name)
{
    NEEDS_CONTEXT;
    Module* found = modules.find(module);
    REQUIRE(found != nullptr, InvalidHandle);
    REQUIRE(function != nullptr && name != nullptr, InvalidValue);
    for (auto& candidate : found->functions)
        if (candidate->name == name)
        {
            *function = candidate.get();
            return Success;
        }
    return NotFound;
}

EXPORT int cuFuncGetAttribute(int* value, int which, void* function)
{
    NEEDS_CONTEXT;
    Function* found = find_function(function);
    REQUIRE(found != nullptr, InvalidHandle);
    REQUIRE(value != nullptr, InvalidValue);
    switch (which)
    {
        case 0: *value = found->max_threads; return Success;
        case 1: *value = static_cast<int>(found->static_shared); return Success;
        case 2: case 3: case 7: *value = 0; return Success;
        case 4: *value = 32; return Success;
        case 5: *value = 70; return Success;
        case 6: *value = 90; return Success;
        case 8: *value = found->max_dynamic_shared; return Success;
        case 9: *value = -1; return Success;
        default: return InvalidValue;
    }
}

EXPORT int cuFuncSetAttribute(void* function, int which, int value)
{
    NEEDS_CONTEXT;
    Function* found = find_function(function);
    REQUIRE(found != nullptr, InvalidHandle);
    if (which == 9)
        return value >= -1 && value <= 100 ? Success : InvalidValue;
    REQUIRE(which == 8 && value >= 0 && static_cast<std::uint64_t>(value) + found->static_shared <= MaxDynamicShared, InvalidValue);
    found->max_dynamic_shared = value;
    return Success;
}

EXPORT int cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void* function, int threads, std::size_t dynamic_shared)
{
    NEEDS_CONTEXT;
    Function* found = find_function(function);
    REQUIRE(found != nullptr, InvalidHandle);
    REQUIRE(blocks != nullptr && threads > 0, InvalidValue);
    std::uint64_t shared = 1024 + found->static_shared + dynamic_shared, warps = static_cast<std::uint64_t>(threads + 31) / 32;
    *blocks = threads > found->max_threads ? 0 : static_cast<int>(std::min({std::uint64_t{32}, 64 / warps, 228 * 1024 / shared}));
    return Success;
}

EXPORT int cuLaunchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
    unsigned shared, void* stream, void** parameters, void** extra)
{
    NEEDS_CONTEXT;
    Function* found = find_function(function);
    Stream* on = stream_here(stream);
    REQUIRE(found != nullptr && on != nullptr && found->context == current_context(), InvalidHandle);
    REQUIRE(extra == nullptr, NotSupported);
    return launch_kernel(*found, {gx, gy, gz}, {bx, by, bz}, shared, *on, parameters);
}

EXPORT int cuStreamBeginCapture_v2(void* stream, int mode)
{
    NEEDS_CONTEXT;
    Stream* found = stream_here(stream);
    REQUIRE(found != nullptr, InvalidHandle);
    return begin_capture(*found, mode);
}

EXPORT int cuStreamEndCapture(void* stream, void** graph)
{
    NEEDS_CONTEXT;
    Stream* found = stream_here(stream);
    REQUIRE(found != nullptr, InvalidHandle);
    REQUIRE(graph != nullptr, InvalidValue);
    Graph* made = nullptr;
    Result status = end_capture(*found, &made);
    *graph = made == nullptr ? nullptr : graphs.add(std::unique_ptr<Graph>(made));
    return status;
}

EXPORT int cuStreamIsCapturing(void* stream, int* state)
{
    NEEDS_CONTEXT;
    Stream* found = stream_here(stream);
    REQUIRE(found != nullptr, InvalidHandle);
    REQUIRE(state != nullptr, InvalidValue);
    *state = found->capture == nullptr ? 0 : found->capture->invalid ? 2 : 1;
    return Success;
}

EXPORT int cuGraphInstantiateWithFlags(void** executable, void* graph, unsigned long long)
{
    NEEDS_CONTEXT;
    Graph* found = graphs.find(graph);
    REQUIRE(found != nullptr, InvalidHandle);
    REQUIRE(executable != nullptr, InvalidValue);
    *executable = executables.add(std::make_unique<Graph>(*found));
    return Success;
}

EXPORT int cuGraphLaunch(void* executable, void* stream)
{
    NEEDS_CONTEXT;
    Graph* found = executables.find(executable);
    Stream* on = stream_here(stream);
    REQUIRE(found != nullptr && on != nullptr, InvalidHandle);
    // The executable may be destroyed before a stream that runs late gets there.
    return submit(*on, [operations = found->operations]() -> Result {
        for (const Operation& operation : operations)
            if (Result status = operation(); status != Success)
                return status;
        return Success;
    });
}

EXPORT int cuGraphDestroy(void* graph)
{
    NEEDS_CONTEXT;
    return graphs.remove(graph) ? Success : InvalidValue;
}

EXPORT int cuGraphExecDestroy(void* executable)
{
    NEEDS_CONTEXT;
    return executables.remove(executable) ? Success : InvalidValue;
}
}
