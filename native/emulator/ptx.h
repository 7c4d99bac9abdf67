// What PTX says of its entries: enough to hold a launch to it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace emulator
{
struct PtxEntry
{
    std::string name;
    std::vector<std::uint64_t> parameters; // bytes of each
    std::uint64_t shared = 0;              // static shared memory, bytes
    int max_threads = 0;                   // 0: not stated
};

struct PtxText
{
    int version = 0, target = 0; // 70 is 7.0 or sm_70; 0: not there
    std::vector<PtxEntry> entries;
};

PtxText read_ptx(const char* text);
}
