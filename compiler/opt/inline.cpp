// Pass `inline`: calls of small, single-use and closure-taking functions become their bodies. Early returns become
// `leave` of a block; owned arguments are kept in a slot, so that they are dropped as the callee would have.
#include "compiler/opt/expand_call.h"
#include "compiler/opt/pass.h"

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
          recursive(count, false), allocates(count, false) {}

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
            if (o.code == OpCode::Array) allocates[id.raw] = true;
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

    bool isWorth(FunctionId caller, FunctionId callee) const {
        const Function &f = module.functions[callee];
        if (recursive[callee.raw] || callee == caller) return false;
        size_t size = sizes[callee.raw], caller_size = sizes[caller.raw];
        if (caller_size + size > kCallerLimit) return false;
        // What a list does when it is full stays out of what it does for every item, so that the latter is small everywhere.
        if (allocates[callee.raw] && calls[caller.raw] > 1 && caller_size <= kSmall && caller_size + size > kSmall) return false;
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
            if (!isWorth(id, callee)) continue;
            sizes[id.raw] += sizes[callee.raw];
            expandCall(module, id, call, replacements);
        }
        replacements.apply(f);
    }

    Module &module;
    size_t count;
    std::vector<size_t> sizes, calls;
    std::vector<uint8_t> state;
    std::vector<bool> recursive, allocates;
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
