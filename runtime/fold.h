// The state of one fold.
#pragma once
#include "runtime/sched/region.h"

namespace parlane::rt {

struct AnyOrderAcc;

/// A flag of par_loop beside PAR_LOOP_*: on the calling thread, from left to right (a predicate that a proof needs fails).
inline constexpr uint32_t kSerialFold = 4;

struct Fold {
    const par_loop *loop = nullptr;
    void *env = nullptr;
    int64_t n = 0, leaves = 0;
    int64_t group = 1, units = 1;           ///< leaves in a unit of scheduling, number of units
    std::atomic<void *> *nodes = nullptr;   ///< slots for pairs, level by level from the units up
    Segment **ends = nullptr;               ///< by unit: the segment in which its output ends
    void *first_leaf = nullptr;             ///< leaf 0, if it was computed to see what a leaf costs
    uint8_t *values = nullptr;              ///< of all iterations, if they were computed beforehand
    int64_t values_bytes = 0;
    void *root = nullptr;                   ///< the result
    std::atomic<AnyOrderAcc *> accs{nullptr}; ///< PAR_LOOP_ANY_ORDER: one a worker

    /// A new accumulator, initialised, which belongs to the caller with outcome 0.
    int32_t make(Worker &w, void *&acc) const;
    /// Drops and frees.
    void release(void *acc) const;
    /// Frees what was moved from.
    void discard(void *acc) const;
};

/// Each leaves the result in `root`, or a failure.
int32_t foldInOrder(Worker &w, Fold &fold);
int32_t foldAnyOrder(Worker &w, Fold &fold);

} // namespace parlane::rt
