#include "lang/diag/emitter.h"

#include <algorithm>
#include <array>

namespace parlane::diag {

namespace {

constexpr std::array<CodeInfo, kCodeCount> kCodes = {{
#define PARLANE_DIAGNOSTIC(code, severity, name, headline) {#code, Severity::severity, #name, headline},
#include "lang/diag/all.def"
}};

constexpr size_t placeholders(std::string_view format) {
    size_t count = 0;
    for (size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '{') continue;
        if (i + 1 < format.size() && format[i + 1] == '{') {
            ++i;
            continue;
        }
        ++count;
    }
    return count;
}

} // namespace

const CodeInfo &info(Code code) { return kCodes[static_cast<size_t>(code)]; }

std::optional<Code> codeNamed(std::string_view text) {
    for (size_t i = 0; i < kCodeCount; ++i)
        if (kCodes[i].code == text) return static_cast<Code>(i);
    return std::nullopt;
}

std::string_view severityName(Severity severity) {
    switch (severity) {
    case Severity::Note: return "note";
    case Severity::Warning: return "warning";
    case Severity::Error: return "error";
    case Severity::Trap: return "trap";
    }
    PAR_UNREACHABLE();
}

void Emitter::checkPlaceholders(Code code, size_t count) {
    PAR_CHECK(placeholders(info(code).headline) == count, "{} takes {} arguments, not {}", info(code).name,
              placeholders(info(code).headline), count);
}

Report Emitter::add(Code code, Span span, std::string headline) {
    Severity severity = info(code).severity;
    dropped = {};
    for (const Diagnostic &earlier : diagnostics)
        if (earlier.code == code && earlier.span() == span && earlier.headline == headline) return Report(dropped);
    if (severity == Severity::Error && ++errors > error_limit) return Report(dropped);
    Diagnostic &added = diagnostics.emplace_back();
    added.code = code;
    added.severity = severity;
    added.headline = std::move(headline);
    if (span.valid()) added.labels.push_back({span, {}});
    return Report(added);
}

std::vector<Diagnostic> Emitter::sorted() const {
    std::vector<Diagnostic> result(diagnostics.begin(), diagnostics.end());
    std::stable_sort(result.begin(), result.end(),
                     [](const Diagnostic &a, const Diagnostic &b) { return a.span().begin < b.span().begin; });
    if (errors > error_limit) {
        Diagnostic &last = result.emplace_back();
        last.code = Code::TooManyErrors;
        last.headline = fmt::format(fmt::runtime(info(last.code).headline), errors - error_limit);
    }
    return result;
}

void Emitter::clear() {
    diagnostics.clear();
    errors = 0;
}

} // namespace parlane::diag
