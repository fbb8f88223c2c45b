// Strips of loops whose iterations run on lanes: full steps, then the tail under a mask. A step that would fail has changed nothing that the body
// reads; the checked body does it again, one iteration after the other, and fails where the serial run does.
#include "compiler/opt/outline_parts.h"

namespace parlane::opt {

using pir::Builder;

int64_t Outliner::lanes() const {
    bool on_lanes = op().enumerator<pir::Mode>(AttrKey::Mode) == pir::Mode::Lanes;
    return on_lanes ? op().integer(AttrKey::Lanes, 1) : 1;
}

/// The iterations [from, from + n) of the innermost index.
void Outliner::laneLoop(Made &made, const std::vector<ValueId> &outer, ValueId from, ValueId n, const LaneUse &use) {
    Builder &b = made.b;
    const pir::Types &types = module.types;
    RegionId full = fn().region(op(), Role::Lanes), tail = fn().region(op(), Role::Tail);
    ValueId width = constant(b, lanes()), steps = b.binary(OpCode::Div, n, width), end = b.binary(OpCode::Add, from, n);
    ValueId replay = b.slot(types.i64(), {});
    b.store(replay, end);
    bool may_fail = false;
    auto indices = [&](ValueId i) {
        std::vector<ValueId> all = outer;
        all.push_back(i);
        return all;
    };
    OpId all = b.op(OpCode::Block, {});
    auto step = [&](RegionId region, ValueId i, std::span<const ValueId> more) {
        std::vector<ValueId> given(more.begin(), more.end());
        if (use.refs)
            for (ValueId ref : use.refs(i)) given.push_back(ref);
        std::vector<ValueId> yielded = body(made, region, indices(i), given, {});
        std::span<const ValueId> values = yielded;
        if (!values.empty() && types.kind(b.fn().type(values[0])) == TypeKind::Bool) {
            may_fail = true;
            OpId failed = b.op(OpCode::If, {}, {b.unary(OpCode::Not, values[0])});
            b.in(failed, Role::Then, [&](RegionId) {
                b.store(replay, i);
                b.leave(all);
            });
            values = values.subspan(1);
        }
        if (use.step) use.step(i, more.empty() ? ValueId{} : more[0], values);
    };
    b.in(all, Role::Body, [&](RegionId) {
        OpId main = b.op(OpCode::For, {}, {from, steps, width});
        b.in(main, Role::Body, [&](RegionId region) { step(full, b.addParam(region, types.i64(), {}), {}); });
        ValueId done = b.binary(OpCode::Mul, steps, width), rest = b.binary(OpCode::Sub, n, done);
        OpId some = b.op(OpCode::If, {}, {b.compare(OpCode::Lt, constant(b, 0), rest)});
        b.in(some, Role::Then, [&](RegionId) {
            TypeId i32 = types.scalar(TypeKind::I32), vector = module.types.vec(i32, lanes());
            ValueId number = b.emit(OpCode::Iota, vector, {b.constInt(i32, 0)});
            ValueId limit = b.emit(OpCode::Splat, vector, {b.convert(rest, i32)});
            ValueId mask[] = {b.emit(OpCode::Lt, module.types.mask(lanes()), {number, limit})};
            step(tail, b.binary(OpCode::Add, from, done), mask);
        });
    });
    if (!may_fail) return;
    ValueId at = b.load(replay);
    loop(b, at, b.binary(OpCode::Sub, end, at), {}, [&](ValueId i, OpId again) {
        std::vector<ValueId> all_indices = indices(i);
        use.replay(all_indices, again);
    });
}

Outliner::LaneUse Outliner::plainUse(Made &made) {
    return {{}, {}, [this, &made](std::span<const ValueId> indices, OpId again) {
                body(made, fn().region(op(), Role::Checked), indices, {}, again);
            }};
}

/// Dependent extents: loops over them, the innermost on lanes.
void Outliner::laneLoops(Made &made, const Space &space, std::vector<ValueId> indices, const LaneUse &use) {
    auto index = static_cast<int64_t>(indices.size());
    ValueId n = extentOf(made, index, indices), zero = constant(made.b, 0);
    if (index + 1 == space.rank) return laneLoop(made, indices, zero, n, use);
    loop(made.b, zero, n, {}, [&](ValueId i, OpId) {
        std::vector<ValueId> more = indices;
        more.push_back(i);
        laneLoops(made, space, more, use);
    });
}

void Outliner::emitOnLanes(Made &made, const Space &space, ValueId lo, ValueId hi, const LaneUse &use) {
    Builder &b = made.b;
    ValueId count = b.binary(OpCode::Sub, hi, lo);
    if (space.rank == 1) { // units of 64 iterations, so that pieces have no tails but the last
        ValueId unit = constant(b, kLaneUnit), from = b.binary(OpCode::Mul, lo, unit);
        ValueId end = b.binary(OpCode::Min, b.binary(OpCode::Mul, hi, unit), space.extents[0]);
        return laneLoop(made, {}, from, b.binary(OpCode::Sub, end, from), use);
    }
    auto given = static_cast<size_t>(space.given);
    if (space.given < space.rank) {
        loop(b, lo, count, {}, [&](ValueId unit, OpId) { laneLoops(made, space, rowIndices(b, space, unit, given), use); });
        return;
    }
    ValueId width = space.extents.back(), piece = pieceLength(b, space), pieces = ceilDiv(b, width, piece);
    loop(b, lo, count, {}, [&](ValueId unit, OpId) {
        ValueId row = b.binary(OpCode::Div, unit, pieces), number = b.binary(OpCode::Rem, unit, pieces);
        std::vector<ValueId> indices = rowIndices(b, space, row, given - 1);
        ValueId from = b.binary(OpCode::Mul, number, piece);
        laneLoop(made, indices, from, b.binary(OpCode::Min, piece, b.binary(OpCode::Sub, width, from)), use);
    });
}

/// Units of the same loop without lanes.
ValueId Outliner::unitsWithoutLanes(Builder &b, const Space &space) { return space.rank == 1 ? space.extents[0] : unitCount(b, space); }

} // namespace parlane::opt
