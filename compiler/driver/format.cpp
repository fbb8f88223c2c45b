// `parc fmt`: the one way a file looks.
#include "lang/format/format.h"
#include "compiler/backend/backend.h"
#include "compiler/driver/commands.h"

#include <cstdio>

namespace parlane::driver {

namespace {

std::string standardInput() {
    std::string all;
    char piece[1 << 16];
    for (size_t n; (n = std::fread(piece, 1, sizeof piece, stdin)) > 0;) all.append(piece, n);
    return all;
}

} // namespace

Exit fmtCommand(const Options &options) {
    if (options.operands.empty()) return usageError("`parc fmt` takes files, or `-` for standard input");
    Exit worst = Exit::Fine;
    for (const std::string &path : options.operands) {
        session::Session session; // one a file: the errors of one do not keep the others from being formatted
        std::optional<source::FileId> file;
        if (path == "-") file = session.add("<stdin>", standardInput());
        else file = session.load(path);
        auto text = file ? format::format(session.sources, *file, session.names, session.emitter) : std::nullopt;
        if (Exit status = finish(options, session); status != Exit::Fine || !text) {
            worst = Exit::CompileErrors;
            continue;
        }
        bool same = *text == session.sources.file(*file).text;
        if (options.check_only) {
            if (!same) fmt::print("{}\n", path);
            if (!same) worst = Exit::CompileErrors;
        } else if (path == "-") {
            fmt::print("{}", *text);
        } else if (!same) {
            auto written = backend::writeFile(path, *text);
            if (!written) worst = failed(written.error());
        }
    }
    return worst;
}

} // namespace parlane::driver
