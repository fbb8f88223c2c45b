// The text of any type: `P(x: 1)`, `(1, "a")`, `[1, 2]`, `Circle(2)`, `none`. Strings inside of others are quoted. Also
// the growing of arrays.
#include "compiler/lower/generated.h"

namespace parlane::lower {

using pir::OpCode;
using pir::OpId;
using pir::Role;
using pir::TypeKind;

ValueId Generator::constRef(std::string text) {
    ValueId ref = b.slot(types().str());
    b.store(ref, b.constStr(std::move(text)));
    return ref;
}

ValueId Generator::concat(const std::vector<ValueId> &parts) {
    if (parts.size() == 1) return b.take(parts[0]);
    // The parts lie in slots; they move into one array for the runtime.
    ValueId all_parts = b.slot(types().fixed(types().str(), {static_cast<int64_t>(parts.size())}));
    for (size_t i = 0; i < parts.size(); ++i)
        b.store(b.elem(all_parts, {b.constInt(static_cast<int64_t>(i))}, pir::Bounds::Proved, pir::Own::Local),
                b.take(parts[i]));
    return b.callRt("str_concat", types().str(), {b.view(all_parts)});
}

ValueId Generator::textOf(HType type, ValueId of, bool quoted) {
    TypeKind kind = kindOf(of);
    PType str = types().str();
    if (all.types.is<types::StrType>(type)) {
        if (!quoted) return b.copy(of);
        ValueId held = b.slot(str);
        b.store(held, b.copy(of));
        return concat({constRef("\""), held, constRef("\"")});
    }
    if (!pir::isScalar(kind)) return b.call(all.generated(Generated::Text, type), {of});
    if (kind == TypeKind::Bool) return b.callRt("format_bool", str, {constRef(""), of});
    if (kind == TypeKind::F32) return b.callRt("format_f32", str, {constRef(""), of});
    if (kind == TypeKind::F64) return b.callRt("format_f64", str, {constRef(""), of});
    bool is_signed = pir::isSigned(kind);
    PType wide = types().scalar(is_signed ? TypeKind::I64 : TypeKind::U64);
    return b.callRt(is_signed ? "format_i64" : "format_u64", str,
                    {constRef(""), b.fn().type(of) == wide ? of : b.convert(of, wide)});
}

void Generator::text(HType type) {
    ValueId of = param(0);
    auto *structure = all.types.as<types::StructType>(type);
    if (structure && structure->decl == all.program.error_struct) return b.ret(b.copy(b.field(of, 0)));
    if (HType elem; all.types.elemOf(type).valid() || all.listItem(type).valid()) {
        ValueId view = items(type, of, elem);
        return b.ret(textOfItems(elem, view, "[", "]"));
    }
    if (structure && all.hidesFields(type)) {
        bool lists = false;
        for (auto [field, number] : fields(type)) lists = lists || all.listItem(field).valid();
        if (lists) return b.ret(textOfContainer(type, of));
    }
    if (all.types.is<types::EnumType>(type) || all.types.is<types::OptionalType>(type) ||
        all.types.is<types::BoxType>(type))
        return b.ret(textOfCases(type, of));
    std::vector<ValueId> parts;
    textParts(type, of, parts);
    b.ret(concat(parts));
}

ValueId Generator::textOfCases(HType type, ValueId of) {
    ValueId result = b.slot(types().str());
    ValueId tag = b.tag(of);
    OpId op = b.op(OpCode::Switch, {}, {tag});
    auto in_case = [&](int64_t number, const std::function<void(std::vector<ValueId> &)> &inside) {
        b.in(op, Role::Case, number, [&](pir::RegionId) {
            std::vector<ValueId> parts;
            inside(parts);
            b.store(result, concat(parts));
        });
    };
    auto held = [&](ValueId owned) {
        ValueId slot = b.slot(types().str());
        b.store(slot, owned);
        return slot;
    };
    if (auto *enumeration = all.types.as<types::EnumType>(type)) {
        const auto cases = all.types.info(enumeration->decl).cases;
        for (uint32_t c = 0; c < cases.size(); ++c)
            in_case(c, [&](std::vector<ValueId> &parts) {
                std::string name(all.names.text(cases[c].name));
                size_t count = cases[c].payload.size();
                parts.push_back(constRef(count == 0 ? name : name + "("));
                if (count == 0) return;
                ValueId payload = b.payload(of, c);
                for (uint32_t i = 0; i < count; ++i) {
                    if (i > 0) parts.push_back(constRef(", "));
                    parts.push_back(
                        held(textOf(all.types.payloadType(type, c, i), payloadPart(payload, count, i), true)));
                }
                parts.push_back(constRef(")"));
            });
    } else if (auto *optional = all.types.as<types::OptionalType>(type)) {
        HType inner = optional->value;
        in_case(0, [&](std::vector<ValueId> &parts) { parts.push_back(constRef("none")); });
        in_case(1, [&](std::vector<ValueId> &parts) {
            parts.push_back(held(textOf(inner, readPart(b.payload(of, 1)), true)));
        });
    } else {
        HType inner = all.types.as<types::BoxType>(type)->value;
        in_case(0, [&](std::vector<ValueId> &parts) { parts.push_back(constRef("Box()")); });
        in_case(1, [&](std::vector<ValueId> &parts) {
            parts = {constRef("Box("), held(textOf(inner, readPart(b.boxed(of)), true)), constRef(")")};
        });
    }
    return b.take(result);
}

void Generator::textParts(HType type, ValueId of, std::vector<ValueId> &parts) {
    auto *structure = all.types.as<types::StructType>(type);
    if (!structure && !all.types.is<types::TupleType>(type)) { // a file
        parts.push_back(constRef(all.types.text(type, all.names)));
        return;
    }
    std::string before = structure ? std::string(all.names.text(all.types.info(structure->decl).name)) + "(" : "(";
    for (auto [part, number] : fields(type)) {
        auto *of_struct = all.types.as<types::StructType>(type);
        if (of_struct)
            before += std::string(all.names.text(all.types.info(of_struct->decl).fields[number].name)) + ": ";
        parts.push_back(constRef(before));
        ValueId made = textOf(part, fieldOf(of, number), true);
        ValueId slot = b.slot(types().str());
        b.store(slot, made);
        parts.push_back(slot);
        before = ", ";
    }
    if (before != ", ")
        parts.push_back(constRef(before + ")"));
    else
        parts.push_back(constRef(")"));
}

ValueId Generator::textOfItems(HType elem, ValueId view, std::string_view open, std::string_view close) {
    const pir::Type shape = types()[b.fn().type(view)];
    return textOfSequence(b.extent(view, 0), open, close, [&](ValueId i) {
        if (shape.dims[0] == 1)
            return textOf(elem, readPart(b.elem(view, {i}, pir::Bounds::Proved, pir::Own::Read)), true);
        std::vector<ValueId> ops = {view, i, b.binary(OpCode::Add, i, b.constInt(1))};
        for (int64_t d = 1; d < shape.dims[0]; ++d) {
            ops.push_back(b.constInt(0));
            ops.push_back(b.extent(view, d));
        }
        HType row = all.types.view(elem, static_cast<int>(shape.dims[0] - 1));
        ValueId slice = b.emit(OpCode::Slice, all.type(row), std::move(ops), {{pir::AttrKey::Dropped, int64_t{1}}});
        return b.call(all.generated(Generated::Text, row), {slice});
    });
}

/// The texts of n items with commas between them. All pieces lie in one array and are joined at once.
ValueId Generator::textOfSequence(ValueId n, std::string_view open, std::string_view close,
                                  const std::function<ValueId(ValueId)> &one_of) {
    ValueId one = b.constInt(1), two = b.constInt(2);
    PType pieces = types().array(types().str(), 1);
    ValueId parts = b.slot(pieces);
    ValueId count = b.binary(OpCode::Add, b.binary(OpCode::Mul, n, two), one);
    b.store(parts, b.emit(OpCode::Array, pieces, {count}));
    ValueId places = b.view(parts);
    auto put = [&](ValueId at, ValueId text) {
        b.store(b.elem(places, {at}, pir::Bounds::Proved, pir::Own::Local), text);
    };
    auto either = [&](ValueId condition, ValueId at, std::string yes, std::string no) {
        OpId op = b.op(OpCode::If, {}, {condition});
        b.in(op, Role::Then, [&](pir::RegionId) { put(at, b.constStr(std::move(yes))); });
        b.in(op, Role::Else, [&](pir::RegionId) { put(at, b.constStr(std::move(no))); });
    };
    each(n, [&](ValueId i) {
        ValueId at = b.binary(OpCode::Mul, i, two);
        either(b.compare(OpCode::Eq, i, b.constInt(0)), at, std::string(open), ", ");
        ValueId held = b.slot(types().str());
        b.store(held, one_of(i));
        ValueId behind = b.binary(OpCode::Add, at, one);
        put(behind, b.take(held));
    });
    ValueId last = b.binary(OpCode::Mul, n, two);
    either(b.compare(OpCode::Eq, n, b.constInt(0)), last, std::string(open) + std::string(close), std::string(close));
    return b.callRt("str_concat", types().str(), {places});
}

/// Sets as `{a, b}`, maps as `{a: 1, b: 2}`, in order of insertion.
ValueId Generator::textOfContainer(HType type, ValueId of) {
    std::vector<std::pair<HType, ValueId>> lists;
    for (auto [field, number] : fields(type))
        if (all.listItem(field).valid()) {
            HType elem;
            ValueId view = items(field, b.field(of, number), elem);
            lists.emplace_back(elem, view);
        }
    if (lists.size() == 1) return textOfItems(lists[0].first, lists[0].second, "{", "}");
    return textOfSequence(b.extent(lists[0].second, 0), "{", "}", [&](ValueId i) {
        std::vector<ValueId> parts;
        for (auto &[elem, view] : lists) {
            if (!parts.empty()) parts.push_back(constRef(": "));
            ValueId made = textOf(elem, readPart(b.elem(view, {i}, pir::Bounds::Checked, pir::Own::Read)), true);
            parts.push_back(b.slot(types().str()));
            b.store(parts.back(), made);
        }
        return concat(parts);
    });
}

// ---- arrays that grow while a collect fills them ----------------------------------------------------------------

void Generator::moveItems(ValueId from, ValueId to, ValueId count) {
    ValueId source = b.view(from), target = b.view(to);
    each(count, [&](ValueId i) {
        ValueId p = b.elem(source, {i}, pir::Bounds::Proved, pir::Own::Local);
        ValueId q = b.elem(target, {i}, pir::Bounds::Proved, pir::Own::Local);
        if (types().owns(types()[b.fn().type(p)].elem))
            b.op(OpCode::Swap, {}, {p, q});
        else
            b.store(q, b.load(p));
    });
}

void Generator::grow(PType items) {
    ValueId array = param(0), count = param(1);
    ValueId room = b.extent(b.view(array), 0);
    when(b.compare(OpCode::Eq, count, room), [&] {
        ValueId half = b.binary(OpCode::Shr, room, b.constInt(1));
        ValueId wanted = b.binary(OpCode::Max, b.binary(OpCode::Add, room, half), b.constInt(4));
        ValueId bigger = b.slot(items);
        b.store(bigger, b.emit(OpCode::Array, items, {wanted}));
        moveItems(array, bigger, count);
        b.op(OpCode::Swap, {}, {array, bigger});
    });
    b.ret();
}

void Generator::shrink(PType items) {
    ValueId array = param(0), count = param(1);
    ValueId exact = b.slot(items);
    OpId op = b.op(OpCode::If, {}, {b.compare(OpCode::Eq, count, b.extent(b.view(array), 0))});
    b.in(op, Role::Then, [&](pir::RegionId) { b.op(OpCode::Swap, {}, {array, exact}); });
    b.in(op, Role::Else, [&](pir::RegionId) {
        b.store(exact, b.emit(OpCode::Array, items, {count}));
        moveItems(array, exact, count);
    });
    b.ret(b.take(exact));
}

} // namespace parlane::lower
