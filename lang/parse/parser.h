// The recursive-descent parser; its functions are spread over the files of this folder by construct.
#pragma once
#include "lang/lex/lex.h"
#include "lang/parse/parse.h"

#include <algorithm>
#include <initializer_list>
#include <optional>

namespace parlane::parse {

using namespace ast;
using diag::Code;
using lex::Token;
using lex::TokenKind;

/// After a syntax error the parser *panics*: the current token reads as the end of the file, so that every rule in
/// progress ends without consuming or reporting. A list that knows where to go on (statements, arms, fields) recovers.
class Parser {
public:
    Parser(const source::SourceMap &sources, const lex::Tokens &lexed, Interner &names, diag::Emitter &emitter);
    Ast file(); ///< items.cpp
    std::vector<Role> takeRoles() { return std::move(roles); }

private:
    /// Counts nesting while a construct that may contain itself is parsed, and the height of the tree below it.
    class Nesting {
    public:
        explicit Nesting(Parser &parser) : parser(parser), outer(parser.height) {
            ++parser.depth;
            parser.height = 0;
            parser.checkDepth();
        }
        ~Nesting() {
            --parser.depth;
            parser.height = std::max(outer, parser.height + 1);
        }
        Nesting(const Nesting &) = delete;
        Nesting &operator=(const Nesting &) = delete;

    private:
        Parser &parser;
        uint32_t outer;
    };

    // parser.cpp: tokens, errors, recovery
    const Token &current() const { return panicking ? end_of_file : tokens[pos]; }
    const Token &ahead(uint32_t n = 1) const;
    std::string_view text(const Token &token) const;
    bool at(TokenKind kind) const { return current().kind == kind; }
    bool at(std::initializer_list<TokenKind> kinds) const;
    bool atWord(std::string_view word) const { return isWord(current(), word); }
    bool isWord(const Token &token, std::string_view word) const;
    bool accept(TokenKind kind);
    /// Passes a token of this kind or reports what is there instead; `what` replaces its description.
    bool expect(TokenKind kind, std::string_view what = {});
    void advance();
    void advance(Role role) {
        if (!panicking) roles[pos] = role;
        advance();
    }
    bool accept(TokenKind kind, Role role) {
        if (!at(kind)) return false;
        advance(role);
        return true;
    }
    Span spanOf(const Token &token) const;
    /// From the token at `start` to the last one passed.
    Span spanFrom(uint32_t start) const;
    std::string found(const Token &token) const;
    void unexpected(std::string_view wanted);
    /// What someone who comes from another language meant by the token at `index`; empty if there is no telling.
    std::string_view hint(uint32_t index) const; ///< hints.cpp
    template <class... Args> diag::Report error(Code code, Span span, const Args &...args) {
        result.has_errors = true;
        return emitter.report(code, span, args...);
    }
    void reportNeedsEnd();
    void checkDepth();
    /// One more level of a tree that grows to the left, such as `a + b + c`.
    void grow() {
        ++height;
        checkDepth();
    }
    /// Ends a panic: passes everything up to the next Terminator outside brackets, at most up to token `close`.
    void recover(uint32_t close);
    /// Index of the token that closes the bracket at `open`; that of the end of the file if none does.
    uint32_t closeOf(uint32_t open) const;
    bool skipTerminators();
    Name name(std::string_view what = "a name");
    Name nameOf(const Token &token);
    std::optional<std::string> plainString();
    std::string docOf(uint32_t token) const;

    ExprId expr(ExprNode node, uint32_t start) { return result.exprs.add({std::move(node), spanFrom(start)}); }
    StmtId stmt(StmtNode node, uint32_t start) { return result.stmts.add({std::move(node), spanFrom(start)}); }
    PatternId pattern(PatternNode node, uint32_t start) {
        return result.patterns.add({std::move(node), spanFrom(start)});
    }
    TypeExprId type(TypeNode node, uint32_t start) { return result.types.add({std::move(node), spanFrom(start)}); }
    ItemId item(ItemNode node, uint32_t start, std::string doc) {
        return result.items.add({std::move(node), spanFrom(start), std::move(doc)});
    }
    const ExprNode &nodeOf(ExprId id) const { return result.exprs[id].node; }
    Span spanOf(ExprId id) const { return result.exprs[id].span; }

    // items.cpp
    ItemId parseItem();
    bool atItem() const;
    ItemNode parseDeclaration(uint32_t start);
    ItemNode parseImport();
    ItemNode parseImportC();
    ItemNode parseFunction(Visibility visibility, uint32_t start);
    void parseFunctionName(FunctionItem &function);
    std::vector<TypeParam> parseTypeParams();
    std::vector<Param> parseParams();
    ItemNode parseStruct(Visibility visibility);
    Field parseField();
    ItemNode parseEnum(Visibility visibility);
    ItemNode parseConst(Visibility visibility);
    ItemNode parseTest();
    /// `{ entry, entry newline entry }`
    template <class F> void parseMembers(F &&entry);

