// Hir: what a program means. Names are bound, every expression has a type, overloads and method calls are resolved,
// literals are typed,
// implicit conversions are nodes. Generic code stays generic. Only programs without errors are handed on, so later
// stages
// never see an `ErrorType`.
//
// Conventions, used in the comments below:
//   place    a *place expression*: `LocalRef`, `Field`, `Index`, `Reshape`, `ToView`, `ListView`, `StrBytes`, `Unwrap`,
//   `BoxValue`
//            whose base is a place too. It denotes storage; evaluating it evaluates its indices, nothing else.
//   read     any expression, looked at only: a place is neither copied nor moved (a scalar is simply loaded).
//   consume  the operand becomes the new owner's. A temporary just moves. A place is wrapped in `Consume` whenever its
//   type is not
//            known to be plain bits (`TypeStore::owns`); the access stage decides whether that one moves or copies.
// Evaluation order is the order of the fields in the node unless its comment says otherwise.
#pragma once
#include "lang/hir/ids.h"
#include "lang/types/type_store.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace parlane::hir {

using source::Span;
using types::Mode;
using types::TypeId;

// ---- operands ---------------------------------------------------------------------------------------------------

enum class UnaryOp : uint8_t { Neg, Not, BitNot }; ///< `-` numbers, `!` bool, `~` integers

enum class BinaryOp : uint8_t {
    /// both operands and the result of one number type; integers wrap, `/ %` trap on 0
    Add, Sub, Mul, Div, Rem,
    Shl, Shr,                          ///< result has the type of `left`; `right` is any integer type, masked
    BitAnd, BitOr, BitXor,             ///< integers or bool
    Eq, Ne,                            ///< any equatable type, both the same; arrays and views: shape and elements
    Lt, Le, Gt, Ge,                    ///< any ordered type, both the same
    And, Or,                           ///< bool, short circuit
};

/// What is called by `Call`, `FoldOp` and operator assignments.
struct Callee {
    FunctionId function;           ///< the function, or invalid if a closure parameter is called
    /// one for each type parameter of it, in terms of the caller's own parameters; sizes for integers
    std::vector<TypeId> type_args;
    LocalId closure;               ///< parameter of function type, if `function` is invalid
};

/// Read: `value` is read. Inout: `value` is a place (of the parameter's type, views as `ToView`, slice, ...), accessed
/// exclusively for the duration of the call; for a function parameter `inout f` a `Closure` or `LocalRef` of one. Sink:
/// consume.
/// All arguments are evaluated left to right (for places: their indices), copyable read ones are copied, then the
/// exclusive accesses begin.
struct Arg {
    ExprId value;
    Mode mode = Mode::Read;
    bool view = false; ///< the parameter is a view: passed as pointer, extents, strides
    Span span;         ///< with the `&`
};

/// One index of an `Index`: a single `index`, or a range `lo..hi` (either end may be missing; `inclusive` for `..=`).
struct IndexArg {
    ExprId index; ///< invalid for a range; any integer type
    ExprId lo, hi;
    bool inclusive = false;
    bool isRange() const { return !index.valid(); }
};

// ---- expressions: constants -------------------------------------------------------------------------------------

/// `bits`: two's complement, sign- or zero-extended to 64. Type: an integer type.
struct IntLit { uint64_t bits; };
/// Already rounded to its type. Type: f32, f64; of a `Float` or `Number` parameter: a value exact in every instance
/// (small integers).
struct FloatLit { double value; };
/// A number literal whose type is a type parameter: rounded or wrapped when instantiated. `text` for integers fits 64
/// bits.
struct ParamLit { bool is_float; uint64_t bits; double value; };
struct BoolLit { bool value; };
struct StrLit { NameId text; }; ///< escapes resolved
struct NoneLit {};              ///< of an optional type
struct ZeroLit {};              ///< `T()`, fields left out: the value of all zero bits, of any type
struct UnitLit {};
struct ConstRef { ConstId constant; }; ///< a value; constants of scalar type are `IntLit` etc. instead
/// The value of an integer parameter `N` of the enclosing function, as `int`.
struct IntParam { types::ParamId param; uint32_t index; };
/// `"x = {x:.3}"`: pieces of text and read operands in order. Result: str. The specs are checked for the operand's type
/// (in generic code for
/// its constraint). Operands may be of any type without functions.
struct Interpolate {
    struct Part {
        NameId text;         ///< literal text, if `value` is invalid
        ExprId value;
        NameId spec;         ///< what follows `:`; empty text if nothing
    };
    std::vector<Part> parts;
};

