// Vector ops: lane counts, scalars and masks fit together.
#include "compiler/pir/verify_parts.h"

namespace parlane::pir {

namespace {

class VectorRules {
public:
    VectorRules(Findings &findings, const Op &op)
        : out(findings), f(findings.function), types(findings.module.types), op(op) {}

    void run() {
        switch (op.code) {
        case OpCode::Splat: return need(isWide(result()) && scalarOf(result()) == type(0), "a vector of its operand");
        case OpCode::Iota: return need(isWide(result()) && scalarOf(result()) == type(0) && isInteger(types.kind(type(0))), "integers");
        case OpCode::Lane: return need(isWide(type(0)) && scalarOf(type(0)) == result() && type(1) == types.i64(), "a vector and an i64");
        case OpCode::Any: return need(isMask(type(0)) && result() == types.boolean(), "a mask");
        case OpCode::Count: return need(isMask(type(0)) && result() == types.i64(), "a mask");
        case OpCode::MaskAnd:
        case OpCode::MaskOr: return need(isMask(type(0)) && type(0) == type(1) && type(0) == result(), "masks");
        case OpCode::MaskNot: return need(isMask(type(0)) && type(0) == result(), "a mask");
        case OpCode::Blend:
            return need(isMask(type(0)) && type(1) == result() && type(2) == result() && lanesOf(type(0)) == lanesOf(result()),
                        "a mask and two values of one type");
        case OpCode::Tree: return need(isWide(type(0)) && scalarOf(type(0)) == result() && op.has(AttrKey::AtomicOp), "a vector and an `op`");
        case OpCode::VLoad:
        case OpCode::VLoadStrided:
        case OpCode::Gather: return access(result(), 0);
        case OpCode::VStore:
        case OpCode::Scatter: return access({}, 1);
        default: return;
        }
    }

private:
    TypeId type(size_t i) const { return f.type(op.operands[i]); }
    TypeId result() const { return op.result.valid() ? f.type(op.result) : types.unit(); }
    bool isMask(TypeId id) const { return types.kind(id) == TypeKind::Mask; }
    bool isWide(TypeId id) const { return types.kind(id) == TypeKind::Vec || isMask(id); }
    int64_t lanesOf(TypeId id) const { return isWide(id) ? types[id].dims[0] : 0; }
    TypeId scalarOf(TypeId id) const { return isMask(id) ? types.boolean() : types[id].elem; }
    void need(bool good, std::string_view what) {
        if (!good) out.add(op, "needs {}", what);
    }

    /// view, an index a dimension, [stride or value,] [mask].
    void access(TypeId value, size_t extra) {
        const Type &base = types[type(0)];
        bool fixed = base.kind == TypeKind::Ref && types.kind(base.elem) == TypeKind::Fixed;
        if (base.kind != TypeKind::View && !fixed) return need(false, "a view or a ref to a fixed array");
        const Type &held = fixed ? types[base.elem] : base;
        size_t rank = fixed ? held.dims.size() : static_cast<size_t>(held.dims[0]);
        if (op.code == OpCode::VLoadStrided) extra = 1;
        size_t least = 1 + rank + extra;
        if (op.operands.size() != least && op.operands.size() != least + 1) return need(false, "an index a dimension");
        if (!value.valid()) value = type(least - 1);
        need(isWide(value), "a vector");
        bool lanes = op.code == OpCode::Gather || op.code == OpCode::Scatter, wide = false;
        for (size_t k = 1; k <= rank; ++k) {
            const Type &index = types[type(k)];
            bool vector = index.kind == TypeKind::Vec && types.kind(index.elem) == TypeKind::I64 && index.dims[0] == lanesOf(value);
            need(type(k) == types.i64() || (lanes && vector), "i64 indices");
            wide = wide || vector;
        }
        need(wide == lanes, "one index a lane in gather and scatter, none elsewhere");
        if (op.operands.size() > least) need(isMask(type(least)) && lanesOf(type(least)) == lanesOf(value), "a mask of its lanes");
        if (!op.has(AttrKey::Part)) need(held.elem == scalarOf(value), "elements that are its scalars");
    }

    Findings &out;
    const Function &f;
    const Types &types;
    const Op &op;
};

} // namespace

void verifyVector(Findings &findings, const Op &op) { VectorRules(findings, op).run(); }

} // namespace parlane::pir
