// Values made by the name of their type: structs, cases, arrays, conversions.
#include "lang/check/body.h"

#include <algorithm>
#include <utility>

namespace parlane::check {

ExprId BodyChecker::construct(TypeId type, const ast::CallExpr &e, Span span, TypeId hint) {
    if (isError(type)) {
        for (const ast::Arg &arg : e.args)
            if (!isDeferred(arg.value)) expr(arg.value);
        return errorExpr(span);
    }
    if (types().is<types::ArrayType>(type)) return constructArray(type, e, span);
    if (types().is<types::FixedType>(type)) return constructFixed(type, e, span);
    if (types().scalarOf(type)) return convertScalar(type, e, span);
    if (const auto *s = types().as<types::StructType>(type)) {
        Inference inference(c, types().info(s->decl).params);
        inference.bound = s->args;
        return constructStruct(s->decl, inference, e, span, hint);
    }
    if (e.args.empty()) return zero(type, span);
    if (const auto *p = types().as<types::ParamType>(type)) {
        if (!types().info(p->param).integer && types().satisfies(type,
            types::Constraint::Number)) return convertScalar(type, e, span);
    }
    std::vector<CallArg> args = argsOf(e);
    requirePlain(args);
    if (const auto *b = types().as<types::BoxType>(type); b && args.size() == 1) {
        ExprId value = ownedAs(args[0].value, b->value);
        return isError(value) ? value : add(type, span, hir::BoxNew{value});
    }
    if (args.size() == 1 && optionalValue(type).valid()) return valueAs(args[0].value, type);
    auto problem = report(Code::CannotConstruct, span, text(type));
    if (type == types().str) problem.fix("put the value into a string: `\"{x}\"`");
    return errorExpr(span);
}

ExprId BodyChecker::convertScalar(TypeId type, const ast::CallExpr &e, Span span) {
    std::vector<CallArg> args = argsOf(e);
    requirePlain(args);
    if (args.empty()) return zero(type, span);
    if (args.size() != 1) {
        report(Code::ArgumentCount, span, text(type), "1", args.size());
        return errorExpr(span);
    }
    // A literal is rounded once, so it is read as what it becomes where that is exact or a float.
    const ast::ExprId written = args[0].value;
    TypeId hint;
    const ast::ExprNode &inner = tree()[tree().stripParens(written)].node;
    const auto *negated = std::get_if<ast::UnaryExpr>(&inner);
    const bool negative = negated && negated->op == ast::UnaryOp::Neg;
    const ast::ExprNode &core = negative ? tree()[tree().stripParens(negated->operand)].node : inner;
    auto scalar = types().scalarOf(type);
    const auto *integer = std::get_if<ast::IntLiteral>(&core);
    if (integer && scalar && *scalar != types::Scalar::Bool) {
        const bool exact = integer->huge.valid() ? types().isFloat(type)
                                                 : representable(integer->value, negative, *scalar);
        if (exact) hint = type;
    }
    if (std::holds_alternative<ast::FloatLiteral>(core) && types().isFloat(type)) hint = type;
    ExprId value = expr(written, hint);
    const TypeId got = typeOf(value);
    if (isError(got)) return value;
    const bool number = types().satisfies(got, types::Constraint::Number);
    const bool from_bool = got == types().boolean && types().satisfies(type, types::Constraint::Integer);
    if (type == types().boolean ? got == type : number || from_bool) return got == type ? value
        : add(type, span, hir::Convert{value});
    auto problem = report(Code::CannotConvert, span, text(got), text(type));
    if (type == types().boolean) problem.fix("compare: `x != 0`");
    else if (got == types().str) problem.fix("`parse<" + text(type) + ">(s)` reads a number");
    else if (optionalValue(got).valid()) problem.fix("take the value out first: `!`, `??` or `if let`");
    return errorExpr(span);
}

ExprId BodyChecker::constructArray(TypeId type, const ast::CallExpr &e, Span span) {
    const types::ArrayType array = *types().as<types::ArrayType>(type);
    std::vector<CallArg> args = argsOf(e);
    requirePlain(args);
    const size_t rank = array.rank;
    if (args.size() != rank && args.size() != rank + 1) {
        report(Code::ArgumentCount, span, text(type), rank == 1 ? "a length (and perhaps a fill)"
            : "its extents (and perhaps a fill)", args.size());
        return errorExpr(span);
    }
    hir::NewArray node;
    bool broken = false;
    for (size_t i = 0; i < rank; ++i) {
        node.extents.push_back(integer(args[i].value));
        broken |= isError(node.extents.back());
    }
    if (args.size() > rank) {
        node.fill = valueAs(args[rank].value, array.elem);
        broken |= isError(node.fill);
        if (!broken && !types().isCopy(array.elem)) {
            report(Code::NotCopyable, spanOf(node.fill), text(array.elem)).why("every element would be a copy of it")
                .fix("collect them: `[for i in 0..n { … }]`");
            broken = true;
        }
    }
    return broken ? errorExpr(span) : add(type, span, std::move(node));
}

ExprId BodyChecker::constructFixed(TypeId type, const ast::CallExpr &e, Span span) {
    std::vector<CallArg> args = argsOf(e);
    requirePlain(args);
    if (args.size() > 1) {
        report(Code::ArgumentCount, span, text(type), "0 or 1", args.size()).fix("list the elements: `[a, b, c]`");
        return errorExpr(span);
    }
    hir::NewFixed node;
    if (!args.empty()) node.fill = valueAs(args[0].value, types().elemOf(type));
    if (node.fill.valid() && isError(node.fill)) return node.fill;
    if (node.fill.valid() && !types().isCopy(types().elemOf(type))) {
        report(Code::NotCopyable, spanOf(node.fill), text(types().elemOf(type)))
            .why("every element would be a copy of it");
        return errorExpr(span);
    }
    return add(type, span, node);
}

/// `P[4]` in front of `(`: a fixed array of a named type, which reads like an index.
TypeId BodyChecker::fixedOfIndex(const ast::IndexExpr &e, Span span) {
    NameEntry entry;
    std::vector<TypeId> args;
    Span base_span;
    const auto *name = std::get_if<ast::NameExpr>(&tree()[e.base].node);
    TypeId elem;
    if (name && !findLocal(name->name.id, name->name.span).valid()) elem = c.builtinType(name->name.id, typeScope());
    if (!elem.valid()) {
        if (!typeNamed(e.base, entry, args, base_span)) return {};
        elem = c.applyType(entry, std::move(args), base_span);
    }
    std::vector<TypeId> dims;
    for (ast::ExprId extent : e.indices) {
        TypeId size = c.sizeOf(extent, typeScope());
        if (!size.valid()) return types().error;
        dims.push_back(size);
    }
    if (dims.empty() || dims.size() > 3 || isError(elem)) return types().error;
    TypeId result = types().fixed(elem, std::move(dims));
    return c.checkFixed(result, span) ? result : types().error;
}

ExprId BodyChecker::constructNamed(const NameEntry &entry, std::vector<TypeId> type_args, const ast::CallExpr &e,
    Span span, TypeId hint) {
    const bool is_struct = entry.structure.valid();
    const auto &params = is_struct ? types().info(entry.structure).params : types().info(entry.enumeration).params;
    if (!is_struct || !type_args.empty()) {
        if (!is_struct && type_args.empty() && !params.empty() && hint.valid()) {
            const auto *h = types().as<types::EnumType>(hint);
            if (h && h->decl == entry.enumeration) return construct(hint, e, span, hint);
        }
        return construct(c.applyType(entry, std::move(type_args), span), e, span, hint);
    }
    Inference inference(c, params);
    return constructStruct(entry.structure, inference, e, span, hint);
}

/// The default of a field left out: checked anew where it is used, in the module that declares it.
ExprId BodyChecker::defaultValue(TypeId structure, uint32_t index, Span span) {
    const types::StructType self = *types().as<types::StructType>(structure);
    const TypeId type = types().fieldType(structure, index);
    const StructData &data = c.structs[self.decl.raw];
    const ast::ExprId written = data.item->fields[index].value;
    if (!written.valid()) return zero(type, span);
    if (data.broken_defaults) return errorExpr(span);
    if (std::ranges::find(open_defaults, std::pair(self.decl, index)) != open_defaults.end()) {
        const types::FieldInfo &field = types().info(self.decl).fields[index];
        report(Code::DefaultCycle, field.span, text(field.name)).why("its value would be needed to compute it");
        return errorExpr(span);
    }
    open_defaults.emplace_back(self.decl, index);
    const std::vector<ParamId> declared = types().info(self.decl).params;
    auto *here = std::exchange(module, &c.module(data.module));
    const auto *params = std::exchange(type_params, &declared);
    const auto *args = std::exchange(type_args, &self.args);
    Frame closed;
    closed.is_const = true;
    closed.result = types().error;
    pushFrame(std::move(closed));
    pushScope();
    ExprId value = ownedAs(written, type);
    popScope();
    popFrame();
    module = here;
    type_params = params;
    type_args = args;
    open_defaults.pop_back();
    return value;
}

bool BodyChecker::defaults(TypeId structure) {
    const StructId decl = types().as<types::StructType>(structure)->decl;
    bool good = true;
    for (uint32_t i = 0; i < types().info(decl).fields.size(); ++i)
        if (types().info(decl).fields[i].has_default)
            good &= !isError(defaultValue(structure, i, types().info(decl).fields[i].span));
    return good;
}

ExprId BodyChecker::withDefaults(TypeId type, Span span) {
    const auto *structure = types().as<types::StructType>(type);
    if (!structure) return {};
    const auto &fields = types().info(structure->decl).fields;
    if (std::ranges::none_of(fields, &types::FieldInfo::has_default)) return {};
    hir::StructLit node;
    for (uint32_t i = 0; i < fields.size(); ++i) {
        node.fields.push_back(defaultValue(type, i, span));
        if (isError(node.fields.back())) return {};
        node.order.push_back(i);
    }
    return add(type, span, std::move(node));
}

ExprId BodyChecker::constructStruct(StructId decl, Inference &inference, const ast::CallExpr &e, Span span,
    TypeId hint) {
    const types::StructInfo info = types().info(decl);
    std::vector<CallArg> args = argsOf(e);
    std::vector<types::FnParam> params;
    std::vector<uint32_t> fields;
    bool broken = false;
    const bool positional = args.size() == 1 && info.fields.size() == 1 && !args[0].label.valid();
    for (CallArg &arg : args) {
        uint32_t field = 0;
        if (!positional) {
            if (!arg.label.valid()) {
                const NameId next_field =
                    info.fields.empty() ? NameId() : info.fields[std::min(params.size(), info.fields.size() - 1)].name;
                report(Code::FieldWithoutName, arg.span, text(info.name))
                    .label(info.span, "declared here")
                    .fix(info.fields.empty() ? "it has no fields" : "write `" + text(next_field) + ": …`");
                return errorExpr(span);
            }
            while (field < info.fields.size() && info.fields[field].name != arg.label.id) ++field;
            if (field == info.fields.size()) {
                report(Code::NoSuchMember, arg.label.span, text(info.name), text(arg.label.id))
                    .label(info.span, "declared here");
                return errorExpr(span);
            }
            if (std::ranges::find(fields, field) != fields.end()) {
                report(Code::FieldTwice, arg.label.span, text(arg.label.id));
                broken = true;
            }
        }
        if (info.fields[field].is_private && c.structs[decl.raw].module != module->id) {
            report(Code::PrivateField, arg.span, text(info.fields[field].name), text(info.name))
                .label(info.fields[field].span, "declared `private` here");
            broken = true;
        }
        if (arg.mode == Mode::Inout) {
            report(Code::UnexpectedInout, arg.span);
            arg.mode = Mode::Read;
        }
        fields.push_back(field);
        params.push_back({info.fields[field].type, Mode::Sink});
    }
    std::vector<TypeId> own;
    for (ParamId p : info.params) own.push_back(types().param(p));
    const TypeId self = types().structure(decl, own);
    if (!inferArgs(inference, params, args, self, hint) || broken ||
        !finishInference(inference, span, info.name)) return errorExpr(span);
    const TypeId type = types().structure(decl, inference.bound);
    if (args.empty() && std::ranges::none_of(info.fields, &types::FieldInfo::has_default)) return zero(type, span);
    hir::StructLit node;
    node.fields.resize(info.fields.size());
    for (size_t i = 0; i < args.size(); ++i) {
        ExprId value = consume(coerce(args[i].done, types().fieldType(type, fields[i])));
        broken |= isError(value);
        node.fields[fields[i]] = value;
        node.order.push_back(fields[i]);
    }
    for (uint32_t i = 0; i < info.fields.size(); ++i) {
        if (node.fields[i].valid()) continue;
        node.fields[i] = defaultValue(type, i, span);
        broken |= isError(node.fields[i]);
        node.order.push_back(i);
    }
    return broken ? errorExpr(span) : add(type, span, std::move(node));
}

ExprId BodyChecker::constructCase(EnumId decl, uint32_t case_index, Inference &inference, const ast::CallExpr *e,
    Span span, TypeId hint) {
    const types::CaseInfo info = types().info(decl).cases[case_index];
    std::vector<CallArg> args;
    if (e) args = argsOf(*e);
    requirePlain(args);
    if (args.size() != info.payload.size()) {
        report(Code::ArgumentCount, span, text(info.name), info.payload.size(), args.size())
            .label(info.span, "declared here");
        for (const CallArg &arg : args)
            if (!isDeferred(arg.value)) expr(arg.value);
        return errorExpr(span);
    }
    std::vector<types::FnParam> params;
    for (TypeId part : info.payload) params.push_back({part, Mode::Sink});
    std::vector<TypeId> own;
    for (ParamId p : types().info(decl).params) own.push_back(types().param(p));
    const TypeId self = types().enumeration(decl, own);
    if (!inferArgs(inference, params, args, self, hint) || !finishInference(inference, span,
        types().info(decl).name)) return errorExpr(span);
    const TypeId type = types().enumeration(decl, inference.bound);
    hir::EnumCase node{case_index, {}};
    bool broken = false;
    for (uint32_t i = 0; i < args.size(); ++i) {
        node.payload.push_back(consume(coerce(args[i].done, types().payloadType(type, case_index, i))));
        broken |= isError(node.payload.back());
    }
    return broken ? errorExpr(span) : add(type, span, std::move(node));
}

} // namespace parlane::check
