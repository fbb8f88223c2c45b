// Lowers one body (of a function, closure or constant instance) to one Pir function. The methods are spread over files
// by construct.
//
// Words used here:
//   value     an SSA value; of an owning type it is owned and must be consumed
//   place     where something is: behind a ref, as a view, or (small plain `let`s) an SSA value itself
//   temp      an anonymous slot that the statement drops at its end
//   dead      control does not get here; what is emitted goes to a region that nobody runs
#pragma once
#include "compiler/lower/lowering.h"

#include <set>
#include <unordered_map>
#include <unordered_set>

namespace parlane::lower {

using pir::Builder;
using pir::OpCode;
using pir::OpId;
using pir::Role;

struct Place {
    enum class Kind : uint8_t { Ref, View, Value };
    Kind kind = Kind::Value;
    ValueId id;
};

/// What a pattern is matched with.
struct Subject {
    enum class Kind : uint8_t {
        Value, ///< plain SSA value
        Ref,   ///< a place of somebody else: bindings alias or copy
        Take,  ///< ref to an owned temporary: bindings take their part out
        View,
        Parts, ///< one part each for the elements of a tuple that does not exist in memory (zip, enumerate)
    };
    Kind kind = Kind::Value;
    ValueId id;
    std::vector<Subject> parts;
};

struct LocalBinding {
    enum class Kind : uint8_t { None, Value, Ref, View, Closure };
    Kind kind = Kind::None;
    ValueId id;
    BindingId closure;
    std::vector<ValueId> captured;
};

/// A source whose operands have been evaluated: a box of `extents` iterations.
struct SourcePlan {
    hir::SourceId source;
    std::vector<ValueId> extents; ///< i64, one an index
    ValueId lo, step;             ///< range, in its own type; `step` none if 1
    bool from_zero = false;       ///< range of int from 0 by 1: its value is the index
    ValueId view;                 ///< elements, parts, code points
    std::vector<ValueId> args;    ///< parts: sizes or the view of offsets
    std::vector<SourcePlan> inner;
};

/// Where `break` and `continue` of a loop go.
struct LoopTarget {
    OpId leave, again;
    ValueId broken; ///< what `break` leaves with
    OpId skip;      ///< a block that `continue` leaves instead, with `skipped`
    ValueId skipped;
};

/// A place that stands for an accumulator inside the region that names it.
struct AccumulatorPlace {
    hir::ExprId place;
    Place private_place;
};

struct ParBody;

class FunctionLowering {
public:
    FunctionLowering(Lowering &all, Owner owner, std::vector<HType> type_args, pir::FunctionId id);

    void lowerInstance(const InstanceKey &key);
    void lowerClosureBody(const ClosureBinding &binding);
    void lowerConstant(const hir::Constant &constant);

private:
    // --- the function (function_lowering.cpp) ---
    void bindParam(const hir::Param &param, size_t &next, const BindingId *binding);
    void bindParamValue(hir::LocalId local, HType type, types::Mode mode, ValueId value);
    LocalBinding passedClosure(BindingId id, size_t &next);
    void finish(hir::BlockId root, HType result);
    HType concrete(HType type) { return all.substitute(type, type_args); }
    HType typeOf(hir::ExprId id) { return concrete(body.exprs[id].type); }
    PType ptypeOf(hir::ExprId id) { return all.type(typeOf(id)); }
    bool owns(ValueId value) { return types().owns(fn().type(value)); }
    bool ownsType(PType type) { return types().owns(type); }
    pir::Types &types() { return all.module.types; }
    pir::Function &fn() { return b.fn(); }
    pir::TypeKind kindOf(ValueId value) { return types().kind(fn().type(value)); }
    std::string_view nameOf(hir::LocalId id) {
        NameId name = body.locals[id].name;
        return name.valid() ? all.names.text(name) : std::string_view{};
    }
    ValueId unsupported(source::Span span, std::string what, PType type);

