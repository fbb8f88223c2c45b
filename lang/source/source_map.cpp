#include "lang/source/source_map.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

namespace parlane::source {

FileId SourceMap::add(std::string path, std::string text) {
    uint32_t base = files.empty() ? 0 : nextBase();
    return files.add({std::move(path), std::move(text), base});
}

uint32_t SourceMap::nextBase() const {
    // One byte between files keeps "end of file" distinct from the next file's first byte.
    const File &last = files[FileId(files.size() - 1)];
    return last.base + static_cast<uint32_t>(last.text.size()) + 1;
}

std::expected<FileId, std::string> SourceMap::load(const std::string &path) {
    constexpr size_t limit = size_t{1} << 31; // a Loc has 32 bits
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) return std::unexpected(path + " is a directory");
    auto close = [](std::FILE *file) { std::fclose(file); };
    std::unique_ptr<std::FILE, decltype(close)> in(std::fopen(path.c_str(), "rb"));
    if (!in) return std::unexpected("cannot read " + path + ": " + std::strerror(errno));
    std::string all;
    size_t used = 0;
    do {
        all.resize(std::max<size_t>(used * 2, 1 << 16));
        used += std::fread(all.data() + used, 1, all.size() - used, in.get());
    } while (used == all.size() && used < limit);
    if (std::ferror(in.get())) return std::unexpected("cannot read " + path + ": " + std::strerror(errno));
    uint32_t base = files.empty() ? 0 : nextBase();
    if (used >= limit - base) return std::unexpected(path + " is too large: all sources together stay under 2 GiB");
    all.resize(used);
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
