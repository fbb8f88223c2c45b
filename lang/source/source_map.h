// All text of a session, and places in it.
#pragma once
#include "lang/base/store.h"

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace parlane::source {

using FileId = Id<struct FileTag>;

/// A byte of some file of the session: files are laid one behind the other. The default names no place.
struct Loc {
    uint32_t offset = 0xffffffffu;
    constexpr bool valid() const { return offset != 0xffffffffu; }
    friend constexpr auto operator<=>(Loc, Loc) = default;
};

/// Half-open range of bytes of one file.
struct Span {
    Loc begin, end;
    constexpr bool valid() const { return begin.valid(); }
    friend constexpr bool operator==(Span, Span) = default;
};

/// Line and column count from 1; the column counts bytes.
struct Position {
    FileId file;
    uint32_t line = 0, column = 0;
};

struct File {
    std::string path; ///< as given by the user, shown in messages
    std::string text;
    uint32_t base = 0; ///< offset of the first byte
};

/// Owns the text of every file of a session. Not thread-safe: one a session.
class SourceMap {
public:
    /// Adds text under a name that is shown in messages.
    FileId add(std::string path, std::string text);
    /// Reads a file; the error is one sentence for the user (missing, a directory, unreadable, over 2 GiB).
    std::expected<FileId, std::string> load(const std::string &path);

    const File &file(FileId id) const { return files[id]; }
    uint32_t fileCount() const { return files.size(); }
    Loc loc(FileId file, uint32_t byte) const { return {files[file].base + byte}; }
    FileId fileOf(Loc loc) const;
    Position position(Loc loc) const;
    /// Text of line `line` (from 1) without its newline.
    std::string_view line(FileId file, uint32_t line) const;
    std::string_view text(Span span) const;

private:
    uint32_t nextBase() const;

    Store<FileId, File> files;
};

} // namespace parlane::source
