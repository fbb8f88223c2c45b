// The choice between functions of one name: exactly one must fit, without conversions; concrete beats generic; literals
// decide last.
#include "lang/check/body.h"

#include <algorithm>

namespace parlane::check {

std::string BodyChecker::signature(FunctionId id) const {
    const hir::Function &f = c.program.functions[id];
    std::string params;
    for (const hir::Param &p : f.params) {
        if (!params.empty()) params += ", ";
        if (p.mode != Mode::Read) params += p.mode == Mode::Inout ? "inout " : "sink ";
        params += c.text(p.type);
    }
    std::string result = f.result == c.program.types.unit ? "" : " -> " + c.text(f.result);
    return c.text(f.name) + "(" + params + ")" + (f.throws ? " throws" : "") + result;
}

bool BodyChecker::deferredFits(const CallArg &arg, TypeId param, const Inference &inference) {
    const ast::ExprId id = tree().stripParens(arg.value);
    const ast::ExprNode &node = tree()[id].node;
    if (const auto *closure = std::get_if<ast::ClosureExpr>(&node)) {
        const auto *fn = types().as<types::FnType>(param);
        return fn && fn->params.size() == closure->params.size();
    }
    if (std::holds_alternative<ast::NameExpr>(node)) return types().is<types::FnType>(param);
    if (types().is<types::FnType>(param)) return false;
    // What a parameter already stands for decides about the literal, its constraint otherwise.
    TypeId wanted = param;
    if (const auto *p = types().as<types::ParamType>(param); p && p->index < inference.bound.size() &&
        inference.bound[p->index].valid())
        wanted = inference.bound[p->index];
    const auto *open = types().as<types::ParamType>(wanted);
    if (std::holds_alternative<ast::NoneLiteral>(node)) return open || optionalValue(wanted).valid();
    if (std::holds_alternative<ast::ArrayExpr>(node)) return open || types().rankOf(wanted) > 0;
    if (std::holds_alternative<ast::TupleExpr>(node)) {
        const auto *t = types().as<types::TupleType>(wanted);
        return open || (t && t->elems.size() == std::get<ast::TupleExpr>(node).parts.size());
    }
    if (open && wanted == param) {
        const types::ParamInfo &info = types().info(open->param);
        return !info.integer && (!types().promises(info, types::Constraint::Integer) || !hasFloatLiteral(id));
    }
    return literalFits(id, wanted);
}

bool BodyChecker::fits(FunctionId id, const Written &written, const std::vector<CallArg> &args) {
    const hir::Function &f = c.program.functions[id];
    if (f.params.size() != args.size() || written.type_args.size() > f.type_params.size()) return false;
    Inference inference(c, f.type_params);
    std::ranges::copy(written.type_args, inference.bound.begin());
    for (size_t i = 0; i < args.size(); ++i) {
        if (!args[i].done.valid()) continue;
        const bool exclusive = f.params[i].mode == Mode::Inout;
        if (!args[i].receiver && exclusive != (args[i].mode == Mode::Inout) &&
            !types().is<types::FnType>(f.params[i].type)) return false;
        const TypeId got = typeOf(args[i].done);
        // No conversions here: an optional parameter wants an optional.
        if (optionalValue(f.params[i].type).valid() && !optionalValue(got).valid() && !isError(got)) return false;
        if (!inference.unify(f.params[i].type, got, !types().is<types::ArrayType>(f.params[i].type))) return false;
    }
    for (size_t i = 0; i < args.size(); ++i) {
        if (args[i].done.valid()) continue;
        const bool closure = types().is<types::FnType>(f.params[i].type);
        if (!closure && (f.params[i].mode == Mode::Inout) != (args[i].mode == Mode::Inout)) return false;
        if (!deferredFits(args[i], f.params[i].type, inference)) return false;
    }
    for (size_t i = 0; i < inference.bound.size(); ++i)
        if (inference.bound[i].valid() && !types().info(f.type_params[i]).integer &&
            types().missing(inference.bound[i], types().info(f.type_params[i])) != types::Constraint::None)
            return false;
    return true;
}

std::vector<FunctionId> BodyChecker::fitting(const std::vector<FunctionId> &candidates, const Written &written,
                                             const std::vector<CallArg> &args) {
    std::vector<FunctionId> result;
    for (FunctionId id : candidates)
        if (fits(id, written, args)) result.push_back(id);
    auto generic = [&](FunctionId id) { return !c.program.functions[id].type_params.empty(); };
    if (result.size() > 1 && !std::ranges::all_of(result, generic)) std::erase_if(result, generic);
    return result;
}

/// Several still fit because their arguments are literals: what the context wants decides, then the default types.
void BodyChecker::decideByDefaults(std::vector<FunctionId> &candidates, const std::vector<CallArg> &args, TypeId hint) {
    auto keep = [&](auto &&wanted) {
        std::vector<FunctionId> kept;
        std::ranges::copy_if(candidates, std::back_inserter(kept), wanted);
        if (!kept.empty()) candidates = std::move(kept);
    };
    if (candidates.size() > 1 && hint.valid())
        keep([&](FunctionId id) { return c.program.functions[id].result == hint; });
    auto defaults = [&](bool floats) {
        keep([&](FunctionId id) {
            for (size_t i = 0; i < args.size(); ++i) {
                if (args[i].done.valid() || !isFlexible(args[i].value)) continue;
                const TypeId wanted = floats || hasFloatLiteral(args[i].value) ? types().f64 : types().i64;
                if (c.program.functions[id].params[i].type != wanted) return false;
            }
            return true;
        });
    };
    if (candidates.size() > 1) defaults(false);
    if (candidates.size() > 1) defaults(true);
}

void BodyChecker::reportNoFit(const std::vector<FunctionId> &candidates, const Written &written,
    const std::vector<CallArg> &args,
                              Span span) {
    std::string given;
    for (const CallArg &arg : args) {
        if (!given.empty()) given += ", ";
        if (arg.mode == Mode::Inout) given += "&";
        given += arg.done.valid() ? text(typeOf(arg.done)) : std::string(c.sources.text(arg.span));
    }
    auto problem = report(Code::NoFunctionFits, span, text(written.name));
    problem.at("called with (" + given + ")");
    size_t shown = 0;
    for (FunctionId id : candidates)
        if (shown++ < 4) problem.label(c.program.functions[id].name_span, "does not fit: `" + signature(id) + "`");
    problem.why("exactly one function must fit, and arguments are not converted");
}

/// Whether `print` of the prelude is meant.
bool BodyChecker::printsAnything(const std::vector<FunctionId> &candidates) const {
    return std::ranges::all_of(candidates, [&](FunctionId id) {
        const hir::Function &f = c.program.functions[id];
        return c.names.text(f.name) == "print" && c.module(f.module).prelude;
    });
}

ExprId BodyChecker::callFunctions(std::vector<FunctionId> candidates, const Written &written,
    std::vector<CallArg> args, Span span,
                                  TypeId hint) {
    std::vector<FunctionId> all = candidates;
    std::erase_if(candidates, [&](FunctionId id) {
        const hir::Function &f = c.program.functions[id];
        return f.params.size() != args.size() || written.type_args.size() > f.type_params.size();
    });
    if (candidates.size() == 1) return callOne(candidates[0], written, args, span, hint);
    // Arguments with types of their own are looked at once, before anything is chosen.
    for (CallArg &arg : args)
        if (!arg.done.valid() && !isDeferred(arg.value) && !candidates.empty()) {
            const auto *name = std::get_if<ast::NameExpr>(&tree()[arg.value].node);
            // A function as an argument waits for its parameter, like a closure.
            if (name && !findLocal(name->name.id, name->name.span).valid() &&
                !c.lookup(*module, name->name.id, {}).functions.empty()) continue;
            arg.done = expr(arg.value);
            if (isError(arg.done)) return errorExpr(span);
        }
    if (candidates.empty() && all.size() == 1) {
        const hir::Function &f = c.program.functions[all[0]];
        const size_t self = written.method ? 1 : 0;
        if (written.type_args.size() > f.type_params.size())
            report(Code::TypeArgumentCount, written.span, text(written.name), f.type_params.size(),
                written.type_args.size())
                .label(f.name_span, "`" + signature(all[0]) + "`");
        else
            report(Code::ArgumentCount, written.span, text(written.name),
                f.params.size() - std::min(self, f.params.size()), args.size() - self)
                .label(f.name_span, "`" + signature(all[0]) + "`");
        for (const CallArg &arg : args)
            if (!arg.done.valid() && !isDeferred(arg.value)) expr(arg.value);
        return errorExpr(span);
    }
    std::vector<FunctionId> fit = fitting(candidates, written, args);
    if (fit.empty() && args.size() == 1 && args[0].done.valid() && types().is<types::ViewType>(typeOf(args[0].done)) &&
        printsAnything(candidates)) {
        // A view fits no type parameter, but it has a text like its array.
        args[0].done = add(types().str, args[0].span, hir::Interpolate{{{{}, args[0].done, {}}}});
        fit = fitting(candidates, written, args);
    }
    if (fit.size() > 1) decideByDefaults(fit, args, hint);
    if (fit.size() == 1) return callOne(fit[0], written, args, span, hint);
    if (fit.empty()) {
        reportNoFit(candidates.empty() ? all : candidates, written, args, written.span);
        return errorExpr(span);
    }
    auto problem = report(Code::AmbiguousCall, written.span, text(written.name));
    size_t shown = 0;
    for (FunctionId id : fit)
        if (shown++ < 4) problem.label(c.program.functions[id].name_span, "fits: `" + signature(id) + "`");
    problem.fix("give the literals a type: `f32(1)`");
    return errorExpr(span);
}

} // namespace parlane::check
