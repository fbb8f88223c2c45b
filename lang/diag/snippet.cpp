#include "lang/diag/snippet.h"

#include <algorithm>
#include <map>

namespace parlane::diag {

namespace {

constexpr size_t kTab = 4;
constexpr size_t kWidest = 160; ///< columns of source shown of an overlong line

/// A label on one line, in display columns counted from 0.
struct Mark {
    size_t from = 0, to = 0;
    const Label *label = nullptr;
};

/// Source line as shown, and the display column of every byte of it.
struct Shown {
    std::string text;
    std::vector<size_t> column;
};

Shown expand(std::string_view line) {
    Shown shown;
    size_t at = 0;
    for (char c : line) {
        auto byte = static_cast<unsigned char>(c);
        shown.column.push_back((byte & 0xc0) == 0x80 && at > 0 ? at - 1 : at);
        if (c == '\t') {
            shown.text.append(kTab, ' ');
            at += kTab;
        } else if (byte < 0x20 || byte == 0x7f) {
            shown.text += '?';
            ++at;
        } else {
            shown.text += c;
            if ((byte & 0xc0) != 0x80) ++at;
        }
    }
    shown.column.push_back(at);
    return shown;
}

/// Cuts an overlong line down to the part around its first mark.
void clip(Shown &shown, std::vector<Mark> &marks) {
    if (shown.column.back() <= kWidest) return;
    size_t first = marks.empty() ? 0 : marks.front().from;
    size_t start = first > kWidest / 2 ? first - kWidest / 4 : 0;
    std::string text;
    size_t at = 0;
    for (size_t i = 0; i < shown.text.size(); ++i) {
        bool continues = (static_cast<unsigned char>(shown.text[i]) & 0xc0) == 0x80;
        if (!continues && i > 0) ++at;
        if (at >= start && at < start + kWidest) text += shown.text[i];
    }
    shown.text = (start > 0 ? "... " : "") + text + (start + kWidest < shown.column.back() ? " ..." : "");
    size_t shift = start > 0 ? 4 : 0;
    for (Mark &mark : marks) {
        mark.from = std::clamp(mark.from, start, start + kWidest - 1) - start + shift;
        mark.to = std::clamp(mark.to, start + 1, start + kWidest) - start + shift;
        mark.to = std::max(mark.to, mark.from + 1);
    }
}

void put(std::string &row, size_t at, std::string_view text) {
    if (row.size() < at) row.append(at - row.size(), ' ');
    row.replace(at, std::min(text.size(), row.size() - at), text);
}

/// Rows below a source line: the underlines with the rightmost text, then the other texts from right to left.
std::vector<std::string> underlines(std::vector<Mark> marks) {
    std::erase_if(marks, [](const Mark &mark) { return !mark.label->underline; });
    if (marks.empty()) return {};
    std::stable_sort(marks.begin(), marks.end(), [](const Mark &a, const Mark &b) { return a.from < b.from; });
    std::vector<std::string> rows(1);
    for (const Mark &mark : marks) put(rows[0], mark.from, std::string(mark.to - mark.from, '^'));
    const Mark &last = marks.back();
    bool inlined = last.to == rows[0].size() && !last.label->text.empty();
    if (inlined) rows[0] += " " + last.label->text;
    size_t pending = inlined ? marks.size() - 1 : marks.size();
    for (size_t i = pending; i-- > 0;) {
        if (marks[i].label->text.empty()) continue;
        rows.emplace_back();
        put(rows.back(), marks[i].from, marks[i].label->text);
    }
    return rows;
}

struct Block {
    source::FileId file;
    source::Position start;                      ///< of its first label
    std::map<uint32_t, std::vector<Mark>> lines; ///< by line number
};

std::vector<Block> blocksOf(const Diagnostic &diagnostic, const source::SourceMap &sources) {
    std::vector<Block> blocks;
    for (const Label &label : diagnostic.labels) {
        source::Position from = sources.position(label.span.begin), to = sources.position(label.span.end);
        auto block = std::find_if(blocks.begin(), blocks.end(), [&](const Block &b) { return b.file == from.file; });
        if (block == blocks.end()) block = blocks.insert(blocks.end(), Block{from.file, from, {}});
        std::string_view text = sources.line(from.file, from.line);
        size_t begin = std::min<size_t>(from.column - 1, text.size());
        size_t end = to.line == from.line ? std::min<size_t>(to.column - 1, text.size()) : text.size();
        std::vector<size_t> column = expand(text).column;
        Mark mark{column[begin], std::max(column[std::max(begin, end)], column[begin] + 1), &label};
        block->lines[from.line].push_back(mark);
    }
    return blocks;
}

} // namespace

std::string renderSnippets(const Diagnostic &diagnostic, const source::SourceMap &sources, const RenderOptions &options,
                           size_t &margin) {
    std::vector<Block> blocks = blocksOf(diagnostic, sources);
    uint32_t largest = 0;
    for (const Block &block : blocks) largest = std::max(largest, block.lines.rbegin()->first);
    margin = std::max<size_t>(1, fmt::format("{}", largest).size());
    std::string_view bar = options.unicode ? "│" : "|", head = options.unicode ? "┌─" : "-->";
    std::string_view paint = options.color ? "\x1b[1;31m" : "", dim = options.color ? "\x1b[34m" : "";
    std::string_view off = options.color ? "\x1b[0m" : "";
    std::string blank(margin, ' '), out;
    for (const Block &block : blocks) {
        out += fmt::format("{} {}{}{} {}:{}:{}\n", blank, dim, head, off, sources.file(block.file).path,
                           block.start.line, block.start.column);
        uint32_t previous = 0;
        for (auto [number, marks] : block.lines) {
            if (previous != 0 && number == previous + 2)
                out += fmt::format("{}{:>{}} {}{} {}\n", dim, number - 1, margin, bar, off,
                                   expand(sources.line(block.file, number - 1)).text);
            else if (previous != 0 && number > previous + 2)
                out += fmt::format("{} {}...{}\n", blank, dim, off);
            previous = number;
            Shown shown = expand(sources.line(block.file, number));
            clip(shown, marks);
            out += fmt::format("{}{:>{}} {}{} {}\n", dim, number, margin, bar, off, shown.text);
            for (const std::string &row : underlines(marks))
                out += fmt::format("{} {}{}{} {}{}{}\n", blank, dim, bar, off, paint, row, off);
        }
    }
    return out;
}

} // namespace parlane::diag