// ---- expressions: places ----------------------------------------------------------------------------------------

struct LocalRef { LocalId local; };
/// Field of a struct, or element of a tuple. A place if `base` is one, else a value that is taken out of a temporary.
struct Field { ExprId base; uint32_t index; };
/// `base` is of array, view or fixed type; one argument a dimension. With single indices only: an element. With ranges:
/// a view whose rank
/// is the number of ranges; the last dimension of `base` is a range then. Out of bounds traps.
struct Index { ExprId base; std::vector<IndexArg> args; };
/// `base.view(n, m)` (`extents`, of any integer type, their product is the number of elements, else trap) or
/// `base.flat` (no extents). A view.
struct Reshape { ExprId base; std::vector<ExprId> extents; };
/// The implicit view of an owner (`ArrayType`, `FixedType`): argument of a view parameter, `let s = a` of a fixed
/// array's elements, `zip`...
/// Also from a temporary, which then lives as long as the statement.
struct ToView { ExprId base; };
/// The one projection of `List<T>`: a view of its first `len` items.
struct ListView { ExprId base; };
struct StrBytes { ExprId base; }; ///< `s.bytes`: a read-only `u8` view
/// `opt!`: the value of an optional; traps on none. Also implied by nothing else.
struct Unwrap { ExprId base; };
struct BoxValue { ExprId base; }; ///< `b.value`; traps on an empty box

/// A place in a consuming position; see the conventions above. Moving is possible only from a whole local (`LocalRef`
/// of storage
/// `Owned`), otherwise the type is `Copy` (check has reported the rest).
struct Consume { ExprId place; };

// ---- expressions: values ----------------------------------------------------------------------------------------

/// `a.len` of rank 1, `m.rows`, `m.cols`, `a.shape` (a tuple of `Extent`s), `s.len` of str (bytes). `dim` counts from
/// 0, the outermost; `all`
/// is the number of elements of an array of rank 2 or 3 (`m.len`).
struct Extent {
    static constexpr int kAll = -1;
    ExprId base;
    int dim = 0;
};
/// `s[lo..hi]`: a str; traps off character borders.
struct StrSlice { ExprId base; IndexArg range; };
struct Unary { UnaryOp op; ExprId operand; };
/// Built-in operators on built-in types (or parameters that are constrained to such); those of the user are `Call`s.
/// `op_span` is the operator's.
/// Parentheses have left no trace: a float `Add` or `Sub` with exactly one `Mul` operand is fused.
struct Binary { BinaryOp op; ExprId left, right; Span op_span; };
/// `f32(i)`, `u8(x)`: between scalars (bool to integer: 0 or 1). Also the same type.
struct Convert { ExprId operand; };
struct Bits { ExprId operand; };    ///< `bits<u32>(x)`
struct Copy { ExprId operand; };    ///< `x.copy()`: of a view: a new array
struct FixedToArray { ExprId operand; }; ///< read a fixed array, make an owner with its elements
struct Some { ExprId value; };      ///< consume; implicit `T` to `T?`
/// `opt ?? fallback`; consume, the fallback only if needed; result `T` (or `T?` if the fallback is)
struct Coalesce { ExprId optional, fallback; };
struct Tuple { std::vector<ExprId> elems; };        ///< consume
/// Consume; one for each field in order of declaration; defaults and `ZeroLit` are filled in. `order` lists the fields
/// in the order of evaluation.
struct StructLit { std::vector<ExprId> fields; std::vector<uint32_t> order; };
struct EnumCase { uint32_t case_index; std::vector<ExprId> payload; }; ///< consume
/// `[a, b]`, `[[a, b], [c, d]]`: consume; row-major, all of the fixed type's elements
struct FixedLit { std::vector<ExprId> elems; };
struct NewFixed { ExprId fill; };               ///< `f32[4]()` (no fill: zeroed), `f32[4](1.5)` (fill is copied)
/// `f32[,](h, w, 1.5)`; extents of any integer type; negative ones trap
struct NewArray { std::vector<ExprId> extents; ExprId fill; };
struct BoxNew { ExprId value; };                ///< `Box(x)`: consume
/// Call of a function, a builtin or a closure parameter (`callee.closure`). May throw if the callee is declared to.
struct Call { Callee callee; std::vector<Arg> args; };
/// A function passed for a function parameter, without captures.
struct FunctionRef { Callee callee; };
/// A closure literal, argument of a function parameter only.
struct ClosureRef { ClosureId closure; };

