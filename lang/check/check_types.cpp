// Types as written to types.
#include "lang/base/match.h"
#include "lang/check/context.h"

#include <algorithm>

namespace parlane::check {

TypeId Context::builtinType(NameId name, const TypeScope &scope) {
    if (scope.params)
        for (ParamId p : *scope.params)
            if (types().info(p).name == name) return scope.args ? (*scope.args)[types().info(p).index] : types().param(p);
    const std::string_view word = names.text(name);
    if (word == "int") return types().i64;
    if (word == "str") return types().str;
    for (int kind = 0; kind <= static_cast<int>(types::Scalar::F64); ++kind)
        if (word == types::text(static_cast<types::Scalar>(kind))) return types().scalar(static_cast<types::Scalar>(
            kind));
    return {};
}

void Context::checkConstraint(TypeId argument, ParamId param, Span span) {
    if (!types_complete) {
        pending.push_back({argument, param, span});
        return;
    }
    const types::ParamInfo &info = types().info(param);
    if (types().is<types::ErrorType>(argument)) return;
    const types::Constraint missing = types().missing(argument, info);
    if (missing == types::Constraint::None) return;
    emitter.report(Code::ConstraintNotMet, span, text(argument), types::text(missing))
        .label(info.span, "`" + text(info.name) + "` is declared here");
}

TypeId Context::applyType(const NameEntry &entry, std::vector<TypeId> args, Span span) {
    const bool is_struct = entry.structure.valid();
    const std::vector<ParamId> params = is_struct ? types().info(entry.structure).params
        : types().info(entry.enumeration).params;
    const NameId name = is_struct ? types().info(entry.structure).name : types().info(entry.enumeration).name;
    const Span declared = is_struct ? types().info(entry.structure).span : types().info(entry.enumeration).span;
    if (args.size() != params.size()) {
        auto report = emitter.report(Code::TypeArgumentCount, span, text(name), params.size(), args.size());
        report.label(declared, "declared here");
        if (args.empty()) {
            std::string list;
            for (ParamId p : params) list += (list.empty() ? "" : ", ") + text(types().info(p).name);
            report.fix("write `" + text(name) + "<" + list + ">`");
        }
        return types().error;
    }
    for (size_t i = 0; i < args.size(); ++i) {
        const bool wants_size = types().info(params[i]).integer;
        const bool is_size = types().isSize(args[i]);
        if (types().is<types::ErrorType>(args[i])) return types().error;
        if (wants_size != is_size) {
            emitter.report(wants_size ? Code::SizeExpected : Code::TypeExpected, span,
                text(types().info(params[i]).name))
                .label(types().info(params[i]).span, "declared here");
            return types().error;
        }
        if (!wants_size) checkConstraint(args[i], params[i], span);
    }
    return is_struct ? types().structure(entry.structure, std::move(args))
        : types().enumeration(entry.enumeration, std::move(args));
}

std::vector<TypeId> Context::resolveArgs(const std::vector<ast::TypeExprId> &args, const TypeScope &scope) {
    std::vector<TypeId> result;
    for (ast::TypeExprId arg : args) {
        const ast::TypeExpr &written = scope.module->ast[arg];
        if (const auto *constant = std::get_if<ast::ConstType>(&written.node)) {
            TypeId size = sizeOf(constant->value, scope);
            result.push_back(size.valid() ? size : types().error);
            continue;
        }
        // The name of a constant may stand for a size as well.
        const auto *named = std::get_if<ast::NamedType>(&written.node);
        if (named && named->path.size() == 1 && named->args.empty() && !builtinType(named->path[0].id, scope).valid()) {
            NameEntry entry = lookup(*scope.module, named->path[0].id, {});
            if (!entry.hasType() && entry.constant.valid()) {
                const ConstData &value = constant(entry.constant);
                if (value.value && !value.value->isFloat()) {
                    result.push_back(types().size(static_cast<int64_t>(value.value->bits)));
                    continue;
                }
            }
        }
        result.push_back(resolve(arg, scope));
    }
    return result;
}

TypeId Context::resolveNamed(const ast::NamedType &type, Span span, const TypeScope &scope) {
    const ast::Name &last = type.path.back();
    if (type.path.size() == 1)
        if (TypeId builtin = builtinType(last.id, scope); builtin.valid()) {
            if (!type.args.empty()) emitter.report(Code::TypeArgumentCount, span, text(last.id), 0, type.args.size());
            return builtin;
        }
    NameEntry entry;
    if (type.path.size() == 1) entry = lookup(*scope.module, last.id, last.span);
    else {
        const ast::Name &qualifier = type.path[type.path.size() - 2];
        auto target = scope.module->module_names.find(qualifier.id);
        if (target == scope.module->module_names.end()) {
            emitter.report(Code::UnknownName, qualifier.span, text(qualifier.id)).fix("import the module first");
            return types().error;
        }
        entry = lookupIn(target->second, last.id, last.span);
        if (entry.empty()) return types().error;
    }
    std::vector<TypeId> args = resolveArgs(type.args, scope);
    if (entry.hasType()) return applyType(entry, std::move(args), span);
    if (last.id == known.file && args.empty()) return types().file;
    if (last.id == known.box) {
        if (args.size() == 1) return types().box(args[0]);
        emitter.report(Code::TypeArgumentCount, span, "Box", 1, args.size()).fix("write `Box<T>`");
        return types().error;
    }
    if (!entry.empty()) {
        emitter.report(Code::NotAType, last.span, text(last.id));
        return types().error;
    }
    auto report = emitter.report(Code::UnknownType, last.span, text(last.id));
    std::vector<NameId> candidates;
    for (NameId name : visibleNames(*scope.module))
        if (lookup(*scope.module, name, {}).hasType()) candidates.push_back(name);
    if (scope.params)
        for (ParamId p : *scope.params) candidates.push_back(types().info(p).name);
    advise(report, *scope.module, last, candidates);
    return types().error;
}

namespace {

struct Layout {
    int64_t size = 0, align = 1;
};

constexpr int64_t kHuge = int64_t(1) << 40; ///< sizes beyond are not told apart

/// By the C rules; nothing for types whose size is not known here (generic, declared further below).
std::optional<Layout> layoutOf(types::TypeStore &types, TypeId type, int depth) {
    if (depth > 32) return std::nullopt;
    auto members = [&](const std::vector<TypeId> &parts) -> std::optional<Layout> {
        Layout all;
        for (TypeId part : parts) {
            auto one = layoutOf(types, part, depth + 1);
            if (!one) return std::nullopt;
            all.align = std::max(all.align, one->align);
            all.size = std::min(kHuge, (all.size + one->align - 1) / one->align * one->align + one->size);
        }
        all.size = (all.size + all.align - 1) / all.align * all.align;
        return all;
    };
    if (auto scalar = types.scalarOf(type)) {
        const int64_t bytes = types::TypeStore::bits(*scalar) / 8;
        return Layout{bytes, bytes};
    }
    if (type == types.str) return Layout{16, 8};
    if (const auto *a = types.as<types::ArrayType>(type)) return Layout{8 + 8 * int64_t(a->rank), 8};
    if (types.is<types::BoxType>(type) || types.is<types::FileType>(type)) return Layout{8, 8};
    if (const auto *t = types.as<types::TupleType>(type)) return members(std::vector<TypeId>(t->elems));
    if (const auto *o = types.as<types::OptionalType>(type)) return members({o->value, types.boolean});
    if (const auto *s = types.as<types::StructType>(type)) {
        std::vector<TypeId> parts;
        for (uint32_t i = 0; i < types.info(s->decl).fields.size(); ++i) parts.push_back(types.fieldType(type, i));
        return members(parts);
    }
    const auto *fixed = types.as<types::FixedType>(type);
    if (!fixed) return std::nullopt;
    auto elem = layoutOf(types, fixed->elem, depth + 1);
    if (!elem) return std::nullopt;
    for (TypeId dim : std::vector<TypeId>(fixed->dims)) {
        const auto *n = types.as<types::SizeType>(dim);
        if (!n) return std::nullopt;
        if (__builtin_mul_overflow(elem->size, n->value, &elem->size)) elem->size = kHuge;
        elem->size = std::min(elem->size, kHuge);
    }
    return elem;
}

} // namespace

int64_t knownSize(types::TypeStore &types, TypeId type) {
    auto layout = layoutOf(types, type, 0);
    return layout ? layout->size : 0;
}

TypeId Context::resolveFixed(const ast::FixedType &type, Span span, const TypeScope &scope) {
    TypeId elem = resolve(type.element, scope);
    std::vector<TypeId> dims;
    for (ast::ExprId extent : type.extents) {
        TypeId size = sizeOf(extent, scope);
        if (!size.valid()) return types().error;
        dims.push_back(size);
    }
    if (types().is<types::ErrorType>(elem)) return elem;
    if (dims.empty() || dims.size() > 3) {
        emitter.report(Code::RankTooLarge, span);
        return types().error;
    }
    TypeId result = types().fixed(elem, std::move(dims));
    return checkFixed(result, span) ? result : types().error;
}

bool Context::checkFixed(TypeId type, Span span, Span inside) {
    const types::FixedType fixed = *types().as<types::FixedType>(type);
    auto within = [&](diag::Report report) {
        if (inside.valid()) report.label(inside, "in here `" + text(type) + "` would be needed");
        return report;
    };
    for (TypeId dim : fixed.dims)
        if (const auto *n = types().as<types::SizeType>(dim); n && n->value < 0) {
            within(emitter.report(Code::NegativeSize, span, n->value));
            return false;
        }
    if (knownSize(types(), type) <= kLargestFixed) return true;
    within(emitter.report(Code::FixedTooLarge, span)).why("use `T[](n)` for more: its elements live on the heap");
    return false;
}

TypeId Context::resolveFn(const ast::FnType &type, const TypeScope &scope, TypeUse use) {
    types::FnType fn;
    for (const auto &param : type.params) {
        const auto mode = static_cast<types::Mode>(param.mode);
        TypeId t = resolve(param.type, scope, mode == types::Mode::Sink ? TypeUse::Value : TypeUse::Parameter);
        fn.params.push_back({t, mode});
    }
    fn.result = type.result.valid() ? resolve(type.result, scope) : types().unit;
    fn.throws = type.throws;
    (void)use;
    return types().function(std::move(fn));
}

TypeId Context::resolve(ast::TypeExprId id, const TypeScope &scope, TypeUse use) {
    if (!id.valid()) return types().error;
    const ast::TypeExpr &type = scope.module->ast[id];
    auto stored = [&](ast::TypeExprId part) {
        TypeId t = resolve(part, scope);
        if (!types().is<types::FnType>(t)) return t;
        emitter.report(Code::FunctionStored, scope.module->ast[part].span)
            .why("functions and closures are passed down, never stored");
        return types().error;
    };
    return match(
        type.node, [&](const ast::NamedType &n) { return resolveNamed(n, type.span, scope); },
        [&](const ast::ArrayType &n) {
            TypeId elem = stored(n.element);
            if (types().is<types::ErrorType>(elem)) return elem;
            if (n.rank < 1 || n.rank > 3) {
                emitter.report(Code::RankTooLarge, type.span);
                return types().error;
            }
            const int rank = static_cast<int>(n.rank);
            return use == TypeUse::Parameter ? types().view(elem, rank) : types().array(elem, rank);
        },
        [&](const ast::FixedType &n) { return resolveFixed(n, type.span, scope); },
        [&](const ast::TupleType &n) {
            std::vector<TypeId> elems;
            for (ast::TypeExprId part : n.parts) elems.push_back(stored(part));
            if (std::ranges::find(elems, types().error) != elems.end()) return types().error;
            return elems.empty() ? types().unit : elems.size() == 1 ? elems[0] : types().tuple(std::move(elems));
        },
        [&](const ast::OptionalType &n) {
            TypeId inner = stored(n.inner);
            return types().is<types::ErrorType>(inner) ? inner : types().optional(inner);
        },
        [&](const ast::FnType &n) { return resolveFn(n, scope, use); },
        [&](const ast::ConstType &) {
            emitter.report(Code::NotAType, type.span, "a number");
            return types().error;
        },
        [&](const ast::ErrorType &) { return types().error; });
}

} // namespace parlane::check
