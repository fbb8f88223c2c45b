// Text to tokens.
#pragma once
#include "lang/diag/emitter.h"
#include "lang/lex/token.h"

namespace parlane::lex {

/// Lexes a file and reports what is no token. Statement ends are decided here: a newline becomes a Terminator when the
/// token in front of it can end a statement, the innermost open bracket is none or `{`, and the next line does not
/// begin with `.name`, `else` or `catch`. Needs time and memory linear in the text, no recursion.
Tokens lex(const source::SourceMap &sources, source::FileId file, diag::Emitter &emitter);

/// Text of a StringText or the inside of a Byte with escapes and doubled braces resolved. Wrong escapes were reported.
std::string unescape(std::string_view text);

/// One line a token: `line:column Kind text`, for `--emit=tokens`.
std::string print(const Tokens &tokens, const source::SourceMap &sources);

} // namespace parlane::lex
