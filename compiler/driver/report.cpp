// `parc report`: what became of each parallel construct.
#include "compiler/driver/commands.h"
#include "compiler/report/report.h"

namespace parlane::driver {

Exit reportCommand(const Options &options) {
    if (options.operands.empty()) return usageError("`parc report` takes files");
    session::Session session;
    applyPassOptions(options, session);
    for (const std::string &path : options.operands) (void)session.load(path);
    lower::Lowered *program = session.lower();
    // A broken contract is part of the report, so what came out is said in any case.
    if (program) (void)session.optimise();
    if (program) {
        auto say = options.json ? report::json : report::text;
        fmt::print("{}", say(program->module, session.sources, session.roots(), session.loops));
    }
    return finish(options, session);
}

} // namespace parlane::driver
