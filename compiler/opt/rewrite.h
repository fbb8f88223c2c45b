// What passes need to change a function in place.
#pragma once
#include "compiler/pir/builder.h"

#include <algorithm>

namespace parlane::opt {

/// Calls f(OpId) for every op of a region and below, in order, an op before its regions.
template <class F> void forEachOp(const pir::Function &function, pir::RegionId region, F &&f) {
    std::vector<pir::OpId> ops = function.regions[region].ops; // f may change the list
    for (pir::OpId id : ops) {
        f(id);
        std::vector<pir::RegionId> regions = function.ops[id].regions;
        for (pir::RegionId inner : regions) forEachOp(function, inner, f);
    }
}

/// Uses of each value in the linked ops of a function.
std::vector<uint32_t> countUses(const pir::Function &function);

/// Replacements of values, applied at once. Chains are followed.
class Replacements {
public:
    void add(pir::ValueId from, pir::ValueId to) { map[from.raw] = to; }
    pir::ValueId find(pir::ValueId value) const {
        for (auto at = map.find(value.raw); at != map.end(); at = map.find(value.raw)) value = at->second;
        return value;
    }
    bool empty() const { return map.empty(); }
    void apply(pir::Function &function) const;

private:
    std::map<uint32_t, pir::ValueId> map;
};

/// Unlinks an op; its result must have no more uses.
void removeOp(pir::Function &function, pir::OpId op);

/// Copies regions from one function to another (or the same): values and targets are renamed, locations get `caller` at the end of their chain.
class RegionCopy {
public:
    RegionCopy(pir::Module &module, pir::FunctionId from, pir::FunctionId into) : module(module), from(from), into(into) {}
    std::map<uint32_t, pir::ValueId> values;
    std::map<uint32_t, pir::OpId> ops;
    pir::LocId caller;

    /// Copies the ops of a region behind those of `target`. Values that are not in `values` stay as they are.
    void contents(pir::RegionId source, pir::RegionId target);
    /// Copies a region as one of `op` (without parameters in `values` they are made new).
    pir::RegionId region(pir::RegionId source, pir::OpId op);
    pir::ValueId value(pir::ValueId source) const {
        auto found = values.find(source.raw);
        return found == values.end() ? source : found->second;
    }

private:
    pir::OpId op(pir::OpId source, pir::RegionId target);
    pir::LocId location(pir::LocId source);

    pir::Module &module;
    pir::FunctionId from, into;
};

/// Has the op no effect but its value, so that it may be removed when unused, or computed elsewhere?
inline bool isPure(const pir::Op &op) {
    if (op.code == pir::OpCode::Elem) return op.enumerator<pir::Bounds>(pir::AttrKey::Bounds) != pir::Bounds::Checked;
    return pir::info(op.code).effects == pir::Pure && op.result.valid();
}

} // namespace parlane::opt
