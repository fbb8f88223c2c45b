// `--emit=` of what is text: one form a stage.
#pragma once
#include "compiler/driver/commands.h"

namespace parlane::driver {

/// The text that `--emit` asks for, or nothing if it asks for something that is no text. Stages report what is wrong.
std::optional<std::string> emitText(const Options &options, session::Session &session);
/// Writes to `-o`, else to standard output. Never leaves half a file.
Exit writeText(const Options &options, std::string_view text);

} // namespace parlane::driver
