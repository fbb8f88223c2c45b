#include "compiler/driver/commands.h"

#include "lang/ast/print.h"
#include "lang/hir/print.h"
#include "lang/lex/lex.h"

namespace parlane::driver {

Exit failed(std::string_view sentence) {
    fmt::print(stderr, "parc: {}\n", sentence);
    return Exit::CompileErrors;
}

namespace {

/// Says that a command or option has no implementation yet, as a diagnostic like any other.
Exit notYet(const Options &options, std::string_view what) {
    session::Session session;
    session.emitter.report(diag::Code::NotSupportedYet, {}, what);
    Exit status = finish(options, session);
    return status == Exit::Fine ? Exit::CompileErrors : status;
}

} // namespace

Exit buildCommand(const Options &options) {
    session::Session session;
    for (const std::string &path : options.operands) (void)session.load(path);
    std::string text;
    if (options.emit == "hir") {
        if (const hir::Program *program = session.check()) text = hir::print(*program, session.names);
    } else if (options.emit == "ast") {
        for (source::FileId file : session.roots()) text += ast::print(session.parse(file), session.names);
    } else if (options.emit == "tokens") {
        for (source::FileId file : session.roots())
            text += lex::print(lex::lex(session.sources, file, session.emitter), session.sources);
    } else {
        return notYet(options, "parc build");
    }
    Exit status = finish(options, session);
    if (status == Exit::Fine) fmt::print("{}", text);
    return status;
}

Exit runCommand(const Options &options) { return notYet(options, "parc run"); }
Exit testCommand(const Options &options) { return notYet(options, "parc test"); }
Exit benchCommand(const Options &options) { return notYet(options, "parc bench"); }
Exit fmtCommand(const Options &options) { return notYet(options, "parc fmt"); }
Exit reportCommand(const Options &options) { return notYet(options, "parc report"); }

} // namespace parlane::driver
