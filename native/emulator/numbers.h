// Elements of the libraries' tensors: float, half, bfloat16, read as floats and rounded to nearest even on the way back;
// and loops over several threads.
#pragma once

#include "kernel_host.h"

#include <thread>
#include <vector>

namespace emulator
{
enum class Element { Float, Half, Bfloat16 };

inline std::size_t bytes_of(Element type) { return type == Element::Float ? 4 : 2; }

inline float get(const void* from, std::size_t at, Element type)
{
    switch (type)
    {
        case Element::Float: return static_cast<const float*>(from)[at];
        case Element::Half: return half_value(static_cast<const std::uint16_t*>(from)[at]);
        default: return __builtin_bit_cast(float, static_cast<std::uint32_t>(static_cast<const std::uint16_t*>(from)[at]) << 16);
    }
}

inline void set(void* to, std::size_t at, Element type, float value)
{
    auto bits = __builtin_bit_cast(std::uint32_t, value);
    switch (type)
    {
        case Element::Float: static_cast<float*>(to)[at] = value; return;
        case Element::Half: static_cast<std::uint16_t*>(to)[at] = half_bits(value); return;
        default:
            static_cast<std::uint16_t*>(to)[at] = value != value ? 0x7fff : static_cast<std::uint16_t>((bits + 0x7fffu + (bits >> 16 & 1)) >> 16);
    }
}

// What a tensor core sees of a float: 10 bits of fraction, to nearest, ties away.
inline float tf32(float value)
{
    auto bits = __builtin_bit_cast(std::uint32_t, value);
    return (bits & 0x7f800000u) == 0x7f800000u ? value : __builtin_bit_cast(float, (bits + 0x1000u) & 0xffffe000u);
}

// work(i) for 0 <= i < count, each i by one thread: what an i gives does not depend on how many there are.
template <typename Work>
void parallel_for(int count, double operations, Work&& work)
{
    int threads = operations < 2e6 ? 1 : static_cast<int>(std::thread::hardware_concurrency());
    threads = threads > count ? count : threads > 8 ? 8 : threads;
    auto part = [&](int first) {
        for (int i = first; i < count; i += threads)
            work(i);
    };
    std::vector<std::thread> others;
    for (int t = 1; t < threads; t++)
        others.emplace_back(part, t);
    part(0);
    for (auto& other : others)
        other.join();
}
}
