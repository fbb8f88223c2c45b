// `throw`, `try`, `do … catch`.
#include "lang/check/body.h"

#include <algorithm>

namespace parlane::check {

/// Something here may throw: to the nearest handler, or out of the function.
void BodyChecker::recordThrow(TypeId error_type, Span span, std::string_view what) {
    Frame &f = frame();
    if (!f.handlers.empty()) {
        f.handlers.back().thrown.push_back(error_type);
        return;
    }
    if (f.is_const) {
        report(Code::ThrowInConst, span);
        return;
    }
    if (!f.throws) {
        auto problem = report(Code::UncaughtThrow, span, what);
        problem.label(f.head, f.is_closure ? "this closure may not throw" : "this function does not say `throws`");
        problem.fix("catch it: `do { … } catch e { … }`");
        if (!f.is_closure) problem.fix("or write `throws` behind the parameters");
        return;
    }
    if (f.error_type.valid() && error_type != f.error_type && !isError(f.error_type))
        report(Code::WrongErrorType, span, text(f.error_type), error_type.valid() ? text(error_type) : "Error")
            .label(f.head, "declared here")
            .fix("catch it and throw a `" + text(f.error_type) + "`, or declare plain `throws`");
}

ExprId BodyChecker::throwStmt(const ast::ThrowStmt &s, Span span) {
    const Frame &f = frame();
    const bool typed = f.handlers.empty() && f.error_type.valid();
    ExprId value = expr(s.value, typed ? f.error_type : TypeId());
    value = consume(value);
    TypeId type = typeOf(value);
    const bool nominal = types().is<types::StructType>(type) || types().is<types::EnumType>(type);
    if (!isError(type) && !nominal) {
        auto problem = report(Code::NotThrowable, spanOf(value), text(type));
        problem.why("a struct or an enum can be thrown");
        if (type == types().str) problem.fix("throw an `Error`: `throw Error(…)`");
        value = errorExpr(span);
        type = types().error;
    }
    if (!isError(type)) {
        const auto *s_type = types().as<types::StructType>(type);
        const bool plain = s_type && s_type->decl == c.program.error_struct;
        recordThrow(plain && !typed ? TypeId() : type, span, "throw");
    } else if (!frame().handlers.empty()) frame().handlers.back().thrown.push_back({});
    return add(types().never, span, hir::Throw{value});
}

ExprId BodyChecker::tryExpr(const ast::TryExpr &e, Span span, TypeId hint, Want want) {
    if (!e.optional) {
        ++frame().try_depth;
        const uint32_t before = c.emitter.errorCount();
        const size_t handled = frame().handlers.empty() ? 0 : frame().handlers.back().thrown.size();
        ExprId value = discardable(e.operand, want, hint);
        --frame().try_depth;
        const bool caught = !frame().handlers.empty() && frame().handlers.back().thrown.size() == handled;
        (void)before, (void)caught;
        return add(typeOf(value), span, hir::Try{value});
    }
    ++frame().try_depth;
    frame().handlers.push_back({true, {}});
    const TypeId inner_hint = optionalValue(hint);
    ExprId value = expr(e.operand, inner_hint.valid() ? inner_hint : hint);
    const Handler handler = frame().handlers.back();
    frame().handlers.pop_back();
    --frame().try_depth;
    if (isError(value)) return value;
    if (handler.thrown.empty()) report(Code::NothingThrown, span, "try?").fix("leave it out");
    TypeId type = typeOf(value);
    if (type == types().unit || type == types().never) return add(types().boolean, span, hir::TryOptional{value});
    value = consume(value);
    if (isError(value)) return value;
    return add(types().optional(typeOf(value)), span, hir::TryOptional{value});
}

ExprId BodyChecker::doCatch(const ast::DoCatchExpr &e, Span span, TypeId hint, Want want) {
    frame().handlers.push_back({});
    BlockId body_block = block(e.body, want, hint);
    const Handler handler = std::move(frame().handlers.back());
    frame().handlers.pop_back();
    // Calls that all throw one type give that type, anything else an `Error`.
    TypeId error = c.program.error_struct.valid() ? types().structure(c.program.error_struct, {}) : types().error;
    const bool typed = !handler.thrown.empty() && handler.thrown.front().valid() &&
                       std::ranges::all_of(handler.thrown, [&](TypeId t) { return t == handler.thrown.front(); });
    if (typed) error = handler.thrown.front();
    if (handler.thrown.empty() && !isError(body.blocks[body_block].type) && !c.emitter.hasErrors())
        report(Code::NothingThrown, tree()[e.body].span, "do").why("nothing in it throws, so `catch` is never reached");
    pushScope();
    LocalId local;
    if (e.error.valid()) local = addLocal(e.error, error, hir::LocalKind::Error, hir::Storage::Owned, false);
    BlockId handler_block = block(e.handler, want, hint.valid() ? hint : body.blocks[body_block].value.valid()
        ? body.blocks[body_block].type : TypeId(), false);
    popScope();
    TypeId type = types().unit;
    if (want == Want::Value) type = joinTypes({body_block, handler_block}, hint);
    else if (body.blocks[body_block].type == types().never && body.blocks[handler_block].type == types().never) type =
        types().never;
    return add(type, span, hir::DoCatch{body_block, local, handler_block, error});
}

} // namespace parlane::check
