// Device memory: host memory apart from the program's own. Every allocation begins on 256 bytes, is filled with 0xff (NaN)
// and lies between two guards of 4 KiB, which are checked when a kernel that was given it ends and when it is freed. They hold
// signalling NaN, another for each allocation: what a kernel makes of them is not what was there.
#include "device.h"
#include "sanitizer.h"

#include <cstring>
#include <map>
#include <sys/mman.h>

namespace emulator
{
static constexpr std::uint64_t Moat = 1 << 20;

struct Allocation
{
    char* whole;
    std::uint64_t whole_bytes;
    std::uint64_t bytes;
    MemoryPool* pool;
    bool host;

    char* front() const { return whole; }
    char* behind() const { return whole + MemoryGuard + bytes; }
    std::uint64_t bytes_behind() const { return whole_bytes - MemoryGuard - bytes; }
    // Byte i of a guard: words of 0xffb0 to 0xffbf.
    char guard(std::uint64_t i) const { return static_cast<char>(i % 2 != 0 ? 0xff : 0xb0 | (reinterpret_cast<std::uintptr_t>(whole) >> 12 & 15)); }
    void set(char* at, std::uint64_t count) const
    {
        for (std::uint64_t i = 0; i < count; i++)
            at[i] = guard(i);
    }
    bool holds(const char* at, std::uint64_t count) const
    {
        for (std::uint64_t i = 0; i < count; i++)
            if (at[i] != guard(i))
                return false;
        return true;
    }
};

static std::map<const char*, Allocation>& allocations()
{
    static auto* all = new std::map<const char*, Allocation>;
    return *all;
}

static std::uint64_t device_bytes;

MemoryPool& default_pool()
{
    static auto* pool = new MemoryPool;
    return *pool;
}

std::uint64_t memory_capacity() { return settings().memory; }
std::uint64_t memory_used() { return device_bytes; }
std::uint64_t live_allocations() { return allocations().size(); }

void MemoryPool::take(std::uint64_t bytes)
{
    used += bytes;
    reserved = reserved > used ? reserved : used;
    used_high = used_high > used ? used_high : used;
    reserved_high = reserved_high > reserved ? reserved_high : reserved;
}

void MemoryPool::give(std::uint64_t bytes) { used -= bytes; }

void MemoryPool::trim(std::uint64_t keep)
{
    std::uint64_t least = used > keep ? used : keep;
    reserved = reserved < least ? reserved : least;
}

Result allocate(std::uint64_t bytes, MemoryPool* pool, bool host, void** address)
{
    if (address == nullptr || bytes == 0)
        return InvalidValue;
    if (!host && (bytes > memory_capacity() || device_bytes + bytes > memory_capacity()))
        return OutOfMemory;
    std::uint64_t whole_bytes = (2 * MemoryGuard + bytes + 4095) & ~4095ULL;
    // Between stretches of the address space that fault, so that wild writes do not end in the program's own memory.
    void* mapping = mmap(nullptr, whole_bytes + 2 * Moat, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapping == MAP_FAILED)
        return OutOfMemory;
    char* whole = static_cast<char*>(mapping) + Moat;
    if (mprotect(whole, whole_bytes, PROT_READ | PROT_WRITE) != 0)
    {
        munmap(mapping, whole_bytes + 2 * Moat);
        return OutOfMemory;
    }
    char* at = whole + MemoryGuard;
    Allocation made = {whole, whole_bytes, bytes, pool, host};
    std::memset(at, 0xff, bytes);
    made.set(made.front(), MemoryGuard);
    made.set(made.behind(), made.bytes_behind());
    ASAN_POISON_MEMORY_REGION(made.front(), MemoryGuard);
    ASAN_POISON_MEMORY_REGION(made.behind(), made.bytes_behind());
    allocations()[at] = made;
    if (!host)
        device_bytes += bytes;
    if (pool != nullptr)
        pool->take(bytes);
    *address = at;
    return Success;
}

static const std::pair<const char* const, Allocation>* find(const void* address, std::uint64_t bytes)
{
    auto* at = static_cast<const char*>(address);
    auto next = allocations().upper_bound(at);
    if (next == allocations().begin())
        return nullptr;
    auto found = std::prev(next);
    std::uint64_t offset = static_cast<std::uint64_t>(at - found->first);
    return offset <= found->second.bytes && bytes <= found->second.bytes - offset ? &*found : nullptr;
}

bool on_device(const void* address, std::uint64_t bytes)
{
    auto* found = find(address, bytes);
    return found != nullptr && !found->second.host;
}

bool reachable(const void* address, std::uint64_t bytes) { return find(address, bytes) != nullptr; }

bool is_pinned(const void* address, std::uint64_t bytes)
{
    auto* found = find(address, bytes);
    return found != nullptr && found->second.host;
}

bool guards_hold(const void* address, const char* by)
{
    auto* found = find(address, 0);
    if (found == nullptr)
        return true;
    const Allocation& of = found->second;
#ifndef JQE_ASAN
    bool before = of.holds(of.front(), MemoryGuard), after = of.holds(of.behind(), of.bytes_behind());
    if (before && after)
        return true;
    of.set(of.front(), MemoryGuard);
    of.set(of.behind(), of.bytes_behind());
    report(IllegalAddress, "%s wrote %s an allocation of %llu bytes", by, before ? "behind" : "in front of",
        static_cast<unsigned long long>(of.bytes));
    return false;
#else
    (void)of;
    (void)by;
    return true;
#endif
}

Result release(void* address, bool host)
{
    auto found = allocations().find(static_cast<const char*>(address));
    if (found == allocations().end() || found->second.host != host)
        return report(InvalidValue, "%p is freed, but is no allocation", address);
    bool whole = guards_hold(address, "something");
    Allocation of = found->second;
    allocations().erase(found);
    if (of.pool != nullptr)
        of.pool->give(of.bytes);
    if (!of.host)
        device_bytes -= of.bytes;
    ASAN_UNPOISON_MEMORY_REGION(of.whole, of.whole_bytes);
    munmap(of.whole - Moat, of.whole_bytes + 2 * Moat);
    return whole ? Success : IllegalAddress;
}
}
