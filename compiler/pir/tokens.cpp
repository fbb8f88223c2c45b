#include "compiler/pir/tokens.h"

#include <cctype>

namespace parlane::pir {

namespace {

bool isWordChar(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.'; }

int hexDigit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

class Scanner {
public:
    explicit Scanner(std::string_view text) : text(text) {}

    std::vector<Token> run() {
        std::vector<Token> out;
        for (;;) {
            skip();
            Token token;
            token.line = line;
            token.column = static_cast<uint32_t>(at - line_start) + 1;
            if (at >= text.size()) {
                out.push_back(token);
                return out;
            }
            one(token);
            out.push_back(std::move(token));
        }
    }

private:
    char peek(size_t ahead = 0) const { return at + ahead < text.size() ? text[at + ahead] : '\0'; }

    void skip() {
        while (at < text.size()) {
            char c = text[at];
            if (c == '\n') ++line, line_start = ++at;
            else if (c == ' ' || c == '\t' || c == '\r') ++at;
            else if (c == '/' && peek(1) == '/')
                while (at < text.size() && text[at] != '\n') ++at;
            else return;
        }
    }

    void word(Token &token) {
        while (isWordChar(peek())) token.text += text[at++];
    }

    void string(Token &token) {
        ++at;
        while (at < text.size() && text[at] != '"') {
            char c = text[at++];
            if (c != '\\') {
                token.text += c;
                continue;
            }
            char escape = peek();
            ++at;
            if (escape == 'n') token.text += '\n';
            else if (escape == 'x' && hexDigit(peek()) >= 0 && hexDigit(peek(1)) >= 0) {
                token.text += static_cast<char>(hexDigit(peek()) * 16 + hexDigit(peek(1)));
                at += 2;
            } else token.text += escape;
        }
        if (at >= text.size()) token.kind = Token::Bad;
        else ++at;
    }

    void number(Token &token) {
        token.kind = Token::Number;
        token.text += text[at++];
        while (isWordChar(peek()) || ((peek() == '+' || peek() == '-') && (token.text.back() == 'e' || token.text.back() == 'E')))
            token.text += text[at++];
    }

    void one(Token &token) {
        char c = text[at];
        if (c == '%' || c == '@' || c == '$') {
            token.kind = c == '%' ? Token::Percent : c == '@' ? Token::At : Token::Dollar;
            ++at;
            if (peek() == '"') string(token);
            else word(token);
        } else if (c == '"') {
            token.kind = Token::String;
            string(token);
        } else if (std::isalpha(static_cast<unsigned char>(c)) || c == '_') {
            token.kind = Token::Word;
            word(token);
        } else if (c == '-' && peek(1) == '>') {
            token.kind = Token::Symbol;
            token.text = "->";
            at += 2;
        } else if (std::isdigit(static_cast<unsigned char>(c)) || (c == '-' && isWordChar(peek(1)))) {
            number(token);
        } else if (std::string_view("(){}[]<>,:=!-").find(c) != std::string_view::npos) {
            token.kind = Token::Symbol;
            token.text = c;
            ++at;
        } else {
            token.kind = Token::Bad;
            token.text = c;
            ++at;
        }
    }

    std::string_view text;
    size_t at = 0, line_start = 0;
    uint32_t line = 1;
};

} // namespace

std::vector<Token> tokens(std::string_view text) { return Scanner(text).run(); }

} // namespace parlane::pir
