// Running functions of a compiled program in this process.
#pragma once
#include "compiler/driver/commands.h"
#include "runtime/include/parlane/runtime.h"

namespace parlane::driver {

/// What the runtime is told: threads, statistics, and the arguments of the program behind its name.
class Arguments {
public:
    explicit Arguments(const Options &options);
    const par_options *runtime() const { return &settings; }

private:
    std::vector<const char *> words;
    par_options settings{};
};

/// Runs `function` (no parameters) in the interpreter. The status is that of an executable: 0, 4 trap, 5 error.
Exit interpret(session::Session &session, const lower::Lowered &program, pir::FunctionId function,
               const Arguments &arguments);
/// Compiles the program in memory and runs `function`.
Exit runCompiled(const Options &options, session::Session &session, pir::FunctionId function,
                 const Arguments &arguments);

} // namespace parlane::driver
