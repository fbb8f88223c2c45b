// One file as it was written. Immutable after parsing; later stages add side tables.
#pragma once
#include "lang/ast/item.h"
#include "lang/ast/pattern.h"
#include "lang/base/store.h"

namespace parlane::ast {

struct Ast {
    FileId file;
    std::vector<ItemId> top; ///< in order of the text
    bool has_errors = false; ///< some node is an Error node, or a syntax error was reported

    Store<ItemId, Item> items;
    Store<StmtId, Stmt> stmts;
    Store<BlockId, Block> blocks;
    Store<ExprId, Expr> exprs;
    Store<PatternId, Pattern> patterns;
    Store<TypeExprId, TypeExpr> types;

    const Item &operator[](ItemId id) const { return items[id]; }
    const Stmt &operator[](StmtId id) const { return stmts[id]; }
    const Block &operator[](BlockId id) const { return blocks[id]; }
    const Expr &operator[](ExprId id) const { return exprs[id]; }
    const Pattern &operator[](PatternId id) const { return patterns[id]; }
    const TypeExpr &operator[](TypeExprId id) const { return types[id]; }

    /// `x` of `((x))`.
    ExprId stripParens(ExprId id) const {
        while (const auto *paren = std::get_if<ParenExpr>(&exprs[id].node)) id = paren->inner;
        return id;
    }
};

} // namespace parlane::ast
