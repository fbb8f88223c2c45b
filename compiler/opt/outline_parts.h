// Internal to `outline`: what its files share.
#pragma once
#include "compiler/opt/clone.h"
#include "compiler/opt/outline.h"

#include <functional>
#include <set>

namespace parlane::opt {

using pir::AttrKey;
using pir::FoldOp;
using pir::FunctionId;
using pir::LocId;
using pir::Op;
using pir::OpCode;
using pir::OpId;
using pir::RegionId;
using pir::Role;
using pir::TypeId;
using pir::TypeKind;
using pir::ValueId;

/// Iterations of one block of a fold by built-in operators, and of scans (language.md).
inline constexpr int64_t kBlock = 4096;
/// Columns of one piece of a row.
inline constexpr int64_t kPiece = 4096;
/// Iterations of a unit where a loop of one index runs on lanes.
inline constexpr int64_t kLaneUnit = 64;

/// Outlines one par.* op of one function.
class Outliner {
public:
    /// `serially`: strips are called, not launched.
    Outliner(pir::Module &module, FunctionId function, OpId op, bool serially = false);
    /// Replaces the op by rt.* ops.
    void run();

private:
    /// A function in the making. Its parameters begin with the captures.
    struct Made {
        FunctionId id;
        pir::Builder b;
        std::vector<ValueId> captures;
    };
    /// One scalar or tuple that is folded by one operator.
    struct Column {
        TypeId type;
        FoldOp op;
        bool whole = false; ///< min or max of tuples as a whole
    };
    struct Scalars {
        std::vector<Column> columns;
        TypeId acc;           ///< of one column its type, else the tuple of all
        int64_t partials = 1; ///< L
        bool exact = true;    ///< integers only: any grouping
        bool clause = false;  ///< the body writes through its accumulators instead of yielding

        bool single() const { return columns.size() == 1; }
    };

    const pir::Function &fn() const { return module.functions[function]; }
    const Op &op() const { return fn().ops[op_id]; }

    // outline_captures.cpp
    /// Moves ops that read only what is outside in front of the op: views of owners, extents, scalar variables that the bodies do not write.
    void hoist();
    bool canHoist(const Op &inner, const std::set<uint32_t> &written, const std::set<uint32_t> &inside) const;
    void findCaptures();
    /// Roots that the bodies write directly, and the values through which anything is written.
    void findWrites();
    ValueId root(ValueId value) const;
    TypeId thrownType() const;

    // outline.cpp
    Made make(std::string_view what, TypeId result);
    ValueId addParam(Made &made, TypeId type, std::string_view name, pir::PassMode mode = pir::PassMode::Read);
    /// A cloner from this function's bodies into `made`, with the captures bound.
    Cloner cloner(Made &made);
    /// Emits, in `made`, one copy of a region of the op: the body with the indices given.
    std::vector<ValueId> body(Made &made, RegionId region, std::span<const ValueId> indices, std::span<const ValueId> more,
                              OpId again);
    std::vector<ValueId> captureOperands(std::vector<ValueId> leading) const;
    void finish(ValueId replacement);
    bool isHeavy() const;

    // outline_loops.cpp: shapes of iteration spaces, in any function whose builder and captures are given
    using Each = std::function<void(std::span<const ValueId> indices, OpId loop)>;
    struct Space {
        int64_t rank = 0, given = 0;  ///< indices; those whose extents are operands
        std::vector<ValueId> extents; ///< clamped at 0
    };
    Space space(pir::Builder &b, const std::function<ValueId(ValueId)> &seen);
    ValueId clamp(pir::Builder &b, ValueId n);
    ValueId constant(pir::Builder &b, int64_t n) { return b.constInt(n); }
    OpId loop(pir::Builder &b, ValueId lo, ValueId n, std::string_view name, const std::function<void(ValueId, OpId)> &each);
    /// Number of units of the schedule, and the loop over units [lo, hi) in a strip.
    ValueId unitCount(pir::Builder &b, const Space &space);
    ValueId pieceLength(pir::Builder &b, const Space &space);
    void unitLoop(Made &made, const Space &space, ValueId lo, ValueId hi, const Each &each);
    /// Indices beyond the given ones, in nested loops with their extents computed.
    void innerLoops(Made &made, const Space &space, std::vector<ValueId> indices, OpId outer, const Each &each);
    /// The loop over iterations [lo, hi) counted row-major; all extents are given.
    void flatLoop(Made &made, const Space &space, ValueId lo, ValueId hi, const Each &each);
    ValueId extentOf(Made &made, int64_t index, std::span<const ValueId> outer);
    std::vector<ValueId> rowIndices(pir::Builder &b, const Space &space, ValueId row, size_t count);

