// Folds: which operators, in which form the body gives its values, par.fold.
#include "compiler/lower/function_lowering.h"

#include <algorithm>
#include <limits>

namespace parlane::lower {

using pir::AttrKey;
using pir::FoldOp;
using pir::TypeKind;

namespace {

int64_t number(FoldOp op) { return static_cast<int64_t>(op); }

bool comparesWhole(int64_t op) { return op == number(FoldOp::Min) || op == number(FoldOp::Max); }

} // namespace

FoldOp pirOperator(const hir::FoldOp &fold) {
    if (!fold.builtin) return FoldOp::Fn;
    switch (*fold.builtin) {
    case hir::FoldBuiltin::Add: return FoldOp::Add;
    case hir::FoldBuiltin::Mul: return FoldOp::Mul;
    case hir::FoldBuiltin::Min: return FoldOp::Min;
    case hir::FoldBuiltin::Max: return FoldOp::Max;
    case hir::FoldBuiltin::BitAnd:
    case hir::FoldBuiltin::And: return FoldOp::And;
    case hir::FoldBuiltin::BitOr:
    case hir::FoldBuiltin::Or: return FoldOp::Or;
    case hir::FoldBuiltin::BitXor: return FoldOp::Xor;
    }
    PAR_UNREACHABLE("fold operator");
}

/// One operator for the whole value, or one a component of a tuple of scalars. A `+` over a product as written is
/// `fma`.
std::vector<int64_t> FunctionLowering::foldOps(const hir::Loop &loop, HType result) {
    std::vector<int64_t> ops;
    for (const hir::FoldOp &fold : loop.ops) ops.push_back(number(pirOperator(fold)));
    PType type = all.type(result);
    const pir::Type &of = types()[type];
    bool components = of.kind == TypeKind::Tuple;
    for (PType part : of.parts) components = components && pir::isScalar(types().kind(part));
    for (int64_t op : ops)
        if (op == number(FoldOp::Fn) || (ops.size() > 1 && !components)) return {number(FoldOp::Fn)};
    if (ops.size() == 1 && components && !comparesWhole(ops[0])) ops.resize(of.parts.size(), ops[0]);
    const hir::Block &block = body.blocks[loop.body];
    if (!block.value) return ops;
    auto *tuple = std::get_if<hir::Tuple>(&body.exprs[block.value].node);
    for (size_t k = 0; k < ops.size(); ++k) {
        bool whole = ops.size() == 1 && !components;
        hir::ExprId written = whole ? block.value : tuple && k < tuple->elems.size() ? tuple->elems[k] : hir::ExprId{};
        if (ops[k] == number(FoldOp::Add) && written && isProduct(written)) ops[k] = number(FoldOp::Fma);
    }
    return ops;
}

/// What the body yields: for each operator one value, for `fma` two.
std::vector<ValueId> FunctionLowering::foldedValues(const hir::Loop &loop, const std::vector<int64_t> &ops) {
    const hir::Block &of = body.blocks[loop.body];
    for (hir::StmtId stmt : of.stmts) {
        if (dead) return {};
        statement(stmt);
    }
    if (dead || !of.value) return {};
    std::vector<ValueId> out;
    auto one = [&](hir::ExprId id, int64_t op) {
        if (op != number(FoldOp::Fma)) return out.push_back(value(id));
        auto [x, y] = factors(id);
        out.push_back(x);
        out.push_back(y);
    };
    auto *tuple = std::get_if<hir::Tuple>(&body.exprs[of.value].node);
    if (ops.size() == 1) {
        one(of.value, ops[0]);
    } else if (tuple) {
        for (size_t k = 0; k < ops.size(); ++k) one(tuple->elems[k], ops[k]);
    } else {
        ValueId whole = value(of.value);
        if (dead) return {};
        for (size_t k = 0; k < ops.size(); ++k) out.push_back(b.get(whole, static_cast<int64_t>(k)));
    }
    return out;
}

bool FunctionLowering::anyOrder(HType result, const std::vector<int64_t> &ops) {
    PType type = all.type(result);
    auto integer = [&](PType t) { return pir::isInteger(types().kind(t)) || types().kind(t) == TypeKind::Bool; };
    for (int64_t op : ops)
        if (op == number(FoldOp::Fn)) return false;
    if (types().kind(type) != TypeKind::Tuple) return integer(type);
    if (ops.size() < 2) return false;
    for (PType part : types()[type].parts)
        if (!integer(part)) return false;
    return true;
}

/// Are there indices in front that depend on one another? A fold that counts iterations (`flat`) needs all extents beforehand, one by rows
/// all but the last.
bool FunctionLowering::unknownRows(const hir::Loop &loop, bool flat) {
    size_t leading = leadingClauses(loop), known = 0, rank = 0;
    for (size_t k = 0; k < loop.clauses.size(); ++k) {
        rank += rankOf(loop.clauses[k].source);
        if (k < leading) known = rank;
    }
    return known + (flat ? 0 : 1) < rank || (rank > 3 && known < rank);
}

/// Is it a scalar, or a tuple of such?
bool FunctionLowering::isColumns(PType type) {
    const pir::Type &of = types()[type];
    if (of.kind != TypeKind::Tuple) return pir::isScalar(of.kind);
    return std::ranges::all_of(of.parts, [&](PType part) { return isColumns(part); });
}

ValueId FunctionLowering::fold(HType result, hir::LoopId id, const hir::Loop &loop) {
    std::vector<int64_t> ops = foldOps(loop, result);
    if (loop.execution == hir::Execution::Serial) {
        if (anyOrder(result, ops)) return plainSerialFold(result, id, loop, ops);
        if (!pureLoop(loop)) return bufferedFold(result, id, loop, ops);
    }
    // Rows whose number or length is known only while the loop runs: the values are computed here, one after the other, and folded in parallel.
    bool by_function = ops == std::vector<int64_t>{number(FoldOp::Fn)};
    if (!anyOrder(result, ops) && unknownRows(loop, by_function || !isColumns(all.type(result)))) return bufferedFold(result, id, loop, ops);
    ParBody setup;
    setup.attrs.push_back({AttrKey::Ops, ops});
    setup.inside = [&](OpId, const std::vector<ValueId> &) {
        std::vector<ValueId> values = foldedValues(loop, ops);
        if (dead) return;
        b.yield(std::move(values));
        terminate();
    };
    OpId op = parallel(id, loop, OpCode::ParFold, all.type(result), setup);
    combineRegions(op, loop, result, ops);
    return fn().ops[op].result;
}

// ---- user functions ---------------------------------------------------------------------------------------------

void FunctionLowering::combineRegion(OpId op, int64_t k, PType type,
                                     const std::function<void(ValueId, ValueId)> &inside) {
    region(op, Role::Combine, k, [&](pir::RegionId made) {
        ValueId left = b.addParam(made, types().ref(type));
        ValueId right = b.addParam(made, types().ref(type));
        inside(left, right);
    });
}

void FunctionLowering::combineRegions(OpId op, const hir::Loop &loop, HType result, const std::vector<int64_t> &ops) {
    if (ops != std::vector<int64_t>{number(FoldOp::Fn)}) return;
    std::vector<std::pair<int64_t, hir::ExprId>> identities;
    for (size_t k = 0; k < loop.ops.size(); ++k)
        if (loop.ops[k].identity) identities.emplace_back(loop.ops.size() == 1 ? -1 : static_cast<int64_t>(k), loop.ops[k].identity);
    initRegion(op, 0, all.type(result), identities);
    combineRegion(op, 0, all.type(result), [&](ValueId left, ValueId right) {
        if (loop.ops.size() == 1) return combineInto(loop.ops[0], result, left, right);
        const types::TupleType tuple = *all.types.as<types::TupleType>(result);
        for (size_t k = 0; k < loop.ops.size(); ++k) {
            auto part = static_cast<int64_t>(k);
            combineInto(loop.ops[k], tuple.elems[k], b.field(left, part), b.field(right, part));
        }
    });
}

ValueId FunctionLowering::combineScalars(int64_t op, ValueId left, ValueId right) {
    switch (static_cast<FoldOp>(op)) {
    case FoldOp::Add: return b.binary(OpCode::Add, left, right);
    case FoldOp::Mul: return b.binary(OpCode::Mul, left, right);
    case FoldOp::Min: return b.binary(OpCode::Min, left, right);
    case FoldOp::Max: return b.binary(OpCode::Max, left, right);
    case FoldOp::And: return b.binary(OpCode::And, left, right);
    case FoldOp::Or: return b.binary(OpCode::Or, left, right);
    case FoldOp::Xor: return b.binary(OpCode::Xor, left, right);
    default: PAR_UNREACHABLE("fold operator {}", op);
    }
}

/// left = left op right, both refs.
void FunctionLowering::combineInto(const hir::FoldOp &fold, HType type, ValueId left, ValueId right) {
    bool owning = all.owns(type);
    if (fold.builtin) {
        if (pir::isScalar(types().kind(all.type(type))))
            return b.store(left, combineScalars(number(pirOperator(fold)), b.load(left), b.load(right)));
        unsupported(fold.span, "a built-in operator beside functions on values that are no scalars", {});
        return;
    }
    std::vector<types::FnParam> params;
    if (fold.function.function) {
        const hir::Function &function = all.program.functions[fold.function.function];
        params = paramsOf(function, typeArgs(fold.function));
    } else {
        HType type_of = concrete(body.locals[fold.function.closure].type);
        if (fold.literal) locals[fold.function.closure.raw] = bindingOf(fold.literal, type_of);
        params = all.types.as<types::FnType>(type_of)->params;
    }
    auto operand = [&](size_t i, ValueId ref) -> ValueId {
        switch (params[i].mode) {
        case types::Mode::Inout: return all.types.is<types::ViewType>(params[i].type) ? b.view(ref) : ref;
        case types::Mode::Sink: return owning ? b.take(ref) : b.load(ref);
        case types::Mode::Read: break;
        }
        if (all.types.is<types::ViewType>(params[i].type)) return b.view(ref);
        return owning ? ref : b.load(ref);
    };
    std::vector<ValueId> values = {operand(0, left), operand(1, right)};
    ValueId made = callCallee(fold.function, std::move(values));
    if (fold.merges || !made.valid()) return discard(made);
    if (owning) {
        ValueId held = spill(made);
        b.drop(left);
        made = b.take(held);
    }
    b.store(left, made);
}

/// Folds by functions start from `T()`, which is all zero unless fields have defaults.
void FunctionLowering::initRegion(OpId op, int64_t k, PType type, const std::vector<std::pair<int64_t, hir::ExprId>> &parts) {
    if (parts.empty()) return;
    region(op, Role::Init, k, [&](pir::RegionId made) {
        ValueId place = b.addParam(made, types().ref(type));
        for (auto [part, identity] : parts) b.store(part < 0 ? place : b.field(place, part), value(identity));
    });
}

// ---- identities -------------------------------------------------------------------------------------------------

ValueId FunctionLowering::identity(int64_t op, PType type) {
    TypeKind kind = types().kind(type);
    bool is_float = pir::isFloat(kind);
    auto all_ones = [&] { return kind == TypeKind::Bool ? b.constBool(true) : b.unary(OpCode::Not, b.zero(type)); };
    int64_t width = 8 * pir::scalarBytes(kind);
    uint64_t ones = width == 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
    int64_t largest = pir::isSigned(kind) ? static_cast<int64_t>(ones >> 1) : static_cast<int64_t>(ones);
    int64_t smallest = pir::isSigned(kind) ? -static_cast<int64_t>(ones >> 1) - 1 : 0;
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    switch (static_cast<FoldOp>(op)) {
    case FoldOp::Mul: return is_float ? b.constFloat(type, 1) : b.constInt(type, 1);
    case FoldOp::Min:
        return is_float ? b.constFloat(type, kInfinity) : b.constInt(type, kind == TypeKind::Bool ? 1 : largest);
    case FoldOp::Max: return is_float ? b.constFloat(type, -kInfinity) : b.constInt(type, smallest);
    case FoldOp::And: return all_ones();
    default: return b.zero(type);
    }
}

} // namespace parlane::lower
