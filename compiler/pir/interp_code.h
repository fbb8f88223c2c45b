// Inside of the interpreter: code that was decoded from a function, and the machine that runs it.
//
// A function becomes a list of instructions over a frame of bytes. Every value has a cell in the frame, in native layout, 8-byte aligned; slots lie
// in the frame as well. Structured control has become jumps. Each instruction that can fail knows its landing pad: code that drops the owning slots
// of the regions it leaves, adds iteration indices and ends at a `try` or returns the outcome. Instructions call one another as tail calls.
#pragma once
#include "compiler/pir/fold.h"
#include "compiler/pir/interpret.h"
#include "compiler/pir/value_ops.h"

#include <cstring>
#include <deque>
#include <map>
#include <unordered_map>

namespace parlane::pir::interp {

struct Insn;
struct Machine;
struct Code;
using Handler = int32_t (*)(const Insn *, char *, Machine &);

/// Offsets a, b, c, d, e are bytes in the frame or whatever the handler says; jumps are relative to the instruction.
struct Insn {
    Handler run = nullptr;
    int32_t a = 0, b = 0, c = 0, d = 0, e = 0;
    int32_t pad = 0; ///< landing pad, relative; 0: none
    union {
        int64_t imm = 0;
        const void *ptr;
    };
};

/// Where an op may trap: kind, place, values.
struct TrapSite {
    uint32_t kind = 0;
    LocId loc;
    std::string text;
    struct Value {
        int32_t offset;
        TypeKind kind;
    };
    std::vector<Value> values;
    int32_t message = -1; ///< cell of a ref<str>
};

struct Move {
    int32_t from, to, size;
};

struct CallSite {
    FunctionId callee;
    std::vector<int32_t> cells; ///< of the arguments
    mutable const Code *code = nullptr; ///< decoded at the first call
    LocId loc;
};

/// Environment of a closure: sizes and places of captures in the block that its env points to.
struct ClosureSite {
    FunctionId callee;
    std::vector<Move> captures; ///< from cell to offset in the environment
    int32_t env = 0;            ///< place of the environment in the frame
};

struct ForeignSite {
    void *function = nullptr;
    std::string name;
    bool outcome = true; ///< call.rt; call.c returns nothing
    std::vector<std::pair<int32_t, bool>> arguments; ///< cell; true: the cell holds the pointer to pass
    int32_t result = -1;
    LocId loc;
};

struct SwitchTable {
    std::unordered_map<int64_t, int32_t> targets;
    int32_t otherwise = 0;
};

/// What a failure in a parallel body adds to the fault.
struct IterationSite {
    const Op *op = nullptr;
    std::vector<int32_t> cells; ///< of the indices
    int32_t reached = -1;       ///< cell that says whether the op was run; -1: it comes first
};

/// Static part of a par.* op.
struct ParSite {
    const Code *code = nullptr;
    const Op *op = nullptr;
    LocId loc;
    FoldPlan plan;
    std::vector<int32_t> accumulators; ///< par.for: cells of the operands
    std::vector<int32_t> params;       ///< par.for: cells of the body's accumulator parameters
    struct Sub {
        int32_t start = -1; ///< instruction, absolute
        int32_t left = 0, right = 0; ///< cells of the parameters
    };
    std::vector<Sub> combine, init; ///< one an accumulator
    std::vector<int32_t> values;    ///< cells of the operands of `yield` (fold, filter)
    std::vector<TypeId> columns;    ///< filter: element types
    int32_t result = -1;
    int32_t target = -1; ///< scan: cell of the view
    bool inclusive = false;
};

struct Code {
    const Function *function = nullptr;
    std::vector<Insn> insns;
    int64_t frame_size = 0;
    std::vector<int32_t> params; ///< cells
    std::vector<int32_t> param_sizes;
    std::string constants; ///< copied to `constants_at` at entry
    int32_t constants_at = 0;
    std::vector<std::shared_ptr<void>> sites; ///< what instructions point to

    template <class T> T *site() {
        auto made = std::make_shared<T>();
        sites.push_back(made);
        return made.get();
    }
};

/// First bytes of a frame.
struct FrameHeader {
    const Insn *pc; ///< the call; null: back to C++
    char *caller;
};

/// Running state of a par.* op that folds, scans or filters.
struct ParState {
    const ParSite *site = nullptr;
    std::unique_ptr<Fold> fold;
    std::unique_ptr<Scan> scan;
    std::unique_ptr<Columns> columns;
    int64_t total = 0;    ///< iterations, counted before
    int64_t position = 0; ///< scan: the next one
};

struct Machine {
    Machine(const Module &module, const InterpretOptions &options, const RuntimeTable &runtime, Layouts &layouts, ValueOps &values)
        : module(module), options(options), runtime(runtime), layouts(layouts), values(values) {}

