#include "compiler/driver/commands.h"
#include "compiler/repl/prompt.h"
#include "compiler/repl/protocol.h"

namespace parlane::driver {

Exit replCommand(const Options &options) {
    if (!options.operands.empty()) return usageError("`parc repl` takes no files; `:load FILE` runs one");
    if (options.protocol == "json") return static_cast<Exit>(repl::serve());
    if (!options.protocol.empty()) return usageError("`--protocol` is json");
    return static_cast<Exit>(repl::prompt("/proc/self/exe"));
}

} // namespace parlane::driver
