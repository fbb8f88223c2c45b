#include "compiler/driver/commands.h"

namespace parlane::driver {

namespace {

/// Says that a command or option has no implementation yet, as a diagnostic like any other.
Exit notYet(const Options &options, std::string_view what) {
    session::Session session;
    session.emitter.report(diag::Code::NotSupportedYet, {}, what);
    Exit status = finish(options, session);
    return status == Exit::Fine ? Exit::CompileErrors : status;
}

} // namespace

Exit checkCommand(const Options &options) {
    if (options.operands.empty()) return usageError("`parc check` takes files");
    session::Session session;
    for (const std::string &path : options.operands) (void)session.load(path);
    if (!session.emitter.hasErrors()) session.emitter.report(diag::Code::NotSupportedYet, {}, "checking");
    return finish(options, session);
}

Exit runCommand(const Options &options) { return notYet(options, "parc run"); }
Exit buildCommand(const Options &options) { return notYet(options, "parc build"); }
Exit fmtCommand(const Options &options) { return notYet(options, "parc fmt"); }
Exit testCommand(const Options &options) { return notYet(options, "parc test"); }
Exit benchCommand(const Options &options) { return notYet(options, "parc bench"); }
Exit reportCommand(const Options &options) { return notYet(options, "parc report"); }

} // namespace parlane::driver
