#include "lang/check/infer.h"

#include "lang/base/match.h"

#include <algorithm>

namespace parlane::check {

bool Inference::bind(uint32_t index, TypeId actual) {
    auto &types = c.types();
    if (types.is<types::ErrorType>(actual) || types.is<types::NeverType>(actual)) return true;
    // A slice is no owner, and a function is never stored: neither may stand for a type parameter.
    if (types.is<types::ViewType>(actual) || types.is<types::FnType>(actual)) return false;
    if (types.info(params[index]).integer != types.isSize(actual)) return false;
    if (!bound[index].valid()) bound[index] = actual;
    return bound[index] == actual;
}

bool Inference::unifyAll(const std::vector<TypeId> &patterns, const std::vector<TypeId> &actuals) {
    if (patterns.size() != actuals.size()) return false;
    for (size_t i = 0; i < patterns.size(); ++i)
        if (!unify(patterns[i], actuals[i], false)) return false;
    return true;
}

bool Inference::unifyView(const types::ViewType &pattern, TypeId actual, bool argument) {
    auto &types = c.types();
    if (const auto *v = types.as<types::ViewType>(actual)) return v->rank == pattern.rank &&
        unify(pattern.elem, v->elem, false);
    if (!argument) return false;
    if (types.rankOf(actual) == pattern.rank) return unify(pattern.elem, types.elemOf(actual), false);
    const auto *s = types.as<types::StructType>(actual);
    return s && s->decl == c.program.list_struct && pattern.rank == 1 && unify(pattern.elem, s->args[0], false);
}

bool Inference::unify(TypeId pattern, TypeId actual, bool argument) {
    auto &types = c.types();
    if (types.is<types::ErrorType>(actual) || types.is<types::NeverType>(actual) ||
        types.is<types::ErrorType>(pattern)) return true;
    const types::Type shape = types[pattern];
    return match(
        shape,
        [&](const types::ParamType &p) {
            if (p.index < params.size() && params[p.index] == p.param) return bind(p.index, actual);
            return pattern == actual;
        },
        [&](const types::ViewType &p) { return unifyView(p, actual, argument); },
        [&](const types::ArrayType &p) {
            if (const auto *a = types.as<types::ArrayType>(actual)) return a->rank == p.rank &&
                unify(p.elem, a->elem, false);
            const auto *f = types.as<types::FixedType>(actual);
            return argument && f && f->dims.size() == p.rank && unify(p.elem, f->elem, false);
        },
        [&](const types::FixedType &p) {
            const auto *a = types.as<types::FixedType>(actual);
            return a && unify(p.elem, a->elem, false) && unifyAll(p.dims, a->dims);
        },
        [&](const types::TupleType &p) {
            const auto *a = types.as<types::TupleType>(actual);
            return a && unifyAll(p.elems, a->elems);
        },
        [&](const types::StructType &p) {
            const auto *a = types.as<types::StructType>(actual);
            return a && a->decl == p.decl && unifyAll(p.args, a->args);
        },
        [&](const types::EnumType &p) {
            const auto *a = types.as<types::EnumType>(actual);
            return a && a->decl == p.decl && unifyAll(p.args, a->args);
        },
        [&](const types::OptionalType &p) {
            if (const auto *a = types.as<types::OptionalType>(actual)) return unify(p.value, a->value, false);
            return argument && unify(p.value, actual, true);
        },
        [&](const types::BoxType &p) {
            const auto *a = types.as<types::BoxType>(actual);
            return a && unify(p.value, a->value, false);
        },
        [&](const types::FnType &p) {
            const auto *a = types.as<types::FnType>(actual);
            if (!a || a->params.size() != p.params.size()) return false;
            for (size_t i = 0; i < p.params.size(); ++i)
                if (p.params[i].mode != a->params[i].mode ||
                    !unify(p.params[i].type, a->params[i].type, false)) return false;
            return unify(p.result, a->result, false) && (p.throws || !a->throws);
        },
        [&](const types::SizeSumType &) {
            if (!isOpen(pattern)) return types.substitute(pattern, bound) == actual;
            auto solved = types.solveSize(pattern, actual, [&](TypeId p) { return isOpen(p); });
            // What cannot be solved here is compared when the other arguments have decided.
            return !solved || bind(types.as<types::ParamType>(solved->first)->index, solved->second);
        },
        [&](const auto &) { return pattern == actual; });
}

bool Inference::isOpen(TypeId pattern) const {
    auto any = [&](const std::vector<TypeId> &ids) { return std::ranges::any_of(ids,
        [&](TypeId t) { return isOpen(t); }); };
    if (bound.empty()) return false;
    return match(
        c.types()[pattern],
        [&](const types::ParamType &p) {
            return p.index < params.size() && params[p.index] == p.param && !bound[p.index].valid();
        },
        [&](const types::ViewType &p) { return isOpen(p.elem); },
            [&](const types::ArrayType &p) { return isOpen(p.elem); },
        [&](const types::FixedType &p) { return isOpen(p.elem) || any(p.dims); },
        [&](const types::TupleType &p) { return any(p.elems); },
            [&](const types::StructType &p) { return any(p.args); },
        [&](const types::EnumType &p) { return any(p.args); },
            [&](const types::OptionalType &p) { return isOpen(p.value); },
        [&](const types::BoxType &p) { return isOpen(p.value); },
        [&](const types::SizeSumType &p) {
            return std::ranges::any_of(p.terms, [&](const auto &term) { return any(term.factors); });
        },
        [&](const types::FnType &p) {
            return isOpen(p.result) || std::ranges::any_of(p.params, [&](const auto &one) { return isOpen(one.type); });
        },
        [&](const auto &) { return false; });
}

TypeId Inference::apply(TypeId pattern) { return isOpen(pattern) ? TypeId() : c.types().substitute(pattern, bound); }

bool Inference::complete() const {
    return std::ranges::all_of(bound, [](TypeId t) { return t.valid(); });
}

} // namespace parlane::check
