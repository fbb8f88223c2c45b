// Pass `inline`: calls of small, single-use and closure-taking functions become their bodies. Early returns become
// `leave` of a block; owned arguments are kept in a slot, so that they are dropped as the callee would have.
#include "compiler/opt/pass.h"
#include "compiler/opt/rewrite.h"

namespace parlane::opt {

using namespace pir;

namespace {

constexpr size_t kSmall = 40;         ///< ops that are always worth a copy
constexpr size_t kSingleUse = 400;    ///< ops of a callee that is called once
constexpr size_t kCallerLimit = 4000; ///< ops a function may grow to

class Inliner {
public:
    explicit Inliner(Module &module)
        : module(module), count(module.functions.size()), sizes(count, 0), calls(count, 0), state(count, 0),
          recursive(count, false) {}

    void run() {
        for (uint32_t i = 0; i < count; ++i) measure(FunctionId(i));
        for (uint32_t i = 0; i < count; ++i) findCycles(FunctionId(i));
        for (FunctionId id : order) inlineInto(id);
    }

private:
    void measure(FunctionId id) {
        const Function &f = module.functions[id];
        forEachOp(f, f.body, [&](OpId op) {
            ++sizes[id.raw];
            const Op &o = f.ops[op];
            if (o.code == OpCode::Call) ++calls[o.function().raw];
            if (o.code == OpCode::Closure) calls[o.function().raw] += 2;
        });
    }

    /// Callees first; who is met while still open is recursive.
    void findCycles(FunctionId root) {
        struct Visit {
            FunctionId id;
            std::vector<FunctionId> callees;
            size_t next = 0;
        };
        if (state[root.raw]) return;
        std::vector<Visit> stack;
        auto open = [&](FunctionId id) {
            state[id.raw] = 1;
            Visit visit{id, {}, 0};
            const Function &f = module.functions[id];
            forEachOp(f, f.body, [&](OpId op) {
                if (f.ops[op].code == OpCode::Call) visit.callees.push_back(f.ops[op].function());
            });
            stack.push_back(std::move(visit));
        };
        open(root);
        while (!stack.empty()) {
            Visit &now = stack.back();
            if (now.next == now.callees.size()) {
                state[now.id.raw] = 2;
                order.push_back(now.id);
                stack.pop_back();
                continue;
            }
            FunctionId callee = now.callees[now.next++];
            if (state[callee.raw] == 1)
                for (size_t i = stack.size(); i-- > 0;) {
                    recursive[stack[i].id.raw] = true;
                    if (stack[i].id == callee) break;
                }
            else if (!state[callee.raw])
                open(callee);
        }
    }

    bool isWorth(const Function &caller, FunctionId callee, size_t caller_size) const {
        const Function &f = module.functions[callee];
        if (recursive[callee.raw] || &f == &caller) return false;
        size_t size = sizes[callee.raw];
        if (caller_size + size > kCallerLimit) return false;
        bool closure = false;
        for (ValueId param : f.params()) closure = closure || module.types.kind(f.type(param)) == TypeKind::Closure;
        return size <= kSmall || closure || (calls[callee.raw] == 1 && f.export_name.empty() && size <= kSingleUse);
    }

    void inlineInto(FunctionId id) {
        Function &f = module.functions[id];
        std::vector<OpId> found;
        forEachOp(f, f.body, [&](OpId op) {
            if (f.ops[op].code == OpCode::Call) found.push_back(op);
        });
        Replacements replacements;
        for (OpId call : found) {
            FunctionId callee = f.ops[call].function();
            if (!isWorth(f, callee, sizes[id.raw])) continue;
            sizes[id.raw] += sizes[callee.raw];
            expand(id, call, callee, replacements);
        }
        replacements.apply(f);
    }

    /// Is the only way out of the callee the return at its end?
    bool returnsAtEnd(const Function &callee) const {
        size_t returns = 0;
        forEachOp(callee, callee.body, [&](OpId op) { returns += callee.ops[op].code == OpCode::Return; });
        const auto &ops = callee.regions[callee.body].ops;
        bool last = !ops.empty() && callee.ops[ops.back()].code == OpCode::Return;
        return returns == (last ? 1u : 0u);
    }

    void expand(FunctionId id, OpId call_id, FunctionId callee_id, Replacements &replacements) {
        Function &f = module.functions[id];
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
    size_t count;
    std::vector<size_t> sizes, calls;
    std::vector<uint8_t> state;
    std::vector<bool> recursive;
    std::vector<FunctionId> order;
};

/// Calls through a pair whose closure is in sight become calls of the instance.
bool bindClosures(Function &f, const Module &module) {
    bool changed = false;
    forEachOp(f, f.body, [&](OpId id) {
        Op &op = f.ops[id];
        if (op.code != OpCode::CallClosure) return;
        OpId made = f.values[op.operands[0]].op;
        if (!made.valid() || f.ops[made].code != OpCode::Closure) return;
        const Op &closure = f.ops[made];
        if (module.functions[closure.function()].params().size() != closure.operands.size() + op.operands.size() - 1)
            return;
        std::vector<ValueId> operands = closure.operands;
        operands.insert(operands.end(), op.operands.begin() + 1, op.operands.end());
        op.code = OpCode::Call;
        op.set(AttrKey::Callee, int64_t{closure.function().raw});
        op.operands = std::move(operands);
        changed = true;
    });
    return changed;
}

} // namespace

void inlineCalls(Module &module) {
    for (int round = 0; round < 3; ++round) {
        bool changed = false;
        for (Function &f : module.functions) changed = bindClosures(f, module) || changed;
        if (round && !changed) return;
        Inliner(module).run();
    }
}

} // namespace parlane::opt
