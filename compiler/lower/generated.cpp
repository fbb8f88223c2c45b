// Equality, order and hash of any type; see generated_text.cpp for text.
#include "compiler/lower/generated.h"

namespace parlane::lower {

using pir::OpCode;
using pir::OpId;
using pir::Role;
using pir::TypeKind;

pir::FunctionId Lowering::generated(Generated kind, HType type_id) {
    auto key = std::pair(kind, type_id);
    if (auto found = made.find(key); found != made.end()) return found->second;
    static constexpr const char *kNames[] = {"equal", "less", "hash", "text"};
    std::string name = fmt::format("{}.{}", kNames[static_cast<size_t>(kind)], types.text(type_id, names));
    PType read = readType(type_id);
    auto declare = [&](PType result, std::vector<PassedParam> params) {
        pir::FunctionId id = pir::addFunction(module, uniqueName(name), result);
        for (const PassedParam &param : params) pir::addParameter(module, id, param.type, param.mode);
        return id;
    };
    using pir::PassMode;
    pir::Types &t = module.types;
    pir::FunctionId id;
    switch (kind) {
    case Generated::Equal:
    case Generated::Less: id = declare(t.boolean(), {{read, PassMode::Read}, {read, PassMode::Read}}); break;
    case Generated::Hash: id = declare(t.scalar(TypeKind::U64), {{read, PassMode::Read}}); break;
    case Generated::Text: id = declare(t.str(), {{read, PassMode::Read}}); break;
    }
    made.emplace(key, id);
    work.push_back([this, kind, type_id, id] {
        Generator generator(*this, id);
        switch (kind) {
        case Generated::Equal: return generator.equal(type_id);
        case Generated::Less: return generator.less(type_id);
        case Generated::Hash: return generator.hash(type_id);
        case Generated::Text: return generator.text(type_id);
        }
    });
    return id;
}

pir::FunctionId Lowering::resizer(Resize kind, PType array) {
    auto [place, fresh] = resizers.try_emplace({kind, array});
    if (!fresh) return place->second;
    bool grows = kind == Resize::Grow;
    std::string name = fmt::format("{}.{}", grows ? "grow" : "shrink", module.types.text(array));
    pir::FunctionId id = pir::addFunction(module, uniqueName(std::move(name)), grows ? module.types.unit() : array);
    pir::addParameter(module, id, module.types.ref(array), pir::PassMode::Inout);
    pir::addParameter(module, id, module.types.i64(), pir::PassMode::Read);
    place->second = id;
    Generator generator(*this, id);
    grows ? generator.grow(array) : generator.shrink(array);
    return id;
}

// ---- parts ------------------------------------------------------------------------------------------------------

ValueId Generator::readPart(ValueId part) {
    if (kindOf(part) != TypeKind::Ref || types().owns(types()[b.fn().type(part)].elem)) return part;
    return b.load(part);
}

std::vector<std::pair<HType, uint32_t>> Generator::fields(HType type) {
    std::vector<std::pair<HType, uint32_t>> out;
    if (auto *tuple = all.types.as<types::TupleType>(type)) {
        auto elems = tuple->elems;
        for (uint32_t i = 0; i < elems.size(); ++i) out.emplace_back(elems[i], i);
        return out;
    }
    const types::StructInfo &info = all.types.info(all.types.as<types::StructType>(type)->decl);
    bool hides = all.hidesFields(type);
    for (uint32_t i = 0; i < info.fields.size(); ++i)
        if (!hides || !info.fields[i].is_private) out.emplace_back(all.types.fieldType(type, i), i);
    return out;
}

ValueId Generator::fieldOf(ValueId aggregate, uint32_t number) {
    if (kindOf(aggregate) == TypeKind::Ref) return readPart(b.field(aggregate, number));
    return b.get(aggregate, number);
}

ValueId Generator::payloadPart(ValueId payload, size_t count, uint32_t number) {
    if (count == 1) return readPart(payload);
    return fieldOf(payload, number);
}

/// The elements of an array, view, fixed array or list as a view; none for other types.
ValueId Generator::items(HType type, ValueId of, HType &elem) {
    if (HType item = all.listItem(type); item.valid()) {
        elem = item;
        ValueId room = b.view(b.field(of, 0)), len = b.load(b.field(of, 1)), capacity = b.extent(room, 0);
        ValueId zero = b.constInt(0);
        b.check(b.binary(OpCode::And, b.compare(OpCode::Le, zero, len), b.compare(OpCode::Le, len, capacity)),
                pir::Trap::Slice, {zero, len, capacity, zero});
        return b.emit(OpCode::Slice, b.fn().type(room), {room, zero, len});
    }
    elem = all.types.elemOf(type);
    if (!elem.valid()) return {};
    if (kindOf(of) == TypeKind::View) return of;
    if (kindOf(of) == TypeKind::Ref) return b.view(of);
    ValueId held = b.slot(b.fn().type(of));
    b.store(held, of);
    return b.view(held);
}

void Generator::when(ValueId condition, const std::function<void()> &then) {
    OpId op = b.op(OpCode::If, {}, {condition});
    b.in(op, Role::Then, [&](pir::RegionId) { then(); });
}

void Generator::each(ValueId n, const std::function<void(ValueId)> &inside) {
    OpId op = b.op(OpCode::For, {}, {b.constInt(0), n, b.constInt(1)});
    b.in(op, Role::Body, [&](pir::RegionId made) { inside(b.addParam(made, types().i64())); });
}

void Generator::eachElement(ValueId view, std::vector<ValueId> indices,
                            const std::function<void(const std::vector<ValueId> &)> &inside) {
    int64_t rank = types()[b.fn().type(view)].dims[0];
    if (static_cast<int64_t>(indices.size()) == rank) return inside(indices);
    each(b.extent(view, static_cast<int64_t>(indices.size())), [&](ValueId i) {
        auto more = indices;
        more.push_back(i);
        eachElement(view, std::move(more), inside);
    });
}

/// `inside` for the case that `of` is in, if that case has a payload.
void Generator::eachCase(HType type, ValueId of,
                         const std::function<void(uint32_t, const std::vector<HType> &)> &inside) {
    OpId op = b.op(OpCode::Switch, {}, {b.tag(of)});
    auto one = [&](uint32_t number, const std::vector<HType> &payload) {
        if (!payload.empty()) b.in(op, Role::Case, number, [&](pir::RegionId) { inside(number, payload); });
    };
    if (auto *optional = all.types.as<types::OptionalType>(type)) return one(1, {optional->value});
    const auto cases = all.types.info(all.types.as<types::EnumType>(type)->decl).cases;
    for (uint32_t c = 0; c < cases.size(); ++c) {
        std::vector<HType> payload;
        for (uint32_t i = 0; i < cases[c].payload.size(); ++i) payload.push_back(all.types.payloadType(type, c, i));
        one(c, payload);
    }
}

/// Returns what a block is left with.
void Generator::giveInBlock(PType result, const std::function<void(OpId, const Leave &)> &inside) {
    OpId op = b.op(OpCode::Block, result);
    b.in(op, Role::Body, [&](pir::RegionId) { inside(op, [&](ValueId value) { b.leave(op, value); }); });
    b.ret(b.fn().ops[op].result);
}

// ---- equality ---------------------------------------------------------------------------------------------------

ValueId Generator::isEqual(HType type, ValueId a, ValueId c) {
    if (pir::isScalar(kindOf(a))) return b.compare(OpCode::Eq, a, c);
    if (all.types.is<types::StrType>(type)) return b.callRt("str_equal", types().boolean(), {a, c});
    return b.call(all.generated(Generated::Equal, type), {a, c});
}

void Generator::equal(HType type) {
    giveInBlock(types().boolean(), [&](OpId, const Leave &leave) {
        equalParts(type, leave);
        b.yield({b.constBool(true)});
    });
}

void Generator::equalParts(HType type, const Leave &leave) {
    ValueId a = param(0), c = param(1);
    auto differ = [&](ValueId same) { when(b.unary(OpCode::Not, same), [&] { leave(b.constBool(false)); }); };
    if (HType elem; all.types.elemOf(type).valid() || all.listItem(type).valid()) {
        ValueId x = items(type, a, elem);
        return equalItems(elem, x, items(type, c, elem), leave);
    }
    if (all.types.is<types::TupleType>(type) || all.types.is<types::StructType>(type)) {
        for (auto [part, number] : fields(type)) {
            ValueId x = fieldOf(a, number);
            differ(isEqual(part, x, fieldOf(c, number)));
        }
        return;
    }
    if (auto *box = all.types.as<types::BoxType>(type)) {
        HType held = box->value;
        differ(b.compare(OpCode::Eq, b.tag(a), b.tag(c)));
        when(b.compare(OpCode::Ne, b.tag(a), b.constInt(types().u8(), 0)), [&] {
            ValueId x = readPart(b.boxed(a));
            differ(isEqual(held, x, readPart(b.boxed(c))));
        });
        return;
    }
    if (!all.types.is<types::EnumType>(type) && !all.types.is<types::OptionalType>(type)) return;
    differ(b.compare(OpCode::Eq, b.tag(a), b.tag(c)));
    eachCase(type, a, [&](uint32_t number, const std::vector<HType> &payload) {
        ValueId x = b.payload(a, number), y = b.payload(c, number);
        for (uint32_t i = 0; i < payload.size(); ++i) {
            ValueId left = payloadPart(x, payload.size(), i);
            differ(isEqual(payload[i], left, payloadPart(y, payload.size(), i)));
        }
    });
}

void Generator::equalItems(HType elem, ValueId a, ValueId c, const Leave &leave) {
    auto differ = [&](ValueId same) { when(b.unary(OpCode::Not, same), [&] { leave(b.constBool(false)); }); };
    for (int64_t d = 0; d < types()[b.fn().type(a)].dims[0]; ++d)
        differ(b.compare(OpCode::Eq, b.extent(a, d), b.extent(c, d)));
    eachElement(a, {}, [&](const std::vector<ValueId> &indices) {
        ValueId x = readPart(b.elem(a, indices, pir::Bounds::Proved, pir::Own::Read));
        differ(isEqual(elem, x, readPart(b.elem(c, indices, pir::Bounds::Proved, pir::Own::Read))));
    });
}

// ---- order ------------------------------------------------------------------------------------------------------

ValueId Generator::isLess(HType type, ValueId a, ValueId c) {
    if (pir::isScalar(kindOf(a))) return b.compare(OpCode::Lt, a, c);
    if (all.types.is<types::StrType>(type)) return b.callRt("str_less", types().boolean(), {a, c});
    return b.call(all.generated(Generated::Less, type), {a, c});
}

void Generator::less(HType type) {
    giveInBlock(types().boolean(), [&](OpId, const Leave &leave) {
        for (auto [part, number] : fields(type)) {
            ValueId x = fieldOf(param(0), number), y = fieldOf(param(1), number);
            when(isLess(part, x, y), [&] { leave(b.constBool(true)); });
            when(isLess(part, y, x), [&] { leave(b.constBool(false)); });
        }
        b.yield({b.constBool(false)});
    });
}

// ---- hash -------------------------------------------------------------------------------------------------------

void Generator::hash(HType type) {
    PType u64 = types().scalar(TypeKind::U64);
    ValueId state = b.slot(u64);
    mix(type, param(0), state);
    b.ret(b.load(state));
}

/// state = (state ^ bits of the value) * odd, folded. Equal values give equal bits: -0 counts as 0.
void Generator::mix(HType type, ValueId of, ValueId state) {
    PType u64 = types().scalar(TypeKind::U64);
    TypeKind kind = kindOf(of);
    ValueId bits;
    if (pir::isFloat(kind)) {
        ValueId plain = b.binary(OpCode::Add, of, b.constFloat(b.fn().type(of), 0.0));
        bits = b.emit(OpCode::Bits, types().scalar(kind == TypeKind::F32 ? TypeKind::U32 : TypeKind::U64), {plain});
    } else if (pir::isScalar(kind))
        bits = of;
    else if (all.types.is<types::StrType>(type))
        bits = b.callRt("str_hash", u64, {of});
    else
        return hashParts(type, of, state);
    if (b.fn().type(bits) != u64) bits = b.convert(bits, u64);
    ValueId mixed = b.binary(OpCode::Xor, b.load(state), bits);
    mixed = b.binary(OpCode::Mul, mixed, b.constInt(u64, static_cast<int64_t>(0x9E3779B97F4A7C15u)));
    mixed = b.binary(OpCode::Xor, mixed, b.binary(OpCode::Shr, mixed, b.constInt(u64, 32)));
    b.store(state, mixed);
}

void Generator::hashParts(HType type, ValueId of, ValueId state) {
    if (HType elem; all.types.elemOf(type).valid() || all.listItem(type).valid()) {
        ValueId view = items(type, of, elem);
        eachElement(view, {}, [&](const std::vector<ValueId> &indices) {
            mix(elem, readPart(b.elem(view, indices, pir::Bounds::Proved, pir::Own::Read)), state);
        });
        return;
    }
    if (all.types.is<types::TupleType>(type) || all.types.is<types::StructType>(type)) {
        for (auto [part, number] : fields(type)) mix(part, fieldOf(of, number), state);
        return;
    }
    mix(all.types.u8, b.tag(of), state);
    if (!all.types.is<types::EnumType>(type) && !all.types.is<types::OptionalType>(type)) return;
    eachCase(type, of, [&](uint32_t number, const std::vector<HType> &payload) {
        ValueId x = b.payload(of, number);
        for (uint32_t i = 0; i < payload.size(); ++i) mix(payload[i], payloadPart(x, payload.size(), i), state);
    });
}

} // namespace parlane::lower
