// Regions, structured control and leaving.
#include "compiler/pir/interp_decode.h"

namespace parlane::pir::interp {

void Decoder::enterRegion(Context &context) {
    for (OpId id : f.regions[context.region].ops) {
        const Op &op = f.ops[id];
        if (op.code != OpCode::Slot) continue;
        TypeId type = types[f.type(op.result)].elem;
        direct[op.result.raw] = room(sizeOf(type));
        if (types.owns(type)) context.owned.emplace_back(static_cast<int32_t>(direct[op.result.raw]), type);
    }
    for (auto [offset, type] : context.owned) emit(&zeroCell, offset).imm = sizeOf(type);
    if (context.owned.empty()) return;
    Pad pad;
    pad.label = newLabel();
    pad.next = context.pad;
    pad.owned = context.owned;
    context.pad = pad.label;
    pads.push_back(std::move(pad));
}

void Decoder::dropOwned(const Context &context) {
    for (size_t i = context.owned.size(); i-- > 0;) emit(&dropCell, context.owned[i].first).imm = context.owned[i].second.raw;
}

void Decoder::region(Context context) {
    addIterations(context);
    enterRegion(context);
    contexts.push_back(std::move(context));
    const auto &ops = f.regions[contexts.back().region].ops;
    for (size_t i = 0; i < ops.size(); ++i) one(f.ops[ops[i]], ops[i], i + 1 < ops.size() ? ops[i + 1] : OpId{});
    if (ops.empty() || !isTerminator(f.ops[ops.back()].code)) dropOwned(contexts.back());
    contexts.pop_back();
}

void Decoder::unwind(size_t keep) {
    for (size_t i = contexts.size(); i-- > keep;) dropOwned(contexts[i]);
}

size_t Decoder::contextOf(OpId op) const {
    for (size_t i = contexts.size(); i-- > 0;)
        if (contexts[i].op == op) return i;
    PAR_UNREACHABLE("no region of the target around in @{}", f.name);
}

void Decoder::control(const Op &op, OpId id) {
    if (op.result.valid()) cell(op.result);
    switch (op.code) {
    case OpCode::Block:
    case OpCode::Scope: {
        Label end = newLabel();
        Context body{op.regions[0], id, contexts.back().pad, {}, end, {}};
        if (op.result.valid()) body.results = {cell(op.result)};
        targets[id.raw] = {end, -1, op.result.valid() ? cell(op.result) : -1};
        region(std::move(body));
        return place(end);
    }
    case OpCode::If: return ifOp(op, id);
    case OpCode::Switch: return switchOp(op, id);
    case OpCode::Loop: return loopOp(op, id);
    case OpCode::For: return forOp(op, id);
    case OpCode::Try: return tryOp(op, id);
    case OpCode::Leave:
    case OpCode::Again: return leaveOp(op);
    case OpCode::Yield: return yieldOp(op);
    case OpCode::Return: return returnOp(op);
    default: PAR_UNREACHABLE("{}", info(op.code).text);
    }
}

void Decoder::ifOp(const Op &op, OpId id) {
    Label end = newLabel(), otherwise = newLabel();
    ValueId cond = op.operands[0];
    if (const Op *compare = fused[cond.raw]) {
        emit(branchUnlessHandler(compare->code, kindOf(compare->operands[0])), 0, cell(compare->operands[0]), cell(compare->operands[1]));
        to(otherwise);
    } else {
        branch(&branchFalse, cell(cond), otherwise);
    }
    std::vector<int32_t> results;
    if (op.result.valid()) results = {cell(op.result)};
    RegionId other = f.region(op, Role::Else);
    region({f.region(op, Role::Then), id, contexts.back().pad, {}, end, results});
    if (other.valid()) emitJump(end);
    place(otherwise);
    if (other.valid()) region({other, id, contexts.back().pad, {}, end, results});
    place(end);
}

void Decoder::switchOp(const Op &op, OpId id) {
    Label end = newLabel(), otherwise = newLabel();
    TypeKind kind = kindOf(op.operands[0]);
    auto *table = code->site<SwitchTable>();
    emit(&switchTo, cell(op.operands[0]), static_cast<int32_t>(scalarBytes(kind)), isSigned(kind)).ptr = table;
    size_t insn = code->insns.size() - 1;
    std::vector<int32_t> results;
    if (op.result.valid()) results = {cell(op.result)};
    for (RegionId inner : op.regions) {
        bool is_default = f.regions[inner].role == Role::Default;
        Label here = is_default ? otherwise : newLabel();
        if (!is_default) fixups.push_back({insn, &table->targets[f.regions[inner].index], here});
        place(here);
        region({inner, id, contexts.back().pad, {}, end, results});
        emitJump(end);
    }
    if (!f.region(op, Role::Default).valid()) place(otherwise);
    fixups.push_back({insn, &table->otherwise, otherwise});
    place(end);
}

void Decoder::loopOp(const Op &op, OpId id) {
    Label start = newLabel(), next = newLabel(), end = newLabel();
    targets[id.raw] = {end, next, op.result.valid() ? cell(op.result) : -1};
    place(start);
    region({op.regions[0], id, contexts.back().pad, {}, next, {}});
    place(next);
    emitFailing(&jumpBack);
    to(start);
    place(end);
}

void Decoder::forOp(const Op &op, OpId id) {
    Label start = newLabel(), next = newLabel(), end = newLabel();
    RegionId body = op.regions[0];
    int32_t index = cell(f.regions[body].params[0]), counter = room(8);
    targets[id.raw] = {end, next, -1};
    branch(&branchZero, cell(op.operands[1]), end);
    emitMove(index, cell(op.operands[0]), 8);
    emitMove(counter, cell(op.operands[1]), 8);
    int32_t step = room(8); // the operand's cell stays as it is, but may belong to a slot of the loop
    emitMove(step, cell(op.operands[2]), 8);
    place(start);
    region({body, id, contexts.back().pad, {}, next, {}});
    place(next);
    emitFailing(forNextHandler(kindOf(op.operands[0])), index, counter, step);
    to(start);
    place(end);
}

void Decoder::tryOp(const Op &op, OpId id) {
    Label end = newLabel(), handler = newLabel();
    RegionId caught = f.region(op, Role::Catch);
    ValueId error = f.regions[caught].params[0];
    std::vector<int32_t> results;
    if (op.result.valid()) results = {cell(op.result)};
    Pad pad;
    pad.label = newLabel();
    pad.next = contexts.back().pad;
    Insn insn;
    insn.run = &tryCatch;
    insn.a = cell(error);
    insn.imm = typeOf(error).raw;
    pad.insns.push_back(insn);
    pad.jumps.emplace_back(0, handler);
    Label pad_label = pad.label;
    pads.push_back(std::move(pad));
    region({f.region(op, Role::Body), id, pad_label, {}, end, results});
    emitJump(end);
    place(handler);
    region({caught, id, contexts.back().pad, {}, end, results});
    place(end);
}

void Decoder::leaveOp(const Op &op) {
    const Targets &target = targets.at(op.target().raw);
    if (!op.operands.empty()) emitMove(target.result, cell(op.operands[0]), sizeOf(typeOf(op.operands[0])));
    unwind(contextOf(op.target()));
    emitJump(op.code == OpCode::Leave ? target.end : target.again);
}

void Decoder::yieldOp(const Op &op) {
    const Context &context = contexts.back();
    for (size_t i = 0; i < op.operands.size() && i < context.results.size(); ++i)
        emitMove(context.results[i], cell(op.operands[i]), sizeOf(typeOf(op.operands[i])));
    dropOwned(context);
    emitJump(context.yielded);
}

void Decoder::returnOp(const Op &op) {
    unwind(0);
    Insn &insn = emit(&ret);
    if (op.operands.empty()) return;
    insn.b = cell(op.operands[0]);
    insn.imm = sizeOf(typeOf(op.operands[0]));
}

} // namespace parlane::pir::interp