// ---- expressions: control ---------------------------------------------------------------------------------------
// A block is an expression through its last one. Branches that end in `return`, `break`, ... have type never.

struct BlockExpr { BlockId block; };
struct If { ExprId condition; BlockId then_block, else_block; }; ///< `else_block` may be invalid (type unit)
/// `if let p = e {} else {}`. `value` is a place where it can be one: bindings alias it (a part that is `Copy` is
/// copied). The pattern of an
/// optional's value is wrapped in `SomePattern`.
struct IfLet { PatternId pattern; ExprId value; BlockId then_block, else_block; };
struct Arm {
    std::vector<PatternId> patterns; ///< alternatives; several bind nothing
    ExprId guard;                    ///< invalid if none
    BlockId body;
    Span span;
};
/// Exhaustive. `value` as in `IfLet`. The first arm that fits is taken.
struct Match { ExprId value; std::vector<Arm> arms; };
struct LoopExpr { LoopId loop; };         ///< every `for`, `while`, collect, fold, scan, first
struct InvokeExpr { InvokeId invoke; };   ///< unit
struct PipelineExpr { PipelineId pipeline; }; ///< unit
/// `try? e`: `T?` (unit: bool? never; `try?` of a unit call is a bool "it worked"). Catches throws inside `e`.
struct TryOptional { ExprId operand; };
/// `try e`: what `e` throws leaves to the enclosing `DoCatch`, or out of the function. Same value as `e`; here for its
/// place in the source only.
struct Try { ExprId operand; };
/// `do { } catch e { }`. `error` is a local of the catch block, invalid if not named: of type `Error`, or of the one
/// type all calls in `body` throw.
struct DoCatch { BlockId body; LocalId error; BlockId handler; TypeId error_type; };
/// consume; any struct or enum. Under `throws E` of that type, else it becomes an `Error` where it leaves
struct Throw { ExprId value; };
struct Return { ExprId value; };      ///< consume; invalid for unit. Inside a closure: of the closure
struct Break { LoopId loop; };
/// Ends the iteration of `loop`, or the item of `pipeline`.
struct Continue { LoopId loop; PipelineId pipeline; };

using ExprNode = std::variant<
    IntLit, FloatLit, ParamLit, BoolLit, StrLit, NoneLit, ZeroLit, UnitLit, ConstRef, IntParam, Interpolate,
    LocalRef, Field, Index, Reshape, ToView, ListView, StrBytes, Unwrap, BoxValue, Consume,
    Extent, StrSlice, Unary, Binary, Convert, Bits, Copy, FixedToArray, Some, Coalesce, Tuple, StructLit, EnumCase,
        FixedLit, NewFixed,
    NewArray, BoxNew, Call, FunctionRef, ClosureRef,
    BlockExpr, If, IfLet, Match, LoopExpr, InvokeExpr, PipelineExpr, TryOptional, Try, DoCatch, Throw, Return, Break,
        Continue>;

struct Expr {
    TypeId type;
    Span span;
    ExprNode node;
};

// ---- patterns ---------------------------------------------------------------------------------------------------

struct WildPattern {};
/// Binds a local; its `Storage` says whether it owns (a copy, or what a temporary gives away) or aliases the part
/// matched.
struct BindPattern { LocalId local; };
struct LiteralPattern { ExprId value; };       ///< literal or constant, compared with `==`
/// `lo..hi`, `lo..=hi`, open ends allowed; constants of an integer or float type, or str.
struct RangePattern { ExprId lo, hi; bool inclusive; };
struct TuplePattern { std::vector<PatternId> elems; };
struct CasePattern { uint32_t case_index; std::vector<PatternId> payload; };
struct SomePattern { PatternId value; };
struct NonePattern {};

