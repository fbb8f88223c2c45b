// `first`: the smallest hit stops everything above it.
#include "runtime/sched/region.h"

#include <cstring>

namespace parlane::rt {

namespace {

struct First {
    const par_loop *loop;
    void *env;
    int64_t n, block;
    uint8_t *best; ///< the smallest hit so far; under the region's lock
    bool has_best;
};

struct Hit {
    First *first;
    const void *value;
};

/// Under the lock of the region: this hit is the smallest.
void keepHit(void *raw) {
    auto &hit = *static_cast<Hit *>(raw);
    First &f = *hit.first;
    if (f.has_best && f.loop->drop) f.loop->drop(f.best);
    memcpy(f.best, hit.value, f.loop->acc_size);
    f.has_best = true;
}

int32_t searchBody(Worker &w, Region &r, int64_t lo, int64_t hi) {
    auto &f = *static_cast<First *>(r.env);
    alignas(64) uint8_t in_place[256];
    uint32_t size = f.loop->acc_size;
    void *acc = in_place;
    if (size > sizeof in_place && !(acc = par_rt_alloc(&w, size, 0))) return PAR_TRAPPED;
    int32_t o = PAR_OK;
    for (int64_t block = lo; block < hi && o == PAR_OK && !isStoppedAt(r, block); ++block) {
        memset(acc, 0, size);
        int64_t from = block * f.block, to = from + f.block < f.n ? from + f.block : f.n;
        w.act.ordinal = block;
        o = f.loop->strip(&w, f.env, from, to, acc);
        if (o != PAR_DONE) continue;
        Hit hit{&f, acc};
        if (!lowerToHit(w, r, block, keepHit, &hit) && f.loop->drop) f.loop->drop(acc);
    }
    if (acc != in_place) par_rt_free(acc, size);
    return o;
}

} // namespace

} // namespace parlane::rt

using namespace parlane::rt;

extern "C" int32_t par_rt_first(par_ctx *ctx, const par_loop *loop, void *env, int64_t n, void *result) {
    if (n <= 0) return PAR_OK;
    Worker &w = workerOf(ctx);
    First f{loop, env, n, freeBlock(loop->block > 0 ? loop->block : 1, n), nullptr, false};
    f.best = static_cast<uint8_t *>(par_rt_alloc(ctx, loop->acc_size, 1));
    if (!f.best) return PAR_TRAPPED;
    Region r;
    openRegion(w, r, searchBody, loop, &f, loop->site);
    r.unit_ns = static_cast<double>(loop->ns_per_unit) * static_cast<double>(f.block);
    int32_t o = runRegion(w, r, (n + f.block - 1) / f.block);
    if (o == PAR_DONE)
        memcpy(result, f.best, loop->acc_size);
    else if (f.has_best && loop->drop)
        loop->drop(f.best);
    par_rt_free(f.best, loop->acc_size);
    return o;
}
