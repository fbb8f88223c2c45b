// Integers as the race rules see them: polynomials over symbols, interned, so that equal terms have equal ids.
//
// A symbol stands for a value the analysis does not compute: a parameter, a loop index, an element that was loaded, the
// quotient of two terms. Each has a *birth*: everything born inside a region may differ between its iterations.
#pragma once
#include "lang/base/interner.h"
#include "lang/base/store.h"
#include "lang/source/source_map.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace parlane::access {

using TermId = Id<struct TermTag>;
using SymbolId = Id<struct SymbolTag>;
using CondId = Id<struct CondTag>;
using Birth = uint32_t;
using Wide = __int128;

/// Inclusive; beyond +-2^100 it is unbounded.
struct Interval {
    static constexpr Wide kInfinity = Wide(1) << 100;
    Wide lo = -kInfinity, hi = kInfinity;
    bool within(const Interval &other) const { return lo >= other.lo && hi <= other.hi; }
};

/// Of a product of two numbers from the intervals.
Interval product(const Interval &a, const Interval &b);

/// Opaque function: `a ^ b`.
inline constexpr uint32_t kXorFunction = 0x300;

enum class SymbolKind : uint8_t {
    Free,      ///< any value in its interval
    Index,     ///< index of a loop, counted from its start
    Quotient,  ///< `a / b`, truncated
    Remainder, ///< `a % b`, sign of the dividend
    Min,
    Max,
    Wrapped, ///< `a` in `bits` bits
    Opaque,  ///< some function of `args`, always the same for the same ones
};

struct Symbol {
    SymbolKind kind = SymbolKind::Free;
    Birth birth = 0;
    Interval range;
    std::vector<TermId> args; ///< of the derived kinds
    uint32_t bits = 0;        ///< of Wrapped: width; of Opaque: which function
    bool is_signed = false;
    bool assumed = false; ///< derived from a sum that is assumed not to wrap in 64 bits
    std::string text; ///< as the user writes it; may be empty
    source::Span span;
};

/// `factor` times the product of `symbols` (sorted, not empty).
struct Monomial {
    std::vector<SymbolId> symbols;
    int64_t factor = 1;
    friend bool operator==(const Monomial &, const Monomial &) = default;
};

struct Term {
    std::vector<Monomial> monomials; ///< sorted by symbols, no zero factors
    int64_t constant = 0;
    Birth birth = 0; ///< the latest of its symbols
    friend bool operator==(const Term &, const Term &) = default;
};

enum class CondKind : uint8_t { True, False, Unknown, NotNegative, Zero, And, Or };

/// What is known to hold on a path. `Unknown` is a condition that is not understood: it may hold or not.
struct Cond {
    CondKind kind = CondKind::True;
    TermId term; ///< of NotNegative (`term >= 0`) and Zero (`term == 0`)
    CondId left, right;
};

class TermStore {
public:
    TermStore();

    // Symbols.
    SymbolId fresh(SymbolKind kind, std::string text, Interval range, source::Span span = {});
    TermId freshTerm(std::string text, Interval range, source::Span span = {}) {
        return symbol(fresh(SymbolKind::Free, std::move(text), range, span));
    }
    /// Gives a symbol without a text one.
    void describe(SymbolId id, std::string_view text, source::Span span) {
        if (!symbols[id].text.empty()) return;
        symbols[id].text = text;
        symbols[id].span = span;
    }
    /// Everything born from here on is newer than what is there.
    Birth now() { return ++clock; }

    // Terms. An overflowing factor makes the result an opaque symbol.
    TermId constant(int64_t value);
    TermId symbol(SymbolId id);
    TermId add(TermId a, TermId b) { return combine(a, b, 1); }
    TermId sub(TermId a, TermId b) { return combine(a, b, -1); }
    TermId addConstant(TermId a, int64_t c) { return add(a, constant(c)); }
    TermId scale(TermId a, int64_t factor);
    TermId mul(TermId a, TermId b);
    TermId quotient(TermId a, TermId b);
    TermId remainder(TermId a, TermId b);
    TermId min(TermId a, TermId b) { return extremum(SymbolKind::Min, a, b); }
    TermId max(TermId a, TermId b) { return extremum(SymbolKind::Max, a, b); }
    /// The value of `a` in an integer type of `bits` bits: `a` itself where its interval fits.
    TermId wrap(TermId a, uint32_t bits, bool is_signed);
    /// `function` and `args` decide the symbol; `birth` is at least that of the arguments.
    TermId opaque(uint32_t function, std::vector<TermId> args, Birth birth, Interval range, std::string text = {},
                  source::Span span = {});