    // --- regions, temps, dead code (regions.cpp) ---
    void terminate();
    /// Gives whether the region's end is not reached.
    bool region(OpId op, Role role, int64_t index, const std::function<void(pir::RegionId)> &inside);
    bool region(OpId op, Role role, const std::function<void(pir::RegionId)> &inside) {
        return region(op, role, 0, inside);
    }
    /// Temps made inside are dropped behind it.
    void statementFrame(const std::function<void()> &inside, bool keep_temps = false);
    ValueId temp(PType type);
    /// Stores an owned or plain value in a temp, gives its ref.
    ValueId spill(ValueId value);
    void yield(ValueId value);
    void leave(OpId target, ValueId value = {});
    void again(OpId target);
    void discard(ValueId value);
    using Arm = std::function<ValueId()>;
    /// `if` with the arms as regions; both give a value of `type` (none for unit).
    ValueId branch(ValueId condition, PType type, const Arm &then, const Arm &otherwise);
    void when(ValueId condition, const std::function<void()> &then);
    /// A `block`, left by `leave`.
    ValueId inBlock(PType type, const std::function<ValueId(OpId)> &inside);
    void forRange(ValueId lo, ValueId n, ValueId step, const std::function<void(OpId, ValueId)> &inside);
    void forCount(ValueId n, const std::function<void(OpId, ValueId)> &inside);
    struct Located {
        Located(FunctionLowering &f, source::Span span);
        ~Located();
        FunctionLowering &f;
        pir::LocId before;
    };

    // --- blocks and statements (lower_stmt.cpp, lower_assign.cpp) ---
    ValueId block(hir::BlockId id);
    ValueId blockRegionValue(hir::BlockId id, PType type);
    void statement(hir::StmtId id);
    void lower(const hir::Let &let);
    void lower(const hir::Declare &declare);
    void lower(const hir::Assign &assign);
    void lower(const hir::AssignTuple &assign);
    void lower(const hir::OpAssign &assign);
    void lower(const hir::CopyElements &copy);
    void lower(const hir::FillElements &fill);
    void lower(const hir::ExprStmt &stmt);
    void assignTo(hir::ExprId target, ValueId value, hir::Claim claim);
    void atomicAssign(const hir::OpAssign &assign);
    ValueId applyOperator(const hir::OpAssign &assign, ValueId old, ValueId value);
    ValueId fusedUpdate(const hir::OpAssign &assign, ValueId ref, ValueId x, ValueId y);
    void storeNew(ValueId ref, ValueId value);
    void copyElements(ValueId to, ValueId from, PType elem);
    void fillElements(ValueId to, ValueId value);
    void eachElement(ValueId view, const std::function<void(const std::vector<ValueId> &)> &inside);
    void declare(hir::LocalId local, ValueId initial);
    void declareOuter(hir::LocalId local);
    std::vector<hir::LocalId> boundBy(const hir::Block &block);

