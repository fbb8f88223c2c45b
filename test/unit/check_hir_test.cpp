// Accepted programs: what they mean, as Hir text.
#include "test/unit/check_fixture.h"

#include <gtest/gtest.h>

namespace parlane {
namespace {

/// Hir of a program without errors.
std::string hirOf(const std::string &text) {
    test::Checked checked(text);
    EXPECT_EQ(checked.codes(), "") << checked.rendered();
    return checked.emitter.hasErrors() ? "" : checked.hir();
}

TEST(CheckHir, LiteralsTakeTheTypeOfTheOtherOperandAndOfParameters) {
    EXPECT_EQ(hirOf("fn f(x: f32) -> f32 { return 2 * x + 1 }"), R"(fn f(x.0: f32) -> f32 {
  return ((2:f32 * x.0) + 1:f32)
}
)");
    EXPECT_EQ(hirOf("fn g(a: u8) {}\nfn f() { g('a'); g(255) }"), R"(fn g(a.0: u8) {
}
fn f() {
  g(97:u8)
  g(255:u8)
}
)");
}

TEST(CheckHir, TheArgumentsThatAreNoLiteralsDecideBetweenFunctions) {
    EXPECT_EQ(hirOf("fn f(x: f32) -> f32 { return max(1, x) }"), R"(fn f(x.0: f32) -> f32 {
  return core.max<f32>(1:f32, x.0)
}
)");
    const std::string text = hirOf("fn name<T>(x: T) -> int { return 1 }\nfn name(x: int) -> int { return 2 }\n"
                                   "fn f() -> int { return name(1.5) + name(1) }");
    EXPECT_NE(text.find("(name<f64>(1.5:f64) + name(1))"), std::string::npos) << text;
}

TEST(CheckHir, OwnersBecomeViewsWhereViewsAreWanted) {
    const std::string text = hirOf(R"(fn f(a: int[]) -> int { return a.len }
fn g(l: List<int>, fixed: int[3]) -> int {
    let own = int[](4)
    return f(l) + f(fixed) + f(own) + f(own[1..])
})");
    EXPECT_NE(text.find("f(items(l.0))"), std::string::npos) << text;
    EXPECT_NE(text.find("f(view(fixed.1))"), std::string::npos) << text;
    EXPECT_NE(text.find("f(view(own.2))"), std::string::npos) << text;
    EXPECT_NE(text.find("f(own.2[1..])"), std::string::npos) << text;
}

TEST(CheckHir, WhatGetsANewOwnerIsConsumedAndPartsAreAliased) {
    EXPECT_EQ(hirOf(R"(fn take_over(sink a: int[]) {}
fn f(rows: int[][]) {
    let a = int[](3)
    let row = rows[0]
    let n = row[0]
    take_over(a)
})"),
              R"(fn take_over(sink a.0: int[]) {
}
fn f(rows.0: view int[][]) {
  let a.1: int[] = int[](3)
  let alias row.2: int[] = rows.0[0]
  let n.3: int = row.2[0]
  take_over(sink consume a.1)
}
)");
}

TEST(CheckHir, ACollectHasTheShapeOfItsLoopUnlessFiltered) {
    const std::string text = hirOf(R"(fn f(n: int) {
    let a = [par for i in 0..n, j in 0..n { i * j }]
    let b = [par for i in 0..n, j in 0..n if i < j { i * j }]
    let c = [par for i in 0..n, j in 0..i { j }]
    let (d, e) = [for i in 0..n { (i, 1.5) }]
})");
    EXPECT_NE(text.find("a.3: int[,]"), std::string::npos) << text;
    EXPECT_NE(text.find("b.6: int[]"), std::string::npos) << text;
    EXPECT_NE(text.find("c.9: int[]"), std::string::npos) << text;
    EXPECT_NE(text.find("(d.11: int[], e.12: f64[])"), std::string::npos) << text;
}

