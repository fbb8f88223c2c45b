#include "compiler/driver/commands.h"
#include "compiler/session/expectations.h"
#include "lang/diag/render.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

namespace parlane::driver {

Exit usageError(std::string_view message) {
    fmt::print(stderr, "parc: {}\n", message);
    return Exit::Usage;
}

Exit helpCommand(const Options &) {
    fmt::print("{}", helpPage());
    return Exit::Fine;
}

Exit finish(const Options &options, session::Session &session) {
    std::vector<diag::Diagnostic> found = session.emitter.sorted();
    if (options.verify_diagnostics) {
        std::vector<std::string> complaints = session::compareWithComments(session.sources, found);
        for (const std::string &complaint : complaints) fmt::print(stderr, "{}\n", complaint);
        return complaints.empty() ? Exit::Fine : Exit::CompileErrors;
    }
    diag::RenderOptions how;
    if (options.message_format == "short") how.format = diag::MessageFormat::Short;
    if (options.message_format == "json") how.format = diag::MessageFormat::Json;
    const char *no_color = std::getenv("NO_COLOR");
    how.color = isatty(STDERR_FILENO) && !(no_color && *no_color);
    fmt::print(stderr, "{}", diag::render(found, session.sources, how));
    bool ours = std::ranges::any_of(found, [](const auto &d) { return d.code == diag::Code::InternalError; });
    if (ours) return Exit::Internal;
    return session.emitter.hasErrors() ? Exit::CompileErrors : Exit::Fine;
}

void applyPassOptions(const Options &options, session::Session &session) {
    if (!options.dump_after.empty()) session.passes.dump_after.push_back(options.dump_after);
    session.passes.stop_after = options.stop_after;
    session.passes.poll_loops = options.poll == "loops";
    session.lanes.enabled = options.lanes != 1;
    session.lanes.lanes = session.lanes.enabled ? options.lanes.value_or(0) : 0;
    session.passes.dump = [](std::string_view pass, const std::string &text) {
        fmt::print(stderr, "// after {}\n{}", pass, text);
    };
    if (options.time_passes)
        session.passes.timed = [](std::string_view pass, double seconds) {
            fmt::print(stderr, "{:>10.2f} ms  pass {}\n", seconds * 1e3, pass);
        };
}

void printTimes(const Options &options, const session::Session &session) {
    if (!options.time) return;
    for (const session::StageTime &stage : session.times())
        fmt::print(stderr, "{:>10.2f} ms  {}\n", stage.seconds * 1e3, stage.name);
}

namespace {

Exit dispatch(const Options &options) {
    const std::string &format = options.message_format;
    if (!format.empty() && format != "human" && format != "short" && format != "json")
        return usageError("`--message-format` is human, short or json");
    switch (options.command) {
    case Command::Run: return runCommand(options);
    case Command::Build: return buildCommand(options);
    case Command::Check: return checkCommand(options);
    case Command::Fix: return fixCommand(options);
    case Command::Fmt: return fmtCommand(options);
    case Command::Explain: return explainCommand(options);
    case Command::Test: return testCommand(options);
    case Command::Bench: return benchCommand(options);
    case Command::Report: return reportCommand(options);
    case Command::Repl: return replCommand(options);
    case Command::PirOpt: return pirOptCommand(options);
    case Command::Help: return helpCommand(options);
    }
    PAR_UNREACHABLE("command");
}

} // namespace

} // namespace parlane::driver

int main(int argc, char **argv) {
    using namespace parlane::driver;
    std::vector<std::string_view> words(argv + 1, argv + argc);
    auto options = parseOptions(words);
    Exit status = options ? dispatch(*options) : usageError(options.error());
    if (std::fflush(stdout) != 0 && status == Exit::Fine) status = usageError("cannot write to standard output");
    return static_cast<int>(status);
}
