// Where the text of modules comes from: the library is embedded into the compiler, everything else lies in files beside
// the program.
#pragma once
#include "lang/check/check.h"

#include <optional>
#include <string_view>

namespace parlane::session {

/// Text of the library's module with this path under stdlib/, dots for slashes: `core.list`, `io`.
std::optional<std::string_view> libraryModule(std::string_view name);

/// `std.x` is embedded. `a.b` is `a/b.par` beside the importing file, or else beside the first file of the program.
class Modules : public check::ModuleSource {
public:
    /// Folder of the first file of the program, "" for the current one.
    std::string root_folder;

    std::vector<std::string> prelude() override;
    std::expected<check::ModuleText, std::string> find(std::string_view name, std::string_view importer) override;
    std::vector<std::string> declaring(std::string_view name) override;
};

} // namespace parlane::session
