// Pass `version_checks`: bounds checks on indices that are affine in the loops around them leave the loops: in front a guard
// asks whether all of them hold for the whole range, and chooses between a copy without those checks and the loop as it
// was. The point of failure never moves, because the copy with checks runs whenever the guard is not certain. A nest
// of loops is copied once, at its outermost loop, as far as its inner bounds do not depend on its indices; what is left is tried
// further in, in the copy without checks. Loops around parallel constructs are left alone: code would double at each level.
#include "compiler/opt/pass.h"
#include "compiler/opt/rewrite.h"

namespace parlane::opt {

using namespace pir;

namespace {

constexpr size_t kLargestLoop = 400;              ///< ops that are worth a second copy
constexpr size_t kMostGuards = 24;                ///< comparisons in front of a loop
constexpr size_t kMostDims = 6;                   ///< the sum of their ways cannot wrap twice
constexpr int kDeepest = 12;                      ///< levels of an index expression that are looked at
constexpr int64_t kMostRounds = int64_t{1} << 40; ///< beyond, the guard's arithmetic might wrap: it says no
constexpr int64_t kMostFactor = int64_t{1} << 20;

bool isLoop(OpCode code) { return code == OpCode::For || code == OpCode::Loop || isParallel(code); }

class Versioner {
public:
    Versioner(Module &module, FunctionId id) : module(module), id(id), f(module.functions[id]), b(module, id) {}

    void run() { region(f.body); }

private:
    struct Dim {
        ValueId index; ///< parameter of the body
        ValueId start; ///< its first value; none: 0
        ValueId rounds;
        RegionId body;
    };
    /// What must hold for the whole range: value is in [0, extent `dim` of `view`), or fits its type.
    struct Guarded {
        ValueId value;
        ValueId view; ///< none: the value is widened later, so it may not have wrapped
        int64_t dim = 0;
        std::vector<int64_t> factors; ///< of the loops' indices
    };
    /// The loop that is being versioned.
    struct Nest {
        RegionId body;
        std::vector<Dim> dims;
        std::vector<Guarded> guards;
        std::vector<OpId> elems;
    };

    void region(RegionId region_id) {
        std::vector<OpId> ops = f.regions[region_id].ops;
        for (OpId op_id : ops) {
            if (version(op_id)) continue;
            std::vector<RegionId> regions = f.ops[op_id].regions;
            for (RegionId r : regions) region(r);
        }
    }

    bool isInteresting(const Op &op) const {
        if (op.code == OpCode::For) return isCounted(op);
        bool fits = op.code == OpCode::ParFor || op.code == OpCode::ParFold || op.code == OpCode::ParScan ||
                    op.code == OpCode::ParFilter || op.code == OpCode::ParFirst;
        return fits && static_cast<int64_t>(parShape(op).extents.size()) == op.integer(AttrKey::Rank);
    }

    bool isCounted(const Op &loop) const {
        return constant(loop.operands[2]) == 1 && isInteger(module.types.kind(f.type(loop.operands[0])));
    }

    bool hasParallelInside(const Op &loop) const {
        bool found = false;
        for (RegionId r : loop.regions) forEachOp(f, r, [&](OpId op) { found = found || isParallel(f.ops[op].code); });
        return found;
    }

    bool version(OpId loop_id) {
        const Op loop = f.ops[loop_id];
        if (!isLoop(loop.code) || !isInteresting(loop) || hasParallelInside(loop)) return false;
        nest = {};
        nest.body = f.region(loop, loop.code == OpCode::For ? Role::Body : Role::Checked);
        const auto &params = f.regions[nest.body].params;
        if (loop.code == OpCode::For)
            nest.dims.push_back({params[0], loop.operands[0], loop.operands[1], nest.body});
        else
            for (size_t k = 0; k < parShape(loop).extents.size(); ++k)
                nest.dims.push_back({params[k], {}, parShape(loop).extents[k], nest.body});
        addInnerLoops(nest.body);
        size_t size = 0;
        for (RegionId r : loop.regions)
            forEachOp(f, r, [&](OpId op) {
                ++size;
                if (f.ops[op].code == OpCode::Elem && isInside(f, f.ops[op].parent, nest.body)) find(op);
            });
        if (nest.elems.empty() || size > kLargestLoop || nest.guards.size() > kMostGuards) return false;
        ValueId guard = emitGuard(loop_id);
        OpId fast = split(loop_id, guard);
        std::vector<RegionId> regions = f.ops[fast].regions; // `nest` is used up
        for (RegionId r : regions) region(r);
        return true;
    }

