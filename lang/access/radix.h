// Turns mixed-radix indices back into several dimensions: `i*w + j` with `j in 0..w` becomes `(i, j)`, since the solver
// has no products of variables. Internal to lang/access.
#pragma once
#include "lang/access/conflict.h"

namespace parlane::access {

class Radix {
public:
    Radix(TermStore &terms, Conflicts &conflicts, Birth mark) : terms(terms), conflicts(conflicts), mark(mark) {}

    struct Side {
        Dim dim;
        const Access *access; ///< its path and facts bound the digits
    };
    /// Pairs of dimensions that coincide if and only if the given ones do (or more often, where it cannot tell).
    std::vector<std::pair<Dim, Dim>> split(const Side &a, const Side &b);

    /// What the indices of an iteration are multiplied by in `term`, if that may be a radix.
    std::vector<TermId> strides(TermId term, const std::vector<TermId> &iteration) const;
    /// The digits above `radix`, if the rest is provably below it: what an access of one iteration has in common.
    std::optional<TermId> high(const Side &side, TermId radix) const;

private:
    struct Digits {
        TermId high;
        Dim low;
    };
    std::vector<TermId> radices(TermId a, TermId b) const;
    void addRadices(TermId term, std::vector<TermId> &out) const;
    /// Of `dim` in base `radix`, if the low digit is provably below the radix.
    std::optional<Digits> divide(const Side &side, TermId radix) const;
    std::pair<TermId, TermId> divide(TermId term, TermId radix) const;
    std::pair<TermId, TermId> divideByConstant(TermId term, int64_t radix) const;
    TermId coefficientOf(SymbolId symbol, TermId term) const;
    void splitInto(const Side &a, const Side &b, int depth, std::vector<std::pair<Dim, Dim>> &out);

    TermStore &terms;
    Conflicts &conflicts;
    const Birth mark;
    std::vector<std::pair<SymbolId, SymbolId>> quotients, remainders; ///< of two runs that must agree
};

} // namespace parlane::access
