// Every form of `for`, and `while`.
#include "lang/check/body.h"

#include <algorithm>
#include <utility>

namespace parlane::check {

int BodyChecker::rankOfSource(SourceId id) const {
    const hir::SourceNode &node = body.sources[id].node;
    if (const auto *e = std::get_if<hir::ElementsSource>(&node)) return std::max(1,
        c.program.types.rankOf(typeOf(e->place)));
    if (const auto *z = std::get_if<hir::ZipSource>(&node)) return rankOfSource(z->sources.front());
    const bool counted = std::holds_alternative<hir::RangeSource>(node) ||
        std::holds_alternative<hir::EnumerateSource>(node) ||
                         std::holds_alternative<hir::PartsSource>(node);
    return counted ? 1 : 0;
}

/// Rank of the loop's shape; 0 if it has none (filtered, dependent, of unknown length, too many indices).
int BodyChecker::rankOfLoop(const hir::Loop &out) const {
    if (!out.rectangular || out.filter.valid()) return 0;
    int rank = 0;
    for (const hir::Clause &clause : out.clauses) {
        const int one = rankOfSource(clause.source);
        if (one == 0) return 0;
        rank += one;
    }
    return rank <= 3 ? rank : 0;
}

bool BodyChecker::clauses(hir::Loop &out, const std::vector<ast::LoopSource> &sources, bool parallel) {
    std::vector<LocalId> bound;
    bool good = true;
    for (const ast::LoopSource &written : sources) {
        const uint32_t first_expr = body.exprs.size();
        const uint32_t first_local = body.locals.size();
        auto one = clause(written, parallel);
        if (!one) {
            good = false;
            continue;
        }
        for (uint32_t i = first_expr; i < body.exprs.size(); ++i)
            if (const auto *ref = std::get_if<hir::LocalRef>(&body.exprs[ExprId(i)].node))
                if (std::ranges::find(bound, ref->local) != bound.end()) out.rectangular = false;
        for (uint32_t i = first_local; i < body.locals.size(); ++i) bound.push_back(LocalId(i));
        out.clauses.push_back(*one);
    }
    return good;
}

/// What the body gives, if the whole is wanted as `hint`. A tuple of arrays is one array a component.
TypeId BodyChecker::elementHint(const ast::Loop &loop, TypeId hint, bool &split) {
    if (!hint.valid()) return {};
    switch (loop.kind) {
    case ast::LoopKind::Statement: return {};
    case ast::LoopKind::Fold: return hint;
    case ast::LoopKind::First: return optionalValue(hint);
    default: break;
    }
    if (TypeId inner = optionalValue(hint); inner.valid()) hint = inner;
    const auto *t = types().as<types::TupleType>(hint);
    if (!t) return types().elemOf(hint);
    std::vector<TypeId> elems;
    for (TypeId part : t->elems) elems.push_back(types().elemOf(part));
    if (std::ranges::any_of(elems, [](TypeId e) { return !e.valid(); })) return {};
    split = true;
    return types().tuple(std::move(elems));
}

TypeId BodyChecker::arrayType(const hir::Loop &out, TypeId value, bool split) {
    const int rank = out.shaped ? rankOfLoop(out) : 1;
    const auto *t = types().as<types::TupleType>(value);
    if (!split || !t) return types().array(value, rank);
    std::vector<TypeId> arrays;
    for (TypeId part : std::vector<TypeId>(t->elems)) arrays.push_back(types().array(part, rank));
    return types().tuple(std::move(arrays));
}

TypeId BodyChecker::loopBody(hir::Loop &out, const ast::Loop &loop, LoopId id, TypeId hint, bool split,
    uint32_t own_locals) {
    const bool parallel = out.execution != hir::Execution::Serial;
    const bool gives = loop.kind != ast::LoopKind::Statement;
    Region region{parallel ? Region::ParLoop : gives ? Region::ValueLoop : Region::SerialLoop, id, {}, loop.label,
        loop.keyword, gives, false};
    regions.push_back(region);
    const TypeId element = elementHint(loop, hint, split);
    out.body = block(loop.body, gives ? Want::Value : Want::Discard, element);
    regions.pop_back();
    if (!gives) return types().unit;
    TypeId value = body.blocks[out.body].type;
    if (value == types().unit) {
        report(Code::LoopWithoutValue, tree()[loop.body].span).label(loop.keyword, "wants a value of each iteration")
            .why("the value of a block is its last expression");
        return types().error;
    }
    if (value == types().never) {
        report(Code::LoopWithoutValue, tree()[loop.body].span).label(loop.keyword, "wants a value of each iteration");
        return types().error;
    }
    const bool lift = element.valid() && optionalValue(element) == value;
    finishBlock(out.body, lift ? element : value);
    value = body.blocks[out.body].type;
    if (isError(value)) return value;
    if (out.kind == hir::LoopKind::First) return types().optional(value);
    if (out.kind == hir::LoopKind::Collect) {
        out.shaped = rankOfLoop(out) > 0;
        return arrayType(out, value, split);
    }
    loop_locals = own_locals;
    folds(out, loop, value);
    if (out.ops.empty()) return types().error;
    if (out.kind == hir::LoopKind::Fold) return value;
    out.shaped = rankOfLoop(out) > 0;
    return arrayType(out, value, split || out.ops.size() > 1);
}

ExprId BodyChecker::loop(const ast::Loop &loop, Span span, TypeId hint, bool split) {
    hir::Loop out;
    out.kind = static_cast<hir::LoopKind>(loop.kind);
    out.execution = static_cast<hir::Execution>(loop.mode);
    out.label = loop.label.id;
    out.span = span;
    out.par_span = loop.mode == ast::LoopMode::Serial ? Span{} : loop.keyword;
    out.header = {loop.keyword.begin, loop.body.valid() ? tree()[loop.body].span.begin : span.end};
    if (loop.place.valid()) report(Code::NotSupportedYet, loop.place.span, "`on " + text(loop.place.id) + "`");
    const LoopId id = body.loops.add({});
    const uint32_t outer_locals = std::exchange(loop_locals, UINT32_MAX);
    bool good = accumulators(out, loop);
    const uint32_t own_locals = body.locals.size();
    pushScope();
    good &= clauses(out, loop.sources, loop.mode != ast::LoopMode::Serial);
    if (loop.filter.valid()) out.filter = condition(loop.filter);
    const TypeId type = loopBody(out, loop, id, hint, split, own_locals);
    popScope();
    loop_locals = outer_locals;
    body.loops[id] = std::move(out);
    if (!good || isError(type)) return loop.kind == ast::LoopKind::Statement ? add(types().unit, span, hir::UnitLit{})
        : errorExpr(span);
    return add(type, span, hir::LoopExpr{id});
}

ExprId BodyChecker::whileLoop(const ast::WhileStmt &s, Span span) {
    hir::Loop out;
    out.label = s.label.id;
    out.span = span;
    out.header = {span.begin, s.body.valid() ? tree()[s.body].span.begin : span.end};
    const LoopId id = body.loops.add({});
    pushScope();
    bool forever = false, good = true;
    const Span head = s.condition.value.valid() ? tree()[s.condition.value].span : span;
    if (s.condition.pattern.valid()) {
        ExprId value = expr(s.condition.value);
        PatternId p = conditionPattern(s.condition.pattern, value);
        good = p.valid();
        SourceId source = addSource(typeOf(value), head, hir::WhileLetSource{value});
        out.clauses.push_back({p, source});
    } else {
        ExprId cond = condition(s.condition.value);
        const auto *literal = std::get_if<hir::BoolLit>(&body.exprs[cond].node);
        forever = literal && literal->value;
        SourceId source = addSource(types().unit, head, hir::WhileSource{cond});
        out.clauses.push_back({{}, source});
    }
    regions.push_back({Region::SerialLoop, id, {}, s.label, head, false, false});
    out.body = block(s.body, Want::Discard, {});
    forever &= !regions.back().broken;
    regions.pop_back();
    popScope();
    body.loops[id] = std::move(out);
    if (!good) return add(types().unit, span, hir::UnitLit{});
    return add(forever ? types().never : types().unit, span, hir::LoopExpr{id});
}

} // namespace parlane::check
