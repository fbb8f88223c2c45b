// Statements: bindings and stores.
#include "lang/access/walk.h"

namespace parlane::access {

using namespace hir;

namespace {

OperatorClass classOf(AssignOp op) {
    switch (op) {
    case AssignOp::Add:
    case AssignOp::Sub: return OperatorClass::Add;
    case AssignOp::Mul: return OperatorClass::Mul;
    case AssignOp::BitAnd: return OperatorClass::And;
    case AssignOp::BitOr: return OperatorClass::Or;
    case AssignOp::BitXor: return OperatorClass::Xor;
    case AssignOp::Min: return OperatorClass::Min;
    case AssignOp::Max: return OperatorClass::Max;
    default: return OperatorClass::Other;
    }
}

std::optional<BinaryOp> binaryOf(AssignOp op) {
    switch (op) {
    case AssignOp::Add: return BinaryOp::Add;
    case AssignOp::Sub: return BinaryOp::Sub;
    case AssignOp::Mul: return BinaryOp::Mul;
    case AssignOp::Div: return BinaryOp::Div;
    case AssignOp::Rem: return BinaryOp::Rem;
    case AssignOp::Shl: return BinaryOp::Shl;
    case AssignOp::Shr: return BinaryOp::Shr;
    case AssignOp::BitAnd: return BinaryOp::BitAnd;
    case AssignOp::BitOr: return BinaryOp::BitOr;
    case AssignOp::BitXor: return BinaryOp::BitXor;
    default: return std::nullopt;
    }
}

AccessKind kindOf(Claim claim) {
    return claim == Claim::Atomic ? AccessKind::Atomic : claim == Claim::Disjoint ? AccessKind::Disjoint
                                                                                  : AccessKind::Write;
}

} // namespace

// ---- bindings ---------------------------------------------------------------------------------------------------

void Walker::declare(LocalId local, const Value &value) {
    const Local &info = body.locals[local];
    Known known;
    declared_at[local.raw] = ++declarations;
    known.version = known.shape_version = terms.now();
    if (isInteger(info.type)) {
        known.value = value.term ? value.term : freshInteger(info.type, localText(local), info.span);
        if (auto symbol = terms.asSymbol(known.value)) terms.describe(*symbol, localText(local), info.span);
    }
    if (info.type == types.boolean) known.truth = value.truth;
    if (!value.shape.empty() && types.rankOf(info.type) == static_cast<int>(value.shape.size())) {
        known.shape = static_cast<uint32_t>(shapes.size());
        shapes.push_back(value.shape);
    }
    locals[local.raw] = known;
    scope.push_back(local);
}

void Walker::declareAlias(LocalId local, Place place) {
    if (!place.root) return declare(local, {});
    Known known;
    declared_at[local.raw] = ++declarations;
    known.version = known.shape_version = terms.now();
    known.alias = static_cast<uint32_t>(aliases.size());
    alias_places[local] = place;
    aliases.push_back(std::move(place));
    locals[local.raw] = known;
}

void Walker::bind(PatternId id, const Value &value, const Place *from) {
    if (!id) return;
    const Pattern &pattern = body.patterns[id];
    auto below = [&](PatternId child, StepKind kind, uint32_t index) {
        if (!from) {
            Value shape_only;
            if (kind == StepKind::Field) shape_only.shape = value.shape; // a tuple of arrays of one shape
            return bind(child, shape_only, nullptr);
        }
        const Place at = part(*from, kind, index);
        bind(child, {}, &at);
    };
    if (auto *node = std::get_if<BindPattern>(&pattern.node)) {
        const Local &local = body.locals[node->local];
        if (!from) return declare(node->local, value);
        if (local.storage != Storage::Owned) {
            if (types.rankOf(local.type) > 0) touchHeader(*from, pattern.span);
            return declareAlias(node->local, *from);
        }
        touch(AccessKind::Read, *from, pattern.span, {});
        return declare(node->local, load(*from, local.type, pattern.span));
    }
    if (auto *node = std::get_if<TuplePattern>(&pattern.node)) {
        for (uint32_t k = 0; k < node->elems.size(); ++k) below(node->elems[k], StepKind::Field, k);
    } else if (auto *node = std::get_if<CasePattern>(&pattern.node)) {
        if (from) touch(AccessKind::Read, part(*from, StepKind::Inside, uint32_t(Content::Shape)), pattern.span, {});
        for (uint32_t k = 0; k < node->payload.size(); ++k) below(node->payload[k], StepKind::Inside, 16 + k);
    } else if (auto *node = std::get_if<SomePattern>(&pattern.node)) {
        if (from) touch(AccessKind::Read, part(*from, StepKind::Inside, uint32_t(Content::Shape)), pattern.span, {});
        below(node->value, StepKind::Inside, static_cast<uint32_t>(Content::Value));
    } else if (from && !std::holds_alternative<WildPattern>(pattern.node)) {
        touch(AccessKind::Read, *from, pattern.span, {});
    }
}

void Walker::let(const Let &node, source::Span) {
    ExprId init = node.init;
    const PathId before = path;
    Value from_value;
    Place from;
    bool has_place = false;
    if (init) {
        // A pattern that takes a value apart reads its parts; the whole is not touched.
        auto *consume = std::get_if<Consume>(&body.exprs[init].node);
        const bool whole = std::holds_alternative<BindPattern>(body.patterns[node.pattern].node);
        if (consume && !whole && isPlace(consume->place)) init = consume->place;
        std::vector<LocalId> bound;
        addBindings(body, node.pattern, bound);
        const bool aliases_part = !bound.empty() && body.locals[bound[0]].storage != Storage::Owned;
        has_place = isPlace(init) && (aliases_part || !whole);
        if (has_place)
            from = place(init);
        else
            from_value = value(init);
    }
    const PathId after = path;
    if (node.otherwise) {
        std::vector<Known> start = locals;
        block(node.otherwise);
        locals = std::move(start);
    }
    path = node.otherwise ? before : after;
    bind(node.pattern, from_value, has_place && from.root ? &from : nullptr);
}

// ---- stores -----------------------------------------------------------------------------------------------------

void Walker::store(const Place &place, Value value, TypeId type) {
    noteWrite(place, types.owns(type));
    if (!isVariable(place.root) || !place.steps.empty()) return;
    Known &known = locals[place.root.raw];
    if (isInteger(type)) known.value = value.term;
    if (type == types.boolean) known.truth = value.truth;
    if (!value.shape.empty() && types.rankOf(type) == static_cast<int>(value.shape.size())) {
        known.shape = static_cast<uint32_t>(shapes.size());
        shapes.push_back(std::move(value.shape));
    }
}

void Walker::assign(const Assign &node, source::Span) {
    const Expr &target = body.exprs[node.target];
    const Place at = place(node.target);
    Value stored = value(node.value);
    touch(kindOf(node.claim), at, target.span, node.target);
    store(at, std::move(stored), target.type);
}

void Walker::assignTuple(const AssignTuple &node) {
    std::vector<Place> places;
    for (ExprId target : node.targets) places.push_back(target ? place(target) : Place{});
    // `(i, j) = (j, i)`: the components are known one by one if they are written so.
    std::vector<Value> values(node.targets.size());
    ExprId source = node.value;
    if (auto *consume = std::get_if<Consume>(&body.exprs[source].node)) source = consume->place;
    if (auto *tuple = std::get_if<Tuple>(&body.exprs[source].node); tuple && tuple->elems.size() == values.size())
        for (size_t k = 0; k < values.size(); ++k) values[k] = value(tuple->elems[k]);
    else
        value(node.value);
    for (size_t k = 0; k < places.size(); ++k) {
        if (!node.targets[k]) continue; // `_`
        const Expr &target = body.exprs[node.targets[k]];
        touch(AccessKind::Write, places[k], target.span, node.targets[k]);
        store(places[k], std::move(values[k]), target.type);
    }
}

void Walker::opAssign(const OpAssign &node, source::Span) {
    const Expr &target = body.exprs[node.target];
    const Place at = place(node.target);
    const Value with = value(node.value);
    Value stored;
    if (isInteger(target.type) && at.root) {
        const Value old = load(at, target.type, target.span);
        if (auto op = binaryOf(node.op); op && old.term && with.term && !node.function)
            stored.term = arithmetic(*op, old.term, with.term, target.type);
        else
            stored.term = freshInteger(target.type, {}, target.span);
    }
    touch(kindOf(node.claim), at, target.span, node.target,
          node.function ? OperatorClass::Function : classOf(node.op));
    if (node.function && at.root) accesses.back().by = node.function->function;
    if (node.function) effect(analysis.effects[node.function->function.raw], target.span, node.function->function);
    store(at, std::move(stored), target.type);
}

void Walker::copyElements(const CopyElements &node, source::Span span) {
    const Expr &target = body.exprs[node.target];
    const Place to = place(node.target);
    if (!isPlace(node.value)) {
        value(node.value);
        touch(kindOf(node.claim), to, target.span, node.target);
        return noteWrite(to, ownsElements(target.type), false);
    }
    const Place from = place(node.value);
    touch(AccessKind::Read, from, body.exprs[node.value].span, node.value);
    touch(kindOf(node.claim), to, target.span, node.target);
    if (isVariable(to.root) && conflicts.overlap(to, path, from, path).verdict != Verdict::Apart)
        analysis.emitter.report(diag::Code::OverlappingCopy, span, localText(to.root))
            .label(body.exprs[node.value].span, "read here")
            .why("an assignment to a slice copies element by element, so it must be provable that none of them is also "
                 "read")
            .fix("copy what is read first: `.copy()`", {{{body.exprs[node.value].span.end,
                                                           body.exprs[node.value].span.end}, ".copy()"}});
    noteWrite(to, ownsElements(target.type), false);
}

void Walker::statement(StmtId id) {
    const Stmt &stmt = body.stmts[id];
    if (auto *node = std::get_if<Let>(&stmt.node)) return let(*node, stmt.span);
    if (auto *node = std::get_if<Declare>(&stmt.node)) return declare(node->local, {});
    if (auto *node = std::get_if<Assign>(&stmt.node)) return assign(*node, stmt.span);
    if (auto *node = std::get_if<AssignTuple>(&stmt.node)) return assignTuple(*node);
    if (auto *node = std::get_if<OpAssign>(&stmt.node)) return opAssign(*node, stmt.span);
    if (auto *node = std::get_if<CopyElements>(&stmt.node)) return copyElements(*node, stmt.span);
    if (auto *node = std::get_if<FillElements>(&stmt.node)) {
        const Place to = place(node->target);
        value(node->value);
        touch(AccessKind::Write, to, body.exprs[node->target].span, node->target);
        return noteWrite(to, ownsElements(body.exprs[node->target].type), false);
    }
    if (auto *node = std::get_if<ExprStmt>(&stmt.node)) {
        unused_call = node->value;
        if (auto *tried = std::get_if<Try>(&body.exprs[node->value].node)) unused_call = tried->operand;
        value(node->value);
        // `assert(cond)` has trapped if it does not hold.
        if (auto *called = std::get_if<Call>(&body.exprs[node->value].node)) assume(assertion(*called));
    }
}

} // namespace parlane::access
