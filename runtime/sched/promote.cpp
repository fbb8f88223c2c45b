// Promotion: latent work (records in frames, the rest of a range) becomes a task that others can take; and the slow
// ends of polls.
#include "runtime/fault.h"
#include "runtime/print.h"
#include "runtime/sched/region.h"

#include <cstdlib>
#include <cstring>
#include <new>

namespace parlane::rt {

namespace {

constexpr int kFarthest = 1024;               ///< records looked at, youngest first
constexpr double kWorthSharingNs = 20'000;    ///< as in range.cpp: rest of a range
constexpr int64_t kSpawnPriceNs = 20'000;     ///< a promotion at a spawn for every so many nanoseconds …
constexpr int64_t kSpawnBurstNs = 16 * kSpawnPriceNs; ///< … after a burst of 16
constexpr uint32_t kSkippedSpawns = 16;       ///< between two looks at the clock when there is no credit

struct Latent {
    par_record *record = nullptr;
    Activation act;
    Segment *segment = nullptr;
};

/// End of the branches that the owner still has.
int64_t ownEnd(const par_record &record) { return record.taken ? regionOf(record).own_end : record.invoke->count; }

bool isWorth(const par_record &record) {
    if (record.invoke) {
        if (record.next >= ownEnd(record)) return false;
        return !record.taken || !isStoppedAt(regionOf(record), record.next);
    }
    auto &piece = static_cast<const Piece &>(record);
    if (piece.lo >= piece.hi || isStoppedAt(regionOf(piece), piece.lo)) return false;
    if (pool.mode != Mode::Normal) return piece.hi - piece.lo >= regionOf(piece).grain;
    if (!piece.sure) return true; // unknown: the first strip is still running
    return piece.unit_ns * static_cast<double>(piece.hi - piece.lo) > kWorthSharingNs;
}

/// The oldest record with work to give, with the activation and the segment it belongs to.
Latent oldestLatent(const Worker &w) {
    Latent best;
    Activation act = w.act;
    Segment *segment = w.segment;
    int seen = 0;
    for (par_record *record = w.tail; record && seen < kFarthest; record = record->prev, ++seen) {
        if (isWorth(*record)) best = {record, act, segment};
        if (record->invoke) continue;
        auto &piece = static_cast<const Piece &>(*record);
        act = piece.outer;
        if (piece.segment) segment = piece.segment;
    }
    return best;
}

/// Mode::StealAlways: waits for a taker while there can be one, until the construct has been shared at least once.
void awaitTaker(Worker &w, const par_site *site, uint32_t waiting) {
    if (workersAt(site) > 1) return;
    int64_t until = nowNs() + 2'000'000;
    auto wanted = [] { return pool.hungry.load(std::memory_order_relaxed) > 0; };
    while (w.ring.size() >= waiting && wanted() && nowNs() < until) yieldThread();
}

int64_t firstGiven(Worker &w, int64_t lo, int64_t hi) {
    int64_t n = hi - lo;
    if (pool.mode == Mode::Seeded) return lo + static_cast<int64_t>(draw(w) % static_cast<uint64_t>(n));
    return hi - (n + 1) / 2;
}

int32_t branchBody(Worker &w, Region &r, int64_t lo, int64_t) {
    return static_cast<const par_invoke *>(r.what)->branch(&w, r.env, static_cast<int32_t>(lo));
}

bool giveBranches(Worker &w, const Latent &latent) {
    par_record &record = *latent.record;
    bool first = !record.taken;
    if (w.ring.full()) return false;
    if (first) {
        Region *r = takeRegion(w);
        if (!r) return false;
        Activation here = w.act;
        w.act = latent.act;
        openRegion(w, *r, branchBody, record.invoke, &record + 1, record.invoke->site);
        w.act = here;
        r->most_units = 1;
        r->own_end = record.invoke->count;
        setRegion(record, r);
    }
    Region &r = regionOf(record);
    int64_t from = firstGiven(w, record.next, r.own_end);
    if (!publish(w, r, from, r.own_end, latent.segment, first)) {
        if (first) giveRegion(w, &r);
        return false;
    }
    record.taken = 1;
    r.own_end = from;
    return true;
}

/// Spawns take the fast path again until somebody gets hungry or asks for something. Those who are hungry now have tasks
/// in our ring: they were woken for them, and ask again if somebody else was faster.
void disarmSpawns(Worker &w) {
    __atomic_store_n(&w.spawn_limit, w.stack_limit, __ATOMIC_SEQ_CST);
    // Whoever got hungry or asked in between either stored the limit after us or is seen here (README, "Requests").
    bool wanted = mayShare() && pool.hungry.load(std::memory_order_seq_cst) > static_cast<int>(w.ring.size());
    if (wanted || __atomic_load_n(&w.requests, __ATOMIC_SEQ_CST) != 0)
        __atomic_store_n(&w.spawn_limit, UINTPTR_MAX, __ATOMIC_SEQ_CST);
}

/// Perturbing schedules: one spawn of how many is given away. Rarer as a construct repeats, so that tests come to an
/// end.
uint64_t spawnRarity(const Worker &w) {
    if (pool.mode == Mode::Seeded) return 4;
    int64_t parts = partsAt(w.tail->invoke->site);
    return parts < 256 ? 1 : parts < 4096 ? 8 : 64;
}

bool overflows(const Worker &w) {
    char here;
    return reinterpret_cast<uintptr_t>(&here) < w.stack_limit;
}

} // namespace

void setSerialBelow(Worker &w) {
    constexpr uintptr_t kLatentBytes = 1536; ///< of stack with latent work: about ten levels of small frames
    char here;
    auto at = reinterpret_cast<uintptr_t>(&here);
    if (!mayShare()) w.serial_below = UINTPTR_MAX;
    else if (pool.mode == Mode::Normal) w.serial_below = at - kLatentBytes;
    else w.serial_below = pool.mode == Mode::Seeded ? at - draw(w) % (2 * kLatentBytes) : 0;
}

bool publish(Worker &w, Region &r, int64_t lo, int64_t hi, Segment *at, bool first, double unit_ns) {
    if (w.ring.full()) return false; // only we push
    Task task{&r, lo, hi, nullptr, w.worker, unit_ns};
    if (!insertSegments(at, &task.segment, first ? &r.behind : nullptr)) return false;
    if (first) {
        r.shared = true;
        countPart(r.site, w, false);
    }
    r.pending.fetch_add(1, std::memory_order_relaxed); // handed over with the task by the lock of the ring
    w.ring.push(task);
    uint32_t waiting = w.ring.size();
    wakeFor(task);
    if (pool.mode == Mode::StealAlways) awaitTaker(w, r.site, waiting);
    return true;
}

bool mayPromote(Worker &w) {
    if (w.skipped > 0) {
        --w.skipped;
        return false;
    }
    int64_t now = nowNs();
    if (w.credit_ns < now) w.credit_ns = now;
    if (w.credit_ns - now > kSpawnBurstNs) {
        w.skipped = kSkippedSpawns;
        return false;
    }
    w.credit_ns += kSpawnPriceNs;
    return true;
}

Region *takeRegion(Worker &w) {
    if (Region *r = w.free_regions) {
        w.free_regions = r->next_free;
        r->next_free = nullptr;
        return r;
    }
    void *block = malloc(sizeof(Region));
    return block ? new (block) Region : nullptr;
}

void giveRegion(Worker &w, Region *r) {
    r->shared = false;
    r->behind = nullptr;
    r->stop.store(kRunning, std::memory_order_relaxed);
    r->next_free = w.free_regions;
    w.free_regions = r;
}

bool givePiece(Worker &w, Piece &piece, int64_t from, Segment *segment) {
    Region &r = regionOf(piece);
    if (!publish(w, r, from, piece.hi, segment, !piece.task && !r.shared, piece.unit_ns)) return false;
    piece.hi = from;
    return true;
}

bool giveAway(Worker &w) {
    Latent latent = oldestLatent(w);
    if (!latent.record) return false;
    if (latent.record->invoke) return giveBranches(w, latent);
    auto &piece = static_cast<Piece &>(*latent.record);
    return givePiece(w, piece, firstGiven(w, piece.lo, piece.hi), latent.segment);
}

bool hasLatent(const Worker &w) { return oldestLatent(w).record != nullptr; }

void beforeBlocking(Worker &w) {
    if (!mayShare()) return;
    while (somebodyWants(w) && giveAway(w)) {}
}

} // namespace parlane::rt

