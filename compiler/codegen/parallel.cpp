// rt.* ops: an environment with the captures, a static description, adapters with the runtime's signatures, one call.
#include "compiler/codegen/emitter.h"

#include <llvm/IR/MDBuilder.h>

namespace parlane::codegen {

using pir::AttrKey;
using pir::OpCode;

bool FunctionEmitter::emitParallel(const pir::Op &op) {
    switch (op.code) {
    case OpCode::RtSmall: emitRtSmall(op); return true;
    case OpCode::RtFor: emitRtFor(op); return true;
    case OpCode::RtFold: emitRtFold(op); return true;
    case OpCode::RtScan: emitRtScan(op); return true;
    case OpCode::RtFilter: emitRtFilter(op); return true;
    case OpCode::RtKeep: emitRtKeep(op); return true;
    case OpCode::RtFirst: emitRtFirst(op); return true;
    case OpCode::RtInvoke: emitRtInvoke(op); return true;
    case OpCode::RtPipeline: emitRtPipeline(op); return true;
    default: return false;
    }
}

// ---- adapters --------------------------------------------------------------------------------------------------------------------

std::vector<pir::TypeId> FunctionEmitter::captureTypes(const pir::Op &op) {
    std::vector<pir::TypeId> types;
    for (size_t k = pir::rtLeading(op.code); k < op.operands.size(); ++k) types.push_back(typeOf(op.operands[k]));
    return types;
}

llvm::Value *FunctionEmitter::makeEnvironment(const pir::Op &op, int64_t extra) {
    Environment env = owner.environment(captureTypes(op));
    llvm::AllocaInst *place = allocateBytes(env.size + extra, std::max<int64_t>(env.align, 16), "env");
    storeCaptures(env, place, std::span(op.operands).subspan(pir::rtLeading(op.code)));
    return place;
}

/// A function of the runtime's signature that loads the captures from argument `env_at`, passes the arguments in `passed` and returns the
/// outcome. `finish` may turn result and outcome into something else.
llvm::Function *ModuleEmitter::adapter(pir::FunctionId target, llvm::FunctionType *type, unsigned env_at,
                                       llvm::ArrayRef<unsigned> passed, std::span<const pir::TypeId> captures,
                                       llvm::function_ref<void(llvm::IRBuilder<> &, llvm::Function *, const Parts &)> finish) {
    const pir::Function &callee = pir.functions[target];
    Convention how = convention(target);
    llvm::Function *made = internalFunction(type, callee.name + ".rt");
    llvm::IRBuilder<> b(llvm::BasicBlock::Create(context, "entry", made));
    llvm::SmallVector<llvm::Value *, 12> arguments = {made->getArg(0)};
    llvm::AllocaInst *place = nullptr;
    if (shape(callee.result).memory) {
        int64_t size = std::max<int64_t>(layouts.size(callee.result), 16);
        place = b.CreateAlloca(llvm::ArrayType::get(i8, static_cast<uint64_t>(size)));
        place->setAlignment(llvm::Align(16));
    }
    if (how.out) arguments.push_back(place);
    loadCaptures(b, environment(captures), made->getArg(env_at), captures, arguments);
    for (unsigned k : passed) arguments.push_back(made->getArg(k));
    auto *call = b.CreateCall(functions[target.raw], arguments);
    unsigned count = static_cast<unsigned>(how.words.size()) + (how.fails ? 1 : 0);
    auto part = [&](unsigned k) -> llvm::Value * { return count == 1 ? call : b.CreateExtractValue(call, k); };
    if (how.fails) {
        llvm::Value *failure = part(count - 1);
        auto *bad = llvm::BasicBlock::Create(context, "failed", made), *good = llvm::BasicBlock::Create(context, "ok", made);
        b.CreateCondBr(b.CreateICmpEQ(failure, b.getInt32(0)), good, bad);
        b.SetInsertPoint(bad);
        b.CreateRet(failure);
        b.SetInsertPoint(good);
    }
    Parts result;
    for (unsigned k = 0; k < how.words.size(); ++k) {
        if (place) b.CreateStore(part(k), b.CreateConstInBoundsGEP1_64(i8, place, 8 * k));
        else result.push_back(part(k));
    }
    if (place) result = {place};
    if (finish) finish(b, made, result);
    else b.CreateRet(b.getInt32(0));
    return made;
}

llvm::FunctionType *ModuleEmitter::stripType() { return llvm::FunctionType::get(i32, {ptr, ptr, i64, i64, ptr}, false); }

/// `strip`, `apply` and `values`: (ctx, env, lo, hi, acc).
llvm::Constant *FunctionEmitter::stripAdapter(const pir::Op &op, AttrKey key) {
    if (!op.has(key)) return llvm::ConstantPointerNull::get(owner.ptr);
    pir::FunctionId target = op.function(key);
    auto captures = captureTypes(op);
    bool with_acc = owner.pir.functions[target].params().size() > captures.size() + 2;
    llvm::SmallVector<unsigned, 3> passed = {2, 3};
    if (with_acc) passed.push_back(4);
    return owner.adapter(target, owner.stripType(), 1, passed, captures);
}

llvm::Constant *FunctionEmitter::initAdapter(const pir::Op &op) {
    if (!op.has(AttrKey::Init)) return llvm::ConstantPointerNull::get(owner.ptr);
    auto *type = llvm::FunctionType::get(owner.i32, {owner.ptr, owner.ptr, owner.ptr}, false);
    return owner.adapter(op.function(AttrKey::Init), type, 1, {2}, captureTypes(op));
}

/// The bytes of `right` are dropped behind the function, however it ends.
llvm::Constant *FunctionEmitter::combineAdapter(const pir::Op &op, pir::TypeId acc) {
    if (!op.has(AttrKey::Combine)) return llvm::ConstantPointerNull::get(owner.ptr);
    auto *type = llvm::FunctionType::get(owner.i32, {owner.ptr, owner.ptr, owner.ptr, owner.ptr}, false);
    llvm::Function *plain = owner.adapter(op.function(AttrKey::Combine), type, 1, {2, 3}, captureTypes(op));
    if (!owner.owns(acc)) return plain;
    llvm::Function *made = owner.internalFunction(type, plain->getName() + ".drop");
    llvm::IRBuilder<> builder(llvm::BasicBlock::Create(owner.context, "entry", made));
    llvm::Value *result = builder.CreateCall(plain, {made->getArg(0), made->getArg(1), made->getArg(2), made->getArg(3)});
    builder.CreateCall(owner.dropFunction(acc), {made->getArg(3)});
    builder.CreateRet(result);
    return made;
}

// ---- descriptions ----------------------------------------------------------------------------------------------------------------

/// Fields of par_loop in the order of runtime.h.
llvm::StructType *ModuleEmitter::loopType() {
    return llvm::StructType::get(context, {ptr, i64, llvm::Type::getFloatTy(context), i32, i32, i32, ptr, ptr, ptr, ptr, ptr, ptr, ptr, ptr});
}

llvm::Constant *FunctionEmitter::describeLoop(const pir::Op &op, const LoopParts &parts) {
    auto *none = llvm::ConstantPointerNull::get(owner.ptr);
    auto orNone = [&](llvm::Constant *value) { return value ? value : none; };
    auto word32 = [&](int64_t n) { return llvm::ConstantInt::get(owner.i32, static_cast<uint64_t>(n)); };
    llvm::Constant *fields[] = {
        owner.site(op.loc, constructOf(op)),
        llvm::ConstantInt::get(owner.i64, static_cast<uint64_t>(parts.block)),
        llvm::ConstantFP::get(llvm::Type::getFloatTy(owner.context), 0.0),
        word32(parts.flags), word32(parts.acc_size), word32(parts.value_size),
        orNone(parts.strip), orNone(parts.init), orNone(parts.combine), orNone(parts.drop), orNone(parts.copy), orNone(parts.apply),
        orNone(parts.values), orNone(parts.fold_values)};
    return llvm::ConstantStruct::get(owner.loopType(), fields);
}

llvm::StringRef FunctionEmitter::constructOf(const pir::Op &op) {
    if (op.has(AttrKey::Text)) return op.string(AttrKey::Text);
    switch (op.code) {
    case OpCode::RtFor: return "par for";
    case OpCode::RtFold: return "reduce";
    case OpCode::RtScan: return "scan";
    case OpCode::RtFilter: return "par for";
    case OpCode::RtFirst: return "first";
    case OpCode::RtInvoke: return "invoke";
    default: return "pipeline";
    }
}

llvm::Constant *ModuleEmitter::constant(llvm::Constant *value, const llvm::Twine &name) {
    return new llvm::GlobalVariable(module, value->getType(), true, llvm::GlobalValue::PrivateLinkage, value, name);
}

/// The description; in the frame where its block is not known before.
llvm::Value *FunctionEmitter::placeLoop(const pir::Op &op, LoopParts parts, llvm::Value *block) {
    auto *known = llvm::dyn_cast_or_null<llvm::ConstantInt>(block);
    if (known) parts.block = known->getSExtValue();
    llvm::Constant *fixed = owner.constant(describeLoop(op, parts), "loop");
    if (!block || known) return fixed;
    auto size = static_cast<uint64_t>(owner.module.getDataLayout().getTypeAllocSize(owner.loopType()));
    llvm::AllocaInst *place = allocateBytes(static_cast<int64_t>(size), 8, "loop");
    b.CreateMemCpy(place, llvm::Align(8), fixed, llvm::Align(8), size);
    b.CreateStore(block, offset(place, 8));
    return place;
}

// ---- loops -----------------------------------------------------------------------------------------------------------------------

void FunctionEmitter::emitRtSmall(const pir::Op &op) {
    constexpr int64_t kAlwaysRuntime = 40; // par_ctx.always_runtime: runtime.h asserts the offset
    llvm::Value *few = b.CreateICmpSLE(scalar(op.operands[0]), scalar(op.operands[1]));
    llvm::Value *always = b.CreateLoad(owner.i32, offset(ctx, kAlwaysRuntime));
    define(op.result, b.CreateLogicalAnd(few, b.CreateICmpEQ(always, number(0))));
}

void FunctionEmitter::emitRtFor(const pir::Op &op) {
    LoopParts parts;
    parts.strip = stripAdapter(op, AttrKey::Strip);
    llvm::Value *env = makeEnvironment(op), *loop = placeLoop(op, parts, nullptr);
    auto callee = owner.runtime("par_rt_for", owner.i32, {owner.ptr, owner.ptr, owner.ptr, owner.i64});
    failUnlessZero(b.CreateCall(callee, {ctx, loop, env, scalar(op.operands[0])}));
}

FunctionEmitter::LoopParts FunctionEmitter::accumulatorParts(const pir::Op &op, pir::TypeId acc) {
    LoopParts parts;
    parts.acc_size = owner.layouts.size(acc);
    parts.strip = stripAdapter(op, AttrKey::Strip);
    parts.init = initAdapter(op);
    parts.combine = combineAdapter(op, acc);
    parts.apply = stripAdapter(op, AttrKey::Apply);
    if (owner.owns(acc)) parts.drop = owner.dropFunction(acc);
    if (op.has(AttrKey::AnyOrder)) parts.flags = 1; // PAR_LOOP_ANY_ORDER
    if (op.has(AttrKey::Space)) parts.flags |= 4; // kSerialFold of the runtime: on one thread, in order
    return parts;
}

/// values(ctx, env, lo, hi, out) and fold_values(ctx, env, values, count, acc): views of the runtime's buffer.
void FunctionEmitter::valueParts(const pir::Op &op, LoopParts &parts) {
    auto functions = op.list(AttrKey::Functions);
    if (functions.size() != 2) return;
    pir::FunctionId values(static_cast<uint32_t>(functions[0])), ordered(static_cast<uint32_t>(functions[1]));
    const pir::Function &producer = owner.pir.functions[values];
    parts.value_size = owner.layouts.size(owner.pir.types[producer.type(producer.params().back())].elem);
    auto *with_count = llvm::FunctionType::get(owner.i32, {owner.ptr, owner.ptr, owner.i64, owner.i64, owner.ptr, owner.i64}, false);
    llvm::Function *inner = owner.adapter(values, with_count, 1, {2, 3, 4, 5}, captureTypes(op));
    llvm::Function *made = owner.internalFunction(owner.stripType(), inner->getName() + ".strip");
    llvm::IRBuilder<> builder(llvm::BasicBlock::Create(owner.context, "entry", made));
    llvm::Value *count = builder.CreateSub(made->getArg(3), made->getArg(2));
    builder.CreateRet(builder.CreateCall(
        inner, {made->getArg(0), made->getArg(1), made->getArg(2), made->getArg(3), made->getArg(4), count}));
    parts.values = made;
    auto *type = llvm::FunctionType::get(owner.i32, {owner.ptr, owner.ptr, owner.ptr, owner.i64, owner.ptr}, false);
    parts.fold_values = owner.adapter(ordered, type, 1, {2, 3, 4}, captureTypes(op));
}

void FunctionEmitter::emitRtFold(const pir::Op &op) {
    LoopParts parts = accumulatorParts(op, pointee(op.operands[2]));
    valueParts(op, parts);
    llvm::Value *env = makeEnvironment(op), *loop = placeLoop(op, parts, scalar(op.operands[1]));
    auto callee = owner.runtime("par_rt_fold", owner.i32, {owner.ptr, owner.ptr, owner.ptr, owner.i64, owner.ptr});
    failUnlessZero(b.CreateCall(callee, {ctx, loop, env, scalar(op.operands[0]), scalar(op.operands[2])}));
}

bool ModuleEmitter::isQuiet(pir::FunctionId id) const {
    if (failing.fails(id)) return false;
    for (const pir::Op &op : pir.functions[id].ops)
        if (op.parent.valid() && (pir::info(op.code).effects & pir::Calls)) return false;
    return true;
}

void FunctionEmitter::emitRtScan(const pir::Op &op) {
    const pir::Function &strip = owner.pir.functions[op.function(AttrKey::Strip)];
    pir::TypeId acc = owner.pir.types[strip.type(strip.params().back())].elem;
    LoopParts parts = accumulatorParts(op, acc);
    if (!owner.owns(acc) && owner.isQuiet(op.function(AttrKey::Apply)) && owner.isQuiet(op.function(AttrKey::Combine)))
        parts.flags |= 2; // PAR_LOOP_EARLY
    if (owner.owns(acc)) {
        auto *type = llvm::FunctionType::get(owner.i32, {owner.ptr, owner.ptr, owner.ptr, owner.ptr}, false);
        llvm::Function *made = owner.internalFunction(type, "copy.rt");
        llvm::IRBuilder<> builder(llvm::BasicBlock::Create(owner.context, "entry", made));
        builder.CreateRet(builder.CreateCall(owner.copyFunction(acc), {made->getArg(0), made->getArg(2), made->getArg(3)}));
        parts.copy = made;
    }
    llvm::Value *env = makeEnvironment(op), *loop = placeLoop(op, parts, scalar(op.operands[1]));
    auto callee = owner.runtime("par_rt_scan", owner.i32, {owner.ptr, owner.ptr, owner.ptr, owner.i64});
    failUnlessZero(b.CreateCall(callee, {ctx, loop, env, scalar(op.operands[0])}));
}

/// The strip of the runtime returns PAR_DONE with the hit in `acc`; T is stored there without its `some`.
void FunctionEmitter::emitRtFirst(const pir::Op &op) {
    pir::TypeId optional = typeOf(op.result), hit = owner.pir.types[optional].elem;
    constexpr int64_t kDone = 4;
    int64_t some = owner.layouts.offset(optional, 1), size = owner.layouts.size(hit);
    LoopParts parts;
    parts.acc_size = size;
    if (owner.owns(hit)) parts.drop = owner.dropFunction(hit);
    parts.strip = owner.adapter(op.function(AttrKey::Strip), owner.stripType(), 1, {2, 3}, captureTypes(op),
                                [&](llvm::IRBuilder<> &builder, llvm::Function *made, const Parts &result) {
                                    auto *found = llvm::BasicBlock::Create(owner.context, "hit", made);
                                    auto *nothing = llvm::BasicBlock::Create(owner.context, "none", made);
                                    auto *at = builder.CreateConstInBoundsGEP1_64(owner.i8, result[0], static_cast<uint64_t>(some));
                                    auto *tag = builder.CreateLoad(owner.i8, at);
                                    builder.CreateCondBr(builder.CreateIsNotNull(tag), found, nothing);
                                    builder.SetInsertPoint(found);
                                    builder.CreateMemCpy(made->getArg(4), llvm::MaybeAlign(1), result[0], llvm::MaybeAlign(1), static_cast<uint64_t>(size));
                                    builder.CreateRet(builder.getInt32(kDone));
                                    builder.SetInsertPoint(nothing);
                                    builder.CreateRet(builder.getInt32(0));
                                });
    llvm::AllocaInst *place = allocateFor(optional);
    zeroMemory(place, owner.layouts.size(optional), owner.layouts[optional].align);
    llvm::Value *env = makeEnvironment(op), *loop = placeLoop(op, parts, scalar(op.operands[1]));
    auto callee = owner.runtime("par_rt_first", owner.i32, {owner.ptr, owner.ptr, owner.ptr, owner.i64, owner.ptr});
    llvm::Value *result = b.CreateCall(callee, {ctx, loop, env, scalar(op.operands[0]), place});
    llvm::Value *found = b.CreateICmpEQ(result, number(kDone));
    failUnlessZero(b.CreateSelect(found, number(0), result));
    b.CreateStore(b.CreateZExt(found, owner.i8), offset(place, some));
    define(op.result, place);
}

void FunctionEmitter::emitRtFilter(const pir::Op &op) {
    pir::TypeId type = typeOf(op.result);
    std::vector<pir::TypeId> columns;
    if (owner.pir.types.kind(type) == pir::TypeKind::Tuple) columns = owner.pir.types[type].parts;
    else columns.push_back(type);
    llvm::SmallVector<llvm::Constant *, 4> sizes, drops;
    bool owning = false;
    for (pir::TypeId column : columns) {
        pir::TypeId elem = owner.pir.types[column].elem;
        sizes.push_back(llvm::ConstantInt::get(owner.i32, static_cast<uint64_t>(owner.layouts.size(elem))));
        owning |= owner.owns(elem);
        drops.push_back(owner.owns(elem) ? static_cast<llvm::Constant *>(owner.dropFunction(elem)) : llvm::ConstantPointerNull::get(owner.ptr));
    }
    auto table = [&](llvm::Type *of, llvm::ArrayRef<llvm::Constant *> entries) {
        return owner.constant(llvm::ConstantArray::get(llvm::ArrayType::get(of, entries.size()), entries), "columns");
    };
    LoopParts parts;
    parts.strip = stripAdapter(op, AttrKey::Strip);
    auto *known = llvm::dyn_cast<llvm::ConstantInt>(scalar(op.operands[1]));
    PAR_CHECK(known, "the block of rt.filter is not constant");
    parts.block = known->getSExtValue();
    auto *whole = llvm::StructType::get(owner.context, {owner.loopType(), owner.i32, owner.ptr, owner.ptr});
    llvm::Constant *filter = llvm::ConstantStruct::get(
        whole, {describeLoop(op, parts), llvm::ConstantInt::get(owner.i32, columns.size()), table(owner.i32, sizes),
                owning ? table(owner.ptr, drops) : static_cast<llvm::Constant *>(llvm::ConstantPointerNull::get(owner.ptr))});
    llvm::AllocaInst *place = allocateBytes(16 * static_cast<int64_t>(columns.size()), 8);
    llvm::Value *env = makeEnvironment(op);
    auto callee = owner.runtime("par_rt_filter", owner.i32, {owner.ptr, owner.ptr, owner.ptr, owner.i64, owner.ptr});
    failUnlessZero(b.CreateCall(callee, {ctx, owner.constant(filter, "filter"), env, scalar(op.operands[0]), place}));
    define(op.result, load(type, place));
}

/// par_sink {count, capacity, data[]}: the call only where the buffer is full.
void FunctionEmitter::emitRtKeep(const pir::Op &op) {
    llvm::Value *sink = scalar(op.operands[0]);
    llvm::Value *count = b.CreateLoad(owner.i64, sink), *capacity = b.CreateLoad(owner.i64, offset(sink, 8));
    llvm::BasicBlock *full = newBlock("sink.full"), *room = newBlock("sink.room");
    b.CreateCondBr(b.CreateICmpSLT(count, capacity), room, full, llvm::MDBuilder(owner.context).createLikelyBranchWeights());
    b.SetInsertPoint(full);
    auto grow = owner.runtime("par_rt_sink_grow", owner.i32, {owner.ptr, owner.ptr, owner.i64});
    llvm::Value *result = b.CreateCall(grow, {ctx, sink, word(1)});
    llvm::BasicBlock *bad = newBlock("sink.failed");
    b.CreateCondBr(b.CreateICmpEQ(result, number(0)), room, bad);
    b.SetInsertPoint(bad);
    for (size_t k = 1; k < op.operands.size(); ++k) // consumed either way
        if (pir::TypeId type = typeOf(op.operands[k]); owner.owns(type))
            b.CreateCall(owner.dropFunction(type), {spill(type, value(op.operands[k]))});
    failWith(result);
    b.SetInsertPoint(room);
    for (size_t k = 1; k < op.operands.size(); ++k) {
        pir::TypeId type = typeOf(op.operands[k]);
        llvm::Value *data = b.CreateLoad(owner.ptr, offset(sink, 16 + 8 * (static_cast<int64_t>(k) - 1)));
        store(type, b.CreateInBoundsGEP(owner.elementType(type), data, count), value(op.operands[k]));
    }
    b.CreateStore(b.CreateAdd(count, word(1), "", true, true), sink);
}

} // namespace parlane::codegen
