// Pass `split_slots`: a slot of a struct or tuple that does not escape and owns nothing becomes one slot a field.
#include "compiler/opt/pass.h"
#include "compiler/opt/rewrite.h"

namespace parlane::opt {

using namespace pir;

namespace {

class Splitter {
public:
    Splitter(Module &module, FunctionId id) : module(module), id(id), f(module.functions[id]) {}

    bool run() {
        std::vector<OpId> found;
        std::vector<bool> escapes(f.values.size(), false);
        forEachOp(f, f.body, [&](OpId op_id) {
            const Op &op = f.ops[op_id];
            if (op.code == OpCode::Slot && isSplittable(module.types[f.type(op.result)].elem)) found.push_back(op_id);
            for (size_t i = 0; i < op.operands.size(); ++i) {
                bool plain = i == 0 && (op.code == OpCode::Load || op.code == OpCode::Store || op.code == OpCode::Field);
                if (!plain) escapes[op.operands[i].raw] = true;
            }
        });
        bool changed = false;
        for (OpId slot : found)
            if (!escapes[f.ops[slot].result.raw]) split(slot), changed = true;
        replacements.apply(f);
        return changed;
    }

private:
    bool isSplittable(TypeId type) const {
        const Type &t = module.types[type];
        return (t.kind == TypeKind::Struct || t.kind == TypeKind::Tuple) && !t.parts.empty() && t.parts.size() <= 16 && !module.types.owns(type);
    }

    void split(OpId slot_id) {
        ValueId slot = f.ops[slot_id].result;
        TypeId type = module.types[f.type(slot)].elem;
        std::vector<TypeId> parts = module.types[type].parts;
        Builder b(module, id);
        std::vector<ValueId> slots;
        b.before(slot_id);
        b.loc = f.ops[slot_id].loc;
        std::string base = f.values[slot].name.valid() ? std::string(module.names.text(f.values[slot].name)) : "";
        for (size_t k = 0; k < parts.size(); ++k) {
            const Type &t = module.types[type];
            std::string name = base.empty() ? "" : base + "." + (t.names.empty() ? std::to_string(k) : t.names[k]);
            slots.push_back(b.slot(parts[k], name));
        }
        std::vector<OpId> uses;
        forEachOp(f, f.body, [&](OpId op) {
            if (!f.ops[op].operands.empty() && f.ops[op].operands[0] == slot) uses.push_back(op);
        });
        for (OpId use_id : uses) {
            const Op use = f.ops[use_id];
            b.before(use_id);
            b.loc = use.loc;
            if (use.code == OpCode::Field) {
                replacements.add(use.result, slots[static_cast<size_t>(use.integer(AttrKey::Field))]);
            } else if (use.code == OpCode::Load) {
                std::vector<ValueId> values;
                for (ValueId part : slots) values.push_back(b.load(part));
                replacements.add(use.result, b.emit(OpCode::Tuple, type, std::move(values)));
            } else {
                for (size_t k = 0; k < slots.size(); ++k) b.store(slots[k], b.get(use.operands[1], static_cast<int64_t>(k)));
            }
            removeOp(f, use_id);
        }
        removeOp(f, slot_id);
    }

    Module &module;
    FunctionId id;
    Function &f;
    Replacements replacements;
};

} // namespace

void splitSlotsOf(Module &module, FunctionId id) {
    for (int round = 0; round < 4; ++round) // fields that are structs again
        if (!Splitter(module, id).run()) break;
}

void splitSlots(Module &module) {
    for (uint32_t i = 0; i < module.functions.size(); ++i) splitSlotsOf(module, FunctionId(i));
}

} // namespace parlane::opt
