#include "lang/access/term.h"

#include <algorithm>
#include <fmt/format.h>

namespace parlane::access {

namespace {

/// Products of more symbols than this, and sums of more products, are opaque: nothing could be proved about them.
constexpr size_t kMaxDegree = 4, kMaxMonomials = 24;

/// Opaque function: the machine's value of something that may have wrapped.
constexpr uint32_t kStrict = 0x70000010u;

bool before(const Monomial &a, const Monomial &b) { return a.symbols < b.symbols; }

Wide clamp(Wide value) { return std::clamp(value, -Interval::kInfinity, Interval::kInfinity); }

Wide multiply(Wide a, Wide b) {
    if (a == 0 || b == 0) return 0;
    Wide result;
    if (__builtin_mul_overflow(a, b, &result)) return (a < 0) == (b < 0) ? Interval::kInfinity : -Interval::kInfinity;
    return clamp(result);
}

size_t hashOf(const Term &term) {
    size_t h = static_cast<size_t>(term.constant) * 0x9E3779B97F4A7C15ull;
    for (const Monomial &m : term.monomials) {
        h = (h ^ static_cast<size_t>(m.factor)) * 0xBF58476D1CE4E5B9ull;
        for (SymbolId s : m.symbols) h = (h ^ s.raw) * 0x94D049BB133111EBull;
    }
    return h;
}

} // namespace

Interval product(const Interval &a, const Interval &b) {
    const Wide all[] = {multiply(a.lo, b.lo), multiply(a.lo, b.hi), multiply(a.hi, b.lo), multiply(a.hi, b.hi)};
    return {*std::min_element(all, all + 4), *std::max_element(all, all + 4)};
}

TermStore::TermStore() {
    yes = conds.add({CondKind::True, {}, {}, {}});
    no = conds.add({CondKind::False, {}, {}, {}});
    perhaps = conds.add({CondKind::Unknown, {}, {}, {}});
}

Interval TermStore::rangeOf(uint32_t bits, bool is_signed) {
    if (is_signed) return {-(Wide(1) << (bits - 1)), (Wide(1) << (bits - 1)) - 1};
    return {0, (Wide(1) << bits) - 1};
}

SymbolId TermStore::fresh(SymbolKind kind, std::string text, Interval range, source::Span span) {
    Symbol symbol;
    symbol.kind = kind;
    symbol.birth = now();
    symbol.range = range;
    symbol.text = std::move(text);
    symbol.span = span;
    return symbols.add(std::move(symbol));
}

TermId TermStore::intern(Term term) {
    for (const Monomial &m : term.monomials)
        for (SymbolId s : m.symbols) term.birth = std::max(term.birth, symbols[s].birth);
    const size_t hash = hashOf(term);
    for (auto [it, end] = term_index.equal_range(hash); it != end; ++it)
        if (terms[it->second] == term) return it->second;
    TermId id = terms.add(std::move(term));
    term_index.emplace(hash, id);
    return id;
}

TermId TermStore::constant(int64_t value) { return intern({{}, value, 0}); }

TermId TermStore::symbol(SymbolId id) {
    const Symbol &s = symbols[id];
    if (s.range.lo == s.range.hi) return constant(static_cast<int64_t>(s.range.lo));
    return intern({{{{id}, 1}}, 0, 0});
}

TermId TermStore::overflow(uint32_t operation, TermId a, TermId b) {
    return opaque(0x70000000u + operation, {a, b}, 0, rangeOf(64, true));
}

TermId TermStore::combine(TermId a, TermId b, int64_t sign) {
    const Term &x = terms[a], &y = terms[b];
    Term sum;
    int64_t scaled;
    if (__builtin_mul_overflow(y.constant, sign, &scaled) || __builtin_add_overflow(x.constant, scaled, &sum.constant))
        return overflow(sign > 0 ? 1 : 2, a, b);
    auto i = x.monomials.begin(), j = y.monomials.begin();
    while (i != x.monomials.end() || j != y.monomials.end()) {
        if (j == y.monomials.end() || (i != x.monomials.end() && before(*i, *j))) {
            sum.monomials.push_back(*i++);
            continue;
        }
        Monomial m = *j;
        if (__builtin_mul_overflow(j->factor, sign, &m.factor)) return overflow(sign > 0 ? 1 : 2, a, b);
        if (i != x.monomials.end() && i->symbols == j->symbols) {
            if (__builtin_add_overflow(i->factor, m.factor, &m.factor)) return overflow(sign > 0 ? 1 : 2, a, b);
            ++i;
        }
        ++j;
        if (m.factor != 0) sum.monomials.push_back(std::move(m));
    }
    if (sum.monomials.size() > kMaxMonomials) return overflow(sign > 0 ? 1 : 2, a, b);
    return intern(std::move(sum));
}

TermId TermStore::scale(TermId a, int64_t factor) {
    if (factor == 0) return constant(0);
    Term result = terms[a];
    bool bad = __builtin_mul_overflow(result.constant, factor, &result.constant);
    for (Monomial &m : result.monomials) bad |= __builtin_mul_overflow(m.factor, factor, &m.factor);
    return bad ? overflow(3, a, constant(factor)) : intern(std::move(result));
}

TermId TermStore::mul(TermId a, TermId b) {
    if (auto c = constantValue(a)) return scale(b, *c);
    if (auto c = constantValue(b)) return scale(a, *c);
    const Term x = terms[a], y = terms[b];
    if (x.monomials.size() * y.monomials.size() > kMaxMonomials) return overflow(3, a, b);
    TermId sum = constant(0);
    auto part = [&](const Monomial &m, const Monomial &n) -> bool {
        Monomial p;
        std::merge(m.symbols.begin(), m.symbols.end(), n.symbols.begin(), n.symbols.end(),
                   std::back_inserter(p.symbols));
        if (p.symbols.size() > kMaxDegree || __builtin_mul_overflow(m.factor, n.factor, &p.factor)) return false;
        TermId one = p.symbols.empty() ? constant(p.factor) : intern({{p}, 0, 0});
        sum = add(sum, one);
        return true;
    };
    std::vector<Monomial> left = x.monomials, right = y.monomials;
    if (x.constant != 0) left.push_back({{}, x.constant});
    if (y.constant != 0) right.push_back({{}, y.constant});
    for (const Monomial &m : left)
        for (const Monomial &n : right)
            if (!part(m, n)) return overflow(3, a, b);
    return sum;
}

TermId TermStore::derived(SymbolKind kind, std::vector<TermId> args, Interval range, uint32_t bits, bool is_signed) {
    std::vector<uint32_t> key = {static_cast<uint32_t>(kind), bits, is_signed};
    for (TermId arg : args) key.push_back(arg.raw);
    if (auto found = symbol_index.find(key); found != symbol_index.end()) return symbol(found->second);
    Symbol s;
    s.kind = kind;
    s.range = range;
    s.bits = bits;
    s.is_signed = is_signed;
    for (TermId arg : args) s.birth = std::max(s.birth, terms[arg].birth);
    for (TermId arg : args) s.assumed |= kind == SymbolKind::Wrapped ? assumes(arg) : !fits(arg);
    s.args = std::move(args);
    SymbolId id = symbols.add(std::move(s));
    symbol_index.emplace(std::move(key), id);
    return symbol(id);
}

TermId TermStore::opaque(uint32_t function, std::vector<TermId> args, Birth birth, Interval range, std::string text,
                         source::Span span) {
    std::vector<uint32_t> key = {static_cast<uint32_t>(SymbolKind::Opaque), function, birth};
    for (TermId arg : args) key.push_back(arg.raw);
    if (auto found = symbol_index.find(key); found != symbol_index.end()) return symbol(found->second);
    Symbol s;
    s.kind = SymbolKind::Opaque;
    s.range = range;
    s.bits = function;
    s.birth = birth;
    s.text = std::move(text);
    s.span = span;
    for (TermId arg : args) s.birth = std::max(s.birth, terms[arg].birth);
    s.args = std::move(args);
    SymbolId id = symbols.add(std::move(s));
    symbol_index.emplace(std::move(key), id);
    return symbol(id);
}

TermId TermStore::quotient(TermId a, TermId b) {
    auto divisor = constantValue(b);
    if (divisor == 1) return a;
    if (auto dividend = constantValue(a); dividend && divisor && *divisor != 0 && *divisor != -1)
        return constant(*dividend / *divisor);
    const Interval x = interval(a);
    const Wide big = std::max(x.lo < 0 ? -x.lo : x.lo, x.hi < 0 ? -x.hi : x.hi);
    Interval range{-big, big};
    if (x.lo >= 0 && interval(b).lo >= 0) range = {0, x.hi};
    if (divisor && *divisor > 0) range = {x.lo < 0 ? clamp(x.lo) / *divisor : Wide(0), std::max<Wide>(0, x.hi / *divisor)};
    if (divisor && *divisor > 0 && x.lo > 0) range.lo = x.lo / *divisor;
    return derived(SymbolKind::Quotient, {a, b}, range, 0, false);
}

TermId TermStore::remainder(TermId a, TermId b) {
    auto divisor = constantValue(b);
    if (divisor == 1) return constant(0);
    if (auto dividend = constantValue(a); dividend && divisor && *divisor != 0 && *divisor != -1)
        return constant(*dividend % *divisor);
    const Interval x = interval(a), y = interval(b);
    const Wide most = std::max(y.lo < 0 ? -y.lo : y.lo, y.hi < 0 ? -y.hi : y.hi) - 1;
    if (divisor && x.lo >= 0 && x.hi < *divisor) return a;
    Interval range{x.lo < 0 ? std::max(-most, x.lo) : Wide(0), x.hi < 0 ? Wide(0) : std::min(most, x.hi)};
    return derived(SymbolKind::Remainder, {a, b}, range, 0, false);
}

TermId TermStore::extremum(SymbolKind kind, TermId a, TermId b) {
    if (a == b) return a;
    const TermId difference = sub(a, b);
    const Interval d = interval(difference), x = interval(a), y = interval(b);
    const bool exact = fits(a) && fits(b);
    if (exact && d.hi <= 0) return kind == SymbolKind::Min ? a : b;
    if (exact && d.lo >= 0) return kind == SymbolKind::Min ? b : a;
    if (b < a) std::swap(a, b);
    Interval range = kind == SymbolKind::Min ? Interval{std::min(x.lo, y.lo), std::min(x.hi, y.hi)}
                                             : Interval{std::max(x.lo, y.lo), std::max(x.hi, y.hi)};
    return derived(kind, {a, b}, range, 0, false);
}

TermId TermStore::wrap(TermId a, uint32_t bits, bool is_signed) {
    const Interval range = rangeOf(bits, is_signed);
    if (interval(a).within(range)) return a;
    return derived(SymbolKind::Wrapped, {a}, range, bits, is_signed);
}

std::optional<int64_t> TermStore::constantValue(TermId id) const {
    const Term &term = terms[id];
    return term.monomials.empty() ? std::optional(term.constant) : std::nullopt;
}

bool TermStore::assumes(TermId id) const {
    for (const Monomial &m : terms[id].monomials)
        for (SymbolId s : m.symbols)
            if (symbols[s].assumed) return true;
    return false;
}

TermId TermStore::strict(TermId id) {
    if (fits(id)) return id;
    TermId sum = constant(terms[id].constant);
    const Term term = terms[id];
    for (const Monomial &m : term.monomials) {
        TermId part = constant(m.factor);
        for (SymbolId s : m.symbols) {
            // What was computed from a sum that may have wrapped is some number.
            const bool assumed = symbols[s].assumed;
            const Birth birth = symbols[s].birth;
            part = mul(part, assumed ? opaque(kStrict, {symbol(s)}, birth, {-(Wide(1) << 63), (Wide(1) << 64) - 1}) : symbol(s));
        }
        sum = add(sum, part);
    }
    return wrap(sum, 64, true);
}

TermId TermStore::unwrapped(TermId id, std::vector<SymbolId> &wrapped) {
    TermId sum = constant(terms[id].constant);
    const Term term = terms[id];
    for (const Monomial &m : term.monomials) {
        TermId part = constant(m.factor);
        for (SymbolId s : m.symbols) {
            const Symbol symbol_of = symbols[s];
            auto arg = [&](size_t k) { return unwrapped(symbol_of.args[k], wrapped); };
            TermId factor = symbol(s);
            switch (symbol_of.kind) {
            case SymbolKind::Wrapped:
                if (symbol_of.bits < 32) break; // meant to wrap
                if (std::find(wrapped.begin(), wrapped.end(), s) == wrapped.end()) wrapped.push_back(s);
                factor = arg(0);
                break;
            case SymbolKind::Quotient: factor = quotient(arg(0), arg(1)); break;
            case SymbolKind::Remainder: factor = remainder(arg(0), arg(1)); break;
            case SymbolKind::Min: factor = min(arg(0), arg(1)); break;
            case SymbolKind::Max: factor = max(arg(0), arg(1)); break;
            default: break;
            }
            part = mul(part, factor);
        }
        sum = add(sum, part);
    }
    return sum;
}

std::optional<SymbolId> TermStore::asSymbol(TermId id) const {
    const Term &term = terms[id];
    if (term.constant == 0 && term.monomials.size() == 1 && term.monomials[0].factor == 1 &&
        term.monomials[0].symbols.size() == 1)
        return term.monomials[0].symbols[0];
    return std::nullopt;
}

Interval TermStore::interval(TermId id) const {
    const Term &term = terms[id];
    Interval sum{term.constant, term.constant};
    for (const Monomial &m : term.monomials) {
        Interval part{m.factor, m.factor};
        for (SymbolId s : m.symbols) part = product(part, symbols[s].range);
        sum = {clamp(sum.lo + part.lo), clamp(sum.hi + part.hi)};
    }
    return sum;
}

} // namespace parlane::access
