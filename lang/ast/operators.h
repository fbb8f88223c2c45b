// The operators that can be written.
#pragma once
#include <cstdint>
#include <string_view>

namespace parlane::ast {

enum class BinaryOp : uint8_t {
#define PARLANE_BINARY(name, spelling, precedence) name,
#include "lang/ast/operators.def"
};

enum class UnaryOp : uint8_t {
#define PARLANE_UNARY(name, spelling) name,
#include "lang/ast/operators.def"
};

/// `Set` is plain `=`.
enum class AssignOp : uint8_t {
#define PARLANE_ASSIGN(name, spelling) name,
#include "lang/ast/operators.def"
};

/// Operators of `reduce`, `scan` and accumulators; `Function` stands for a function named by an expression.
enum class FoldOperator : uint8_t {
#define PARLANE_FOLD(name, spelling) name,
#include "lang/ast/operators.def"
    Function
};

std::string_view spelling(BinaryOp op);
std::string_view spelling(UnaryOp op);
std::string_view spelling(AssignOp op);
/// `Function` is spelled "function".
std::string_view spelling(FoldOperator op);
/// 1 (`??`) to 10 (`*`).
int precedence(BinaryOp op);

} // namespace parlane::ast
