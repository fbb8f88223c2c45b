// Expressions: the dispatch and the small forms.
#include "lang/base/match.h"
#include "lang/check/body.h"

#include <algorithm>

namespace parlane::check {

ExprId BodyChecker::expr(ast::ExprId id, TypeId hint) {
    if (!id.valid()) return errorExpr({});
    const ast::Expr &e = tree()[id];
    if (hint.valid() && isError(hint)) hint = {};
    return exprNode(id, e, hint);
}

ExprId BodyChecker::exprNode(ast::ExprId id, const ast::Expr &e, TypeId hint) {
    return match(
        e.node, [&](const ast::IntLiteral &n) { return intLiteral(n, false, e.span, hint); },
        [&](const ast::FloatLiteral &n) { return floatLiteral(n.text, false, e.span, hint); },
        [&](const ast::BoolLiteral &n) { return add(types().boolean, e.span, hir::BoolLit{n.value}); },
        [&](const ast::NoneLiteral &) {
            if (optionalValue(hint).valid()) return add(hint, e.span, hir::NoneLit{});
            report(Code::NoneWithoutType, e.span)
                .why("`none` takes the optional type that its place wants, and nothing here says which");
            return errorExpr(e.span);
        },
        [&](const ast::StringLiteral &n) { return stringLiteral(n, e.span); },
        [&](const ast::NameExpr &n) { return name(n.name, e.span, hint); },
        [&](const ast::DiscardExpr &) {
            report(Code::DiscardAsValue, e.span);
            return errorExpr(e.span);
        },
        [&](const ast::TypeValue &) {
            report(Code::TypeAsValue, e.span).fix("a value of it is made by a call: `T(…)`");
            return errorExpr(e.span);
        },
        [&](const ast::GenericExpr &n) {
            // A function with its type arguments, passed for a function parameter.
            const auto *base = std::get_if<ast::NameExpr>(&tree()[n.base].node);
            if (base && hint.valid() && types().is<types::FnType>(hint)) return expr(n.base, hint);
            report(Code::TypeAsValue, e.span).fix("call it: write `(` … `)` behind");
            return errorExpr(e.span);
        },
        [&](const ast::MemberExpr &n) { return member(n, e.span, hint); },
        [&](const ast::TupleMemberExpr &n) { return tupleMember(n, e.span); },
        [&](const ast::CallExpr &n) { return call(id, n, e.span, hint); },
        [&](const ast::IndexExpr &n) { return index(n, e.span); },
        [&](const ast::UnaryExpr &n) { return unary(n, e.span, hint); },
        [&](const ast::BinaryExpr &n) { return binary(n, e.span, hint); },
        [&](const ast::UnwrapExpr &n) { return unwrap(n, e.span); },
        [&](const ast::ParenExpr &n) { return expr(n.inner, hint); },
        [&](const ast::TupleExpr &n) { return tuple(n, e.span, hint); },
        [&](const ast::ArrayExpr &n) { return arrayLiteral(n, e.span, hint); },
        [&](const ast::RangeExpr &) {
            report(Code::RangeAsValue, e.span)
                .why("a range stands in `for`, in `[…]` of an array, and in patterns only");
            return errorExpr(e.span);
        },
        [&](const ast::IfExpr &n) { return ifExpr(n, e.span, hint, Want::Value); },
        [&](const ast::MatchExpr &n) { return matchExpr(n, e.span, hint, Want::Value); },
        [&](const ast::BlockExpr &n) { return blockExpr(n.block, e.span, hint, Want::Value); },
        [&](const ast::ClosureExpr &n) { return closure(n, e.span, hint); },
        [&](const ast::TryExpr &n) { return tryExpr(n, e.span, hint, Want::Value); },
        [&](const ast::DoCatchExpr &n) { return doCatch(n, e.span, hint, Want::Value); },
        [&](const ast::LoopExpr &n) { return loop(n.loop, e.span, hint); },
        [&](const ast::ErrorExpr &) { return errorExpr(e.span); });
}

ExprId BodyChecker::valueAs(ast::ExprId id, TypeId wanted) { return coerce(expr(id, wanted), wanted); }

ExprId BodyChecker::ownedAs(ast::ExprId id, TypeId wanted) { return consume(valueAs(id, wanted)); }

ExprId BodyChecker::condition(ast::ExprId id) {
    ExprId e = expr(id, types().boolean);
    const TypeId t = typeOf(e);
    if (t == types().boolean || isError(t) || t == types().never) return e;
    auto problem = report(Code::NotACondition, spanOf(e), text(t));
    if (optionalValue(t).valid()) problem.fix("write `if let x = …`, or compare with `none`");
    else if (types().isNumber(t)) problem.fix("compare it: `… != 0`");
    return errorExpr(spanOf(e));
}

/// A number of any integer type: an index, an extent, a shift count.
ExprId BodyChecker::integer(ast::ExprId id, TypeId hint) {
    ExprId e = expr(id, hint);
    const TypeId t = typeOf(e);
    if (isError(t) || t == types().never || types().satisfies(t, types::Constraint::Integer)) return e;
    report(Code::NotAnInteger, spanOf(e), text(t)).fix("convert it: `int(…)`");
    return errorExpr(spanOf(e));
}

ExprId BodyChecker::tuple(const ast::TupleExpr &e, Span span, TypeId hint) {
    if (e.parts.empty()) return add(types().unit, span, hir::UnitLit{});
    if (TypeId inner = optionalValue(hint); inner.valid()) hint = inner;
    std::vector<TypeId> hints(e.parts.size());
    if (hint.valid())
        if (const auto *t = types().as<types::TupleType>(hint); t && t->elems.size() == hints.size()) hints = t->elems;
    std::vector<ExprId> parts;
    std::vector<TypeId> elems;
    bool broken = false;
    for (size_t i = 0; i < e.parts.size(); ++i) {
        ExprId part = expr(e.parts[i], hints[i]);
        if (hints[i].valid() && typeOf(part) != hints[i]) part = coerce(part, hints[i]);
        part = consume(part);
        broken |= isError(part);
        parts.push_back(part);
        elems.push_back(typeOf(part));
    }
    if (broken) return errorExpr(span);
    return add(types().tuple(std::move(elems)), span, hir::Tuple{std::move(parts)});
}

namespace {

/// The shape of `[[a, b], [c, d]]` and its elements in row-major order.
struct LiteralShape {
    std::vector<int64_t> dims;
    std::vector<ast::ExprId> elems;
    bool ragged = false;
};

void collectShape(const ast::Ast &tree, const ast::ArrayExpr &e, size_t level, size_t levels, LiteralShape &out) {
    const auto count = static_cast<int64_t>(e.elements.size());
    if (out.dims.size() <= level) out.dims.push_back(count);
    else if (out.dims[level] != count) out.ragged = true;
    for (ast::ExprId id : e.elements) {
        const auto *inner = std::get_if<ast::ArrayExpr>(&tree[id].node);
        if (level + 1 < levels && inner) collectShape(tree, *inner, level + 1, levels, out);
        else if (level + 1 < levels) out.ragged = true;
        else out.elems.push_back(id);
    }
}

} // namespace

ExprId BodyChecker::arrayLiteral(const ast::ArrayExpr &e, Span span, TypeId hint) {
    if (TypeId inner = optionalValue(hint); inner.valid()) hint = inner;
    const int wanted_rank = hint.valid() ? types().rankOf(hint) : 0;
    // `[[a, b], [c, d]]` is rank 2 unless arrays of arrays are wanted.
    size_t levels = 1;
    const ast::ArrayExpr *walk = &e;
    while (!walk->elements.empty() && levels < 3) {
        walk = std::get_if<ast::ArrayExpr>(&tree()[walk->elements[0]].node);
        if (!walk) break;
        ++levels;
    }
    if (wanted_rank > 0) levels = std::min(levels, static_cast<size_t>(wanted_rank));
    LiteralShape shape;
    collectShape(tree(), e, 0, levels, shape);
    if (shape.ragged) {
        report(Code::RaggedLiteral, span).why("all rows of an array have the same length");
        return errorExpr(span);
    }
    TypeId elem = wanted_rank > 0 ? types().elemOf(hint) : TypeId();
    if (shape.elems.empty()) {
        if (!elem.valid()) {
            report(Code::EmptyLiteral, span).fix("write `T[](0)` with the element type");
            return errorExpr(span);
        }
        if (const auto *a = types().as<types::ArrayType>(hint)) return zero(types().array(a->elem, a->rank), span);
    }
    // The first element that is no literal decides for the literals among them.
    std::vector<ExprId> elems(shape.elems.size());
    for (size_t i = 0; i < elems.size() && !elem.valid(); ++i) {
        if (isDeferred(shape.elems[i])) continue;
        elems[i] = expr(shape.elems[i]);
        if (!isError(elems[i])) elem = typeOf(elems[i]);
    }
    if (!elem.valid() && std::ranges::any_of(shape.elems,
        [&](ast::ExprId id) { return isFlexible(id) && hasFloatLiteral(id); }))
        elem = types().f64;
    bool broken = false;
    for (size_t i = 0; i < elems.size(); ++i) {
        if (!elems[i].valid()) elems[i] = expr(shape.elems[i], elem);
        if (!elem.valid() && !isError(elems[i])) elem = typeOf(elems[i]);
        if (elem.valid()) elems[i] = consume(coerce(elems[i], elem));
        broken |= isError(elems[i]);
    }
    if (broken || !elem.valid()) return errorExpr(span);
    std::vector<TypeId> dims;
    for (int64_t n : shape.dims) dims.push_back(types().size(n));
    TypeId type = types().fixed(elem, std::move(dims));
    if (knownSize(types(), type) > (64 << 10)) report(Code::FixedTooLarge, span);
    return add(type, span, hir::FixedLit{std::move(elems)});
}

ExprId BodyChecker::coalesce(const ast::BinaryExpr &e, Span span, TypeId hint) {
    TypeId wanted = hint.valid() && !optionalValue(hint).valid() ? types().optional(hint) : hint;
    ExprId left = expr(e.left, wanted);
    const TypeId inner = optionalValue(typeOf(left));
    if (!inner.valid()) {
        if (!isError(left))
            report(Code::NotAnOptional, spanOf(left), text(typeOf(left)), "??")
                .why("`??` gives the value of an optional, or what follows it");
        expr(e.right, hint);
        return errorExpr(span);
    }
    ExprId right = expr(e.right, inner);
    const bool stays = typeOf(right) == typeOf(left);
    right = consume(coerce(right, stays ? typeOf(left) : inner));
    left = consume(left);
    if (isError(right) || isError(left)) return errorExpr(span);
    return add(stays ? typeOf(left) : inner, span, hir::Coalesce{left, right});
}

ExprId BodyChecker::unwrap(const ast::UnwrapExpr &e, Span span) {
    ExprId base = expr(e.operand);
    const TypeId inner = optionalValue(typeOf(base));
    if (inner.valid()) return add(inner, span, hir::Unwrap{base});
    if (!isError(base)) report(Code::NotAnOptional, spanOf(base), text(typeOf(base)), "!")
        .why("`!` takes the value out of an optional");
    return errorExpr(span);
}

} // namespace parlane::check
