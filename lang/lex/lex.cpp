#include "lang/lex/lex.h"

#include "lang/lex/cursor.h"

#include <algorithm>
#include <array>
#include <optional>

namespace parlane::lex {

namespace {

using diag::Code;

constexpr std::array<std::string_view, 13> kTypeNames = {"bool", "i8",  "i16", "i32", "i64", "u8", "u16",
                                                         "u32",  "u64", "f32", "f64", "int", "str"};

std::optional<TokenKind> keywordNamed(std::string_view text) {
#define PARLANE_KEYWORD(name, spelling)                                                                                \
    if (text == spelling) return TokenKind::name;
#include "lang/lex/tokens.def"
    return std::nullopt;
}

/// Whether a newline behind a token of this kind may end a statement.
bool canEnd(TokenKind kind) {
    switch (kind) {
    case TokenKind::Identifier:
    case TokenKind::TypeName:
    case TokenKind::Integer:
    case TokenKind::Float:
    case TokenKind::Byte:
    case TokenKind::RawString:
    case TokenKind::StringEnd:
    case TokenKind::Invalid:
    case TokenKind::Return:
    case TokenKind::Break:
    case TokenKind::Continue:
    case TokenKind::Throws:
    case TokenKind::True:
    case TokenKind::False:
    case TokenKind::None:
    case TokenKind::RParen:
    case TokenKind::RBracket:
    case TokenKind::RBrace:
    case TokenKind::Bang:
    case TokenKind::Question: return true;
    default: return false;
    }
}

class Lexer {
public:
    Lexer(const source::SourceMap &sources, source::FileId file, diag::Emitter &emitter)
        : cursor{sources.file(file).text, 0, sources, file, emitter}, emitter(emitter) {
        result.file = file;
    }

    Tokens run() {
        checkUtf8(cursor);
        if (cursor.startsWith("\xef\xbb\xbf")) cursor.at += 3;
        if (cursor.startsWith("#!")) comment();
        while (true) {
            blanks();
            if (cursor.done()) break;
            token();
        }
        while (in_string > 0) abandonString();
        if (!open.empty()) reportUnclosed(open.back());
        newline_at = newline_at.value_or(static_cast<uint32_t>(cursor.text.size()));
        terminateLine(TokenKind::EndOfFile);
        add(TokenKind::EndOfFile, cursor.at, cursor.at);
        return std::move(result);
    }

private:
    /// A bracket, or the brace of an interpolation, that is still open.
    struct Open {
        TokenKind kind;
        uint32_t token;
    };

    Cursor cursor;
    diag::Emitter &emitter;
    Tokens result;
    std::vector<Open> open;
    uint32_t in_string = 0;             ///< open interpolations
    std::optional<uint32_t> newline_at; ///< first newline since the last token
    bool line_start = true;

    uint32_t add(TokenKind kind, uint32_t begin, uint32_t end) {
        Token token{kind, line_start, begin, end, Token::kNoPartner, static_cast<uint32_t>(result.comments.size())};
        result.tokens.push_back(token);
        line_start = false;
        newline_at.reset();
        return static_cast<uint32_t>(result.tokens.size() - 1);
    }

    void blanks() {
        while (!cursor.done()) {
            char c = cursor.peek();
            if (c == '\n') {
                while (in_string > 0) abandonString();
                if (!newline_at) newline_at = cursor.at;
                line_start = true;
                ++cursor.at;
            } else if (c == ' ' || c == '\t' || c == '\r') {
                ++cursor.at;
            } else if (cursor.startsWith("//")) {
                comment();
            } else {
                return;
            }
        }
    }

    void comment() {
        uint32_t begin = cursor.at;
        uint32_t end = static_cast<uint32_t>(std::min(cursor.text.find('\n', begin), cursor.text.size()));
        bool doc = cursor.startsWith("///") && cursor.peek(3) != '/';
        cursor.at = end;
        while (end > begin &&
               (cursor.text[end - 1] == '\r' || cursor.text[end - 1] == ' ' || cursor.text[end - 1] == '\t'))
            --end;
        result.comments.push_back({begin, end, doc, line_start});
    }

    /// Decides whether the newlines in front of the coming token end a statement.
    void terminateLine(TokenKind coming) {
        if (!newline_at || result.tokens.empty() || !canEnd(result.tokens.back().kind)) return;
        if (!open.empty() && open.back().kind != TokenKind::LBrace) return;
        bool member = coming == TokenKind::Dot && isNameByte(cursor.peek(1));
        if (member || coming == TokenKind::Else || coming == TokenKind::Catch) return;
        uint32_t at = *newline_at;
        bool was_start = line_start;
        line_start = false;
        // Comments in front of the newline belong to it, those behind to the coming token.
        auto comments = static_cast<uint32_t>(result.comments.size());
        while (comments > 0 && result.comments[comments - 1].begin >= at) --comments;
        add(TokenKind::Terminator, at, at);
        result.tokens.back().comments = comments;
        line_start = was_start;
    }

