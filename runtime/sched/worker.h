// A worker: the thread-owned state behind `par_ctx`. Only members marked shared are touched by other threads.
#pragma once
#include "parlane/runtime.h"
#include "runtime/sched/ring.h"

namespace parlane::rt {

struct Region;
struct Segment;
struct Piece;

/// What a thread runs: the innermost region that it works in and the ordinal there. No region at the top.
struct Activation {
    Region *region = nullptr;
    int64_t ordinal = 0;
};

inline constexpr uint32_t kAskWork = 1; ///< request: somebody is hungry
inline constexpr uint32_t kAskStop = 2; ///< request: some region was stopped; look whether it is ours

/// A free list of blocks of one size, see memory.cpp.
struct FreeList {
    void *head = nullptr;
    uint32_t count = 0;
};
inline constexpr int kSizeClasses = 10; ///< 64 bytes << class, up to 32 KiB

struct alignas(128) Worker : par_ctx {
    // --- the owner's ---
    uintptr_t stack_limit = 0; ///< what `limit` is while nothing is requested
    Activation act;
    Segment *segment = nullptr; ///< where `print` goes
    Region *free_regions = nullptr;
    int64_t credit_ns = 0; ///< promotions at spawns: time from which on they are paid for, see promote.cpp
    uint32_t skipped = 0;  ///< spawns since the clock was read
    uint32_t depth = 0;    ///< entries of this thread, nested ones included
    uint64_t random = 0;
    FreeList lists[kSizeClasses];
    par_fault fault_storage{};

    // --- shared ---
    alignas(128) Ring ring;
    /// 1: somebody woke this worker since it announced that it would sleep.
    std::atomic<uint32_t> wake{0};
    /// Set while the worker is on the pool's list of sleepers (changed under the pool's lock).
    std::atomic<bool> sleeping{false};
    /// Set while sleeping in a join with latent work in frames below: who asks for work wakes this worker.
    std::atomic<bool> holds_latent{false};
    Region *awaits = nullptr; ///< under the pool's lock, while sleeping: wants only tasks inside this region; null: any
    Worker *next_sleeper = nullptr;
};

inline Worker &workerOf(par_ctx *ctx) { return *static_cast<Worker *>(ctx); }

/// The worker of the calling thread; null outside an entry.
Worker *currentWorker();

} // namespace parlane::rt
