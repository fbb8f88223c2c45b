// Internal to codegen: what the parts that emit LLVM share. Included by codegen's own .cpp files only.
#pragma once
#include "compiler/codegen/codegen.h"
#include "compiler/codegen/debug_info.h"
#include "compiler/opt/failing.h"
#include "compiler/pir/layout.h"
#include "compiler/pir/pir.h"

#include <llvm/ADT/SmallVector.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>
#include <set>
#include <unordered_map>
#include <vector>

namespace parlane::codegen {

/// A Pir value in LLVM. Scalars, refs, boxes and files are one part; views, arrays, strings and closures one part a word; tuples, structs,
/// enums, optionals and fixed arrays are the address of bytes in native layout that nobody changes while the value lives. Unit: no part.
using Parts = llvm::SmallVector<llvm::Value *, 4>;

/// How a value of a type is held: see Parts.
struct Shape {
    bool memory = false;                           ///< one part: the address of its bytes
    llvm::SmallVector<llvm::Type *, 4> parts;      ///< types of the parts (of memory: `ptr`)
    llvm::SmallVector<llvm::Type *, 4> stored;     ///< types in memory of direct parts (bool: i8)
    llvm::SmallVector<int64_t, 4> offsets;         ///< of the parts in memory
};

/// How an instance is called: `{R, outcome} f(ctx, out?, parameters...)`.
struct Convention {
    llvm::FunctionType *type = nullptr;
    bool fails = true;
    bool out = false;                         ///< the result goes through a pointer behind ctx
    llvm::SmallVector<llvm::Type *, 4> words; ///< what carries the result in registers
};

/// Captures behind one another in native layout.
struct Environment {
    std::vector<int64_t> offsets;
    int64_t size = 0, align = 8;
};

/// Everything about one module that its functions share.
class ModuleEmitter {
public:
    ModuleEmitter(const pir::Module &pir, const source::SourceMap &sources, const Options &options, llvm::Module &module);

    void run(std::span<const Entry> entries);

    // types.cpp
    const Shape &shape(pir::TypeId type);
    llvm::Type *scalarType(pir::TypeKind kind);
    /// Type of an element in memory, for addresses of array elements.
    llvm::Type *elementType(pir::TypeId type);
    bool owns(pir::TypeId type) const { return pir.types.owns(type); }
    /// Words (i64) in which a memory value of at most 16 bytes travels; none if it goes by address.
    llvm::SmallVector<llvm::Type *, 4> registers(pir::TypeId type);
    Convention convention(pir::FunctionId id);
    Convention closureConvention(pir::TypeId closure);

    // ownership.cpp
    /// `void drop.T(ptr)`: drops what the place holds; leaves the bytes as they are.
    llvm::Function *dropFunction(pir::TypeId type);
    /// `i32 copy.T(ctx, into, from)`: a deep copy; `into` is raw memory.
    llvm::Function *copyFunction(pir::TypeId type);

    // calls.cpp
    llvm::FunctionCallee runtime(llvm::StringRef name, llvm::Type *result, llvm::ArrayRef<llvm::Type *> params);
    llvm::FunctionCallee runtimeCall(llvm::StringRef name, size_t operands);
    Environment environment(std::span<const pir::TypeId> captures);
    void loadCaptures(llvm::IRBuilder<> &b, const Environment &env, llvm::Value *place, std::span<const pir::TypeId> captures,
                      llvm::SmallVectorImpl<llvm::Value *> &arguments);
    llvm::SmallVector<llvm::Type *, 4> parameterTypes(pir::TypeId type);
    llvm::Function *adapter(pir::FunctionId target, llvm::FunctionType *type, unsigned env_at, llvm::ArrayRef<unsigned> passed,
                            std::span<const pir::TypeId> captures,
                            llvm::function_ref<void(llvm::IRBuilder<> &, llvm::Function *, const Parts &)> finish = {});
    llvm::FunctionType *stripType();
    /// Does it neither fail nor call anything, so that nobody sees when it runs?
    bool isQuiet(pir::FunctionId id) const;
    llvm::StructType *loopType();
    llvm::Constant *constant(llvm::Constant *value, const llvm::Twine &name);
    llvm::Function *closureCode(pir::FunctionId id, pir::TypeId closure);

