// Pass `version_checks`: bounds checks on indices that are affine in the loop leave the loop: in front of it a guard
// asks whether all of them hold for the whole range, and chooses between a copy without those checks and the loop as it
// was. The point of failure never moves, because the copy with checks runs whenever the guard is not certain. Only
// innermost loops are copied (code would double at each level), parallel ones included.
#include "compiler/opt/pass.h"
#include "compiler/opt/rewrite.h"

namespace parlane::opt {

using namespace pir;

namespace {

constexpr size_t kLargestLoop = 400;              ///< ops that are worth a second copy
constexpr size_t kMostGuards = 24;                ///< comparisons in front of a loop
constexpr int64_t kMostRounds = int64_t{1} << 40; ///< beyond, the guard's arithmetic might wrap: it says no
constexpr int64_t kMostFactor = int64_t{1} << 20;

class Versioner {
public:
    Versioner(Module &module, FunctionId id) : module(module), id(id), f(module.functions[id]), b(module, id) {}

    void run() { region(f.body); }

private:
    struct Dim {
        ValueId index; ///< parameter of the body
        ValueId start; ///< its first value; none: 0
        ValueId rounds;
    };
    struct Guarded {
        OpId elem;
        size_t dim;
        std::vector<int64_t> factors; ///< of the loop's indices
    };

    /// Is there a loop inside (so that this one is not innermost)?
    bool region(RegionId region_id) {
        bool found = false;
        std::vector<OpId> ops = f.regions[region_id].ops;
        for (OpId op_id : ops) {
            bool inner = false;
            std::vector<RegionId> regions = f.ops[op_id].regions;
            for (RegionId r : regions) inner = region(r) || inner;
            OpCode code = f.ops[op_id].code;
            bool loop = code == OpCode::For || code == OpCode::Loop || isParallel(code);
            if (loop && !inner) version(op_id);
            found = found || inner || loop;
        }
        return found;
    }

    bool isInteresting(const Op &op) const {
        if (op.code == OpCode::For)
            return constant(op.operands[2]) == 1 && module.types.kind(f.type(op.operands[0])) == TypeKind::I64;
        bool fits = op.code == OpCode::ParFor || op.code == OpCode::ParFold || op.code == OpCode::ParScan ||
                    op.code == OpCode::ParFilter || op.code == OpCode::ParFirst;
        return fits && static_cast<int64_t>(parShape(op).extents.size()) == op.integer(AttrKey::Rank);
    }

    void version(OpId loop_id) {
        const Op loop = f.ops[loop_id];
        if (!isInteresting(loop)) return;
        body = f.region(loop, loop.code == OpCode::For ? Role::Body : Role::Checked);
        dims.clear();
        const auto &params = f.regions[body].params;
        if (loop.code == OpCode::For)
            dims.push_back({params[0], loop.operands[0], loop.operands[1]});
        else
            for (size_t k = 0; k < parShape(loop).extents.size(); ++k)
                dims.push_back({params[k], {}, parShape(loop).extents[k]});
        size_t size = 0;
        std::vector<Guarded> guards;
        std::vector<OpId> elems;
        for (RegionId r : loop.regions)
            forEachOp(f, r, [&](OpId op) {
                ++size;
                if (f.ops[op].code == OpCode::Elem && isInside(f, f.ops[op].parent, body)) find(op, guards, elems);
            });
        if (elems.empty() || size > kLargestLoop || guards.size() > kMostGuards) return;
        ValueId guard = emitGuard(loop_id, guards);
        split(loop_id, guard, elems);
    }

    /// All indices of a checked element of an outer view are affine: notes what the guard must ask.
    void find(OpId elem_id, std::vector<Guarded> &guards, std::vector<OpId> &elems) {
        const Op &elem = f.ops[elem_id];
        if (elem.enumerator<Bounds>(AttrKey::Bounds) != Bounds::Checked || isInner(elem.operands[0])) return;
        if (module.types.kind(f.type(elem.operands[0])) != TypeKind::View) return;
        std::vector<Guarded> found;
        for (size_t k = 1; k < elem.operands.size(); ++k) {
            Guarded one{elem_id, k, std::vector<int64_t>(dims.size(), 0)};
            if (!affine(elem.operands[k], one.factors, 0)) return;
            found.push_back(std::move(one));
        }
        guards.insert(guards.end(), found.begin(), found.end());
        elems.push_back(elem_id);
    }

    bool isInner(ValueId value) const {
        const Value &v = f.values[value];
        return isInside(f, v.op.valid() ? f.ops[v.op].parent : v.region, body);
    }

    std::optional<int64_t> constant(ValueId value) const {
        OpId made = f.values[value].op;
        if (!made.valid() || module.types.kind(f.type(value)) != TypeKind::I64) return std::nullopt;
        if (f.ops[made].code == OpCode::Zero) return 0;
        if (f.ops[made].code != OpCode::Const) return std::nullopt;
        return std::get<int64_t>(*f.ops[made].find(AttrKey::Value));
    }

