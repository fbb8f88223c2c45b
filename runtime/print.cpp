#include "runtime/print.h"
#include "runtime/lib/text.h"
#include "runtime/sched/region.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <unistd.h>

namespace parlane::rt {

namespace {
constexpr size_t kBuffered = size_t{64} << 10;    ///< the head is written out when this much has gathered
constexpr size_t kMostWaiting = size_t{256} << 10; ///< a segment larger than this waits until it is the head
} // namespace

struct Segment {
    Segment *next = nullptr;
    Output *output = nullptr;
    char *text = nullptr;
    size_t size = 0, room = 0;
    bool closed = false, held = false;
    std::atomic<uint32_t> head{0}; ///< 1 once everything in front has come out; written under the lock of the output
};

struct Output {
    Lock lock;
    Segment *head = nullptr;
    Segment *spare = nullptr;
    char *buffer = nullptr;
    size_t size = 0;
    bool by_line = false; ///< a terminal, or PARLANE_OUTPUT=lines: every line comes out at once
};

namespace {

Segment *newSegment(Output &output) {
    Segment *segment = output.spare;
    if (segment)
        output.spare = segment->next;
    else if (void *block = malloc(sizeof(Segment)))
        segment = new (block) Segment;
    if (!segment) return nullptr;
    segment->next = nullptr;
    segment->output = &output;
    segment->size = 0;
    segment->closed = segment->held = false;
    segment->head.store(0, std::memory_order_relaxed);
    return segment;
}

void giveSegment(Output &output, Segment *segment) {
    if (segment->room > kBuffered) {
        free(segment->text);
        segment->text = nullptr;
        segment->room = 0;
    }
    segment->next = output.spare;
    output.spare = segment;
}

void writeOut(Output &output) {
    if (output.size > 0) writeAll(1, output.buffer, output.size);
    output.size = 0;
}

void writeThrough(Output &output, const void *bytes, size_t count) {
    if (!output.buffer) output.buffer = static_cast<char *>(malloc(kBuffered));
    if (!output.buffer || output.size + count > kBuffered) writeOut(output);
    if (!output.buffer || count > kBuffered) {
        writeAll(1, bytes, count);
        return;
    }
    memcpy(output.buffer + output.size, bytes, count);
    output.size += count;
}

/// Makes `segment` the head: what it holds comes out, and its writer may go on.
void becomeHead(Output &output, Segment *segment) {
    output.head = segment;
    if (segment->size > 0) writeThrough(output, segment->text, segment->size);
    segment->size = 0;
    segment->head.store(1, std::memory_order_release); // with the acquire in waitForHead
    futexWakeOne(segment->head);
}

bool appendTo(Segment &segment, const void *bytes, size_t count) {
    if (segment.size + count > segment.room) {
        size_t room = (segment.size + count) * 2;
        auto *text = static_cast<char *>(realloc(segment.text, room));
        if (!text) return false;
        segment.text = text;
        segment.room = room;
    }
    memcpy(segment.text + segment.size, bytes, count);
    segment.size += count;
    return true;
}

/// Lets what is complete come out.
void advance(Output &output) {
    while (output.head->closed && !output.head->held && output.head->next) {
        Segment *done = output.head;
        becomeHead(output, done->next);
        giveSegment(output, done);
    }
}

/// Blocks until everything in front has come out, or nothing of this is wanted any more. Returns an outcome.
int32_t waitForHead(const Worker &w, Segment &segment) {
    constexpr int64_t kLookNs = 1'000'000; // a stop does not wake us
    while (segment.head.load(std::memory_order_acquire) == 0) {
        if (isStopped(w)) return PAR_STOPPED;
        futexWaitFor(segment.head, 0, kLookNs);
    }
    return PAR_OK;
}

/// Appends under the lock; false if memory is out. `large` says that the writer should wait for its turn.
bool put(Output &output, Segment &segment, const void *bytes, size_t count, bool &large) {
    if (output.head == &segment) {
        writeThrough(output, bytes, count);
        return true;
    }
    if (!appendTo(segment, bytes, count)) return false;
    large = segment.size > kMostWaiting;
    return true;
}

} // namespace

Output *newOutput() {
    void *block = malloc(sizeof(Output));
    if (!block) return nullptr;
    auto *output = new (block) Output;
    const char *wanted = getenv("PARLANE_OUTPUT");
    output->by_line = isatty(1) == 1 || (wanted && strcmp(wanted, "lines") == 0);
    output->head = newSegment(*output);
    if (!output->head) {
        free(block);
        return nullptr;
    }
    output->head->head.store(1, std::memory_order_relaxed);
    return output;
}

Segment *firstSegment(Output &output) { return output.head; }

bool insertSegments(Segment *at, Segment **piece, Segment **rest) {
    Output &output = *at->output;
    Holding hold(output.lock);
    Segment *first = newSegment(output);
    Segment *second = first && rest ? newSegment(output) : nullptr;
    if (!first || (rest && !second)) {
        if (first) giveSegment(output, first);
        return false;
    }
    Segment *last = first;
    if (rest) {
        first->next = second;
        last = *rest = second;
    }
    last->next = at->next;
    at->next = *piece = first;
    return true;
}

void closeSegment(Segment *segment) {
    Output &output = *segment->output;
    Holding hold(output.lock);
    segment->closed = true;
    advance(output);
}

void holdSegment(Segment *segment) {
    Holding hold(segment->output->lock);
    segment->held = true;
}

void releaseSegment(Segment *segment) {
    Output &output = *segment->output;
    Holding hold(output.lock);
    segment->held = false;
    advance(output);
}

void discardBehind(Segment *cut, Segment *end) {
    Output &output = *cut->output;
    Holding hold(output.lock);
    cut->held = false;
    for (Segment *segment = cut->next; segment != end; segment = segment->next) {
        segment->held = false;
        segment->size = 0;
    }
    advance(output);
}

int32_t writeOutput(Worker &w, const void *bytes, size_t count, bool line) {
    Segment &segment = *w.segment;
    Output &output = *segment.output;
    bool large = false, good;
    {
        Holding hold(output.lock);
        good = put(output, segment, bytes, count, large) && (!line || put(output, segment, "\n", 1, large));
        if (output.by_line && output.head == &segment) writeOut(output);
    }
    if (!good) return trapWith(w, PAR_TRAP_memory, static_cast<int64_t>(count));
    // The leftmost unfinished piece waits for nobody, except where the order of running is turned round on purpose.
    return large && pool.mode != Mode::Reverse ? waitForHead(w, segment) : int32_t{PAR_OK};
}

void flushOutput(Worker &w) {
    Output &output = *w.segment->output;
    Holding hold(output.lock);
    writeOut(output);
}

} // namespace parlane::rt

using namespace parlane::rt;

extern "C" int32_t par_rt_print(par_ctx *ctx, void *, const void *s) {
    Text text = textOf(s);
    return writeOutput(workerOf(ctx), text.data, text.size(), true);
}

extern "C" int32_t par_rt_print_raw(par_ctx *ctx, void *, const void *s) {
    Text text = textOf(s);
    return writeOutput(workerOf(ctx), text.data, text.size(), false);
}

extern "C" int32_t par_rt_print_error(par_ctx *, void *, const void *s) {
    Text text = textOf(s);
    writeAll(2, text.data, text.size());
    writeAll(2, "\n", 1);
    return PAR_OK;
}
