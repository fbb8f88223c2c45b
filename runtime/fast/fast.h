/* Fast paths: linked into generated code as bitcode and inlined. An `invoke` of n branches becomes
 *
 *     struct { par_record record; captures… } f;                 // env of the branches is &f.record + 1
 *     if ((o = par_fast_link(ctx, &f.record, &description))) → failed before anything began
 *     o = branch 0
 *     if (!par_fast_next(ctx, &f.record, 1, n, o)) goto join
 *     o = branch 1
 *     …                                                           // par_fast_next(…, k, n, o) before branch k
 *     o = branch n - 1                                            // the outcome of the whole
 *   join:                                                         // also behind the branch if there is only one
 *     o = par_fast_finish(ctx, &f.record, o)
 *
 * Branches run directly do so with their captures in registers; those given away run as `description.branch(ctx, env,
 * k)`. */
#ifndef PARLANE_FAST_H
#define PARLANE_FAST_H
#include "parlane/runtime.h"

#ifdef PAR_FAST_EXTERNAL
#define PAR_FAST __attribute__((always_inline))
#else
#define PAR_FAST static inline __attribute__((always_inline, unused))
#endif
#define PAR_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

/* Is the stack used up, or does somebody want something? 0, or the outcome to return. */
PAR_FAST int32_t par_fast_poll(par_ctx *ctx) {
    char here;
    if (PAR_UNLIKELY((uintptr_t)&here < __atomic_load_n(&ctx->limit, __ATOMIC_RELAXED))) return par_rt_poll_slow(ctx);
    return PAR_OK;
}

/* Has this thread spawned so deep that serial code will do from here on? */
PAR_FAST int32_t par_fast_deep(par_ctx *ctx) {
    char here;
    return (uintptr_t)&here < ctx->serial_below;
}

/* In serial code: is there a reason to spawn again (somebody wants work and there is no older latent work), to answer
 * a request, or to look at the stack? */
PAR_FAST int32_t par_fast_wanted(par_ctx *ctx) {
    char here;
    if (PAR_UNLIKELY((uintptr_t)&here < __atomic_load_n(&ctx->spawn_limit, __ATOMIC_RELAXED)))
        return par_rt_spawn_wanted(ctx);
    return 0;
}

/* Makes branches 1 … of an invoke latent work. With an outcome other than 0 nothing is linked. */
PAR_FAST int32_t par_fast_link(par_ctx *ctx, par_record *record, const par_invoke *invoke) {
    record->prev = ctx->tail;
    record->invoke = invoke;
    record->taken = 0;
    record->next = 1;
    ctx->tail = record;
    if (PAR_UNLIKELY((uintptr_t)record < __atomic_load_n(&ctx->spawn_limit, __ATOMIC_RELAXED))) {
        int32_t outcome = par_rt_spawn_slow(ctx);
        if (outcome != PAR_OK) {
            ctx->tail = record->prev;
            return outcome;
        }
    }
    return PAR_OK;
}

/* After a branch that ended with `outcome`, and before branch `k` of `n`: 1 if the caller runs branch k itself. */
PAR_FAST int32_t par_fast_next(par_ctx *ctx, par_record *record, int32_t k, int32_t n, int32_t outcome) {
    if (PAR_UNLIKELY(outcome != PAR_OK || record->taken)) return 0;
    record->next = k + 1;
    if (k + 1 == n) ctx->tail = record->prev;
    return 1;
}

/* The outcome of the whole; `outcome` is that of the last branch the caller ran. */
PAR_FAST int32_t par_fast_finish(par_ctx *ctx, par_record *record, int32_t outcome) {
    if (PAR_UNLIKELY(record->taken)) return par_rt_join(ctx, record, outcome);
    ctx->tail = record->prev;
    return outcome;
}

/* A loop estimated as too small to share runs as one strip, without a call into the runtime. */
PAR_FAST int32_t par_fast_for(par_ctx *ctx, const par_loop *loop, par_strip strip, void *env, int64_t units,
                              int64_t small) {
    if (units <= small) return units > 0 ? strip(ctx, env, 0, units, NULL) : PAR_OK;
    return par_rt_for(ctx, loop, env, units);
}

#endif
