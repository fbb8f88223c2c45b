#include "runtime/sched/region.h"
#include "runtime/fault.h"
#include "runtime/print.h"

#include <new>

namespace parlane::rt {

bool isInside(const Region *region, const Region *above) {
    while (region && region->depth > above->depth) region = region->parent;
    return region == above;
}

void openRegion(Worker &w, Region &r, Region::Body body, const void *what, void *env, const par_site *site) {
    r.body = body;
    r.what = what;
    r.env = env;
    r.site = site;
    r.parent = w.act.region;
    r.ordinal = w.act.ordinal;
    r.depth = r.parent ? r.parent->depth + 1 : 1;
    r.owner = &w;
}

namespace {

/// Under the lock. Is this smaller than what stopped the region so far? Then what that left is dropped.
bool isSmaller(Region &r, uint64_t wanted) {
    if (wanted >= r.stop.load(std::memory_order_relaxed)) return false;
    if (r.fault) {
        giveFault(r.fault);
        r.fault = nullptr;
    }
    return true;
}

/// The word is looked at again and again by pieces; the owner reads it after `pending`.
void storeStop(Worker &w, Region &r, uint64_t wanted) {
    r.stop.store(wanted, std::memory_order_release);
    if (r.pending.load(std::memory_order_relaxed) > 0) askAll(kAskStop, &w);
}

} // namespace

void lowerStop(Worker &w, Region &r, int64_t ordinal, int32_t outcome, Segment *segment) {
    uint64_t wanted = static_cast<uint64_t>(ordinal) << 2 | static_cast<uint64_t>(outcome);
    Holding hold(r.lock);
    if (!isSmaller(r, wanted)) {
        clearFault(*w.fault);
        return;
    }
    if (outcome != PAR_STOPPED) {
        r.fault = w.fault;
        w.fault = takeFault();
    }
    holdSegment(segment);
    r.cut = segment;
    storeStop(w, r, wanted);
}

bool lowerToHit(Worker &w, Region &r, int64_t ordinal, void (*keep)(void *), void *argument) {
    uint64_t wanted = static_cast<uint64_t>(ordinal) << 2 | kFound;
    Holding hold(r.lock);
    if (!isSmaller(r, wanted)) return false;
    keep(argument);
    storeStop(w, r, wanted);
    return true;
}

bool isStopped(const Worker &w) {
    if (pool.interrupted.load(std::memory_order_relaxed)) return true;
    int64_t ordinal = w.act.ordinal;
    for (const Region *r = w.act.region; r; r = r->parent) {
        if (r->stop.load(std::memory_order_relaxed) >> 2 < static_cast<uint64_t>(ordinal)) return true;
        ordinal = r->ordinal;
    }
    return false;
}

int32_t closeRegion(Worker &w, Region &r) {
    if (r.behind) { // everything that is given away writes in front of this
        closeSegment(w.segment);
        w.segment = r.behind;
    }
    if (r.shared) {
        Task task;
        // Acquire pairs with the release of the last piece: what pieces wrote is ours to read.
        while (r.pending.load(std::memory_order_acquire) != 0)
            if (findTask(w, &r, task) || waitForTask(w, &r, task)) runTask(w, task);
    }
    if (pool.stats) r.shared ? countRun(r.site, true) : countSerial(w, r.site);
    if (r.cut) {
        if (r.behind) // else this worker alone wrote, and ended there
            discardBehind(r.cut, r.behind);
        else
            releaseSegment(r.cut);
        r.cut = nullptr;
    }
    uint64_t stop = r.stop.load(std::memory_order_acquire);
    // A request to stop may have been seen, and dropped, by a piece that it did not concern.
    if (stop == kRunning) return r.shared && isStopped(w) ? PAR_STOPPED : PAR_OK;
    if (par_fault *fault = r.fault) {
        r.fault = nullptr;
        par_fault *own = w.fault;
        w.fault = fault;
        giveFault(own);
    }
    uint64_t kind = stop & 3;
    return kind == kFound ? int32_t{PAR_DONE} : static_cast<int32_t>(kind);
}

void runTask(Worker &w, const Task &task) {
    Region &r = *task.region;
    Segment *segment = w.segment;
    w.segment = task.segment;
    countPart(r.site, w, task.home != w.worker);
    uintptr_t serial_below = w.serial_below;
    setSerialBelow(w);
    runRange(w, r, task.lo, task.hi, true, segment, task.unit_ns);
    w.serial_below = serial_below;
    closeSegment(w.segment);
    w.segment = segment;
    Worker *owner = r.owner; // `r` may be gone as soon as `pending` is 0
    // Release: what the piece wrote is visible to the owner. seq_cst: see README, "Sleeping".
    if (r.pending.fetch_sub(1, std::memory_order_seq_cst) == 1) wakeWorker(*owner);
}

int32_t runRegion(Worker &w, Region &r, int64_t n) {
    constexpr int64_t kMostParts = 64;
    if (pool.mode != Mode::Normal && r.most_units != 1) r.grain = 1 + n / kMostParts;
    runRange(w, r, 0, n);
    return closeRegion(w, r);
}

} // namespace parlane::rt
