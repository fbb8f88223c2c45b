// What a cell consists of, by its syntax alone.
#pragma once
#include "compiler/repl/composition.h"

#include <string>
#include <vector>

namespace parlane::repl {

/// Something that has a name and stays.
struct Definition {
    std::string key; ///< a later definition of the same key replaces it; overloads have keys of their own
    std::string name;
    bool is_import = false, is_type = false;
    Quote quote;
};

/// Where a new variable is named.
struct Binding {
    std::string name;
    uint32_t offset = 0; ///< of the name in the cell
    bool is_mutable = false;
};

struct Parts {
    std::vector<Definition> definitions;
    std::vector<Quote> statements; ///< without a value at the end
    std::vector<Binding> bindings; ///< of statements, in order
    Quote value;                   ///< the expression at the end; no cell: none
    bool value_is_place = false;   ///< a variable, or a part of one
    std::string problems;          ///< syntax errors, rendered; then nothing else counts
};

/// Takes a cell apart.
Parts takeApart(const CellText &cell);

/// Does the text end inside brackets or a string, so that a prompt should read on?
bool isOpen(std::string_view text);

/// What messages call a cell.
std::string cellName(const CellText &cell);

} // namespace parlane::repl
