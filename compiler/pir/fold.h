// The order of folds (implementation.md, section 6), one iteration at a time. Knows nothing of instructions: user functions are callbacks.
#pragma once
#include "compiler/pir/value_ops.h"

#include <functional>
#include <memory>

namespace parlane::pir {

inline constexpr int64_t kFoldBlock = 4096;

/// What is known of a fold before it runs.
struct FoldPlan {
    struct Part {
        TypeId type;            ///< of the accumulator (of the elements, if it is a view)
        FoldOp op = FoldOp::Add;
        bool view = false;      ///< many values of `type`, one behind the other
        bool whole = false;     ///< min, max of a tuple as a whole
        bool owns = false;
    };
    std::vector<Part> parts;
    bool lanes = false;     ///< built-in operators on scalars and tuples of them
    bool exact = false;     ///< any grouping has the same bits
    bool from_first = false; ///< function expression: starts from the first value
    int64_t partials = 1;   ///< L
    int64_t rank = 1;
};
FoldPlan planFold(ValueOps &ops, const Types &types, std::vector<FoldPlan::Part> parts, int64_t rank, bool from_first);
/// Iterations a block of a fold by functions or over aggregates.
int64_t aggregateBlock(int64_t iterations, int64_t scalars);

/// Calls back for FoldOp::Fn of part k. `init` gets zeroed memory. Return an outcome.
struct FoldCalls {
    std::function<int32_t(size_t k, void *left, void *right)> combine;
    std::function<int32_t(size_t k, void *into)> init;
};

/// One running fold. All functions that return int32_t give an outcome; after a failure only the destructor may be called.
class Fold {
public:
    /// `counts`: values a part (1, or elements of a view). `iterations`: of all rows.
    Fold(ValueOps &ops, Layouts &layouts, const FoldPlan &plan, FoldCalls calls, std::vector<int64_t> counts, int64_t iterations,
         int64_t scalars);
    ~Fold();
    Fold(const Fold &) = delete;
    Fold &operator=(const Fold &) = delete;

    int32_t start();
    /// Innermost rows of a plan with lanes and rank above 1.
    int32_t beginRow(int64_t n);
    int32_t endRow();
    /// The partial of part k that this iteration folds into.
    void *partial(size_t k) { return current + offsets[k]; }
    /// Does the current partial hold a value (from_first)?
    bool &has() { return current_has; }
    /// The iteration is done (also if it was skipped).
    int32_t advance();
    /// The total, in memory that lives as long as the fold; false in `any` if from_first and there was none.
    int32_t finish(bool &any);
    void *total(size_t k) { return result + offsets[k]; }
    int32_t fold(size_t k, void *left, void *right);

private:
    struct Leaf {
        char *values;
        bool has;
        int level;
    };
    char *fresh();
    void release(char *values);
    int32_t initialise(char *values);
    int32_t merge(Leaf &left, Leaf &right);
    int32_t push(std::vector<Leaf> &tree, Leaf leaf);
    int32_t collapse(std::vector<Leaf> &tree, Leaf &into);
    int32_t finishLanes(Leaf &into);

    ValueOps &ops;
    Layouts &layouts;
    const FoldPlan &plan;
    FoldCalls calls;
    std::vector<int64_t> counts, offsets;
    int64_t bytes = 0, block = 0, position = 0, lanes_in_use = 1;
    std::vector<char *> partials;
    std::vector<Leaf> rows, blocks;
    char *current = nullptr, *result = nullptr;
    bool current_has = false;
};

/// One running scan over a single accumulator.
class Scan {
public:
    Scan(ValueOps &ops, const Types &types, Layouts &layouts, const FoldPlan &plan, FoldCalls calls, bool inclusive);
    ~Scan();
    Scan(const Scan &) = delete;
    Scan &operator=(const Scan &) = delete;
    int32_t start();
    /// Takes the next value (consumed) and writes the prefix to `target` (owned there).
    int32_t step(void *value, void *target);

private:
    int32_t fold(void *left, void *right);
    int32_t begin(std::vector<char> &acc);
    ValueOps &ops;
    const FoldPlan &plan;
    FoldCalls calls;
    TypeId type;
    size_t size;
    bool inclusive, owns;
    int64_t position = 0;
    std::vector<char> running, total, prefix;
};

/// Growing columns of a filter.
class Columns {
public:
    Columns(ValueOps &ops, Layouts &layouts, const RuntimeTable &runtime, std::vector<TypeId> types);
    ~Columns();
    Columns(const Columns &) = delete;
    Columns &operator=(const Columns &) = delete;
    /// Appends one value a column (moved). False: no memory.
    bool push(std::span<void *const> values);
    /// Writes consecutive native arrays. False: no memory.
    bool finish(void *result);

private:
    ValueOps &ops;
    Layouts &layouts;
    const RuntimeTable &runtime;
    std::vector<TypeId> types;
    std::vector<char *> data;
    int64_t count = 0, capacity = 0;
};

} // namespace parlane::pir
