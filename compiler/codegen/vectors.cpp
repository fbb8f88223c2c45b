// Ops on lanes. A vector of L logical lanes is one LLVM vector, a mask one of i1; LLVM splits them into native registers.
#include "compiler/codegen/emitter.h"

#include <llvm/IR/Intrinsics.h>
#include <numeric>

namespace parlane::codegen {

using pir::OpCode;
using pir::TypeKind;

bool FunctionEmitter::emitVector(const pir::Op &op) {
    switch (op.code) {
    case OpCode::Splat: {
        llvm::Type *type = owner.shape(typeOf(op.result)).parts[0];
        define(op.result, b.CreateVectorSplat(llvm::cast<llvm::FixedVectorType>(type)->getNumElements(), scalar(op.operands[0])));
        return true;
    }
    case OpCode::Iota: {
        auto *type = llvm::cast<llvm::FixedVectorType>(owner.shape(typeOf(op.result)).parts[0]);
        llvm::SmallVector<llvm::Constant *, 64> steps;
        for (uint64_t k = 0; k < type->getNumElements(); ++k)
            steps.push_back(llvm::ConstantInt::get(type->getElementType(), k, false, true));
        llvm::Value *base = b.CreateVectorSplat(type->getNumElements(), scalar(op.operands[0]));
        define(op.result, b.CreateAdd(base, llvm::ConstantVector::get(steps)));
        return true;
    }
    case OpCode::Lane: define(op.result, b.CreateExtractElement(scalar(op.operands[0]), scalar(op.operands[1]))); return true;
    case OpCode::MaskAnd: define(op.result, b.CreateAnd(scalar(op.operands[0]), scalar(op.operands[1]))); return true;
    case OpCode::MaskOr: define(op.result, b.CreateOr(scalar(op.operands[0]), scalar(op.operands[1]))); return true;
    case OpCode::MaskNot: define(op.result, b.CreateNot(scalar(op.operands[0]))); return true;
    case OpCode::Any: define(op.result, b.CreateOrReduce(scalar(op.operands[0]))); return true;
    case OpCode::Count: define(op.result, countLanes(scalar(op.operands[0]))); return true;
    case OpCode::Blend:
        define(op.result, b.CreateSelect(scalar(op.operands[0]), scalar(op.operands[1]), scalar(op.operands[2])));
        return true;
    case OpCode::Tree: emitTree(op); return true;
    case OpCode::VLoad:
    case OpCode::VLoadStrided:
    case OpCode::Gather: emitLaneLoad(op); return true;
    case OpCode::VStore:
    case OpCode::Scatter: emitLaneStore(op); return true;
    case OpCode::Compress: emitCompress(op); return true;
    default: return false;
    }
}

llvm::Value *FunctionEmitter::countLanes(llvm::Value *mask) {
    unsigned lanes = llvm::cast<llvm::FixedVectorType>(mask->getType())->getNumElements();
    llvm::Value *bits = b.CreateBitCast(mask, b.getIntNTy(lanes));
    return b.CreateZExtOrTrunc(b.CreateUnaryIntrinsic(llvm::Intrinsic::ctpop, bits), owner.i64);
}

/// Lane j with j + L/2, halving, as the language orders it.
void FunctionEmitter::emitTree(const pir::Op &op) {
    llvm::Value *x = scalar(op.operands[0]);
    TypeKind kind = owner.pir.types.kind(type(op.operands[0]).elem);
    auto how = op.enumerator<pir::FoldOp>(pir::AttrKey::AtomicOp);
    for (unsigned half = llvm::cast<llvm::FixedVectorType>(x->getType())->getNumElements() / 2; half > 0; half /= 2) {
        llvm::SmallVector<int, 64> low(half), high(half);
        std::iota(low.begin(), low.end(), 0);
        std::iota(high.begin(), high.end(), static_cast<int>(half));
        x = combineLanes(how, kind, b.CreateShuffleVector(x, low), b.CreateShuffleVector(x, high));
    }
    define(op.result, b.CreateExtractElement(x, uint64_t{0}));
}

llvm::Value *FunctionEmitter::combineLanes(pir::FoldOp how, TypeKind kind, llvm::Value *x, llvm::Value *y) {
    bool floating = pir::isFloat(kind);
    auto less = [&](llvm::Value *l, llvm::Value *r) {
        return floating ? b.CreateFCmpOLT(l, r) : pir::isSigned(kind) ? b.CreateICmpSLT(l, r) : b.CreateICmpULT(l, r);
    };
    switch (how) {
    case pir::FoldOp::Mul: return floating ? b.CreateFMul(x, y) : b.CreateMul(x, y);
    case pir::FoldOp::Min: return b.CreateSelect(less(y, x), y, x);
    case pir::FoldOp::Max: return b.CreateSelect(less(x, y), y, x);
    case pir::FoldOp::And: return b.CreateAnd(x, y);
    case pir::FoldOp::Or: return b.CreateOr(x, y);
    case pir::FoldOp::Xor: return b.CreateXor(x, y);
    default: return floating ? b.CreateFAdd(x, y) : b.CreateAdd(x, y);
    }
}

/// The operands of a vector access behind the view: indices, then what the op has, then perhaps a mask.
FunctionEmitter::LaneAccess FunctionEmitter::laneAccess(const pir::Op &op, size_t extra) {
    LaneAccess access;
    const pir::Type &view = type(op.operands[0]);
    const pir::Type &held = view.kind == TypeKind::Ref ? owner.pir.types[view.elem] : view;
    access.elem = held.elem;
    size_t end = op.operands.size();
    size_t rank = view.kind == TypeKind::Ref ? held.dims.size() : static_cast<size_t>(held.dims[0]);
    if (kindOf(op.operands.back()) == TypeKind::Mask && end > 1 + rank + extra) access.mask = scalar(op.operands[--end]);
    for (size_t k = 1; k + extra < end; ++k) access.indices.push_back(scalar(op.operands[k]));
    if (extra) access.last = scalar(op.operands[end - 1]);
    access.address = elementAddress(op, access.indices);
    access.align = llvm::Align(static_cast<uint64_t>(owner.layouts[access.elem].align));
    if (int64_t part = op.integer(pir::AttrKey::Part)) {
        access.address = b.CreateInBoundsGEP(owner.i8, access.address, word(part));
        access.align = llvm::commonAlignment(access.align, static_cast<uint64_t>(part));
    }
    return access;
}

/// Does a vector access touch bytes without gaps? Not where it names one part of a larger element.
bool FunctionEmitter::isDense(const LaneAccess &access, llvm::Type *stored) {
    auto bytes = static_cast<int64_t>(stored->getScalarSizeInBits() / 8);
    return owner.layouts.size(access.elem) == bytes;
}

void FunctionEmitter::emitLaneLoad(const pir::Op &op) {
    LaneAccess access = laneAccess(op, op.code == OpCode::VLoadStrided ? 1 : 0);
    const Shape &held = owner.shape(typeOf(op.result));
    auto *stored = llvm::cast<llvm::FixedVectorType>(held.stored[0]);
    llvm::Value *loaded, *zero = llvm::Constant::getNullValue(stored);
    if (op.code == OpCode::VLoad && isDense(access, stored)) {
        loaded = access.mask ? b.CreateMaskedLoad(stored, access.address, access.align, access.mask, zero)
                             : static_cast<llvm::Value *>(b.CreateAlignedLoad(stored, access.address, access.align));
    } else {
        llvm::Value *places = access.address; // of a gather already one a lane
        if (op.code == OpCode::VLoad) access.last = word(1);
        if (op.code != OpCode::Gather) places = stridedPlaces(access, stored->getNumElements());
        loaded = b.CreateMaskedGather(stored, places, access.align, access.mask, zero);
    }
    define(op.result, stored == held.parts[0] ? loaded : b.CreateTrunc(loaded, held.parts[0]));
}

llvm::Value *FunctionEmitter::stridedPlaces(const LaneAccess &access, unsigned lanes) {
    llvm::SmallVector<llvm::Constant *, 64> steps;
    for (uint64_t k = 0; k < lanes; ++k) steps.push_back(b.getInt64(k));
    llvm::Value *offsets = b.CreateMul(llvm::ConstantVector::get(steps), b.CreateVectorSplat(lanes, access.last));
    return b.CreateGEP(owner.elementType(access.elem), access.address, offsets);
}

void FunctionEmitter::emitLaneStore(const pir::Op &op) {
    LaneAccess access = laneAccess(op, 1);
    llvm::Value *stored = access.last;
    if (stored->getType()->getScalarType()->isIntegerTy(1))
        stored = b.CreateZExt(stored, llvm::FixedVectorType::get(owner.i8, llvm::cast<llvm::FixedVectorType>(stored->getType())));
    bool dense = op.code == OpCode::VStore && isDense(access, stored->getType());
    if (op.code == OpCode::VStore && !dense) {
        access.last = word(1);
        access.address = stridedPlaces(access, llvm::cast<llvm::FixedVectorType>(stored->getType())->getNumElements());
    }
    if (!dense) b.CreateMaskedScatter(stored, access.address, access.align, access.mask);
    else if (access.mask) b.CreateMaskedStore(stored, access.address, access.align, access.mask);
    else b.CreateAlignedStore(stored, access.address, access.align);
}

/// compress view, index, vec, mask.
void FunctionEmitter::emitCompress(const pir::Op &op) {
    const pir::Type &view = type(op.operands[0]);
    llvm::Value *index[] = {scalar(op.operands[1])};
    llvm::Value *mask = scalar(op.operands[3]), *stored = scalar(op.operands[2]);
    auto align = llvm::MaybeAlign(static_cast<uint64_t>(owner.layouts[view.elem].align));
    b.CreateMaskedCompressStore(stored, elementAddress(op, index), align, mask);
    define(op.result, countLanes(mask));
}

} // namespace parlane::codegen
