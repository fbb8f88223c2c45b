#include "lang/access/system.h"

#include <algorithm>

namespace parlane::access {

namespace {

/// Bounds beyond this say nothing that matters and would only make numbers long.
constexpr Wide kWorthSaying = Wide(1) << 62;
/// Pairs of multiples of a symbolic divisor that are related: each doubles and redoubles the cases.
constexpr int kMostMultiples = 2;

} // namespace

void SystemBuilder::accumulate(Linear &linear, Var v, int64_t factor) {
    auto it = std::lower_bound(linear.terms.begin(), linear.terms.end(), v,
                               [](const auto &term, Var var) { return term.first < var; });
    if (it == linear.terms.end() || it->first != v) {
        if (factor != 0) linear.terms.insert(it, {v, factor});
        return;
    }
    if (__builtin_add_overflow(it->second, factor, &it->second)) overflow = true;
    if (it->second == 0) linear.terms.erase(it);
}

Linear SystemBuilder::sum(Linear a, const Linear &b, int64_t factor) {
    int64_t scaled;
    if (__builtin_mul_overflow(b.constant, factor, &scaled) ||
        __builtin_add_overflow(a.constant, scaled, &a.constant))
        overflow = true;
    for (auto [v, f] : b.terms) {
        if (__builtin_mul_overflow(f, factor, &scaled)) overflow = true;
        accumulate(a, v, scaled);
    }
    return a;
}

Var SystemBuilder::fresh() {
    known.push_back({});
    return static_cast<Var>(known.size() - 1);
}

void SystemBuilder::bound(Var v, const Interval &range) {
    if (range.lo > -kWorthSaying) require(Formula::notNegative({{{v, 1}}, -static_cast<int64_t>(range.lo)}));
    if (range.hi < kWorthSaying) require(Formula::notNegative({{{v, -1}}, static_cast<int64_t>(range.hi)}));
}

Var SystemBuilder::var(SymbolId symbol, int run) {
    run = runOf(terms[symbol].birth, run);
    auto [it, inserted] = vars.try_emplace({symbol, run}, 0);
    if (!inserted) return it->second;
    const Var v = fresh();
    it->second = v;
    const Symbol &s = terms[symbol];
    known[v].symbol = symbol;
    known[v].run = run;
    known[v].order = s.birth <= mark ? 0 : s.kind == SymbolKind::Index ? 1 + run : 3;
    bound(v, s.range);
    if (auto pin = pinned.find(symbol); pin != pinned.end()) require(Formula::zero({{{v, 1}}, -pin->second}));
    define(symbol, v, run);
    return v;
}

Var SystemBuilder::product(std::vector<Var> factors) {
    std::sort(factors.begin(), factors.end());
    if (auto found = products.find(factors); found != products.end()) return found->second;
    const Var v = fresh();
    known[v].factors = factors;
    products.emplace(std::move(factors), v);
    exact = false;
    return v;
}

Linear SystemBuilder::linear(TermId id, int run) {
    const Term &term = terms[id];
    Linear out;
    out.constant = term.constant;
    for (const Monomial &m : term.monomials) {
        std::vector<Var> factors;
        int64_t factor = m.factor;
        for (SymbolId s : m.symbols) {
            auto pin = pinned.find(s);
            const Var v = var(s, run);
            if (pin == pinned.end() || m.symbols.size() == 1)
                factors.push_back(v);
            else if (__builtin_mul_overflow(factor, pin->second, &factor))
                overflow = true;
        }
        if (factors.empty())
            overflow |= __builtin_add_overflow(out.constant, factor, &out.constant);
        else
            accumulate(out, factors.size() == 1 ? factors[0] : product(std::move(factors)), factor);
    }
    return out;
}

Linear SystemBuilder::difference(TermId a, int runA, TermId b, int runB, int64_t plus) {
    Linear out = sum(linear(a, runA), linear(b, runB), -1);
    if (__builtin_add_overflow(out.constant, plus, &out.constant)) overflow = true;
    return out;
}

void SystemBuilder::define(SymbolId symbol, Var v, int run) {
    switch (terms[symbol].kind) {
    case SymbolKind::Quotient:
    case SymbolKind::Remainder: defineDivision(symbol, v, run); break;
    case SymbolKind::Min:
    case SymbolKind::Max: defineExtremum(symbol, v, run); break;
    case SymbolKind::Wrapped: defineWrapped(symbol, v, run); break;
    default: break;
    }
}

/// `a == c*q + r`, where `r` has the sign of `a` and is smaller than `c`.
void SystemBuilder::defineDivision(SymbolId symbol, Var v, int run) {
    const Symbol s = terms[symbol];
    auto [it, inserted] = divisions.try_emplace({s.args[0], s.args[1], run}, std::pair<Var, Var>{});
    if (inserted) {
        const Var q = fresh(), r = fresh();
        it->second = {q, r};
        const Linear dividend = linear(s.args[0], run);
        auto divisor = terms.constantValue(s.args[1]);
        if (auto symbol_of = terms.asSymbol(s.args[1]))
            if (auto pin = pinned.find(*symbol_of); pin != pinned.end()) divisor = pin->second;
        Linear rest = sum(dividend, {{{r, 1}}, 0}, -1);
        if (divisor && *divisor != 0 && *divisor != INT64_MIN) {
            const int64_t c = *divisor < 0 ? -*divisor : *divisor;
            require(Formula::zero(sum(rest, {{{q, 1}}, 0}, -*divisor)));
            Formula up = Formula::both(Formula::notNegative(dividend), Formula::notNegative({{{r, 1}}, 0}));
            up = Formula::both(std::move(up), Formula::notNegative({{{r, -1}}, c - 1}));
            if (terms.interval(s.args[0]).lo >= 0) {
                require(std::move(up));
            } else {
                Formula down = Formula::both(Formula::notNegative(sum({{}, -1}, dividend, -1)),
                                             Formula::notNegative({{{r, -1}}, 0}));
                down = Formula::both(std::move(down), Formula::notNegative({{{r, 1}}, c - 1}));
                require(Formula::either(std::move(up), std::move(down)));
            }
        } else {
            // A product of variables; but if nothing is negative, the remainder is smaller than the divisor.
            exact = false;
            const Linear by = linear(s.args[1], run);
            unchecked.push_back({dividend, by, q, r});
            const Var multiple = fresh(); // q * divisor
            require(Formula::zero(sum(rest, {{{multiple, 1}}, 0}, -1)));
            multiples.push_back({s.args[1], run, multiple});
            if (terms.interval(s.args[0]).lo >= 0) {
                require(Formula::notNegative({{{r, 1}}, 0}));
                require(Formula::notNegative(sum(dividend, {{{r, 1}}, 0}, -1)));
                Formula positive = Formula::notNegative(sum(sum({{}, -1}, by, 1), {{{r, 1}}, 0}, -1));
                Formula negative = Formula::notNegative(sum(sum({{}, -1}, by, -1), {{{r, 1}}, 0}, -1));
                require(Formula::either(std::move(positive), std::move(negative)));
            }
        }
    }
    const auto [q, r] = divisions[{s.args[0], s.args[1], run}];
    const Var same = s.kind == SymbolKind::Quotient ? q : r;
    require(Formula::zero(sum({{{v, 1}}, 0}, {{{same, 1}}, 0}, -1)));
}

/// The value differs from the unbounded one by a multiple of `2^bits`; its own bounds are known.
void SystemBuilder::defineWrapped(SymbolId symbol, Var v, int run) {
    const Symbol s = terms[symbol];
    if (s.bits > 32) {
        exact = false;
        return;
    }
    const Var k = fresh();
    Linear rest = sum({{{v, 1}}, 0}, linear(s.args[0], run), -1);
    require(Formula::zero(sum(std::move(rest), {{{k, 1}}, 0}, -(int64_t(1) << s.bits))));
}

void SystemBuilder::defineExtremum(SymbolId symbol, Var v, int run) {
    const Symbol s = terms[symbol];
    const int64_t sign = s.kind == SymbolKind::Min ? 1 : -1;
    const Linear a = sum(linear(s.args[0], run), {{{v, 1}}, 0}, -1);
    const Linear b = sum(linear(s.args[1], run), {{{v, 1}}, 0}, -1);
    require(Formula::notNegative(sum({}, a, sign)));
    require(Formula::notNegative(sum({}, b, sign)));
    require(Formula::either(Formula::zero(a), Formula::zero(b)));
}

Formula SystemBuilder::formula(CondId id, int run) {
    const Cond c = terms[id];
    switch (c.kind) {
    case CondKind::True:
    case CondKind::Unknown: return Formula::truth();
    case CondKind::False: return Formula::falsity();
    case CondKind::NotNegative: return Formula::notNegative(linear(c.term, run));
    case CondKind::Zero: return Formula::zero(linear(c.term, run));
    case CondKind::And: {
        Formula left = formula(c.left, run);
        return Formula::both(std::move(left), formula(c.right, run));
    }
    case CondKind::Or: {
        Formula left = formula(c.left, run);
        return Formula::either(std::move(left), formula(c.right, run));
    }
    }
    return Formula::truth();
}

void SystemBuilder::requireInRange(const Step &step, int run) {
    for (size_t d = 0; d < step.dims.size() && d < step.shape.size(); ++d) {
        const Dim &dim = step.dims[d];
        require(Formula::notNegative(linear(dim.lo, run)));
        const TermId end = dim.isRange() ? terms.add(dim.lo, dim.count) : terms.addConstant(dim.lo, 1);
        require(Formula::notNegative(difference(step.shape[d], run, end, run)));
    }
}

void SystemBuilder::requireSame(const Dim &x, const Dim &y) {
    if (!x.isRange() && !y.isRange()) {
        require(Formula::zero(difference(x.lo, 0, y.lo, 1)));
        return;
    }
    // Half-open ranges share an element if and only if each starts before the other ends, and none is empty.
    auto end = [&](const Dim &d) { return d.isRange() ? terms.add(d.lo, d.count) : terms.addConstant(d.lo, 1); };
    require(Formula::notNegative(difference(end(y), 1, x.lo, 0, -1)));
    require(Formula::notNegative(difference(end(x), 0, y.lo, 1, -1)));
    if (x.isRange()) require(Formula::notNegative(sum(linear(x.count, 0), {{}, 1}, -1)));
    if (y.isRange()) require(Formula::notNegative(sum(linear(y.count, 1), {{}, 1}, -1)));
}

/// Multiples of the same number are equal, or at least that number apart. Between the two runs only, and only for a few.
void SystemBuilder::requireApart() {
    int pairs = 0;
    for (const Multiple &x : multiples)
        for (const Multiple &y : multiples) {
            if (x.run != 0 || y.run != 1 || x.divisor != y.divisor || ++pairs > kMostMultiples) continue;
            if (terms[x.divisor].birth > mark) continue;
            const Linear by = linear(x.divisor, 0);
            const Linear forward{{{std::min(x.value, y.value), x.value < y.value ? 1 : -1},
                                  {std::max(x.value, y.value), x.value < y.value ? -1 : 1}},
                                 0};
            Formula any = Formula::zero(forward);
            for (int64_t sign : {1, -1}) {
                Formula positive = Formula::notNegative(sum({{}, -1}, by, sign));
                for (int64_t direction : {1, -1})
                    any = Formula::either(std::move(any),
                                          Formula::both(positive, Formula::notNegative(
                                                                      sum(sum({}, forward, direction), by, -sign))));
            }
            require(std::move(any));
        }
}

std::vector<SystemBuilder::Runs> SystemBuilder::inBothRuns() const {
    std::vector<Runs> out;
    for (const auto &[key, v] : vars) {
        if (key.second != 0 || terms[key.first].birth <= mark) continue;
        if (auto other = vars.find({key.first, 1}); other != vars.end()) out.push_back({key.first, v, other->second});
    }
    return out;
}

namespace {

Linear minus(Linear a, const Linear &b, int64_t plus) {
    for (auto [v, factor] : b.terms) {
        auto it = std::find_if(a.terms.begin(), a.terms.end(), [var = v](const auto &term) { return term.first == var; });
        if (it == a.terms.end())
            a.terms.emplace_back(v, -factor);
        else
            it->second -= factor;
    }
    std::erase_if(a.terms, [](const auto &term) { return term.second == 0; });
    std::sort(a.terms.begin(), a.terms.end());
    a.constant += plus - b.constant;
    return a;
}

/// Both sums are small ones: of a few symbols, with small factors.
Formula equal(const Linear &a, const Linear &b) { return Formula::zero(minus(a, b, 0)); }
Formula unequal(const Linear &a, const Linear &b) {
    return Formula::either(Formula::notNegative(minus(a, b, -1)), Formula::notNegative(minus(b, a, -1)));
}

} // namespace

/// `x ^ k` with a fixed `k`: partners are partners of one another, and nobody has two.
void SystemBuilder::requirePartners() {
    for (const Runs &runs : inBothRuns()) {
        const Symbol s = terms[runs.symbol];
        if (s.kind != SymbolKind::Opaque || s.bits != kXorFunction || s.args.size() != 2) continue;
        const bool second_fixed = terms[s.args[1]].birth <= mark;
        if (!second_fixed && terms[s.args[0]].birth > mark) continue;
        const TermId from = s.args[second_fixed ? 0 : 1];
        if (!terms.fits(from)) continue;
        const Linear a = linear(from, 0), b = linear(from, 1), x{{{runs.first, 1}}, 0}, y{{{runs.second, 1}}, 0};
        require(Formula::either(unequal(x, b), equal(y, a)));
        require(Formula::either(unequal(y, a), equal(x, b)));
        require(Formula::either(unequal(x, y), equal(a, b)));
    }
}

/// `(x*x + c*x) / 2`, as in packed triangles: a greater `x` is at least a whole row of the smaller one further on.
void SystemBuilder::requireTriangles() {
    for (const Runs &runs : inBothRuns()) {
        const Symbol s = terms[runs.symbol];
        if (s.kind != SymbolKind::Quotient || terms.constantValue(s.args[1]) != 2) continue;
        const Term dividend = terms[s.args[0]];
        if (dividend.constant != 0 || dividend.monomials.empty() || dividend.monomials.size() > 2) continue;
        SymbolId row;
        int64_t square = 0, once = 0;
        for (const Monomial &m : dividend.monomials) {
            row = m.symbols[0];
            if (m.symbols.size() == 2 && m.symbols[0] == m.symbols[1]) square = m.factor;
            if (m.symbols.size() == 1) once = m.factor;
        }
        const bool one = std::all_of(dividend.monomials.begin(), dividend.monomials.end(), [&](const Monomial &m) {
            return std::all_of(m.symbols.begin(), m.symbols.end(), [&](SymbolId id) { return id == row; });
        });
        if (!one || square != 1 || once % 2 == 0 || once < -1 || once > 1000 || terms[row].range.lo < 0) continue;
        const Linear i{{{var(row, 0), 1}}, 0}, j{{{var(row, 1), 1}}, 0};
        const Linear x{{{runs.first, 1}}, 0}, y{{{runs.second, 1}}, 0};
        // What lies between the rows of `i` and of `i + 1`.
        const int64_t more = (1 + once) / 2;
        auto behind = [&](const Linear &low, const Linear &at_low, const Linear &high, const Linear &at_high) {
            return Formula::both(Formula::notNegative(minus(high, low, -1)),
                                 Formula::notNegative(minus(minus(at_high, at_low, 0), low, -more)));
        };
        Formula any = Formula::both(equal(i, j), equal(x, y));
        any = Formula::either(std::move(any), behind(i, x, j, y));
        require(Formula::either(std::move(any), behind(j, y, i, x)));
    }
}

void SystemBuilder::requireDifferent(const std::vector<TermId> &iteration, bool ordered) {
    if (iteration.empty()) return;
    Formula any = Formula::falsity();
    Formula same = Formula::truth();
    for (TermId index : iteration) {
        Formula less = Formula::notNegative(difference(index, 1, index, 0, -1));
        Formula greater = Formula::notNegative(difference(index, 0, index, 1, -1));
        any = Formula::either(std::move(any), Formula::both(same, std::move(less)));
        if (!ordered) any = Formula::either(std::move(any), Formula::both(same, std::move(greater)));
        same = Formula::both(std::move(same), Formula::zero(difference(index, 0, index, 1)));
    }
    require(std::move(any));
}

namespace {

void rename(Formula &formula, const std::vector<Var> &position) {
    for (auto &[v, factor] : formula.linear.terms) v = position[v];
    std::sort(formula.linear.terms.begin(), formula.linear.terms.end());
    for (Formula &part : formula.parts) rename(part, position);
}

} // namespace

System SystemBuilder::finish() {
    requireApart();
    requirePartners();
    requireTriangles();
    std::vector<Var> sorted(known.size());
    for (Var v = 0; v < sorted.size(); ++v) sorted[v] = v;
    auto before = [&](Var a, Var b) {
        auto shown = [&](Var v) { return known[v].symbol ? known[v].order : 4; };
        return shown(a) < shown(b);
    };
    std::stable_sort(sorted.begin(), sorted.end(), before);
    position.assign(known.size(), 0);
    for (Var k = 0; k < sorted.size(); ++k) position[sorted[k]] = k;
    System system{static_cast<uint32_t>(known.size()), all};
    if (overflow) system.formula = Formula::truth();
    rename(system.formula, position);
    return system;
}

bool SystemBuilder::read(const std::vector<int64_t> &solution,
                         std::map<std::pair<SymbolId, int>, int64_t> &values) const {
    for (Var v = 0; v < known.size(); ++v) {
        const Known &k = known[v];
        if (k.symbol) values[{k.symbol, k.run}] = solution[position[v]];
        if (k.factors.empty()) continue;
        Wide product = 1;
        for (Var factor : k.factors) product *= solution[position[factor]];
        if (product != solution[position[v]]) return false;
    }
    for (const Division &division : unchecked) {
        auto at = [&](const Linear &linear) {
            Wide value = linear.constant;
            for (auto [v, factor] : linear.terms) value += Wide(factor) * solution[position[v]];
            return value;
        };
        const Wide by = at(division.divisor), dividend = at(division.dividend);
        if (by == 0 || dividend / by != solution[position[division.quotient]] ||
            dividend % by != solution[position[division.remainder]])
            return false;
    }
    return !overflow;
}

} // namespace parlane::access