    // --- expressions (lower_expr.cpp) ---
    /// Evaluates to a value: plain, a view, or owned.
    ValueId value(hir::ExprId id);
    /// As a read argument: a view, a ref if the type owns, else the value.
    ValueId read(hir::ExprId id);
    ValueId index(hir::ExprId id); ///< as i64
    ValueId lower(hir::ExprId id, const hir::IntLit &n);
    ValueId lower(hir::ExprId id, const hir::FloatLit &n);
    ValueId lower(hir::ExprId id, const hir::ParamLit &n);
    ValueId lower(hir::ExprId id, const hir::BoolLit &n);
    ValueId lower(hir::ExprId id, const hir::StrLit &n);
    ValueId lower(hir::ExprId id, const hir::NoneLit &n);
    ValueId lower(hir::ExprId id, const hir::ZeroLit &n);
    ValueId lower(hir::ExprId id, const hir::UnitLit &n);
    ValueId lower(hir::ExprId id, const hir::ConstRef &n);
    ValueId lower(hir::ExprId id, const hir::IntParam &n);
    ValueId lower(hir::ExprId id, const hir::Interpolate &n);
    ValueId lower(hir::ExprId id, const hir::LocalRef &) { return loadPlace(id); }
    ValueId lower(hir::ExprId id, const hir::Field &n);
    ValueId lower(hir::ExprId id, const hir::Index &) { return loadPlace(id); }
    ValueId lower(hir::ExprId id, const hir::Reshape &) { return loadPlace(id); }
    ValueId lower(hir::ExprId id, const hir::ToView &) { return loadPlace(id); }
    ValueId lower(hir::ExprId id, const hir::ListView &) { return loadPlace(id); }
    ValueId lower(hir::ExprId id, const hir::StrBytes &) { return loadPlace(id); }
    ValueId lower(hir::ExprId id, const hir::Unwrap &n);
    ValueId lower(hir::ExprId id, const hir::BoxValue &) { return loadPlace(id); }
    ValueId lower(hir::ExprId id, const hir::Consume &n);
    ValueId lower(hir::ExprId id, const hir::Extent &n);
    ValueId lower(hir::ExprId id, const hir::StrSlice &n);
    ValueId lower(hir::ExprId id, const hir::Unary &n);
    ValueId lower(hir::ExprId id, const hir::Binary &n);
    ValueId lower(hir::ExprId id, const hir::Convert &n);
    ValueId lower(hir::ExprId id, const hir::Bits &n);
    ValueId lower(hir::ExprId id, const hir::Copy &n);
    ValueId lower(hir::ExprId id, const hir::FixedToArray &n);
    ValueId lower(hir::ExprId id, const hir::Some &n);
    ValueId lower(hir::ExprId id, const hir::Coalesce &n);
    ValueId lower(hir::ExprId id, const hir::Tuple &n);
    ValueId lower(hir::ExprId id, const hir::StructLit &n);
    ValueId lower(hir::ExprId id, const hir::EnumCase &n);
    ValueId lower(hir::ExprId id, const hir::FixedLit &n);
    ValueId lower(hir::ExprId id, const hir::NewFixed &n);
    ValueId lower(hir::ExprId id, const hir::NewArray &n);
    ValueId lower(hir::ExprId id, const hir::BoxNew &n);
    ValueId lower(hir::ExprId id, const hir::Call &n);
    ValueId lower(hir::ExprId id, const hir::FunctionRef &n);
    ValueId lower(hir::ExprId id, const hir::ClosureRef &n);
    ValueId lower(hir::ExprId id, const hir::BlockExpr &n);
    ValueId lower(hir::ExprId id, const hir::If &n);
    ValueId lower(hir::ExprId id, const hir::IfLet &n);
    ValueId lower(hir::ExprId id, const hir::Match &n);
    ValueId lower(hir::ExprId id, const hir::LoopExpr &n);
    ValueId lower(hir::ExprId id, const hir::InvokeExpr &n);
    ValueId lower(hir::ExprId id, const hir::PipelineExpr &n);
    ValueId lower(hir::ExprId id, const hir::TryOptional &n);
    ValueId lower(hir::ExprId id, const hir::Try &n) { return (void)id, value(n.operand); }
    ValueId lower(hir::ExprId id, const hir::DoCatch &n);
    ValueId lower(hir::ExprId id, const hir::Throw &n);
    ValueId lower(hir::ExprId id, const hir::Return &n);
    ValueId lower(hir::ExprId id, const hir::Break &n);
    ValueId lower(hir::ExprId id, const hir::Continue &n);
    /// Values of several operands that an op consumes together: owned ones wait in temps.
    std::vector<ValueId> operands(const std::vector<hir::ExprId> &ids, const std::vector<uint32_t> *order = nullptr);
    ValueId packPayload(std::vector<ValueId> parts);

    // --- arithmetic and comparison (lower_arith.cpp) ---
    bool isProduct(hir::ExprId id);
    std::pair<ValueId, ValueId> factors(hir::ExprId id);
    ValueId fused(const hir::Binary &n);
    ValueId divide(OpCode code, ValueId a, ValueId b);
    ValueId arithmetic(hir::BinaryOp op, ValueId a, ValueId b);
    ValueId shortCircuit(const hir::Binary &n);
    ValueId comparison(hir::BinaryOp op, HType type, hir::ExprId left, hir::ExprId right);
    ValueId compareValues(hir::BinaryOp op, HType type, ValueId left, ValueId right);
    ValueId equalTo(HType type, ValueId left, ValueId right);
    ValueId lessThan(HType type, ValueId left, ValueId right);
    ValueId inOrder(ValueId lo, ValueId hi) { return b.compare(OpCode::Le, lo, hi); }
    ValueId both(ValueId a, ValueId c) { return b.binary(OpCode::And, a, c); }

