// `parc fix`: applies the machine-applicable fixes of errors, one by one. One that does not make the errors fewer is taken
// back, so what is written is never worse than what was there.
#include "compiler/backend/backend.h"
#include "compiler/driver/commands.h"

#include <algorithm>
#include <memory>

namespace parlane::driver {

namespace {

/// A fix may bring up what was hidden behind the error; more rounds than this are no repair.
constexpr int kMostFixes = 200;

struct Checked {
    std::unique_ptr<session::Session> session;
    source::FileId file;
    uint32_t errors = 0;
};

Checked checkText(const std::string &path, std::string text) {
    Checked out{std::make_unique<session::Session>(), {}, 0};
    out.file = out.session->add(path, std::move(text));
    (void)out.session->prove();
    out.errors = out.session->emitter.errorCount();
    return out;
}

/// The text with the edits of one fix; nothing if they overlap or lie in another file.
std::optional<std::string> edited(const Checked &checked, const diag::Fix &fix) {
    const source::File &file = checked.session->sources.file(checked.file);
    std::string text = file.text;
    std::vector<diag::Edit> edits = fix.edits;
    auto behind = [](const diag::Edit &a, const diag::Edit &b) {
        return a.span.begin.offset != b.span.begin.offset ? a.span.begin.offset > b.span.begin.offset
                                                          : a.span.end.offset > b.span.end.offset;
    };
    std::ranges::stable_sort(edits, behind);
    size_t limit = text.size();
    for (const diag::Edit &edit : edits) {
        if (edit.span.begin.offset < file.base) return std::nullopt;
        const size_t begin = edit.span.begin.offset - file.base, end = edit.span.end.offset - file.base;
        if (begin > end || end > limit) return std::nullopt;
        text.replace(begin, end - begin, edit.text);
        limit = begin;
    }
    return text;
}

/// Applies the first fix that helps, and says so; false if there is none.
bool fixOne(const std::string &path, Checked &checked) {
    for (const diag::Diagnostic &found : checked.session->emitter.sorted()) {
        if (found.severity != diag::Severity::Error) continue;
        for (const diag::Fix &fix : found.fixes) {
            auto text = fix.edits.empty() ? std::nullopt : edited(checked, fix);
            if (!text) continue;
            Checked next = checkText(path, *text);
            if (next.errors >= checked.errors) continue;
            const auto line = checked.session->sources.position(found.span().begin).line;
            fmt::print("{}:{}: {}\n", path, line, fix.text);
            checked = std::move(next);
            return true;
        }
    }
    return false;
}

} // namespace

Exit fixCommand(const Options &options) {
    if (options.operands.empty()) return usageError("`parc fix` takes files");
    Exit worst = Exit::Fine;
    for (const std::string &path : options.operands) {
        session::Session first;
        auto loaded = first.load(path);
        if (!loaded) {
            worst = finish(options, first);
            continue;
        }
        const std::string before(first.sources.file(*loaded).text);
        Checked checked = checkText(path, before);
        for (int round = 0; round < kMostFixes && checked.errors > 0; ++round)
            if (!fixOne(path, checked)) break;
        const std::string after(checked.session->sources.file(checked.file).text);
        if (after != before && !options.check_only)
            if (auto written = backend::writeFile(path, after); !written) worst = failed(written.error());
        if (Exit status = finish(options, *checked.session); status != Exit::Fine) worst = status;
    }
    return worst;
}

} // namespace parlane::driver