using namespace parlane::rt;

extern "C" int32_t par_rt_poll_slow(par_ctx *ctx) {
    Worker &w = workerOf(ctx);
    // First the limit, then the bits: a request that comes in between raises the limit again. The exchange pairs with
    // the
    // fetch_or in ask().
    __atomic_store_n(&w.limit, w.stack_limit, __ATOMIC_RELAXED);
    uint32_t bits = __atomic_exchange_n(&w.requests, 0, __ATOMIC_ACQ_REL);
    if (overflows(w)) return trapWith(w, PAR_TRAP_stack);
    if ((bits & kAskStop) && isStopped(w)) return PAR_STOPPED;
    if ((bits & kAskWork) && mayShare() && somebodyWants(w)) giveAway(w);
    return PAR_OK;
}

extern "C" int32_t par_rt_spawn_wanted(par_ctx *ctx) {
    Worker &w = workerOf(ctx);
    if (overflows(w) || __atomic_load_n(&w.requests, __ATOMIC_RELAXED) != 0) return 1;
    if (mayShare() && pool.mode != Mode::Normal) return draw(w) % 4 == 0;
    if (!mayShare() || !somebodyWants(w)) {
        disarmSpawns(w);
        return 0;
    }
    return mayPromote(w) && !giveAway(w);
}

extern "C" int32_t par_rt_spawn_deeper(par_ctx *ctx, void *result) {
    Worker &w = workerOf(ctx);
    memcpy(result, &w.serial_below, sizeof w.serial_below);
    setSerialBelow(w);
    return PAR_OK;
}

extern "C" int32_t par_rt_spawn_as_before(par_ctx *ctx, void *, const void *before) {
    memcpy(&ctx->serial_below, before, sizeof ctx->serial_below);
    return PAR_OK;
}

extern "C" int32_t par_rt_spawn_slow(par_ctx *ctx) {
    Worker &w = workerOf(ctx);
    if (overflows(w)) return trapWith(w, PAR_TRAP_stack);
    if (__atomic_load_n(&w.requests, __ATOMIC_RELAXED) != 0)
        if (int32_t o = par_rt_poll_slow(ctx)) return o;
    if (!mayShare()) {
        disarmSpawns(w);
        return PAR_OK;
    }
    if (pool.mode == Mode::Normal) {
        if (!somebodyWants(w))
            disarmSpawns(w);
        else if (mayPromote(w))
            giveAway(w);
        return PAR_OK;
    }
    if (draw(w) % spawnRarity(w) == 0) giveAway(w);
    return PAR_OK;
}
