#include "ptx.h"

#include <cctype>
#include <cstdlib>
#include <string_view>
#include <unordered_map>

namespace emulator
{
// Words ([.\w$%]+) and single signs; comments and white space are passed over.
class PtxReader
{
public:
    explicit PtxReader(const char* text) : at(text) { next(); }
    std::string_view word;

    void next()
    {
        while (*at != 0)
        {
            if (std::isspace(static_cast<unsigned char>(*at)))
                at++;
            else if (at[0] == '/' && at[1] == '/')
                while (*at != 0 && *at != '\n')
                    at++;
            else if (at[0] == '/' && at[1] == '*')
            {
                while (*at != 0 && !(at[0] == '*' && at[1] == '/'))
                    at++;
                at += *at != 0 ? 2 : 0;
            }
            else
                break;
        }
        const char* from = at;
        while (*at != 0 && (std::isalnum(static_cast<unsigned char>(*at)) || *at == '.' || *at == '_' || *at == '$' || *at == '%'))
            at++;
        if (at == from && *at != 0)
            at++;
        word = {from, static_cast<std::size_t>(at - from)};
    }

    bool is(std::string_view text) const { return word == text; }
    bool ended() const { return word.empty(); }
    int number() const { return std::atoi(std::string(word).c_str()); }

private:
    const char* at;
};

// Bytes of .b8, .u64, .f32, ...; 0 for any other word.
static std::uint64_t type_bytes(std::string_view word)
{
    if (word.size() < 3 || word[0] != '.' || std::string_view("bufs").find(word[1]) == std::string_view::npos)
        return 0;
    int bits = std::atoi(std::string(word.substr(2)).c_str());
    return bits == 8 || bits == 16 || bits == 32 || bits == 64 ? static_cast<std::uint64_t>(bits / 8) : 0;
}

// From behind .param or .shared to what ends the declaration: its name and bytes.
static std::uint64_t declaration(PtxReader& ptx, std::string& name)
{
    std::uint64_t bytes = 0;
    while (!ptx.ended() && !ptx.is(",") && !ptx.is(")") && !ptx.is(";"))
    {
        if (ptx.is(".align"))
            ptx.next();
        else if (bytes == 0)
            bytes = type_bytes(ptx.word);
        else if (ptx.is("["))
        {
            ptx.next();
            bytes *= static_cast<std::uint64_t>(ptx.number());
        }
        else if (ptx.word[0] == '_' || std::isalpha(static_cast<unsigned char>(ptx.word[0])))
            name = ptx.word;
        ptx.next();
    }
    return bytes;
}

static PtxEntry read_entry(PtxReader& ptx, const std::unordered_map<std::string, std::uint64_t>& shared)
{
    PtxEntry entry;
    entry.name = ptx.word;
    std::string name;
    for (ptx.next(); !ptx.ended() && !ptx.is(")"); )
    {
        bool parameter = ptx.is(".param");
        ptx.next();
        if (parameter)
            entry.parameters.push_back(declaration(ptx, name));
    }
    for (; !ptx.ended() && !ptx.is("{"); ptx.next())
        if (ptx.is(".maxntid") || ptx.is(".reqntid"))
        {
            ptx.next();
            entry.max_threads = ptx.number();
        }
        else if (ptx.is(",") && entry.max_threads != 0)
        {
            ptx.next();
            entry.max_threads *= ptx.number();
        }
    std::unordered_map<std::string, std::uint64_t> used;
    for (int depth = 0; !ptx.ended(); ptx.next())
    {
        depth += ptx.is("{") - ptx.is("}");
        if (depth == 0)
            break;
        if (ptx.is(".shared"))
        {
            ptx.next();
            std::uint64_t bytes = declaration(ptx, name);
            entry.shared += bytes;
        }
        else if (auto found = shared.find(std::string(ptx.word)); found != shared.end())
            used.insert(*found);
    }
    for (auto& [_, bytes] : used)
        entry.shared += bytes;
    return entry;
}

PtxText read_ptx(const char* text)
{
    PtxText found;
    PtxReader ptx(text);
    std::unordered_map<std::string, std::uint64_t> shared; // of the module
    for (bool external = false; !ptx.ended(); ptx.next())
    {
        if (ptx.is(".version"))
        {
            ptx.next();
            std::string version(ptx.word);
            found.version = std::atoi(version.c_str()) * 10 + (version.find('.') == std::string::npos ? 0 : version[version.find('.') + 1] - '0');
        }
        else if (ptx.is(".target"))
        {
            ptx.next();
            found.target = ptx.word.starts_with("sm_") ? std::atoi(std::string(ptx.word.substr(3)).c_str()) : 0;
        }
        else if (ptx.is(".shared") && !external)
        {
            std::string name;
            ptx.next();
            std::uint64_t bytes = declaration(ptx, name);
            shared[name] = bytes;
        }
        else if (ptx.is(".entry"))
        {
            ptx.next();
            found.entries.push_back(read_entry(ptx, shared));
        }
        external = ptx.is(".extern");
    }
    return found;
}
}
