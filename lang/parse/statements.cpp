// Blocks and statements.
#include "lang/parse/parser.h"

namespace parlane::parse {

BlockId Parser::parseBlock() {
    Nesting nesting(*this);
    uint32_t start = pos;
    bool outer = std::exchange(no_closure, false);
    Block block;
    if (expect(TokenKind::LBrace)) {
        uint32_t close = closeOf(start);
        block.statements = parseStatements(close, false);
        // The lexer has reported a brace that is never closed.
        if (tokens[close].kind != TokenKind::EndOfFile) expect(TokenKind::RBrace, "a statement or `}`");
    }
    no_closure = outer;
    block.span = spanFrom(start);
    return result.blocks.add(std::move(block));
}

/// Statements up to the token `close`; with `stages` also up to the next stage of a pipeline.
std::vector<StmtId> Parser::parseStatements(uint32_t close, bool stages) {
    std::vector<StmtId> statements;
    bool unclosed = tokens[close].kind == TokenKind::EndOfFile;
    while (true) {
        skipTerminators();
        if (pos >= close || at(TokenKind::EndOfFile) || (stages && atStage())) break;
        // A declaration at the beginning of a line ends a block that lacks its brace.
        if (unclosed && current().line_start && current().begin > 0 && atItem()) break;
        uint32_t before = pos;
        statements.push_back(parseStatement());
        if (!panicking && pos < close && !at({TokenKind::Terminator, TokenKind::EndOfFile}) && !(stages && atStage())) {
            if (!at(TokenKind::Invalid))
                reportNeedsEnd();
            panicking = true;
        }
        if (panicking) recover(close);
        if (pos == before) ++pos;
    }
    return statements;
}

StmtId Parser::parseStatement() {
    Nesting nesting(*this);
    uint32_t start = pos;
    switch (current().kind) {
    case TokenKind::Let:
    case TokenKind::Var:
    case TokenKind::Inout: return parseLet();
    case TokenKind::Return:
    case TokenKind::Break:
    case TokenKind::Continue:
    case TokenKind::Throw: return parseJump();
    case TokenKind::For:
    case TokenKind::Par:
    case TokenKind::Simd: {
        ExprId loop = parseLoop({}, start);
        return stmt(ExprStmt{loop}, start);
    }
    case TokenKind::While: return parseWhile({}, start);
    case TokenKind::Pipeline: return parsePipeline(start);
    case TokenKind::Invoke: {
        advance();
        BlockId branches = parseBlock();
        return stmt(InvokeStmt{branches}, start);
    }
    case TokenKind::Import:
    case TokenKind::Pub:
    case TokenKind::Private:
    case TokenKind::Export:
    case TokenKind::Const:
    case TokenKind::Fn:
    case TokenKind::Struct:
    case TokenKind::Enum: return misplacedItem();
    case TokenKind::Identifier:
        if (ahead().kind == TokenKind::Colon &&
            (startsLoop(ahead(2)) || ahead(2).kind == TokenKind::While || ahead(2).kind == TokenKind::Pipeline))
            return parseLabelled();
        return parseSimple();
    default: return parseSimple();
    }
}

StmtId Parser::misplacedItem() {
    uint32_t start = pos;
    uint32_t word = pos;
    while (tokens[word].kind == TokenKind::Pub || tokens[word].kind == TokenKind::Export) ++word;
    auto report = error(Code::MisplacedItem, spanOf(current()), found(tokens[word]));
    if (tokens[word].kind == TokenKind::Const) report.fix("write `let`", {{spanOf(tokens[word]), "let"}});
    parseItem();
    return stmt(ErrorStmt{}, start);
}

StmtId Parser::parseLet() {
    uint32_t start = pos;
    LetStmt let;
    let.binder = at(TokenKind::Let) ? Binder::Let : at(TokenKind::Var) ? Binder::Var : Binder::Inout;
    std::string_view word = text(current());
    advance();
    let.pattern = parsePattern();
    if (accept(TokenKind::Colon)) let.type = parseType();
    if (!panicking && !at(TokenKind::Assign)) {
        if (at({TokenKind::Terminator, TokenKind::RBrace, TokenKind::EndOfFile})) {
            error(Code::NeedsInitialiser, spanFrom(start), word).why("there is no value that a variable has by itself");
            let.value = expr(ErrorExpr{}, start);
            return stmt(std::move(let), start);
        }
        unexpected("`=`");
    }
    accept(TokenKind::Assign);
    if (let.binder == Binder::Inout && !accept(TokenKind::Amp, Role::Prefix)) unexpected("`&` and the place to bind");
    let.value = parseExpr();
    if (at(TokenKind::Else)) {
        if (let.binder != Binder::Let) error(Code::ElseOnLet, spanOf(current()));
        advance();
        let.otherwise = parseBlock();
    }
    return stmt(std::move(let), start);
}

/// `atomic x += 1`, `disjoint out[i] = e`: the word is a claim when a name follows on its line.
Claim Parser::claimAt() const {
    if (ahead().kind != TokenKind::Identifier || atMinMaxAssign()) return Claim::None;
    return atWord("atomic") ? Claim::Atomic : atWord("disjoint") ? Claim::Disjoint : Claim::None;
}

/// An expression or an assignment.
StmtId Parser::parseSimple() {
    uint32_t start = pos;
    Claim claim = claimAt();
    if (claim != Claim::None) advance(Role::Word);
    ExprId target = parseExpr();
    return finishSimple(target, claim, start);
}

StmtId Parser::finishSimple(ExprId target, Claim claim, uint32_t start) {
    uint32_t at_op = pos;
    auto op = acceptAssignOp();
    if (!op) {
        if (claim != Claim::None) unexpected("an assignment");
        return stmt(ExprStmt{target}, start);
    }
    Span op_span = spanFrom(at_op);
    checkTarget(target, claim, *op);
    ExprId value = parseExpr();
    return stmt(AssignStmt{claim, *op, target, value, op_span}, start);
}

/// At `min=` or `max=` behind the current token.
bool Parser::atMinMaxAssign() const {
    const Token &word = ahead(), &equals = ahead(2);
    return (isWord(word, "min") || isWord(word, "max")) && equals.kind == TokenKind::Assign && equals.begin == word.end;
}

std::optional<AssignOp> Parser::acceptAssignOp() {
    uint32_t length = 1;
    std::optional<AssignOp> op;
    switch (current().kind) {
    case TokenKind::Assign: op = AssignOp::Set; break;
    case TokenKind::PlusAssign: op = AssignOp::Add; break;
    case TokenKind::MinusAssign: op = AssignOp::Sub; break;
    case TokenKind::StarAssign: op = AssignOp::Mul; break;
    case TokenKind::SlashAssign: op = AssignOp::Div; break;
    case TokenKind::PercentAssign: op = AssignOp::Rem; break;
    case TokenKind::AmpAssign: op = AssignOp::And; break;
    case TokenKind::PipeAssign: op = AssignOp::Or; break;
    case TokenKind::CaretAssign: op = AssignOp::Xor; break;
    case TokenKind::ShlAssign: op = AssignOp::Shl; break;
    case TokenKind::AndAndAssign: op = AssignOp::LogicalAnd; break;
    case TokenKind::OrOrAssign: op = AssignOp::LogicalOr; break;
    case TokenKind::Greater: // `>>=` is two tokens
        if (ahead().kind != TokenKind::GreaterEqual || ahead().begin != current().end) return std::nullopt;
        op = AssignOp::Shr;
        length = 2;
        break;
    case TokenKind::Identifier: {
        bool adjacent = ahead().kind == TokenKind::Assign && ahead().begin == current().end;
        if (!adjacent || (!atWord("min") && !atWord("max"))) return std::nullopt;
        op = atWord("min") ? AssignOp::Min : AssignOp::Max;
        length = 2;
        break;
    }
    default: return std::nullopt;
    }
    advance();
    if (length == 2) advance(Role::Glued);
    return op;
}

bool Parser::isPlace(ExprId id) const {
    const ExprNode &node = nodeOf(result.stripParens(id));
    return std::holds_alternative<NameExpr>(node) || std::holds_alternative<MemberExpr>(node) ||
           std::holds_alternative<IndexExpr>(node) || std::holds_alternative<TupleMemberExpr>(node) ||
           std::holds_alternative<UnwrapExpr>(node) || std::holds_alternative<ErrorExpr>(node);
}

void Parser::checkTarget(ExprId target, Claim claim, AssignOp op) {
    if (panicking || isPlace(target)) return;
    bool plain = claim == Claim::None && op == AssignOp::Set;
    const ExprNode &node = nodeOf(target);
    if (plain && std::holds_alternative<DiscardExpr>(node)) return;
    if (const auto *tuple = std::get_if<TupleExpr>(&node); tuple && plain) {
        for (ExprId part : tuple->parts) checkTarget(part, claim, op);
        return;
    }
    error(Code::NotAPlace, spanOf(target), "this", plain ? "assigned to" : "changed");
}

StmtId Parser::parseJump() {
    uint32_t start = pos;
    TokenKind kind = current().kind;
    advance();
    bool ends = at({TokenKind::Terminator, TokenKind::RBrace, TokenKind::RParen, TokenKind::RBracket, TokenKind::Comma,
                    TokenKind::EndOfFile});
    switch (kind) {
    case TokenKind::Return: {
        ExprId value = ends ? ExprId() : parseExpr();
        return stmt(ReturnStmt{value}, start);
    }
    case TokenKind::Throw: {
        ExprId value = parseExpr();
        return stmt(ThrowStmt{value}, start);
    }
    default: break;
    }
    Name label;
    if (at(TokenKind::Identifier)) label = name();
    if (kind == TokenKind::Break) return stmt(BreakStmt{label}, start);
    return stmt(ContinueStmt{label}, start);
}

StmtId Parser::parseLabelled() {
    uint32_t start = pos;
    Name label = name();
    accept(TokenKind::Colon);
    if (at(TokenKind::While)) return parseWhile(label, start);
    if (at(TokenKind::Pipeline)) {
        error(Code::BadModifier, label.span, names.text(label.id),
              "a pipeline: `continue` ends the item, and nothing leaves a stage");
        return parsePipeline(start);
    }
    Loop loop;
    loop.label = label;
    ExprId value = parseLoop(std::move(loop), start);
    return stmt(ExprStmt{value}, start);
}

Condition Parser::parseCondition() {
    Condition condition;
    if (accept(TokenKind::Let)) {
        condition.pattern = parsePattern();
        expect(TokenKind::Assign);
    }
    condition.value = parseExpr();
    return condition;
}

StmtId Parser::parseWhile(Name label, uint32_t start) {
    Nesting nesting(*this);
    WhileStmt loop{label, {}, {}};
    advance();
    loop.condition = parseCondition();
    loop.body = parseBlock();
    return stmt(std::move(loop), start);
}

bool Parser::atStage() const {
    const Token &kind = ahead();
    return atWord("stage") && ahead(2).kind == TokenKind::Colon &&
           (isWord(kind, "parallel") || isWord(kind, "serial") || isWord(kind, "unordered"));
}

StmtId Parser::parsePipeline(uint32_t start) {
    Nesting nesting(*this);
    PipelineStmt pipeline;
    uint32_t keyword = pos;
    advance();
    pipeline.keyword = spanFrom(keyword);
    if (accept(TokenKind::While)) {
        pipeline.while_let = true;
        uint32_t begin = pos;
        expect(TokenKind::Let, "`let`");
        pipeline.source.pattern = parsePattern();
        expect(TokenKind::Assign);
        pipeline.source.source = parseExpr();
        pipeline.source.span = spanFrom(begin);
    } else {
        pipeline.source = parseSource();
    }
    if (atWord("limit") && ahead().kind == TokenKind::LParen) {
        advance();
        advance();
        pipeline.limit = parseExpr();
        expect(TokenKind::RParen);
    }
    uint32_t open = pos;
    if (!expect(TokenKind::LBrace)) return stmt(std::move(pipeline), start);
    uint32_t close = closeOf(open);
    skipTerminators();
    while (pos < close && !at(TokenKind::EndOfFile)) {
        if (!atStage()) {
            error(Code::StatementBeforeStage, spanOf(current())).fix("begin with `stage serial:` or `stage parallel:`");
            parseStatements(close, true);
        }
        if (atStage()) pipeline.stages.push_back(parseStage(close));
    }
    if (pipeline.stages.empty() && !panicking) error(Code::NoStages, pipeline.keyword);
    expect(TokenKind::RBrace);
    return stmt(std::move(pipeline), start);
}

Stage Parser::parseStage(uint32_t close) {
    Nesting nesting(*this);
    uint32_t start = pos;
    Stage stage;
    advance(Role::Stage);
    stage.kind = atWord("parallel") ? StageKind::Parallel : atWord("serial") ? StageKind::Serial : StageKind::Unordered;
    advance();
    advance();
    stage.span = spanFrom(start);
    uint32_t first = pos;
    Block body{parseStatements(close, true), {}};
    body.span = spanFrom(pos > first ? first : start);
    stage.body = result.blocks.add(std::move(body));
    return stage;
}

} // namespace parlane::parse