    static ValueId ceilDiv(pir::Builder &b, ValueId n, ValueId by);

    /// Folds iteration `index` of the innermost index onto refs; `again` skips it.
    using Iterate = std::function<void(ValueId index, OpId again, const std::vector<ValueId> &refs)>;

    // outline_lanes.cpp
    int64_t lanes() const;
    /// What a strip does with the steps of a loop on lanes.
    struct LaneUse {
        /// The vectors that a step yields: of iterations from `index` on, of the lanes of `mask` (none: of all). For loops empty.
        std::function<void(ValueId index, ValueId mask, std::span<const ValueId> values)> step;
        /// Vectors that a step folds onto itself: refs, good for the step from `index` on.
        std::function<std::vector<ValueId>(ValueId index)> refs;
        /// An iteration without lanes, in the replay of a step that fails.
        Each replay;
    };
    void laneLoop(Made &made, const std::vector<ValueId> &outer, ValueId from, ValueId n, const LaneUse &use);
    void laneLoops(Made &made, const Space &space, std::vector<ValueId> indices, const LaneUse &use);
    void emitOnLanes(Made &made, const Space &space, ValueId lo, ValueId hi, const LaneUse &use);
    LaneUse plainUse(Made &made);
    // outline_lane_folds.cpp
    struct Leaf {
        TypeId type;
        ValueId slot;  ///< vector of partials, while all of them are one
        ValueId array; ///< all partials
    };
    std::vector<Leaf> leavesOf(pir::Builder &b, const Scalars &scalars);
    void addLeaves(pir::Builder &b, TypeId type, FoldOp how, std::vector<Leaf> &leaves);
    ValueId lessOnLanes(pir::Builder &b, std::span<const ValueId> x, std::span<const ValueId> y);
    std::vector<ValueId> foldLanes(pir::Builder &b, const Scalars &scalars, std::span<const ValueId> values, std::span<const ValueId> before);
    void foldStep(pir::Builder &b, const Scalars &scalars, const std::vector<Leaf> &leaves, ValueId at, ValueId mask,
                  std::span<const ValueId> values);
    std::function<std::vector<ValueId>(ValueId)> leafRefs(pir::Builder &b, const std::vector<Leaf> &leaves, std::function<ValueId(ValueId)> at);
    ValueId leafAt(pir::Builder &b, const std::vector<Leaf> &leaves, size_t &next, TypeId type, ValueId j);
    void foldBlockOnLanes(Made &made, Scalars &scalars, std::span<const ValueId> outer, ValueId lo, ValueId count,
                          const std::vector<ValueId> &partials, const Iterate &each);
    void foldExactOnLanes(Made &made, Scalars &scalars, const Space &space, ValueId lo, ValueId hi, const std::vector<ValueId> &locals);
    ValueId unitsWithoutLanes(pir::Builder &b, const Space &space);

    void callWhole(pir::Builder &b, FunctionId strip, ValueId units);
    void emitBodies(Made &made, const Space &space, ValueId lo, ValueId hi);

    ValueId rowCount(pir::Builder &b, const Space &space);
    int64_t blockOfUnits(const Space &space, int64_t light) const;
    void unitLoopOfRows(Made &made, const Space &space, ValueId lo, ValueId hi, const Each &each);

    // one a construct
    void parFor();
    void parFold();
    void accumulate();
    void parScan();
    void parFilter();
    void parFirst();
    void parInvoke();
    void parPipeline();

    // outline_values.cpp
    TypeId valueType(const Scalars &scalars);
    FunctionId valuesFunction(const Scalars &scalars);
    ValueId neutralValue(pir::Builder &b, const Scalars &scalars);

