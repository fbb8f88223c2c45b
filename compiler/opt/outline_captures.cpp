// What the bodies of a parallel op need from around it.
#include "compiler/opt/outline_parts.h"

#include "compiler/pir/verify.h"

namespace parlane::opt {

namespace {

/// The operands through which an op writes.
bool writesOperand(const pir::Module &module, const pir::Function &function, const Op &op, size_t k) {
    auto mode = [&](FunctionId callee, size_t param) {
        const auto &modes = module.functions[callee].modes;
        return param < modes.size() && modes[param] == pir::PassMode::Inout;
    };
    TypeKind kind = module.types.kind(function.type(op.operands[k]));
    switch (op.code) {
    case OpCode::Store:
    case OpCode::Take:
    case OpCode::Atomic:
    case OpCode::VStore:
    case OpCode::Scatter:
    case OpCode::Compress: return k == 0;
    case OpCode::Drop: return kind == TypeKind::Ref;
    case OpCode::Swap: return true;
    case OpCode::Call:
    case OpCode::Closure: return mode(op.function(), k);
    case OpCode::CallRt:
    case OpCode::CallC: return kind == TypeKind::Ref || kind == TypeKind::View;
    case OpCode::CallClosure: return true;
    case OpCode::ParFor: return k >= op.operands.size() - op.list(AttrKey::Ops).size();
    case OpCode::ParScan: return k + 1 == op.operands.size();
    default: return op.code >= OpCode::RtFor;
    }
}

/// Results that look into what operand 0 (or the operands of `select`) names.
bool looksInto(OpCode code) {
    switch (code) {
    case OpCode::View:
    case OpCode::Slice:
    case OpCode::Reshape:
    case OpCode::Field:
    case OpCode::Elem:
    case OpCode::Payload: return true;
    default: return false;
    }
}

template <class F> void eachOp(const pir::Function &function, RegionId region, F &&visit) {
    for (OpId id : function.regions[region].ops) {
        visit(id);
        for (RegionId inner : function.ops[id].regions) eachOp(function, inner, visit);
    }
}

} // namespace

ValueId Outliner::root(ValueId value) const {
    for (;;) {
        OpId made = fn().values[value].op;
        if (!made.valid() || !looksInto(fn().ops[made].code)) return value;
        value = fn().ops[made].operands[0];
    }
}

void Outliner::findWrites() {
    written_roots.clear();
    written_values.clear();
    auto note = [&](ValueId operand) {
        written_roots.insert(root(operand).raw);
        // Every value on the way is written through, captured or not.
        for (ValueId at = operand;;) {
            written_values.insert(at.raw);
            OpId made = fn().values[at].op;
            if (!made.valid()) break;
            const Op &from = fn().ops[made];
            if (from.code == OpCode::Select) {
                written_values.insert(from.operands[1].raw);
                written_values.insert(from.operands[2].raw);
                written_roots.insert(root(from.operands[1]).raw);
                written_roots.insert(root(from.operands[2]).raw);
            }
            if (!looksInto(from.code)) break;
            at = from.operands[0];
        }
    };
    for (RegionId region : op().regions)
        eachOp(fn(), region, [&](OpId id) {
            const Op &inner = fn().ops[id];
            for (size_t k = 0; k < inner.operands.size(); ++k)
                if (writesOperand(module, fn(), inner, k)) note(inner.operands[k]);
        });
    size_t accumulators = op().code == OpCode::ParFor ? op().list(AttrKey::Ops).size() : op().code == OpCode::ParScan ? 1 : 0;
    for (size_t k = op().operands.size() - accumulators; k < op().operands.size(); ++k) note(op().operands[k]);
}

bool Outliner::canHoist(const Op &inner, const std::set<uint32_t> &direct, const std::set<uint32_t> &inside) const {
    for (ValueId operand : inner.operands)
        if (inside.contains(operand.raw)) return false;
    const pir::Types &types = module.types;
    auto untouched = [&](ValueId ref) { return !direct.contains(root(ref).raw); };
    switch (inner.code) {
    case OpCode::Extent:
    case OpCode::Field: return types.kind(types[fn().type(inner.operands[0])].elem) != TypeKind::Box || inner.code == OpCode::Extent;
    case OpCode::View: return untouched(inner.operands[0]);
    case OpCode::Load: return pir::isScalar(types.kind(fn().type(inner.result))) && untouched(inner.operands[0]);
    default: return false;
    }
}

void Outliner::hoist() {
    findWrites();
    // Slots and owners that are replaced, taken or handed over whole inside cannot be looked into from outside. A store to an element is no such
    // write: it goes through `elem`.
    std::set<uint32_t> direct;
    auto isElement = [&](ValueId value) {
        for (ValueId at = value;;) {
            OpId made = fn().values[at].op;
            if (!made.valid() || !looksInto(fn().ops[made].code)) return false;
            if (fn().ops[made].code == OpCode::Elem || fn().ops[made].code == OpCode::View) return true;
            at = fn().ops[made].operands[0];
        }
    };
    std::set<uint32_t> inside;
    for (RegionId region : op().regions) {
        for (ValueId param : fn().regions[region].params) inside.insert(param.raw);
        eachOp(fn(), region, [&](OpId id) {
            const Op &inner = fn().ops[id];
            if (inner.result.valid()) inside.insert(inner.result.raw);
            for (RegionId nested : inner.regions)
                for (ValueId param : fn().regions[nested].params) inside.insert(param.raw);
            for (size_t k = 0; k < inner.operands.size(); ++k) {
                ValueId operand = inner.operands[k];
                if (!writesOperand(module, fn(), inner, k)) continue;
                bool view = module.types.kind(fn().type(operand)) == TypeKind::View;
                if (!view && !isElement(operand)) direct.insert(root(operand).raw);
            }
        });
    }
    std::vector<OpId> moved;
    for (RegionId region : op().regions)
        eachOp(fn(), region, [&](OpId id) {
            const Op &inner = fn().ops[id];
            if (!canHoist(inner, direct, inside)) return;
            inside.erase(inner.result.raw);
            moved.push_back(id);
        });
    pir::Function &f = module.functions[function];
    RegionId home = op().parent;
    for (OpId id : moved) {
        std::erase(f.regions[f.ops[id].parent].ops, id);
        auto &ops = f.regions[home].ops;
        ops.insert(std::ranges::find(ops, op_id), id);
        f.ops[id].parent = home;
    }
}

/// Values from outside in order of first use. Constants are made again where they are used.
void Outliner::findCaptures() {
    std::set<uint32_t> inside, known;
    for (RegionId region : op().regions) {
        for (ValueId param : fn().regions[region].params) inside.insert(param.raw);
        eachOp(fn(), region, [&](OpId id) {
            const Op &inner = fn().ops[id];
            if (inner.result.valid()) inside.insert(inner.result.raw);
            for (RegionId nested : inner.regions)
                for (ValueId param : fn().regions[nested].params) inside.insert(param.raw);
        });
    }
    auto use = [&](ValueId value) {
        if (inside.contains(value.raw) || !known.insert(value.raw).second) return;
        OpId made = fn().values[value].op;
        if (made.valid()) {
            OpCode code = fn().ops[made].code;
            if (code == OpCode::Const || code == OpCode::Zero || code == OpCode::Data) return;
        }
        captured.push_back(value);
    };
    // Extents, accumulators and the like are needed by the strips as well.
    for (ValueId operand : op().operands) use(operand);
    for (RegionId region : op().regions)
        eachOp(fn(), region, [&](OpId id) {
            for (ValueId operand : fn().ops[id].operands) use(operand);
        });
}

/// What a `throw` in the bodies throws: what the nearest `try` around catches, else what the function declares.
TypeId Outliner::thrownType() const {
    for (RegionId at = op().parent;;) {
        OpId around = fn().regions[at].op;
        if (!around.valid()) return fn().throws;
        const Op &outer = fn().ops[around];
        if (outer.code == OpCode::Try && fn().regions[at].role == Role::Body) {
            const auto &params = fn().regions[fn().region(outer, Role::Catch)].params;
            if (!params.empty()) return fn().type(params[0]);
        }
        at = outer.parent;
    }
}

} // namespace parlane::opt
