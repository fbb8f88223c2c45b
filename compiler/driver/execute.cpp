#include "compiler/driver/execute.h"

#include "compiler/pir/interpret.h"

#include <memory>

namespace parlane::driver {

Arguments::Arguments(const Options &options) {
    words.push_back(options.operands.empty() ? "parc" : options.operands.front().c_str());
    for (const std::string &argument : options.arguments) words.push_back(argument.c_str());
    settings.threads = static_cast<int32_t>(options.threads.value_or(0));
    settings.stats = options.stats ? 1 : -1;
    settings.argc = static_cast<int32_t>(words.size());
    settings.argv = words.data();
}

namespace {

/// The interpreter enters the runtime, so it is made inside; it outlives the rendering of its fault.
struct Interpretation {
    const pir::Module &module;
    pir::FunctionId function;
    pir::InterpretOptions options;
    std::unique_ptr<pir::Interpreter> interpreter;
};

int32_t runInterpretation(par_ctx *, void *data) {
    auto &self = *static_cast<Interpretation *>(data);
    self.interpreter = std::make_unique<pir::Interpreter>(self.module, self.options);
    return self.interpreter->run(self.function);
}

} // namespace

Exit interpret(session::Session &session, const lower::Lowered &program, pir::FunctionId function,
               const Arguments &arguments) {
    static constexpr pir::RuntimeTable runtime = {par_rt_alloc,      par_rt_free,  par_rt_str_copy, par_rt_str_drop,
                                                  par_rt_file_close, par_rt_enter, par_rt_leave,    jit::runtimeFunction};
    Interpretation work{program.module, function, {}, nullptr};
    work.options.runtime = &runtime;
    work.options.place = [&](pir::LocId id) {
        id = program.module.outsideLibrary(id, session.sources);
        source::Position at = session.sources.position(program.module.locations[id].span.begin);
        return pir::SourcePlace{session.sources.file(at.file).path, at.line, at.column};
    };
    int32_t status = par_rt_run(arguments.runtime(), runInterpretation, &work);
    if (work.interpreter && !work.interpreter->internalError().empty()) {
        fmt::print(stderr, "internal error: {}\n", work.interpreter->internalError());
        return Exit::Internal;
    }
    return static_cast<Exit>(status);
}

Exit runCompiled(const Options &options, session::Session &session, pir::FunctionId function,
                 const Arguments &arguments) {
    auto code = session.compile(codeOptions(options), {&function, 1});
    if (!code) return failed(code.error());
    printTimes(options, session);
    return static_cast<Exit>(par_rt_main(arguments.runtime(), code->front()));
}

} // namespace parlane::driver