    // outline_fold.cpp
    std::vector<TypeId> yieldTypes(const Scalars &scalars) const;
    void foldYielded(pir::Builder &b, const Scalars &scalars, std::span<const ValueId> yielded, const std::vector<ValueId> &refs);
    /// `lanes_at`: the outer indices, if the block may run on lanes.
    void emitBlock(Made &made, Scalars &scalars, ValueId row, ValueId lo, ValueId hi, ValueId acc, const Iterate &each,
                   const std::vector<ValueId> *lanes_at = nullptr);
    FunctionId foldValuesFunction(Scalars &scalars);
    void foldScalars(Scalars &scalars);
    void foldExact(Scalars &scalars);
    void foldOrdered(Scalars &scalars);
    std::vector<ValueId> columnRefs(pir::Builder &b, const Scalars &scalars, ValueId acc);
    void foldIteration(Made &made, const Scalars &scalars, std::span<const ValueId> indices, OpId again,
                       const std::vector<ValueId> &refs);
    FunctionId blockFunction(Scalars &scalars, std::string_view what);
    FunctionId rowStrip(Scalars &scalars, FunctionId block);
    /// `more`: parameters behind the captures that the other functions of the same rt.* op have.
    FunctionId combineScalars(Scalars &scalars, std::span<const TypeId> more);
    FunctionId initScalars(Scalars &scalars, std::span<const TypeId> more);
    void useTotal(pir::Builder &b, const Scalars &scalars, ValueId total);
    std::vector<pir::Attr> foldAttributes(FunctionId strip, FunctionId init, FunctionId combine, bool any_order);
    void directIfSmall(pir::Builder &b, ValueId units, int64_t small, const std::function<void()> &launch,
                       const std::function<void()> &direct);
    // outline_fold_fn.cpp, outline_scan.cpp
    void foldFunction();
    void foldAggregates();
    void mergeFirst(Made &made, ValueId left_value, ValueId left_has, ValueId right);
    FunctionId combineFirst(TypeId acc);
    void combineByFunction(Made &made, int64_t k, ValueId left, ValueId right);
    void initByFunction(Made &made, int64_t k, ValueId place);
    void initHere(pir::Builder &b, int64_t k, ValueId place);
    TypeId privateType(ValueId place);
    ValueId seenAs(pir::Builder &b, ValueId place, ValueId copy);
    FunctionId initCopies(TypeId acc);
    FunctionId combineCopies(TypeId acc);
    void joinPlaces(pir::Builder &b, std::span<const ValueId> places, ValueId total);
    void addZero(pir::Builder &b, FoldOp how, ValueId total);
    bool isExact(TypeId type) const;
    ValueId scalarsOf(pir::Builder &b, ValueId place);
    void scanFold(Made &made, ValueId acc, ValueId other);
    FunctionId scanStrip(ValueId target, TypeId value);
    FunctionId scanApply(ValueId target, TypeId value);

    pir::Module &module;
    FunctionId function;
    OpId op_id;
    bool serially;
    std::vector<ValueId> captured;
    std::set<uint32_t> written_roots;  ///< written directly
    std::set<uint32_t> written_values; ///< captured values through which something is written
};

/// Identity of a built-in operator; the exact one (-0.0 for sums).
ValueId identity(pir::Builder &b, TypeId scalar, FoldOp op);
/// left op right by a built-in operator.
ValueId apply(pir::Builder &b, FoldOp op, ValueId left, ValueId right);
/// min or max of whole tuples.
ValueId applyWhole(pir::Builder &b, FoldOp op, ValueId left, ValueId right);
/// left = left op right, member by member; both are refs to one type.
void combineMembers(pir::Builder &b, FoldOp op, ValueId left, ValueId right);
/// Calls `scalar` for refs to every scalar in what the refs (or views of one shape) name, in loops over arrays.
void eachScalar(pir::Builder &b, std::vector<ValueId> refs, const std::function<void(std::vector<ValueId>)> &scalar);
void storeIdentity(pir::Builder &b, FoldOp op, ValueId into);
/// 64 if the widest scalar has at most 4 bytes, else 32.
int64_t partialCount(const pir::Types &types, std::span<const TypeId> scalars);

} // namespace parlane::opt
