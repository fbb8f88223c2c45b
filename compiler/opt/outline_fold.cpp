// Folds by built-in operators on scalars and tuples of them, as expression (par.fold) and as clause (par.for with accumulators).
#include "compiler/opt/outline_parts.h"

namespace parlane::opt {

using pir::Builder;
using pir::PassMode;

namespace {

bool hasFloat(const pir::Types &types, TypeId type) {
    if (pir::isFloat(types.kind(type))) return true;
    for (TypeId part : types[type].parts)
        if (hasFloat(types, part)) return true;
    return false;
}

bool isFlat(const pir::Types &types, TypeId type) {
    if (pir::isScalar(types.kind(type))) return true;
    if (types.kind(type) != TypeKind::Tuple) return false;
    for (TypeId part : types[type].parts)
        if (!isFlat(types, part)) return false;
    return true;
}

} // namespace

void Outliner::parFold() {
    auto ops = op().list(AttrKey::Ops);
    TypeId result = fn().type(op().result);
    if (static_cast<FoldOp>(ops[0]) == FoldOp::Fn || !isFlat(module.types, result)) return foldFunction();
    Scalars scalars;
    if (ops.size() == 1) {
        auto how = static_cast<FoldOp>(ops[0]);
        bool whole = (how == FoldOp::Min || how == FoldOp::Max) && module.types.kind(result) == TypeKind::Tuple;
        scalars.columns.push_back({result, how, whole});
    } else {
        for (size_t k = 0; k < ops.size(); ++k)
            scalars.columns.push_back({module.types[result].parts[k], static_cast<FoldOp>(ops[k])});
    }
    scalars.acc = result;
    foldScalars(scalars);
}

/// A reduce clause: by partials if everything is scalar and built in, else by blocks of private copies.
void Outliner::accumulate() {
    auto ops = op().list(AttrKey::Ops);
    pir::ParShape shape = pir::parShape(op());
    Scalars scalars;
    scalars.clause = true;
    std::vector<TypeId> types;
    bool flat = true;
    for (size_t k = 0; k < ops.size(); ++k) {
        auto how = static_cast<FoldOp>(ops[k]);
        const pir::Type &place = module.types[fn().type(shape.accumulators[k])];
        flat &= how != FoldOp::Fn && place.kind == TypeKind::Ref && isFlat(module.types, place.elem);
        types.push_back(place.elem);
        scalars.columns.push_back({place.elem, how});
    }
    if (!flat) return foldAggregates();
    scalars.acc = scalars.single() ? types[0] : module.types.tuple(types);
    foldScalars(scalars);
}

void Outliner::foldScalars(Scalars &scalars) {
    std::vector<TypeId> types;
    for (const Column &column : scalars.columns) {
        types.push_back(column.type);
        scalars.exact &= !hasFloat(module.types, column.type);
    }
    scalars.partials = partialCount(module.types, types);
    scalars.exact ? foldExact(scalars) : foldOrdered(scalars);
}

/// Refs to the columns of an accumulator.
std::vector<ValueId> Outliner::columnRefs(Builder &b, const Scalars &scalars, ValueId acc) {
    if (scalars.single()) return {acc};
    std::vector<ValueId> refs;
    for (size_t k = 0; k < scalars.columns.size(); ++k) refs.push_back(b.field(acc, static_cast<int64_t>(k)));
    return refs;
}

/// One iteration: the body folds onto the partials `refs`.
void Outliner::foldIteration(Made &made, const Scalars &scalars, std::span<const ValueId> indices, OpId again,
                             const std::vector<ValueId> &refs) {
    Builder &b = made.b;
    RegionId region = fn().region(op(), Role::Fast);
    if (!region.valid()) region = fn().region(op(), Role::Checked);
    if (fn().region(op(), Role::Guard).valid()) region = fn().region(op(), Role::Checked);
    if (scalars.clause) {
        body(made, region, indices, refs, again);
        return;
    }
    auto yielded = body(made, region, indices, {}, again);
    if (!b.terminated()) foldYielded(b, scalars, yielded, refs);
}

/// Types of what the body yields: two factors for a column folded by fma.
std::vector<TypeId> Outliner::yieldTypes(const Scalars &scalars) const {
    std::vector<TypeId> types;
    for (const Column &column : scalars.columns) types.insert(types.end(), column.op == FoldOp::Fma ? 2 : 1, column.type);
    return types;
}

void Outliner::foldYielded(Builder &b, const Scalars &scalars, std::span<const ValueId> yielded, const std::vector<ValueId> &refs) {
    size_t next = 0;
    for (size_t k = 0; k < scalars.columns.size(); ++k) {
        const Column &column = scalars.columns[k];
        ValueId before = b.load(refs[k]), after;
        if (column.op == FoldOp::Fma) {
            ValueId x = yielded[next++], y = yielded[next++];
            bool floating = hasFloat(module.types, column.type);
            after = floating ? b.emit(OpCode::Fma, column.type, {x, y, before})
                             : b.binary(OpCode::Add, before, b.binary(OpCode::Mul, x, y));
        } else {
            ValueId v = yielded[next++];
            after = column.whole ? applyWhole(b, column.op, before, v) : apply(b, column.op, before, v);
        }
        b.store(refs[k], after);
    }
}

FunctionId Outliner::combineScalars(Scalars &scalars, std::span<const TypeId> more) {
    Made made = make("combine", module.types.unit());
    Builder &b = made.b;
    for (TypeId type : more) addParam(made, type, {});
    TypeId place = module.types.ref(scalars.acc);
    ValueId left = addParam(made, place, "left", PassMode::Inout), right = addParam(made, place, "right", PassMode::Inout);
    auto lefts = columnRefs(b, scalars, left), rights = columnRefs(b, scalars, right);
    for (size_t k = 0; k < scalars.columns.size(); ++k) {
        const Column &column = scalars.columns[k];
        ValueId x = b.load(lefts[k]), y = b.load(rights[k]);
        b.store(lefts[k], column.whole ? applyWhole(b, column.op, x, y) : apply(b, column.op, x, y));
    }
    b.ret();
    return made.id;
}

FunctionId Outliner::initScalars(Scalars &scalars, std::span<const TypeId> more) {
    Made made = make("init", module.types.unit());
    for (TypeId type : more) addParam(made, type, {});
    ValueId acc = addParam(made, module.types.ref(scalars.acc), "acc", PassMode::Inout);
    auto refs = columnRefs(made.b, scalars, acc);
    for (size_t k = 0; k < refs.size(); ++k) storeIdentity(made.b, scalars.columns[k].op, refs[k]);
    made.b.ret();
    return made.id;
}

/// Where the fold is used: the total becomes the op's value, or joins the places of the clause from the right.
void Outliner::useTotal(Builder &b, const Scalars &scalars, ValueId total) {
    auto positive = [&](ValueId value) { // a float sum is never -0.0
        std::function<ValueId(ValueId)> add = [&](ValueId v) -> ValueId {
            TypeId type = b.fn().type(v);
            const pir::Type held = module.types[type];
            if (pir::isFloat(held.kind)) return b.binary(OpCode::Add, v, b.constFloat(type, 0.0));
            if (held.kind != TypeKind::Tuple) return v;
            std::vector<ValueId> parts;
            for (size_t k = 0; k < held.parts.size(); ++k) parts.push_back(add(b.get(v, static_cast<int64_t>(k))));
            return b.emit(OpCode::Tuple, type, parts);
        };
        return add(value);
    };
    auto refs = columnRefs(b, scalars, total);
    std::vector<ValueId> totals;
    for (size_t k = 0; k < refs.size(); ++k) {
        FoldOp how = scalars.columns[k].op;
        ValueId value = b.load(refs[k]);
        totals.push_back(how == FoldOp::Add || how == FoldOp::Fma || how == FoldOp::Sub ? positive(value) : value);
    }
    if (scalars.clause) {
        auto places = pir::parShape(op()).accumulators;
        for (size_t k = 0; k < totals.size(); ++k)
            b.store(places[k], apply(b, scalars.columns[k].op, b.load(places[k]), totals[k]));
        return finish({});
    }
    finish(scalars.single() ? totals[0] : b.emit(OpCode::Tuple, scalars.acc, totals));
}

/// Integers: a strip folds onto what the accumulator holds, in any pieces.
void Outliner::foldExact(Scalars &scalars) {
    Made strip = make("", module.types.unit());
    Builder &b = strip.b;
    ValueId lo = addParam(strip, module.types.i64(), "lo"), hi = addParam(strip, module.types.i64(), "hi");
    ValueId acc = addParam(strip, module.types.ref(scalars.acc), "acc", PassMode::Inout);
    auto refs = columnRefs(b, scalars, acc);
    std::vector<ValueId> locals;
    for (size_t k = 0; k < refs.size(); ++k) {
        locals.push_back(b.slot(scalars.columns[k].type));
        b.store(locals[k], b.load(refs[k]));
    }
    Cloner seen = cloner(strip);
    Space inside = space(b, [&](ValueId v) { return seen.value(v); });
    if (lanes() > 1) {
        foldExactOnLanes(strip, scalars, inside, lo, hi, locals);
    } else {
        unitLoop(strip, inside, lo, hi, [&](std::span<const ValueId> indices, OpId again) {
            foldIteration(strip, scalars, indices, again, locals);
        });
    }
    for (size_t k = 0; k < refs.size(); ++k) b.store(refs[k], b.load(locals[k]));
    b.ret();

    FunctionId init = initScalars(scalars, {}), combine = combineScalars(scalars, {});
    Builder out(module, function);
    out.before(op_id);
    out.loc = op().loc;
    Space outside = space(out, [](ValueId v) { return v; });
    ValueId units = unitCount(out, outside), total = out.slot(scalars.acc);
    int64_t row = lanes() > 1 ? kBlock / kLaneUnit : kBlock; // of units
    int64_t block = isHeavy() ? 1 : outside.rank == 1 ? row : 16;
    auto launch = [&] {
        out.op(OpCode::RtFold, {}, captureOperands({units, constant(out, block), total}), foldAttributes(strip.id, init, combine, true));
    };
    directIfSmall(out, units, isHeavy() ? 1 : outside.rank == 1 ? row : 1, launch, [&] {
        std::vector<ValueId> arguments = captured;
        arguments.push_back(total);
        out.call(init, arguments);
        arguments.pop_back();
        arguments.insert(arguments.end(), {constant(out, 0), units, total});
        out.call(strip.id, arguments);
    });
    useTotal(out, scalars, total);
}

std::vector<pir::Attr> Outliner::foldAttributes(FunctionId strip, FunctionId init, FunctionId combine, bool any_order) {
    std::vector<pir::Attr> attrs = {{AttrKey::Strip, int64_t{strip.raw}}, {AttrKey::Combine, int64_t{combine.raw}}};
    if (init.valid()) attrs.push_back({AttrKey::Init, int64_t{init.raw}});
    if (any_order) attrs.push_back({AttrKey::AnyOrder, int64_t{1}});
    if (op().string(AttrKey::Space) == "serial") attrs.push_back({AttrKey::Space, std::string("serial")});
    attrs.push_back({AttrKey::Text, std::string(op().code == OpCode::ParFor ? "par for" : "reduce")});
    std::ranges::sort(attrs, [](auto &x, auto &y) { return x.key < y.key; });
    return attrs;
}

/// Few units: a plain call, without the runtime.
void Outliner::directIfSmall(Builder &b, ValueId units, int64_t small, const std::function<void()> &launch,
                             const std::function<void()> &direct) {
    ValueId few = b.emit(OpCode::RtSmall, module.types.boolean(), {units, constant(b, small)});
    OpId choice = b.op(OpCode::If, {}, {few});
    b.in(choice, Role::Then, [&](RegionId) { direct(); });
    b.in(choice, Role::Else, [&](RegionId) { launch(); });
}

/// The innermost index of one row (rank 1: of everything) over [lo, hi), at most one block of a row of length `row`: as language.md
/// orders it.
void Outliner::emitBlock(Made &made, Scalars &scalars, ValueId row, ValueId lo, ValueId hi, ValueId acc, const Iterate &each,
                         const std::vector<ValueId> *lanes_at) {
    Builder &b = made.b;
    ValueId count = b.binary(OpCode::Sub, hi, lo), width = constant(b, scalars.partials);
    auto iterate = [&](ValueId from, ValueId n, const std::function<std::vector<ValueId>(ValueId round)> &refs, bool lanes) {
        OpId made_loop = loop(b, constant(b, 0), n, {}, [&](ValueId round, OpId again) {
            ValueId index = b.binary(OpCode::Add, from, round);
            each(index, again, refs(round));
        });
        if (lanes) module.functions[made.id].ops[made_loop].set(AttrKey::Lanes, scalars.partials);
    };
    auto refs = columnRefs(b, scalars, acc);
    OpId choice = b.op(OpCode::If, {}, {b.compare(OpCode::Le, row, width)});
    b.in(choice, Role::Then, [&](RegionId) { // from left to right
        std::vector<ValueId> locals;
        for (const Column &column : scalars.columns) {
            locals.push_back(b.slot(column.type));
            storeIdentity(b, column.op, locals.back());
        }
        iterate(lo, count, [&](ValueId) { return locals; }, false);
        for (size_t k = 0; k < refs.size(); ++k) b.store(refs[k], b.load(locals[k]));
    });
    b.in(choice, Role::Else, [&](RegionId) {
        std::vector<ValueId> partials;
        for (const Column &column : scalars.columns) {
            partials.push_back(b.slot(module.types.fixed(column.type, {scalars.partials})));
            storeIdentity(b, column.op, partials.back());
        }
        auto at = [&](ValueId j) {
            std::vector<ValueId> elements;
            for (ValueId partial : partials) elements.push_back(b.elem(partial, {j}, pir::Bounds::Proved, pir::Own::Local));
            return elements;
        };
        if (lanes_at) {
            foldBlockOnLanes(made, scalars, *lanes_at, lo, count, partials, each);
        } else {
            ValueId steps = b.binary(OpCode::Div, count, width);
            loop(b, constant(b, 0), steps, {}, [&](ValueId step, OpId) {
                iterate(b.binary(OpCode::Add, lo, b.binary(OpCode::Mul, step, width)), width, at, true);
            });
            ValueId done = b.binary(OpCode::Mul, steps, width);
            iterate(b.binary(OpCode::Add, lo, done), b.binary(OpCode::Sub, count, done), at, false);
        }
        for (int64_t half = scalars.partials / 2; half > 0; half /= 2)
            loop(b, constant(b, 0), constant(b, half), {}, [&](ValueId j, OpId) {
                auto lefts = at(j), rights = at(b.binary(OpCode::Add, j, constant(b, half)));
                for (size_t k = 0; k < lefts.size(); ++k) {
                    const Column &column = scalars.columns[k];
                    ValueId x = b.load(lefts[k]), y = b.load(rights[k]);
                    b.store(lefts[k], column.whole ? applyWhole(b, column.op, x, y) : apply(b, column.op, x, y));
                }
            });
        auto first = at(constant(b, 0));
        for (size_t k = 0; k < refs.size(); ++k) b.store(refs[k], b.load(first[k]));
    });
}

FunctionId Outliner::blockFunction(Scalars &scalars, std::string_view what) {
    Made made = make(what, module.types.unit());
    Builder &b = made.b;
    std::vector<ValueId> indices;
    for (int64_t k = 0; k + 1 < pir::parShape(op()).rank; ++k) indices.push_back(addParam(made, module.types.i64(), {}));
    ValueId lo = addParam(made, module.types.i64(), "lo"), hi = addParam(made, module.types.i64(), "hi");
    ValueId acc = addParam(made, module.types.ref(scalars.acc), "acc", PassMode::Inout);
    Cloner seen = cloner(made);
    Space inside = space(b, [&](ValueId v) { return seen.value(v); });
    ValueId row = inside.given == inside.rank ? inside.extents.back() : extentOf(made, inside.rank - 1, indices);
    emitBlock(made, scalars, row, lo, hi, acc, [&](ValueId index, OpId again, const std::vector<ValueId> &refs) {
        std::vector<ValueId> all = indices;
        all.push_back(index);
        foldIteration(made, scalars, all, again, refs);
    }, lanes() > 1 ? &indices : nullptr);
    b.ret();
    return made.id;
}

/// fold_values(.., values, acc): one block of values that were computed before.
FunctionId Outliner::foldValuesFunction(Scalars &scalars) {
    TypeId value = valueType(scalars);
    bool several = yieldTypes(scalars).size() > 1;
    Made made = make("ordered", module.types.unit());
    Builder &b = made.b;
    ValueId values = addParam(made, module.types.view(value, 1), "values");
    ValueId acc = addParam(made, module.types.ref(scalars.acc), "acc", PassMode::Inout);
    Cloner seen = cloner(made);
    Space inside = space(b, [&](ValueId v) { return seen.value(v); });
    emitBlock(made, scalars, inside.extents.back(), constant(b, 0), b.extent(values, 0), acc,
              [&](ValueId index, OpId, const std::vector<ValueId> &refs) {
                  ValueId loaded = b.load(b.elem(values, {index}, pir::Bounds::Proved, pir::Own::Read));
                  std::vector<ValueId> yielded = {loaded};
                  if (several) {
                      yielded.clear();
                      for (size_t k = 0; k < yieldTypes(scalars).size(); ++k) yielded.push_back(b.get(loaded, static_cast<int64_t>(k)));
                  }
                  foldYielded(b, scalars, yielded, refs);
              });
    b.ret();
    return made.id;
}

void Outliner::foldOrdered(Scalars &scalars) {
    int64_t rank = pir::parShape(op()).rank;
    FunctionId block = blockFunction(scalars, rank == 1 ? "" : "row"), strip = block;
    FunctionId init = initScalars(scalars, {}), combine = combineScalars(scalars, {});
    if (rank > 1) strip = rowStrip(scalars, block);
    Builder out(module, function);
    out.before(op_id);
    out.loc = op().loc;
    Space outside = space(out, [](ValueId v) { return v; });
    ValueId units = rowCount(out, outside), total = out.slot(scalars.acc);
    std::vector<int64_t> by_values;
    // (Values are computed one by one; on lanes a block is work enough.)
    if (rank == 1 && !scalars.clause && isHeavy() && lanes() == 1) by_values = {valuesFunction(scalars).raw, foldValuesFunction(scalars).raw};
    auto launch = [&] {
        ValueId size = constant(out, rank == 1 ? kBlock : 1);
        auto attrs = foldAttributes(strip, init, combine, false);
        OpId made = out.op(OpCode::RtFold, {}, captureOperands({units, size, total}), std::move(attrs));
        if (!by_values.empty()) module.functions[function].ops[made].set(AttrKey::Functions, by_values);
    };
    if (rank > 1 || isHeavy()) {
        launch();
    } else {
        directIfSmall(out, units, kBlock, launch, [&] {
            std::vector<ValueId> arguments = captured;
            arguments.insert(arguments.end(), {constant(out, 0), units, total});
            out.call(block, arguments);
        });
    }
    useTotal(out, scalars, total);
}

/// One row of a fold over several indices. A long row is a fold of blocks of its own.
FunctionId Outliner::rowStrip(Scalars &scalars, FunctionId block) {
    Made made = make("rows", module.types.unit());
    Builder &b = made.b;
    ValueId lo = addParam(made, module.types.i64(), "lo");
    addParam(made, module.types.i64(), "hi");
    ValueId acc = addParam(made, module.types.ref(scalars.acc), "acc", PassMode::Inout);
    Cloner seen = cloner(made);
    Space inside = space(b, [&](ValueId v) { return seen.value(v); });
    auto outer = static_cast<size_t>(inside.rank) - 1;
    PAR_CHECK(inside.given + 1 >= inside.rank, "{}: a fold over three indices of which two depend on the first", fn().name);
    std::vector<ValueId> indices = rowIndices(b, inside, lo, outer);
    ValueId row = inside.given == inside.rank ? inside.extents.back() : extentOf(made, inside.rank - 1, indices);
    std::vector<ValueId> shared = made.captures;
    shared.insert(shared.end(), indices.begin(), indices.end());
    std::vector<TypeId> more(outer, module.types.i64());
    FunctionId init = initScalars(scalars, more), combine = combineScalars(scalars, more);
    directIfSmall(b, row, kBlock,
                  [&] {
                      std::vector<ValueId> operands = {row, constant(b, kBlock), acc};
                      operands.insert(operands.end(), shared.begin(), shared.end());
                      b.op(OpCode::RtFold, {}, operands, foldAttributes(block, init, combine, false));
                  },
                  [&] {
                      std::vector<ValueId> arguments = shared;
                      arguments.insert(arguments.end(), {constant(b, 0), row, acc});
                      b.call(block, arguments);
                  });
    b.ret();
    return made.id;
}

} // namespace parlane::opt
