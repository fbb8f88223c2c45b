#include "compiler/session/expectations.h"

#include <algorithm>
#include <charconv>

namespace parlane::session {

namespace {

struct Expectation {
    source::FileId file;
    int64_t line = 0;
    int64_t comment_line = 0;
    std::string_view severity, code, text;
    bool met = false;
};

std::string_view word(std::string_view &rest) {
    size_t end = std::min(rest.find_first_of(" \t\r"), rest.size());
    std::string_view found = rest.substr(0, end);
    rest.remove_prefix(end);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r"), rest.size()));
    return found;
}

/// Reads what stands behind `// expect-`. Returns false if it is none of our forms.
bool read(std::string_view rest, Expectation &out) {
    std::string_view head = word(rest);
    size_t at = std::min(head.find('@'), head.size());
    out.severity = head.substr(0, at);
    if (at < head.size()) {
        std::string_view number = head.substr(at + 1);
        if (number.starts_with('+')) number.remove_prefix(1);
        int64_t offset = 0;
        auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), offset);
        if (error != std::errc() || end != number.data() + number.size()) return false;
        out.line += offset;
    }
    out.code = word(rest);
    if (out.code.ends_with(':')) out.code.remove_suffix(1);
    while (!rest.empty() && (rest.back() == '\r' || rest.back() == ' ')) rest.remove_suffix(1);
    out.text = rest;
    bool known = out.severity == "error" || out.severity == "warning" || out.severity == "note";
    return known && diag::codeNamed(out.code).has_value();
}

void collect(const source::SourceMap &sources, source::FileId file, std::vector<Expectation> &out,
             std::vector<std::string> &complaints) {
    constexpr std::string_view mark = "// expect-";
    std::string_view text = sources.file(file).text;
    for (int64_t number = 1; !text.empty(); ++number) {
        size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        size_t at = line.find(mark);
        if (at == std::string_view::npos) continue;
        Expectation expectation{file, number, number, {}, {}, {}};
        if (read(line.substr(at + mark.size()), expectation))
            out.push_back(expectation);
        else
            complaints.push_back(
                fmt::format("{}:{}: cannot read `{}`", sources.file(file).path, number, line.substr(at)));
    }
}

} // namespace

std::vector<std::string> compareWithComments(const source::SourceMap &sources,
                                             std::span<const diag::Diagnostic> diagnostics) {
    std::vector<Expectation> expected;
    std::vector<std::string> complaints;
    for (uint32_t i = 0; i < sources.fileCount(); ++i) collect(sources, source::FileId(i), expected, complaints);
    for (const diag::Diagnostic &diagnostic : diagnostics) {
        source::Position place = sources.position(diagnostic.span().begin);
        auto found = std::ranges::find_if(expected, [&](const Expectation &e) {
            return !e.met && place.line != 0 && e.file == place.file && e.line == place.line &&
                   e.severity == diag::severityName(diagnostic.severity) &&
                   e.code == diag::info(diagnostic.code).code &&
                   diagnostic.headline.find(e.text) != std::string::npos;
        });
        if (found != expected.end()) {
            found->met = true;
            continue;
        }
        std::string where = place.line ? fmt::format("{}:{}", sources.file(place.file).path, place.line) : "no place";
        complaints.push_back(fmt::format("{}: not expected: {}[{}]: {}", where, diag::severityName(diagnostic.severity),
                                         diag::info(diagnostic.code).code, diagnostic.headline));
    }
    for (const Expectation &e : expected)
        if (!e.met)
            complaints.push_back(fmt::format("{}:{}: expected {} {} on line {} was not reported",
                                             sources.file(e.file).path, e.comment_line, e.severity, e.code, e.line));
    return complaints;
}

} // namespace parlane::session
