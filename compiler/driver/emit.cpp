#include "compiler/driver/emit.h"

#include "lang/ast/print.h"
#include "lang/lex/lex.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <unistd.h>

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

std::optional<std::string> emitText(const Options &options, session::Session &session) {
    if (options.emit == "tokens") return tokens(session);
    if (options.emit == "ast") return ast(session);
    return std::nullopt;
}

Exit writeText(const Options &options, std::string_view text) {
    if (options.output.empty() || options.output == "-") {
        fmt::print("{}", text);
        return Exit::Fine;
    }
    // Beside the target, then renamed: whoever reads the target sees the old text or the new one.
    std::string temporary = fmt::format("{}.{}.tmp", options.output, getpid());
    std::FILE *file = std::fopen(temporary.c_str(), "wb");
    bool good = file && std::fwrite(text.data(), 1, text.size(), file) == text.size();
    if (file) good = std::fclose(file) == 0 && good;
    if (good && std::rename(temporary.c_str(), options.output.c_str()) == 0) return Exit::Fine;
    std::string why = std::strerror(errno);
    std::remove(temporary.c_str());
    fmt::print(stderr, "parc: cannot write {}: {}\n", options.output, why);
    return Exit::CompileErrors;
}

} // namespace parlane::driver