using PatternNode = std::variant<WildPattern, BindPattern, LiteralPattern, RangePattern, TuplePattern, CasePattern,
    SomePattern, NonePattern>;

struct Pattern {
    TypeId type; ///< of what is matched
    Span span;
    PatternNode node;
};

// ---- statements -------------------------------------------------------------------------------------------------

/// How an assignment is written in parallel code.
enum class Claim : uint8_t { None, Atomic, Disjoint };

/// `let p = init`, `var x = init`, `inout s = &place`. `init`: consume if the locals own; a place (or view) if they
/// alias: see `Storage`.
/// `otherwise` is the diverging block of `let … else`; the pattern is irrefutable without.
struct Let { PatternId pattern; ExprId init; BlockId otherwise; };
/// `var x: T`, set later: the access stage checks that it is assigned before it is read.
struct Declare { LocalId local; };
/// `target = value`: indices of the target are evaluated, then the value (consume), then bounds are checked, the old
/// value is dropped, the
/// new one stored. Target: a place of an owner, element or field; never a view.
struct Assign { ExprId target, value; Claim claim; };
/// `(a, b) = (b, a)`: all indices, the value (a tuple; consume), then the stores from left to right. An invalid target
/// was written `_`.
struct AssignTuple { std::vector<ExprId> targets; ExprId value; };
/// `And` and `Or` are `&&=` and `||=`: they evaluate their value always.
enum class AssignOp : uint8_t { Add, Sub, Mul, Div, Rem, Shl, Shr, BitAnd, BitOr, BitXor, Min, Max, And, Or };
/// `target op= value` by a built-in operator (in accumulators of arrays and structs: member by member never; the target
/// is a scalar). The
/// indices, then the value, then the target is read. If `function` is set it is the user's operator `fn op(a: T, b: U)
/// -> T`.
struct OpAssign { AssignOp op; ExprId target, value; Claim claim; std::optional<Callee> function; Span op_span; };
/// `out[a..b] = x`: copies elements; shapes must agree, else trap. Both are views (the value through `ToView` if
/// needed); it is read.
struct CopyElements { ExprId target, value; Claim claim; };
/// `a[..] = v`: every element of the target view becomes a copy of `value` (read).
struct FillElements { ExprId target, value; };
struct ExprStmt { ExprId value; bool discarded; }; ///< `discarded`: written `_ = e`

using StmtNode = std::variant<Let, Declare, Assign, AssignTuple, OpAssign, CopyElements, FillElements, ExprStmt>;

struct Stmt {
    Span span;
    StmtNode node;
};

/// Statements, then the value (consume), invalid if the block has none. A block whose end is not reached has type
/// never.
struct Block {
    std::vector<StmtId> stmts;
    ExprId value;
    TypeId type;
    Span span;
};

// ---- loops ------------------------------------------------------------------------------------------------------

enum class LoopKind : uint8_t { Statement, Collect, Fold, Scan, ScanInclusive, First };
enum class Execution : uint8_t { Serial, Par, SimdPar };

/// `lo..hi [by step]`, all of the same integer type; `step` invalid if not written (1).
struct RangeSource { ExprId lo, hi, step; bool inclusive; };
/// Elements of `place` (a view: of rank r in row-major order, as r indices). Read: the pattern aliases or copies the
/// element. Inout: the
/// pattern is the element, exclusively. Sink: `place` is consumed (a `Consume` of a local, or a temporary); the
/// pattern owns.
struct ElementsSource { ExprId place; Mode mode; };
/// Same length or trap. The pattern is a tuple of one part for each.
struct ZipSource { std::vector<SourceId> sources; };
/// The pattern is `(int, part of source)`.
struct EnumerateSource { SourceId source; };
enum class PartKind : uint8_t { Rows, Chunks, Tiles, Parts };
/// Owned parts of `place` (a view), each a view: Rows of rank 2 (args: none), Chunks of rank 1 (n), Tiles of rank 2 (h,
/// w), Parts of
/// rank 1 (offsets: a view of ints; part k is offsets[k]..offsets[k + 1]).
struct PartsSource { PartKind kind; ExprId place; std::vector<ExprId> args; Mode mode; };
struct StrSource { ExprId text; }; ///< code points as u32
/// `fn next(inout s: S) -> T?` on `state`: a place, or a temporary that the loop owns in `owned`. `call` (type `T?`) is
/// the whole call on that place;
/// it may throw (`in try s`). Ends at none. Serial loops and pipelines only.
struct NextSource { LocalId owned; ExprId init; ExprId call; };
struct WhileSource { ExprId condition; };  ///< `while c`: no pattern
struct WhileLetSource { ExprId value; };   ///< `while let p = e`: ends where the pattern does not fit

