// `--emit=` of what is text: one form a stage.
#pragma once
#include "compiler/driver/commands.h"

namespace parlane::driver {

/// Whether `--emit=<kind>` is one of: tokens, ast, hir, pir.
bool isText(std::string_view kind);
/// That text. Stages report what is wrong.
std::string emitText(const Options &options, session::Session &session);
/// Writes to `-o`, else to standard output. Never leaves half a file.
Exit writeText(const Options &options, std::string_view text);

} // namespace parlane::driver
