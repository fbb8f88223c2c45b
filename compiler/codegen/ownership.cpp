// `drop.T` and `copy.T`, one pair a type that owns.
#include "compiler/codegen/emitter.h"

#include <llvm/IR/Verifier.h>

namespace parlane::codegen {

using pir::TypeKind;

namespace {

/// Straight-line and loop code of drop and copy functions.
struct Code {
    ModuleEmitter &owner;
    llvm::Function *function;
    llvm::IRBuilder<> b;

    Code(ModuleEmitter &owner, llvm::Function *function)
        : owner(owner), function(function), b(llvm::BasicBlock::Create(owner.context, "entry", function)) {}

    llvm::BasicBlock *block(const char *name) { return llvm::BasicBlock::Create(owner.context, name, function); }
    llvm::Value *at(llvm::Value *address, int64_t bytes) {
        return bytes ? b.CreateConstInBoundsGEP1_64(owner.i8, address, static_cast<uint64_t>(bytes)) : address;
    }
    llvm::Value *at(llvm::Value *address, llvm::Value *index, int64_t size) {
        return b.CreateInBoundsGEP(llvm::ArrayType::get(owner.i8, static_cast<uint64_t>(size)), address, {index});
    }
    llvm::Value *word(llvm::Value *address, int64_t bytes = 0) { return b.CreateLoad(owner.i64, at(address, bytes)); }
    llvm::Value *pointer(llvm::Value *address) { return b.CreateLoad(owner.ptr, address); }
    void bytes(llvm::Value *into, llvm::Value *from, llvm::Value *size) {
        b.CreateMemCpy(into, llvm::MaybeAlign(1), from, llvm::MaybeAlign(1), size);
    }

    /// body(i) for 0 <= i < n.
    template <class F> void loop(llvm::Value *n, F &&body) {
        llvm::BasicBlock *before = b.GetInsertBlock(), *head = block("loop"), *inside = block("body"), *after = block("done");
        b.CreateBr(head);
        b.SetInsertPoint(head);
        llvm::PHINode *i = b.CreatePHI(owner.i64, 2);
        i->addIncoming(b.getInt64(0), before);
        b.CreateCondBr(b.CreateICmpULT(i, n), inside, after);
        b.SetInsertPoint(inside);
        body(i);
        i->addIncoming(b.CreateAdd(i, b.getInt64(1), "", true, true), b.GetInsertBlock());
        b.CreateBr(head);
        b.SetInsertPoint(after);
    }
    template <class F> void when(llvm::Value *condition, F &&body) {
        llvm::BasicBlock *then = block("then"), *after = block("after");
        b.CreateCondBr(condition, then, after);
        b.SetInsertPoint(then);
        body();
        if (!b.GetInsertBlock()->getTerminator()) b.CreateBr(after);
        b.SetInsertPoint(after);
    }
    /// Number of elements of an array in memory.
    llvm::Value *count(pir::TypeId array, llvm::Value *address) {
        llvm::Value *n = word(address, 8);
        for (int64_t k = 1; k < owner.pir.types[array].dims[0]; ++k)
            n = b.CreateMul(n, word(address, 8 + 8 * k), "", true, true);
        return n;
    }
    int64_t fixedCount(const pir::Type &type) {
        int64_t n = 1;
        for (int64_t d : type.dims) n *= d;
        return n;
    }
    void release(llvm::Value *data, llvm::Value *size) {
        b.CreateCall(owner.runtime("par_rt_free", owner.void_type, {owner.ptr, owner.i64}), {data, size});
    }
};

/// Emits `drop.T`.
struct Dropper {
    ModuleEmitter &owner;
    pir::TypeId id;
    const pir::Type &type;
    Code c;
    llvm::Value *place;

    Dropper(ModuleEmitter &owner, pir::TypeId id, llvm::Function *into)
        : owner(owner), id(id), type(owner.pir.types[id]), c(owner, into), place(into->getArg(0)) {}