    // fast_paths.cpp
    void linkFastPaths();
    /// A function of runtime/fast/fast.h; always inlined.
    llvm::Function *fast(llvm::StringRef name);

    // module.cpp
    llvm::Constant *site(pir::LocId loc, llvm::StringRef construct = {}, llvm::StringRef names = {});
    llvm::Constant *text(llvm::StringRef bytes);
    llvm::Constant *data(pir::DataId id);
    /// A str with static text, as its two words.
    std::pair<llvm::Constant *, llvm::Constant *> staticStr(llvm::StringRef bytes);
    uint32_t errorNumber(pir::TypeId type);
    llvm::Function *internalFunction(llvm::FunctionType *type, const llvm::Twine &name);

    const pir::Module &pir;
    const source::SourceMap &sources;
    const Options &options;
    llvm::Module &module;
    llvm::LLVMContext &context;
    pir::Layouts layouts;
    opt::Failing failing;
    DebugInfo debug;
    llvm::IntegerType *i1, *i8, *i32, *i64;
    llvm::PointerType *ptr;
    llvm::Type *void_type;
    llvm::StructType *site_type;
    std::vector<llvm::Function *> functions; ///< by pir::FunctionId
    std::string cpu, features;

private:
    void declare(pir::FunctionId id);
    // aliases.cpp
    /// Fills `aliasing`: captures of outlined functions and closures that look into what another capture writes.
    void findAliases();
    void emitEntry(const Entry &entry);
    // exports.cpp
    void emitExport(pir::FunctionId id);
    void emitDrop(pir::TypeId type, llvm::Function *into);
    void emitCopy(pir::TypeId type, llvm::Function *into);
    Shape makeShape(pir::TypeId type);

    std::set<std::pair<uint32_t, uint32_t>> aliasing; ///< function, parameter: not `noalias`
    std::unordered_map<uint32_t, Shape> shapes;
    std::unordered_map<uint32_t, llvm::Function *> drops, copies;
    std::map<std::pair<uint32_t, uint32_t>, llvm::Function *> closure_codes;
    std::unordered_map<std::string, llvm::Constant *> texts;
    std::map<std::tuple<uint32_t, std::string, std::string>, llvm::Constant *> sites;
    std::unordered_map<uint32_t, llvm::Constant *> datas;
    std::unordered_map<uint32_t, llvm::Constant *> files;
};

/// Emits the body of one function.
class FunctionEmitter {
public:
    FunctionEmitter(ModuleEmitter &owner, pir::FunctionId id);
    void run();

private:
    /// Where the result of a structured op is collected.
    struct Result {
        pir::TypeId type;
        llvm::SmallVector<llvm::AllocaInst *, 4> places;
    };
    /// A region being emitted: its owning slots, and what failing out of it does.
    struct Scope {
        pir::RegionId region;
        llvm::SmallVector<std::pair<llvm::Value *, pir::TypeId>, 4> slots;
        llvm::SmallVector<llvm::BasicBlock *, 4> failing; ///< [k]: drops the first k slots, then goes on
        const pir::Op *iteration = nullptr;
        llvm::BasicBlock *catching = nullptr; ///< body of a try: where outcome 1 goes
        size_t parent_slots = 0;
    };
    /// A structured op that `leave` and `again` may name.
    struct Target {
        pir::OpId op;
        size_t depth = 0; ///< scopes outside of it
        llvm::BasicBlock *leave = nullptr, *again = nullptr;
        Result *result = nullptr;
    };

