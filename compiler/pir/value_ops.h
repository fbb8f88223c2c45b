// Drop, copy and fold operators on values in native memory, by type. No recursion on the depth of data.
#pragma once
#include "compiler/pir/interpret.h"

namespace parlane::pir {

class ValueOps {
public:
    ValueOps(const Module &module, Layouts &layouts, const RuntimeTable &runtime) : types(module.types), layouts(layouts), runtime(runtime) {}

    par_ctx *ctx = nullptr; ///< of the thread that runs

    /// Drops what the place holds and leaves zero.
    void drop(TypeId type, void *place);
    /// Deep copy into unused memory. False: no memory (the fault is set), `into` is then zero.
    bool copy(TypeId type, void *into, const void *from);
    /// New array of the elements of a view, row-major. False as above.
    bool copyView(const Type &view, void *into, const void *from);

    /// Starts an accumulator of a built-in operator: every scalar of the value becomes the exact identity.
    void identity(TypeId type, FoldOp op, void *place);
    /// left = left op right, member by member. `whole`: min and max compare whole tuples.
    void combine(TypeId type, FoldOp op, void *left, const void *right, bool whole = false);
    /// What a float sum ends with.
    void finishSum(TypeId type, FoldOp op, void *place);
    /// -1, 0, 1 (2: unordered) of scalars and tuples of them.
    bool less(TypeId type, const void *a, const void *b);
    /// Are all scalars integers or bool, so that any grouping has the same bits?
    bool exact(TypeId type) const;
    /// Size of the widest scalar.
    int64_t widest(TypeId type) const;

private:
    const Types &types;
    Layouts &layouts;
    const RuntimeTable &runtime;
};

/// Number of elements of a native array or view of that rank.
int64_t elementCount(const void *extents, int64_t rank);

/// Binds a view: data, extents, strides in elements.
struct ViewParts {
    char *data;
    int64_t extents[3] = {1, 1, 1};
    int64_t strides[3] = {1, 1, 1};
    int64_t rank;
};
/// Reads a native view (or an array: strides from the extents).
ViewParts viewParts(const void *place, int64_t rank, bool owner);
void storeView(void *place, const ViewParts &parts);

} // namespace parlane::pir
