// Every form of `for`.
#include "lang/parse/parser.h"

namespace parlane::parse {

/// `reduce(…) for`, `scan(…) for`, `scan_inclusive(…) for`, `first for`; otherwise these words are names.
std::optional<LoopKind> Parser::valueLoopAt() const {
    if (!at(TokenKind::Identifier)) return std::nullopt;
    if (atWord("first")) return startsLoop(ahead()) ? std::optional(LoopKind::First) : std::nullopt;
    LoopKind kind;
    if (atWord("reduce"))
        kind = LoopKind::Fold;
    else if (atWord("scan"))
        kind = LoopKind::Scan;
    else if (atWord("scan_inclusive"))
        kind = LoopKind::ScanInclusive;
    else
        return std::nullopt;
    if (ahead().kind != TokenKind::LParen || ahead().partner == Token::kNoPartner) return std::nullopt;
    if (startsLoop(tokens[ahead().partner + 1])) return kind;
    // `reduce(+)` without a loop cannot be a call either, so the loop is what is missing.
    bool operation = at(TokenKind::Identifier) && ahead().partner == pos + 3 && !startsExpr(ahead(2));
    return operation ? std::optional(kind) : std::nullopt;
}

ExprId Parser::parseValueLoop(LoopKind kind) {
    uint32_t start = pos;
    Loop loop;
    loop.kind = kind;
    advance();
    if (kind != LoopKind::First) {
        expect(TokenKind::LParen);
        do loop.folds.push_back(parseFoldOp());
        while (accept(TokenKind::Comma));
        expect(TokenKind::RParen, "`,` or `)`");
        if (!panicking && !atLoop()) {
            error(Code::NotAFoldLoop, spanFrom(start), fmt::format("`{}`", text(tokens[start])));
            panicking = true;
        }
    }
    return parseLoop(std::move(loop), start);
}

/// At `simd`, `par` or `for`; kind, label and folds are known.
ExprId Parser::parseLoop(Loop loop, uint32_t start) {
    Nesting nesting(*this);
    uint32_t keyword = pos;
    bool simd = accept(TokenKind::Simd);
    if (simd && !panicking && !at(TokenKind::Par)) {
        error(Code::BadModifier, spanFrom(keyword), "simd", "a serial loop").fix("write `simd par for`");
        loop.mode = LoopMode::SimdPar;
    } else if (accept(TokenKind::Par)) {
        loop.mode = simd ? LoopMode::SimdPar : LoopMode::Par;
    }
    expect(TokenKind::For);
    loop.keyword = spanFrom(keyword);
    do loop.sources.push_back(parseSource());
    while (accept(TokenKind::Comma));
    parseClauses(loop);
    loop.body = parseBlock();
    return expr(LoopExpr{std::move(loop)}, start);
}

/// `pattern in source`
LoopSource Parser::parseSource() {
    uint32_t start = pos;
    LoopSource source;
    source.sink = accept(TokenKind::Sink);
    source.pattern = parsePattern();
    expect(TokenKind::In);
    source.tries = at(TokenKind::Try) && ahead().kind != TokenKind::Question && accept(TokenKind::Try);
    source.exclusive = accept(TokenKind::Amp, Role::Prefix);
    source.source = parseExpr();
    source.span = spanFrom(start);
    return source;
}

std::optional<FoldOperator> Parser::foldOperatorAt() const {
    TokenKind next = ahead().kind;
    if (next != TokenKind::Comma && next != TokenKind::RParen && next != TokenKind::Colon) return std::nullopt;
    std::string_view written = text(current());
#define PARLANE_FOLD(name, spelling)                                                                                   \
    if (written == spelling) return FoldOperator::name;
#include "lang/ast/operators.def"
    return std::nullopt;
}

FoldOp Parser::parseFoldOp() {
    uint32_t start = pos;
    FoldOp fold;
    auto op = panicking ? std::nullopt : foldOperatorAt();
    if (op && !at(TokenKind::Identifier)) {
        fold.op = *op;
        advance();
    } else if (at({TokenKind::Minus, TokenKind::Slash, TokenKind::Percent, TokenKind::Shl, TokenKind::Less,
                   TokenKind::Greater, TokenKind::EqualEqual}) &&
               !startsExpr(ahead())) {
        error(Code::BadFold, spanOf(current()), text(current()))
            .why("the order in which values are combined must not matter to what the operator means")
            .fix("use one of `+ * min max & | ^ && ||`, or the name of an associative function");
        advance();
    } else {
        fold.op = op.value_or(FoldOperator::Function);
        fold.function = parseExpr();
    }
    fold.span = spanFrom(start);
    return fold;
}

/// Filter, reduce clause and place, in this order.
void Parser::parseClauses(Loop &loop) {
    if (accept(TokenKind::If)) loop.filter = parseExpr();
    if (atWord("reduce") && ahead().kind == TokenKind::LParen) {
        advance();
        advance();
        do {
            Accumulator accumulator;
            accumulator.op = parseFoldOp();
            expect(TokenKind::Colon, "`:` and the variable that is folded into");
            accumulator.place = parseExpr();
            loop.reduces.push_back(accumulator);
        } while (accept(TokenKind::Comma));
        expect(TokenKind::RParen, "`,` or `)`");
    }
    if (at(TokenKind::If) && !loop.filter.valid()) {
        error(Code::BadModifier, spanOf(current()), "if", "a `reduce` clause: the filter stands in front of it");
        advance();
        loop.filter = parseExpr();
    }
    if (atWord("on") && ahead().kind == TokenKind::Identifier) {
        advance(Role::Word);
        loop.place = name();
        std::string_view where = names.text(loop.place.id);
        if (where == "gpu" || where == "ranks")
            error(Code::NotSupportedYet, loop.place.span, fmt::format("loops on `{}`", where));
        else
            error(Code::UnknownPlace, loop.place.span, where);
    }
}

} // namespace parlane::parse
