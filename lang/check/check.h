// Ast to Hir: names, modules, types, overloads. Every rejection is a `T` diagnostic; any input ends.
#pragma once
#include "lang/base/interner.h"
#include "lang/diag/emitter.h"
#include "lang/hir/hir.h"
#include "lang/source/source_map.h"

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace parlane::check {

struct ModuleText {
    std::string path; ///< shown in messages
    std::string text;
};

/// Where the text of modules comes from. The language knows names only; the session knows files and what is embedded.
class ModuleSource {
public:
    virtual ~ModuleSource() = default;
    /// Dotted names of the modules whose `pub` names need no import, in a fixed order: `std.core.prelude`,
    /// `std.core.list`, ...
    virtual std::vector<std::string> prelude() = 0;
    /// Text of module `name` (`std.io`, `pick`, `geo.shapes`), imported by the file `importer` (its path). The error is
    /// one sentence.
    virtual std::expected<ModuleText, std::string> find(std::string_view name, std::string_view importer) = 0;
    /// Names of library modules outside the prelude that declare a `pub` function, type or constant of this name, for
    /// advice.
    virtual std::vector<std::string> declaring(std::string_view) { return {}; }
};

struct Options {
    bool all = false; ///< also the bodies of library functions that nothing reaches
    /// Parameters of struct type whose fields can be named like locals: the variables of earlier cells of a prompt.
    std::vector<NameId> ambient;
};

/// Checks the files `roots` and everything they import. Syntax errors of all files are reported too. The result is
/// meaningful only if the
/// emitter has seen no error; it then holds no `ErrorType`. Functions of `std` have bodies only if something reaches
/// them.
hir::Program check(source::SourceMap &sources, Interner &names, ModuleSource &modules,
    const std::vector<source::FileId> &roots,
                   diag::Emitter &emitter, Options options = {});

} // namespace parlane::check
