// Lists that print themselves, broken over lines where they are long.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace parlane::ast {

/// An atom, or a list with a head.
struct Sexp {
    std::string head;
    std::vector<Sexp> parts;
    bool list = false;

    static Sexp atom(std::string text) { return {std::move(text), {}, false}; }
    static Sexp of(std::string head, std::vector<Sexp> parts = {}) { return {std::move(head), std::move(parts), true}; }
    Sexp &add(Sexp part) {
        parts.push_back(std::move(part));
        return *this;
    }
};

/// `text` in quotes with escapes.
std::string quoted(std::string_view text);
/// Appends the list at an indentation; lists longer than 100 columns get one line a part.
void print(const Sexp &sexp, size_t indent, std::string &out);

} // namespace parlane::ast
