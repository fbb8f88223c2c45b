// `parc run`: in the interpreter or through the JIT, under the runtime that executables have.
#include "compiler/driver/commands.h"
#include "compiler/driver/execute.h"

namespace parlane::driver {

Exit runCommand(const Options &options) {
    if (options.operands.size() != 1) return usageError("`parc run` takes one file; arguments of the program follow `--`");
    session::Session session;
    applyPassOptions(options, session);
    (void)session.load(options.operands.front());
    // The oracle is the program as it was lowered; with a number of lanes, what the vectorizer made of it.
    bool plain = options.interpret && !options.lanes;
    lower::Lowered *program = plain               ? session.lower()
                              : options.interpret ? session.optimiseForInterpreter()
                                                  : session.optimise();
    if (program && !program->main.valid())
        session.emitter.report(diag::Code::NoMain, {}, options.operands.front());
    Exit status = finish(options, session);
    if (status != Exit::Fine || !program || options.verify_diagnostics) return status;
    Arguments arguments(options);
    if (options.interpret) return interpret(session, *program, program->main, arguments);
    return runCompiled(options, session, program->main, arguments);
}

} // namespace parlane::driver
