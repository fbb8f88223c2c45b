// Which slots may still be read in lanes that are off: only there must a store keep the old value.
#include "compiler/vectorize/analysis.h"

#include <algorithm>

namespace parlane::vectorize {

using namespace pir;

void Analysis::numberOps(RegionId region) {
    for (OpId id : f.regions[region].ops) {
        uint32_t first = next_number++;
        const Op &op = f.ops[id];
        if (op.code == OpCode::Load && isLocalSlot(op.operands[0])) loads[op.operands[0].raw].push_back(first);
        for (RegionId inner : op.regions) numberOps(inner);
        order[id.raw] = {first, next_number};
    }
}

/// Does the op, or one inside it, load the slot?
bool Analysis::reads(ValueId slot, OpId op) const {
    auto found = loads.find(slot.raw);
    if (found == loads.end()) return false;
    auto [first, end] = order.at(op.raw);
    auto at = std::ranges::lower_bound(found->second, first);
    return at != found->second.end() && *at < end;
}

/// Targets that exits inside of an op lead to.
void Analysis::exitsOf(OpId id, std::set<uint32_t> &targets) const {
    const Op &op = f.ops[id];
    if (op.code == OpCode::Leave || op.code == OpCode::Again) targets.insert(op.target().raw);
    for (RegionId inner : op.regions)
        for (OpId nested : f.regions[inner].ops) exitsOf(nested, targets);
    targets.erase(id.raw);
}

/// Is the slot read in `region` from op number `from` on, before it is written? `killed`: it is written on every way.
bool Analysis::liveFrom(ValueId slot, RegionId region, size_t from, std::set<uint32_t> &escaped, bool &killed) const {
    const auto &ops = f.regions[region].ops;
    for (size_t k = from; k < ops.size(); ++k) {
        if (reads(slot, ops[k])) return true;
        const Op &op = f.ops[ops[k]];
        bool whole = op.code == OpCode::Store && op.operands[0] == slot;
        if (whole && escaped.empty()) return killed = true, false;
        exitsOf(ops[k], escaped);
    }
    return false;
}

bool Analysis::liveAtStart(ValueId slot, RegionId region) const {
    std::set<uint32_t> escaped;
    bool killed = false;
    return liveFrom(slot, region, 0, escaped, killed);
}

bool Analysis::liveAfter(ValueId slot, OpId id) const {
    RegionId home = f.ops[f.values[slot].op].parent;
    std::set<uint32_t> escaped;
    for (OpId at = id;;) {
        RegionId region = f.ops[at].parent;
        const auto &ops = f.regions[region].ops;
        auto position = static_cast<size_t>(std::ranges::find(ops, at) - ops.begin());
        bool killed = false;
        if (liveFrom(slot, region, position + 1, escaped, killed)) return true;
        if (killed || region == home) return false;
        OpId around = f.regions[region].op;
        OpCode code = f.ops[around].code;
        if ((code == OpCode::Loop || code == OpCode::For) && liveAtStart(slot, region)) return true;
        escaped.erase(around.raw);
        at = around;
    }
}

bool Analysis::needsBlend(ValueId slot, OpId store) const {
    if (isAccumulator(slot)) return true;
    RegionId home = f.ops[f.values[slot].op].parent;
    for (RegionId at = f.ops[store].parent; at != home;) {
        OpId around = f.regions[at].op;
        const Op &op = f.ops[around];
        if ((op.code == OpCode::If || op.code == OpCode::Switch) && diverges(around)) {
            if (liveAfter(slot, around)) return true;
            // Arms that run later in the same step.
            bool behind = false;
            for (RegionId arm : op.regions) {
                if (behind)
                    for (OpId inner : f.regions[arm].ops)
                        if (reads(slot, inner)) return true;
                behind = behind || arm == at;
            }
        } else if (isLeft(around) || isSkipped(around)) {
            if (isLeft(around) && liveAfter(slot, around)) return true;
            if (isSkipped(around) && around != loop && (liveAtStart(slot, at) || liveAfter(slot, around))) return true;
        }
        at = op.parent;
    }
    return false;
}

} // namespace parlane::vectorize
