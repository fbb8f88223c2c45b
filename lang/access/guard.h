// Run-time predicates in front of a region, from terms over what the region does not change. Internal to lang/access.
#pragma once
#include "lang/access/conflict.h"
#include "lang/access/proofs.h"

namespace parlane::access {

/// What symbols stand for where a region begins.
struct Quantities {
    std::map<SymbolId, Quantity> values;                      ///< of locals that are in scope there, and of their fields
    const std::map<SymbolId, std::pair<TermId, TermId>> *ends = nullptr; ///< of loop indices: no farther from 0 than these
};

class GuardBuilder {
public:
    GuardBuilder(const TermStore &terms, const Quantities &quantities) : terms(terms), quantities(quantities) {}

    bool can(const Needs &needs) { return build(needs).has_value(); }
    /// Predicates that make `needs` true; nothing if some of them cannot be told before the region.
    std::optional<std::vector<Guard>> build(const Needs &needs);

private:
    /// Products of a polynomial with factors that are not negative.
    using Sum = std::vector<Product>;
    /// No smaller than the absolute value of the term, whatever its symbols are where they are used.
    std::optional<Sum> magnitude(TermId term, int depth);
    std::optional<Sum> magnitude(SymbolId symbol, int depth);
    std::optional<Sum> times(const Sum &a, const Sum &b);
    std::optional<Guard> small(TermId term, int64_t limit);
    std::optional<Guard> notNegative(TermId term);

    const TermStore &terms;
    const Quantities &quantities;
};

} // namespace parlane::access
