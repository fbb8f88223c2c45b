#include "compiler/vectorize/analysis.h"

namespace parlane::vectorize {

using namespace pir;

Analysis::Analysis(const Module &module, const Function &f, OpId loop, RegionId body, ValueId axis)
    : module(module), f(f), loop(loop), body(body), axis(axis) {}

std::optional<Obstacle> Analysis::run() {
    // What accumulators hold is read again in the next iteration: one value a lane.
    auto rank = static_cast<size_t>(f.ops[loop].integer(AttrKey::Rank));
    for (size_t k = rank; k < f.regions[body].params.size(); ++k) {
        accumulators.insert(f.regions[body].params[k].raw);
        varying_slots.insert(f.regions[body].params[k].raw);
    }
    numberOps(body);
    shapes[axis.raw] = {Kind::Linear, 1};
    // Everything starts uniform and only grows; each round goes through the whole body.
    do {
        changed = false;
        walk(body);
    } while (changed);
    return obstacle(body);
}

bool Analysis::isInBody(ValueId value) const {
    const Value &v = f.values[value];
    return isInside(f, v.op.valid() ? f.ops[v.op].parent : v.region, body);
}

bool Analysis::isLocalSlot(ValueId ref) const {
    if (isAccumulator(ref)) return true;
    OpId made = f.values[ref].op;
    return made.valid() && f.ops[made].code == OpCode::Slot && isInside(f, f.ops[made].parent, body);
}

Shape Analysis::shape(ValueId value) const {
    auto found = shapes.find(value.raw);
    return found == shapes.end() ? Shape{} : found->second;
}

void Analysis::set(ValueId value, Shape shape) {
    if (shape.kind == Kind::Uniform) return;
    Shape &have = shapes[value.raw];
    if (have == shape || have.kind == Kind::Varying) return;
    // Two different strides are none.
    if (have.kind == Kind::Linear) shape = {Kind::Varying, 0};
    have = shape;
    changed = true;
}

std::optional<int64_t> Analysis::constant(ValueId value) const {
    OpId made = f.values[value].op;
    if (!made.valid()) return std::nullopt;
    const Op &op = f.ops[made];
    if (op.code == OpCode::Zero) return 0;
    if (op.code != OpCode::Const) return std::nullopt;
    const auto *n = std::get_if<int64_t>(op.find(AttrKey::Value));
    return n ? std::optional(*n) : std::nullopt;
}

Shape Analysis::join(std::span<const ValueId> operands) const {
    for (ValueId operand : operands)
        if (shape(operand).kind != Kind::Uniform) return {Kind::Varying, 0};
    return {};
}

/// Integers that advance by a constant a lane stay so under + - and products with constants; lanes wrap as the scalars would.
Shape Analysis::arithmetic(const Op &op) const {
    constexpr int64_t kMostStride = 1 << 20;
    Shape all = join(op.operands);
    if (all.kind == Kind::Uniform || !isInteger(module.types.kind(f.type(op.result)))) return all;
    Shape a = shape(op.operands[0]), b = op.operands.size() > 1 ? shape(op.operands[1]) : Shape{};
    auto linear = [&](int64_t stride) -> Shape {
        if (stride == 0) return {Kind::Varying, 0}; // uniform, but nobody says so twice
        return std::abs(stride) <= kMostStride ? Shape{Kind::Linear, stride} : Shape{Kind::Varying, 0};
    };
    auto constantOf = [&](ValueId v) { return constant(v).value_or(0); };
    if (a.kind == Kind::Varying || b.kind == Kind::Varying) return all;
    switch (op.code) {
    case OpCode::Add: return linear(a.stride + b.stride);
    case OpCode::Sub: return linear(a.stride - b.stride);
    case OpCode::Neg: return linear(-a.stride);
    case OpCode::Mul:
        if (a.kind == Kind::Linear && std::abs(constantOf(op.operands[1])) <= kMostStride)
            return linear(a.stride * constantOf(op.operands[1]));
        if (b.kind == Kind::Linear && std::abs(constantOf(op.operands[0])) <= kMostStride)
            return linear(b.stride * constantOf(op.operands[0]));
        return all;
    case OpCode::Convert: {
        TypeKind from = module.types.kind(f.type(op.operands[0])), to = module.types.kind(f.type(op.result));
        // The low bits of an arithmetic progression are one; wider ones need not be.
        bool fits = isInteger(from) && isInteger(to) && scalarBytes(to) <= scalarBytes(from);
        return fits && scalarBytes(to) >= 4 ? a : all;
    }
    default: return all;
    }
}

void Analysis::walk(RegionId region) {
    for (OpId id : f.regions[region].ops) one(id);
}

void Analysis::one(OpId id) {
    const Op &op = f.ops[id];
    switch (op.code) {
    case OpCode::Slot: return;
    case OpCode::Load:
        if (isLocalSlot(op.operands[0])) {
            if (isVaryingSlot(op.operands[0])) set(op.result, {Kind::Varying, 0});
        } else if (shape(op.operands[0]).kind != Kind::Uniform) {
            set(op.result, {Kind::Varying, 0});
        }
        return;
    case OpCode::Store:
        if (isLocalSlot(op.operands[0]) && !isVaryingSlot(op.operands[0]))
            if (shape(op.operands[1]).kind != Kind::Uniform || needsBlend(op.operands[0], id))
                changed = varying_slots.insert(op.operands[0].raw).second || changed;
        return;
    case OpCode::If:
    case OpCode::Switch:
        if (shape(op.operands[0]).kind != Kind::Uniform) mark(divergent, id);
        break;
    case OpCode::For: {
        if (shape(op.operands[1]).kind != Kind::Uniform) {
            mark(divergent, id);
            mark(left, id);
        }
        ValueId bounds[] = {op.operands[0], op.operands[2]};
        set(f.regions[op.regions[0]].params[0], join(bounds));
        break;
    }
    case OpCode::Leave:
    case OpCode::Again: return exit(op, id);
    default: break;
    }
    for (RegionId inner : op.regions) walk(inner);
    resultShape(op, id);
}

void Analysis::resultShape(const Op &op, OpId id) {
    if (!op.result.valid()) return;
    if (op.regions.empty()) {
        set(op.result, arithmetic(op));
        return;
    }
    bool uniform = !diverges(id) && !isLeft(id);
    for (RegionId inner : op.regions) {
        if (f.regions[inner].ops.empty()) continue;
        const Op &last = f.ops[f.regions[inner].ops.back()];
        if (last.code == OpCode::Yield && !last.operands.empty() && shape(last.operands[0]).kind != Kind::Uniform) uniform = false;
    }
    if (!uniform) set(op.result, {Kind::Varying, 0});
}

/// Are lanes off at `from` that are on in the target?
bool Analysis::divergesBetween(RegionId from, OpId target, bool again) const {
    for (RegionId at = from;;) {
        OpId around = f.regions[at].op;
        if (!around.valid()) return false;
        if (around == target) return !again && isSkipped(target);
        if (diverges(around) || isLeft(around) || isSkipped(around)) return true;
        at = f.ops[around].parent;
    }
}

void Analysis::exit(const Op &op, OpId id) {
    OpId target = op.target();
    bool again = op.code == OpCode::Again;
    if (!op.operands.empty() && shape(op.operands[0]).kind != Kind::Uniform) set(f.ops[target].result, {Kind::Varying, 0});
    if (!divergesBetween(op.parent, target, again)) return;
    mark(partial, id);
    mark(again ? skipped : left, target);
    if (!again) mark(own_exits, target);
    for (RegionId at = op.parent; f.regions[at].op != target; at = f.ops[f.regions[at].op].parent) {
        OpId around = f.regions[at].op;
        OpCode code = f.ops[around].code;
        if (code == OpCode::Loop || code == OpCode::For || code == OpCode::Block) mark(left, around);
        mark(escaping, around);
    }
}

bool Analysis::isFailure(RegionId region) const {
    const auto &ops = f.regions[region].ops;
    if (ops.empty()) return false;
    const Op &last = f.ops[ops.back()];
    if (last.code != OpCode::Trap && last.code != OpCode::Throw) return false;
    for (OpId id : ops)
        if (!f.ops[id].regions.empty()) return false;
    return true;
}

} // namespace parlane::vectorize
