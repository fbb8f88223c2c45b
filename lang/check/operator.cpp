// Operators: built in on built-in types, functions of the user on others.
#include "lang/check/body.h"

#include <algorithm>

namespace parlane::check {

namespace {

hir::BinaryOp hirOp(ast::BinaryOp op) {
    switch (op) {
    case ast::BinaryOp::Mul: return hir::BinaryOp::Mul;
    case ast::BinaryOp::Div: return hir::BinaryOp::Div;
    case ast::BinaryOp::Rem: return hir::BinaryOp::Rem;
    case ast::BinaryOp::Add: return hir::BinaryOp::Add;
    case ast::BinaryOp::Sub: return hir::BinaryOp::Sub;
    case ast::BinaryOp::Shl: return hir::BinaryOp::Shl;
    case ast::BinaryOp::Shr: return hir::BinaryOp::Shr;
    case ast::BinaryOp::And: return hir::BinaryOp::BitAnd;
    case ast::BinaryOp::Xor: return hir::BinaryOp::BitXor;
    case ast::BinaryOp::Or: return hir::BinaryOp::BitOr;
    case ast::BinaryOp::Eq: return hir::BinaryOp::Eq;
    case ast::BinaryOp::Ne: return hir::BinaryOp::Ne;
    case ast::BinaryOp::Lt: return hir::BinaryOp::Lt;
    case ast::BinaryOp::Le: return hir::BinaryOp::Le;
    case ast::BinaryOp::Gt: return hir::BinaryOp::Gt;
    case ast::BinaryOp::Ge: return hir::BinaryOp::Ge;
    case ast::BinaryOp::LogicalAnd: return hir::BinaryOp::And;
    case ast::BinaryOp::LogicalOr: return hir::BinaryOp::Or;
    case ast::BinaryOp::Coalesce: break;
    }
    PAR_UNREACHABLE("no Hir operator for {}", ast::spelling(op));
}

bool isComparison(ast::BinaryOp op) { return ast::precedence(op) == 4; }

} // namespace

/// Whether the operator is built in for the type, or promised by the constraint of a type parameter.
bool BodyChecker::hasArithmetic(TypeId type, hir::BinaryOp op) {
    switch (op) {
    case hir::BinaryOp::BitAnd:
    case hir::BinaryOp::BitOr:
    case hir::BinaryOp::BitXor: return type == types().boolean || types().satisfies(type, types::Constraint::Integer);
    case hir::BinaryOp::Shl:
    case hir::BinaryOp::Shr: return types().satisfies(type, types::Constraint::Integer);
    default: return types().satisfies(type, types::Constraint::Number);
    }
}

/// The operands of an operator on two values of one type. Literals come last: they take the type of the other side.
std::pair<ExprId, ExprId> BodyChecker::operands(ast::ExprId left, ast::ExprId right, TypeId hint) {
    if (isDeferred(left) && !isDeferred(right)) {
        ExprId r = expr(right, hint);
        return {expr(left, isError(r) ? hint : typeOf(r)), r};
    }
    if (isFlexible(left) && isFlexible(right)) {
        TypeId inner = optionalValue(hint);
        TypeId type = inner.valid() ? inner : hint;
        const bool floats = hasFloatLiteral(left) || hasFloatLiteral(right);
        if (!type.valid() || !types().satisfies(type, floats ? types::Constraint::Float : types::Constraint::Number))
            type = floats ? types().f64 : types().i64;
        ExprId l = expr(left, type);
        return {l, expr(right, type)};
    }
    ExprId l = expr(left, hint);
    return {l, expr(right, isError(l) ? hint : typeOf(l))};
}

ExprId BodyChecker::unary(const ast::UnaryExpr &e, Span span, TypeId hint) {
    const ast::ExprNode &inner = tree()[tree().stripParens(e.operand)].node;
    if (e.op == ast::UnaryOp::Neg) {
        if (const auto *i = std::get_if<ast::IntLiteral>(&inner)) return intLiteral(*i, true, span, hint);
        if (const auto *f = std::get_if<ast::FloatLiteral>(&inner)) return floatLiteral(f->text, true, span, hint);
    }
    ExprId operand = expr(e.operand, e.op == ast::UnaryOp::Not ? types().boolean : hint);
    const TypeId type = typeOf(operand);
    if (isError(type)) return operand;
    bool fits = false;
    hir::UnaryOp op = hir::UnaryOp::Neg;
    switch (e.op) {
    case ast::UnaryOp::Neg: fits = types().satisfies(type, types::Constraint::Number); break;
    case ast::UnaryOp::Not: op = hir::UnaryOp::Not, fits = type == types().boolean; break;
    case ast::UnaryOp::BitNot: op = hir::UnaryOp::BitNot, fits = types().satisfies(type, types::Constraint::Integer);
        break;
    }
    if (fits) return add(type, span, hir::Unary{op, operand});
    std::vector<ExprId> operands{operand};
    TypeId result;
    if (auto callee = userOperator(ast::spelling(e.op), operands, result, span)) {
        hir::Call call{*callee, {}};
        call.args.push_back({operands[0], Mode::Read, isViewLike(typeOf(operands[0])), spanOf(operands[0])});
        return add(result, span, std::move(call));
    }
    report(Code::NoUnaryOperator, span, ast::spelling(e.op), text(type));
    return errorExpr(span);
}

/// The user's `fn op(…)` for these operands, which are converted; nothing if none fits.
std::optional<hir::Callee> BodyChecker::userOperator(std::string_view op, std::vector<ExprId> &operands,
    TypeId &result, Span span) {
    const NameId name = c.names.intern(op);
    std::vector<FunctionId> candidates = c.lookup(*module, name, span).functions;
    for (ExprId operand : operands)
        for (FunctionId id : c.functionsOf(*module, typeOf(operand), name))
            if (std::find(candidates.begin(), candidates.end(), id) == candidates.end()) candidates.push_back(id);
    std::vector<CallArg> args;
    for (ExprId operand : operands) {
        CallArg arg;
        arg.done = operand;
        arg.span = spanOf(operand);
        args.push_back(arg);
    }
    Written written{name, span, {}, false};
    std::vector<FunctionId> fit = fitting(candidates, written, args);
    if (fit.size() != 1) return std::nullopt;
    const hir::Function &f = c.program.functions[fit[0]];
    Inference inference(c, f.type_params);
    for (size_t i = 0; i < operands.size(); ++i) {
        if (f.params[i].mode != Mode::Read) return std::nullopt;
        inference.unify(f.params[i].type, typeOf(operands[i]), true);
    }
    for (size_t i = 0; i < operands.size(); ++i) operands[i] = coerce(operands[i], inference.apply(f.params[i].type));
    result = types().substitute(f.result, inference.bound);
    checkThrows(f.throws, f.error_type, span, name);
    return calleeOf(fit[0], inference.bound);
}

void BodyChecker::noOperator(std::string_view op, TypeId left, TypeId right, ExprId l, ExprId r, Span op_span) {
    auto problem = report(Code::NoOperator, op_span, op, text(left), text(right));
    problem.label(spanOf(l), "`" + text(left) + "`").label(spanOf(r), "`" + text(right) + "`");
    const bool numbers = types().isNumber(left) && types().isNumber(right);
    if (numbers) {
        const bool to_left = types().isFloat(left) || !types().isFloat(right);
        const TypeId wanted = to_left ? left : right;
        const Span place = spanOf(to_left ? r : l);
        problem.why("numbers of different types are not mixed")
            .fix("convert one side: `" + text(wanted) + "(…)`",
                {{{place.begin, place.begin}, text(wanted) + "("}, {{place.end, place.end}, ")"}});
    } else if (optionalValue(left).valid() || optionalValue(right).valid()) {
        problem.fix("take the value out first: `!`, `??` or `if let`");
    } else if (const auto *p = types().as<types::ParamType>(left)) {
        const types::ParamInfo &info = types().info(p->param);
        problem.label(info.span, info.constraint == types::Constraint::None ? "any type"
            : "any type that is `" + std::string(types::text(info.constraint)) + "`")
            .why("a generic function may use only what the constraint promises");
    }
}

ExprId BodyChecker::compare(ast::BinaryOp op, ExprId left, ExprId right, Span span, Span op_span) {
    const bool equality = op == ast::BinaryOp::Eq || op == ast::BinaryOp::Ne;
    TypeId l = typeOf(left), r = typeOf(right);
    // An owner and a view, or a list, have the same elements to compare.
    if (l != r && types().rankOf(l) + isList(l) > 0 && types().rankOf(r) + isList(r) > 0) {
        left = toView(left), right = toView(right);
        l = typeOf(left), r = typeOf(right);
    }
    if (equality && l != r && optionalValue(l) == r) right = coerce(right, l), r = l;
    if (equality && l != r && optionalValue(r) == l) left = coerce(left, r), l = r;
    const bool fits = l == r && (equality ? types().isEquatable(l) : types().isOrdered(l)) && l != types().unit;
    if (fits) return add(types().boolean, span, hir::Binary{hirOp(op), left, right, op_span});
    std::vector<ExprId> operands{left, right};
    TypeId result;
    if (auto callee = userOperator(ast::spelling(op), operands, result, op_span)) {
        hir::Call call{*callee, {}};
        for (ExprId one : operands) call.args.push_back({one, Mode::Read, isViewLike(typeOf(one)), spanOf(one)});
        return add(result, span, std::move(call));
    }
    noOperator(ast::spelling(op), l, r, left, right, op_span);
    return errorExpr(span);
}

ExprId BodyChecker::logical(const ast::BinaryExpr &e, Span span) {
    ExprId left = condition(e.left), right = condition(e.right);
    if (isError(left) || isError(right)) return errorExpr(span);
    return add(types().boolean, span, hir::Binary{hirOp(e.op), left, right, e.op_span});
}

ExprId BodyChecker::shift(const ast::BinaryExpr &e, Span span, TypeId hint) {
    if (TypeId inner = optionalValue(hint); inner.valid()) hint = inner;
    ExprId left = expr(e.left, hint);
    ExprId right = expr(e.right, isError(left) ? TypeId() : typeOf(left));
    if (isError(left) || isError(right)) return errorExpr(span);
    const TypeId l = typeOf(left), r = typeOf(right);
    if (hasArithmetic(l, hir::BinaryOp::Shl) && types().satisfies(r, types::Constraint::Integer))
        return add(l, span, hir::Binary{hirOp(e.op), left, right, e.op_span});
    return binaryTyped(e.op, left, right, span, e.op_span, hint);
}

ExprId BodyChecker::binaryTyped(ast::BinaryOp op, ExprId left, ExprId right, Span span, Span op_span, TypeId hint) {
    (void)hint;
    if (isError(left) || isError(right)) return errorExpr(span);
    const TypeId l = typeOf(left), r = typeOf(right);
    if (l == types().never || r == types().never) return l == types().never ? left : right;
    const bool shifts = op == ast::BinaryOp::Shl || op == ast::BinaryOp::Shr;
    if (l == r && !shifts && hasArithmetic(l, hirOp(op))) return add(l, span,
        hir::Binary{hirOp(op), left, right, op_span});
    std::vector<ExprId> operands{left, right};
    TypeId result;
    if (auto callee = userOperator(ast::spelling(op), operands, result, op_span)) {
        hir::Call call{*callee, {}};
        for (ExprId one : operands) call.args.push_back({one, Mode::Read, isViewLike(typeOf(one)), spanOf(one)});
        return add(result, span, std::move(call));
    }
    noOperator(ast::spelling(op), l, r, left, right, op_span);
    return errorExpr(span);
}

/// `2 * v` where `v` is no number: the user's operator says what the literal is. Invalid if this is no such case.
ExprId BodyChecker::literalOperand(const ast::BinaryExpr &e, Span span, TypeId hint) {
    const bool left_literal = isFlexible(e.left), right_literal = isFlexible(e.right);
    if (left_literal == right_literal) return {};
    const NameId name = c.names.intern(ast::spelling(e.op));
    std::vector<FunctionId> candidates = c.lookup(*module, name, {}).functions;
    std::erase_if(candidates, [&](FunctionId id) { return c.program.functions[id].params.size() != 2; });
    if (candidates.empty()) return {};
    ExprId done = expr(left_literal ? e.right : e.left, isComparison(e.op) ? TypeId() : hint);
    const TypeId type = typeOf(done);
    TypeId inner = optionalValue(type);
    if (isError(type)) return done;
    const bool number = types().satisfies(inner.valid() ? inner : type, types::Constraint::Number);
    for (FunctionId id : c.functionsOf(*module, type, name))
        if (std::ranges::find(candidates, id) == candidates.end()) candidates.push_back(id);
    CallArg value, literal;
    value.done = done;
    value.span = spanOf(done);
    literal.value = left_literal ? e.left : e.right;
    literal.span = tree()[literal.value].span;
    std::vector<CallArg> args = left_literal ? std::vector<CallArg>{literal, value}
        : std::vector<CallArg>{value, literal};
    const Written written{name, e.op_span, {}, false};
    if (!number && !fitting(candidates, written, args).empty())
        return callFunctions(std::move(candidates), written, std::move(args), span, hint);
    ExprId other = expr(literal.value, inner.valid() ? inner : type);
    if (isError(other)) return other;
    ExprId left = left_literal ? other : done, right = left_literal ? done : other;
    return isComparison(e.op) ? compare(e.op, left, right, span, e.op_span)
                              : binaryTyped(e.op, left, right, span, e.op_span, hint);
}

ExprId BodyChecker::binary(const ast::BinaryExpr &e, Span span, TypeId hint) {
    if (e.op == ast::BinaryOp::Coalesce) return coalesce(e, span, hint);
    if (e.op == ast::BinaryOp::LogicalAnd || e.op == ast::BinaryOp::LogicalOr) return logical(e, span);
    if (e.op == ast::BinaryOp::Shl || e.op == ast::BinaryOp::Shr) return shift(e, span, hint);
    if (ExprId user = literalOperand(e, span, hint); user.valid()) return user;
    if (isComparison(e.op)) {
        auto [left, right] = operands(e.left, e.right, {});
        if (isError(left) || isError(right)) return errorExpr(span);
        return compare(e.op, left, right, span, e.op_span);
    }
    if (TypeId inner = optionalValue(hint); inner.valid()) hint = inner;
    auto [left, right] = operands(e.left, e.right, hint);
    return binaryTyped(e.op, left, right, span, e.op_span, hint);
}

} // namespace parlane::check
