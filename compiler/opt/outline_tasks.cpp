// invoke, pipeline, first and filter.
#include "compiler/opt/outline_parts.h"

namespace parlane::opt {

using pir::Builder;

void Outliner::parInvoke() {
    std::vector<int64_t> branches;
    for (int64_t k = 0;; ++k) {
        RegionId region = fn().region(op(), Role::Branch, k);
        if (!region.valid()) break;
        Made branch = make("", module.types.unit());
        body(branch, region, {}, {}, {});
        branches.push_back(branch.id.raw);
    }
    Builder b(module, function);
    b.before(op_id);
    b.loc = op().loc;
    b.op(OpCode::RtInvoke, {}, captureOperands({}), {{AttrKey::Functions, branches}});
    finish({});
}

/// Slots of the token become fields of one tuple. Source and stages answer with a bool.
void Outliner::parPipeline() {
    RegionId source = fn().region(op(), Role::Source);
    std::vector<TypeId> parts;
    const std::vector<ValueId> source_params = fn().regions[source].params;
    for (size_t k = 1; k < source_params.size(); ++k) parts.push_back(module.types[fn().type(source_params[k])].elem);
    TypeId token = module.types.tuple(parts);
    auto emit = [&](RegionId region, bool is_source) {
        Made made = make("", module.types.boolean());
        Builder &b = made.b;
        ValueId item = addParam(made, module.types.i64(), "item");
        ValueId place = addParam(made, module.types.ref(token), "token", pir::PassMode::Inout);
        Cloner copy = cloner(made);
        copy.again_returns_false = true;
        const std::vector<ValueId> params = fn().regions[region].params;
        copy.values[params[0].raw] = item;
        for (size_t k = 1; k < params.size(); ++k) {
            ValueId field = b.field(place, static_cast<int64_t>(k) - 1);
            module.functions[made.id].values[field].name = fn().values[params[k]].name;
            copy.values[params[k].raw] = field;
        }
        std::vector<ValueId> yielded = copy.body(region);
        if (!b.terminated()) {
            ValueId goes_on = is_source ? yielded.at(0) : b.constBool(true);
            b.ret(goes_on);
        }
        return made.id;
    };
    FunctionId first = emit(source, true);
    std::vector<int64_t> stages, kinds;
    for (int64_t kind : op().list(AttrKey::Stages)) kinds.push_back(kind);
    for (size_t k = 0; k < kinds.size(); ++k)
        stages.push_back(emit(fn().region(op(), Role::Stage, static_cast<int64_t>(k)), false).raw);
    Builder b(module, function);
    b.before(op_id);
    b.loc = op().loc;
    ValueId limit = op().operands.empty() ? constant(b, 0) : op().operands[0];
    b.op(OpCode::RtPipeline, {}, captureOperands({limit}),
         {{AttrKey::Stages, kinds}, {AttrKey::Strip, int64_t{first.raw}}, {AttrKey::Functions, stages}});
    finish({});
}

/// The strip returns the first value that its pieces yield.
void Outliner::parFirst() {
    TypeId result = fn().type(op().result);
    Made strip = make("", result);
    Builder &b = strip.b;
    ValueId lo = addParam(strip, module.types.i64(), "lo"), hi = addParam(strip, module.types.i64(), "hi");
    Cloner seen = cloner(strip);
    Space inside = space(b, [&](ValueId v) { return seen.value(v); });
    unitLoopOfRows(strip, inside, lo, hi, [&](std::span<const ValueId> indices, OpId again) {
        auto yielded = body(strip, fn().region(op(), Role::Checked), indices, {}, again);
        if (b.terminated()) return;
        ValueId hit = b.emit(OpCode::Case, result, yielded, {{AttrKey::Case, int64_t{1}}});
        b.ret(hit);
    });
    b.ret(b.emit(OpCode::Case, result, {}, {{AttrKey::Case, int64_t{0}}}));
    Builder outer(module, function);
    outer.before(op_id);
    outer.loc = op().loc;
    Space outside = space(outer, [](ValueId v) { return v; });
    ValueId n = rowCount(outer, outside), block = constant(outer, blockOfUnits(outside, 1024));
    finish(outer.emit(OpCode::RtFirst, result, captureOperands({n, block}), {{AttrKey::Strip, int64_t{strip.id.raw}}}));
}

void Outliner::parFilter() {
    TypeId result = fn().type(op().result);
    Made strip = make("", module.types.unit());
    Builder &b = strip.b;
    ValueId lo = addParam(strip, module.types.i64(), "lo"), hi = addParam(strip, module.types.i64(), "hi");
    ValueId sink = addParam(strip, module.types.ref(module.types.unit()), "sink", pir::PassMode::Inout);
    Cloner seen = cloner(strip);
    Space inside = space(b, [&](ValueId v) { return seen.value(v); });
    unitLoopOfRows(strip, inside, lo, hi, [&](std::span<const ValueId> indices, OpId again) {
        auto yielded = body(strip, fn().region(op(), Role::Checked), indices, {}, again);
        if (b.terminated()) return;
        std::vector<ValueId> operands = {sink};
        operands.insert(operands.end(), yielded.begin(), yielded.end());
        b.op(OpCode::RtKeep, {}, operands);
    });
    Builder outer(module, function);
    outer.before(op_id);
    outer.loc = op().loc;
    Space outside = space(outer, [](ValueId v) { return v; });
    ValueId n = rowCount(outer, outside), block = constant(outer, blockOfUnits(outside, kBlock));
    finish(outer.emit(OpCode::RtFilter, result, captureOperands({n, block}), {{AttrKey::Strip, int64_t{strip.id.raw}}}));
}

/// Units of `first` and filters: iterations of rank 1, else whole rows, so that they come in order.
ValueId Outliner::rowCount(Builder &b, const Space &space) {
    ValueId rows = space.extents[0];
    size_t counted = space.given == space.rank && space.rank > 1 ? space.extents.size() - 1 : space.extents.size();
    for (size_t k = 1; k < counted; ++k) rows = b.binary(OpCode::Mul, rows, space.extents[k]);
    return rows;
}

int64_t Outliner::blockOfUnits(const Space &space, int64_t light) const {
    if (isHeavy()) return space.rank == 1 ? 16 : 1;
    return space.rank == 1 ? light : 16;
}

void Outliner::unitLoopOfRows(Made &made, const Space &space, ValueId lo, ValueId hi, const Each &each) {
    if (space.rank == 1 || space.given < space.rank) return unitLoop(made, space, lo, hi, each);
    Builder &b = made.b;
    size_t outer = space.extents.size() - 1;
    loop(b, lo, b.binary(OpCode::Sub, hi, lo), {}, [&](ValueId row, OpId) {
        std::vector<ValueId> indices = rowIndices(b, space, row, outer);
        loop(b, constant(b, 0), space.extents.back(), {}, [&](ValueId column, OpId inner) {
            std::vector<ValueId> all = indices;
            all.push_back(column);
            each(all, inner);
        });
    });
}

} // namespace parlane::opt
