// Whether there is a blank between two tokens of a line.
#pragma once
#include "lang/parse/parse.h"

namespace parlane::format {

/// A token with its role.
struct Piece {
    lex::TokenKind kind = lex::TokenKind::EndOfFile;
    parse::Role role = parse::Role::None;
};

bool blankBetween(Piece left, Piece right);

} // namespace parlane::format
