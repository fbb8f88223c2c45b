#include "compiler/vectorize/cost.h"

#include <algorithm>

namespace parlane::vectorize {

using namespace pir;

namespace {

constexpr double kRounds = 8;         ///< of an inner loop, for want of better
constexpr int64_t kRegister = 32;     ///< bytes; wider ones are a bonus
constexpr double kPerLane = 1.2;      ///< an access of its own for each lane

class Costs {
public:
    Costs(const Analysis &analysis, int64_t lanes) : analysis(analysis), f(analysis.f), types(analysis.module.types), lanes(lanes) {}

    Estimate region(RegionId id) {
        Estimate sum;
        if (analysis.isFailure(id)) return sum;
        for (OpId op : f.regions[id].ops) add(sum, one(op));
        return sum;
    }

private:
    static void add(Estimate &to, const Estimate &more) { to.scalar += more.scalar, to.vector += more.vector; }

    int64_t bytes(ValueId value) const {
        TypeKind kind = types.kind(f.type(value));
        return isScalar(kind) ? scalarBytes(kind) : 8;
    }

    double registers(int64_t size) const { return static_cast<double>(std::max<int64_t>(1, lanes * size / kRegister)); }

    Estimate one(OpId id) {
        const Op &op = f.ops[id];
        auto n = static_cast<double>(lanes);
        switch (op.code) {
        case OpCode::Const:
        case OpCode::Zero:
        case OpCode::Slot:
        case OpCode::Iteration:
        case OpCode::Yield:
        case OpCode::Field:
        case OpCode::Extent: return {};
        case OpCode::Elem: return {op.enumerator<Bounds>(AttrKey::Bounds) == Bounds::Checked ? 2 * n : 0, 0};
        case OpCode::Load:
        case OpCode::Store: return access(op);
        default: break;
        }
        if (!op.regions.empty()) return structured(op, id);
        if (!op.result.valid()) return {n, 1};
        Shape shape = analysis.shape(op.result);
        double weight = scalarWeight(op);
        if (shape.kind != Kind::Varying) return {weight * n, weight};
        return {weight * n, vectorWeight(op)};
    }

    double scalarWeight(const Op &op) const {
        bool divides = op.code == OpCode::Div || op.code == OpCode::Rem;
        if (divides) return isFloat(types.kind(f.type(op.result))) ? 4 : byConstant(op) ? 3 : 10;
        return op.code == OpCode::Sqrt ? 5 : 1;
    }

    /// Powers of two most of all: shifts, and a multiplication at worst.
    bool byConstant(const Op &op) const {
        OpId made = f.values[op.operands[1]].op;
        return isInteger(types.kind(f.type(op.result))) && made.valid() && f.ops[made].code == OpCode::Const;
    }

    double vectorWeight(const Op &op) const {
        int64_t size = std::max(bytes(op.operands[0]), bytes(op.result));
        double count = registers(size);
        TypeKind kind = types.kind(f.type(op.result)), from = types.kind(f.type(op.operands[0]));
        bool divides = op.code == OpCode::Div || op.code == OpCode::Rem;
        if (divides && byConstant(op)) return (size == 8 ? 5 : 4) * count;
        // Integers of at most 32 bits divide as doubles.
        if (divides) return isFloat(kind) ? 6 * count : size == 8 ? 12 * static_cast<double>(lanes) : 16 * count;
        if (op.code == OpCode::Sqrt) return 7 * count;
        if (op.code == OpCode::Mul && isInteger(kind) && size == 8) return 4 * count;
        if (op.code == OpCode::Convert && isFloat(kind) != isFloat(from) && size == 8 && !isFloat(from) && bytes(op.operands[0]) == 8)
            return analysis.shape(op.operands[0]).kind == Kind::Linear ? 2 * count : 2 * static_cast<double>(lanes);
        return count;
    }

