// The small language of the race rules: an access is a way of touching a *place* (variable, fields, indices) under the
// loops and conditions that lead to it. Everything is terms, so calls are seen through by substitution.
#pragma once
#include "lang/access/term.h"
#include "lang/hir/hir.h"

namespace parlane::access {

using PathId = Id<struct PathTag>;

// ---- places -----------------------------------------------------------------------------------------------------

/// What is touched of one dimension: `lo`, or `lo..lo + count`.
struct Dim {
    TermId lo;
    TermId count; ///< invalid for a single index
    bool isRange() const { return count.valid(); }
    friend bool operator==(const Dim &, const Dim &) = default;
};

enum class StepKind : uint8_t {
    Field,    ///< of a struct or tuple
    Elements, ///< of an array; of all its dimensions
    Part,     ///< number `lo` of the parts that `rows`, `chunks`, ... cut (`index` tells the cut)
    Inside,   ///< another component, see `Content`
};

/// Components of a value that are no fields. Different ones overlap, except `Shape` and anything.
enum class Content : uint32_t { Shape, Bytes, Value, Boxed, Payload };

struct Step {
    StepKind kind = StepKind::Field;
    uint32_t index = 0;
    std::vector<Dim> dims;      ///< Elements: one a dimension of `shape`; Part: the number
    std::vector<TermId> shape;  ///< Elements: extents in which `dims` count; Part: what says how the parts are cut
    TermId offset;              ///< Elements of a reshaped view: the flat element at which it starts; else invalid
    std::vector<TermId> under;  ///< Elements of a reshaped view: extents of what is reshaped
    bool isView() const {
        if (kind == StepKind::Elements)
            for (const Dim &dim : dims)
                if (dim.isRange()) return true;
        return false;
    }
    friend bool operator==(const Step &, const Step &) = default;
};

struct Place {
    hir::LocalId root; ///< invalid: a temporary, which nobody else can touch
    std::vector<Step> steps;
    std::vector<CondId> facts; ///< hold when it is touched: indices of the views on the way were in range

    bool isOpenView() const { return !steps.empty() && steps.back().isView(); }
};

/// Roots that are no variables: what I/O touches.
inline constexpr hir::LocalId kWorld{0xfffffff0u}, kOut{0xfffffff1u};
inline bool isVariable(hir::LocalId root) { return root.valid() && root.raw < kWorld.raw; }

// ---- paths and accesses -----------------------------------------------------------------------------------------

/// One condition on the way to an access; the way is the chain to the root of the body.
struct PathNode {
    PathId parent;
    CondId cond;
    bool exact = false; ///< holds of the machine's numbers, whatever wraps elsewhere
};

enum class AccessKind : uint8_t { Read, Write, Reduce, Atomic, Disjoint };

/// Operators that may mix on one place: `+` and `-` are one.
enum class OperatorClass : uint8_t { None, Add, Mul, And, Or, Xor, Min, Max, Function, Other };

struct Access {
    AccessKind kind = AccessKind::Read;
    OperatorClass op = OperatorClass::None;
    Place place;
    PathId path;
    source::Span span;  ///< what to underline
    hir::ExprId expr;   ///< the place expression in this body; invalid through a call
    hir::FunctionId by; ///< the callee that does it, if any
    bool inout = false; ///< of an `inout` argument of that call
    bool unused = true; ///< of a call: nobody uses its result
    bool writes() const { return kind != AccessKind::Read; }
};

} // namespace parlane::access
