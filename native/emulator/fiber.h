// A stack to run kernel threads on, and the switch between two of them. The foot of the stack holds its ThreadState, then a
// page that faults, then the stack proper, growing down from the top.
#pragma once

#include "kernel_host.h"

namespace emulator
{
struct Context
{
    void* stack_pointer = nullptr;
    void* bottom = nullptr;
    std::size_t size = 0;
    void* fake_stack = nullptr; // AddressSanitizer's
};

class Fiber
{
public:
    Fiber(Worker* worker, void (*entry)());
    ~Fiber();
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;

    // From the start again, whatever it was doing: nothing a kernel has on its stack needs an end.
    void restart();
    ThreadState& state() { return *reinterpret_cast<ThreadState*>(base); }
    Context context;

private:
    char* base;
    void* mapping;
    void (*entry)();
};

// Leaves `from` (for good when `forever`) and goes on in `to`.
void switch_context(Context& from, Context& to, bool forever);
// The first act on a context that was switched to.
void switched(Context& now);
}
