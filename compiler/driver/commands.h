// What `parc <command>` does; one function a command. Each prints what it has to say.
#pragma once
#include "compiler/driver/options.h"
#include "compiler/session/session.h"

namespace parlane::driver {

Exit runCommand(const Options &options);
Exit buildCommand(const Options &options);
Exit checkCommand(const Options &options);
Exit fixCommand(const Options &options);
Exit fmtCommand(const Options &options);
Exit explainCommand(const Options &options);
Exit testCommand(const Options &options);
Exit benchCommand(const Options &options);
Exit reportCommand(const Options &options);
Exit replCommand(const Options &options);
Exit pirOptCommand(const Options &options);
Exit helpCommand(const Options &options);

/// Prints the diagnostics of a session to standard error in the chosen format. CompileErrors if one is an error.
Exit finish(const Options &options, session::Session &session);
/// What the options say about generated code.
codegen::Options codeOptions(const Options &options);
/// One line on standard error about something outside the program (a file that cannot be written), and CompileErrors.
Exit failed(std::string_view sentence);
/// Dumps and timing of passes as the options say, to standard error.
void applyPassOptions(const Options &options, session::Session &session);
/// With `--time`: one line a stage on standard error.
void printTimes(const Options &options, const session::Session &session);
/// One line on standard error, and Usage.
Exit usageError(std::string_view message);

} // namespace parlane::driver
