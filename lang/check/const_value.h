// Scalars known at compile time, with the language's arithmetic.
#pragma once
#include "lang/hir/hir.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

namespace parlane::check {

/// An integer or bool (`bits`, sign- or zero-extended from its type) or a float (`number`, exact in its type).
struct ConstValue {
    types::Scalar scalar = types::Scalar::I64;
    uint64_t bits = 0;
    double number = 0;
    bool isFloat() const { return scalar >= types::Scalar::F32; }
    bool isSigned() const { return scalar >= types::Scalar::I8 && scalar <= types::Scalar::I64; }
};

/// Wraps to the width of the type: the canonical `bits`.
uint64_t wrap(uint64_t bits, types::Scalar scalar);
/// Whether an integer with this magnitude and sign is a value of the type, exactly.
bool representable(uint64_t magnitude, bool negative, types::Scalar scalar);
/// The scalar operators; nothing if the operation traps (division by zero).
std::optional<ConstValue> evaluate(hir::BinaryOp op, const ConstValue &left, const ConstValue &right);
std::optional<ConstValue> evaluate(hir::UnaryOp op, const ConstValue &operand);
ConstValue convert(const ConstValue &value, types::Scalar to);

} // namespace parlane::check
