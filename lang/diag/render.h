// Diagnostics as text. Ends every diagnostic with a newline; deterministic.
#pragma once
#include "lang/diag/emitter.h"

#include <span>
#include <string>

namespace parlane::diag {

enum class MessageFormat : uint8_t { Human, Short, Json };

struct RenderOptions {
    MessageFormat format = MessageFormat::Human;
    bool color = false;  ///< ANSI colours; the driver decides by terminal and NO_COLOR
    bool unicode = true; ///< box drawing; else plain ASCII
};

/// Human: headline, source lines with all labels underlined, why, fixes. Short: `file:line:col: error[R2003]:
/// headline`. Json: one object on one line. Traps are diagnostics with `Severity::Trap` and look the same.
std::string render(const Diagnostic &diagnostic, const source::SourceMap &sources, const RenderOptions &options = {});
std::string render(std::span<const Diagnostic> diagnostics, const source::SourceMap &sources,
                   const RenderOptions &options = {});

} // namespace parlane::diag
