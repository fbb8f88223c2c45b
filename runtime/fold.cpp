// `reduce`: leaves (blocks of the language's fold order) combined in the tree that splits at the largest power of two
// below their
// number. The shape depends on the iterations alone; which worker computes what does not matter.
#include "runtime/fold.h"
#include "runtime/fault.h"

#include <cstring>

namespace parlane::rt {

namespace {

constexpr double kUnitNs = 8'000;        ///< leaves are grouped until a unit of scheduling takes about this long
constexpr double kWorthSharingNs = 20'000;
constexpr int64_t kMostUnits = 1024;
constexpr int kLevels = 64;

/// A left-to-right run over an aligned group of leaves: partials of 2^k leaves, largest at the bottom.
class Partials {
public:
    Partials(Worker &w, const Fold &fold) : w(w), fold(fold) {}
    ~Partials() {
        while (height > 0) fold.release(held[--height]);
    }
    Partials(const Partials &) = delete;
    Partials &operator=(const Partials &) = delete;

    /// The next leaf's accumulator, which now belongs to us. Returns an outcome.
    int32_t push(void *acc) {
        held[height++] = acc;
        for (int64_t i = leaves++; i & 1; i >>= 1)
            if (int32_t o = combineTop()) return o;
        return PAR_OK;
    }
    /// Combines what is left; the result belongs to the caller.
    int32_t finish(void *&acc) {
        while (height > 1)
            if (int32_t o = combineTop()) return o;
        acc = held[--height];
        return PAR_OK;
    }

private:
    int32_t combineTop() {
        void *right = held[--height];
        int32_t o = fold.loop->combine(&w, fold.env, held[height - 1], right);
        fold.discard(right);
        return o;
    }
    Worker &w;
    const Fold &fold;
    void *held[kLevels];
    int height = 0;
    int64_t leaves = 0;
};

/// One leaf. Returns an outcome; `acc` belongs to the caller only with 0.
int32_t runLeaf(Worker &w, const Fold &fold, int64_t leaf, void *&acc) {
    if (int32_t o = fold.make(w, acc)) return o;
    int64_t lo = leaf * fold.loop->block, hi = lo + fold.loop->block;
    if (hi > fold.n) hi = fold.n;
    int32_t o = PAR_OK;
    if (fold.values)
        o = fold.loop->fold_values(&w, fold.env, fold.values + lo * fold.loop->value_size, hi - lo, acc);
    else
        o = fold.loop->strip(&w, fold.env, lo, hi, acc);
    if (o) fold.release(acc);
    return o;
}

/// Leaves first … last - 1, where `first` starts an aligned group.
int32_t runGroup(Worker &w, Fold &fold, int64_t first, int64_t last, void *&acc) {
    Partials partials(w, fold);
    for (int64_t leaf = first; leaf < last; ++leaf) {
        void *one = nullptr;
        if (leaf == 0 && fold.first_leaf) {
            one = fold.first_leaf;
            fold.first_leaf = nullptr;
        } else {
            if (__atomic_load_n(&w.requests, __ATOMIC_RELAXED) != 0)
                if (int32_t o = par_rt_poll_slow(&w)) return o;
            if (int32_t o = runLeaf(w, fold, leaf, one)) return o;
        }
        if (int32_t o = partials.push(one)) return o;
    }
    return partials.finish(acc);
}

/// Brings the accumulator of a unit into the tree: whoever comes second to a node combines and goes on upwards.
void completeUnit(Worker &w, Region &r, Fold &fold, int64_t unit, void *acc) {
    std::atomic<void *> *level = fold.nodes; // one slot for each pair of this level
    int64_t count = fold.units, i = unit;
    for (int height = 0; count > 1; ++height, i >>= 1) {
        int64_t pairs = (count + 1) / 2;
        if ((i ^ 1) < count) {
            // Acquire and release: the accumulator's contents travel with the pointer.
            void *other = level[i >> 1].exchange(acc, std::memory_order_acq_rel);
            if (!other) return;
            level[i >> 1].store(nullptr, std::memory_order_relaxed);
            void *left = i & 1 ? other : acc, *right = i & 1 ? acc : other;
            // In the serial run this happens directly after the last unit of the right part, and what that printed is
            // in front. Its segment is still there: that of whoever combines, further left, is not closed.
            int64_t end = ((i | 1) + 1) << height;
            int64_t ordinal = (end < fold.units ? end : fold.units) - 1;
            w.act.ordinal = ordinal;
            int32_t o = fold.loop->combine(&w, fold.env, left, right);
            fold.discard(right);
            w.act.ordinal = unit;
            if (o) {
                fold.release(left);
                lowerStop(w, r, ordinal, o, fold.ends[ordinal]);
                return;
            }
            acc = left;
        }
        level += pairs;
        count = pairs;
    }
    fold.root = acc;
}

int32_t foldBody(Worker &w, Region &r, int64_t lo, int64_t hi) {
    auto &fold = *static_cast<Fold *>(r.env);
    for (int64_t unit = lo; unit < hi; ++unit) {
        if (isStoppedAt(r, unit)) return PAR_DONE;
        w.act.ordinal = unit;
        int64_t first = unit * fold.group, last = first + fold.group;
        void *acc = nullptr;
        int32_t o = runGroup(w, fold, first, last < fold.leaves ? last : fold.leaves, acc);
        if (o) {
            lowerStop(w, r, unit, o);
            return PAR_DONE;
        }
        fold.ends[unit] = w.segment;
        completeUnit(w, r, fold, unit, acc);
    }
    return PAR_OK;
}

int32_t valuesBody(Worker &w, Region &r, int64_t lo, int64_t hi) {
    auto &fold = *static_cast<Fold *>(r.env);
    return fold.loop->values(&w, fold.env, lo, hi, fold.values + lo * fold.loop->value_size);
}

/// The number of leaves in a unit: a power of two; all of them if sharing would not pay.
int64_t chooseGroup(const Fold &fold, double leaf_ns) {
    int64_t group = 1;
    bool normal = pool.mode == Mode::Normal;
    if (!mayShare() || (normal && leaf_ns * static_cast<double>(fold.leaves - 1) < kWorthSharingNs))
        while (group < fold.leaves) group *= 2;
    auto tooSmall = [&] {
        return group * kMostUnits < fold.leaves || (normal && leaf_ns * static_cast<double>(group) < kUnitNs);
    };
    while (group < fold.leaves && tooSmall()) group *= 2;
    return group;
}

/// The fold when all of it is one unit, or shared.
int32_t runTree(Worker &w, Fold &fold, double leaf_ns) {
    fold.group = fold.loop->flags & kSerialFold ? std::max<int64_t>(fold.leaves, 1) : chooseGroup(fold, leaf_ns);
    fold.units = (fold.leaves + fold.group - 1) / fold.group;
    if (fold.units == 1) {
        if (pool.stats) countSerial(w, fold.loop->site);
        bool unknown = fold.loop->ns_per_unit <= 0 && !fold.values && mayShare();
        int64_t before = unknown ? nowNs() : 0;
        int32_t o = runGroup(w, fold, 0, fold.leaves, fold.root);
        if (unknown) learnNs(fold.loop->site, static_cast<double>(nowNs() - before) / static_cast<double>(fold.leaves));
        return o;
    }
    auto slots = fold.units + kLevels; // ceil(n/2) + ceil(n/4) + …
    int64_t bytes = (slots + fold.units) * static_cast<int64_t>(sizeof(void *));
    fold.nodes = static_cast<std::atomic<void *> *>(par_rt_alloc(&w, bytes, 1));
    if (!fold.nodes) return PAR_TRAPPED;
    fold.ends = reinterpret_cast<Segment **>(fold.nodes + slots);
    Region r;
    openRegion(w, r, foldBody, fold.loop, &fold, fold.loop->site);
    r.unit_ns = leaf_ns * static_cast<double>(fold.group);
    int32_t o = runRegion(w, r, fold.units);
    if (fold.loop->ns_per_unit <= 0 && !fold.values)
        learnNs(fold.loop->site, r.measured_ns / static_cast<double>(fold.group));
    if (o != PAR_OK) {
        for (int64_t i = 0; i < slots; ++i)
            if (void *acc = fold.nodes[i].load(std::memory_order_relaxed)) fold.release(acc);
        if (fold.root) fold.release(fold.root);
        fold.root = nullptr;
    }
    par_rt_free(fold.nodes, bytes);
    return o;
}

/// Dear bodies: the values of all blocks are computed as a plain parallel loop and folded afterwards. 0 if that does
/// not pay.
int32_t computeValues(Worker &w, Fold &fold, bool &done) {
    const par_loop &loop = *fold.loop;
    done = false;
    if (!loop.values || loop.flags & kSerialFold || !mayShare() || fold.n < 2 || fold.leaves >= 4 * pool.threads) return PAR_OK;
    double value_ns = static_cast<double>(loop.ns_per_unit);
    bool cheap = value_ns > 0 && value_ns * static_cast<double>(fold.n) < kWorthSharingNs;
    if (pool.mode == Mode::Normal && cheap) return PAR_OK;
    int64_t bytes = fold.n * loop.value_size;
    fold.values = static_cast<uint8_t *>(par_rt_alloc(&w, bytes, 0));
    if (!fold.values) return PAR_TRAPPED;
    fold.values_bytes = bytes;
    Region r;
    openRegion(w, r, valuesBody, fold.loop, &fold, loop.site);
    r.unit_ns = value_ns;
    done = true;
    return runRegion(w, r, fold.n);
}

} // namespace

int32_t Fold::make(Worker &w, void *&acc) const {
    void *made = par_rt_alloc(&w, loop->acc_size, 0);
    if (!made) return PAR_TRAPPED;
    if (!loop->init) {
        memset(made, 0, loop->acc_size);
    } else if (int32_t o = loop->init(&w, env, made)) {
        discard(made);
        return o;
    }
    acc = made;
    return PAR_OK;
}

void Fold::release(void *acc) const {
    if (loop->drop) loop->drop(acc);
    discard(acc);
}

void Fold::discard(void *acc) const { par_rt_free(acc, loop->acc_size); }

int32_t foldInOrder(Worker &w, Fold &fold) {
    const par_loop &loop = *fold.loop;
    bool have_values = false;
    if (int32_t o = computeValues(w, fold, have_values)) {
        if (fold.values) par_rt_free(fold.values, fold.values_bytes);
        return o;
    }
    double leaf_ns = have_values ? 1 : static_cast<double>(loop.ns_per_unit) * static_cast<double>(loop.block);
    if (leaf_ns <= 0) leaf_ns = learnedNs(loop.site);
    int32_t o = PAR_OK;
    if (leaf_ns <= 0) { // the first leaf shows what one costs
        int64_t before = nowNs();
        o = runLeaf(w, fold, 0, fold.first_leaf);
        if (o) fold.first_leaf = nullptr;
        leaf_ns = static_cast<double>(nowNs() - before);
    }
    if (o == PAR_OK) {
        o = runTree(w, fold, leaf_ns);
        if (fold.first_leaf) fold.release(fold.first_leaf);
    }
    if (fold.values) par_rt_free(fold.values, fold.values_bytes);
    return o;
}

} // namespace parlane::rt

