// Closure literals: arguments of function parameters, nothing else.
#include "lang/check/body.h"

namespace parlane::check {

ExprId BodyChecker::closure(const ast::ClosureExpr &e, Span span, TypeId wanted) {
    if (wanted.valid())
        if (const auto *fn = types().as<types::FnType>(wanted)) {
            const types::FnType type = *fn;
            return closureWith(e, span, type.params, type.result, type.throws);
        }
    report(Code::FunctionStored, span).why("functions and closures are passed down, never stored")
        .fix("declare a function: `fn name(…) -> T { … }`");
    return errorExpr(span);
}

ExprId BodyChecker::closureWith(const ast::ClosureExpr &e, Span span, const std::vector<types::FnParam> &params,
    TypeId result, bool throws) {
    if (e.params.size() != params.size()) {
        report(Code::ClosureParams, span, params.size(), e.params.size());
        return errorExpr(span);
    }
    hir::Closure out;
    out.span = span;
    if (result.valid() && isError(result)) result = {};
    Frame frame_of;
    frame_of.result = result;
    frame_of.throws = throws;
    frame_of.is_closure = true;
    frame_of.head = span;
    pushFrame(std::move(frame_of));
    pushScope();
    types::FnType type;
    bool broken = false;
    for (size_t i = 0; i < params.size(); ++i) {
        const ast::ClosureParam &written = e.params[i];
        const Mode mode = params[i].mode;
        TypeId param = params[i].type;
        if (written.type.valid()) {
            TypeId declared = c.resolve(written.type, typeScope(), mode == Mode::Sink ? TypeUse::Value
                : TypeUse::Parameter);
            if (isError(param)) param = declared;
            else if (!isError(declared) && declared != param) report(Code::WrongType, written.span, text(param),
                text(declared));
        }
        if (isError(param)) {
            report(Code::ClosureParamType, written.span).fix("write it: `(" +
                (written.name.valid() ? text(written.name.id) : "_") + ": T) => …`");
            broken = true;
        }
        if (written.mode != ast::Mode::Read && static_cast<Mode>(written.mode) != mode) report(Code::ClosureMode,
            written.span);
        const auto storage = mode == Mode::Inout ? hir::Storage::Exclusive : mode == Mode::Sink ? hir::Storage::Owned
            : hir::Storage::Alias;
        out.params.push_back(addLocal(written.name, param, hir::LocalKind::ClosureParam, storage, mode != Mode::Read));
        type.params.push_back({param, mode});
    }
    const bool unit = result.valid() && result == types().unit;
    out.body = blockOfExpr(e.body, unit ? Want::Discard : Want::Value, result);
    if (!result.valid()) {
        TypeId got = body.blocks[out.body].type;
        if (frame().inferred.valid() && (got == types().never || isError(got))) got = frame().inferred;
        if (got == types().never) got = types().unit;
        result = got;
    }
    if (!unit) finishBlock(out.body, result);
    broken |= isError(result) || isError(body.blocks[out.body].type);
    popScope();
    Frame done = popFrame();
    out.captures = std::move(done.captures);
    type.result = result;
    type.throws = throws;
    out.type = types().function(type);
    const TypeId fn = out.type;
    ClosureId id = body.closures.add(std::move(out));
    return broken ? errorExpr(span) : add(fn, span, hir::ClosureRef{id});
}

} // namespace parlane::check
