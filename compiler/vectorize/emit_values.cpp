// Values on lanes: what is uniform stays scalar, indices stay base and stride, the rest becomes vectors.
#include "compiler/vectorize/emitter.h"

namespace parlane::vectorize {

using namespace pir;

Emitter::Emitter(Module &module, FunctionId id, const Analysis &analysis, int64_t lanes)
    : module(module), id(id), analysis(analysis), lanes(lanes), b(module, id), layouts(module.types), mask_type(module.types.mask(lanes)) {}

const LaneValue &Emitter::get(ValueId source) {
    auto found = values.find(source.raw);
    if (found != values.end()) return found->second;
    // From outside of the body.
    return values[source.raw] = uniform(source);
}

TypeId Emitter::wide(TypeId scalar) {
    return types().kind(scalar) == TypeKind::Bool ? mask_type : types().vec(scalar, lanes);
}

ValueId Emitter::spread(const LaneValue &value, TypeId scalar) {
    switch (value.kind) {
    case Kind::Varying: return value.value;
    case Kind::Uniform: return b.emit(OpCode::Splat, wide(scalar), {value.value});
    case Kind::Linear: break;
    }
    TypeId type = wide(scalar);
    if (value.stride == 1) return b.emit(OpCode::Iota, type, {value.value});
    ValueId steps = b.emit(OpCode::Iota, type, {b.constInt(scalar, 0)});
    ValueId stride = b.emit(OpCode::Splat, type, {b.constInt(scalar, value.stride)});
    ValueId base = b.emit(OpCode::Splat, type, {value.value});
    return b.binary(OpCode::Add, base, b.binary(OpCode::Mul, steps, stride));
}

/// The op again, on the scalars of its operands.
ValueId Emitter::scalarCopy(const Op &op) {
    std::vector<ValueId> operands;
    for (ValueId operand : op.operands) {
        auto slot = slots.find(operand.raw);
        operands.push_back(slot != slots.end() ? slot->second : get(operand).value);
    }
    std::string_view name;
    if (op.result.valid() && f().values[op.result].name.valid()) name = module.names.text(f().values[op.result].name);
    return b.emit(op.code, op.result.valid() ? typeOf(op.result) : TypeId{}, std::move(operands), op.attrs, name);
}

void Emitter::linearOp(const Op &op) {
    LaneValue result = uniform({});
    std::vector<ValueId> bases;
    for (ValueId operand : op.operands) bases.push_back(get(operand).value);
    result.kind = Kind::Linear;
    result.stride = analysis.shape(op.result).stride;
    result.value = b.emit(op.code, typeOf(op.result), std::move(bases), op.attrs);
    set(op.result, std::move(result));
}

/// Pure ops on scalars and small aggregates of them.
bool Emitter::pure(const Op &op) {
    bool values_only = op.code <= OpCode::Bits;
    if (!values_only && op.code != OpCode::Tuple && op.code != OpCode::Get) return false;
    Kind kind = analysis.shape(op.result).kind;
    if (kind == Kind::Uniform) {
        bool divides = (op.code == OpCode::Div || op.code == OpCode::Rem) && isInteger(kindOf(op.result));
        if (divides && !mask.some) { // nobody may have checked the divisor
            ValueId any = b.emit(OpCode::Any, types().boolean(), {mask.value});
            ValueId one = b.constInt(typeOf(op.result), 1);
            ValueId divisor = b.emit(OpCode::Select, typeOf(op.result), {any, get(op.operands[1]).value, one});
            set(op.result, uniform(b.binary(op.code, get(op.operands[0]).value, divisor)));
        } else {
            set(op.result, uniform(scalarCopy(op)));
        }
        return true;
    }
    if (kind == Kind::Linear) return linearOp(op), true;
    if (op.code == OpCode::Tuple || op.code == OpCode::Get) return aggregate(op), true;
    set(op.result, wideOp(op));
    return true;
}

LaneValue Emitter::wideOp(const Op &op) {
    TypeId type = typeOf(op.result);
    TypeKind from = kindOf(op.operands[0]);
    if (op.code == OpCode::Select) {
        const LaneValue condition = get(op.operands[0]), yes = get(op.operands[1]), no = get(op.operands[2]);
        if (condition.kind != Kind::Uniform) return select(condition.value, yes, no, type);
        return select(b.emit(OpCode::Splat, mask_type, {condition.value}), yes, no, type);
    }
    if (op.code == OpCode::Convert) return convertOp(op);
    if (from == TypeKind::Bool) return boolOp(op);
    std::vector<ValueId> operands;
    for (ValueId operand : op.operands) {
        const LaneValue value = get(operand);
        operands.push_back(spread(value, typeOf(operand)));
    }
    bool divides = (op.code == OpCode::Div || op.code == OpCode::Rem) && isInteger(from);
    OpId divisor = op.operands.size() > 1 ? f().values[op.operands[1]].op : OpId{};
    bool known = divisor.valid() && f().ops[divisor].code == OpCode::Const && f().ops[divisor].integer(AttrKey::Value) != 0;
    if (divides && !known && !mask.isFull()) { // a lane that is off divides by 1
        ValueId one = spread(uniform(b.constInt(type, 1)), type);
        operands[1] = b.emit(OpCode::Blend, wide(type), {mask.value, operands[1], one});
    }
    return varying(b.emit(op.code, wide(type), std::move(operands), op.attrs));
}

/// Comparisons and logic of bools: masks.
LaneValue Emitter::boolOp(const Op &op) {
    const LaneValue first = get(op.operands[0]);
    ValueId x = spread(first, types().boolean()), y;
    if (op.operands.size() > 1) {
        const LaneValue second = get(op.operands[1]);
        y = spread(second, types().boolean());
    }
    auto inverse = [&](ValueId m) { return b.unary(OpCode::Not, m); };
    switch (op.code) {
    case OpCode::Eq: return varying(inverse(b.binary(OpCode::Xor, x, y)));
    case OpCode::Ne: return varying(b.binary(OpCode::Xor, x, y));
    case OpCode::Lt: return varying(b.binary(OpCode::And, inverse(x), y));
    case OpCode::Le: return varying(b.binary(OpCode::Or, inverse(x), y));
    case OpCode::Min: return varying(b.binary(OpCode::And, x, y));
    case OpCode::Max: return varying(b.binary(OpCode::Or, x, y));
    case OpCode::Not: return varying(inverse(x));
    default: return varying(b.binary(op.code, x, y));
    }
}

LaneValue Emitter::convertOp(const Op &op) {
    TypeId from = typeOf(op.operands[0]), to = typeOf(op.result);
    const LaneValue value = get(op.operands[0]);
    TypeKind source = types().kind(from), target = types().kind(to);
    if (source == target) return value;
    if (source == TypeKind::Bool) {
        bool floating = isFloat(target);
        ValueId one = floating ? b.constFloat(to, 1) : b.constInt(to, 1), zero = floating ? b.constFloat(to, 0) : b.constInt(to, 0);
        return select(value.value, uniform(one), uniform(zero), to);
    }
    if (value.kind == Kind::Linear && source == TypeKind::I64 && isFloat(target)) return convertIndex(value, to);
    // A number that was widened before it becomes a float is the same number.
    if (isFloat(target) && value.kind == Kind::Varying) {
        OpId made = f().values[value.value].op;
        if (made.valid() && f().ops[made].code == OpCode::Convert) {
            ValueId narrow = f().ops[made].operands[0];
            const Type &type = types()[typeOf(narrow)];
            if (type.kind == TypeKind::Vec && isInteger(types().kind(type.elem)) && isInteger(source) &&
                scalarBytes(types().kind(type.elem)) < scalarBytes(source) &&
                (isSigned(source) || isUnsigned(types().kind(type.elem))))
                return varying(b.convert(narrow, wide(to)));
        }
    }
    ValueId vector = spread(value, from);
    return varying(b.convert(vector, wide(to)));
}

/// 64-bit indices become floats by way of 32 bits where all lanes fit, which they all but always do.
LaneValue Emitter::convertIndex(const LaneValue &index, TypeId to) {
    TypeId i64 = types().i64(), i32 = types().scalar(TypeKind::I32);
    constexpr int64_t kMost = int64_t{1} << 30;
    ValueId base = index.value, span = b.constInt(kMost);
    ValueId fits = b.binary(OpCode::And, b.compare(OpCode::Le, b.constInt(-kMost), base), b.compare(OpCode::Le, base, span));
    ValueId slot = b.slot(wide(to));
    bool small = std::abs(index.stride) * lanes < kMost;
    auto general = [&] { b.store(slot, b.convert(spread(index, i64), wide(to))); };
    if (!small) {
        general();
        return varying(b.load(slot));
    }
    OpId branch = b.op(OpCode::If, {}, {fits});
    b.in(branch, Role::Then, [&](RegionId) {
        LaneValue narrow{Kind::Linear, b.convert(base, i32), index.stride, {}};
        b.store(slot, b.convert(spread(narrow, i32), wide(to)));
    });
    b.in(branch, Role::Else, [&](RegionId) { general(); });
    return varying(b.load(slot));
}

LaneValue Emitter::select(ValueId condition, const LaneValue &yes, const LaneValue &no, TypeId type) {
    const Type &t = types()[type];
    if (t.kind == TypeKind::Tuple || t.kind == TypeKind::Struct) {
        LaneValue left = partsOf(yes, type), right = partsOf(no, type), out;
        out.kind = Kind::Varying;
        std::vector<TypeId> parts = t.parts;
        for (size_t k = 0; k < parts.size(); ++k) out.parts.push_back(select(condition, left.parts[k], right.parts[k], parts[k]));
        return out;
    }
    ValueId a = spread(yes, type), c = spread(no, type);
    return varying(b.emit(OpCode::Blend, wide(type), {condition, a, c}));
}

/// A struct or tuple as its fields.
LaneValue Emitter::partsOf(const LaneValue &value, TypeId type) {
    if (!value.parts.empty() || types()[type].parts.empty()) return value;
    LaneValue out;
    out.kind = Kind::Varying;
    for (size_t k = 0; k < types()[type].parts.size(); ++k) out.parts.push_back(uniform(b.get(value.value, static_cast<int64_t>(k))));
    return out;
}

void Emitter::aggregate(const Op &op) {
    if (op.code == OpCode::Get) {
        LaneValue from = partsOf(get(op.operands[0]), typeOf(op.operands[0]));
        LaneValue part = from.parts[static_cast<size_t>(op.integer(AttrKey::Field))];
        // Analysis sees the whole as varying: so is every part.
        if (part.kind != Kind::Varying && isScalar(kindOf(op.result))) part = varying(spread(part, typeOf(op.result)));
        return set(op.result, std::move(part));
    }
    LaneValue out;
    out.kind = Kind::Varying;
    for (ValueId operand : op.operands) out.parts.push_back(get(operand));
    set(op.result, std::move(out));
}

} // namespace parlane::vectorize
