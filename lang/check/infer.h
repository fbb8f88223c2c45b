// Type arguments from arguments.
#pragma once
#include "lang/check/context.h"

namespace parlane::check {

/// The type parameters of one callee and what is known of them. Patterns are in terms of the callee's parameters,
/// actual types and
/// bindings in terms of the caller's: the two are never mixed, even when a function calls itself.
class Inference {
public:
    Inference(Context &c, const std::vector<ParamId> &params) : c(c), params(params), bound(params.size()) {}

    /// Binds what `actual` decides. False if the shapes contradict each other or an earlier binding. `argument`: the
    /// implicit
    /// conversions of arguments apply (owner to view, value to optional).
    bool unify(TypeId pattern, TypeId actual, bool argument);
    /// The pattern with what is bound filled in; invalid if something in it is not bound yet.
    TypeId apply(TypeId pattern);
    /// As far as it is known; invalid only if nothing but an open parameter.
    bool isOpen(TypeId pattern) const;
    bool complete() const;

    Context &c;
    const std::vector<ParamId> &params;
    std::vector<TypeId> bound;

private:
    bool bind(uint32_t index, TypeId actual);
    bool unifyAll(const std::vector<TypeId> &patterns, const std::vector<TypeId> &actuals);
    bool unifyView(const types::ViewType &pattern, TypeId actual, bool argument);
};

} // namespace parlane::check
