// Pass `place_polls`: requests are answered in time. Polls stand at the entry of functions that may call themselves (the poll is the stack test) and
// at back edges of loops without a known small bound in parallel bodies that may fail or search; with `poll_loops` at all such back edges.
// Spawns and strips poll by themselves.
#include "compiler/opt/pass.h"
#include "compiler/opt/rewrite.h"

namespace parlane::opt {

using namespace pir;

namespace {

constexpr int64_t kShort = 1024; ///< simple iterations that need no poll

class Polls {
public:
    explicit Polls(Module &module) : module(module), callees(module.functions.size()), recursive(module.functions.size(), false) {}

    void run() {
        findRecursion();
        for (uint32_t i = 0; i < module.functions.size(); ++i) {
            Function &f = module.functions[FunctionId(i)];
            if (f.regions[f.body].ops.empty()) continue;
            loops(FunctionId(i), f.body, module.poll_loops);
            if (recursive[i] && f.ops[f.regions[f.body].ops.front()].code != OpCode::Poll) pollAt(FunctionId(i), f.body, f.loc);
        }
    }

private:
    void findRecursion() {
        // A call through a pair may reach every function that some closure names.
        std::vector<uint32_t> named;
        for (const Function &f : module.functions)
            forEachOp(f, f.body, [&](OpId id) {
                if (f.ops[id].code == OpCode::Closure) named.push_back(f.ops[id].function().raw);
            });
        uint32_t count = module.functions.size();
        for (uint32_t i = 0; i < count; ++i) {
            const Function &f = module.functions[FunctionId(i)];
            forEachOp(f, f.body, [&](OpId id) {
                const Op &op = f.ops[id];
                if (op.code == OpCode::Call) callees[i].push_back(op.function().raw);
                if (op.code == OpCode::CallClosure) callees[i].insert(callees[i].end(), named.begin(), named.end());
                for (AttrKey key : {AttrKey::Strip, AttrKey::Init, AttrKey::Combine})
                    if (op.has(key)) callees[i].push_back(op.function(key).raw);
                for (int64_t callee : op.list(AttrKey::Functions)) callees[i].push_back(static_cast<uint32_t>(callee));
            });
        }
        components();
    }

    /// Tarjan's strongly connected components, without recursion.
    void components() {
        uint32_t count = module.functions.size(), next = 1;
        std::vector<uint32_t> number(count, 0), low(count, 0), stack;
        std::vector<bool> open(count, false);
        struct Visit {
            uint32_t at;
            size_t edge;
        };
        for (uint32_t root = 0; root < count; ++root) {
            if (number[root]) continue;
            std::vector<Visit> visits = {{root, 0}};
            while (!visits.empty()) {
                auto [at, edge] = visits.back();
                if (edge == 0) {
                    number[at] = low[at] = next++;
                    stack.push_back(at);
                    open[at] = true;
                }
                if (edge < callees[at].size()) {
                    uint32_t to = callees[at][edge];
                    ++visits.back().edge;
                    if (!number[to]) visits.push_back({to, 0});
                    else if (open[to]) low[at] = std::min(low[at], number[to]);
                    if (to == at) recursive[at] = true;
                    continue;
                }
                visits.pop_back();
                if (!visits.empty()) low[visits.back().at] = std::min(low[visits.back().at], low[at]);
                if (low[at] != number[at]) continue;
                bool several = stack.back() != at;
                for (uint32_t member = count; member != at;) {
                    member = stack.back();
                    stack.pop_back();
                    open[member] = false;
                    if (several) recursive[member] = true;
                }
            }
        }
    }

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
    std::vector<std::vector<uint32_t>> callees;
    std::vector<bool> recursive;
};

} // namespace

void placePolls(Module &module) { Polls(module).run(); }

} // namespace parlane::opt
