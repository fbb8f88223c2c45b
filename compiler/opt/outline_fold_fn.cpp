// Folds by functions, and of accumulators that are arrays or structs: from left to right in blocks, blocks in the tree.
#include "compiler/opt/outline_parts.h"

namespace parlane::opt {

using pir::Builder;
using pir::PassMode;

namespace {

/// Blocks count iterations: max(n / 256 rounded up, 8 * scalars).
ValueId blockLength(Builder &b, ValueId n, ValueId scalars) {
    ValueId share = b.binary(OpCode::Shr, b.binary(OpCode::Add, n, b.constInt(255)), b.constInt(8));
    return b.binary(OpCode::Max, share, b.binary(OpCode::Mul, scalars, b.constInt(8)));
}

ValueId product(Builder &b, std::span<const ValueId> extents) {
    ValueId n = extents[0];
    for (size_t k = 1; k < extents.size(); ++k) n = b.binary(OpCode::Mul, n, extents[k]);
    return n;
}

} // namespace

/// Clones the region `combine` K for two refs: left = left op right.
void Outliner::combineByFunction(Made &made, int64_t k, ValueId left, ValueId right) {
    RegionId region = fn().region(op(), Role::Combine, k);
    PAR_CHECK(region.valid(), "{}: a fold by a function without `combine`", fn().name);
    Cloner copy = cloner(made);
    const std::vector<ValueId> params = fn().regions[region].params;
    copy.values[params[0].raw] = left;
    copy.values[params[1].raw] = right;
    copy.body(region);
}

/// Stores T() of accumulator k in zeroed memory.
void Outliner::initByFunction(Made &made, int64_t k, ValueId place) {
    RegionId region = fn().region(op(), Role::Init, k);
    if (!region.valid()) return;
    Cloner copy = cloner(made);
    copy.values[fn().regions[region].params[0].raw] = place;
    copy.body(region);
}

/// The region `init` K in this function itself.
void Outliner::initHere(Builder &b, int64_t k, ValueId place) {
    RegionId region = fn().region(op(), Role::Init, k);
    if (!region.valid()) {
        auto how = static_cast<FoldOp>(op().list(AttrKey::Ops)[static_cast<size_t>(k)]);
        if (how != FoldOp::Fn) storeIdentity(b, how, place);
        return;
    }
    Cloner copy(b, function);
    copy.values[fn().regions[region].params[0].raw] = place;
    copy.body(region);
}

/// (value, is there one) of a fold by a function, which starts from its first value.
void Outliner::mergeFirst(Made &made, ValueId left_value, ValueId left_has, ValueId right) {
    Builder &b = made.b;
    auto how = static_cast<FoldOp>(op().list(AttrKey::Ops)[0]);
    OpId choice = b.op(OpCode::If, {}, {b.load(left_has)});
    b.in(choice, Role::Then, [&](RegionId) {
        if (how == FoldOp::Fn) combineByFunction(made, 0, left_value, right);
        else combineMembers(b, how, left_value, right);
    });
    b.in(choice, Role::Else, [&](RegionId) {
        b.op(OpCode::Swap, {}, {left_value, right});
        b.store(left_has, b.constBool(true));
    });
}

FunctionId Outliner::combineFirst(TypeId acc) {
    Made join = make("combine", module.types.unit());
    Builder &b = join.b;
    ValueId left = addParam(join, module.types.ref(acc), "left", PassMode::Inout);
    ValueId right = addParam(join, module.types.ref(acc), "right", PassMode::Inout);
    OpId any = b.op(OpCode::If, {}, {b.load(b.field(right, 1))});
    b.in(any, Role::Then, [&](RegionId) {
        ValueId left_value = b.field(left, 0), left_has = b.field(left, 1);
        mergeFirst(join, left_value, left_has, b.field(right, 0));
    });
    b.ret();
    return join.id;
}

/// Built-in operators on types that are no scalars come here too.
void Outliner::foldFunction() {
    TypeId value = fn().type(op().result), acc = module.types.tuple({value, module.types.boolean()});
    Made strip = make("", module.types.unit());
    Builder &b = strip.b;
    ValueId lo = addParam(strip, module.types.i64(), "lo"), hi = addParam(strip, module.types.i64(), "hi");
    ValueId place = addParam(strip, module.types.ref(acc), "acc", PassMode::Inout);
    ValueId total = b.field(place, 0), has = b.field(place, 1);
    Cloner seen = cloner(strip);
    Space inside = space(b, [&](ValueId v) { return seen.value(v); });
    flatLoop(strip, inside, lo, hi, [&](std::span<const ValueId> indices, OpId again) {
        auto yielded = body(strip, fn().region(op(), Role::Checked), indices, {}, again);
        if (b.terminated()) return;
        ValueId slot = b.slot(value); // its scope drops what is left of it
        b.store(slot, yielded.at(0));
        mergeFirst(strip, total, has, slot);
    });
    b.ret();
    FunctionId combine = combineFirst(acc);

    Builder out(module, function);
    out.before(op_id);
    out.loc = op().loc;
    Space outside = space(out, [](ValueId v) { return v; });
    ValueId n = product(out, outside.extents), scalars = constant(out, module.types.scalars(value));
    ValueId result = out.slot(acc);
    out.op(OpCode::RtFold, {}, captureOperands({n, blockLength(out, n, scalars), result}),
           foldAttributes(strip.id, {}, combine, false));
    ValueId total_place = out.field(result, 0);
    OpId none = out.op(OpCode::If, {}, {out.unary(OpCode::Not, out.load(out.field(result, 1)))});
    out.in(none, Role::Then, [&](RegionId) { initHere(out, 0, total_place); });
    finish(module.types.owns(value) ? out.take(total_place) : out.load(total_place));
}

// ---- clauses over arrays, structs, containers -----------------------------------------------------------------------

/// The private copy of a place: of a view an array with its extents.
TypeId Outliner::privateType(ValueId place) {
    const pir::Type type = module.types[fn().type(place)];
    return type.kind == TypeKind::View ? module.types.array(type.elem, type.dims[0]) : type.elem;
}

/// What the body of the region sees of a private copy: a ref, or a view of the array.
ValueId Outliner::seenAs(Builder &b, ValueId place, ValueId copy) {
    return module.types.kind(fn().type(place)) == TypeKind::View ? b.view(copy) : copy;
}

/// The private copies start with the identity. A copy of an array is as long as the place.
FunctionId Outliner::initCopies(TypeId acc) {
    Made made = make("init", module.types.unit());
    Builder &b = made.b;
    ValueId whole = addParam(made, module.types.ref(acc), "acc", PassMode::Inout);
    auto places = pir::parShape(op()).accumulators;
    auto ops = op().list(AttrKey::Ops);
    Cloner seen = cloner(made);
    for (size_t k = 0; k < places.size(); ++k) {
        ValueId copy = b.field(whole, static_cast<int64_t>(k));
        const pir::Type type = module.types[fn().type(places[k])];
        auto how = static_cast<FoldOp>(ops[k]);
        if (type.kind == TypeKind::View) {
            ValueId place = seen.value(places[k]);
            std::vector<ValueId> operands;
            for (int64_t d = 0; d < type.dims[0]; ++d) operands.push_back(b.extent(place, d));
            bool scalar = pir::isScalar(module.types.kind(type.elem));
            if (scalar && how != FoldOp::Fn) operands.push_back(identity(b, type.elem, how));
            b.store(copy, b.emit(OpCode::Array, module.types.array(type.elem, type.dims[0]), operands));
            if (!scalar && how != FoldOp::Fn) storeIdentity(b, how, b.view(copy));
        } else if (how == FoldOp::Fn) {
            b.store(copy, b.zero(type.elem)); // the runtime gives memory with anything in it
            initByFunction(made, static_cast<int64_t>(k), copy);
        } else {
            storeIdentity(b, how, copy);
        }
    }
    b.ret();
    return made.id;
}

FunctionId Outliner::combineCopies(TypeId acc) {
    Made made = make("combine", module.types.unit());
    Builder &b = made.b;
    ValueId left = addParam(made, module.types.ref(acc), "left", PassMode::Inout);
    ValueId right = addParam(made, module.types.ref(acc), "right", PassMode::Inout);
    auto places = pir::parShape(op()).accumulators;
    auto ops = op().list(AttrKey::Ops);
    for (size_t k = 0; k < places.size(); ++k) {
        auto how = static_cast<FoldOp>(ops[k]);
        ValueId x = b.field(left, static_cast<int64_t>(k)), y = b.field(right, static_cast<int64_t>(k));
        if (how == FoldOp::Fn) combineByFunction(made, static_cast<int64_t>(k), x, y);
        else combineMembers(b, how, seenAs(b, places[k], x), seenAs(b, places[k], y));
    }
    b.ret();
    return made.id;
}

void Outliner::foldAggregates() {
    pir::ParShape shape = pir::parShape(op());
    std::vector<ValueId> places(shape.accumulators.begin(), shape.accumulators.end());
    auto ops = op().list(AttrKey::Ops);
    std::vector<TypeId> parts;
    bool exact = true;
    for (size_t k = 0; k < places.size(); ++k) {
        parts.push_back(privateType(places[k]));
        exact &= static_cast<FoldOp>(ops[k]) != FoldOp::Fn && isExact(parts.back());
    }
    TypeId acc = module.types.tuple(parts);
    Made strip = make("", module.types.unit());
    Builder &b = strip.b;
    ValueId lo = addParam(strip, module.types.i64(), "lo"), hi = addParam(strip, module.types.i64(), "hi");
    ValueId whole = addParam(strip, module.types.ref(acc), "acc", PassMode::Inout);
    std::vector<ValueId> seen_places;
    for (size_t k = 0; k < places.size(); ++k)
        seen_places.push_back(seenAs(b, places[k], b.field(whole, static_cast<int64_t>(k))));
    Cloner seen = cloner(strip);
    Space inside = space(b, [&](ValueId v) { return seen.value(v); });
    Each each = [&](std::span<const ValueId> indices, OpId again) {
        body(strip, fn().region(op(), Role::Checked), indices, seen_places, again);
    };
    exact ? unitLoop(strip, inside, lo, hi, each) : flatLoop(strip, inside, lo, hi, each);
    b.ret();
    FunctionId init = initCopies(acc), combine = combineCopies(acc);

    Builder out(module, function);
    out.before(op_id);
    out.loc = op().loc;
    Space outside = space(out, [](ValueId v) { return v; });
    ValueId n = exact ? unitCount(out, outside) : product(out, outside.extents), block;
    if (exact) {
        block = constant(out, isHeavy() || outside.rank > 1 ? 16 : kBlock);
    } else {
        ValueId scalars = constant(out, 0);
        for (ValueId place : places) scalars = out.binary(OpCode::Add, scalars, scalarsOf(out, place));
        block = blockLength(out, n, scalars);
    }
    ValueId total = out.slot(acc);
    out.op(OpCode::RtFold, {}, captureOperands({n, block, total}), foldAttributes(strip.id, init, combine, exact));
    joinPlaces(out, places, total);
    finish({});
}

/// place = place op total.
void Outliner::joinPlaces(Builder &b, std::span<const ValueId> places, ValueId total) {
    auto ops = op().list(AttrKey::Ops);
    for (size_t k = 0; k < places.size(); ++k) {
        auto how = static_cast<FoldOp>(ops[k]);
        ValueId copy = b.field(total, static_cast<int64_t>(k));
        if (how != FoldOp::Fn) {
            ValueId seen = seenAs(b, places[k], copy);
            addZero(b, how, seen);
            combineMembers(b, how, places[k], seen);
            continue;
        }
        Cloner here(b, function);
        RegionId region = fn().region(op(), Role::Combine, static_cast<int64_t>(k));
        const std::vector<ValueId> params = fn().regions[region].params;
        here.values[params[0].raw] = places[k];
        here.values[params[1].raw] = copy;
        here.body(region);
    }
}

/// A float sum is never -0.0.
void Outliner::addZero(Builder &b, FoldOp how, ValueId total) {
    if (how != FoldOp::Add && how != FoldOp::Fma) return;
    eachScalar(b, {total}, [&](std::vector<ValueId> refs) {
        TypeId type = module.types[b.fn().type(refs[0])].elem;
        if (!pir::isFloat(module.types.kind(type))) return;
        b.store(refs[0], b.binary(OpCode::Add, b.load(refs[0]), b.constFloat(type, 0.0)));
    });
}

bool Outliner::isExact(TypeId type) const {
    const pir::Type &held = module.types[type];
    if (pir::isFloat(held.kind)) return false;
    if (pir::isScalar(held.kind)) return true;
    if (held.elem.valid() && !isExact(held.elem)) return false;
    for (TypeId part : held.parts)
        if (!isExact(part)) return false;
    return true;
}

/// Scalars in a place as folds count them; elements of a view are counted when the region starts.
ValueId Outliner::scalarsOf(Builder &b, ValueId place) {
    const pir::Type type = module.types[fn().type(place)];
    ValueId each = constant(b, module.types.scalars(type.elem));
    if (type.kind != TypeKind::View) return each;
    for (int64_t d = 0; d < type.dims[0]; ++d) each = b.binary(OpCode::Mul, each, b.extent(place, d));
    return each;
}

} // namespace parlane::opt
