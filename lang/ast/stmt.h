// Statements as written.
#pragma once
#include "lang/ast/expr.h"

namespace parlane::ast {

enum class Binder : uint8_t { Let, Var, Inout };

/// `let p: T = e else { … }`, `var x = e`, `inout s = &a[..k]` (the `&` is not part of `value`).
struct LetStmt {
    Binder binder = Binder::Let;
    PatternId pattern;
    TypeExprId type; ///< invalid: from the value
    ExprId value;
    BlockId otherwise; ///< invalid: none
};

/// What is claimed of an assignment in a parallel body.
enum class Claim : uint8_t { None, Atomic, Disjoint };

/// `place op= e`; the target of `=` may be a tuple of places or `_`.
struct AssignStmt {
    Claim claim = Claim::None;
    AssignOp op = AssignOp::Set;
    ExprId target, value;
    Span op_span;
};
struct ExprStmt {
    ExprId value;
};
struct ReturnStmt {
    ExprId value; ///< invalid: none
};
struct BreakStmt {
    Name label;
};
struct ContinueStmt {
    Name label;
};
struct ThrowStmt {
    ExprId value;
};
struct WhileStmt {
    Name label;
    Condition condition;
    BlockId body;
};
/// Each statement of the block is a branch.
struct InvokeStmt {
    BlockId branches;
};

enum class StageKind : uint8_t { Serial, Parallel, Unordered };
struct Stage {
    StageKind kind = StageKind::Serial;
    BlockId body;
    Span span; ///< of `stage parallel:`
};
/// `pipeline x in source limit(n) { … }`, or `pipeline while let p = e { … }`.
struct PipelineStmt {
    LoopSource source; ///< of a while-let: the pattern and the expression
    bool while_let = false;
    ExprId limit; ///< invalid: the default
    std::vector<Stage> stages;
    Span keyword;
};
/// What could not be parsed; reported.
struct ErrorStmt {};

using StmtNode = std::variant<LetStmt, AssignStmt, ExprStmt, ReturnStmt, BreakStmt, ContinueStmt, ThrowStmt, WhileStmt,
                              InvokeStmt, PipelineStmt, ErrorStmt>;

struct Stmt {
    StmtNode node;
    Span span;
};

/// The value of a block is that of its last statement if it is an ExprStmt.
struct Block {
    std::vector<StmtId> statements;
    Span span; ///< with the braces
};

} // namespace parlane::ast
