#include "lang/format/format.h"

#include "lang/format/spacing.h"

#include <algorithm>

namespace parlane::format {

namespace {

using lex::Comment;
using lex::Token;
using lex::TokenKind;
using parse::Role;

constexpr size_t kWidth = 120;
constexpr size_t kIndent = 4;

bool opens(TokenKind kind) {
    return kind == TokenKind::LParen || kind == TokenKind::LBracket || kind == TokenKind::LBrace;
}
bool closes(TokenKind kind) {
    return kind == TokenKind::RParen || kind == TokenKind::RBracket || kind == TokenKind::RBrace;
}

/// Lays the tokens of a file out once. Blocks in `broken` are spread over lines although they were written on one.
class Layout {
public:
    Layout(const parse::Marked &marked, std::string_view text, std::vector<bool> &broken)
        : marked(marked), tokens(marked.tokens.tokens), comments(marked.tokens.comments), text(text), broken(broken) {}

    std::string run() {
        for (uint32_t i = 0; i < tokens.size(); i = next(i)) {
            emitComments(i);
            emitToken(i);
        }
        endLine();
        while (out.ends_with("\n\n")) out.pop_back();
        return std::move(out);
    }
    /// Some line was too long because of a block on it; lay out again.
    bool changed = false;

private:
    struct Bracket {
        uint32_t token;
        size_t base;   ///< indentation of the line that closes it
        uint32_t line; ///< number of the line that opened it
        bool flat;     ///< a block on one line
    };

    const parse::Marked &marked;
    const std::vector<Token> &tokens;
    const std::vector<Comment> &comments;
    std::string_view text;
    std::vector<bool> &broken;

    std::string out, line;
    std::vector<Bracket> stack;
    std::vector<uint32_t> flat_blocks; ///< on the current line
    uint32_t line_number = 0;
    size_t indent = 0;                    ///< of the current line, in levels
    size_t code_columns = 0;              ///< of the current line in front of its comment
    bool block_begins = false;            ///< nothing has been laid out in the innermost block
    bool comment_behind = false;          ///< the current line ends with a comment
    uint32_t chained = Token::kNoPartner; ///< block in front of the `else` that the coming block belongs to
    size_t chain_depth = 0;
    uint32_t comments_done = 0;
    uint32_t last_end = 0;       ///< byte behind the last thing emitted
    Piece last;                  ///< last token on the current line
    bool line_pending = false;   ///< the next token begins a line
    bool statement_start = true; ///< the next token begins a statement or an entry

    Piece piece(uint32_t i) const { return {tokens[i].kind, marked.roles[i]}; }

    /// Strings are one piece: from the opening quote to the closing one.
    uint32_t lastOf(uint32_t i) const {
        if (tokens[i].kind != TokenKind::StringStart) return i;
        for (uint32_t depth = 0;; ++i) {
            if (tokens[i].kind == TokenKind::StringStart) ++depth;
            if (tokens[i].kind == TokenKind::StringEnd && --depth == 0) return i;
        }
    }
    uint32_t next(uint32_t i) const { return lastOf(i) + 1; }

    size_t inner() const { return stack.empty() ? 0 : stack.back().base + 1; }
    bool inBlock() const { return stack.empty() || tokens[stack.back().token].kind == TokenKind::LBrace; }

    size_t indentFor(uint32_t i) const {
        TokenKind kind = tokens[i].kind;
        if (closes(kind) && !stack.empty()) return stack.back().base;
        if (kind == TokenKind::EndOfFile) return 0;
        if (marked.roles[i] == Role::Stage) return inner() - 1;
        bool continues = inBlock() && !statement_start && kind != TokenKind::Else && kind != TokenKind::Catch;
        return inner() + (continues ? 1 : 0);
    }

    void endLine() {
        if (line.empty()) return;
        while (line.ends_with(' ')) line.pop_back();
        if (std::max(code_columns, comment_behind ? 0 : columns(line)) > kWidth && !flat_blocks.empty()) {
            broken[flat_blocks.front()] = true;
            changed = true;
        }
        out += line;
        out += '\n';
        line.clear();
        flat_blocks.clear();
        comment_behind = false;
        code_columns = 0;
        ++line_number;
    }

