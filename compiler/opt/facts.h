// What is known about integer values at a place: differences between values, bounded from above.
#pragma once
#include "compiler/pir/pir.h"

#include <map>
#include <optional>
#include <vector>

namespace parlane::opt {

/// Facts of the form x <= y + c (as mathematical integers), kept as a stack: what a region adds is forgotten at its end. Values are i64 or
/// narrower integers; extents of views are names of their own, so that two `extent` ops of one view are one.
class Facts {
public:
    Facts(const pir::Module &module, const pir::Function &function);

    using Node = uint32_t;
    static constexpr Node kZero = 0; ///< the number 0

    Node node(pir::ValueId value);
    /// Extent `dim` of a view.
    Node extent(pir::ValueId view, int64_t dim);

    void add(Node x, Node y, int64_t c); ///< x <= y + c
    void addEqual(Node x, Node y, int64_t c) { add(x, y, c), add(y, x, -c); } ///< x = y + c
    /// Is x <= y + c certain?
    bool holds(Node x, Node y, int64_t c);
    /// The smallest c with x <= y + c that is found.
    std::optional<int64_t> bound(Node x, Node y);

    /// Learns what the definition of an op says about its result.
    void define(const pir::Op &op);
    /// Learns that a bool value is true (or false).
    void assume(pir::ValueId condition, bool value);
    /// Is a bool value decided?
    std::optional<bool> decide(pir::ValueId condition);
    /// Index parameter k of a par.* body, of `for`.
    void defineIndices(const pir::Op &op, const pir::Region &region);

    size_t mark() const { return trail.size(); }
    void forget(size_t mark);

private:
    struct Edge {
        Node to;
        int64_t c;
        uint32_t serial; ///< 0: for good
    };
    struct Span {
        Node index, lo, hi; ///< lo + index is in [lo, hi)
    };
    void arithmetic(const pir::Op &op);
    void addConst(Node x, pir::ValueId y, int64_t c);
    std::optional<int64_t> constant(pir::ValueId value) const;
    const pir::Op *made(pir::ValueId value) const;
    pir::TypeKind kind(pir::ValueId value) const { return module.types.kind(function.type(value)); }
    void always(Node x, Node y, int64_t c) { edges[x].push_back({y, c, 0}); }
    bool countDifference(pir::ValueId n, Node index, std::optional<Node> lo);
    void count(pir::ValueId n, Node index);
    void search(Node at, Node goal, int64_t have, int depth);

    const pir::Op *arrayIn(const pir::Op &view);
    void findSlots();

    const pir::Module &module;
    const pir::Function &function;
    std::vector<std::vector<Edge>> edges;
    std::vector<std::pair<Node, uint32_t>> trail;
    std::vector<std::pair<size_t, Span>> spans; ///< with the mark at which they were learned
    uint32_t serial = 0;
    std::map<uint32_t, Node> nodes;
    std::map<std::pair<uint32_t, int64_t>, Node> extents;
    std::vector<int64_t> best; ///< search: smallest sum with which a node was reached
    std::vector<Node> touched;
    std::map<uint32_t, pir::OpId> single_stores; ///< by slot of an array that is stored once: that store
    bool slots_known = false;
    int budget = 0;
};

} // namespace parlane::opt
