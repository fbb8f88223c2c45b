// Ops without regions.
#include "compiler/pir/interp_decode.h"

namespace parlane::pir::interp {

void Decoder::one(const Op &op, OpId id, OpId next) {
    if (vectorOp(op)) return;
    if (op.code <= OpCode::Data) {
        if (op.code == OpCode::Zero) emit(&zeroCell, cell(op.result)).imm = sizeOf(typeOf(op.result));
        if (op.code == OpCode::Data)
            emit(&putPointer, cell(op.result)).ptr =
                module.data[DataId(static_cast<uint32_t>(op.integer(AttrKey::Data)))].bytes.data();
        return;
    }
    if (op.code <= OpCode::Keep) return scalarOp(op, next);
    if (op.code <= OpCode::Payload) return aggregateOp(op);
    if (op.code <= OpCode::Atomic) return memoryOp(op, next);
    switch (op.code) {
    case OpCode::Check:
    case OpCode::Trap:
    case OpCode::Throw: return trapOp(op);
    case OpCode::Iteration:
        if (auto cell = reached.find(id.raw); cell != reached.end()) emit(&putByte, cell->second).imm = 1;
        return;
    case OpCode::Poll: return;
    case OpCode::Call:
    case OpCode::CallClosure:
    case OpCode::Closure: return callOp(op);
    case OpCode::CallRt:
    case OpCode::CallC: return foreignOp(op);
    default: break;
    }
    if (isParallel(op.code)) return parallel(op, id);
    if (op.code == OpCode::Try || (op.code >= OpCode::Block && op.code <= OpCode::Yield)) return control(op, id);
    // Vectors and outlined constructs: not supported yet, and said so when it is reached.
    auto *site = code->site<TrapSite>();
    site->kind = PAR_TRAP_other;
    site->loc = op.loc;
    site->text = fmt::format("not supported yet: the interpreter has no `{}`", info(op.code).text);
    emitFailing(&trapNow).ptr = site;
}

bool Decoder::fuseCompare(const Op &op, OpId next) {
    bool compare = op.code >= OpCode::Eq && op.code <= OpCode::Le;
    if (!compare || !next.valid() || uses[op.result.raw] != 1) return false;
    const Op &after = f.ops[next];
    if (after.code != OpCode::If || after.operands[0] != op.result) return false;
    fused[op.result.raw] = &op;
    return true;
}

void Decoder::scalarOp(const Op &op, OpId next) {
    if (fuseCompare(op, next)) return;
    int32_t a = cell(op.result);
    auto in = [&](size_t i) { return cell(op.operands[i]); };
    TypeKind kind = kindOf(op.operands[0]);
    switch (op.code) {
    case OpCode::Select: {
        Label other = newLabel(), end = newLabel();
        branch(&branchFalse, in(0), other);
        emitMove(a, in(1), sizeOf(typeOf(op.result)));
        emitJump(end);
        place(other);
        emitMove(a, in(2), sizeOf(typeOf(op.result)));
        return place(end);
    }
    case OpCode::Fma: emit(fmaHandler(kind), a, in(0), in(1), in(2)); return;
    case OpCode::Convert: emit(convertHandler(kind, kindOf(op.result)), a, in(0)); return;
    case OpCode::Bits: emit(bitsHandler(kind, kindOf(op.result)), a, in(0)); return;
    case OpCode::Keep: return emitMove(a, in(0), sizeOf(typeOf(op.result)));
    default: break;
    }
    if (op.operands.size() == 1)
        emit(unaryHandler(op.code, kind), a, in(0));
    else
        emit(binaryHandler(op.code, kind), a, in(0), in(1));
}

void Decoder::aggregateOp(const Op &op) {
    int32_t a = op.code == OpCode::Payload || op.code == OpCode::Tag ? 0 : cell(op.result);
    TypeId type = f.type(op.result);
    auto number = op.integer(AttrKey::Field);
    switch (op.code) {
    case OpCode::Tuple: {
        const Type &t = types[type];
        if (t.kind != TypeKind::Fixed)
            emit(&zeroCell, a).imm = sizeOf(type); // padding too, so that bytes are a function of the value
        for (size_t i = 0; i < op.operands.size(); ++i) {
            int64_t offset = t.kind == TypeKind::Fixed ? static_cast<int64_t>(i) * sizeOf(t.elem)
                                                       : m.layouts.offset(type, static_cast<int64_t>(i));
            emitMove(a + static_cast<int32_t>(offset), cell(op.operands[i]), sizeOf(typeOf(op.operands[i])));
        }
        return;
    }
    case OpCode::Get:
        return emitMove(a,
                        cell(op.operands[0]) + static_cast<int32_t>(m.layouts.offset(typeOf(op.operands[0]), number)),
                        sizeOf(type));
    case OpCode::With:
        emitMove(a, cell(op.operands[0]), sizeOf(type));
        return emitMove(a + static_cast<int32_t>(m.layouts.offset(type, number)), cell(op.operands[1]),
                        sizeOf(typeOf(op.operands[1])));
    case OpCode::Case: {
        const Type &t = types[type];
        emit(&zeroCell, a).imm = sizeOf(type);
        auto which = op.integer(AttrKey::Case);
        bool optional = t.kind == TypeKind::Optional;
        if (which) emit(&putByte, a + static_cast<int32_t>(m.layouts.offset(type, optional ? 1 : 0))).imm = which;
        if (!op.operands.empty())
            emitMove(a + static_cast<int32_t>(m.layouts.offset(type, optional ? 0 : 1)), cell(op.operands[0]),
                     sizeOf(typeOf(op.operands[0])));
        return;
    }
    case OpCode::Tag: return tagOp(op);
    default: return payloadOp(op);
    }
}

void Decoder::tagOp(const Op &op) {
    ValueId in = op.operands[0];
    int32_t a = cell(op.result);
    bool ref = kindOf(in) == TypeKind::Ref;
    TypeId type = ref ? types[typeOf(in)].elem : typeOf(in);
    const Type &t = types[type];
    bool owner = t.kind == TypeKind::Box || t.kind == TypeKind::Array;
    auto offset = owner ? 0 : static_cast<int32_t>(m.layouts.offset(type, t.kind == TypeKind::Optional ? 1 : 0));
    bool in_frame = !ref || directOf(in) >= 0;
    auto base = static_cast<int32_t>(ref && in_frame ? directOf(in) : cell(in));
    if (owner)
        emit(&tagOfBox, a, base, !in_frame).imm = t.kind == TypeKind::Array ? t.dims[0] : 0;
    else if (in_frame)
        emitMove(a, base + offset, 1);
    else {
        int32_t pointer = room(8);
        emit(&addressOfPart, pointer, base).imm = offset;
        emit(loadHandler(1), a, pointer);
    }
}

void Decoder::payloadOp(const Op &op) {
    ValueId in = op.operands[0];
    bool ref = kindOf(in) == TypeKind::Ref;
    TypeId type = ref ? types[typeOf(in)].elem : typeOf(in);
    int64_t offset = m.layouts.offset(type, types.kind(type) == TypeKind::Optional ? 0 : 1);
    if (!ref) return emitMove(cell(op.result), cell(in) + static_cast<int32_t>(offset), sizeOf(typeOf(op.result)));
    if (directOf(in) >= 0) {
        direct[op.result.raw] = directOf(in) + offset;
        if (needs_cell[op.result.raw]) emit(&address, cell(op.result), static_cast<int32_t>(directOf(op.result)));
        return;
    }
    emit(&addressOfPart, cell(op.result), cell(in)).imm = offset;
}

void Decoder::slotOp(const Op &op, OpId next) {
    TypeId type = pointee(op.result).kind == TypeKind::Unit ? types.unit() : types[f.type(op.result)].elem;
    auto offset = static_cast<int32_t>(directOf(op.result));
    bool stored = next.valid() && f.ops[next].code == OpCode::Store && f.ops[next].operands[0] == op.result;
    if (!types.owns(type) && !stored && sizeOf(type)) emit(&zeroCell, offset).imm = sizeOf(type);
    if (needs_cell[op.result.raw]) emit(&address, cell(op.result), offset);
}

void Decoder::loadOp(const Op &op) {
    ValueId ref = op.operands[0];
    int64_t size = sizeOf(typeOf(op.result));
    if (const Op *elem = fused[ref.raw]) {
        auto *site = code->site<ElemSite>();
        site->size = size;
        site->bounds = elem->enumerator<Bounds>(AttrKey::Bounds);
        site->loc = elem->loc;
        emitFailing(elemLoadHandler(size), cell(op.result), cell(elem->operands[0]), cell(elem->operands[1])).ptr =
            site;
        return;
    }
    if (directOf(ref) >= 0) return emitMove(cell(op.result), static_cast<int32_t>(directOf(ref)), size);
    if (size) emit(loadHandler(size), cell(op.result), cell(ref)).imm = size;
}

void Decoder::memoryOp(const Op &op, OpId next) {
    auto in = [&](size_t i) { return cell(op.operands[i]); };
    switch (op.code) {
    case OpCode::Slot: return slotOp(op, next);
    case OpCode::Load: return loadOp(op);
    case OpCode::Field: {
        const Type &p = pointee(op.operands[0]);
        if (p.kind == TypeKind::Box) {
            emitFailing(&boxed, cell(op.result), in(0)).imm = op.loc.raw;
            return;
        }
        int64_t offset = m.layouts.offset(types[typeOf(op.operands[0])].elem, op.integer(AttrKey::Field));
        if (directOf(op.operands[0]) >= 0) {
            direct[op.result.raw] = directOf(op.operands[0]) + offset;
            if (needs_cell[op.result.raw]) emit(&address, cell(op.result), static_cast<int32_t>(directOf(op.result)));
        } else {
            emit(&addressOfPart, cell(op.result), in(0)).imm = offset;
        }
        return;
    }
    case OpCode::Store: {
        int64_t size = sizeOf(typeOf(op.operands[1]));
        if (directOf(op.operands[0]) >= 0) return emitMove(static_cast<int32_t>(directOf(op.operands[0])), in(1), size);
        if (size) emit(storeHandler(size), in(0), in(1)).imm = size;
        return;
    }
    case OpCode::Take: {
        int64_t size = sizeOf(typeOf(op.result));
        if (directOf(op.operands[0]) >= 0) {
            emitMove(cell(op.result), static_cast<int32_t>(directOf(op.operands[0])), size);
            emit(&zeroCell, static_cast<int32_t>(directOf(op.operands[0]))).imm = size;
        } else {
            emit(&take, cell(op.result), in(0)).imm = size;
        }
        return;
    }
    case OpCode::Drop: {
        bool ref = kindOf(op.operands[0]) == TypeKind::Ref;
        TypeId type = ref ? types[typeOf(op.operands[0])].elem : typeOf(op.operands[0]);
        if (!ref)
            emit(&dropCell, in(0)).imm = type.raw;
        else if (directOf(op.operands[0]) >= 0)
            emit(&dropCell, static_cast<int32_t>(directOf(op.operands[0]))).imm = type.raw;
        else
            emit(&dropPlace, in(0)).imm = type.raw;
        return;
    }
    case OpCode::Copy: {
        bool view = kindOf(op.operands[0]) == TypeKind::View;
        emitFailing(view ? &copyOfView : &copyPlace, cell(op.result), in(0)).imm =
            (view ? typeOf(op.operands[0]) : typeOf(op.result)).raw;
        return;
    }
    case OpCode::Swap: emit(&swapPlaces, in(0), in(1)).imm = sizeOf(types[typeOf(op.operands[0])].elem); return;
    case OpCode::Elem: return elemOp(op, next);
    case OpCode::Array: return arrayOp(op);
    case OpCode::Box: emitFailing(&box, cell(op.result), in(0)).imm = sizeOf(typeOf(op.operands[0])); return;
    case OpCode::Atomic:
        emit(&atomicOp, in(0), in(1), static_cast<int32_t>(op.integer(AttrKey::AtomicOp))).imm =
            typeOf(op.operands[1]).raw;
        return;
    default: return viewOp(op);
    }
}

void Decoder::elemOp(const Op &op, OpId next) {
    const Type &base = types[typeOf(op.operands[0])];
    const Op *after = next.valid() ? &f.ops[next] : nullptr;
    int64_t size = sizeOf(types[typeOf(op.result)].elem);
    bool loaded = after && after->code == OpCode::Load && after->operands[0] == op.result && uses[op.result.raw] == 1;
    if (loaded && base.kind == TypeKind::View && base.dims[0] == 1 && elemLoadHandler(size)) {
        fused[op.result.raw] = &op;
        return;
    }
    auto *site = code->site<ElemSite>();
    site->size = size;
    site->bounds = op.enumerator<Bounds>(AttrKey::Bounds);
    site->loc = op.loc;
    int32_t index[3] = {0, 0, 0};
    for (size_t i = 1; i < op.operands.size(); ++i) index[i - 1] = cell(op.operands[i]);
    Handler run = nullptr;
    if (base.kind == TypeKind::Ref) {
        site->extents = types[base.elem].dims;
        run = elemFixedHandler();
    } else {
        run = elemHandler(base.dims[0]);
    }
    emitFailing(run, cell(op.result), cell(op.operands[0]), index[0], index[1], index[2]).ptr = site;
}

void Decoder::viewOp(const Op &op) {
    int32_t a = cell(op.result), b = cell(op.operands[0]);
    const Type &t = types[typeOf(op.operands[0])];
    if (op.code == OpCode::View) {
        const Type &p = types[t.elem];
        if (p.kind == TypeKind::Str)
            emit(&viewOfStr, a, b);
        else if (p.kind == TypeKind::Array)
            emit(&viewOfArray, a, b).imm = p.dims[0];
        else {
            auto *site = code->site<ElemSite>();
            site->extents = p.dims;
            emit(&viewOfFixed, a, b).ptr = site;
        }
        return;
    }
    if (op.code == OpCode::Extent) return emitMove(a, b + 8 + 8 * static_cast<int32_t>(op.integer(AttrKey::Dim)), 8);
    if (op.code == OpCode::Contiguous) {
        emit(&contiguous, a, b).imm = t.dims[0];
        return;
    }
    auto *site = code->site<SliceSite>();
    site->size = sizeOf(t.elem);
    site->rank = t.dims[0];
    site->dropped = op.integer(AttrKey::Dropped);
    site->loc = op.loc;
    for (size_t i = 1; i < op.operands.size(); ++i) site->cells.push_back(cell(op.operands[i]));
    emitFailing(op.code == OpCode::Slice ? &slice : &reshape, a, b).ptr = site;
}

void Decoder::arrayOp(const Op &op) {
    const Type &t = types[typeOf(op.result)];
    auto *site = code->site<ArraySite>();
    auto rank = static_cast<size_t>(t.dims[0]);
    site->elem = t.elem;
    site->size = sizeOf(t.elem);
    site->loc = op.loc;
    for (size_t i = 0; i < rank; ++i) site->extents.push_back(cell(op.operands[i]));
    if (op.operands.size() > rank) {
        site->fill = cell(op.operands[rank]);
        site->fill_is_ref = types.owns(t.elem);
    }
    site->zeroed = site->fill < 0 && !op.has(AttrKey::Raw);
    emitFailing(&array, cell(op.result)).ptr = site;
}

void Decoder::callOp(const Op &op) {
    if (op.code == OpCode::Closure) {
        auto *site = code->site<ClosureSite>();
        site->callee = op.function();
        int64_t offset = 0;
        for (ValueId capture : op.operands) {
            int64_t size = sizeOf(typeOf(capture));
            site->captures.push_back({cell(capture), static_cast<int32_t>(offset), static_cast<int32_t>(size)});
            offset += (size + 7) / 8 * 8;
        }
        site->env = room(offset);
        emit(&makeClosure, cell(op.result)).ptr = site;
        return;
    }
    auto *site = code->site<CallSite>();
    site->loc = op.loc;
    size_t from = op.code == OpCode::CallClosure ? 1 : 0;
    if (!from) site->callee = op.function();
    for (size_t i = from; i < op.operands.size(); ++i) site->cells.push_back(cell(op.operands[i]));
    int32_t result = op.result.valid() ? cell(op.result) : 0;
    emitFailing(from ? &callClosure : &call, result, from ? cell(op.operands[0]) : 0).ptr = site;
}

void Decoder::foreignOp(const Op &op) {
    auto *site = code->site<ForeignSite>();
    site->name = op.string(AttrKey::Name);
    site->outcome = op.code == OpCode::CallRt;
    if (site->outcome)
        site->function = m.runtime.find(site->name);
    else if (m.options.c_function)
        site->function = m.options.c_function(site->name);
    site->loc = op.loc;
    site->result = op.result.valid() ? cell(op.result) : -1;
    for (ValueId operand : op.operands) site->arguments.emplace_back(cell(operand), kindOf(operand) == TypeKind::Ref);
    PAR_CHECK(site->arguments.size() <= 8, "{} has too many operands", site->name);
    emitFailing(&callForeign).ptr = site;
}

void Decoder::trapOp(const Op &op) {
    if (op.code == OpCode::Throw) {
        emitFailing(&throwNow, static_cast<int32_t>(op.loc.raw), cell(op.operands[0])).imm = typeOf(op.operands[0]).raw;
        return;
    }
    auto *site = code->site<TrapSite>();
    site->kind = static_cast<uint32_t>(op.integer(AttrKey::Trap));
    site->loc = op.loc;
    site->text = op.string(AttrKey::Text);
    for (size_t i = 0; i < op.operands.size(); ++i) {
        if (op.code == OpCode::Check && i == 0) continue;
        if (kindOf(op.operands[i]) == TypeKind::Ref)
            site->message = cell(op.operands[i]);
        else
            site->values.push_back({cell(op.operands[i]), kindOf(op.operands[i])});
    }
    emitFailing(op.code == OpCode::Check ? &check : &trapNow, op.code == OpCode::Check ? cell(op.operands[0]) : 0).ptr =
        site;
}

} // namespace parlane::pir::interp
