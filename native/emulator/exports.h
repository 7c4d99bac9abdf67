// What every export does first: one lock, a driver that was initialised, a current context.
#pragma once

#include "device.h"

#define EXPORT extern "C" __attribute__((visibility("default")))
#define NEEDS_INIT                            \
    ::emulator::Lock lock(::emulator::device_mutex()); \
    if (!::emulator::initialized())           \
        return ::emulator::NotInitialized
#define NEEDS_CONTEXT                         \
    NEEDS_INIT;                               \
    if (::emulator::current_context() == nullptr) \
        return ::emulator::InvalidContext
#define REQUIRE(condition, code)              \
    do                                        \
    {                                         \
        if (!(condition))                     \
            return code;                      \
    } while (false)

namespace emulator
{
bool initialized();
void* current_context();

// Handles given out and not yet taken back.
template <typename T>
class Handles
{
public:
    T* add(std::unique_ptr<T> item)
    {
        T* handle = item.get();
        items.push_back(std::move(item));
        return handle;
    }

    T* find(void* handle) const
    {
        for (auto& item : items)
            if (item.get() == handle)
                return item.get();
        return nullptr;
    }

    bool remove(void* handle)
    {
        return std::erase_if(items, [handle](auto& item) { return item.get() == handle; }) > 0;
    }

    std::size_t count() const { return items.size(); }

private:
    std::vector<std::unique_ptr<T>> items;
};
}
