#include "settings.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace emulator
{
Settings::Settings()
{
    for (const char* name : {"JQE_EMULATOR_ORDER", "JQE_EMULATOR_STREAMS", "JQE_EMULATOR_CUDNN", "JQE_EMULATOR_MEMORY_BYTES", "JQE_EMULATOR_DEVICES", "JQE_EMULATOR_QUIET"})
        if (const char* value = std::getenv(name))
            set(name, value);
}

bool Settings::set(const char* name, const char* text)
{
    std::string_view which(name), value(text);
    if (which == "JQE_EMULATOR_ORDER")
    {
        bool rising = value.empty() || value == "rising";
        seed = std::strtoull(text, nullptr, 10);
        order = rising ? Order::Rising : value == "reverse" ? Order::Falling : Order::Seeded;
    }
    else if (which == "JQE_EMULATOR_STREAMS")
        lazy = value == "lazy";
    else if (which == "JQE_EMULATOR_CUDNN")
        packed = value == "packed";
    else if (which == "JQE_EMULATOR_MEMORY_BYTES")
        memory = value.empty() ? 4ULL << 30 : std::strtoull(text, nullptr, 10);
    else if (which == "JQE_EMULATOR_DEVICES")
        devices = value.empty() ? 1 : std::clamp(std::atoi(text), 1, MostDevices);
    else if (which == "JQE_EMULATOR_QUIET")
        quiet = value == "1";
    else
        return false;
    return true;
}

Settings& settings()
{
    static auto* all = new Settings;
    return *all;
}
}
