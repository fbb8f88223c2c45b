// Turns terms and conditions of two runs into a system of the solver. Internal to lang/access.
#pragma once
#include "lang/access/conflict.h"

#include <map>
#include <set>

namespace parlane::access {

class SystemBuilder {
public:
    SystemBuilder(TermStore &terms, Birth mark) : terms(terms), mark(mark) {}

    void require(Formula formula) { all = Formula::both(std::move(all), std::move(formula)); }
    void require(CondId cond, int run) {
        if (required.insert({cond, run}).second) require(formula(cond, run));
    }
    void requireInRange(const Step &step, int run);
    /// `x` in run 0 relates to `y` in run 1: equal, or ranges that overlap.
    void requireSame(const Dim &x, const Dim &y);
    /// The runs differ in one of `iteration`; `ordered`: run 0 comes first.
    void requireDifferent(const std::vector<TermId> &iteration, bool ordered);

    Formula formula(CondId cond, int run);
    Linear linear(TermId term, int run);
    Linear difference(TermId a, int runA, TermId b, int runB, int64_t plus = 0);

    /// The system with its variables in the order in which witnesses shall be small.
    System finish();
    /// Values by symbol and run, from a solution of `finish()`; false if a product does not agree with it.
    bool read(const std::vector<int64_t> &solution, std::map<std::pair<SymbolId, int>, int64_t> &values) const;

    /// Gives symbols of products a value, so that a witness can be found for it.
    std::map<SymbolId, int64_t> pinned;
    bool exact = true; ///< no product or opaque quotient was replaced by a variable

private:
    struct Division {
        Linear dividend, divisor;
        Var quotient, remainder;
    };
    struct Multiple {
        TermId divisor;
        int run = 0;
        Var value = 0;
    };
    struct Known {
        SymbolId symbol;           ///< invalid: a product, or an auxiliary variable
        int run = 0;
        std::vector<Var> factors;  ///< of a product
        int order = 3;
    };

    void requireApart();
    void requirePartners();
    void requireTriangles();
    struct Runs {
        SymbolId symbol;
        Var first = 0, second = 0;
    };
    /// Symbols that differ between the runs and occur in both.
    std::vector<Runs> inBothRuns() const;
    int runOf(Birth birth, int run) const { return birth > mark ? run : 0; }
    Var var(SymbolId symbol, int run);
    Var product(std::vector<Var> factors);
    Var fresh();
    void define(SymbolId symbol, Var v, int run);
    void defineDivision(SymbolId symbol, Var v, int run);
    void defineWrapped(SymbolId symbol, Var v, int run);
    void defineExtremum(SymbolId symbol, Var v, int run);
    void bound(Var v, const Interval &range);
    void accumulate(Linear &linear, Var v, int64_t factor);
    Linear sum(Linear a, const Linear &b, int64_t factor);

    TermStore &terms;
    const Birth mark;
    std::map<std::pair<SymbolId, int>, Var> vars;
    std::map<std::vector<Var>, Var> products;
    std::map<std::tuple<TermId, TermId, int>, std::pair<Var, Var>> divisions; ///< quotient and remainder
    std::vector<Multiple> multiples; ///< of divisors that are no constants
    std::vector<Division> unchecked; ///< divisions by what is no constant: a solution must be verified
    std::set<std::pair<CondId, int>> required;
    std::vector<Known> known;
    std::vector<Var> position;
    Formula all;
    bool overflow = false;
};

} // namespace parlane::access
