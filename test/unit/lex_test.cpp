#include "lang/lex/lex.h"

#include "test/unit/parse_testing.h"

namespace parlane::lex {
namespace {

struct Lexed {
    source::SourceMap sources;
    diag::Emitter emitter{1000};
    Tokens tokens;
    explicit Lexed(std::string text) : tokens(lex(sources, sources.add("t.par", std::move(text)), emitter)) {}
    /// Names of the kinds, separated by blanks, without the last Terminator and the EndOfFile.
    std::string kinds() const {
        std::string out;
        for (const Token &token : tokens.tokens) out += (out.empty() ? "" : " ") + std::string(name(token.kind));
        for (std::string_view tail : {"EndOfFile", "Terminator"}) {
            if (out.ends_with(tail)) out.resize(out.size() - tail.size());
            while (out.ends_with(' ')) out.pop_back();
        }
        return out;
    }
    std::string errors() const {
        std::string out;
        for (const diag::Diagnostic &one : emitter.sorted()) {
            source::Position at = sources.position(one.span().begin);
            out += fmt::format("{}{}:{} {}", out.empty() ? "" : ", ", at.line, at.column, diag::info(one.code).name);
        }
        return out;
    }
};

std::string kinds(std::string text) {
    Lexed lexed(std::move(text));
    EXPECT_EQ(lexed.errors(), "");
    return lexed.kinds();
}

std::string errors(std::string text) { return Lexed(std::move(text)).errors(); }

TEST(Lex, AStatementEndsWhereATokenCanEndOneAndTheInnermostBracketIsNoParenthesis) {
    EXPECT_EQ(kinds("a\nb"), "Identifier Terminator Identifier");
    EXPECT_EQ(kinds("a +\nb"), "Identifier Plus Identifier");
    EXPECT_EQ(kinds("f(a\n,b\n)"), "Identifier LParen Identifier Comma Identifier RParen");
    EXPECT_EQ(kinds("(x => {\na\n})"), "LParen Identifier FatArrow LBrace Identifier Terminator RBrace RParen");
    EXPECT_EQ(kinds("[\na\n]"), "LBracket Identifier RBracket");
    EXPECT_EQ(kinds("return\n5"), "Return Terminator Integer");
    EXPECT_EQ(kinds("a;b"), "Identifier Terminator Identifier");
    EXPECT_EQ(kinds("a // x\n// y\n\nb"), "Identifier Terminator Identifier");
}

TEST(Lex, ALineThatBeginsWithAMemberElseOrCatchContinues) {
    EXPECT_EQ(kinds("a\n  .b"), "Identifier Dot Identifier");
    EXPECT_EQ(kinds("}\nelse"), "RBrace Else");
    EXPECT_EQ(kinds("}\n// why\ncatch"), "RBrace Catch");
    EXPECT_EQ(kinds("a\n-b"), "Identifier Terminator Minus Identifier");
    EXPECT_EQ(kinds("a\n..b"), "Identifier Terminator DotDot Identifier");
    EXPECT_EQ(kinds("a\n(b)"), "Identifier Terminator LParen Identifier RParen");
}

TEST(Lex, NumbersAndRangesAndMembers) {
    EXPECT_EQ(kinds("0..n 1.5 1e-3 0xff 0b1 1_000"), "Integer DotDot Identifier Float Float Integer Integer Integer");
    EXPECT_EQ(kinds("t.0.1 1.x 2.5.y"),
              "Identifier Dot Integer Dot Integer Integer Dot Identifier Float Dot Identifier");
    EXPECT_EQ(kinds("0..=9"), "Integer DotDotEqual Integer");
    EXPECT_EQ(errors("12ab"), "1:1 BadNumber");
    EXPECT_EQ(errors("0x"), "1:1 BadNumber");
    EXPECT_EQ(errors("0b12"), "1:1 BadNumber");
    EXPECT_EQ(errors("012"), "1:1 BadNumber");
    EXPECT_EQ(errors("1.5f"), "1:1 BadNumber");
    EXPECT_EQ(errors("18446744073709551615"), "");
    EXPECT_EQ(errors("18446744073709551616"), "") << "a float may be that";
    EXPECT_EQ(errors("0x1_0000_0000_0000_0000"), "1:1 NumberTooLarge");
}

TEST(Lex, StringsAreTextAndInterpolations) {
    EXPECT_EQ(kinds(R"("a{x:.3}b")"),
              "StringStart StringText InterpStart Identifier FormatSpec InterpEnd StringText StringEnd");
    EXPECT_EQ(kinds(R"("{{}}")"), "StringStart StringText StringEnd");
    EXPECT_EQ(kinds(R"("{f("{y}")}")"), "StringStart InterpStart Identifier LParen StringStart InterpStart Identifier "
                                        "InterpEnd StringEnd RParen InterpEnd StringEnd");
    EXPECT_EQ(kinds(R"(r"a\n{b}")"), "RawString");
    EXPECT_EQ(unescape(R"(a\n\t\\\"\0\x41\u{e9}{{}})"), std::string("a\n\t\\\"\0A\xc3\xa9{}", 11));
    EXPECT_EQ(errors("\"abc\nx"), "1:1 UnterminatedString");
    EXPECT_EQ(errors("\"a}b\""), "1:3 StrayBraceInString");
    EXPECT_EQ(errors("\"a{x\nb"), "1:3 UnterminatedInterpolation");
    EXPECT_EQ(errors(R"("\q\x80\u{d800}\u{110000}\u{}")"),
              "1:2 BadEscape, 1:4 BadEscape, 1:8 BadEscape, 1:16 BadEscape, "
              "1:26 BadEscape");
}

TEST(Lex, BytesAreOneAsciiCharacter) {
    EXPECT_EQ(kinds(R"('a' '\n' '\'' '\xff' '"')"), "Byte Byte Byte Byte Byte");
    EXPECT_EQ(errors("''"), "1:1 BadByteLiteral");
    EXPECT_EQ(errors("'ab'"), "1:1 BadByteLiteral");
    EXPECT_EQ(errors("'\xc3\xa9'"), "1:1 BadByteLiteral");
    EXPECT_EQ(errors("'a"), "1:1 BadByteLiteral");
}

TEST(Lex, WhatHasNoMeaningIsNamed) {
    EXPECT_EQ(errors("a $ b"), "1:3 StrayCharacter");
    EXPECT_EQ(errors("/* x */ a"), "1:1 StrayCharacter");
    EXPECT_EQ(errors("\xc3\xa9"), "1:1 StrayCharacter");
    EXPECT_EQ(errors(std::string("a\0b", 3)), "1:2 StrayCharacter");
    EXPECT_EQ(errors("// \xff\xfe\n\"\x80\""), "1:4 InvalidUtf8, 2:2 InvalidUtf8");
    EXPECT_EQ(errors("\xed\xa0\x80"), "1:1 InvalidUtf8") << "a surrogate";
    EXPECT_EQ(errors("\xc0\xaf"), "1:1 InvalidUtf8") << "overlong";
    EXPECT_EQ(errors("\xef\xbb\xbf a\r\n"), "");
    EXPECT_EQ(errors("f(\n{\n)"), "2:1 Unclosed");
}

TEST(Lex, CommentsAreKeptWithTheirPlaces) {
    Lexed lexed("#!/usr/bin/env parc\na // b \n/// doc\n//// line\n");
    ASSERT_EQ(lexed.tokens.comments.size(), 4u);
    EXPECT_FALSE(lexed.tokens.comments[1].line_start);
    EXPECT_EQ(lexed.tokens.comments[1].end - lexed.tokens.comments[1].begin, 4u);
    EXPECT_TRUE(lexed.tokens.comments[2].doc);
    EXPECT_FALSE(lexed.tokens.comments[3].doc);
    EXPECT_EQ(print(lexed.tokens, lexed.sources), "2:1 Identifier a\n2:8 Terminator\n5:1 EndOfFile\n");
}

} // namespace
} // namespace parlane::lex
