// What became of each parallel construct, for people and for programs.
#pragma once
#include "compiler/opt/verdicts.h"
#include "lang/source/source_map.h"

#include <string>

namespace parlane::report {

/// One line a construct, in order of places: where it is, in which function, how it runs, and what is in the way where it is not on lanes.
/// Constructs of the files in `roots` only; copies and instances that came out alike are said once.
std::string text(const pir::Module &module, const source::SourceMap &sources, std::span<const source::FileId> roots,
                 const std::vector<opt::Verdict> &verdicts);
/// The same as a JSON array of objects.
std::string json(const pir::Module &module, const source::SourceMap &sources, std::span<const source::FileId> roots,
                 const std::vector<opt::Verdict> &verdicts);

} // namespace parlane::report
