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

/// Is it cheaper to run the loop as it is? `unit_ns` is estimated or learned (then looked at again from time to time).
bool isSmall(Worker &w, const par_loop &loop, int64_t units, double unit_ns) {
    constexpr uint64_t kLooksAgain = 64;
    if (units == 1) return true;
    if (pool.mode != Mode::Normal || unit_ns <= 0) return false;
    if (static_cast<double>(units) * unit_ns >= kSmallLoopNs) return false;
    return loop.ns_per_unit > 0 || draw(w) % kLooksAgain != 0;
}

} // namespace

} // namespace parlane::rt

using namespace parlane::rt;

extern "C" int32_t par_rt_for(par_ctx *ctx, const par_loop *loop, void *env, int64_t units) {
    if (units <= 0) return PAR_OK;
    Worker &w = workerOf(ctx);
    double unit_ns = loop->ns_per_unit > 0 ? static_cast<double>(loop->ns_per_unit) : learnedNs(loop->site);
    if (isSmall(w, *loop, units, unit_ns)) {
        if (pool.stats) countSerial(w, loop->site);
        return loop->strip(ctx, env, 0, units, nullptr);
    }
    Region r;
    openRegion(w, r, forBody, loop, env, loop->site);
    r.unit_ns = unit_ns;
    int32_t outcome = runRegion(w, r, units);
    if (loop->ns_per_unit <= 0) learnNs(loop->site, r.measured_ns);
    return outcome;
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
