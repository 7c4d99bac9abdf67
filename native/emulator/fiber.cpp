// The switch saves what the calling conventions have a callee keep (System V x86-64, AAPCS64); no system call.
#include "fiber.h"
#include "sanitizer.h"

#include <sys/mman.h>
#include <cstdio>
#include <cstdlib>

extern "C" void jqe_switch(void** save, void* load) __attribute__((visibility("hidden")));

#if defined(__x86_64__)
asm(R"(
    .text
    .hidden jqe_switch
    .globl jqe_switch
    .type jqe_switch, @function
jqe_switch:
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, (%rdi)
    mov %rsi, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    ret
    .size jqe_switch, .-jqe_switch
)");
static constexpr int SavedWords = 6, EntryWord = 6, FrameWords = 8;
#elif defined(__aarch64__)
asm(R"(
    .text
    .hidden jqe_switch
    .globl jqe_switch
    .type jqe_switch, %function
jqe_switch:
    sub sp, sp, #160
    stp x19, x20, [sp, #0]
    stp x21, x22, [sp, #16]
    stp x23, x24, [sp, #32]
    stp x25, x26, [sp, #48]
    stp x27, x28, [sp, #64]
    stp x29, x30, [sp, #80]
    stp d8, d9, [sp, #96]
    stp d10, d11, [sp, #112]
    stp d12, d13, [sp, #128]
    stp d14, d15, [sp, #144]
    mov x9, sp
    str x9, [x0]
    mov sp, x1
    ldp x19, x20, [sp, #0]
    ldp x21, x22, [sp, #16]
    ldp x23, x24, [sp, #32]
    ldp x25, x26, [sp, #48]
    ldp x27, x28, [sp, #64]
    ldp x29, x30, [sp, #80]
    ldp d8, d9, [sp, #96]
    ldp d10, d11, [sp, #112]
    ldp d12, d13, [sp, #128]
    ldp d14, d15, [sp, #144]
    add sp, sp, #160
    ret
    .size jqe_switch, .-jqe_switch
)");
static constexpr int SavedWords = 20, EntryWord = 11, FrameWords = 22;
#else
#error "the emulated GPU runs on x86-64 and arm64"
#endif

namespace emulator
{
static constexpr std::size_t FootBytes = 4096, GuardBytes = 4096;

Fiber::Fiber(Worker* worker, void (*entry)()) : entry(entry)
{
    mapping = mmap(nullptr, 2 * StackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapping == MAP_FAILED)
    {
        std::fprintf(stderr, "emulated GPU: no memory for a stack\n");
        std::abort();
    }
    auto at = reinterpret_cast<std::uintptr_t>(mapping), aligned = (at + StackBytes - 1) & ~(StackBytes - 1);
    base = reinterpret_cast<char*>(aligned);
    // What the alignment left over goes back.
    if (aligned > at)
        munmap(mapping, aligned - at);
    munmap(base + StackBytes, at + StackBytes - aligned);
    mapping = base;
    mprotect(base + FootBytes, GuardBytes, PROT_NONE);
    state().worker = worker;
    context.bottom = base + FootBytes + GuardBytes;
    context.size = StackBytes - FootBytes - GuardBytes;
    restart();
}

Fiber::~Fiber() { munmap(mapping, StackBytes); }

void Fiber::restart()
{
    ASAN_UNPOISON_MEMORY_REGION(context.bottom, context.size);
    void** frame = reinterpret_cast<void**>(base + StackBytes) - FrameWords;
    for (int i = 0; i < FrameWords; i++)
        frame[i] = nullptr;
    frame[EntryWord] = reinterpret_cast<void*>(entry);
    context.stack_pointer = frame;
    context.fake_stack = nullptr;
    static_assert(SavedWords <= FrameWords);
}

void switch_context(Context& from, Context& to, [[maybe_unused]] bool forever)
{
#ifdef JQE_ASAN
    __sanitizer_start_switch_fiber(forever ? nullptr : &from.fake_stack, to.bottom, to.size);
#endif
    jqe_switch(&from.stack_pointer, to.stack_pointer);
    switched(from);
}

void switched([[maybe_unused]] Context& now)
{
#ifdef JQE_ASAN
    __sanitizer_finish_switch_fiber(now.fake_stack, nullptr, nullptr);
#endif
}
}