    // function.cpp
    void bindParameters();
    void emitReturn(const Parts &value, llvm::Value *outcome);
    llvm::AllocaInst *allocate(llvm::Type *type, const llvm::Twine &name = "", uint64_t align = 0);
    llvm::AllocaInst *allocateBytes(int64_t size, int64_t align, const llvm::Twine &name = "");
    llvm::AllocaInst *allocateFor(pir::TypeId type, const llvm::Twine &name = "");
    llvm::BasicBlock *newBlock(const llvm::Twine &name) {
        return llvm::BasicBlock::Create(owner.context, name, function);
    }
    const Parts &value(pir::ValueId id) const;
    llvm::Value *scalar(pir::ValueId id) const { return value(id).front(); }
    pir::TypeId typeOf(pir::ValueId id) const { return pir_function.type(id); }
    pir::TypeKind kindOf(pir::ValueId id) const { return owner.pir.types.kind(typeOf(id)); }
    const pir::Type &type(pir::ValueId id) const { return owner.pir.types[typeOf(id)]; }
    pir::TypeId pointee(pir::ValueId ref) const { return type(ref).elem; }
    void define(pir::ValueId id, Parts parts);
    void define(pir::ValueId id, llvm::Value *part) { define(id, Parts{part}); }
    void emit(pir::OpId id);
    llvm::ConstantInt *word(int64_t n) { return llvm::ConstantInt::getSigned(owner.i64, n); }
    llvm::ConstantInt *number(int64_t n) { return llvm::ConstantInt::getSigned(owner.i32, n); }

    // ops.cpp: values
    bool emitArithmetic(const pir::Op &op);
    bool emitFloat(const pir::Op &op);
    bool emitVector(const pir::Op &op);
    struct LaneAccess {
        pir::TypeId elem;
        llvm::SmallVector<llvm::Value *, 3> indices;
        llvm::Value *address = nullptr, *mask = nullptr, *last = nullptr; ///< last: the stride, or what is stored
        llvm::Align align;
    };
    LaneAccess laneAccess(const pir::Op &op, size_t extra);
    bool isDense(const LaneAccess &access, llvm::Type *stored);
    llvm::Value *stridedPlaces(const LaneAccess &access, unsigned lanes);
    llvm::Value *countLanes(llvm::Value *mask);
    llvm::Value *combineLanes(pir::FoldOp how, pir::TypeKind kind, llvm::Value *x, llvm::Value *y);
    void emitTree(const pir::Op &op);
    void emitLaneLoad(const pir::Op &op);
    void emitLaneStore(const pir::Op &op);
    void emitCompress(const pir::Op &op);
    void emitConst(const pir::Op &op);
    void emitCompare(const pir::Op &op);
    void emitMinMax(const pir::Op &op);
    void emitShift(const pir::Op &op);
    void emitDivision(const pir::Op &op);
    void emitConvert(const pir::Op &op);
    void emitBits(const pir::Op &op);
    llvm::Value *saturateLanes(llvm::Value *x, llvm::Type *type, bool is_signed);
    llvm::Value *divideLanes(llvm::Value *x, llvm::Value *y, bool is_signed);
    void emitSelect(const pir::Op &op);
    void emitKeep(const pir::Op &op);
    Parts zeroOf(pir::TypeId type);
    // aggregates.cpp
    bool emitAggregate(const pir::Op &op);
    void emitTuple(const pir::Op &op);
    void emitCase(const pir::Op &op);
    void emitTag(const pir::Op &op);
    void emitPayload(const pir::Op &op);
    int64_t partOffset(pir::TypeId aggregate, int64_t number);

