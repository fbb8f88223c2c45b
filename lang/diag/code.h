// Every diagnostic that Parlane can issue, as one closed set.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace parlane::diag {

enum class Severity : uint8_t { Note, Warning, Error, Trap };

/// Diagnostics are named by what they say; their printed codes (`R2003`) are stable and live in the `.def` lists.
enum class Code : uint16_t {
#define PARLANE_DIAGNOSTIC(code, severity, name, headline) name,
#include "lang/diag/all.def"
};

inline constexpr size_t kCodeCount = 0
#define PARLANE_DIAGNOSTIC(code, severity, name, headline) +1
#include "lang/diag/all.def"
    ;

struct CodeInfo {
    std::string_view code; ///< letter and four digits
    Severity severity;
    std::string_view name;     ///< as in `Code::`
    std::string_view headline; ///< fmt format; every placeholder is `{}` or `{:spec}`
};

const CodeInfo &info(Code code);
/// The diagnostic printed as `text` ("R2003"), if there is one.
std::optional<Code> codeNamed(std::string_view text);
/// "error", "warning", "note", "trap".
std::string_view severityName(Severity severity);

} // namespace parlane::diag
