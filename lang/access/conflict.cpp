#include "lang/access/conflict.h"

#include "lang/access/radix.h"
#include "lang/access/system.h"

#include <algorithm>
#include <numeric>

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

/// What must coincide for two places to share storage.
struct Meeting {
    std::vector<std::pair<Dim, Dim>> dims;
    std::vector<std::pair<const Step *, const Step *>> steps; ///< with indices that must be in range
    bool never = false;
};

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

/// Dimensions that both give by the same single index.
std::vector<TermId> sameIndices(const Meeting &meeting) {
    std::vector<TermId> out;
    for (const auto &[x, y] : meeting.dims)
        if (!x.isRange() && !y.isRange() && x.lo == y.lo) out.push_back(x.lo);
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

Finding Conflicts::check(const Access &a, const Access &b, const Split &split) {
    if (a.place.root != b.place.root || !a.place.root.valid()) return {Verdict::Apart, {}, {}};
    const Meeting meeting = meet(terms, a.place, b.place, split.mark);
    if (meeting.never) return {Verdict::Apart, {}, {}};
    for (const auto &[x, y] : meeting.dims) {
        if (x.isRange() || y.isRange()) continue;
        const TermId difference = terms.sub(x.lo, y.lo);
        if (terms[x.lo].birth <= split.mark && terms[y.lo].birth <= split.mark)
            if (terms.zero(difference) == terms.falsity()) return {Verdict::Apart, {}, {}};
    }
    if (!split.iteration.empty() && determines(terms, sameIndices(meeting), split.iteration, split.mark))
        return {Verdict::Apart, {}, {}};

    Radix radix(terms, *this, split.mark);
    std::vector<std::pair<Dim, Dim>> digits;
    for (const auto &[x, y] : meeting.dims)
        for (const auto &pair : radix.split({x, &a}, {y, &b})) digits.push_back(pair);
    auto fill = [&](SystemBuilder &builder) {
        for (const auto &[x, y] : digits) builder.requireSame(x, y);
        builder.requireDifferent(split.iteration, split.ordered);
        for (const auto &[x, y] : meeting.steps) {
            builder.requireInRange(*x, 0);
            builder.requireInRange(*y, 1);
        }
        builder.requireFacts(a.place, 0);
        builder.requireFacts(b.place, 1);
        builder.requirePath(a.path, 0);
        builder.requirePath(b.path, 1);
        return builder.finish();
    };
    SystemBuilder builder(terms, paths, split.mark);
    const System system = fill(builder);
    if (solver.decide(system) == Answer::Kind::Empty) return {Verdict::Apart, {}, {}};

    Finding finding;
    finding.model.mark = split.mark;
    for (const auto &[x, y] : meeting.dims)
        for (TermId term : {x.lo, x.count, y.lo, y.count})
            if (term && !finding.opaque) finding.opaque = opaquePart(terms, term, split.mark);
    if (finding.opaque) return finding;
    auto witness = [&](SystemBuilder &tried, const System &found) {
        const Answer answer = solver.solve(found);
        if (answer.kind == Answer::Kind::Witness && tried.read(answer.values, finding.model.values))
            finding.verdict = Verdict::Collide;
        return finding.verdict == Verdict::Collide;
    };
    if (witness(builder, system)) return finding;
    // Products of symbols: a small value for those that do not vary leaves sums.
    for (int64_t value : {2, 1, 3}) {
        SystemBuilder pinned(terms, paths, split.mark);
        for (const auto &[x, y] : meeting.dims)
            for (TermId term : {x.lo, x.count, y.lo, y.count})
                if (term) pinInvariants(terms, term, split.mark, value, pinned.pinned);
        if (pinned.pinned.empty()) break;
        finding.model.values.clear();
        const System system = fill(pinned);
        if (witness(pinned, system)) return finding;
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

namespace {

void collect(const TermStore &terms, CondId id, std::vector<TermId> &out) {
    const Cond &c = terms[id];
    if (c.kind == CondKind::NotNegative) out.push_back(c.term);
    if (c.kind != CondKind::And) return;
    collect(terms, c.left, out);
    collect(terms, c.right, out);
}

} // namespace

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

bool Conflicts::implied(CondId cond, PathId path, const std::vector<CondId> &facts) {
    std::vector<TermId> known;
    for (CondId fact : facts) collect(terms, fact, known);
    for (PathId node = path; node; node = paths[node].parent) collect(terms, paths[node].cond, known);
    if (plainlyImplied(cond, known)) return true;
    SystemBuilder builder(terms, paths, Split{}.mark);
    builder.require(terms.negate(cond), 0);
    for (CondId fact : facts) builder.require(fact, 0);
    builder.requirePath(path, 0);
    return solver.decide(builder.finish()) == Answer::Kind::Empty;
}

// ---- the same index in all accesses -----------------------------------------------------------------------------

namespace {

/// Rank of integer rows, exact by cross-multiplication; gives up (a smaller rank) when numbers grow.
size_t rankOf(std::vector<std::vector<Wide>> rows, size_t columns) {
    size_t rank = 0;
    for (size_t column = 0; column < columns && rank < rows.size(); ++column) {
        size_t pivot = rank;
        while (pivot < rows.size() && rows[pivot][column] == 0) ++pivot;
        if (pivot == rows.size()) continue;
        std::swap(rows[rank], rows[pivot]);
        for (size_t r = rank + 1; r < rows.size(); ++r) {
            const Wide f = rows[r][column], p = rows[rank][column];
            if (f == 0) continue;
            for (size_t c = 0; c < columns; ++c) {
                rows[r][c] = rows[r][c] * p - rows[rank][c] * f;
                if (rows[r][c] > Interval::kInfinity || rows[r][c] < -Interval::kInfinity) return 0;
            }
        }
        ++rank;
    }
    return rank;
}

} // namespace

bool determines(const TermStore &terms, const std::vector<TermId> &dims, const std::vector<TermId> &iteration,
                Birth mark) {
    std::vector<SymbolId> wanted;
    for (TermId index : iteration)
        for (const Monomial &m : terms[index].monomials)
            for (SymbolId s : m.symbols)
                if (terms[s].birth > mark && std::find(wanted.begin(), wanted.end(), s) == wanted.end())
                    wanted.push_back(s);
    if (wanted.empty()) return false;
    std::vector<TermId> rows = dims;
    // A quotient and the remainder of the same division together are the dividend.
    for (TermId q : dims)
        for (TermId r : dims) {
            const auto quotient = terms.asSymbol(q), remainder = terms.asSymbol(r);
            if (quotient && remainder && terms[*quotient].kind == SymbolKind::Quotient &&
                terms[*remainder].kind == SymbolKind::Remainder && terms[*quotient].args == terms[*remainder].args &&
                terms[terms[*quotient].args[1]].birth <= mark)
                rows.push_back(terms[*quotient].args[0]);
        }
    std::vector<std::vector<Wide>> matrix;
    for (TermId dim : rows) {
        std::vector<Wide> row(wanted.size());
        bool usable = true;
        for (const Monomial &m : terms[dim].monomials) {
            const bool varies = std::any_of(m.symbols.begin(), m.symbols.end(),
                                            [&](SymbolId s) { return terms[s].birth > mark; });
            if (!varies) continue;
            auto it = std::find(wanted.begin(), wanted.end(), m.symbols[0]);
            if (m.symbols.size() != 1 || it == wanted.end()) {
                usable = false;
                break;
            }
            row[static_cast<size_t>(it - wanted.begin())] = m.factor;
        }
        if (usable) matrix.push_back(std::move(row));
    }
    return rankOf(std::move(matrix), wanted.size()) == wanted.size();
}

} // namespace parlane::access
