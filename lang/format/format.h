// The one way a Parlane file looks.
#pragma once
#include "lang/parse/parse.h"

#include <optional>
#include <string>

namespace parlane::format {

/// The text of a file in canonical layout: indentation by four blanks, canonical blanks inside a line, one statement a
/// line except in a block that was written on one line and fits on it (120 columns). Line breaks inside brackets,
/// single blank lines and comments stay. Formatting twice changes nothing; the tree never changes. Nothing if the file
/// does not parse: the errors are reported.
std::optional<std::string> format(const source::SourceMap &sources, source::FileId file, Interner &names,
                                  diag::Emitter &emitter);

} // namespace parlane::format
