// Iteration spaces as loops. Strips count units: rows or pieces of rows, or single iterations.
#include "compiler/opt/outline_parts.h"

namespace parlane::opt {

using pir::Builder;

ValueId Outliner::clamp(Builder &b, ValueId n) { return b.binary(OpCode::Max, n, constant(b, 0)); }

Outliner::Space Outliner::space(Builder &b, const std::function<ValueId(ValueId)> &seen) {
    pir::ParShape shape = pir::parShape(op());
    Space out{shape.rank, static_cast<int64_t>(shape.extents.size()), {}};
    std::vector<ValueId> extents(shape.extents.begin(), shape.extents.end());
    for (ValueId extent : extents) out.extents.push_back(clamp(b, seen(extent)));
    return out;
}

OpId Outliner::loop(Builder &b, ValueId lo, ValueId n, std::string_view name, const std::function<void(ValueId, OpId)> &each) {
    ValueId one = constant(b, 1);
    OpId made = b.op(OpCode::For, {}, {lo, n, one});
    b.in(made, Role::Body, [&](RegionId region) {
        ValueId index = b.addParam(region, module.types.i64(), name);
        each(index, made);
    });
    return made;
}

ValueId Outliner::extentOf(Made &made, int64_t index, std::span<const ValueId> outer) {
    RegionId region = fn().region(op(), Role::Extent, index);
    PAR_CHECK(region.valid(), "{}: extent {} is missing", fn().name, index);
    Cloner copy = cloner(made);
    const auto &params = fn().regions[region].params;
    for (size_t k = 0; k < params.size(); ++k) copy.values[params[k].raw] = outer[k];
    return clamp(made.b, copy.body(region).at(0));
}

void Outliner::innerLoops(Made &made, const Space &space, std::vector<ValueId> indices, OpId outer, const Each &each) {
    if (static_cast<int64_t>(indices.size()) == space.rank) return each(indices, outer);
    auto index = static_cast<int64_t>(indices.size());
    ValueId n = extentOf(made, index, indices);
    loop(made.b, constant(made.b, 0), n, {}, [&](ValueId i, OpId inner) {
        std::vector<ValueId> more = indices;
        more.push_back(i);
        innerLoops(made, space, more, inner, each);
    });
}

/// The first `count` indices of row number `row`.
std::vector<ValueId> Outliner::rowIndices(Builder &b, const Space &space, ValueId row, size_t count) {
    std::vector<ValueId> indices(count);
    for (size_t k = count; k-- > 1;) {
        indices[k] = b.binary(OpCode::Rem, row, space.extents[k]);
        row = b.binary(OpCode::Div, row, space.extents[k]);
    }
    if (count > 0) indices[0] = row;
    return indices;
}

/// Columns of a piece: long, but so that a space of few iterations still gives every worker something.
ValueId Outliner::pieceLength(Builder &b, const Space &space) {
    ValueId total = space.extents[0];
    for (size_t k = 1; k < space.extents.size(); ++k) total = b.binary(OpCode::Mul, total, space.extents[k]);
    if (!isHeavy()) return constant(b, kPiece);
    ValueId share = b.binary(OpCode::Div, total, constant(b, 1024));
    share = b.binary(OpCode::Min, share, constant(b, kPiece));
    return b.binary(OpCode::Max, share, constant(b, lanes()));
}

ValueId Outliner::ceilDiv(Builder &b, ValueId n, ValueId by) {
    ValueId one = b.constInt(1);
    return b.binary(OpCode::Div, b.binary(OpCode::Sub, b.binary(OpCode::Add, n, by), one), by);
}

ValueId Outliner::unitCount(Builder &b, const Space &space) {
    if (space.rank == 1) return lanes() > 1 ? ceilDiv(b, space.extents[0], constant(b, kLaneUnit)) : space.extents[0];
    auto given = static_cast<size_t>(space.given);
    bool pieces = space.given == space.rank;
    ValueId units = space.extents[0];
    for (size_t k = 1; k < given - (pieces ? 1 : 0); ++k) units = b.binary(OpCode::Mul, units, space.extents[k]);
    if (pieces) units = b.binary(OpCode::Mul, units, ceilDiv(b, space.extents[given - 1], pieceLength(b, space)));
    return units;
}

void Outliner::unitLoop(Made &made, const Space &space, ValueId lo, ValueId hi, const Each &each) {
    Builder &b = made.b;
    ValueId count = b.binary(OpCode::Sub, hi, lo);
    if (space.rank == 1) {
        loop(b, lo, count, {}, [&](ValueId i, OpId op) {
            ValueId indices[] = {i};
            each(indices, op);
        });
        return;
    }
    auto given = static_cast<size_t>(space.given);
    if (space.given < space.rank) {
        loop(b, lo, count, {}, [&](ValueId unit, OpId op) { innerLoops(made, space, rowIndices(b, space, unit, given), op, each); });
        return;
    }
    ValueId width = space.extents.back(), piece = pieceLength(b, space), pieces = ceilDiv(b, width, piece);
    loop(b, lo, count, {}, [&](ValueId unit, OpId) {
        ValueId row = b.binary(OpCode::Div, unit, pieces), number = b.binary(OpCode::Rem, unit, pieces);
        std::vector<ValueId> indices = rowIndices(b, space, row, given - 1);
        ValueId from = b.binary(OpCode::Mul, number, piece);
        ValueId n = b.binary(OpCode::Min, piece, b.binary(OpCode::Sub, width, from));
        loop(b, from, n, {}, [&](ValueId column, OpId inner) {
            indices.push_back(column);
            each(indices, inner);
        });
    });
}

void Outliner::flatLoop(Made &made, const Space &space, ValueId lo, ValueId hi, const Each &each) {
    Builder &b = made.b;
    if (space.rank == 1) return unitLoop(made, space, lo, hi, each);
    PAR_CHECK(space.given == space.rank, "{}: this fold or scan needs extents that do not depend on indices", fn().name);
    ValueId width = space.extents.back(), position = b.slot(module.types.i64(), {});
    b.store(position, lo);
    OpId outer = b.op(OpCode::Loop, {});
    b.in(outer, Role::Body, [&](RegionId) {
        ValueId at = b.load(position);
        OpId end = b.op(OpCode::If, {}, {b.compare(OpCode::Le, hi, at)});
        b.in(end, Role::Then, [&](RegionId) { b.leave(outer); });
        ValueId row = b.binary(OpCode::Div, at, width), from = b.binary(OpCode::Rem, at, width);
        ValueId n = b.binary(OpCode::Min, b.binary(OpCode::Sub, width, from), b.binary(OpCode::Sub, hi, at));
        std::vector<ValueId> indices = rowIndices(b, space, row, static_cast<size_t>(space.rank) - 1);
        loop(b, from, n, {}, [&](ValueId column, OpId inner) {
            std::vector<ValueId> all = indices;
            all.push_back(column);
            each(all, inner);
        });
        b.store(position, b.binary(OpCode::Add, at, n));
    });
}

/// The loop over the units with the best copy of the body that the guards allow.
void Outliner::emitBodies(Made &made, const Space &space, ValueId lo, ValueId hi) {
    Builder &b = made.b;
    auto plain = [&](RegionId region) {
        unitLoop(made, space, lo, hi,
                 [&](std::span<const ValueId> indices, OpId again) { body(made, region, indices, {}, again); });
    };
    RegionId checked = fn().region(op(), Role::Checked), fast = fn().region(op(), Role::Fast);
    RegionId guard = fn().region(op(), Role::Guard);
    if (!fast.valid()) return plain(checked);
    if (!guard.valid()) return plain(fast);
    Cloner copy = cloner(made);
    const auto &params = fn().regions[guard].params;
    for (size_t k = 0; k < params.size(); ++k) copy.values[params[k].raw] = k == 0 ? lo : hi;
    ValueId holds = copy.body(guard).at(0);
    OpId choice = b.op(OpCode::If, {}, {holds});
    b.in(choice, Role::Then, [&](RegionId) { plain(fast); });
    b.in(choice, Role::Else, [&](RegionId) { plain(checked); });
}

/// strip(.., 0, units) on this thread.
void Outliner::callWhole(Builder &b, FunctionId strip, ValueId units) {
    std::vector<ValueId> arguments = captured;
    arguments.push_back(constant(b, 0));
    arguments.push_back(units);
    b.call(strip, arguments);
}

void Outliner::parFor() {
    auto strip_of = [&](std::string_view what, bool scalar) {
        Made made = make(what, module.types.unit());
        ValueId lo = addParam(made, module.types.i64(), "lo"), hi = addParam(made, module.types.i64(), "hi");
        Cloner seen = cloner(made);
        Space inside = space(made.b, [&](ValueId v) { return seen.value(v); });
        if (lanes() > 1 && !scalar) emitOnLanes(made, inside, lo, hi, plainUse(made));
        else emitBodies(made, inside, lo, hi);
        return made.id;
    };
    FunctionId strip = strip_of("", false), serial = strip;
    // A guard that fails takes back the right to any other order than the serial one.
    bool guarded = fn().region(op(), Role::Require).valid();
    if (guarded && lanes() > 1) serial = strip_of("serial", true);
    Builder b(module, function);
    b.before(op_id);
    b.loc = op().loc;
    Space outside = space(b, [](ValueId v) { return v; });
    ValueId units = unitCount(b, outside);
    auto launch = [&] {
        if (serially) return callWhole(b, strip, units);
        std::vector<pir::Attr> attrs = {{AttrKey::Strip, int64_t{strip.raw}}};
        if (op().has(AttrKey::Strict)) attrs.insert(attrs.begin(), {AttrKey::Text, std::string("simd par for")});
        for (AttrKey key : {AttrKey::Cost, AttrKey::Unit})
            if (op().has(key)) attrs.push_back({key, op().integer(key)});
        std::ranges::sort(attrs, [](auto &x, auto &y) { return x.key < y.key; });
        auto whole = [&] { b.op(OpCode::RtFor, {}, captureOperands({units}), attrs); };
        // A loop that is too small to share is one strip.
        constexpr int64_t kSmall = 2048;
        if (outside.rank > 1 || isHeavy()) return whole();
        directIfSmall(b, units, lanes() > 1 ? kSmall / kLaneUnit : kSmall, whole, [&] { callWhole(b, strip, units); });
    };
    RegionId require = fn().region(op(), Role::Require);
    if (!require.valid()) {
        launch();
        return finish({});
    }
    // A guard that fails: the serial copy, on this thread.
    Cloner here(b, function);
    ValueId holds = here.body(require).at(0);
    OpId choice = b.op(OpCode::If, {}, {holds});
    b.in(choice, Role::Then, [&](RegionId) { launch(); });
    ValueId all = serial == strip ? units : unitsWithoutLanes(b, outside);
    b.in(choice, Role::Else, [&](RegionId) { callWhole(b, serial, all); });
    finish({});
}

} // namespace parlane::opt
