// `parc build`: files out of the process.
#include "compiler/backend/backend.h"
#include "compiler/codegen/c_header.h"
#include "compiler/codegen/python_module.h"
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
    std::string_view name, prefix, suffix;
    backend::Output output;
};

constexpr Kind kKinds[] = {
    {"exe", "", "", backend::Output::Executable}, {"obj", "", ".o", backend::Output::Object},
    {"shared", "lib", ".so", backend::Output::Shared}, {"static", "lib", ".a", backend::Output::Static},
    {"llvm", "", ".ll", backend::Output::Llvm}, {"asm", "", ".s", backend::Output::Assembly},
    {"py", "lib", ".so", backend::Output::Shared},
};

const Kind *kindNamed(std::string_view name) {
    for (const Kind &kind : kKinds)
        if (kind.name == (name.empty() ? "exe" : name)) return &kind;
    return nullptr;
}

/// What the file is called that was not given a name.
std::string defaultPath(const Options &options, const Kind &kind) {
    std::filesystem::path source = options.operands.front();
    return std::string(kind.prefix) + source.stem().string() + std::string(kind.suffix);
}

Exit writeHeader(const Options &options, session::Session &session) {
    const lower::Lowered *program = session.lower();
    Exit status = finish(options, session);
    if (status != Exit::Fine || !program) return status;
    std::string stem = std::filesystem::path(options.operands.front()).stem().string();
    std::string text = codegen::cHeader(program->module, stem);
    if (options.output == "-") return writeText(options, text);
    auto written = backend::writeFile(options.output.empty() ? stem + ".h" : options.output, text);
    return written ? Exit::Fine : failed(written.error());
}

/// The module beside its library: `-o folder/name.py` gives folder/libname.so too.
std::expected<void, std::string> writePython(const Options &options, const std::string &text, const std::string &library,
                                             codegen::Artifact artifact) {
    std::filesystem::path module = options.output.empty()
        ? std::filesystem::path(options.operands.front()).filename().replace_extension(".py")
        : std::filesystem::path(options.output);
    if (auto written = backend::write(std::move(artifact), backend::Output::Shared, (module.parent_path() / library).string()); !written)
        return written;
    return backend::writeFile(module.string(), text);
}

std::string libraryOfModule(const Options &options) {
    std::string named = options.output.empty() ? options.operands.front() : options.output;
    return "lib" + std::filesystem::path(named).stem().string() + ".so";
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
    if (options.emit == "header") return writeHeader(options, session);
    const Kind *kind = kindNamed(options.emit);
    if (!kind) {
        session.emitter.report(diag::Code::NotSupportedYet, {}, fmt::format("--emit={}", options.emit));
        return finish(options, session);
    }
    std::string python;
    bool is_python = options.emit == "py" && session.lower();
    if (is_python)
        python = codegen::pythonModule(session.lower()->module, libraryOfModule(options), options.operands.front());
    bool executable = kind->output == backend::Output::Executable;
    lower::Lowered *program = session.optimise();
    if (program && executable && !program->main.valid())
        session.emitter.report(diag::Code::NoMain, {}, options.operands.front());
    Exit status = finish(options, session);
    if (status != Exit::Fine || !program) return status;
    codegen::Artifact artifact = session.generate(codeOptions(options), program->main);
    std::string path = options.output.empty() ? defaultPath(options, *kind) : options.output;
    auto written = is_python ? writePython(options, python, libraryOfModule(options), std::move(artifact))
                             : backend::write(std::move(artifact), kind->output, path);
    printTimes(options, session);
    return written ? Exit::Fine : failed(written.error());
}

} // namespace parlane::driver
