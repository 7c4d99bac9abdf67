#include "exports.h"

#include <algorithm>
#include <unordered_set>

namespace emulator
{
std::recursive_mutex& device_mutex()
{
    static auto* mutex = new std::recursive_mutex;
    return *mutex;
}

static std::unordered_set<Stream*>& streams()
{
    static auto* all = new std::unordered_set<Stream*>;
    return *all;
}

Stream* legacy_stream()
{
    static auto* stream = new Stream;
    return stream;
}

Stream* find_stream(void* handle)
{
    auto* stream = static_cast<Stream*>(handle);
    // Null, CU_STREAM_LEGACY and CU_STREAM_PER_THREAD.
    if (reinterpret_cast<std::uintptr_t>(handle) <= 2)
        return legacy_stream();
    return streams().contains(stream) ? stream : nullptr;
}

Stream* stream_here(void* handle)
{
    Stream* stream = find_stream(handle);
    return stream == nullptr || stream->context == nullptr || stream->context == current_context() ? stream : nullptr;
}

static bool anything_captures()
{
    return std::any_of(streams().begin(), streams().end(), [](Stream* s) { return s->capture != nullptr; });
}

Result submit(Stream& stream, Operation operation)
{
    if (stream.capture != nullptr)
    {
        if (stream.capture->invalid)
            return CaptureInvalidated;
        stream.capture->graph->operations.push_back(std::move(operation));
        stream.captured++;
        return Success;
    }
    if (&stream == legacy_stream())
    {
        if (anything_captures())
            return report(CaptureImplicit, "the default stream is used while another is captured");
        if (Result status = drain_all(); status != Success)
            return status;
    }
    stream.submitted++;
    if (settings().lazy && &stream != legacy_stream())
    {
        stream.queue.push_back(std::move(operation));
        return Success;
    }
    Result status = drain(stream);
    stream.finished++;
    return status != Success ? status : operation();
}

Result drain(Stream& stream, std::uint64_t until)
{
    if (stream.capture != nullptr)
    {
        stream.capture->invalid = true;
        return report(CaptureUnsupported, "a stream that is captured cannot be waited for");
    }
    while (!stream.queue.empty() && stream.finished < until)
    {
        Operation next = std::move(stream.queue.front());
        stream.queue.pop_front();
        stream.finished++;
        if (Result status = next(); status != Success)
            return status;
    }
    return Success;
}

Result drain_all()
{
    for (Stream* stream : std::vector<Stream*>(streams().begin(), streams().end()))
        if (Result status = stream->capture != nullptr ? Success : drain(*stream); status != Success)
            return status;
    return Success;
}

void adopt(Stream& stream) { streams().insert(&stream); }

void forget(Stream& stream)
{
    (void)drain(stream);
    streams().erase(&stream);
}

Result begin_capture(Stream& stream, int mode)
{
    if (&stream == legacy_stream())
        return CaptureUnsupported;
    if (stream.capture != nullptr || mode < 0 || mode > 2)
        return InvalidValue;
    stream.capture = std::make_shared<Capture>(Capture{new Graph, &stream, false, {}});
    stream.captured = 0;
    return Success;
}

Result end_capture(Stream& stream, Graph** graph)
{
    *graph = nullptr;
    std::shared_ptr<Capture> capture = stream.capture;
    if (capture == nullptr)
        return InvalidValue;
    if (capture->origin != &stream)
        return CaptureUnmatched;
    bool unjoined = false;
    stream.capture = nullptr;
    for (Stream* other : capture->joined)
    {
        unjoined |= other->captured > other->joined_back;
        other->capture = nullptr;
    }
    if (capture->invalid || unjoined)
    {
        delete capture->graph;
        return capture->invalid ? CaptureInvalidated : CaptureUnjoined;
    }
    *graph = capture->graph;
    return Success;
}

Result record(Event& event, Stream& stream)
{
    event.stream = &stream;
    event.capture = stream.capture;
    event.recorded = true;
    if (stream.capture != nullptr)
    {
        event.position = stream.captured;
        return Success;
    }
    Result status = submit(stream, [&event] { event.at = std::chrono::steady_clock::now(); return Success; });
    event.position = stream.submitted;
    return status;
}

Result wait(Stream& stream, Event& event)
{
    if (!event.recorded)
        return Success;
    if (event.capture != nullptr)
    {
        if (event.stream->capture != event.capture)
            return CapturedEvent;
        if (stream.capture == nullptr)
        {
            stream.capture = event.capture;
            stream.captured = stream.joined_back = 0;
            event.capture->joined.push_back(&stream);
        }
        if (event.capture->origin == &stream || event.stream != &stream)
            event.stream->joined_back = std::max(event.stream->joined_back, event.position);
        return Success;
    }
    if (stream.capture != nullptr)
        return report(CaptureUnsupported, "a captured stream waits for an event from outside the capture");
    Stream* other = event.stream;
    if (other == &stream || find_stream(other) == nullptr)
        return Success;
    return submit(stream, [other, until = event.position] { return find_stream(other) == nullptr ? Success : drain(*other, until); });
}
}
