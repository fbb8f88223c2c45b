#include "compiler/opt/facts.h"

#include "compiler/pir/scalar_ops.h"

#include <algorithm>
#include <limits>

namespace parlane::opt {

using namespace pir;

namespace {
constexpr int64_t kMax = std::numeric_limits<int64_t>::max(), kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kFar = int64_t{1} << 62; ///< constants beyond are not tracked
constexpr int kDepth = 8, kBudget = 400;
} // namespace

Facts::Facts(const Module &module, const Function &function) : module(module), function(function) { edges.emplace_back(); }

Facts::Node Facts::node(ValueId value) {
    if (auto c = constant(value); c && *c == 0) return kZero;
    if (const Op *op = made(value)) {
        if (op->code == OpCode::Extent) return extent(op->operands[0], op->integer(AttrKey::Dim));
        // A conversion that keeps the number: the same name.
        if (op->code == OpCode::Convert) {
            TypeKind from = kind(op->operands[0]), to = kind(value);
            bool widens = isInteger(from) && isInteger(to) && scalarBytes(from) < scalarBytes(to) && (isUnsigned(from) || isSigned(to));
            if (widens || from == to) return node(op->operands[0]);
        }
    }
    auto [found, fresh] = nodes.try_emplace(value.raw, static_cast<Node>(edges.size()));
    if (!fresh) return found->second;
    Node id = found->second;
    edges.emplace_back();
    if (auto c = constant(value); c && std::abs(*c) < kFar) {
        always(id, kZero, *c);
        always(kZero, id, -*c);
        return id;
    }
    TypeKind k = kind(value);
    if (isInteger(k) && scalarBytes(k) < 8) {
        int64_t bits = scalarBytes(k) * 8;
        int64_t hi = isSigned(k) ? (int64_t{1} << (bits - 1)) - 1 : (int64_t{1} << bits) - 1, lo = isSigned(k) ? -hi - 1 : 0;
        always(id, kZero, hi);
        always(kZero, id, -lo);
    }
    return id;
}

Facts::Node Facts::extent(ValueId view, int64_t dim) {
    auto [found, fresh] = extents.try_emplace({view.raw, dim}, static_cast<Node>(edges.size()));
    Node id = found->second;
    if (!fresh) return id;
    edges.emplace_back();
    always(kZero, id, 0); // extents are not negative
    const Op *op = made(view);
    if (op && op->code == OpCode::Slice) {
        int64_t dropped = op->integer(AttrKey::Dropped);
        auto at = static_cast<size_t>(1 + 2 * (dim + dropped));
        auto lo = constant(op->operands[at]);
        if (lo && *lo == 0) {
            Node hi = node(op->operands[at + 1]); // checked: 0 <= hi
            always(id, hi, 0);
            always(hi, id, 0);
        }
    } else if (op && op->code == OpCode::View) {
        const Type &t = module.types[module.types[function.type(op->operands[0])].elem];
        if (t.kind == TypeKind::Fixed) {
            int64_t n = t.dims[static_cast<size_t>(dim)];
            always(id, kZero, n);
            always(kZero, id, -n);
        } else if (const Op *array = arrayIn(*op)) {
            Node n = node(array->operands[static_cast<size_t>(dim)]);
            always(id, n, 0);
            always(n, id, 0);
        }
    } else if (op && op->code == OpCode::Reshape) {
        Node n = node(op->operands[static_cast<size_t>(dim) + 1]);
        always(id, n, 0);
        always(n, id, 0);
    }
    return id;
}

/// The op that made the array which a view looks at: stored once in a slot, in front of the view, and never replaced.
const Op *Facts::arrayIn(const Op &view) {
    if (!slots_known) findSlots();
    auto found = single_stores.find(view.operands[0].raw);
    if (found == single_stores.end()) return nullptr;
    const Op &store = function.ops[found->second];
    const Op *outer = &view;
    while (outer->parent != store.parent) {
        if (!outer->parent.valid() || !function.regions[outer->parent].op.valid()) return nullptr;
        outer = &function.ops[function.regions[outer->parent].op];
    }
    for (OpId id : function.regions[store.parent].ops) { // who comes first?
        if (&function.ops[id] == outer) return nullptr;
        if (id == found->second) break;
    }
    return made(store.operands[1]);
}

void Facts::findSlots() {
    slots_known = true;
    std::map<uint32_t, int> stores;
    const Op *next = nullptr;
    auto isReturned = [&](const Op &op) { return op.code == OpCode::Take && next && next->code == OpCode::Return; };
    for (uint32_t r = 0; r < function.regions.size(); ++r) {
        const auto &ops = function.regions[RegionId(r)].ops;
        for (size_t k = 0; k < ops.size(); ++k) {
            const Op &op = function.ops[ops[k]];
            next = k + 1 < ops.size() ? &function.ops[ops[k + 1]] : nullptr;
            for (size_t i = 0; i < op.operands.size(); ++i) {
                const Op *slot = made(op.operands[i]);
                if (!slot || slot->code != OpCode::Slot) continue;
                const Op *value = op.code == OpCode::Store && i == 0 ? made(op.operands[1]) : nullptr;
                if (op.code == OpCode::View || op.code == OpCode::Copy || isReturned(op)) continue;
                stores[slot->result.raw] += value && value->code == OpCode::Array ? 1 : 2;
                if (value) single_stores[slot->result.raw] = ops[k];
            }
        }
    }
    std::erase_if(single_stores, [&](const auto &entry) { return stores[entry.first] != 1; });
}

void Facts::add(Node x, Node y, int64_t c) {
    if (x == y || std::abs(c) >= kFar) return;
    edges[x].push_back({y, c, ++serial});
    trail.emplace_back(x, serial);
}

void Facts::forget(size_t mark) {
    while (trail.size() > mark) {
        auto [at, number] = trail.back();
        auto &list = edges[at];
        for (size_t i = list.size(); i-- > 0;) // what is certain for good may lie above
            if (list[i].serial == number) {
                list.erase(list.begin() + static_cast<ptrdiff_t>(i));
                break;
            }
        trail.pop_back();
    }
    while (!spans.empty() && spans.back().first > mark) spans.pop_back();
}

bool Facts::holds(Node x, Node y, int64_t c) {
    auto found = bound(x, y);
    return found && *found <= c;
}

std::optional<int64_t> Facts::bound(Node x, Node y) {
    if (x == y) return 0;
    best.resize(edges.size(), kMax);
    budget = kBudget;
    search(x, y, 0, 0);
    std::optional<int64_t> found;
    if (best[y] != kMax) found = best[y];
    for (Node n : touched) best[n] = kMax;
    touched.clear();
    return found;
}

/// Along the edges x <= y + c the constants add up; fewer is better.
void Facts::search(Node at, Node goal, int64_t have, int depth) {
    if (have >= best[at]) return;
    best[at] = have;
    touched.push_back(at);
    if (at == goal || depth == kDepth || --budget < 0) return;
    for (size_t i = edges[at].size(); i-- > 0;) { // the newest facts first
        const Edge edge = edges[at][i];
        int64_t sum = 0;
        if (__builtin_add_overflow(have, edge.c, &sum) || std::abs(sum) >= kFar) continue;
        search(edge.to, goal, sum, depth + 1);
    }
}

std::optional<int64_t> Facts::constant(ValueId value) const {
    const Op *op = made(value);
    TypeKind k = kind(value);
    if (!op || !(isInteger(k) || k == TypeKind::Bool)) return std::nullopt;
    if (op->code == OpCode::Zero) return 0;
    if (op->code != OpCode::Const) return std::nullopt;
    int64_t v = std::get<int64_t>(*op->find(AttrKey::Value));
    if (k == TypeKind::U64 && v < 0) return std::nullopt;
    return v;
}

const Op *Facts::made(ValueId value) const {
    OpId op = function.values[value].op;
    return op.valid() ? &function.ops[op] : nullptr;
}

void Facts::define(const Op &op) {
    if (!op.result.valid()) return;
    TypeKind k = kind(op.result);
    if (!isInteger(k)) return;
    switch (op.code) {
    case OpCode::Max:
        for (ValueId operand : op.operands) add(node(operand), node(op.result), 0);
        for (int64_t c : {0, 1}) // the smaller of the lower bounds does not help; the larger of the upper ones does
            if (holds(node(op.operands[0]), kZero, c) && holds(node(op.operands[1]), kZero, c)) add(node(op.result), kZero, c);
        return;
    case OpCode::Min:
        for (ValueId operand : op.operands) add(node(op.result), node(operand), 0);
        if (holds(kZero, node(op.operands[0]), 0) && holds(kZero, node(op.operands[1]), 0)) add(kZero, node(op.result), 0);
        return;
    case OpCode::And:
        for (ValueId operand : op.operands)
            if (auto c = constant(operand); c && *c >= 0) add(node(op.result), kZero, *c), add(kZero, node(op.result), 0);
        return;
    case OpCode::Rem: {
        auto c = constant(op.operands[1]);
        if (!c || *c <= 0) return;
        add(node(op.result), kZero, *c - 1);
        bool positive = isUnsigned(k) || holds(kZero, node(op.operands[0]), 0);
        add(kZero, node(op.result), positive ? 0 : *c - 1);
        return;
    }
    case OpCode::Div:
    case OpCode::Shr: {
        bool positive = isUnsigned(k) || holds(kZero, node(op.operands[0]), 0);
        auto c = constant(op.operands[1]);
        if (!positive || (op.code == OpCode::Div && (!c || *c <= 0))) return;
        add(kZero, node(op.result), 0);
        add(node(op.result), node(op.operands[0]), 0);
        if (int64_t bits = scalarBytes(k) * 8; op.code == OpCode::Shr && c && bits < 64) // the largest number, shifted
            add(node(op.result), kZero, ((int64_t{1} << (isSigned(k) ? bits - 1 : bits)) - 1) >> (*c & (bits - 1)));
        return;
    }
    case OpCode::Select: {
        // Both ways give it, or (a count) 0 or more if one of them is 0.
        Node r = node(op.result), a = node(op.operands[1]), b = node(op.operands[2]);
        if (a == b) addEqual(r, a, 0);
        if (holds(kZero, a, 0) && holds(kZero, b, 0)) add(kZero, r, 0);
        return;
    }
    case OpCode::Add:
    case OpCode::Sub: return arithmetic(op);
    default: return;
    }
}

/// x = y + c where no wrap is possible.
void Facts::addConst(Node x, ValueId y, int64_t c) {
    TypeKind k = kind(y);
    if (k != TypeKind::I64) return; // narrower types wrap at their own width
    Node n = node(y);
    bool safe = false;
    if (c >= 0) {
        // y <= z - c for some i64 z: then y + c <= z. The bound by 0 is the usual one; any neighbour will do.
        if (auto top = bound(n, kZero)) safe = *top <= kMax - c;
        for (const Edge &edge : edges[n]) safe = safe || edge.c + c <= 0;
    } else {
        if (auto low = bound(kZero, n)) safe = -*low >= kMin - c; // y >= -low
    }
    if (safe) addEqual(x, n, c);
}

void Facts::arithmetic(const Op &op) {
    auto a = constant(op.operands[0]), b = constant(op.operands[1]);
    bool subtract = op.code == OpCode::Sub;
    Node x = node(op.result);
    if (b && std::abs(*b) < kFar) return addConst(x, op.operands[0], subtract ? -*b : *b);
    if (a && !subtract && std::abs(*a) < kFar) return addConst(x, op.operands[1], *a);
    if (kind(op.result) != TypeKind::I64) return;
    Node p = node(op.operands[0]), q = node(op.operands[1]);
    for (const auto &[at, span] : spans) {
        bool fits = !subtract && ((span.index == p && span.lo == q) || (span.index == q && span.lo == p));
        if (fits) add(span.lo, x, 0), add(x, span.hi, -1);
    }
    bool p_positive = holds(kZero, p, 0), q_positive = holds(kZero, q, 0);
    if (subtract && p_positive && q_positive) {
        add(x, p, 0); // p - q <= p, and it cannot wrap
        if (holds(q, p, 0)) add(kZero, x, 0);
        return;
    }
    if (subtract || !p_positive || !q_positive) return;
    // p + q without a wrap: p < z and q <= y where z + y is a value known not to wrap is not tracked; small bounds are.
    auto p_top = bound(p, kZero), q_top = bound(q, kZero);
    if (!p_top || !q_top || *p_top > kFar / 2 || *q_top > kFar / 2) return;
    add(p, x, 0), add(q, x, 0);
    add(x, kZero, *p_top + *q_top);
    add(x, p, *q_top), add(x, q, *p_top);
}

void Facts::assume(ValueId condition, bool value) {
    const Op *op = made(condition);
    if (!op) return;
    if (op->code == OpCode::Not) return assume(op->operands[0], !value);
    if ((op->code == OpCode::And && value) || (op->code == OpCode::Or && !value)) {
        for (ValueId operand : op->operands) assume(operand, value);
        return;
    }
    if (op->code < OpCode::Eq || op->code > OpCode::Le || !isInteger(kind(op->operands[0]))) return;
    ValueId a = op->operands[0], b = op->operands[1];
    bool wide_unsigned = kind(a) == TypeKind::U64;
    if (wide_unsigned) {
        // convert(i) < convert(n), both from i64 and n >= 0: 0 <= i < n
        const Op *x = made(a), *y = made(b);
        bool pair = op->code == OpCode::Lt && value && x && y && x->code == OpCode::Convert && y->code == OpCode::Convert &&
                    kind(x->operands[0]) == TypeKind::I64 && kind(y->operands[0]) == TypeKind::I64;
        if (!pair || !holds(kZero, node(y->operands[0]), 0)) return;
        add(kZero, node(x->operands[0]), 0);
        add(node(x->operands[0]), node(y->operands[0]), -1);
        return;
    }
    Node p = node(a), q = node(b);
    switch (op->code) {
    case OpCode::Eq:
    case OpCode::Ne:
        if (value == (op->code == OpCode::Eq)) return addEqual(p, q, 0);
        // Different, and one of them is not the larger.
        if (holds(q, p, 0)) return add(q, p, -1);
        return holds(p, q, 0) ? add(p, q, -1) : void();
    case OpCode::Lt: return value ? add(p, q, -1) : add(q, p, 0);
    default: return value ? add(p, q, 0) : add(q, p, -1);
    }
}

std::optional<bool> Facts::decide(ValueId condition) {
    const Op *op = made(condition);
    if (!op) return std::nullopt;
    if (auto c = constant(condition)) return *c != 0;
    if (op->code == OpCode::Not) {
        auto inner = decide(op->operands[0]);
        return inner ? std::optional(!*inner) : std::nullopt;
    }
    if (kind(condition) == TypeKind::Bool && (op->code == OpCode::And || op->code == OpCode::Or)) {
        bool all = op->code == OpCode::And;
        auto a = decide(op->operands[0]), b = decide(op->operands[1]);
        if ((a && *a != all) || (b && *b != all)) return !all;
        return a && b ? std::optional(all) : std::nullopt;
    }
    if (op->code < OpCode::Eq || op->code > OpCode::Le || !isInteger(kind(op->operands[0]))) return std::nullopt;
    if (kind(op->operands[0]) == TypeKind::U64) {
        const Op *x = made(op->operands[0]), *y = made(op->operands[1]);
        bool pair = op->code == OpCode::Lt && x && y && x->code == OpCode::Convert && y->code == OpCode::Convert &&
                    kind(x->operands[0]) == TypeKind::I64 && kind(y->operands[0]) == TypeKind::I64;
        if (!pair) return std::nullopt;
        Node i = node(x->operands[0]), n = node(y->operands[0]);
        if (holds(kZero, n, 0) && holds(kZero, i, 0) && holds(i, n, -1)) return true;
        return std::nullopt;
    }
    Node p = node(op->operands[0]), q = node(op->operands[1]);
    bool below = holds(p, q, -1), above = holds(q, p, -1), most = holds(p, q, 0), least = holds(q, p, 0);
    switch (op->code) {
    case OpCode::Eq:
    case OpCode::Ne:
        if (below || above) return op->code == OpCode::Ne;
        if (most && least) return op->code == OpCode::Eq;
        return std::nullopt;
    case OpCode::Lt: return below ? std::optional(true) : least ? std::optional(false) : std::nullopt;
    default: return most ? std::optional(true) : above ? std::optional(false) : std::nullopt;
    }
}

/// n = a < b ? b - a : 0 is at least 1: then a < b, and it is b - a. `lo`: where a `for` starts (n read as unsigned); none: a parallel index.
bool Facts::countDifference(ValueId n, Node index, std::optional<Node> lo) {
    const Op *op = made(n);
    if (!op || op->code != OpCode::Select) return false;
    auto none = constant(op->operands[2]);
    const Op *less = made(op->operands[0]), *difference = made(op->operands[1]);
    bool fits = none && *none == 0 && less && less->code == OpCode::Lt && difference && difference->code == OpCode::Sub &&
                kind(difference->result) == TypeKind::I64;
    if (!fits) return false;
    Node a = node(difference->operands[1]), b = node(difference->operands[0]);
    if (node(less->operands[0]) != a || node(less->operands[1]) != b || (lo && *lo != a)) return false;
    add(a, b, -1);
    if (lo) {
        add(a, index, 0);
        add(index, b, -1);
        return true;
    }
    addEqual(node(n), node(difference->result), 0);
    if (auto c = constant(difference->operands[1])) addEqual(node(difference->result), b, -*c);
    spans.emplace_back(trail.size(), Span{index, a, b});
    return true;
}

/// Inside a loop of n >= 1 rounds whose index runs from 0.
void Facts::count(ValueId n, Node index) {
    add(kZero, index, 0);
    add(kZero, node(n), -1);
    add(index, node(n), -1);
    const Op *op = made(n);
    if (!op || op->code != OpCode::Max) return;
    for (size_t i = 0; i < 2; ++i) // max(h, 0) >= 1: it is h
        if (auto c = constant(op->operands[i]); c && *c == 0) return addEqual(node(n), node(op->operands[1 - i]), 0);
}

void Facts::defineIndices(const Op &op, const Region &region) {
    if (op.code == OpCode::For && region.role == Role::Body) {
        auto step = constant(op.operands[2]);
        if (!step || *step != 1 || kind(op.operands[0]) != TypeKind::I64) return;
        Node index = node(region.params[0]), lo = node(op.operands[0]);
        if (countDifference(op.operands[1], index, lo)) return;
        // n is read as unsigned: only a count that is known not to be negative tells something.
        if (!holds(kZero, node(op.operands[1]), 0)) return;
        if (lo == kZero) return count(op.operands[1], index);
        auto low = bound(lo, kZero), most = bound(node(op.operands[1]), kZero);
        if (!low || !most || *low >= kFar / 2 || *most >= kFar / 2) return; // lo + n might wrap
        add(lo, index, 0);
        add(index, lo, *most - 1);
        return;
    }
    bool body = region.role == Role::Checked || region.role == Role::Fast || region.role == Role::Extent;
    if (!isParallel(op.code) || !body || op.code == OpCode::ParInvoke || op.code == OpCode::ParPipeline) return;
    ParShape shape = parShape(op);
    for (size_t k = 0; k < region.params.size() && k < static_cast<size_t>(shape.rank); ++k) {
        Node index = node(region.params[k]);
        if (k >= shape.extents.size()) {
            add(kZero, index, 0);
            continue;
        }
        count(shape.extents[k], index);
        countDifference(shape.extents[k], index, std::nullopt);
    }
}

} // namespace parlane::opt
