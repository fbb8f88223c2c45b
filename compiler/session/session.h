// One compilation: owns the text, the names and the diagnostics, and has one function a stage. Two sessions may run in
// two threads; one session belongs to one thread.
#pragma once
#include "lang/base/interner.h"
#include "lang/diag/emitter.h"
#include "lang/source/source_map.h"

#include <optional>
#include <string>

namespace parlane::session {

class Session {
public:
    /// Reads a file; reports H4001 if it cannot be read.
    std::optional<source::FileId> load(const std::string &path);

    source::SourceMap sources;
    Interner names;
    diag::Emitter emitter;
};

} // namespace parlane::session
