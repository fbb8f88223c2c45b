// Values: arithmetic, comparisons, conversions. Scalars and vectors alike; no fast-math flag anywhere.
#include "compiler/codegen/emitter.h"

#include <cmath>
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
    bool small = y->getType()->isVectorTy() && !llvm::isa<llvm::Constant>(y) && y->getType()->getScalarSizeInBits() <= 32;
    if (!pir::isSigned(kind)) {
        if (!small) return define(op.result, divides ? b.CreateUDiv(x, y) : b.CreateURem(x, y));
        llvm::Value *quotient = divideLanes(x, y, false);
        return define(op.result, divides ? quotient : b.CreateSub(x, b.CreateMul(quotient, y)));
    }
    llvm::Constant *minus = llvm::Constant::getAllOnesValue(y->getType());
    if (auto *constant = llvm::dyn_cast<llvm::Constant>(y); constant && constant != minus && !llvm::isa<llvm::ConstantExpr>(constant))
        return define(op.result, divides ? b.CreateSDiv(x, y) : b.CreateSRem(x, y));
    // The machine faults on min / -1; the language says min, and min % -1 is 0.
    llvm::Value *is_minus = b.CreateICmpEQ(y, minus);
    llvm::Value *safe = b.CreateSelect(is_minus, llvm::ConstantInt::get(y->getType(), 1), y);
    if (small) {
        llvm::Value *quotient = divideLanes(x, safe, true);
        if (divides) return define(op.result, b.CreateSelect(is_minus, b.CreateNeg(x), quotient));
        return define(op.result, b.CreateSub(x, b.CreateMul(quotient, safe)));
    }
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
    if (pir::isFloat(from) && type->isVectorTy()) return define(op.result, saturateLanes(x, type, pir::isSigned(to)));
    if (pir::isFloat(from)) {
        auto id = pir::isSigned(to) ? llvm::Intrinsic::fptosi_sat : llvm::Intrinsic::fptoui_sat;
        return define(op.result, b.CreateIntrinsic(id, {type, x->getType()}, {x}));
    }
    if (to == TypeKind::Bool && from != TypeKind::Bool) x = b.CreateIsNotNull(x);
    define(op.result, b.CreateIntCast(x, type, from_signed));
}

/// Truncates towards zero and saturates, NaN is 0. LLVM does its own saturating conversion one lane after the other.
llvm::Value *FunctionEmitter::saturateLanes(llvm::Value *x, llvm::Type *type, bool is_signed) {
    unsigned bits = type->getScalarSizeInBits(), digits = is_signed ? bits - 1 : bits;
    llvm::Constant *top = llvm::ConstantFP::get(x->getType(), std::ldexp(1.0, static_cast<int>(digits)));
    llvm::Constant *bottom = llvm::ConstantFP::get(x->getType(), is_signed ? -std::ldexp(1.0, static_cast<int>(digits)) : 0.0);
    llvm::APInt most = is_signed ? llvm::APInt::getSignedMaxValue(bits) : llvm::APInt::getMaxValue(bits);
    llvm::APInt least = is_signed ? llvm::APInt::getSignedMinValue(bits) : llvm::APInt(bits, 0);
    llvm::Value *high = b.CreateFCmpOGE(x, top), *low = b.CreateFCmpOLT(x, bottom);
    // Behind the selects only what fits is converted.
    llvm::Value *fits = b.CreateAnd(b.CreateFCmpOLT(x, top), b.CreateFCmpOGE(x, bottom));
    llvm::Value *safe = b.CreateSelect(fits, x, llvm::Constant::getNullValue(x->getType()));
    llvm::Value *whole = is_signed ? b.CreateFPToSI(safe, type) : b.CreateFPToUI(safe, type);
    whole = b.CreateSelect(high, llvm::ConstantInt::get(type, most), whole);
    return b.CreateSelect(low, llvm::ConstantInt::get(type, least), whole);
}

/// Integers of at most 32 bits divide as doubles: the quotient of two of them is never so near below a whole number that it would round up to it.
llvm::Value *FunctionEmitter::divideLanes(llvm::Value *x, llvm::Value *y, bool is_signed) {
    auto *type = llvm::cast<llvm::FixedVectorType>(x->getType());
    auto *wide = llvm::FixedVectorType::get(b.getDoubleTy(), type->getNumElements());
    auto toDouble = [&](llvm::Value *v) { return is_signed ? b.CreateSIToFP(v, wide) : b.CreateUIToFP(v, wide); };
    llvm::Value *quotient = b.CreateFDiv(toDouble(x), toDouble(y));
    return is_signed ? b.CreateFPToSI(quotient, type) : b.CreateFPToUI(quotient, type);
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
