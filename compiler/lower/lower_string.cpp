// Interpolation.
#include "compiler/lower/function_lowering.h"

namespace parlane::lower {

using pir::TypeKind;

ValueId FunctionLowering::stringRef(std::string_view text) {
    ValueId ref = b.slot(types().str());
    b.store(ref, b.constStr(std::string(text)));
    return ref;
}

ValueId FunctionLowering::textOf(HType type, ValueId of, std::string_view spec) {
    TypeKind kind = kindOf(of);
    PType str = types().str();
    if (all.types.is<types::StrType>(type))
        return spec.empty() ? b.copy(of) : b.callRt("format_str", str, {stringRef(spec), of});
    if (!pir::isScalar(kind)) return b.call(all.generated(Generated::Text, type), {of});
    if (kind == TypeKind::Bool) return b.callRt("format_bool", str, {stringRef(spec), of});
    if (kind == TypeKind::F32) return b.callRt("format_f32", str, {stringRef(spec), of});
    if (kind == TypeKind::F64) return b.callRt("format_f64", str, {stringRef(spec), of});
    bool is_signed = pir::isSigned(kind);
    PType wide = types().scalar(is_signed ? TypeKind::I64 : TypeKind::U64);
    ValueId number = fn().type(of) == wide ? of : b.convert(of, wide);
    return b.callRt(is_signed ? "format_i64" : "format_u64", str, {stringRef(spec), number});
}

ValueId FunctionLowering::concat(const std::vector<ValueId> &owned_parts) {
    ValueId parts = temp(types().fixed(types().str(), {static_cast<int64_t>(owned_parts.size())}));
    for (size_t i = 0; i < owned_parts.size(); ++i)
        b.store(b.elem(parts, {b.constInt(static_cast<int64_t>(i))}, pir::Bounds::Proved, pir::Own::Local),
                owned_parts[i]);
    return b.callRt("str_concat", types().str(), {b.view(parts)});
}

ValueId FunctionLowering::lower(hir::ExprId, const hir::Interpolate &n) {
    if (n.parts.empty()) return b.constStr("");
    if (n.parts.size() == 1 && !n.parts[0].value) return b.constStr(std::string(all.names.text(n.parts[0].text)));
    auto one = [&](const hir::Interpolate::Part &part) {
        if (!part.value) return b.constStr(std::string(all.names.text(part.text)));
        Located here(*this, body.exprs[part.value].span);
        ValueId of = read(part.value);
        return textOf(typeOf(part.value), of, part.spec.valid() ? all.names.text(part.spec) : std::string_view{});
    };
    if (n.parts.size() == 1) return one(n.parts[0]);
    ValueId parts = temp(types().fixed(types().str(), {static_cast<int64_t>(n.parts.size())}));
    for (size_t i = 0; i < n.parts.size(); ++i) {
        ValueId made = one(n.parts[i]);
        b.store(b.elem(parts, {b.constInt(static_cast<int64_t>(i))}, pir::Bounds::Proved, pir::Own::Local), made);
    }
    return b.callRt("str_concat", types().str(), {b.view(parts)});
}

} // namespace parlane::lower
