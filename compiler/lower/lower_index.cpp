// Elements, slices and reshapes, with their checks and verdicts.
#include "compiler/lower/function_lowering.h"
#include "lang/base/match.h"

namespace parlane::lower {

using pir::AttrKey;
using pir::Own;
using pir::Trap;
using pir::TypeKind;

/// Values of the indices in order; a range gives two, its end none if it is that of the dimension.
std::vector<ValueId> FunctionLowering::indexOperands(hir::ExprId id) {
    if (auto found = prepared_indices.find(id.raw); found != prepared_indices.end()) {
        auto ready = std::move(found->second);
        prepared_indices.erase(found);
        return ready;
    }
    std::vector<ValueId> out;
    if (auto *reshape = std::get_if<hir::Reshape>(&body.exprs[id].node)) {
        for (hir::ExprId extent : reshape->extents) out.push_back(index(extent));
        return out;
    }
    for (const hir::IndexArg &arg : std::get<hir::Index>(body.exprs[id].node).args) {
        if (!arg.isRange()) {
            out.push_back(index(arg.index));
            continue;
        }
        out.push_back(arg.lo ? index(arg.lo) : b.constInt(0));
        ValueId hi;
        if (arg.hi) hi = index(arg.hi);
        if (hi.valid() && arg.inclusive) hi = b.binary(OpCode::Add, hi, b.constInt(1));
        out.push_back(hi);
    }
    return out;
}

FunctionLowering::Verdict FunctionLowering::verdictOf(hir::ExprId id) {
    access::IndexVerdict given = proofs.index(id);
    Verdict out;
    if (given.bounds == access::Bounds::Proved) out.bounds = pir::Bounds::Proved;
    if (insideAccumulator(id)) {
        out.own = Own::Acc;
        return out;
    }
    // In the serial copy of a loop its elements belong to nobody.
    if (auto *loop = std::get_if<hir::LoopId>(&given.region); loop && serial_copies.contains(*loop))
        if (given.owner == access::Owner::Region || given.owner == access::Owner::Read) return out;
    switch (given.owner) {
    case access::Owner::Local: break;
    case access::Owner::Read: out.own = Own::Read; break;
    case access::Owner::Accumulator: out.own = Own::Acc; break;
    case access::Owner::Atomic: out.own = Own::Atomic; break;
    case access::Owner::Asserted: out.own = Own::Asserted; break;
    case access::Owner::Region:
        // A region of another function (a closure's caller) has no op here; the element is local to this one then.
        if (auto found = open_regions.find(given.region); found != open_regions.end()) {
            out.own = Own::Loop;
            out.region = found->second;
        }
        break;
    }
    return out;
}

void FunctionLowering::markOwn(ValueId part, const Verdict &verdict) {
    if (verdict.own != Own::Loop && verdict.own != Own::Asserted) return;
    OpId op = fn().values[part].op;
    if (!op.valid()) return;
    fn().ops[op].set(AttrKey::Own, static_cast<int64_t>(verdict.own));
    if (verdict.region.valid()) fn().ops[op].set(AttrKey::Region, int64_t{verdict.region.raw});
}

Place FunctionLowering::indexPlace(hir::ExprId id, const hir::Index &n) {
    for (const hir::IndexArg &arg : n.args)
        if (arg.isRange()) return slicePlace(id, n);
    Place base = place(n.base);
    std::vector<ValueId> indices = indexOperands(id);
    Verdict verdict = verdictOf(id);
    bool fixed = all.types.is<types::FixedType>(typeOf(n.base));
    ValueId of = fixed ? refTo(base) : viewOf(base);
    return {Place::Kind::Ref, b.elem(of, std::move(indices), verdict.bounds, verdict.own, verdict.region)};
}

// ---- slices -----------------------------------------------------------------------------------------------------

ValueId FunctionLowering::inRange(ValueId index, ValueId extent) {
    PType u64 = types().scalar(TypeKind::U64);
    return b.compare(OpCode::Lt, b.convert(index, u64), b.convert(extent, u64));
}

void FunctionLowering::checkIndex(ValueId index, ValueId extent, int64_t dim) {
    b.check(inRange(index, extent), Trap::Index, {index, extent, b.constInt(dim)});
}

void FunctionLowering::checkRange(ValueId lo, ValueId hi, ValueId extent, int64_t dim) {
    ValueId good = both(both(inOrder(b.constInt(0), lo), inOrder(lo, hi)), inOrder(hi, extent));
    b.check(good, Trap::Slice, {lo, hi, extent, b.constInt(dim)});
}

Place FunctionLowering::slicePlace(hir::ExprId id, const hir::Index &n) {
    Place base = place(n.base);
    std::vector<ValueId> given = indexOperands(id);
    Verdict verdict = verdictOf(id);
    bool proved = verdict.bounds == pir::Bounds::Proved;
    ValueId view = viewOf(base);
    std::vector<ValueId> bounds;
    int64_t dropped = 0;
    bool leading = true;
    size_t at = 0;
    for (size_t d = 0; d < n.args.size(); ++d) {
        int64_t dim = static_cast<int64_t>(d);
        if (!n.args[d].isRange()) {
            if (!leading)
                return {Place::Kind::View,
                        unsupported(body.exprs[id].span, "a single index behind a range in a slice", ptypeOf(id))};
            ValueId i = given[at++];
            if (!proved) checkIndex(i, b.extent(view, dim), dim);
            bounds.push_back(i);
            bounds.push_back(b.binary(OpCode::Add, i, b.constInt(1)));
            ++dropped;
            continue;
        }
        leading = false;
        ValueId lo = given[at++], hi = given[at++];
        bool whole = !n.args[d].lo && !n.args[d].hi;
        ValueId extent = b.extent(view, dim);
        if (!hi.valid()) hi = extent;
        if (!proved && !whole) checkRange(lo, hi, extent, dim);
        bounds.push_back(lo);
        bounds.push_back(hi);
    }
    ValueId slice = sliceChecked(view, bounds, dropped, true);
    markOwn(slice, verdict);
    return {Place::Kind::View, slice};
}

/// The slice; with checks of the whole ranges unless they are known to hold.
ValueId FunctionLowering::sliceChecked(ValueId view, const std::vector<ValueId> &bounds, int64_t dropped, bool proved) {
    const pir::Type of = types()[fn().type(view)];
    if (!proved)
        for (size_t d = 0; 2 * d < bounds.size(); ++d)
            checkRange(bounds[2 * d], bounds[2 * d + 1], b.extent(view, static_cast<int64_t>(d)),
                       static_cast<int64_t>(d));
    PType type = types().view(of.elem, of.dims[0] - dropped);
    std::vector<ValueId> ops = {view};
    ops.insert(ops.end(), bounds.begin(), bounds.end());
    std::vector<pir::Attr> attrs;
    if (dropped > 0) attrs.push_back({AttrKey::Dropped, dropped});
    return b.emit(OpCode::Slice, type, std::move(ops), std::move(attrs));
}

// ---- reshapes ---------------------------------------------------------------------------------------------------

std::vector<ValueId> FunctionLowering::extentsOf(ValueId view) {
    std::vector<ValueId> out;
    for (int64_t d = 0; d < types()[fn().type(view)].dims[0]; ++d) out.push_back(b.extent(view, d));
    return out;
}

ValueId FunctionLowering::elementCount(ValueId view) {
    ValueId count;
    for (ValueId extent : extentsOf(view)) count = count.valid() ? b.binary(OpCode::Mul, count, extent) : extent;
    return count;
}

Place FunctionLowering::reshapePlace(hir::ExprId id, const hir::Reshape &n) {
    Place base = place(n.base);
    std::vector<ValueId> extents = indexOperands(id);
    ValueId view = viewOf(base);
    ValueId count = elementCount(view);
    PType elem = types()[fn().type(view)].elem;
    ValueId zero = b.constInt(0), one = b.constInt(1);
    ValueId good = b.emit(OpCode::Contiguous, types().boolean(), {view});
    std::vector<ValueId> values = extentsOf(view);
    values.insert(values.end(), extents.begin(), extents.end());
    // The product of the extents is the count, without computing one that may wrap.
    ValueId left = count, empty = b.constBool(false);
    for (size_t d = 0; d < extents.size(); ++d) {
        ValueId n_d = extents[d];
        good = both(good, inOrder(zero, n_d));
        if (d + 1 == extents.size()) {
            good = both(good, b.binary(OpCode::Or, empty, b.compare(OpCode::Eq, n_d, left)));
            break;
        }
        empty = b.binary(OpCode::Or, empty, b.compare(OpCode::Eq, n_d, zero));
        ValueId divisor = b.emit(OpCode::Select, types().i64(), {b.compare(OpCode::Lt, zero, n_d), n_d, one});
        ValueId quotient = b.binary(OpCode::Div, left, divisor);
        good = both(good, b.compare(OpCode::Eq, b.binary(OpCode::Mul, quotient, n_d), left));
        left = quotient;
    }
    if (extents.empty()) extents.push_back(count);
    b.check(good, Trap::Shape, std::move(values));
    PType type = types().view(elem, static_cast<int64_t>(extents.size()));
    extents.insert(extents.begin(), view);
    ValueId shaped = b.emit(OpCode::Reshape, type, std::move(extents));
    markOwn(shaped, verdictOf(id));
    return {Place::Kind::View, shaped};
}

} // namespace parlane::lower
