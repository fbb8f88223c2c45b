#include "compiler/driver/commands.h"
#include "compiler/driver/emit.h"

namespace parlane::driver {

namespace {

/// Says that a command or option has no implementation yet, as a diagnostic like any other.
Exit notYet(const Options &options, session::Session &session, std::string_view what) {
    session.emitter.report(diag::Code::NotSupportedYet, {}, what);
    Exit status = finish(options, session);
    return status == Exit::Fine ? Exit::CompileErrors : status;
}

Exit notYet(const Options &options, std::string_view what) {
    session::Session session;
    return notYet(options, session, what);
}

} // namespace

Exit checkCommand(const Options &options) {
    if (options.operands.empty()) return usageError("`parc check` takes files");
    session::Session session;
    for (const std::string &path : options.operands) (void)session.load(path);
    for (source::FileId file : session.roots()) (void)session.parse(file);
    if (options.stop_after == "parse") return finish(options, session);
    if (!session.emitter.hasErrors()) return notYet(options, session, "checking");
    return finish(options, session);
}

Exit buildCommand(const Options &options) {
    if (options.operands.empty()) return usageError("`parc build` takes files");
    session::Session session;
    for (const std::string &path : options.operands) (void)session.load(path);
    if (session.emitter.hasErrors()) return finish(options, session);
    if (auto text = emitText(options, session)) {
        Exit status = finish(options, session);
        return status == Exit::Fine ? writeText(options, *text) : status;
    }
    return notYet(options, session, "parc build");
}

Exit runCommand(const Options &options) { return notYet(options, "parc run"); }
Exit fmtCommand(const Options &options) { return notYet(options, "parc fmt"); }
Exit testCommand(const Options &options) { return notYet(options, "parc test"); }
Exit benchCommand(const Options &options) { return notYet(options, "parc bench"); }
Exit reportCommand(const Options &options) { return notYet(options, "parc report"); }

} // namespace parlane::driver