    void token() {
        char c = cursor.peek();
        uint32_t begin = cursor.at;
        if (isNameStart(c)) return word();
        if (c != '.') terminateLine(TokenKind::Invalid);
        if (isDigit(c)) {
            bool member = !result.tokens.empty() && result.tokens.back().kind == TokenKind::Dot &&
                          result.tokens.back().end == begin;
            bool is_float = passNumber(cursor, member);
            add(is_float ? TokenKind::Float : TokenKind::Integer, begin, cursor.at);
        } else if (c == '"') {
            string();
        } else if (c == '\'') {
            passByteLiteral(cursor);
            add(TokenKind::Byte, begin, cursor.at);
        } else if (c == ';') {
            ++cursor.at;
            add(TokenKind::Terminator, begin, cursor.at);
        } else if (c == ':' && !open.empty() && open.back().kind == TokenKind::InterpStart) {
            formatSpec();
        } else {
            punctuation();
        }
    }

    void word() {
        uint32_t begin = cursor.at;
        if (cursor.peek() == 'r' && cursor.peek(1) == '"') return rawString();
        uint32_t end = begin;
        while (end < cursor.text.size() && isNameByte(cursor.text[end])) ++end;
        std::string_view text = cursor.slice(begin, end);
        TokenKind kind = TokenKind::Identifier;
        if (auto keyword = keywordNamed(text))
            kind = *keyword;
        else if (std::find(kTypeNames.begin(), kTypeNames.end(), text) != kTypeNames.end())
            kind = TokenKind::TypeName;
        terminateLine(kind);
        cursor.at = end;
        add(kind, begin, end);
    }

    void rawString() {
        terminateLine(TokenKind::RawString);
        uint32_t begin = cursor.at;
        cursor.at += 2;
        while (!cursor.done() && cursor.peek() != '"' && cursor.peek() != '\n') ++cursor.at;
        if (cursor.peek() == '"' && !cursor.done())
            ++cursor.at;
        else
            emitter.report(Code::UnterminatedString, cursor.span(begin, begin + 2));
        add(TokenKind::RawString, begin, cursor.at);
    }

    void string() {
        add(TokenKind::StringStart, cursor.at, cursor.at + 1);
        ++cursor.at;
        stringText();
    }

    /// From the inside of a string to its end or to the next interpolation.
    void stringText() {
        uint32_t begin = cursor.at;
        auto flush = [&] {
            if (cursor.at > begin) add(TokenKind::StringText, begin, cursor.at);
        };
        while (!cursor.done() && cursor.peek() != '\n') {
            char c = cursor.peek();
            if (c == '"') {
                flush();
                add(TokenKind::StringEnd, cursor.at, cursor.at + 1);
                ++cursor.at;
                return;
            }
            if (c == '\\') {
                passEscape(cursor, false);
            } else if (c == '{' && cursor.peek(1) != '{') {
                flush();
                open.push_back({TokenKind::InterpStart, add(TokenKind::InterpStart, cursor.at, cursor.at + 1)});
                ++cursor.at;
                ++in_string;
                return;
            } else if (c == '{' || c == '}') {
                if (cursor.peek(1) != c)
                    emitter.report(Code::StrayBraceInString, cursor.span(cursor.at, cursor.at + 1))
                        .fix("write `}}`", {{cursor.span(cursor.at, cursor.at), "}"}});
                cursor.at += cursor.peek(1) == c ? 2 : 1;
            } else {
                ++cursor.at;
            }
        }
        flush();
        uint32_t start = static_cast<uint32_t>(result.tokens.size());
        while (start > 0 && result.tokens[start - 1].kind != TokenKind::StringStart) --start;
        uint32_t quote = start > 0 ? result.tokens[start - 1].begin : begin;
        emitter.report(Code::UnterminatedString, cursor.span(quote, quote + 1));
        add(TokenKind::StringEnd, cursor.at, cursor.at);
    }

    void formatSpec() {
        uint32_t begin = cursor.at++;
        while (!cursor.done() && cursor.peek() != '}' && cursor.peek() != '\n' && cursor.peek() != '"') ++cursor.at;
        add(TokenKind::FormatSpec, begin, cursor.at);
    }

    /// The line ends inside an interpolation: closes it and its string.
    void abandonString() {
        while (open.back().kind != TokenKind::InterpStart) open.pop_back();
        uint32_t brace = open.back().token;
        open.pop_back();
        --in_string;
        emitter.report(Code::UnterminatedInterpolation,
                       cursor.span(result.tokens[brace].begin, result.tokens[brace].end));
        uint32_t end = add(TokenKind::InterpEnd, cursor.at, cursor.at);
        result.tokens[brace].partner = end;
        result.tokens[end].partner = brace;
        add(TokenKind::StringEnd, cursor.at, cursor.at);
    }

    void reportUnclosed(const Open &bracket) {
        const Token &token = result.tokens[bracket.token];
        emitter.report(Code::Unclosed, cursor.span(token.begin, token.end), spelling(token.kind));
    }

