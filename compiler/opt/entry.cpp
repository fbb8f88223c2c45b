#include "compiler/opt/entry.h"

#include "compiler/opt/rewrite.h"

namespace parlane::opt {

using namespace pir;

namespace {

struct Entry {
    size_t at = 0;                 ///< number of the first op behind the stores
    std::vector<ValueId> arguments; ///< owned ones that no store has put away until there
};

Entry entryOf(const Module &module, const Function &function) {
    Entry entry;
    const std::vector<ValueId> params = function.params();
    for (size_t k = 0; k < params.size(); ++k)
        if (function.modes[k] == PassMode::Sink && module.types.owns(function.type(params[k])))
            entry.arguments.push_back(params[k]);
    const auto &ops = function.regions[function.body].ops;
    for (size_t k = 0; k < ops.size() && !entry.arguments.empty(); ++k) {
        const Op &op = function.ops[ops[k]];
        if (op.code != OpCode::Slot && op.code != OpCode::Store) break;
        if (op.code == OpCode::Store && std::erase(entry.arguments, op.operands[1]) > 0) entry.at = k + 1;
    }
    return entry;
}

} // namespace

OpId entryPoll(const Module &module, FunctionId id) {
    const Function &function = module.functions[id];
    if (!function.body.valid()) return {};
    const auto &ops = function.regions[function.body].ops;
    const size_t at = entryOf(module, function).at;
    return at < ops.size() && function.ops[ops[at]].code == OpCode::Poll ? ops[at] : OpId();
}

void pollEntry(Module &module, FunctionId id) {
    Function &function = module.functions[id];
    const Entry entry = entryOf(module, function);
    const auto &ops = function.regions[function.body].ops;
    Builder b(module, id);
    if (entry.at < ops.size()) b.before(ops[entry.at]);
    else b.at(function.body);
    b.loc = function.loc;
    // What is used where it stands waits in a slot meanwhile.
    Replacements replacements;
    std::vector<std::pair<ValueId, ValueId>> slots;
    for (ValueId argument : entry.arguments) slots.emplace_back(argument, b.slot(function.type(argument)));
    std::vector<OpId> stores;
    for (auto [argument, slot] : slots) stores.push_back(b.op(OpCode::Store, {}, {slot, argument}));
    b.op(OpCode::Poll, {});
    for (auto [argument, slot] : slots) replacements.add(argument, b.take(slot));
    if (replacements.empty()) return;
    replacements.apply(module.functions[id]);
    for (size_t k = 0; k < slots.size(); ++k) module.functions[id].ops[stores[k]].operands[1] = slots[k].first;
}

} // namespace parlane::opt
