// What the characters of a file are.
#pragma once
#include "lang/source/source_map.h"

#include <string>
#include <string_view>
#include <vector>

namespace parlane::lex {

enum class TokenKind : uint8_t {
#define PARLANE_TOKEN(name, description) name,
#define PARLANE_KEYWORD(name, spelling) name,
#define PARLANE_PUNCTUATION(name, spelling) name,
#include "lang/lex/tokens.def"
};

/// Name in `tokens.def`.
std::string_view name(TokenKind kind);
/// What a message calls it: `the end of the file`, "`let`".
std::string_view description(TokenKind kind);
/// Spelling of keywords and punctuation, else empty.
std::string_view spelling(TokenKind kind);
bool isKeyword(TokenKind kind);

struct Token {
    static constexpr uint32_t kNoPartner = 0xffffffffu;
    TokenKind kind = TokenKind::EndOfFile;
    bool line_start = false;       ///< first token of its line
    uint32_t begin = 0, end = 0;   ///< bytes of the file
    uint32_t partner = kNoPartner; ///< of a bracket, index of the token that closes or opens it
    uint32_t comments = 0;         ///< how many comments of the file stand in front of it
};

struct Comment {
    uint32_t begin = 0, end = 0; ///< bytes of the file, without the newline
    bool doc = false;            ///< `///`
    bool line_start = false;     ///< nothing but blanks in front of it
};

/// The tokens of a file. The last one is EndOfFile.
struct Tokens {
    source::FileId file;
    std::vector<Token> tokens;
    std::vector<Comment> comments;
};

} // namespace parlane::lex
