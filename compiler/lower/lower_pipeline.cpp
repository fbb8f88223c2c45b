// pipeline: the source makes an item, the stages hand it on. What a later stage uses of an earlier one is a slot of the
// token.
#include "compiler/lower/function_lowering.h"
#include "lang/access/children.h"
#include "lang/base/match.h"

#include <algorithm>
#include <set>

namespace parlane::lower {

using pir::AttrKey;
using pir::TypeKind;

namespace {

pir::StageKind stageKind(hir::StageKind kind) {
    switch (kind) {
    case hir::StageKind::Serial: return pir::StageKind::Serial;
    case hir::StageKind::Parallel: return pir::StageKind::Parallel;
    case hir::StageKind::Unordered: return pir::StageKind::Unordered;
    }
    PAR_UNREACHABLE("stage");
}

void addUses(const hir::Body &body, hir::BlockId block, std::set<hir::LocalId> &out) {
    std::function<void(hir::ExprId)> expr;
    std::function<void(hir::BlockId)> blocks;
    access::Visitor visitor{[&](hir::ExprId id) { expr(id); }, [&](hir::BlockId id) { blocks(id); }};
    expr = [&](hir::ExprId id) {
        if (auto *local = std::get_if<hir::LocalRef>(&body.exprs[id].node)) out.insert(local->local);
        if (auto *call = std::get_if<hir::Call>(&body.exprs[id].node); call && call->callee.closure)
            out.insert(call->callee.closure);
        access::visitParts(body, id, visitor);
    };
    blocks = [&](hir::BlockId id) {
        for (hir::StmtId stmt : body.blocks[id].stmts) access::visitParts(body, stmt, visitor);
        if (body.blocks[id].value) expr(body.blocks[id].value);
    };
    blocks(block);
}

} // namespace

PType FunctionLowering::tokenType(hir::LocalId id) {
    PType type = all.type(concrete(body.locals[id].type));
    bool alias = body.locals[id].storage != hir::Storage::Owned && types().kind(type) != TypeKind::View &&
                 !isSmallPlain(types(), type);
    return alias ? types().ref(type) : type;
}

/// Locals that one region binds and a later one uses.
std::vector<hir::LocalId> FunctionLowering::tokenLocals(const hir::Pipeline &pipeline, bool counted) {
    std::vector<hir::LocalId> out, bound;
    if (!counted && pipeline.clause.pattern) access::addBindings(body, pipeline.clause.pattern, bound);
    for (size_t k = 0; k < pipeline.stages.size(); ++k) {
        std::set<hir::LocalId> used;
        addUses(body, pipeline.stages[k].body, used);
        for (hir::LocalId local : bound)
            if (used.contains(local) && std::ranges::find(out, local) == out.end() &&
                !all.isUnit(concrete(body.locals[local].type)))
                out.push_back(local);
        for (hir::LocalId local : boundBy(body.blocks[pipeline.stages[k].body])) bound.push_back(local);
    }
    return out;
}

void FunctionLowering::bindTokens(pir::RegionId made, const std::vector<hir::LocalId> &tokens) {
    for (hir::LocalId local : tokens) {
        ValueId slot = b.addParam(made, types().ref(tokenType(local)), nameOf(local));
        bool alias = types().kind(tokenType(local)) == TypeKind::Ref;
        PAR_CHECK(!alias, "`{}` is an alias that crosses stages", nameOf(local));
        locals[local.raw] = {LocalBinding::Kind::Ref, slot, {}, {}};
        outer_slots.insert(local.raw);
    }
}

ValueId FunctionLowering::lower(hir::ExprId, const hir::PipelineExpr &n) {
    const hir::Pipeline &pipeline = body.pipelines[n.pipeline];
    bool counted = isCounted(pipeline.clause.source);
    SourcePlan made;
    if (counted) made = plan(pipeline.clause.source);
    auto *next = std::get_if<hir::NextSource>(&body.sources[pipeline.clause.source].node);
    if (next && next->owned && next->init) {
        ValueId state = value(next->init);
        if (!dead) declare(next->owned, state);
    }
    std::vector<ValueId> operands;
    if (pipeline.limit) {
        ValueId limit = index(pipeline.limit), zero = b.constInt(0);
        Located here(*this, body.exprs[pipeline.limit].span);
        b.check(b.compare(OpCode::Lt, zero, limit), pir::Trap::Limit, {limit});
        operands.push_back(limit);
    }
    std::vector<hir::LocalId> tokens = tokenLocals(pipeline, counted);
    for (hir::LocalId local : tokens)
        if (types().kind(tokenType(local)) == TypeKind::Ref) {
            unsupported(body.locals[local].span, "a part that does not copy, bound in one stage and used in another",
                        {});
            return {};
        }
    std::vector<int64_t> kinds;
    for (const hir::Stage &stage : pipeline.stages) kinds.push_back(static_cast<int64_t>(stageKind(stage.kind)));
    OpId op = b.op(OpCode::ParPipeline, {}, std::move(operands),
                   {{AttrKey::Stages, kinds}, {AttrKey::Space, std::string("cpu")}});
    std::unordered_set<uint32_t> before = outer_slots;
    open_regions[access::RegionId{n.pipeline}] = op;
    pipeline_targets[n.pipeline.raw] = op;
    pipelineSource(op, pipeline, counted ? &made : nullptr, tokens);
    for (size_t k = 0; k < pipeline.stages.size(); ++k)
        pipelineStage(op, n.pipeline, k, counted ? &made : nullptr, tokens);
    open_regions.erase(access::RegionId{n.pipeline});
    outer_slots = std::move(before);
    return {};
}

/// What is counted where the user names no index.
static const std::string kItem[] = {"item"};

void FunctionLowering::pipelineSource(OpId op, const hir::Pipeline &pipeline, const SourcePlan *counted,
                                      const std::vector<hir::LocalId> &tokens) {
    region(op, Role::Source, [&](pir::RegionId made) {
        ValueId item = b.addParam(made, types().i64(), "item");
        bindTokens(made, tokens);
        iteration(op, {item}, kItem);
        if (counted) return yield(b.compare(OpCode::Lt, item, countOf(*counted)));
        const hir::Clause &clause = pipeline.clause;
        match(
            body.sources[clause.source].node,
            [&](const hir::NextSource &s) {
                Subject of = subjectOfValue(value(s.call));
                if (dead) return;
                ValueId some = b.compare(OpCode::Ne, tagOf(of), b.constInt(types().u8(), 0));
                when(some, [&] {
                    if (clause.pattern) bind(clause.pattern, payloadOf(of, 1));
                });
                yield(some);
            },
            [&](const hir::WhileSource &s) { yield(value(s.condition)); },
            [&](const hir::WhileLetSource &s) {
                Subject of = subject(s.value);
                if (dead) return;
                ValueId fits = test(clause.pattern, of);
                when(fits, [&] { bind(clause.pattern, of); });
                yield(fits);
            },
            [&](const auto &) { PAR_UNREACHABLE("a counted source"); });
    });
}

void FunctionLowering::pipelineStage(OpId op, hir::PipelineId id, size_t k, const SourcePlan *counted,
                                     const std::vector<hir::LocalId> &tokens) {
    const hir::Pipeline &pipeline = body.pipelines[id];
    region(op, Role::Stage, static_cast<int64_t>(k), [&](pir::RegionId made) {
        ValueId item = b.addParam(made, types().i64(), "item");
        bindTokens(made, tokens);
        if (counted && pipeline.clause.pattern) {
            std::vector<ValueId> indices = spread(*counted, {item});
            Subject of = itemAt(*counted, indices, op);
            const std::string names[] = {indexName(pipeline.clause)};
            iteration(op, {userIndex(pipeline.clause.source, of, item)}, names[0].empty() ? kItem : names);
            bind(pipeline.clause.pattern, of);
        } else {
            iteration(op, {item}, kItem);
        }
        discard(block(pipeline.stages[k].body));
    });
}

} // namespace parlane::lower
