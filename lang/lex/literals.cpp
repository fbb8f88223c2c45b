// Numbers, bytes, escapes, UTF-8.
#include "lang/lex/cursor.h"
#include "lang/lex/lex.h"

#include <algorithm>
#include <charconv>

namespace parlane::lex {

using diag::Code;

uint32_t utf8Length(std::string_view text) {
    if (text.empty()) return 0;
    auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    auto follows = [&](size_t i, unsigned low = 0x80, unsigned high = 0xbf) {
        return byte(i) >= low && byte(i) <= high;
    };
    unsigned b = byte(0);
    if (b < 0x80) return 1;
    if (b >= 0xc2 && b <= 0xdf) return follows(1) ? 2 : 0;
    // The second byte excludes overlong forms, surrogates and code points above U+10FFFF.
    if (b >= 0xe0 && b <= 0xef)
        return follows(1, b == 0xe0 ? 0xa0 : 0x80, b == 0xed ? 0x9f : 0xbf) && follows(2) ? 3 : 0;
    if (b >= 0xf0 && b <= 0xf4)
        return follows(1, b == 0xf0 ? 0x90 : 0x80, b == 0xf4 ? 0x8f : 0xbf) && follows(2) && follows(3) ? 4 : 0;
    return 0;
}

void checkUtf8(const Cursor &cursor) {
    std::string_view text = cursor.text;
    for (uint32_t i = 0; i < text.size();) {
        if (static_cast<unsigned char>(text[i]) < 0x80) {
            ++i;
            continue;
        }
        uint32_t length = utf8Length(text.substr(i, 4));
        if (length != 0) {
            i += length;
            continue;
        }
        uint32_t begin = i;
        while (i < text.size() && static_cast<unsigned char>(text[i]) >= 0x80 && utf8Length(text.substr(i, 4)) == 0)
            ++i;
        cursor.emitter.report(Code::InvalidUtf8, cursor.span(begin, i));
    }
}

namespace {

void checkInteger(const Cursor &cursor, uint32_t begin, std::string_view digits, int base) {
    std::string plain;
    std::copy_if(digits.begin(), digits.end(), std::back_inserter(plain), [](char c) { return c != '_'; });
    auto report = [&](Code code, auto... more) {
        cursor.emitter.report(code, cursor.span(begin, cursor.at), cursor.slice(begin, cursor.at), more...);
    };
    uint64_t value = 0;
    auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), value, base);
    if (plain.empty()) return report(Code::BadNumber, "digits are missing");
    // A decimal number beyond 64 bits may still be a float: check decides.
    if (error == std::errc::result_out_of_range && base != 10) return report(Code::NumberTooLarge);
    if (end != plain.data() + plain.size())
        return report(Code::BadNumber, base == 2 ? "a binary number has only 0 and 1"
                                                 : "a number ends where a letter begins; types are not suffixes");
    if (base == 10 && plain.size() > 1 && plain[0] == '0')
        report(Code::BadNumber, "a decimal number does not begin with 0");
}

} // namespace

bool passNumber(Cursor &cursor, bool member) {
    uint32_t begin = cursor.at;
    auto passDigits = [&] {
        while (isDigit(cursor.peek()) || cursor.peek() == '_') ++cursor.at;
    };
    if (member) {
        while (isDigit(cursor.peek())) ++cursor.at;
        if (cursor.at - begin > 4)
            cursor.emitter.report(Code::NumberTooLarge, cursor.span(begin, cursor.at), cursor.slice(begin, cursor.at));
        return false;
    }
    if (cursor.peek() == '0' && (cursor.peek(1) == 'x' || cursor.peek(1) == 'b')) {
        int base = cursor.peek(1) == 'x' ? 16 : 2;
        cursor.at += 2;
        uint32_t first = cursor.at;
        while (isNameByte(cursor.peek())) ++cursor.at;
        checkInteger(cursor, begin, cursor.slice(first, cursor.at), base);
        return false;
    }
    passDigits();
    bool is_float = false;
    if (cursor.peek() == '.' && isDigit(cursor.peek(1))) {
        is_float = true;
        ++cursor.at;
        passDigits();
    }
    bool exponent = cursor.peek() == 'e' || cursor.peek() == 'E';
    uint32_t sign = exponent && (cursor.peek(1) == '-' || cursor.peek(1) == '+') ? 1 : 0;
    if (exponent && isDigit(cursor.peek(1 + sign))) {
        is_float = true;
        cursor.at += 1 + sign;
        passDigits();
    }
    if (isNameByte(cursor.peek())) {
        while (isNameByte(cursor.peek())) ++cursor.at;
        cursor.emitter.report(Code::BadNumber, cursor.span(begin, cursor.at), cursor.slice(begin, cursor.at),
                              "a number ends where a letter begins; types are not suffixes");
    } else if (!is_float) {
        checkInteger(cursor, begin, cursor.slice(begin, cursor.at), 10);
    }
    return is_float;
}

