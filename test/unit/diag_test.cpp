#include "lang/diag/render.h"

#include <gtest/gtest.h>

namespace parlane::diag {
namespace {

Span spanOf(const source::SourceMap &sources, source::FileId file, std::string_view what, size_t nth = 0) {
    size_t at = sources.file(file).text.find(what);
    while (nth-- > 0) at = sources.file(file).text.find(what, at + 1);
    auto begin = static_cast<uint32_t>(at);
    return {sources.loc(file, begin), sources.loc(file, begin + static_cast<uint32_t>(what.size()))};
}

struct DiagTest : testing::Test {
    source::SourceMap sources;
    source::FileId file = sources.add("blur.par", "fn f() {\n"
                                                  "  par for y in 1..h - 1, x in 0..w {\n"
                                                  "    img[y, x] = (img[y - 1, x] + img[y, x]) / 2\n"
                                                  "  }\n}\n");
    Emitter emitter{3};
};

TEST_F(DiagTest, ARaceShowsBothEnds) {
    emitter.report(Code::ElementConflict, spanOf(sources, file, "img[y, x]"), "par for", "img")
        .at("iteration y=1, x=0 writes img[1, 0]")
        .label(spanOf(sources, file, "img[y - 1, x]"), "iteration y=2, x=0 reads img[1, 0]")
        .context(spanOf(sources, file, "par for"))
        .why("the two may run in any order")
        .fix("read from a copy: `let before = img.copy()`, then `before[y - 1, x]`");
    EXPECT_EQ(render(emitter.sorted(), sources),
              "error[R2003]: two iterations of this `par for` touch the same element of `img`\n"
              "  ┌─ blur.par:3:5\n"
              "2 │   par for y in 1..h - 1, x in 0..w {\n"
              "3 │     img[y, x] = (img[y - 1, x] + img[y, x]) / 2\n"
              "  │     ^^^^^^^^^    ^^^^^^^^^^^^^ iteration y=2, x=0 reads img[1, 0]\n"
              "  │     iteration y=1, x=0 writes img[1, 0]\n"
              "  = why: the two may run in any order\n"
              "  = fix: read from a copy: `let before = img.copy()`, then `before[y - 1, x]`\n");
}

TEST_F(DiagTest, ShortIsOneLineAndJsonOneObject) {
    emitter.report(Code::UnknownName, spanOf(sources, file, "h -"), "h")
        .fix("declare it", {{spanOf(sources, file, "fn"), "x"}});
    EXPECT_EQ(render(emitter.sorted(), sources, {.format = MessageFormat::Short}),
              "blur.par:2:19: error[T1001]: nothing here is called `h`\n");
    std::string json = render(emitter.sorted(), sources, {.format = MessageFormat::Json});
    EXPECT_TRUE(
        json.starts_with(R"({"v":1,"kind":"diagnostic","severity":"error","code":"T1001","message":"nothing here)"));
    EXPECT_NE(json.find(R"("start":[2,19])"), std::string::npos);
    EXPECT_NE(json.find(R"("applicability":"machine")"), std::string::npos);
    EXPECT_EQ(json.find('\n'), json.size() - 1);
}

TEST_F(DiagTest, DiagnosticsComeInOrderOfPlacesOnceAndUpToTheLimit) {
    emitter.report(Code::UnknownName, spanOf(sources, file, "w"), "w");
    emitter.report(Code::UnknownName, spanOf(sources, file, "h"), "h");
    emitter.report(Code::UnknownName, spanOf(sources, file, "h"), "h");
    for (size_t i = 0; i < 3; ++i) emitter.report(Code::UnknownName, spanOf(sources, file, "img", i), "img");
    EXPECT_TRUE(emitter.limitReached());
    EXPECT_EQ(emitter.errorCount(), 5u);
    auto all = emitter.sorted();
    ASSERT_EQ(all.size(), 4u);
    EXPECT_EQ(all[0].headline, "nothing here is called `h`");
    EXPECT_EQ(all[1].headline, "nothing here is called `w`");
    EXPECT_EQ(all[3].headline, "too many errors; 2 more are not shown");
}

TEST_F(DiagTest, ATrapLooksTheSame) {
    emitter.report(Code::IndexTrap, spanOf(sources, file, "img[y, x]"), "index 7 is outside `img` (7 elements)")
        .note("at", "y = 7");
    EXPECT_FALSE(emitter.hasErrors());
    EXPECT_TRUE(render(emitter.sorted(), sources).starts_with("trap[X5001]: index 7 is outside `img` (7 elements)\n"));
}

TEST_F(DiagTest, OverlongLinesAndTabsAndMissingPlacesRender) {
    source::FileId wide = sources.add("wide.par", std::string(100000, '(') + "\n\tx");
    emitter.report(Code::TooDeep, {sources.loc(wide, 50000), sources.loc(wide, 50001)}, 256);
    emitter.report(Code::UnknownName, {sources.loc(wide, 100002), sources.loc(wide, 100003)}, "x");
    emitter.report(Code::CannotRead, {}, "cannot read {x}");
    std::string text = render(emitter.sorted(), sources);
    EXPECT_LT(text.size(), 1000u);
    EXPECT_NE(text.find("2 │     x\n  │     ^\n"), std::string::npos);
    EXPECT_NE(text.find("error[H4001]: cannot read {x}\n"), std::string::npos);
}

TEST(Codes, AreDistinctAndNamedByTheirLetter) {
    for (size_t i = 0; i < kCodeCount; ++i) {
        const CodeInfo &one = info(static_cast<Code>(i));
        EXPECT_EQ(codeNamed(one.code), static_cast<Code>(i)) << one.name;
        EXPECT_EQ(one.code.size(), 5u);
    }
    EXPECT_FALSE(codeNamed("Z0000"));
}

} // namespace
} // namespace parlane::diag
