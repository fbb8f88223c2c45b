// The public queue of a worker: what it has given away and nobody has begun. Cold: at most a few operations per 20 µs.
#pragma once
#include "runtime/sched/lock.h"

namespace parlane::rt {

struct Region;
struct Segment;

/// Units lo … hi - 1 of a region, to be run in order by whoever takes it.
struct Task {
    Region *region = nullptr;
    int64_t lo = 0, hi = 0;
    Segment *segment = nullptr; ///< where its output goes
    int32_t home = 0;           ///< number of the worker that gave it away
    double unit_ns = 0;         ///< what the giver knows of the cost of a unit
};

/// Is `region` the region `above` or inside it? Both must be alive.
bool isInside(const Region *region, const Region *above);

/// Bounded; full means that work stays latent. Each ring has its own lock; `count` lets others look without it.
class Ring {
public:
    static constexpr uint32_t kRoom = 64;

    /// Number of waiting tasks; seq_cst, because the protocol of sleeping needs a total order with `sleeping`.
    uint32_t size() const { return count.load(std::memory_order_seq_cst); }
    bool full() const { return count.load(std::memory_order_relaxed) == kRoom; }

    bool push(const Task &task) {
        Holding hold(lock);
        uint32_t n = count.load(std::memory_order_relaxed);
        if (n == kRoom) return false;
        tasks[n] = task;
        count.store(n + 1, std::memory_order_seq_cst);
        return true;
    }

    /// The youngest (or oldest) task inside `above` (null: any). Regions of waiting tasks are alive while the lock is
    /// held.
    bool take(Task &task, const Region *above, bool oldest) {
        if (size() == 0) return false;
        Holding hold(lock);
        uint32_t n = count.load(std::memory_order_relaxed);
        for (uint32_t i = 0; i < n; ++i) {
            uint32_t at = oldest ? i : n - 1 - i;
            if (above && !isInside(tasks[at].region, above)) continue;
            task = tasks[at];
            for (uint32_t k = at; k + 1 < n; ++k) tasks[k] = tasks[k + 1];
            count.store(n - 1, std::memory_order_seq_cst);
            return true;
        }
        return false;
    }

private:
    Lock lock;
    std::atomic<uint32_t> count{0};
    Task tasks[kRoom];
};

} // namespace parlane::rt
