// Outcomes: checks, traps, throws, and the way out through the scopes.
#include "compiler/codegen/emitter.h"

#include <llvm/IR/Intrinsics.h>
#include <llvm/IR/MDBuilder.h>

namespace parlane::codegen {

using pir::OpCode;

bool FunctionEmitter::emitFailure(const pir::Op &op) {
    switch (op.code) {
    case OpCode::Check: emitCheck(op); return true;
    case OpCode::Trap: {
        llvm::SmallVector<llvm::Value *, 8> given;
        bool has_message = !op.operands.empty() && kindOf(op.operands[0]) == pir::TypeKind::Ref;
        if (has_message) {
            auto callee = owner.runtime("par_rt_trap_text", owner.i32, {owner.ptr, owner.i32, owner.ptr, owner.ptr});
            llvm::Value *kind = number(trapNumber(op.enumerator<pir::Trap>(pir::AttrKey::Trap)));
            failWith(b.CreateCall(callee, {ctx, kind, owner.site(op.loc), scalar(op.operands[0])}));
            return true;
        }
        for (pir::ValueId operand : op.operands) given.push_back(valueAsWord(operand));
        emitTrap(op.enumerator<pir::Trap>(pir::AttrKey::Trap), op.loc, given, op.string(pir::AttrKey::Text));
        return true;
    }
    case OpCode::Throw: emitThrow(op); return true;
    case OpCode::Iteration:
        scopes.back().iteration = &op;
        scopes.back().failing.clear(); // what failed before is in no iteration
        return true;
    case OpCode::Poll: emitPoll(); return true;
    case OpCode::Fast: {
        llvm::Value *yes = b.CreateCall(owner.fast("par_fast_" + std::string(op.string(pir::AttrKey::Name))), {ctx});
        define(op.result, b.CreateICmpNE(yes, number(0)));
        return true;
    }
    default: return false;
    }
}

void FunctionEmitter::dropScopes(size_t depth) {
    for (size_t k = scopes.size(); k-- > depth;)
        for (size_t s = scopes[k].slots.size(); s-- > 0;) dropSlot(scopes[k].slots[s].first, scopes[k].slots[s].second);
}

/// Through a copy of the bytes: a slot whose address never leaves the function stays in registers.
void FunctionEmitter::dropSlot(llvm::Value *place, pir::TypeId type) {
    constexpr int64_t kLargest = 256;
    if (owner.layouts.size(type) > kLargest) {
        b.CreateCall(owner.dropFunction(type), {place});
        return;
    }
    b.CreateCall(owner.dropFunction(type), {spill(type, load(type, place))});
}

llvm::BasicBlock *FunctionEmitter::failureBlock() { return failureBlock(scopes.size() - 1, scopes.back().slots.size()); }

/// The blocks form a chain: the last slot of the innermost scope first, at the end the return with the outcome.
llvm::BasicBlock *FunctionEmitter::failureBlock(size_t at, size_t slots) {
    if (scopes[at].failing.size() <= slots) scopes[at].failing.resize(slots + 1);
    if (llvm::BasicBlock *known = scopes[at].failing[slots]) return known;
    llvm::BasicBlock *block = newBlock("fail");
    scopes[at].failing[slots] = block;
    llvm::IRBuilderBase::InsertPointGuard guard(b);
    b.SetInsertPoint(block);
    if (slots > 0) {
        auto [place, type] = scopes[at].slots[slots - 1];
        dropSlot(place, type);
        b.CreateBr(failureBlock(at, slots - 1));
        return block;
    }
    if (scopes[at].iteration) addIterations(*scopes[at].iteration);
    llvm::BasicBlock *outer = nullptr;
    if (at > 0) outer = failureBlock(at - 1, scopes[at].parent_slots);
    if (scopes[at].catching) {
        llvm::Value *thrown = b.CreateICmpEQ(b.CreateLoad(owner.i32, outcome), number(1));
        b.CreateCondBr(thrown, scopes[at].catching, outer);
    } else if (outer) {
        b.CreateBr(outer);
    } else {
        PAR_CHECK(convention.fails, "{} fails, but is called as one that does not", pir_function.name);
        emitReturn({}, b.CreateLoad(owner.i32, outcome));
    }
    return block;
}

/// Stops carry no payload.
void FunctionEmitter::addIterations(const pir::Op &iteration) {
    llvm::AllocaInst *indices = allocateBytes(8 * static_cast<int64_t>(iteration.operands.size()), 8);
    for (size_t k = 0; k < iteration.operands.size(); ++k)
        b.CreateStore(scalar(iteration.operands[k]), offset(indices, 8 * static_cast<int64_t>(k)));
    llvm::BasicBlock *add = newBlock("fail.iteration"), *after = newBlock("fail.out");
    b.CreateCondBr(b.CreateICmpULT(b.CreateLoad(owner.i32, outcome), number(3)), add, after);
    b.SetInsertPoint(add);
    llvm::StringRef construct = iteration.string(pir::AttrKey::Text), names = iteration.string(pir::AttrKey::Name);
    auto callee = owner.runtime("par_rt_fault_index", owner.void_type, {owner.ptr, owner.ptr, owner.i32, owner.ptr});
    b.CreateCall(callee, {ctx, owner.site(iteration.loc, construct, names),
                          number(static_cast<int64_t>(iteration.operands.size())), indices});
    b.CreateBr(after);
    b.SetInsertPoint(after);
}

void FunctionEmitter::failWith(llvm::Value *failure) {
    b.CreateStore(failure, outcome);
    b.CreateBr(failureBlock());
}

void FunctionEmitter::failUnlessZero(llvm::Value *failure, pir::LocId outside) {
    llvm::BasicBlock *bad = newBlock("failed"), *good = newBlock("ok");
    b.CreateCondBr(b.CreateICmpEQ(failure, number(0)), good, bad, llvm::MDBuilder(owner.context).createLikelyBranchWeights());
    b.SetInsertPoint(bad);
    if (outside.valid()) placeFault(outside);
    failWith(failure);
    b.SetInsertPoint(good);
}

void FunctionEmitter::placeFault(pir::LocId loc) {
    b.CreateCall(owner.runtime("par_rt_fault_site", owner.void_type, {owner.ptr, owner.ptr}), {ctx, owner.site(loc)});
}

void FunctionEmitter::trapUnless(llvm::Value *good_value, pir::Trap kind, pir::LocId where, llvm::ArrayRef<llvm::Value *> given) {
    if (auto *known = llvm::dyn_cast<llvm::ConstantInt>(good_value); known && known->isOne()) return;
    llvm::BasicBlock *bad = newBlock("trap"), *good = newBlock("ok");
    b.CreateCondBr(good_value, good, bad, llvm::MDBuilder(owner.context).createLikelyBranchWeights());
    b.SetInsertPoint(bad);
    emitTrap(kind, where, given);
    b.SetInsertPoint(good);
}

void FunctionEmitter::emitTrap(pir::Trap kind, pir::LocId where, llvm::ArrayRef<llvm::Value *> given, llvm::StringRef text) {
    llvm::Value *how = number(trapNumber(kind)), *site = owner.site(where);
    if (!text.empty()) {
        auto [first, second] = owner.staticStr(text);
        llvm::AllocaInst *message = allocateBytes(16, 8);
        b.CreateStore(first, message);
        b.CreateStore(second, offset(message, 8));
        auto callee = owner.runtime("par_rt_trap_text", owner.i32, {owner.ptr, owner.i32, owner.ptr, owner.ptr});
        auto *call = b.CreateCall(callee, {ctx, how, site, message});
        call->addFnAttr(llvm::Attribute::Cold);
        return failWith(call);
    }
    llvm::Value *values_at = llvm::ConstantPointerNull::get(owner.ptr);
    if (!given.empty()) {
        llvm::AllocaInst *place = allocateBytes(8 * static_cast<int64_t>(given.size()), 8);
        for (size_t k = 0; k < given.size(); ++k) b.CreateStore(given[k], offset(place, 8 * static_cast<int64_t>(k)));
        values_at = place;
    }
    auto callee = owner.runtime("par_rt_trap", owner.i32, {owner.ptr, owner.i32, owner.ptr, owner.i32, owner.ptr});
    auto *call = b.CreateCall(callee, {ctx, how, site, number(static_cast<int64_t>(given.size())), values_at});
    call->addFnAttr(llvm::Attribute::Cold);
    failWith(call);
}

/// Scalars as they stand in a fault; of floats the integer part, as in the interpreter.
llvm::Value *FunctionEmitter::valueAsWord(pir::ValueId id) {
    llvm::Value *x = scalar(id);
    pir::TypeKind kind = kindOf(id);
    if (pir::isFloat(kind)) return b.CreateIntrinsic(llvm::Intrinsic::fptosi_sat, {owner.i64, x->getType()}, {x});
    if (x->getType()->isPointerTy()) return b.CreatePtrToInt(x, owner.i64);
    return b.CreateIntCast(x, owner.i64, pir::isSigned(kind));
}

void FunctionEmitter::emitCheck(const pir::Op &op) {
    llvm::BasicBlock *bad = newBlock("trap"), *good = newBlock("ok");
    b.CreateCondBr(scalar(op.operands[0]), good, bad, llvm::MDBuilder(owner.context).createLikelyBranchWeights());
    b.SetInsertPoint(bad);
    llvm::SmallVector<llvm::Value *, 8> given;
    for (size_t k = 1; k < op.operands.size(); ++k) given.push_back(valueAsWord(op.operands[k]));
    emitTrap(op.enumerator<pir::Trap>(pir::AttrKey::Trap), op.loc, given, op.string(pir::AttrKey::Text));
    b.SetInsertPoint(good);
}

void FunctionEmitter::emitThrow(const pir::Op &op) {
    pir::TypeId type = typeOf(op.operands[0]);
    llvm::Value *drop = llvm::ConstantPointerNull::get(owner.ptr);
    if (owner.owns(type)) drop = owner.dropFunction(type);
    auto callee = owner.runtime("par_rt_throw", owner.i32, {owner.ptr, owner.ptr, owner.i32, owner.ptr, owner.i32, owner.ptr});
    llvm::Value *bytes = spill(type, value(op.operands[0]));
    failWith(b.CreateCall(callee, {ctx, owner.site(op.loc), number(owner.errorNumber(type)), bytes,
                                   number(owner.layouts.size(type)), drop}));
}

/// A stack overflow is reported at the function that found it.
void FunctionEmitter::emitPoll() {
    llvm::Value *result = b.CreateCall(owner.fast("par_fast_poll"), {ctx});
    llvm::BasicBlock *bad = newBlock("poll.failed"), *good = newBlock("polled");
    b.CreateCondBr(b.CreateICmpEQ(result, number(0)), good, bad, llvm::MDBuilder(owner.context).createLikelyBranchWeights());
    b.SetInsertPoint(bad);
    placeFault(pir_function.loc);
    failWith(result);
    b.SetInsertPoint(good);
}

/// Pir and the runtime number traps on their own; the names agree.
int64_t FunctionEmitter::trapNumber(pir::Trap kind) {
    static const std::map<std::string_view, int64_t> kNumbers = [] {
        std::map<std::string_view, int64_t> numbers;
        int64_t next = 1;
#define PAR_TRAP(name, code, text) numbers[#name] = next++;
#include "runtime/include/parlane/traps.def"
#undef PAR_TRAP
        return numbers;
    }();
    auto found = kNumbers.find(pir::text(kind));
    PAR_CHECK(found != kNumbers.end(), "the runtime has no trap `{}`", pir::text(kind));
    return found->second;
}

} // namespace parlane::codegen
