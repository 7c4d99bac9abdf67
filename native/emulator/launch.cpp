// Blocks over OS threads. The workers start with the first launch, wait between launches and stay until the process ends.
#include "sanitizer.h"
#include "worker.h"

#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <pthread.h>
#include <string_view>
#include <thread>
#include <ucontext.h>
#include <unordered_map>

namespace emulator
{
static std::unordered_map<std::string_view, Kernel>& table()
{
    static auto* kernels = new std::unordered_map<std::string_view, Kernel>;
    return *kernels;
}

void add_kernel(const Kernel& kernel)
{
    if (!table().emplace(kernel.name, kernel).second)
        std::fprintf(stderr, "emulated GPU: two kernels are named %s\n", kernel.name);
}

const Kernel* find_kernel(const char* name)
{
    auto found = table().find(name);
    return found == table().end() ? nullptr : &found->second;
}

// A wild address inside a kernel ends the launch, not the process: the handler lets the fiber go on in `fall`.
static pthread_key_t worker_key;
static struct sigaction previous_segv, previous_bus;

static void fall() { self().worker->fail(Failure::IllegalAddress, "read or wrote at a wild address"); }

static void on_fault(int signal, siginfo_t* info, void* context)
{
    auto* worker = static_cast<Worker*>(pthread_getspecific(worker_key));
    auto* machine = static_cast<ucontext_t*>(context);
#if defined(__x86_64__)
    auto stack = static_cast<std::uintptr_t>(machine->uc_mcontext.gregs[REG_RSP]);
#else
    auto stack = static_cast<std::uintptr_t>(machine->uc_mcontext.sp);
#endif
    auto foot = stack & ~(StackBytes - 1);
    if (worker != nullptr && worker->owns(reinterpret_cast<void*>(foot)))
    {
        // Below what the kernel has there, or from the top where the stack itself ran out.
        bool overflow = stack < foot + 16384;
        stack = ((overflow ? foot + StackBytes : stack - 512) & ~std::uintptr_t{63}) - 64;
#if defined(__x86_64__)
        machine->uc_mcontext.gregs[REG_RSP] = static_cast<long long>(stack - 8);
        machine->uc_mcontext.gregs[REG_RIP] = reinterpret_cast<long long>(&fall);
#else
        machine->uc_mcontext.sp = stack;
        machine->uc_mcontext.pc = reinterpret_cast<std::uintptr_t>(&fall);
#endif
        return;
    }
    const struct sigaction& previous = signal == SIGSEGV ? previous_segv : previous_bus;
    if ((previous.sa_flags & SA_SIGINFO) != 0)
        previous.sa_sigaction(signal, info, context);
    else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN)
        previous.sa_handler(signal);
    else
        std::signal(signal, SIG_DFL);
}

class Pool
{
public:
    Pool()
    {
        const char* text = std::getenv("JQE_EMULATOR_THREADS");
        unsigned wanted = text == nullptr ? std::thread::hardware_concurrency() : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
        count = wanted < 1 ? 1 : wanted > 16 ? 16 : wanted;
        pthread_key_create(&worker_key, nullptr);
#ifndef JQE_ASAN // which says more about a fault than we could
        struct sigaction action = {};
        action.sa_sigaction = on_fault;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK;
        sigemptyset(&action.sa_mask);
        sigaction(SIGSEGV, &action, &previous_segv);
        sigaction(SIGBUS, &action, &previous_bus);
#endif
        for (unsigned i = 0; i < count; i++)
            std::thread([this] { serve(); }).detach();
    }

    void run(Launch& launch)
    {
        std::lock_guard turn(turns);
        std::unique_lock lock(mutex);
        current = &launch;
        busy = count;
        round++;
        begin.notify_all();
        end.wait(lock, [this] { return busy == 0; });
    }

private:
    void serve()
    {
        // Signals go to the host program's threads.
        sigset_t all;
        sigfillset(&all);
        sigdelset(&all, SIGSEGV);
        sigdelset(&all, SIGBUS);
        pthread_sigmask(SIG_SETMASK, &all, nullptr);
        stack_t stack = {};
        stack.ss_size = 65536;
        stack.ss_sp = std::malloc(stack.ss_size);
        sigaltstack(&stack, nullptr);
        Worker worker;
        pthread_setspecific(worker_key, &worker);
        unsigned long long seen = 0;
        std::unique_lock lock(mutex);
        for (;;)
        {
            begin.wait(lock, [&] { return round != seen; });
            seen = round;
            Launch& launch = *current;
            lock.unlock();
            worker.run(launch);
            lock.lock();
            if (--busy == 0)
                end.notify_all();
        }
    }

    std::mutex turns, mutex;
    std::condition_variable begin, end;
    Launch* current = nullptr;
    unsigned count, busy = 0;
    unsigned long long round = 0;
};

void run_launch(Launch& launch)
{
    static Pool* pool = new Pool;
    pool->run(launch);
}
}