    void part(pir::TypeId part, llvm::Value *at) {
        if (owner.owns(part)) c.b.CreateCall(owner.dropFunction(part), {at});
    }
    /// The runtime's own drops need no worker.
    void byRuntime(llvm::StringRef name) {
        auto *none = llvm::ConstantPointerNull::get(owner.ptr);
        c.b.CreateCall(owner.runtimeCall(name, 1), {none, none, place});
    }
    void str() {
        llvm::Value *top = c.b.CreateLShr(c.word(place, 8), 56);
        c.when(c.b.CreateICmpEQ(top, c.b.getInt64(0x80)), [&] { byRuntime("str_drop"); });
    }
    void file() {
        c.when(c.b.CreateICmpNE(c.word(place), c.b.getInt64(0)), [&] { byRuntime("file_close"); });
    }
    void array() {
        llvm::Value *data = c.pointer(place);
        c.when(c.b.CreateIsNotNull(data), [&] {
            llvm::Value *n = c.count(id, place);
            int64_t size = owner.layouts.size(type.elem);
            if (owner.owns(type.elem)) c.loop(n, [&](llvm::Value *i) { part(type.elem, c.at(data, i, size)); });
            c.release(data, c.b.CreateMul(n, c.b.getInt64(static_cast<uint64_t>(size))));
        });
    }
    void box() {
        llvm::Value *data = c.pointer(place);
        c.when(c.b.CreateIsNotNull(data), [&] {
            part(type.elem, data);
            c.release(data, c.b.getInt64(static_cast<uint64_t>(owner.layouts.size(type.elem))));
        });
    }
    void fixed() {
        int64_t size = owner.layouts.size(type.elem);
        c.loop(c.b.getInt64(static_cast<uint64_t>(c.fixedCount(type))),
               [&](llvm::Value *i) { part(type.elem, c.at(place, i, size)); });
    }
    void record() {
        for (size_t k = type.parts.size(); k-- > 0;)
            part(type.parts[k], c.at(place, owner.layouts.offset(id, static_cast<int64_t>(k))));
    }
    void optional() {
        llvm::Value *some = c.b.CreateLoad(owner.i8, c.at(place, owner.layouts.offset(id, 1)));
        c.when(c.b.CreateICmpNE(some, c.b.getInt8(0)), [&] { part(type.elem, place); });
    }
    void choice() {
        llvm::Value *tag = c.b.CreateLoad(owner.i8, place);
        llvm::BasicBlock *after = c.block("after");
        llvm::SwitchInst *choice = c.b.CreateSwitch(tag, after);
        for (size_t k = 0; k < type.parts.size(); ++k) {
            if (!owner.owns(type.parts[k])) continue;
            llvm::BasicBlock *block = c.block("case");
            choice->addCase(c.b.getInt8(static_cast<uint8_t>(k)), block);
            c.b.SetInsertPoint(block);
            part(type.parts[k], c.at(place, owner.layouts.offset(id, 1)));
            c.b.CreateBr(after);
        }
        c.b.SetInsertPoint(after);
    }
};

} // namespace

llvm::Function *ModuleEmitter::dropFunction(pir::TypeId type) {
    if (auto found = drops.find(type.raw); found != drops.end()) return found->second;
    llvm::Function *made = internalFunction(llvm::FunctionType::get(void_type, {ptr}, false), "drop." + pir.types.text(type));
    drops[type.raw] = made; // before its body: types may be recursive through boxes
    made->addParamAttr(0, llvm::Attribute::NoAlias);
    emitDrop(type, made);
    return made;
}

void ModuleEmitter::emitDrop(pir::TypeId id, llvm::Function *into) {
    Dropper dropper(*this, id, into);
    switch (pir.types.kind(id)) {
    case TypeKind::Str: dropper.str(); break;
    case TypeKind::File: dropper.file(); break;
    case TypeKind::Array: dropper.array(); break;
    case TypeKind::Box: dropper.box(); break;
    case TypeKind::Fixed: dropper.fixed(); break;
    case TypeKind::Tuple:
    case TypeKind::Struct: dropper.record(); break;
    case TypeKind::Optional: dropper.optional(); break;
    case TypeKind::Enum: dropper.choice(); break;
    default: PAR_UNREACHABLE("drop of {}", pir.types.text(id));
    }
    dropper.c.b.CreateRetVoid();
}

namespace {

/// Emits `copy.T`. A failing copy drops what it has made and leaves zero, so that the copy around it may drop it again.
struct Copier {
    ModuleEmitter &owner;
    pir::TypeId id;
    const pir::Type &type;
    Code c;
    llvm::Value *ctx, *to, *from;

    Copier(ModuleEmitter &owner, pir::TypeId id, llvm::Function *into)
        : owner(owner), id(id), type(owner.pir.types[id]), c(owner, into), ctx(into->getArg(0)), to(into->getArg(1)),
          from(into->getArg(2)) {}

