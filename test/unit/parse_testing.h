// What the tests of lexer, parser and formatter share.
#pragma once
#include "lang/ast/print.h"
#include "lang/diag/render.h"
#include "lang/parse/parse.h"

#include <gtest/gtest.h>

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

} // namespace parlane::testing_
