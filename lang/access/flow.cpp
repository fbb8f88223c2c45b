#include "lang/access/flow.h"

namespace parlane::access {

using namespace hir;

namespace {

constexpr std::string_view kMoved = "moved away";

} // namespace

Flow::Flow(Analysis &analysis, const Function *function, const Body &body, FunctionProofs &proofs,
           const FlowFacts &facts)
    : analysis(analysis), function(function), body(body), proofs(proofs), facts(facts), scope_of(body.locals.size()),
      branch_of(body.locals.size()), last_use(body.locals.size()) {}

void Flow::State::join(const State &other) {
    if (!other.reachable) return;
    if (!reachable) {
        *this = other;
        return;
    }
    moved.insert(other.moved.begin(), other.moved.end());
    broken.insert(other.broken.begin(), other.broken.end());
    bound.insert(other.bound.begin(), other.bound.end());
}

bool Flow::State::covers(const State &other) const {
    if (!other.reachable) return true;
    auto all = [](const auto &mine, const auto &theirs) {
        for (const auto &[key, value] : theirs)
            if (!mine.contains(key)) return false;
        return true;
    };
    for (LocalId local : other.bound)
        if (!bound.contains(local)) return false;
    return all(moved, other.moved) && all(broken, other.broken);
}

void Flow::run() {
    proofs.uses.assign(body.exprs.size(), Use::Copy);
    if (function)
        for (const Param &param : function->params)
            if (param.local) state.bound.insert(param.local);
    block(body.root);
    decideCopies();
}

// ---- uses -------------------------------------------------------------------------------------------------------

void Flow::use(LocalId local, ExprId at) {
    const Span span = body.exprs[at].span;
    last_use[local.raw] = ++sequence;
    if (auto alias = facts.aliases.find(local); alias != facts.aliases.end() && isVariable(alias->second.root))
        last_use[alias->second.root.raw] = sequence;
    if (!state.reachable) return;
    if (auto moved = state.moved.find(local); moved != state.moved.end() && moved->second != at) {
        const Span from = body.exprs[moved->second].span;
        analysis.emitter.report(diag::Code::UsedAfterMove, from, name(local))
            .at("moved here")
            .label(span, "used again here")
            .why("arrays, containers, boxes and files have one owner: their last use moves them")
            .fix(fmt::format("move a copy: `{}.copy()`", name(local)), {{{from.end, from.end}, ".copy()"}});
    }
    if (auto broken = state.broken.find(local); broken != state.broken.end()) {
        const Place &into = facts.aliases.at(local);
        analysis.emitter
            .report(diag::Code::ViewBroken, broken->second.span, name(into.root), broken->second.what, name(local))
            .label(body.locals[local].span, "looks into it")
            .label(span, "used again here")
            .why("a view keeps what it looks into as it is until its last use")
            .fix("use the view before, or bind a copy: `.copy()`");
    }
}

void Flow::move(LocalId local, ExprId at) {
    const Span span = body.exprs[at].span;
    const Local &info = body.locals[local];
    if (!state.reachable) return;
    if (auto moved = state.moved.find(local); moved != state.moved.end() && moved->second == at) {
        analysis.emitter
            .report(diag::Code::MovedInLoop, span, name(local), bodies.empty() ? "loop" : bodies.back())
            .label(info.span, "declared outside of it")
            .why("the first round takes it away, and the second finds nothing")
            .fix(fmt::format("move a copy: `{}.copy()`", name(local)), {{{span.end, span.end}, ".copy()"}});
        return;
    }
    if (info.storage != Storage::Owned) return; // check has reported it
    if (branch_of[local.raw] != parallel && parallel != 0) {
        analysis.emitter
            .report(diag::Code::MovedInParallel, span, name(local), bodies.empty() ? "parallel body" : bodies.back())
            .label(info.span, "declared outside of it")
            .why("what is declared outside belongs to all branches and items")
            .fix(fmt::format("move a copy: `{}.copy()`", name(local)), {{{span.end, span.end}, ".copy()"}});
        return;
    }
    state.moved[local] = at;
}

void Flow::consume(ExprId id, const Consume &node) {
    expr(node.place);
    const TypeId type = body.exprs[id].type;
    auto *ref = std::get_if<LocalRef>(&body.exprs[node.place].node);
    if (!ref) return; // parts copy, or check has reported it
    if (analysis.types.isCopy(type)) {
        if (body.locals[ref->local].storage == Storage::Owned && scope_of[ref->local.raw] == scope && closures == 0)
            candidates.push_back({id, ref->local, sequence});
        return;
    }
    proofs.uses[id.raw] = Use::Move;
    written(node.place, kMoved);
    move(ref->local, node.place);
}

/// A copy of which the original is never seen again is a move.
void Flow::decideCopies() {
    for (const Candidate &c : candidates)
        if (last_use[c.local.raw] == c.sequence) proofs.uses[c.expr.raw] = Use::Move;
}

// ---- views ------------------------------------------------------------------------------------------------------

void Flow::written(ExprId target, std::string_view what) {
    if (!state.reachable) return;
    const LocalId through = rootOf(body, target);
    auto found = facts.touched.find(target);
    if (found == facts.touched.end()) return;
    for (size_t k : found->second) {
        const Access &access = facts.accesses[k];
        const bool reads = !access.writes() && what != kMoved;
        breakViews(access.place, access.path, access.span, what, through, reads);
    }
}

void Flow::breakViews(const Place &place, PathId path, Span span, std::string_view what, LocalId through, bool reads) {
    if (!isVariable(place.root)) return;
    for (const auto &[local, into] : facts.aliases) {
        if (into.root != place.root || local == through || !state.bound.contains(local)) continue;
        if (state.broken.contains(local)) continue;
        if (reads && body.locals[local].storage != Storage::Exclusive) continue;
        // What is reached through a view that was made from this one is the view's own business.
        if (facts.aliases.contains(through) && body.locals[local].storage == Storage::Exclusive) continue;
        if (facts.conflicts.overlap(place, path, into, path).verdict == Verdict::Apart) continue;
        state.broken[local] = {span, what};
    }
    if (reads || facts.aliases.contains(through)) return;
    for (const auto &[into, at] : frozen)
        if (into->root == place.root && facts.conflicts.overlap(place, path, *into, path).verdict != Verdict::Apart)
            analysis.emitter.report(diag::Code::ViewBroken, span, name(place.root), what, "the loop")
                .label(at, "the loop goes over it")
                .why("a loop freezes its source to its end")
                .fix("go over a copy: `.copy()`, or over the indices");
}

void Flow::bind(PatternId pattern) {
    std::vector<LocalId> locals;
    addBindings(body, pattern, locals);
    for (LocalId local : locals) {
        scope_of[local.raw] = scope;
        branch_of[local.raw] = parallel;
        state.moved.erase(local);
        state.broken.erase(local);
        if (facts.aliases.contains(local)) state.bound.insert(local);
    }
}

// ---- expressions ------------------------------------------------------------------------------------------------

void Flow::rest(ExprId id) {
    visitParts(body, id, {[this](ExprId part) { expr(part); }, [this](BlockId part) { block(part); }});
}

void Flow::branches(const std::vector<BlockId> &blocks, bool may_skip) {
    const State start = state;
    State end = start;
    end.reachable = start.reachable && may_skip;
    for (BlockId one : blocks) {
        state = start;
        if (one) block(one);
        end.join(state);
    }
    state = std::move(end);
}

void Flow::call(ExprId, const Call &node) {
    for (const Arg &arg : node.args) expr(arg.value);
    if (node.callee.closure) use(node.callee.closure, node.args.empty() ? ExprId(0) : node.args[0].value);
    for (const Arg &arg : node.args) {
        if (arg.mode == Mode::Inout) written(arg.value, "changed");
        if (arg.mode == Mode::Read) written(arg.value, "read");
    }
}

void Flow::leave(LoopId loop, PipelineId pipeline, bool breaks) {
    for (auto it = loops.rbegin(); it != loops.rend(); ++it) {
        OpenLoop &open = **it;
        if (loop ? open.loop != loop : open.pipeline != pipeline) continue;
        (breaks ? open.breaks : open.continues).join(state);
        break;
    }
    state.reachable = false;
}

void Flow::eitherOr(ExprId first, ExprId second) {
    expr(first);
    const State skipped = state;
    expr(second);
    state.join(skipped);
}

void Flow::expr(ExprId id) {
    const ExprNode &any = body.exprs[id].node;
    if (auto *node = std::get_if<LocalRef>(&any)) return use(node->local, id);
    if (auto *node = std::get_if<Consume>(&any)) return consume(id, *node);
    if (auto *node = std::get_if<Call>(&any)) return call(id, *node);
    if (auto *node = std::get_if<Binary>(&any); node && (node->op == BinaryOp::And || node->op == BinaryOp::Or)) {
        return eitherOr(node->left, node->right);
    }
    if (auto *node = std::get_if<Coalesce>(&any)) return eitherOr(node->optional, node->fallback);
    if (auto *node = std::get_if<If>(&any)) {
        expr(node->condition);
        return branches({node->then_block, node->else_block}, false);
    }
    if (auto *node = std::get_if<IfLet>(&any)) {
        expr(node->value);
        bind(node->pattern);
        return branches({node->then_block, node->else_block}, false);
    }
    if (auto *node = std::get_if<Match>(&any)) {
        expr(node->value);
        const State start = state;
        State end = start;
        end.reachable = false;
        for (const Arm &arm : node->arms) {
            state = start;
            for (PatternId pattern : arm.patterns) bind(pattern);
            if (arm.guard) expr(arm.guard);
            block(arm.body);
            end.join(state);
        }
        state = node->arms.empty() ? start : std::move(end);
        return;
    }
    if (auto *node = std::get_if<TryOptional>(&any)) {
        const State skipped = state;
        expr(node->operand);
        return state.join(skipped);
    }
    if (auto *node = std::get_if<DoCatch>(&any)) {
        const State start = state;
        block(node->body);
        State after = state;
        State thrown = start; // anything of the body may have happened
        thrown.join(after);
        if (!after.reachable) thrown = start;
        state = std::move(thrown);
        block(node->handler);
        return state.join(after);
    }
    if (auto *node = std::get_if<LoopExpr>(&any)) return loop(node->loop);
    if (auto *node = std::get_if<InvokeExpr>(&any)) return invoke(node->invoke);
    if (auto *node = std::get_if<PipelineExpr>(&any)) return pipeline(node->pipeline);
    if (auto *node = std::get_if<ClosureRef>(&any)) {
        const Closure &closure = body.closures[node->closure];
        const uint32_t outer = scope, outer_parallel = parallel;
        scope = parallel = ++scopes;
        ++closures;
        bodies.push_back("closure");
        for (LocalId param : closure.params) branch_of[param.raw] = scope_of[param.raw] = scope;
        const State before = state;
        block(closure.body);
        state.reachable = before.reachable;
        bodies.pop_back();
        --closures;
        scope = outer;
        parallel = outer_parallel;
        return state.join(before);
    }
    rest(id);
    if (std::holds_alternative<Return>(any) || std::holds_alternative<Throw>(any)) state.reachable = false;
    if (auto *node = std::get_if<Break>(&any)) leave(node->loop, {}, true);
    if (auto *node = std::get_if<Continue>(&any)) leave(node->loop, node->pipeline, false);
    // A read of a part is an access to what an exclusive view looks into.
    if (facts.touched.contains(id)) written(id, "read");
}

} // namespace parlane::access
