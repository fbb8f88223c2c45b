// Tokens of Pir text.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace parlane::pir {

struct Token {
    enum Kind : uint8_t { End, Word, Number, String, Percent, At, Dollar, Symbol, Bad } kind = End;
    std::string text; ///< without sigil and quotes; escapes resolved
    uint32_t line = 1, column = 1;
};

/// All tokens, the last one End. A character that starts no token becomes Bad.
std::vector<Token> tokens(std::string_view text);

} // namespace parlane::pir