    const Term &operator[](TermId id) const { return terms[id]; }
    const Symbol &operator[](SymbolId id) const { return symbols[id]; }
    std::optional<int64_t> constantValue(TermId id) const;
    Interval interval(TermId id) const;
    /// Some symbol in it is `assumed`.
    bool assumes(TermId id) const;
    /// Whether the machine's number is the one that is written, whatever the symbols are: a sum that 64 bits hold, or a
    /// single symbol, which stands for some number of the machine.
    bool fits(TermId id) const { return !assumes(id) && (asSymbol(id) || interval(id).within(rangeOf(64, true))); }
    /// What the machine makes of an `i64` term that may wrap: the term itself where it fits, else a symbol of which nothing
    /// is known but its type, the same one for the same term.
    TermId strict(TermId id);
    /// Without the wrapping of integers of 32 bits and more; `wrapped` collects the symbols that must not have wrapped for that.
    TermId unwrapped(TermId id, std::vector<SymbolId> &wrapped);
    CondId unwrapped(CondId id, std::vector<SymbolId> &wrapped);
    /// The symbol, if the term is one and nothing else.
    std::optional<SymbolId> asSymbol(TermId id) const;

    // Conditions.
    CondId truth() const { return yes; }
    CondId falsity() const { return no; }
    CondId unknown() const { return perhaps; }
    CondId notNegative(TermId a);
    CondId less(TermId a, TermId b) { return notNegative(addConstant(sub(b, a), -1)); }
    CondId lessEqual(TermId a, TermId b) { return notNegative(sub(b, a)); }
    CondId zero(TermId a);
    CondId equal(TermId a, TermId b) { return zero(sub(a, b)); }
    CondId both(CondId a, CondId b);
    CondId either(CondId a, CondId b);
    CondId negate(CondId a);
    const Cond &operator[](CondId id) const { return conds[id]; }
    /// `cond` compares sums: it holds of the machine's numbers only if `operand` does not wrap. Also its negation.
    void doubt(CondId cond, TermId operand);
    /// What must not wrap if `cond` is to be believed; nothing if it is exact.
    void addDoubts(CondId cond, std::vector<TermId> &out) const;
    bool doubtful(CondId cond) const {
        std::vector<TermId> out;
        addDoubts(cond, out);
        return !out.empty();
    }

    /// Replaces symbols: `map` gives the term for a symbol of kind Free or Index, or an invalid id to keep it. Derived
    /// symbols are built anew from their arguments.
    using Map = std::function<TermId(SymbolId)>;
    TermId substitute(TermId id, const Map &map);
    CondId substitute(CondId id, const Map &map);

    /// Whether the symbol occurs, also as a part of others.
    bool mentions(TermId id, SymbolId symbol) const;
    bool mentions(CondId id, SymbolId symbol) const;

    /// `text` as an index expression: `2*i + 1`.
    std::string text(TermId id) const;

    static Interval rangeOf(uint32_t bits, bool is_signed);

private:
    TermId intern(Term term);
    TermId combine(TermId a, TermId b, int64_t sign);
    TermId derived(SymbolKind kind, std::vector<TermId> args, Interval range, uint32_t bits, bool is_signed);
    TermId extremum(SymbolKind kind, TermId a, TermId b);
    TermId substituteSymbol(SymbolId id, const Map &map);
    CondId internCond(Cond cond);
    TermId overflow(uint32_t operation, TermId a, TermId b);

    Birth clock = 0;
    Store<TermId, Term> terms;
    Store<SymbolId, Symbol> symbols;
    Store<CondId, Cond> conds;
    std::unordered_multimap<size_t, TermId> term_index;
    std::map<std::vector<uint32_t>, SymbolId> symbol_index;
    std::map<std::vector<uint32_t>, CondId> cond_index;
    std::map<CondId, std::vector<TermId>> doubts; ///< by comparison
    CondId yes, no, perhaps;
};

} // namespace parlane::access
