// Pir: functions of structured, typed ops. The contract between lower, opt, codegen and the interpreter.
//
// Shape. A module holds types and functions. A function has one body region; a region holds a list of ops; an op yields at most one value,
// assigned once, visible below it in its region and in regions nested there. Mutable state is in slots (ops.def: `slot`). Control flow is
// regions only. Regions carry a role and, where a role occurs several times, an index. `block loop for scope` have one region `body`.
//
// Ownership. A value of an owning type (Types::owns) is *owned* if it is the result of take, copy, call, call.rt, array, box, tuple, case, a
// region op or par.*, or a sink or `catch` parameter. It is consumed exactly once, in the region that defines it: by store, return, yield,
// throw, leave, drop, a sink argument, tuple, case, box; and nothing in between may fail or has regions (what
// must live longer goes to a slot, so a failure never has to know of values). Results of load, get, payload are *borrowed*: never consumed,
// dead when the place changes. const and zero are neither. A read parameter of an owning type T is ref<T> (never written), of another type
// T; arrays, lists and fixed arrays read or inout as T[] are views. An inout parameter is ref<T> (or a view). A sink parameter is the owned
// value. Slots own what they hold; leaving the region they stand in drops it.
//
// Failure. A function fails with an outcome (implementation.md section 3). Kinds of traps: traps.def. What can fail is seen from the effects
// of ops; Function::fails is filled by passes and means nothing before `outline`.
//
// Parallel regions. par.for, par.fold, par.scan, par.filter, par.first have
//   operands: extents e0, e1, ... (i64; negative is 0), then accumulators (par.for) or the target view (par.scan);
//   `rank`: number of indices. Extents of trailing indices that depend on earlier ones are not operands but regions
//     `extent` K (%i0: i64 .. %iK-1) { yield %n : i64 }   for index K (from 0). They are pure but for checks.
//   `checked` (%i0: i64, .. , %acc0, ..): the body. Indices run over 0..extent; lower computes what the user wrote (lo + i * step, elements).
//     The first op is `iteration` with the indices as the user sees them. A filter is `again L0` under an `if`.
//   `require` () { yield %b : bool }: optional guard of the region (no failing ops); false: serial copy. The interpreter evaluates it only.
//   later `guard` (%lo, %hi) { yield bool }, `fast` (as checked), `lanes`, `tail`: see implementation.md section 6.
// Accumulators (par.for): operand k is a ref<T> or view<T,r> of the place named by `reduce`; body parameter rank + k, of the same type, is the
//   private partial: zero is not its start, the identity is. Only the ops of its operator reach it: load or atomic-free `x = load; y = op x, v; store`
//   through field and elem (own=acc). When the region ends well, place = place op total. `ops` has one FoldOp each; Fn has regions
//     `combine` K (%left: ref<T>, %right: ref<T>): left = left op right; may take from right, which is dropped afterwards;
//     `init` K (%acc: ref<T>): stores T() into zeroed memory; missing if T() is all zero.
//   The accumulators of one par.for are one accumulator in the sense of the order of folds: if all are scalars or tuples of scalars under
//   built-in operators, they fold in L partials (L by the widest), else all left to right in blocks by the sum of their scalars
//   (a view counts its elements when the region starts).
// par.fold: `ops` of k FoldOps. k = 1: the body yields one value of the result type T (member by member for + * & | ^ on a tuple, whole tuples
//   compared lexicographically for min and max); with FoldOp::Fma two factors. k > 1: T is a tuple of k scalars, the body yields for each
//   component one value or, under Fma, two. Fn (k = 1): starts from the first value, `combine` 0 as above, `init` 0 for a fold over nothing.
// par.scan: one op, prefix from the identity (float +: from 0.0; Fn: `init` 0); stored values are copies.
// Nothing but `again` of the op itself and failures may leave a parallel body. Inside the body of R every write goes to a slot of the body, an
// element with own=loop(R') where R' is R or a parallel op inside it, an accumulator, an atomic, or an element with own=asserted.
#pragma once
#include "compiler/pir/types.h"
#include "lang/base/interner.h"
#include "lang/source/source_map.h"

#include <map>
#include <optional>
#include <span>
#include <variant>

