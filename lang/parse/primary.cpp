// Literals, names, brackets, and the expressions that hold blocks.
#include "lang/parse/parser.h"

#include <charconv>

namespace parlane::parse {

ExprId Parser::parsePrimary() {
    uint32_t start = pos;
    switch (current().kind) {
    case TokenKind::Identifier:
        if (auto kind = valueLoopAt()) return parseValueLoop(*kind);
        return parseName();
    case TokenKind::TypeName: {
        TypeExprId named = parseTypeSuffix(parseNamedType(start), start);
        return expr(TypeValue{named}, start);
    }
    case TokenKind::Integer:
    case TokenKind::Float:
    case TokenKind::Byte: return parseNumber();
    case TokenKind::StringStart:
    case TokenKind::RawString: return parseString();
    case TokenKind::True: advance(); return expr(BoolLiteral{true}, start);
    case TokenKind::False: advance(); return expr(BoolLiteral{false}, start);
    case TokenKind::None: advance(); return expr(NoneLiteral{}, start);
    case TokenKind::LParen: return parseParens();
    case TokenKind::LBracket: return parseBrackets();
    case TokenKind::LBrace: {
        BlockId block = parseBlock();
        return expr(BlockExpr{block}, start);
    }
    case TokenKind::If: return parseIf();
    case TokenKind::Match: return parseMatch();
    case TokenKind::Do: return parseDoCatch();
    case TokenKind::For:
    case TokenKind::Par:
    case TokenKind::Simd:
        error(Code::UnexpectedToken, spanOf(current()), "an expression", found(current()))
            .why("a loop has a value only as `[for …]`, `reduce(+) for …`, `scan(+) for …` or `first for …`");
        return parseLoop({}, start);
    default: unexpected("an expression"); return expr(ErrorExpr{}, start);
    }
}

ExprId Parser::parseNumber() {
    uint32_t start = pos;
    std::string plain;
    for (char c : text(current()))
        if (c != '_') plain += c;
    TokenKind kind = current().kind;
    advance();
    if (kind == TokenKind::Float) return expr(FloatLiteral{names.intern(plain)}, start);
    IntLiteral literal;
    if (kind == TokenKind::Byte) {
        literal.byte = true;
        std::string_view inside = plain;
        inside = text(tokens[start]).substr(1);
        if (inside.size() > 1) inside.remove_suffix(1);
        std::string byte = inside.starts_with('\\') ? lex::unescape(inside) : std::string(inside);
        literal.value = byte.empty() ? 0 : static_cast<unsigned char>(byte[0]);
        return expr(literal, start);
    }
    int base = plain.starts_with("0x") ? 16 : plain.starts_with("0b") ? 2 : 10;
    const char *first = plain.data() + (base == 10 ? 0 : 2);
    auto [end, error] = std::from_chars(first, plain.data() + plain.size(), literal.value, base);
    // Anything else that is wrong was reported by the lexer.
    if (error == std::errc::result_out_of_range && base == 10) literal.huge = names.intern(plain);
    return expr(literal, start);
}

ExprId Parser::parseString() {
    uint32_t start = pos;
    StringLiteral literal;
    if (at(TokenKind::RawString)) {
        std::string_view inside = text(current()).substr(2);
        if (inside.ends_with('"')) inside.remove_suffix(1);
        if (!inside.empty()) literal.parts.push_back({std::string(inside), {}, {}, spanOf(current()), {}});
        advance();
        return expr(std::move(literal), start);
    }
    Nesting nesting(*this);
    advance();
    while (!at({TokenKind::StringEnd, TokenKind::EndOfFile})) {
        if (at(TokenKind::InterpStart)) {
            literal.parts.push_back(parseInterpolation());
        } else {
            PAR_CHECK(at(TokenKind::StringText), "{} inside a string", lex::name(current().kind));
            literal.parts.push_back({lex::unescape(text(current())), {}, {}, spanOf(current()), {}});
            advance();
        }
    }
    accept(TokenKind::StringEnd);
    return expr(std::move(literal), start);
}

/// `{ value :spec }`. Errors inside do not spoil what is around the string.
StringPart Parser::parseInterpolation() {
    uint32_t start = pos, close = closeOf(pos);
    bool outer = std::exchange(no_closure, false);
    advance();
    StringPart part;
    if (at({TokenKind::InterpEnd, TokenKind::FormatSpec})) {
        error(Code::EmptyInterpolation, spanOf(tokens[start])).fix("braces as text are written `{{` and `}}`");
        part.value = expr(ErrorExpr{}, start);
    } else {
        part.value = parseExpr();
    }
    if (at(TokenKind::FormatSpec)) {
        part.spec = text(current()).substr(1);
        part.spec_span = spanOf(current());
        advance();
    }
    if (!at(TokenKind::InterpEnd)) unexpected("`}`");
    if (panicking && close > pos) {
        panicking = false;
        pos = close;
    }
    accept(TokenKind::InterpEnd);
    no_closure = outer;
    part.span = spanFrom(start);
    return part;
}

ExprId Parser::parseName() {
    uint32_t start = pos;
    bool claims = atWord("atomic") || atWord("disjoint");
    if (claims && claimAt() != Claim::None) {
        if (atWord("atomic"))
            error(Code::AtomicHasNoValue, spanOf(current())).why("which value it had would depend on the order");
        else
            error(Code::AssignmentHasNoValue, spanOf(current()));
        StmtId statement = parseSimple();
        return blockOf(statement);
    }
    if (text(current()) == "_") {
        advance();
        return expr(DiscardExpr{}, start);
    }
    Name written = name();
    return expr(NameExpr{written}, start);
}

ExprId Parser::parseParens() {
    uint32_t start = pos;
    bool outer = std::exchange(no_closure, false);
    advance();
    std::vector<ExprId> parts = parseExprList(TokenKind::RParen);
    expect(TokenKind::RParen, "`,` or `)`");
    no_closure = outer;
    if (parts.size() == 1) return expr(ParenExpr{parts[0]}, start);
    return expr(TupleExpr{std::move(parts)}, start);
}

/// `[a, b]` or `[for … { }]`
ExprId Parser::parseBrackets() {
    uint32_t start = pos;
    bool outer = std::exchange(no_closure, false);
    advance();
    ExprId value;
    if (atLoop()) {
        Loop loop;
        loop.kind = LoopKind::Collect;
        value = parseLoop(std::move(loop), start);
        expect(TokenKind::RBracket);
        result.exprs[value].span = spanFrom(start);
    } else {
        std::vector<ExprId> elements = parseExprList(TokenKind::RBracket);
        expect(TokenKind::RBracket, "`,` or `]`");
        value = expr(ArrayExpr{std::move(elements)}, start);
    }
    no_closure = outer;
    return value;
}

std::vector<ExprId> Parser::parseExprList(TokenKind close, Open open) {
    std::vector<ExprId> values;
    while (!at(close) && !at(TokenKind::EndOfFile)) {
        values.push_back(parseExpr(open));
        if (!accept(TokenKind::Comma)) break;
    }
    return values;
}

ExprId Parser::parseIf() {
    Nesting nesting(*this);
    uint32_t start = pos;
    advance();
    IfExpr branch;
    branch.condition = parseCondition();
    branch.then = parseBlock();
    if (accept(TokenKind::Else)) {
        uint32_t at_else = pos;
        if (at(TokenKind::If)) {
            branch.otherwise = parseIf();
        } else {
            BlockId block = parseBlock();
            branch.otherwise = expr(BlockExpr{block}, at_else);
        }
    }
    return expr(std::move(branch), start);
}

ExprId Parser::parseMatch() {
    Nesting nesting(*this);
    uint32_t start = pos;
    advance();
    MatchExpr match;
    match.subject = parseExpr();
    uint32_t open = pos;
    if (!expect(TokenKind::LBrace)) return expr(std::move(match), start);
    uint32_t close = closeOf(open);
    while (true) {
        skipTerminators();
        if (pos >= close || at(TokenKind::EndOfFile)) break;
        uint32_t before = pos;
        match.arms.push_back(parseArm());
        if (!panicking && pos < close && !accept(TokenKind::Comma, Role::Separator) && !at(TokenKind::Terminator))
            unexpected("a new line and the next case");
        if (panicking) recover(close);
        if (pos == before) ++pos;
    }
    expect(TokenKind::RBrace);
    return expr(std::move(match), start);
}

MatchArm Parser::parseArm() {
    uint32_t start = pos;
    MatchArm arm;
    arm.pattern = parseAlternatives();
    if (accept(TokenKind::If)) {
        bool outer = std::exchange(no_closure, true);
        arm.guard = parseExpr();
        no_closure = outer;
    }
    expect(TokenKind::FatArrow);
    bool outer = std::exchange(no_closure, false);
    arm.value = parseArrowBody();
    no_closure = outer;
    arm.span = spanFrom(start);
    return arm;
}

ExprId Parser::parseDoCatch() {
    Nesting nesting(*this);
    uint32_t start = pos;
    advance();
    DoCatchExpr handler;
    handler.body = parseBlock();
    if (expect(TokenKind::Catch)) {
        if (at(TokenKind::Identifier)) handler.error = name();
        handler.handler = parseBlock();
    } else {
        handler.handler = result.blocks.add({});
    }
    return expr(std::move(handler), start);
}

} // namespace parlane::parse
