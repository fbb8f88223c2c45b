// Expressions: literals, aggregates, conversions.
#include "compiler/lower/function_lowering.h"
#include "lang/base/match.h"

namespace parlane::lower {

using pir::AttrKey;
using pir::Trap;
using pir::TypeKind;

ValueId FunctionLowering::value(hir::ExprId id) {
    const hir::Expr &expr = body.exprs[id];
    Located here(*this, expr.span);
    ValueId made = match(expr.node, [&](const auto &node) { return lower(id, node); });
    if (!made.valid() && dead && !all.isUnit(concrete(expr.type))) return b.zero(ptypeOf(id));
    return made;
}

ValueId FunctionLowering::read(hir::ExprId id) {
    if (all.owns(typeOf(id)) && !all.types.is<types::ViewType>(typeOf(id))) return refTo(id);
    return value(id);
}

ValueId FunctionLowering::index(hir::ExprId id) {
    ValueId made = value(id);
    return kindOf(made) == TypeKind::I64 ? made : b.convert(made, types().i64());
}

// ---- literals ---------------------------------------------------------------------------------------------------

ValueId FunctionLowering::lower(hir::ExprId id, const hir::IntLit &n) {
    PType type = ptypeOf(id);
    if (pir::isFloat(types().kind(type))) return b.constFloat(type, static_cast<double>(static_cast<int64_t>(n.bits)));
    return b.constInt(type, static_cast<int64_t>(n.bits));
}

ValueId FunctionLowering::lower(hir::ExprId id, const hir::FloatLit &n) { return b.constFloat(ptypeOf(id), n.value); }

ValueId FunctionLowering::lower(hir::ExprId id, const hir::ParamLit &n) {
    PType type = ptypeOf(id);
    TypeKind kind = types().kind(type);
    if (kind == TypeKind::F32 || kind == TypeKind::F64) {
        double v = n.is_float ? n.value : static_cast<double>(static_cast<int64_t>(n.bits));
        return b.constFloat(type, kind == TypeKind::F32 ? static_cast<double>(static_cast<float>(v)) : v);
    }
    int64_t bits = static_cast<int64_t>(n.bits);
    switch (pir::scalarBytes(kind)) {
    case 1:
        bits = pir::isSigned(kind) ? int64_t{static_cast<int8_t>(bits)} : int64_t{static_cast<uint8_t>(bits)};
        break;
    case 2:
        bits = pir::isSigned(kind) ? int64_t{static_cast<int16_t>(bits)} : int64_t{static_cast<uint16_t>(bits)};
        break;
    case 4:
        bits = pir::isSigned(kind) ? int64_t{static_cast<int32_t>(bits)} : int64_t{static_cast<uint32_t>(bits)};
        break;
    default: break;
    }
    return b.constInt(type, bits);
}

ValueId FunctionLowering::lower(hir::ExprId, const hir::BoolLit &n) { return b.constBool(n.value); }
ValueId FunctionLowering::lower(hir::ExprId, const hir::StrLit &n) {
    return b.constStr(std::string(all.names.text(n.text)));
}
ValueId FunctionLowering::lower(hir::ExprId id, const hir::NoneLit &) { return b.zero(ptypeOf(id)); }
ValueId FunctionLowering::lower(hir::ExprId id, const hir::ZeroLit &) { return b.zero(ptypeOf(id)); }
ValueId FunctionLowering::lower(hir::ExprId, const hir::UnitLit &) { return {}; }
ValueId FunctionLowering::lower(hir::ExprId, const hir::ConstRef &n) { return b.call(all.constant(n.constant), {}); }

ValueId FunctionLowering::lower(hir::ExprId, const hir::IntParam &n) {
    auto *size = all.types.as<types::SizeType>(type_args[n.index]);
    PAR_CHECK(size, "an integer parameter without a value");
    return b.constInt(size->value);
}

// ---- places as values -------------------------------------------------------------------------------------------

ValueId FunctionLowering::lower(hir::ExprId id, const hir::Field &n) {
    if (isPlace(id) || !all.owns(typeOf(id))) return loadPlace(id);
    // Taken out of a temporary; the rest of it is dropped with the statement.
    return b.take(b.field(refTo(n.base), n.index));
}

ValueId FunctionLowering::lower(hir::ExprId id, const hir::Unwrap &n) {
    Place of = unwrapPlace(id, n);
    if (of.kind == Place::Kind::Ref && !isPlace(id) && owns(b.load(of.id))) return b.take(of.id);
    return load(of);
}

ValueId FunctionLowering::lower(hir::ExprId id, const hir::Consume &n) {
    if (!isPlace(n.place)) return value(n.place);
    Place from = place(n.place);
    if (from.kind != Place::Kind::Ref || !all.owns(typeOf(id))) return load(from);
    // A type that does not copy has moved, whatever else is known.
    bool moves = proofs.use(id) == access::Use::Move || !all.types.isCopy(typeOf(id));
    bool whole = std::holds_alternative<hir::LocalRef>(body.exprs[n.place].node);
    return moves && whole ? b.take(from.id) : b.copy(from.id);
}

// ---- sizes ------------------------------------------------------------------------------------------------------

ValueId FunctionLowering::lower(hir::ExprId, const hir::Extent &n) {
    HType type = typeOf(n.base);
    if (auto *fixed = all.types.as<types::FixedType>(type)) {
        int64_t count = 1;
        for (size_t d = 0; d < fixed->dims.size(); ++d)
            if (n.dim == hir::Extent::kAll || static_cast<size_t>(n.dim) == d)
                count *= all.types.as<types::SizeType>(fixed->dims[d])->value;
        return b.constInt(count);
    }
    ValueId view = viewOf(n.base);
    return n.dim == hir::Extent::kAll ? elementCount(view) : b.extent(view, n.dim);
}

ValueId FunctionLowering::lower(hir::ExprId, const hir::StrSlice &n) {
    ValueId text = refTo(n.base);
    ValueId lo = n.range.lo ? index(n.range.lo) : b.constInt(0);
    ValueId hi = n.range.hi ? index(n.range.hi) : b.extent(b.view(text), 0);
    if (n.range.hi && n.range.inclusive) hi = b.binary(OpCode::Add, hi, b.constInt(1));
    return b.callRt("str_slice", types().str(), {text, lo, hi});
}

// ---- conversions ------------------------------------------------------------------------------------------------

ValueId FunctionLowering::lower(hir::ExprId id, const hir::Convert &n) {
    ValueId from = value(n.operand);
    PType to = ptypeOf(id);
    return fn().type(from) == to ? from : b.convert(from, to);
}

ValueId FunctionLowering::lower(hir::ExprId id, const hir::Bits &n) {
    ValueId from = value(n.operand);
    PType to = ptypeOf(id);
    if (fn().type(from) == to) return from;
    // Between integers of one size the bits are the value.
    if (pir::isInteger(kindOf(from)) && pir::isInteger(types().kind(to))) return b.convert(from, to);
    return b.emit(OpCode::Bits, to, {from});
}

ValueId FunctionLowering::lower(hir::ExprId, const hir::Copy &n) {
    HType type = typeOf(n.operand);
    if (all.types.is<types::ViewType>(type)) return b.copy(value(n.operand));
    if (!all.owns(type)) return value(n.operand);
    return b.copy(refTo(n.operand));
}

ValueId FunctionLowering::lower(hir::ExprId, const hir::FixedToArray &n) { return b.copy(viewOf(n.operand)); }

// ---- aggregates -------------------------------------------------------------------------------------------------

std::vector<ValueId> FunctionLowering::operands(const std::vector<hir::ExprId> &ids,
                                                const std::vector<uint32_t> *order) {
    std::vector<ValueId> out(ids.size()), waiting(ids.size());
    for (size_t k = 0; k < ids.size(); ++k) {
        size_t i = order && !order->empty() ? (*order)[k] : k;
        out[i] = value(ids[i]);
        if (k + 1 < ids.size() && out[i].valid() && owns(out[i])) waiting[i] = spill(out[i]);
    }
    for (size_t i = 0; i < ids.size(); ++i)
        if (waiting[i].valid()) out[i] = b.take(waiting[i]);
    return out;
}

ValueId FunctionLowering::lower(hir::ExprId id, const hir::Some &n) {
    PType type = ptypeOf(id);
    ValueId inner = value(n.value);
    return b.emit(OpCode::Case, type, {inner}, {{AttrKey::Case, int64_t{1}}});
}

ValueId FunctionLowering::lower(hir::ExprId id, const hir::Coalesce &n) {
    PType type = ptypeOf(id);
    bool stays_optional = typeOf(n.optional) == typeOf(id);
    if (!all.owns(typeOf(n.optional))) {
        ValueId optional = value(n.optional);
        ValueId some = b.compare(OpCode::Ne, b.tag(optional), b.constInt(types().u8(), 0));
        return branch(
            some, type, [&] { return stays_optional ? optional : b.payload(optional, 1); },
            [&] { return value(n.fallback); });
    }
    ValueId held = spill(value(n.optional));
    ValueId some = b.compare(OpCode::Ne, b.tag(held), b.constInt(types().u8(), 0));
    return branch(
        some, type, [&] { return b.take(stays_optional ? held : b.payload(held, 1)); },
        [&] { return value(n.fallback); });
}

ValueId FunctionLowering::lower(hir::ExprId id, const hir::Tuple &n) {
    PType type = ptypeOf(id);
    return b.emit(OpCode::Tuple, type, operands(n.elems));
}

ValueId FunctionLowering::lower(hir::ExprId id, const hir::StructLit &n) {
    PType type = ptypeOf(id);
    return b.emit(OpCode::Tuple, type, operands(n.fields, &n.order));
}

ValueId FunctionLowering::lower(hir::ExprId id, const hir::EnumCase &n) {
    PType type = ptypeOf(id);
    std::vector<ValueId> payload;
    if (!n.payload.empty()) payload.push_back(packPayload(operands(n.payload)));
    return b.emit(OpCode::Case, type, std::move(payload), {{AttrKey::Case, int64_t{n.case_index}}});
}

ValueId FunctionLowering::packPayload(std::vector<ValueId> parts) {
    if (parts.size() == 1) return parts[0];
    std::vector<PType> part_types;
    for (ValueId part : parts) part_types.push_back(fn().type(part));
    PType type = types().tuple(std::move(part_types));
    return b.emit(OpCode::Tuple, type, std::move(parts));
}

ValueId FunctionLowering::lower(hir::ExprId id, const hir::FixedLit &n) {
    PType type = ptypeOf(id);
    return b.emit(OpCode::Tuple, type, operands(n.elems));
}

ValueId FunctionLowering::lower(hir::ExprId id, const hir::NewFixed &n) {
    PType type = ptypeOf(id);
    if (!n.fill) return b.zero(type);
    ValueId made = temp(type);
    ValueId fill = read(n.fill);
    fillElements(b.view(made), fill);
    return ownsType(type) ? b.take(made) : b.load(made);
}

ValueId FunctionLowering::lower(hir::ExprId id, const hir::NewArray &n) {
    PType type = ptypeOf(id);
    std::vector<ValueId> ops;
    for (hir::ExprId extent : n.extents) ops.push_back(index(extent));
    if (n.fill) ops.push_back(read(n.fill));
    return b.emit(OpCode::Array, type, std::move(ops));
}

ValueId FunctionLowering::lower(hir::ExprId id, const hir::BoxNew &n) {
    PType type = ptypeOf(id);
    return b.emit(OpCode::Box, type, {value(n.value)});
}

} // namespace parlane::lower
