// Values: arithmetic, comparisons, conversions. Scalars and vectors alike; no fast-math flag anywhere.
#include "compiler/codegen/emitter.h"

#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/Intrinsics.h>

namespace parlane::codegen {

using pir::OpCode;
using pir::TypeKind;

namespace {

/// Kind of a scalar, or of the scalars in a vector.
TypeKind scalarKind(const pir::Types &types, pir::TypeId type) {
    if (types.kind(type) == TypeKind::Vec) return types.kind(types[type].elem);
    if (types.kind(type) == TypeKind::Mask) return TypeKind::Bool;
    return types.kind(type);
}

} // namespace

bool FunctionEmitter::emitArithmetic(const pir::Op &op) {
    auto a = [&] { return scalar(op.operands[0]); };
    auto c = [&] { return scalar(op.operands[1]); };
    auto kind = [&] { return scalarKind(owner.pir.types, typeOf(op.operands[0])); };
    auto isFloating = [&] { return pir::isFloat(kind()); };
    switch (op.code) {
    case OpCode::Const: emitConst(op); return true;
    case OpCode::Zero: define(op.result, zeroOf(typeOf(op.result))); return true;
    case OpCode::Data: define(op.result, owner.data(pir::DataId(static_cast<uint32_t>(op.integer(pir::AttrKey::Data))))); return true;
    case OpCode::Add: define(op.result, isFloating() ? b.CreateFAdd(a(), c()) : b.CreateAdd(a(), c())); return true;
    case OpCode::Sub: define(op.result, isFloating() ? b.CreateFSub(a(), c()) : b.CreateSub(a(), c())); return true;
    case OpCode::Mul: define(op.result, isFloating() ? b.CreateFMul(a(), c()) : b.CreateMul(a(), c())); return true;
    case OpCode::Neg: define(op.result, isFloating() ? b.CreateFNeg(a()) : b.CreateNeg(a())); return true;
    case OpCode::And: define(op.result, b.CreateAnd(a(), c())); return true;
    case OpCode::Or: define(op.result, b.CreateOr(a(), c())); return true;
    case OpCode::Xor: define(op.result, b.CreateXor(a(), c())); return true;
    case OpCode::Not: define(op.result, b.CreateNot(a())); return true;
    case OpCode::Shl:
    case OpCode::Shr: emitShift(op); return true;
    case OpCode::Min:
    case OpCode::Max: emitMinMax(op); return true;
    case OpCode::Eq:
    case OpCode::Ne:
    case OpCode::Lt:
    case OpCode::Le: emitCompare(op); return true;
    case OpCode::Div:
    case OpCode::Rem: emitDivision(op); return true;
    case OpCode::Select: emitSelect(op); return true;
    case OpCode::Abs:
        if (isFloating()) define(op.result, b.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, a()));
        else if (pir::isUnsigned(kind())) define(op.result, a());
        else define(op.result, b.CreateBinaryIntrinsic(llvm::Intrinsic::abs, a(), b.getFalse()));
        return true;
    case OpCode::Clz: define(op.result, b.CreateBinaryIntrinsic(llvm::Intrinsic::ctlz, a(), b.getFalse())); return true;
    case OpCode::Ctz: define(op.result, b.CreateBinaryIntrinsic(llvm::Intrinsic::cttz, a(), b.getFalse())); return true;
    case OpCode::Popcount: define(op.result, b.CreateUnaryIntrinsic(llvm::Intrinsic::ctpop, a())); return true;
    case OpCode::Convert: emitConvert(op); return true;
    case OpCode::Bits: emitBits(op); return true;
    case OpCode::Keep: emitKeep(op); return true;
    default: return false;
    }
}

bool FunctionEmitter::emitFloat(const pir::Op &op) {
    auto unary = [&](llvm::Intrinsic::ID id) {
        define(op.result, b.CreateUnaryIntrinsic(id, scalar(op.operands[0])));
        return true;
    };
    switch (op.code) {
    case OpCode::Sqrt: return unary(llvm::Intrinsic::sqrt);
    case OpCode::Floor: return unary(llvm::Intrinsic::floor);
    case OpCode::Ceil: return unary(llvm::Intrinsic::ceil);
    case OpCode::Trunc: return unary(llvm::Intrinsic::trunc);
    case OpCode::Round: return unary(llvm::Intrinsic::roundeven);
    case OpCode::Fma: {
        llvm::Value *x = scalar(op.operands[0]);
        define(op.result, b.CreateIntrinsic(llvm::Intrinsic::fma, {x->getType()},
                                            {x, scalar(op.operands[1]), scalar(op.operands[2])}));
        return true;
    }
    default: return false;
    }
}