    llvm::Value *size(pir::TypeId part) { return c.b.getInt64(static_cast<uint64_t>(owner.layouts.size(part))); }
    void clear() { c.b.CreateMemSet(to, c.b.getInt8(0), size(id), llvm::MaybeAlign(1)); }
    void part(pir::TypeId part, llvm::Value *target, llvm::Value *source) {
        if (!owner.owns(part)) return c.bytes(target, source, size(part));
        llvm::Value *result = c.b.CreateCall(owner.copyFunction(part), {ctx, target, source});
        c.when(c.b.CreateICmpNE(result, c.b.getInt32(0)), [&] {
            c.b.CreateCall(owner.dropFunction(id), {to});
            clear();
            c.b.CreateRet(result);
        });
    }
    llvm::Value *allocate(llvm::Value *bytes, bool zeroed) {
        auto callee = owner.runtime("par_rt_alloc", owner.ptr, {owner.ptr, owner.i64, owner.i32});
        llvm::Value *data = c.b.CreateCall(callee, {ctx, bytes, c.b.getInt32(zeroed)});
        c.when(c.b.CreateIsNull(data), [&] { c.b.CreateRet(c.b.getInt32(2)); });
        return data;
    }
    void array() {
        llvm::Value *source = c.pointer(from);
        c.when(c.b.CreateIsNotNull(source), [&] {
            llvm::Value *n = c.count(id, from);
            int64_t each = owner.layouts.size(type.elem);
            llvm::Value *total = c.b.CreateMul(n, c.b.getInt64(static_cast<uint64_t>(each)));
            llvm::Value *data = allocate(total, owner.owns(type.elem));
            c.b.CreateMemCpy(to, llvm::MaybeAlign(8), from, llvm::MaybeAlign(8), size(id));
            c.b.CreateStore(data, to);
            if (!owner.owns(type.elem)) return c.bytes(data, source, total);
            c.loop(n, [&](llvm::Value *i) { part(type.elem, c.at(data, i, each), c.at(source, i, each)); });
        });
    }
    void box() {
        llvm::Value *source = c.pointer(from);
        c.when(c.b.CreateIsNotNull(source), [&] {
            llvm::Value *data = allocate(size(type.elem), true);
            c.b.CreateStore(data, to);
            part(type.elem, data, source);
        });
    }
    void fixed() {
        int64_t each = owner.layouts.size(type.elem);
        c.loop(c.b.getInt64(static_cast<uint64_t>(c.fixedCount(type))),
               [&](llvm::Value *i) { part(type.elem, c.at(to, i, each), c.at(from, i, each)); });
    }
    void record() {
        for (size_t k = 0; k < type.parts.size(); ++k) {
            int64_t at = owner.layouts.offset(id, static_cast<int64_t>(k));
            part(type.parts[k], c.at(to, at), c.at(from, at));
        }
    }
    void optional() {
        int64_t some = owner.layouts.offset(id, 1);
        llvm::Value *tag = c.b.CreateLoad(owner.i8, c.at(from, some));
        c.when(c.b.CreateICmpNE(tag, c.b.getInt8(0)), [&] {
            part(type.elem, to, from);
            c.b.CreateStore(tag, c.at(to, some));
        });
    }
    void choice() {
        llvm::Value *tag = c.b.CreateLoad(owner.i8, from);
        llvm::BasicBlock *after = c.block("after");
        llvm::SwitchInst *choice = c.b.CreateSwitch(tag, after);
        for (size_t k = 0; k < type.parts.size(); ++k) {
            if (owner.layouts.size(type.parts[k]) == 0) continue;
            llvm::BasicBlock *block = c.block("case");
            choice->addCase(c.b.getInt8(static_cast<uint8_t>(k)), block);
            c.b.SetInsertPoint(block);
            int64_t at = owner.layouts.offset(id, 1);
            part(type.parts[k], c.at(to, at), c.at(from, at));
            c.b.CreateBr(after);
        }
        c.b.SetInsertPoint(after);
        c.b.CreateStore(tag, to);
    }
};

} // namespace

llvm::Function *ModuleEmitter::copyFunction(pir::TypeId type) {
    if (auto found = copies.find(type.raw); found != copies.end()) return found->second;
    auto *made = internalFunction(llvm::FunctionType::get(i32, {ptr, ptr, ptr}, false), "copy." + pir.types.text(type));
    copies[type.raw] = made;
    made->addParamAttr(1, llvm::Attribute::NoAlias);
    emitCopy(type, made);
    return made;
}

void ModuleEmitter::emitCopy(pir::TypeId id, llvm::Function *into) {
    Copier copier(*this, id, into);
    auto &b = copier.c.b;
    if (!owns(id)) {
        copier.c.bytes(copier.to, copier.from, copier.size(id));
    } else if (pir.types.kind(id) == TypeKind::Str) {
        b.CreateRet(b.CreateCall(runtimeCall("str_copy", 1), {copier.ctx, copier.to, copier.from}));
        return;
    } else {
        copier.clear();
        switch (pir.types.kind(id)) {
        case TypeKind::Array: copier.array(); break;
        case TypeKind::Box: copier.box(); break;
        case TypeKind::Fixed: copier.fixed(); break;
        case TypeKind::Tuple:
        case TypeKind::Struct: copier.record(); break;
        case TypeKind::Optional: copier.optional(); break;
        case TypeKind::Enum: copier.choice(); break;
        default: PAR_UNREACHABLE("copy of {}", pir.types.text(id));
        }
    }
    b.CreateRet(b.getInt32(0));
}

} // namespace parlane::codegen
