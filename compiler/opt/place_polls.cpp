// Pass `place_polls`: requests are answered in time. Polls stand at the entry of functions that may call themselves (the poll is the stack test) and
// at back edges of loops without a known small bound in parallel bodies that may fail or search; with `poll_loops` at all such back edges.
// Spawns and strips poll by themselves.
#include "compiler/opt/call_graph.h"
#include "compiler/opt/entry.h"
#include "compiler/opt/pass.h"
#include "compiler/opt/rewrite.h"

namespace parlane::opt {

using namespace pir;

namespace {

constexpr int64_t kShort = 1024; ///< simple iterations that need no poll

class Polls {
public:
    explicit Polls(Module &module) : module(module), recursive(callGraph(module).recursive) {}

    void run() {
        for (uint32_t i = 0; i < module.functions.size(); ++i) {
            Function &f = module.functions[FunctionId(i)];
            if (f.regions[f.body].ops.empty()) continue;
            loops(FunctionId(i), f.body, module.poll_loops);
            if (recursive[i] && !entryPoll(module, FunctionId(i)).valid()) pollEntry(module, FunctionId(i));
        }
    }

private:
    void pollAt(FunctionId id, RegionId region, LocId loc) {
        Builder b(module, id);
        Function &f = module.functions[id];
        const auto &ops = f.regions[region].ops;
        size_t at = 0;
        while (at < ops.size() && f.ops[ops[at]].code == OpCode::Iteration) ++at;
        if (at < ops.size()) b.before(ops[at]);
        else b.at(region);
        b.loc = loc;
        b.op(OpCode::Poll, {});
    }

    std::optional<int64_t> constant(const Function &f, ValueId value) const {
        OpId made = f.values[value].op;
        if (!made.valid() || f.ops[made].code != OpCode::Const) return std::nullopt;
        const auto *number = std::get_if<int64_t>(f.ops[made].find(AttrKey::Value));
        return number ? std::optional(*number) : std::nullopt;
    }

    /// Is the loop over after few simple iterations?
    bool isShort(const Function &f, const Op &op) const {
        if (op.code != OpCode::For) return false;
        auto n = constant(f, op.operands[1]);
        if (!n || *n < 0 || *n > kShort) return false;
        bool simple = true;
        forEachOp(f, op.regions[0], [&](OpId inner) {
            OpCode code = f.ops[inner].code;
            simple = simple && code != OpCode::Loop && code != OpCode::For && code != OpCode::Call && code != OpCode::CallClosure;
        });
        return simple;
    }

    bool hasLoop(const Function &f, RegionId region) const {
        bool found = false;
        forEachOp(f, region, [&](OpId id) {
            OpCode code = f.ops[id].code;
            found = found || code == OpCode::Loop || code == OpCode::For || isParallel(code);
        });
        return found;
    }

    bool mayFail(const Function &f, const Op &parallel) const {
        bool fails = parallel.code == OpCode::ParFirst;
        for (RegionId region : parallel.regions)
            forEachOp(f, region, [&](OpId id) {
                const Op &op = f.ops[id];
                if (op.code == OpCode::Elem) fails = fails || op.enumerator<Bounds>(AttrKey::Bounds) == Bounds::Checked;
                else fails = fails || (info(op.code).effects & (Fails | Calls)) != 0;
            });
        return fails;
    }

    void loops(FunctionId id, RegionId region, bool wanted) {
        std::vector<OpId> ops = module.functions[id].regions[region].ops;
        for (OpId op_id : ops) {
            const Function &f = module.functions[id];
            const Op &op = f.ops[op_id];
            bool inside = wanted || (isParallel(op.code) && mayFail(f, op));
            // An innermost counted loop is left to the vectorizer: it ends soon enough for a cancellation, not for a deadline.
            bool loop = op.code == OpCode::Loop || (op.code == OpCode::For && (module.poll_loops || hasLoop(f, op.regions[0])));
            std::vector<RegionId> regions = op.regions;
            for (RegionId inner : regions) loops(id, inner, inside);
            if (inside && loop && !isShort(f, op)) pollAt(id, regions[0], op.loc);
        }
    }

    Module &module;
    std::vector<bool> recursive;
};

} // namespace

void placePolls(Module &module) { Polls(module).run(); }

} // namespace parlane::opt