    void closing(TokenKind kind, TokenKind opener) {
        uint32_t begin = cursor.at++;
        // Looks a bounded way up, so that a text of brackets alone takes linear time.
        size_t depth = 0;
        auto at = [&](size_t k) { return open[open.size() - 1 - k].kind; };
        while (depth < open.size() && depth < 64 && at(depth) != opener && at(depth) != TokenKind::InterpStart) ++depth;
        if (depth == open.size() || at(depth) != opener) { // the parser reports it
            add(kind, begin, cursor.at);
            return;
        }
        if (depth > 0) reportUnclosed(open.back());
        open.resize(open.size() - depth);
        uint32_t first = open.back().token;
        open.pop_back();
        uint32_t last = add(kind, begin, cursor.at);
        result.tokens[first].partner = last;
        result.tokens[last].partner = first;
    }

    void punctuation() {
        uint32_t begin = cursor.at;
        char c = cursor.peek();
        if (c == '}' && in_string > 0 && closesInterpolation()) return interpolationEnd();
        if (c == ')') return closing(TokenKind::RParen, TokenKind::LParen);
        if (c == ']') return closing(TokenKind::RBracket, TokenKind::LBracket);
        if (c == '}') return closing(TokenKind::RBrace, TokenKind::LBrace);
        if (cursor.startsWith("/*")) return blockComment();
        TokenKind kind = TokenKind::Invalid;
        size_t length = 0;
#define PARLANE_PUNCTUATION(name, spelling)                                                                            \
    if (sizeof(spelling) - 1 > length && cursor.startsWith(spelling)) {                                                \
        kind = TokenKind::name;                                                                                        \
        length = sizeof(spelling) - 1;                                                                                 \
    }
#include "lang/lex/tokens.def"
        if (kind == TokenKind::Invalid) return stray();
        if (kind == TokenKind::Dot)
            terminateLine(kind);
        else if (c == '.')
            terminateLine(TokenKind::Invalid);
        cursor.at += static_cast<uint32_t>(length);
        uint32_t index = add(kind, begin, cursor.at);
        if (kind == TokenKind::LParen || kind == TokenKind::LBracket || kind == TokenKind::LBrace)
            open.push_back({kind, index});
    }

    /// A `}` closes the innermost interpolation unless a brace was opened inside it.
    bool closesInterpolation() const {
        auto found = std::find_if(open.rbegin(), open.rend(), [](const Open &o) {
            return o.kind == TokenKind::InterpStart || o.kind == TokenKind::LBrace;
        });
        return found != open.rend() && found->kind == TokenKind::InterpStart;
    }

    void interpolationEnd() {
        if (open.back().kind != TokenKind::InterpStart) reportUnclosed(open.back());
        while (open.back().kind != TokenKind::InterpStart) open.pop_back();
        uint32_t first = open.back().token;
        open.pop_back();
        --in_string;
        uint32_t last = add(TokenKind::InterpEnd, cursor.at, cursor.at + 1);
        result.tokens[first].partner = last;
        result.tokens[last].partner = first;
        ++cursor.at;
        stringText();
    }

    void blockComment() {
        uint32_t begin = cursor.at;
        emitter.report(Code::StrayCharacter, cursor.span(begin, begin + 2), "`/*`").fix("begin each line with `//`");
        size_t end = cursor.text.find("*/", begin + 2);
        uint32_t stop = static_cast<uint32_t>(end == std::string_view::npos ? cursor.text.size() : end + 2);
        cursor.at = stop;
    }

    void stray() {
        uint32_t begin = cursor.at;
        uint32_t length = utf8Length(cursor.text.substr(begin, 4));
        bool broken = length == 0;
        while (!cursor.done() && length == 0 && static_cast<unsigned char>(cursor.peek()) >= 0x80) {
            ++cursor.at;
            if (utf8Length(cursor.text.substr(cursor.at, 4)) != 0) break;
        }
        cursor.at += length;
        auto byte = static_cast<unsigned char>(cursor.text[begin]);
        std::string what = byte < 0x20 || byte == 0x7f ? fmt::format("the byte {:#04x}", byte)
                                                       : fmt::format("`{}`", cursor.slice(begin, cursor.at));
        if (!broken) emitter.report(Code::StrayCharacter, cursor.span(begin, cursor.at), what);
        add(TokenKind::Invalid, begin, cursor.at);
    }
};

} // namespace

Tokens lex(const source::SourceMap &sources, source::FileId file, diag::Emitter &emitter) {
    return Lexer(sources, file, emitter).run();
}

std::string print(const Tokens &tokens, const source::SourceMap &sources) {
    std::string out;
    std::string_view text = sources.file(tokens.file).text;
    uint32_t line = 1, start = 0, at = 0;
    for (const Token &token : tokens.tokens) {
        for (; at < token.begin; ++at)
            if (text[at] == '\n') {
                ++line;
                start = at + 1;
            }
        std::string_view slice = text.substr(token.begin, token.end - token.begin);
        out += fmt::format("{}:{} {}{}{}\n", line, token.begin - start + 1, name(token.kind), slice.empty() ? "" : " ",
                           slice);
    }
    return out;
}

} // namespace parlane::lex
