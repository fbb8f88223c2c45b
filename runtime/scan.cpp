// `scan`: blocks evaluate and total in parallel, a serial prefix over the totals, blocks scan in place in parallel.
#include "runtime/sched/region.h"

#include <atomic>
#include <cstring>

namespace parlane::rt {

namespace {

struct Scan {
    const par_loop *loop;
    void *env;
    int64_t n, blocks;
    uint8_t *totals;   ///< of each block; zeroed first, and dropping zero does nothing
    uint8_t *prefixes; ///< in front of each block
    int64_t bytes;     ///< of each of the two
    /// Blocks that are applied already, from the left. Only who runs block `applied` moves it on, so there is one at a time.
    std::atomic<int64_t> applied{0};

    uint8_t *total(int64_t block) const { return totals + block * loop->acc_size; }
    uint8_t *prefix(int64_t block) const { return prefixes + block * loop->acc_size; }
    int64_t end(int64_t block) const { return (block + 1) * loop->block < n ? (block + 1) * loop->block : n; }
};

int32_t initAcc(Worker &w, const Scan &scan, void *acc) {
    if (scan.loop->init) return scan.loop->init(&w, scan.env, acc);
    memset(acc, 0, scan.loop->acc_size);
    return PAR_OK;
}

void dropAccs(const Scan &scan, uint8_t *accs) {
    if (scan.loop->drop)
        for (int64_t block = 0; block < scan.blocks; ++block) scan.loop->drop(accs + block * scan.loop->acc_size);
}

/// Everything left of the block is known: it is turned into prefixes while it is in the cache, and the prefix of the next one
/// is made. The same operations on the same values as in the later passes.
void applyEarly(Worker &w, Scan &scan, int64_t block) {
    if (block + 1 < scan.blocks) {
        memcpy(scan.prefix(block + 1), scan.prefix(block), scan.loop->acc_size);
        scan.loop->combine(&w, scan.env, scan.prefix(block + 1), scan.total(block));
    }
    scan.loop->apply(&w, scan.env, block * scan.loop->block, scan.end(block), scan.prefix(block));
    scan.applied.store(block + 1, std::memory_order_release);
}

int32_t evaluateBody(Worker &w, Region &r, int64_t lo, int64_t hi) {
    auto &scan = *static_cast<Scan *>(r.env);
    for (int64_t block = lo; block < hi; ++block) {
        if (int32_t o = initAcc(w, scan, scan.total(block))) return o;
        int64_t from = block * scan.loop->block;
        if (int32_t o = scan.loop->strip(&w, scan.env, from, scan.end(block), scan.total(block))) return o;
        bool early = (scan.loop->flags & PAR_LOOP_EARLY) && scan.applied.load(std::memory_order_acquire) == block;
        if (early) applyEarly(w, scan, block);
    }
    return PAR_OK;
}

int32_t applyBody(Worker &w, Region &r, int64_t lo, int64_t hi) {
    auto &scan = *static_cast<Scan *>(r.env);
    int64_t applied = scan.applied.load(std::memory_order_relaxed);
    for (int64_t block = lo + applied; block < hi + applied; ++block) {
        int64_t from = block * scan.loop->block;
        if (int32_t o = scan.loop->apply(&w, scan.env, from, scan.end(block), scan.prefix(block))) return o;
    }
    return PAR_OK;
}

int32_t copyAcc(Worker &w, const Scan &scan, void *into, const void *from) {
    if (scan.loop->copy) return scan.loop->copy(&w, scan.env, into, from);
    memcpy(into, from, scan.loop->acc_size);
    return PAR_OK;
}

/// prefix of block b + 1 = prefix of block b op total of block b. Totals are consumed and left zero.
int32_t prefixTotals(Worker &w, Scan &scan) {
    for (int64_t block = scan.applied.load(std::memory_order_relaxed); block + 1 < scan.blocks; ++block) {
        if (int32_t o = copyAcc(w, scan, scan.prefix(block + 1), scan.prefix(block))) return o;
        int32_t o = scan.loop->combine(&w, scan.env, scan.prefix(block + 1), scan.total(block));
        memset(scan.total(block), 0, scan.loop->acc_size);
        if (o) return o;
    }
    return PAR_OK;
}

int32_t runPass(Worker &w, Scan &scan, Region::Body body, int64_t blocks) {
    Region r;
    openRegion(w, r, body, scan.loop, &scan, scan.loop->site);
    r.unit_ns = static_cast<double>(scan.loop->ns_per_unit) * static_cast<double>(scan.loop->block);
    return runRegion(w, r, blocks);
}

} // namespace

} // namespace parlane::rt

using namespace parlane::rt;

extern "C" int32_t par_rt_scan(par_ctx *ctx, const par_loop *loop, void *env, int64_t n) {
    if (n <= 0) return PAR_OK;
    Worker &w = workerOf(ctx);
    par_loop finer = *loop;
    if (loop->flags & PAR_LOOP_ANY_ORDER) finer.block = freeBlock(loop->block, n);
    loop = &finer;
    Scan scan{loop, env, n, (n + loop->block - 1) / loop->block, nullptr, nullptr, 0};
    scan.bytes = scan.blocks * loop->acc_size;
    scan.totals = static_cast<uint8_t *>(par_rt_alloc(ctx, 2 * scan.bytes, 1));
    if (!scan.totals) return PAR_TRAPPED;
    scan.prefixes = scan.totals + scan.bytes;
    int32_t o = initAcc(w, scan, scan.prefix(0));
    if (o == PAR_OK) o = runPass(w, scan, evaluateBody, scan.blocks);
    int64_t left = scan.blocks - scan.applied.load(std::memory_order_relaxed);
    if (o == PAR_OK && left > 0) o = prefixTotals(w, scan);
    if (o == PAR_OK && left > 0) o = runPass(w, scan, applyBody, left);
    dropAccs(scan, scan.totals);
    dropAccs(scan, scan.prefixes);
    par_rt_free(scan.totals, 2 * scan.bytes);
    return o;
}
