// What lanes of a warp do together. All lanes of the mask that have not ended must come, to the same operation; a lane that
// reads from one that never came gets poison (all bits set).
#include "worker.h"

namespace emulator
{
static float bits_to_float(std::uint32_t bits) { return __builtin_bit_cast(float, bits); }

// Finds or makes the meeting of this mask in the current warp, checks the lane and enters it.
Meeting& Worker::join(unsigned mask, const char* what, bool whole, unsigned& parity)
{
    unsigned warp = current / 32, lane = current % 32;
    if ((mask >> lane & 1) == 0)
        fail(Failure::Launch, "%s: lane %u is not in its mask %08x", what, lane, mask);
    auto& all = meetings[warp];
    unsigned i = 0;
    while (i < meeting_count[warp] && all[i]->mask != mask)
        i++;
    if (i == meeting_count[warp])
    {
        if (i == all.size())
            all.push_back(std::make_unique<Meeting>());
        all[i]->mask = mask;
        all[i]->arrived = all[i]->parity = 0;
        meeting_count[warp]++;
    }
    Meeting& meeting = *all[i];
    if (meeting.arrived == 0)
    {
        meeting.what = what;
        meeting.whole = whole;
    }
    else if (meeting.what != what)
        fail(Failure::Launch, "lanes of one mask meet at different operations: %s and %s", meeting.what, what);
    parity = meeting.parity;
    return meeting;
}

// Waits until all lanes that have not ended are there; the last one lets the others go on.
void Worker::meet(Meeting& meeting)
{
    unsigned warp = current / 32, lane = current % 32;
    meeting.arrived |= 1u << lane;
    if (meeting.arrived == (meeting.mask & live_lanes[warp]))
    {
        close(meeting);
        runnable[warp] &= ~(1u << lane);
        threads[current].state = State::Running;
        return;
    }
    Thread& thread = threads[current];
    thread.state = State::Waiting;
    thread.at_barrier = false;
    thread.file = meeting.what;
    thread.line = 0;
    wait();
}

static void multiply(MmaKind kind, Meeting& m, unsigned parity);

void Worker::close(Meeting& meeting)
{
    // Only lanes of one warp meet, so the warp is that of the caller.
    unsigned warp = current / 32;
    meeting.present[meeting.parity] = meeting.arrived;
    for (unsigned lane = 0; lane < 32; lane++)
        if (meeting.arrived >> lane & 1)
            threads[warp * 32 + lane].state = State::Runnable;
    runnable[warp] |= meeting.arrived;
    meeting.arrived = 0;
    meeting.parity ^= 1;
}

std::uint64_t Worker::exchange(unsigned mask, std::uint64_t value, int from, const char* what)
{
    unsigned parity;
    Meeting& meeting = join(mask, what, false, parity);
    meeting.slots[parity][current % 32] = value;
    meet(meeting);
    unsigned lane = static_cast<unsigned>(from) & 31;
    return meeting.present[parity] >> lane & 1 ? meeting.slots[parity][lane] : ~0ULL;
}

unsigned Worker::ballot(unsigned mask, bool predicate)
{
    unsigned parity, votes = 0;
    Meeting& meeting = join(mask, "ballot", false, parity);
    meeting.slots[parity][current % 32] = predicate;
    meet(meeting);
    for (unsigned lane = 0; lane < 32; lane++)
        if (meeting.present[parity] >> lane & 1)
            votes |= static_cast<unsigned>(meeting.slots[parity][lane]) << lane;
    return votes;
}

void Worker::mma(MmaKind kind, float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2])
{
    static const char* const Names[] = {"mma half", "mma bfloat16", "mma tf32"};
    if (live_lanes[current / 32] != 0xffffffffu)
        fail(Failure::Launch, "%s by a warp that is not whole", Names[static_cast<int>(kind)]);
    unsigned parity, lane = current % 32;
    Meeting& meeting = join(0xffffffffu, Names[static_cast<int>(kind)], true, parity);
    std::memcpy(meeting.operands[parity][lane], a, sizeof a);
    std::memcpy(meeting.operands[parity][lane] + 4, b, sizeof b);
    std::memcpy(meeting.sums[parity][lane], d, sizeof d);
    if ((meeting.arrived | 1u << lane) == 0xffffffffu)
        multiply(kind, meeting, parity);
    meet(meeting);
    std::memcpy(d, meeting.sums[parity][lane], sizeof d);
}

