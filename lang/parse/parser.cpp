// Tokens, errors and recovery.
#include "lang/parse/parser.h"

namespace parlane::parse {

Parser::Parser(const source::SourceMap &sources, const lex::Tokens &lexed, Interner &names, diag::Emitter &emitter)
    : sources(sources), tokens(lexed.tokens), comments(lexed.comments), source_text(sources.file(lexed.file).text),
      names(names), emitter(emitter), roles(lexed.tokens.size(), Role::None), end_of_file(lexed.tokens.back()) {
    result.file = lexed.file;
}

const Token &Parser::ahead(uint32_t n) const {
    return panicking ? end_of_file : tokens[std::min<size_t>(pos + n, tokens.size() - 1)];
}

std::string_view Parser::text(const Token &token) const {
    return source_text.substr(token.begin, token.end - token.begin);
}

bool Parser::at(std::initializer_list<TokenKind> kinds) const {
    return std::find(kinds.begin(), kinds.end(), current().kind) != kinds.end();
}

bool Parser::isWord(const Token &token, std::string_view word) const {
    return token.kind == TokenKind::Identifier && text(token) == word;
}

void Parser::advance() {
    if (!panicking && pos + 1 < tokens.size()) ++pos;
}

bool Parser::accept(TokenKind kind) {
    if (!at(kind)) return false;
    advance();
    return true;
}

bool Parser::expect(TokenKind kind, std::string_view what) {
    if (!panicking && accept(kind)) return true;
    unexpected(what.empty() ? lex::description(kind) : what);
    return false;
}

Span Parser::spanOf(const Token &token) const {
    return {sources.loc(result.file, token.begin), sources.loc(result.file, token.end)};
}

Span Parser::spanFrom(uint32_t start) const {
    const Token &first = tokens[start], &last = tokens[pos > start ? pos - 1 : start];
    return {sources.loc(result.file, first.begin), sources.loc(result.file, std::max(first.end, last.end))};
}

std::string Parser::found(const Token &token) const {
    switch (token.kind) {
    case TokenKind::Terminator: return token.end > token.begin ? "`;`" : "the end of the line";
    case TokenKind::Identifier:
    case TokenKind::TypeName:
    case TokenKind::Integer:
    case TokenKind::Float:
    case TokenKind::Byte: return fmt::format("`{}`", text(token));
    default: return std::string(lex::description(token.kind));
    }
}

void Parser::unexpected(std::string_view wanted) {
    if (panicking) return;
    const Token &token = current();
    panicking = true;
    result.has_errors = true;
    // The lexer has said what is wrong with these: a bracket that is not closed, a character without a meaning.
    bool known = token.kind == TokenKind::Invalid || (token.kind == TokenKind::EndOfFile && emitter.hasErrors());
    if (known) return;
    auto report = error(Code::UnexpectedToken, spanOf(token), wanted, found(token));
    if (std::string_view advice = hint(pos); !advice.empty()) report.fix(std::string(advice));
}

void Parser::reportNeedsEnd() {
    auto report = error(Code::StatementNeedsEnd, spanOf(current()), "this", found(current()));
    if (std::string_view advice = hint(pos); !advice.empty()) report.fix(std::string(advice));
}

void Parser::checkDepth() {
    if (depth + height <= kMaxDepth || pos + 1 == tokens.size()) return;
    error(Code::TooDeep, spanOf(tokens[pos]), kMaxDepth)
        .why("the compiler walks the structure of a program recursively and needs a bound for it");
    // Nothing behind this place can be parsed with sense.
    pos = static_cast<uint32_t>(tokens.size() - 1);
    panicking = true;
}

uint32_t Parser::closeOf(uint32_t open) const {
    uint32_t partner = tokens[open].partner;
    return partner == Token::kNoPartner ? static_cast<uint32_t>(tokens.size() - 1) : partner;
}

void Parser::recover(uint32_t close) {
    panicking = false;
    while (pos < close && !at({TokenKind::Terminator, TokenKind::EndOfFile})) {
        bool opens = at({TokenKind::LParen, TokenKind::LBracket, TokenKind::LBrace, TokenKind::InterpStart});
        uint32_t partner = tokens[pos].partner;
        if (opens && partner != Token::kNoPartner) pos = std::min(partner, close);
        if (pos < close) advance();
    }
}

bool Parser::skipTerminators() {
    bool any = false;
    while (accept(TokenKind::Terminator)) any = true;
    return any;
}

Name Parser::nameOf(const Token &token) { return {names.intern(text(token)), spanOf(token)}; }

Name Parser::name(std::string_view what) {
    const Token token = current();
    if (at(TokenKind::Identifier)) {
        advance();
        return nameOf(token);
    }
    if (!panicking && (lex::isKeyword(token.kind) || token.kind == TokenKind::TypeName)) {
        error(Code::ReservedName, spanOf(token), text(token));
        // Go on as if the word were a name, unless it more likely begins something else.
        if (ahead().kind != TokenKind::Identifier) {
            advance();
            return nameOf(token);
        }
        panicking = true;
        return {};
    }
    unexpected(what);
    return {};
}

std::optional<std::string> Parser::plainString() {
    uint32_t start = pos;
    if (at(TokenKind::RawString) || at(TokenKind::StringStart)) {
        ExprId literal = parseString();
        const auto &parts = std::get<StringLiteral>(nodeOf(literal)).parts;
        bool plain = std::all_of(parts.begin(), parts.end(), [](const StringPart &p) { return !p.value.valid(); });
        if (plain) return parts.empty() ? std::string() : parts[0].text;
        error(Code::UnexpectedToken, spanFrom(start), "a string without interpolation", "one with");
        return std::string();
    }
    unexpected("a string");
    return std::nullopt;
}

std::string Parser::docOf(uint32_t token) const {
    std::string doc;
    for (uint32_t k = token > 0 ? tokens[token - 1].comments : 0; k < tokens[token].comments; ++k) {
        if (!comments[k].doc) continue;
        std::string_view line = source_text.substr(comments[k].begin + 3, comments[k].end - comments[k].begin - 3);
        if (line.starts_with(' ')) line.remove_prefix(1);
        if (!doc.empty()) doc += '\n';
        doc += line;
    }
    return doc;
}

Marked parseMarked(const source::SourceMap &sources, source::FileId file, Interner &names, diag::Emitter &emitter) {
    uint32_t before = emitter.errorCount();
    Marked marked{lex::lex(sources, file, emitter), {}, {}};
    Parser parser(sources, marked.tokens, names, emitter);
    marked.ast = parser.file();
    marked.roles = parser.takeRoles();
    marked.ast.has_errors |= emitter.errorCount() != before;
    return marked;
}

Ast parse(const source::SourceMap &sources, source::FileId file, Interner &names, diag::Emitter &emitter) {
    return parseMarked(sources, file, names, emitter).ast;
}

} // namespace parlane::parse
