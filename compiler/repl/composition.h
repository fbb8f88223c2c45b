// The text that is compiled for a cell: parts of cells, as the user wrote them, between parts that the engine wrote.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace parlane::repl {

/// A cell as it was entered. Its number is shown in messages.
struct CellText {
    uint32_t number = 0;
    std::string text;
};

/// A part of a cell: bytes `begin` … `end - 1`.
struct Quote {
    const CellText *cell = nullptr;
    uint32_t begin = 0, end = 0;
    std::string_view text() const { return std::string_view(cell->text).substr(begin, end - begin); }
};

/// A place in a cell; no cell: in what the engine wrote.
struct CellPlace {
    const CellText *cell = nullptr;
    uint32_t offset = 0;
};

/// Grows at its end. Cells must outlive it.
class Composition {
public:
    void write(std::string_view text) { whole += text; }
    void quote(const Quote &part) {
        parts.push_back({static_cast<uint32_t>(whole.size()), part});
        whole += part.text();
    }
    const std::string &text() const { return whole; }
    /// Where byte `at` (or the end of a part just in front of it) comes from.
    CellPlace place(uint32_t at) const {
        for (const Part &part : parts) {
            uint32_t size = part.quote.end - part.quote.begin;
            if (at >= part.at && at <= part.at + size) return {part.quote.cell, part.quote.begin + (at - part.at)};
        }
        return {};
    }

private:
    struct Part {
        uint32_t at;
        Quote quote;
    };
    std::string whole;
    std::vector<Part> parts;
};

} // namespace parlane::repl
