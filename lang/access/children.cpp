#include "lang/access/children.h"

#include "lang/base/match.h"

namespace parlane::access {

using namespace hir;

namespace {

struct Parts {
    const Body &body;
    const Visitor &visitor;

    void expr(ExprId id) const {
        if (id) visitor.expr(id);
    }
    void block(BlockId id) const {
        if (id) visitor.block(id);
    }
    void all(const std::vector<ExprId> &ids) const {
        for (ExprId id : ids) expr(id);
    }
    void indexArg(const IndexArg &arg) const {
        expr(arg.index);
        expr(arg.lo);
        expr(arg.hi);
    }
    void pattern(PatternId) const {}

    void loop(const Loop &loop) const {
        for (const Clause &clause : loop.clauses) visitParts(body, clause.source, visitor);
        expr(loop.filter);
        for (const Accumulator &accumulator : loop.accumulators) expr(accumulator.place);
        block(loop.body);
        for (const FoldOp &op : loop.ops) fold(op);
        for (const Accumulator &accumulator : loop.accumulators) fold(accumulator.op);
    }
    void fold(const FoldOp &op) const {
        expr(op.literal);
        expr(op.identity);
    }
    void pipeline(const Pipeline &pipeline) const {
        expr(pipeline.limit);
        visitParts(body, pipeline.clause.source, visitor);
        for (const Stage &stage : pipeline.stages) block(stage.body);
    }

    // Leaves.
    void operator()(const IntLit &) const {}
    void operator()(const FloatLit &) const {}
    void operator()(const ParamLit &) const {}
    void operator()(const BoolLit &) const {}
    void operator()(const StrLit &) const {}
    void operator()(const NoneLit &) const {}
    void operator()(const ZeroLit &) const {}
    void operator()(const UnitLit &) const {}
    void operator()(const ConstRef &) const {}
    void operator()(const IntParam &) const {}
    void operator()(const LocalRef &) const {}
    void operator()(const FunctionRef &) const {}
    void operator()(const Break &) const {}
    void operator()(const Continue &) const {}

    void operator()(const Interpolate &e) const {
        for (const Interpolate::Part &part : e.parts) expr(part.value);
    }
    void operator()(const Field &e) const { expr(e.base); }
    void operator()(const Index &e) const {
        expr(e.base);
        for (const IndexArg &arg : e.args) indexArg(arg);
    }
    void operator()(const Reshape &e) const {
        expr(e.base);
        all(e.extents);
    }
    void operator()(const ToView &e) const { expr(e.base); }
    void operator()(const ListView &e) const { expr(e.base); }
    void operator()(const StrBytes &e) const { expr(e.base); }
    void operator()(const Unwrap &e) const { expr(e.base); }
    void operator()(const BoxValue &e) const { expr(e.base); }
    void operator()(const Consume &e) const { expr(e.place); }
    void operator()(const Extent &e) const { expr(e.base); }
    void operator()(const StrSlice &e) const {
        expr(e.base);
        indexArg(e.range);
    }
    void operator()(const Unary &e) const { expr(e.operand); }
    void operator()(const Binary &e) const {
        expr(e.left);
        expr(e.right);
    }
    void operator()(const Convert &e) const { expr(e.operand); }
    void operator()(const Bits &e) const { expr(e.operand); }
    void operator()(const Copy &e) const { expr(e.operand); }
    void operator()(const FixedToArray &e) const { expr(e.operand); }
    void operator()(const Some &e) const { expr(e.value); }
    void operator()(const Coalesce &e) const {
        expr(e.optional);
        expr(e.fallback);
    }
    void operator()(const Tuple &e) const { all(e.elems); }
    void operator()(const StructLit &e) const {
        for (uint32_t field : e.order) expr(e.fields[field]);
    }
    void operator()(const EnumCase &e) const { all(e.payload); }
    void operator()(const FixedLit &e) const { all(e.elems); }
    void operator()(const NewFixed &e) const { expr(e.fill); }
    void operator()(const NewArray &e) const {
        all(e.extents);
        expr(e.fill);
    }
    void operator()(const BoxNew &e) const { expr(e.value); }
    void operator()(const Call &e) const {
        for (const Arg &arg : e.args) expr(arg.value);
    }
    void operator()(const ClosureRef &e) const { block(body.closures[e.closure].body); }
    void operator()(const BlockExpr &e) const { block(e.block); }
    void operator()(const If &e) const {
        expr(e.condition);
        block(e.then_block);
        block(e.else_block);
    }
    void operator()(const IfLet &e) const {
        expr(e.value);
        block(e.then_block);
        block(e.else_block);
    }
    void operator()(const Match &e) const {
        expr(e.value);
        for (const Arm &arm : e.arms) {
            expr(arm.guard);
            block(arm.body);
        }
    }
    void operator()(const LoopExpr &e) const { loop(body.loops[e.loop]); }
    void operator()(const InvokeExpr &e) const {
        for (BlockId branch : body.invokes[e.invoke].branches) block(branch);
    }
    void operator()(const PipelineExpr &e) const { pipeline(body.pipelines[e.pipeline]); }
    void operator()(const TryOptional &e) const { expr(e.operand); }
    void operator()(const Try &e) const { expr(e.operand); }
    void operator()(const DoCatch &e) const {
        block(e.body);
        block(e.handler);
    }
    void operator()(const Throw &e) const { expr(e.value); }
    void operator()(const Return &e) const { expr(e.value); }

