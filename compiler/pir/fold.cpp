#include "compiler/pir/fold.h"

#include <algorithm>
#include <new>

namespace parlane::pir {

FoldPlan planFold(ValueOps &ops, const Types &types, std::vector<FoldPlan::Part> parts, int64_t rank, bool from_first) {
    FoldPlan plan;
    plan.rank = rank;
    plan.from_first = from_first;
    plan.lanes = plan.exact = !parts.empty();
    int64_t widest = 1;
    for (FoldPlan::Part &part : parts) {
        const Type &type = types[part.type];
        bool scalars = isScalar(type.kind) || type.kind == TypeKind::Tuple;
        if (type.kind == TypeKind::Tuple)
            for (TypeId member : type.parts) scalars = scalars && isScalar(types.kind(member));
        part.owns = types.owns(part.type);
        plan.lanes = plan.lanes && scalars && !part.view && part.op != FoldOp::Fn;
        plan.exact = plan.exact && part.op != FoldOp::Fn && ops.exact(part.type);
        widest = std::max(widest, ops.widest(part.type));
    }
    plan.partials = plan.lanes && !plan.exact ? (widest <= 4 ? 64 : 32) : 1;
    plan.parts = std::move(parts);
    return plan;
}

int64_t aggregateBlock(int64_t iterations, int64_t scalars) {
    return std::max((iterations + 255) / 256, 8 * std::max<int64_t>(scalars, 1));
}

namespace {
constexpr std::align_val_t kAlign{64};
}

Fold::Fold(ValueOps &ops, Layouts &layouts, const FoldPlan &plan, FoldCalls calls, std::vector<int64_t> counts, int64_t iterations,
           int64_t scalars)
    : ops(ops), layouts(layouts), plan(plan), calls(std::move(calls)), counts(std::move(counts)) {
    for (size_t k = 0; k < plan.parts.size(); ++k) {
        offsets.push_back(bytes);
        bytes += (layouts.size(plan.parts[k].type) * this->counts[k] + 63) / 64 * 64;
    }
    block = plan.lanes ? kFoldBlock : aggregateBlock(iterations, scalars);
}

Fold::~Fold() {
    for (char *values : partials) release(values);
    for (const Leaf &leaf : rows) release(leaf.values);
    for (const Leaf &leaf : blocks) release(leaf.values);
    if (!plan.lanes) release(current);
    release(result);
}

char *Fold::fresh() {
    auto *values = static_cast<char *>(::operator new(static_cast<size_t>(std::max<int64_t>(bytes, 1)), kAlign));
    std::memset(values, 0, static_cast<size_t>(bytes));
    return values;
}

void Fold::release(char *values) {
    if (!values) return;
    for (size_t k = 0; k < plan.parts.size(); ++k)
        if (plan.parts[k].owns)
            for (int64_t i = 0; i < counts[k]; ++i) ops.drop(plan.parts[k].type, values + offsets[k] + i * layouts.size(plan.parts[k].type));
    ::operator delete(values, kAlign);
}

int32_t Fold::initialise(char *values) {
    for (size_t k = 0; k < plan.parts.size(); ++k) {
        const FoldPlan::Part &part = plan.parts[k];
        char *place = values + offsets[k];
        if (part.op == FoldOp::Fn) {
            if (int32_t o = calls.init(k, place)) return o;
        } else {
            for (int64_t i = 0; i < counts[k]; ++i) ops.identity(part.type, part.op, place + i * layouts.size(part.type));
        }
    }
    return PAR_OK;
}

int32_t Fold::fold(size_t k, void *left, void *right) {
    const FoldPlan::Part &part = plan.parts[k];
    if (part.op == FoldOp::Fn) return calls.combine(k, left, right);
    int64_t size = layouts.size(part.type);
    for (int64_t i = 0; i < counts[k]; ++i)
        ops.combine(part.type, part.op, static_cast<char *>(left) + i * size, static_cast<char *>(right) + i * size, part.whole);
    return PAR_OK;
}

int32_t Fold::merge(Leaf &left, Leaf &right) {
    if (left.has && right.has) {
        for (size_t k = 0; k < plan.parts.size(); ++k)
            if (int32_t o = fold(k, left.values + offsets[k], right.values + offsets[k])) return o;
    } else if (right.has) {
        std::swap(left.values, right.values);
        left.has = true;
    }
    release(right.values);
    right.values = nullptr;
    return PAR_OK;
}

int32_t Fold::push(std::vector<Leaf> &tree, Leaf leaf) {
    tree.push_back(leaf);
    while (tree.size() >= 2 && tree[tree.size() - 2].level == tree.back().level) {
        if (int32_t o = merge(tree[tree.size() - 2], tree.back())) return o;
        tree.pop_back();
        ++tree.back().level;
    }
    return PAR_OK;
}

int32_t Fold::collapse(std::vector<Leaf> &tree, Leaf &into) {
    while (tree.size() >= 2) {
        if (int32_t o = merge(tree[tree.size() - 2], tree.back())) return o;
        tree.pop_back();
    }
    into = tree.back();
    tree.pop_back();
    into.level = 0;
    return PAR_OK;
}

int32_t Fold::start() {
    if (plan.lanes) {
        for (int64_t j = 0; j < plan.partials; ++j) partials.push_back(fresh());
        current = partials[0];
        current_has = true;
        return initialise(current);
    }
    current = fresh();
    current_has = !plan.from_first;
    return plan.from_first ? PAR_OK : initialise(current);
}

int32_t Fold::beginRow(int64_t n) {
    if (!plan.lanes || plan.exact) return PAR_OK;
    lanes_in_use = n <= plan.partials ? 1 : plan.partials;
    position = 0;
    current = partials[0];
    for (int64_t j = 0; j < lanes_in_use; ++j)
        if (int32_t o = initialise(partials[static_cast<size_t>(j)])) return o;
    return PAR_OK;
}

/// Partials combine by halving into a new leaf; the partials start again.
int32_t Fold::finishLanes(Leaf &into) {
    for (int64_t half = lanes_in_use / 2; half >= 1; half /= 2)
        for (int64_t j = 0; j < half; ++j)
            for (size_t k = 0; k < plan.parts.size(); ++k)
                fold(k, partials[static_cast<size_t>(j)] + offsets[k], partials[static_cast<size_t>(j + half)] + offsets[k]);
    into = {partials[0], true, 0};
    partials[0] = fresh();
    current = partials[0];
    for (int64_t j = 0; j < lanes_in_use; ++j) initialise(partials[static_cast<size_t>(j)]);
    return PAR_OK;
}

int32_t Fold::advance() {
    ++position;
    if (plan.exact) return PAR_OK;
    if (plan.lanes) {
        if (lanes_in_use == 1) return PAR_OK;
        if (position % block == 0) {
            Leaf leaf;
            finishLanes(leaf);
            if (int32_t o = push(blocks, leaf)) return o;
        }
        current = partials[static_cast<size_t>(position % plan.partials)];
        return PAR_OK;
    }
    if (position % block) return PAR_OK;
    Leaf leaf = {current, current_has, 0};
    current = nullptr;
    if (int32_t o = push(rows, leaf)) return o;
    current = fresh();
    current_has = !plan.from_first;
    return plan.from_first ? PAR_OK : initialise(current);
}

int32_t Fold::endRow() {
    if (!plan.lanes || plan.exact) return PAR_OK;
    Leaf leaf;
    if (blocks.empty() || position % block) {
        finishLanes(leaf);
        if (int32_t o = push(blocks, leaf)) return o;
    }
    if (int32_t o = collapse(blocks, leaf)) return o;
    return push(rows, leaf);
}

int32_t Fold::finish(bool &any) {
    Leaf leaf{nullptr, false, 0};
    if (plan.exact || (plan.lanes && rows.empty())) {
        leaf = {current, true, 0};
        if (plan.lanes) partials[0] = nullptr;
        current = nullptr;
        if (!plan.exact)
            if (int32_t o = initialise(leaf.values)) return result = leaf.values, o;
    } else {
        if (!plan.lanes && (rows.empty() || position % block)) {
            Leaf last = {current, current_has, 0};
            current = nullptr;
            if (int32_t o = push(rows, last)) return o;
        }
        if (int32_t o = collapse(rows, leaf)) return o;
    }
    result = leaf.values;
    any = leaf.has;
    for (size_t k = 0; k < plan.parts.size(); ++k)
        for (int64_t i = 0; plan.parts[k].op != FoldOp::Fn && i < counts[k]; ++i)
            ops.finishSum(plan.parts[k].type, plan.parts[k].op, result + offsets[k] + i * layouts.size(plan.parts[k].type));
    return PAR_OK;
}

// --- scan ---

Scan::Scan(ValueOps &ops, const Types &types, Layouts &layouts, const FoldPlan &plan, FoldCalls calls, bool inclusive)
    : ops(ops), plan(plan), calls(std::move(calls)), type(plan.parts[0].type), size(static_cast<size_t>(layouts.size(type))),
      inclusive(inclusive), owns(types.owns(type)), running(size), total(size), prefix(size) {}

Scan::~Scan() {
    if (!owns) return;
    for (auto *acc : {&running, &total, &prefix}) ops.drop(type, acc->data());
}

int32_t Scan::begin(std::vector<char> &acc) {
    if (owns) ops.drop(type, acc.data());
    std::memset(acc.data(), 0, size);
    if (plan.parts[0].op == FoldOp::Fn) return calls.init(0, acc.data());
    ops.identity(type, plan.parts[0].op, acc.data());
    ops.finishSum(type, plan.parts[0].op, acc.data()); // scans of + start from 0.0
    return PAR_OK;
}

int32_t Scan::fold(void *left, void *right) {
    if (plan.parts[0].op == FoldOp::Fn) return calls.combine(0, left, right);
    ops.combine(type, plan.parts[0].op, left, right, plan.parts[0].whole);
    return PAR_OK;
}

int32_t Scan::start() {
    for (auto *acc : {&running, &total, &prefix})
        if (int32_t o = begin(*acc)) return o;
    return PAR_OK;
}

int32_t Scan::step(void *value, void *target) {
    auto copied = [&](void *into, void *from) {
        if (!owns) return std::memcpy(into, from, size), true;
        return ops.copy(type, into, from);
    };
    if (position && position % kFoldBlock == 0 && !plan.exact) {
        if (int32_t o = fold(prefix.data(), total.data())) return o;
        if (int32_t o = begin(total)) return o;
        if (owns) ops.drop(type, running.data());
        if (!copied(running.data(), prefix.data())) return PAR_TRAPPED;
    }
    ++position;
    if (!inclusive && !copied(target, running.data())) return PAR_TRAPPED;
    std::vector<char> again(size);
    if (!copied(again.data(), value)) return PAR_TRAPPED;
    int32_t o = fold(running.data(), value);
    if (!o) o = fold(total.data(), again.data());
    if (owns) ops.drop(type, again.data());
    if (o) return o;
    if (inclusive && !copied(target, running.data())) return PAR_TRAPPED;
    return PAR_OK;
}

// --- filter ---

Columns::Columns(ValueOps &ops, Layouts &layouts, const RuntimeTable &runtime, std::vector<TypeId> column_types)
    : ops(ops), layouts(layouts), runtime(runtime), types(std::move(column_types)), data(types.size(), nullptr) {}

Columns::~Columns() {
    for (size_t k = 0; k < types.size(); ++k) {
        int64_t size = layouts.size(types[k]);
        for (int64_t i = 0; data[k] && i < count; ++i) ops.drop(types[k], data[k] + i * size);
        runtime.free(data[k], capacity * size);
    }
}

bool Columns::push(std::span<void *const> values) {
    if (count == capacity) {
        int64_t wider = std::max<int64_t>(16, capacity * 2);
        std::vector<char *> made;
        for (TypeId type : types) {
            made.push_back(static_cast<char *>(runtime.alloc(ops.ctx, wider * layouts.size(type), 0)));
            if (made.back()) continue;
            for (size_t k = 0; k + 1 < made.size(); ++k) runtime.free(made[k], wider * layouts.size(types[k]));
            return false;
        }
        for (size_t k = 0; k < types.size(); ++k) {
            int64_t size = layouts.size(types[k]);
            if (count) std::memcpy(made[k], data[k], static_cast<size_t>(count * size));
            runtime.free(data[k], capacity * size);
            data[k] = made[k];
        }
        capacity = wider;
    }
    for (size_t k = 0; k < types.size(); ++k) {
        int64_t size = layouts.size(types[k]);
        std::memcpy(data[k] + count * size, values[k], static_cast<size_t>(size));
    }
    ++count;
    return true;
}

bool Columns::finish(void *result) {
    std::vector<char *> exact;
    for (size_t k = 0; k < types.size(); ++k) {
        exact.push_back(static_cast<char *>(runtime.alloc(ops.ctx, count * layouts.size(types[k]), 0)));
        if (exact.back()) continue;
        for (size_t i = 0; i < k; ++i) runtime.free(exact[i], count * layouts.size(types[i]));
        return false;
    }
    for (size_t k = 0; k < types.size(); ++k) {
        int64_t size = layouts.size(types[k]);
        if (count) std::memcpy(exact[k], data[k], static_cast<size_t>(count * size));
        runtime.free(data[k], capacity * size);
        data[k] = nullptr;
        std::memcpy(static_cast<char *>(result) + 16 * k, &exact[k], 8);
        std::memcpy(static_cast<char *>(result) + 16 * k + 8, &count, 8);
    }
    count = capacity = 0;
    return true;
}

} // namespace parlane::pir
