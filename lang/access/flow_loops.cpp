// The flow of statements, loops and parallel constructs.
#include "lang/access/flow.h"

namespace parlane::access {

using namespace hir;

void Flow::block(BlockId id) {
    for (StmtId stmt : body.blocks[id].stmts) statement(stmt);
    if (body.blocks[id].value) expr(body.blocks[id].value);
}

/// Evaluates the indices of an assignment's target; a whole local is not read by being assigned.
void Flow::target(ExprId id) {
    if (!std::holds_alternative<LocalRef>(body.exprs[id].node)) rest(id);
}

void Flow::statement(StmtId id) {
    const StmtNode &any = body.stmts[id].node;
    auto assigned = [&](ExprId at) {
        auto *ref = std::get_if<LocalRef>(&body.exprs[at].node);
        if (!ref) return;
        state.moved.erase(ref->local);
    };
    if (auto *node = std::get_if<Let>(&any)) {
        if (node->init) expr(node->init);
        if (node->otherwise) {
            const State before = state;
            block(node->otherwise);
            state = before;
        }
        return bind(node->pattern);
    }
    if (auto *node = std::get_if<Declare>(&any)) {
        scope_of[node->local.raw] = scope;
        branch_of[node->local.raw] = parallel;
        state.moved.erase(node->local);
        return;
    }
    if (auto *node = std::get_if<Assign>(&any)) {
        target(node->target);
        expr(node->value);
        written(node->target, "changed");
        return assigned(node->target);
    }
    if (auto *node = std::get_if<AssignTuple>(&any)) {
        for (ExprId one : node->targets)
            if (one) target(one);
        expr(node->value);
        for (ExprId one : node->targets) {
            if (!one) continue;
            written(one, "changed");
            assigned(one);
        }
        return;
    }
    if (auto *node = std::get_if<OpAssign>(&any)) {
        expr(node->value);
        expr(node->target);
        return written(node->target, "changed");
    }
    if (auto *node = std::get_if<CopyElements>(&any)) {
        expr(node->target);
        expr(node->value);
        return written(node->target, "changed");
    }
    if (auto *node = std::get_if<FillElements>(&any)) {
        expr(node->target);
        expr(node->value);
        return written(node->target, "changed");
    }
    if (auto *node = std::get_if<ExprStmt>(&any)) expr(node->value);
}

void Flow::source(SourceId id) {
    visitParts(body, id, {[this](ExprId part) { expr(part); }, [this](BlockId part) { block(part); }});
    // `for sink x in xs` moves `xs`.
    const SourceNode &any = body.sources[id].node;
    auto *elements = std::get_if<ElementsSource>(&any);
    if (!elements || elements->mode != Mode::Sink) return;
    if (auto *ref = std::get_if<LocalRef>(&body.exprs[elements->place].node)) {
        written(elements->place, "moved away");
        move(ref->local, elements->place);
    }
}

void Flow::rounds(OpenLoop &open, const std::function<void()> &round) {
    loops.push_back(&open);
    State head = state;
    for (int pass = 0; pass < 3; ++pass) {
        open.breaks.reachable = open.continues.reachable = false;
        state = head;
        round();
        state.join(open.continues);
        if (head.covers(state)) break;
        head.join(state);
    }
    loops.pop_back();
    state = std::move(head);
    state.join(open.breaks);
}

namespace {

bool loopsWhile(const SourceNode &source) {
    return std::holds_alternative<NextSource>(source) || std::holds_alternative<WhileSource>(source) ||
           std::holds_alternative<WhileLetSource>(source);
}

} // namespace

/// While the loop runs nobody changes what it goes over.
void Flow::freeze(const Loop &loop) {
    auto add = [&](auto &self, SourceId id) -> void {
        const Source &source = body.sources[id];
        ExprId place;
        if (auto *node = std::get_if<ElementsSource>(&source.node); node && node->mode != Mode::Sink)
            place = node->place;
        if (auto *node = std::get_if<PartsSource>(&source.node)) place = node->place;
        if (auto *node = std::get_if<EnumerateSource>(&source.node)) self(self, node->source);
        if (auto *node = std::get_if<ZipSource>(&source.node))
            for (SourceId part : node->sources) self(self, part);
        if (!place) return;
        auto found = facts.sources.find(place);
        if (found != facts.sources.end() && !facts.aliases.contains(rootOf(body, place)))
            frozen.emplace_back(&found->second, source.span);
    };
    for (const Clause &clause : loop.clauses) add(add, clause.source);
}

void Flow::loop(LoopId id) {
    const Loop &loop = body.loops[id];
    OpenLoop open;
    open.loop = id;
    size_t first = 0;
    if (!loop.clauses.empty() && !loopsWhile(body.sources[loop.clauses[0].source].node)) {
        source(loop.clauses[0].source);
        first = 1;
    } else if (!loop.clauses.empty()) {
        if (auto *next = std::get_if<NextSource>(&body.sources[loop.clauses[0].source].node); next && next->init) {
            expr(next->init);
            if (next->owned) scope_of[next->owned.raw] = scope;
        }
    }
    const uint32_t outer = scope;
    const size_t frozen_before = frozen.size();
    freeze(loop);
    scope = ++scopes;
    bodies.push_back(loop.execution == Execution::Serial ? "loop" : "par for");
    rounds(open, [&] {
        for (size_t k = 0; k < loop.clauses.size(); ++k) {
            const SourceNode &node = body.sources[loop.clauses[k].source].node;
            if (auto *next = std::get_if<NextSource>(&node); next && k == 0)
                expr(next->call);
            else if (k >= first)
                source(loop.clauses[k].source);
            bind(loop.clauses[k].pattern);
        }
        if (loop.filter) expr(loop.filter);
        if (loop.body) block(loop.body);
        auto fold = [&](const FoldOp &op) {
            if (op.literal) expr(op.literal);
            if (op.identity) expr(op.identity);
        };
        for (const FoldOp &op : loop.ops) fold(op);
        for (const Accumulator &acc : loop.accumulators) fold(acc.op);
    });
    // Accumulators are written when the loop has ended.
    for (const Accumulator &acc : loop.accumulators) expr(acc.place);
    bodies.pop_back();
    scope = outer;
    frozen.resize(frozen_before);
}

void Flow::invoke(InvokeId id) {
    const uint32_t outer = scope, outer_parallel = parallel;
    bodies.push_back("invoke");
    for (BlockId branch : body.invokes[id].branches) {
        scope = parallel = ++scopes;
        block(branch);
        // What it binds lives on behind the `invoke`.
        for (uint32_t k = 0; k < branch_of.size(); ++k)
            if (branch_of[k] == parallel) branch_of[k] = outer_parallel;
    }
    bodies.pop_back();
    scope = outer;
    parallel = outer_parallel;
}

void Flow::pipeline(PipelineId id) {
    const Pipeline &pipeline = body.pipelines[id];
    if (pipeline.limit) expr(pipeline.limit);
    const SourceNode &node = body.sources[pipeline.clause.source].node;
    const bool each = loopsWhile(node);
    if (!each) source(pipeline.clause.source);
    if (auto *next = std::get_if<NextSource>(&node); next && next->init) {
        expr(next->init);
        if (next->owned) scope_of[next->owned.raw] = scope;
    }
    const uint32_t outer = scope, outer_parallel = parallel;
    scope = parallel = ++scopes;
    bodies.push_back("pipeline");
    OpenLoop open;
    open.pipeline = id;
    rounds(open, [&] {
        if (auto *next = std::get_if<NextSource>(&node))
            expr(next->call);
        else if (each)
            source(pipeline.clause.source);
        bind(pipeline.clause.pattern);
        for (const Stage &stage : pipeline.stages) block(stage.body);
    });
    bodies.pop_back();
    scope = outer;
    parallel = outer_parallel;
}

} // namespace parlane::access
