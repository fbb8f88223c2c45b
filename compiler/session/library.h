// The text of the library (stdlib/**/*.par) that is embedded into the compiler.
#pragma once
#include <optional>
#include <string_view>

namespace parlane::session {

/// Text of the library's module with this path under stdlib/, dots for slashes: `core.list`, `io`.
std::optional<std::string_view> libraryModule(std::string_view name);

} // namespace parlane::session
