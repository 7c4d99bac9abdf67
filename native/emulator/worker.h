// Worker: one OS thread of the emulated GPU, running one block at a time.
//   Each thread of the block runs on a fiber until it ends or waits; a fiber whose thread has ended takes the next thread, so a
//   kernel without barriers is a loop. Threads of a warp go first, so that warp operations need few switches. The order of
//   threads is rising, falling or drawn from a seed (JQE_EMULATOR_ORDER); a kernel without races gives the same bits in each.
#pragma once

#include "fiber.h"
#include "launch.h"

#include <cstring>
#include <memory>
#include <vector>

namespace emulator
{
constexpr unsigned MaxThreads = 1024;

// Lanes of one mask that meet. Two sets of slots: a lane that is a meeting ahead does not disturb one that has yet to read.
struct Meeting
{
    unsigned mask;
    unsigned arrived;
    unsigned parity;
    const char* what;
    bool whole; // no lane may be missing
    unsigned present[2];
    std::uint64_t slots[2][32];
    std::uint32_t operands[2][32][6];
    float sums[2][32][4];
};

class Worker
{
public:
    Worker();
    // The worker's thread: all of a launch's blocks that it can get.
    void run(Launch& launch);

    void barrier(const char* file, int line);
    std::uint64_t exchange(unsigned mask, std::uint64_t value, int from, const char* what);
    unsigned ballot(unsigned mask, bool predicate);
    void mma(MmaKind kind, float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]);
    [[noreturn]] void fail(Failure failure, const char* format, ...) __attribute__((format(printf, 3, 4)));
    void describe_thread(char* text, std::size_t length) const;
    bool owns(const void* stack_foot) const;

private:
    enum class State : unsigned char { Waiting, Runnable, Running, Done };
    struct Thread
    {
        Fiber* fiber;
        State state;
        bool at_barrier;
        const char* file;
        int line;
    };

    static void fiber_main();
    void run_block(unsigned long long index);
    void begin_thread(unsigned thread, Fiber& fiber);
    void run_threads(Fiber& fiber);
    int pick();
    int settle();
    void go_to(Fiber& from, unsigned thread, bool forever);
    void wait();
    void end_thread();
    Fiber& take_fiber();
    Meeting& join(unsigned mask, const char* what, bool whole, unsigned& parity);
    void close(Meeting& meeting);
    void meet(Meeting& meeting);
    void poison_shared();

    Launch* launch = nullptr;
    Context home;
    std::vector<std::unique_ptr<Fiber>> fibers;
    std::vector<Fiber*> idle;
    std::vector<std::vector<std::unique_ptr<Meeting>>> meetings; // of each warp
    std::vector<unsigned> meeting_count;
    Thread threads[MaxThreads];
    unsigned runnable[MaxThreads / 32];
    unsigned live_lanes[MaxThreads / 32];
    unsigned count = 0, warps = 0, done = 0, at_barrier = 0, current = 0, last_warp = 0;
    Order order = Order::Rising;
    unsigned long long random = 0;
    uint3 block;
    char* dynamic_memory = nullptr;
};
}
