// The kernels of this library by name: filled before main by what native/emulator/build.sh writes beside each module.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace emulator
{
struct Kernel
{
    const char* module;
    const char* name;
    void (*invoke)(void* const* arguments);
    std::size_t count;
    const unsigned char* sizes;
    const bool* pointers;
};

const Kernel* find_kernel(const char* name);
void add_kernel(const Kernel& kernel);

template <auto Function>
struct Signature;

template <typename... T, void (*Function)(T...)>
struct Signature<Function>
{
    static constexpr unsigned char sizes[] = {sizeof(T)..., 0};
    static constexpr bool pointers[] = {std::is_pointer_v<T>..., false};

    template <std::size_t... I>
    static void call(void* const* arguments, std::index_sequence<I...>)
    {
        Function(*static_cast<std::remove_cv_t<T>*>(arguments[I])...);
    }

    static void invoke(void* const* arguments) { call(arguments, std::index_sequence_for<T...>{}); }
};

template <auto Function>
struct Registration
{
    Registration(const char* module, const char* name)
    {
        using S = Signature<Function>;
        add_kernel({module, name, &S::invoke, sizeof(S::pointers) - 1, S::sizes, S::pointers});
    }
};
}
