// par for with a statement body, and its accumulators.
#include "compiler/lower/function_lowering.h"

#include <algorithm>

namespace parlane::lower {

using pir::AttrKey;
using pir::TypeKind;

void FunctionLowering::parFor(hir::LoopId id, const hir::Loop &loop) {
    ParBody setup;
    std::vector<HType> accumulator_types;
    addAccumulators(loop, setup, accumulator_types);
    setup.inside = [&](OpId, const std::vector<ValueId> &) { discard(block(loop.body)); };
    bool ordered = false, scalars = true;
    for (size_t k = 0; k < loop.accumulators.size(); ++k) {
        ordered = ordered || !loop.accumulators[k].op.builtin || !isExact(all.type(accumulator_types[k]));
        scalars = scalars && isColumns(all.type(accumulator_types[k]));
    }
    if (ordered && unknownRows(loop, !scalars))
        unsupported(loop.header, "an accumulator that is no integer, over indices that depend on one another in this way", {});
    OpId op = parallel(id, loop, OpCode::ParFor, {}, setup);
    for (size_t k = 0; k < loop.accumulators.size(); ++k) {
        const hir::FoldOp &fold = loop.accumulators[k].op;
        if (fold.builtin) continue;
        if (fold.identity) initRegion(op, static_cast<int64_t>(k), all.type(accumulator_types[k]), {{-1, fold.identity}});
        combineRegion(op, static_cast<int64_t>(k), all.type(accumulator_types[k]),
                      [&](ValueId left, ValueId right) { combineInto(fold, accumulator_types[k], left, right); });
    }
}

/// No floats in it: any grouping gives the same bits.
bool FunctionLowering::isExact(PType type) {
    const pir::Type &of = types()[type];
    if (pir::isFloat(of.kind)) return false;
    if (of.elem.valid() && !isExact(of.elem)) return false;
    return std::ranges::all_of(of.parts, [&](PType part) { return isExact(part); });
}

void FunctionLowering::addAccumulators(const hir::Loop &loop, ParBody &setup, std::vector<HType> &types_of) {
    if (loop.accumulators.empty()) return;
    std::vector<int64_t> ops;
    for (const hir::Accumulator &accumulator : loop.accumulators) {
        HType type = typeOf(accumulator.place);
        types_of.push_back(type);
        bool elements =
            accumulator.op.builtin && (all.types.is<types::ArrayType>(type) || all.types.is<types::ViewType>(type));
        Place at = place(accumulator.place);
        ValueId operand = elements || at.kind == Place::Kind::View ? viewOf(at) : refTo(at);
        setup.behind.push_back(operand);
        setup.extra_params.push_back(fn().type(operand));
        ops.push_back(static_cast<int64_t>(pirOperator(accumulator.op)));
    }
    setup.attrs.push_back({AttrKey::Ops, std::move(ops)});
    setup.start = [this, &loop](const std::vector<ValueId> &params) {
        for (size_t k = 0; k < loop.accumulators.size(); ++k) {
            bool view = kindOf(params[k]) == TypeKind::View;
            open_accumulators.push_back(
                {loop.accumulators[k].place, {view ? Place::Kind::View : Place::Kind::Ref, params[k]}});
        }
    };
}

} // namespace parlane::lower
