// Folds of dear bodies: a block is a unit of order, not of work. The values are computed first, by anybody, and folded in order afterwards.
#include "compiler/opt/outline_parts.h"

namespace parlane::opt {

using pir::Builder;
using pir::PassMode;

/// What one iteration yields: one value, or a tuple of all.
TypeId Outliner::valueType(const Scalars &scalars) {
    std::vector<TypeId> types = yieldTypes(scalars);
    return types.size() == 1 ? types[0] : module.types.tuple(types);
}

/// values(.., lo, hi, out: view of the values of lo..hi). A skipped iteration leaves what contributes nothing.
FunctionId Outliner::valuesFunction(const Scalars &scalars) {
    TypeId value = valueType(scalars);
    Made made = make("values", module.types.unit());
    Builder &b = made.b;
    ValueId lo = addParam(made, module.types.i64(), "lo"), hi = addParam(made, module.types.i64(), "hi");
    ValueId out = addParam(made, module.types.view(value, 1), "values", PassMode::Inout);
    Cloner seen = cloner(made);
    Space inside = space(b, [&](ValueId v) { return seen.value(v); });
    unitLoop(made, inside, lo, hi, [&](std::span<const ValueId> indices, OpId again) {
        ValueId at = b.binary(OpCode::Sub, indices[0], lo);
        ValueId place = b.elem(out, {at}, pir::Bounds::Proved, pir::Own::Local);
        b.store(place, neutralValue(b, scalars));
        auto yielded = body(made, fn().region(op(), Role::Checked), indices, {}, again);
        if (b.terminated()) return;
        b.store(place, yielded.size() == 1 ? yielded[0] : b.emit(OpCode::Tuple, value, yielded));
    });
    b.ret();
    return made.id;
}

/// Products of the pair (0.0, -0.0) are the exact identity of a sum.
ValueId Outliner::neutralValue(Builder &b, const Scalars &scalars) {
    std::vector<ValueId> parts;
    std::function<ValueId(TypeId, FoldOp)> neutral = [&](TypeId type, FoldOp how) -> ValueId {
        const pir::Type held = module.types[type];
        if (held.kind != TypeKind::Tuple) return identity(b, type, how);
        std::vector<ValueId> members;
        for (TypeId part : held.parts) members.push_back(neutral(part, how));
        return b.emit(OpCode::Tuple, type, members);
    };
    for (const Column &column : scalars.columns) {
        if (column.op == FoldOp::Fma) parts.push_back(b.zero(column.type));
        parts.push_back(neutral(column.type, column.op));
    }
    return parts.size() == 1 ? parts[0] : b.emit(OpCode::Tuple, valueType(scalars), parts);
}

} // namespace parlane::opt
