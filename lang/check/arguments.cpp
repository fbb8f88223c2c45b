// One callee is chosen: its type arguments, then its arguments.
#include "lang/check/body.h"

#include <algorithm>

namespace parlane::check {

hir::Callee BodyChecker::calleeOf(FunctionId id, std::vector<TypeId> type_args) {
    c.reach(id);
    return {id, std::move(type_args), {}};
}

/// A case without payload of a generic enum: what it is, the other arguments say.
bool BodyChecker::isOpenCase(ast::ExprId id) {
    const auto *name = std::get_if<ast::NameExpr>(&tree()[tree().stripParens(id)].node);
    if (!name || c.enumsWithCase(*module, name->name.id).empty()) return false;
    const EnumId decl = enumOfCase(name->name, {}, false);
    return decl.valid() && !types().info(decl).params.empty() && !findLocal(name->name.id, name->name.span).valid();
}

/// Arguments that have types of their own: they decide about the type parameters.
void BodyChecker::firstArgs(Inference &inference, const std::vector<types::FnParam> &params,
    std::vector<CallArg> &args) {
    for (size_t i = 0; i < args.size(); ++i) {
        CallArg &arg = args[i];
        const bool fn = types().is<types::FnType>(params[i].type);
        if (!arg.done.valid()) {
            if (isDeferred(arg.value) || fn || (inference.isOpen(params[i].type) && isOpenCase(arg.value))) continue;
            arg.done = expr(arg.value, inference.apply(params[i].type));
        }
        inference.unify(params[i].type, typeOf(arg.done), true);
    }
}

/// Closures and functions whose parameters are known by now. False if none was left or could be looked at.
bool BodyChecker::closureArgs(Inference &inference, const std::vector<types::FnParam> &params,
    std::vector<CallArg> &args, bool force) {
    bool progress = false;
    for (size_t i = 0; i < args.size(); ++i) {
        const auto *fn_type = types().as<types::FnType>(params[i].type);
        if (args[i].done.valid() || !fn_type) continue;
        const types::FnType fn = *fn_type;
        std::vector<types::FnParam> known;
        bool open = false;
        for (const types::FnParam &p : fn.params) {
            TypeId type = inference.apply(p.type);
            // An open parameter that stands for an owner would be a view if it were written so.
            open |= !type.valid();
            known.push_back({type.valid() ? type : types().error, p.mode});
        }
        const ast::ExprId id = tree().stripParens(args[i].value);
        const auto *closure = std::get_if<ast::ClosureExpr>(&tree()[id].node);
        if (open && !force) {
            const bool typed = closure && std::ranges::all_of(closure->params,
                [](const auto &p) { return p.type.valid(); });
            if (!typed) continue;
        }
        const TypeId result = inference.apply(fn.result);
        if (closure) args[i].done = closureWith(*closure, tree()[id].span, known, result, fn.throws);
        else {
            types::FnType wanted{known, result.valid() ? result : types().error, fn.throws};
            const TypeId type = types().function(wanted);
            const auto *name = std::get_if<ast::NameExpr>(&tree()[id].node);
            LocalId local = name ? findLocal(name->name.id, name->name.span) : LocalId();
            // A function given by name decides about what is still open through its own signature.
            if (name && !local.valid() && (!result.valid() || open)) {
                NameEntry entry = c.lookup(*module, name->name.id, name->name.span);
                for (FunctionId f : entry.functions) {
                    const hir::Function &function = c.program.functions[f];
                    if (!function.type_params.empty() || function.params.size() != fn.params.size()) continue;
                    Inference trial = inference;
                    bool fits = trial.unify(fn.result, function.result, false);
                    for (size_t k = 0; fits && k < fn.params.size(); ++k) fits =
                        trial.unify(fn.params[k].type, function.params[k].type, false);
                    if (fits) {
                        inference.bound = trial.bound;
                        break;
                    }
                }
                TypeId whole = inference.apply(params[i].type);
                args[i].done = expr(args[i].value, whole.valid() ? whole : type);
            } else args[i].done = expr(args[i].value, type);
        }
        inference.unify(params[i].type, typeOf(args[i].done), true);
        progress = true;
    }
    return progress;
}

bool BodyChecker::inferArgs(Inference &inference, const std::vector<types::FnParam> &params,
    std::vector<CallArg> &args, TypeId result,
                            TypeId hint) {
    firstArgs(inference, params, args);
    // What the context wants decides where no argument does.
    if (hint.valid() && result.valid() && inference.isOpen(result)) {
        Inference trial = inference;
        TypeId inner = optionalValue(hint);
        const bool result_optional = optionalValue(result).valid();
        if (trial.unify(result, inner.valid() && !result_optional && !types().is<types::ParamType>(result) ? inner
            : hint, false))
            inference.bound = trial.bound;
        else if (inner.valid()) {
            trial.bound = inference.bound;
            if (trial.unify(result, inner, false)) inference.bound = trial.bound;
        }
    }
    while (closureArgs(inference, params, args, false)) {}
    // Literals: what is known, else their default, floats first where several share a parameter.
    enum { Floats, Literals, Cases };
    for (int turn : {Floats, Literals, Cases})
        for (size_t i = 0; i < args.size(); ++i) {
            if (args[i].done.valid() || types().is<types::FnType>(params[i].type)) continue;
            if (turn == Floats && !hasFloatLiteral(args[i].value)) continue;
            if (turn == Literals && isOpenCase(args[i].value)) continue;
            TypeId wanted = inference.apply(params[i].type);
            // Of an array literal the element type may be known before its size.
            const TypeId elem = types().elemOf(params[i].type);
            if (!wanted.valid() && elem.valid() && !inference.isOpen(elem))
                wanted = types().array(inference.apply(elem), types().rankOf(params[i].type));
            const auto *p = types().as<types::ParamType>(params[i].type);
            if (!wanted.valid() && p && types().promises(types().info(p->param), types::Constraint::Float)) wanted =
                types().f64;
            args[i].done = expr(args[i].value, wanted);
            inference.unify(params[i].type, typeOf(args[i].done), true);
        }
    while (closureArgs(inference, params, args, true)) {}
    return std::ranges::none_of(args, [&](const CallArg &arg) { return isError(arg.done); });
}

bool BodyChecker::finishInference(Inference &inference, Span span, NameId name) {
    for (size_t i = 0; i < inference.bound.size(); ++i) {
        const types::ParamInfo &info = types().info(inference.params[i]);
        if (!inference.bound[i].valid()) {
            report(Code::CannotInfer, span, text(info.name))
                .label(info.span, "declared here")
                .fix("write it: `" + text(name) + "<…>(…)`");
            return false;
        }
        if (isError(inference.bound[i])) return false;
        if (info.integer) continue;
        if (types().missing(inference.bound[i], info) != types::Constraint::None) {
            c.checkConstraint(inference.bound[i], inference.params[i], span);
            return false;
        }
    }
    return true;
}

hir::Arg BodyChecker::finishFunctionArg(hir::Arg out, TypeId wanted, Span param_span) {
    const ExprId value = out.value;
    auto failed = [&] {
        out.value = errorExpr(out.span);
        return out;
    };
    if (typeOf(value) != wanted) {
        // A closure that does not throw may stand where one may.
        const auto *got = types().as<types::FnType>(typeOf(value));
        const auto *want = types().as<types::FnType>(wanted);
        if (!got || got->params != want->params || got->result != want->result || (got->throws && !want->throws)) {
            mismatch(value, wanted);
            return failed();
        }
    }
    const hir::ExprNode &node = body.exprs[value].node;
    const auto *closure = std::get_if<hir::ClosureRef>(&node);
    const auto *local = std::get_if<hir::LocalRef>(&node);
    if (out.mode == Mode::Inout) {
        if (local && !requireWritable(value, out.span, "passed `inout`")) return failed();
        return out;
    }
    if (closure) {
        for (const hir::Capture &capture : body.closures[closure->closure].captures) {
            if (!capture.writes) continue;
            report(Code::ClosureWrites, capture.first_write, text(body.locals[capture.local].name))
                .label(param_span, "declared without `inout` here, so it may be called in parallel")
                .why("a closure that writes what it captures is passed as `inout f`");
            break;
        }
    } else if (local && body.locals[local->local].is_mutable) {
        report(Code::ClosureWrites, out.span, text(body.locals[local->local].name))
            .label(body.locals[local->local].span, "may write what it captures")
            .label(param_span, "declared without `inout` here, so it may be called in parallel");
    }
    return out;
}

hir::Arg BodyChecker::finishInoutArg(hir::Arg out, TypeId wanted) {
    const ExprId value = out.value;
    const bool exact = typeOf(value) == wanted || types().is<types::ViewType>(wanted);
    if (!exact) mismatch(value, wanted);
    ExprId place = exact ? coerce(value, wanted) : errorExpr(out.span);
    const bool good = !isError(place) && isPlace(value);
    if (!good && !isError(place)) report(Code::NoPlace, out.span, "passed `inout`").fix("bind it with `var` first");
    out.value = good && requireWritable(value, out.span, "passed `inout`") ? place : errorExpr(out.span);
    return out;
}

hir::Arg BodyChecker::finishArg(CallArg &arg, TypeId wanted, Mode mode, NameId param_name, Span param_span) {
    ExprId value = arg.done;
    const bool fn = types().is<types::FnType>(wanted);
    const bool closure_literal = std::holds_alternative<hir::ClosureRef>(body.exprs[value].node);
    hir::Arg out{value, mode, types().is<types::ViewType>(wanted), arg.span};
    if (isError(value)) return out;
    if (mode == Mode::Inout && arg.mode != Mode::Inout && !arg.receiver && !closure_literal) {
        report(Code::MissingInout, arg.span, text(param_name.valid() ? param_name : c.names.intern("parameter")))
            .label(param_span, "declared `inout` here")
            .why("a call shows what it may change")
            .fix("write `&` in front", {{{arg.span.begin, arg.span.begin}, "&"}});
        out.value = errorExpr(arg.span);
        return out;
    }
    if (mode != Mode::Inout && arg.mode == Mode::Inout) {
        report(Code::UnexpectedInout, arg.span)
            .label(param_span, mode == Mode::Sink ? "takes the value over" : "only reads")
            .fix("leave out the `&`");
        out.value = errorExpr(arg.span);
        return out;
    }
    if (fn) return finishFunctionArg(out, wanted, param_span);
    if (mode == Mode::Inout) return finishInoutArg(out, wanted);
    out.value = coerce(value, wanted);
    if (mode == Mode::Sink) out.value = consume(out.value);
    return out;
}

void BodyChecker::checkThrows(bool throws, TypeId error_type, Span span, NameId name) {
    if (!throws) return;
    if (frame().try_depth == 0) {
        report(Code::MissingTry, span, text(name))
            .why("a call that may throw says so where it stands")
            .fix("write `try` in front", {{{span.begin, span.begin}, "try "}});
        return;
    }
    recordThrow(error_type, span, text(name));
}

/// `assert(c)` shows the condition as written: it becomes `assert(c, "c")`.
FunctionId BodyChecker::assertWithText(hir::Call &call, Span condition) {
    const FunctionId plain = call.callee.function;
    for (FunctionId id : c.lookup(c.module(c.program.functions[plain].module), c.program.functions[plain].name, {}).functions) {
        if (c.program.functions[id].params.size() != 2) continue;
        const ExprId text = add(types().str, condition, hir::StrLit{c.names.intern(c.sources.text(condition))});
        call.args.push_back({text, Mode::Read, false, condition});
        c.reach(id);
        return id;
    }
    return plain;
}

ExprId BodyChecker::callOne(FunctionId id, const Written &written, std::vector<CallArg> &args, Span span, TypeId hint) {
    const hir::Function &f = c.program.functions[id];
    std::vector<types::FnParam> params;
    for (const hir::Param &p : f.params) params.push_back({p.type, p.mode});
    for (const CallArg &arg : args)
        if (arg.label.valid())
            report(Code::UnexpectedLabel, arg.label.span, text(arg.label.id))
                .why("only the fields of a struct are given by name");
    Inference inference(c, f.type_params);
    std::ranges::copy(written.type_args, inference.bound.begin());
    const bool good = inferArgs(inference, params, args, f.result, hint);
    if (!good || !finishInference(inference, written.span, written.name)) {
        // Say which argument is wrong if that is why nothing could be inferred.
        return errorExpr(span);
    }
    hir::Call call{calleeOf(id, inference.bound), {}};
    bool broken = false;
    for (size_t i = 0; i < args.size(); ++i) {
        TypeId wanted = types().substitute(params[i].type, inference.bound);
        call.args.push_back(finishArg(args[i], wanted, params[i].mode, f.params[i].name, f.params[i].span));
        broken |= isError(call.args.back().value);
    }
    if (f.params.size() == 1 && c.names.text(f.name) == "assert" && c.module(f.module).prelude)
        call.callee.function = assertWithText(call, args[0].span);
    checkThrows(f.throws, f.error_type.valid() ? types().substitute(f.error_type, inference.bound) : TypeId(), span,
        written.name);
    const TypeId type = types().substitute(f.result, inference.bound);
    if (broken || isError(type)) return errorExpr(span);
    return add(type, span, std::move(call));
}

} // namespace parlane::check
