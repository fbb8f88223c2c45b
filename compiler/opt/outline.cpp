#include "compiler/opt/outline.h"

#include "compiler/opt/call_graph.h"
#include "compiler/opt/entry.h"
#include "compiler/opt/failing.h"
#include "compiler/opt/outline_parts.h"
#include "compiler/opt/rewrite.h"
#include "compiler/opt/serial_clones.h"

#include <fmt/format.h>

namespace parlane::opt {

namespace {

template <class F> void eachRegion(const pir::Function &function, RegionId region, F &&visit) {
    for (OpId id : function.regions[region].ops) {
        visit(id);
        // Bodies of parallel ops become functions of their own, which are looked at in their turn.
        if (pir::isParallel(function.ops[id].code)) continue;
        for (RegionId inner : function.ops[id].regions) eachRegion(function, inner, visit);
    }
}

void outlineFunction(pir::Module &module, FunctionId id) {
    pir::Function &function = module.functions[id];
    if (!function.body.valid()) return;
    std::vector<OpId> found;
    eachRegion(function, function.body, [&](OpId op) {
        if (pir::isParallel(function.ops[op].code)) found.push_back(op);
    });
    for (OpId op : found) Outliner(module, id, op).run();
    function.level = 4;
}

std::string_view construct(OpCode code) {
    switch (code) {
    case OpCode::ParFor: return "for";
    case OpCode::ParFold: return "fold";
    case OpCode::ParScan: return "scan";
    case OpCode::ParFilter: return "filter";
    case OpCode::ParFirst: return "first";
    case OpCode::ParInvoke: return "branch";
    default: return "pipeline";
    }
}

/// What place_polls put at entries; pollRecursion does it anew for the functions that there are now.
void removeEntryPolls(pir::Module &module) {
    for (uint32_t k = 0; k < module.functions.size(); ++k)
        if (OpId poll = entryPoll(module, FunctionId(k)); poll.valid()) removeOp(module.functions[FunctionId(k)], poll);
}

/// Every cycle of calls must meet a poll, which is also the test of the stack; spawns are such tests. Functions that were there before their
/// outlined bodies come first, so that most cycles are cut once, where the user sees them.
void pollRecursion(pir::Module &module) {
    CallGraph graph = callGraph(module, /*spawns=*/false);
    auto isTest = [&](const pir::Function &function) {
        const auto &ops = function.regions[function.body].ops;
        return !ops.empty() && function.ops[ops.front()].code == OpCode::Fast && function.ops[ops.front()].string(AttrKey::Name) == "wanted";
    };
    for (uint32_t k = 0; k < module.functions.size(); ++k) {
        const pir::Function &function = module.functions[FunctionId(k)];
        if (function.body.valid() && isTest(function)) graph.callees[k].clear();
    }
    findCycles(graph);
    for (uint32_t k = 0; k < module.functions.size(); ++k) {
        if (!graph.recursive[k] || !module.functions[FunctionId(k)].body.valid()) continue;
        pollEntry(module, FunctionId(k));
        graph.callees[k].clear();
        findCycles(graph);
    }
}

} // namespace

void callLanes(pir::Module &module) {
    uint32_t count = module.functions.size();
    for (uint32_t k = 0; k < count; ++k) {
        const pir::Function &function = module.functions[FunctionId(k)];
        std::vector<OpId> found;
        std::function<void(RegionId)> look = [&](RegionId region) {
            for (OpId id : function.regions[region].ops) {
                const Op &op = function.ops[id];
                bool loop = op.code == OpCode::ParFor && op.list(AttrKey::Ops).empty();
                if (loop && op.enumerator<pir::Mode>(AttrKey::Mode) == pir::Mode::Lanes) found.push_back(id);
                for (RegionId inner : op.regions) look(inner);
            }
        };
        if (function.body.valid()) look(function.body);
        for (OpId op : found) Outliner(module, FunctionId(k), op, true).run();
    }
}

void outline(pir::Module &module) {
    for (uint32_t k = 0; k < module.functions.size(); ++k) outlineFunction(module, FunctionId(k));
    removeEntryPolls(module);
    serialClones(module);
    pollRecursion(module);
    Failing failing(module);
    for (uint32_t k = 0; k < module.functions.size(); ++k)
        module.functions[FunctionId(k)].fails = failing.fails(FunctionId(k));
}

Outliner::Outliner(pir::Module &module, FunctionId function, OpId op, bool serially)
    : module(module), function(function), op_id(op), serially(serially) {}

void Outliner::run() {
    hoist();
    findCaptures();
    switch (op().code) {
    case OpCode::ParFor: return op().list(AttrKey::Ops).empty() ? parFor() : accumulate();
    case OpCode::ParFold: return parFold();
    case OpCode::ParScan: return parScan();
    case OpCode::ParFilter: return parFilter();
    case OpCode::ParFirst: return parFirst();
    case OpCode::ParInvoke: return parInvoke();
    default: return parPipeline();
    }
}

Outliner::Made Outliner::make(std::string_view what, TypeId result) {
    std::string stem = fmt::format("{}.{}{}", fn().name, construct(op().code), what.empty() ? "" : "."), name;
    for (int k = 0;; ++k) {
        name = fmt::format("{}{}{}", stem, what, k);
        if (!module.find(name).valid()) break;
    }
    FunctionId id = pir::addFunction(module, name, result, thrownType());
    module.functions[id].loc = op().loc;
    Made made{id, pir::Builder(module, id), {}};
    made.b.loc = op().loc;
    for (ValueId value : captured) {
        const pir::Value &old = fn().values[value];
        auto mode = written_values.contains(value.raw) ? pir::PassMode::Inout : pir::PassMode::Read;
        std::string_view name = old.name.valid() ? module.names.text(old.name) : std::string_view{};
        made.captures.push_back(pir::addParameter(module, id, old.type, mode, name));
    }
    return made;
}

ValueId Outliner::addParam(Made &made, TypeId type, std::string_view name, pir::PassMode mode) {
    return pir::addParameter(module, made.id, type, mode, name);
}

Cloner Outliner::cloner(Made &made) {
    Cloner cloner(made.b, function);
    for (size_t k = 0; k < captured.size(); ++k) cloner.values[captured[k].raw] = made.captures[k];
    cloner.outlined = op_id;
    return cloner;
}

std::vector<ValueId> Outliner::body(Made &made, RegionId region, std::span<const ValueId> indices, std::span<const ValueId> more,
                                    OpId again) {
    Cloner copy = cloner(made);
    const auto &params = fn().regions[region].params;
    PAR_CHECK(params.size() == indices.size() + more.size(), "{}: a body has {} parameters, not {}", fn().name, params.size(),
              indices.size() + more.size());
    for (size_t k = 0; k < params.size(); ++k)
        copy.values[params[k].raw] = k < indices.size() ? indices[k] : more[k - indices.size()];
    if (again.valid()) copy.ops[op_id.raw] = again;
    // The names that the user gave to the indices serve traps and the debugger.
    for (size_t k = 0; k < indices.size(); ++k) {
        pir::Value &index = module.functions[made.id].values[indices[k]];
        if (!index.name.valid()) index.name = fn().values[params[k]].name;
    }
    LocId before = made.b.loc;
    auto yielded = copy.body(region);
    made.b.loc = before;
    return yielded;
}

std::vector<ValueId> Outliner::captureOperands(std::vector<ValueId> leading) const {
    leading.insert(leading.end(), captured.begin(), captured.end());
    return leading;
}

/// Everything that used the op's result uses `replacement`; the op goes.
void Outliner::finish(ValueId replacement) {
    pir::Function &f = module.functions[function];
    ValueId old = f.ops[op_id].result;
    if (old.valid())
        for (pir::Op &user : f.ops)
            for (ValueId &operand : user.operands)
                if (operand == old) operand = replacement;
    pir::Op &op = f.ops[op_id];
    std::erase(f.regions[op.parent].ops, op_id);
    op.parent = {};
    // What stood inside is unreachable now; analyses that walk all ops must not see it.
    std::vector<RegionId> pending = op.regions;
    while (!pending.empty()) {
        RegionId region = pending.back();
        pending.pop_back();
        for (OpId inner : f.regions[region].ops) {
            f.ops[inner].parent = {};
            pending.insert(pending.end(), f.ops[inner].regions.begin(), f.ops[inner].regions.end());
        }
        f.regions[region].ops.clear();
    }
}

/// Would one iteration be worth a piece of its own? Calls that were not inlined, loops and parallel constructs say so.
bool Outliner::isHeavy() const {
    if (op().has(AttrKey::Cost)) return op().integer(AttrKey::Cost) >= 2000;
    bool heavy = false;
    std::function<void(RegionId)> look = [&](RegionId region) {
        for (OpId id : fn().regions[region].ops) {
            const Op &inner = fn().ops[id];
            heavy |= inner.code == OpCode::Call || inner.code == OpCode::CallClosure || inner.code == OpCode::CallRt ||
                     inner.code == OpCode::CallC || inner.code == OpCode::Loop || inner.code == OpCode::For ||
                     pir::isParallel(inner.code);
            for (RegionId nested : inner.regions) look(nested);
        }
    };
    for (RegionId region : op().regions)
        if (fn().regions[region].role == Role::Checked) look(region);
    return heavy;
}

} // namespace parlane::opt
