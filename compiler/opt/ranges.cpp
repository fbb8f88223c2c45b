// Pass `ranges`: what is known of values decides checks: those that always hold go away, elements that are always in bounds say so, branches whose
// condition is known get a constant.
#include "compiler/opt/facts.h"
#include "compiler/opt/pass.h"
#include "compiler/opt/rewrite.h"

namespace parlane::opt {

using namespace pir;

namespace {

class Ranges {
public:
    Ranges(Module &module, FunctionId id) : module(module), id(id), f(module.functions[id]), facts(module, f) {}

    void run() { region(f.body); }

private:
    void region(RegionId region_id) {
        std::vector<OpId> ops = f.regions[region_id].ops;
        for (OpId op : ops) one(op);
    }

    /// A region of its own knowledge.
    template <class Before> void nested(RegionId region_id, Before &&before) {
        size_t mark = facts.mark();
        before();
        region(region_id);
        facts.forget(mark);
    }

    void one(OpId op_id) {
        Op &op = f.ops[op_id];
        switch (op.code) {
        case OpCode::Check:
            if (auto value = facts.decide(op.operands[0]); value && *value) return removeOp(f, op_id);
            return facts.assume(op.operands[0], true);
        case OpCode::Elem: return elem(op);
        case OpCode::If: return branch(op_id);
        default: break;
        }
        facts.define(op);
        std::vector<RegionId> regions = op.regions;
        for (RegionId inner : regions) nested(inner, [&] { facts.defineIndices(op, f.regions[inner]); });
    }

    void elem(Op &op) {
        const Type &base = module.types[f.type(op.operands[0])];
        bool fixed = base.kind == TypeKind::Ref;
        bool proved = true;
        for (size_t k = 1; k < op.operands.size(); ++k) {
            Facts::Node index = facts.node(op.operands[k]);
            auto dim = static_cast<int64_t>(k - 1);
            if (fixed) {
                int64_t extent = module.types[base.elem].dims[k - 1];
                proved = proved && facts.holds(Facts::kZero, index, 0) && facts.holds(index, Facts::kZero, extent - 1);
                facts.add(index, Facts::kZero, extent - 1);
            } else {
                Facts::Node extent = facts.extent(op.operands[0], dim);
                proved = proved && facts.holds(Facts::kZero, index, 0) && facts.holds(index, extent, -1);
                facts.add(index, extent, -1);
            }
            facts.add(Facts::kZero, index, 0); // or it would have failed
        }
        if (proved && op.enumerator<Bounds>(AttrKey::Bounds) == Bounds::Checked) op.set(AttrKey::Bounds, static_cast<int64_t>(Bounds::Proved));
    }

    /// Does control never reach the end of the region?
    bool leaves(RegionId region_id) const {
        const auto &ops = f.regions[region_id].ops;
        return !ops.empty() && isTerminator(f.ops[ops.back()].code) && f.ops[ops.back()].code != OpCode::Yield;
    }

    void branch(OpId op_id) {
        ValueId cond = f.ops[op_id].operands[0];
        if (auto value = facts.decide(cond)) {
            Builder b(module, id);
            b.before(op_id);
            b.loc = f.ops[op_id].loc;
            f.ops[op_id].operands[0] = b.constBool(*value);
        }
        RegionId then = f.region(op_id, Role::Then), otherwise = f.region(op_id, Role::Else);
        nested(then, [&] { facts.assume(cond, true); });
        if (otherwise.valid()) nested(otherwise, [&] { facts.assume(cond, false); });
        if (leaves(then)) facts.assume(cond, false);
        else if (otherwise.valid() && leaves(otherwise)) facts.assume(cond, true);
        facts.define(f.ops[op_id]);
    }

    Module &module;
    FunctionId id;
    Function &f;
    Facts facts;
};

} // namespace

void ranges(Module &module) {
    for (uint32_t i = 0; i < module.functions.size(); ++i) Ranges(module, FunctionId(i)).run();
}

} // namespace parlane::opt
