#include "worker.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <new>
#include <link.h>

namespace emulator
{
static constexpr std::size_t SharedGuard = 4096;
static constexpr char GuardByte = 0x5b; // not what memory is filled with

// Touched so that this thread has its copy of the thread-local memory before a kernel asks for it.
static thread_local volatile char toe;

Worker::Worker()
{
    dynamic_memory = static_cast<char*>(::operator new(MaxDynamicShared + SharedGuard, std::align_val_t(1024)));
    toe = 1;
    meetings.resize(MaxThreads / 32);
    meeting_count.resize(MaxThreads / 32);
}

// This thread's copy of the library's thread-local memory: the kernels' static shared memory and nothing else.
static int find_static_shared(dl_phdr_info* info, std::size_t, void* found)
{
    auto own = reinterpret_cast<std::uintptr_t>(&find_static_shared);
    std::size_t bytes = 0;
    bool ours = false;
    for (int i = 0; i < info->dlpi_phnum; i++)
    {
        const auto& header = info->dlpi_phdr[i];
        std::uintptr_t at = info->dlpi_addr + header.p_vaddr;
        ours |= header.p_type == PT_LOAD && own >= at && own < at + header.p_memsz;
        if (header.p_type == PT_TLS)
            bytes = header.p_memsz;
    }
    if (ours && info->dlpi_tls_data != nullptr)
        std::memset(info->dlpi_tls_data, 0xff, bytes);
    *static_cast<bool*>(found) = ours;
    return ours;
}

// Shared memory holds nothing when a block begins: NaN everywhere.
void Worker::poison_shared()
{
    bool found = false;
    dl_iterate_phdr(find_static_shared, &found);
    std::memset(dynamic_memory, 0xff, launch->dynamic_shared);
    std::memset(dynamic_memory + launch->dynamic_shared, GuardByte, SharedGuard);
}

void Worker::run(Launch& of)
{
    launch = &of;
    order = settings().order;
    std::uint64_t seed = settings().seed;
    bool each = order != Order::Rising;
    poison_shared();
    for (;;)
    {
        unsigned long long index = launch->next.fetch_add(1, std::memory_order_relaxed);
        if (index >= launch->blocks || launch->failed.load(std::memory_order_relaxed))
            return;
        if (each)
            poison_shared();
        if (order == Order::Falling)
            index = launch->blocks - 1 - index;
        random = seed * 0x9e3779b97f4a7c15ULL + index * 0xd1342543de82ef95ULL + 1;
        run_block(index);
    }
}

void Worker::run_block(unsigned long long index)
{
    const dim3 &grid = launch->grid, &size = launch->block;
    block = {static_cast<unsigned>(index % grid.x), static_cast<unsigned>(index / grid.x % grid.y),
        static_cast<unsigned>(index / grid.x / grid.y)};
    count = size.x * size.y * size.z;
    warps = (count + 31) / 32;
    done = at_barrier = 0;
    last_warp = order == Order::Falling ? warps - 1 : 0;
    for (unsigned w = 0; w < warps; w++)
    {
        unsigned lanes = count - w * 32;
        live_lanes[w] = runnable[w] = lanes >= 32 ? 0xffffffffu : (1u << lanes) - 1;
        meeting_count[w] = 0;
    }
    for (unsigned t = 0; t < count; t++)
        threads[t] = {nullptr, State::Runnable, false, nullptr, 0};

    Fiber& first = take_fiber();
    begin_thread(static_cast<unsigned>(pick()), first);
    switch_context(home, first.context, false);

    // All fibers are free again, those of a block that failed too.
    if (idle.size() != fibers.size())
    {
        idle.clear();
        for (auto& fiber : fibers)
            idle.push_back(fiber.get());
    }
    for (std::size_t i = 0; i < SharedGuard && !launch->failed; i++)
        if (dynamic_memory[launch->dynamic_shared + i] != GuardByte && !launch->failed.exchange(true))
        {
            launch->failure = Failure::IllegalAddress;
            launch->message = "wrote beyond its " + std::to_string(launch->dynamic_shared) + " bytes of dynamic shared memory";
        }
}

Fiber& Worker::take_fiber()
{
    if (idle.empty())
    {
        fibers.push_back(std::make_unique<Fiber>(this, &Worker::fiber_main));
        return *fibers.back();
    }
    Fiber& fiber = *idle.back();
    idle.pop_back();
    fiber.restart();
    return fiber;
}

void Worker::begin_thread(unsigned thread, Fiber& fiber)
{
    const dim3& size = launch->block;
    ThreadState& state = fiber.state();
    state.thread = {thread % size.x, thread / size.x % size.y, thread / size.x / size.y};
    state.block = block;
    state.block_size = size;
    state.grid_size = launch->grid;
    state.dynamic_shared = dynamic_memory;
    state.lane = thread % 32;
    state.warp = thread / 32;
    current = thread;
    threads[thread].fiber = &fiber;
    threads[thread].state = State::Running;
}

void Worker::fiber_main()
{
    Worker& worker = *self().worker;
    Fiber& fiber = *worker.threads[worker.current].fiber;
    switched(fiber.context);
    worker.run_threads(fiber);
}

// Threads one after another, as long as the next one has not begun; then over to one that had to wait, or home.
void Worker::run_threads(Fiber& fiber)
{
    for (;;)
    {
        launch->kernel->invoke(launch->arguments.data());
        end_thread();
        int next = pick();
        if (next >= 0 && threads[next].fiber == nullptr)
        {
            begin_thread(static_cast<unsigned>(next), fiber);
            continue;
        }
        idle.push_back(&fiber);
        if (next < 0)
            switch_context(fiber.context, home, true);
        else
            go_to(fiber, static_cast<unsigned>(next), true);
    }
}

void Worker::go_to(Fiber& from, unsigned thread, bool forever)
{
    Fiber* to = threads[thread].fiber;
    if (to == nullptr)
    {
        to = &take_fiber();
        begin_thread(thread, *to);
    }
    current = thread;
    threads[thread].state = State::Running;
    if (to == &from)
        return;
    switch_context(from.context, to->context, forever);
}

// Another thread's turn; returns when this one may go on.
void Worker::wait()
{
    unsigned own = current;
    int next = pick();
    go_to(*threads[own].fiber, static_cast<unsigned>(next), false);
    current = own;
}

void Worker::end_thread()
{
    unsigned thread = current, warp = thread / 32;
    threads[thread].state = State::Done;
    live_lanes[warp] &= ~(1u << thread % 32);
    done++;
    // Lanes that meet do not wait for those that have gone.
    for (unsigned i = 0; i < meeting_count[warp]; i++)
    {
        Meeting& meeting = *meetings[warp][i];
        if (meeting.arrived == 0 || meeting.arrived != (meeting.mask & live_lanes[warp]))
            continue;
        if (meeting.whole)
            fail(Failure::Launch, "%s by a warp that is not whole", meeting.what);
        close(meeting);
    }
}

// The next thread to run, taken from those that can; -1 when the block has ended.
int Worker::pick()
{
    for (;;)
    {
        if (order == Order::Seeded)
        {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            last_warp = static_cast<unsigned>(random >> 33) % warps;
        }
        for (unsigned i = 0; i < warps; i++)
        {
            unsigned warp = order == Order::Falling ? (last_warp + warps - i) % warps : (last_warp + i) % warps;
            unsigned lanes = runnable[warp];
            if (lanes == 0)
                continue;
            unsigned lane = static_cast<unsigned>(__builtin_ctz(lanes));
            if (order == Order::Falling)
                lane = 31 - static_cast<unsigned>(__builtin_clz(lanes));
            else if (order == Order::Seeded)
                for (unsigned skip = static_cast<unsigned>(random >> 11) % static_cast<unsigned>(__builtin_popcount(lanes)); skip > 0; skip--)
                    lane = static_cast<unsigned>(__builtin_ctz(lanes &= lanes - 1));
            last_warp = warp;
            runnable[warp] &= ~(1u << lane);
            return static_cast<int>(warp * 32 + lane);
        }
        if (settle() < 0)
            return -1;
    }
}

// Nothing can run: the block has ended, or all its threads are at one barrier, or it never will end.
int Worker::settle()
{
    if (done == count)
        return -1;
    const Thread* waiting = nullptr;
    for (unsigned t = 0; t < count; t++)
    {
        const Thread& thread = threads[t];
        if (thread.state != State::Waiting)
            continue;
        if (waiting == nullptr)
            waiting = &thread;
        if (thread.at_barrier != waiting->at_barrier || (thread.at_barrier && (thread.line != waiting->line || thread.file != waiting->file)))
            fail(Failure::Launch, "threads wait at different places: %s:%d and %s:%d", waiting->file, waiting->line, thread.file, thread.line);
    }
    if (waiting == nullptr || at_barrier == 0)
        fail(Failure::Launch, "lanes wait for others that never come, at %s", waiting == nullptr ? "?" : waiting->file);
    if (done > 0)
        fail(Failure::Launch, "%u of %u threads ended before the barrier at %s:%d", done, count, waiting->file, waiting->line);
    at_barrier = 0;
    for (unsigned w = 0; w < warps; w++)
        runnable[w] = live_lanes[w];
    for (unsigned t = 0; t < count; t++)
    {
        threads[t].at_barrier = false;
        threads[t].state = State::Runnable;
    }
    return 0;
}

void Worker::barrier(const char* file, int line)
{
    Thread& thread = threads[current];
    thread.state = State::Waiting;
    thread.at_barrier = true;
    thread.file = file;
    thread.line = line;
    at_barrier++;
    wait();
}

void Worker::describe_thread(char* text, std::size_t length) const
{
    const dim3& size = launch->block;
    std::snprintf(text, length, "%s, block (%u,%u,%u), thread (%u,%u,%u)", launch->kernel->name, block.x, block.y, block.z,
        current % size.x, current / size.x % size.y, current / size.x / size.y);
}

bool Worker::owns(const void* stack_foot) const
{
    for (auto& fiber : fibers)
        if (&fiber->state() == stack_foot)
            return true;
    return false;
}

void Worker::fail(Failure failure, const char* format, ...)
{
    if (!launch->failed.exchange(true))
    {
        char where[256], what[512];
        describe_thread(where, sizeof where);
        va_list arguments;
        va_start(arguments, format);
        std::vsnprintf(what, sizeof what, format, arguments);
        va_end(arguments);
        launch->failure = failure;
        launch->message = std::string(where) + ": " + what;
    }
    Context gone;
    switch_context(gone, home, true);
    __builtin_unreachable();
}
}
