#include "compiler/driver/emit.h"

#include "compiler/backend/backend.h"
#include "compiler/pir/print.h"
#include "lang/ast/print.h"
#include "lang/hir/print.h"
#include "lang/lex/lex.h"

namespace parlane::driver {

namespace {

std::string tokens(session::Session &session) {
    std::string text;
    for (source::FileId file : session.roots())
        text += lex::print(lex::lex(session.sources, file, session.emitter), session.sources);
    return text;
}

std::string ast(session::Session &session) {
    std::string text;
    for (source::FileId file : session.roots()) text += ast::print(session.parse(file), session.names);
    return text;
}

} // namespace

bool isText(std::string_view kind) { return kind == "tokens" || kind == "ast" || kind == "hir" || kind == "pir"; }

std::string emitText(const Options &options, session::Session &session) {
    if (options.emit == "tokens") return tokens(session);
    if (options.emit == "ast") return ast(session);
    if (options.emit == "hir") {
        const hir::Program *program = session.check();
        return program ? hir::print(*program, session.names) : "";
    }
    const lower::Lowered *program = session.lower();
    return program ? pir::print(program->module) : "";
}

Exit writeText(const Options &options, std::string_view text) {
    if (options.output.empty() || options.output == "-") {
        fmt::print("{}", text);
        return Exit::Fine;
    }
    auto written = backend::writeFile(options.output, text);
    return written ? Exit::Fine : failed(written.error());
}

} // namespace parlane::driver