void FunctionEmitter::emitConst(const pir::Op &op) {
    pir::TypeId type = typeOf(op.result);
    const pir::AttrValue &value = *op.find(pir::AttrKey::Value);
    if (owner.pir.types.kind(type) == TypeKind::Str) {
        auto [first, second] = owner.staticStr(std::get<std::string>(value));
        return define(op.result, {first, second});
    }
    TypeKind kind = scalarKind(owner.pir.types, type);
    llvm::Type *held = owner.shape(type).parts[0];
    if (pir::isFloat(kind)) {
        double number = std::holds_alternative<double>(value) ? std::get<double>(value)
                                                              : static_cast<double>(std::get<int64_t>(value));
        return define(op.result, llvm::ConstantFP::get(held, number));
    }
    auto bits = static_cast<uint64_t>(std::get<int64_t>(value));
    define(op.result, llvm::ConstantInt::get(held, bits, /*IsSigned=*/false, /*ImplicitTrunc=*/true));
}

Parts FunctionEmitter::zeroOf(pir::TypeId type) {
    const Shape &held = owner.shape(type);
    if (held.memory) {
        llvm::AllocaInst *place = allocateFor(type);
        zeroMemory(place, owner.layouts.size(type), owner.layouts[type].align);
        return {place};
    }
    Parts parts;
    for (llvm::Type *part : held.parts) parts.push_back(llvm::Constant::getNullValue(part));
    return parts;
}

void FunctionEmitter::emitCompare(const pir::Op &op) {
    using P = llvm::CmpInst::Predicate;
    TypeKind kind = scalarKind(owner.pir.types, typeOf(op.operands[0]));
    bool is_signed = pir::isSigned(kind);
    P predicate;
    switch (op.code) {
    case OpCode::Eq: predicate = pir::isFloat(kind) ? P::FCMP_OEQ : P::ICMP_EQ; break;
    case OpCode::Ne: predicate = pir::isFloat(kind) ? P::FCMP_UNE : P::ICMP_NE; break;
    case OpCode::Lt: predicate = pir::isFloat(kind) ? P::FCMP_OLT : is_signed ? P::ICMP_SLT : P::ICMP_ULT; break;
    default: predicate = pir::isFloat(kind) ? P::FCMP_OLE : is_signed ? P::ICMP_SLE : P::ICMP_ULE; break;
    }
    define(op.result, b.CreateCmp(predicate, scalar(op.operands[0]), scalar(op.operands[1])));
}

/// min(a, b) is `b < a ? b : a`, max(a, b) is `a < b ? b : a`. As compare and select, which is minps and maxps with operands in this order.
void FunctionEmitter::emitMinMax(const pir::Op &op) {
    TypeKind kind = scalarKind(owner.pir.types, typeOf(op.operands[0]));
    llvm::Value *x = scalar(op.operands[0]), *y = scalar(op.operands[1]);
    bool is_min = op.code == OpCode::Min;
    llvm::Value *less, *lower = is_min ? y : x, *upper = is_min ? x : y;
    if (pir::isFloat(kind)) less = b.CreateFCmpOLT(lower, upper);
    else if (pir::isSigned(kind)) less = b.CreateICmpSLT(lower, upper);
    else less = b.CreateICmpULT(lower, upper);
    define(op.result, b.CreateSelect(less, y, x));
}

void FunctionEmitter::emitShift(const pir::Op &op) {
    TypeKind kind = scalarKind(owner.pir.types, typeOf(op.operands[0]));
    llvm::Value *x = scalar(op.operands[0]), *count = scalar(op.operands[1]);
    count = b.CreateAnd(count, llvm::ConstantInt::get(count->getType(), count->getType()->getScalarSizeInBits() - 1));
    if (op.code == OpCode::Shl) define(op.result, b.CreateShl(x, count));
    else define(op.result, pir::isSigned(kind) ? b.CreateAShr(x, count) : b.CreateLShr(x, count));
}