    // Statements.
    void operator()(const Let &s) const {
        expr(s.init);
        block(s.otherwise);
    }
    void operator()(const Declare &) const {}
    void operator()(const Assign &s) const {
        expr(s.target);
        expr(s.value);
    }
    void operator()(const AssignTuple &s) const {
        all(s.targets);
        expr(s.value);
    }
    void operator()(const OpAssign &s) const {
        expr(s.target);
        expr(s.value);
    }
    void operator()(const CopyElements &s) const {
        expr(s.target);
        expr(s.value);
    }
    void operator()(const FillElements &s) const {
        expr(s.target);
        expr(s.value);
    }
    void operator()(const ExprStmt &s) const { expr(s.value); }

    // Sources.
    void operator()(const RangeSource &s) const {
        expr(s.lo);
        expr(s.hi);
        expr(s.step);
    }
    void operator()(const ElementsSource &s) const { expr(s.place); }
    void operator()(const ZipSource &s) const {
        for (SourceId part : s.sources) visitParts(body, part, visitor);
    }
    void operator()(const EnumerateSource &s) const { visitParts(body, s.source, visitor); }
    void operator()(const PartsSource &s) const {
        expr(s.place);
        all(s.args);
    }
    void operator()(const StrSource &s) const { expr(s.text); }
    void operator()(const NextSource &s) const {
        expr(s.init);
        expr(s.call);
    }
    void operator()(const WhileSource &s) const { expr(s.condition); }
    void operator()(const WhileLetSource &s) const { expr(s.value); }
};

/// Collects the roots of everything that is written.
struct Collector {
    const Body &body;
    Writes &out;
    const FieldEffects &effects;

