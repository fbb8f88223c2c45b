#include "lang/check/const_value.h"

#include <cmath>
#include <limits>

namespace parlane::check {

using hir::BinaryOp;
using hir::UnaryOp;
using types::Scalar;
using types::TypeStore;

uint64_t wrap(uint64_t bits, Scalar scalar) {
    if (scalar == Scalar::Bool) return bits & 1;
    const int width = TypeStore::bits(scalar);
    if (width == 64) return bits;
    const uint64_t low = bits & ((uint64_t(1) << width) - 1);
    const bool is_signed = scalar >= Scalar::I8 && scalar <= Scalar::I64;
    if (is_signed && (low >> (width - 1))) return low | ~((uint64_t(1) << width) - 1);
    return low;
}

bool representable(uint64_t magnitude, bool negative, Scalar scalar) {
    if (scalar >= Scalar::F32) {
        const double exact = static_cast<double>(magnitude);
        if (exact >= 18446744073709551616.0 || static_cast<uint64_t>(exact) != magnitude) return false;
        return scalar == Scalar::F64 || static_cast<double>(static_cast<float>(exact)) == exact;
    }
    const int width = TypeStore::bits(scalar);
    if (scalar >= Scalar::U8) {
        if (negative) return magnitude == 0;
        return width == 64 || magnitude < (uint64_t(1) << width);
    }
    const uint64_t limit = uint64_t(1) << (width - 1);
    return negative ? magnitude <= limit : magnitude < limit;
}

namespace {

ConstValue integer(uint64_t bits, Scalar scalar) { return {scalar, wrap(bits, scalar), 0}; }
ConstValue boolean(bool value) { return {Scalar::Bool, value, 0}; }
ConstValue floating(double value, Scalar scalar) {
    return {scalar, 0, scalar == Scalar::F32 ? static_cast<double>(static_cast<float>(value)) : value};
}

std::optional<ConstValue> floats(BinaryOp op, double a, double b, Scalar scalar) {
    switch (op) {
    // Sums are left to the program: with a product inside they are fused.
    case BinaryOp::Mul: return floating(a * b, scalar);
    case BinaryOp::Div: return floating(a / b, scalar);
    case BinaryOp::Rem: return floating(std::fmod(a, b), scalar);
    case BinaryOp::Eq: return boolean(a == b);
    case BinaryOp::Ne: return boolean(a != b);
    case BinaryOp::Lt: return boolean(a < b);
    case BinaryOp::Le: return boolean(a <= b);
    case BinaryOp::Gt: return boolean(a > b);
    case BinaryOp::Ge: return boolean(a >= b);
    default: return std::nullopt;
    }
}

bool less(const ConstValue &a, const ConstValue &b) {
    return a.isSigned() ? static_cast<int64_t>(a.bits) < static_cast<int64_t>(b.bits) : a.bits < b.bits;
}

std::optional<ConstValue> divide(BinaryOp op, const ConstValue &a, const ConstValue &b) {
    if (b.bits == 0) return std::nullopt;
    const bool quotient = op == BinaryOp::Div;
    if (!a.isSigned()) return integer(quotient ? a.bits / b.bits : a.bits % b.bits, a.scalar);
    const auto x = static_cast<int64_t>(a.bits), y = static_cast<int64_t>(b.bits);
    if (y == -1) return integer(quotient ? uint64_t(0) - a.bits : 0, a.scalar);
    return integer(static_cast<uint64_t>(quotient ? x / y : x % y), a.scalar);
}

ConstValue shift(BinaryOp op, const ConstValue &a, const ConstValue &b) {
    const auto count = static_cast<unsigned>(b.bits & static_cast<uint64_t>(TypeStore::bits(a.scalar) - 1));
    if (op == BinaryOp::Shl) return integer(a.bits << count, a.scalar);
    if (a.isSigned()) return integer(static_cast<uint64_t>(static_cast<int64_t>(a.bits) >> count), a.scalar);
    return integer(a.bits >> count, a.scalar);
}

} // namespace

std::optional<ConstValue> evaluate(BinaryOp op, const ConstValue &a, const ConstValue &b) {
    if (a.isFloat()) return floats(op, a.number, b.number, a.scalar);
    switch (op) {
    case BinaryOp::Add: return integer(a.bits + b.bits, a.scalar);
    case BinaryOp::Sub: return integer(a.bits - b.bits, a.scalar);
    case BinaryOp::Mul: return integer(a.bits * b.bits, a.scalar);
    case BinaryOp::Div:
    case BinaryOp::Rem: return divide(op, a, b);
    case BinaryOp::Shl:
    case BinaryOp::Shr: return shift(op, a, b);
    case BinaryOp::BitAnd: return integer(a.bits & b.bits, a.scalar);
    case BinaryOp::BitOr: return integer(a.bits | b.bits, a.scalar);
    case BinaryOp::BitXor: return integer(a.bits ^ b.bits, a.scalar);
    case BinaryOp::Eq: return boolean(a.bits == b.bits);
    case BinaryOp::Ne: return boolean(a.bits != b.bits);
    case BinaryOp::Lt: return boolean(less(a, b));
    case BinaryOp::Le: return boolean(!less(b, a));
    case BinaryOp::Gt: return boolean(less(b, a));
    case BinaryOp::Ge: return boolean(!less(a, b));
    case BinaryOp::And: return boolean(a.bits && b.bits);
    case BinaryOp::Or: return boolean(a.bits || b.bits);
    }
    return std::nullopt;
}

std::optional<ConstValue> evaluate(UnaryOp op, const ConstValue &a) {
    switch (op) {
    case UnaryOp::Neg: return a.isFloat() ? floating(-a.number, a.scalar) : integer(uint64_t(0) - a.bits, a.scalar);
    case UnaryOp::Not: return boolean(!a.bits);
    case UnaryOp::BitNot: return integer(~a.bits, a.scalar);
    }
    return std::nullopt;
}

ConstValue convert(const ConstValue &value, Scalar to) {
    if (!value.isFloat()) {
        if (to < Scalar::F32) return integer(value.bits, to);
        if (to == Scalar::F32)
            return floating(value.isSigned() ? static_cast<float>(static_cast<int64_t>(value.bits))
                                             : static_cast<float>(value.bits), to);
        return floating(value.isSigned() ? static_cast<double>(static_cast<int64_t>(value.bits))
                                         : static_cast<double>(value.bits), to);
    }
    if (to >= Scalar::F32) return floating(value.number, to);
    if (std::isnan(value.number)) return integer(0, to);
    const int width = TypeStore::bits(to);
    const bool is_signed = to <= Scalar::I64;
    const double low = is_signed ? -std::ldexp(1.0, width - 1) : 0;
    const double high = std::ldexp(1.0, is_signed ? width - 1 : width);
    const double whole = std::trunc(value.number);
    if (whole < low) return integer(is_signed ? uint64_t(1) << (width - 1) : 0, to);
    if (whole >= high) return integer(is_signed ? (uint64_t(1) << (width - 1)) - 1 : ~uint64_t(0), to);
    return integer(is_signed ? static_cast<uint64_t>(static_cast<int64_t>(whole)) : static_cast<uint64_t>(whole), to);
}

} // namespace parlane::check
