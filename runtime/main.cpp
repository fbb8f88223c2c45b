// The life of a program, and what blocks.
#include "runtime/fault.h"
#include "runtime/lib/text.h"
#include "runtime/print.h"
#include "runtime/sched/region.h"

#include <cmath>
#include <cstdlib>

using namespace parlane::rt;

namespace {

constexpr int kTrapStatus = 4, kErrorStatus = 5, kStoppedStatus = 130;
constexpr int64_t kSleepSliceNs = 10'000'000; ///< a sleeper notices requests this often

void printStats(par_ctx *ctx) {
    par_str text{};
    if (par_rt_stats(ctx, &text) != PAR_OK) return;
    Text json = textOf(&text);
    writeAll(2, json.data, json.size());
    dropText(text);
}

int statusOf(Worker &w, int32_t outcome) {
    if (outcome == PAR_OK) return 0;
    if (outcome == PAR_STOPPED) return kStoppedStatus;
    size_t length = 0;
    if (char *text = renderFault(*w.fault, length)) {
        writeAll(2, text, length);
        free(text);
    }
    return outcome == PAR_TRAPPED ? kTrapStatus : kErrorStatus;
}

} // namespace

extern "C" int32_t par_rt_main(const par_options *options, par_main entry) {
    return par_rt_run(
        options, [](par_ctx *ctx, void *data) { return (*static_cast<par_main *>(data))(ctx); }, &entry);
}

extern "C" int32_t par_rt_run(const par_options *options, int32_t (*entry)(par_ctx *, void *), void *data) {
    par_rt_configure(options);
    par_entry saved;
    par_ctx *ctx = par_rt_enter(&saved);
    int32_t outcome = entry(ctx, data);
    flushOutput(workerOf(ctx));
    int32_t status = statusOf(workerOf(ctx), outcome);
    if (pool.stats) printStats(ctx);
    par_rt_leave(ctx, &saved);
    return status;
}

extern "C" int32_t par_rt_sleep(par_ctx *ctx, void *, const void *seconds) {
    Worker &w = workerOf(ctx);
    double wanted;
    memcpy(&wanted, seconds, sizeof wanted);
    if (!(wanted > 0)) return PAR_OK;
    if (wanted > 1e9) wanted = 1e9;
    flushOutput(w);
    beforeBlocking(w);
    int64_t until = nowNs() + static_cast<int64_t>(std::ceil(wanted * 1e9));
    std::atomic<uint32_t> never{0};
    for (int64_t now; (now = nowNs()) < until;) {
        futexWaitFor(never, 0, until - now < kSleepSliceNs ? until - now : kSleepSliceNs);
        if (__atomic_load_n(&w.requests, __ATOMIC_RELAXED) != 0)
            if (int32_t o = par_rt_poll_slow(ctx)) return o;
    }
    return PAR_OK;
}