    /// Loops inside whose bounds are the same in every round of those around them.
    void addInnerLoops(RegionId region_id) {
        for (OpId op_id : f.regions[region_id].ops) {
            const Op &op = f.ops[op_id];
            if (nest.dims.size() < kMostDims && op.code == OpCode::For && isCounted(op) && isInvariant(op.operands[0], 0) && isInvariant(op.operands[1], 0))
                nest.dims.push_back({f.regions[op.regions[0]].params[0], op.operands[0], op.operands[1], op.regions[0]});
            for (RegionId r : op.regions) addInnerLoops(r);
        }
    }

    /// All indices of a checked element of an outer view are affine: notes what the guard must ask.
    void find(OpId elem_id) {
        const Op &elem = f.ops[elem_id];
        if (elem.enumerator<Bounds>(AttrKey::Bounds) != Bounds::Checked || isInner(elem.operands[0])) return;
        if (module.types.kind(f.type(elem.operands[0])) != TypeKind::View) return;
        std::vector<Guarded> found;
        for (size_t k = 1; k < elem.operands.size(); ++k) {
            Guarded one{elem.operands[k], elem.operands[0], static_cast<int64_t>(k) - 1, std::vector<int64_t>(nest.dims.size(), 0)};
            if (!affine(one.value, one.factors, found, 0)) return;
            if (isHopeless(elem, one)) return;
            found.push_back(std::move(one));
        }
        nest.guards.insert(nest.guards.end(), found.begin(), found.end());
        nest.elems.push_back(elem_id);
    }

    /// Behind a condition `a[i - 1]` is what the condition keeps out of the first round: the guard would never hold.
    bool isHopeless(const Op &elem, const Guarded &guard) const {
        bool conditional = false;
        for (RegionId at = elem.parent; at != nest.body; at = f.ops[f.regions[at].op].parent) {
            OpCode code = f.ops[f.regions[at].op].code;
            conditional = conditional || (code != OpCode::Scope && code != OpCode::Block && code != OpCode::For);
        }
        if (!conditional) return false;
        auto start = atStart(guard.value, 0);
        if (start && *start < 0) return true;
        for (size_t d = 0; d < nest.dims.size(); ++d) {
            if (!start || *start <= 0 || guard.factors[d] != 1) continue;
            OpId made = f.values[withoutClamp(nest.dims[d].rounds)].op;
            bool whole = made.valid() && f.ops[made].code == OpCode::Extent && f.ops[made].operands[0] == guard.view &&
                         f.ops[made].integer(AttrKey::Dim) == guard.dim;
            if (whole) return true;
        }
        return false;
    }

    ValueId withoutClamp(ValueId n) const {
        OpId made = f.values[n].op;
        if (!made.valid() || f.ops[made].code != OpCode::Max) return n;
        for (size_t i : {0, 1})
            if (constant(f.ops[made].operands[i]) == 0) return f.ops[made].operands[1 - i];
        return n;
    }

    bool isInner(ValueId value) const {
        const Value &v = f.values[value];
        return isInside(f, v.op.valid() ? f.ops[v.op].parent : v.region, nest.body);
    }

    std::optional<int64_t> constant(ValueId value) const {
        OpId made = f.values[value].op;
        if (!made.valid() || !isInteger(module.types.kind(f.type(value)))) return std::nullopt;
        if (f.ops[made].code == OpCode::Zero) return 0;
        if (f.ops[made].code != OpCode::Const) return std::nullopt;
        return std::get<int64_t>(*f.ops[made].find(AttrKey::Value));
    }

    /// The value in the first round of all loops, if it is known.
    std::optional<int64_t> atStart(ValueId value, int depth) const {
        for (const Dim &dim : nest.dims)
            if (value == dim.index) return dim.start.valid() ? constant(dim.start) : 0;
        if (auto c = constant(value)) return c;
        if (depth > kDeepest || !f.values[value].op.valid()) return std::nullopt;
        const Op &op = f.ops[f.values[value].op];
        if (op.code != OpCode::Add && op.code != OpCode::Sub && op.code != OpCode::Mul && op.code != OpCode::Convert) return std::nullopt;
        auto x = atStart(op.operands[0], depth + 1);
        if (!x || op.code == OpCode::Convert) return x;
        auto y = atStart(op.operands[1], depth + 1);
        if (!y || std::abs(*x) > kMostFactor || std::abs(*y) > kMostFactor) return std::nullopt;
        return op.code == OpCode::Add ? *x + *y : op.code == OpCode::Sub ? *x - *y : *x * *y;
    }

