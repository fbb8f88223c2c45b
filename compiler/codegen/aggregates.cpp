// Tuples, structs, fixed arrays, enums and optionals: bytes in native layout.
#include "compiler/codegen/emitter.h"

namespace parlane::codegen {

using pir::OpCode;
using pir::TypeKind;

bool FunctionEmitter::emitAggregate(const pir::Op &op) {
    switch (op.code) {
    case OpCode::Tuple: emitTuple(op); return true;
    case OpCode::Get: {
        int64_t at = partOffset(typeOf(op.operands[0]), op.integer(pir::AttrKey::Field));
        define(op.result, load(typeOf(op.result), offset(scalar(op.operands[0]), at)));
        return true;
    }
    case OpCode::With: {
        pir::TypeId type = typeOf(op.result);
        llvm::AllocaInst *place = allocateFor(type);
        store(type, place, value(op.operands[0]));
        store(typeOf(op.operands[1]), offset(place, partOffset(type, op.integer(pir::AttrKey::Field))), value(op.operands[1]));
        define(op.result, place);
        return true;
    }
    case OpCode::Case: emitCase(op); return true;
    case OpCode::Tag: emitTag(op); return true;
    case OpCode::Payload: emitPayload(op); return true;
    default: return false;
    }
}

int64_t FunctionEmitter::partOffset(pir::TypeId aggregate, int64_t number) {
    const pir::Type &type = owner.pir.types[aggregate];
    if (type.kind == TypeKind::Fixed) return number * owner.layouts.size(type.elem);
    return owner.layouts.offset(aggregate, number);
}

void FunctionEmitter::emitTuple(const pir::Op &op) {
    pir::TypeId type = typeOf(op.result);
    llvm::AllocaInst *place = allocateFor(type);
    for (size_t k = 0; k < op.operands.size(); ++k)
        store(typeOf(op.operands[k]), offset(place, partOffset(type, static_cast<int64_t>(k))), value(op.operands[k]));
    define(op.result, place);
}

/// Bytes that the case does not use are zero.
void FunctionEmitter::emitCase(const pir::Op &op) {
    pir::TypeId type = typeOf(op.result);
    const pir::Layout &layout = owner.layouts[type];
    llvm::AllocaInst *place = allocateFor(type);
    zeroMemory(place, layout.size, layout.align);
    bool optional = owner.pir.types.kind(type) == TypeKind::Optional;
    int64_t number = op.integer(pir::AttrKey::Case);
    if (!op.operands.empty())
        store(typeOf(op.operands[0]), offset(place, layout.offsets[optional ? 0 : 1]), value(op.operands[0]));
    b.CreateStore(b.getInt8(static_cast<uint8_t>(number)), offset(place, layout.offsets[optional ? 1 : 0]));
    define(op.result, place);
}

void FunctionEmitter::emitTag(const pir::Op &op) {
    pir::TypeId type = typeOf(op.operands[0]);
    const Parts *parts = &value(op.operands[0]);
    Parts loaded;
    if (owner.pir.types.kind(type) == TypeKind::Ref) {
        type = pointee(op.operands[0]);
        TypeKind kind = owner.pir.types.kind(type);
        if (kind == TypeKind::Box || kind == TypeKind::Array) {
            loaded = load(type, (*parts)[0]);
            parts = &loaded;
        }
    }
    switch (owner.pir.types.kind(type)) {
    case TypeKind::Box: return define(op.result, b.CreateZExt(b.CreateIsNotNull((*parts)[0]), owner.i8));
    case TypeKind::Array: {
        llvm::Value *any = b.getTrue();
        for (size_t k = 1; k < parts->size(); ++k) any = b.CreateAnd(any, b.CreateIsNotNull((*parts)[k]));
        return define(op.result, b.CreateZExt(any, owner.i8));
    }
    case TypeKind::Optional: return define(op.result, b.CreateLoad(owner.i8, offset((*parts)[0], owner.layouts.offset(type, 1))));
    default: return define(op.result, b.CreateLoad(owner.i8, (*parts)[0]));
    }
}

void FunctionEmitter::emitPayload(const pir::Op &op) {
    pir::TypeId type = typeOf(op.operands[0]);
    bool by_ref = owner.pir.types.kind(type) == TypeKind::Ref;
    if (by_ref) type = pointee(op.operands[0]);
    bool optional = owner.pir.types.kind(type) == TypeKind::Optional;
    llvm::Value *place = offset(scalar(op.operands[0]), owner.layouts.offset(type, optional ? 0 : 1));
    if (by_ref) define(op.result, place);
    else define(op.result, load(typeOf(op.result), place));
}

} // namespace parlane::codegen
