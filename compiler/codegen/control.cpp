// Structured control flow: regions become blocks, results go through places that SROA removes.
#include "compiler/codegen/emitter.h"

#include <llvm/IR/MDBuilder.h>

namespace parlane::codegen {

using pir::OpCode;
using pir::Role;

bool FunctionEmitter::emitControl(const pir::Op &op, pir::OpId op_id) {
    switch (op.code) {
    case OpCode::Block:
    case OpCode::Scope: emitBlock(op, op_id); return true;
    case OpCode::If: emitIf(op); return true;
    case OpCode::Switch: emitSwitch(op); return true;
    case OpCode::Loop: emitLoop(op, op_id); return true;
    case OpCode::For: emitFor(op, op_id); return true;
    case OpCode::Try: emitTry(op); return true;
    case OpCode::Leave: emitLeave(op, false); return true;
    case OpCode::Again: emitLeave(op, true); return true;
    case OpCode::Return: emitReturnOp(op); return true;
    default: return false;
    }
}

FunctionEmitter::Result FunctionEmitter::makeResult(const pir::Op &op) {
    Result result;
    if (!op.result.valid()) return result;
    result.type = typeOf(op.result);
    const Shape &held = owner.shape(result.type);
    if (held.memory) result.places.push_back(allocateFor(result.type));
    else
        for (llvm::Type *part : held.parts) result.places.push_back(allocate(part));
    return result;
}

void FunctionEmitter::storeResult(const Result &result, llvm::ArrayRef<pir::ValueId> given) {
    if (result.places.empty() || given.empty()) return;
    const Parts &parts = value(given[0]);
    if (owner.shape(result.type).memory) return store(result.type, result.places[0], parts);
    for (size_t k = 0; k < parts.size(); ++k) b.CreateStore(parts[k], result.places[k]);
}

void FunctionEmitter::finishResult(const pir::Op &op, const Result &result) {
    if (!op.result.valid()) return;
    if (owner.shape(result.type).memory) return define(op.result, result.places[0]);
    Parts parts;
    for (llvm::AllocaInst *place : result.places) parts.push_back(b.CreateLoad(place->getAllocatedType(), place));
    define(op.result, parts);
}

void FunctionEmitter::emitRegion(pir::RegionId region_id, llvm::BasicBlock *next, const Result *result,
                                 llvm::BasicBlock *catching) {
    const pir::Region &region = pir_function.regions[region_id];
    scopes.push_back({region_id, {}, {}, nullptr, catching, scopes.back().slots.size()});
    owner.debug.enterBlock(b, pir_function, region_id);
    bool shows_index = region.op.valid() && pir_function.ops[region.op].code == OpCode::For;
    if (shows_index && !region.params.empty())
        owner.debug.keep(b, pir_function, region.params[0], value(region.params[0]), false, 0, *entry);
    for (pir::OpId id : region.ops) {
        const pir::Op &op = pir_function.ops[id];
        if (op.code != OpCode::Yield) {
            emit(id);
            continue;
        }
        if (result) storeResult(*result, op.operands);
    }
    if (!b.GetInsertBlock()->getTerminator()) {
        dropScopes(scopes.size() - 1);
        b.CreateBr(next);
    }
    owner.debug.leaveBlock();
    scopes.pop_back();
}

void FunctionEmitter::emitBlock(const pir::Op &op, pir::OpId op_id) {
    Result result = makeResult(op);
    llvm::BasicBlock *done = newBlock("end");
    targets.push_back({op_id, scopes.size(), done, nullptr, &result});
    emitRegion(op.regions[0], done, &result);
    targets.pop_back();
    b.SetInsertPoint(done);
    finishResult(op, result);
}

void FunctionEmitter::emitIf(const pir::Op &op) {
    Result result = makeResult(op);
    llvm::BasicBlock *then = newBlock("then"), *done = newBlock("endif");
    pir::RegionId other = pir_function.region(op, Role::Else);
    llvm::BasicBlock *otherwise = other.valid() ? newBlock("else") : done;
    b.CreateCondBr(scalar(op.operands[0]), then, otherwise);
    b.SetInsertPoint(then);
    emitRegion(pir_function.region(op, Role::Then), done, &result);
    if (other.valid()) {
        b.SetInsertPoint(otherwise);
        emitRegion(other, done, &result);
    }
    b.SetInsertPoint(done);
    finishResult(op, result);
}

void FunctionEmitter::emitSwitch(const pir::Op &op) {
    Result result = makeResult(op);
    llvm::BasicBlock *done = newBlock("endswitch"), *fallback = done;
    pir::RegionId other = pir_function.region(op, Role::Default);
    if (other.valid()) fallback = newBlock("default");
    llvm::Value *key = scalar(op.operands[0]);
    llvm::SwitchInst *choice = b.CreateSwitch(key, fallback, static_cast<unsigned>(op.regions.size()));
    for (pir::RegionId id : op.regions) {
        const pir::Region &region = pir_function.regions[id];
        if (region.role != Role::Case) continue;
        llvm::BasicBlock *block = newBlock("case");
        auto *type = llvm::cast<llvm::IntegerType>(key->getType());
        choice->addCase(llvm::ConstantInt::get(type, static_cast<uint64_t>(region.index), false, true), block);
        b.SetInsertPoint(block);
        emitRegion(id, done, &result);
    }
    if (other.valid()) {
        b.SetInsertPoint(fallback);
        emitRegion(other, done, &result);
    }
    // A switch with a result and without default covers every value: the way past it is never taken.
    if (!other.valid() && op.result.valid()) {
        llvm::BasicBlock *never = newBlock("never");
        choice->setDefaultDest(never);
        b.SetInsertPoint(never);
        b.CreateUnreachable();
    }
    b.SetInsertPoint(done);
    finishResult(op, result);
}

void FunctionEmitter::emitLoop(const pir::Op &op, pir::OpId op_id) {
    Result result = makeResult(op);
    llvm::BasicBlock *head = newBlock("loop"), *done = newBlock("endloop");
    b.CreateBr(head);
    b.SetInsertPoint(head);
    targets.push_back({op_id, scopes.size(), done, head, &result});
    emitRegion(op.regions[0], head, nullptr);
    targets.pop_back();
    b.SetInsertPoint(done);
    finishResult(op, result);
}

/// A counter of rounds from 0; the index is computed from it, so that it may wrap as the language says.
void FunctionEmitter::emitFor(const pir::Op &op, pir::OpId op_id) {
    llvm::BasicBlock *before = b.GetInsertBlock(), *head = newBlock("for"), *body = newBlock("for.body");
    llvm::BasicBlock *next = newBlock("for.next"), *done = newBlock("endfor");
    llvm::Value *lo = scalar(op.operands[0]), *n = scalar(op.operands[1]), *step = scalar(op.operands[2]);
    b.CreateBr(head);
    b.SetInsertPoint(head);
    llvm::PHINode *round = b.CreatePHI(owner.i64, 2, "round");
    round->addIncoming(word(0), before);
    b.CreateCondBr(b.CreateICmpULT(round, n), body, done);

    b.SetInsertPoint(body);
    const pir::Region &region = pir_function.regions[op.regions[0]];
    auto *one = llvm::dyn_cast<llvm::ConstantInt>(step);
    llvm::Value *index = b.CreateZExtOrTrunc(round, lo->getType());
    if (!one || !one->isOne()) index = b.CreateMul(index, step);
    auto *zero = llvm::dyn_cast<llvm::ConstantInt>(lo);
    if (!zero || !zero->isZero()) index = b.CreateAdd(lo, index);
    if (!region.params.empty()) {
        define(region.params[0], index);
    }
    targets.push_back({op_id, scopes.size(), done, next, nullptr});
    emitRegion(op.regions[0], next, nullptr);
    targets.pop_back();

    b.SetInsertPoint(next);
    round->addIncoming(b.CreateAdd(round, word(1), "", true), next);
    markLoop(b.CreateBr(head), op);
    b.SetInsertPoint(done);
}

/// A loop of known independent rounds (`L`) is vectorised before it is unrolled; what is left of it is unrolled whole.
void FunctionEmitter::markLoop(llvm::Instruction *branch, const pir::Op &op) {
    if (!op.has(pir::AttrKey::Lanes)) return;
    llvm::LLVMContext &c = owner.context;
    auto flag = [&](const char *name, bool value) {
        return llvm::MDNode::get(c, {llvm::MDString::get(c, name), llvm::ConstantAsMetadata::get(b.getInt1(value))});
    };
    auto plain = [&](const char *name) { return llvm::MDNode::get(c, {llvm::MDString::get(c, name)}); };
    auto follow = [&](const char *name) {
        return llvm::MDNode::get(c, {llvm::MDString::get(c, name), plain("llvm.loop.unroll.full"),
                                     flag("llvm.loop.isvectorized", true)});
    };
    llvm::MDNode *properties[] = {nullptr, flag("llvm.loop.vectorize.enable", true), plain("llvm.loop.unroll.disable"),
                                  follow("llvm.loop.vectorize.followup_vectorized")};
    llvm::SmallVector<llvm::Metadata *, 4> operands(std::begin(properties), std::end(properties));
    llvm::MDNode *id = llvm::MDNode::getDistinct(c, operands);
    id->replaceOperandWith(0, id);
    branch->setMetadata(llvm::LLVMContext::MD_loop, id);
}

/// Outcome 1 out of the body goes to the catch region with the error; 2 and 3 pass.
void FunctionEmitter::emitTry(const pir::Op &op) {
    Result result = makeResult(op);
    llvm::BasicBlock *catching = newBlock("catch"), *done = newBlock("endtry");
    emitRegion(pir_function.region(op, Role::Body), done, &result, catching);
    b.SetInsertPoint(catching);
    pir::RegionId handler = pir_function.region(op, Role::Catch);
    auto &params = pir_function.regions[handler].params;
    if (params.empty()) {
        b.CreateCall(owner.runtime("par_rt_fault_clear", owner.void_type, {owner.ptr}), {ctx});
    } else {
        pir::TypeId type = typeOf(params[0]);
        int64_t size = owner.layouts.size(type);
        llvm::AllocaInst *place = allocateBytes(std::max<int64_t>(size, 16), 16);
        b.CreateCall(owner.runtime("par_rt_catch", owner.void_type, {owner.ptr, owner.ptr, owner.i32}), {ctx, place, number(size)});
        define(params[0], load(type, place));
    }
    emitRegion(handler, done, &result);
    b.SetInsertPoint(done);
    finishResult(op, result);
}

void FunctionEmitter::emitLeave(const pir::Op &op, bool again) {
    for (size_t k = targets.size(); k-- > 0;) {
        Target &target = targets[k];
        if (target.op != op.target()) continue;
        if (!again && target.result) storeResult(*target.result, op.operands);
        dropScopes(target.depth);
        b.CreateBr(again ? target.again : target.leave);
        return;
    }
    PAR_UNREACHABLE("{} names no enclosing op in {}", pir::info(op.code).text, pir_function.name);
}

void FunctionEmitter::emitReturnOp(const pir::Op &op) {
    Parts result;
    if (!op.operands.empty()) result = value(op.operands[0]);
    dropScopes(0);
    emitReturn(result, nullptr);
}

} // namespace parlane::codegen
