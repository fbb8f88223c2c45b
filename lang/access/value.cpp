// Expressions as values.
#include "lang/access/walk.h"

namespace parlane::access {

using namespace hir;

namespace {

constexpr uint32_t kBytes = 0x202;

} // namespace

/// The function ends here, with this result: known if all ends agree.
void Walker::endWith(TermId value) {
    result = ends++ == 0 || result == value ? value : TermId();
}

/// An integer always has a term. Ranges of 64 bits stay out of conversions: an `i64` is its own `i64`.
Value Walker::value(ExprId id) {
    const Expr &expr = body.exprs[id];
    Value out = valueOf(id, expr);
    if (isInteger(expr.type) && !out.term) out.term = freshInteger(expr.type, {}, expr.span);
    return out;
}

Value Walker::block(BlockId id) {
    const PathId before = path;
    const size_t visible = scope.size();
    const Block &block = body.blocks[id];
    for (StmtId stmt : block.stmts) statement(stmt);
    Value out;
    if (block.value) out = value(block.value);
    scope.resize(visible);
    path = before;
    return out;
}

Value Walker::conditional(ExprId, const If &node) {
    const Value condition = value(node.condition);
    const CondId cond = condition.truth ? condition.truth : terms.unknown();
    const PathId before = path;
    const std::vector<Known> start = locals;
    assume(cond);
    const Value yes = block(node.then_block);
    std::vector<Known> after = locals;
    path = before;
    locals = start;
    assume(terms.negate(cond));
    Value no;
    if (node.else_block) no = block(node.else_block);
    path = before;
    if (diverges(node.then_block)) {
        assume(terms.negate(cond)); // to the end of the enclosing block
        return no;
    }
    if (diverges(node.else_block)) {
        locals = std::move(after);
        assume(cond);
        return yes;
    }
    join(std::move(after), cond);
    Value out;
    if (yes.term == no.term) out.term = yes.term;
    else if (yes.term && no.term) out.term = chosen(cond, yes.term, no.term, {});
    if (yes.truth == no.truth) out.truth = yes.truth;
    if (yes.shape == no.shape) out.shape = yes.shape;
    return out;
}

Value Walker::ifLet(const IfLet &node, TypeId) {
    const PathId before = path;
    Place from;
    const bool has_place = isPlace(node.value);
    Value scrutinee;
    if (has_place) {
        from = place(node.value);
        touch(AccessKind::Read, part(from, StepKind::Inside, uint32_t(Content::Shape)), body.exprs[node.value].span,
              node.value);
    } else {
        scrutinee = value(node.value);
    }
    const std::vector<Known> start = locals;
    const size_t visible = scope.size();
    bind(node.pattern, scrutinee, has_place ? &from : nullptr);
    const Value yes = block(node.then_block);
    scope.resize(visible);
    std::vector<Known> after = locals;
    locals = start;
    path = before;
    Value no;
    if (node.else_block) no = block(node.else_block);
    path = before;
    if (diverges(node.then_block)) return no;
    if (diverges(node.else_block)) {
        locals = std::move(after);
        return yes;
    }
    join(std::move(after));
    return {};
}

Value Walker::matchArms(const Match &node, TypeId) {
    const PathId before = path;
    Place from;
    const bool has_place = isPlace(node.value);
    Value scrutinee;
    if (has_place) {
        from = place(node.value);
        touch(AccessKind::Read, part(from, StepKind::Inside, uint32_t(Content::Shape)), body.exprs[node.value].span,
              node.value);
        scrutinee = load(from, body.exprs[node.value].type, body.exprs[node.value].span);
    } else {
        scrutinee = value(node.value);
    }
    std::vector<Known> start = locals;
    std::optional<std::vector<Known>> merged;
    for (const Arm &arm : node.arms) {
        path = before;
        locals = start;
        const size_t visible = scope.size();
        for (PatternId pattern : arm.patterns) bind(pattern, scrutinee, has_place ? &from : nullptr);
        if (arm.guard) {
            const Value guard = value(arm.guard);
            if (guard.truth) assume(guard.truth);
        }
        block(arm.body);
        scope.resize(visible);
        if (diverges(arm.body)) continue;
        if (merged) join(std::move(*merged));
        merged = locals;
    }
    path = before;
    locals = merged ? std::move(*merged) : std::move(start);
    return {};
}

Value Walker::readPlace(ExprId id) {
    const Expr &expr = body.exprs[id];
    const Place at = place(id);
    touch(AccessKind::Read, at, expr.span, id);
    Value out = load(at, expr.type, expr.span);
    if (types.rankOf(expr.type) > 0) out.shape = extents(at, expr.type);
    return out;
}

Value Walker::extent(const Extent &node, source::Span span) {
    Value out;
    if (!isPlace(node.base)) {
        out = value(node.base);
        if (node.dim >= 0 && static_cast<size_t>(node.dim) < out.shape.size())
            return {out.shape[static_cast<size_t>(node.dim)], {}, {}};
        return {};
    }
    const Place at = place(node.base);
    touch(AccessKind::Read, part(at, StepKind::Inside, uint32_t(Content::Shape)), span, {});
    const TypeId base = body.exprs[node.base].type;
    if (types.rankOf(base) == 0) {
        const Birth version = isVariable(at.root) ? versionsAt(locals[at.root.raw], at).contents : terms.now();
        out.term = terms.opaque(kBytes, keyOf(at), version, {0, Wide(1) << 56});
        return out;
    }
    const std::vector<TermId> all = extents(at, base);
    if (node.dim >= 0) return {all[static_cast<size_t>(node.dim)], {}, {}};
    out.term = terms.constant(1);
    for (TermId extent : all) out.term = terms.mul(out.term, extent);
    return out;
}

Value Walker::newArray(const NewArray &node) {
    Value out;
    for (ExprId extent : node.extents) {
        out.shape.push_back(value(extent).term);
        assumeInexact(terms.notNegative(out.shape.back()), {out.shape.back()}); // else it has trapped
    }
    if (node.fill) value(node.fill);
    return out;
}

/// Runs `first`, then perhaps `second`.
Value Walker::perhaps(ExprId first, ExprId second) {
    value(first);
    std::vector<Known> start = locals;
    const PathId before = path;
    value(second);
    path = before;
    if (body.exprs[second].type == types.never)
        locals = std::move(start);
    else
        join(std::move(start));
    return {};
}

/// What is caught may have happened to any part.
Value Walker::caught(const DoCatch &node) {
    const Writes written = writesOf(node.body);
    block(node.body);
    std::vector<Known> after = locals;
    havoc(written);
    const size_t visible = scope.size();
    if (node.error) declare(node.error, {});
    block(node.handler);
    scope.resize(visible);
    if (diverges(node.handler))
        locals = std::move(after);
    else if (!diverges(node.body))
        join(std::move(after));
    return {};
}

/// Literals and arithmetic; nothing for other nodes.
std::optional<Value> Walker::simple(const Expr &expr) {
    Value out;
    if (auto *node = std::get_if<IntLit>(&expr.node)) {
        const auto bits = static_cast<int64_t>(node->bits);
        if (bits >= 0 || types.isSigned(expr.type)) out.term = terms.constant(bits);
        return out;
    }
    if (auto *node = std::get_if<BoolLit>(&expr.node)) {
        out.truth = node->value ? terms.truth() : terms.falsity();
        return out;
    }
    if (std::holds_alternative<ZeroLit>(expr.node)) {
        if (isInteger(expr.type)) out.term = terms.constant(0);
        if (expr.type == types.boolean) out.truth = terms.falsity();
        return out;
    }
    if (auto *node = std::get_if<IntParam>(&expr.node)) {
        out.term = terms.opaque(kSizeParam, {terms.constant(node->param.raw)}, 0, {0, Wide(1) << 16});
        return out;
    }
    if (auto *node = std::get_if<Unary>(&expr.node)) return unary(*node, expr.type);
    if (auto *node = std::get_if<Binary>(&expr.node)) return binary(*node, expr.type);
    if (auto *node = std::get_if<Convert>(&expr.node)) return convert(value(node->operand).term, expr.type);
    return std::nullopt;
}

Value Walker::valueOf(ExprId id, const Expr &expr) {
    if (isPlace(id)) return readPlace(id);
    if (auto out = simple(expr)) return *out;
    const ExprNode &any = expr.node;
    if (auto *node = std::get_if<Consume>(&any)) {
        Value out = value(node->place);
        // What has been moved away is zero.
        if (auto *local = std::get_if<LocalRef>(&body.exprs[node->place].node); local && !types.isCopy(expr.type))
            noteWrite({local->local, {}, {}}, true);
        return out;
    }
    if (auto *node = std::get_if<Copy>(&any)) return value(node->operand);
    if (auto *node = std::get_if<Try>(&any)) return value(node->operand);
    if (auto *node = std::get_if<Extent>(&any)) return extent(*node, expr.span);
    if (auto *node = std::get_if<FixedToArray>(&any)) {
        Value out = value(node->operand);
        if (auto *fixed = types.as<types::FixedType>(body.exprs[node->operand].type)) out.shape = fixedExtents(*fixed);
        return out;
    }
    if (auto *node = std::get_if<NewArray>(&any)) return newArray(*node);
    if (auto *node = std::get_if<Call>(&any)) return call(id, *node, expr);
    if (auto *node = std::get_if<BlockExpr>(&any)) return block(node->block);
    if (auto *node = std::get_if<If>(&any)) return conditional(id, *node);
    if (auto *node = std::get_if<IfLet>(&any)) return ifLet(*node, expr.type);
    if (auto *node = std::get_if<Match>(&any)) return matchArms(*node, expr.type);
    if (auto *node = std::get_if<LoopExpr>(&any)) return loop(id, body.loops[node->loop], node->loop);
    if (auto *node = std::get_if<DoCatch>(&any)) return caught(*node);
    if (auto *node = std::get_if<Coalesce>(&any)) return perhaps(node->optional, node->fallback);
    if (auto *node = std::get_if<Return>(&any)) {
        const TermId end = node->value ? value(node->value).term : TermId();
        if (closures == 0) endWith(end);
    } else if (auto *node = std::get_if<InvokeExpr>(&any)) {
        invoke(body.invokes[node->invoke], node->invoke);
    } else if (auto *node = std::get_if<PipelineExpr>(&any)) {
        pipeline(body.pipelines[node->pipeline], node->pipeline);
    } else if (auto *node = std::get_if<ClosureRef>(&any)) {
        Argument unused;
        closure(node->closure, unused);
    } else if (auto *node = std::get_if<TryOptional>(&any)) {
        const Writes written = writesOf(node->operand);
        value(node->operand);
        havoc(written);
    } else {
        visitParts(body, id, {[this](ExprId part) { value(part); }, [this](BlockId part) { block(part); }});
    }
    return {};
}

} // namespace parlane::access