    Estimate access(const Op &op) const {
        auto n = static_cast<double>(lanes);
        ValueId ref = op.operands[0], value = op.code == OpCode::Load ? op.result : op.operands[1];
        if (analysis.isLocalSlot(ref)) return {};
        if (analysis.shape(ref).kind == Kind::Uniform) return {n, 1};
        const Op *elem = elementOf(ref);
        bool row = elem && types.kind(f.type(value)) <= TypeKind::F64;
        for (size_t k = 1; elem && k < elem->operands.size(); ++k) {
            Shape index = analysis.shape(elem->operands[k]);
            row = row && (k + 1 < elem->operands.size() ? index.kind == Kind::Uniform : index == Shape{Kind::Linear, 1});
        }
        double scalar = op.code == OpCode::Store ? 1.5 : 1;
        if (row && elem->result == ref) return {scalar * n, scalar * registers(bytes(value))};
        return {scalar * n, scalar * kPerLane * n + registers(8)};
    }

    const Op *elementOf(ValueId ref) const {
        for (OpId made = f.values[ref].op; made.valid(); made = f.values[ref].op) {
            const Op &op = f.ops[made];
            if (op.code == OpCode::Elem) return &op;
            if (op.code != OpCode::Field) return nullptr;
            ref = op.operands[0];
        }
        return nullptr;
    }

    Estimate structured(const Op &op, OpId id) {
        Estimate sum{static_cast<double>(lanes), 1};
        bool choice = op.code == OpCode::If || op.code == OpCode::Switch;
        double rounds = op.code == OpCode::Loop || op.code == OpCode::For ? kRounds : 1;
        double dearest = 0;
        for (RegionId inner : op.regions) {
            Estimate one = region(inner);
            dearest = std::max(dearest, one.scalar);
            if (!choice) add(sum, {one.scalar * rounds, one.vector * rounds});
            else if (analysis.diverges(id)) sum.vector += one.vector;
            else sum.vector = std::max(sum.vector, one.vector + 1);
        }
        // Of alternatives the scalar code runs one, and guesses wrong at times.
        if (choice) sum.scalar += 0.7 * dearest + (analysis.diverges(id) ? 3.0 * static_cast<double>(lanes) : 0);
        return sum;
    }

    const Analysis &analysis;
    const Function &f;
    const Types &types;
    int64_t lanes;
};

} // namespace

Estimate estimate(const Analysis &analysis, RegionId body, int64_t lanes) { return Costs(analysis, lanes).region(body); }

int64_t chooseLanes(const Analysis &analysis, RegionId body) {
    const Function &f = analysis.f;
    const Types &types = analysis.module.types;
    double weight[4] = {0, 0, 0, 0}; // of 1, 2, 4, 8 bytes
    bool loops = false;
    auto visit = [&](auto &&self, RegionId region, double times) -> void {
        for (OpId id : f.regions[region].ops) {
            const Op &op = f.ops[id];
            bool loop = op.code == OpCode::Loop || op.code == OpCode::For;
            loops = loops || loop;
            for (RegionId inner : op.regions) self(self, inner, loop ? times * kRounds : times);
            if (!op.result.valid() || !analysis.isVarying(op.result) || !op.regions.empty()) continue;
            TypeKind kind = types.kind(f.type(op.result));
            if (!isScalar(kind) || kind == TypeKind::Bool) continue;
            int64_t size = scalarBytes(kind);
            weight[size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : 3] += times;
        }
    };
    visit(visit, body, 1);
    int64_t lanes = 16;
    // (Where both sizes are there, the smaller one decides: the other takes two registers.)
    if (weight[3] > 3 * (weight[2] + weight[1] + weight[0])) lanes = 8;
    else if (weight[2] == 0 && weight[3] == 0 && weight[0] + weight[1] > 0) lanes = 32;
    // Latency is hidden by a second vector beside the first: of loops, and of long chains of arithmetic.
    constexpr double kLong = 40;
    bool is_long = weight[0] + weight[1] + weight[2] + weight[3] > kLong;
    return loops || is_long ? 2 * lanes : lanes;
}

} // namespace parlane::vectorize
