// Calls: instances, closures, the runtime, C.
#include "compiler/codegen/emitter.h"

#include <llvm/IR/MDBuilder.h>

namespace parlane::codegen {

using pir::OpCode;
using pir::TypeKind;

bool FunctionEmitter::emitCalls(const pir::Op &op) {
    switch (op.code) {
    case OpCode::Call: emitCall(op); return true;
    case OpCode::CallRt: emitRuntimeCall(op); return true;
    case OpCode::Closure: emitClosure(op); return true;
    case OpCode::CallClosure: emitClosureCall(op); return true;
    case OpCode::CallC: emitCCall(op); return true;
    default: return false;
    }
}

llvm::FunctionCallee ModuleEmitter::runtime(llvm::StringRef name, llvm::Type *result, llvm::ArrayRef<llvm::Type *> params) {
    llvm::FunctionCallee callee = module.getOrInsertFunction(name, llvm::FunctionType::get(result, params, false));
    if (auto *function = llvm::dyn_cast<llvm::Function>(callee.getCallee()); function && !function->doesNotThrow()) {
        function->addFnAttr(llvm::Attribute::NoUnwind);
        if (name == "par_rt_free") {
            function->addFnAttr(llvm::Attribute::WillReturn);
            function->addParamAttr(0, llvm::Attribute::getWithCaptureInfo(context, llvm::CaptureInfo::none()));
        }
        // What is handed over by address is not kept: runtime.h.
        if (name.starts_with("par_rt_trap") || name.starts_with("par_rt_fault") || name == "par_rt_throw") {
            function->addFnAttr(llvm::Attribute::Cold);
            for (unsigned k = 0; k < function->arg_size(); ++k)
                if (function->getArg(k)->getType()->isPointerTy() && k > 0)
                    function->addParamAttr(k, llvm::Attribute::getWithCaptureInfo(context, llvm::CaptureInfo::none()));
        }
    }
    return callee;
}

/// `int32_t par_rt_NAME(ctx, result, operands...)`; operands are not kept.
llvm::FunctionCallee ModuleEmitter::runtimeCall(llvm::StringRef name, size_t operands) {
    llvm::SmallVector<llvm::Type *, 8> params(operands + 2, ptr);
    llvm::FunctionCallee callee = runtime(("par_rt_" + name).str(), i32, params);
    auto *function = llvm::cast<llvm::Function>(callee.getCallee());
    for (unsigned k = 1; k < function->arg_size(); ++k)
        function->addParamAttr(k, llvm::Attribute::getWithCaptureInfo(context, llvm::CaptureInfo::none()));
    return callee;
}

void FunctionEmitter::pass(pir::TypeId type, const Parts &parts, llvm::SmallVectorImpl<llvm::Value *> &arguments) {
    const Shape &held = owner.shape(type);
    if (!held.memory) {
        arguments.append(parts.begin(), parts.end());
        return;
    }
    auto words = owner.registers(type);
    if (words.empty()) {
        arguments.push_back(parts[0]);
        return;
    }
    llvm::AllocaInst *place = allocateFor(type); // long enough for whole words
    store(type, place, parts);
    for (size_t k = 0; k < words.size(); ++k)
        arguments.push_back(b.CreateLoad(owner.i64, offset(place, 8 * static_cast<int64_t>(k))));
}

Parts FunctionEmitter::callInstance(llvm::FunctionCallee callee, const Convention &how, pir::TypeId result,
                                    llvm::SmallVector<llvm::Value *, 8> arguments, pir::LocId outside) {
    bool by_memory = owner.shape(result).memory;
    llvm::AllocaInst *place = by_memory ? allocateFor(result) : nullptr;
    if (how.out) arguments.insert(arguments.begin() + 1, place);
    llvm::Value *returned = b.CreateCall(callee, arguments);
    size_t count = how.words.size() + (how.fails ? 1 : 0);
    auto part = [&](size_t k) { return count == 1 ? returned : b.CreateExtractValue(returned, static_cast<unsigned>(k)); };
    if (how.fails) failUnlessZero(part(how.words.size()), outside);
    Parts parts;
    if (how.out) return {place};
    for (size_t k = 0; k < how.words.size(); ++k) parts.push_back(part(k));
    if (!by_memory) return parts;
    for (size_t k = 0; k < parts.size(); ++k) b.CreateStore(parts[k], offset(place, 8 * static_cast<int64_t>(k)));
    return {place};
}

void FunctionEmitter::emitCall(const pir::Op &op) {
    const pir::Function &callee = owner.pir.functions[op.function()];
    llvm::SmallVector<llvm::Value *, 8> arguments = {ctx};
    for (pir::ValueId operand : op.operands) pass(typeOf(operand), value(operand), arguments);
    const pir::LocId outside = owner.pir.inLibrary(callee.loc, owner.sources) ? op.loc : pir::LocId();
    define(op.result, callInstance(owner.functions[op.function().raw], owner.convention(op.function()), callee.result, arguments, outside));
}

/// Refs pass their pointer, everything else a pointer to its native bytes.
llvm::Value *FunctionEmitter::nativeOperand(pir::ValueId id) {
    if (kindOf(id) == TypeKind::Ref) return scalar(id);
    return spill(typeOf(id), value(id));
}

void FunctionEmitter::emitRuntimeCall(const pir::Op &op) {
    std::string name(op.string(pir::AttrKey::Name));
    llvm::Value *place = llvm::ConstantPointerNull::get(owner.ptr);
    pir::TypeId type = op.result.valid() ? typeOf(op.result) : owner.pir.types.unit();
    if (op.result.valid()) place = allocateBytes(owner.layouts.size(type), owner.layouts[type].align);
    llvm::SmallVector<llvm::Value *, 8> arguments = {ctx, place};
    for (pir::ValueId operand : op.operands) arguments.push_back(nativeOperand(operand));
    llvm::Value *result = b.CreateCall(owner.runtimeCall(name, op.operands.size()), arguments);
    if (owner.failing.fails(op)) { // the runtime does not know the place
        llvm::BasicBlock *bad = newBlock("failed"), *good = newBlock("ok");
        b.CreateCondBr(b.CreateICmpEQ(result, number(0)), good, bad, llvm::MDBuilder(owner.context).createLikelyBranchWeights());
        b.SetInsertPoint(bad);
        placeFault(op.loc);
        failWith(result);
        b.SetInsertPoint(good);
    }
    if (op.result.valid()) define(op.result, load(type, place));
}

// ---- closures --------------------------------------------------------------------------------------------------------------------

Environment ModuleEmitter::environment(std::span<const pir::TypeId> captures) {
    Environment env;
    for (pir::TypeId type : captures) {
        const pir::Layout &layout = layouts[type];
        int64_t align = std::max<int64_t>(layout.align, 1);
        env.size = (env.size + align - 1) / align * align;
        env.offsets.push_back(env.size);
        env.size += layout.size;
        env.align = std::max(env.align, align);
    }
    env.size = (env.size + env.align - 1) / env.align * env.align;
    return env;
}

void FunctionEmitter::storeCaptures(const Environment &env, llvm::Value *place, std::span<const pir::ValueId> captures) {
    for (size_t k = 0; k < captures.size(); ++k) store(typeOf(captures[k]), offset(place, env.offsets[k]), value(captures[k]));
}

/// code(ctx, out?, env, arguments...) loads the captures and calls the function.
llvm::Function *ModuleEmitter::closureCode(pir::FunctionId id, pir::TypeId closure) {
    auto [place, fresh] = closure_codes.try_emplace({id.raw, closure.raw});
    if (!fresh) return place->second;
    const pir::Function &target = pir.functions[id];
    Convention outside = closureConvention(closure), inside = convention(id);
    llvm::Function *made = internalFunction(outside.type, target.name + ".closure");
    place->second = made;
    llvm::IRBuilder<> b(llvm::BasicBlock::Create(context, "entry", made));
    unsigned at = 0;
    llvm::SmallVector<llvm::Value *, 12> arguments = {made->getArg(at++)};
    if (inside.out) arguments.push_back(made->getArg(at++));
    llvm::Value *env_place = made->getArg(at++);
    size_t count = target.params().size() - pir.types[closure].parts.size();
    std::vector<pir::TypeId> captures;
    for (size_t k = 0; k < count; ++k) captures.push_back(target.type(target.params()[k]));
    loadCaptures(b, environment(captures), env_place, captures, arguments);
    while (at < made->arg_size()) arguments.push_back(made->getArg(at++));
    llvm::Value *result = b.CreateCall(functions[id.raw], arguments);
    if (inside.fails) {
        if (outside.type->getReturnType()->isVoidTy()) b.CreateRetVoid();
        else b.CreateRet(result);
        return made;
    }
    llvm::SmallVector<llvm::Value *, 4> words;
    if (inside.words.size() == 1) words.push_back(result);
    else
        for (unsigned k = 0; k < inside.words.size(); ++k) words.push_back(b.CreateExtractValue(result, k));
    words.push_back(b.getInt32(0));
    if (words.size() == 1) b.CreateRet(words[0]);
    else b.CreateAggregateRet(words.data(), static_cast<unsigned>(words.size()));
    return made;
}

/// Appends captures as parameters of an instance, read from an environment.
void ModuleEmitter::loadCaptures(llvm::IRBuilder<> &b, const Environment &env, llvm::Value *place,
                                 std::span<const pir::TypeId> captures, llvm::SmallVectorImpl<llvm::Value *> &arguments) {
    for (size_t k = 0; k < captures.size(); ++k) {
        const Shape &held = shape(captures[k]);
        llvm::Value *from = b.CreateConstInBoundsGEP1_64(i8, place, static_cast<uint64_t>(env.offsets[k]));
        if (!held.memory) {
            for (size_t p = 0; p < held.parts.size(); ++p) {
                llvm::Value *at = b.CreateConstInBoundsGEP1_64(i8, from, static_cast<uint64_t>(held.offsets[p]));
                llvm::Value *part = b.CreateLoad(held.stored[p], at);
                arguments.push_back(held.stored[p] == held.parts[p] ? part : b.CreateTrunc(part, held.parts[p]));
            }
            continue;
        }
        auto words = registers(captures[k]);
        if (words.empty()) {
            arguments.push_back(from);
            continue;
        }
        // Whole words may reach behind the value: through a place that is long enough.
        auto *room = b.CreateAlloca(llvm::ArrayType::get(i64, words.size()));
        b.CreateMemCpy(room, llvm::MaybeAlign(8), from, llvm::MaybeAlign(1), static_cast<uint64_t>(layouts.size(captures[k])));
        for (size_t w = 0; w < words.size(); ++w)
            arguments.push_back(b.CreateLoad(i64, b.CreateConstInBoundsGEP1_64(i8, room, 8 * w)));
    }
}

void FunctionEmitter::emitClosure(const pir::Op &op) {
    std::vector<pir::TypeId> captures;
    for (pir::ValueId operand : op.operands) captures.push_back(typeOf(operand));
    Environment env = owner.environment(captures);
    llvm::AllocaInst *place = allocateBytes(env.size, env.align, "env");
    storeCaptures(env, place, op.operands);
    define(op.result, Parts{owner.closureCode(op.function(), typeOf(op.result)), place});
}

void FunctionEmitter::emitClosureCall(const pir::Op &op) {
    const Parts pair = value(op.operands[0]);
    Convention how = owner.closureConvention(typeOf(op.operands[0]));
    llvm::SmallVector<llvm::Value *, 8> arguments = {ctx, pair[1]};
    for (size_t k = 1; k < op.operands.size(); ++k) pass(typeOf(op.operands[k]), value(op.operands[k]), arguments);
    pir::TypeId result = owner.pir.types[typeOf(op.operands[0])].elem;
    define(op.result, callInstance({how.type, pair[0]}, how, result, arguments));
}

// ---- C ---------------------------------------------------------------------------------------------------------------------------

void FunctionEmitter::emitCCall(const pir::Op &op) {
    llvm::SmallVector<llvm::Value *, 8> arguments;
    llvm::SmallVector<llvm::Type *, 8> params;
    llvm::SmallVector<llvm::Attribute::AttrKind, 8> extensions;
    auto extension = [&](TypeKind kind) {
        bool narrow = pir::isScalar(kind) && !pir::isFloat(kind) && pir::scalarBytes(kind) < 4;
        return !narrow ? llvm::Attribute::None : pir::isSigned(kind) ? llvm::Attribute::SExt : llvm::Attribute::ZExt;
    };
    for (pir::ValueId operand : op.operands) {
        arguments.push_back(scalar(operand)); // of a view the pointer
        params.push_back(arguments.back()->getType());
        extensions.push_back(extension(kindOf(operand)));
    }
    pir::TypeId result = op.result.valid() ? typeOf(op.result) : owner.pir.types.unit();
    llvm::Type *type = op.result.valid() ? owner.shape(result).parts[0] : owner.void_type;
    std::string name(op.string(pir::AttrKey::Name));
    llvm::FunctionCallee callee = owner.module.getOrInsertFunction(name, llvm::FunctionType::get(type, params, false));
    auto *call = b.CreateCall(callee, arguments);
    for (unsigned k = 0; k < extensions.size(); ++k)
        if (extensions[k] != llvm::Attribute::None) call->addParamAttr(k, extensions[k]);
    if (!op.result.valid()) return;
    if (auto how = extension(owner.pir.types.kind(result)); how != llvm::Attribute::None) call->addRetAttr(how);
    define(op.result, call);
}

} // namespace parlane::codegen
