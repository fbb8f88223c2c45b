// What the tests of lexer, parser and formatter share.
#pragma once
#include "lang/ast/print.h"
#include "lang/diag/render.h"
#include "lang/parse/parse.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace parlane::testing_ {

/// A parsed text with everything it needs to live.
struct Parsed {
    source::SourceMap sources;
    Interner names;
    diag::Emitter emitter{1000};
    source::FileId file;
    ast::Ast ast;

    explicit Parsed(std::string text)
        : file(sources.add("t.par", std::move(text))), ast(parse::parse(sources, file, names, emitter)) {}
    /// The tree on one line, items separated by a blank.
    std::string tree() const {
        std::string out;
        for (char c : ast::print(ast, names)) {
            if (c == ' ' && out.ends_with(' ')) continue;
            if (c != '\n')
                out += c;
            else if (!out.ends_with(' '))
                out += ' ';
        }
        while (out.ends_with(' ')) out.pop_back();
        return out;
    }
    /// `line:column code` of every diagnostic, separated by `, `.
    std::string errors() const {
        std::string out;
        for (const diag::Diagnostic &one : emitter.sorted()) {
            source::Position at = sources.position(one.span().begin);
            out += fmt::format("{}{}:{} {}", out.empty() ? "" : ", ", at.line, at.column, diag::info(one.code).name);
        }
        return out;
    }
};

inline std::string contentsOf(const std::filesystem::path &path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

/// Every `.par` file of the repository, sorted.
inline std::vector<std::filesystem::path> programs() {
    std::vector<std::filesystem::path> found;
    for (const char *folder : {"stdlib", "examples", "test"})
        for (const auto &entry :
             std::filesystem::recursive_directory_iterator(std::filesystem::path(PARLANE_SOURCE_DIR) / folder))
            if (entry.path().extension() == ".par") found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
}

} // namespace parlane::testing_
