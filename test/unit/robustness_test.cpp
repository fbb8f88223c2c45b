// Any bytes end in diagnostics, in linear time and without deep recursion.
#include "lang/format/format.h"

#include "test/unit/parse_testing.h"

#include <random>

namespace parlane::parse {
namespace {

using testing_::Parsed;

constexpr size_t kMany = 100'000;

std::string repeated(std::string_view what, size_t times) {
    std::string out;
    out.reserve(what.size() * times);
    while (times-- > 0) out += what;
    return out;
}

/// Parses, and formats what parses; the text must be rejected.
void expectRejected(const std::string &text) {
    Parsed parsed(text);
    EXPECT_TRUE(parsed.emitter.hasErrors()) << text.substr(0, 60);
    (void)parsed.tree();
}

TEST(Robustness, NestingIsBoundedWhereverItCanNest) {
    for (const char *opening : {"(",
                                "[",
                                "{",
                                "-",
                                "!",
                                "f(",
                                "a[",
                                "if a {",
                                "x => ",
                                "try ",
                                "a ?? ",
                                "match a { b => ",
                                "\"{",
                                "[par for i in a {",
                                "let a: T<",
                                "let a: fn(",
                                "let a: (",
                                "let (",
                                "let A(",
                                "do {",
                                "else ",
                                "(x) => {",
                                "a < ",
                                "a<",
                                "f(a: ",
                                "while a {",
                                "invoke {",
                                "pipeline a in b { stage serial: ",
                                "reduce(",
                                "par for a in ",
                                "..",
                                "&",
                                "sink ",
                                "if let a = b {",
                                "for i in 0..n if ",
                                "a{",
                                "struct S { a: T = ",
                                "test \"\" { ",
                                "fn f() { "}) {
        expectRejected(repeated(opening, kMany));
    }
    expectRejected(repeated("(", kMany) + "a" + repeated(")", kMany));
    expectRejected("let a = " + repeated("if b { c } else ", kMany) + "{ d }");
}

TEST(Robustness, TreesThatGrowToTheLeftAreBoundedToo) {
    expectRejected("let a = 1" + repeated(" + 1", kMany));
    expectRejected("let a = b" + repeated(".c", kMany));
    expectRejected("let a = b" + repeated("(1)", kMany));
    expectRejected("let a = b" + repeated("!", kMany));
    expectRejected("let a: b" + repeated("[]", kMany) + " = c");
    expectRejected("let a: b" + repeated("?", kMany) + " = c");
}

TEST(Robustness, LongButShallowProgramsAreFine) {
    EXPECT_EQ(Parsed("let a = [" + repeated("1 + b[2], ", kMany) + "]").errors(), "");
    EXPECT_EQ(Parsed(repeated("f(x)\n", kMany)).errors(), "");
    EXPECT_EQ(Parsed("let a = \"" + repeated("{b}", kMany) + "\"").errors(), "");
    EXPECT_EQ(Parsed("let a = 1" + repeated(" + x.y * z[1]", 100)).errors(), "");
    EXPECT_EQ(Parsed(repeated("(", 50) + "a" + repeated(")", 50)).errors(), "");
    EXPECT_EQ(Parsed(repeated("// c\n", kMany)).errors(), "");
}

TEST(Robustness, ClosersSeparatorsAndQuotesAlone) {
    for (const char *bad : {")",     "]",      "}",    "])",   "[)",   "{)",       "(]",
                            ",",     ".",      "\"",   "'",    "\\",   "\"{\n",    "\"{{}",
                            "=>",    "..=",    "@",    "\xff", "\xc3", "\xe2\x82", "stage serial:",
                            "a b ",  "a case ", "let ", "fn ",  "<",    ">",        "f<(",
                            "\"{a:", "\"{a:}", "1e",   "0x",   "'a",   "\\u{",     "r\"",
                            "/*"})
        expectRejected(repeated(bad, kMany));
    for (const char *fine : {";", "\n", " ", "\t", "//", "///", "\r\n"})
        EXPECT_EQ(Parsed(repeated(fine, kMany)).errors(), "");
}

TEST(Robustness, EveryPrefixOfAProgramEndsInATree) {
    std::string text = "fn f<T: Ordered>(inout a: T[], b: fn(int) -> T?) throws E -> (T, int) {\n"
                       "    let s = \"x = {a[0]:.3} {\"y{b}\"}\"   // comment\n"
                       "    outer: par for i in 0..n by 2, &x in xs if x > 0 reduce(+: t, max: u) {\n"
                       "        atomic h[i] += 1; disjoint o[p[i]] = x; t += x\n    }\n"
                       "    match s { A, B => 1; C(x, (y, _)) if y == 'z' => { x } \n _ => return none }\n"
                       "    pipeline x in try s() limit(3) {\n    stage parallel:\n        let v = try? g(x)!\n"
                       "    stage serial:\n        w = v ?? 0\n    }\n"
                       "    do { throw Error(r\"\\\") } catch e { print(e.message) }\n"
                       "    return ([for v in a { -v }], reduce(min, f) for v in a { (v, v) })\n}\n"
                       "/// doc\npub struct S { private a: int[3,3] = [[1, 2, 3]], b: List<List<f32>>\n c: u8 }\n"
                       "import c \"zlib.h\" link \"z\" pure { crc32 }\ntest \"t\" { assert(a.0.1 >> 2 == 3) }\n";
    EXPECT_EQ(Parsed(text).errors(), "");
    for (size_t length = 0; length < text.size(); ++length) {
        (void)Parsed(text.substr(0, length)).tree();
        (void)Parsed(text.substr(length)).tree();
        std::string hole = text;
        hole.erase(length, 1);
        (void)Parsed(hole).tree();
    }
}

TEST(Robustness, EveryPrefixOfTheExamples) {
    for (const auto &path : testing_::programs()) {
        std::string text = testing_::contentsOf(path);
        size_t step = 1 + text.size() / 60;
        for (size_t length = 0; length < text.size(); length += step) (void)Parsed(text.substr(0, length)).tree();
    }
}

TEST(Robustness, RandomBytesAndRandomTokens) {
    std::mt19937 random(20240229);
    const char *words[] = {"fn ",       "par ",   "for ",    "in ",    "{ ",     "} ",      "( ",
                           ") ",        "[ ",     "] ",      "x ",     "1 ",     "\"",      "\"{",
                           "}\"",       ". ",     ".. ",     ", ",     ": ",     "= ",      "=> ",
                           "< ",        "> ",     "+ ",      "if ",    "match ", "\n",      "stage serial:",
                           "pipeline ", "let ",   "reduce(", "&",      "!",      "?",       "try ",
                           "atomic ",   "min= ",  "else ",   "catch ", "do ",    "return ", "'a' ",
                           "r\"x\" ",   "// c\n", "int ",    "->"};
    for (int round = 0; round < 3000; ++round) {
        std::string bytes, tokens;
        size_t length = random() % 120;
        for (size_t i = 0; i < length; ++i) {
            bytes += static_cast<char>(random());
            tokens += words[random() % std::size(words)];
        }
        (void)Parsed(bytes).tree();
        Parsed parsed(tokens);
        if (parsed.emitter.hasErrors()) continue;
        source::SourceMap sources;
        diag::Emitter emitter;
        auto once = format::format(sources, sources.add("t.par", tokens), parsed.names, emitter);
        ASSERT_TRUE(once);
        Parsed again(*once);
        EXPECT_EQ(again.tree(), parsed.tree()) << tokens << "\n---\n" << *once;
    }
}

} // namespace
} // namespace parlane::parse
