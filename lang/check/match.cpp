// `match`, `if let`.
#include "lang/base/match.h"
#include "lang/check/body.h"
#include "lang/check/exhaustive.h"

namespace parlane::check {

ExprId BodyChecker::ifLet(const ast::IfExpr &e, Span span, TypeId hint, Want want) {
    ExprId value = expr(e.condition.value);
    pushScope();
    PatternId test = conditionPattern(e.condition.pattern, value);
    const Want inner = e.otherwise.valid() ? want : Want::Discard;
    const bool wait = inner == Want::Value && !hint.valid() && isFlexibleBlock(e.then) && !isFlexible(e.otherwise);
    BlockId then, otherwise;
    if (!wait) then = block(e.then, inner, hint);
    Scope bound = std::move(scopes.back());
    popScope();
    if (e.otherwise.valid()) {
        const bool known = !wait && !hint.valid() && body.blocks[then].value.valid();
        otherwise = blockOfExpr(e.otherwise, want, known ? body.blocks[then].type : hint);
    }
    if (wait) {
        scopes.push_back(std::move(bound));
        then = block(e.then, inner, body.blocks[otherwise].value.valid() ? body.blocks[otherwise].type : hint);
        popScope();
    }
    TypeId type = types().unit;
    if (e.otherwise.valid() && want == Want::Value) type = joinTypes({then, otherwise}, hint);
    else if (e.otherwise.valid() && body.blocks[then].type == types().never &&
        body.blocks[otherwise].type == types().never) type = types().never;
    if (!test.valid()) return isError(type) || type == types().unit ? errorExpr(span) : add(type, span, hir::ZeroLit{});
    return add(type, span, hir::IfLet{test, value, then, otherwise});
}

ExprId BodyChecker::matchExpr(const ast::MatchExpr &e, Span span, TypeId hint, Want want) {
    ExprId value = expr(e.subject);
    const Subject subject = subjectOf(value);
    hir::Match node{value, {}};
    bool broken = isError(value);
    // Arms that are literals take the type of the first arm that is none.
    std::vector<size_t> order, late;
    for (size_t i = 0; i < e.arms.size(); ++i)
        (want == Want::Value && !hint.valid() && isFlexible(e.arms[i].value) ? late : order).push_back(i);
    order.insert(order.end(), late.begin(), late.end());
    TypeId known = hint;
    if (order.size() == late.size() && !known.valid())
        for (const ast::MatchArm &arm : e.arms)
            if (hasFloatLiteral(arm.value)) known = types().f64;
    node.arms.resize(e.arms.size());
    std::vector<BlockId> blocks(e.arms.size());
    for (size_t i : order) {
        const ast::MatchArm &arm = e.arms[i];
        hir::Arm &out = node.arms[i];
        out.span = arm.span;
        pushScope();
        const ast::Pattern &written = tree()[arm.pattern];
        const auto *options = std::get_if<ast::AlternativesPattern>(&written.node);
        std::vector<ast::PatternId> patterns = options ? options->options : std::vector<ast::PatternId>{arm.pattern};
        for (ast::PatternId id : patterns) {
            if (broken) {
                declareBroken(id);
                continue;
            }
            const auto *bind = std::get_if<ast::BindPattern>(&tree()[id].node);
            const TypeId inner = optionalValue(subject.type);
            // A name in a match on an optional is its value, as in `if let`.
            const bool names_value = bind && inner.valid();
            PatternId p = names_value ? pattern(id, part(subject, inner)) : pattern(id, subject);
            if (names_value) p = addPattern(subject.type, tree()[id].span, hir::SomePattern{p});
            out.patterns.push_back(p);
            if (!options || scopes.back().all().empty()) continue;
            report(Code::AlternativesBind, written.span, text(scopes.back().all().front().first))
                .why("only one of the alternatives fits, so their names would have no value");
            for (const auto &[name, local] : scopes.back().all()) body.locals[local].type = types().error;
            if (id != patterns.back()) scopes.back().clear();
        }
        if (arm.guard.valid()) out.guard = condition(arm.guard);
        out.body = blockOfExpr(arm.value, want, known);
        if (!known.valid() && body.blocks[out.body].value.valid() && !isError(body.blocks[out.body].type)) known =
            body.blocks[out.body].type;
        blocks[i] = out.body;
        popScope();
    }
    TypeId type = types().unit;
    if (want == Want::Value) type = joinTypes(blocks, hint);
    else {
        bool leaves = !blocks.empty();
        for (BlockId b : blocks) leaves &= body.blocks[b].type == types().never;
        if (leaves) type = types().never;
    }
    for (const hir::Arm &arm : node.arms)
        for (PatternId p : arm.patterns) broken |= isError(body.patterns[p].type);
    if (broken) return errorExpr(span);
    checkExhaustive(node, subject.type, subject.span, span);
    return add(type, span, std::move(node));
}

void BodyChecker::checkExhaustive(const hir::Match &match, TypeId type, Span subject, Span whole) {
    ExhaustiveResult result = checkArms(c.program.types, body, c.names, match, type);
    if (result.too_hard) {
        report(Code::MatchTooHard, whole).fix("end with an arm `_ => …`");
        return;
    }
    if (!result.missing.empty()) {
        report(Code::MatchNotExhaustive, subject, result.missing)
            .label(whole, "no arm fits it")
            .why("a `match` covers every value")
            .fix("add an arm: `" + result.missing + " => …`, or `_ => …`");
    }
    for (size_t arm : result.unreachable) report(Code::UnreachableArm, match.arms[arm].span)
        .why("the arms in front of it cover all its values");
}

} // namespace parlane::check
