#include "compiler/report/report.h"

#include <algorithm>
#include <fmt/format.h>

namespace parlane::report {

using pir::OpCode;

namespace {

struct Line {
    std::string file;
    int line = 0, column = 0;
    std::string function, construct, mode, reason;
    int64_t lanes = 1, checks = 0;
    int reason_line = 0;
    friend auto operator<=>(const Line &, const Line &) = default;
};

std::string_view constructText(const opt::Verdict &verdict) {
    switch (verdict.construct) {
    case OpCode::ParFor: return verdict.simd ? "simd par for" : "par for";
    case OpCode::ParFold: return "reduce";
    case OpCode::ParScan: return "scan";
    case OpCode::ParFilter: return "filter";
    case OpCode::ParFirst: return "first";
    case OpCode::ParInvoke: return "invoke";
    default: return "pipeline";
    }
}

/// The function as it is called in the source.
std::string nameOf(const pir::Module &module, pir::FunctionId id) { return module.functions[id].name; }

std::vector<Line> linesOf(const pir::Module &module, const source::SourceMap &sources, std::span<const source::FileId> roots,
                          const std::vector<opt::Verdict> &verdicts) {
    std::vector<Line> lines;
    for (const opt::Verdict &verdict : verdicts) {
        source::Span span = module.locations[verdict.loc].span;
        // The copy that runs where the guard of a copy on lanes does not hold is no news.
        bool spare = verdict.mode != pir::Mode::Lanes && std::ranges::any_of(verdicts, [&](const opt::Verdict &other) {
                         return other.function == verdict.function && other.loc == verdict.loc && other.mode == pir::Mode::Lanes;
                     });
        if (!span.valid() || spare) continue;
        source::Position at = sources.position(span.begin);
        if (std::ranges::find(roots, at.file) == roots.end()) continue;
        Line line;
        line.file = sources.file(at.file).path;
        line.line = static_cast<int>(at.line);
        line.column = static_cast<int>(at.column);
        line.function = nameOf(module, verdict.function);
        line.construct = constructText(verdict);
        bool on_lanes = verdict.mode == pir::Mode::Lanes;
        bool tasks = verdict.construct == OpCode::ParInvoke || verdict.construct == OpCode::ParPipeline;
        line.mode = tasks ? "tasks" : on_lanes ? "lanes" : "scalar";
        line.lanes = verdict.lanes;
        line.checks = verdict.checks;
        if (!on_lanes && !tasks) line.reason = verdict.reason;
        if (!line.reason.empty() && verdict.reason_loc.valid()) {
            source::Span why = module.locations[verdict.reason_loc].span;
            if (why.valid() && why != span) line.reason_line = static_cast<int>(sources.position(why.begin).line);
        }
        lines.push_back(std::move(line));
    }
    std::ranges::sort(lines);
    auto repeated = std::ranges::unique(lines);
    lines.erase(repeated.begin(), repeated.end());
    return lines;
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

} // namespace

std::string text(const pir::Module &module, const source::SourceMap &sources, std::span<const source::FileId> roots,
                 const std::vector<opt::Verdict> &verdicts) {
    std::string out;
    for (const Line &line : linesOf(module, sources, roots, verdicts)) {
        std::string how = line.mode == "lanes" ? fmt::format("{} lanes", line.lanes) : line.mode;
        out += fmt::format("{}:{}:{}: {} in {}: {}", line.file, line.line, line.column, line.construct, line.function, how);
        if (line.checks) out += fmt::format(", {} checks an iteration", line.checks);
        out += '\n';
        if (line.reason.empty()) continue;
        out += line.reason_line ? fmt::format("    why: {} (line {})\n", line.reason, line.reason_line) : fmt::format("    why: {}\n", line.reason);
    }
    return out;
}

std::string json(const pir::Module &module, const source::SourceMap &sources, std::span<const source::FileId> roots,
                 const std::vector<opt::Verdict> &verdicts) {
    std::string out;
    for (const Line &line : linesOf(module, sources, roots, verdicts)) {
        out += fmt::format("{}{{\"file\":{},\"line\":{},\"column\":{},\"function\":{},\"construct\":{},\"mode\":{},\"lanes\":{},\"checks\":{}",
                           out.empty() ? "[" : ",\n ", quoted(line.file), line.line, line.column, quoted(line.function),
                           quoted(line.construct), quoted(line.mode), line.lanes, line.checks);
        if (!line.reason.empty()) out += fmt::format(",\"reason\":{},\"reason_line\":{}", quoted(line.reason), line.reason_line);
        out += "}";
    }
    return out.empty() ? "[]\n" : out + "]\n";
}

} // namespace parlane::report
