// What a source hands to one iteration.
#include "compiler/lower/function_lowering.h"
#include "lang/base/match.h"

namespace parlane::lower {

using pir::Own;
using pir::TypeKind;
using types::Mode;

ValueId FunctionLowering::rangeValue(const SourcePlan &of, ValueId k) {
    if (of.from_zero) return k;
    PType type = fn().type(of.lo);
    ValueId steps = fn().type(k) == type ? k : b.convert(k, type);
    if (of.step.valid()) steps = b.binary(OpCode::Mul, steps, of.step);
    return b.binary(OpCode::Add, of.lo, steps);
}

/// Row-major number of the iteration.
ValueId FunctionLowering::flatIndex(const std::vector<ValueId> &extents, const std::vector<ValueId> &indices) {
    ValueId flat = indices[0];
    for (size_t d = 1; d < indices.size(); ++d)
        flat = b.binary(OpCode::Add, b.binary(OpCode::Mul, flat, extents[d]), indices[d]);
    return flat;
}

/// The indices of an inner source whose rank may differ from that of the zip around it.
std::vector<ValueId> FunctionLowering::spread(const SourcePlan &inner, const std::vector<ValueId> &indices) {
    size_t rank = inner.extents.size();
    if (rank == indices.size()) return indices;
    std::vector<ValueId> out(rank);
    ValueId rest = indices[0], one = b.constInt(1);
    for (size_t d = rank; d-- > 1;) {
        // An index exists, so no extent is 0; the select keeps the division whole for hoisting.
        ValueId extent = b.binary(OpCode::Max, inner.extents[d], one);
        out[d] = b.binary(OpCode::Rem, rest, extent);
        rest = b.binary(OpCode::Div, rest, extent);
    }
    out[0] = rest;
    return out;
}

Subject FunctionLowering::itemAt(const SourcePlan &of, const std::vector<ValueId> &indices, OpId region) {
    using Kind = Subject::Kind;
    return match(
        body.sources[of.source].node,
        [&](const hir::RangeSource &) {
            return Subject{Kind::Value, rangeValue(of, indices[0]), {}};
        },
        [&](const hir::ElementsSource &s) {
            bool reads = s.mode == Mode::Read;
            Own own = reads ? Own::Read : region.valid() ? Own::Loop : Own::Local;
            ValueId ref = b.elem(of.view, indices, pir::Bounds::Proved, own, own == Own::Loop ? region : OpId{});
            return Subject{s.mode == Mode::Sink ? Kind::Take : Kind::Ref, ref, {}};
        },
        [&](const hir::ZipSource &) {
            Subject out{Kind::Parts, {}, {}};
            for (const SourcePlan &inner : of.inner) out.parts.push_back(itemAt(inner, spread(inner, indices), region));
            return out;
        },
        [&](const hir::EnumerateSource &) {
            Subject number{Kind::Value, flatIndex(of.extents, indices), {}};
            return Subject{Kind::Parts, {}, {number, itemAt(of.inner[0], indices, region)}};
        },
        [&](const hir::PartsSource &s) { return partAt(of, s, indices[0], region); },
        [&](const hir::StrSource &) {
            return Subject{Kind::Value, b.load(b.elem(of.view, indices, pir::Bounds::Proved, Own::Read)), {}};
        },
        [&](const auto &) -> Subject { PAR_UNREACHABLE("a source without items"); });
}

Subject FunctionLowering::partAt(const SourcePlan &of, const hir::PartsSource &parts, ValueId k, OpId region) {
    ValueId one = b.constInt(1);
    auto extent = [&](int64_t d) { return b.extent(of.view, d); };
    auto piece = [&](ValueId number, ValueId size, ValueId end) {
        ValueId lo = b.binary(OpCode::Mul, number, size);
        return std::pair(lo, b.binary(OpCode::Min, b.binary(OpCode::Add, lo, size), end));
    };
    std::vector<ValueId> bounds;
    int64_t dropped = 0;
    auto range = [&](std::pair<ValueId, ValueId> of_dim) {
        bounds.push_back(of_dim.first);
        bounds.push_back(of_dim.second);
    };
    switch (parts.kind) {
    case hir::PartKind::Rows:
        range({k, b.binary(OpCode::Add, k, one)});
        for (int64_t d = 1; d < types()[fn().type(of.view)].dims[0]; ++d) range({b.constInt(0), extent(d)});
        dropped = 1;
        break;
    case hir::PartKind::Chunks: range(piece(k, of.args[0], extent(0))); break;
    case hir::PartKind::Tiles: {
        ValueId across = b.binary(OpCode::Max, of.args[2], one);
        range(piece(b.binary(OpCode::Div, k, across), of.args[0], extent(0)));
        range(piece(b.binary(OpCode::Rem, k, across), of.args[1], extent(1)));
        break;
    }
    case hir::PartKind::Parts: {
        auto at = [&](ValueId i) {
            ValueId offset = b.load(b.elem(of.args[0], {i}, pir::Bounds::Proved, Own::Read));
            return kindOf(offset) == TypeKind::I64 ? offset : b.convert(offset, types().i64());
        };
        ValueId lo = at(k);
        range({lo, at(b.binary(OpCode::Add, k, one))});
        break;
    }
    }
    ValueId view = sliceChecked(of.view, bounds, dropped, true);
    if (region.valid() && parts.mode != Mode::Read) markOwn(view, {Own::Loop, pir::Bounds::Proved, region});
    return {Subject::Kind::View, view, {}};
}

} // namespace parlane::lower
