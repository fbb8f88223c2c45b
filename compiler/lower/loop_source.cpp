// Sources of loops: their operands are evaluated once, their extents counted, their lengths compared.
#include "compiler/lower/function_lowering.h"
#include "lang/base/match.h"

namespace parlane::lower {

using pir::Trap;
using pir::TypeKind;
using types::Mode;

std::optional<int64_t> FunctionLowering::literalInt(hir::ExprId id) {
    if (!id) return std::nullopt;
    if (auto *literal = std::get_if<hir::IntLit>(&body.exprs[id].node)) return static_cast<int64_t>(literal->bits);
    return std::nullopt;
}

/// Its number of iterations is known before it starts.
bool FunctionLowering::isCounted(hir::SourceId id) {
    return match(
        body.sources[id].node, [](const hir::NextSource &) { return false; },
        [](const hir::WhileSource &) { return false; }, [](const hir::WhileLetSource &) { return false; },
        [](const auto &) { return true; });
}

size_t FunctionLowering::rankOf(hir::SourceId id) {
    return match(
        body.sources[id].node,
        [&](const hir::ElementsSource &s) {
            int rank = all.types.rankOf(typeOf(s.place));
            return static_cast<size_t>(rank > 0 ? rank : 1);
        },
        [&](const hir::ZipSource &s) {
            size_t rank = rankOf(s.sources[0]);
            for (hir::SourceId inner : s.sources)
                if (rankOf(inner) != rank) return size_t{1};
            return rank;
        },
        [&](const hir::EnumerateSource &s) { return rankOf(s.source); }, [](const auto &) { return size_t{1}; });
}

SourcePlan FunctionLowering::plan(hir::SourceId id) {
    const hir::Source &source = body.sources[id];
    Located here(*this, source.span);
    SourcePlan out;
    out.source = id;
    match(
        source.node, [&](const hir::RangeSource &s) { planRange(out, s); },
        [&](const hir::ElementsSource &s) { planElements(out, s); }, [&](const hir::ZipSource &s) { planZip(out, s); },
        [&](const hir::EnumerateSource &s) {
            out.inner.push_back(plan(s.source));
            out.extents = out.inner[0].extents;
        },
        [&](const hir::PartsSource &s) { planParts(out, s); }, [&](const hir::StrSource &s) { planText(out, s); },
        [&](const auto &) {
            unsupported(source.span, "a source without a length inside of zip, enumerate or a parallel loop", {});
            out.extents = {b.constInt(0)};
        });
    return out;
}

// ---- ranges -----------------------------------------------------------------------------------------------------

void FunctionLowering::planRange(SourcePlan &out, const hir::RangeSource &range) {
    out.lo = value(range.lo);
    ValueId hi = value(range.hi);
    PType type = fn().type(out.lo), i64 = types().i64();
    auto wide = [&](ValueId v) { return fn().type(v) == i64 ? v : b.convert(v, i64); };
    if (range.step) {
        out.step = value(range.step);
        out.extents = {steppedCount(out.lo, hi, out.step, range.inclusive)};
        return;
    }
    out.from_zero = type == i64 && literalInt(range.lo) == 0;
    ValueId zero = b.constInt(0);
    if (out.from_zero && !range.inclusive) {
        // A negative extent counts as none.
        out.extents = {b.binary(OpCode::Max, hi, zero)};
        return;
    }
    ValueId count = b.binary(OpCode::Sub, wide(hi), wide(out.lo));
    if (range.inclusive) count = b.binary(OpCode::Add, count, b.constInt(1));
    ValueId some = b.compare(range.inclusive ? OpCode::Le : OpCode::Lt, out.lo, hi);
    out.extents = {b.emit(OpCode::Select, i64, {some, count, zero})};
}

/// Iterations of lo..hi by step: none if the step does not lead from the first to the second.
ValueId FunctionLowering::steppedCount(ValueId lo, ValueId hi, ValueId step, bool inclusive) {
    PType type = fn().type(lo), u64 = types().scalar(TypeKind::U64), i64 = types().i64();
    bool is_signed = pir::isSigned(kindOf(lo));
    auto distance = [&](ValueId from, ValueId to) {
        ValueId d = b.binary(OpCode::Sub, b.convert(to, i64), b.convert(from, i64));
        return b.convert(d, u64);
    };
    ValueId none = b.constInt(u64, 0), one = b.constInt(u64, 1), zero = b.constInt(type, 0);
    b.check(b.compare(OpCode::Ne, step, zero), Trap::Step);
    auto count = [&](ValueId from, ValueId to, ValueId by) { // by > 0
        ValueId reaches = b.compare(inclusive ? OpCode::Le : OpCode::Lt, from, to);
        ValueId d = distance(from, to);
        if (!inclusive) d = b.binary(OpCode::Sub, d, one);
        ValueId n = b.binary(OpCode::Add, b.binary(OpCode::Div, d, by), one);
        return b.emit(OpCode::Select, u64, {reaches, n, none});
    };
    ValueId by = b.convert(b.convert(step, i64), u64);
    if (!is_signed) return b.convert(count(lo, hi, by), i64);
    ValueId up = b.compare(OpCode::Lt, zero, step);
    ValueId size = b.emit(OpCode::Select, u64, {up, by, b.unary(OpCode::Neg, by)});
    ValueId forward = count(lo, hi, size);
    ValueId backward = count(hi, lo, size);
    return b.convert(b.emit(OpCode::Select, u64, {up, forward, backward}), i64);
}

// ---- elements, zip ----------------------------------------------------------------------------------------------

void FunctionLowering::planElements(SourcePlan &out, const hir::ElementsSource &elements) {
    if (elements.mode == Mode::Sink) {
        ValueId from = refTo(elements.place);
        out.view = b.view(isPlace(elements.place) ? spill(b.take(from)) : from);
    } else {
        out.view = viewOf(elements.place);
    }
    out.extents = extentsOf(out.view);
}

ValueId FunctionLowering::countOf(const SourcePlan &of) {
    ValueId count;
    for (ValueId extent : of.extents) count = count.valid() ? b.binary(OpCode::Mul, count, extent) : extent;
    return count;
}

void FunctionLowering::planZip(SourcePlan &out, const hir::ZipSource &zip) {
    for (hir::SourceId inner : zip.sources) out.inner.push_back(plan(inner));
    bool same_rank = rankOf(out.source) == out.inner[0].extents.size();
    for (const SourcePlan &inner : out.inner)
        same_rank = same_rank && inner.extents.size() == out.inner[0].extents.size();
    if (same_rank)
        out.extents = out.inner[0].extents;
    else
        out.extents = {countOf(out.inner[0])};
    for (size_t i = 1; i < out.inner.size(); ++i)
        for (size_t d = 0; d < out.extents.size(); ++d) {
            ValueId other = same_rank ? out.inner[i].extents[d] : countOf(out.inner[i]);
            b.check(b.compare(OpCode::Eq, out.extents[d], other), Trap::ZipLength, {out.extents[d], other});
        }
}

// ---- owned parts ------------------------------------------------------------------------------------------------

/// n / by rounded up; `by` > 0.
ValueId FunctionLowering::ceilDiv(ValueId n, ValueId by) {
    ValueId one = b.constInt(1), zero = b.constInt(0);
    ValueId some = b.compare(OpCode::Lt, zero, n);
    ValueId full = b.binary(OpCode::Add, b.binary(OpCode::Div, b.binary(OpCode::Sub, n, one), by), one);
    return b.emit(OpCode::Select, types().i64(), {some, full, zero});
}

void FunctionLowering::planParts(SourcePlan &out, const hir::PartsSource &parts) {
    out.view = viewOf(parts.place);
    if (parts.kind == hir::PartKind::Parts) {
        ValueId offsets = viewOf(parts.args[0]);
        out.args = {offsets};
        ValueId count = b.binary(OpCode::Sub, b.extent(offsets, 0), b.constInt(1));
        out.extents = {b.binary(OpCode::Max, count, b.constInt(0))};
        return checkOffsets(offsets, b.extent(out.view, 0));
    }
    for (hir::ExprId arg : parts.args) {
        ValueId size = index(arg);
        b.check(b.compare(OpCode::Lt, b.constInt(0), size), Trap::Extent, {size});
        out.args.push_back(size);
    }
    ValueId count = b.extent(out.view, 0);
    if (parts.kind == hir::PartKind::Chunks) count = ceilDiv(count, out.args[0]);
    if (parts.kind == hir::PartKind::Tiles) {
        out.args.push_back(ceilDiv(b.extent(out.view, 1), out.args[1])); // tiles a row
        count = b.binary(OpCode::Mul, ceilDiv(count, out.args[0]), out.args[2]);
    }
    out.extents = {count};
}

void FunctionLowering::checkOffsets(ValueId offsets, ValueId length) {
    ValueId pieces = b.binary(OpCode::Sub, b.extent(offsets, 0), b.constInt(1));
    forCount(b.binary(OpCode::Max, pieces, b.constInt(0)), [&](OpId, ValueId k) {
        auto at = [&](ValueId i) {
            ValueId offset = b.load(b.elem(offsets, {i}, pir::Bounds::Proved, pir::Own::Read));
            return kindOf(offset) == TypeKind::I64 ? offset : b.convert(offset, types().i64());
        };
        ValueId lo = at(k), hi = at(b.binary(OpCode::Add, k, b.constInt(1)));
        ValueId good = both(both(inOrder(b.constInt(0), lo), inOrder(lo, hi)), inOrder(hi, length));
        b.check(good, Trap::Offsets, {lo, hi, length});
    });
}

// ---- text -------------------------------------------------------------------------------------------------------

/// The code points as an array, for loops that need to know how many there are.
void FunctionLowering::planText(SourcePlan &out, const hir::StrSource &source) {
    ValueId text = refTo(source.text);
    PType codes_type = types().array(types().scalar(TypeKind::U32), 1);
    ValueId bytes = b.extent(b.view(text), 0);
    ValueId codes = spill(b.emit(OpCode::Array, codes_type, {bytes}, {{pir::AttrKey::Raw, int64_t{1}}}));
    ValueId at = b.slot(types().i64()), count = b.slot(types().i64());
    ValueId view = b.view(codes);
    OpId loop = b.op(OpCode::Loop, {});
    region(loop, Role::Body, [&](pir::RegionId) {
        when(inOrder(bytes, b.load(at)), [&] { leave(loop); });
        ValueId code = b.callRt("str_next", types().scalar(TypeKind::U32), {text, at});
        ValueId k = b.load(count);
        b.store(b.elem(view, {k}, pir::Bounds::Proved, pir::Own::Local), code);
        b.store(count, b.binary(OpCode::Add, k, b.constInt(1)));
    });
    ValueId n = b.load(count);
    out.view = sliceChecked(view, {b.constInt(0), n}, 0, true);
    out.extents = {n};
}

} // namespace parlane::lower
