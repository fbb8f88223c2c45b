#include "compiler/driver/commands.h"

namespace parlane::driver {

Exit checkCommand(const Options &options) {
    if (options.operands.empty()) return usageError("`parc check` takes files");
    session::Session session;
    for (const std::string &path : options.operands) (void)session.load(path);
    if (options.stop_after == "parse") {
        for (source::FileId file : session.roots()) (void)session.parse(file);
    } else {
        (void)session.prove();
    }
    Exit status = finish(options, session);
    printTimes(options, session);
    return status;
}

} // namespace parlane::driver