namespace parlane::pir {

using ValueId = Id<struct ValueTag>;
using OpId = Id<struct OpTag>;
using RegionId = Id<struct RegionTag>;
using FunctionId = Id<struct FunctionTag>;
using DataId = Id<struct DataTag>;
using LocId = Id<struct LocTag>;

enum class OpCode : uint8_t {
#define OP(name, text, min, max, result, effects, first, last) name,
#include "compiler/pir/ops.def"
};
constexpr size_t kOpCount = static_cast<size_t>(OpCode::RtPipeline) + 1;

enum Effect : uint16_t {
    Pure = 0, Reads = 1, Writes = 2, Allocs = 4, Fails = 8, Atomic = 16, Control = 32, Calls = 64, Regions = 128
};
enum class ResultRule : uint8_t { No, Yes, Maybe };

struct OpInfo {
    std::string_view text;
    int min_operands, max_operands; ///< max -1: any number
    ResultRule result;
    uint16_t effects;
    uint8_t first_level, last_level;
};
const OpInfo &info(OpCode code);
std::optional<OpCode> opNamed(std::string_view text);

enum class AttrKey : uint8_t {
#define ATTR(name, text, kind) name,
#include "compiler/pir/attrs.def"
};
/// How an attribute is stored and written. Flag Int and enums, ids: int64_t. Literal: int64_t (bits of integers, bool), double (floats) or string.
/// FoldOps Stages Functions: vector of numbers.
enum class AttrKind : uint8_t {
    Flag, Int, Literal, Text, Data, Function, Target, Bounds, Own, Trap, FoldOp, FoldOps, Stages, Mode, Functions
};
struct AttrInfo {
    std::string_view text;
    AttrKind kind;
};
const AttrInfo &info(AttrKey key);

/// Verdict of the bounds of `elem`.
enum class Bounds : uint8_t { Checked, Proved, Versioned };
/// Verdict of the race checker on `elem`. Read: not written through; Loop: only iterations of `region` (attribute) with this index touch it;
/// Local: reached from a slot of the innermost parallel body, or outside parallel code.
enum class Own : uint8_t { Read, Loop, Acc, Atomic, Asserted, Local };
enum class Trap : uint8_t {
    NoTrap = 0,
#define TRAP(name, text, number, values) name = number,
#include "compiler/pir/traps.def"
};
/// Operators of folds and atomics. Fma: + of a product, Fn: the function in region `combine`. And Or are bitwise, on bool also && and ||.
enum class FoldOp : uint8_t { Add, Sub, Mul, Min, Max, And, Or, Xor, Fma, Fn };
enum class StageKind : uint8_t { Serial, Parallel, Unordered };
enum class Mode : uint8_t { Scalar, Lanes, InnerLanes };
enum class Role : uint8_t {
    Body, Then, Else, Case, Default, Catch, Extent, Checked, Require, Guard, Fast, Lanes, Tail, Combine, Init, Branch, Source, Stage
};
std::string_view text(Bounds);
std::string_view text(Own);
std::string_view text(Trap);
std::string_view text(FoldOp);
std::string_view text(StageKind);
std::string_view text(Mode);
std::string_view text(Role);

using AttrValue = std::variant<int64_t, double, std::string, std::vector<int64_t>>;
struct Attr {
    AttrKey key;
    AttrValue value;
    friend bool operator==(const Attr &, const Attr &) = default;
};

struct Value {
    TypeId type;
    NameId name; ///< from the source; none for temporaries
    OpId op;     ///< that yields it; none for parameters of regions
    RegionId region; ///< whose parameter it is
};

/// Where an op comes from; `caller` is the location of the inlined call, if any.
struct Location {
    source::Span span;
    LocId caller;
    friend auto operator<=>(const Location &a, const Location &b) {
        if (auto c = a.span.begin <=> b.span.begin; c != 0) return c;
        if (auto c = a.span.end <=> b.span.end; c != 0) return c;
        return a.caller <=> b.caller;
    }
    friend bool operator==(const Location &, const Location &) = default;
};

struct Op {
    OpCode code = OpCode::Const;
    ValueId result;
    LocId loc;
    RegionId parent; ///< region that holds it
    std::vector<ValueId> operands;
    std::vector<RegionId> regions;
    std::vector<Attr> attrs; ///< sorted by key

