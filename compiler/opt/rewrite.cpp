#include "compiler/opt/rewrite.h"

namespace parlane::opt {

using namespace pir;

std::vector<uint32_t> countUses(const Function &function) {
    std::vector<uint32_t> uses(function.values.size(), 0);
    forEachOp(function, function.body, [&](OpId id) {
        for (ValueId operand : function.ops[id].operands) ++uses[operand.raw];
    });
    return uses;
}

void Replacements::apply(Function &function) const {
    if (map.empty()) return;
    forEachOp(function, function.body, [&](OpId id) {
        for (ValueId &operand : function.ops[id].operands) operand = find(operand);
    });
}

void removeOp(Function &function, OpId id) {
    std::erase(function.regions[function.ops[id].parent].ops, id);
    function.ops[id].parent = {};
}

LocId RegionCopy::location(LocId source) {
    if (!caller.valid()) return source;
    if (!source.valid()) return caller;
    Location location = module.locations[source];
    location.caller = location.caller.valid() ? this->location(location.caller) : caller;
    return module.location(location);
}

OpId RegionCopy::op(OpId source_id, RegionId target) {
    Function &f = module.functions[into];
    Op copy = module.functions[from].ops[source_id];
    copy.parent = target;
    copy.loc = location(copy.loc);
    for (ValueId &operand : copy.operands) operand = value(operand);
    for (AttrKey key : {AttrKey::Target, AttrKey::Region})
        if (copy.has(key))
            if (auto found = ops.find(copy.target(key).raw); found != ops.end()) copy.set(key, int64_t{found->second.raw});
    std::vector<RegionId> regions = std::move(copy.regions);
    copy.regions.clear();
    OpId made = f.ops.next();
    if (copy.result.valid()) {
        Value result = module.functions[from].values[copy.result];
        result.op = made;
        ValueId fresh = f.values.add(result);
        values[copy.result.raw] = fresh;
        copy.result = fresh;
    }
    f.ops.add(std::move(copy));
    f.regions[target].ops.push_back(made);
    ops[source_id.raw] = made;
    for (RegionId inner : regions) region(inner, made);
    return made;
}

RegionId RegionCopy::region(RegionId source, OpId op_id) {
    Function &f = module.functions[into];
    const Region &old = module.functions[from].regions[source];
    RegionId made = f.regions.add({op_id, old.role, old.index, {}, {}});
    f.ops[op_id].regions.push_back(made);
    std::vector<ValueId> params = module.functions[from].regions[source].params;
    for (ValueId param : params) {
        Value value = module.functions[from].values[param];
        value.region = made;
        ValueId fresh = f.values.add(value);
        values[param.raw] = fresh;
        f.regions[made].params.push_back(fresh);
    }
    contents(source, made);
    return made;
}

void RegionCopy::contents(RegionId source, RegionId target) {
    std::vector<OpId> list = module.functions[from].regions[source].ops;
    for (OpId id : list) op(id, target);
}

} // namespace parlane::opt
