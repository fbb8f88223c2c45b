// Pass `hoist`: pure, infallible ops whose operands come from outside of a loop or parallel body move in front of it.
#include "compiler/opt/pass.h"
#include "compiler/opt/rewrite.h"

namespace parlane::opt {

using namespace pir;

namespace {

class Hoist {
public:
    Hoist(Module &module, FunctionId id) : module(module), f(module.functions[id]) {}

    /// Inner loops first, so that an op climbs as far as it can.
    void region(RegionId id) {
        std::vector<OpId> ops = f.regions[id].ops;
        for (OpId op_id : ops) {
            std::vector<RegionId> inner = f.ops[op_id].regions;
            for (RegionId r : inner) region(r);
            OpCode code = f.ops[op_id].code;
            bool repeats = code == OpCode::Loop || code == OpCode::For || (isParallel(code) && code != OpCode::ParInvoke);
            if (!repeats) continue;
            for (RegionId r : inner) climb(r, r, op_id);
        }
    }

private:
    /// Moves what it can out of `from` (at or below `body`) in front of `loop`.
    void climb(RegionId from, RegionId body, OpId loop) {
        std::vector<OpId> ops = f.regions[from].ops;
        for (OpId op_id : ops) {
            const Op &op = f.ops[op_id];
            if (fits(op, body)) move(op_id, loop);
            // Straight-line parts of the body; a branch may guard what is undefined elsewhere, but nothing here is ever undefined.
            else if (op.code == OpCode::Scope || op.code == OpCode::Block)
                for (RegionId inner : f.ops[op_id].regions) climb(inner, body, loop);
        }
    }

    bool fits(const Op &op, RegionId body) const {
        bool movable = isPure(op) && op.regions.empty() && op.code != OpCode::Slot && op.code != OpCode::Closure && op.code != OpCode::Payload &&
                       op.code != OpCode::Elem && op.code != OpCode::Slice && op.code != OpCode::Reshape && op.code != OpCode::Div && op.code != OpCode::Rem &&
                       op.code != OpCode::Get && op.code != OpCode::Tuple && op.code != OpCode::Case && op.code != OpCode::Zero;
        if (!movable || module.types.owns(f.type(op.result))) return false;
        if (op.code == OpCode::Const && module.types.kind(f.type(op.result)) == TypeKind::Str) return false;
        for (ValueId operand : op.operands) {
            const Value &v = f.values[operand];
            RegionId home = v.op.valid() ? f.ops[v.op].parent : v.region;
            if (isInside(f, home, body)) return false;
        }
        return true;
    }

    void move(OpId op_id, OpId loop) {
        std::erase(f.regions[f.ops[op_id].parent].ops, op_id);
        RegionId target = f.ops[loop].parent;
        auto &ops = f.regions[target].ops;
        ops.insert(std::find(ops.begin(), ops.end(), loop), op_id);
        f.ops[op_id].parent = target;
    }

    Module &module;
    Function &f;
};

} // namespace

void hoist(Module &module) {
    for (uint32_t i = 0; i < module.functions.size(); ++i) Hoist(module, FunctionId(i)).region(module.functions[FunctionId(i)].body);
}

} // namespace parlane::opt