    // memory.cpp, owners.cpp
    bool emitMemory(const pir::Op &op);
    Parts load(pir::TypeId type, llvm::Value *address);
    void store(pir::TypeId type, llvm::Value *address, const Parts &parts);
    llvm::Value *spill(pir::TypeId type, const Parts &parts);
    llvm::Value *offset(llvm::Value *address, int64_t bytes);
    void zeroMemory(llvm::Value *address, int64_t bytes, int64_t align);
    void emitSlot(const pir::Op &op);
    void emitElem(const pir::Op &op);
    llvm::Value *elementAddress(const pir::Op &op, llvm::ArrayRef<llvm::Value *> indices);
    void emitView(const pir::Op &op);
    void emitSlice(const pir::Op &op);
    void emitReshape(const pir::Op &op);
    void emitContiguous(const pir::Op &op);
    void emitArray(const pir::Op &op);
    void fillArray(const pir::Op &op, pir::TypeId elem, llvm::Value *data, llvm::Value *count, const Parts &array);
    void emitBox(const pir::Op &op);
    void emitCopy(const pir::Op &op);
    void copyView(const pir::Op &op);
    void emitDropOp(const pir::Op &op);
    void emitSwap(const pir::Op &op);
    void emitAtomic(const pir::Op &op);
    llvm::Value *viewExtent(const Parts &view, int64_t dim) { return view[1 + static_cast<size_t>(dim)]; }

    /// body(i) for 0 <= i < n.
    template <class F> void countedLoop(llvm::Value *n, F &&body) {
        llvm::BasicBlock *before = b.GetInsertBlock(), *head = newBlock("each"), *inside = newBlock("each.body");
        llvm::BasicBlock *after = newBlock("each.done");
        b.CreateBr(head);
        b.SetInsertPoint(head);
        llvm::PHINode *i = b.CreatePHI(owner.i64, 2);
        i->addIncoming(word(0), before);
        b.CreateCondBr(b.CreateICmpULT(i, n), inside, after);
        b.SetInsertPoint(inside);
        body(i);
        i->addIncoming(b.CreateAdd(i, word(1), "", true, true), b.GetInsertBlock());
        b.CreateBr(head);
        b.SetInsertPoint(after);
    }

    // control.cpp
    bool emitControl(const pir::Op &op, pir::OpId id);
    Result makeResult(const pir::Op &op);
    void finishResult(const pir::Op &op, const Result &result);
    void storeResult(const Result &result, llvm::ArrayRef<pir::ValueId> values);
    /// Emits the ops of a region in a scope of its own; where it falls through (or yields) goes to `next`.
    void emitRegion(pir::RegionId id, llvm::BasicBlock *next, const Result *result, llvm::BasicBlock *catching = nullptr);
    void emitIf(const pir::Op &op);
    void emitSwitch(const pir::Op &op);
    void emitLoop(const pir::Op &op, pir::OpId id);
    void emitFor(const pir::Op &op, pir::OpId id);
    void emitBlock(const pir::Op &op, pir::OpId id);
    void emitTry(const pir::Op &op);
    void emitLeave(const pir::Op &op, bool again);
    void emitReturnOp(const pir::Op &op);
    void markLoop(llvm::Instruction *branch, const pir::Op &op);

    // failure.cpp
    bool emitFailure(const pir::Op &op);
    /// Drops the slots of scopes from the innermost down to `depth`, which stays.
    void dropScopes(size_t depth);
    void dropSlot(llvm::Value *place, pir::TypeId type);
    int64_t trapNumber(pir::Trap kind);
    llvm::BasicBlock *failureBlock();
    llvm::BasicBlock *failureBlock(size_t scope, size_t slots);
    /// Goes on in a new block if `outcome` is 0, else fails with it.
    /// The place of a fault that has none, or one in the library.
    void placeFault(pir::LocId loc);
    /// With a place it becomes that of a fault in the library.
    void failUnlessZero(llvm::Value *outcome, pir::LocId outside = {});
    void failWith(llvm::Value *outcome);
    /// Goes on in a new block if `good`, else traps.
    void trapUnless(llvm::Value *good, pir::Trap kind, pir::LocId loc, llvm::ArrayRef<llvm::Value *> values);
    void emitTrap(pir::Trap kind, pir::LocId loc, llvm::ArrayRef<llvm::Value *> values, llvm::StringRef text = {});
    void emitCheck(const pir::Op &op);
    void emitThrow(const pir::Op &op);
    void emitPoll();
    llvm::Value *valueAsWord(pir::ValueId id);
    void addIterations(const pir::Op &iteration);

