// Built-in fold operators as ops, on scalars and member by member.
#include "compiler/opt/outline_parts.h"

#include <limits>

namespace parlane::opt {

using pir::Builder;

namespace {

/// Smallest (`low`) or largest value of an integer type.
int64_t extreme(TypeKind kind, bool low) {
    int64_t bits = 8 * pir::scalarBytes(kind);
    if (kind == TypeKind::Bool) return low ? 0 : 1;
    if (pir::isUnsigned(kind)) return low ? 0 : bits == 64 ? -1 : (int64_t{1} << bits) - 1;
    int64_t lowest = bits == 64 ? std::numeric_limits<int64_t>::min() : -(int64_t{1} << (bits - 1));
    return low ? lowest : -(lowest + 1);
}

} // namespace

ValueId identity(Builder &b, TypeId scalar, FoldOp op) {
    TypeKind kind = b.types().kind(scalar);
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    bool floating = pir::isFloat(kind);
    switch (op) {
    case FoldOp::Add:
    case FoldOp::Sub:
    case FoldOp::Fma: return floating ? b.constFloat(scalar, -0.0) : b.constInt(scalar, 0);
    case FoldOp::Mul: return floating ? b.constFloat(scalar, 1.0) : b.constInt(scalar, 1);
    case FoldOp::Min: return floating ? b.constFloat(scalar, kInfinity) : b.constInt(scalar, extreme(kind, false));
    case FoldOp::Max: return floating ? b.constFloat(scalar, -kInfinity) : b.constInt(scalar, extreme(kind, true));
    case FoldOp::And: return b.constInt(scalar, kind == TypeKind::Bool ? 1 : -1);
    default: return b.constInt(scalar, 0);
    }
}

ValueId apply(Builder &b, FoldOp op, ValueId left, ValueId right) {
    TypeId type = b.fn().type(left);
    const pir::Type held = b.types()[type];
    if (held.kind == TypeKind::Tuple || held.kind == TypeKind::Struct) {
        std::vector<ValueId> parts;
        for (size_t k = 0; k < held.parts.size(); ++k)
            parts.push_back(apply(b, op, b.get(left, static_cast<int64_t>(k)), b.get(right, static_cast<int64_t>(k))));
        return b.emit(OpCode::Tuple, type, parts);
    }
    switch (op) {
    case FoldOp::Add:
    case FoldOp::Sub:
    case FoldOp::Fma: return b.binary(OpCode::Add, left, right);
    case FoldOp::Mul: return b.binary(OpCode::Mul, left, right);
    case FoldOp::Min: return b.binary(OpCode::Min, left, right);
    case FoldOp::Max: return b.binary(OpCode::Max, left, right);
    case FoldOp::And: return b.binary(OpCode::And, left, right);
    case FoldOp::Or: return b.binary(OpCode::Or, left, right);
    default: return b.binary(OpCode::Xor, left, right);
    }
}

/// left < right, tuples lexicographically.
static ValueId less(Builder &b, ValueId left, ValueId right) {
    const pir::Type held = b.types()[b.fn().type(left)];
    if (held.kind != TypeKind::Tuple && held.kind != TypeKind::Struct) return b.compare(OpCode::Lt, left, right);
    ValueId result = b.constBool(false);
    for (size_t k = held.parts.size(); k-- > 0;) {
        ValueId x = b.get(left, static_cast<int64_t>(k)), y = b.get(right, static_cast<int64_t>(k));
        ValueId same = b.binary(OpCode::And, b.compare(OpCode::Eq, x, y), result);
        result = b.binary(OpCode::Or, less(b, x, y), same);
    }
    return result;
}

ValueId applyWhole(Builder &b, FoldOp op, ValueId left, ValueId right) {
    ValueId takes_right = op == FoldOp::Min ? less(b, right, left) : less(b, left, right);
    return b.emit(OpCode::Select, b.fn().type(left), {takes_right, right, left});
}

void eachScalar(Builder &b, std::vector<ValueId> refs, const std::function<void(std::vector<ValueId>)> &scalar) {
    TypeId ref_type = b.fn().type(refs[0]);
    bool is_view = b.types().kind(ref_type) == TypeKind::View;
    const pir::Type held = is_view ? b.types()[ref_type] : b.types()[b.types()[ref_type].elem];
    if (!is_view && (held.kind == TypeKind::Tuple || held.kind == TypeKind::Struct)) {
        for (size_t k = 0; k < held.parts.size(); ++k) {
            std::vector<ValueId> fields;
            for (ValueId ref : refs) fields.push_back(b.field(ref, static_cast<int64_t>(k)));
            eachScalar(b, fields, scalar);
        }
        return;
    }
    if (!is_view && held.kind != TypeKind::Fixed && held.kind != TypeKind::Array) return scalar(refs);
    std::vector<ValueId> views;
    for (ValueId ref : refs) views.push_back(is_view ? ref : b.view(ref));
    auto rank = static_cast<size_t>(b.types()[b.fn().type(views[0])].dims[0]);
    std::vector<ValueId> indices;
    std::function<void()> level = [&] {
        if (indices.size() == rank) {
            std::vector<ValueId> elements;
            for (ValueId view : views) elements.push_back(b.elem(view, indices, pir::Bounds::Proved, pir::Own::Local));
            return eachScalar(b, elements, scalar);
        }
        ValueId n = b.extent(views[0], static_cast<int64_t>(indices.size())), zero = b.constInt(0), one = b.constInt(1);
        OpId loop = b.op(OpCode::For, {}, {zero, n, one});
        b.in(loop, Role::Body, [&](RegionId region) {
            indices.push_back(b.addParam(region, b.types().i64()));
            level();
            indices.pop_back();
        });
    };
    level();
}

void combineMembers(Builder &b, FoldOp op, ValueId left, ValueId right) {
    eachScalar(b, {left, right}, [&](std::vector<ValueId> refs) {
        ValueId x = b.load(refs[0]), y = b.load(refs[1]);
        b.store(refs[0], apply(b, op, x, y));
    });
}

void storeIdentity(Builder &b, FoldOp op, ValueId into) {
    eachScalar(b, {into}, [&](std::vector<ValueId> refs) {
        b.store(refs[0], identity(b, b.types()[b.fn().type(refs[0])].elem, op));
    });
}

int64_t partialCount(const pir::Types &types, std::span<const TypeId> scalars) {
    int64_t widest = 1;
    std::function<void(TypeId)> look = [&](TypeId type) {
        if (pir::isScalar(types.kind(type))) widest = std::max(widest, pir::scalarBytes(types.kind(type)));
        for (TypeId part : types[type].parts) look(part);
    };
    for (TypeId type : scalars) look(type);
    return widest <= 4 ? 64 : 32;
}

} // namespace parlane::opt
