// The state of one pipeline. All of it but the contents of tokens is under its lock.
#pragma once
#include "runtime/sched/region.h"

namespace parlane::rt {

/// One item in flight; its data, zeroed when it is free, follows.
struct alignas(64) Token {
    int64_t item = 0;
    uint32_t stage = 0;
    bool ended = false;    ///< passes what is left of the turnstiles without running
    bool admitted = false; ///< holds the unordered stage it stands at
    Segment *segment = nullptr;
    Token *next = nullptr; ///< free list
    void *data() { return this + 1; }
};
static_assert(sizeof(Token) == 64);

/// The entrance of a stage.
struct Turnstile {
    int64_t next;                ///< serial: the item whose turn it is
    Token **waiting;             ///< serial: by item modulo limit; unordered: a queue
    int64_t first, queued;       ///< unordered
    bool busy;                   ///< unordered
};

struct Pipeline {
    const par_pipe *pipe = nullptr;
    void *env = nullptr;
    int64_t limit = 0;
    Lock lock;
    Token *free = nullptr;
    Token **ready = nullptr; ///< a heap by item number
    int64_t ready_count = 0, in_flight = 0;
    int64_t next_item = 0;
    bool source_busy = false, source_done = false;
    Segment *next_segment = nullptr; ///< of the item that the source makes next; null while output needs no order
    Turnstile *gates = nullptr;
};

} // namespace parlane::rt
