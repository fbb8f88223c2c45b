// Blocks, statements, `if`.
#include "lang/base/match.h"
#include "lang/check/body.h"

#include <algorithm>

namespace parlane::check {

BlockId BodyChecker::block(ast::BlockId id, Want want, TypeId hint, bool own_scope) {
    hir::Block out;
    out.type = types().unit;
    if (id.valid()) {
        const ast::Block &written = tree()[id];
        out.span = written.span;
        if (own_scope) pushScope();
        statements(out, written.statements, want, hint);
        if (own_scope) popScope();
    }
    return body.blocks.add(std::move(out));
}

void BodyChecker::statements(hir::Block &out, const std::vector<ast::StmtId> &list, Want want, TypeId hint) {
    bool leaves = false;
    for (size_t i = 0; i < list.size(); ++i) {
        const auto *last = i + 1 == list.size() && want == Want::Value
            ? std::get_if<ast::ExprStmt>(&tree()[list[i]].node) : nullptr;
        if (!last) {
            leaves |= statement(out, list[i]);
            continue;
        }
        ExprId value = expr(last->value, hint);
        const TypeId type = typeOf(value);
        if (type == types().unit || type == types().never) {
            out.stmts.push_back(addStmt(spanOf(value), hir::ExprStmt{value, false}));
            leaves |= type == types().never;
            continue;
        }
        out.value = value;
        out.type = type;
        return;
    }
    out.type = leaves ? types().never : types().unit;
}

/// True if what follows is not reached.
bool BodyChecker::statement(hir::Block &out, ast::StmtId id) {
    const ast::Stmt &s = tree()[id];
    const size_t before = out.stmts.size();
    auto asExpr = [&](ExprId e) { out.stmts.push_back(addStmt(s.span, hir::ExprStmt{e, false})); };
    match(
        s.node, [&](const ast::LetStmt &n) { letStmt(out, n, s.span); },
            [&](const ast::AssignStmt &n) { assign(out, n, s.span); },
        [&](const ast::ExprStmt &n) { exprStatement(out, n.value); },
            [&](const ast::ReturnStmt &n) { asExpr(returnStmt(n, s.span)); },
        [&](const ast::BreakStmt &n) { asExpr(breakStmt(n, s.span)); },
            [&](const ast::ContinueStmt &n) { asExpr(continueStmt(n, s.span)); },
        [&](const ast::ThrowStmt &n) { asExpr(throwStmt(n, s.span)); },
            [&](const ast::WhileStmt &n) { asExpr(whileLoop(n, s.span)); },
        [&](const ast::InvokeStmt &n) { asExpr(invokeStmt(n, s.span)); },
            [&](const ast::PipelineStmt &n) { asExpr(pipelineStmt(n, s.span)); },
        [&](const ast::ErrorStmt &) {});
    for (size_t i = before; i < out.stmts.size(); ++i)
        if (const auto *e = std::get_if<hir::ExprStmt>(&body.stmts[out.stmts[i]].node); e &&
            typeOf(e->value) == types().never) return true;
    return false;
}

/// An expression whose value nobody wants.
ExprId BodyChecker::discardable(ast::ExprId id, Want want, TypeId hint) {
    const ast::Expr &e = tree()[id];
    if (const auto *n = std::get_if<ast::ParenExpr>(&e.node)) return discardable(n->inner, want, hint);
    if (const auto *n = std::get_if<ast::IfExpr>(&e.node)) return ifExpr(*n, e.span, hint, want);
    if (const auto *n = std::get_if<ast::MatchExpr>(&e.node)) return matchExpr(*n, e.span, hint, want);
    if (const auto *n = std::get_if<ast::BlockExpr>(&e.node)) return blockExpr(n->block, e.span, hint, want);
    if (const auto *n = std::get_if<ast::DoCatchExpr>(&e.node)) return doCatch(*n, e.span, hint, want);
    if (const auto *n = std::get_if<ast::TryExpr>(&e.node)) return tryExpr(*n, e.span, hint, want);
    return expr(id, hint);
}

void BodyChecker::exprStatement(hir::Block &out, ast::ExprId id) {
    ExprId value = discardable(id, Want::Discard, {});
    warnUnused(value);
    out.stmts.push_back(addStmt(tree()[id].span, hir::ExprStmt{value, false}));
}

void BodyChecker::warnUnused(ExprId value) {
    const TypeId type = typeOf(value);
    if (isError(type) || type == types().unit || type == types().never) return;
    ExprId inner = value;
    while (const auto *t = std::get_if<hir::Try>(&body.exprs[inner].node)) inner = t->operand;
    const hir::ExprNode &node = body.exprs[inner].node;
    if (std::holds_alternative<hir::TryOptional>(node)) return; // written to look away
    const Span span = spanOf(value);
    if (std::holds_alternative<hir::Call>(node))
        report(Code::UnusedResult, span, text(type)).fix("write `_ =` in front if it is not needed",
            {{{span.begin, span.begin}, "_ = "}});
    else report(Code::UnusedValue, span, text(type));
}

ExprId BodyChecker::blockExpr(ast::BlockId id, Span span, TypeId hint, Want want) {
    BlockId b = block(id, want, hint);
    if (want == Want::Value && body.blocks[b].value.valid()) finishBlock(b, body.blocks[b].type);
    return add(body.blocks[b].type, span, hir::BlockExpr{b});
}

/// `else if` and arms without braces as blocks.
BlockId BodyChecker::blockOfExpr(ast::ExprId id, Want want, TypeId hint) {
    const ast::Expr &e = tree()[id];
    if (const auto *b = std::get_if<ast::BlockExpr>(&e.node)) return block(b->block, want, hint);
    hir::Block out;
    out.span = e.span;
    pushScope();
    ExprId value = discardable(id, want, hint);
    popScope();
    out.type = typeOf(value);
    if (want == Want::Discard) warnUnused(value);
    if (want == Want::Value && out.type != types().unit && out.type != types().never) out.value = value;
    else {
        if (want == Want::Discard && out.type != types().never) out.type = types().unit;
        out.stmts.push_back(addStmt(e.span, hir::ExprStmt{value, false}));
    }
    return body.blocks.add(std::move(out));
}

void BodyChecker::finishBlock(BlockId id, TypeId wanted) {
    const ExprId value = body.blocks[id].value;
    if (!value.valid()) {
        const hir::Block &b = body.blocks[id];
        if (b.type == types().never || isError(b.type) || wanted == types().unit || isError(wanted)) return;
        const Span end = b.stmts.empty() ? b.span : body.stmts[b.stmts.back()].span;
        report(Code::BlockWithoutValue, end, text(wanted)).why("the value of a block is its last expression");
        return;
    }
    ExprId finished = consume(coerce(value, wanted));
    body.blocks[id].value = finished;
    body.blocks[id].type = typeOf(finished);
}

/// The one type of several blocks that give the value of an `if` or `match`; their values are converted to it.
TypeId BodyChecker::joinTypes(const std::vector<BlockId> &blocks, TypeId hint) {
    TypeId joined;
    bool same = true;
    BlockId first;
    TypeId given;
    for (BlockId b : blocks)
        if (body.blocks[b].value.valid() && !isError(body.blocks[b].type)) given = body.blocks[b].type;
    for (BlockId b : blocks) {
        if (!given.valid() || body.blocks[b].type != types().unit) continue;
        finishBlock(b, given);
        return types().error;
    }
    for (BlockId b : blocks) {
        const TypeId t = body.blocks[b].type;
        if (isError(t)) joined = joined.valid() ? joined : TypeId();
        if (isError(t) || t == types().never) continue;
        if (!joined.valid()) joined = t, first = b;
        else if (joined != t) {
            if (optionalValue(t) == joined) joined = t;
            else if (optionalValue(joined) != t) same = false;
        }
    }
    if (!joined.valid()) {
        for (BlockId b : blocks)
            if (isError(body.blocks[b].type)) return types().error;
        return types().never;
    }
    if (!same && hint.valid()) joined = hint, same = true;
    if (!same) {
        for (BlockId b : blocks) {
            const hir::Block &block = body.blocks[b];
            if (block.type == joined || block.type == types().never || isError(block.type)) continue;
            const hir::Block &one = body.blocks[first];
            report(Code::BranchTypes, block.value.valid() ? spanOf(block.value) : block.span, text(joined),
                text(block.type))
                .label(one.value.valid() ? spanOf(one.value) : one.span, "`" + text(joined) + "` here")
                .why("all branches give values of one type");
            break;
        }
        return types().error;
    }
    for (BlockId b : blocks) finishBlock(b, joined);
    for (BlockId b : blocks)
        if (isError(body.blocks[b].type)) return types().error;
    return joined;
}

ExprId BodyChecker::ifExpr(const ast::IfExpr &e, Span span, TypeId hint, Want want) {
    if (e.condition.pattern.valid()) return ifLet(e, span, hint, want);
    ExprId cond = condition(e.condition.value);
    if (!e.otherwise.valid()) {
        BlockId then = block(e.then, Want::Discard, {});
        return add(types().unit, span, hir::If{cond, then, {}});
    }
    BlockId then, otherwise;
    // A branch of literals takes the type of the other one.
    const bool wait = want == Want::Value && !hint.valid() && isFlexibleBlock(e.then) && !isFlexible(e.otherwise);
    if (wait) {
        otherwise = blockOfExpr(e.otherwise, want, hint);
        then = block(e.then, want, body.blocks[otherwise].value.valid() ? body.blocks[otherwise].type : TypeId());
    } else {
        then = block(e.then, want, hint);
        const bool floats = isFlexible(e.otherwise) && hasFloatLiteral(e.otherwise) && !hint.valid() &&
            isFlexibleBlock(e.then);
        if (want == Want::Value && floats) then = block(e.then, want, types().f64);
        const TypeId known = hint.valid() ? hint : body.blocks[then].value.valid() ? body.blocks[then].type : TypeId();
        otherwise = blockOfExpr(e.otherwise, want, known);
    }
    TypeId type = types().unit;
    if (want == Want::Value) type = joinTypes({then, otherwise}, hint);
    else if (body.blocks[then].type == types().never && body.blocks[otherwise].type == types().never) type =
        types().never;
    return add(type, span, hir::If{cond, then, otherwise});
}

} // namespace parlane::check