    // --- places (lower_place.cpp, lower_index.cpp) ---
    Place place(hir::ExprId id);
    Place localPlace(hir::LocalId id, source::Span span);
    Place fieldPlace(Place base, uint32_t number);
    Place indexPlace(hir::ExprId id, const hir::Index &n);
    Place slicePlace(hir::ExprId id, const hir::Index &n);
    Place reshapePlace(hir::ExprId id, const hir::Reshape &n);
    Place unwrapPlace(hir::ExprId id, const hir::Unwrap &n);
    Place listView(Place list);
    /// Evaluates the indices (and temporaries) of a place now; `place` uses them later.
    void prepare(hir::ExprId id);
    std::vector<ValueId> indexOperands(hir::ExprId id);
    ValueId loadPlace(hir::ExprId id);
    ValueId load(Place place);
    ValueId refTo(Place place);
    ValueId refTo(hir::ExprId id) { return refTo(place(id)); }
    ValueId viewOf(Place place);
    ValueId viewOf(hir::ExprId id) { return viewOf(place(id)); }
    bool isPlace(hir::ExprId id);
    const AccumulatorPlace *accumulatorAt(hir::ExprId id);
    bool samePlace(hir::ExprId a, hir::ExprId c);
    bool insideAccumulator(hir::ExprId id);
    struct Verdict {
        pir::Own own = pir::Own::Local;
        pir::Bounds bounds = pir::Bounds::Checked;
        OpId region;
    };
    Verdict verdictOf(hir::ExprId id);
    void markOwn(ValueId part, const Verdict &verdict);
    ValueId sliceChecked(ValueId view, const std::vector<ValueId> &bounds, int64_t dropped, bool proved);
    void checkIndex(ValueId index, ValueId extent, int64_t dim);
    void checkRange(ValueId lo, ValueId hi, ValueId extent, int64_t dim);
    ValueId inRange(ValueId index, ValueId extent);
    ValueId viewElem(ValueId view) { return ValueId(types()[fn().type(view)].elem.raw); }
    std::vector<ValueId> extentsOf(ValueId view);
    ValueId elementCount(ValueId view);

    // --- calls (lower_call.cpp, lower_closure.cpp, lower_builtin.cpp) ---
    struct Argument {
        hir::ExprId expr;
        HType type;
        types::Mode mode = types::Mode::Read;
        std::vector<ValueId> values; ///< a closure has one for each capture
        bool late = false;           ///< an exclusive place, resolved when all arguments have been evaluated
        bool spilled = false;        ///< an owned value that waits in a temp
        BindingId binding;
    };
    std::vector<Argument> arguments(const std::vector<hir::Arg> &args, const std::vector<types::FnParam> &params,
                                    bool spill_all);
    void evaluate(Argument &argument, bool spill_owned, const std::vector<hir::Arg> &args);
    std::vector<ValueId> passedValues(std::vector<Argument> &arguments, bool *bears = nullptr);
    bool claimArgument(ValueId passed);
    bool mayAliasInout(hir::ExprId read, const std::vector<hir::Arg> &args);
    hir::LocalId rootOf(hir::ExprId id);
    std::vector<types::FnParam> paramsOf(const hir::Function &function, std::span<const HType> args);
    ValueId callFunction(const hir::Callee &callee, const std::vector<hir::Arg> &args);
    ValueId callClosure(hir::LocalId local, const std::vector<hir::Arg> &args);
    ValueId callC(const hir::Function &callee, const std::vector<ValueId> &values);
    ValueId callBinding(const LocalBinding &closure, std::vector<ValueId> values);
    /// Runs `call`, which may throw `thrown` (none: nothing), so that what arrives further out is what is caught there.
    ValueId throwing(HType thrown, PType result, const Arm &call);
    HType thrownBy(const hir::Function &function, std::span<const HType> args);
    std::vector<HType> typeArgs(const hir::Callee &callee);
    LocalBinding bindingOf(hir::ExprId id, HType type);
    LocalBinding literalBinding(hir::ClosureId id, HType type);
    LocalBinding asPair(const LocalBinding &closure, HType type);
    /// A call whose arguments are values already, as a read (inout, sink) parameter wants them.
    ValueId callCallee(const hir::Callee &callee, std::vector<ValueId> values);

    /// A call of a builtin, its arguments evaluated.
    struct BuiltinCall {
        std::string_view name;
        std::vector<HType> type_args;
        std::vector<types::FnParam> params;
        std::vector<ValueId> values;
        HType result;
    };
    using BuiltinRule = ValueId (*)(FunctionLowering &, const BuiltinCall &);
    ValueId callBuiltin(const hir::Function &callee, std::span<const HType> args, std::vector<ValueId> values);
    void lowerAssert(const std::vector<hir::Arg> &args);
    friend struct Builtins;