void passEscape(Cursor &cursor, bool byte) {
    uint32_t begin = cursor.at++;
    char c = cursor.peek();
    bool good = false;
    if (c != '\0' && std::string_view("nrt\\\"'0").contains(c)) {
        good = true;
        ++cursor.at;
    } else if (c == 'x') {
        good = isHexDigit(cursor.peek(1)) && isHexDigit(cursor.peek(2)) && (byte || cursor.peek(1) < '8');
        cursor.at += isHexDigit(cursor.peek(1)) ? (isHexDigit(cursor.peek(2)) ? 3 : 2) : 1;
    } else if (c == 'u' && !byte && cursor.peek(1) == '{') {
        cursor.at += 2;
        uint32_t first = cursor.at;
        while (isHexDigit(cursor.peek())) ++cursor.at;
        uint32_t value = 0;
        std::string_view digits = cursor.slice(first, cursor.at);
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        good = !digits.empty() && digits.size() <= 6 && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff) &&
               cursor.peek() == '}';
        if (cursor.peek() == '}') ++cursor.at;
    } else if (c != '\0' && c != '\n') {
        cursor.at += std::max(1u, utf8Length(cursor.text.substr(cursor.at, 4)));
    }
    if (good) return;
    auto report = cursor.emitter.report(Code::BadEscape, cursor.span(begin, cursor.at), cursor.slice(begin, cursor.at));
    if (c == 'x' && !byte) report.why("text is UTF-8, so a byte above 7f is written as a code point: `\\u{e9}`");
}

void passByteLiteral(Cursor &cursor) {
    uint32_t begin = cursor.at++;
    bool good = true;
    if (cursor.peek() == '\\') {
        passEscape(cursor, true);
    } else {
        auto c = static_cast<unsigned char>(cursor.peek());
        good = c >= 0x20 && c < 0x7f && c != '\'';
        if (good) ++cursor.at;
    }
    if (good && cursor.peek() == '\'') {
        ++cursor.at;
        return;
    }
    // Pass what was meant: up to the next quote if it is near.
    uint32_t end = cursor.at;
    while (end < cursor.text.size() && end < begin + 16 && cursor.text[end] != '\n' && cursor.text[end] != '\'') ++end;
    if (end < cursor.text.size() && cursor.text[end] == '\'') cursor.at = end + 1;
    cursor.emitter.report(Code::BadByteLiteral, cursor.span(begin, cursor.at)).why("text is written in double quotes");
}

namespace {

void appendUtf8(std::string &out, uint32_t c) {
    auto put = [&](uint32_t byte) { out += static_cast<char>(byte); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xc0 | c >> 6);
        put(0x80 | (c & 63));
    } else if (c < 0x10000) {
        put(0xe0 | c >> 12);
        put(0x80 | (c >> 6 & 63));
        put(0x80 | (c & 63));
    } else {
        put(0xf0 | c >> 18);
        put(0x80 | (c >> 12 & 63));
        put(0x80 | (c >> 6 & 63));
        put(0x80 | (c & 63));
    }
}

} // namespace

std::string unescape(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        char c = text[i], next = i + 1 < text.size() ? text[i + 1] : '\0';
        if (c != '\\') {
            out += c;
            if ((c == '{' || c == '}') && next == c) ++i;
            continue;
        }
        ++i;
        if (next == 'n')
            out += '\n';
        else if (next == 'r')
            out += '\r';
        else if (next == 't')
            out += '\t';
        else if (next == '0')
            out += '\0';
        else if (next == 'x' || next == 'u') {
            size_t first = i + (next == 'x' ? 1 : 2), last = first;
            size_t limit = next == 'x' ? first + 2 : text.size();
            while (last < std::min(limit, text.size()) && isHexDigit(text[last])) ++last;
            uint32_t value = 0;
            std::from_chars(text.data() + std::min(first, text.size()), text.data() + std::min(last, text.size()),
                            value, 16);
            if (next == 'x')
                out += static_cast<char>(value);
            else
                appendUtf8(out, value);
            i = next == 'x' ? last - 1 : last;
        } else if (next != '\0') {
            out += next;
        }
    }
    return out;
}

} // namespace parlane::lex
