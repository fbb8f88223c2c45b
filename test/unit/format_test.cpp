#include "lang/format/format.h"

#include "test/unit/parse_testing.h"

namespace parlane::format {
namespace {

using testing_::Parsed;

std::optional<std::string> tryFormat(std::string text) {
    source::SourceMap sources;
    Interner names;
    diag::Emitter emitter;
    return format(sources, sources.add("t.par", std::move(text)), names, emitter);
}

/// Formats and checks that a second time changes nothing.
std::string formatted(std::string text) {
    auto once = tryFormat(text);
    EXPECT_TRUE(once) << text;
    if (!once) return "";
    EXPECT_EQ(tryFormat(*once).value_or("no longer parses"), *once);
    EXPECT_EQ(Parsed(text).tree(), Parsed(*once).tree());
    return *once;
}

TEST(Format, BlanksInsideALine) {
    EXPECT_EQ(formatted("let a=b+c * -d<<2>>1"), "let a = b + c * -d << 2 >> 1\n");
    EXPECT_EQ(formatted("f ( & a [ ..k ] ,x :1 , y=>y )"), "f(&a[..k], x: 1, y => y)\n");
    EXPECT_EQ(formatted("x>>=1;lo min=b;atomic h[ i ]max= 2"), "x >>= 1\nlo min= b\natomic h[i] max= 2\n");
    EXPECT_EQ(formatted("a[ i , .. ] = m [k ..,..k] ! . f< int >( x )"), "a[i, ..] = m[k.., ..k]!.f<int>(x)\n");
    EXPECT_EQ(formatted("for i in 0 .. n by(2) if(a){}"), "for i in 0..n by (2) if (a) {}\n");
    EXPECT_EQ(formatted("fn + ( a:V,b : V )->V{a}"), "fn +(a: V, b: V) -> V { a }\n");
    EXPECT_EQ(formatted("fn >>(a:V)"), "fn >>(a: V)\n");
    EXPECT_EQ(formatted("let s=reduce( + , min )par for &v in& x{v}"),
              "let s = reduce(+, min) par for &v in &x { v }\n");
    EXPECT_EQ(formatted("let g: Map < K,fn( inout V )->W ? > = f32 [ , ] ( h,w )"),
              "let g: Map<K, fn(inout V) -> W?> = f32[,](h, w)\n");
    EXPECT_EQ(formatted("match x{- 1..=2=>a;_ if!b=>c}"), "match x { -1..=2 => a; _ if !b => c }\n");
    EXPECT_EQ(formatted("let a = try ? f( \"{ x :>3}{ \"y\" }\" )??0"), "let a = try? f(\"{ x :>3}{ \"y\" }\") ?? 0\n");
}

TEST(Format, OneStatementALineExceptInABlockThatFits) {
    EXPECT_EQ(formatted("a; b"), "a\nb\n");
    EXPECT_EQ(formatted("fn f(){a;b;}"), "fn f() { a; b }\n");
    EXPECT_EQ(formatted("fn f(){a;b\n}"), "fn f() {\n    a\n    b\n}\n");
    EXPECT_EQ(formatted("fn f() {\n}"), "fn f() {}\n");
    std::string wide(60, 'w');
    EXPECT_EQ(formatted("if a { " + wide + " } else { " + wide + " }"),
              "if a {\n    " + wide + "\n} else {\n    " + wide + "\n}\n");
    EXPECT_EQ(formatted("if a { b } // " + wide + wide), "if a { b } // " + wide + wide + "\n");
}

TEST(Format, LinesAreIndentedByTheirBrackets) {
    EXPECT_EQ(
        formatted("let x = [par for i in 0..n {\nlet y = f(\ni,\n[1,\n2],\n)\ny\n}]\n"),
        "let x = [par for i in 0..n {\n    let y = f(\n        i,\n        [1,\n            2],\n    )\n    y\n}]\n");
    EXPECT_EQ(formatted("let x = a +\nb\n.c\nif a &&\nb {\nd\n}\n"),
              "let x = a +\n    b\n    .c\nif a &&\n    b {\n    d\n}\n");
    EXPECT_EQ(formatted("f(x => {\na\n}, 4)"), "f(x => {\n    a\n}, 4)\n");
    EXPECT_EQ(formatted("pipeline x in xs {\nstage serial:\nf(x)\n  stage parallel: g(x)\n}"),
              "pipeline x in xs {\nstage serial:\n    f(x)\nstage parallel: g(x)\n}\n");
    EXPECT_EQ(formatted("if a {\nb\n}\nelse if c { d }\nelse {\n}\n"),
              "if a {\n    b\n} else if c {\n    d\n} else {}\n");
    EXPECT_EQ(formatted("struct S { a: int,\nb: int }"), "struct S {\n    a: int,\n    b: int\n}\n");
    EXPECT_EQ(formatted("match x {\nA => a, B => {\nb\n}\n}"), "match x {\n    A => a, B => {\n        b\n    }\n}\n");
}

TEST(Format, CommentsAndSingleBlankLinesStay) {
    EXPECT_EQ(formatted("\n\n// a\n\n\n/// b\nfn f() { // c\n\n  // d\n  x // e\n\n\n  y\n  // f\n\n}\n// g\n\n"),
              "// a\n\n/// b\nfn f() { // c\n    // d\n    x // e\n\n    y\n    // f\n}\n// g\n");
    EXPECT_EQ(formatted("f(a, // one\n  // two\n  b)"), "f(a, // one\n    // two\n    b)\n");
    EXPECT_EQ(formatted("fn f() {\n  let a = 1     // x\n  let bc = 22   // y\n}"),
              "fn f() {\n    let a = 1     // x\n    let bc = 22   // y\n}\n");
    EXPECT_EQ(formatted("if a {\n}\n// why\nelse { b }"), "if a {}\n// why\nelse {\n    b\n}\n");
    EXPECT_EQ(formatted("{ a; // b\n c }"), "{\n    a    // b\n    c\n}\n");
    EXPECT_EQ(formatted("#!/usr/bin/parc\r\n\tx\r\n"), "#!/usr/bin/parc\nx\n");
    EXPECT_EQ(formatted("// only"), "// only\n");
    EXPECT_EQ(formatted(""), "");
}

TEST(Format, WhatDoesNotParseIsLeftAlone) { EXPECT_FALSE(tryFormat("fn f( {")); }

TEST(Format, EveryProgramKeepsItsTreeAndASecondTimeChangesNothing) {
    size_t seen = 0;
    for (const auto &path : testing_::programs()) {
        std::string text = testing_::contentsOf(path);
        if (!tryFormat(text)) continue; // wrong on purpose
        SCOPED_TRACE(path);
        std::string once = formatted(text);
        ++seen;
        // Indentation in the text has no influence.
        std::string flat;
        for (size_t i = 0; i < text.size(); ++i)
            if (text[i] != ' ' || (!flat.empty() && flat.back() != '\n')) flat += text[i];
        EXPECT_EQ(formatted(flat), once);
    }
    EXPECT_GT(seen, 50u);
}

} // namespace
} // namespace parlane::format
