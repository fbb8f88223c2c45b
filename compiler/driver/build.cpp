// `parc build`: files out of the process.
#include "compiler/backend/backend.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/emit.h"
#include "compiler/driver/execute.h"

#include <filesystem>

namespace parlane::driver {

codegen::Options codeOptions(const Options &options) {
    codegen::Options code;
    if (options.cpu == "v3") code.cpu = codegen::Cpu::V3;
    if (options.cpu == "v4") code.cpu = codegen::Cpu::V4;
    code.level = static_cast<uint8_t>(options.optimise.value_or(2));
    code.debug = options.debug_info;
    return code;
}

Exit failed(std::string_view sentence) {
    fmt::print(stderr, "parc: {}\n", sentence);
    return Exit::CompileErrors;
}

namespace {

struct Kind {
    std::string_view name, suffix;
    backend::Output output;
};

constexpr Kind kKinds[] = {
    {"exe", "", backend::Output::Executable}, {"obj", ".o", backend::Output::Object},
    {"shared", ".so", backend::Output::Shared}, {"llvm", ".ll", backend::Output::Llvm},
    {"asm", ".s", backend::Output::Assembly},
};

const Kind *kindNamed(std::string_view name) {
    for (const Kind &kind : kKinds)
        if (kind.name == (name.empty() ? "exe" : name)) return &kind;
    return nullptr;
}

} // namespace

Exit buildCommand(const Options &options) {
    if (options.operands.empty()) return usageError("`parc build` takes files");
    session::Session session;
    applyPassOptions(options, session);
    for (const std::string &path : options.operands) (void)session.load(path);
    if (isText(options.emit)) {
        std::string text = session.emitter.hasErrors() ? "" : emitText(options, session);
        Exit status = finish(options, session);
        return status == Exit::Fine ? writeText(options, text) : status;
    }
    const Kind *kind = kindNamed(options.emit);
    if (!kind) {
        session.emitter.report(diag::Code::NotSupportedYet, {}, fmt::format("--emit={}", options.emit));
        return finish(options, session);
    }
    bool executable = kind->output == backend::Output::Executable;
    lower::Lowered *program = session.optimise();
    if (program && executable && !program->main.valid())
        session.emitter.report(diag::Code::NoMain, {}, options.operands.front());
    Exit status = finish(options, session);
    if (status != Exit::Fine || !program) return status;
    codegen::Artifact artifact = session.generate(codeOptions(options), program->main);
    std::string stem = std::filesystem::path(options.operands.front()).stem().string();
    std::string path = options.output.empty() ? stem + std::string(kind->suffix) : options.output;
    auto written = backend::write(std::move(artifact), kind->output, path);
    printTimes(options, session);
    return written ? Exit::Fine : failed(written.error());
}

} // namespace parlane::driver
