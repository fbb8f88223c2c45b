// Of pass `simplify`: what is known about arrays in slots and parameters without looking at them again. Views of an array that nobody replaces are
// one, and leave the loops around them.
#include "compiler/opt/simplify.h"

namespace parlane::opt {

using namespace pir;

/// The slot or parameter that a ref is a part of; none for other places.
ValueId Simplifier::rootOf(ValueId ref) const {
    for (;;) {
        const Value &v = f.values[ref];
        if (!v.op.valid()) return ref;
        const Op &op = f.ops[v.op];
        if (op.code == OpCode::Slot) return ref;
        bool part = op.code == OpCode::Field && module.types.kind(module.types[f.type(op.operands[0])].elem) != TypeKind::Box;
        if (!part) return {};
        ref = op.operands[0];
    }
}

/// An op may put another array where a ref points: views that were taken before say nothing about it any more.
void Simplifier::forgetOwners(const Op &op, Known &known) {
    auto forget = [&](ValueId ref) {
        ValueId root = rootOf(ref);
        std::erase_if(known, [&](const auto &entry) {
            if ((entry.first & ~kIds) == 0) return false;
            ValueId at = rootOf(ValueId(entry.first & kIds));
            return !root.valid() || at == root;
        });
    };
    if (op.code == OpCode::Slot) return forget(op.result);
    switch (op.code) {
    case OpCode::Load:
    case OpCode::View:
    case OpCode::Field:
    case OpCode::Tag:
    case OpCode::Copy:
    case OpCode::Payload: return;
    default: break;
    }
    for (size_t i = 0; i < op.operands.size(); ++i) {
        const Type &type = module.types[f.type(op.operands[i])];
        if (type.kind == TypeKind::Closure) std::erase_if(known, [](const auto &entry) { return (entry.first & ~kIds) != 0; });
        if (type.kind == TypeKind::Ref && module.types.owns(type.elem)) forget(op.operands[i]);
    }
}

/// A view of an array that nobody has replaced since the last view of it is that view. One with a verdict lends it to the elements taken through
/// it, inside its own region only: it stays as it is.
bool Simplifier::forwardView(OpId id, Known &known) {
    Op &op = f.ops[id];
    if (op.has(AttrKey::Own)) return false;
    ValueId ref = op.operands[0];
    if (module.types.kind(module.types[f.type(ref)].elem) != TypeKind::Array || !rootOf(ref).valid()) return false;
    if (auto found = known.find(kView | ref.raw); found != known.end()) return replace(id, found->second), true;
    known[kView | ref.raw] = op.result;
    if (auto found = known.find(kArray | ref.raw); found != known.end()) arrays[op.result.raw] = f.values[found->second].op;
    return true;
}

/// Views, and refs to fields, whose place is outside of a loop that never puts another array there move in front of it. They only read a header that
/// is there in any case, so branches around them do not matter.
void Simplifier::climb(RegionId id) {
    std::vector<OpId> ops = f.regions[id].ops;
    for (OpId op_id : ops) {
        std::vector<RegionId> inner = f.ops[op_id].regions;
        for (RegionId r : inner) climb(r);
        OpCode code = f.ops[op_id].code;
        bool repeats = code == OpCode::For || code == OpCode::Loop || (isParallel(code) && code != OpCode::ParInvoke && code != OpCode::ParPipeline);
        if (!repeats) continue;
        for (RegionId r : inner)
            forEachOp(f, r, [&](OpId candidate) {
                if (!climbs(candidate, op_id)) return;
                removeOp(f, candidate);
                RegionId target = f.ops[op_id].parent;
                auto &list = f.regions[target].ops;
                list.insert(std::find(list.begin(), list.end(), op_id), candidate);
                f.ops[candidate].parent = target;
                changed = true;
            });
    }
}

bool Simplifier::climbs(OpId candidate, OpId loop) {
    const Op &op = f.ops[candidate];
    if ((op.code != OpCode::View && op.code != OpCode::Field) || op.has(AttrKey::Own)) return false;
    TypeKind place = module.types.kind(module.types[f.type(op.operands[0])].elem);
    if (op.code == OpCode::Field ? place == TypeKind::Box : place != TypeKind::Array) return false;
    ValueId ref = op.operands[0];
    if (!rootOf(ref).valid()) return false;
    for (RegionId r : f.ops[loop].regions)
        if (isDefinedIn(ref, r)) return false;
    if (op.code == OpCode::Field) return true;
    Known probe = {{kView | ref.raw, op.result}};
    for (RegionId r : f.ops[loop].regions) forgetStored(r, probe);
    return !probe.empty();
}

} // namespace parlane::opt
