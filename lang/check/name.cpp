// Plain names: locals, constants, cases, functions passed on.
#include "lang/check/body.h"

#include <algorithm>

namespace parlane::check {

void BodyChecker::unknownName(const ast::Name &name) {
    if (auto script = module->script_variables.find(name.id); script != module->script_variables.end()) {
        report(Code::ScriptVariable, name.span, text(name.id))
            .label(script->second, "declared by the script here")
            .why("a function touches its arguments and nothing else")
            .fix("pass it as an argument, or make it a `const`");
        return;
    }
    for (const auto &[sibling, span] : sibling_names) {
        if (sibling != name.id) continue;
        report(Code::SiblingBranch, name.span, text(name.id))
            .label(span, "bound by another branch of the `invoke`")
            .why("the branches run at the same time; what they bind is visible behind the `invoke`");
        return;
    }
    auto problem = report(Code::UnknownName, name.span, text(name.id));
    std::vector<NameId> candidates = c.visibleNames(*module);
    for (const auto &scope : scopes)
        for (const auto &[local, id] : scope.all()) candidates.push_back(local);
    c.advise(problem, *module, name, candidates);
}

ExprId BodyChecker::constantRef(ConstId id, Span span) {
    const ConstData &data = c.constant(id);
    if (data.value) return constantExpr(*data.value, span);
    const TypeId type = c.program.constants[id].type;
    if (isError(type)) return errorExpr(span);
    return add(type, span, hir::ConstRef{id});
}

std::optional<uint32_t> BodyChecker::caseIndex(EnumId id, NameId name) const {
    const auto &cases = c.program.types.info(id).cases;
    for (uint32_t i = 0; i < cases.size(); ++i)
        if (cases[i].name == name) return i;
    return std::nullopt;
}

EnumId BodyChecker::enumOfCase(const ast::Name &name, TypeId hint, bool report_clash) {
    if (TypeId inner = optionalValue(hint); inner.valid()) hint = inner;
    if (hint.valid())
        if (const auto *e = types().as<types::EnumType>(hint); e && caseIndex(e->decl, name.id)) return e->decl;
    std::vector<EnumId> all = c.enumsWithCase(*module, name.id);
    if (all.size() == 1) return all.front();
    if (all.size() > 1 && report_clash) {
        auto problem = report(Code::AmbiguousCase, name.span, text(name.id));
        for (EnumId id : all) problem.label(types().info(id).cases[*caseIndex(id, name.id)].span, "a case of `" +
            text(types().info(id).name) + "`");
        problem.fix("write the enum in front: `" + text(types().info(all[0]).name) + "." + text(name.id) + "`");
    }
    return {};
}

ExprId BodyChecker::caseWithoutPayload(const ast::Name &name, Span span, TypeId hint, const NameEntry &entry) {
    (void)entry;
    EnumId decl = enumOfCase(name, hint, true);
    if (!decl.valid()) return {};
    Inference inference(c, types().info(decl).params);
    return constructCase(decl, *caseIndex(decl, name.id), inference, nullptr, span, hint);
}

/// A function where a function type is wanted.
ExprId BodyChecker::functionValue(const std::vector<FunctionId> &candidates, const ast::Name &name, TypeId wanted) {
    const types::FnType fn = *types().as<types::FnType>(wanted);
    std::vector<std::pair<FunctionId, std::vector<TypeId>>> fitting;
    for (FunctionId id : candidates) {
        const hir::Function &f = c.program.functions[id];
        if (f.params.size() != fn.params.size() || (f.throws && !fn.throws)) continue;
        Inference inference(c, f.type_params);
        bool fits = true;
        for (size_t i = 0; i < fn.params.size(); ++i)
            fits = fits && f.params[i].mode == fn.params[i].mode &&
                inference.unify(f.params[i].type, fn.params[i].type, false);
        fits = fits && inference.unify(f.result, fn.result, false) && inference.complete();
        for (size_t i = 0; fits && i < inference.bound.size(); ++i)
            fits = types().missing(inference.bound[i], types().info(f.type_params[i])) == types::Constraint::None;
        if (fits) fitting.emplace_back(id, inference.bound);
    }
    auto generic = [&](const auto &one) { return !one.second.empty(); };
    if (fitting.size() > 1 && !std::ranges::all_of(fitting, generic)) std::erase_if(fitting, generic);
    if (fitting.size() != 1) {
        auto problem = report(fitting.empty() ? Code::NoFunctionFits : Code::AmbiguousCall, name.span, text(name.id));
        problem.at("wanted here: `" + text(wanted) + "`");
        for (FunctionId id : candidates) problem.label(c.program.functions[id].name_span, "`" + signature(id) + "`");
        return errorExpr(name.span);
    }
    c.reach(fitting[0].first);
    return add(wanted, name.span, hir::FunctionRef{{fitting[0].first, fitting[0].second, {}}});
}

/// What an integer parameter stands for, as a number.
ExprId BodyChecker::sizeValue(TypeId size, Span span) {
    if (const auto *p = types().as<types::ParamType>(size))
        return add(types().i64, span, hir::IntParam{p->param, p->index});
    auto number = [&](int64_t value) { return add(types().i64, span, hir::IntLit{static_cast<uint64_t>(value)}); };
    if (const auto *value = types().as<types::SizeType>(size)) return number(value->value);
    auto combine = [&](hir::BinaryOp op, ExprId left, ExprId right) {
        return add(types().i64, span, hir::Binary{op, left, right, span});
    };
    ExprId sum = number(0);
    const types::SizeSumType sizes = *types().as<types::SizeSumType>(size);
    for (const auto &term : sizes.terms) {
        ExprId product = number(term.count);
        for (TypeId factor : term.factors) product = combine(hir::BinaryOp::Mul, product, sizeValue(factor, span));
        sum = combine(hir::BinaryOp::Add, sum, product);
    }
    return sum;
}

/// The field of that name of a parameter whose fields can be named alone. Invalid: there is none.
ExprId BodyChecker::ambientField(const ast::Name &name, Span span) {
    for (NameId parameter : c.ambient) {
        const LocalId local = findLocal(parameter, span);
        if (!local.valid()) continue;
        const auto *s = types().as<types::StructType>(body.locals[local].type);
        if (!s) continue;
        const auto &fields = types().info(s->decl).fields;
        const ExprId base = add(body.locals[local].type, span, hir::LocalRef{local});
        for (uint32_t i = 0; i < fields.size(); ++i)
            if (fields[i].name == name.id) return add(types().fieldType(typeOf(base), i), span, hir::Field{base, i});
    }
    return {};
}

ExprId BodyChecker::name(const ast::Name &name, Span span, TypeId hint) {
    if (LocalId local = findLocal(name.id, span); local.valid()) {
        const TypeId type = body.locals[local].type;
        return isError(type) ? errorExpr(span) : add(type, span, hir::LocalRef{local});
    }
    if (ExprId field = ambientField(name, span); field.valid()) return field;
    if (TypeId builtin = c.builtinType(name.id, typeScope()); builtin.valid()) {
        if (types().isSize(builtin)) return sizeValue(builtin, span);
        report(Code::TypeAsValue, span).fix("a value of it is made by a call: `" + text(name.id) + "(…)`");
        return errorExpr(span);
    }
    NameEntry entry = c.lookup(*module, name.id, span);
    // Where a type is wanted that has such a case, the case it is.
    if (hint.valid()) {
        TypeId inner = optionalValue(hint);
        const auto *e = types().as<types::EnumType>(inner.valid() ? inner : hint);
        if (e && caseIndex(e->decl, name.id)) return caseWithoutPayload(name, span, hint, entry);
    }
    if (entry.constant.valid()) return constantRef(entry.constant, span);
    if (!entry.functions.empty()) {
        if (hint.valid() && types().is<types::FnType>(hint)) return functionValue(entry.functions, name, hint);
        report(Code::FunctionAsValue, span, text(name.id))
            .why("functions are called, or passed for a parameter of function type")
            .fix("call it: `" + text(name.id) + "(…)`");
        return errorExpr(span);
    }
    if (entry.hasType()) {
        report(Code::TypeAsValue, span).fix("a value of it is made by a call: `" + text(name.id) + "(…)`");
        return errorExpr(span);
    }
    if (ExprId e = caseWithoutPayload(name, span, hint, entry); e.valid()) return e;
    if (!c.enumsWithCase(*module, name.id).empty()) return errorExpr(span); // reported as ambiguous
    if (module->module_names.contains(name.id)) report(Code::ModuleAsValue, span, text(name.id));
    else unknownName(name);
    return errorExpr(span);
}

ModuleId BodyChecker::moduleNamed(ast::ExprId id) {
    const auto *name = std::get_if<ast::NameExpr>(&tree()[id].node);
    if (!name) return {};
    auto found = module->module_names.find(name->name.id);
    if (found == module->module_names.end() || findLocal(name->name.id, name->name.span).valid()) return {};
    return found->second;
}

bool BodyChecker::typeNamed(ast::ExprId id, NameEntry &entry, std::vector<TypeId> &args, Span &span) {
    const ast::Expr &e = tree()[id];
    span = e.span;
    if (const auto *generic = std::get_if<ast::GenericExpr>(&e.node)) {
        Span base;
        std::vector<TypeId> none;
        if (!typeNamed(generic->base, entry, none, base)) return false;
        for (ast::TypeExprId arg : generic->args) args.push_back(c.resolve(arg, typeScope()));
        return true;
    }
    if (const auto *name = std::get_if<ast::NameExpr>(&e.node)) {
        if (findLocal(name->name.id, name->name.span).valid()) return false;
        entry = c.lookup(*module, name->name.id, {});
        return entry.hasType();
    }
    if (const auto *member = std::get_if<ast::MemberExpr>(&e.node)) {
        ModuleId target = moduleNamed(member->base);
        if (!target.valid()) return false;
        auto found = c.module(target).names.find(member->name.id);
        if (found == c.module(target).names.end() || !found->second.hasType()) return false;
        entry = c.lookupIn(target, member->name.id, member->name.span);
        return entry.hasType();
    }
    return false;
}

} // namespace parlane::check
