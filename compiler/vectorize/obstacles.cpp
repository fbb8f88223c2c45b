// What cannot run on lanes, said in the words of the source.
#include "compiler/vectorize/analysis.h"

#include <fmt/format.h>

namespace parlane::vectorize {

using namespace pir;

std::optional<Obstacle> Analysis::obstacle(RegionId region) {
    // The message of a failure is made when the step is replayed.
    if (region != body && isFailure(region)) {
        can_fail = true;
        return std::nullopt;
    }
    for (OpId id : f.regions[region].ops) {
        const Op &op = f.ops[id];
        can_fail = can_fail || mayFail(op);
        if (auto found = obstacleOf(op)) return found;
        for (RegionId inner : op.regions)
            if (auto found = obstacle(inner)) return found;
    }
    return region == body ? replayObstacle() : std::nullopt;
}

bool Analysis::mayFail(const Op &op) const {
    switch (op.code) {
    case OpCode::Elem: return op.enumerator<Bounds>(AttrKey::Bounds) == Bounds::Checked;
    case OpCode::Check:
    case OpCode::Trap:
    case OpCode::Throw: return true;
    default: return false;
    }
}

std::optional<Obstacle> Analysis::typeObstacle(const Op &op, ValueId value) const {
    std::vector<TypeId> pending = {f.type(value)};
    while (!pending.empty()) {
        TypeId id = pending.back();
        pending.pop_back();
        const Type &type = module.types[id];
        bool aggregate = type.kind == TypeKind::Tuple || type.kind == TypeKind::Struct;
        if (isScalar(type.kind) || (aggregate && !module.types.owns(id))) {
            pending.insert(pending.end(), type.parts.begin(), type.parts.end());
            continue;
        }
        std::string name = f.values[value].name.valid() ? fmt::format("`{}`", module.names.text(f.values[value].name)) : "a value";
        const char *why = type.kind == TypeKind::View                                         ? "is a different slice in each lane"
                          : type.kind == TypeKind::Optional || type.kind == TypeKind::Enum ? "has cases that differ from lane to lane"
                          : type.kind == TypeKind::Fixed ? "is an array of fixed size that differs from lane to lane"
                                                         : "is neither a number nor a bool and differs from lane to lane";
        return Obstacle{fmt::format("{} {}", name, why), op.loc};
    }
    return std::nullopt;
}

std::optional<Obstacle> Analysis::obstacleOf(const Op &op) {
    auto no = [&](std::string what) { return std::optional(Obstacle{std::move(what), op.loc}); };
    switch (op.code) {
    case OpCode::Slot: {
        TypeId held = module.types[f.type(op.result)].elem;
        if (module.types.owns(held)) return no("the body makes a value that owns memory");
        if (!isVaryingSlot(op.result)) return std::nullopt;
        if (!isScalar(module.types.kind(held))) {
            std::string name = f.values[op.result].name.valid() ? std::string(module.names.text(f.values[op.result].name)) : "a variable";
            return no(fmt::format("`{}` is no number or bool and differs from lane to lane", name));
        }
        return std::nullopt;
    }
    case OpCode::Array:
    case OpCode::Box:
    case OpCode::Copy: return no("the body allocates memory");
    case OpCode::Take:
    case OpCode::Drop:
    case OpCode::Swap: return no("the body moves a value");
    case OpCode::Atomic: return no("not supported yet: `atomic` on lanes");
    case OpCode::Keep: return no("`keep` is opaque");
    case OpCode::CallRt: {
        std::string_view name = op.string(AttrKey::Name);
        if (name == "print") return no("`print` is ordered, lanes are not");
        return no(fmt::format("the body calls the runtime (`{}`)", name));
    }
    case OpCode::Call: return no(fmt::format("`{}` is not expanded", module.functions[op.function()].name));
    case OpCode::CallC: return no(fmt::format("the C function `{}` takes one value at a time", op.string(AttrKey::Name)));
    case OpCode::CallClosure:
    case OpCode::Closure: return no("the body calls a closure that is only known while running");
    case OpCode::Try: return no("the body catches errors");
    case OpCode::Data: return std::nullopt;
    case OpCode::Trap:
    case OpCode::Throw: return no("the body fails in a way that lanes do not know");
    case OpCode::Tag:
    case OpCode::Payload:
    case OpCode::Case:
        if (isVarying(op.result) || shape(op.operands.empty() ? op.result : op.operands[0]).kind != Kind::Uniform)
            return no("not supported yet: optionals and enums that differ from lane to lane");
        return std::nullopt;
    case OpCode::With:
        return isVarying(op.result) ? no("not supported yet: a changed part of a struct that differs from lane to lane") : std::nullopt;
    case OpCode::View:
    case OpCode::Slice:
    case OpCode::Reshape:
    case OpCode::Contiguous:
    case OpCode::Extent:
        if (op.result.valid() && shape(op.result).kind != Kind::Uniform) return no("a slice that differs from lane to lane");
        return std::nullopt;
    case OpCode::Rem:
        if (isFloat(module.types.kind(f.type(op.result))) && shape(op.result).kind != Kind::Uniform)
            return no("not supported yet: `%` of floats on lanes");
        break;
    case OpCode::Store: return storeObstacle(op);
    default:
        if (isParallel(op.code)) return no("the body holds a parallel construct");
        break;
    }
    if (op.result.valid() && module.types.kind(f.type(op.result)) != TypeKind::Ref && shape(op.result).kind != Kind::Uniform)
        return typeObstacle(op, op.result);
    if (op.result.valid() && module.types.owns(f.type(op.result))) return no("the body makes a value that owns memory");
    return std::nullopt;
}

std::optional<Obstacle> Analysis::storeObstacle(const Op &op) {
    ValueId ref = op.operands[0];
    if (isLocalSlot(ref)) return std::nullopt;
    if (shape(ref).kind == Kind::Uniform) return Obstacle{"all lanes would write one place", op.loc};
    return typeObstacle(op, op.operands[1]);
}

ValueId Analysis::rootOf(ValueId ref) const {
    for (OpId made = f.values[ref].op; made.valid(); made = f.values[ref].op) {
        const Op &op = f.ops[made];
        bool part = op.code == OpCode::Elem || op.code == OpCode::Field || op.code == OpCode::View || op.code == OpCode::Slice ||
                    op.code == OpCode::Reshape || op.code == OpCode::Payload;
        if (!part) break;
        ref = op.operands[0];
    }
    return ref;
}

/// A step that fails is run again from its start: before the last possible failure it may write only what the body does not read.
std::optional<Obstacle> Analysis::replayObstacle() const {
    if (!can_fail) return std::nullopt;
    std::set<uint32_t> read;
    auto visit = [&](auto &&self, RegionId region, auto &&each) -> void {
        for (OpId id : f.regions[region].ops) {
            each(f.ops[id], id);
            for (RegionId inner : f.ops[id].regions) self(self, inner, each);
        }
    };
    visit(visit, body, [&](const Op &op, OpId) {
        if (op.code == OpCode::Load && !isLocalSlot(op.operands[0])) read.insert(rootOf(op.operands[0]).raw);
    });
    struct Write {
        uint32_t number;
        OpId around; ///< outermost loop in the body
        LocId loc;
    };
    auto outermostLoop = [&](OpId id) {
        OpId found;
        for (RegionId at = f.ops[id].parent; at != body;) {
            OpId around = f.regions[at].op;
            if (f.ops[around].code == OpCode::Loop || f.ops[around].code == OpCode::For) found = around;
            at = f.ops[around].parent;
        }
        return found;
    };
    std::vector<Write> writes;
    visit(visit, body, [&](const Op &op, OpId id) {
        if (op.code == OpCode::Store && !isLocalSlot(op.operands[0]) && read.contains(rootOf(op.operands[0]).raw))
            writes.push_back({order.at(id.raw).first, outermostLoop(id), op.loc});
    });
    std::optional<Obstacle> found;
    visit(visit, body, [&](const Op &op, OpId id) {
        bool failing = mayFail(op);
        if (!failing || found) return;
        for (const Write &write : writes) {
            OpId around = outermostLoop(id);
            if (order.at(id.raw).first > write.number || (around.valid() && around == write.around)) {
                found = Obstacle{"what this writes is read in the body, and the body may fail afterwards", write.loc};
                return;
            }
        }
    });
    return found;
}

} // namespace parlane::vectorize
