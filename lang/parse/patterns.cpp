// Patterns.
#include "lang/parse/parser.h"

namespace parlane::parse {

PatternId Parser::parsePattern() {
    Nesting nesting(*this);
    uint32_t start = pos;
    switch (current().kind) {
    case TokenKind::Amp: {
        advance(Role::Prefix);
        Name bound = name("the name of a variable");
        return pattern(BindPattern{bound, true}, start);
    }
    case TokenKind::Identifier: return parseNamePattern(start);
    case TokenKind::LParen: {
        advance();
        std::vector<PatternId> parts = parsePatternList(TokenKind::RParen);
        if (parts.size() == 1) return parts[0];
        return pattern(TuplePattern{std::move(parts)}, start);
    }
    case TokenKind::Minus:
    case TokenKind::Integer:
    case TokenKind::Float:
    case TokenKind::Byte:
    case TokenKind::StringStart:
    case TokenKind::RawString:
    case TokenKind::True:
    case TokenKind::False:
    case TokenKind::None:
    case TokenKind::DotDot:
    case TokenKind::DotDotEqual: return parseLiteralPattern(start);
    default: break;
    }
    if (!panicking && (lex::isKeyword(current().kind) || at(TokenKind::TypeName)) && !at(TokenKind::In)) {
        Name bound = name();
        return pattern(BindPattern{bound}, start);
    }
    unexpected("a pattern");
    return pattern(ErrorPattern{}, start);
}

PatternId Parser::parseAlternatives() {
    uint32_t start = pos;
    AlternativesPattern alternatives;
    alternatives.options.push_back(parsePattern());
    while (accept(TokenKind::Comma)) alternatives.options.push_back(parsePattern());
    if (alternatives.options.size() == 1) return alternatives.options[0];
    return pattern(std::move(alternatives), start);
}

PatternId Parser::parseNamePattern(uint32_t start) {
    if (ahead().kind == TokenKind::DotDot || ahead().kind == TokenKind::DotDotEqual) return parseLiteralPattern(start);
    Name first = name();
    if (names.text(first.id) == "_") return pattern(WildcardPattern{}, start);
    CasePattern alternative{{first}, {}};
    while (accept(TokenKind::Dot)) alternative.path.push_back(name("the name of a case"));
    if (accept(TokenKind::LParen)) {
        alternative.parts = parsePatternList(TokenKind::RParen);
        return pattern(std::move(alternative), start);
    }
    if (alternative.path.size() > 1) return pattern(std::move(alternative), start);
    return pattern(BindPattern{first}, start);
}

/// One end of a range, or a literal.
ExprId Parser::parseRangeEnd() {
    uint32_t start = pos;
    switch (current().kind) {
    case TokenKind::Minus: {
        advance(Role::Prefix);
        if (!at({TokenKind::Integer, TokenKind::Float})) break;
        ExprId number = parseNumber();
        return expr(UnaryExpr{UnaryOp::Neg, number}, start);
    }
    case TokenKind::Integer:
    case TokenKind::Float:
    case TokenKind::Byte:
    case TokenKind::StringStart:
    case TokenKind::RawString:
    case TokenKind::True:
    case TokenKind::False:
    case TokenKind::None: return parsePrimary();
    case TokenKind::Identifier: {
        ExprId value = expr(NameExpr{name()}, start);
        while (accept(TokenKind::Dot)) {
            Name member = name();
            value = expr(MemberExpr{value, member}, start);
            grow();
        }
        return value;
    }
    default: break;
    }
    unexpected("a literal");
    return expr(ErrorExpr{}, start);
}

PatternId Parser::parseLiteralPattern(uint32_t start) {
    ExprId lo;
    if (!at({TokenKind::DotDot, TokenKind::DotDotEqual})) lo = parseRangeEnd();
    if (!at({TokenKind::DotDot, TokenKind::DotDotEqual})) return pattern(LiteralPattern{lo}, start);
    bool inclusive = at(TokenKind::DotDotEqual);
    advance();
    ExprId hi;
    bool ends = at({TokenKind::FatArrow, TokenKind::Comma, TokenKind::If, TokenKind::RParen});
    if (inclusive || !lo.valid() || !ends) hi = parseRangeEnd();
    return pattern(RangePattern{lo, hi, inclusive}, start);
}

std::vector<PatternId> Parser::parsePatternList(TokenKind close) {
    std::vector<PatternId> parts;
    while (!at(close) && !at(TokenKind::EndOfFile)) {
        parts.push_back(parsePattern());
        if (!accept(TokenKind::Comma)) break;
    }
    expect(close, "`,` or `)`");
    return parts;
}

} // namespace parlane::parse
