// `let`, `var`, `inout`.
#include "lang/check/body.h"

namespace parlane::check {

/// `let (u, v) = [for … { (a, b) }]`: one array a component.
ExprId BodyChecker::splitCollect(const ast::LetStmt &s, TypeId wanted) {
    if (!s.pattern.valid() || !std::holds_alternative<ast::TuplePattern>(tree()[s.pattern].node)) return {};
    const ast::Expr &value = tree()[tree().stripParens(s.value)];
    const auto *l = std::get_if<ast::LoopExpr>(&value.node);
    const bool splits = l && (l->loop.kind == ast::LoopKind::Collect || l->loop.kind == ast::LoopKind::Scan ||
                              l->loop.kind == ast::LoopKind::ScanInclusive);
    if (!splits) return {};
    return loop(l->loop, value.span, wanted, true);
}

ExprId BodyChecker::letValue(const ast::LetStmt &s, TypeId wanted) {
    ExprId value = splitCollect(s, wanted);
    if (!value.valid()) value = expr(s.value, wanted);
    // `let s: T[] = a[..k]`: the part stays a view, as it would without the type.
    const auto *view = types().as<types::ViewType>(typeOf(value));
    const auto *array = wanted.valid() ? types().as<types::ArrayType>(wanted) : nullptr;
    const bool bound = view && array && s.binder == ast::Binder::Let && view->elem == array->elem && view->rank == array->rank;
    if (wanted.valid() && !bound) value = coerce(value, wanted);
    const TypeId type = typeOf(value);
    if (type == types().unit || type == types().never) {
        if (type == types().unit) report(Code::NoValueToBind, spanOf(value));
        return errorExpr(spanOf(value));
    }
    return value;
}

void BodyChecker::letStmt(hir::Block &out, const ast::LetStmt &s, Span span) {
    if (s.binder == ast::Binder::Inout) return letInout(out, s, span);
    const TypeId wanted = s.type.valid() ? c.resolve(s.type, typeScope()) : TypeId();
    if (!s.value.valid()) {
        const auto *bind = std::get_if<ast::BindPattern>(&tree()[s.pattern].node);
        if (!bind || !wanted.valid()) {
            report(Code::NoValueToBind, span).fix("write `= value`");
            declareBroken(s.pattern);
            return;
        }
        LocalId local = addLocal(bind->name, wanted, hir::LocalKind::Var, hir::Storage::Owned, true);
        out.stmts.push_back(addStmt(span, hir::Declare{local}));
        return;
    }
    ExprId value = letValue(s, wanted);
    if (isError(value)) {
        if (s.otherwise.valid()) block(s.otherwise, Want::Discard, {});
        return declareBroken(s.pattern);
    }
    const bool is_var = s.binder == ast::Binder::Var;
    if (s.otherwise.valid()) {
        PatternId test;
        BlockId otherwise = block(s.otherwise, Want::Discard, {});
        if (body.blocks[otherwise].type != types().never)
            report(Code::ElseMustLeave, tree()[s.otherwise].span)
                .why("what the `let` binds would have no value behind it")
                .fix("end the block with `return`, `break`, `continue` or `throw`");
        test = conditionPattern(s.pattern, value);
        if (test.valid()) out.stmts.push_back(addStmt(span, hir::Let{test, value, otherwise}));
        return;
    }
    const TypeId type = typeOf(value);
    Subject subject{type, false, false, is_var ? hir::LocalKind::Var : hir::LocalKind::Let, is_var, spanOf(value)};
    const auto *ref = std::get_if<hir::LocalRef>(&body.exprs[value].node);
    const bool whole = ref && body.locals[ref->local].storage == hir::Storage::Owned;
    const bool is_view = types().is<types::ViewType>(type);
    if (is_view && !isPlace(value)) {
        report(Code::ViewOfTemporary, spanOf(value)).why("a view borrows from something that lives as long")
            .fix("bind what it looks into with `let` first");
        return declareBroken(s.pattern);
    }
    if (is_view && is_var) {
        consume(value);
        return declareBroken(s.pattern);
    }
    if (types().is<types::FnType>(type)) {
        consume(value);
        return declareBroken(s.pattern);
    }
    const bool alias = is_view || (!is_var && isPlace(value) && !whole && !types().isCopy(type));
    if (alias) subject.place = true;
    else value = consume(value);
    if (isError(value)) return declareBroken(s.pattern);
    PatternId p = pattern(s.pattern, subject);
    if (!isIrrefutable(p) && !isError(body.patterns[p].type))
        report(Code::RefutableLet, tree()[s.pattern].span).why("the pattern does not fit every value")
            .fix("say what happens otherwise: `else { return }`");
    out.stmts.push_back(addStmt(span, hir::Let{p, value, {}}));
}

void BodyChecker::letInout(hir::Block &out, const ast::LetStmt &s, Span span) {
    const auto *bind = std::get_if<ast::BindPattern>(&tree()[s.pattern].node);
    ExprId value = expr(s.value);
    if (!bind || s.otherwise.valid()) {
        report(Code::InoutBindsName, span);
        return declareBroken(s.pattern);
    }
    if (isError(value)) return declareBroken(s.pattern);
    if (s.type.valid()) {
        TypeId wanted = c.resolve(s.type, typeScope(), TypeUse::Parameter);
        value = coerce(value, wanted);
    }
    if (isError(value) || !requireWritable(value, spanOf(value), "bound `inout`")) return declareBroken(s.pattern);
    LocalId local = addLocal(bind->name, typeOf(value), hir::LocalKind::Let, hir::Storage::Exclusive, true);
    PatternId p = addPattern(typeOf(value), tree()[s.pattern].span, hir::BindPattern{local});
    out.stmts.push_back(addStmt(span, hir::Let{p, value, {}}));
}

} // namespace parlane::check