    static size_t columns(std::string_view s) {
        return static_cast<size_t>(
            std::count_if(s.begin(), s.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
    }

    void beginLine(size_t level, uint32_t byte, bool closing = false) {
        endLine();
        // One blank line at most, and none at the beginning of a block or of the file.
        auto gap = text.substr(std::min(last_end, byte), byte - std::min(last_end, byte));
        bool blank = std::count(gap.begin(), gap.end(), '\n') > 1;
        if (blank && !closing && !block_begins && !out.empty() && !out.ends_with("\n\n")) out += '\n';
        block_begins = false;
        indent = level;
        line.assign(level * kIndent, ' ');
        last = {};
        line_pending = false;
    }

    void emitComments(uint32_t i) {
        for (; comments_done < tokens[i].comments; ++comments_done) {
            const Comment &comment = comments[comments_done];
            std::string_view words = text.substr(comment.begin, comment.end - comment.begin);
            if (!comment.line_start && !line.empty()) {
                code_columns = columns(line); // a long comment is no reason to break a block
                comment_behind = true;
                size_t column = std::max(sourceColumn(comment.begin), columns(line) + 1);
                line.append(column - columns(line), ' ');
            } else {
                bool at_end = closes(tokens[i].kind) || tokens[i].kind == TokenKind::Terminator;
                beginLine(at_end ? inner() : indentFor(i), comment.begin);
            }
            line += words;
            last_end = comment.end;
            line_pending = true;
        }
    }

    /// Column of a byte in the source, shifted as its line is shifted.
    size_t sourceColumn(uint32_t byte) const {
        size_t start = text.rfind('\n', byte);
        start = start == std::string_view::npos ? 0 : start + 1;
        std::string_view before = text.substr(start, byte - start);
        if (before.contains('\t')) return 0;
        size_t blanks = std::min(before.find_first_not_of(' '), before.size());
        size_t column = columns(before) + indent * kIndent;
        return column > blanks ? column - blanks : 0;
    }

    void emitToken(uint32_t i) {
        const Token &token = tokens[i];
        if (token.kind == TokenKind::EndOfFile) return;
        if (token.kind == TokenKind::Terminator) return terminator(i);
        bool closing_block = token.kind == TokenKind::RBrace;
        bool flat = closing_block && !stack.empty() && stack.back().flat;
        bool joins = (token.kind == TokenKind::Else || token.kind == TokenKind::Catch) && line.ends_with('}');
        bool fresh = line.empty() || line_pending || (token.line_start && !joins && !inFlat());
        if (closing_block && !flat && last.kind != TokenKind::LBrace) fresh = true;
        if (closing_block && line_pending && last.kind == TokenKind::LBrace && !line.empty()) fresh = false; // `{}`
        if (joins && last.kind == TokenKind::RBrace) fresh = false;

        if (fresh)
            beginLine(indentFor(i), token.begin, closes(token.kind));
        else if (last.kind != TokenKind::EndOfFile && blankBetween(last, piece(i)))
            line += ' ';
        line_pending = false;
        uint32_t end = lastOf(i);
        line += text.substr(token.begin, tokens[end].end - token.begin);
        last_end = tokens[end].end;
        last = piece(end);
        comments_done = std::max(comments_done, tokens[end].comments);
        statement_start = marked.roles[i] == Role::Separator;
        if (token.kind == TokenKind::Else && i > 0 && tokens[i - 1].kind == TokenKind::RBrace) {
            chained = tokens[i - 1].partner;
            chain_depth = stack.size();
        }
        if (opens(token.kind))
            open(i);
        else if (closes(token.kind) && !stack.empty())
            stack.pop_back();
        else if (token.kind == TokenKind::Colon && afterStage(i))
            statement_start = true;
    }

    bool afterStage(uint32_t colon) const { return colon >= 2 && marked.roles[colon - 2] == Role::Stage; }
    bool inFlat() const { return !stack.empty() && stack.back().flat; }

    void open(uint32_t i) {
        bool block = tokens[i].kind == TokenKind::LBrace;
        bool nested = !stack.empty() && stack.back().line == line_number;
        size_t base = block && !nested ? inner() : indent;
        bool flat = block && staysFlat(i);
        stack.push_back({i, base, line_number, flat});
        if (!block) return;
        statement_start = true;
        if (flat) {
            if (!empty(i)) flat_blocks.push_back(i);
        } else {
            line_pending = block_begins = true;
        }
    }

    /// The blocks of an `if` with its `else`s are all on one line or none is.
    bool staysFlat(uint32_t i) {
        bool flat = !broken[i] && onOneLine(i);
        if (chained == Token::kNoPartner || chain_depth != stack.size()) return flat;
        bool before = !broken[chained] && onOneLine(chained);
        uint32_t previous = std::exchange(chained, Token::kNoPartner);
        if (flat && !before && !empty(i)) {
            broken[i] = true;
            return false;
        }
        if (!flat && before && !empty(previous)) {
            broken[previous] = true;
            changed = true;
        }
        return flat;
    }

    bool empty(uint32_t open) const { return tokens[open].partner == open + 1; }

    bool onOneLine(uint32_t i) const {
        uint32_t close = tokens[i].partner;
        auto inside = text.substr(tokens[i].begin, tokens[close].begin - tokens[i].begin);
        return !inside.contains('\n');
    }

    /// `;` stays between statements of a block on one line; everywhere else a statement ends its line.
    void terminator(uint32_t i) {
        statement_start = true;
        last_end = std::max(last_end, tokens[i].end);
        if (!inFlat()) {
            line_pending = true;
            return;
        }
        bool last_one = closes(tokens[i + 1].kind) || tokens[i + 1].kind == TokenKind::Terminator;
        if (last_one || last.kind == TokenKind::LBrace) return;
        line += ';';
        last = piece(i);
    }
};

} // namespace

std::optional<std::string> format(const source::SourceMap &sources, source::FileId file, Interner &names,
                                  diag::Emitter &emitter) {
    parse::Marked marked = parse::parseMarked(sources, file, names, emitter);
    if (marked.ast.has_errors) return std::nullopt;
    std::vector<bool> broken(marked.tokens.tokens.size());
    while (true) {
        Layout layout(marked, sources.file(file).text, broken);
        std::string text = layout.run();
        if (!layout.changed) return text;
    }
}

} // namespace parlane::format
