// Places: slots, loads and stores, views and elements.
#include "compiler/codegen/emitter.h"

namespace parlane::codegen {

using pir::OpCode;
using pir::TypeKind;

bool FunctionEmitter::emitMemory(const pir::Op &op) {
    switch (op.code) {
    case OpCode::Slot: emitSlot(op); return true;
    case OpCode::Field: {
        pir::TypeId type = pointee(op.operands[0]);
        llvm::Value *place = scalar(op.operands[0]);
        if (owner.pir.types.kind(type) == TypeKind::Box) define(op.result, b.CreateLoad(owner.ptr, place));
        else define(op.result, offset(place, partOffset(type, op.integer(pir::AttrKey::Field))));
        return true;
    }
    case OpCode::Load: define(op.result, load(typeOf(op.result), scalar(op.operands[0]))); return true;
    case OpCode::Store: store(pointee(op.operands[0]), scalar(op.operands[0]), value(op.operands[1])); return true;
    case OpCode::Take: {
        pir::TypeId type = typeOf(op.result);
        llvm::Value *place = scalar(op.operands[0]);
        define(op.result, load(type, place));
        zeroMemory(place, owner.layouts.size(type), owner.layouts[type].align);
        return true;
    }
    case OpCode::Drop: emitDropOp(op); return true;
    case OpCode::Copy: emitCopy(op); return true;
    case OpCode::Swap: emitSwap(op); return true;
    case OpCode::View: emitView(op); return true;
    case OpCode::Extent:
        define(op.result, viewExtent(value(op.operands[0]), op.integer(pir::AttrKey::Dim)));
        return true;
    case OpCode::Slice: emitSlice(op); return true;
    case OpCode::Reshape: emitReshape(op); return true;
    case OpCode::Contiguous: emitContiguous(op); return true;
    case OpCode::Elem: emitElem(op); return true;
    case OpCode::Array: emitArray(op); return true;
    case OpCode::Box: emitBox(op); return true;
    case OpCode::Atomic: emitAtomic(op); return true;
    default: return false;
    }
}

llvm::Value *FunctionEmitter::offset(llvm::Value *address, int64_t bytes) {
    return bytes ? b.CreateConstInBoundsGEP1_64(owner.i8, address, static_cast<uint64_t>(bytes)) : address;
}

Parts FunctionEmitter::load(pir::TypeId type, llvm::Value *address) {
    const Shape &held = owner.shape(type);
    if (held.memory) {
        llvm::AllocaInst *place = allocateFor(type);
        store(type, place, {address});
        return {place};
    }
    auto align = llvm::Align(static_cast<uint64_t>(owner.layouts[type].align));
    Parts parts;
    for (size_t k = 0; k < held.parts.size(); ++k) {
        llvm::Type *stored = held.stored[k];
        llvm::Value *part = b.CreateAlignedLoad(stored, offset(address, held.offsets[k]), llvm::commonAlignment(align, static_cast<uint64_t>(held.offsets[k])));
        if (stored != held.parts[k]) part = b.CreateTrunc(part, held.parts[k]);
        parts.push_back(part);
    }
    return parts;
}

void FunctionEmitter::store(pir::TypeId type, llvm::Value *address, const Parts &parts) {
    const Shape &held = owner.shape(type);
    const pir::Layout &layout = owner.layouts[type];
    auto align = llvm::Align(static_cast<uint64_t>(std::max<int64_t>(layout.align, 1)));
    if (held.memory) {
        if (layout.size > 0) b.CreateMemCpy(address, align, parts[0], align, static_cast<uint64_t>(layout.size));
        return;
    }
    for (size_t k = 0; k < held.parts.size(); ++k) {
        llvm::Value *part = parts[k];
        if (held.stored[k] != held.parts[k]) part = b.CreateZExt(part, held.stored[k]);
        b.CreateAlignedStore(part, offset(address, held.offsets[k]), llvm::commonAlignment(align, static_cast<uint64_t>(held.offsets[k])));
    }
}

/// The address of native bytes of a value.
llvm::Value *FunctionEmitter::spill(pir::TypeId type, const Parts &parts) {
    if (owner.shape(type).memory) return parts[0];
    llvm::AllocaInst *place = allocateFor(type);
    if (owner.shape(type).parts.size() > 1) place = allocateBytes(owner.layouts.size(type), 8);
    store(type, place, parts);
    return place;
}

void FunctionEmitter::zeroMemory(llvm::Value *address, int64_t bytes, int64_t align) {
    if (bytes > 0)
        b.CreateMemSet(address, b.getInt8(0), static_cast<uint64_t>(bytes), llvm::MaybeAlign(static_cast<uint64_t>(std::max<int64_t>(align, 1))));
}

void FunctionEmitter::emitSlot(const pir::Op &op) {
    pir::TypeId type = pointee(op.result);
    const pir::Layout &layout = owner.layouts[type];
    const pir::Value &variable = pir_function.values[op.result];
    std::string name(variable.name.valid() ? owner.pir.names.text(variable.name) : "");
    llvm::AllocaInst *place = owner.shape(type).parts.size() == 1 ? allocateFor(type, name)
                                                                  : allocateBytes(layout.size, layout.align, name);
    const Shape &held = owner.shape(type);
    if (held.memory) zeroMemory(place, layout.size, layout.align);
    else store(type, place, zeroOf(type));
    define(op.result, place);
    owner.debug.variable(b, pir_function, op, place);
    if (owner.owns(type)) scopes.back().slots.push_back({place, type});
}

// ---- views -----------------------------------------------------------------------------------------------------------------------

void FunctionEmitter::emitView(const pir::Op &op) {
    pir::TypeId type = pointee(op.operands[0]);
    const pir::Type &t = owner.pir.types[type];
    llvm::Value *place = scalar(op.operands[0]);
    Parts out;
    switch (t.kind) {
    case TypeKind::Array: out = load(type, place); break;
    case TypeKind::Fixed:
        out.push_back(place);
        for (int64_t n : t.dims) out.push_back(word(n));
        break;
    case TypeKind::Str: {
        llvm::Value *far = b.CreateLoad(owner.i64, place), *second = b.CreateLoad(owner.i64, offset(place, 8));
        llvm::Value *inside = b.CreateICmpULT(second, b.getInt64(uint64_t{0x10} << 56));
        out.push_back(b.CreateSelect(inside, place, b.CreateIntToPtr(far, owner.ptr)));
        out.push_back(b.CreateSelect(inside, b.CreateLShr(second, 56), b.CreateAnd(second, b.getInt64((uint64_t{1} << 56) - 1))));
        break;
    }
    default: PAR_UNREACHABLE("view of {}", owner.pir.types.text(type));
    }
    if (out.size() == 3) out.push_back(out[2]); // rank 2: h, w, s0 = w
    else if (out.size() == 4) {                 // rank 3: d, h, w, s0 = h * w, s1 = w
        out.push_back(b.CreateMul(out[2], out[3], "", true, true));
        out.push_back(out[3]);
    }
    define(op.result, out);
}

/// First element of the part; extents hi - lo; strides stay. The address of an empty part may lie anywhere: no `inbounds`.
void FunctionEmitter::emitSlice(const pir::Op &op) {
    const Parts &from = value(op.operands[0]);
    const pir::Type &type = this->type(op.operands[0]);
    auto rank = static_cast<size_t>(type.dims[0]), dropped = static_cast<size_t>(op.integer(pir::AttrKey::Dropped));
    llvm::Value *index = nullptr;
    Parts extents, strides;
    for (size_t d = 0; d < rank; ++d) {
        llvm::Value *lo = scalar(op.operands[1 + 2 * d]), *hi = scalar(op.operands[2 + 2 * d]);
        llvm::Value *stride = d + 1 < rank ? from[1 + rank + d] : nullptr;
        llvm::Value *step = stride ? b.CreateMul(lo, stride) : lo;
        index = index ? b.CreateAdd(index, step) : step;
        if (d < dropped) continue;
        extents.push_back(b.CreateSub(hi, lo));
        if (stride) strides.push_back(stride);
    }
    Parts out = {b.CreateGEP(owner.elementType(type.elem), from[0], index)};
    out.append(extents);
    out.append(strides);
    define(op.result, out);
}

void FunctionEmitter::emitReshape(const pir::Op &op) {
    const Parts &from = value(op.operands[0]);
    Parts out = {from[0]};
    for (size_t k = 1; k < op.operands.size(); ++k) out.push_back(scalar(op.operands[k]));
    if (out.size() == 3) out.push_back(out[2]);
    else if (out.size() == 4) {
        out.push_back(b.CreateMul(out[2], out[3]));
        out.push_back(out[3]);
    }
    define(op.result, out);
}

void FunctionEmitter::emitContiguous(const pir::Op &op) {
    const Parts &view = value(op.operands[0]);
    llvm::Value *good = b.getTrue();
    if (view.size() == 4) good = b.CreateOr(b.CreateICmpEQ(view[3], view[2]), b.CreateICmpULE(view[1], b.getInt64(1)));
    if (view.size() == 6) {
        llvm::Value *rows = b.CreateOr(b.CreateICmpEQ(view[5], view[3]), b.CreateICmpULE(view[2], b.getInt64(1)));
        llvm::Value *planes = b.CreateOr(b.CreateICmpEQ(view[4], b.CreateMul(view[2], view[3])), b.CreateICmpULE(view[1], b.getInt64(1)));
        good = b.CreateAnd(rows, planes);
    }
    define(op.result, good);
}

// ---- elements --------------------------------------------------------------------------------------------------------------------

/// Address of the element, without checks. Products of indices and strides cannot wrap where the element exists.
llvm::Value *FunctionEmitter::elementAddress(const pir::Op &op, llvm::ArrayRef<llvm::Value *> indices) {
    const pir::Type *type = &this->type(op.operands[0]);
    const Parts &base = value(op.operands[0]);
    bool fixed = type->kind == TypeKind::Ref;
    if (fixed) type = &owner.pir.types[type->elem];
    size_t rank = indices.size();
    llvm::Value *index = indices.back();
    // Of a gather some indices are vectors: all are then.
    auto *lanes = std::ranges::find_if(indices, [](llvm::Value *i) { return i->getType()->isVectorTy(); });
    auto spread = [&](llvm::Value *i) {
        if (lanes == indices.end() || i->getType()->isVectorTy()) return i;
        return b.CreateVectorSplat(llvm::cast<llvm::FixedVectorType>((*lanes)->getType())->getNumElements(), i);
    };
    index = spread(index);
    int64_t stride = 1;
    for (size_t d = rank - 1; d-- > 0;) {
        llvm::Value *step;
        if (fixed) {
            stride *= type->dims[d + 1];
            step = word(stride);
        } else {
            step = base[1 + rank + d];
        }
        index = b.CreateAdd(b.CreateMul(spread(indices[d]), spread(step), "", false, true), index, "", false, true);
    }
    return b.CreateInBoundsGEP(owner.elementType(type->elem), base[0], index);
}

void FunctionEmitter::emitElem(const pir::Op &op) {
    const pir::Type &type = this->type(op.operands[0]);
    llvm::SmallVector<llvm::Value *, 3> indices;
    for (size_t k = 1; k < op.operands.size(); ++k) indices.push_back(scalar(op.operands[k]));
    if (op.enumerator<pir::Bounds>(pir::AttrKey::Bounds) == pir::Bounds::Checked) {
        for (size_t d = 0; d < indices.size(); ++d) {
            llvm::Value *extent = type.kind == TypeKind::Ref ? word(owner.pir.types[type.elem].dims[d])
                                                             : viewExtent(value(op.operands[0]), static_cast<int64_t>(d));
            trapUnless(b.CreateICmpULT(indices[d], extent), pir::Trap::Index, op.loc,
                       {indices[d], extent, word(static_cast<int64_t>(d))});
        }
    }
    define(op.result, elementAddress(op, indices));
}

void FunctionEmitter::emitAtomic(const pir::Op &op) {
    using A = llvm::AtomicRMWInst;
    bool is_signed = pir::isSigned(kindOf(op.operands[1]));
    A::BinOp how;
    switch (op.enumerator<pir::FoldOp>(pir::AttrKey::AtomicOp)) {
    case pir::FoldOp::Add: how = A::Add; break;
    case pir::FoldOp::Sub: how = A::Sub; break;
    case pir::FoldOp::And: how = A::And; break;
    case pir::FoldOp::Or: how = A::Or; break;
    case pir::FoldOp::Xor: how = A::Xor; break;
    case pir::FoldOp::Min: how = is_signed ? A::Min : A::UMin; break;
    case pir::FoldOp::Max: how = is_signed ? A::Max : A::UMax; break;
    default: PAR_UNREACHABLE("atomic {}", pir::text(op.enumerator<pir::FoldOp>(pir::AttrKey::AtomicOp)));
    }
    llvm::Value *operand = scalar(op.operands[1]);
    if (operand->getType()->isIntegerTy(1)) operand = b.CreateZExt(operand, owner.i8);
    b.CreateAtomicRMW(how, scalar(op.operands[0]), operand, llvm::MaybeAlign(), llvm::AtomicOrdering::Monotonic);
}

} // namespace parlane::codegen
