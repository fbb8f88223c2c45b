// Parallel loops in general: extents, guards, the body with its patterns and filter.
#include "compiler/lower/function_lowering.h"
#include "lang/access/children.h"
#include "lang/base/match.h"

#include <set>

namespace parlane::lower {

using pir::AttrKey;
using pir::TypeKind;

namespace {
constexpr size_t kMostIndices = 3; ///< of par.* ops
}

/// How many clauses in front depend on no earlier one: their extents are operands.
size_t FunctionLowering::leadingClauses(const hir::Loop &loop) {
    if (loop.rectangular) return loop.clauses.size();
    std::set<hir::LocalId> bound;
    size_t leading = 0;
    for (; leading < loop.clauses.size(); ++leading) {
        bool depends = false;
        std::function<void(hir::ExprId)> expr;
        access::Visitor visitor{[&](hir::ExprId id) { expr(id); }, [&](hir::BlockId) { depends = true; }};
        expr = [&](hir::ExprId id) {
            if (auto *local = std::get_if<hir::LocalRef>(&body.exprs[id].node))
                depends = depends || bound.contains(local->local);
            access::visitParts(body, id, visitor);
        };
        access::visitParts(body, loop.clauses[leading].source, visitor);
        if (depends) break;
        std::vector<hir::LocalId> locals_bound;
        if (loop.clauses[leading].pattern) access::addBindings(body, loop.clauses[leading].pattern, locals_bound);
        bound.insert(locals_bound.begin(), locals_bound.end());
    }
    return leading;
}

/// Pir has loops of up to three indices. Of more, the outer ones become one that counts them row-major, which keeps the order of folds: rows stay
/// rows.
std::vector<ValueId> FunctionLowering::mergedExtents(const std::vector<ValueId> &extents) {
    ValueId zero = b.constInt(0), outer = b.binary(OpCode::Max, extents[0], zero);
    size_t alone = extents.size() - (kMostIndices - 1);
    for (size_t k = 1; k < alone; ++k) outer = b.binary(OpCode::Mul, outer, b.binary(OpCode::Max, extents[k], zero));
    std::vector<ValueId> out = {outer};
    out.insert(out.end(), extents.begin() + static_cast<ptrdiff_t>(alone), extents.end());
    return out;
}

/// The indices that the first one stands for, in front of the others.
std::vector<ValueId> FunctionLowering::splitIndices(const std::vector<ValueId> &merged, const std::vector<ValueId> &extents) {
    size_t outer = extents.size() - (kMostIndices - 1);
    std::vector<ValueId> out(outer);
    ValueId rest = merged[0];
    for (size_t k = outer; k-- > 1;) {
        out[k] = b.binary(OpCode::Rem, rest, extents[k]);
        rest = b.binary(OpCode::Div, rest, extents[k]);
    }
    out[0] = rest;
    out.insert(out.end(), merged.begin() + 1, merged.end());
    return out;
}

OpId FunctionLowering::parallel(hir::LoopId id, const hir::Loop &loop, OpCode code, PType result, ParBody &setup) {
    size_t leading = leadingClauses(loop), rank = 0;
    for (const hir::Clause &clause : loop.clauses) rank += rankOf(clause.source);
    std::vector<SourcePlan> plans;
    for (size_t k = 0; k < leading; ++k) plans.push_back(plan(loop.clauses[k].source));
    std::vector<ValueId> operands = allExtents(plans);
    if (setup.before) setup.before(operands);
    size_t indices = rank;
    if (rank > kMostIndices) {
        if (operands.size() < rank)
            unsupported(loop.header, "a parallel loop with more than three indices that depend on one another", {});
        operands.resize(rank, b.constInt(1));
        operands = mergedExtents(operands);
        rank = kMostIndices;
    }
    operands.insert(operands.end(), setup.behind.begin(), setup.behind.end());
    std::vector<pir::Attr> attrs = setup.attrs;
    attrs.push_back({AttrKey::Rank, static_cast<int64_t>(rank)});
    attrs.push_back({AttrKey::Space, std::string(serial_ops.contains(id) ? "serial" : "cpu")});
    if (!serial_ops.contains(id) && loop.execution == hir::Execution::SimdPar) attrs.push_back({AttrKey::Strict, int64_t{1}});
    OpId op = b.op(code, result, std::move(operands), std::move(attrs));
    open_regions[access::RegionId{id}] = op;
    if (indices == rank) extentRegions(loop, op, plans);
    parallelBody(id, loop, op, setup, plans, indices);
    open_regions.erase(access::RegionId{id});
    return op;
}

/// The items of the first `clauses` clauses, their patterns bound. Sources that depend on earlier items are evaluated
/// here.
std::vector<Subject> FunctionLowering::clauseItems(const hir::Loop &loop, const std::vector<SourcePlan> &plans,
                                                   const std::vector<ValueId> &indices, size_t clauses,
                                                   OpId region_op) {
    std::vector<Subject> out;
    size_t at = 0;
    for (size_t k = 0; k < clauses; ++k) {
        const hir::Clause &clause = loop.clauses[k];
        SourcePlan made = k < plans.size() ? plans[k] : plan(clause.source);
        std::vector<ValueId> own(indices.begin() + static_cast<ptrdiff_t>(at),
                                 indices.begin() + static_cast<ptrdiff_t>(at + made.extents.size()));
        at += made.extents.size();
        out.push_back(itemAt(made, own, region_op));
        if (clause.pattern) bind(clause.pattern, out.back());
    }
    return out;
}

/// Extents that depend on earlier indices, each as a region.
void FunctionLowering::extentRegions(const hir::Loop &loop, OpId op, const std::vector<SourcePlan> &plans) {
    size_t index = allExtents(plans).size();
    for (size_t k = plans.size(); k < loop.clauses.size(); ++k) {
        size_t dims = rankOf(loop.clauses[k].source);
        for (size_t d = 0; d < dims; ++d, ++index)
            region(op, Role::Extent, static_cast<int64_t>(index), [&](pir::RegionId made) {
                std::vector<ValueId> indices;
                for (size_t i = 0; i < index; ++i) indices.push_back(b.addParam(made, types().i64()));
                clauseItems(loop, plans, indices, k, {});
                SourcePlan last = plan(loop.clauses[k].source);
                yield(last.extents[d]);
            });
    }
}

ValueId FunctionLowering::userIndex(hir::SourceId source, const Subject &item, ValueId index) {
    bool is_range = std::holds_alternative<hir::RangeSource>(body.sources[source].node);
    if (!is_range) return index;
    return kindOf(item.id) == TypeKind::I64 ? item.id : b.convert(item.id, types().i64());
}

void FunctionLowering::iteration(OpId op, std::vector<ValueId> indices, std::span<const std::string> names) {
    std::string list;
    bool any = false;
    for (size_t k = 0; k < names.size(); ++k) {
        if (k > 0) list += ", ";
        list += names[k];
        any = any || !names[k].empty() || k > 0;
    }
    std::vector<pir::Attr> attrs = {{AttrKey::Text, std::string(pir::constructName(fn().ops[op]))}};
    if (any) attrs.push_back({AttrKey::Name, list});
    pir::LocId before = b.loc;
    b.loc = fn().ops[op].loc;
    b.op(OpCode::Iteration, {}, std::move(indices), std::move(attrs));
    b.loc = before;
}

/// The name that a clause gives to its only index; empty if it has none.
std::string FunctionLowering::indexName(const hir::Clause &clause) {
    auto *single = clause.pattern ? std::get_if<hir::BindPattern>(&body.patterns[clause.pattern].node) : nullptr;
    bool is_range = std::holds_alternative<hir::RangeSource>(body.sources[clause.source].node);
    return single && is_range ? std::string(nameOf(single->local)) : std::string();
}

void FunctionLowering::parallelBody(hir::LoopId id, const hir::Loop &loop, OpId op, ParBody &setup,
                                    const std::vector<SourcePlan> &plans, size_t rank) {
    region(op, Role::Checked, [&](pir::RegionId made) {
        std::vector<ValueId> indices, extra;
        std::vector<std::string> names;
        for (const hir::Clause &clause : loop.clauses)
            for (size_t d = 0; d < rankOf(clause.source); ++d) names.push_back(indexName(clause));
        size_t shown_count = std::min(rank, kMostIndices);
        for (size_t k = 0; k < shown_count; ++k) {
            bool merged = k == 0 && rank > kMostIndices;
            indices.push_back(b.addParam(made, types().i64(), merged ? std::string() : names[rank - shown_count + k]));
        }
        for (PType type : setup.extra_params) extra.push_back(b.addParam(made, type));
        size_t accumulators_before = open_accumulators.size();
        open_bodies.emplace_back(op, made);
        // The user's indices come first where they are the parameters.
        if (rank > kMostIndices) {
            std::vector<ValueId> extents = allExtents(plans);
            extents.resize(rank, b.constInt(1));
            indices = splitIndices(indices, extents);
        }
        bool early = plans.size() == loop.clauses.size() && rank <= kMostIndices;
        for (const SourcePlan &of : plans)
            early = early && (of.from_zero || !std::holds_alternative<hir::RangeSource>(body.sources[of.source].node));
        if (early) iteration(op, indices, names);
        std::vector<Subject> items = clauseItems(loop, plans, indices, loop.clauses.size(), op);
        std::vector<ValueId> shown;
        for (size_t k = 0, at = 0; k < loop.clauses.size(); ++k)
            for (size_t d = 0; d < rankOf(loop.clauses[k].source); ++d, ++at)
                shown.push_back(userIndex(loop.clauses[k].source, items[k], indices[at]));
        if (!early) iteration(op, std::move(shown), names);
        loop_targets[id.raw] = {{}, op, {}, {}, {}};
        if (setup.start) setup.start(extra);
        if (loop.filter) {
            ValueId keeps;
            statementFrame([&] { keeps = value(loop.filter); });
            if (!dead) when(b.unary(OpCode::Not, keeps), [&] { again(op); });
        }
        if (!dead) setup.inside(op, indices);
        open_accumulators.resize(accumulators_before);
        open_bodies.pop_back();
    });
}

} // namespace parlane::lower
