#include "compiler/opt/expand_call.h"

namespace parlane::opt {

using namespace pir;

namespace {

class Expansion {
public:
    explicit Expansion(Module &module) : module(module) {}

    void expand(FunctionId id, OpId call_id, Replacements &replacements) {
        Function &f = module.functions[id];
        FunctionId callee_id = f.ops[call_id].function();
        const Function &callee = module.functions[callee_id];
        const Op call = f.ops[call_id];
        TypeId result = callee.result;
        Builder b(module, id);
        b.before(call_id);
        b.loc = call.loc;
        // Owned arguments wait in slots of a scope around the body.
        bool sinks = false;
        for (size_t i = 0; i < call.operands.size(); ++i)
            sinks = sinks || (callee.modes[i] == PassMode::Sink && module.types.owns(f.type(call.operands[i])));
        RegionCopy copy(module, callee_id, id);
        copy.caller = call.loc;
        std::vector<std::pair<size_t, ValueId>> slots;
        for (size_t i = 0; i < call.operands.size(); ++i) {
            copy.values[callee.params()[i].raw] = call.operands[i];
            if (!sinks || callee.modes[i] != PassMode::Sink || !module.types.owns(f.type(call.operands[i]))) continue;
            ValueId slot = b.slot(f.type(call.operands[i]));
            b.store(slot, call.operands[i]);
            slots.emplace_back(i, slot);
        }
        OpId block = b.op(OpCode::Block, result, {}, {}, nameOf(f, call.result));
        b.in(block, Role::Body, [&](RegionId body) {
            for (auto [i, slot] : slots) copy.values[callee.params()[i].raw] = b.take(slot);
            copy.contents(callee.body, body);
            rewriteReturns(f, body, block, returnsAtEnd(callee));
        });
        if (call.has(AttrKey::Own)) giveVerdict(f, f.ops[block].regions[0], call, callee);
        if (call.result.valid()) replacements.add(call.result, f.ops[block].result);
        removeOp(f, call_id);
        flatten(f, block, replacements);
    }

private:
    /// Is the only way out of the callee the return at its end?
    bool returnsAtEnd(const Function &callee) const {
        size_t returns = 0;
        forEachOp(callee, callee.body, [&](OpId op) { returns += callee.ops[op].code == OpCode::Return; });
        const auto &ops = callee.regions[callee.body].ops;
        bool last = !ops.empty() && callee.ops[ops.back()].code == OpCode::Return;
        return returns == (last ? 1u : 0u);
    }

    std::string_view nameOf(const Function &f, ValueId value) const {
        if (!value.valid() || !f.values[value].name.valid()) return {};
        return module.names.text(f.values[value].name);
    }

    static void rewriteReturns(Function &f, RegionId body, OpId block, bool at_end) {
        forEachOp(f, body, [&](OpId id) {
            Op &op = f.ops[id];
            if (op.code != OpCode::Return) return;
            if (at_end) {
                op.code = OpCode::Yield;
            } else {
                op.code = OpCode::Leave;
                op.set(AttrKey::Target, int64_t{block.raw});
            }
        });
    }

    /// The verdict of the call holds for what the callee does through its inout arguments.
    void giveVerdict(Function &f, RegionId body, const Op &call, const Function &callee) {
        std::vector<ValueId> written;
        for (size_t i = 0; i < call.operands.size(); ++i)
            if (callee.modes[i] == PassMode::Inout) written.push_back(call.operands[i]);
        forEachOp(f, body, [&](OpId id) {
            Op &op = f.ops[id];
            bool place = op.code == OpCode::Elem || op.code == OpCode::Slice;
            if (!place || (op.has(AttrKey::Own) && op.enumerator<Own>(AttrKey::Own) != Own::Local)) return;
            if (std::ranges::find(written, root(f, op.operands[0])) == written.end()) return;
            op.set(AttrKey::Own, call.integer(AttrKey::Own));
            if (call.has(AttrKey::Region)) op.set(AttrKey::Region, call.integer(AttrKey::Region));
        });
    }

    static ValueId root(const Function &f, ValueId value) {
        for (OpId made = f.values[value].op; made.valid(); made = f.values[value].op) {
            const Op &op = f.ops[made];
            bool part = op.code == OpCode::Slice || op.code == OpCode::Reshape || op.code == OpCode::Elem ||
                        op.code == OpCode::Field || op.code == OpCode::View;
            if (!part) break;
            value = op.operands[0];
        }
        return value;
    }

    /// A block that is never left and owns nothing dissolves into the region around it.
    void flatten(Function &f, OpId block, Replacements &replacements) {
        RegionId body = f.ops[block].regions[0];
        bool left = false, owns = false;
        forEachOp(f, body,
                  [&](OpId id) { left = left || (f.ops[id].code == OpCode::Leave && f.ops[id].target() == block); });
        for (OpId id : f.regions[body].ops)
            owns = owns ||
                   (f.ops[id].code == OpCode::Slot && module.types.owns(module.types[f.type(f.ops[id].result)].elem));
        if (left || owns) return;
        std::vector<OpId> ops = f.regions[body].ops;
        if (!ops.empty() && isTerminator(f.ops[ops.back()].code)) {
            const Op &last = f.ops[ops.back()];
            if (last.code != OpCode::Yield)
                return; // ends by throw or trap: what follows stays unreachable behind the block
            if (!last.operands.empty()) replacements.add(f.ops[block].result, last.operands[0]);
            ops.pop_back();
        }
        auto &around = f.regions[f.ops[block].parent].ops;
        auto at = std::find(around.begin(), around.end(), block);
        for (OpId id : ops) f.ops[id].parent = f.ops[block].parent;
        at = around.erase(at);
        around.insert(at, ops.begin(), ops.end());
        f.ops[block].parent = {};
    }

    Module &module;
};

} // namespace

void expandCall(Module &module, FunctionId into, OpId call, Replacements &replacements) {
    Expansion(module).expand(into, call, replacements);
}

} // namespace parlane::opt
