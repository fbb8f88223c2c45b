// Whether the indices of all accesses tell which iteration it is: the linear rung of the ladder.
#include "lang/access/conflict.h"

#include <algorithm>
#include <bit>

namespace parlane::access {

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
                Birth mark, bool exact) {
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
        size_t varying = 0;
        SymbolId last;
        int64_t factor = 0;
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
            ++varying;
            last = m.symbols[0];
            factor = m.factor;
        }
        if (usable && !exact && !terms.fits(dim)) {
            // Modulo 2^64, different values of one index stay different if its range is small enough for its factor.
            const Interval range = varying == 1 ? terms[last].range : Interval{};
            usable = varying == 1 && range.hi - range.lo < kModulus >> std::countr_zero(static_cast<uint64_t>(factor));
        }
        if (usable) matrix.push_back(std::move(row));
    }
    return rankOf(std::move(matrix), wanted.size()) == wanted.size();
}

} // namespace parlane::access
