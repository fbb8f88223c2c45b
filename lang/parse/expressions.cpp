// Operators, calls, indices, closures.
#include "lang/parse/parser.h"

namespace parlane::parse {

ExprId Parser::parseExpr(Open open) {
    Nesting nesting(*this);
    uint32_t start = pos;
    if (atClosure()) return parseClosure();
    if (at({TokenKind::DotDot, TokenKind::DotDotEqual})) return parseRange({}, start, open);
    ExprId value = parseBinary(1);
    if (at({TokenKind::DotDot, TokenKind::DotDotEqual})) return parseRange(value, start, open);
    return value;
}

ExprId Parser::parseRange(ExprId lo, uint32_t start, Open open) {
    RangeExpr range{lo, {}, {}, at(TokenKind::DotDotEqual)};
    if (!lo.valid() && open == Open::No) unexpected("an expression");
    advance();
    if (startsExpr(current()) && !at(TokenKind::LBrace))
        range.hi = parseBinary(1);
    else if (open == Open::No || range.inclusive)
        unexpected("the end of the range");
    if (atWord("by") && startsExpr(ahead())) {
        advance(Role::Word);
        range.step = parseBinary(1);
    }
    return expr(std::move(range), start);
}

std::optional<BinaryOp> Parser::binaryOpAt(uint32_t &length) const {
    length = 1;
    if (at(TokenKind::Greater)) { // `>>` is two tokens, and `>>=` assigns
        const Token &next = ahead();
        bool adjacent = next.begin == current().end;
        if (adjacent && next.kind == TokenKind::GreaterEqual) return std::nullopt;
        if (!adjacent || next.kind != TokenKind::Greater) return BinaryOp::Gt;
        length = 2;
        return BinaryOp::Shr;
    }
    std::string_view written = lex::spelling(current().kind);
    if (written.empty() || lex::isKeyword(current().kind)) return std::nullopt;
#define PARLANE_BINARY(name, spelling, precedence)                                                                     \
    if (written == spelling) return BinaryOp::name;
#include "lang/ast/operators.def"
    return std::nullopt;
}

ExprId Parser::parseBinary(int least) {
    Nesting nesting(*this);
    uint32_t start = pos;
    ExprId left = parseUnary();
    uint32_t length = 0;
    while (auto op = binaryOpAt(length)) {
        int binds = precedence(*op);
        if (binds < least) break;
        uint32_t at_op = pos;
        advance();
        if (length == 2) advance(Role::Glued);
        Span op_span = spanFrom(at_op);
        if (binds == precedence(BinaryOp::Eq))
            if (const auto *first = std::get_if<BinaryExpr>(&nodeOf(left)); first && precedence(first->op) == binds)
                error(Code::ComparisonChain, op_span)
                    .label(first->op_span, "")
                    .fix("compare twice and join with `&&`, or put parentheses");
        // `??` groups to the right, everything else to the left.
        ExprId right = parseBinary(*op == BinaryOp::Coalesce ? binds : binds + 1);
        left = expr(BinaryExpr{*op, left, right, op_span}, start);
        grow();
    }
    return left;
}

ExprId Parser::parseUnary() {
    Nesting nesting(*this);
    uint32_t start = pos;
    std::optional<UnaryOp> op;
    switch (current().kind) {
    case TokenKind::Minus: op = UnaryOp::Neg; break;
    case TokenKind::Bang: op = UnaryOp::Not; break;
    case TokenKind::Tilde: op = UnaryOp::BitNot; break;
    case TokenKind::Try: {
        advance();
        bool optional = accept(TokenKind::Question, Role::Postfix);

        ExprId operand = parseUnary();
        return expr(TryExpr{operand, optional}, start);
    }
    case TokenKind::Amp:
    case TokenKind::Sink:
        error(Code::MisplacedMode, spanOf(current()));
        advance();
        return parseUnary();
    default: return parsePostfix(parsePrimary(), start);
    }
    advance(Role::Prefix);
    ExprId operand = parseUnary();
    return expr(UnaryExpr{*op, operand}, start);
}

ExprId Parser::parsePostfix(ExprId base, uint32_t start) {
    while (!panicking) {
        switch (current().kind) {
        case TokenKind::Dot: base = parseMember(base, start); break;
        case TokenKind::LParen: base = parseCall(base, start); break;
        case TokenKind::LBracket: base = parseIndex(base, start); break;
        case TokenKind::Bang:
            advance(Role::Postfix);
            base = expr(UnwrapExpr{base}, start);
            break;
        case TokenKind::Question: { // only a type goes on so: `int?[](n)`
            if (ahead().kind != TokenKind::LBracket && ahead().kind != TokenKind::LParen) return base;
            TypeExprId named = typeOfExpr(base);
            if (!named.valid()) return base;
            TypeExprId whole = parseTypeSuffix(named, start);
            base = expr(TypeValue{whole}, start);
            break;
        }
        case TokenKind::Less: {
            bool named =
                std::holds_alternative<NameExpr>(nodeOf(base)) || std::holds_alternative<MemberExpr>(nodeOf(base));
            if (!named || !typeArgsFollow()) return base;
            std::vector<TypeExprId> args = parseTypeArgs();
            base = expr(GenericExpr{base, std::move(args)}, start);
            break;
        }
        default: return base;
        }
        grow();
    }
    return base;
}

ExprId Parser::parseMember(ExprId base, uint32_t start) {
    advance();
    if (at(TokenKind::Integer)) {
        uint32_t index = 0;
        for (char digit : text(current()).substr(0, 5)) index = index * 10 + static_cast<uint32_t>(digit - '0');
        advance();
        return expr(TupleMemberExpr{base, index}, start);
    }
    Name member = name("the name of a field or function");
    return expr(MemberExpr{base, member}, start);
}

ExprId Parser::parseCall(ExprId callee, uint32_t start) {
    bool outer = std::exchange(no_closure, false);
    CallExpr call{callee, {}};
    advance();
    while (!at({TokenKind::RParen, TokenKind::EndOfFile})) {
        call.args.push_back(parseArg());
        if (!accept(TokenKind::Comma)) break;
    }
    expect(TokenKind::RParen, "`,` or `)`");
    no_closure = outer;
    return expr(std::move(call), start);
}

Arg Parser::parseArg() {
    uint32_t start = pos;
    Arg arg;
    if (at(TokenKind::Identifier) && ahead().kind == TokenKind::Colon) {
        arg.label = name();
        advance();
    }
    if (accept(TokenKind::Amp, Role::Prefix)) arg.mode = Mode::Inout;
    arg.value = parseExpr();
    arg.span = spanFrom(start);
    return arg;
}

ExprId Parser::parseIndex(ExprId base, uint32_t start) {
    // `T[]` and `T[,]` are types: an index is never empty.
    if (ahead().kind == TokenKind::RBracket || ahead().kind == TokenKind::Comma) {
        TypeExprId named = typeOfExpr(base);
        if (!named.valid()) {
            advance();
            unexpected("an index");
            return base;
        }
        TypeExprId whole = parseTypeSuffix(named, start);
        return expr(TypeValue{whole}, start);
    }
    advance();
    std::vector<ExprId> indices = parseExprList(TokenKind::RBracket, Open::Yes);
    expect(TokenKind::RBracket, "`,` or `]`");
    return expr(IndexExpr{base, std::move(indices)}, start);
}

bool Parser::startsExpr(const Token &token) const {
    switch (token.kind) {
    case TokenKind::Identifier:
    case TokenKind::TypeName:
    case TokenKind::Integer:
    case TokenKind::Float:
    case TokenKind::Byte:
    case TokenKind::RawString:
    case TokenKind::StringStart:
    case TokenKind::True:
    case TokenKind::False:
    case TokenKind::None:
    case TokenKind::LParen:
    case TokenKind::LBracket:
    case TokenKind::LBrace:
    case TokenKind::Minus:
    case TokenKind::Bang:
    case TokenKind::Tilde:
    case TokenKind::Try:
    case TokenKind::If:
    case TokenKind::Match:
    case TokenKind::Do: return true;
    default: return false;
    }
}

/// `x =>` or `(…) =>`
bool Parser::atClosure() const {
    if (no_closure || panicking) return false;
    if (at(TokenKind::Identifier)) return ahead().kind == TokenKind::FatArrow;
    if (!at(TokenKind::LParen) || current().partner == Token::kNoPartner) return false;
    return tokens[current().partner + 1].kind == TokenKind::FatArrow;
}

ExprId Parser::parseClosure() {
    uint32_t start = pos;
    ClosureExpr closure;
    if (accept(TokenKind::LParen)) {
        while (!at({TokenKind::RParen, TokenKind::EndOfFile})) {
            closure.params.push_back(parseClosureParam());
            if (!accept(TokenKind::Comma)) break;
        }
        expect(TokenKind::RParen, "`,` or `)`");
    } else {
        closure.params.push_back(parseClosureParam());
    }
    expect(TokenKind::FatArrow);
    closure.body = parseArrowBody();
    return expr(std::move(closure), start);
}

ClosureParam Parser::parseClosureParam() {
    uint32_t start = pos;
    ClosureParam param;
    if (accept(TokenKind::Inout))
        param.mode = Mode::Inout;
    else if (accept(TokenKind::Sink))
        param.mode = Mode::Sink;
    Name written = name("the name of a parameter");
    if (written.valid() && names.text(written.id) != "_") param.name = written;
    if (accept(TokenKind::Colon)) param.type = parseType();
    param.span = spanFrom(start);
    return param;
}

ExprId Parser::blockOf(StmtId statement) {
    Span span = result.stmts[statement].span;
    BlockId block = result.blocks.add({{statement}, span});
    return result.exprs.add({BlockExpr{block}, span});
}

ExprId Parser::parseArrowBody() {
    uint32_t start = pos;
    if (at(TokenKind::LBrace)) {
        BlockId block = parseBlock();
        return expr(BlockExpr{block}, start);
    }
    if (at({TokenKind::Return, TokenKind::Break, TokenKind::Continue, TokenKind::Throw, TokenKind::While,
            TokenKind::Invoke, TokenKind::Pipeline, TokenKind::For, TokenKind::Par, TokenKind::Simd}) ||
        claimAt() != Claim::None)
        return blockOf(parseStatement());
    ExprId value = parseExpr();
    StmtId statement = finishSimple(value, Claim::None, start);
    if (std::holds_alternative<ExprStmt>(result.stmts[statement].node)) return value;
    return blockOf(statement);
}

} // namespace parlane::parse
