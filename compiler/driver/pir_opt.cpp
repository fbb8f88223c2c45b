#include "compiler/driver/commands.h"
#include "compiler/opt/pass.h"
#include "compiler/pir/parse.h"
#include "compiler/pir/print.h"
#include "compiler/pir/verify.h"

namespace parlane::driver {

/// Reads Pir text, runs the passes that `--pass` names, verifying after each, and prints what came out.
Exit pirOptCommand(const Options &options) {
    if (options.operands.size() != 1) return usageError("`parc pir-opt` takes one .pir file");
    source::SourceMap sources;
    auto file = sources.load(options.operands.front());
    if (!file) return usageError(file.error());
    auto module = pir::parse(sources.file(*file).text);
    if (!module) {
        fmt::print(stderr, "{}:{}:{}: {}\n", sources.file(*file).path, module.error().line, module.error().column,
                   module.error().message);
        return Exit::CompileErrors;
    }
    auto verified = [&](std::string_view when) {
        std::vector<std::string> complaints = pir::verify(*module);
        for (const std::string &complaint : complaints) fmt::print(stderr, "{}: {}\n", when, complaint);
        return complaints.empty();
    };
    if (!verified("verify")) return Exit::CompileErrors;
    opt::PassOptions running;
    if (options.time_passes)
        running.timed = [](std::string_view pass, double seconds) { fmt::print(stderr, "{:16} {:9.3f} ms\n", pass, seconds * 1e3); };
    if (auto complaints = opt::runPassList(*module, options.passes, running); !complaints.empty()) {
        for (const std::string &complaint : complaints) fmt::print(stderr, "{}\n", complaint);
        return complaints.front().starts_with("there is no pass") ? Exit::Usage : Exit::Internal;
    }
    fmt::print("{}", pir::print(*module));
    return Exit::Fine;
}

} // namespace parlane::driver
