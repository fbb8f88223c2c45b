#include "lang/diag/render.h"

#include "lang/diag/snippet.h"

namespace parlane::diag {

namespace {

std::string quoteJson(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (byte < 0x20 || byte == 0x7f) {
            out += fmt::format("\\u{:04x}", byte);
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::string jsonPlace(Span span, const source::SourceMap &sources) {
    source::Position from = sources.position(span.begin), to = sources.position(span.end);
    const source::File &file = sources.file(from.file);
    return fmt::format(R"("file":{},"bytes":[{},{}],"start":[{},{}],"end":[{},{}])", quoteJson(file.path),
                       span.begin.offset - file.base, span.end.offset - file.base, from.line, from.column, to.line,
                       to.column);
}

std::string renderShort(const Diagnostic &diagnostic, const source::SourceMap &sources) {
    std::string place;
    if (diagnostic.span().valid()) {
        source::Position at = sources.position(diagnostic.span().begin);
        place = fmt::format("{}:{}:{}: ", sources.file(at.file).path, at.line, at.column);
    }
    return fmt::format("{}{}[{}]: {}\n", place, severityName(diagnostic.severity), info(diagnostic.code).code,
                       diagnostic.headline);
}

std::string renderJson(const Diagnostic &diagnostic, const source::SourceMap &sources) {
    std::string out =
        fmt::format(R"({{"v":1,"kind":"diagnostic","severity":"{}","code":"{}","message":{},"spans":[)",
                    severityName(diagnostic.severity), info(diagnostic.code).code, quoteJson(diagnostic.headline));
    bool first = true;
    for (const Label &label : diagnostic.labels) {
        out += fmt::format(R"({}{{{},"primary":{},"label":{}}})", first ? "" : ",", jsonPlace(label.span, sources),
                           first, quoteJson(label.text));
        first = false;
    }
    out += fmt::format(R"(],"why":{},"notes":[)", quoteJson(diagnostic.why));
    for (size_t i = 0; i < diagnostic.notes.size(); ++i)
        out += fmt::format(R"({}{{"key":{},"text":{}}})", i ? "," : "", quoteJson(diagnostic.notes[i].key),
                           quoteJson(diagnostic.notes[i].text));
    out += "],\"fixes\":[";
    for (size_t i = 0; i < diagnostic.fixes.size(); ++i) {
        const Fix &fix = diagnostic.fixes[i];
        out += fmt::format(R"({}{{"applicability":"{}","message":{},"edits":[)", i ? "," : "",
                           fix.edits.empty() ? "manual" : "machine", quoteJson(fix.text));
        for (size_t k = 0; k < fix.edits.size(); ++k)
            out += fmt::format(R"({}{{{},"text":{}}})", k ? "," : "", jsonPlace(fix.edits[k].span, sources),
                               quoteJson(fix.edits[k].text));
        out += "]}";
    }
    RenderOptions plain;
    return out + fmt::format(R"(],"rendered":{}}})", quoteJson(render(diagnostic, sources, plain))) + "\n";
}

std::string_view colorOf(Severity severity) {
    switch (severity) {
    case Severity::Note: return "\x1b[1;36m";
    case Severity::Warning: return "\x1b[1;33m";
    case Severity::Error:
    case Severity::Trap: return "\x1b[1;31m";
    }
    PAR_UNREACHABLE();
}

/// Continuation lines of a long text stay behind the gutter.
std::string indented(std::string_view text, size_t margin) {
    std::string out;
    for (char c : text) {
        out += c;
        if (c == '\n') out += std::string(margin + 4, ' ');
    }
    return out;
}

std::string renderHuman(const Diagnostic &diagnostic, const source::SourceMap &sources, const RenderOptions &options) {
    std::string_view paint = options.color ? colorOf(diagnostic.severity) : "";
    std::string_view bold = options.color ? "\x1b[1m" : "", off = options.color ? "\x1b[0m" : "";
    std::string out = fmt::format("{}{}[{}]{}: {}{}{}\n", paint, severityName(diagnostic.severity),
                                  info(diagnostic.code).code, off, bold, diagnostic.headline, off);
    size_t margin = 1;
    out += renderSnippets(diagnostic, sources, options, margin);
    auto line = [&](std::string_view key, std::string_view text) {
        out += fmt::format("{} = {}: {}\n", std::string(margin, ' '), key, indented(text, margin));
    };
    for (const Note &note : diagnostic.notes) line(note.key, note.text);
    if (!diagnostic.why.empty()) line("why", diagnostic.why);
    for (const Fix &fix : diagnostic.fixes) line("fix", fix.text);
    return out;
}

} // namespace

std::string render(const Diagnostic &diagnostic, const source::SourceMap &sources, const RenderOptions &options) {
    switch (options.format) {
    case MessageFormat::Human: return renderHuman(diagnostic, sources, options);
    case MessageFormat::Short: return renderShort(diagnostic, sources);
    case MessageFormat::Json: return renderJson(diagnostic, sources);
    }
    PAR_UNREACHABLE();
}

std::string render(std::span<const Diagnostic> diagnostics, const source::SourceMap &sources,
                   const RenderOptions &options) {
    std::string out;
    for (const Diagnostic &diagnostic : diagnostics) {
        if (!out.empty() && options.format == MessageFormat::Human) out += '\n';
        out += render(diagnostic, sources, options);
    }
    return out;
}

} // namespace parlane::diag
