#include "lang/ast/sexp.h"

#include <fmt/format.h>

namespace parlane::ast {

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') out += '\\';
        if (byte < 0x20 || byte == 0x7f)
            out += fmt::format("\\x{:02x}", byte);
        else
            out += c;
    }
    return out + '"';
}

namespace {

constexpr size_t kWidth = 100; ///< of a list on one line
constexpr size_t kHead = 60;   ///< of a head with its first parts

/// Appends the list on one line; stops early, with false, beyond `limit` characters.
bool printFlat(const Sexp &sexp, size_t limit, std::string &out) {
    if (!sexp.list) {
        out += sexp.head;
        return out.size() <= limit;
    }
    out += '(';
    out += sexp.head;
    for (const Sexp &part : sexp.parts) {
        if (out.back() != '(') out += ' ';
        if (!printFlat(part, limit, out)) return false;
    }
    out += ')';
    return out.size() <= limit;
}

} // namespace

void print(const Sexp &sexp, size_t indent, std::string &out) {
    std::string flat;
    if (printFlat(sexp, indent < kWidth ? kWidth - indent : 0, flat)) {
        out += flat;
        return;
    }
    std::string line = sexp.list ? "(" + sexp.head : sexp.head;
    size_t next = 0;
    for (; next < sexp.parts.size(); ++next) { // what is short stays beside the head
        std::string part;
        if (!printFlat(sexp.parts[next], kHead, part) || indent + line.size() + part.size() > kHead) break;
        line += ' ' + part;
    }
    out += line;
    for (; next < sexp.parts.size(); ++next) {
        out += '\n';
        out.append(indent + 2, ' ');
        print(sexp.parts[next], indent + 2, out);
    }
    if (sexp.list) out += ')';
}

} // namespace parlane::ast
