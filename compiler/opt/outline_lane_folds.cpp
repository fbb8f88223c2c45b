// Folds on lanes, in the order of the language: lane j of a step is partial j, or one of a part of the partials.
#include "compiler/opt/outline_parts.h"

namespace parlane::opt {

using pir::Builder;

void Outliner::addLeaves(Builder &b, TypeId type, FoldOp how, std::vector<Leaf> &leaves) {
    const pir::Type held = module.types[type];
    if (held.kind == TypeKind::Tuple) {
        for (TypeId part : held.parts) addLeaves(b, part, how, leaves);
        return;
    }
    bool is_bool = held.kind == TypeKind::Bool;
    TypeId vector = is_bool ? module.types.mask(lanes()) : module.types.vec(type, lanes());
    Leaf leaf{type, b.slot(vector), {}};
    b.store(leaf.slot, b.emit(OpCode::Splat, vector, {identity(b, type, how)}));
    leaves.push_back(leaf);
}

/// One accumulator a lane for each scalar, with the identity in it.
std::vector<Outliner::Leaf> Outliner::leavesOf(Builder &b, const Scalars &scalars) {
    std::vector<Leaf> leaves;
    for (const Column &column : scalars.columns) addLeaves(b, column.type, column.op, leaves);
    return leaves;
}

/// x < y, lexicographically, lane by lane.
ValueId Outliner::lessOnLanes(Builder &b, std::span<const ValueId> x, std::span<const ValueId> y) {
    TypeId mask = module.types.mask(lanes());
    ValueId result = b.emit(OpCode::Splat, mask, {b.constBool(false)});
    for (size_t k = x.size(); k-- > 0;) {
        bool is_bool = module.types.kind(b.fn().type(x[k])) == TypeKind::Mask;
        ValueId same = is_bool ? b.unary(OpCode::Not, b.binary(OpCode::Xor, x[k], y[k])) : b.emit(OpCode::Eq, mask, {x[k], y[k]});
        ValueId less = is_bool ? b.binary(OpCode::And, b.unary(OpCode::Not, x[k]), y[k]) : b.emit(OpCode::Lt, mask, {x[k], y[k]});
        result = b.binary(OpCode::Or, less, b.binary(OpCode::And, same, result));
    }
    return result;
}

/// What the accumulators are after the values of one step.
std::vector<ValueId> Outliner::foldLanes(Builder &b, const Scalars &scalars, std::span<const ValueId> values,
                                         std::span<const ValueId> before) {
    std::vector<ValueId> after;
    size_t next = 0, value = 0;
    std::function<size_t(TypeId)> count = [&](TypeId type) -> size_t {
        if (module.types.kind(type) != TypeKind::Tuple) return 1;
        size_t sum = 0;
        for (TypeId part : module.types[type].parts) sum += count(part);
        return sum;
    };
    for (const Column &column : scalars.columns) {
        size_t n = count(column.type);
        auto old = before.subspan(next, n);
        auto fresh = values.subspan(value, n);
        next += n;
        value += n;
        if (column.whole) {
            ValueId takes = column.op == FoldOp::Min ? lessOnLanes(b, fresh, old) : lessOnLanes(b, old, fresh);
            for (size_t k = 0; k < n; ++k) after.push_back(b.emit(OpCode::Blend, b.fn().type(old[k]), {takes, fresh[k], old[k]}));
            continue;
        }
        if (column.op != FoldOp::Fma) {
            for (size_t k = 0; k < n; ++k) after.push_back(apply(b, column.op, old[k], fresh[k]));
            continue;
        }
        auto second = values.subspan(value, n);
        value += n;
        for (size_t k = 0; k < n; ++k) {
            const pir::Type held = module.types[b.fn().type(old[k])];
            bool floating = pir::isFloat(module.types.kind(held.elem));
            after.push_back(floating ? b.emit(OpCode::Fma, b.fn().type(old[k]), {fresh[k], second[k], old[k]})
                                     : b.binary(OpCode::Add, old[k], b.binary(OpCode::Mul, fresh[k], second[k])));
        }
    }
    return after;
}

/// One step onto the accumulators (from partial `at` on, where they are in memory). A mask in front of the values says who contributes.
void Outliner::foldStep(Builder &b, const Scalars &scalars, const std::vector<Leaf> &leaves, ValueId at, ValueId mask,
                        std::span<const ValueId> values) {
    if (scalars.clause) { // the step has folded onto the vectors itself
        for (const Leaf &leaf : leaves)
            if (leaf.array.valid())
                b.op(OpCode::VStore, {}, {leaf.array, at, b.load(leaf.slot)}, {{AttrKey::Own, static_cast<int64_t>(pir::Own::Local)}});
        return;
    }
    size_t wanted = leaves.size();
    for (const Column &column : scalars.columns) wanted += column.op == FoldOp::Fma;
    if (values.size() > wanted) {
        mask = values[0];
        values = values.subspan(1);
    }
    std::vector<ValueId> before;
    for (const Leaf &leaf : leaves) {
        TypeId type = module.types[b.fn().type(leaf.slot)].elem;
        before.push_back(leaf.array.valid() ? b.emit(OpCode::VLoad, type, {leaf.array, at}) : b.load(leaf.slot));
    }
    std::vector<ValueId> after = foldLanes(b, scalars, values, before);
    for (size_t k = 0; k < leaves.size(); ++k) {
        ValueId result = mask.valid() ? b.emit(OpCode::Blend, b.fn().type(after[k]), {mask, after[k], before[k]}) : after[k];
        if (leaves[k].array.valid()) b.op(OpCode::VStore, {}, {leaves[k].array, at, result}, {{AttrKey::Own, static_cast<int64_t>(pir::Own::Local)}});
        else b.store(leaves[k].slot, result);
    }
}

/// The vectors of a clause, as a step takes them.
std::function<std::vector<ValueId>(ValueId)> Outliner::leafRefs(Builder &b, const std::vector<Leaf> &leaves,
                                                                std::function<ValueId(ValueId)> at) {
    return [&b, &leaves, at](ValueId index) {
        std::vector<ValueId> refs;
        for (const Leaf &leaf : leaves) {
            TypeId type = b.types()[b.fn().type(leaf.slot)].elem;
            if (leaf.array.valid()) b.store(leaf.slot, b.emit(OpCode::VLoad, type, {leaf.array, at(index)}));
            refs.push_back(leaf.slot);
        }
        return refs;
    };
}

/// Partial j of a column, put together from its leaves in memory.
ValueId Outliner::leafAt(Builder &b, const std::vector<Leaf> &leaves, size_t &next, TypeId type, ValueId j) {
    const pir::Type held = module.types[type];
    if (held.kind != TypeKind::Tuple) return b.load(b.elem(leaves[next++].array, {j}, pir::Bounds::Proved, pir::Own::Local));
    std::vector<ValueId> parts;
    for (TypeId part : held.parts) parts.push_back(leafAt(b, leaves, next, part, j));
    return b.emit(OpCode::Tuple, type, parts);
}

/// Iterations [lo, lo + count) of one row onto the partials, which hold the identity.
void Outliner::foldBlockOnLanes(Made &made, Scalars &scalars, std::span<const ValueId> outer, ValueId lo, ValueId count,
                                const std::vector<ValueId> &partials, const Iterate &each) {
    Builder &b = made.b;
    std::vector<Leaf> leaves = leavesOf(b, scalars);
    bool whole = lanes() == scalars.partials;
    auto toMemory = [&] {
        for (Leaf &leaf : leaves) {
            leaf.array = b.slot(module.types.fixed(leaf.type, {scalars.partials}));
            for (int64_t at = 0; at < scalars.partials; at += lanes())
                b.op(OpCode::VStore, {}, {leaf.array, constant(b, at), b.load(leaf.slot)},
                     {{AttrKey::Own, static_cast<int64_t>(pir::Own::Local)}});
        }
    };
    if (!whole) toMemory();
    LaneUse use;
    auto partial = [&](ValueId index) {
        return b.binary(OpCode::And, b.binary(OpCode::Sub, index, lo), constant(b, scalars.partials - 1));
    };
    use.step = [&](ValueId index, ValueId mask, std::span<const ValueId> values) {
        foldStep(b, scalars, leaves, whole ? ValueId{} : partial(index), mask, values);
    };
    if (scalars.clause) use.refs = leafRefs(b, leaves, partial);
    use.replay = [&](std::span<const ValueId> indices, OpId again) {
        std::vector<ValueId> first;
        for (ValueId partial : partials) first.push_back(b.elem(partial, {constant(b, 0)}, pir::Bounds::Proved, pir::Own::Local));
        each(indices.back(), again, first);
    };
    laneLoop(made, {outer.begin(), outer.end()}, lo, count, use);
    if (whole) toMemory();
    loop(b, constant(b, 0), constant(b, scalars.partials), {}, [&](ValueId j, OpId) {
        size_t next = 0;
        for (size_t k = 0; k < scalars.columns.size(); ++k) {
            ValueId value = leafAt(b, leaves, next, scalars.columns[k].type, j);
            b.store(b.elem(partials[k], {j}, pir::Bounds::Proved, pir::Own::Local), value);
        }
    });
}

/// Integers, in any grouping: one accumulator a lane over the whole strip, then onto the locals.
void Outliner::foldExactOnLanes(Made &made, Scalars &scalars, const Space &space, ValueId lo, ValueId hi,
                                const std::vector<ValueId> &locals) {
    Builder &b = made.b;
    std::vector<Leaf> leaves = leavesOf(b, scalars);
    LaneUse use;
    use.step = [&](ValueId, ValueId mask, std::span<const ValueId> values) { foldStep(b, scalars, leaves, {}, mask, values); };
    if (scalars.clause) use.refs = leafRefs(b, leaves, [](ValueId index) { return index; });
    use.replay = [&](std::span<const ValueId> indices, OpId again) { foldIteration(made, scalars, indices, again, locals); };
    emitOnLanes(made, space, lo, hi, use);
    for (Leaf &leaf : leaves) {
        leaf.array = b.slot(module.types.fixed(leaf.type, {lanes()}));
        b.op(OpCode::VStore, {}, {leaf.array, constant(b, 0), b.load(leaf.slot)}, {{AttrKey::Own, static_cast<int64_t>(pir::Own::Local)}});
    }
    loop(b, constant(b, 0), constant(b, lanes()), {}, [&](ValueId j, OpId) {
        size_t next = 0;
        for (size_t k = 0; k < scalars.columns.size(); ++k) {
            const Column &column = scalars.columns[k];
            ValueId value = leafAt(b, leaves, next, column.type, j), before = b.load(locals[k]);
            b.store(locals[k], column.whole ? applyWhole(b, column.op, before, value) : apply(b, column.op, before, value));
        }
    });
}

} // namespace parlane::opt