using SourceNode = std::variant<RangeSource, ElementsSource, ZipSource, EnumerateSource, PartsSource, StrSource,
    NextSource, WhileSource,
                                WhileLetSource>;
struct Source {
    TypeId type; ///< of one part, what the pattern is matched with
    Span span;
    SourceNode node;
};

/// `pattern in source`. Sources of later clauses may use what earlier ones bind; they are evaluated once for each of
/// its iterations then.
struct Clause {
    PatternId pattern; ///< irrefutable, except of `WhileLetSource`; invalid for `WhileSource`
    SourceId source;
};

enum class FoldBuiltin : uint8_t { Add, Mul, Min, Max, BitAnd, BitOr, BitXor, And, Or };
/// One operator of a fold, scan or reduce clause.
struct FoldOp {
    /// on numbers, bool; for one operator of a tuple value also whole tuples; in clauses member by member
    std::optional<FoldBuiltin> builtin;
    /// if not built in (also `min` and `max` of other `Ordered` types, with `builtin` unset)
    Callee function;
    bool merges = false;                ///< the function is `fn(inout into: T, from: T)` instead of `fn(T, T) -> T`
    Span span;
    /// a closure written here, which captures nothing that can change; `function.closure` is a local that stands for it
    ExprId literal = {};
    /// `T()` of a function's values if their fields have defaults; else it is all zero bits
    ExprId identity = {};
};

/// `reduce(+: place)`: `place` is a local or a field path of one, of any type with the operator; written in the body
/// through the operator only.
struct Accumulator {
    FoldOp op;
    ExprId place;
    Span span;
};

/// Every loop. Type of its `LoopExpr`: Statement unit; Collect and scans an array (rank = number of range clauses or
/// rank
/// of the one source if `shaped`, else 1), or, where the type is a tuple, one array for each component of the body's
/// tuple;
/// Fold the body's type; First `T?`.
struct Loop {
    LoopKind kind = LoopKind::Statement;
    Execution execution = Execution::Serial;
    NameId label; ///< invalid if none
    std::vector<Clause> clauses;
    bool rectangular = true;   ///< no clause depends on an earlier one
    bool shaped = false;       ///< Collect, scans: the result has the loop's shape (rectangular, unfiltered)
    ExprId filter;             ///< invalid if none; evaluated with all patterns bound
    std::vector<Accumulator> accumulators;
    std::vector<FoldOp> ops;   ///< Fold and scans: one (on the whole value), or one for each element of the tuple
    BlockId body;              ///< its value is what is collected, folded, found (consume)
    Span span;                 ///< everything
    Span header;               ///< `par for … in …` without the body
    Span par_span;             ///< the words `par`, `simd par`; invalid if serial
};

/// `invoke`: blocks that run in parallel. Locals bound directly in a branch are visible behind the `invoke`.
struct Invoke {
    std::vector<BlockId> branches; ///< one statement each
    Span span;
    Span keyword;
};

enum class StageKind : uint8_t { Serial, Parallel, Unordered };
struct Stage {
    StageKind kind;
    BlockId body; ///< locals bound directly in it are visible in later stages
    Span span;    ///< of `stage …:`
};
struct Pipeline {
    Clause clause;
    ExprId limit; ///< invalid: the default
    std::vector<Stage> stages;
    Span span, header;
};

// ---- bodies -----------------------------------------------------------------------------------------------------

/// What a local is to the storage behind it.
enum class Storage : uint8_t {
    Owned,     ///< its own value: `let`/`var` of values, `sink` parameters, scalars bound by patterns
    /// reads a place of somebody else, which is frozen meanwhile: read parameters, `let s = a[..k]`, parts that do not
    /// copy
    Alias,
    /// writes through to a place of somebody else: `inout` parameters, `inout s = &a[..k]`, `&p` in patterns
    Exclusive,
};

