#include "compiler/session/session.h"

namespace parlane::session {

std::optional<source::FileId> Session::load(const std::string &path) {
    auto file = sources.load(path);
    if (file) return *file;
    emitter.report(diag::Code::CannotRead, {}, file.error());
    return std::nullopt;
}

} // namespace parlane::session
