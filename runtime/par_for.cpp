// `par for` and `invoke`: the plain uses of a range.
#include "runtime/sched/region.h"

namespace parlane::rt {

namespace {

/// A loop estimated below this is not worth a region: it runs as one strip.
constexpr double kSmallLoopNs = 2'000;

int32_t forBody(Worker &w, Region &r, int64_t lo, int64_t hi) {
    return static_cast<const par_loop *>(r.what)->strip(&w, r.env, lo, hi, nullptr);
}

int32_t invokeBody(Worker &w, Region &r, int64_t lo, int64_t) {
    return static_cast<const par_invoke *>(r.what)->branch(&w, r.env, static_cast<int32_t>(lo));
}

bool isSmall(const par_loop &loop, int64_t units) {
    if (units == 1) return true;
    if (pool.mode != Mode::Normal || loop.ns_per_unit <= 0) return false;
    return static_cast<double>(units) * static_cast<double>(loop.ns_per_unit) < kSmallLoopNs;
}

} // namespace

} // namespace parlane::rt

using namespace parlane::rt;

extern "C" int32_t par_rt_for(par_ctx *ctx, const par_loop *loop, void *env, int64_t units) {
    if (units <= 0) return PAR_OK;
    Worker &w = workerOf(ctx);
    if (isSmall(*loop, units)) {
        if (pool.stats) countSerial(w, loop->site);
        return loop->strip(ctx, env, 0, units, nullptr);
    }
    Region r;
    openRegion(w, r, forBody, loop, env, loop->site);
    r.unit_ns = static_cast<double>(loop->ns_per_unit);
    return runRegion(w, r, units);
}

extern "C" int32_t par_rt_invoke(par_ctx *ctx, const par_invoke *invoke, void *env) {
    if (invoke->count <= 0) return PAR_OK;
    Worker &w = workerOf(ctx);
    Region r;
    openRegion(w, r, invokeBody, invoke, env, invoke->site);
    r.most_units = 1;
    return runRegion(w, r, invoke->count);
}

extern "C" int32_t par_rt_join(par_ctx *ctx, par_record *record, int32_t own_outcome) {
    Worker &w = workerOf(ctx);
    w.tail = record->prev;
    Region &r = regionOf(*record);
    if (own_outcome != PAR_OK) lowerStop(w, r, record->next - 1, own_outcome);
    if (record->next < r.own_end) runRange(w, r, record->next, r.own_end);
    int32_t outcome = closeRegion(w, r);
    giveRegion(w, &r);
    return outcome;
}
