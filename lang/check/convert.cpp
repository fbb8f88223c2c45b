// Places, conversions, consuming, writing.
#include "lang/base/match.h"
#include "lang/check/body.h"

namespace parlane::check {

namespace {

/// The base of a place expression; invalid for anything else.
ExprId baseOf(const hir::ExprNode &node) {
    return match(
        node, [](const hir::Field &n) { return n.base; }, [](const hir::Index &n) { return n.base; },
        [](const hir::Reshape &n) { return n.base; }, [](const hir::ToView &n) { return n.base; },
        [](const hir::ListView &n) { return n.base; }, [](const hir::StrBytes &n) { return n.base; },
        [](const hir::Unwrap &n) { return n.base; }, [](const hir::BoxValue &n) { return n.base; },
        [](const auto &) { return ExprId(); });
}

} // namespace

bool BodyChecker::isPlace(ExprId id) const {
    while (id.valid()) {
        const hir::ExprNode &node = body.exprs[id].node;
        if (std::holds_alternative<hir::LocalRef>(node)) return true;
        id = baseOf(node);
    }
    return false;
}

LocalId BodyChecker::rootOf(ExprId place) const {
    while (place.valid()) {
        const hir::ExprNode &node = body.exprs[place].node;
        if (const auto *local = std::get_if<hir::LocalRef>(&node)) return local->local;
        place = baseOf(node);
    }
    return {};
}

void BodyChecker::mismatch(ExprId id, TypeId wanted) {
    const TypeId got = typeOf(id);
    const bool view = types().is<types::ViewType>(got);
    auto problem = report(Code::WrongType, spanOf(id), text(wanted), (view ? "view of " : "") + text(got));
    if (types().is<types::ViewType>(got) && types().rankOf(wanted) > 0 && !types().is<types::ViewType>(wanted))
        problem.why("this is a view: it borrows its elements and can neither be stored nor returned")
            .fix("copy the elements: write `.copy()` behind it");
    else if (types().scalarOf(got) && types().scalarOf(wanted) && got != types().boolean && wanted != types().boolean)
        problem.why("numbers are converted explicitly").fix("write `" + text(wanted) + "(…)` around it",
                                                            {{{spanOf(id).begin, spanOf(id).begin},
                                                                text(wanted) + "("},
                                                                {{spanOf(id).end, spanOf(id).end}, ")"}});
    else if (optionalValue(got) == wanted) problem.fix("say what happens on `none`: `?? default`, `!`, or `if let`");
    else if (wanted == types().str && types().scalarOf(got)) problem.fix("put it into a string: `\"{…}\"`");
    else if (got == types().unit) problem.why("this gives no value");
}

ExprId BodyChecker::toView(ExprId id) {
    const TypeId type = typeOf(id);
    const Span span = spanOf(id);
    if (isList(type)) {
        const TypeId elem = types().as<types::StructType>(type)->args[0];
        return add(types().view(elem, 1), span, hir::ListView{id});
    }
    if (types().is<types::ArrayType>(type) || types().is<types::FixedType>(type))
        return add(types().view(types().elemOf(type), types().rankOf(type)), span, hir::ToView{id});
    return id;
}

/// The implicit conversions: owner to view, value to optional, fixed array to array. Anything else is a mismatch.
ExprId BodyChecker::coerce(ExprId id, TypeId wanted) {
    const TypeId got = typeOf(id);
    if (got == wanted || isError(got) || got == types().never) return id;
    if (isError(wanted)) return id;
    if (const auto *v = types().as<types::ViewType>(wanted)) {
        const bool same_shape = types().rankOf(got) == v->rank && types().elemOf(got) == v->elem;
        const bool list = isList(got) && v->rank == 1 && types().as<types::StructType>(got)->args[0] == v->elem;
        if (same_shape || list) return toView(id);
    }
    if (const TypeId inner = optionalValue(wanted); inner.valid()) {
        const bool fits = got == inner || (types().is<types::ArrayType>(inner) && types().is<types::FixedType>(got));
        if (fits) {
            ExprId value = consume(coerce(id, inner));
            return isError(value) ? value : add(wanted, spanOf(id), hir::Some{value});
        }
    }
    if (const auto *a = types().as<types::ArrayType>(wanted); a && types().is<types::FixedType>(got))
        if (types().rankOf(got) == a->rank && types().elemOf(got) == a->elem) return add(wanted, spanOf(id),
            hir::FixedToArray{id});
    mismatch(id, wanted);
    return errorExpr(spanOf(id));
}

/// An operand whose value gets a new owner.
ExprId BodyChecker::consume(ExprId id) {
    const TypeId type = typeOf(id);
    if (isError(type) || type == types().never) return id;
    const Span span = spanOf(id);
    if (types().is<types::ViewType>(type)) {
        report(Code::ViewStored, span)
            .why("a view borrows its elements; it is passed down or bound with `let`, never stored or returned")
            .fix("copy the elements: write `.copy()` behind it", {{{span.end, span.end}, ".copy()"}});
        return errorExpr(span);
    }
    if (types().is<types::FnType>(type)) {
        report(Code::FunctionStored, span).why("functions and closures are passed down, never stored");
        return errorExpr(span);
    }
    if (!isPlace(id)) {
        // A part of a temporary: the rest of it would be lost track of.
        const bool part = baseOf(body.exprs[id].node).valid();
        if (!part || types().isCopy(type)) return id;
    } else if (!types().owns(type)) return id;
    const auto *local = std::get_if<hir::LocalRef>(&body.exprs[id].node);
    bool whole = local && body.locals[local->local].storage == hir::Storage::Owned;
    // A closure may be called again: what it captures stays.
    for (const hir::Capture &capture : frame().captures) whole = whole && capture.local != local->local;
    if (!types().isCopy(type) && !whole) {
        auto problem = report(Code::PartDoesNotMove, span, text(type));
        const LocalId root = rootOf(id);
        if (local && root.valid()) {
            problem.label(body.locals[root].span, "it belongs to somebody else: `sink` would take it over");
            problem.why("only local variables, `sink` parameters and temporaries move");
        } else problem.why("elements and fields do not move out silently");
        problem.fix("copy it: write `.copy()` behind it", {{{span.end, span.end}, ".copy()"}});
        if (!local) problem.fix("leave the zero value behind: `take(&…)`");
        return errorExpr(span);
    }
    if (!isPlace(id)) return id;
    return add(type, span, hir::Consume{id});
}

void BodyChecker::reportReadOnly(ExprId place, ExprId root, Span span, std::string_view action) {
    const hir::ExprNode &node = body.exprs[root].node;
    if (const auto *ref = std::get_if<hir::LocalRef>(&node)) {
        const hir::Local &local = body.locals[ref->local];
        auto problem = report(Code::NotWritable, span, text(local.name), action);
        switch (local.kind) {
        case hir::LocalKind::Param:
        case hir::LocalKind::ClosureParam:
            problem.label(local.span, "a parameter that is only read")
                .fix("declare it `inout " + text(local.name) + "`", {{{local.span.begin, local.span.begin}, "inout "}});
            break;
        case hir::LocalKind::LoopPattern:
            problem.label(local.span, "bound for reading here")
                .fix("take exclusive access: `&" + text(local.name) + "`");
            break;
        case hir::LocalKind::Pattern: problem.label(local.span, "bound here, for reading"); break;
        default:
            problem.label(local.span, "bound once here");
            if (types().is<types::ViewType>(local.type)) problem
                .fix("take exclusive access: `inout " + text(local.name) + " = &…`");
            else problem.fix("declare it with `var`");
        }
        return;
    }
    (void)place;
    report(Code::NoPlace, span, action);
}

/// Lists, maps and sets are changed by their own functions: what a user could write into their fields would break them.
bool BodyChecker::libraryField(const hir::Field &field, Span span) {
    const auto *s = types().as<types::StructType>(typeOf(field.base));
    if (!s || module->library || !c.module(c.structs[s->decl.raw].module).prelude) return false;
    if (s->decl == c.program.error_struct) return false;
    const types::StructInfo &info = types().info(s->decl);
    report(Code::LibraryField, span, text(info.fields[field.index].name), text(typeOf(field.base)))
        .label(info.span, "declared here");
    return true;
}

bool BodyChecker::requireWritable(ExprId place, Span span, std::string_view action) {
    if (isError(place)) return false;
    ExprId walk = place;
    while (true) {
        const hir::ExprNode &node = body.exprs[walk].node;
        if (const auto *ref = std::get_if<hir::LocalRef>(&node)) {
            const hir::Local &local = body.locals[ref->local];
            if (isError(local.type)) return false;
            if (local.is_mutable) {
                noteWrite(ref->local, span);
                return true;
            }
            break;
        }
        if (std::holds_alternative<hir::StrBytes>(node)) {
            report(Code::StrIsReadOnly, span).why("the bytes of a str are text and stay so")
                .fix("copy them: `s.bytes.copy()`");
            return false;
        }
        ExprId base = baseOf(node);
        if (!base.valid()) break;
        if (const auto *field = std::get_if<hir::Field>(&node); field && libraryField(*field, span)) return false;
        walk = base;
    }
    reportReadOnly(place, walk, span, action);
    return false;
}

} // namespace parlane::check
