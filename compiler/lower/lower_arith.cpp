// Operators of numbers, and comparisons of anything.
#include "compiler/lower/function_lowering.h"

namespace parlane::lower {

using pir::Trap;
using pir::TypeKind;

// ---- rounding: a sum with exactly one product, as written, is fused -----------------------------------------------

bool FunctionLowering::isProduct(hir::ExprId id) {
    auto *product = std::get_if<hir::Binary>(&body.exprs[id].node);
    return product && product->op == hir::BinaryOp::Mul && pir::isFloat(types().kind(ptypeOf(id)));
}

std::pair<ValueId, ValueId> FunctionLowering::factors(hir::ExprId id) {
    const auto &product = std::get<hir::Binary>(body.exprs[id].node);
    Located here(*this, body.exprs[id].span);
    ValueId a = value(product.left);
    return {a, value(product.right)};
}

ValueId FunctionLowering::fused(const hir::Binary &n) {
    bool minus = n.op == hir::BinaryOp::Sub;
    if (isProduct(n.left)) {
        auto [x, y] = factors(n.left);
        ValueId z = value(n.right);
        return b.emit(OpCode::Fma, fn().type(z), {x, y, minus ? b.unary(OpCode::Neg, z) : z});
    }
    ValueId z = value(n.left);
    auto [x, y] = factors(n.right);
    return b.emit(OpCode::Fma, fn().type(z), {minus ? b.unary(OpCode::Neg, x) : x, y, z});
}

// ---- operators --------------------------------------------------------------------------------------------------

ValueId FunctionLowering::lower(hir::ExprId, const hir::Unary &n) {
    return b.unary(n.op == hir::UnaryOp::Neg ? OpCode::Neg : OpCode::Not, value(n.operand));
}

ValueId FunctionLowering::divide(OpCode code, ValueId a, ValueId c) {
    if (pir::isInteger(kindOf(a))) b.check(b.compare(OpCode::Ne, c, b.constInt(fn().type(c), 0)), Trap::Divide);
    return b.binary(code, a, c);
}

ValueId FunctionLowering::arithmetic(hir::BinaryOp op, ValueId a, ValueId c) {
    using enum hir::BinaryOp;
    switch (op) {
    case Add: return b.binary(OpCode::Add, a, c);
    case Sub: return b.binary(OpCode::Sub, a, c);
    case Mul: return b.binary(OpCode::Mul, a, c);
    case Div: return divide(OpCode::Div, a, c);
    case Rem: return divide(OpCode::Rem, a, c);
    case Shl:
    case Shr: {
        ValueId count = fn().type(c) == fn().type(a) ? c : b.convert(c, fn().type(a));
        return b.binary(op == Shl ? OpCode::Shl : OpCode::Shr, a, count);
    }
    case BitAnd: return b.binary(OpCode::And, a, c);
    case BitOr: return b.binary(OpCode::Or, a, c);
    case BitXor: return b.binary(OpCode::Xor, a, c);
    default: PAR_UNREACHABLE("operator {}", static_cast<int>(op));
    }
}

ValueId FunctionLowering::lower(hir::ExprId, const hir::Binary &n) {
    using enum hir::BinaryOp;
    switch (n.op) {
    case And:
    case Or: return shortCircuit(n);
    case Eq:
    case Ne:
    case Lt:
    case Le:
    case Gt:
    case Ge: return comparison(n.op, typeOf(n.left), n.left, n.right);
    case Add:
    case Sub:
        if (isProduct(n.left) != isProduct(n.right)) return fused(n);
        break;
    default: break;
    }
    ValueId a = value(n.left);
    ValueId c = value(n.right);
    return arithmetic(n.op, a, c);
}

ValueId FunctionLowering::shortCircuit(const hir::Binary &n) {
    bool is_and = n.op == hir::BinaryOp::And;
    ValueId left = value(n.left);
    auto right = [&] {
        ValueId made;
        statementFrame([&] { made = value(n.right); });
        return made;
    };
    auto known = [&] { return b.constBool(!is_and); };
    return is_and ? branch(left, types().boolean(), right, known) : branch(left, types().boolean(), known, right);
}

// ---- comparisons ------------------------------------------------------------------------------------------------

ValueId FunctionLowering::comparison(hir::BinaryOp op, HType type, hir::ExprId left, hir::ExprId right) {
    ValueId a = read(left);
    ValueId c = read(right);
    return compareValues(op, type, a, c);
}

ValueId FunctionLowering::compareValues(hir::BinaryOp op, HType type, ValueId a, ValueId c) {
    using enum hir::BinaryOp;
    bool scalar = pir::isScalar(kindOf(a));
    auto negated = [&](ValueId v) { return b.unary(OpCode::Not, v); };
    switch (op) {
    case Eq: return equalTo(type, a, c);
    case Ne: return scalar ? b.compare(OpCode::Ne, a, c) : negated(equalTo(type, a, c));
    case Lt: return lessThan(type, a, c);
    case Gt: return lessThan(type, c, a);
    case Le: return scalar ? b.compare(OpCode::Le, a, c) : negated(lessThan(type, c, a));
    case Ge: return scalar ? b.compare(OpCode::Le, c, a) : negated(lessThan(type, a, c));
    default: PAR_UNREACHABLE("comparison {}", static_cast<int>(op));
    }
}

ValueId FunctionLowering::equalTo(HType type, ValueId a, ValueId c) {
    if (all.isUnit(type)) return b.constBool(true);
    if (pir::isScalar(kindOf(a))) return b.compare(OpCode::Eq, a, c);
    if (all.types.is<types::StrType>(type)) return b.callRt("str_equal", types().boolean(), {a, c});
    return b.call(all.generated(Generated::Equal, type), {a, c});
}

ValueId FunctionLowering::lessThan(HType type, ValueId a, ValueId c) {
    if (pir::isScalar(kindOf(a))) return b.compare(OpCode::Lt, a, c);
    if (all.types.is<types::StrType>(type)) return b.callRt("str_less", types().boolean(), {a, c});
    return b.call(all.generated(Generated::Less, type), {a, c});
}

} // namespace parlane::lower