    // --- strings (lower_string.cpp) ---
    ValueId textOf(HType type, ValueId value, std::string_view spec);
    ValueId concat(const std::vector<ValueId> &owned_parts);
    ValueId stringRef(std::string_view text);

    // --- control (lower_control.cpp, lower_match.cpp, lower_pattern.cpp, lower_throw.cpp) ---
    Subject subject(hir::ExprId id);
    Subject subjectOfValue(ValueId value);
    ValueId test(hir::PatternId id, const Subject &subject);
    ValueId testLiteral(HType type, hir::ExprId literal, const Subject &subject);
    ValueId testRange(HType type, const hir::RangePattern &pattern, const Subject &subject);
    ValueId testCase(const Subject &subject, uint32_t number, const std::function<ValueId(const Subject &)> &inside);
    bool refutable(hir::PatternId id);
    void bind(hir::PatternId id, const Subject &subject);
    void bindLocal(hir::LocalId local, const Subject &subject);
    ValueId ownedValue(const Subject &subject, HType type);
    Subject part(const Subject &subject, uint32_t number);
    Subject payloadPart(const hir::CasePattern &pattern, HType type, const Subject &payload, uint32_t number);
    Subject payloadOf(const Subject &subject, uint32_t number);
    ValueId tagOf(const Subject &subject);
    ValueId readSubject(const Subject &subject);
    ValueId arms(const hir::Match &match, size_t k, const Subject &subject, PType type);
    ValueId armTest(const hir::Arm &arm, const Subject &subject);
    bool switchable(const hir::Match &match);
    ValueId switchArms(const hir::Match &match, const Subject &subject, PType type);
    ValueId toError(HType type, ValueId value);
    void throwValue(HType type, ValueId value);
    PType caught() const { return catches.empty() ? fn_throws : catches.back(); }

    // --- sources (loop_source.cpp, loop_item.cpp) ---
    SourcePlan plan(hir::SourceId id);
    void planRange(SourcePlan &plan, const hir::RangeSource &range);
    ValueId steppedCount(ValueId lo, ValueId hi, ValueId step, bool inclusive);
    void planElements(SourcePlan &plan, const hir::ElementsSource &elements);
    void planZip(SourcePlan &plan, const hir::ZipSource &zip);
    void planParts(SourcePlan &plan, const hir::PartsSource &parts);
    void planText(SourcePlan &plan, const hir::StrSource &text);
    void checkOffsets(ValueId offsets, ValueId length);
    ValueId ceilDiv(ValueId n, ValueId by);
    ValueId countOf(const SourcePlan &plan);
    Subject itemAt(const SourcePlan &plan, const std::vector<ValueId> &indices, OpId region);
    Subject partAt(const SourcePlan &plan, const hir::PartsSource &parts, ValueId k, OpId region);
    ValueId rangeValue(const SourcePlan &plan, ValueId k);
    std::vector<ValueId> spread(const SourcePlan &plan, const std::vector<ValueId> &indices);
    ValueId flatIndex(const std::vector<ValueId> &extents, const std::vector<ValueId> &indices);
    bool isCounted(hir::SourceId id);
    size_t rankOf(hir::SourceId id);
    std::optional<int64_t> literalInt(hir::ExprId id);

    // --- serial loops (lower_loop.cpp) ---
    using Iteration = std::function<void(const std::vector<ValueId> &)>;
    struct Nest {
        hir::LoopId id;
        const hir::Loop &loop;
        const std::vector<SourcePlan> *plans; ///< sources evaluated before; may be null
        Iteration inside;
        std::function<void()> on_row; ///< in front of each innermost loop; may be empty
        bool filters = true;          ///< the filter stands in front of `inside`
        bool indexed = false;         ///< `inside` wants its indices from 0
    };
    void serialNest(const Nest &nest, size_t k, std::vector<ValueId> &indices);
    void serialCounted(const Nest &nest, size_t k, const SourcePlan &plan, std::vector<ValueId> own,
                       std::vector<ValueId> &indices);
    void serialUncounted(const Nest &nest, size_t k, std::vector<ValueId> &indices);
    void serialText(const Nest &nest, size_t k, const hir::StrSource &text, std::vector<ValueId> &indices);
    void serialLoop(const Nest &nest);
    void noteLoop(hir::LoopId id, OpId op);
    std::vector<SourcePlan> planAll(const hir::Loop &loop);
    static std::vector<ValueId> allExtents(const std::vector<SourcePlan> &plans);
    void statementLoop(hir::LoopId id, const hir::Loop &loop);

