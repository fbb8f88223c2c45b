// Folds whose operator is exactly associative and commutative (integers): one accumulator a worker, combined at the
// end.
#include "runtime/fold.h"

#include <cstdlib>
#include <new>

namespace parlane::rt {

struct AnyOrderAcc {
    int32_t worker;
    void *acc;
    AnyOrderAcc *next;
};

namespace {

/// The accumulator of this worker. A worker is in at most one strip of a region at a time: while it waits inside one
/// it runs only
/// what lies further in.
int32_t ownAcc(Worker &w, Fold &fold, void *&acc) {
    AnyOrderAcc *first = fold.accs.load(std::memory_order_acquire);
    for (AnyOrderAcc *a = first; a; a = a->next)
        if (a->worker == w.worker) {
            acc = a->acc;
            return PAR_OK;
        }
    auto *made = static_cast<AnyOrderAcc *>(par_rt_alloc(&w, sizeof(AnyOrderAcc), 0));
    if (!made) return PAR_TRAPPED;
    if (int32_t o = fold.make(w, acc)) {
        par_rt_free(made, sizeof(AnyOrderAcc));
        return o;
    }
    *made = {w.worker, acc, first};
    while (!fold.accs.compare_exchange_weak(made->next, made, std::memory_order_acq_rel)) {}
    return PAR_OK;
}

int32_t anyOrderBody(Worker &w, Region &r, int64_t lo, int64_t hi) {
    auto &fold = *static_cast<Fold *>(r.env);
    void *acc = nullptr;
    if (int32_t o = ownAcc(w, fold, acc)) return o;
    int64_t from = lo * fold.loop->block, to = hi * fold.loop->block;
    return fold.loop->strip(&w, fold.env, from, to < fold.n ? to : fold.n, acc);
}

} // namespace

int32_t foldAnyOrder(Worker &w, Fold &fold) {
    const par_loop *given = fold.loop;
    par_loop finer = *given;
    finer.block = freeBlock(finer.block, fold.n);
    fold.loop = &finer;
    fold.leaves = (fold.n + finer.block - 1) / finer.block;
    Region r;
    openRegion(w, r, anyOrderBody, fold.loop, &fold, fold.loop->site);
    r.unit_ns = static_cast<double>(fold.loop->ns_per_unit) * static_cast<double>(fold.loop->block);
    int32_t o = runRegion(w, r, fold.leaves);
    for (AnyOrderAcc *a = fold.accs.load(std::memory_order_relaxed), *next; a; a = next) {
        next = a->next;
        if (!fold.root && o == PAR_OK) {
            fold.root = a->acc;
        } else if (o == PAR_OK) {
            o = fold.loop->combine(&w, fold.env, fold.root, a->acc);
            fold.discard(a->acc);
        } else {
            fold.release(a->acc);
        }
        par_rt_free(a, sizeof(AnyOrderAcc));
    }
    if (o != PAR_OK && fold.root) fold.release(fold.root);
    fold.loop = given;
    return o;
}

} // namespace parlane::rt
