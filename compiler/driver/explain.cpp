#include "compiler/driver/commands.h"
#include "lang/diag/explain.h"

namespace parlane::driver {

namespace {

std::string_view subject(char letter) {
    switch (letter) {
    case 'P': return "Syntax: what the characters and words of a file are.";
    case 'T': return "Types and names: what a program means.";
    case 'R': return "Parallel safety: what could depend on the order in which things run, and who owns what.";
    case 'V': return "Vectorization: what `simd par for` promised and cannot have.";
    case 'H': return "Host: files, modules on disk, C headers, the program around us.";
    case 'X': return "Traps: a running program met something that has no meaning.";
    case 'I': return "The compiler itself: things that are not there yet, and broken invariants.";
    default: return "";
    }
}

} // namespace

Exit explainCommand(const Options &options) {
    if (options.operands.size() != 1) return usageError("`parc explain` takes one code, such as R2003");
    auto code = diag::codeNamed(options.operands.front());
    if (!code) return usageError(fmt::format("there is no diagnostic `{}`", options.operands.front()));
    const diag::CodeInfo &info = diag::info(*code);
    std::string_view page = diag::explanation(*code);
    fmt::print("{}[{}]: {}\n\n{}\n{}{}", diag::severityName(info.severity), info.code, info.headline,
               subject(info.code.front()), page.empty() ? "" : "\n", page);
    return Exit::Fine;
}

} // namespace parlane::driver
