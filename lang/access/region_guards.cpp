// Predicates in front of a region: what can be told there, and which of it would prove that iterations are apart.
#include "lang/access/walk.h"

#include <algorithm>

namespace parlane::access {

using namespace hir;

namespace {

/// Sets of predicates that are tried for one pair of accesses.
constexpr size_t kMostTries = 8;

/// What `symbol` is multiplied by in `term`, where it occurs once in a product.
TermId coefficient(TermStore &terms, SymbolId symbol, TermId id) {
    TermId sum = terms.constant(0);
    const Term term = terms[id];
    for (const Monomial &m : term.monomials) {
        if (std::count(m.symbols.begin(), m.symbols.end(), symbol) != 1) continue;
        TermId part = terms.constant(m.factor);
        for (SymbolId other : m.symbols)
            if (other != symbol) part = terms.mul(part, terms.symbol(other));
        sum = terms.add(sum, part);
    }
    return sum;
}

} // namespace

/// Integers and extents of what was in scope in front of a region, by the symbols that stood for them.
const Quantities &Walker::quantitiesOf(const Region &region) {
    if (region.quantities) return *region.quantities;
    Quantities out{{}, &index_ends};
    auto add = [&](TermId term, Quantity from) {
        if (auto symbol = term ? terms.asSymbol(term) : std::nullopt) out.values.try_emplace(*symbol, std::move(from));
    };
    std::set<LocalId> visible(region.scope.begin(), region.scope.end());
    for (LocalId local : region.scope) {
        const Known &known = region.entry[local.raw];
        if (known.alias != Known::kNone) continue;
        if (isInteger(body.locals[local].type)) add(known.value, {local, {}, Quantity::kValue});
        if (known.shape == Known::kNone || types.is<types::FixedType>(body.locals[local].type)) continue;
        for (size_t d = 0; d < shapes[known.shape].size(); ++d)
            add(shapes[known.shape][d], {local, {}, static_cast<int>(d)});
    }
    for (const auto &[symbol, from] : loaded)
        if (visible.contains(from.from.local) && region.entry[from.from.local.raw].alias == Known::kNone &&
            versionOf(region.entry[from.from.local.raw], from.from) == from.version)
            out.values.try_emplace(symbol, from.from);
    region.quantities.emplace(std::move(out));
    return *region.quantities;
}

bool Walker::canGuard(const Region &region, const Needs &needs) {
    return region.loop && closures == 0 && GuardBuilder(terms, quantitiesOf(region)).can(needs);
}

/// Predicates that might keep two accesses apart and hold in nearly every run: strides that are positive, rows as long as
/// what is written of them. (A distance as great as the loop is long is none: it is a constant of 1 more often than not,
/// and then the loop would always be serial.)
std::vector<std::vector<CondId>> Walker::candidates(const Region &region, const Access &a) {
    std::vector<CondId> strides, rows;
    auto add = [&](std::vector<CondId> &into, CondId cond) {
        if (cond == terms.truth() || cond == terms.falsity()) return;
        if (std::find(into.begin(), into.end(), cond) == into.end()) into.push_back(cond);
    };
    auto fixed = [&](TermId term) { return !terms.constantValue(term) && terms[term].birth <= region.mark; };
    auto visit = [&](TermId id) {
        const Term term = terms[id];
        for (const Monomial &m : term.monomials)
            for (SymbolId s : m.symbols) {
                if (terms[s].birth <= region.mark) continue;
                const TermId stride = coefficient(terms, s, id);
                if (!fixed(stride)) continue;
                add(strides, terms.notNegative(terms.addConstant(stride, -1)));
                // Digits below the stride: an index that is added by itself must end in front of it.
                for (const Monomial &low : term.monomials) {
                    if (low.symbols.size() != 1 || low.factor != 1 || low.symbols[0] == s) continue;
                    auto found = index_ends.find(low.symbols[0]);
                    if (found != index_ends.end() && terms[found->second.second].birth <= region.mark)
                        add(rows, terms.lessEqual(found->second.second, stride));
                }
            }
    };
    for (const Step &step : a.place.steps)
        for (const Dim &dim : step.dims) visit(dim.lo);
    std::vector<std::vector<CondId>> out;
    if (!strides.empty()) out.push_back(strides);
    for (CondId row : rows) {
        out.push_back(strides);
        out.back().push_back(row);
    }
    if (out.size() > kMostTries) out.resize(kMostTries);
    return out;
}

/// Whether a predicate in front of the region keeps the two apart; then the region needs it.
bool Walker::guarded(const Region &region, const Access &a, const Access &b, Split split) {
    if (!region.loop || closures > 0) return false;
    for (const std::vector<CondId> &conds : candidates(region, a)) {
        Needs needs;
        needs.conds = conds;
        if (!canGuard(region, needs)) continue;
        split.given = conds;
        const Finding finding = conflicts.check(a, b, split);
        if (finding.verdict != Verdict::Apart) continue;
        needs.add(finding.needs);
        region.needs.add(needs);
        return true;
    }
    return false;
}

} // namespace parlane::access
