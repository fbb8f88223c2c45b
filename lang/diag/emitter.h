// Collects the diagnostics of one compilation.
//
//     emitter.report(Code::ElementConflict, loop, "par for", "img")
//         .at("iteration y=1, x=0 writes img[1, 0]")
//         .label(read, "iteration y=2, x=0 reads img[1, 0]")
//         .why("the two may run in any order")
//         .fix("read from a copy", {{span, "before[y - 1, x]"}});
#pragma once
#include "lang/diag/code.h"
#include "lang/source/source_map.h"

#include <deque>
#include <fmt/format.h>
#include <string>
#include <utility>
#include <vector>

namespace parlane::diag {

using source::Span;

/// A place with what is to be said about it. An empty text underlines silently.
struct Label {
    Span span;
    std::string text;
    bool underline = true; ///< false: the line is shown for context only
};

/// Replaces the bytes of `span` (empty: inserts before it) by `text`.
struct Edit {
    Span span;
    std::string text;
};

/// A way out. With edits it can be applied by machine.
struct Fix {
    std::string text;
    std::vector<Edit> edits;
};

/// A further line `= key: text` below the source lines.
struct Note {
    std::string key;
    std::string text;
};

struct Diagnostic {
    Code code{};
    Severity severity = Severity::Error;
    std::string headline;
    std::vector<Label> labels; ///< the first is the primary one: where the diagnostic is
    std::string why;           ///< one sentence
    std::vector<Note> notes;
    std::vector<Fix> fixes;

    Span span() const { return labels.empty() ? Span{} : labels.front().span; }
};

/// Adds to a diagnostic just reported. Lives for one expression.
class Report {
public:
    explicit Report(Diagnostic &diagnostic) : diagnostic(diagnostic) {}

    /// The text under the primary place.
    Report &at(std::string text) {
        if (!diagnostic.labels.empty()) diagnostic.labels.front().text = std::move(text);
        return *this;
    }
    /// The other end of the conflict, the declaration, ...
    Report &label(Span span, std::string text) {
        if (span.valid()) diagnostic.labels.push_back({span, std::move(text)});
        return *this;
    }
    /// Shows the first line of `span` without underlining it.
    Report &context(Span span) {
        if (span.valid()) diagnostic.labels.push_back({span, {}, false});
        return *this;
    }
    Report &why(std::string text) {
        diagnostic.why = std::move(text);
        return *this;
    }
    Report &note(std::string key, std::string text) {
        diagnostic.notes.push_back({std::move(key), std::move(text)});
        return *this;
    }
    Report &fix(std::string text, std::vector<Edit> edits = {}) {
        diagnostic.fixes.push_back({std::move(text), std::move(edits)});
        return *this;
    }
    Report &severity(Severity severity) {
        diagnostic.severity = severity;
        return *this;
    }

private:
    Diagnostic &diagnostic;
};

/// Owns the diagnostics of one compilation. A second report of the same code at the same place is dropped. Beyond
/// `errorLimit` errors further ones are only counted. Not thread-safe: one a session.
class Emitter {
public:
    static constexpr uint32_t kDefaultErrorLimit = 20;
    explicit Emitter(uint32_t errorLimit = kDefaultErrorLimit) : error_limit(errorLimit) {}

    /// `args` fill the placeholders of the headline. An invalid span reports without a place.
    template <class... Args> Report report(Code code, Span span, const Args &...args) {
        checkPlaceholders(code, sizeof...(args));
        return add(code, span, fmt::format(fmt::runtime(info(code).headline), args...));
    }

    bool hasErrors() const { return errors != 0; }
    /// Errors reported so far, those beyond the limit included.
    uint32_t errorCount() const { return errors; }
    bool limitReached() const { return errors >= error_limit; }
    /// All diagnostics in order of their places (files in order of loading), those without a place last.
    std::vector<Diagnostic> sorted() const;
    /// Forgets everything, as for the next cell of a REPL.
    void clear();

private:
    static void checkPlaceholders(Code code, size_t count);
    Report add(Code code, Span span, std::string headline);

    std::deque<Diagnostic> diagnostics;
    Diagnostic dropped; ///< receives what nobody will see
    uint32_t error_limit;
    uint32_t errors = 0;
};

} // namespace parlane::diag