enum class LocalKind : uint8_t { Let, Var, Param, ClosureParam, Pattern, LoopPattern, Error };

struct Local {
    NameId name;
    TypeId type;
    Span span; ///< of the name where it is declared
    LocalKind kind = LocalKind::Let;
    Storage storage = Storage::Owned;
    bool is_mutable = false; ///< may be written: `var`, `sink`, and everything `Exclusive`
};

/// A local of the enclosing function that a closure uses. Refers to the same `LocalId`: closures share the stores of
/// their function.
struct Capture {
    LocalId local;
    bool writes = false; ///< assigned, passed inout, ... in the body; then the parameter it is passed to is `inout f`
    Span first_use;
    Span first_write;
};

struct Closure {
    std::vector<LocalId> params; ///< modes are those of `type`
    TypeId type;                 ///< `FnType`
    BlockId body;                ///< its value is the result
    std::vector<Capture> captures; ///< in order of first use; those of closures inside included
    Span span;
};

/// The stores of one function, constant or block.
struct Body {
    Store<LocalId, Local> locals;
    Store<ExprId, Expr> exprs;
    Store<StmtId, Stmt> stmts;
    Store<BlockId, Block> blocks;
    Store<PatternId, Pattern> patterns;
    Store<LoopId, Loop> loops;
    Store<SourceId, Source> sources;
    Store<InvokeId, Invoke> invokes;
    Store<PipelineId, Pipeline> pipelines;
    Store<ClosureId, Closure> closures;
    BlockId root; ///< its value is the result; of a constant: no statements, only the value
};

// ---- declarations -----------------------------------------------------------------------------------------------

struct Param {
    NameId name;
    TypeId type;
    Mode mode = Mode::Read;
    Span span;
    LocalId local; ///< in the body; invalid as long as there is none
    bool isView(const types::TypeStore &store) const { return store.is<types::ViewType>(type); }
};

enum class FunctionKind : uint8_t {
    Normal,
    Builtin, ///< declared in `std` without a body; `builtin` names it
    C,       ///< of an imported header
    Script,  ///< the top-level statements of a file
    Test, Bench,
};

struct Function {
    NameId name; ///< of an operator: `+`; of a test: its string
    Span name_span;
    Span span;
    ModuleId module;
    FunctionKind kind = FunctionKind::Normal;
    bool is_public = false;
    bool is_export = false;
    bool pure = true; ///< C functions: touches its arguments only
    std::vector<types::ParamId> type_params;
    std::vector<Param> params;
    TypeId result;     ///< unit if none
    bool throws = false;
    TypeId error_type; ///< of `throws E`; invalid for plain `throws`
    /// Builtins: `core.min` for the modules of the prelude (`std.core.*`), else the module without `std.`: `io.open`.
    /// Overloads share it.
    std::string builtin;
    std::optional<Body> body; ///< absent of builtins, C functions, and library functions that nothing reaches
};

struct Constant {
    NameId name;
    Span name_span;
    ModuleId module;
    bool is_public = false;
    TypeId type;
    Body body;
};

struct Module {
    std::string name; ///< dotted: `std.io`, `pick`; of a root file: its stem
    source::FileId file;
    std::vector<ModuleId> imports;
};

struct CImport {
    std::string header, link;
    Span span;
};

/// A checked program. Functions, constants and modules come in a fixed order (the library first as it is reached), so
/// everything printed from it
/// is deterministic.
struct Program {
    types::TypeStore types;
    Store<ModuleId, Module> modules;
    Store<FunctionId, Function> functions;
    Store<ConstId, Constant> constants;
    std::vector<CImport> c_imports;
    FunctionId main;                ///< `main` or the script of the (first) root; invalid if none
    std::vector<FunctionId> tests;  ///< and benches, of the roots, in order
    std::vector<FunctionId> exports;
    types::StructId error_struct;   ///< `Error { message: str }`
    types::StructId list_struct;    ///< `List<T> { items: T[], len: int }`; invalid while nothing declares it
};

} // namespace parlane::hir
