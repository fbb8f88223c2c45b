// Collects: into an array of the loop's shape, by par.filter, or into one that grows. A body that gives a tuple fills
// one array a component.
#include "compiler/lower/function_lowering.h"

namespace parlane::lower {

using pir::AttrKey;
using pir::TypeKind;

std::vector<HType> FunctionLowering::columnsOf(HType result) {
    if (auto *tuple = all.types.as<types::TupleType>(result)) return tuple->elems;
    return {result};
}

ValueId FunctionLowering::collect(HType result, hir::LoopId id, const hir::Loop &loop) {
    return columnsResult(collectColumns(result, id, loop), result);
}

/// One owning slot a column.
std::vector<ValueId> FunctionLowering::collectColumns(HType result, hir::LoopId id, const hir::Loop &loop) {
    std::vector<PType> columns;
    for (HType column : columnsOf(result)) columns.push_back(all.type(column));
    if (loop.shaped) return collectShaped(id, loop, columns);
    if (loop.execution == hir::Execution::Serial) return collectGrowing(id, loop, columns);
    return collectFiltered(id, loop, columns);
}

ValueId FunctionLowering::columnsResult(const std::vector<ValueId> &slots, HType result) {
    std::vector<ValueId> arrays;
    for (ValueId slot : slots) arrays.push_back(b.take(slot));
    return arrays.size() == 1 ? arrays[0] : b.emit(OpCode::Tuple, all.type(result), std::move(arrays));
}

std::vector<ValueId> FunctionLowering::resultArrays(const std::vector<PType> &columns,
                                                    const std::vector<ValueId> &extents) {
    std::vector<ValueId> slots;
    for (PType column : columns) {
        const pir::Type of = types()[column];
        std::vector<ValueId> shape = extents;
        if (static_cast<size_t>(of.dims[0]) != extents.size()) {
            shape = {extents[0]};
            for (size_t d = 1; d < extents.size(); ++d) shape[0] = b.binary(OpCode::Mul, shape[0], extents[d]);
        }
        // What owns must be zero, so that it can be dropped half filled.
        std::vector<pir::Attr> attrs;
        if (!ownsType(of.elem)) attrs.push_back({AttrKey::Raw, int64_t{1}});
        slots.push_back(spill(b.emit(OpCode::Array, column, std::move(shape), std::move(attrs))));
    }
    return slots;
}

/// The values of the body, one a column.
std::vector<ValueId> FunctionLowering::columnValues(hir::BlockId id, size_t count) {
    const hir::Block &of = body.blocks[id];
    for (hir::StmtId stmt : of.stmts) {
        if (dead) return {};
        statement(stmt);
    }
    if (dead || !of.value) return {};
    if (count == 1) return {value(of.value)};
    if (auto *tuple = std::get_if<hir::Tuple>(&body.exprs[of.value].node)) return operands(tuple->elems);
    ValueId whole = value(of.value);
    if (dead) return {};
    std::vector<ValueId> parts;
    bool owning = owns(whole);
    ValueId held = owning ? spill(whole) : whole;
    for (size_t i = 0; i < count; ++i) {
        auto number = static_cast<int64_t>(i);
        if (!owning) {
            parts.push_back(b.get(held, number));
            continue;
        }
        ValueId ref = b.field(held, number);
        parts.push_back(ownsType(types()[fn().type(ref)].elem) ? b.take(ref) : b.load(ref));
    }
    return parts;
}

void FunctionLowering::storeColumns(const std::vector<ValueId> &slots, const std::vector<ValueId> &extents,
                                    const std::vector<ValueId> &indices, const std::vector<ValueId> &values,
                                    OpId region_op) {
    for (size_t i = 0; i < values.size(); ++i) {
        bool flat = types()[fn().type(slots[i])].dims[0] == 1 && indices.size() > 1;
        std::vector<ValueId> at = flat ? std::vector<ValueId>{flatIndex(extents, indices)} : indices;
        ValueId ref = b.elem(slots[i], std::move(at), pir::Bounds::Proved,
                             region_op.valid() ? pir::Own::Loop : pir::Own::Local, region_op);
        b.store(ref, values[i]);
    }
}

std::vector<ValueId> FunctionLowering::collectShaped(hir::LoopId id, const hir::Loop &loop,
                                                     const std::vector<PType> &columns) {
    std::vector<ValueId> slots, views, shape;
    auto start = [&](const std::vector<ValueId> &extents) {
        shape = extents;
        slots = resultArrays(columns, extents);
        for (ValueId slot : slots) views.push_back(b.view(slot));
    };
    if (loop.execution == hir::Execution::Serial) {
        std::vector<SourcePlan> plans = planAll(loop);
        start(allExtents(plans));
        loop_targets[id.raw] = {};
        serialLoop({id,
                    loop,
                    &plans,
                    [&](const std::vector<ValueId> &indices) {
                        std::vector<ValueId> values = columnValues(loop.body, columns.size());
                        if (!dead) storeColumns(views, shape, indices, values, {});
                    },
                    {},
                    true,
                    true});
        return slots;
    }
    ParBody setup;
    setup.before = start;
    setup.inside = [&](OpId op, const std::vector<ValueId> &indices) {
        std::vector<ValueId> values = columnValues(loop.body, columns.size());
        if (!dead) storeColumns(views, shape, indices, values, op);
    };
    parallel(id, loop, OpCode::ParFor, {}, setup);
    return slots;
}

std::vector<ValueId> FunctionLowering::collectFiltered(hir::LoopId id, const hir::Loop &loop,
                                                       const std::vector<PType> &columns) {
    PType result = columns.size() == 1 ? columns[0] : types().tuple(columns);
    ParBody setup;
    setup.inside = [&](OpId, const std::vector<ValueId> &) {
        std::vector<ValueId> values = columnValues(loop.body, columns.size());
        if (dead) return;
        b.yield(values);
        terminate();
    };
    OpId op = parallel(id, loop, OpCode::ParFilter, result, setup);
    ValueId made = spill(fn().ops[op].result);
    if (columns.size() == 1) return {made};
    std::vector<ValueId> slots;
    for (size_t i = 0; i < columns.size(); ++i) slots.push_back(b.field(made, static_cast<int64_t>(i)));
    return slots;
}

std::vector<ValueId> FunctionLowering::collectGrowing(hir::LoopId id, const hir::Loop &loop,
                                                      const std::vector<PType> &columns) {
    std::vector<ValueId> slots;
    for (PType column : columns) slots.push_back(temp(column));
    ValueId count = b.slot(types().i64());
    loop_targets[id.raw] = {};
    serialLoop({id,
                loop,
                nullptr,
                [&](const std::vector<ValueId> &) {
                    std::vector<ValueId> values = columnValues(loop.body, columns.size());
                    if (!dead) append(slots, count, std::move(values));
                },
                {},
                true,
                false});
    std::vector<ValueId> exact;
    for (size_t i = 0; i < slots.size(); ++i)
        exact.push_back(spill(b.call(all.resizer(Resize::Shrink, columns[i]), {slots[i], b.load(count)})));
    return exact;
}

void FunctionLowering::append(const std::vector<ValueId> &slots, ValueId count, std::vector<ValueId> values) {
    std::vector<ValueId> waiting(values.size());
    for (size_t i = 0; i < values.size(); ++i)
        if (owns(values[i])) waiting[i] = spill(values[i]);
    for (ValueId slot : slots) b.call(all.resizer(Resize::Grow, types()[fn().type(slot)].elem), {slot, b.load(count)});
    ValueId at = b.load(count);
    for (size_t i = 0; i < values.size(); ++i) {
        ValueId ref = b.elem(b.view(slots[i]), {at}, pir::Bounds::Proved, pir::Own::Local);
        ValueId moved = waiting[i].valid() ? b.take(waiting[i]) : values[i];
        b.store(ref, moved);
    }
    b.store(count, b.binary(OpCode::Add, at, b.constInt(1)));
}

} // namespace parlane::lower
