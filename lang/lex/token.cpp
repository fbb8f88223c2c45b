#include "lang/lex/token.h"

#include <array>

namespace parlane::lex {

namespace {

struct KindInfo {
    std::string_view name, description, spelling;
    bool keyword;
};

constexpr std::array kKinds = {
#define PARLANE_TOKEN(name, description) KindInfo{#name, description, "", false},
#define PARLANE_KEYWORD(name, spelling) KindInfo{#name, "`" spelling "`", spelling, true},
#define PARLANE_PUNCTUATION(name, spelling) KindInfo{#name, "`" spelling "`", spelling, false},
#include "lang/lex/tokens.def"
};

const KindInfo &infoOf(TokenKind kind) { return kKinds[static_cast<size_t>(kind)]; }

} // namespace

std::string_view name(TokenKind kind) { return infoOf(kind).name; }
std::string_view description(TokenKind kind) { return infoOf(kind).description; }
std::string_view spelling(TokenKind kind) { return infoOf(kind).spelling; }
bool isKeyword(TokenKind kind) { return infoOf(kind).keyword; }

} // namespace parlane::lex
