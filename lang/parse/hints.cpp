// Advice for habits from other languages.
#include "lang/parse/parser.h"

namespace parlane::parse {

std::string_view Parser::hint(uint32_t index) const {
    const Token none;
    const Token &token = tokens[index];
    const Token &before = index > 0 ? tokens[index - 1] : none;
    const Token &after = index + 1 < tokens.size() ? tokens[index + 1] : none;
    auto doubled = [&](TokenKind kind) {
        return (token.kind == kind && before.kind == kind && before.end == token.begin) ||
               (token.kind == kind && after.kind == kind && token.end == after.begin);
    };
    if (doubled(TokenKind::Plus)) return "write `x += 1`; there is no `++`";
    if (doubled(TokenKind::Minus)) return "write `x -= 1`; there is no `--`";
    if (doubled(TokenKind::Star)) return "there is no operator for powers: `x * x`, or `pow(x, y)` of the mathematics";
    switch (token.kind) {
    case TokenKind::Assign:
        // The head of a loop in the style of C: `for (i = 0; …`.
        if (index >= 3 && tokens[index - 2].kind == TokenKind::LParen && tokens[index - 3].kind == TokenKind::For)
            return "a loop is `for i in 0..n { … }`";
        return before.kind == TokenKind::Assign ? "" : "to compare, write `==`";
    case TokenKind::Question: return "a choice is `if c { a } else { b }`";
    case TokenKind::Plus:
    case TokenKind::Star:
    case TokenKind::Slash:
    case TokenKind::Percent:
    case TokenKind::AndAnd:
    case TokenKind::OrOr:
    case TokenKind::Pipe:
    case TokenKind::Caret:
    case TokenKind::EqualEqual:
    case TokenKind::QuestionQuestion:
        return token.line_start ? "a line cannot begin with this operator; put it at the end of the line before" : "";
    case TokenKind::Colon: return before.kind == TokenKind::RParen ? "the result of a function stands behind `->`" : "";
    case TokenKind::LParen: return before.kind == TokenKind::For ? "a loop is `for i in 0..n { … }`" : "";
    case TokenKind::Arrow: return "a closure is written with `=>`";
    default: break;
    }
    std::string_view word = token.kind == TokenKind::Identifier ? text(token) : std::string_view();
    std::string_view previous = before.kind == TokenKind::Identifier ? text(before) : std::string_view();
    if (word == "and") return "write `&&`";
    if (word == "or") return "write `||`";
    if (previous == "not") return "write `!`";
    if (previous == "mut") return "a variable that changes is a `var`";
    if (word == "elif" || word == "elsif") return "write `else if`";
    if (word == "is") return "to compare, write `==`";
    if (previous == "func" || previous == "def" || previous == "function" || previous == "fun")
        return "functions begin with `fn`";
    if (previous == "class" || previous == "record" || previous == "type") return "types are a `struct` or an `enum`";
    if (previous == "switch" || previous == "when") return "write `match x { pattern => value }`";
    if (previous == "static" || previous == "final" || previous == "auto")
        return "write `let`, `var`, or `const` at the top level";
    if (previous == "new" || previous == "await" || previous == "async" || previous == "unsafe")
        return "there is no such word: values are made by calls, and `par for`, `invoke` and `pipeline` run in "
               "parallel";
    if (previous == "loop") return "write `while true { … }`";
    return {};
}

} // namespace parlane::parse
