#include "lang/access/radix.h"

#include <algorithm>

namespace parlane::access {

namespace {

constexpr int kMaxDigits = 4;

bool isLinear(const Term &term) {
    return std::all_of(term.monomials.begin(), term.monomials.end(),
                       [](const Monomial &m) { return m.symbols.size() == 1; });
}

} // namespace

/// What `symbol` is multiplied by in `term` (where it occurs once in a product): `i*n + i` gives `n + 1`.
TermId Radix::coefficientOf(SymbolId symbol, TermId id) const {
    TermId sum = terms.constant(0);
    const Term term = terms[id];
    for (const Monomial &m : term.monomials) {
        auto it = std::find(m.symbols.begin(), m.symbols.end(), symbol);
        if (it == m.symbols.end()) continue;
        TermId part = terms.constant(m.factor);
        for (auto other = m.symbols.begin(); other != m.symbols.end(); ++other)
            if (other != it) part = terms.mul(part, terms.symbol(*other));
        sum = terms.add(sum, part);
    }
    return sum;
}

void Radix::addRadices(TermId id, std::vector<TermId> &out) const {
    const Term term = terms[id];
    for (const Monomial &m : term.monomials) {
        if (m.symbols.size() < 2) continue;
        for (SymbolId s : m.symbols) {
            const TermId coefficient = coefficientOf(s, id);
            if (terms.constantValue(coefficient) || terms[coefficient].birth > mark) continue;
            if (std::find(out.begin(), out.end(), coefficient) == out.end()) out.push_back(coefficient);
        }
    }
}

std::vector<TermId> Radix::radices(TermId a, TermId b) const {
    std::vector<TermId> out;
    addRadices(a, out);
    addRadices(b, out);
    auto degree = [&](TermId id) {
        size_t most = 0;
        for (const Monomial &m : terms[id].monomials) most = std::max(most, m.symbols.size());
        return most;
    };
    std::stable_sort(out.begin(), out.end(), [&](TermId x, TermId y) { return degree(x) < degree(y); });
    return out;
}

/// `term == high * radix + low`, exactly, as polynomials.
std::pair<TermId, TermId> Radix::divide(TermId id, TermId radix) const {
    if (auto constant = terms.constantValue(radix)) return divideByConstant(id, *constant);
    TermId high = terms.constant(0), low = terms.constant(0);
    const Term term = terms[id], by = terms[radix];
    if (by.monomials.size() == 1 && by.constant == 0) {
        const Monomial &d = by.monomials[0];
        low = terms.constant(term.constant);
        for (const Monomial &m : term.monomials) {
            TermId rest = terms.constant(m.factor);
            const bool divisible = m.factor % d.factor == 0 &&
                                   std::includes(m.symbols.begin(), m.symbols.end(), d.symbols.begin(), d.symbols.end());
            if (divisible) rest = terms.constant(m.factor / d.factor);
            auto skip = d.symbols.begin();
            for (SymbolId s : m.symbols) {
                if (divisible && skip != d.symbols.end() && *skip == s) {
                    ++skip;
                    continue;
                }
                rest = terms.mul(rest, terms.symbol(s));
            }
            (divisible ? high : low) = terms.add(divisible ? high : low, rest);
        }
        return {high, low};
    }
    // A sum as radix: symbols whose coefficient is a multiple of it.
    TermId left = id;
    std::vector<SymbolId> seen;
    for (const Monomial &m : term.monomials)
        for (SymbolId s : m.symbols) {
            if (std::find(seen.begin(), seen.end(), s) != seen.end()) continue;
            seen.push_back(s);
            const TermId coefficient = coefficientOf(s, left);
            const Term c = terms[coefficient];
            if (c.monomials.size() != by.monomials.size() || c.monomials.empty()) continue;
            const int64_t factor = by.monomials[0].factor == 0 ? 0 : c.monomials[0].factor / by.monomials[0].factor;
            if (factor == 0 || terms.scale(radix, factor) != coefficient) continue;
            const TermId digit = terms.scale(terms.symbol(s), factor);
            high = terms.add(high, digit);
            left = terms.sub(left, terms.mul(digit, radix));
        }
    return {high, left};
}

/// The low part starts as near to zero as its interval tells.
std::pair<TermId, TermId> Radix::divideByConstant(TermId id, int64_t radix) const {
    const Term term = terms[id];
    TermId high = terms.constant(0), low = terms.constant(term.constant);
    for (const Monomial &m : term.monomials) {
        TermId symbols = terms.constant(1);
        for (SymbolId s : m.symbols) symbols = terms.mul(symbols, terms.symbol(s));
        if (m.factor % radix == 0)
            high = terms.add(high, terms.scale(symbols, m.factor / radix));
        else
            low = terms.add(low, terms.scale(symbols, m.factor));
    }
    const Wide least = terms.interval(low).lo;
    if (least > -Interval::kInfinity / 2) {
        Wide shift = least / radix;
        if (least % radix < 0) --shift;
        if (shift > -(Wide(1) << 60) && shift < (Wide(1) << 60)) {
            high = terms.addConstant(high, static_cast<int64_t>(shift));
            low = terms.sub(low, terms.mul(terms.constant(static_cast<int64_t>(shift)), terms.constant(radix)));
        }
    }
    return {high, low};
}

std::vector<TermId> Radix::strides(TermId id, const std::vector<TermId> &iteration) const {
    std::vector<TermId> out;
    for (TermId index : iteration) {
        const Term term = terms[index];
        for (const Monomial &m : term.monomials)
            for (SymbolId s : m.symbols) {
                if (terms[s].birth <= mark) continue;
                TermId stride = coefficientOf(s, id);
                if (auto constant = terms.constantValue(stride)) {
                    if (*constant > -2 && *constant < 2) continue;
                    if (*constant < 0) stride = terms.scale(stride, -1);
                } else if (terms[stride].birth > mark) {
                    continue;
                }
                if (std::find(out.begin(), out.end(), stride) == out.end()) out.push_back(stride);
            }
    }
    return out;
}

std::optional<TermId> Radix::high(const Side &side, TermId radix) const {
    const auto digits = divide(side, radix);
    return digits ? std::optional(digits->high) : std::nullopt;
}

std::optional<Radix::Digits> Radix::divide(const Side &side, TermId radix) const {
    const auto [high, low] = divide(side.dim.lo, radix);
    // A low digit such as -1 borrows from the high one.
    for (int64_t borrow : {0, 1}) {
        const TermId digit = terms.add(low, terms.scale(radix, borrow));
        const TermId end = side.dim.isRange() ? terms.add(digit, side.dim.count) : terms.addConstant(digit, 1);
        const CondId fits = terms.both(terms.notNegative(digit), terms.lessEqual(end, radix));
        if (conflicts.implied(fits, side.access->path, side.access->place.facts))
            return Digits{terms.addConstant(high, -borrow), {digit, side.dim.count}};
    }
    return std::nullopt;
}

void Radix::splitInto(const Side &a, const Side &b, int depth, std::vector<std::pair<Dim, Dim>> &out) {
    const bool linear = isLinear(terms[a.dim.lo]) && isLinear(terms[b.dim.lo]);
    if (!linear && depth < kMaxDigits) {
        for (TermId radix : radices(a.dim.lo, b.dim.lo)) {
            const auto x = divide(a, radix);
            if (!x) continue;
            const auto y = divide(b, radix);
            if (!y) continue;
            splitInto({{x->high, {}}, a.access}, {{y->high, {}}, b.access}, depth + 1, out);
            splitInto({x->low, a.access}, {y->low, b.access}, depth + 1, out);
            return;
        }
    }
    out.emplace_back(a.dim, b.dim);
    if (a.dim.isRange() || b.dim.isRange()) return;
    // Equal quotients and equal remainders of the same divisor: equal dividends.
    const auto x = terms.asSymbol(a.dim.lo), y = terms.asSymbol(b.dim.lo);
    if (!x || !y || terms[*x].kind != terms[*y].kind) return;
    auto match = [&](std::vector<std::pair<SymbolId, SymbolId>> &mine,
                     std::vector<std::pair<SymbolId, SymbolId>> &others) {
        if (terms[*x].args[1] != terms[*y].args[1] || terms[terms[*x].args[1]].birth > mark) return;
        mine.emplace_back(*x, *y);
        for (auto [p, q] : others)
            if (terms[p].args == terms[*x].args && terms[q].args == terms[*y].args)
                splitInto({{terms[p].args[0], {}}, a.access}, {{terms[q].args[0], {}}, b.access}, depth + 1, out);
    };
    if (terms[*x].kind == SymbolKind::Quotient) match(quotients, remainders);
    if (terms[*x].kind == SymbolKind::Remainder) match(remainders, quotients);
}

std::vector<std::pair<Dim, Dim>> Radix::split(const Side &a, const Side &b) {
    std::vector<std::pair<Dim, Dim>> out;
    splitInto(a, b, 0, out);
    return out;
}

} // namespace parlane::access
