// Ops that make, copy, exchange and drop owners.
#include "compiler/codegen/emitter.h"

#include <llvm/IR/Intrinsics.h>

namespace parlane::codegen {

using pir::OpCode;
using pir::TypeKind;

/// Extents must not be negative and the bytes must fit an i64; both trap before anything is allocated.
void FunctionEmitter::emitArray(const pir::Op &op) {
    pir::TypeId type = typeOf(op.result), elem = owner.pir.types[type].elem;
    auto rank = static_cast<size_t>(owner.pir.types[type].dims[0]);
    Parts array = {nullptr};
    for (size_t d = 0; d < rank; ++d) array.push_back(scalar(op.operands[d]));
    for (size_t d = 0; d < rank; ++d)
        trapUnless(b.CreateICmpSGE(array[1 + d], word(0)), pir::Trap::Extent, op.loc, llvm::ArrayRef(array).drop_front());
    llvm::Value *count = array[1], *overflow = b.getFalse();
    auto multiply = [&](llvm::Value *x, llvm::Value *y) {
        llvm::Value *pair = b.CreateIntrinsic(llvm::Intrinsic::smul_with_overflow, {owner.i64}, {x, y});
        overflow = b.CreateOr(overflow, b.CreateExtractValue(pair, 1));
        return b.CreateExtractValue(pair, 0);
    };
    for (size_t d = 1; d < rank; ++d) count = multiply(count, array[1 + d]);
    llvm::Value *bytes = multiply(count, word(owner.layouts.size(elem)));
    trapUnless(b.CreateNot(overflow), pir::Trap::Memory, op.loc, {word(INT64_MAX)});

    bool filled = op.operands.size() > rank, raw = op.has(pir::AttrKey::Raw) || (filled && !owner.owns(elem));
    auto allocator = owner.runtime("par_rt_alloc", owner.ptr, {owner.ptr, owner.i64, owner.i32});
    auto *data = b.CreateCall(allocator, {ctx, bytes, number(raw ? 0 : 1)});
    data->addRetAttr(llvm::Attribute::NoAlias);
    data->addRetAttr(llvm::Attribute::getWithAlignment(owner.context, llvm::Align(64)));
    failUnlessZero(b.CreateSelect(b.CreateIsNull(data), number(2), number(0)));
    array[0] = data;
    if (filled) fillArray(op, elem, data, count, array);
    define(op.result, array);
}

/// Every element becomes the last operand. Of owning elements a copy each; if one fails the array is dropped with what it has.
void FunctionEmitter::fillArray(const pir::Op &op, pir::TypeId elem, llvm::Value *data, llvm::Value *count, const Parts &array) {
    pir::ValueId fill = op.operands.back();
    llvm::BasicBlock *before = b.GetInsertBlock(), *head = newBlock("fill"), *body = newBlock("fill.body"), *done = newBlock("filled");
    b.CreateBr(head);
    b.SetInsertPoint(head);
    llvm::PHINode *i = b.CreatePHI(owner.i64, 2);
    i->addIncoming(word(0), before);
    b.CreateCondBr(b.CreateICmpULT(i, count), body, done);
    b.SetInsertPoint(body);
    llvm::Value *place = b.CreateInBoundsGEP(owner.elementType(elem), data, i);
    if (!owner.owns(elem)) {
        store(elem, place, value(fill));
    } else {
        llvm::Value *result = b.CreateCall(owner.copyFunction(elem), {ctx, place, scalar(fill)});
        llvm::BasicBlock *bad = newBlock("fill.failed"), *good = newBlock("fill.next");
        b.CreateCondBr(b.CreateICmpEQ(result, number(0)), good, bad);
        b.SetInsertPoint(bad);
        pir::TypeId type = typeOf(op.result);
        b.CreateCall(owner.dropFunction(type), {spill(type, array)});
        failWith(result);
        b.SetInsertPoint(good);
    }
    i->addIncoming(b.CreateAdd(i, word(1), "", true, true), b.GetInsertBlock());
    b.CreateBr(head);
    b.SetInsertPoint(done);
}

void FunctionEmitter::emitBox(const pir::Op &op) {
    pir::TypeId elem = typeOf(op.operands[0]);
    auto allocator = owner.runtime("par_rt_alloc", owner.ptr, {owner.ptr, owner.i64, owner.i32});
    auto *data = b.CreateCall(allocator, {ctx, word(owner.layouts.size(elem)), number(0)});
    data->addRetAttr(llvm::Attribute::NoAlias);
    llvm::Value *bad = b.CreateIsNull(data);
    if (owner.owns(elem)) { // consumed either way
        llvm::BasicBlock *drop = newBlock("box.failed"), *good = newBlock("box");
        b.CreateCondBr(bad, drop, good);
        b.SetInsertPoint(drop);
        b.CreateCall(owner.dropFunction(elem), {spill(elem, value(op.operands[0]))});
        failWith(number(2));
        b.SetInsertPoint(good);
    } else {
        failUnlessZero(b.CreateSelect(bad, number(2), number(0)));
    }
    store(elem, data, value(op.operands[0]));
    define(op.result, data);
}

/// copy ref<T>, or view<T,r> to an array of its own.
void FunctionEmitter::emitCopy(const pir::Op &op) {
    pir::TypeId type = typeOf(op.result);
    if (kindOf(op.operands[0]) == TypeKind::Ref) {
        llvm::Value *from = scalar(op.operands[0]);
        if (!owner.owns(type)) return define(op.result, load(type, from));
        llvm::AllocaInst *place = allocateBytes(std::max<int64_t>(owner.layouts.size(type), 16), owner.layouts[type].align);
        failUnlessZero(b.CreateCall(owner.copyFunction(type), {ctx, place, from}));
        return define(op.result, load(type, place));
    }
    copyView(op);
}

/// Row by row where the view has gaps; the runtime's allocator gives zeroed memory where elements own, so that a failure can drop it.
void FunctionEmitter::copyView(const pir::Op &op) {
    pir::TypeId type = typeOf(op.result), elem = owner.pir.types[type].elem;
    const Parts view = value(op.operands[0]);
    auto rank = static_cast<size_t>(owner.pir.types[type].dims[0]);
    int64_t size = owner.layouts.size(elem);
    Parts array = {nullptr};
    llvm::Value *count = word(1), *rows = word(1);
    for (size_t d = 0; d < rank; ++d) {
        array.push_back(view[1 + d]);
        count = b.CreateMul(count, view[1 + d]);
        if (d + 1 < rank) rows = b.CreateMul(rows, view[1 + d]);
    }
    auto allocator = owner.runtime("par_rt_alloc", owner.ptr, {owner.ptr, owner.i64, owner.i32});
    auto *data = b.CreateCall(allocator, {ctx, b.CreateMul(count, word(size)), number(owner.owns(elem))});
    data->addRetAttr(llvm::Attribute::NoAlias);
    failUnlessZero(b.CreateSelect(b.CreateIsNull(data), number(2), number(0)));
    array[0] = data;
    llvm::Value *columns = view[rank];
    countedLoop(rows, [&](llvm::Value *row) {
        llvm::Value *from = word(0);
        if (rank == 2) from = b.CreateMul(row, view[3]);
        if (rank == 3)
            from = b.CreateAdd(b.CreateMul(b.CreateUDiv(row, view[2]), view[4]), b.CreateMul(b.CreateURem(row, view[2]), view[5]));
        llvm::Type *element = owner.elementType(elem);
        llvm::Value *source = b.CreateGEP(element, view[0], from), *target = b.CreateGEP(element, data, b.CreateMul(row, columns));
        auto align = llvm::MaybeAlign(static_cast<uint64_t>(std::max<int64_t>(owner.layouts[elem].align, 1)));
        if (!owner.owns(elem)) {
            b.CreateMemCpy(target, align, source, align, b.CreateMul(columns, word(size)));
            return;
        }
        countedLoop(columns, [&](llvm::Value *j) {
            llvm::Value *result = b.CreateCall(owner.copyFunction(elem), {ctx, b.CreateGEP(element, target, j), b.CreateGEP(element, source, j)});
            llvm::BasicBlock *bad = newBlock("copy.failed"), *good = newBlock("copy.next");
            b.CreateCondBr(b.CreateICmpEQ(result, number(0)), good, bad);
            b.SetInsertPoint(bad);
            b.CreateCall(owner.dropFunction(type), {spill(type, array)});
            failWith(result);
            b.SetInsertPoint(good);
        });
    });
    define(op.result, array);
}

void FunctionEmitter::emitDropOp(const pir::Op &op) {
    pir::TypeId type = typeOf(op.operands[0]);
    if (owner.pir.types.kind(type) == TypeKind::Ref) {
        pir::TypeId held = pointee(op.operands[0]);
        if (!owner.owns(held)) return;
        llvm::Value *place = scalar(op.operands[0]);
        b.CreateCall(owner.dropFunction(held), {place});
        return zeroMemory(place, owner.layouts.size(held), owner.layouts[held].align);
    }
    if (owner.owns(type)) b.CreateCall(owner.dropFunction(type), {spill(type, value(op.operands[0]))});
}

void FunctionEmitter::emitSwap(const pir::Op &op) {
    pir::TypeId type = pointee(op.operands[0]);
    llvm::Value *x = scalar(op.operands[0]), *y = scalar(op.operands[1]);
    Parts first = load(type, x), second = load(type, y);
    store(type, x, second);
    store(type, y, first);
}

} // namespace parlane::codegen
