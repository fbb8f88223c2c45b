// Exhaustive dispatch over closed sums.
#pragma once
#include <utility>
#include <variant>

namespace parlane {

template <class... F> struct Overload : F... {
    using F::operator()...;
};

/// Calls the lambda for the alternative that `node` holds. A missing case does not compile.
template <class Variant, class... F> decltype(auto) match(Variant &&node, F &&...cases) {
    return std::visit(Overload<std::decay_t<F>...>{std::forward<F>(cases)...}, std::forward<Variant>(node));
}

} // namespace parlane
