#include "lang/format/spacing.h"

namespace parlane::format {

using lex::TokenKind;
using parse::Role;

namespace {

/// Whether a value, a name or a type can end with this token, so that `(` or `[` behind it belongs to it.
bool endsOperand(Piece piece) {
    switch (piece.kind) {
    case TokenKind::Identifier: return piece.role != Role::Word;
    case TokenKind::TypeName:
    case TokenKind::Integer:
    case TokenKind::Float:
    case TokenKind::Byte:
    case TokenKind::RawString:
    case TokenKind::StringEnd:
    case TokenKind::RParen:
    case TokenKind::RBracket:
    case TokenKind::RBrace:
    case TokenKind::True:
    case TokenKind::False:
    case TokenKind::None: return true;
    default: return piece.role == Role::Postfix || piece.role == Role::Symbol || piece.role == Role::SymbolEnd;
    }
}

bool isRange(TokenKind kind) { return kind == TokenKind::DotDot || kind == TokenKind::DotDotEqual; }

} // namespace

bool blankBetween(Piece left, Piece right) {
    if (right.role == Role::Glued || right.role == Role::SymbolEnd || right.role == Role::Postfix) return false;
    if (left.role == Role::Prefix) return false;
    switch (right.kind) {
    case TokenKind::RParen:
    case TokenKind::RBracket:
    case TokenKind::Comma:
    case TokenKind::Colon:
    case TokenKind::Terminator:
    case TokenKind::Dot: return false;
    case TokenKind::LParen:
        if (left.kind == TokenKind::Fn) return false;
        if (left.role == Role::Angle || endsOperand(left)) return false;
        break;
    case TokenKind::LBracket:
        if (left.role == Role::Angle || endsOperand(left)) return false;
        break;
    case TokenKind::RBrace: return left.kind != TokenKind::LBrace;
    default: break;
    }
    switch (left.kind) {
    case TokenKind::LParen:
    case TokenKind::LBracket:
    case TokenKind::Dot: return false;
    default: break;
    }
    if (right.role == Role::Angle) return false;
    if (left.role == Role::Angle && left.kind == TokenKind::Less) return false;
    if (isRange(right.kind)) return !endsOperand(left);
    if (isRange(left.kind)) { // without its right end
        return right.kind == TokenKind::LBrace || right.role == Role::Word || right.kind == TokenKind::FatArrow ||
               right.kind == TokenKind::If || right.kind == TokenKind::Assign;
    }
    return true;
}

} // namespace parlane::format
