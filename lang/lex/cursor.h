// The bytes of a file and a position in them; shared by the parts of the lexer.
#pragma once
#include "lang/diag/emitter.h"

namespace parlane::lex {

struct Cursor {
    std::string_view text;
    uint32_t at = 0;
    const source::SourceMap &sources;
    source::FileId file;
    diag::Emitter &emitter;

    bool done() const { return at >= text.size(); }
    /// The byte `ahead` of the position, or 0 behind the end.
    char peek(uint32_t ahead = 0) const { return at + ahead < text.size() ? text[at + ahead] : '\0'; }
    bool startsWith(std::string_view what) const { return text.substr(at).starts_with(what); }
    source::Span span(uint32_t begin, uint32_t end) const { return {sources.loc(file, begin), sources.loc(file, end)}; }
    std::string_view slice(uint32_t begin, uint32_t end) const { return text.substr(begin, end - begin); }
};

constexpr bool isDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool isHexDigit(char c) { return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
constexpr bool isNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
constexpr bool isNameByte(char c) { return isNameStart(c) || isDigit(c); }

/// Length of the UTF-8 sequence at the beginning of `text`; 0 if it is not one.
uint32_t utf8Length(std::string_view text);
/// Reports every run of bytes that is not UTF-8.
void checkUtf8(const Cursor &cursor);

/// Passes a number and reports what is wrong with it. `member`: only digits, as in `t.0.1`. True for a float.
bool passNumber(Cursor &cursor, bool member);

/// Passes the escape at a backslash and reports it if it is none. In a byte literal `\x80` and above are fine.
void passEscape(Cursor &cursor, bool byte);
/// Passes a byte literal with its quotes.
void passByteLiteral(Cursor &cursor);

} // namespace parlane::lex
