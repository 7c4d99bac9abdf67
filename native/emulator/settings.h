// Settings of the emulated GPU: environment variables, read once, and changed by jqe_emulator_set while it runs.
#pragma once

#include <atomic>
#include <cstdint>

namespace emulator
{
enum class Order { Rising, Falling, Seeded };

constexpr int MostDevices = 8;

struct Settings
{
    // JQE_EMULATOR_ORDER: rising, reverse, or a number that seeds an order of the threads.
    std::atomic<Order> order{Order::Rising};
    std::atomic<std::uint64_t> seed{0};
    // JQE_EMULATOR_STREAMS=lazy: work waits until something synchronises with it.
    std::atomic<bool> lazy{false};
    // JQE_EMULATOR_CUDNN=packed: NHWC tensors with room between their pixels are declined.
    std::atomic<bool> packed{false};
    // JQE_EMULATOR_MEMORY_BYTES: what the device has.
    std::atomic<std::uint64_t> memory{4ULL << 30};
    // JQE_EMULATOR_DEVICES: how many devices there are, 1 to 8, all alike; their streams and kernels do not mix.
    std::atomic<int> devices{1};
    // JQE_EMULATOR_QUIET=1: nothing is printed.
    std::atomic<bool> quiet{false};

    Settings();
    bool set(const char* name, const char* value);
};

Settings& settings();
}