TEST(CheckHir, LoopsSayWhatTheyRunOverAndHowTheyFold) {
    EXPECT_EQ(hirOf(R"(fn f(x: f64[], inout y: f64[]) -> f64 {
    par for (a, &b) in zip(x, &y) { b = 2 * a }
    return reduce(+) par for v in y if v > 0 { v * v }
})"),
              R"(fn f(x.0: view f64[], inout y.1: view f64[]) -> f64 {
  par for L0 (a.2: f64, &b.3: f64) in zip(elements(x.0), elements(&y.1)) {
    b.3 = (2:f64 * a.2)
  }
  return reduce(+) par for L1 v.4: f64 in elements(y.1) if (v.4 > 0:f64) {
    => (v.4 * v.4)
  }
}
)");
}

TEST(CheckHir, ClosuresKnowWhatTheyCapture) {
    const std::string text = hirOf(R"(fn each(a: int[], inout f: fn(int)) { for x in a { f(x) } }
fn g(a: int[]) -> int {
    var total = 0
    let k = 3
    each(a, x => { total += k * x })
    return total
})");
    EXPECT_NE(text.find("closure[&total.1, k.2](alias x.3: int)"), std::string::npos) << text;
}

TEST(CheckHir, BranchesOfAnInvokeAndStagesOfAPipelineBindNames) {
    const std::string text = hirOf(R"(fn f(n: int) -> int {
    var total = 0
    invoke {
        let a = n + 1
        let b = n + 2
    }
    pipeline i in 0..n limit(4) {
    stage parallel:
        let sq = i * i
    stage serial:
        total += sq
    }
    return a + b + total
})");
    EXPECT_NE(text.find("return ((a.2 + b.3) + total.1)"), std::string::npos) << text;
    EXPECT_NE(text.find("pipeline P0 i.4: int in 0..n.0 limit(4) {"), std::string::npos) << text;
    EXPECT_NE(text.find("stage serial {\n      total.1 += sq.5"), std::string::npos) << text;
}

TEST(CheckHir, AnOptionalIsMatchedByItsValue) {
    const std::string text = hirOf("fn f(o: int?) -> int { return match o { none => 0, x => x } }");
    EXPECT_NE(text.find("some(x.1: int) => {"), std::string::npos) << text;
}

TEST(CheckHir, CallsThatThrowOneTypeGiveThatTypeToCatch) {
    const std::string text = hirOf(R"(struct E { line: int }
fn g() throws E -> int { throw E(line: 3) }
fn f() -> int {
    do { return try g() } catch e { return e.line }
})");
    EXPECT_NE(text.find("catch e.0: E {"), std::string::npos) << text;
}

TEST(CheckHir, OperatorsAreFunctionsAndLiteralsBesideThemFit) {
    const std::string text = hirOf(R"(struct V { x: f32 }
fn *(s: f32, v: V) -> V { return V(x: s * v.x) }
fn f(v: V) -> V { return 2 * v })");
    EXPECT_NE(text.find("return *(2:f32, v.0)"), std::string::npos) << text;
}

TEST(CheckHir, IntegerParametersComeFromFixedArrays) {
    const std::string text =
        hirOf("fn f<N: int>(a: f32[N]) -> int { return N }\nfn g() -> int { return f([1, 2, 3]) }");
    EXPECT_NE(text.find("f<3>([1:f32, 2:f32, 3:f32]:f32[3])"), std::string::npos) << text;
}

TEST(CheckHir, LibraryBodiesAreCheckedOnlyWhenReached) {
    test::MemoryModules modules;
    modules.texts["std.x"] = "pub fn good() -> int { return 1 }\npub fn bad() -> int { return \"no\" }";
    EXPECT_EQ(test::Checked("import std.x\nfn main() { _ = good() }", modules).codes(), "");
    EXPECT_EQ(test::Checked("import std.x\nfn main() { _ = bad() }", modules).codes(), "T1201");
}

} // namespace
} // namespace parlane
