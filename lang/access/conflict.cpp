#include "lang/access/conflict.h"

#include "lang/access/radix.h"
#include "lang/access/system.h"

#include <algorithm>

namespace parlane::access {

std::optional<int64_t> Model::value(const TermStore &terms, TermId id, int run) const {
    Wide sum = terms[id].constant;
    for (const Monomial &m : terms[id].monomials) {
        Wide part = m.factor;
        for (SymbolId s : m.symbols) {
            auto found = values.find({s, terms[s].birth > mark ? run : 0});
            if (found == values.end()) return std::nullopt;
            part *= found->second;
        }
        sum += part;
    }
    if (sum > INT64_MAX || sum < INT64_MIN) return std::nullopt;
    return static_cast<int64_t>(sum);
}

bool sameCut(const TermStore &terms, const Step &view, const Step &cut, Birth mark) {
    auto varies = [&](TermId term) { return term && terms[term].birth > mark; };
    if (std::any_of(cut.shape.begin(), cut.shape.end(), varies) || varies(view.offset)) return false;
    const auto ranges = std::count_if(view.dims.begin(), view.dims.end(), [](const Dim &dim) { return dim.isRange(); });
    return std::none_of(view.dims.begin(), view.dims.end(), [&](const Dim &dim) {
        return dim.isRange() && (varies(dim.lo) || (ranges > 1 && varies(dim.count)));
    });
}

// ---- the walk along two places ----------------------------------------------------------------------------------

/// What must coincide for two places to share storage.
struct Meeting {
    std::vector<std::pair<Dim, Dim>> dims;
    std::vector<std::pair<const Step *, const Step *>> steps; ///< with indices that must be in range
    bool never = false;
};

namespace {

/// One dimension of a reshaped view, counted in elements of what it reshapes; of any view with more than one dimension.
Dim flatten(TermStore &terms, const Step &step) {
    TermId start = step.offset ? step.offset : terms.constant(0);
    TermId all = terms.constant(1);
    for (TermId extent : step.shape) all = terms.mul(all, extent);
    // Leading single indices, then at most one range, then whole dimensions: one stretch. Anything else: all of it.
    size_t d = 0;
    TermId below = all;
    auto divideOut = [&](size_t from) {
        TermId product = terms.constant(1);
        for (size_t k = from; k < step.shape.size(); ++k) product = terms.mul(product, step.shape[k]);
        return product;
    };
    for (; d < step.dims.size() && !step.dims[d].isRange(); ++d)
        start = terms.add(start, terms.mul(step.dims[d].lo, divideOut(d + 1)));
    if (d == step.dims.size()) return {start, {}};
    below = divideOut(d + 1);
    for (size_t k = d + 1; k < step.dims.size(); ++k)
        if (!step.dims[k].isRange() || step.dims[k].lo != terms.constant(0) || step.dims[k].count != step.shape[k])
            return {step.offset ? step.offset : terms.constant(0), all};
    return {terms.add(start, terms.mul(step.dims[d].lo, below)), terms.mul(step.dims[d].count, below)};
}

/// Conservative: stops (and assumes that the rest coincides) where the places are of different form.
Meeting meet(TermStore &terms, const Place &a, const Place &b, Birth mark) {
    Meeting out;
    const size_t common = std::min(a.steps.size(), b.steps.size());
    for (size_t k = 0; k < common; ++k) {
        const Step &x = a.steps[k], &y = b.steps[k];
        const bool shape = (x.kind == StepKind::Inside && x.index == uint32_t(Content::Shape)) ||
                           (y.kind == StepKind::Inside && y.index == uint32_t(Content::Shape));
        if (shape) {
            out.never = x.kind != y.kind || x.index != y.index;
            return out;
        }
        if (x.kind != y.kind) return out;
        if (x.kind == StepKind::Field) {
            if (x.index == y.index) continue;
            out.never = true;
            return out;
        }
        if (x.kind == StepKind::Inside) {
            if (x.index == y.index) continue;
            return out;
        }
        out.steps.emplace_back(&x, &y);
        if (x.kind == StepKind::Part) {
            if (x.index != y.index || x.shape != y.shape) return out;
            out.dims.emplace_back(x.dims[0], y.dims[0]);
            continue;
        }
        if (x.offset || y.offset || x.dims.size() != y.dims.size()) {
            out.dims.emplace_back(flatten(terms, x), flatten(terms, y));
        } else {
            for (size_t d = 0; d < x.dims.size(); ++d) out.dims.emplace_back(x.dims[d], y.dims[d]);
        }
        // Below a range nothing is known of where the rest lies, but in parts that are cut from the same one.
        const bool parts = x == y && k + 1 < common && a.steps[k + 1].kind == StepKind::Part &&
                           sameCut(terms, x, a.steps[k + 1], mark);
        if ((x.isView() || y.isView()) && !parts) return out;
    }
    return out;
}

/// The first part of a term that the solver must take as it comes and that may differ between the runs.
TermId opaquePart(TermStore &terms, TermId id, Birth mark) {
    for (const Monomial &m : terms[id].monomials) {
        for (SymbolId s : m.symbols) {
            const Symbol symbol = terms[s];
            if (symbol.birth <= mark) continue;
            if (symbol.kind == SymbolKind::Free || symbol.kind == SymbolKind::Opaque) return terms.symbol(s);
            for (TermId arg : symbol.args)
                if (TermId found = opaquePart(terms, arg, mark)) return found;
        }
    }
    return {};
}

/// A product that differs between the runs: the solver has none.
TermId productIn(TermStore &terms, TermId id, Birth mark) {
    const Term term = terms[id];
    for (const Monomial &m : term.monomials) {
        if (m.symbols.size() < 2) continue;
        TermId product = terms.constant(1);
        for (SymbolId s : m.symbols) product = terms.mul(product, terms.symbol(s));
        if (terms[product].birth > mark) return product;
    }
    return {};
}

/// Symbols of products, and divisors, that are the same in both runs.
void pinInvariants(const TermStore &terms, TermId id, Birth mark, int64_t value, std::map<SymbolId, int64_t> &out) {
    for (const Monomial &m : terms[id].monomials)
        for (SymbolId s : m.symbols) {
            const Symbol &symbol = terms[s];
            if (m.symbols.size() > 1 && symbol.birth <= mark && symbol.args.empty()) out[s] = value;
            if (symbol.kind != SymbolKind::Quotient && symbol.kind != SymbolKind::Remainder) continue;
            if (auto divisor = terms.asSymbol(symbol.args[1]); divisor && terms[*divisor].birth <= mark)
                out[*divisor] = value;
            pinInvariants(terms, symbol.args[0], mark, value, out);
        }
}

} // namespace

namespace {

void collect(const TermStore &terms, CondId id, std::vector<TermId> &out) {
    const Cond &c = terms[id];
    if (c.kind == CondKind::NotNegative) out.push_back(c.term);
    if (c.kind != CondKind::And) return;
    collect(terms, c.left, out);
    collect(terms, c.right, out);
}

/// Whether what a condition speaks of is the same in both runs.
bool fixed(const TermStore &terms, CondId id, Birth mark) {
    const Cond &c = terms[id];
    switch (c.kind) {
    case CondKind::NotNegative:
    case CondKind::Zero: return terms[c.term].birth <= mark;
    case CondKind::And:
    case CondKind::Or: return fixed(terms, c.left, mark) && fixed(terms, c.right, mark);
    case CondKind::True:
    case CondKind::False:
    case CondKind::Unknown: return false;
    }
    return false;
}

/// Whether machine values that are equal are equal as they are written: `x` in one run, `y` in the other.
bool sameModulo(const TermStore &terms, TermId x, TermId y, Birth mark) {
    if (terms.assumes(x) || terms.assumes(y)) return false;
    Wide lo = Wide(terms[x].constant) - terms[y].constant, hi = lo;
    auto add = [&](const Monomial &m, int64_t factor) {
        Interval part{factor, factor};
        for (SymbolId s : m.symbols) part = product(part, terms[s].range);
        lo += part.lo;
        hi += part.hi;
    };
    for (const Monomial &m : terms[x].monomials) {
        int64_t factor = m.factor;
        const bool fixed = std::all_of(m.symbols.begin(), m.symbols.end(), [&](SymbolId s) { return terms[s].birth <= mark; });
        if (fixed)
            for (const Monomial &n : terms[y].monomials)
                if (n.symbols == m.symbols && n.factor == m.factor) factor = 0;
        add(m, factor);
    }
    for (const Monomial &m : terms[y].monomials) {
        if (m.factor == INT64_MIN) return false;
        int64_t factor = -m.factor;
        const bool fixed = std::all_of(m.symbols.begin(), m.symbols.end(), [&](SymbolId s) { return terms[s].birth <= mark; });
        if (fixed)
            for (const Monomial &n : terms[x].monomials)
                if (n.symbols == m.symbols && n.factor == m.factor) factor = 0;
        add(m, factor);
    }
    return lo > -kModulus && hi < kModulus;
}

/// Replaces each term of a step; of a range its start and its end.
template <class F> void eachTerm(TermStore &terms, Step &step, const F &f) {
    for (Dim &dim : step.dims) {
        const TermId end = dim.isRange() ? f(terms.add(dim.lo, dim.count)) : TermId();
        const TermId old = dim.lo;
        dim.lo = f(dim.lo);
        // As it is written where nothing has changed.
        if (dim.isRange() && (dim.lo != old || end != terms.add(old, dim.count))) dim.count = terms.sub(end, dim.lo);
    }
    if (step.kind == StepKind::Part) return;
    for (TermId &extent : step.shape) extent = f(extent);
    for (TermId &extent : step.under) extent = f(extent);
    if (step.offset) step.offset = f(step.offset);
}

} // namespace

void Needs::add(const Needs &other) {
    auto unite = [](auto &into, const auto &from) {
        for (const auto &one : from)
            if (std::find(into.begin(), into.end(), one) == into.end()) into.push_back(one);
    };
    unite(sums, other.sums);
    unite(narrow, other.narrow);
    unite(conds, other.conds);
}

void Conflicts::addNeeds(const Access &access, Trust level, Needs &out) {
    Needs own;
    Place place = access.place;
    for (Step &step : place.steps)
        eachTerm(terms, step, [&](TermId term) {
            if (!fits(term, access.path, access.place.facts)) own.sums.push_back(term);
            return term;
        });
    if (level >= Trust::Sums) {
        std::vector<TermId> doubts;
        for (CondId fact : access.place.facts) terms.addDoubts(fact, doubts);
        for (PathId node = access.path; node; node = paths[node].parent) terms.addDoubts(paths[node].cond, doubts);
        for (TermId doubt : doubts)
            if (!fits(doubt, access.path, access.place.facts)) own.sums.push_back(doubt);
    }
    out.add(own);
}

/// The access with what the machine makes of its indices.
Access Conflicts::strict(const Access &access) {
    Access out = access;
    for (Step &step : out.place.steps)
        eachTerm(terms, step, [&](TermId term) {
            return fits(term, access.path, access.place.facts) ? term : terms.strict(term);
        });
    return out;
}

/// What holds where an access happens, as far as it is believed. A comparison of sums counts if what is certain shows that
/// they do not wrap.
const std::vector<CondId> &Conflicts::holding(PathId path, const std::vector<CondId> &facts) {
    auto [found, inserted] = held.try_emplace({trust, path, facts});
    std::vector<CondId> &out = found->second;
    if (!inserted) return out;
    std::vector<CondId> doubtful;
    auto add = [&](CondId cond) {
        std::vector<SymbolId> ignored;
        if (trust < Trust::Sums && terms.doubtful(cond))
            doubtful.push_back(cond);
        else
            out.push_back(trust == Trust::Narrow ? terms.unwrapped(cond, ignored) : cond);
    };
    for (CondId fact : facts) add(fact);
    for (; path; path = paths[path].parent) add(paths[path].cond);
    for (bool more = !doubtful.empty(); more;) {
        more = false;
        std::vector<TermId> known;
        for (CondId cond : out) collect(terms, cond, known);
        for (CondId &cond : doubtful) {
            std::vector<TermId> doubts;
            if (cond) terms.addDoubts(cond, doubts);
            if (!cond || !std::all_of(doubts.begin(), doubts.end(), [&](TermId t) { return fitsWith(t, known); })) continue;
            out.push_back(cond);
            cond = {};
            more = true;
        }
    }
    return out;
}

/// The access, told what holds of `other` about values that are the same in both runs: the two meet only if both happen.
Access Conflicts::informed(const Access &access, const Access &other, Birth mark) {
    Access out = access;
    auto tell = [&](CondId cond) {
        if (fixed(terms, cond, mark) && std::ranges::find(out.place.facts, cond) == out.place.facts.end())
            out.place.facts.push_back(cond);
    };
    for (CondId fact : other.place.facts) tell(fact);
    for (PathId node = other.path; node; node = paths[node].parent) tell(paths[node].cond);
    return out;
}

/// The access as if no sum wrapped, of as many bits as `trust` says.
Access Conflicts::believed(const Access &access, Needs &needs) {
    Access out = access;
    addNeeds(access, trust, needs);
    if (trust < Trust::Narrow) return out;
    for (Step &step : out.place.steps) 
        eachTerm(terms, step, [&](TermId term) { return terms.unwrapped(term, needs.narrow); });
    for (CondId fact : access.place.facts) terms.unwrapped(fact, needs.narrow);
    for (PathId node = access.path; node; node = paths[node].parent) terms.unwrapped(paths[node].cond, needs.narrow);
    return out;
}

Finding Conflicts::check(const Access &one, const Access &other, const Split &split) {
    if (one.place.root != other.place.root || !one.place.root.valid()) return {Verdict::Apart, {}, {}, false, {}};
    const Trust before = trust;
    given = split.given;
    auto restore = [&] {
        trust = before;
        given.clear();
    };
    trust = Trust::Machine;
    const Access a = informed(one, other, split.mark), b = informed(other, one, split.mark);
    if (apart(one, other, split) || apart(a, b, split)) {
        restore();
        return {Verdict::Apart, {}, {}, false, {}};
    }
    Needs all;
    addNeeds(a, Trust::Sums, all);
    addNeeds(b, Trust::Sums, all);
    TermId wraps;
    for (Trust level : {Trust::Indices, Trust::Sums, Trust::Narrow}) {
        if (level < Trust::Narrow && all.sums.empty()) continue;
        trust = level;
        Needs needs;
        const Access x = believed(a, needs), y = believed(b, needs);
        if (level == Trust::Narrow && needs.narrow.empty()) continue;
        if (!apart(x, y, split)) continue;
        if (split.can_guard && (*split.can_guard)(needs)) {
            restore();
            return {Verdict::Apart, {}, {}, false, needs};
        }
        if (!wraps) wraps = needs.narrow.empty() ? needs.sums.front() : terms[needs.narrow.front()].args[0];
    }
    trust = Trust::Sums;
    Finding finding = wraps ? Finding{} : witness(a, b, split);
    if (wraps) {
        finding.opaque = wraps;
        finding.wraps = true;
    }
    restore();
    return finding;
}

/// Whether the two never touch the same element, as far as is believed.
bool Conflicts::apart(const Access &one, const Access &other, const Split &split) {
    const bool machine = trust == Trust::Machine;
    const Access a = machine ? strict(one) : one, b = machine ? strict(other) : other;
    const Meeting written = meet(terms, one.place, other.place, split.mark);
    Meeting meeting = machine ? meet(terms, a.place, b.place, split.mark) : written;
    if (meeting.never) return true;
    const bool alike = written.dims.size() == meeting.dims.size();
    // Without wrapping, or if what wraps does so in the same way.
    std::vector<TermId> same;
    for (size_t k = 0; k < meeting.dims.size(); ++k) {
        auto &[x, y] = meeting.dims[k];
        if (x.isRange() || y.isRange()) continue;
        if (machine && alike) {
            const auto &[u, v] = written.dims[k];
            // What is flattened has no such index.
            const bool index = terms.strict(u.lo) == x.lo && terms.strict(v.lo) == y.lo;
            if (index && u.lo == v.lo) same.push_back(u.lo);
            if (index && (u.lo != x.lo || v.lo != y.lo) && sameModulo(terms, u.lo, v.lo, split.mark)) {
                x = u;
                y = v;
            }
        } else if (x.lo == y.lo) {
            same.push_back(x.lo);
        }
        const TermId difference = terms.sub(x.lo, y.lo);
        if (terms[x.lo].birth <= split.mark && terms[y.lo].birth <= split.mark)
            if (terms.zero(difference) == terms.falsity()) return true;
    }
    if (!split.iteration.empty() && determines(terms, same, split.iteration, split.mark, !machine)) return true;

    Radix radix(terms, *this, split.mark);
    std::vector<std::pair<Dim, Dim>> digits;
    for (const auto &[x, y] : meeting.dims)
        for (const auto &pair : radix.split({x, &a}, {y, &b})) digits.push_back(pair);
    SystemBuilder builder(terms, split.mark);
    return solver.decide(fill(builder, a, b, split, meeting, digits)) == Answer::Kind::Empty;
}

System Conflicts::fill(SystemBuilder &builder, const Access &a, const Access &b, const Split &split,
                       const Meeting &meeting, const std::vector<std::pair<Dim, Dim>> &digits) {
    for (const auto &[x, y] : digits) builder.requireSame(x, y);
    builder.requireDifferent(split.iteration, split.ordered);
    for (const auto &[x, y] : meeting.steps) {
        builder.requireInRange(*x, 0);
        builder.requireInRange(*y, 1);
    }
    for (CondId cond : given) builder.require(cond, 0);
    for (int run : {0, 1}) {
        const Access &access = run == 0 ? a : b;
        for (CondId cond : holding(access.path, access.place.facts)) builder.require(cond, run);
    }
    return builder.finish();
}

/// Two runs that collide, or what stands in the way of finding them.
Finding Conflicts::witness(const Access &a, const Access &b, const Split &split) {
    const Meeting meeting = meet(terms, a.place, b.place, split.mark);
    Radix radix(terms, *this, split.mark);
    std::vector<std::pair<Dim, Dim>> digits;
    for (const auto &[x, y] : meeting.dims)
        for (const auto &pair : radix.split({x, &a}, {y, &b})) digits.push_back(pair);
    Finding finding;
    finding.model.mark = split.mark;
    for (const auto &[x, y] : meeting.dims)
        for (TermId term : {x.lo, x.count, y.lo, y.count})
            if (term && !finding.opaque) finding.opaque = opaquePart(terms, term, split.mark);
    if (finding.opaque) return finding;
    auto found = [&](SystemBuilder &tried) {
        const Answer answer = solver.solve(fill(tried, a, b, split, meeting, digits));
        if (answer.kind == Answer::Kind::Witness && tried.read(answer.values, finding.model.values))
            finding.verdict = Verdict::Collide;
        return finding.verdict == Verdict::Collide;
    };
    SystemBuilder plain(terms, split.mark);
    if (found(plain)) return finding;
    // Products of symbols: a small value for those that do not vary leaves sums.
    for (int64_t value : {2, 1, 3}) {
        SystemBuilder pinned(terms, split.mark);
        for (const auto &[x, y] : meeting.dims)
            for (TermId term : {x.lo, x.count, y.lo, y.count})
                if (term) pinInvariants(terms, term, split.mark, value, pinned.pinned);
        if (pinned.pinned.empty()) break;
        finding.model.values.clear();
        if (found(pinned)) return finding;
    }
    finding.model.values.clear();
    for (const auto &[x, y] : meeting.dims)
        for (TermId term : {x.lo, y.lo})
            if (!finding.opaque) finding.opaque = productIn(terms, term, split.mark);
    return finding;
}

Finding Conflicts::overlap(const Place &a, PathId pathA, const Place &b, PathId pathB) {
    Access x, y;
    x.place = a;
    x.path = pathA;
    y.place = b;
    y.path = pathB;
    return check(x, y, Split{});
}

// ---- implications -----------------------------------------------------------------------------------------------

bool Conflicts::plainlyImplied(CondId cond, const std::vector<TermId> &known) {
    const Cond c = terms[cond];
    if (c.kind == CondKind::True) return true;
    if (c.kind == CondKind::And) return plainlyImplied(c.left, known) && plainlyImplied(c.right, known);
    if (c.kind != CondKind::NotNegative) return false;
    auto mentions = [&](TermId fact, TermId wanted) {
        for (const Monomial &m : terms[fact].monomials)
            for (const Monomial &n : terms[wanted].monomials)
                if (m.symbols == n.symbols && (m.factor < 0) == (n.factor < 0)) return true;
        return false;
    };
    // The wanted sum is one or two known ones and something that is never negative.
    for (TermId one : known) {
        if (!mentions(one, c.term)) continue;
        const TermId rest = terms.sub(c.term, one);
        if (terms.interval(rest).lo >= 0) return true;
        for (TermId other : known)
            if (mentions(other, rest) && terms.interval(terms.sub(rest, other)).lo >= 0) return true;
    }
    return false;
}

bool Conflicts::provenExactly(CondId cond, PathId path) {
    std::vector<TermId> known;
    for (; path; path = paths[path].parent)
        if (paths[path].exact) collect(terms, paths[path].cond, known);
    std::erase_if(known, [&](TermId fact) { return terms.assumes(fact); });
    return plainlyImplied(cond, known);
}

bool Conflicts::fits(TermId term, PathId path, const std::vector<CondId> &facts) {
    if (terms.fits(term)) return true;
    if (terms.assumes(term)) return false;
    const Trust before = trust;
    trust = Trust::Machine;
    std::vector<TermId> known;
    for (CondId cond : holding(path, facts)) collect(terms, cond, known);
    trust = before;
    return fitsWith(term, known);
}

bool Conflicts::fitsWith(TermId term, const std::vector<TermId> &known) {
    if (terms.fits(term)) return true;
    if (terms.assumes(term)) return false;
    const Interval all = TermStore::rangeOf(64, true), range = terms.interval(term);
    // What is known is at least 0: the sum is as large as the sum without it, and as small as the sum with it.
    auto low = [&](TermId fact) { return terms.interval(terms.sub(term, fact)).lo >= all.lo; };
    auto high = [&](TermId fact) { return terms.interval(terms.add(term, fact)).hi <= all.hi; };
    return (range.lo >= all.lo || std::any_of(known.begin(), known.end(), low)) &&
           (range.hi <= all.hi || std::any_of(known.begin(), known.end(), high));
}

bool Conflicts::implied(CondId cond, PathId path, const std::vector<CondId> &facts) {
    const std::vector<CondId> &conds = holding(path, facts);
    std::vector<TermId> known;
    for (CondId one : given) collect(terms, one, known);
    for (CondId one : conds) collect(terms, one, known);
    if (plainlyImplied(cond, known)) return true;
    SystemBuilder builder(terms, Split{}.mark);
    builder.require(terms.negate(cond), 0);
    for (CondId one : given) builder.require(one, 0);
    for (CondId one : conds) builder.require(one, 0);
    return solver.decide(builder.finish()) == Answer::Kind::Empty;
}

} // namespace parlane::access
