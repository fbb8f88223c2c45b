#include "compiler/opt/failing.h"

namespace parlane::opt {

using pir::OpCode;

namespace {

struct RuntimeRow {
    std::string_view name;
    bool fails;
};

/// Never and no allocation: the outcome need not be looked at.
const RuntimeRow *findRow(std::string_view name) {
    constexpr int Never = 0, Throws = 1, Traps = 2;
    [[maybe_unused]] constexpr int Pure = pir::Pure, Reads = pir::Reads, Writes = pir::Writes, Allocs = pir::Allocs;
    (void)Throws, (void)Traps;
    static constexpr RuntimeRow kRows[] = {
#define RT(name, fails, effects, result, operands) {#name, (fails) != Never || ((effects) & Allocs) != 0},
#include "compiler/pir/runtime_calls.def"
    };
    for (const RuntimeRow &row : kRows)
        if (row.name == name) return &row;
    return nullptr;
}

} // namespace

Failing::Failing(const pir::Module &module) : module(module), functions(module.functions.size(), false) {
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t k = 0; k < module.functions.size(); ++k) {
            if (functions[k]) continue;
            const pir::Function &function = module.functions[pir::FunctionId(k)];
            for (const pir::Op &op : function.ops) {
                if (!op.parent.valid() || !fails(function, op)) continue;
                functions[k] = changed = true;
                break;
            }
        }
    }
}

bool Failing::fails(const pir::Op &op) const {
    const RuntimeRow *row = findRow(op.string(pir::AttrKey::Name));
    return !row || row->fails;
}

bool Failing::fails(const pir::Function &function, const pir::Op &op) const {
    switch (op.code) {
    case OpCode::Call: return functions[op.function().raw];
    case OpCode::CallRt: return fails(op);
    case OpCode::CallC: return false;
    case OpCode::Elem: return op.enumerator<pir::Bounds>(pir::AttrKey::Bounds) == pir::Bounds::Checked;
    case OpCode::Copy: return module.types.owns(function.type(op.result));
    default: return (pir::info(op.code).effects & pir::Fails) != 0;
    }
}

} // namespace parlane::opt
