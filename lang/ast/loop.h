// One node for every form of `for`.
#pragma once
#include "lang/ast/ids.h"
#include "lang/ast/operators.h"

#include <vector>

namespace parlane::ast {

enum class LoopKind : uint8_t {
    Statement,     ///< `for … { }`
    Collect,       ///< `[for … { }]`
    Fold,          ///< `reduce(+) for … { }`
    Scan,          ///< `scan(+) for … { }`
    ScanInclusive, ///< `scan_inclusive(+) for … { }`
    First,         ///< `first for … { }`
};

enum class LoopMode : uint8_t { Serial, Par, SimdPar };

/// `pattern in source`; `sink` takes the elements over; `in try` calls a `next` that throws.
struct LoopSource {
    PatternId pattern;
    bool sink = false;
    bool tries = false;
    bool exclusive = false; ///< written `in &xs`; the pattern alone decides what is exclusive
    ExprId source; ///< of `0..n by 2` the Range expression
    Span span;
};

/// An operator of a fold or the function that an expression names.
struct FoldOp {
    FoldOperator op = FoldOperator::Add;
    ExprId function; ///< for `Function`; also valid for `min` and `max`, which are ordinary names too
    Span span;
};

/// `+: place` in a reduce clause.
struct Accumulator {
    FoldOp op;
    ExprId place;
};

struct Loop {
    LoopKind kind = LoopKind::Statement;
    LoopMode mode = LoopMode::Serial;
    Name label;                       ///< `outer:`
    std::vector<FoldOp> folds;        ///< of Fold, Scan, ScanInclusive: at least one
    std::vector<LoopSource> sources;  ///< at least one; a later one may use earlier patterns
    ExprId filter;                    ///< `if cond`; invalid: none
    std::vector<Accumulator> reduces; ///< `reduce(+: a, max: b)` in front of the body
    Name place;                       ///< `on gpu`; not supported yet
    BlockId body;
    Span keyword; ///< the words in front of the sources, such as `par for`
};

} // namespace parlane::ast
