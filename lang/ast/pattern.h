// What `let`, `for`, `if let` and `match` bind and test.
#pragma once
#include "lang/ast/ids.h"

#include <variant>
#include <vector>

namespace parlane::ast {

/// `_`
struct WildcardPattern {};
/// `x`, or `&x` for exclusive access. A plain name that a case or the wanted type claims is that case (check decides).
struct BindPattern {
    Name name;
    bool exclusive = false;
};
/// A number (also negated), byte, string, `true`, `false`, `none`.
struct LiteralPattern {
    ExprId value;
};
/// `lo..hi`, `lo..=hi`; either end may be missing.
struct RangePattern {
    ExprId lo, hi;
    bool inclusive = false;
};
/// `(a, b)`
struct TuplePattern {
    std::vector<PatternId> parts;
};
/// `Circle(r)`, `Shape.Circle(r)`, `Shape.Empty`.
struct CasePattern {
    std::vector<Name> path; ///< at least one; the last is the case
    std::vector<PatternId> parts;
};
/// `A, B` in front of `=>`.
struct AlternativesPattern {
    std::vector<PatternId> options;
};
/// What could not be parsed; reported.
struct ErrorPattern {};

using PatternNode = std::variant<WildcardPattern, BindPattern, LiteralPattern, RangePattern, TuplePattern, CasePattern,
                                 AlternativesPattern, ErrorPattern>;

struct Pattern {
    PatternNode node;
    Span span;
};

} // namespace parlane::ast
