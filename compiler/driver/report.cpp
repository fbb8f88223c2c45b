#include "compiler/driver/commands.h"

namespace parlane::driver {

Exit reportCommand(const Options &options) {
    session::Session session;
    session.emitter.report(diag::Code::NotSupportedYet, {}, "parc report");
    return finish(options, session);
}

} // namespace parlane::driver
