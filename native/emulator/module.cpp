// Modules: PTX is read for what it says of its entries (parameters, static shared memory, largest block) and the kernels of
// the same names in this library run in its place. PTX whose parameters are not those of the C++ function is refused.
#include "device.h"
#include "ptx.h"

#include <cstdarg>
#include <cstdio>

namespace emulator
{
static std::string last_message;

Result report(Result code, const char* format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    last_message = text;
    if (code != Success && !settings().quiet)
        std::fprintf(stderr, "emulated GPU: error %d: %s\n", static_cast<int>(code), text);
    return code;
}

extern "C" __attribute__((visibility("default"))) const char* jqe_emulator_message() { return last_message.c_str(); }

Result load_module(const char* text, Module& module, std::string& log)
{
    PtxText ptx = read_ptx(text);
    auto refuse = [&log](Result code, const std::string& why) { log = why; return report(code, "%s", why.c_str()); };
    if (ptx.version == 0)
        return refuse(InvalidPtx, "the image is no PTX (no .version)");
    if (ptx.version > 88)
        return refuse(UnsupportedPtxVersion, "the PTX is newer than the emulated driver");
    if (ptx.target == 0 || ptx.target > 90)
        return refuse(NoBinaryForGpu, "the PTX is not for sm_90 or below");
    if (ptx.entries.empty())
        return refuse(InvalidPtx, "the PTX has no entry");
    for (PtxEntry& entry : ptx.entries)
    {
        const Kernel* kernel = find_kernel(entry.name.c_str());
        if (kernel == nullptr)
            return refuse(InvalidPtx, "kernel " + entry.name + " is not in the emulated GPU: built before it?");
        bool same = entry.parameters.size() == kernel->count;
        for (std::size_t i = 0; same && i < kernel->count; i++)
            same = entry.parameters[i] == kernel->sizes[i];
        if (!same)
            return refuse(InvalidPtx, "the " + std::to_string(entry.parameters.size()) + " parameters of " + entry.name
                + " in the PTX are not the " + std::to_string(kernel->count) + " of the source: PTX not rebuilt?");
        if (entry.shared > 48 * 1024)
            return refuse(InvalidPtx, entry.name + " has " + std::to_string(entry.shared) + " bytes of static shared memory; 49152 is the most");
        auto function = std::make_unique<Function>();
        function->kernel = kernel;
        function->name = entry.name;
        function->static_shared = entry.shared;
        function->max_threads = entry.max_threads == 0 ? 1024 : entry.max_threads;
        function->max_dynamic_shared = static_cast<int>(48 * 1024 - entry.shared);
        module.functions.push_back(std::move(function));
    }
    return Success;
}

Result launch_kernel(Function& function, dim3 grid, dim3 block, std::uint64_t dynamic_shared, Stream& stream, void** parameters)
{
    const Kernel* kernel = function.kernel;
    std::uint64_t threads = static_cast<std::uint64_t>(block.x) * block.y * block.z;
    if (grid.x == 0 || grid.y == 0 || grid.z == 0 || threads == 0)
        return report(InvalidValue, "%s: a grid or block of nothing", kernel->name);
    if (block.x > 1024 || block.y > 1024 || block.z > 64 || threads > 1024 || threads > static_cast<std::uint64_t>(function.max_threads))
        return report(InvalidValue, "%s: blocks of (%u,%u,%u) threads; %d is the most", kernel->name, block.x, block.y, block.z, function.max_threads);
    if (grid.x > 0x7fffffffu || grid.y > 65535 || grid.z > 65535)
        return report(InvalidValue, "%s: a grid of (%u,%u,%u)", kernel->name, grid.x, grid.y, grid.z);
    if (dynamic_shared > static_cast<std::uint64_t>(function.max_dynamic_shared))
        return report(InvalidValue, "%s: %llu bytes of dynamic shared memory; %d is the most it was given", kernel->name,
            static_cast<unsigned long long>(dynamic_shared), function.max_dynamic_shared);
    if (kernel->count > 0 && parameters == nullptr)
        return report(InvalidValue, "%s: no parameters", kernel->name);
    auto storage = std::make_shared<std::vector<std::uint64_t>>(2 * kernel->count);
    for (std::size_t i = 0; i < kernel->count; i++)
        std::memcpy(&(*storage)[2 * i], parameters[i], kernel->sizes[i]);

    return submit(stream, [=]() -> Result {
        for (std::size_t i = 0; i < kernel->count; i++)
        {
            auto* address = reinterpret_cast<void*>((*storage)[2 * i]);
            if (kernel->pointers[i] && address != nullptr && !reachable(address, 0))
                return report(IllegalAddress, "%s: argument %zu, %p, is no memory of the device", kernel->name, i, address);
        }
        Launch launch;
        launch.kernel = kernel;
        launch.storage = *storage;
        launch.grid = grid;
        launch.block = block;
        launch.dynamic_shared = dynamic_shared;
        launch.blocks = static_cast<std::uint64_t>(grid.x) * grid.y * grid.z;
        for (std::size_t i = 0; i < kernel->count; i++)
            launch.arguments.push_back(&launch.storage[2 * i]);
        run_launch(launch);
        bool held = true;
        for (std::size_t i = 0; i < kernel->count; i++)
            held &= !kernel->pointers[i] || guards_hold(reinterpret_cast<void*>((*storage)[2 * i]), kernel->name);
        if (launch.failed)
        {
            static constexpr Result Codes[] = {Unknown, IllegalAddress, MisalignedAddress, LaunchFailed, AssertFailed};
            return report(Codes[static_cast<int>(launch.failure)], "%s", launch.message.c_str());
        }
        return held ? Success : IllegalAddress;
    });
}
}
