// Loops as they run on one thread.
#include "compiler/lower/function_lowering.h"
#include "lang/base/match.h"

namespace parlane::lower {

using pir::TypeKind;

ValueId FunctionLowering::lower(hir::ExprId id, const hir::LoopExpr &n) {
    const hir::Loop &loop = body.loops[n.loop];
    HType result = typeOf(id);
    const access::RegionFacts *facts =
        loop.execution == hir::Execution::Serial ? nullptr : proofs.region(access::RegionId{n.loop});
    if (facts && !facts->guards.empty()) return guardedLoop(result, n.loop, loop, facts->guards);
    return loopOfKind(result, n.loop, loop);
}

ValueId FunctionLowering::loopOfKind(HType result, hir::LoopId id, const hir::Loop &loop) {
    switch (loop.kind) {
    case hir::LoopKind::Statement: return statementLoop(id, loop), ValueId{};
    case hir::LoopKind::Collect: return collect(result, id, loop);
    case hir::LoopKind::Fold: return fold(result, id, loop);
    case hir::LoopKind::Scan:
    case hir::LoopKind::ScanInclusive: return scan(result, id, loop);
    case hir::LoopKind::First: return first(result, id, loop);
    }
    PAR_UNREACHABLE("loop");
}

/// Whether all accumulators are integers under built-in operators: only they may be grouped as the serial order does it.
bool FunctionLowering::groupsFreely(const hir::Loop &loop) {
    for (const hir::Accumulator &accumulator : loop.accumulators) {
        HType type = typeOf(accumulator.place), elem = all.types.elemOf(type);
        pir::TypeKind kind = types().kind(all.type(elem.valid() ? elem : type));
        if (!accumulator.op.builtin || pir::isFloat(kind) || !pir::isScalar(kind)) return false;
    }
    return true;
}

void FunctionLowering::statementLoop(hir::LoopId id, const hir::Loop &loop) {
    if (loop.execution != hir::Execution::Serial) return parFor(id, loop);
    if (!groupsFreely(loop)) {
        if (pureLoop(loop)) return parFor(id, loop);
        unsupported(loop.accumulators[0].span,
                    "a serial loop that changes other things beside an accumulator that is no integer", {});
        return;
    }
    loop_targets[id.raw] = {};
    serialLoop({id, loop, nullptr, [&](const std::vector<ValueId> &) { discard(block(loop.body)); }, {}, true, false});
}

std::vector<SourcePlan> FunctionLowering::planAll(const hir::Loop &loop) {
    std::vector<SourcePlan> out;
    for (const hir::Clause &clause : loop.clauses) out.push_back(plan(clause.source));
    return out;
}

std::vector<ValueId> FunctionLowering::allExtents(const std::vector<SourcePlan> &plans) {
    std::vector<ValueId> out;
    for (const SourcePlan &of : plans) out.insert(out.end(), of.extents.begin(), of.extents.end());
    return out;
}

/// The outermost op is what `break` leaves (unless the caller said otherwise), the innermost what `continue` repeats.
void FunctionLowering::noteLoop(hir::LoopId id, OpId op) {
    LoopTarget &target = loop_targets[id.raw];
    if (!target.leave.valid()) target.leave = op;
    target.again = op;
}

void FunctionLowering::serialLoop(const Nest &nest) {
    std::vector<ValueId> indices;
    std::vector<SourcePlan> early;
    if (!nest.plans && nest.loop.rectangular && nest.loop.clauses.size() > 1) {
        // Independent sources are evaluated once.
        bool counted = true;
        for (const hir::Clause &clause : nest.loop.clauses) counted = counted && isCounted(clause.source);
        if (counted) {
            early = planAll(nest.loop);
            Nest with = nest;
            with.plans = &early;
            return serialNest(with, 0, indices);
        }
    }
    serialNest(nest, 0, indices);
}

void FunctionLowering::serialNest(const Nest &nest, size_t k, std::vector<ValueId> &indices) {
    if (k == nest.loop.clauses.size()) {
        if (!nest.loop.filter || !nest.filters) return nest.inside(indices);
        ValueId keeps;
        statementFrame([&] { keeps = value(nest.loop.filter); });
        if (!dead) when(keeps, [&] { nest.inside(indices); });
        return;
    }
    const hir::Clause &clause = nest.loop.clauses[k];
    bool text = std::holds_alternative<hir::StrSource>(body.sources[clause.source].node);
    if (!isCounted(clause.source) || (text && !nest.indexed)) {
        if (nest.on_row && k + 1 == nest.loop.clauses.size()) nest.on_row();
        return serialUncounted(nest, k, indices);
    }
    SourcePlan made = nest.plans ? (*nest.plans)[k] : plan(clause.source);
    serialCounted(nest, k, made, {}, indices);
}

void FunctionLowering::serialCounted(const Nest &nest, size_t k, const SourcePlan &of, std::vector<ValueId> own,
                                     std::vector<ValueId> &indices) {
    size_t dim = own.size();
    const hir::Clause &clause = nest.loop.clauses[k];
    bool innermost = k + 1 == nest.loop.clauses.size() && dim + 1 == of.extents.size();
    if (innermost && nest.on_row) nest.on_row();
    bool is_range = std::holds_alternative<hir::RangeSource>(body.sources[of.source].node);
    // Where nobody asks for the index, a range runs over its own values.
    bool direct = is_range && !nest.indexed;
    ValueId lo = direct ? of.lo : b.constInt(0);
    ValueId step = direct && of.step.valid() ? of.step : b.constInt(fn().type(lo), 1);
    forRange(lo, of.extents[dim], step, [&](OpId op, ValueId i) {
        noteLoop(nest.id, op);
        std::vector<ValueId> deeper = own;
        deeper.push_back(i);
        indices.push_back(i);
        if (deeper.size() < of.extents.size()) {
            serialCounted(nest, k, of, deeper, indices);
        } else {
            Subject item = direct ? Subject{Subject::Kind::Value, i, {}} : itemAt(of, deeper, {});
            if (clause.pattern) bind(clause.pattern, item);
            serialNest(nest, k + 1, indices);
        }
        indices.pop_back();
    });
}

void FunctionLowering::serialUncounted(const Nest &nest, size_t k, std::vector<ValueId> &indices) {
    const hir::Clause &clause = nest.loop.clauses[k];
    const hir::Source &source = body.sources[clause.source];
    Located here(*this, source.span);
    if (auto *text = std::get_if<hir::StrSource>(&source.node)) return serialText(nest, k, *text, indices);
    if (auto *next = std::get_if<hir::NextSource>(&source.node); next && next->owned && next->init) {
        ValueId state = value(next->init);
        if (!dead) declare(next->owned, state);
    }
    OpId op = b.op(OpCode::Loop, {});
    noteLoop(nest.id, op);
    region(op, Role::Body, [&](pir::RegionId) {
        auto unless = [&](ValueId goes_on) { when(b.unary(OpCode::Not, goes_on), [&] { leave(op); }); };
        match(
            source.node,
            [&](const hir::WhileSource &s) {
                auto *literal = std::get_if<hir::BoolLit>(&body.exprs[s.condition].node);
                if (literal && literal->value) return;
                ValueId goes_on;
                statementFrame([&] { goes_on = value(s.condition); });
                if (!dead) unless(goes_on);
            },
            [&](const hir::WhileLetSource &s) {
                Subject of = subject(s.value);
                if (dead) return;
                unless(test(clause.pattern, of));
                bind(clause.pattern, of);
            },
            [&](const hir::NextSource &s) {
                Subject of = subjectOfValue(value(s.call));
                if (dead) return;
                unless(b.compare(OpCode::Ne, tagOf(of), b.constInt(types().u8(), 0)));
                if (clause.pattern) bind(clause.pattern, payloadOf(of, 1));
            },
            [&](const auto &) { PAR_UNREACHABLE("a counted source"); });
        if (!dead) serialNest(nest, k + 1, indices);
    });
}

void FunctionLowering::serialText(const Nest &nest, size_t k, const hir::StrSource &source,
                                  std::vector<ValueId> &indices) {
    ValueId text = refTo(source.text);
    ValueId bytes = b.extent(b.view(text), 0), at = b.slot(types().i64());
    OpId op = b.op(OpCode::Loop, {});
    noteLoop(nest.id, op);
    region(op, Role::Body, [&](pir::RegionId) {
        when(inOrder(bytes, b.load(at)), [&] { leave(op); });
        ValueId code = b.callRt("str_next", types().scalar(TypeKind::U32), {text, at});
        bind(nest.loop.clauses[k].pattern, {Subject::Kind::Value, code, {}});
        serialNest(nest, k + 1, indices);
    });
}

} // namespace parlane::lower