    // --- collects (lower_collect.cpp) ---
    ValueId collect(HType result, hir::LoopId id, const hir::Loop &loop);
    std::vector<ValueId> collectColumns(HType result, hir::LoopId id, const hir::Loop &loop);
    std::vector<ValueId> collectShaped(hir::LoopId id, const hir::Loop &loop, const std::vector<PType> &columns);
    std::vector<ValueId> collectGrowing(hir::LoopId id, const hir::Loop &loop, const std::vector<PType> &columns);
    std::vector<ValueId> collectFiltered(hir::LoopId id, const hir::Loop &loop, const std::vector<PType> &columns);
    std::vector<HType> columnsOf(HType result);
    std::vector<ValueId> columnValues(hir::BlockId body, size_t count);
    ValueId columnsResult(const std::vector<ValueId> &slots, HType result);
    std::vector<ValueId> resultArrays(const std::vector<PType> &columns, const std::vector<ValueId> &extents);
    void storeColumns(const std::vector<ValueId> &slots, const std::vector<ValueId> &extents,
                      const std::vector<ValueId> &indices, const std::vector<ValueId> &values, OpId region);
    void append(const std::vector<ValueId> &slots, ValueId count, std::vector<ValueId> values);

    // --- folds, scans, first (lower_fold.cpp, lower_serial_fold.cpp, lower_combine.cpp, lower_scan.cpp) ---
    ValueId fold(HType result, hir::LoopId id, const hir::Loop &loop);
    ValueId plainSerialFold(HType result, hir::LoopId id, const hir::Loop &loop, const std::vector<int64_t> &ops);
    ValueId bufferedFold(HType result, hir::LoopId id, const hir::Loop &loop, const std::vector<int64_t> &ops);
    ValueId foldBuffer(HType result, const hir::Loop &loop, const std::vector<int64_t> &ops, ValueId items,
                       ValueId count, ValueId starts, ValueId rows);
    std::vector<int64_t> foldOps(const hir::Loop &loop, HType result);
    bool anyOrder(HType result, const std::vector<int64_t> &ops);
    bool pureLoop(const hir::Loop &loop);
    bool pureExpr(hir::ExprId id);
    std::vector<ValueId> foldedValues(const hir::Loop &loop, const std::vector<int64_t> &ops);
    void combineRegions(OpId op, const hir::Loop &loop, HType result, const std::vector<int64_t> &ops);
    void combineRegion(OpId op, int64_t k, PType type, const std::function<void(ValueId, ValueId)> &inside);
    void combineInto(const hir::FoldOp &fold, HType type, ValueId left, ValueId right);
    ValueId combineScalars(int64_t op, ValueId left, ValueId right);
    ValueId identity(int64_t op, PType type);
    /// What accumulator `k` of a fold by a function starts with: `T()` of the members (-1: of the whole) that have defaults.
    void initRegion(pir::OpId op, int64_t k, PType type, const std::vector<std::pair<int64_t, hir::ExprId>> &parts);
    ValueId scan(HType result, hir::LoopId id, const hir::Loop &loop);
    ValueId scanOfTuples(HType result, hir::LoopId id, const hir::Loop &loop);
    ValueId scanned(const hir::Loop &loop, const hir::FoldOp &fold, HType elem, ValueId values);
    ValueId first(HType result, hir::LoopId id, const hir::Loop &loop);
    ValueId serialFirst(HType result, hir::LoopId id, const hir::Loop &loop);

