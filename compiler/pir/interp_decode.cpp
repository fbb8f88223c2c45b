#include "compiler/pir/interp_decode.h"

#include "compiler/pir/scalar_ops.h"

namespace parlane::pir::interp {

Decoder::Decoder(Machine &machine, FunctionId id)
    : m(machine), module(machine.module), f(machine.module.functions[id]), types(machine.module.types),
      code(std::make_unique<Code>()), cells(f.values.size(), -1), direct(f.values.size(), -1),
      needs_cell(f.values.size(), 0), uses(f.values.size(), 0), fused(f.values.size(), nullptr) {
    code->function = &f;
}

int32_t Decoder::room(int64_t size, int64_t align) {
    frame_size = (frame_size + align - 1) / align * align;
    int64_t at = frame_size;
    frame_size += (std::max<int64_t>(size, 8) + 7) / 8 * 8;
    PAR_CHECK(frame_size < INT32_MAX, "frame of @{} is too big", f.name);
    return static_cast<int32_t>(at);
}

int32_t Decoder::cell(ValueId value) {
    if (cells[value.raw] < 0) cells[value.raw] = room(sizeOf(typeOf(value)));
    return cells[value.raw];
}

Insn &Decoder::emit(Handler run, int32_t a, int32_t b, int32_t c, int32_t d, int32_t e) {
    PAR_CHECK(run, "no instruction for an op of @{}", f.name);
    Insn &insn = code->insns.emplace_back();
    insn.run = run;
    insn.a = a, insn.b = b, insn.c = c, insn.d = d, insn.e = e;
    return insn;
}

Insn &Decoder::emitFailing(Handler run, int32_t a, int32_t b, int32_t c, int32_t d, int32_t e) {
    pads_of.emplace_back(code->insns.size(), contexts.back().pad);
    return emit(run, a, b, c, d, e);
}

void Decoder::emitJump(Label label) {
    emit(&jump);
    to(label);
}

void Decoder::branch(Handler run, int32_t a, Label label) {
    emit(run, a);
    to(label);
}

Decoder::Label Decoder::newLabel() {
    labels.push_back(-1);
    return static_cast<Label>(labels.size() - 1);
}

void Decoder::place(Label label) { labels[static_cast<size_t>(label)] = static_cast<int64_t>(code->insns.size()); }

void Decoder::emitMove(int32_t into, int32_t from, int64_t size) {
    if (size && into != from) emit(moveHandler(size), into, from).imm = size;
}

void Decoder::scanUses() {
    auto visit = [&](auto &&self, RegionId id) -> void {
        for (OpId op_id : f.regions[id].ops) {
            const Op &op = f.ops[op_id];
            for (size_t i = 0; i < op.operands.size(); ++i) {
                ++uses[op.operands[i].raw];
                bool place =
                    i == 0 && (op.code == OpCode::Load || op.code == OpCode::Store || op.code == OpCode::Take ||
                               op.code == OpCode::Drop || op.code == OpCode::Tag || op.code == OpCode::Payload);
                if (op.code == OpCode::Field && i == 0 &&
                    types.kind(types[f.type(op.operands[0])].kind == TypeKind::Ref
                                   ? types[f.type(op.operands[0])].elem
                                   : f.type(op.operands[0])) != TypeKind::Box)
                    place = true;
                if (!place) needs_cell[op.operands[i].raw] = 1;
            }
            for (RegionId inner : op.regions) self(self, inner);
        }
    };
    visit(visit, f.body);
}

/// Literals lie side by side in the frame and are copied there when it is entered.
void Decoder::addConstants() {
    code->constants_at = static_cast<int32_t>(frame_size);
    auto visit = [&](auto &&self, RegionId id) -> void {
        for (OpId op_id : f.regions[id].ops) {
            const Op &op = f.ops[op_id];
            if (op.code == OpCode::Const) {
                TypeKind kind = kindOf(op.result);
                cells[op.result.raw] = code->constants_at + static_cast<int32_t>(code->constants.size());
                char bytes[16] = {};
                if (kind == TypeKind::Str) {
                    std::string_view text = op.string(AttrKey::Value);
                    par_str s{};
                    s.u.far.data = reinterpret_cast<const uint8_t *>(text.data());
                    s.u.far.length = text.size();
                    s.u.bytes[15] = 0xC0;
                    if (text.empty()) s = {};
                    std::memcpy(bytes, &s, 16);
                } else {
                    uint64_t bits = scalar::literalBits(kind, *op.find(AttrKey::Value));
                    std::memcpy(bytes, &bits, 8);
                }
                code->constants.append(bytes, kind == TypeKind::Str ? 16 : 8);
            }
            for (RegionId inner : op.regions) self(self, inner);
        }
    };
    visit(visit, f.body);
    frame_size += static_cast<int64_t>(code->constants.size());
}

std::unique_ptr<Code> Decoder::run() {
    scanUses();
    addConstants();
    for (ValueId param : f.params()) {
        code->params.push_back(cell(param));
        code->param_sizes.push_back(static_cast<int32_t>(sizeOf(typeOf(param))));
    }
    Label out = newLabel();
    Context body;
    body.region = f.body;
    body.pad = out;
    region(std::move(body));
    emit(&ret); // of a function without a result
    emitPads();
    place(out);
    emit(&failReturn);
    resolve();
    code->frame_size = (frame_size + 63) / 64 * 64;
    return std::move(code);
}

void Decoder::emitPads() {
    for (const Pad &pad : pads) {
        place(pad.label);
        for (size_t i = pad.owned.size(); i-- > 0;) emit(&dropCell, pad.owned[i].first).imm = pad.owned[i].second.raw;
        for (size_t i = 0; i < pad.insns.size(); ++i) {
            code->insns.push_back(pad.insns[i]);
            for (auto [at, label] : pad.jumps)
                if (at == i) to(label);
        }
        emitJump(pad.next);
    }
}

void Decoder::resolve() {
    for (const Fixup &fix : fixups) {
        int64_t target = labels[static_cast<size_t>(fix.label)];
        PAR_CHECK(target >= 0, "a label of @{} was never placed", f.name);
        auto distance = static_cast<int32_t>(target - static_cast<int64_t>(fix.insn));
        if (fix.table)
            *fix.table = distance;
        else
            code->insns[fix.insn].d = distance;
    }
    for (auto [insn, label] : pads_of)
        code->insns[insn].pad = static_cast<int32_t>(labels[static_cast<size_t>(label)] - static_cast<int64_t>(insn));
}

std::unique_ptr<Code> decode(Machine &machine, FunctionId id) { return Decoder(machine, id).run(); }

} // namespace parlane::pir::interp
