// Places on lanes: contiguous, strided and scattered accesses, and checks of their indices.
#include "compiler/vectorize/emitter.h"

#include <algorithm>

namespace parlane::vectorize {

using namespace pir;

bool Emitter::memory(const Op &op) {
    switch (op.code) {
    case OpCode::Slot: {
        TypeId held = types()[typeOf(op.result)].elem;
        std::string_view name;
        if (f().values[op.result].name.valid()) name = module.names.text(f().values[op.result].name);
        slots[op.result.raw] = b.slot(analysis.isVaryingSlot(op.result) ? wide(held) : held, name);
        return true;
    }
    case OpCode::Elem: elem(op); return true;
    case OpCode::Field: {
        auto found = places.find(op.operands[0].raw);
        if (found == places.end()) {
            ValueId copy = scalarCopy(op);
            if (slots.contains(op.operands[0].raw)) slots[op.result.raw] = copy;
            set(op.result, uniform(copy));
            return true;
        }
        Place place = found->second;
        place.part += layouts.offset(place.type, op.integer(AttrKey::Field));
        place.type = types()[typeOf(op.result)].elem;
        places[op.result.raw] = std::move(place);
        return true;
    }
    case OpCode::Load: load(op); return true;
    case OpCode::View:
    case OpCode::Extent:
    case OpCode::Slice:
    case OpCode::Reshape:
    case OpCode::Contiguous:
    case OpCode::Tag:
    case OpCode::Payload:
    case OpCode::Case:
    case OpCode::With:
        set(op.result, uniform(scalarCopy(op)));
        return true;
    default: return false;
    }
}

void Emitter::elem(const Op &op) {
    bool fixed = kindOf(op.operands[0]) == TypeKind::Ref;
    const Type &base = types()[typeOf(op.operands[0])];
    std::vector<int64_t> extents = fixed ? types()[base.elem].dims : std::vector<int64_t>{};
    bool checked = op.enumerator<Bounds>(AttrKey::Bounds) == Bounds::Checked;
    bool inside = slots.contains(op.operands[0].raw);
    ValueId view = inside ? slots[op.operands[0].raw] : get(op.operands[0]).value;
    std::vector<LaneValue> indices;
    for (size_t k = 1; k < op.operands.size(); ++k) indices.push_back(get(op.operands[k]));
    for (size_t k = 0; checked && k < indices.size(); ++k)
        checkIndex(indices[k], fixed ? b.constInt(extents[k]) : b.extent(view, static_cast<int64_t>(k)));
    if (analysis.shape(op.result).kind != Kind::Uniform) {
        places[op.result.raw] = {view, std::move(indices), 0, types()[typeOf(op.result)].elem, &f().ops[f().values[op.result].op]};
        return;
    }
    std::vector<ValueId> operands = {view};
    for (const LaneValue &index : indices) operands.push_back(index.value);
    ValueId ref = b.emit(OpCode::Elem, typeOf(op.result), std::move(operands), op.attrs);
    if (checked) module.functions[id].ops[f().values[ref].op].set(AttrKey::Bounds, static_cast<int64_t>(Bounds::Versioned));
    if (inside) slots[op.result.raw] = ref;
    set(op.result, uniform(ref));
}

void Emitter::giveUp() { b.leave(step, b.constBool(false)); }

void Emitter::failUnless(const LaneValue &good) {
    ValueId bad;
    if (good.kind == Kind::Uniform) {
        bad = b.unary(OpCode::Not, good.value);
        if (!mask.some) bad = b.binary(OpCode::And, bad, b.emit(OpCode::Any, types().boolean(), {mask.value}));
    } else {
        ValueId failing = b.unary(OpCode::Not, good.value);
        if (!mask.isFull()) failing = b.binary(OpCode::And, mask.value, failing);
        bad = b.emit(OpCode::Any, types().boolean(), {failing});
    }
    OpId branch = b.op(OpCode::If, {}, {bad});
    b.in(branch, Role::Then, [&](RegionId) { giveUp(); });
}

void Emitter::checkIndex(const LaneValue &index, ValueId extent) {
    TypeId u64 = types().scalar(TypeKind::U64);
    ValueId bound = b.convert(extent, u64);
    auto within = [&](ValueId i) { return b.compare(OpCode::Lt, b.convert(i, u64), bound); };
    if (index.kind == Kind::Uniform) return failUnless(uniform(within(index.value)));
    if (index.kind == Kind::Linear && mask.isFull()) {
        // Both ends are inside, and so is what lies between: a span of lanes is far below 2^63.
        ValueId last = b.binary(OpCode::Add, index.value, b.constInt((lanes - 1) * index.stride));
        return failUnless(uniform(b.binary(OpCode::And, within(index.value), within(last))));
    }
    ValueId vector = b.convert(spread(index, types().i64()), wide(u64));
    ValueId limit = b.emit(OpCode::Splat, wide(u64), {bound});
    failUnless(varying(b.emit(OpCode::Lt, mask_type, {vector, limit})));
}

bool Emitter::isContiguous(const Place &place) const {
    for (size_t k = 0; k + 1 < place.indices.size(); ++k)
        if (place.indices[k].kind != Kind::Uniform) return false;
    return place.indices.back().kind == Kind::Linear;
}

std::vector<Attr> Emitter::accessAttrs(const Place &place, TypeId type, int64_t part) {
    std::vector<Attr> attrs;
    // The verdict stays; `part` says which scalar of the element is meant.
    TypeId element = types()[typeOf(place.elem->result)].elem;
    if (element != type) attrs.push_back({AttrKey::Part, place.part + part});
    for (AttrKey key : {AttrKey::Own, AttrKey::Region})
        if (place.elem->has(key)) attrs.push_back({key, place.elem->integer(key)});
    std::ranges::sort(attrs, [](const Attr &x, const Attr &y) { return x.key < y.key; });
    return attrs;
}

/// View and indices, one a lane if `lanes_wanted`.
void Emitter::access(const Place &place, bool lanes_wanted, std::vector<ValueId> &operands) {
    operands.push_back(place.view);
    for (const LaneValue &index : place.indices) {
        bool wide_index = lanes_wanted && index.kind != Kind::Uniform;
        operands.push_back(wide_index ? spread(index, types().i64()) : index.value);
    }
}

LaneValue Emitter::loadPlace(const Place &place, TypeId type, int64_t part) {
    const Type &t = types()[type];
    if (t.kind == TypeKind::Tuple || t.kind == TypeKind::Struct) {
        LaneValue out;
        out.kind = Kind::Varying;
        std::vector<TypeId> parts = t.parts;
        for (size_t k = 0; k < parts.size(); ++k)
            out.parts.push_back(loadPlace(place, parts[k], part + layouts.offset(type, static_cast<int64_t>(k))));
        return out;
    }
    std::vector<ValueId> operands;
    bool row = isContiguous(place);
    access(place, !row, operands);
    OpCode code = OpCode::Gather;
    if (row) {
        int64_t stride = place.indices.back().stride;
        code = stride == 1 ? OpCode::VLoad : OpCode::VLoadStrided;
        if (stride != 1) operands.push_back(b.constInt(stride));
    }
    if (!mask.isFull()) operands.push_back(mask.value);
    return varying(b.emit(code, wide(type), std::move(operands), accessAttrs(place, type, part)));
}

void Emitter::load(const Op &op) {
    ValueId ref = op.operands[0];
    if (auto place = places.find(ref.raw); place != places.end()) {
        Place copy = place->second;
        return set(op.result, loadPlace(copy, typeOf(op.result), 0));
    }
    if (auto slot = slots.find(ref.raw); slot != slots.end()) {
        ValueId value = b.load(slot->second);
        return set(op.result, analysis.isVarying(op.result) ? varying(value) : uniform(value));
    }
    set(op.result, uniform(scalarCopy(op)));
}

void Emitter::storePlace(const Place &place, const LaneValue &value, TypeId type, int64_t part) {
    const Type &t = types()[type];
    if (t.kind == TypeKind::Tuple || t.kind == TypeKind::Struct) {
        LaneValue split = partsOf(value, type);
        std::vector<TypeId> parts = t.parts;
        for (size_t k = 0; k < parts.size(); ++k)
            storePlace(place, split.parts[k], parts[k], part + layouts.offset(type, static_cast<int64_t>(k)));
        return;
    }
    std::vector<ValueId> operands;
    bool row = isContiguous(place) && place.indices.back().stride == 1;
    access(place, !row, operands);
    operands.push_back(spread(value, type));
    if (!mask.isFull()) operands.push_back(mask.value);
    b.op(row ? OpCode::VStore : OpCode::Scatter, {}, std::move(operands), accessAttrs(place, type, part));
}

void Emitter::store(const Op &op, OpId store_id) {
    ValueId ref = op.operands[0];
    const LaneValue value = get(op.operands[1]);
    TypeId type = typeOf(op.operands[1]);
    if (auto place = places.find(ref.raw); place != places.end()) {
        Place copy = place->second;
        return storePlace(copy, value, type, 0);
    }
    ValueId slot = slots.at(ref.raw);
    if (!analysis.isLocalSlot(ref) || !analysis.isVaryingSlot(ref)) return b.store(slot, value.value);
    ValueId fresh = spread(value, type);
    if (!mask.isFull() && analysis.needsBlend(ref, store_id))
        fresh = b.emit(OpCode::Blend, wide(type), {mask.value, fresh, b.load(slot)});
    b.store(slot, fresh);
}

} // namespace parlane::vectorize
