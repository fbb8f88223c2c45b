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

} // namespace parlane::session
