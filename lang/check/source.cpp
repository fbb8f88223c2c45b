// What a loop or pipeline runs over.
#include "lang/base/match.h"
#include "lang/check/body.h"

#include <algorithm>

namespace parlane::check {

bool BodyChecker::patternWrites(ast::PatternId id) const {
    if (!id.valid()) return false;
    const ast::PatternNode &node = tree()[id].node;
    if (const auto *b = std::get_if<ast::BindPattern>(&node)) return b->exclusive;
    auto any = [&](const std::vector<ast::PatternId> &parts) { return std::ranges::any_of(parts,
        [&](ast::PatternId p) { return patternWrites(p); }); };
    if (const auto *t = std::get_if<ast::TuplePattern>(&node)) return any(t->parts);
    if (const auto *k = std::get_if<ast::CasePattern>(&node)) return any(k->parts);
    return false;
}

SourceId BodyChecker::rangeSource(const ast::RangeExpr &e, Span span) {
    if (!e.lo.valid() || !e.hi.valid()) return {}; // a syntax error, reported
    auto [lo, hi] = operands(e.lo, e.hi, {});
    ExprId step;
    if (isError(lo) || isError(hi)) {
        if (e.step.valid()) expr(e.step);
        return {};
    }
    const TypeId type = typeOf(lo);
    if (!types().satisfies(type, types::Constraint::Integer) || typeOf(hi) != type) {
        const bool integers = types().satisfies(type, types::Constraint::Integer) &&
            types().satisfies(typeOf(hi), types::Constraint::Integer);
        auto problem = report(Code::RangeType, span, text(type), text(typeOf(hi)));
        problem.label(spanOf(lo), "`" + text(type) + "`").label(spanOf(hi), "`" + text(typeOf(hi)) + "`");
        if (integers) problem.fix("convert one end: `" + text(type) + "(…)`");
        else problem.why("a range counts in integers");
        return {};
    }
    if (e.step.valid()) {
        step = coerce(expr(e.step, type), type);
        if (isError(step)) return {};
    }
    return addSource(type, span, hir::RangeSource{lo, hi, step, e.inclusive});
}

SourceId BodyChecker::elementsSource(ExprId place, Mode mode, Span span) {
    if (mode == Mode::Sink) {
        if (isList(typeOf(place)) || types().is<types::ViewType>(typeOf(place)) ||
            !types().is<types::ArrayType>(typeOf(place))) {
            auto problem = report(Code::SinkSource, span, text(typeOf(place)));
            problem.why("`for sink` takes over a whole array");
            if (isList(typeOf(place))) problem.fix("move its items out: `.array()`");
            return {};
        }
        const TypeId elem = types().elemOf(typeOf(place));
        ExprId owned = consume(place);
        return isError(owned) ? SourceId() : addSource(elem, span, hir::ElementsSource{owned, mode});
    }
    if (mode == Mode::Inout && !requireWritable(place, span, "passed with `&`")) return {};
    ExprId view = toView(place);
    return addSource(types().elemOf(typeOf(view)), span, hir::ElementsSource{view, mode});
}

SourceId BodyChecker::nextSource(ExprId value, bool tries, Span span) {
    const TypeId type = typeOf(value);
    const NameId next = c.known.next;
    std::vector<FunctionId> candidates = c.lookup(*module, next, span).functions;
    for (FunctionId id : c.functionsOf(*module, type, next))
        if (std::ranges::find(candidates, id) == candidates.end()) candidates.push_back(id);
    std::erase_if(candidates, [&](FunctionId id) { return c.program.functions[id].params.size() != 1; });
    hir::NextSource node;
    CallArg state;
    state.span = span;
    state.receiver = true;
    state.done = value;
    if (fitting(candidates, {next, span, {}, true}, {state}).size() != 1) {
        report(Code::NotIterable, span, text(type))
            .why("a loop runs over ranges, arrays, lists, maps, sets, strings, and values with "
                 "`fn next(inout s: S) -> T?`");
        return {};
    }
    if (!isPlace(value)) {
        node.owned = body.locals.add({{}, type, span, hir::LocalKind::Var, hir::Storage::Owned, true});
        node.init = value;
        state.done = add(type, span, hir::LocalRef{node.owned});
    }
    if (tries) ++frame().try_depth;
    node.call = callFunctions(std::move(candidates), {next, span, {}, true}, {state}, span, {});
    if (tries) --frame().try_depth;
    if (isError(node.call)) return {};
    const TypeId inner = optionalValue(typeOf(node.call));
    if (!inner.valid()) {
        report(Code::NotIterable, span, text(type)).why("`next` gives an optional: `none` ends the loop");
        return {};
    }
    return addSource(inner, span, node);
}

namespace {

struct PartInfo {
    hir::PartKind kind;
    int rank;  ///< of what is cut
    size_t args;
    int part_rank;
};

} // namespace

/// `m.rows()`, `a.chunks(n)`, `m.tiles(h, w)`, `a.parts(offsets)`, `zip(…)`, `enumerate(…)`; `handled` is false for
/// other calls.
SourceId BodyChecker::callSource(const ast::CallExpr &e, ast::PatternId pattern, Mode mode, Span span, bool &handled) {
    const ast::Expr &callee = tree()[tree().stripParens(e.callee)];
    if (const auto *name = std::get_if<ast::NameExpr>(&callee.node)) {
        const bool zip = name->name.id == c.known.zip, enumerate = name->name.id == c.known.enumerate;
        if ((zip || enumerate) && !findLocal(name->name.id, name->name.span).valid()) {
            handled = true;
            return zip ? zipSource(e, pattern, mode, span) : enumerateSource(e, pattern, mode, span);
        }
    }
    const auto *member = std::get_if<ast::MemberExpr>(&callee.node);
    if (!member || moduleNamed(member->base).valid()) return {};
    PartInfo info;
    const NameId name = member->name.id;
    if (name == c.known.rows) info = {hir::PartKind::Rows, 2, 0, 1};
    else if (name == c.known.chunks) info = {hir::PartKind::Chunks, 1, 1, 1};
    else if (name == c.known.tiles) info = {hir::PartKind::Tiles, 2, 2, 2};
    else if (name == c.known.parts) info = {hir::PartKind::Parts, 1, 1, 1};
    else return {};
    ExprId base = expr(member->base);
    handled = true;
    if (isError(base)) return {};
    if (isList(typeOf(base))) base = toView(base);
    if (types().rankOf(typeOf(base)) == 0) {
        ExprId value = callMethod(base, member->name, {}, e, span, {});
        return isError(value) ? SourceId() : valueSource(value, mode, false, span);
    }
    if (types().rankOf(typeOf(base)) != info.rank) {
        report(Code::PartsRank, span, text(name), info.rank)
            .label(spanOf(base), "of type `" + text(typeOf(base)) + "`");
        return {};
    }
    if (e.args.size() != info.args) {
        report(Code::ArgumentCount, span, text(name), info.args, e.args.size());
        return {};
    }
    if (mode == Mode::Sink) {
        report(Code::SinkSource, span, text(typeOf(base))).why("parts are views and cannot be taken over");
        return {};
    }
    hir::PartsSource node{info.kind, {}, {}, mode};
    for (const ast::Arg &arg : e.args) {
        ExprId value = info.kind == hir::PartKind::Parts ? valueAs(arg.value, types().view(types().i64, 1))
            : integer(arg.value);
        if (isError(value)) return {};
        node.args.push_back(value);
    }
    if (mode == Mode::Inout && !requireWritable(base, spanOf(base), "passed with `&`")) return {};
    node.place = toView(base);
    const TypeId elem = types().elemOf(typeOf(node.place));
    return addSource(types().view(elem, info.part_rank), span, std::move(node));
}

SourceId BodyChecker::zipSource(const ast::CallExpr &e, ast::PatternId pattern, Mode mode, Span span) {
    const auto *parts = pattern.valid() ? std::get_if<ast::TuplePattern>(&tree()[pattern].node) : nullptr;
    if (e.args.size() < 2 || (parts && parts->parts.size() != e.args.size())) {
        report(Code::ArgumentCount, span, "zip", parts ? std::to_string(parts->parts.size()) : "2 or more",
            e.args.size());
        return {};
    }
    hir::ZipSource node;
    std::vector<TypeId> types_of;
    bool broken = false;
    for (size_t i = 0; i < e.args.size(); ++i) {
        const ast::PatternId part = parts ? parts->parts[i] : ast::PatternId();
        const bool writes = patternWrites(part);
        if (writes && e.args[i].mode != ast::Mode::Inout)
            report(Code::MissingInout, e.args[i].span, "zip").why("a loop shows what it may change")
                .fix("write `&` in front", {{{e.args[i].span.begin, e.args[i].span.begin}, "&"}});
        SourceId one = source(e.args[i].value, part, mode == Mode::Sink ? Mode::Sink : writes ? Mode::Inout
            : Mode::Read, false);
        broken |= !one.valid();
        node.sources.push_back(one);
        types_of.push_back(one.valid() ? body.sources[one].type : types().error);
    }
    if (broken) return {};
    return addSource(types().tuple(std::move(types_of)), span, std::move(node));
}

SourceId BodyChecker::enumerateSource(const ast::CallExpr &e, ast::PatternId pattern, Mode mode, Span span) {
    if (e.args.size() != 1) {
        report(Code::ArgumentCount, span, "enumerate", 1, e.args.size());
        return {};
    }
    const auto *parts = pattern.valid() ? std::get_if<ast::TuplePattern>(&tree()[pattern].node) : nullptr;
    const ast::PatternId part = parts && parts->parts.size() == 2 ? parts->parts[1] : ast::PatternId();
    const Mode inner_mode = mode == Mode::Sink ? mode : patternWrites(part) ? Mode::Inout : Mode::Read;
    SourceId inner = source(e.args[0].value, part, inner_mode, false);
    if (!inner.valid()) return {};
    return addSource(types().tuple({types().i64, body.sources[inner].type}), span, hir::EnumerateSource{inner});
}

SourceId BodyChecker::valueSource(ExprId value, Mode mode, bool tries, Span span) {
    const TypeId type = typeOf(value);
    if (isError(type)) return {};
    if (types().rankOf(type) > 0 || isList(type)) return elementsSource(value, mode, span);
    if (type == types().str) return addSource(types().u32, span, hir::StrSource{value});
    const auto *s = types().as<types::StructType>(type);
    auto fieldNamed = [&](NameId name) -> ExprId {
        const auto &fields = types().info(s->decl).fields;
        for (uint32_t i = 0; i < fields.size(); ++i)
            if (fields[i].name == name) return add(types().fieldType(type, i), span, hir::Field{value, i});
        return {};
    };
    // Maps and sets run in order of insertion: over the lists that hold it.
    if (s && s->decl == c.map_struct) {
        SourceId keys = elementsSource(fieldNamed(c.known.keys), Mode::Read, span);
        SourceId values = elementsSource(fieldNamed(c.known.values), mode == Mode::Inout ? mode : Mode::Read, span);
        if (!keys.valid() || !values.valid()) return {};
        return addSource(types().tuple({body.sources[keys].type, body.sources[values].type}), span,
            hir::ZipSource{{keys, values}});
    }
    if (s && s->decl == c.set_struct) return elementsSource(fieldNamed(c.known.items), Mode::Read, span);
    return nextSource(value, tries, span);
}

SourceId BodyChecker::source(ast::ExprId id, ast::PatternId pattern, Mode mode, bool tries) {
    const ast::Expr &e = tree()[tree().stripParens(id)];
    if (const auto *range = std::get_if<ast::RangeExpr>(&e.node)) return rangeSource(*range, e.span);
    if (const auto *call = std::get_if<ast::CallExpr>(&e.node)) {
        bool handled = false;
        if (tries) ++frame().try_depth;
        SourceId found = callSource(*call, pattern, mode, e.span, handled);
        if (tries) --frame().try_depth;
        if (handled) return found;
    }
    if (tries) ++frame().try_depth;
    ExprId value = expr(id);
    if (tries) --frame().try_depth;
    return valueSource(value, mode, tries, e.span);
}

/// The pattern against one part of the source; parts of `zip` and `enumerate` are matched one by one.
PatternId BodyChecker::sourcePattern(ast::PatternId id, SourceId source_id) {
    const hir::Source source = body.sources[source_id];
    const ast::Pattern &written = tree()[id];
    const auto *tuple = std::get_if<ast::TuplePattern>(&written.node);
    Subject subject{source.type, false, false, hir::LocalKind::LoopPattern, false, source.span};
    std::vector<SourceId> inner;
    match(
        source.node, [&](const hir::ZipSource &s) { inner = s.sources; },
            [&](const hir::EnumerateSource &s) { inner = {SourceId(), s.source}; },
        [&](const hir::ElementsSource &s) { subject.place = s.mode != Mode::Sink,
            subject.writable = s.mode == Mode::Inout; },
        [&](const hir::PartsSource &s) { subject.place = true, subject.writable = s.mode == Mode::Inout; },
        [&](const hir::WhileLetSource &s) { subject.place = isPlace(s.value); }, [&](const auto &) {});
    if (inner.empty()) return pattern(id, subject);
    if (!tuple || tuple->parts.size() != inner.size()) {
        const auto &parts = types().as<types::TupleType>(source.type)->elems;
        const bool views = std::ranges::any_of(parts, [&](TypeId t) { return types().is<types::ViewType>(t); });
        if (!tuple && !views) {
            subject.place = true;
            return pattern(id, subject);
        }
        report(Code::PatternType, written.span, "this pattern", text(source.type)).fix("name the parts: `(a, b)`");
        declareBroken(id);
        return addPattern(types().error, written.span, hir::WildPattern{});
    }
    hir::TuplePattern node;
    for (size_t i = 0; i < inner.size(); ++i) {
        if (inner[i].valid()) node.elems.push_back(sourcePattern(tuple->parts[i], inner[i]));
        else node.elems.push_back(pattern(tuple->parts[i], {types().i64, false, false, hir::LocalKind::LoopPattern,
            false, source.span}));
    }
    return addPattern(source.type, written.span, std::move(node));
}

std::optional<hir::Clause> BodyChecker::clause(const ast::LoopSource &written, bool parallel) {
    const Mode mode = written.sink ? Mode::Sink : patternWrites(written.pattern) ? Mode::Inout : Mode::Read;
    SourceId id = source(written.source, written.pattern, mode, written.tries);
    if (!id.valid()) {
        declareBroken(written.pattern);
        return std::nullopt;
    }
    if (parallel && std::holds_alternative<hir::NextSource>(body.sources[id].node)) {
        report(Code::SerialSource, body.sources[id].span).why("`next` gives one item after the other")
            .fix("use a `pipeline`, or collect the items first");
        declareBroken(written.pattern);
        return std::nullopt;
    }
    PatternId p = sourcePattern(written.pattern, id);
    if (!isIrrefutable(p) && !isError(body.patterns[p].type))
        report(Code::RefutableLet, tree()[written.pattern].span).why("the pattern does not fit every part")
            .fix("bind a name and use `match` or `if let` in the body");
    return hir::Clause{p, id};
}

} // namespace parlane::check
