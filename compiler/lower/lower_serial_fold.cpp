// Folds of serial loops. The order of a fold belongs to its meaning, not to how it runs: integers add up as they come;
// anything else is put into a buffer, which par.fold then folds in the order of the language.
#include "compiler/lower/function_lowering.h"
#include "lang/access/children.h"

#include <set>

namespace parlane::lower {

using pir::AttrKey;
using pir::FoldOp;
using pir::TypeKind;

ValueId FunctionLowering::plainSerialFold(HType result, hir::LoopId id, const hir::Loop &loop,
                                          const std::vector<int64_t> &ops) {
    PType type = all.type(result);
    std::vector<PType> parts = types().kind(type) == TypeKind::Tuple ? types()[type].parts : std::vector<PType>{type};
    std::vector<ValueId> slots;
    for (size_t k = 0; k < parts.size(); ++k) {
        slots.push_back(b.slot(parts[k]));
        b.store(slots[k], identity(ops[k], parts[k]));
    }
    loop_targets[id.raw] = {};
    serialLoop({id,
                loop,
                nullptr,
                [&](const std::vector<ValueId> &) {
                    std::vector<ValueId> values = foldedValues(loop, ops);
                    if (dead) return;
                    for (size_t k = 0; k < slots.size(); ++k)
                        b.store(slots[k], combineScalars(ops[k], b.load(slots[k]), values[k]));
                },
                {},
                true,
                false});
    std::vector<ValueId> totals;
    for (ValueId slot : slots) totals.push_back(b.load(slot));
    return types().kind(type) == TypeKind::Tuple ? b.emit(OpCode::Tuple, type, std::move(totals)) : totals[0];
}

ValueId FunctionLowering::bufferedFold(HType result, hir::LoopId id, const hir::Loop &loop,
                                       const std::vector<int64_t> &ops) {
    // A skipped iteration keeps its place: the buffer holds optionals.
    PType type = all.type(result), i64 = types().i64();
    std::vector<PType> yields;
    for (size_t k = 0; k < ops.size(); ++k) {
        PType part = ops.size() == 1 ? type : types()[type].parts[k];
        yields.push_back(part);
        if (ops[k] == static_cast<int64_t>(FoldOp::Fma)) yields.push_back(part);
    }
    PType packed = yields.size() == 1 ? yields[0] : types().tuple(yields), item = types().optional(packed);
    ValueId items = temp(types().array(item, 1)), count = b.slot(i64);
    // Under built-in operators each innermost row folds by itself.
    bool whole = (ops.size() == 1 && ops[0] == static_cast<int64_t>(FoldOp::Fn)) || !isColumns(all.type(result));
    size_t rank = 0;
    for (const hir::Clause &clause : loop.clauses) rank += rankOf(clause.source);
    bool by_rows = rank > 1 && !whole;
    ValueId starts, rows;
    if (by_rows) starts = temp(types().array(i64, 1)), rows = b.slot(i64);
    loop_targets[id.raw] = {};
    Nest nest{id, loop, nullptr, {}, {}, false, false};
    if (by_rows) nest.on_row = [&] { append({starts}, rows, {b.load(count)}); };
    nest.inside = [&](const std::vector<ValueId> &) {
        ValueId one = inBlock(item, [&](OpId skip) {
            ValueId none = b.zero(item);
            loop_targets[id.raw].skip = skip;
            loop_targets[id.raw].skipped = none;
            if (loop.filter) {
                ValueId keeps;
                statementFrame([&] { keeps = value(loop.filter); });
                when(b.unary(OpCode::Not, keeps), [&] { leave(skip, none); });
            }
            std::vector<ValueId> values = foldedValues(loop, ops);
            if (dead) return none;
            ValueId inner = values.size() == 1 ? values[0] : b.emit(OpCode::Tuple, packed, std::move(values));
            return b.emit(OpCode::Case, item, {inner}, {{AttrKey::Case, int64_t{1}}});
        });
        if (!dead) append({items}, count, {one});
    };
    serialLoop(nest);
    if (by_rows) {
        ValueId lines = b.load(rows);
        append({starts}, rows, {b.load(count)});
        return foldBuffer(result, loop, ops, items, b.load(count), starts, lines);
    }
    return foldBuffer(result, loop, ops, items, b.load(count), {}, {});
}

/// par.fold over the buffer; `starts` holds where each of the `rows` begins, and where the last one ends.
ValueId FunctionLowering::foldBuffer(HType result, const hir::Loop &loop, const std::vector<int64_t> &ops,
                                     ValueId items, ValueId count, ValueId starts, ValueId rows) {
    PType type = all.type(result), i64 = types().i64();
    ValueId view = b.view(items), lines = starts.valid() ? b.view(starts) : ValueId{};
    auto begin = [&](ValueId row) { return b.load(b.elem(lines, {row}, pir::Bounds::Proved, pir::Own::Read)); };
    OpId op = b.op(OpCode::ParFold, type, {starts.valid() ? rows : count},
                   {{AttrKey::Ops, ops},
                    {AttrKey::Rank, starts.valid() ? int64_t{2} : int64_t{1}},
                    {AttrKey::Space, std::string("cpu")}});
    if (starts.valid())
        region(op, Role::Extent, 1, [&](pir::RegionId made) {
            ValueId row = b.addParam(made, i64);
            ValueId next = begin(b.binary(OpCode::Add, row, b.constInt(1)));
            yield(b.binary(OpCode::Sub, next, begin(row)));
        });
    region(op, Role::Checked, [&](pir::RegionId made) {
        ValueId i = b.addParam(made, i64);
        if (starts.valid()) {
            ValueId k = b.addParam(made, i64);
            i = b.binary(OpCode::Add, begin(i), k);
        }
        ValueId ref = b.elem(view, {i}, pir::Bounds::Proved, pir::Own::Loop, op);
        when(b.compare(OpCode::Eq, b.tag(ref), b.constInt(types().u8(), 0)), [&] { again(op); });
        ValueId inner = b.payload(ref, 1);
        PType packed = types()[fn().type(inner)].elem;
        bool single = ops.size() == 1 && ops[0] != static_cast<int64_t>(FoldOp::Fma);
        std::vector<ValueId> values;
        if (single) {
            values.push_back(ownsType(packed) ? b.take(inner) : b.load(inner));
        } else {
            ValueId whole = b.load(inner);
            for (size_t k = 0; k < types()[packed].parts.size(); ++k)
                values.push_back(b.get(whole, static_cast<int64_t>(k)));
        }
        b.yield(std::move(values));
        terminate();
    });
    combineRegions(op, loop, result, ops);
    return fn().ops[op].result;
}

// ---- loops that may as well run as par.fold ----------------------------------------------------------------------

/// It changes nothing but its own locals, leaves early by errors at most, and calls nothing with other effects.
bool FunctionLowering::pureLoop(const hir::Loop &loop) {
    for (const hir::Clause &clause : loop.clauses) {
        if (!isCounted(clause.source)) return false;
        if (auto *elements = std::get_if<hir::ElementsSource>(&body.sources[clause.source].node);
            elements && elements->mode != types::Mode::Read)
            return false;
        if (!loop.rectangular) return false;
    }
    std::set<hir::LocalId> inner, accumulated;
    bool pure = true;
    std::function<void(hir::BlockId)> block;
    std::function<void(hir::ExprId)> expr;
    access::Visitor visitor{[&](hir::ExprId id) { expr(id); }, [&](hir::BlockId id) { block(id); }};
    expr = [&](hir::ExprId id) {
        pure = pure && pureExpr(id);
        access::visitParts(body, id, visitor);
    };
    block = [&](hir::BlockId id) {
        for (hir::LocalId local : boundBy(body.blocks[id])) inner.insert(local);
        for (hir::StmtId stmt : body.blocks[id].stmts) access::visitParts(body, stmt, visitor);
        if (body.blocks[id].value) expr(body.blocks[id].value);
    };
    block(loop.body);
    if (loop.filter) expr(loop.filter);
    access::Writes writes;
    access::addWrites(body, loop.body, writes);
    if (loop.filter) access::addWrites(body, loop.filter, writes);
    for (const hir::Accumulator &accumulator : loop.accumulators) accumulated.insert(rootOf(accumulator.place));
    for (hir::LocalId local : writes.written) pure = pure && (inner.contains(local) || accumulated.contains(local));
    return pure;
}

bool FunctionLowering::pureExpr(hir::ExprId id) {
    const hir::ExprNode &node = body.exprs[id].node;
    if (std::holds_alternative<hir::Break>(node) || std::holds_alternative<hir::Continue>(node) ||
        std::holds_alternative<hir::Return>(node) || std::holds_alternative<hir::InvokeExpr>(node) ||
        std::holds_alternative<hir::PipelineExpr>(node))
        return false;
    auto *call = std::get_if<hir::Call>(&node);
    if (!call) return true;
    if (!call->callee.function) return false;
    const access::Effects &effects = all.proofs[call->callee.function].effects;
    return effects.writesNothing() && !effects.reads_world;
}

} // namespace parlane::lower
