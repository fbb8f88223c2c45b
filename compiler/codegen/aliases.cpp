// Which captures may not be called `noalias`. Parameters that the user wrote never alias (exclusivity); captures of outlined bodies and
// closures are values of the compiler's making, and two of them may be views of one array.
#include "compiler/codegen/emitter.h"

namespace parlane::codegen {

using pir::OpCode;

namespace {

/// The value that a view or ref was made from: a slot, a parameter, or whatever cannot be looked through.
pir::ValueId root(const pir::Function &function, pir::ValueId value) {
    for (;;) {
        pir::OpId made = function.values[value].op;
        if (!made.valid()) return value;
        const pir::Op &op = function.ops[made];
        switch (op.code) {
        case OpCode::View:
        case OpCode::Slice:
        case OpCode::Reshape:
        case OpCode::Field:
        case OpCode::Elem:
        case OpCode::Payload:
        case OpCode::Load:
        case OpCode::Get: value = op.operands[0]; break;
        default: return value;
        }
    }
}

bool isAddress(const pir::Types &types, pir::TypeId type) {
    return types.kind(type) == pir::TypeKind::View || types.kind(type) == pir::TypeKind::Ref;
}

struct Callees {
    std::vector<pir::FunctionId> functions;
    size_t first = 0; ///< operand that is capture 0
};

Callees calleesOf(const pir::Op &op) {
    Callees out;
    auto add = [&](pir::AttrKey key) {
        if (op.has(key)) out.functions.push_back(op.function(key));
    };
    if (op.code == OpCode::Closure) add(pir::AttrKey::Callee);
    if (op.code < OpCode::RtFor || op.code == OpCode::RtKeep) return out;
    for (auto key : {pir::AttrKey::Strip, pir::AttrKey::Init, pir::AttrKey::Combine, pir::AttrKey::Apply}) add(key);
    for (int64_t id : op.list(pir::AttrKey::Functions)) out.functions.push_back(pir::FunctionId(static_cast<uint32_t>(id)));
    out.first = pir::rtLeading(op.code);
    return out;
}

} // namespace

void ModuleEmitter::findAliases() {
    using Group = std::pair<bool, std::vector<size_t>>; // written by one of them; captures
    auto look = [&](pir::FunctionId caller, const pir::Op &op) {
        Callees callees = calleesOf(op);
        if (callees.functions.empty()) return false;
        const pir::Function &function = pir.functions[caller];
        std::map<uint32_t, Group> groups;
        for (size_t k = callees.first; k < op.operands.size(); ++k) {
            if (!isAddress(pir.types, function.type(op.operands[k]))) continue;
            pir::ValueId from = root(function, op.operands[k]);
            uint32_t key = from.raw;
            // Parameters that may alias one another are one place.
            for (uint32_t p = 0; p < function.params().size(); ++p)
                if (function.params()[p] == from && aliasing.contains({caller.raw, p})) key = pir::ValueId::kNone;
            auto &[written, members] = groups[key];
            members.push_back(k - callees.first);
            for (pir::FunctionId callee : callees.functions) {
                const auto &modes = pir.functions[callee].modes;
                if (k - callees.first < modes.size() && modes[k - callees.first] != pir::PassMode::Read) written = true;
            }
        }
        bool changed = false;
        for (const auto &[key, group] : groups) {
            if (group.second.size() < 2 || !group.first) continue;
            for (size_t k : group.second)
                for (pir::FunctionId callee : callees.functions)
                    changed |= aliasing.insert({callee.raw, static_cast<uint32_t>(k)}).second;
        }
        return changed;
    };
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t id = 0; id < pir.functions.size(); ++id)
            for (const pir::Op &op : pir.functions[pir::FunctionId(id)].ops) changed |= look(pir::FunctionId(id), op);
    }
}

} // namespace parlane::codegen
