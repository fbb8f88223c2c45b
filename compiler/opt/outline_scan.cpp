// par.scan: one pass stores values and totals of blocks, a second turns them into prefixes.
#include "compiler/opt/outline_parts.h"

namespace parlane::opt {

using pir::Builder;
using pir::PassMode;


/// acc = acc op other, both refs.
void Outliner::scanFold(Made &made, ValueId acc, ValueId other) {
    auto how = static_cast<FoldOp>(op().list(AttrKey::Ops)[0]);
    if (how == FoldOp::Fn) return combineByFunction(made, 0, acc, other);
    TypeId value = module.types[made.b.fn().type(acc)].elem;
    bool whole = (how == FoldOp::Min || how == FoldOp::Max) && module.types.kind(value) == TypeKind::Tuple;
    if (!whole) return combineMembers(made.b, how, acc, other);
    ValueId x = made.b.load(acc), y = made.b.load(other);
    made.b.store(acc, applyWhole(made.b, how, x, y));
}

/// Stores the values of a block and folds them onto acc.
FunctionId Outliner::scanStrip(ValueId target, TypeId value) {
    bool owns = module.types.owns(value);
    Made made = make("", module.types.unit());
    Builder &b = made.b;
    ValueId lo = addParam(made, module.types.i64(), "lo"), hi = addParam(made, module.types.i64(), "hi");
    ValueId acc = addParam(made, module.types.ref(value), "acc", PassMode::Inout);
    Cloner seen = cloner(made);
    Space inside = space(b, [&](ValueId v) { return seen.value(v); });
    ValueId view = seen.value(target);
    flatLoop(made, inside, lo, hi, [&](std::span<const ValueId> indices, OpId again) {
        auto yielded = body(made, fn().region(op(), Role::Checked), indices, {}, again);
        if (b.terminated()) return;
        ValueId place = b.elem(view, {indices.begin(), indices.end()}, pir::Bounds::Proved, pir::Own::Local);
        b.store(place, yielded.at(0));
        if (!owns) return scanFold(made, acc, place);
        ValueId copy = b.slot(value);
        b.store(copy, b.copy(place));
        scanFold(made, acc, copy);
    });
    b.ret();
    return made.id;
}

/// Turns the values of a block into prefixes that start from acc.
FunctionId Outliner::scanApply(ValueId target, TypeId value) {
    bool owns = module.types.owns(value), inclusive = op().has(AttrKey::Inclusive);
    Made made = make("apply", module.types.unit());
    Builder &b = made.b;
    ValueId lo = addParam(made, module.types.i64(), "lo"), hi = addParam(made, module.types.i64(), "hi");
    ValueId acc = addParam(made, module.types.ref(value), "acc", PassMode::Inout);
    Cloner seen = cloner(made);
    Space inside = space(b, [&](ValueId v) { return seen.value(v); });
    ValueId view = seen.value(target);
    flatLoop(made, inside, lo, hi, [&](std::span<const ValueId> indices, OpId) {
        ValueId place = b.elem(view, {indices.begin(), indices.end()}, pir::Bounds::Proved, pir::Own::Local);
        ValueId own = b.slot(value); // the value of this iteration; what is left of it is dropped
        b.op(OpCode::Swap, {}, {own, place});
        if (!inclusive) b.store(place, owns ? b.copy(acc) : b.load(acc));
        scanFold(made, acc, own);
        if (inclusive) b.store(place, owns ? b.copy(acc) : b.load(acc));
    });
    b.ret();
    return made.id;
}

void Outliner::parScan() {
    auto how = static_cast<FoldOp>(op().list(AttrKey::Ops)[0]);
    ValueId target = pir::parShape(op()).target;
    TypeId value = module.types[fn().type(target)].elem;
    FunctionId strip = scanStrip(target, value), prefix = scanApply(target, value);
    Made first = make("init", module.types.unit());
    ValueId place = addParam(first, module.types.ref(value), "acc", PassMode::Inout);
    if (how == FoldOp::Fn) initByFunction(first, 0, place);
    else if (how != FoldOp::Add && how != FoldOp::Fma) storeIdentity(first.b, how, place); // sums start from 0.0
    first.b.ret();
    Made join = make("combine", module.types.unit());
    ValueId left = addParam(join, module.types.ref(value), "left", PassMode::Inout);
    ValueId right = addParam(join, module.types.ref(value), "right", PassMode::Inout);
    scanFold(join, left, right);
    join.b.ret();

    Builder out(module, function);
    out.before(op_id);
    out.loc = op().loc;
    Space outside = space(out, [](ValueId v) { return v; });
    ValueId n = outside.extents[0];
    for (size_t k = 1; k < outside.extents.size(); ++k) n = out.binary(OpCode::Mul, n, outside.extents[k]);
    std::vector<pir::Attr> attrs = {{AttrKey::Strip, int64_t{strip.raw}},
                                    {AttrKey::Init, int64_t{first.id.raw}},
                                    {AttrKey::Combine, int64_t{join.id.raw}},
                                    {AttrKey::Apply, int64_t{prefix.raw}}};
    if (how != FoldOp::Fn && isExact(value)) attrs.push_back({AttrKey::AnyOrder, int64_t{1}});
    out.op(OpCode::RtScan, {}, captureOperands({n, constant(out, kBlock)}), std::move(attrs));
    finish({});
}

} // namespace parlane::opt
