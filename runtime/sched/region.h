// A running construct: what its pieces share. Lives in the frame (or the store) of the worker that owns it.
#pragma once
#include "runtime/sched/pool.h"

namespace parlane::rt {

/// `stop`: ordinal << 2 | kind, where kind is 0 for a hit of `first`, else an outcome. Smaller wins.
inline constexpr uint64_t kRunning = UINT64_MAX;
inline constexpr uint64_t kFound = 0;

struct Region {
    /// Runs units lo … hi - 1 in order; a failure belongs to ordinal `lo`. PAR_DONE: failure or hit already noted.
    using Body = int32_t (*)(Worker &, Region &, int64_t lo, int64_t hi);

    // Set before anything is given away, constant afterwards.
    Body body = nullptr;
    const void *what = nullptr; ///< description of the construct, or its state
    void *env = nullptr;
    const par_site *site = nullptr;
    Region *parent = nullptr; ///< with `ordinal`: the activation in which the construct runs
    int64_t ordinal = 0;
    uint32_t depth = 1;
    Worker *owner = nullptr;
    double unit_ns = 0;        ///< estimated cost of a unit, 0: unknown
    double measured_ns = 0;    ///< what a unit cost in the owner's own run; set when that has ended
    int64_t most_units = 0;    ///< longest strip; 0: any
    int64_t grain = 1;         ///< perturbing schedules: ranges shorter than this are not split

    // The owner's.
    bool shared = false;        ///< something has been given away
    Segment *behind = nullptr;  ///< where output goes after the join, once something was given away
    int64_t own_end = 0;        ///< invoke: the branches from here on were given away

    // Shared.
    std::atomic<uint64_t> stop{kRunning};
    std::atomic<int64_t> pending{0}; ///< pieces given away and not ended
    Lock lock;                       ///< for lowering `stop`; guards `fault` and `cut`
    par_fault *fault = nullptr;
    Segment *cut = nullptr; ///< where the output of the serial run ends

    Region *next_free = nullptr;
};

/// The region of a record that was taken.
inline Region &regionOf(const par_record &record) { return *reinterpret_cast<Region *>(record.region); }
inline void setRegion(par_record &record, Region *r) { record.region = reinterpret_cast<par_region *>(r); }

/// The part of a range that an activation still has to run; a record in the worker's list of latent work, without
/// `invoke`.
struct Piece : par_record {
    int64_t lo, hi;     ///< units not begun
    double unit_ns;     ///< estimated or measured, 0: nothing known
    bool sure;          ///< measured over a time that can be measured
    Activation outer;   ///< what the worker ran before
    /// Where what lies further out in this thread continues its output, if not in the segment of this activation:
    /// below a task,
    /// and behind a pipeline.
    Segment *segment;
    bool task;          ///< begun by taking a task, not by the owner of the region
};

/// Fills in a region that `w` is about to run.
void openRegion(Worker &w, Region &r, Region::Body body, const void *what, void *env, const par_site *site);
/// Waits for all pieces, working on them; the outcome of the smallest failing ordinal, its fault in w.fault.
/// PAR_DONE: a hit.
int32_t closeRegion(Worker &w, Region &r);
/// Notes that `ordinal` ended with `outcome` (with the fault in w.fault), unless a smaller one did.
/// What the activation printed so far is in front of `segment`'s end; what stands behind that is thrown away in the
/// end.
void lowerStop(Worker &w, Region &r, int64_t ordinal, int32_t outcome, Segment *segment);
inline void lowerStop(Worker &w, Region &r, int64_t ordinal, int32_t outcome) {
    lowerStop(w, r, ordinal, outcome, w.segment);
}
/// Notes a hit of `first`. If it is the smallest so far, `keep(argument)` stores it, under the lock; returns whether
/// it is.
bool lowerToHit(Worker &w, Region &r, int64_t ordinal, void (*keep)(void *), void *argument);
/// Does a region that encloses what this worker runs want it to end?
bool isStopped(const Worker &w);
inline bool isStoppedAt(const Region &r, int64_t ordinal) {
    return r.stop.load(std::memory_order_relaxed) >> 2 <= static_cast<uint64_t>(ordinal);
}

/// Runs units lo … hi - 1, giving parts away where somebody wants them. `task`: begun by taking a task; `below` is
/// then the
/// segment of the activation that waits underneath, `unit_ns` what the giver knew of the cost.
void runRange(Worker &w, Region &r, int64_t lo, int64_t hi, bool task = false, Segment *below = nullptr,
              double unit_ns = 0);
/// Enters a region for a stretch of work: what `runRange` does around its strips.
void beginPiece(Worker &w, Region &r, Piece &piece, int64_t lo, int64_t hi, bool task, Segment *below);
void endPiece(Worker &w, Piece &piece);
/// Open, run, close.
int32_t runRegion(Worker &w, Region &r, int64_t n);
/// Runs a task taken from a ring.
void runTask(Worker &w, const Task &task);

// --- promote.cpp ---
/// Puts units lo … hi - 1 into this worker's ring; the activation that gives them away writes to `at`. `first`: it is
/// the owner's, and gives something away for the first time. False if there is no room; then nothing has changed.
bool publish(Worker &w, Region &r, int64_t lo, int64_t hi, Segment *at, bool first, double unit_ns = 0);
/// Is a promotion paid for? At most one in 20 µs on average, after a burst of 16.
bool mayPromote(Worker &w);
/// Makes the oldest latent work of this worker public. False if there is none (or no room).
bool giveAway(Worker &w);
/// Gives away units `from` … of a piece, whose activation writes to `segment`; false if there is no room.
bool givePiece(Worker &w, Piece &piece, int64_t from, Segment *segment);
/// Does a suspended frame of this worker hold latent work?
bool hasLatent(const Worker &w);
/// To be called before the thread blocks outside the runtime: others can then take all that is latent.
void beforeBlocking(Worker &w);
Region *takeRegion(Worker &w);
void giveRegion(Worker &w, Region *r);

} // namespace parlane::rt
