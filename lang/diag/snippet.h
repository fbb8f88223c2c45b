// The source lines of a diagnostic with their underlines.
#pragma once
#include "lang/diag/render.h"

namespace parlane::diag {

/// One block of source lines per file, the primary label's file first. Sets `margin` to the width of the line numbers.
std::string renderSnippets(const Diagnostic &diagnostic, const source::SourceMap &sources, const RenderOptions &options,
                           size_t &margin);

} // namespace parlane::diag
