#include "compiler/session/session.h"

#include "lang/parse/parse.h"

#include <filesystem>

namespace parlane::session {

std::optional<source::FileId> Session::load(const std::string &path) {
    auto file = sources.load(path);
    if (!file) {
        emitter.report(diag::Code::CannotRead, {}, file.error());
        return std::nullopt;
    }
    if (root_files.empty()) modules.root_folder = std::filesystem::path(path).parent_path().string();
    root_files.push_back(*file);
    return *file;
}

source::FileId Session::add(std::string path, std::string text) {
    source::FileId file = sources.add(std::move(path), std::move(text));
    root_files.push_back(file);
    return file;
}

ast::Ast Session::parse(source::FileId file) {
    return timed("parse", [&] { return parse::parse(sources, file, names, emitter); });
}

hir::Program *Session::check() {
    if (!program && !emitter.hasErrors())
        program = timed("check", [&] { return check::check(sources, names, modules, root_files, emitter); });
    return program && !emitter.hasErrors() ? &*program : nullptr;
}

const access::Proofs *Session::prove() {
    hir::Program *checked = check();
    if (checked && !proofs) proofs = timed("access", [&] { return access::access(*checked, names, emitter); });
    return proofs && !emitter.hasErrors() ? &*proofs : nullptr;
}

} // namespace parlane::session
