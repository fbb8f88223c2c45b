// `invoke` and `pipeline`.
#include "lang/check/body.h"

namespace parlane::check {

ExprId BodyChecker::invokeStmt(const ast::InvokeStmt &s, Span span) {
    hir::Invoke out;
    out.span = span;
    const ast::Block &written = tree()[s.branches];
    out.keyword = {span.begin, written.span.begin};
    std::vector<std::pair<NameId, LocalId>> bound;
    const size_t siblings = sibling_names.size();
    const auto id = body.invokes.add({});
    for (ast::StmtId branch : written.statements) {
        hir::Block block;
        block.type = types().unit;
        block.span = tree()[branch].span;
        pushScope();
        regions.push_back({Region::InvokeBranch, {}, {}, {}, span, false, false});
        if (statement(block, branch)) block.type = types().never;
        regions.pop_back();
        for (const auto &[name, local] : scopes.back().all()) {
            bound.emplace_back(name, local);
            sibling_names.emplace_back(name, body.locals[local].span);
        }
        popScope();
        out.branches.push_back(body.blocks.add(std::move(block)));
    }
    sibling_names.resize(siblings);
    for (const auto &[name, local] : bound) declare(name, local, body.locals[local].span);
    if (out.branches.empty()) return add(types().unit, span, hir::UnitLit{});
    body.invokes[id] = std::move(out);
    return add(types().unit, span, hir::InvokeExpr{id});
}

ExprId BodyChecker::pipelineStmt(const ast::PipelineStmt &s, Span span) {
    hir::Pipeline out;
    out.span = span;
    const auto id = body.pipelines.add({});
    pushScope();
    bool good = true;
    if (s.while_let) {
        ExprId value = expr(s.source.source);
        PatternId p = conditionPattern(s.source.pattern, value);
        good = p.valid();
        SourceId source = addSource(typeOf(value), spanOf(value), hir::WhileLetSource{value});
        out.clause = {p, source};
    } else {
        auto one = clause(s.source, false);
        good = one.has_value();
        if (one) out.clause = *one;
    }
    if (s.limit.valid()) {
        out.limit = integer(s.limit);
        good &= !isError(out.limit);
    }
    out.header = {s.keyword.begin, s.stages.empty() ? span.end : s.stages.front().span.begin};
    for (const ast::Stage &stage : s.stages) {
        const auto kind = static_cast<hir::StageKind>(stage.kind);
        regions.push_back({Region::Stage, {}, id, {}, stage.span, false, false});
        // What a stage binds belongs to the item: later stages see it.
        BlockId block_id = block(stage.body, Want::Discard, {}, false);
        regions.pop_back();
        out.stages.push_back({kind, block_id, stage.span});
    }
    popScope();
    body.pipelines[id] = std::move(out);
    if (!good) return add(types().unit, span, hir::UnitLit{});
    return add(types().unit, span, hir::PipelineExpr{id});
}

} // namespace parlane::check
