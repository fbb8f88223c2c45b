// The one pool of the process: workers, who is hungry, who sleeps. Protocols: README.md beside this file.
#pragma once
#include "runtime/sched/worker.h"

namespace parlane::rt {

enum class Mode : uint8_t {
    Normal,
    Serial,      ///< nothing is given away
    StealAlways, ///< everything is given away as soon as it can be, and the giver waits until it is taken
    Reverse,     ///< what is given away is run from the highest unit down
    Seeded       ///< what to give away, how much and when is drawn from a seed
};

struct Pool {
    static constexpr int kMost = 1024; ///< workers at a time, threads of hosts included

    // Set before the first entry, constant afterwards (`once`).
    Mode mode = Mode::Normal;
    bool stats = false;
    bool spin = true; ///< there is a processor for every thread, so looking around for a moment harms nobody
    int threads = 1;
    uint64_t seed = 0;
    int argc = 0;
    const char *const *argv = nullptr;

    alignas(128) std::atomic<int> hungry{0}; ///< workers that look for work, and threads that are not started yet
    alignas(128) std::atomic<int> unstarted{0};
    std::atomic<int> slots{0}; ///< used part of `workers`
    std::atomic<Worker *> workers[kMost]{};
    std::atomic<bool> interrupted{false};

    alignas(128) std::atomic<int> sleepers{0}; ///< length of the list; seq_cst: see README, "Sleeping"
    Lock lock;                                 ///< guards the list, `awaits` and the free slots
    Worker *first_sleeper = nullptr;
    Worker *first_free = nullptr; ///< workers of host threads that have left, linked by next_sleeper
    bool configured = false;
};

extern Pool pool;

/// Reads options and environment once. `options` may be null.
void configurePool(const par_options *options);

/// May work of this worker be given to others at all?
inline bool mayShare() { return pool.threads > 1 && pool.mode != Mode::Serial; }

/// Does the schedule look for trouble? Then nothing is too small to be shared.
inline bool isPerturbed() { return pool.mode != Mode::Normal && pool.mode != Mode::Serial; }

/// The length of blocks that do not show in the result: perturbed schedules divide short loops as well.
inline int64_t freeBlock(int64_t block, int64_t n) {
    constexpr int64_t kPieces = 64;
    return isPerturbed() && n > 0 && n < kPieces * block ? (n + kPieces - 1) / kPieces : block;
}

/// Are there more hungry workers than tasks of this one waiting to be taken?
inline bool somebodyWants(const Worker &w) {
    return pool.hungry.load(std::memory_order_relaxed) > static_cast<int>(w.ring.size());
}

// --- enter.cpp ---
/// A slot for one more worker; null if memory or slots are out.
Worker *addWorker();
/// Makes `w` the worker of the calling thread: stack limit, thread-local pointer.
void bindWorker(Worker &w);

// --- promote.cpp ---
/// What is called from here spawns latent work for some frames, and runs serially below them.
void setSerialBelow(Worker &w);

// --- idle.cpp ---
/// Somebody may take `task`, which waits in a ring: wakes one sleeper that may run it, or starts a thread.
void wakeFor(const Task &task);
/// Wakes this worker if it sleeps.
void wakeWorker(Worker &w);
/// Sets request bits of a worker and makes its next poll slow.
void ask(Worker &w, uint32_t bits);
void askAll(uint32_t bits, const Worker *except);
/// A task inside `above` (null: any): the youngest of our own, else the oldest of somebody else.
bool findTask(Worker &w, const Region *above, Task &task);
/// Waits for a task inside `above`, or until `above` has no pieces left (then false).
bool waitForTask(Worker &w, Region *above, Task &task);
/// The life of a thread of the pool.
void workerMain(void *worker);

// --- stats.cpp ---
/// A construct was run: shared with others or not at all (only with `pool.stats`).
void countRun(const par_site *site, bool shared);
/// It was run by `w` alone.
void countSerial(const Worker &w, const par_site *site);
/// `w` begins a part; `stolen` from somebody else.
void countPart(const par_site *site, const Worker &w, bool stolen);

/// How many workers have taken part in a construct so far, and in how many parts it was run.
int64_t workersAt(const par_site *site);
int64_t partsAt(const par_site *site);

/// What a unit of the construct cost when it last ran here, 0: not known yet.
double learnedNs(const par_site *site);
void learnNs(const par_site *site, double unit_ns);

/// A number drawn from the worker's own sequence; for Mode::Seeded and for the choice of victims.
inline uint64_t draw(Worker &w) {
    w.random ^= w.random << 13;
    w.random ^= w.random >> 7;
    w.random ^= w.random << 17;
    return w.random;
}

} // namespace parlane::rt