    /// The field of the root in which a place lies, if it lies in one.
    std::optional<uint32_t> fieldOf(ExprId place) const {
        std::optional<uint32_t> field;
        while (place) {
            const ExprNode &node = body.exprs[place].node;
            if (auto *e = std::get_if<Field>(&node)) {
                field = e->index;
                place = e->base;
            } else if (auto *e = std::get_if<ListView>(&node)) {
                field = 0; // `items`
                place = e->base;
            } else if (auto *e = std::get_if<ToView>(&node)) {
                place = e->base;
            } else if (auto *e = std::get_if<Consume>(&node)) {
                place = e->place;
            } else if (auto *e = std::get_if<Index>(&node)) {
                field.reset();
                place = e->base;
            } else if (auto *e = std::get_if<Reshape>(&node)) {
                field.reset();
                place = e->base;
            } else {
                return std::holds_alternative<LocalRef>(node) ? field : std::nullopt;
            }
        }
        return field;
    }
    void root(ExprId place, const std::optional<std::set<uint32_t>> &inside = {}) {
        const LocalId local = rootOf(body, place);
        if (!local) return;
        out.written.insert(local);
        if (auto field = fieldOf(place))
            out.fields[local].insert(*field);
        else if (inside && std::holds_alternative<LocalRef>(body.exprs[place].node)) {
            out.fields[local].insert(inside->begin(), inside->end());
            return;
        } else {
            out.whole.insert(local);
        }
        if (auto *consume = std::get_if<Consume>(&body.exprs[place].node)) place = consume->place;
        if (std::holds_alternative<LocalRef>(body.exprs[place].node)) out.replaced.insert(local);
    }
    void source(SourceId id) {
        const SourceNode &node = body.sources[id].node;
        if (auto *elements = std::get_if<ElementsSource>(&node); elements && elements->mode != Mode::Read)
            root(elements->place);
        if (auto *parts = std::get_if<PartsSource>(&node); parts && parts->mode != Mode::Read) root(parts->place);
        if (auto *zip = std::get_if<ZipSource>(&node))
            for (SourceId part : zip->sources) source(part);
        if (auto *enumerate = std::get_if<EnumerateSource>(&node)) source(enumerate->source);
    }
    void expr(ExprId id) {
        const ExprNode &node = body.exprs[id].node;
        if (auto *call = std::get_if<Call>(&node)) {
            for (size_t k = 0; k < call->args.size(); ++k) {
                const Arg &arg = call->args[k];
                if (arg.mode != Mode::Inout) continue; // what is moved away is a `Consume`
                const bool known = effects && call->callee.function;
                root(arg.value, known ? effects(call->callee.function, k) : std::nullopt);
            }
            if (call->callee.closure) out.written.insert(call->callee.closure);
        }
        if (auto *consume = std::get_if<Consume>(&node)) root(consume->place);
        if (auto *loop = std::get_if<LoopExpr>(&node)) {
            for (const Clause &clause : body.loops[loop->loop].clauses) {
                source(clause.source);
                if (auto *test = std::get_if<WhileLetSource>(&body.sources[clause.source].node))
                    exclusiveBinding(clause.pattern, test->value);
            }
            for (const Accumulator &acc : body.loops[loop->loop].accumulators) root(acc.place);
        }
        if (auto *pipeline = std::get_if<PipelineExpr>(&node)) source(body.pipelines[pipeline->pipeline].clause.source);
        if (auto *test = std::get_if<IfLet>(&node)) exclusiveBinding(test->pattern, test->value);
        if (auto *match = std::get_if<Match>(&node))
            for (const Arm &arm : match->arms)
                for (PatternId pattern : arm.patterns) exclusiveBinding(pattern, match->value);
        visitParts(body, id, visitor());
    }
    void block(BlockId id) {
        const Block &block = body.blocks[id];
        for (StmtId stmt : block.stmts) {
            const StmtNode &node = body.stmts[stmt].node;
            if (auto *let = std::get_if<Let>(&node)) exclusiveBinding(let->pattern, let->init);
            if (auto *s = std::get_if<Assign>(&node)) root(s->target);
            if (auto *s = std::get_if<OpAssign>(&node)) root(s->target);
            if (auto *s = std::get_if<CopyElements>(&node)) root(s->target);
            if (auto *s = std::get_if<FillElements>(&node)) root(s->target);
            if (auto *s = std::get_if<AssignTuple>(&node))
                for (ExprId target : s->targets) root(target); // `_` has no root
            visitParts(body, stmt, visitor());
        }
        if (block.value) expr(block.value);
    }
    void exclusiveBinding(PatternId pattern, ExprId from) {
        std::vector<LocalId> bound;
        addBindings(body, pattern, bound);
        for (LocalId local : bound)
            if (body.locals[local].storage == Storage::Exclusive && from) root(from);
    }
    Visitor visitor() {
        return {[this](ExprId id) { expr(id); }, [this](BlockId id) { block(id); }};
    }
};

} // namespace

void visitParts(const Body &body, ExprId id, const Visitor &visitor) {
    std::visit(Parts{body, visitor}, body.exprs[id].node);
}
void visitParts(const Body &body, StmtId id, const Visitor &visitor) {
    std::visit(Parts{body, visitor}, body.stmts[id].node);
}
void visitParts(const Body &body, SourceId id, const Visitor &visitor) {
    std::visit(Parts{body, visitor}, body.sources[id].node);
}

LocalId rootOf(const Body &body, ExprId place) {
    while (place) {
        const ExprNode &node = body.exprs[place].node;
        if (auto *e = std::get_if<LocalRef>(&node)) return e->local;
        if (auto *e = std::get_if<Field>(&node)) place = e->base;
        else if (auto *e = std::get_if<Index>(&node)) place = e->base;
        else if (auto *e = std::get_if<Reshape>(&node)) place = e->base;
        else if (auto *e = std::get_if<ToView>(&node)) place = e->base;
        else if (auto *e = std::get_if<ListView>(&node)) place = e->base;
        else if (auto *e = std::get_if<StrBytes>(&node)) place = e->base;
        else if (auto *e = std::get_if<Unwrap>(&node)) place = e->base;
        else if (auto *e = std::get_if<BoxValue>(&node)) place = e->base;
        else if (auto *e = std::get_if<Consume>(&node)) place = e->place;
        else return {};
    }
    return {};
}

void addWrites(const Body &body, BlockId block, Writes &out, const FieldEffects &effects) {
    Collector{body, out, effects}.block(block);
}
void addWrites(const Body &body, ExprId expr, Writes &out, const FieldEffects &effects) {
    Collector{body, out, effects}.expr(expr);
}

void addBindings(const Body &body, PatternId pattern, std::vector<LocalId> &out) {
    if (!pattern) return;
    const PatternNode &node = body.patterns[pattern].node;
    auto all = [&](const std::vector<PatternId> &parts) {
        for (PatternId part : parts) addBindings(body, part, out);
    };
    if (auto *p = std::get_if<BindPattern>(&node)) out.push_back(p->local);
    if (auto *p = std::get_if<TuplePattern>(&node)) all(p->elems);
    if (auto *p = std::get_if<CasePattern>(&node)) all(p->payload);
    if (auto *p = std::get_if<SomePattern>(&node)) addBindings(body, p->value, out);
}

} // namespace parlane::access