    const AttrValue *find(AttrKey key) const;
    bool has(AttrKey key) const { return find(key) != nullptr; }
    /// Number (flag, enum, id) of an attribute; `otherwise` if it is missing.
    int64_t integer(AttrKey key, int64_t otherwise = 0) const;
    template <class E> E enumerator(AttrKey key, E otherwise = E{}) const {
        return static_cast<E>(integer(key, static_cast<int64_t>(otherwise)));
    }
    std::string_view string(AttrKey key) const;
    std::span<const int64_t> list(AttrKey key) const;
    OpId target(AttrKey key = AttrKey::Target) const { return OpId(static_cast<uint32_t>(integer(key, OpId::kNone))); }
    FunctionId function(AttrKey key = AttrKey::Callee) const { return FunctionId(static_cast<uint32_t>(integer(key, FunctionId::kNone))); }
    void set(AttrKey key, AttrValue value);
    void erase(AttrKey key);
};

struct Region {
    OpId op; ///< that has it; none for the body of a function
    Role role = Role::Body;
    int64_t index = 0; ///< of roles that occur several times; value of a `case`
    std::vector<ValueId> params;
    std::vector<OpId> ops;
};

enum class PassMode : uint8_t { Read, Inout, Sink };

struct Function {
    std::string name; ///< unique in the module
    LocId loc;
    std::vector<PassMode> modes; ///< of the parameters, which are those of the body region
    TypeId result;               ///< unit if none
    TypeId throws;               ///< none: does not throw
    std::string export_name;     ///< C symbol of an `export fn`; empty otherwise
    uint32_t captures = 0;       ///< how many of the first parameters are captures (functions used by `closure`)
    uint8_t level = 0;
    bool fails = false, needs_ctx = true; ///< fixed by outline
    RegionId body;

    Store<OpId, Op> ops;
    Store<RegionId, Region> regions;
    Store<ValueId, Value> values;

    TypeId type(ValueId value) const { return values[value].type; }
    const std::vector<ValueId> &params() const { return regions[body].params; }
    /// The region of `op` with that role (and index); none if there is none.
    RegionId region(const Op &op, Role role, int64_t index = 0) const;
    RegionId region(OpId op, Role role, int64_t index = 0) const { return region(ops[op], role, index); }
};

/// Constant bytes in native layout (fixed types without owning parts).
struct Data {
    std::string name;
    TypeId type;
    std::string bytes;
};

struct Module {
    Types types;
    Interner names;
    Store<FunctionId, Function> functions;
    Store<DataId, Data> data;
    Store<LocId, Location> locations;
    bool poll_loops = false; ///< `--poll=loops`: place_polls puts polls at all back edges

    Module() = default;
    Module(Module &&) = default;
    Module &operator=(Module &&) = default;

    FunctionId find(std::string_view name) const;
    /// The same location gets the same id.
    LocId location(Location location);
    /// Whether it is a place in a module of the library, `<std.…>`.
    bool inLibrary(LocId loc, const source::SourceMap &sources) const;
    /// Where the user wrote what happens at `loc`: of what was inlined from the library, the innermost call outside of it.
    LocId outsideLibrary(LocId loc, const source::SourceMap &sources) const;

private:
    std::map<Location, LocId> location_ids;
};

/// The parts of a par.for, fold, scan, filter or first.
struct ParShape {
    int64_t rank = 0;
    std::span<const ValueId> extents;      ///< of the leading indices
    std::span<const ValueId> accumulators; ///< par.for
    ValueId target;                        ///< par.scan
};
ParShape parShape(const Op &op);
/// What a par.* op is called in a trap's list of iterations.
std::string_view constructName(const Op &op);

/// Operands of an rt.* op in front of its captures.
inline size_t rtLeading(OpCode c) {
    switch (c) {
    case OpCode::RtFor:
    case OpCode::RtPipeline: return 1;
    case OpCode::RtFold: return 3;
    case OpCode::RtScan:
    case OpCode::RtFilter:
    case OpCode::RtFirst: return 2;
    default: return 0;
    }
}
inline bool isParallel(OpCode c) { return c >= OpCode::ParFor && c <= OpCode::ParPipeline; }
/// Ends its region: leave again return yield throw trap.
bool isTerminator(OpCode code);
/// Is `inner` `outer` or nested in it?
bool isInside(const Function &function, RegionId inner, RegionId outer);

} // namespace parlane::pir
