#include "lang/source/source_map.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace parlane::source {

FileId SourceMap::add(std::string path, std::string text) {
    // One byte between files keeps "end of file" distinct from the next file's first byte.
    uint32_t base = files.empty() ? 0 : files[FileId(files.size() - 1)].base +
                                            static_cast<uint32_t>(files[FileId(files.size() - 1)].text.size()) + 1;
    return files.add({std::move(path), std::move(text), base});
}

std::expected<FileId, std::string> SourceMap::load(const std::string &path) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) return std::unexpected(path + " is a directory");
    std::ifstream in(path, std::ios::binary);
    if (!in) return std::unexpected("cannot read " + path + ": " + std::strerror(errno));
    std::ostringstream text;
    text << in.rdbuf();
    std::string all = std::move(text).str();
    if (all.size() >= (1u << 31)) return std::unexpected(path + " is over 2 GiB");
    return add(path, std::move(all));
}

FileId SourceMap::fileOf(Loc loc) const {
    uint32_t low = 0, high = files.size();
    while (high - low > 1) {
        uint32_t middle = (low + high) / 2;
        (files[FileId(middle)].base <= loc.offset ? low : high) = middle;
    }
    return FileId(low);
}

Position SourceMap::position(Loc loc) const {
    if (!loc.valid() || files.empty()) return {};
    FileId id = fileOf(loc);
    const File &file = files[id];
    size_t at = std::min<size_t>(loc.offset - file.base, file.text.size());
    auto line = 1 + std::count(file.text.begin(), file.text.begin() + static_cast<ptrdiff_t>(at), '\n');
    size_t start = at == 0 ? std::string::npos : file.text.rfind('\n', at - 1);
    size_t column = start == std::string::npos ? at + 1 : at - start;
    return {id, static_cast<uint32_t>(line), static_cast<uint32_t>(column)};
}

std::string_view SourceMap::line(FileId file, uint32_t line) const {
    std::string_view text = files[file].text;
    for (uint32_t k = 1; k < line; ++k) {
        size_t end = text.find('\n');
        if (end == std::string_view::npos) return {};
        text.remove_prefix(end + 1);
    }
    return text.substr(0, text.find('\n'));
}

std::string_view SourceMap::text(Span span) const {
    if (!span.valid()) return {};
    const File &file = files[fileOf(span.begin)];
    size_t at = std::min<size_t>(span.begin.offset - file.base, file.text.size());
    return std::string_view(file.text).substr(at, span.end.offset - span.begin.offset);
}

} // namespace parlane::source
