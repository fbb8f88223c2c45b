// Owned values are consumed exactly once; writes inside parallel bodies have a verdict. Deliberately without the solver: it checks that somebody
// said why a write is safe, and that the verdict names a loop that is really around.
#include "compiler/pir/verify_parts.h"

#include <unordered_map>

namespace parlane::pir {

bool yieldsOwned(OpCode code) {
    switch (code) {
    case OpCode::Const:
    case OpCode::Zero:
    case OpCode::Load:
    case OpCode::Get:
    case OpCode::Payload:
    case OpCode::Keep: return false;
    default: return true;
    }
}

bool consumes(const Module &module, const Op &op, size_t i) {
    switch (op.code) {
    case OpCode::Store: return i == 1;
    case OpCode::Return:
    case OpCode::Yield:
    case OpCode::Throw:
    case OpCode::Leave:
    case OpCode::Drop:
    case OpCode::Tuple:
    case OpCode::Case:
    case OpCode::Box: return true;
    case OpCode::RtKeep: return i > 0; // the values, not the sink
    case OpCode::Call: {
        FunctionId callee = op.function();
        return callee.raw < module.functions.size() && i < module.functions[callee].modes.size() && module.functions[callee].modes[i] == PassMode::Sink;
    }
    default: return false;
    }
}

namespace {

class Ownership {
public:
    explicit Ownership(Findings &findings) : out(findings), f(findings.function), m(findings.module) {}

    void run() {
        region(f.body);
        writes(f.body);
    }

private:
    bool owns(ValueId value) const { return m.types.owns(f.type(value)); }

    bool mayFail(const Op &op) const {
        if (op.code == OpCode::Elem) return op.enumerator<Bounds>(AttrKey::Bounds) == Bounds::Checked;
        return (info(op.code).effects & (Fails | Calls | Regions | Control)) != 0;
    }

    /// Values of this region that wait to be consumed, in order of birth.
    void region(RegionId id) {
        const Region &r = f.regions[id];
        std::vector<ValueId> live;
        const Op *around = r.op.valid() ? &f.ops[r.op] : nullptr;
        for (size_t i = 0; i < r.params.size(); ++i) {
            bool owned = around ? r.role == Role::Catch : f.modes[i] == PassMode::Sink;
            if (owns(r.params[i]) && owned) live.push_back(r.params[i]);
        }
        const Op *last = nullptr;
        for (OpId op_id : r.ops) {
            const Op &op = f.ops[op_id];
            last = &op;
            for (size_t i = 0; i < op.operands.size(); ++i) consume(op, i, live);
            if (!live.empty() && mayFail(op)) out.add(op, "may fail or leave while the owned value {} waits to be consumed", describe(live.front()));
            if (op.result.valid() && owns(op.result) && yieldsOwned(op.code)) live.push_back(op.result);
            for (RegionId inner : op.regions) region(inner);
        }
        if (!live.empty() && last) out.add(*last, "is the end of its region, but the owned value {} is never consumed", describe(live.front()));
        else if (!live.empty() && around) out.add(*around, "has an empty region that never consumes {}", describe(live.front()));
    }

    void consume(const Op &op, size_t i, std::vector<ValueId> &live) {
        ValueId value = op.operands[i];
        if (!owns(value) || !consumes(m, op, i)) return;
        if (std::erase(live, value)) return;
        const Value &about = f.values[value];
        if (about.op.valid() && (f.ops[about.op].code == OpCode::Const || f.ops[about.op].code == OpCode::Zero)) return;
        bool borrowed = about.op.valid() ? !yieldsOwned(f.ops[about.op].code) : !isOwnedParam(about);
        if (borrowed) out.add(op, "consumes {}, which is borrowed", describe(value));
        else out.add(op, "consumes {}, which is consumed already or belongs to an outer region", describe(value));
    }

    bool isOwnedParam(const Value &about) const {
        const Region &r = f.regions[about.region];
        if (r.op.valid()) return r.role == Role::Catch;
        for (size_t i = 0; i < r.params.size(); ++i)
            if (&f.values[r.params[i]] == &about) return f.modes[i] == PassMode::Sink;
        return false;
    }

    std::string describe(ValueId value) const {
        const Value &v = f.values[value];
        std::string type = m.types.text(v.type);
        if (v.name.valid()) return fmt::format("%{}: {}", m.names.text(v.name), type);
        if (v.op.valid()) return fmt::format("of `{}`: {}", info(f.ops[v.op].code).text, type);
        return fmt::format("(parameter): {}", type);
    }