    // calls.cpp
    bool emitCalls(const pir::Op &op);
    void emitCall(const pir::Op &op);
    void emitRuntimeCall(const pir::Op &op);
    void emitClosure(const pir::Op &op);
    void emitClosureCall(const pir::Op &op);
    void emitCCall(const pir::Op &op);
    /// Appends a value in the form that parameters have.
    void pass(pir::TypeId type, const Parts &parts, llvm::SmallVectorImpl<llvm::Value *> &arguments);
    /// Calls and takes apart `{R, outcome}`; fails if it fails, at `outside` if that is valid and the callee failed in the library.
    Parts callInstance(llvm::FunctionCallee callee, const Convention &convention, pir::TypeId result,
                       llvm::SmallVector<llvm::Value *, 8> arguments, pir::LocId outside = {});
    llvm::Value *nativeOperand(pir::ValueId id);
    void storeCaptures(const Environment &env, llvm::Value *place, std::span<const pir::ValueId> captures);

    // parallel.cpp, tasks.cpp
    struct LoopParts {
        int64_t block = 0, flags = 0, acc_size = 0, value_size = 0;
        llvm::Constant *strip = nullptr, *init = nullptr, *combine = nullptr, *drop = nullptr, *copy = nullptr, *apply = nullptr;
        llvm::Constant *values = nullptr, *fold_values = nullptr;
    };
    bool emitParallel(const pir::Op &op);
    void emitRtSmall(const pir::Op &op);
    void emitRtFor(const pir::Op &op);
    void emitRtFold(const pir::Op &op);
    void emitRtScan(const pir::Op &op);
    void emitRtFilter(const pir::Op &op);
    void emitRtKeep(const pir::Op &op);
    void emitRtFirst(const pir::Op &op);
    void emitRtInvoke(const pir::Op &op);
    void emitRtPipeline(const pir::Op &op);
    std::vector<pir::TypeId> captureTypes(const pir::Op &op);
    llvm::Value *makeEnvironment(const pir::Op &op, int64_t extra = 0);
    llvm::Constant *stripAdapter(const pir::Op &op, pir::AttrKey key);
    llvm::Constant *initAdapter(const pir::Op &op);
    llvm::Constant *combineAdapter(const pir::Op &op, pir::TypeId acc);
    LoopParts accumulatorParts(const pir::Op &op, pir::TypeId acc);
    void valueParts(const pir::Op &op, LoopParts &parts);
    llvm::Constant *describeLoop(const pir::Op &op, const LoopParts &parts);
    llvm::Value *placeLoop(const pir::Op &op, LoopParts parts, llvm::Value *block);
    llvm::StringRef constructOf(const pir::Op &op);
    llvm::Constant *branchAdapter(const pir::Op &op, std::span<const size_t> used);
    std::vector<size_t> sharedCaptures(const pir::Op &op);
    llvm::Value *callBranch(const pir::Op &op, pir::FunctionId branch);

    ModuleEmitter &owner;
    const pir::Function &pir_function;
    pir::FunctionId id;
    llvm::Function *function;
    Convention convention;
    llvm::IRBuilder<> b;
    llvm::BasicBlock *entry = nullptr;
    llvm::Value *ctx = nullptr, *out = nullptr;
    llvm::AllocaInst *outcome = nullptr; ///< of the failure on its way out
    std::vector<Parts> values;           ///< by pir::ValueId
    std::vector<bool> defined;
    std::vector<Scope> scopes;
    std::vector<Target> targets;
    pir::LocId loc;
};

} // namespace parlane::codegen
