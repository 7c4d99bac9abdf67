// One launch of a kernel, and how it can fail.
#pragma once

#include "kernel_host.h"
#include "kernel_table.h"
#include "settings.h"

#include <atomic>
#include <string>
#include <vector>

namespace emulator
{
enum class Failure { None, IllegalAddress, Misaligned, Launch, Assert };

constexpr std::size_t MaxDynamicShared = 227 * 1024;

struct Launch
{
    const Kernel* kernel;
    std::vector<std::uint64_t> storage; // two words an argument
    std::vector<void*> arguments;
    dim3 grid;
    dim3 block;
    std::size_t dynamic_shared;
    unsigned long long blocks;

    std::atomic<unsigned long long> next{0};
    std::atomic<bool> failed{false};
    Failure failure = Failure::None;
    std::string message;
};

// Runs the blocks over the workers; when it returns they have ended. What went wrong is in the launch.
void run_launch(Launch& launch);
}
