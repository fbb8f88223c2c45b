// Filtering and flat-mapping collects: each block keeps its values in a buffer of its own; afterwards all move to the
// exact result.
#include "runtime/sched/region.h"

#include <cstring>

namespace parlane::rt {

namespace {

/// The sink of one block; `sizes` is behind `columns` for par_rt_sink_grow, which sees only the sink.
struct Kept {
    par_sink sink;
    const par_filter *filter;
};
static_assert(offsetof(Kept, sink) == 0);

struct Filter {
    const par_filter *filter;
    void *env;
    int64_t n, blocks;
    Kept *kept;
    int64_t *starts; ///< of each block in the result
    par_array *result;
};

int64_t bytesOf(const par_filter &filter, uint32_t column, int64_t count) { return count * filter.sizes[column]; }

/// Moves the kept values to buffers for `capacity`. Returns an outcome.
int32_t resize(Worker &w, Kept &kept, int64_t capacity) {
    const par_filter &filter = *kept.filter;
    uint8_t *fresh[PAR_MAX_COLUMNS] = {};
    for (uint32_t column = 0; column < filter.columns; ++column) {
        fresh[column] = static_cast<uint8_t *>(par_rt_alloc(&w, bytesOf(filter, column, capacity), 0));
        if (fresh[column]) continue;
        while (column-- > 0) par_rt_free(fresh[column], bytesOf(filter, column, capacity));
        return PAR_TRAPPED;
    }
    for (uint32_t column = 0; column < filter.columns; ++column) {
        uint8_t *&data = kept.sink.data[column];
        auto filled = static_cast<size_t>(bytesOf(filter, column, kept.sink.count));
        if (filled > 0) memcpy(fresh[column], data, filled);
        par_rt_free(data, bytesOf(filter, column, kept.sink.capacity));
        data = fresh[column];
    }
    kept.sink.capacity = capacity;
    return PAR_OK;
}

void freeKept(Kept &kept, bool drop) {
    const par_filter &filter = *kept.filter;
    for (uint32_t column = 0; column < filter.columns; ++column) {
        uint8_t *data = kept.sink.data[column];
        if (drop && filter.drop && filter.drop[column])
            for (int64_t i = 0; i < kept.sink.count; ++i) filter.drop[column](data + bytesOf(filter, column, i));
        par_rt_free(data, bytesOf(filter, column, kept.sink.capacity));
    }
}

int32_t keepBody(Worker &w, Region &r, int64_t lo, int64_t hi) {
    auto &f = *static_cast<Filter *>(r.env);
    const par_loop &loop = f.filter->loop;
    for (int64_t block = lo; block < hi; ++block) {
        Kept &kept = f.kept[block];
        int64_t from = block * loop.block, to = from + loop.block < f.n ? from + loop.block : f.n;
        if (int32_t o = resize(w, kept, to - from)) return o;
        if (int32_t o = loop.strip(&w, f.env, from, to, &kept.sink)) return o;
        if (kept.sink.count * 2 < kept.sink.capacity)
            if (int32_t o = resize(w, kept, kept.sink.count)) return o;
    }
    return PAR_OK;
}

int32_t moveBody(Worker &, Region &r, int64_t lo, int64_t hi) {
    auto &f = *static_cast<Filter *>(r.env);
    for (int64_t block = lo; block < hi; ++block) {
        Kept &kept = f.kept[block];
        for (uint32_t column = 0; column < f.filter->columns; ++column) {
            if (kept.sink.count == 0) break;
            auto *into = static_cast<uint8_t *>(f.result[column].data) + bytesOf(*f.filter, column, f.starts[block]);
            memcpy(into, kept.sink.data[column], static_cast<size_t>(bytesOf(*f.filter, column, kept.sink.count)));
        }
    }
    return PAR_OK;
}

/// Places of the blocks and arrays of the exact size.
int32_t layOut(Worker &w, Filter &f) {
    int64_t total = 0;
    for (int64_t block = 0; block < f.blocks; ++block) {
        f.starts[block] = total;
        total += f.kept[block].sink.count;
    }
    for (uint32_t column = 0; column < f.filter->columns; ++column) {
        f.result[column] = {nullptr, total};
        if (total == 0) continue;
        f.result[column].data = par_rt_alloc(&w, bytesOf(*f.filter, column, total), 0);
        if (f.result[column].data) continue;
        while (column-- > 0) par_rt_free(f.result[column].data, bytesOf(*f.filter, column, total));
        return PAR_TRAPPED;
    }
    return PAR_OK;
}

int32_t runPass(Worker &w, Filter &f, Region::Body body, double unit_ns) {
    Region r;
    openRegion(w, r, body, f.filter, &f, f.filter->loop.site);
    r.unit_ns = unit_ns;
    return runRegion(w, r, f.blocks);
}

int32_t runFilter(Worker &w, Filter &f) {
    const par_loop &loop = f.filter->loop;
    for (int64_t block = 0; block < f.blocks; ++block) f.kept[block].filter = f.filter;
    int32_t o = runPass(w, f, keepBody, static_cast<double>(loop.ns_per_unit) * static_cast<double>(loop.block));
    if (o == PAR_OK) o = layOut(w, f);
    if (o == PAR_OK && (o = runPass(w, f, moveBody, 0)) != PAR_OK)
        for (uint32_t column = 0; column < f.filter->columns; ++column)
            par_rt_free(f.result[column].data, bytesOf(*f.filter, column, f.result[column].n));
    for (int64_t block = 0; block < f.blocks; ++block) freeKept(f.kept[block], o != PAR_OK);
    return o;
}

} // namespace

} // namespace parlane::rt

using namespace parlane::rt;

extern "C" int32_t par_rt_filter(par_ctx *ctx, const par_filter *filter, void *env, int64_t n, void *result) {
    Worker &w = workerOf(ctx);
    par_array columns[PAR_MAX_COLUMNS] = {};
    par_filter finer = *filter;
    finer.loop.block = freeBlock(filter->loop.block, n);
    filter = &finer;
    int64_t block_size = finer.loop.block;
    Filter f{filter, env, n < 0 ? 0 : n, 0, nullptr, nullptr, columns};
    f.blocks = (f.n + block_size - 1) / block_size;
    if (f.blocks > 0) {
        int64_t kept_bytes = f.blocks * static_cast<int64_t>(sizeof(Kept));
        int64_t start_bytes = f.blocks * static_cast<int64_t>(sizeof(int64_t));
        auto *block = static_cast<uint8_t *>(par_rt_alloc(ctx, kept_bytes + start_bytes, 1));
        if (!block) return PAR_TRAPPED;
        f.kept = reinterpret_cast<Kept *>(block);
        f.starts = reinterpret_cast<int64_t *>(block + kept_bytes);
        int32_t o = runFilter(w, f);
        par_rt_free(block, kept_bytes + start_bytes);
        if (o) return o;
    }
    memcpy(result, columns, filter->columns * sizeof(par_array));
    return PAR_OK;
}

extern "C" int32_t par_rt_sink_grow(par_ctx *ctx, par_sink *sink, int64_t more) {
    auto &kept = *reinterpret_cast<Kept *>(sink);
    int64_t wanted = sink->count + more, doubled = sink->capacity * 2;
    if (wanted <= sink->capacity) return PAR_OK;
    return resize(workerOf(ctx), kept, wanted > doubled ? wanted : doubled);
}
