// rt.invoke and rt.pipeline.
#include "compiler/codegen/emitter.h"

#include <llvm/IR/MDBuilder.h>

namespace parlane::codegen {

using pir::AttrKey;

namespace {
constexpr int64_t kRecordBytes = 32; // par_record: runtime.h asserts it
} // namespace

/// branch(ctx, env, number). The owner runs branch 0, so that what only it uses is not in the environment.
llvm::Constant *FunctionEmitter::branchAdapter(const pir::Op &op, std::span<const size_t> used) {
    auto *type = llvm::FunctionType::get(owner.i32, {owner.ptr, owner.ptr, owner.i32}, false);
    auto functions = op.list(AttrKey::Functions);
    llvm::Function *made = owner.internalFunction(type, pir_function.name + ".branch");
    llvm::IRBuilder<> builder(llvm::BasicBlock::Create(owner.context, "entry", made));
    auto *none = llvm::BasicBlock::Create(owner.context, "none", made);
    llvm::SwitchInst *choice = builder.CreateSwitch(made->getArg(2), none);
    builder.SetInsertPoint(none);
    builder.CreateUnreachable();
    std::vector<pir::TypeId> types;
    for (size_t k : used) types.push_back(typeOf(op.operands[k]));
    for (size_t number = 1; number < functions.size(); ++number) {
        auto *block = llvm::BasicBlock::Create(owner.context, "branch", made);
        choice->addCase(builder.getInt32(static_cast<uint32_t>(number)), block);
        builder.SetInsertPoint(block);
        llvm::SmallVector<llvm::Value *, 12> loaded;
        std::vector<Parts> by_operand(op.operands.size());
        Environment env = owner.environment(types);
        for (size_t k = 0; k < used.size(); ++k) {
            Environment one{{env.offsets[k]}, env.size, env.align};
            loaded.clear();
            owner.loadCaptures(builder, one, made->getArg(1), std::span(types).subspan(k, 1), loaded);
            by_operand[used[k]].assign(loaded.begin(), loaded.end());
        }
        pir::FunctionId target(static_cast<uint32_t>(functions[number]));
        llvm::SmallVector<llvm::Value *, 12> arguments = {made->getArg(0)};
        for (size_t k = 0; k < op.operands.size(); ++k) {
            if (!by_operand[k].empty()) arguments.append(by_operand[k].begin(), by_operand[k].end());
            else // not looked at by this branch
                for (llvm::Type *part : owner.parameterTypes(typeOf(op.operands[k]))) arguments.push_back(llvm::PoisonValue::get(part));
        }
        llvm::Value *result = builder.CreateCall(owner.functions[target.raw], arguments);
        builder.CreateRet(owner.convention(target).fails ? result : builder.getInt32(0));
    }
    return made;
}

/// Captures that a branch behind the first one uses.
std::vector<size_t> FunctionEmitter::sharedCaptures(const pir::Op &op) {
    std::vector<size_t> used;
    auto functions = op.list(AttrKey::Functions);
    for (size_t k = 0; k < op.operands.size(); ++k) {
        bool needed = false;
        for (size_t number = 1; number < functions.size(); ++number) {
            const pir::Function &branch = owner.pir.functions[pir::FunctionId(static_cast<uint32_t>(functions[number]))];
            pir::ValueId param = branch.params()[k];
            for (const pir::Op &inside : branch.ops)
                needed |= inside.parent.valid() && std::ranges::find(inside.operands, param) != inside.operands.end();
        }
        if (needed) used.push_back(k);
    }
    return used;
}

/// The record in the frame is linked, branch 0 runs, and if nobody took the rest it runs as plain calls (implementation.md, section 6). What is
/// done with the record is in runtime/fast alone.
void FunctionEmitter::emitRtInvoke(const pir::Op &op) {
    auto functions = op.list(AttrKey::Functions);
    if (functions.empty()) return;
    std::vector<size_t> used = sharedCaptures(op);
    std::vector<pir::TypeId> types;
    std::vector<pir::ValueId> captured;
    for (size_t k : used) {
        types.push_back(typeOf(op.operands[k]));
        captured.push_back(op.operands[k]);
    }
    auto count = static_cast<int64_t>(functions.size());
    auto *description_type = llvm::StructType::get(owner.context, {owner.ptr, owner.i32, owner.ptr});
    llvm::Constant *description = owner.constant(
        llvm::ConstantStruct::get(description_type, {owner.site(op.loc, constructOf(op)), number(count), branchAdapter(op, used)}),
        "invoke");
    Environment env = owner.environment(types);
    llvm::AllocaInst *record = allocateBytes(kRecordBytes + env.size, 16, "record");
    storeCaptures(env, offset(record, kRecordBytes), captured);
    failUnlessZero(b.CreateCall(owner.fast("par_fast_link"), {ctx, record, description}));

    llvm::BasicBlock *join = newBlock("join"), *done = newBlock("joined");
    llvm::PHINode *last = llvm::PHINode::Create(owner.i32, 2, "last", join);
    for (int64_t k = 0; k < count; ++k) {
        llvm::Value *result = callBranch(op, pir::FunctionId(static_cast<uint32_t>(functions[static_cast<size_t>(k)])));
        if (k + 1 == count && k > 0) { // nothing was left to be taken
            failUnlessZero(result);
            b.CreateBr(done);
            break;
        }
        last->addIncoming(result, b.GetInsertBlock());
        if (count == 1) {
            b.CreateBr(join);
            break;
        }
        llvm::Value *own = b.CreateCall(owner.fast("par_fast_next"), {ctx, record, number(k + 1), number(count), result});
        llvm::BasicBlock *next = newBlock("branch");
        b.CreateCondBr(b.CreateICmpNE(own, number(0)), next, join, llvm::MDBuilder(owner.context).createLikelyBranchWeights());
        b.SetInsertPoint(next);
    }
    b.SetInsertPoint(join);
    failUnlessZero(b.CreateCall(owner.fast("par_fast_finish"), {ctx, record, last}));
    b.CreateBr(done);
    b.SetInsertPoint(done);
}

/// Outcome of a branch, called directly.
llvm::Value *FunctionEmitter::callBranch(const pir::Op &op, pir::FunctionId branch) {
    llvm::SmallVector<llvm::Value *, 8> arguments = {ctx};
    for (pir::ValueId operand : op.operands) pass(typeOf(operand), value(operand), arguments);
    llvm::Value *result = b.CreateCall(owner.functions[branch.raw], arguments);
    return owner.convention(branch).fails ? result : static_cast<llvm::Value *>(number(0));
}

// ---- pipeline --------------------------------------------------------------------------------------------------------------------

/// The token is {T, item}; the environment ends with the number of the next item, which only the (serial) source touches.
void FunctionEmitter::emitRtPipeline(const pir::Op &op) {
    const pir::Function &source = owner.pir.functions[op.function(AttrKey::Strip)];
    pir::TypeId token = owner.pir.types[source.type(source.params().back())].elem;
    constexpr uint32_t kDone = 4;
    auto captures = captureTypes(op);
    int64_t item_at = (owner.layouts.size(token) + 7) / 8 * 8, next_at = owner.environment(captures).size;
    auto at = [&](llvm::IRBuilder<> &builder, llvm::Value *address, int64_t bytes) {
        return builder.CreateConstInBoundsGEP1_64(owner.i8, address, static_cast<uint64_t>(bytes));
    };
    auto *type = llvm::FunctionType::get(owner.i32, {owner.ptr, owner.ptr, owner.ptr}, false);
    // (ctx, env, token, item): the item goes in front of the token.
    auto *with_item = llvm::FunctionType::get(owner.i32, {owner.ptr, owner.ptr, owner.ptr, owner.i64}, false);
    auto doneUnlessTrue = [&](llvm::IRBuilder<> &builder, llvm::Function *, const Parts &result) {
        builder.CreateRet(builder.CreateSelect(result[0], builder.getInt32(0), builder.getInt32(kDone)));
    };
    auto adapt = [&](pir::FunctionId target, bool is_source) {
        llvm::Function *inner = owner.adapter(target, with_item, 1, {3, 2}, captures, doneUnlessTrue);
        llvm::Function *made = owner.internalFunction(type, inner->getName() + ".item");
        llvm::IRBuilder<> builder(llvm::BasicBlock::Create(owner.context, "entry", made));
        llvm::Value *place = at(builder, made->getArg(2), item_at), *item;
        if (is_source) {
            llvm::Value *next = at(builder, made->getArg(1), next_at);
            item = builder.CreateLoad(owner.i64, next);
            builder.CreateStore(builder.CreateAdd(item, builder.getInt64(1)), next);
            builder.CreateStore(item, place);
        } else {
            item = builder.CreateLoad(owner.i64, place);
        }
        builder.CreateRet(builder.CreateCall(inner, {made->getArg(0), made->getArg(1), made->getArg(2), item}));
        return made;
    };
    llvm::SmallVector<llvm::Constant *, 4> stages, kinds;
    for (int64_t id : op.list(AttrKey::Functions)) stages.push_back(adapt(pir::FunctionId(static_cast<uint32_t>(id)), false));
    for (int64_t kind : op.list(AttrKey::Stages)) {
        auto how = static_cast<pir::StageKind>(kind); // numbers of runtime.h: parallel 0, serial 1, unordered 2
        kinds.push_back(b.getInt8(how == pir::StageKind::Parallel ? 0 : how == pir::StageKind::Serial ? 1 : 2));
    }
    auto table = [&](llvm::Type *of, llvm::ArrayRef<llvm::Constant *> entries) {
        return owner.constant(llvm::ConstantArray::get(llvm::ArrayType::get(of, entries.size()), entries), "stages");
    };
    auto *pipe_type = llvm::StructType::get(owner.context, {owner.ptr, owner.i32, owner.i32, owner.ptr, owner.ptr, owner.ptr, owner.ptr});
    llvm::Constant *drop = llvm::ConstantPointerNull::get(owner.ptr);
    if (owner.owns(token)) drop = owner.dropFunction(token);
    llvm::Constant *pipe = llvm::ConstantStruct::get(
        pipe_type, {owner.site(op.loc, constructOf(op)), number(static_cast<int64_t>(stages.size())), number(item_at + 8),
                    table(owner.i8, kinds), adapt(op.function(AttrKey::Strip), true), table(owner.ptr, stages), drop});
    llvm::Value *env = makeEnvironment(op, 8);
    b.CreateStore(word(0), offset(env, next_at));
    auto callee = owner.runtime("par_rt_pipeline", owner.i32, {owner.ptr, owner.ptr, owner.ptr, owner.i64});
    failUnlessZero(b.CreateCall(callee, {ctx, owner.constant(pipe, "pipe"), env, scalar(op.operands[0])}));
}

} // namespace parlane::codegen
