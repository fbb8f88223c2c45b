// What stands in front of `(`: a function, a type, a case, a closure, a method.
#include "lang/base/match.h"
#include "lang/check/body.h"

#include <algorithm>

namespace parlane::check {

std::vector<CallArg> BodyChecker::argsOf(const ast::CallExpr &e) {
    std::vector<CallArg> args;
    for (const ast::Arg &arg : e.args) {
        CallArg one;
        one.value = arg.value;
        one.mode = static_cast<Mode>(arg.mode);
        one.label = arg.label;
        one.span = arg.span.valid() ? arg.span : tree()[arg.value].span;
        args.push_back(one);
    }
    return args;
}

/// Constructors and conversions take neither `&` nor (but for structs) names.
void BodyChecker::requirePlain(const std::vector<CallArg> &args) {
    for (const CallArg &arg : args) {
        if (arg.mode == Mode::Inout) report(Code::UnexpectedInout, arg.span)
            .why("`&` gives exclusive access to an `inout` parameter, and there is none here");
        if (arg.label.valid()) report(Code::UnexpectedLabel, arg.label.span, text(arg.label.id))
            .why("only the fields of a struct are given by name");
    }
}

ExprId BodyChecker::call(ast::ExprId id, const ast::CallExpr &e, Span span, TypeId hint) {
    (void)id;
    const ast::ExprId callee_id = tree().stripParens(e.callee);
    const ast::Expr &callee = tree()[callee_id];
    auto resolveArgs = [&](const std::vector<ast::TypeExprId> &written) {
        std::vector<TypeId> args;
        for (ast::TypeExprId arg : written) {
            const auto *constant = std::get_if<ast::ConstType>(&tree()[arg].node);
            if (!constant) {
                args.push_back(c.resolve(arg, typeScope()));
                continue;
            }
            TypeId size = c.sizeOf(constant->value, typeScope());
            args.push_back(size.valid() ? size : types().error);
        }
        return args;
    };
    return match(
        callee.node, [&](const ast::NameExpr &n) { return callNamed(n.name, {}, false, e, span, hint); },
        [&](const ast::TypeValue &n) {
            TypeId type = c.resolve(n.type, typeScope());
            return construct(type, e, span, hint);
        },
        [&](const ast::GenericExpr &n) {
            std::vector<TypeId> args = resolveArgs(n.args);
            if (const auto *base = std::get_if<ast::NameExpr>(&tree()[n.base].node)) return callNamed(base->name, args,
                true, e, span, hint);
            if (const auto *base = std::get_if<ast::MemberExpr>(&tree()[n.base].node)) return callMember(*base, args,
                e, span, hint);
            report(Code::NotCallable, callee.span);
            return errorExpr(span);
        },
        [&](const ast::MemberExpr &n) { return callMember(n, {}, e, span, hint); },
        [&](const ast::IndexExpr &n) {
            if (TypeId type = fixedOfIndex(n, callee.span); type.valid()) return construct(type, e, span, hint);
            report(Code::NotCallable, callee.span)
                .why("functions and closures are never stored, so an element cannot be called");
            return errorExpr(span);
        },
        [&](const auto &) {
            ExprId value = expr(callee_id);
            if (!isError(value)) report(Code::NotCallable, callee.span);
            for (const ast::Arg &arg : e.args)
                if (!isDeferred(arg.value)) expr(arg.value);
            return errorExpr(span);
        });
}

ExprId BodyChecker::bitsCall(const std::vector<TypeId> &type_args, const ast::CallExpr &e, Span span) {
    std::vector<CallArg> args = argsOf(e);
    requirePlain(args);
    if (type_args.size() != 1 || args.size() != 1) {
        report(Code::ArgumentCount, span, "bits", "1", args.size()).fix("write `bits<u32>(x)`");
        return errorExpr(span);
    }
    const TypeId to = type_args[0];
    auto scalar = types().scalarOf(to);
    // A literal is read as the other kind of number of that size.
    TypeId other;
    if (scalar && to != types().boolean) {
        const bool wide = types::TypeStore::bits(*scalar) == 64;
        if (types().isFloat(to)) other = wide ? types().u64 : types().u32;
        else if (wide || types::TypeStore::bits(*scalar) == 32) other = wide ? types().f64 : types().f32;
    }
    ExprId value = expr(args[0].value, other);
    if (isError(value) || isError(to)) return errorExpr(span);
    auto from = types().scalarOf(typeOf(value));
    const bool fits = scalar && from && to != types().boolean && typeOf(value) != types().boolean &&
                      types::TypeStore::bits(*scalar) == types::TypeStore::bits(*from);
    if (!fits) {
        report(Code::BitsOfOtherSize, span, text(to), text(typeOf(value)))
            .why("`bits` reads the bits of a number as another number of the same size");
        return errorExpr(span);
    }
    return add(to, span, hir::Bits{value});
}

ExprId BodyChecker::callNamed(const ast::Name &name, std::vector<TypeId> type_args, bool generic,
    const ast::CallExpr &e, Span span,
                              TypeId hint) {
    if (LocalId local = findLocal(name.id, name.span); local.valid()) {
        const TypeId type = body.locals[local].type;
        if (types().is<types::FnType>(type)) return callClosure(local, name, e, span);
        if (!isError(type)) report(Code::NotCallable, name.span)
            .label(body.locals[local].span, "a value of type `" + text(type) + "`");
        for (const ast::Arg &arg : e.args)
            if (!isDeferred(arg.value)) expr(arg.value);
        return errorExpr(span);
    }
    if (TypeId builtin = c.builtinType(name.id, typeScope()); builtin.valid()) return construct(builtin, e, span, hint);
    if (name.id == c.known.bits) return bitsCall(type_args, e, span);
    NameEntry entry = c.lookup(*module, name.id, name.span);
    const bool labels = std::ranges::any_of(e.args, [](const ast::Arg &arg) { return arg.label.valid(); });
    if (entry.hasType() && (entry.functions.empty() || labels || e.args.empty())) return constructNamed(entry,
        std::move(type_args), e, span, hint);
    if (entry.functions.empty() && name.id == c.known.box) {
        TypeId type = type_args.size() == 1 ? types().box(type_args[0]) : TypeId();
        if (!type.valid() && hint.valid() && types().is<types::BoxType>(hint)) type = hint;
        if (type.valid()) return construct(type, e, span, hint);
        std::vector<CallArg> args = argsOf(e);
        requirePlain(args);
        if (args.size() != 1) {
            report(Code::ArgumentCount, span, "Box", "1", args.size()).fix("an empty box is `Box<T>()`");
            return errorExpr(span);
        }
        ExprId value = consume(expr(args[0].value));
        return isError(value) ? value : add(types().box(typeOf(value)), span, hir::BoxNew{value});
    }
    if (entry.functions.empty()) {
        EnumId decl = enumOfCase(name, hint, true);
        if (decl.valid()) {
            Inference inference(c, types().info(decl).params);
            for (size_t i = 0; i < type_args.size() && i < inference.bound.size(); ++i) inference.bound[i] =
                type_args[i];
            return constructCase(decl, *caseIndex(decl, name.id), inference, &e, span, hint);
        }
        const bool iteration = name.id == c.known.zip || name.id == c.known.enumerate;
        if (iteration) report(Code::SourceAsValue, name.span, text(name.id)).why("it is what a `for` runs over");
        else if (entry.constant.valid() || module->module_names.contains(name.id)) report(Code::NotCallable, name.span);
        else if (c.enumsWithCase(*module, name.id).empty()) unknownName(name);
        for (const ast::Arg &arg : e.args)
            if (!isDeferred(arg.value)) expr(arg.value);
        return errorExpr(span);
    }
    (void)generic;
    return callFunctions(std::move(entry.functions), {name.id, name.span, std::move(type_args), false}, argsOf(e),
        span, hint);
}

ExprId BodyChecker::callClosure(LocalId local, const ast::Name &name, const ast::CallExpr &e, Span span) {
    const hir::Local closure = body.locals[local];
    const types::FnType fn = *types().as<types::FnType>(closure.type);
    std::vector<CallArg> args = argsOf(e);
    hir::Call call{{{}, {}, local}, {}};
    if (args.size() != fn.params.size()) {
        report(Code::ArgumentCount, span, text(name.id), fn.params.size(), args.size())
            .label(closure.span, "of type `" + text(closure.type) + "`");
        return errorExpr(span);
    }
    if (closure.is_mutable) noteWrite(local, name.span);
    bool broken = false;
    for (size_t i = 0; i < args.size(); ++i) {
        args[i].done = expr(args[i].value, fn.params[i].type);
        call.args.push_back(finishArg(args[i], fn.params[i].type, fn.params[i].mode, {}, closure.span));
        broken |= isError(call.args.back().value);
    }
    checkThrows(fn.throws, {}, span, name.id);
    if (broken) return errorExpr(span);
    return add(fn.result, span, std::move(call));
}

ExprId BodyChecker::callMember(const ast::MemberExpr &member, std::vector<TypeId> type_args, const ast::CallExpr &e,
    Span span, TypeId hint) {
    if (ModuleId target = moduleNamed(member.base); target.valid()) {
        NameEntry entry = c.lookupIn(target, member.name.id, member.name.span);
        const bool labels = std::ranges::any_of(e.args, [](const ast::Arg &arg) { return arg.label.valid(); });
        if (entry.hasType() && (entry.functions.empty() || labels || e.args.empty()))
            return constructNamed(entry, std::move(type_args), e, span, hint);
        if (!entry.functions.empty())
            return callFunctions(std::move(entry.functions),
                {member.name.id, member.name.span, std::move(type_args), false}, argsOf(e), span, hint);
        if (!entry.empty()) report(Code::NotCallable, member.name.span);
        return errorExpr(span);
    }
    NameEntry entry;
    std::vector<TypeId> args;
    Span base_span;
    if (typeNamed(member.base, entry, args, base_span) && entry.enumeration.valid()) {
        auto index = caseIndex(entry.enumeration, member.name.id);
        if (!index) {
            report(Code::UnknownCase, member.name.span, text(types().info(entry.enumeration).name),
                text(member.name.id))
                .label(types().info(entry.enumeration).span, "declared here");
            return errorExpr(span);
        }
        Inference inference(c, types().info(entry.enumeration).params);
        for (size_t i = 0; i < args.size() && i < inference.bound.size(); ++i) inference.bound[i] = args[i];
        return constructCase(entry.enumeration, *index, inference, &e, span, hint);
    }
    return callMethod(expr(member.base), member.name, std::move(type_args), e, span, hint);
}

ExprId BodyChecker::builtinMethod(ExprId receiver, const ast::Name &name, const ast::CallExpr &e, Span span,
    bool &handled) {
    const TypeId type = typeOf(receiver);
    if (name.id == c.known.copy && e.args.empty()) {
        handled = true;
        TypeId result = type;
        if (const auto *v = types().as<types::ViewType>(type)) result = types().array(v->elem, v->rank);
        if (types().is<types::FileType>(type) || types().is<types::FnType>(type) || type == types().unit) {
            report(Code::NotCopyable, span, text(type));
            return errorExpr(span);
        }
        return add(result, span, hir::Copy{receiver});
    }
    const bool elements = types().rankOf(type) > 0 || isList(type);
    if (name.id == c.known.view && elements) {
        handled = true;
        std::vector<CallArg> args = argsOf(e);
        requirePlain(args);
        std::vector<ExprId> extents;
        bool broken = args.empty() || args.size() > 3;
        if (broken) report(Code::ArgumentCount, span, "view", "1 to 3", args.size());
        for (const CallArg &arg : args) {
            extents.push_back(integer(arg.value));
            broken |= isError(extents.back());
        }
        if (broken) return errorExpr(span);
        const int rank = static_cast<int>(extents.size());
        return reshape(isList(type) ? toView(receiver) : receiver, std::move(extents), span, rank);
    }
    const bool parts = name.id == c.known.rows || name.id == c.known.chunks || name.id == c.known.tiles ||
        name.id == c.known.parts;
    if (parts && elements && c.lookup(*module, name.id, {}).functions.empty()) {
        handled = true;
        report(Code::SourceAsValue, name.span, text(name.id)).why("it is what a `for` runs over");
        return errorExpr(span);
    }
    return {};
}

ExprId BodyChecker::callMethod(ExprId receiver, const ast::Name &name, std::vector<TypeId> type_args,
    const ast::CallExpr &e, Span span,
                               TypeId hint) {
    if (isError(receiver)) {
        for (const ast::Arg &arg : e.args)
            if (!isDeferred(arg.value)) expr(arg.value);
        return errorExpr(span);
    }
    std::vector<FunctionId> candidates = c.lookup(*module, name.id, name.span).functions;
    for (FunctionId id : c.functionsOf(*module, typeOf(receiver), name.id))
        if (std::ranges::find(candidates, id) == candidates.end()) candidates.push_back(id);
    bool handled = false;
    ExprId builtin = builtinMethod(receiver, name, e, span, handled);
    if (handled) return builtin;
    // Only functions whose first parameter the receiver fits can be meant.
    std::erase_if(candidates, [&](FunctionId id) {
        const hir::Function &f = c.program.functions[id];
        Inference inference(c, f.type_params);
        return f.params.empty() || !inference.unify(f.params[0].type, typeOf(receiver), true);
    });
    if (candidates.empty()) {
        std::vector<NameId> names = c.visibleNames(*module);
        auto problem = report(Code::UnknownMethod, name.span, text(name.id), text(typeOf(receiver)));
        const bool array = types().rankOf(typeOf(receiver)) > 0;
        const std::string_view word = c.names.text(name.id);
        if (array && (word == "push" || word == "pop" || word == "append")) problem.why("arrays have a fixed length")
            .fix("use a `List`");
        else c.advise(problem, *module, name, names);
        for (const ast::Arg &arg : e.args)
            if (!isDeferred(arg.value)) expr(arg.value);
        return errorExpr(span);
    }
    std::vector<CallArg> args;
    CallArg self;
    self.done = receiver;
    self.span = spanOf(receiver);
    self.receiver = true;
    args.push_back(self);
    for (CallArg &arg : argsOf(e)) args.push_back(arg);
    return callFunctions(std::move(candidates), {name.id, name.span, std::move(type_args), true}, std::move(args),
        span, hint);
}

} // namespace parlane::check
