#include "compiler/session/library.h"

#include "lang/source/source_map.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <span>

namespace parlane::session {

namespace {

struct Entry {
    const char *name;
    const char *text;
    uint64_t size;
};

} // namespace

// Both are in the assembler file that cmake/library.cmake generates; sorted by name.
extern "C" const Entry parlane_library_table[];
extern "C" const uint64_t parlane_library_count;

static std::span<const Entry> library() { return {parlane_library_table, parlane_library_count}; }

std::optional<std::string_view> libraryModule(std::string_view name) {
    for (const Entry &entry : library())
        if (entry.name == name) return std::string_view(entry.text, entry.size);
    return std::nullopt;
}

std::vector<std::string> Modules::prelude() {
    std::vector<std::string> names;
    for (const Entry &entry : library())
        if (std::string_view name(entry.name); name.starts_with("core.") || name.starts_with("math."))
            names.push_back(std::string("std.") + entry.name);
    return names;
}

std::vector<std::string> Modules::declaring(std::string_view name) {
    std::vector<std::string> modules;
    for (const Entry &entry : library()) {
        std::string_view module(entry.name), text(entry.text, entry.size);
        if (module.starts_with("core.") || module.starts_with("math.")) continue;
        auto declares = [&](std::string_view word) {
            const std::string head = fmt::format("\npub {} {}", word, name);
            for (size_t at = text.find(head); at != std::string_view::npos; at = text.find(head, at + 1))
                if (const size_t end = at + head.size(); end < text.size() && std::string_view("<( {").contains(text[end])) return true;
            return false;
        };
        if (std::ranges::any_of(std::array{"fn", "struct", "enum", "const"}, declares)) modules.push_back("std." + std::string(module));
    }
    return modules;
}

std::expected<check::ModuleText, std::string> Modules::find(std::string_view name, std::string_view importer) {
    if (name.starts_with("std.")) {
        auto text = libraryModule(name.substr(4));
        if (!text) return std::unexpected(fmt::format("the library has no module `{}`", name));
        return check::ModuleText{fmt::format("<{}>", name), std::string(*text)};
    }
    std::string file(name);
    std::ranges::replace(file, '.', '/');
    file += ".par";
    std::filesystem::path beside = std::filesystem::path(importer).parent_path() / file;
    std::filesystem::path below_root = std::filesystem::path(root_folder) / file;
    std::error_code ignored;
    bool use_root = !std::filesystem::exists(beside, ignored) && std::filesystem::exists(below_root, ignored);
    source::SourceMap reader;
    auto loaded = reader.load((use_root ? below_root : beside).string());
    if (!loaded) return std::unexpected(loaded.error());
    const source::File &found = reader.file(*loaded);
    return check::ModuleText{found.path, found.text};
}

} // namespace parlane::session