    bool affine(ValueId value, std::vector<int64_t> &factors, int depth) const {
        for (size_t d = 0; d < dims.size(); ++d)
            if (value == dims[d].index) return factors[d] = 1, true;
        if (!isInner(value)) return true;
        if (depth > 12 || !f.values[value].op.valid()) return false;
        const Op &op = f.ops[f.values[value].op];
        if (op.code == OpCode::Const) return true;
        if (module.types.kind(f.type(value)) != TypeKind::I64) return false;
        if (op.code != OpCode::Add && op.code != OpCode::Sub && op.code != OpCode::Mul) return false;
        std::vector<int64_t> x(dims.size(), 0), y(dims.size(), 0);
        if (!affine(op.operands[0], x, depth + 1) || !affine(op.operands[1], y, depth + 1)) return false;
        auto fixed = [](const std::vector<int64_t> &v) {
            return std::ranges::all_of(v, [](int64_t c) { return c == 0; });
        };
        if (op.code == OpCode::Mul && !(fixed(x) && fixed(y))) {
            auto c = constant(op.operands[0]), e = constant(op.operands[1]);
            if (c && std::abs(*c) <= kMostFactor)
                scale(y, *c, factors);
            else if (e && std::abs(*e) <= kMostFactor)
                scale(x, *e, factors);
            else
                return false;
        } else if (op.code != OpCode::Mul) {
            for (size_t d = 0; d < dims.size(); ++d) factors[d] = op.code == OpCode::Add ? x[d] + y[d] : x[d] - y[d];
        }
        return std::ranges::all_of(factors, [](int64_t c) { return std::abs(c) <= kMostFactor; });
    }

    static void scale(const std::vector<int64_t> &from, int64_t by, std::vector<int64_t> &into) {
        for (size_t d = 0; d < from.size(); ++d) into[d] = from[d] * by;
    }

    /// The index expression with the loop's indices at their first values, computed in front of the loop.
    ValueId first(ValueId value) {
        for (const Dim &dim : dims)
            if (value == dim.index) return dim.start.valid() ? dim.start : b.constInt(0);
        if (!isInner(value)) return value;
        const Op op = f.ops[f.values[value].op];
        if (op.code == OpCode::Const) return b.emit(OpCode::Const, f.type(value), {}, op.attrs);
        ValueId x = first(op.operands[0]), y = first(op.operands[1]);
        return b.binary(op.code, x, y);
    }

    ValueId both(ValueId a, ValueId c) { return a.valid() ? b.binary(OpCode::And, a, c) : c; }

    ValueId emitGuard(OpId loop_id, const std::vector<Guarded> &guards) {
        b.before(loop_id);
        b.loc = f.ops[loop_id].loc;
        ValueId zero = b.constInt(0), one = b.constInt(1), most = b.constInt(kMostRounds), all;
        std::vector<ValueId> last; // rounds - 1
        for (const Dim &dim : dims) {
            // A `for` reads its count as unsigned, so a negative one is a large one; a parallel loop has no round then.
            all = both(all, b.compare(OpCode::Le, dim.rounds, most));
            if (dim.start.valid()) all = both(all, b.compare(OpCode::Le, zero, dim.rounds));
            last.push_back(b.binary(OpCode::Sub, b.binary(OpCode::Max, dim.rounds, one), one));
        }
        for (const Guarded &guard : guards) {
            const Op elem = f.ops[guard.elem];
            ValueId start = first(elem.operands[guard.dim]), low = start, high = start;
            for (size_t d = 0; d < dims.size(); ++d) {
                if (!guard.factors[d]) continue;
                ValueId way =
                    guard.factors[d] == 1 ? last[d] : b.binary(OpCode::Mul, last[d], b.constInt(guard.factors[d]));
                (guard.factors[d] < 0 ? low : high) = b.binary(OpCode::Add, guard.factors[d] < 0 ? low : high, way);
            }
            // A wrap of the sums shows as an end on the wrong side of the start.
            all = both(all, b.compare(OpCode::Le, zero, low));
            if (low != start) all = both(all, b.compare(OpCode::Le, low, start));
            if (high != start) all = both(all, b.compare(OpCode::Le, start, high));
            all =
                both(all, b.compare(OpCode::Lt, high, b.extent(elem.operands[0], static_cast<int64_t>(guard.dim) - 1)));
        }
        return all;
    }

    void split(OpId loop_id, ValueId guard, const std::vector<OpId> &elems) {
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
        for (OpId elem : elems)
            f.ops[copy.ops.at(elem.raw)].set(AttrKey::Bounds, static_cast<int64_t>(Bounds::Versioned));
        if (!type.valid()) return;
        Builder end(module, id);
        for (RegionId side : {fast, slow}) {
            end.at(side);
            end.yield({f.ops[f.regions[side].ops.back()].result});
        }
    }

    Module &module;
    FunctionId id;
    Function &f;
    Builder b;
    RegionId body;
    std::vector<Dim> dims;
};

} // namespace

void versionChecks(Module &module) {
    for (uint32_t i = 0; i < module.functions.size(); ++i) Versioner(module, FunctionId(i)).run();
}

} // namespace parlane::opt