static float element(MmaKind kind, std::uint32_t word, unsigned half)
{
    switch (kind)
    {
        case MmaKind::Tf32: return bits_to_float(word & 0xffffe000u);
        case MmaKind::Half: return half_value(static_cast<std::uint16_t>(word >> 16 * half));
        default: return bits_to_float(word >> 16 * half << 16);
    }
}

// d[16,8] += a[16,k] b[k,8], fragments as kernels/mma.cuh has them. Products are exact in double; one rounding at the end.
static void multiply(MmaKind kind, Meeting& m, unsigned parity)
{
    unsigned depth = kind == MmaKind::Tf32 ? 8 : 16, pair = kind == MmaKind::Tf32 ? 1 : 2;
    double a[16][16], b[16][8];
    for (unsigned lane = 0; lane < 32; lane++)
    {
        unsigned g = lane / 4, t = lane % 4;
        const std::uint32_t* words = m.operands[parity][lane];
        for (unsigned half = 0; half < pair; half++)
        {
            for (unsigned i = 0; i < 4; i++)
                a[g + i % 2 * 8][t * pair + half + i / 2 * (depth / 2)] = element(kind, words[i], half);
            for (unsigned i = 0; i < 2; i++)
                b[t * pair + half + i * (depth / 2)][g] = element(kind, words[4 + i], half);
        }
    }
    for (unsigned lane = 0; lane < 32; lane++)
        for (unsigned i = 0; i < 4; i++)
        {
            unsigned row = lane / 4 + i / 2 * 8, column = lane % 4 * 2 + i % 2;
            double sum = m.sums[parity][lane][i];
            for (unsigned k = 0; k < depth; k++)
                sum += a[row][k] * b[k][column];
            m.sums[parity][lane][i] = static_cast<float>(sum);
        }
}

void barrier(const char* file, int line) { self().worker->barrier(file, line); }
void warp_barrier(const char*, int, unsigned mask) { self().worker->exchange(mask, 0, 0, "__syncwarp"); }
std::uint64_t exchange(unsigned mask, std::uint64_t value, int from, const char* what) { return self().worker->exchange(mask, value, from, what); }
unsigned ballot(unsigned mask, bool predicate) { return self().worker->ballot(mask, predicate); }
void mma(MmaKind kind, float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) { self().worker->mma(kind, d, a, b); }

void misaligned(const void* address, int bytes, const char* file, int line)
{
    self().worker->fail(Failure::Misaligned, "%p is no multiple of %d at %s:%d", address, bytes, file, line);
}

std::uint16_t half_bits(float value)
{
    std::uint32_t u = __builtin_bit_cast(std::uint32_t, value), sign = u >> 16 & 0x8000u, magnitude = u & 0x7fffffffu;
    if (magnitude > 0x7f800000u)
        return 0x7fff;
    if (magnitude >= 0x477ff000u)
        return static_cast<std::uint16_t>(sign | 0x7c00u);
    if (magnitude >= 0x38800000u)
        return static_cast<std::uint16_t>(sign | ((magnitude - 0x38000000u + 0xfffu + (magnitude >> 13 & 1)) >> 13));
    if (magnitude < 0x33000000u)
        return static_cast<std::uint16_t>(sign);
    // Below the least normal number: the fraction with its leading one, shifted by what the exponent lacks.
    std::uint32_t shift = 126 - (magnitude >> 23), fraction = (magnitude & 0x7fffffu) | 0x800000u;
    std::uint32_t result = fraction >> shift, rest = fraction & ((1u << shift) - 1), half = 1u << (shift - 1);
    result += rest > half || (rest == half && (result & 1));
    return static_cast<std::uint16_t>(sign | result);
}

float half_value(std::uint16_t bits)
{
    std::uint32_t sign = (bits & 0x8000u) << 16, exponent = bits >> 10 & 31, fraction = bits & 0x3ffu;
    if (exponent == 31)
        return bits_to_float(sign | 0x7f800000u | fraction << 13);
    if (exponent == 0)
        return bits_to_float(sign | __builtin_bit_cast(std::uint32_t, static_cast<float>(fraction) * 0x1p-24f));
    return bits_to_float(sign | (exponent + 112) << 23 | fraction << 13);
}
}
