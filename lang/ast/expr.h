// Expressions as written.
#pragma once
#include "lang/ast/loop.h"
#include "lang/ast/type_expr.h"

#include <string>
#include <variant>
#include <vector>

namespace parlane::ast {

/// `1_000`, `0xff`, `'a'`. A minus is a Unary around it.
struct IntLiteral {
    uint64_t value = 0;
    bool byte = false; ///< written as `'a'`
    NameId huge;       ///< the decimal digits if they need more than 64 bits: only a float can be that; `value` is void
};
/// The digits without `_`, so that they can be rounded once, to the type that is wanted.
struct FloatLiteral {
    NameId text;
};
struct BoolLiteral {
    bool value = false;
};
struct NoneLiteral {};
/// A string is its parts in order: text with escapes resolved, and interpolated values.
struct StringPart {
    std::string text;
    ExprId value;     ///< invalid: this part is `text`
    std::string spec; ///< fmt's specification behind `:`, without it
    Span span;
    Span spec_span; ///< invalid: none
};
struct StringLiteral {
    std::vector<StringPart> parts; ///< none for `""`
};

/// A name used as a value, function, type or module.
struct NameExpr {
    Name name;
};
/// `_` on the left of an assignment.
struct DiscardExpr {};
/// A type where an expression stands: `f32` in `f32(x)`, `T[]` in `T[](n)`. `P[4]` of a name reads as an Index.
struct TypeValue {
    TypeExprId type;
};
/// `name<int>` directly in front of `(`, `[` or `.`.
struct GenericExpr {
    ExprId base; ///< NameExpr or MemberExpr
    std::vector<TypeExprId> args;
};
/// `x.name`
struct MemberExpr {
    ExprId base;
    Name name;
};
/// `t.0`
struct TupleMemberExpr {
    ExprId base;
    uint32_t index = 0;
};

/// `&x` is Inout; `name: x` has a label.
struct Arg {
    Name label;
    Mode mode = Mode::Read;
    ExprId value;
    Span span;
};
struct CallExpr {
    ExprId callee;
    std::vector<Arg> args;
};
/// `a[i, ..k]`; an index may be a Range.
struct IndexExpr {
    ExprId base;
    std::vector<ExprId> indices;
};
struct UnaryExpr {
    UnaryOp op;
    ExprId operand;
};
struct BinaryExpr {
    BinaryOp op;
    ExprId left, right;
    Span op_span;
};
/// `x!`
struct UnwrapExpr {
    ExprId operand;
};
/// `(x)`. Means nothing but is kept for the formatter; see Ast::stripParens.
struct ParenExpr {
    ExprId inner;
};
/// `(a, b)`; `()` is empty.
struct TupleExpr {
    std::vector<ExprId> parts;
};
/// `[a, b]`
struct ArrayExpr {
    std::vector<ExprId> elements;
};
/// `lo..hi`, `lo..=hi by step`; ends may be missing in indices.
struct RangeExpr {
    ExprId lo, hi, step;
    bool inclusive = false;
};

/// `cond`, or `let pattern = value` when the pattern is valid.
struct Condition {
    PatternId pattern;
    ExprId value;
};
struct IfExpr {
    Condition condition;
    BlockId then;
    ExprId otherwise; ///< IfExpr or BlockExpr; invalid: none
};
struct MatchArm {
    PatternId pattern;
    ExprId guard; ///< `if cond`; invalid: none
    ExprId value; ///< a statement there is a BlockExpr of it
    Span span;
};
struct MatchExpr {
    ExprId subject;
    std::vector<MatchArm> arms;
};
struct BlockExpr {
    BlockId block;
};
struct ClosureParam {
    Mode mode = Mode::Read;
    Name name;       ///< invalid: `_`
    TypeExprId type; ///< invalid: from the context
    Span span;
};
/// `x => e`, `(a, b) => { … }`
struct ClosureExpr {
    std::vector<ClosureParam> params;
    ExprId body;
};
/// `try x`, `try? x`
struct TryExpr {
    ExprId operand;
    bool optional = false;
};
/// `do { … } catch e { … }`
struct DoCatchExpr {
    BlockId body;
    Name error; ///< invalid: not named
    BlockId handler;
};
/// Every form of `for`; LoopKind::Statement only as the expression of an ExprStmt.
struct LoopExpr {
    Loop loop;
};
/// What could not be parsed; reported.
struct ErrorExpr {};

using ExprNode = std::variant<IntLiteral, FloatLiteral, BoolLiteral, NoneLiteral, StringLiteral, NameExpr, DiscardExpr,
                              TypeValue, GenericExpr, MemberExpr, TupleMemberExpr, CallExpr, IndexExpr, UnaryExpr,
                              BinaryExpr, UnwrapExpr, ParenExpr, TupleExpr, ArrayExpr, RangeExpr, IfExpr, MatchExpr,
                              BlockExpr, ClosureExpr, TryExpr, DoCatchExpr, LoopExpr, ErrorExpr>;

struct Expr {
    ExprNode node;
    Span span;
};

} // namespace parlane::ast