    // --- writes in parallel bodies ---
    void writes(RegionId id) {
        for (OpId op_id : f.regions[id].ops) {
            const Op &op = f.ops[op_id];
            written(op);
            for (RegionId inner : op.regions) writes(inner);
        }
    }

    void written(const Op &op) {
        switch (op.code) {
        case OpCode::Store:
        case OpCode::Take: return write(op, op.operands[0], false);
        case OpCode::VStore:
        case OpCode::Scatter:
        case OpCode::Compress: return verdict(op) ? void() : write(op, op.operands[0], false);
        case OpCode::Drop:
            return m.types.kind(f.type(op.operands[0])) == TypeKind::Ref ? write(op, op.operands[0], false) : void();
        case OpCode::Atomic: return; // the op is the verdict: its result cannot depend on the order
        case OpCode::Swap:
            write(op, op.operands[0], false);
            return write(op, op.operands[1], false);
        case OpCode::Call: {
            const Function &callee = m.functions[op.function()];
            if (verdict(op)) return;
            for (size_t i = 0; i < op.operands.size(); ++i)
                if (callee.modes[i] == PassMode::Inout) write(op, op.operands[i], false);
            return;
        }
        case OpCode::ParFor:
            for (ValueId acc : parShape(op).accumulators) write(op, acc, false);
            return;
        case OpCode::ParScan: return write(op, parShape(op).target, false);
        default: return;
        }
    }

    /// A call may bear the verdict for all that its callee writes through inout arguments; it must name a construct around the call.
    bool verdict(const Op &op) {
        if (!op.has(AttrKey::Own)) return false;
        Own own = op.enumerator<Own>(AttrKey::Own);
        if (own != Own::Loop) return own == Own::Asserted || own == Own::Atomic || own == Own::Acc;
        for (RegionId at = op.parent; f.regions[at].op.valid(); at = f.ops[f.regions[at].op].parent)
            if (f.regions[at].op == op.target(AttrKey::Region)) return true;
        out.add(op, "bears own=loop of a construct that is not around it");
        return true;
    }

    /// Ops whose regions run as iterations side by side (branches and stages have been proved against each other by `access`).
    static bool iterates(OpCode code) { return isParallel(code) && code != OpCode::ParInvoke && code != OpCode::ParPipeline; }

    /// Every parallel body around the op must be told why the write is its own.
    void write(const Op &op, ValueId ref, bool atomic) {
        for (RegionId at = op.parent;;) {
            OpId around = f.regions[at].op;
            if (!around.valid()) return;
            Role role = f.regions[at].role;
            if (iterates(f.ops[around].code) && role != Role::Combine && role != Role::Init && !isPrivate(ref, at, around, atomic)) {
                out.add(op, "writes to {} inside the parallel body of `{}` without a verdict that allows it", describe(ref), info(f.ops[around].code).text);
                return;
            }
            at = f.ops[around].parent;
        }
    }

    /// Walks from a ref or view to its root.
    bool isPrivate(ValueId value, RegionId body, OpId loop, bool atomic) {
        for (int steps = 0; steps < 1000; ++steps) {
            const Value &v = f.values[value];
            if (!v.op.valid()) return isInside(f, v.region, body); // accumulators, token slots, parameters of inner regions
            const Op &op = f.ops[v.op];
            if (op.has(AttrKey::Own)) {
                Own own = op.enumerator<Own>(AttrKey::Own);
                if (own == Own::Asserted || (own == Own::Atomic && atomic)) return true;
                OpId proved = op.target(AttrKey::Region);
                if (own == Own::Loop && proved.valid() && (proved == loop || isInside(f, f.ops[proved].parent, body))) return true;
            }
            switch (op.code) {
            case OpCode::Slot:
            case OpCode::Load: // a view kept in a slot
            case OpCode::Closure: return isInside(f, op.parent, body);
            case OpCode::Field:
            case OpCode::Payload:
            case OpCode::View:
            case OpCode::Slice:
            case OpCode::Reshape:
            case OpCode::Elem: value = op.operands[0]; break;
            case OpCode::Select: return isPrivate(op.operands[1], body, loop, atomic) && isPrivate(op.operands[2], body, loop, atomic);
            default: return isInside(f, op.parent, body);
            }
        }
        return false;
    }

    Findings &out;
    const Function &f;
    const Module &m;
};

} // namespace

void verifyOwnership(Findings &findings) { Ownership(findings).run(); }

} // namespace parlane::pir
