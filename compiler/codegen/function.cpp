// One function: parameters, result, and the switchboard of ops.
#include "compiler/codegen/emitter.h"

namespace parlane::codegen {

using pir::OpCode;

FunctionEmitter::FunctionEmitter(ModuleEmitter &owner, pir::FunctionId id)
    : owner(owner), pir_function(owner.pir.functions[id]), id(id), function(owner.functions[id.raw]),
      convention(owner.convention(id)), b(owner.context) {}

void FunctionEmitter::run() {
    values.resize(pir_function.values.size());
    defined.resize(pir_function.values.size());
    entry = newBlock("entry");
    llvm::BasicBlock *start = newBlock("start");
    owner.debug.enter(pir_function, *function);
    b.SetInsertPoint(start);
    loc = pir_function.loc;
    owner.debug.locate(b, loc);
    outcome = allocate(owner.i32, "outcome");
    bindParameters();

    scopes.push_back({pir_function.body, {}, {}, nullptr, nullptr, 0});
    for (pir::OpId op : pir_function.regions[pir_function.body].ops) emit(op);
    if (!b.GetInsertBlock()->getTerminator()) {
        // A function with a result ends without `return` only behind an op whose regions have all left.
        if (owner.pir.types.kind(pir_function.result) != pir::TypeKind::Unit) {
            b.CreateUnreachable();
        } else {
            dropScopes(0);
            emitReturn({}, nullptr);
        }
    }
    scopes.clear();
    // Allocas were collected in `entry`, in front of everything.
    llvm::IRBuilder<>(entry).CreateBr(start);
    owner.debug.leave();
}

void FunctionEmitter::bindParameters() {
    unsigned at = 0, number = 0;
    ctx = function->getArg(at++);
    ctx->setName("ctx");
    if (convention.out) out = function->getArg(at++);
    for (pir::ValueId param : pir_function.params()) {
        pir::TypeId type = pir_function.type(param);
        const Shape &held = owner.shape(type);
        Parts parts;
        if (!held.memory) {
            for (size_t k = 0; k < held.parts.size(); ++k) parts.push_back(function->getArg(at++));
        } else if (auto words = owner.registers(type); !words.empty()) {
            llvm::AllocaInst *place = allocateFor(type);
            for (size_t k = 0; k < words.size(); ++k) b.CreateStore(function->getArg(at++), offset(place, 8 * static_cast<int64_t>(k)));
            parts.push_back(place);
        } else {
            parts.push_back(function->getArg(at++));
        }
        if (pir_function.values[param].name.valid() && parts.size() > 0)
            parts[0]->setName(std::string(owner.pir.names.text(pir_function.values[param].name)));
        define(param, parts);
        owner.debug.keep(b, pir_function, param, parts, held.memory, ++number, *entry);
    }
}

/// Leaves the function. `outcome` null: 0. A failing return has no value.
void FunctionEmitter::emitReturn(const Parts &value, llvm::Value *failure) {
    llvm::SmallVector<llvm::Value *, 4> words;
    const Shape &held = owner.shape(pir_function.result);
    if (convention.out) {
        if (!failure) store(pir_function.result, out, value);
    } else if (failure) {
        for (llvm::Type *word : convention.words) words.push_back(llvm::PoisonValue::get(word));
    } else if (held.memory) {
        // The place may be shorter than its registers.
        llvm::AllocaInst *place = allocateBytes(8 * static_cast<int64_t>(convention.words.size()), 8);
        store(pir_function.result, place, value);
        for (size_t k = 0; k < convention.words.size(); ++k)
            words.push_back(b.CreateLoad(owner.i64, offset(place, 8 * static_cast<int64_t>(k))));
    } else {
        words.append(value.begin(), value.end());
    }
    if (convention.fails) words.push_back(failure ? failure : b.getInt32(0));
    if (words.empty()) b.CreateRetVoid();
    else if (words.size() == 1) b.CreateRet(words[0]);
    else b.CreateAggregateRet(words.data(), static_cast<unsigned>(words.size()));
}

llvm::AllocaInst *FunctionEmitter::allocate(llvm::Type *type, const llvm::Twine &name, uint64_t align) {
    auto *made = new llvm::AllocaInst(type, 0, nullptr, llvm::Align(1), name, entry);
    made->setAlignment(align ? llvm::Align(align) : owner.module.getDataLayout().getPrefTypeAlign(type));
    return made;
}

llvm::AllocaInst *FunctionEmitter::allocateBytes(int64_t size, int64_t align, const llvm::Twine &name) {
    return allocate(llvm::ArrayType::get(owner.i8, static_cast<uint64_t>(std::max<int64_t>(size, 1))), name,
                    static_cast<uint64_t>(std::max<int64_t>(align, 8)));
}

/// Room for a value in memory, rounded up to the registers that may carry it.
llvm::AllocaInst *FunctionEmitter::allocateFor(pir::TypeId type, const llvm::Twine &name) {
    const pir::Layout &layout = owner.layouts[type];
    const Shape &held = owner.shape(type);
    if (!held.memory && held.stored.size() == 1)
        return allocate(held.stored[0], name, static_cast<uint64_t>(std::max<int64_t>(layout.align, 1)));
    int64_t size = layout.size <= 16 ? (layout.size + 7) / 8 * 8 : layout.size;
    return allocateBytes(size, layout.align, name);
}

const Parts &FunctionEmitter::value(pir::ValueId id) const {
    PAR_CHECK(id.valid() && defined[id.raw], "value {} of {} is used before it is made", id.raw, pir_function.name);
    return values[id.raw];
}

void FunctionEmitter::define(pir::ValueId id, Parts parts) {
    if (!id.valid()) return;
    values[id.raw] = std::move(parts);
    defined[id.raw] = true;
}

void FunctionEmitter::emit(pir::OpId op_id) {
    const pir::Op &op = pir_function.ops[op_id];
    if (b.GetInsertBlock()->getTerminator()) b.SetInsertPoint(newBlock("dead")); // behind an op that never comes back
    loc = op.loc;
    owner.debug.locate(b, loc);
    if (emitArithmetic(op) || emitFloat(op) || emitAggregate(op) || emitMemory(op) || emitFailure(op) || emitCalls(op) ||
        emitControl(op, op_id) || emitVector(op) || emitParallel(op))
        return;
    PAR_UNREACHABLE("codegen has no rule for {} in {}", pir::info(op.code).text, pir_function.name);
}

} // namespace parlane::codegen
