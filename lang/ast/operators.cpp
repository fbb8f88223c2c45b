#include "lang/ast/operators.h"

#include "lang/base/check.h"

namespace parlane::ast {

// clang-format off: it joins the #include with the case in front of it

std::string_view spelling(BinaryOp op) {
    switch (op) {
#define PARLANE_BINARY(name, spelling, precedence)                                                                     \
    case BinaryOp::name: return spelling;
#include "lang/ast/operators.def"
    }
    PAR_UNREACHABLE();
}

std::string_view spelling(UnaryOp op) {
    switch (op) {
#define PARLANE_UNARY(name, spelling)                                                                                  \
    case UnaryOp::name: return spelling;
#include "lang/ast/operators.def"
    }
    PAR_UNREACHABLE();
}

std::string_view spelling(AssignOp op) {
    switch (op) {
#define PARLANE_ASSIGN(name, spelling)                                                                                 \
    case AssignOp::name: return spelling;
#include "lang/ast/operators.def"
    }
    PAR_UNREACHABLE();
}

std::string_view spelling(FoldOperator op) {
    switch (op) {
#define PARLANE_FOLD(name, spelling)                                                                                   \
    case FoldOperator::name: return spelling;
#include "lang/ast/operators.def"
    case FoldOperator::Function: return "function";
    }
    PAR_UNREACHABLE();
}

int precedence(BinaryOp op) {
    switch (op) {
#define PARLANE_BINARY(name, spelling, precedence)                                                                     \
    case BinaryOp::name: return precedence;
#include "lang/ast/operators.def"
    }
    PAR_UNREACHABLE();
}

} // namespace parlane::ast
