// Literals take the type that their context wants.
#include "lang/base/match.h"
#include "lang/check/body.h"

#include <cmath>
#include <cstdlib>
#include <fmt/format.h>

namespace parlane::check {

bool BodyChecker::isFlexibleBlock(ast::BlockId id) const {
    const ast::Block &b = tree()[id];
    if (b.statements.size() != 1) return false;
    const auto *value = std::get_if<ast::ExprStmt>(&tree()[b.statements[0]].node);
    return value && isFlexible(value->value);
}

/// Built from number literals alone: its type is whatever the context wants.
bool BodyChecker::isFlexible(ast::ExprId id) const {
    if (!id.valid()) return false;
    const ast::ExprNode &node = tree()[id].node;
    if (std::holds_alternative<ast::IntLiteral>(node) || std::holds_alternative<ast::FloatLiteral>(node)) return true;
    if (const auto *p = std::get_if<ast::ParenExpr>(&node)) return isFlexible(p->inner);
    if (const auto *u = std::get_if<ast::UnaryExpr>(&node)) return u->op != ast::UnaryOp::Not && isFlexible(u->operand);
    if (const auto *b = std::get_if<ast::BinaryExpr>(&node)) {
        if (b->op == ast::BinaryOp::Shl || b->op == ast::BinaryOp::Shr) return isFlexible(b->left);
        return ast::precedence(b->op) >= 5 && isFlexible(b->left) && isFlexible(b->right);
    }
    if (const auto *i = std::get_if<ast::IfExpr>(&node))
        return i->otherwise.valid() && isFlexibleBlock(i->then) && isFlexible(i->otherwise);
    if (const auto *b = std::get_if<ast::BlockExpr>(&node)) return isFlexibleBlock(b->block);
    if (const auto *m = std::get_if<ast::MatchExpr>(&node)) {
        for (const ast::MatchArm &arm : m->arms)
            if (!isFlexible(arm.value)) return false;
        return !m->arms.empty();
    }
    return false;
}

/// Wants a type from its context: looked at after the arguments that have one of their own.
bool BodyChecker::isDeferred(ast::ExprId id) const {
    if (!id.valid()) return false;
    id = tree().stripParens(id);
    const ast::ExprNode &node = tree()[id].node;
    if (std::holds_alternative<ast::NoneLiteral>(node) || std::holds_alternative<ast::ClosureExpr>(node)) return true;
    if (const auto *a = std::get_if<ast::ArrayExpr>(&node)) {
        for (ast::ExprId e : a->elements)
            if (!isDeferred(e)) return false;
        return true;
    }
    if (const auto *t = std::get_if<ast::TupleExpr>(&node)) {
        for (ast::ExprId e : t->parts)
            if (isDeferred(e)) return true;
        return false;
    }
    return isFlexible(id);
}

bool BodyChecker::hasFloatLiteral(ast::ExprId id) const {
    if (!id.valid()) return false;
    const ast::ExprNode &node = tree()[id].node;
    if (std::holds_alternative<ast::FloatLiteral>(node)) return true;
    if (const auto *i = std::get_if<ast::IntLiteral>(&node)) return i->huge.valid();
    if (const auto *p = std::get_if<ast::ParenExpr>(&node)) return hasFloatLiteral(p->inner);
    if (const auto *u = std::get_if<ast::UnaryExpr>(&node)) return hasFloatLiteral(u->operand);
    if (const auto *b = std::get_if<ast::BinaryExpr>(&node)) return hasFloatLiteral(b->left) ||
        hasFloatLiteral(b->right);
    auto inBlock = [&](ast::BlockId block) {
        const auto *value = std::get_if<ast::ExprStmt>(&tree()[tree()[block].statements[0]].node);
        return value && hasFloatLiteral(value->value);
    };
    if (const auto *i = std::get_if<ast::IfExpr>(&node)) return inBlock(i->then) || hasFloatLiteral(i->otherwise);
    if (const auto *b = std::get_if<ast::BlockExpr>(&node)) return inBlock(b->block);
    if (const auto *m = std::get_if<ast::MatchExpr>(&node)) {
        for (const ast::MatchArm &arm : m->arms)
            if (hasFloatLiteral(arm.value)) return true;
    }
    return false;
}

/// Whether a flexible expression could have that type: for the choice between functions, before anything is checked.
bool BodyChecker::literalFits(ast::ExprId id, TypeId wanted) {
    if (TypeId inner = optionalValue(wanted); inner.valid()) wanted = inner;
    if (hasFloatLiteral(id)) return types().satisfies(wanted, types::Constraint::Float);
    if (!types().satisfies(wanted, types::Constraint::Number)) return false;
    const auto *literal = std::get_if<ast::IntLiteral>(&tree()[tree().stripParens(id)].node);
    auto scalar = types().scalarOf(wanted);
    return !literal || !scalar || representable(literal->value, false, *scalar);
}

ExprId BodyChecker::constantExpr(const ConstValue &value, Span span) {
    const TypeId type = types().scalar(value.scalar);
    if (value.scalar == types::Scalar::Bool) return add(type, span, hir::BoolLit{value.bits != 0});
    if (value.isFloat()) return add(type, span, hir::FloatLit{value.number});
    return add(type, span, hir::IntLit{value.bits});
}

/// Beyond 64 bits: only a float that is exactly that may be meant.
ExprId BodyChecker::hugeLiteral(NameId digits, bool negative, Span span, TypeId hint) {
    const bool wanted = hint.valid() && types().isFloat(hint);
    const std::string spelled(c.names.text(digits));
    const double value = hint == types().f32 ? static_cast<double>(std::strtof(spelled.c_str(), nullptr))
                                             : std::strtod(spelled.c_str(), nullptr);
    if (wanted && fmt::format("{:.0f}", value) == spelled) return floatLiteral(digits, negative, span, hint);
    report(Code::LiteralDoesNotFit, span, (negative ? "-" : "") + spelled, text(wanted ? hint : types().i64))
        .fix("write it as a float literal, which is rounded");
    return errorExpr(span);
}

ExprId BodyChecker::intLiteral(const ast::IntLiteral &literal, bool negative, Span span, TypeId hint) {
    if (TypeId inner = optionalValue(hint); inner.valid()) hint = inner;
    if (literal.huge.valid()) return hugeLiteral(literal.huge, negative, span, hint);
    const uint64_t magnitude = literal.value;
    const bool wanted = hint.valid() && types().satisfies(hint, types::Constraint::Number);
    const uint64_t bits = negative ? uint64_t(0) - magnitude : magnitude;
    if (wanted && types().is<types::ParamType>(hint)) return add(hint, span, hir::ParamLit{false, bits, 0});
    const TypeId type = wanted ? hint : types().i64;
    const types::Scalar scalar = *types().scalarOf(type);
    if (!representable(magnitude, negative, scalar)) {
        auto problem = report(Code::LiteralDoesNotFit, span, fmt::format("{}{}", negative ? "-" : "", magnitude),
            text(type));
        if (types().isFloat(type)) problem.why("an integer literal must be exact as a float")
            .fix("write it as a float literal, which is rounded");
        else if (!wanted) problem.fix("convert a literal of the type you want: `u64(…)`");
        return errorExpr(span);
    }
    if (types().isFloat(type)) {
        const double value = static_cast<double>(magnitude);
        return add(type, span, hir::FloatLit{negative ? -value : value});
    }
    return add(type, span, hir::IntLit{wrap(bits, scalar)});
}

ExprId BodyChecker::floatLiteral(NameId digits, bool negative, Span span, TypeId hint) {
    if (TypeId inner = optionalValue(hint); inner.valid()) hint = inner;
    const std::string spelled(c.names.text(digits));
    const bool single = hint.valid() && hint == types().f32;
    // Rounded once, to the type that it gets.
    const double value = single ? static_cast<double>(std::strtof(spelled.c_str(), nullptr))
        : std::strtod(spelled.c_str(), nullptr);
    const double result = negative ? -value : value;
    if (hint.valid() && types().is<types::ParamType>(hint) && types().satisfies(hint, types::Constraint::Float))
        return add(hint, span, hir::ParamLit{true, 0, result});
    const TypeId type = single ? types().f32 : types().f64;
    if (std::isinf(value)) {
        report(Code::LiteralDoesNotFit, span, spelled, text(type));
        return errorExpr(span);
    }
    return add(type, span, hir::FloatLit{result});
}

ExprId BodyChecker::stringLiteral(const ast::StringLiteral &e, Span span) {
    bool plain = true;
    for (const ast::StringPart &part : e.parts) plain &= !part.value.valid();
    if (plain) {
        std::string all;
        for (const ast::StringPart &part : e.parts) all += part.text;
        return add(types().str, span, hir::StrLit{c.names.intern(all)});
    }
    hir::Interpolate result;
    bool broken = false;
    for (const ast::StringPart &part : e.parts) {
        if (!part.value.valid()) {
            if (!part.text.empty()) result.parts.push_back({c.names.intern(part.text), {}, {}});
            continue;
        }
        ExprId value = expr(part.value);
        const TypeId type = typeOf(value);
        if (type == types().unit || type == types().never || types().is<types::FnType>(type) || type == types().file) {
            report(Code::NotPrintable, spanOf(value), text(type));
            broken = true;
        }
        broken |= isError(type);
        if (!isError(type)) checkSpec(value, part);
        result.parts.push_back({{}, value, part.spec.empty() ? NameId() : c.names.intern(part.spec)});
    }
    if (broken) return errorExpr(span);
    return add(types().str, span, std::move(result));
}

namespace {

/// Formats a sample; the complaint of fmt if the specification does not fit.
template <class T> std::string tryFormat(const std::string &format, const T &sample) {
    try {
        (void)fmt::format(fmt::runtime(format), sample);
        return "";
    } catch (const std::exception &complaint) { return complaint.what(); }
}

} // namespace

void BodyChecker::checkSpec(ExprId value, const ast::StringPart &part) {
    if (!part.spec_span.valid() || part.spec.empty()) return;
    const TypeId type = typeOf(value);
    const std::string format = "{:" + part.spec + "}";
    std::string complaint;
    if (part.spec.find_first_of("{}") != std::string::npos) complaint = "widths are written as numbers";
    else if (type == types().str) complaint = tryFormat(format, "text");
    else if (type == types().boolean) complaint = tryFormat(format, true);
    else if (type == types().f32 || types().satisfies(type, types::Constraint::Float)) complaint =
        tryFormat(format, 1.0);
    else if (types().satisfies(type, types::Constraint::Integer)) {
        const bool is_signed = types().isSigned(type) || types().is<types::ParamType>(type);
        complaint = is_signed ? tryFormat(format, int64_t(1)) : tryFormat(format, uint64_t(1));
        if (part.spec.back() == 'c') complaint = "numbers are not characters";
    } else if (types().satisfies(type, types::Constraint::Number)) {
        complaint = tryFormat(format, 1.0);
        if (complaint.empty()) complaint = tryFormat(format, int64_t(1));
    } else complaint = "only numbers, bool and str have format specifications";
    if (complaint.empty()) return;
    report(Code::WrongFormat, part.spec_span, part.spec, text(type))
        .label(spanOf(value), "a value of type `" + text(type) + "`").why(complaint);
}

} // namespace parlane::check