    /// Can it be computed in front of the loop? Sums and extents of what comes from outside.
    bool isInvariant(ValueId value, int depth) const {
        if (!isInner(value)) return true;
        if (depth > kDeepest || !f.values[value].op.valid()) return false;
        const Op &op = f.ops[f.values[value].op];
        switch (op.code) {
        case OpCode::Const:
        case OpCode::Zero: return isInteger(module.types.kind(f.type(value)));
        case OpCode::Add:
        case OpCode::Sub:
        case OpCode::Mul:
        case OpCode::Min:
        case OpCode::Max:
        case OpCode::Convert:
        case OpCode::Extent: break;
        default: return false;
        }
        return std::ranges::all_of(op.operands, [&](ValueId operand) { return isInvariant(operand, depth + 1); });
    }

    static bool isFixed(const std::vector<int64_t> &factors) {
        return std::ranges::all_of(factors, [](int64_t c) { return c == 0; });
    }

    /// value = a sum of the indices times `factors`, and something invariant, as numbers modulo the width of its type. What is widened on the
    /// way must not have wrapped: `widened`.
    bool affine(ValueId value, std::vector<int64_t> &factors, std::vector<Guarded> &widened, int depth) const {
        for (size_t d = 0; d < nest.dims.size(); ++d)
            if (value == nest.dims[d].index) return factors[d] = 1, true;
        if (isInvariant(value, 0)) return true;
        if (depth > kDeepest || !f.values[value].op.valid()) return false;
        const Op &op = f.ops[f.values[value].op];
        TypeKind kind = module.types.kind(f.type(value));
        if (!isInteger(kind)) return false;
        if (op.code == OpCode::Convert) return converted(op, factors, widened, depth);
        if (op.code != OpCode::Add && op.code != OpCode::Sub && op.code != OpCode::Mul) return false;
        std::vector<int64_t> x(factors.size(), 0), y(factors.size(), 0);
        if (!affine(op.operands[0], x, widened, depth + 1) || !affine(op.operands[1], y, widened, depth + 1)) return false;
        if (op.code == OpCode::Mul) {
            auto c = constant(op.operands[0]), e = constant(op.operands[1]);
            if (c && std::abs(*c) <= kMostFactor) scale(y, *c, factors);
            else if (e && std::abs(*e) <= kMostFactor) scale(x, *e, factors);
            else return false;
        } else {
            for (size_t d = 0; d < factors.size(); ++d) factors[d] = op.code == OpCode::Add ? x[d] + y[d] : x[d] - y[d];
        }
        return std::ranges::all_of(factors, [](int64_t c) { return std::abs(c) <= kMostFactor; });
    }

    bool converted(const Op &op, std::vector<int64_t> &factors, std::vector<Guarded> &widened, int depth) const {
        TypeKind from = module.types.kind(f.type(op.operands[0])), to = module.types.kind(f.type(op.result));
        if (!isInteger(from) || from == TypeKind::U64 || !affine(op.operands[0], factors, widened, depth + 1)) return false;
        if (scalarBytes(from) < scalarBytes(to)) widened.push_back({op.operands[0], {}, 0, factors});
        return scalarBytes(from) < scalarBytes(to) || from == to || scalarBytes(to) < 8;
    }

    static void scale(const std::vector<int64_t> &from, int64_t by, std::vector<int64_t> &into) {
        for (size_t d = 0; d < from.size(); ++d) into[d] = from[d] * by;
    }

    /// An invariant, computed in front of the loop in its own type.
    ValueId before(ValueId value) {
        if (!isInner(value)) return value;
        const Op op = f.ops[f.values[value].op];
        std::vector<ValueId> operands;
        for (ValueId operand : op.operands) operands.push_back(before(operand));
        return b.emit(op.code, f.type(value), std::move(operands), op.attrs);
    }

    ValueId asI64(ValueId value) { return module.types.kind(f.type(value)) == TypeKind::I64 ? value : b.convert(value, module.types.i64()); }

    /// The expression with the loops' indices at their first values, in i64: sums of narrower types as numbers.
    ValueId first(ValueId value) {
        for (const Dim &dim : nest.dims)
            if (value == dim.index) return dim.start.valid() ? asI64(before(dim.start)) : b.constInt(0);
        if (isInvariant(value, 0)) return asI64(before(value));
        const Op op = f.ops[f.values[value].op];
        if (op.code == OpCode::Convert) return first(op.operands[0]);
        ValueId x = first(op.operands[0]), y = first(op.operands[1]);
        return b.binary(op.code, x, y);
    }

