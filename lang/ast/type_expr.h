// Types as written.
#pragma once
#include "lang/ast/ids.h"

#include <variant>
#include <vector>

namespace parlane::ast {

/// How a parameter or an argument is passed.
enum class Mode : uint8_t { Read, Inout, Sink };

/// `f32`, `List<int>`, `module.Name<T>`. The scalar types and `str` are names too.
struct NamedType {
    std::vector<Name> path; ///< at least one; all but the last name modules
    std::vector<TypeExprId> args;
};
/// `T[]` `T[,]` `T[,,]`; the parser lets any rank through.
struct ArrayType {
    TypeExprId element;
    uint32_t rank = 1;
};
/// `T[4]` `T[3,3]`.
struct FixedType {
    TypeExprId element;
    std::vector<ExprId> extents;
};
/// `(A, B)`, also the empty `()`; one parenthesised type is that type.
struct TupleType {
    std::vector<TypeExprId> parts;
};
/// `T?`
struct OptionalType {
    TypeExprId inner;
};
/// `fn(A, inout B) throws E -> C`
struct FnType {
    struct Param {
        Mode mode = Mode::Read;
        TypeExprId type;
    };
    std::vector<Param> params;
    bool throws = false;
    TypeExprId error;  ///< invalid: any error
    TypeExprId result; ///< invalid: nothing
};
/// An integer where a type argument stands: `f<3>(x)`.
struct ConstType {
    ExprId value;
};
/// What could not be parsed; reported.
struct ErrorType {};

using TypeNode = std::variant<NamedType, ArrayType, FixedType, TupleType, OptionalType, FnType, ConstType, ErrorType>;

struct TypeExpr {
    TypeNode node;
    Span span;
};

} // namespace parlane::ast
