// Assignments.
#include "lang/check/body.h"

#include <algorithm>

namespace parlane::check {

namespace {

struct OpInfo {
    hir::AssignOp op;
    hir::BinaryOp binary;
    std::string_view function; ///< the user's operator behind it
};

OpInfo infoOf(ast::AssignOp op) {
    using A = ast::AssignOp;
    switch (op) {
    case A::Add: return {hir::AssignOp::Add, hir::BinaryOp::Add, "+"};
    case A::Sub: return {hir::AssignOp::Sub, hir::BinaryOp::Sub, "-"};
    case A::Mul: return {hir::AssignOp::Mul, hir::BinaryOp::Mul, "*"};
    case A::Div: return {hir::AssignOp::Div, hir::BinaryOp::Div, "/"};
    case A::Rem: return {hir::AssignOp::Rem, hir::BinaryOp::Rem, "%"};
    case A::And: return {hir::AssignOp::BitAnd, hir::BinaryOp::BitAnd, "&"};
    case A::Or: return {hir::AssignOp::BitOr, hir::BinaryOp::BitOr, "|"};
    case A::Xor: return {hir::AssignOp::BitXor, hir::BinaryOp::BitXor, "^"};
    case A::Shl: return {hir::AssignOp::Shl, hir::BinaryOp::Shl, "<<"};
    case A::Shr: return {hir::AssignOp::Shr, hir::BinaryOp::Shr, ">>"};
    case A::Min: return {hir::AssignOp::Min, hir::BinaryOp::Lt, "min"};
    case A::Max: return {hir::AssignOp::Max, hir::BinaryOp::Lt, "max"};
    case A::LogicalAnd: return {hir::AssignOp::And, hir::BinaryOp::And, "&&"};
    case A::LogicalOr: return {hir::AssignOp::Or, hir::BinaryOp::Or, "||"};
    case A::Set: break;
    }
    PAR_UNREACHABLE("not an operator");
}

} // namespace

/// `atomic` and `disjoint` are claims about parallel code; what may be claimed of which types is decided here.
bool BodyChecker::checkClaim(const ast::AssignStmt &s, ExprId target, Span span) {
    if (s.claim == ast::Claim::None || isError(target)) return true;
    const TypeId type = types().is<types::ViewType>(typeOf(target)) ? types().elemOf(typeOf(target)) : typeOf(target);
    if (s.claim == ast::Claim::Disjoint) {
        if (!types().owns(type) && !types().is<types::ParamType>(type)) return true;
        report(Code::DisjointOwns, span, text(type))
            .why("a false claim may give a wrong number, never a wild pointer: only numbers, `bool`, and structs, "
                 "tuples and fixed arrays of them");
        return false;
    }
    using A = ast::AssignOp;
    const bool op_fits = s.op == A::Add || s.op == A::Sub || s.op == A::And || s.op == A::Or || s.op == A::Xor ||
        s.op == A::Min || s.op == A::Max;
    if (!op_fits) {
        report(Code::AtomicOperator, s.op_span, ast::spelling(s.op))
            .why("`+= -= &= |= ^= min= max=` give the same result in any order");
        return false;
    }
    if (types().isInteger(type)) return true;
    auto problem = report(Code::AtomicType, spanOf(target), text(type));
    problem.why("only integers give the same result in any order");
    if (types().isFloat(type)) problem.fix("use an accumulator: `par for … reduce(+: x) { … }`");
    return false;
}

void BodyChecker::assign(hir::Block &out, const ast::AssignStmt &s, Span span) {
    if (s.op != ast::AssignOp::Set) return assignOp(out, s, span);
    const ast::Expr &written = tree()[tree().stripParens(s.target)];
    if (std::holds_alternative<ast::DiscardExpr>(written.node)) {
        ExprId value = expr(s.value);
        out.stmts.push_back(addStmt(span, hir::ExprStmt{value, true}));
        return;
    }
    if (const auto *tuple = std::get_if<ast::TupleExpr>(&written.node)) return assignTuple(out, s, *tuple, span);
    ExprId target = expr(s.target);
    if (isError(target)) {
        if (!isDeferred(s.value)) expr(s.value);
        return;
    }
    if (types().is<types::ViewType>(typeOf(target))) return assignElements(out, s, target, span);
    const bool writable = requireWritable(target, spanOf(target), "assigned");
    ExprId value = ownedAs(s.value, typeOf(target));
    if (!writable || isError(value)) return;
    if (s.claim == ast::Claim::Atomic) {
        report(Code::AtomicOperator, s.op_span, "=")
            .why("`+= -= &= |= ^= min= max=` give the same result in any order");
        return;
    }
    if (!checkClaim(s, target, span)) return;
    out.stmts.push_back(addStmt(span, hir::Assign{target, value, static_cast<hir::Claim>(s.claim)}));
}

/// A tuple whose parts become the wanted types (invalid: any), consumed.
ExprId BodyChecker::tupleOf(ast::ExprId id, const std::vector<TypeId> &wanted) {
    const ast::Expr &written = tree()[tree().stripParens(id)];
    const auto *tuple = std::get_if<ast::TupleExpr>(&written.node);
    if (!tuple || tuple->parts.size() != wanted.size()) {
        const bool known = std::ranges::all_of(wanted, [](TypeId t) { return t.valid(); });
        ExprId value = known ? valueAs(id, types().tuple(wanted)) : expr(id);
        const auto *t = types().as<types::TupleType>(typeOf(value));
        bool fits = t && t->elems.size() == wanted.size();
        for (size_t i = 0; fits && i < wanted.size(); ++i) fits = !wanted[i].valid() || wanted[i] == t->elems[i];
        if (fits) return consume(value);
        if (!isError(value))
            report(Code::PatternType, spanOf(value), std::to_string(wanted.size()) + " places", text(typeOf(value)));
        return errorExpr(written.span);
    }
    hir::Tuple node;
    std::vector<TypeId> elems;
    bool broken = false;
    for (size_t i = 0; i < wanted.size(); ++i) {
        ExprId part = wanted[i].valid() ? ownedAs(tuple->parts[i], wanted[i]) : consume(expr(tuple->parts[i]));
        broken |= isError(part);
        node.elems.push_back(part);
        elems.push_back(typeOf(part));
    }
    if (broken) return errorExpr(written.span);
    return add(types().tuple(std::move(elems)), written.span, std::move(node));
}

void BodyChecker::assignTuple(hir::Block &out, const ast::AssignStmt &s, const ast::TupleExpr &targets, Span span) {
    hir::AssignTuple node;
    bool broken = s.claim != ast::Claim::None;
    if (broken) report(Code::AtomicOperator, s.op_span, "=");
    std::vector<TypeId> wanted;
    for (ast::ExprId id : targets.parts) {
        if (std::holds_alternative<ast::DiscardExpr>(tree()[id].node)) {
            node.targets.push_back({});
            wanted.push_back({});
            continue;
        }
        ExprId target = expr(id);
        if (isError(target)) broken = true;
        else if (types().is<types::ViewType>(typeOf(target))) {
            report(Code::ViewReplaced, spanOf(target));
            broken = true;
        } else broken |= !requireWritable(target, spanOf(target), "assigned");
        node.targets.push_back(target);
        wanted.push_back(typeOf(target));
    }
    if (targets.parts.size() < 2) {
        report(Code::NoPlace, span, "assigned");
        return;
    }
    ExprId value = broken ? expr(s.value) : tupleOf(s.value, wanted);
    if (broken || isError(value)) return;
    node.value = value;
    out.stmts.push_back(addStmt(span, std::move(node)));
}

/// `a[lo..hi] = x` copies elements, `a[..] = v` fills with a value.
void BodyChecker::assignElements(hir::Block &out, const ast::AssignStmt &s, ExprId target, Span span) {
    const types::ViewType view = *types().as<types::ViewType>(typeOf(target));
    const bool writable = requireWritable(target, spanOf(target), "assigned");
    const bool slice = !std::holds_alternative<hir::LocalRef>(body.exprs[target].node);
    ExprId value = expr(s.value, isFlexible(s.value) ? view.elem : types().array(view.elem, view.rank));
    if (!writable || isError(value)) return;
    if (!slice) {
        report(Code::ViewReplaced, spanOf(target))
            .why("a view gives access to elements; it cannot be replaced by another array")
            .fix("assign the elements: `" + std::string(c.sources.text(spanOf(target))) + "[..] = …`");
        return;
    }
    if (!types().isCopy(view.elem)) {
        report(Code::NotCopyable, span, text(view.elem)).why("assigning to a slice copies elements")
            .fix("`swap` or `take` them one by one");
        return;
    }
    if (!checkClaim(s, target, span)) return;
    const bool rows = types().rankOf(typeOf(value)) > 0 || isList(typeOf(value));
    if (rows && typeOf(value) != view.elem) {
        value = coerce(value, types().view(view.elem, view.rank));
        if (!isError(value)) out.stmts.push_back(addStmt(span,
            hir::CopyElements{target, value, static_cast<hir::Claim>(s.claim)}));
        return;
    }
    value = coerce(value, view.elem);
    if (!isError(value)) out.stmts.push_back(addStmt(span, hir::FillElements{target, value}));
}

void BodyChecker::assignOp(hir::Block &out, const ast::AssignStmt &s, Span span) {
    const OpInfo info = infoOf(s.op);
    ExprId target = expr(s.target);
    if (isError(target)) {
        if (!isDeferred(s.value)) expr(s.value);
        return;
    }
    const TypeId type = typeOf(target);
    ExprId value = expr(s.value, type);
    const bool writable = requireWritable(target, spanOf(target), "assigned");
    if (isError(value) || !writable || !checkClaim(s, target, span)) return;
    const TypeId got = typeOf(value);
    const auto claim = static_cast<hir::Claim>(s.claim);
    const bool shifts = s.op == ast::AssignOp::Shl || s.op == ast::AssignOp::Shr;
    const bool orders = s.op == ast::AssignOp::Min || s.op == ast::AssignOp::Max;
    const bool logic = s.op == ast::AssignOp::LogicalAnd || s.op == ast::AssignOp::LogicalOr;
    bool fits = got == type && (orders ? types().isOrdered(type) : logic ? type == types().boolean
        : hasArithmetic(type, info.binary));
    if (shifts) fits = hasArithmetic(type, info.binary) && types().satisfies(got, types::Constraint::Integer);
    if (fits) {
        out.stmts.push_back(addStmt(span, hir::OpAssign{info.op, target, value, claim, std::nullopt, s.op_span}));
        return;
    }
    std::vector<ExprId> operands{target, value};
    TypeId result;
    auto callee = s.claim == ast::Claim::Atomic ? std::nullopt
        : userOperator(info.function, operands, result, s.op_span);
    if (!callee) return noOperator(ast::spelling(s.op), type, got, target, value, s.op_span);
    if (result != type) {
        report(Code::WrongType, s.op_span, text(type), text(result))
            .label(spanOf(target), "of type `" + text(type) + "`");
        return;
    }
    out.stmts.push_back(addStmt(span, hir::OpAssign{info.op, target, operands[1], claim, *callee, s.op_span}));
}

} // namespace parlane::check