    // types.cpp
    TypeExprId parseType();
    TypeExprId parseTypeSuffix(TypeExprId base, uint32_t start);
    TypeExprId parseNamedType(uint32_t start);
    TypeExprId parseFnType(uint32_t start);
    TypeExprId parseTypeArg();
    std::vector<TypeExprId> parseTypeArgs();
    bool typeArgsFollow() const;
    bool skipType(uint32_t &index, uint32_t level) const;
    bool skipTypeArgs(uint32_t &index, uint32_t level) const;
    bool skipTypeSuffixes(uint32_t &index) const;
    void parseThrows(bool &throws, TypeExprId &error);
    /// The type that an expression in front of `[]` or `?[` names; invalid if it names none.
    TypeExprId typeOfExpr(ExprId id);

    // patterns.cpp
    PatternId parsePattern();
    PatternId parseAlternatives();
    PatternId parseNamePattern(uint32_t start);
    PatternId parseLiteralPattern(uint32_t start);
    ExprId parseRangeEnd();
    std::vector<PatternId> parsePatternList(TokenKind close);

    // statements.cpp
    BlockId parseBlock();
    std::vector<StmtId> parseStatements(uint32_t close, bool stages);
    StmtId parseStatement();
    StmtId parseLet();
    StmtId parseSimple();
    StmtId finishSimple(ExprId target, Claim claim, uint32_t start);
    std::optional<AssignOp> acceptAssignOp();
    bool atMinMaxAssign() const;
    void checkTarget(ExprId target, Claim claim, AssignOp op);
    bool isPlace(ExprId id) const;
    Claim claimAt() const;
    StmtId parseJump();
    StmtId parseLabelled();
    StmtId parseWhile(Name label, uint32_t start);
    StmtId parsePipeline(uint32_t start);
    Stage parseStage(uint32_t close);
    bool atStage() const;
    Condition parseCondition();
    StmtId misplacedItem();

    // loops.cpp
    bool atLoop() const { return at({TokenKind::For, TokenKind::Par, TokenKind::Simd}); }
    static bool startsLoop(const Token &token) {
        return token.kind == TokenKind::For || token.kind == TokenKind::Par || token.kind == TokenKind::Simd;
    }
    std::optional<LoopKind> valueLoopAt() const;
    ExprId parseValueLoop(LoopKind kind);
    ExprId parseLoop(Loop loop, uint32_t start);
    LoopSource parseSource();
    FoldOp parseFoldOp();
    std::optional<FoldOperator> foldOperatorAt() const;
    void parseClauses(Loop &loop);

    // expressions.cpp
    enum class Open : bool { No, Yes };
    /// `Open::Yes`: a range may lack its ends, as in an index.
    ExprId parseExpr(Open open = Open::No);
    ExprId parseRange(ExprId lo, uint32_t start, Open open);
    ExprId parseBinary(int least);
    std::optional<BinaryOp> binaryOpAt(uint32_t &length) const;
    ExprId parseUnary();
    ExprId parsePostfix(ExprId base, uint32_t start);
    ExprId parseMember(ExprId base, uint32_t start);
    ExprId parseCall(ExprId callee, uint32_t start);
    Arg parseArg();
    ExprId parseIndex(ExprId base, uint32_t start);
    bool startsExpr(const Token &token) const;
    bool atClosure() const;
    ExprId parseClosure();
    ClosureParam parseClosureParam();
    /// What stands behind `=>`: an expression, or a statement, which becomes a block.
    ExprId parseArrowBody();
    ExprId blockOf(StmtId statement);

    // primary.cpp
    ExprId parsePrimary();
    ExprId parseNumber();
    ExprId parseString();
    StringPart parseInterpolation();
    ExprId parseName();
    ExprId parseParens();
    ExprId parseBrackets();
    ExprId parseIf();
    ExprId parseMatch();
    MatchArm parseArm();
    ExprId parseDoCatch();
    std::vector<ExprId> parseExprList(TokenKind close, Open open = Open::No);

    const source::SourceMap &sources;
    const std::vector<Token> &tokens;
    const std::vector<lex::Comment> &comments;
    std::string_view source_text;
    Interner &names;
    diag::Emitter &emitter;
    Ast result;
    std::vector<Role> roles;

    uint32_t pos = 0;
    bool panicking = false;
    bool no_closure = false; ///< in a guard of `match`, where `x =>` ends the guard
    uint32_t depth = 0;      ///< of nested constructs around the current token
    uint32_t height = 0;     ///< of the tree built so far inside the innermost of them
    Token end_of_file;
};

} // namespace parlane::parse