    // --- parallel loops (lower_par.cpp, lower_par_for.cpp) ---
    OpId parallel(hir::LoopId id, const hir::Loop &loop, OpCode code, PType result, ParBody &setup);
    void parallelBody(hir::LoopId id, const hir::Loop &loop, OpId op, ParBody &setup,
                      const std::vector<SourcePlan> &plans, size_t rank);
    std::vector<ValueId> mergedExtents(const std::vector<ValueId> &extents);
    std::vector<ValueId> splitIndices(const std::vector<ValueId> &merged, const std::vector<ValueId> &extents);
    bool unknownRows(const hir::Loop &loop, bool flat);
    bool isColumns(PType type);
    bool isExact(PType type);
    void extentRegions(const hir::Loop &loop, OpId op, const std::vector<SourcePlan> &plans);
    std::vector<Subject> clauseItems(const hir::Loop &loop, const std::vector<SourcePlan> &plans,
                                     const std::vector<ValueId> &indices, size_t clauses, OpId region);
    size_t leadingClauses(const hir::Loop &loop);
    ValueId loopOfKind(HType result, hir::LoopId id, const hir::Loop &loop);
    ValueId guardedLoop(HType result, hir::LoopId id, const hir::Loop &loop, const std::vector<access::Guard> &guards);
    bool groupsFreely(const hir::Loop &loop);
    ValueId quantityOf(const access::Quantity &quantity);
    ValueId guardHolds(const access::Guard &guard);
    /// `iteration` of a body of `op`: the construct and the names of the indices (empty: it has none) stand in its attributes.
    void iteration(OpId op, std::vector<ValueId> indices, std::span<const std::string> names);
    std::string indexName(const hir::Clause &clause);
    ValueId userIndex(hir::SourceId source, const Subject &item, ValueId index);
    void parFor(hir::LoopId id, const hir::Loop &loop);
    void addAccumulators(const hir::Loop &loop, ParBody &setup, std::vector<HType> &types_of);

    // --- pipelines (lower_pipeline.cpp) ---
    void pipelineSource(OpId op, const hir::Pipeline &pipeline, const SourcePlan *plan,
                        const std::vector<hir::LocalId> &tokens);
    void pipelineStage(OpId op, hir::PipelineId id, size_t k, const SourcePlan *plan,
                       const std::vector<hir::LocalId> &tokens);
    std::vector<hir::LocalId> tokenLocals(const hir::Pipeline &pipeline, bool counted);
    void bindTokens(pir::RegionId region, const std::vector<hir::LocalId> &tokens);
    PType tokenType(hir::LocalId id);

    friend pir::FunctionId functionValue(Lowering &all, const ClosureBinding &binding);

    Lowering &all;
    Owner owner;
    std::vector<HType> type_args;
    const hir::Body &body;
    const access::FunctionProofs &proofs;
    Builder b;
    PType fn_throws;
    bool dead = false;
    pir::RegionId graveyard;
    std::vector<LocalBinding> locals; ///< by LocalId
    std::unordered_set<uint32_t>
        outer_slots; ///< locals whose slot an open construct around has made (invoke, pipeline)
    std::vector<std::vector<ValueId>> frames; ///< temps of the open statements and regions
    std::unordered_map<uint32_t, std::vector<ValueId>> prepared_indices;
    std::unordered_map<uint32_t, Place> prepared_places;
    std::unordered_map<uint32_t, LoopTarget> loop_targets;
    std::unordered_map<uint32_t, OpId> pipeline_targets;
    std::map<access::RegionId, OpId> open_regions;
    std::set<hir::LoopId> serial_ops;    ///< loops that are being lowered once more, as an op that runs on one thread
    std::set<hir::LoopId> serial_copies; ///< loops that are being lowered once more, without `par`
    std::vector<std::pair<OpId, pir::RegionId>> open_bodies; ///< of parallel loops, outermost first
    std::vector<AccumulatorPlace> open_accumulators;
    std::vector<PType> catches; ///< error types of the `try` regions around
};

/// How a parallel loop differs by its kind.
struct ParBody {
    std::vector<ValueId> behind;     ///< operands behind the extents
    std::vector<PType> extra_params; ///< of the body, behind the indices
    std::vector<pir::Attr> attrs;
    /// Called with the extents before the op is made; may set `behind`. Rectangular loops only.
    std::function<void(const std::vector<ValueId> &)> before;
    /// Called at the start of the body with the extra parameters.
    std::function<void(const std::vector<ValueId> &)> start;
    /// The body behind patterns and filter; gets the indices.
    std::function<void(OpId, const std::vector<ValueId> &)> inside;
};

/// The operator of a fold in Pir; `Fn` for functions.
pir::FoldOp pirOperator(const hir::FoldOp &fold);
/// Plain and few enough scalars to be an SSA value.
bool isSmallPlain(const pir::Types &types, PType type);
/// A Pir function for a function that is passed as an argument.
pir::FunctionId functionValue(Lowering &all, const ClosureBinding &binding);

} // namespace parlane::lower
