#include "compiler/opt/call_graph.h"

#include <algorithm>

namespace parlane::opt {

using namespace pir;

namespace {

/// Functions that an op may lead into.
void calleesOf(const Op &op, bool spawns, std::vector<uint32_t> &out) {
    if (op.code == OpCode::RtInvoke && !spawns) return;
    for (AttrKey key : {AttrKey::Callee, AttrKey::Strip, AttrKey::Init, AttrKey::Combine, AttrKey::Apply})
        if (op.has(key)) out.push_back(op.function(key).raw);
    for (int64_t id : op.list(AttrKey::Functions)) out.push_back(static_cast<uint32_t>(id));
}

/// Tarjan's strongly connected components, without recursion.
class Components {
public:
    explicit Components(CallGraph &graph)
        : graph(graph), number(graph.callees.size(), 0), low(graph.callees.size(), 0), open(graph.callees.size(), false) {}

    void run() {
        for (uint32_t root = 0; root < number.size(); ++root)
            if (!number[root]) from(root);
    }

private:
    struct Visit {
        uint32_t at;
        size_t edge;
    };

    void from(uint32_t root) {
        enter(root);
        while (!visits.empty()) {
            auto [at, edge] = visits.back();
            if (edge == graph.callees[at].size()) {
                leave(at);
                continue;
            }
            uint32_t to = graph.callees[at][edge];
            ++visits.back().edge;
            if (!number[to]) enter(to);
            else if (open[to]) low[at] = std::min(low[at], number[to]);
            if (to == at) graph.recursive[at] = true;
        }
    }

    void enter(uint32_t at) {
        number[at] = low[at] = next++;
        stack.push_back(at);
        open[at] = true;
        visits.push_back({at, 0});
    }

    void leave(uint32_t at) {
        visits.pop_back();
        if (!visits.empty()) low[visits.back().at] = std::min(low[visits.back().at], low[at]);
        if (low[at] != number[at]) return;
        bool several = stack.back() != at;
        for (bool more = true; more;) {
            uint32_t member = stack.back();
            stack.pop_back();
            open[member] = false;
            graph.component[member] = components;
            if (several) graph.recursive[member] = true;
            more = member != at;
        }
        ++components;
    }

    CallGraph &graph;
    std::vector<uint32_t> number, low, stack;
    std::vector<bool> open;
    std::vector<Visit> visits;
    uint32_t next = 1, components = 0;
};

} // namespace

void findCycles(CallGraph &graph) {
    graph.component.assign(graph.callees.size(), 0);
    graph.recursive.assign(graph.callees.size(), false);
    Components(graph).run();
}

CallGraph callGraph(const Module &module, bool spawns) {
    CallGraph graph;
    graph.callees.resize(module.functions.size());
    std::vector<uint32_t> closures;
    for (const Function &function : module.functions)
        for (const Op &op : function.ops)
            if (op.parent.valid() && op.code == OpCode::Closure) closures.push_back(op.function().raw);
    for (uint32_t k = 0; k < module.functions.size(); ++k)
        for (const Op &op : module.functions[FunctionId(k)].ops) {
            if (!op.parent.valid()) continue;
            calleesOf(op, spawns, graph.callees[k]);
            if (op.code == OpCode::CallClosure) graph.callees[k].insert(graph.callees[k].end(), closures.begin(), closures.end());
        }
    findCycles(graph);
    return graph;
}

} // namespace parlane::opt
