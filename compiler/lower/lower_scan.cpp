// scan and first.
#include "compiler/lower/function_lowering.h"

namespace parlane::lower {

using pir::AttrKey;
using pir::TypeKind;

ValueId FunctionLowering::scan(HType result, hir::LoopId id, const hir::Loop &loop) {
    std::vector<HType> columns = columnsOf(result);
    auto *builtin = loop.ops.size() == 1 && loop.ops[0].builtin ? &*loop.ops[0].builtin : nullptr;
    bool whole =
        builtin && (*builtin == hir::FoldBuiltin::Min || *builtin == hir::FoldBuiltin::Max || loop.ops.size() != 1);
    if (columns.size() > 1 && loop.ops.size() == 1 && (!builtin || whole)) return scanOfTuples(result, id, loop);
    // The values first; then each column is scanned into an array of its own.
    std::vector<ValueId> values = collectColumns(result, id, loop);
    std::vector<ValueId> slots;
    for (size_t k = 0; k < columns.size(); ++k) {
        const hir::FoldOp &fold = loop.ops[loop.ops.size() == 1 ? 0 : k];
        slots.push_back(scanned(loop, fold, all.types.elemOf(columns[k]), values[k]));
    }
    return columnsResult(slots, result);
}

/// One function, `min` or `max` over whole tuples: an array of tuples is scanned and taken apart again.
ValueId FunctionLowering::scanOfTuples(HType result, hir::LoopId id, const hir::Loop &loop) {
    std::vector<HType> parts;
    for (HType column : columnsOf(result)) parts.push_back(all.types.elemOf(column));
    HType elem = all.types.tuple(parts);
    std::vector<ValueId> columns = collectColumns(result, id, loop), views;
    for (ValueId slot : columns) views.push_back(b.view(slot));
    std::vector<ValueId> extents = extentsOf(views[0]);
    auto held = [&](ValueId ref) { return ownsType(types()[fn().type(ref)].elem) ? b.take(ref) : b.load(ref); };
    auto eachOf = [&](const std::function<void(OpId, const std::vector<ValueId> &)> &each) {
        OpId op = b.op(OpCode::ParFor, {}, extents,
                       {{AttrKey::Rank, static_cast<int64_t>(extents.size())}, {AttrKey::Space, std::string("cpu")}});
        region(op, Role::Checked, [&](pir::RegionId made) {
            std::vector<ValueId> indices;
            for (size_t d = 0; d < extents.size(); ++d) indices.push_back(b.addParam(made, types().i64()));
            each(op, indices);
        });
    };
    PType packed = types().array(all.type(elem), static_cast<int64_t>(extents.size()));
    ValueId tuples = resultArrays({packed}, extents)[0], whole = b.view(tuples);
    eachOf([&](OpId op, const std::vector<ValueId> &indices) {
        std::vector<ValueId> values;
        for (ValueId view : views) values.push_back(held(b.elem(view, indices, pir::Bounds::Proved, pir::Own::Loop, op)));
        ValueId into = b.elem(whole, indices, pir::Bounds::Proved, pir::Own::Loop, op);
        b.store(into, b.emit(OpCode::Tuple, all.type(elem), std::move(values)));
    });
    ValueId prefixes = b.view(scanned(loop, loop.ops[0], elem, tuples));
    eachOf([&](OpId op, const std::vector<ValueId> &indices) {
        ValueId from = b.elem(prefixes, indices, pir::Bounds::Proved, pir::Own::Loop, op);
        for (size_t k = 0; k < views.size(); ++k) {
            ValueId into = b.elem(views[k], indices, pir::Bounds::Proved, pir::Own::Loop, op);
            b.store(into, held(b.field(from, static_cast<int64_t>(k))));
        }
    });
    return columnsResult(columns, result);
}

/// A slot with the prefixes of what the slot `values` holds.
ValueId FunctionLowering::scanned(const hir::Loop &loop, const hir::FoldOp &fold, HType elem, ValueId values) {
    PType array = types()[fn().type(values)].elem;
    ValueId from = b.view(values);
    std::vector<ValueId> extents = extentsOf(from);
    // Plain values become their prefixes where they stand: nobody else sees them.
    bool in_place = fold.builtin && !ownsType(types()[array].elem);
    ValueId target = in_place ? values : resultArrays({array}, extents)[0];
    ValueId into = in_place ? from : b.view(target);
    std::vector<pir::Attr> attrs = {{AttrKey::Ops, std::vector<int64_t>{static_cast<int64_t>(pirOperator(fold))}},
                                    {AttrKey::Rank, static_cast<int64_t>(extents.size())},
                                    {AttrKey::Space, std::string("cpu")}};
    if (loop.kind == hir::LoopKind::ScanInclusive) attrs.push_back({AttrKey::Inclusive, int64_t{1}});
    std::vector<ValueId> operands = extents;
    operands.push_back(into);
    OpId op = b.op(OpCode::ParScan, {}, std::move(operands), std::move(attrs));
    region(op, Role::Checked, [&](pir::RegionId made) {
        std::vector<ValueId> indices;
        for (size_t d = 0; d < extents.size(); ++d) indices.push_back(b.addParam(made, types().i64()));
        ValueId ref = b.elem(from, indices, pir::Bounds::Proved, pir::Own::Loop, op);
        yield(ownsType(types()[fn().type(ref)].elem) ? b.take(ref) : b.load(ref));
    });
    if (fold.builtin) return target;
    if (fold.identity) initRegion(op, 0, all.type(elem), {{-1, fold.identity}});
    combineRegion(op, 0, all.type(elem), [&](ValueId left, ValueId right) { combineInto(fold, elem, left, right); });
    return target;
}

// ---- first ------------------------------------------------------------------------------------------------------

ValueId FunctionLowering::first(HType result, hir::LoopId id, const hir::Loop &loop) {
    if (loop.execution == hir::Execution::Serial) return serialFirst(result, id, loop);
    ParBody setup;
    setup.inside = [&](OpId, const std::vector<ValueId> &) {
        ValueId made = block(loop.body);
        if (!dead) yield(made);
    };
    OpId op = parallel(id, loop, OpCode::ParFirst, all.type(result), setup);
    return fn().ops[op].result;
}

ValueId FunctionLowering::serialFirst(HType result, hir::LoopId id, const hir::Loop &loop) {
    PType type = all.type(result);
    return inBlock(type, [&](OpId found) {
        ValueId none = b.zero(type);
        loop_targets[id.raw] = {found, {}, none, {}, {}};
        serialLoop({id,
                    loop,
                    nullptr,
                    [&](const std::vector<ValueId> &) {
                        ValueId made = block(loop.body);
                        if (dead) return;
                        leave(found, b.emit(OpCode::Case, type, {made}, {{AttrKey::Case, int64_t{1}}}));
                    },
                    {},
                    true,
                    false});
        return none;
    });
}

} // namespace parlane::lower
