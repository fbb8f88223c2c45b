// Assignments: the indices of the target, then the value, then bounds, drop and store.
#include "compiler/lower/function_lowering.h"

namespace parlane::lower {

using pir::AttrKey;
using pir::FoldOp;
using pir::Trap;
using pir::TypeKind;

void FunctionLowering::storeNew(ValueId ref, ValueId made) {
    if (!made.valid()) return;
    b.store(ref, made);
}

void FunctionLowering::lower(const hir::Assign &assign) {
    prepare(assign.target);
    ValueId made = value(assign.value);
    if (dead || !made.valid()) return;
    assignTo(assign.target, made, assign.claim);
}

void FunctionLowering::assignTo(hir::ExprId target, ValueId made, hir::Claim) {
    Located here(*this, body.exprs[target].span);
    bool owning = owns(made);
    ValueId held = owning ? spill(made) : made; // finding the place may fail
    ValueId ref = refTo(target);
    if (!owning) return b.store(ref, held);
    b.drop(ref);
    ValueId moved = b.take(held);
    b.store(ref, moved);
}

void FunctionLowering::lower(const hir::AssignTuple &assign) {
    for (hir::ExprId target : assign.targets)
        if (target) prepare(target);
    auto *tuple = std::get_if<hir::Tuple>(&body.exprs[assign.value].node);
    std::vector<ValueId> parts;
    if (tuple) {
        for (hir::ExprId elem : tuple->elems) {
            ValueId part = value(elem);
            parts.push_back(owns(part) ? spill(part) : part);
        }
    } else {
        ValueId made = value(assign.value);
        bool owning = owns(made);
        ValueId held = owning ? spill(made) : made;
        for (size_t i = 0; i < assign.targets.size(); ++i) {
            auto number = static_cast<int64_t>(i);
            ValueId part = owning ? b.field(held, number) : b.get(held, number);
            if (owning && !ownsType(types()[fn().type(part)].elem)) part = b.load(part);
            parts.push_back(part);
        }
    }
    if (dead) return;
    for (size_t i = 0; i < assign.targets.size(); ++i) {
        if (!assign.targets[i]) continue; // `_`; what it owns is dropped with the statement
        Located here(*this, body.exprs[assign.targets[i]].span);
        ValueId ref = refTo(assign.targets[i]);
        if (kindOf(parts[i]) != TypeKind::Ref) {
            b.store(ref, parts[i]);
            continue;
        }
        b.drop(ref);
        ValueId moved = b.take(parts[i]);
        b.store(ref, moved);
    }
}

// ---- op= --------------------------------------------------------------------------------------------------------

void FunctionLowering::lower(const hir::OpAssign &assign) {
    if (assign.claim == hir::Claim::Atomic) return atomicAssign(assign);
    prepare(assign.target);
    bool sum = assign.op == hir::AssignOp::Add || assign.op == hir::AssignOp::Sub;
    if (sum && !assign.function && isProduct(assign.value)) {
        auto [x, y] = factors(assign.value);
        if (dead) return;
        ValueId ref = refTo(assign.target);
        b.store(ref, fusedUpdate(assign, ref, x, y));
        return;
    }
    if (assign.function) {
        // A user's operator: `target = op(target, value)`, with read operands.
        ValueId right = read(assign.value);
        if (dead) return;
        ValueId ref = refTo(assign.target);
        bool owning = ownsType(types()[fn().type(ref)].elem);
        ValueId made = callCallee(*assign.function, {owning ? ref : b.load(ref), right});
        if (owning) {
            ValueId held = spill(made);
            b.drop(ref);
            made = b.take(held);
        }
        b.store(ref, made);
        return;
    }
    ValueId right = all.types.is<types::StrType>(typeOf(assign.value)) ? read(assign.value) : value(assign.value);
    if (dead) return;
    ValueId ref = refTo(assign.target);
    if (kindOf(right) == TypeKind::Ref) { // text
        ValueId held = spill(concat({b.copy(ref), b.copy(right)}));
        b.drop(ref);
        ValueId moved = b.take(held);
        return b.store(ref, moved);
    }
    b.store(ref, applyOperator(assign, b.load(ref), right));
}

ValueId FunctionLowering::fusedUpdate(const hir::OpAssign &assign, ValueId ref, ValueId x, ValueId y) {
    ValueId old = b.load(ref);
    bool minus = assign.op == hir::AssignOp::Sub;
    return b.emit(OpCode::Fma, fn().type(old), {minus ? b.unary(OpCode::Neg, x) : x, y, old});
}

ValueId FunctionLowering::applyOperator(const hir::OpAssign &assign, ValueId old, ValueId right) {
    using enum hir::AssignOp;
    switch (assign.op) {
    case Add: return arithmetic(hir::BinaryOp::Add, old, right);
    case Sub: return arithmetic(hir::BinaryOp::Sub, old, right);
    case Mul: return arithmetic(hir::BinaryOp::Mul, old, right);
    case Div: return arithmetic(hir::BinaryOp::Div, old, right);
    case Rem: return arithmetic(hir::BinaryOp::Rem, old, right);
    case Shl: return arithmetic(hir::BinaryOp::Shl, old, right);
    case Shr: return arithmetic(hir::BinaryOp::Shr, old, right);
    case BitAnd: return arithmetic(hir::BinaryOp::BitAnd, old, right);
    case BitOr: return arithmetic(hir::BinaryOp::BitOr, old, right);
    case BitXor: return arithmetic(hir::BinaryOp::BitXor, old, right);
    case And: return b.binary(OpCode::And, old, right);
    case Or: return b.binary(OpCode::Or, old, right);
    case Min: return b.binary(OpCode::Min, old, right);
    case Max: return b.binary(OpCode::Max, old, right);
    }
    PAR_UNREACHABLE("operator");
}

void FunctionLowering::atomicAssign(const hir::OpAssign &assign) {
    prepare(assign.target);
    ValueId right = value(assign.value);
    if (dead) return;
    ValueId ref = refTo(assign.target);
    auto fold = [&] {
        switch (assign.op) {
        case hir::AssignOp::Add: return FoldOp::Add;
        case hir::AssignOp::Sub: return FoldOp::Sub;
        case hir::AssignOp::BitAnd: return FoldOp::And;
        case hir::AssignOp::BitOr: return FoldOp::Or;
        case hir::AssignOp::BitXor: return FoldOp::Xor;
        case hir::AssignOp::Min: return FoldOp::Min;
        case hir::AssignOp::Max: return FoldOp::Max;
        default: PAR_UNREACHABLE("an atomic operator");
        }
    };
    b.op(OpCode::Atomic, {}, {ref, right}, {{AttrKey::AtomicOp, static_cast<int64_t>(fold())}});
}

// ---- elements ---------------------------------------------------------------------------------------------------

void FunctionLowering::lower(const hir::CopyElements &copy) {
    prepare(copy.target);
    ValueId from = viewOf(copy.value);
    if (dead) return;
    ValueId to = viewOf(copy.target);
    std::vector<ValueId> values = extentsOf(to), other = extentsOf(from);
    ValueId good;
    for (size_t d = 0; d < values.size(); ++d) {
        ValueId same = b.compare(OpCode::Eq, values[d], other[d]);
        good = good.valid() ? both(good, same) : same;
    }
    values.insert(values.end(), other.begin(), other.end());
    b.check(good, Trap::Shape, std::move(values));
    copyElements(to, from, types()[fn().type(to)].elem);
}

void FunctionLowering::copyElements(ValueId to, ValueId from, PType elem) {
    eachElement(to, [&](const std::vector<ValueId> &indices) {
        ValueId source = b.elem(from, indices, pir::Bounds::Proved, pir::Own::Read);
        ValueId target = b.elem(to, indices, pir::Bounds::Proved, pir::Own::Local);
        if (!ownsType(elem)) return b.store(target, b.load(source));
        ValueId held = spill(b.copy(source));
        b.drop(target);
        ValueId moved = b.take(held);
        b.store(target, moved);
    });
}

void FunctionLowering::lower(const hir::FillElements &fill) {
    prepare(fill.target);
    ValueId with = read(fill.value);
    if (dead) return;
    fillElements(viewOf(fill.target), with);
}

void FunctionLowering::fillElements(ValueId to, ValueId with) {
    eachElement(to, [&](const std::vector<ValueId> &indices) {
        ValueId target = b.elem(to, indices, pir::Bounds::Proved, pir::Own::Local);
        if (!ownsType(types()[fn().type(target)].elem)) return b.store(target, with);
        ValueId held = spill(b.copy(with));
        b.drop(target);
        ValueId moved = b.take(held);
        b.store(target, moved);
    });
}

void FunctionLowering::eachElement(ValueId view, const std::function<void(const std::vector<ValueId> &)> &inside) {
    std::vector<ValueId> extents = extentsOf(view), indices;
    std::function<void(size_t)> nest = [&](size_t d) {
        if (d == extents.size()) return inside(indices);
        forCount(extents[d], [&](OpId, ValueId i) {
            indices.push_back(i);
            nest(d + 1);
            indices.pop_back();
        });
    };
    nest(0);
}

} // namespace parlane::lower