void FunctionEmitter::emitDivision(const pir::Op &op) {
    TypeKind kind = scalarKind(owner.pir.types, typeOf(op.operands[0]));
    llvm::Value *x = scalar(op.operands[0]), *y = scalar(op.operands[1]);
    bool divides = op.code == OpCode::Div;
    if (pir::isFloat(kind)) return define(op.result, divides ? b.CreateFDiv(x, y) : b.CreateFRem(x, y));
    if (!pir::isSigned(kind)) return define(op.result, divides ? b.CreateUDiv(x, y) : b.CreateURem(x, y));
    llvm::Constant *minus = llvm::Constant::getAllOnesValue(y->getType());
    if (auto *constant = llvm::dyn_cast<llvm::Constant>(y); constant && constant != minus && !llvm::isa<llvm::ConstantExpr>(constant))
        return define(op.result, divides ? b.CreateSDiv(x, y) : b.CreateSRem(x, y));
    // The machine faults on min / -1; the language says min, and min % -1 is 0.
    llvm::Value *is_minus = b.CreateICmpEQ(y, minus);
    llvm::Value *safe = b.CreateSelect(is_minus, llvm::ConstantInt::get(y->getType(), 1), y);
    if (divides) define(op.result, b.CreateSelect(is_minus, b.CreateNeg(x), b.CreateSDiv(x, safe)));
    else define(op.result, b.CreateSRem(x, safe)); // x % 1 is 0
}

void FunctionEmitter::emitConvert(const pir::Op &op) {
    TypeKind from = scalarKind(owner.pir.types, typeOf(op.operands[0])), to = scalarKind(owner.pir.types, typeOf(op.result));
    llvm::Value *x = scalar(op.operands[0]);
    llvm::Type *type = owner.shape(typeOf(op.result)).parts[0];
    bool from_signed = pir::isSigned(from);
    if (pir::isFloat(from) && pir::isFloat(to)) return define(op.result, b.CreateFPCast(x, type));
    if (pir::isFloat(to)) return define(op.result, from_signed ? b.CreateSIToFP(x, type) : b.CreateUIToFP(x, type));
    if (pir::isFloat(from)) {
        auto id = pir::isSigned(to) ? llvm::Intrinsic::fptosi_sat : llvm::Intrinsic::fptoui_sat;
        return define(op.result, b.CreateIntrinsic(id, {type, x->getType()}, {x}));
    }
    if (to == TypeKind::Bool && from != TypeKind::Bool) x = b.CreateIsNotNull(x);
    define(op.result, b.CreateIntCast(x, type, from_signed));
}

void FunctionEmitter::emitBits(const pir::Op &op) {
    llvm::Value *x = scalar(op.operands[0]);
    llvm::Type *type = owner.shape(typeOf(op.result)).parts[0];
    if (!x->getType()->isFPOrFPVectorTy()) return define(op.result, b.CreateBitCast(x, type));
    bool wide = x->getType()->getScalarType()->isDoubleTy();
    llvm::Constant *canonical = llvm::ConstantInt::get(type, wide ? 0x7ff8000000000000u : 0x7fc00000u);
    define(op.result, b.CreateSelect(b.CreateFCmpUNO(x, x), canonical, b.CreateBitCast(x, type)));
}

void FunctionEmitter::emitSelect(const pir::Op &op) {
    llvm::Value *condition = scalar(op.operands[0]);
    const Parts &yes = value(op.operands[1]), &no = value(op.operands[2]);
    Parts parts;
    for (size_t k = 0; k < yes.size(); ++k) parts.push_back(b.CreateSelect(condition, yes[k], no[k]));
    define(op.result, parts);
}

/// An empty piece of assembler that the optimiser must believe changes the value; memory is a clobber, so that it keeps its place among reads
/// of the clock.
void FunctionEmitter::emitKeep(const pir::Op &op) {
    const Shape &held = owner.shape(typeOf(op.operands[0]));
    Parts parts;
    if (held.memory) {
        llvm::AllocaInst *place = allocateFor(typeOf(op.operands[0]));
        store(typeOf(op.operands[0]), place, value(op.operands[0]));
        auto *type = llvm::FunctionType::get(owner.void_type, {owner.ptr}, false);
        b.CreateCall(type, llvm::InlineAsm::get(type, "", "r,~{memory},~{dirflag},~{fpsr},~{flags}", true), {place});
        return define(op.result, place);
    }
    for (llvm::Value *part : value(op.operands[0])) {
        llvm::Type *wide = part->getType()->isIntegerTy(1) ? owner.i8 : part->getType();
        if (wide != part->getType()) part = b.CreateZExt(part, wide);
        auto *type = llvm::FunctionType::get(wide, {wide}, false);
        const char *how = wide->isFPOrFPVectorTy() ? "=x,0,~{memory},~{dirflag},~{fpsr},~{flags}"
                                                   : "=r,0,~{memory},~{dirflag},~{fpsr},~{flags}";
        llvm::Value *kept = b.CreateCall(type, llvm::InlineAsm::get(type, "", how, true), {part});
        parts.push_back(wide != held.parts[parts.size()] ? b.CreateTrunc(kept, owner.i1) : kept);
    }
    define(op.result, parts);
}

} // namespace parlane::codegen
