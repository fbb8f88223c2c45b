#include "compiler/session/library.h"

#include <cstdint>
#include <span>

namespace parlane::session {

namespace {

struct Entry {
    const char *name;
    const char *text;
    uint64_t size;
};

} // namespace

// Both are in the assembler file that cmake/library.cmake generates.
extern "C" const Entry parlane_library_table[];
extern "C" const uint64_t parlane_library_count;

std::optional<std::string_view> libraryModule(std::string_view name) {
    for (const Entry &entry : std::span(parlane_library_table, parlane_library_count))
        if (entry.name == name) return std::string_view(entry.text, entry.size);
    return std::nullopt;
}

} // namespace parlane::session