    ValueId both(ValueId a, ValueId c) { return a.valid() ? b.binary(OpCode::And, a, c) : c; }

    ValueId emitGuard(OpId loop_id) {
        b.before(loop_id);
        b.loc = f.ops[loop_id].loc;
        ValueId zero = b.constInt(0), one = b.constInt(1), most = b.constInt(kMostRounds), all;
        std::vector<ValueId> last; // rounds - 1
        for (size_t d = 0; d < nest.dims.size(); ++d) {
            const Dim &dim = nest.dims[d];
            if (!isUsed(d)) {
                last.push_back({});
                continue;
            }
            // A `for` reads its count as unsigned, so a negative one is a large one; a parallel loop has no round then.
            ValueId rounds = before(dim.rounds);
            all = both(all, b.compare(OpCode::Le, rounds, most));
            if (dim.start.valid()) all = both(all, b.compare(OpCode::Le, zero, rounds));
            last.push_back(b.binary(OpCode::Sub, b.binary(OpCode::Max, rounds, one), one));
        }
        for (const Guarded &guard : nest.guards) {
            ValueId start = first(guard.value), low = start, high = start;
            for (size_t d = 0; d < nest.dims.size(); ++d) {
                if (!guard.factors[d]) continue;
                ValueId way = guard.factors[d] == 1 ? last[d] : b.binary(OpCode::Mul, last[d], b.constInt(guard.factors[d]));
                (guard.factors[d] < 0 ? low : high) = b.binary(OpCode::Add, guard.factors[d] < 0 ? low : high, way);
            }
            auto [least, limit] = limits(guard);
            all = both(all, b.compare(OpCode::Le, least, low));
            // A wrap of the sums shows as an end on the wrong side of the start.
            if (low != start) all = both(all, b.compare(OpCode::Le, low, start));
            if (high != start) all = both(all, b.compare(OpCode::Le, start, high));
            all = both(all, b.compare(OpCode::Lt, high, limit));
        }
        return all;
    }

    bool isUsed(size_t dim) const {
        return std::ranges::any_of(nest.guards, [&](const Guarded &guard) { return guard.factors[dim] != 0; });
    }

    /// [least, limit) of a guarded value.
    std::pair<ValueId, ValueId> limits(const Guarded &guard) {
        if (guard.view.valid()) return {b.constInt(0), b.extent(guard.view, guard.dim)};
        TypeKind kind = module.types.kind(f.type(guard.value));
        int64_t bits = scalarBytes(kind) * 8, span = int64_t{1} << (isSigned(kind) ? bits - 1 : bits);
        return {b.constInt(isSigned(kind) ? -span : 0), b.constInt(span)};
    }

    /// Gives the loop without checks.
    OpId split(OpId loop_id, ValueId guard) {
        const Op loop = f.ops[loop_id];
        TypeId type = loop.result.valid() ? f.type(loop.result) : TypeId{};
        OpId branch = b.op(OpCode::If, type, {guard});
        if (type.valid()) { // the branch takes over the value, the loop gets a new one
            ValueId fresh = f.ops[branch].result;
            f.ops[branch].result = loop.result;
            f.values[loop.result].op = branch;
            f.ops[loop_id].result = fresh;
            f.values[fresh].op = loop_id;
        }
        RegionId fast = b.addRegion(branch, Role::Then), slow = b.addRegion(branch, Role::Else);
        // The loop as it was moves into the branch; a copy of it goes in front.
        removeOp(f, loop_id);
        f.ops[loop_id].parent = slow;
        f.regions[slow].ops.push_back(loop_id);
        RegionCopy copy(module, id, id);
        copy.contents(slow, fast);
        for (OpId elem : nest.elems)
            f.ops[copy.ops.at(elem.raw)].set(AttrKey::Bounds, static_cast<int64_t>(Bounds::Versioned));
        OpId made = copy.ops.at(loop_id.raw);
        if (!type.valid()) return made;
        Builder end(module, id);
        for (RegionId side : {fast, slow}) {
            end.at(side);
            end.yield({f.ops[f.regions[side].ops.back()].result});
        }
        return made;
    }

    Module &module;
    FunctionId id;
    Function &f;
    Builder b;
    Nest nest;
};

} // namespace

void versionChecks(Module &module) {
    for (uint32_t i = 0; i < module.functions.size(); ++i) Versioner(module, FunctionId(i)).run();
}

} // namespace parlane::opt