using namespace parlane::rt;

namespace {

/// One leaf that is not worth dividing: no accumulator but the result.
int32_t foldOneLeaf(par_ctx *ctx, const par_loop &loop, void *env, int64_t n, void *result) {
    if (!loop.init)
        memset(result, 0, loop.acc_size);
    else if (int32_t o = loop.init(ctx, env, result))
        return o;
    int32_t o = loop.strip(ctx, env, 0, n, result);
    if (o && loop.drop) loop.drop(result);
    return o;
}

} // namespace

extern "C" int32_t par_rt_fold(par_ctx *ctx, const par_loop *loop, void *env, int64_t n, void *result) {
    Worker &w = workerOf(ctx);
    if (n > 0 && n <= loop->block && !(loop->values && mayShare()) && !(loop->flags & PAR_LOOP_ANY_ORDER && isPerturbed())) {
        if (pool.stats) countSerial(w, loop->site);
        return foldOneLeaf(ctx, *loop, env, n, result);
    }
    Fold fold;
    fold.loop = loop;
    fold.env = env;
    fold.n = n < 0 ? 0 : n;
    fold.leaves = (fold.n + loop->block - 1) / loop->block;
    int32_t o = PAR_OK;
    if (fold.leaves == 0) {
        o = fold.make(w, fold.root);
    } else if (loop->flags & PAR_LOOP_ANY_ORDER) {
        o = foldAnyOrder(w, fold);
    } else {
        o = foldInOrder(w, fold);
    }
    if (o) return o;
    memcpy(result, fold.root, loop->acc_size);
    fold.discard(fold.root);
    return PAR_OK;
}