    const Module &module;
    const InterpretOptions &options;
    const RuntimeTable &runtime;
    Layouts &layouts;
    ValueOps &values;
    par_ctx *ctx = nullptr;
    std::vector<std::unique_ptr<Code>> codes; ///< by function
    std::vector<std::unique_ptr<ParState>> pars;
    char *stack = nullptr, *top = nullptr, *limit = nullptr;
    int32_t outcome = 0; ///< while a failure runs through pads
    int nested = 0;      ///< C++ recursion of subroutines
    const char *returned = nullptr; ///< result of the function that returned to C++
    TypeId thrown_type;  ///< of the value in the fault, if we threw it
    int64_t steps = 0, step_limit = INT64_MAX;
    std::string internal;
    std::unordered_map<uint32_t, const par_site *> sites;
    std::map<std::tuple<uint32_t, std::string_view, std::string_view>, const par_site *> iteration_sites;
    std::deque<par_site> site_store;
    std::deque<std::string> site_files;

    const Code &code(FunctionId id);
    const par_site *site(LocId loc);
    /// A failure left a function that was called at `loc`: what has its place in the library gets this one.
    void leaveLibrary(LocId loc);
    /// The place of a parallel construct, with its name and those of its indices.
    const par_site *site(const Op &iteration);
    void clearFault();
    int32_t throwValue(TypeId type, const void *value, LocId loc);
    void catchValue(TypeId type, void *into);
    int32_t trap(uint32_t kind, LocId loc, std::span<const int64_t> values = {}, std::string_view text = {});
    /// A verdict of the compiler does not hold.
    int32_t broken(LocId loc, std::string message);
    /// Runs a region that was compiled as a subroutine of the current frame.
    int32_t subroutine(const Insn *start, char *frame);
    /// Runs a function whose frame and arguments are in place; the result is at `returned`.
    int32_t call(const Code &code, char *frame);
    /// Room for a frame and its constants; null: stack overflow.
    char *enter(const Code &code) {
        char *frame = top;
        if (limit - top < code.frame_size) return nullptr;
        top += code.frame_size;
        std::memcpy(frame + code.constants_at, code.constants.data(), code.constants.size());
        return frame;
    }
};

/// Decodes a function.
std::unique_ptr<Code> decode(Machine &machine, FunctionId id);

template <class T> T get(const char *frame, int32_t offset) {
    T value;
    std::memcpy(&value, frame + offset, sizeof value);
    return value;
}
template <class T> void put(char *frame, int32_t offset, T value) { std::memcpy(frame + offset, &value, sizeof value); }

#define PIR_NEXT [[clang::musttail]] return pc[1].run(pc + 1, frame, m)
#define PIR_JUMP(distance)                                                                                             \
    do {                                                                                                               \
        const Insn *target_ = pc + (distance);                                                                         \
        [[clang::musttail]] return target_->run(target_, frame, m);                                                    \
    } while (0)
/// Continues at the landing pad with the outcome.
#define PIR_FAIL(result)                                                                                               \
    do {                                                                                                               \
        m.outcome = (result);                                                                                          \
        const Insn *target_ = pc + pc->pad;                                                                            \
        [[clang::musttail]] return target_->run(target_, frame, m);                                                    \
    } while (0)

// Handlers by op and type; null if there is none.
Handler unaryHandler(OpCode code, TypeKind kind);
Handler binaryHandler(OpCode code, TypeKind kind);
/// Compares and jumps by d if the comparison does not hold.
Handler branchUnlessHandler(OpCode code, TypeKind kind);
Handler convertHandler(TypeKind from, TypeKind to);
Handler bitsHandler(TypeKind from, TypeKind to);
Handler fmaHandler(TypeKind kind);
/// Moves of 1, 2, 4, 8, 16 bytes; others by memmove with the size in imm.
Handler moveHandler(int64_t size);  ///< cell b to cell a
Handler loadHandler(int64_t size);  ///< what the pointer in b points to, to cell a
Handler storeHandler(int64_t size); ///< cell b to where the pointer in a points

Handler elemLoadHandler(int64_t size);
Handler forNextHandler(TypeKind kind);

} // namespace parlane::pir::interp
