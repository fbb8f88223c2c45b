// Every rejection of check: the program, and the codes that it gets and no others.
#include "test/unit/check_fixture.h"

#include <gtest/gtest.h>

namespace parlane {
namespace {

struct Case {
    const char *codes;
    const char *text;
};

void PrintTo(const Case &one, std::ostream *) { (void)one; }

class Rejected : public testing::TestWithParam<Case> {};

TEST_P(Rejected, WithThisCode) {
    test::Checked checked(GetParam().text);
    EXPECT_EQ(checked.codes(), GetParam().codes) << GetParam().text << "\n" << checked.rendered();
}

const Case kNames[] = {
    {"T1001", R"(fn main() { print("{x}") })"},
    {"T1002", R"(fn f(x: Foo) {})"},
    {"T1003", R"(import nothing)"},
    {"T1010", R"(fn f(a: int, a: int) {})"},
    {"T1010", R"(fn f() { let a = 1; let a = 2; print("{a}") })"},
    {"T1010", R"(struct P { x: int, x: int })"},
    {"T1010", R"(const A = 1
const A = 2)"},
    {"T1010", R"(struct P { x: int }
enum P { A })"},
    {"T1011", R"(fn f<T>(a: T) {}
fn f<U>(b: U) {})"},
    {"T1012", R"(var n = 0
fn f() -> int { return n }
print("{f()}"))"},
    {"T1013", R"(fn main() { invoke { let a = 1; let b = a } })"},
    {"T1014", R"(print("a")
fn main() {})"},
    {"T1016", R"(fn main(n: int) {})"},
    {"T1017", R"(fn f() -> int)"},
    {"T1018", R"(fn +(a: int, b: int, c: int) -> int { return 1 })"},
    {"T1032", R"(fn +(a: int, b: int) -> int { return 1 })"},
    {"T1019", R"(export fn f<T>(x: T) {})"},
    {"T1020", R"(export fn f(g: fn(int) -> int) {})"},
    {"T1021", R"(const A = B + 1
const B = A)"},
    {"T1031", R"(struct A { b: B[] = [B()] }
struct B { a: A[] = [A()] }
fn f() { let a = A() })"},
    {"T1022", R"(fn f(n: int) -> int { return 1 }
fn g(a: int[f(3)]) {})"},
    {"T1024", R"(fn f() { for i in 0..3 { break outer } })"},
    {"T1026", R"(struct P { x: int }
fn f() { let a = P })"},
    {"T1027", R"(fn f() { let a = f })"},
    {"T1028", R"(fn f(a: int[]) { let z = zip(a, a) })"},
    {"T1029", R"(fn f() { let r = 0..3 })"},
    {"T1030", R"(fn f() { let a = 1 + _ })"},
};
INSTANTIATE_TEST_SUITE_P(Names, Rejected, testing::ValuesIn(kNames));

const Case kTypes[] = {
    {"T1101", R"(fn g() {}
fn f(x: g) {})"},
    {"T1102", R"(fn f(x: List) {})"},
    {"T1102", R"(struct P { x: int }
fn f(x: P<int>) {})"},
    {"T1103", R"(struct V<N: int> { x: f32[N] }
fn f(v: V<f32>) {})"},
    {"T1104", R"(fn f(v: List<3>) {})"},
    {"T1105", R"(fn f<T: Fast>(x: T) {})"},
    {"T1106", R"(fn f<T: Ordered>(x: T) {}
fn main() { f(int[](3)) })"},
    {"T1106", R"(struct S<T: Number> { x: T }
fn f(s: S<str>) {})"},
    {"T1107", R"(struct Tree { left: Tree?, right: Tree? })"},
    {"T1107 T1107", R"(struct A { b: B }
struct B { a: A })"},
    {"T1108", R"(fn f(x: int[,,,]) {})"},
    {"T1109", R"(fn f(x: int[100_000]) {})"},
    {"T1109", R"(fn f<N: int>() -> int { var a = f64[N](); return a.len }
fn g() -> int { return f<100_000>() })"},
    {"T1116", R"(fn f(x: int[3 - 4]) {})"},
    {"T1116", R"(fn f<N: int>(x: int[N]) -> int { var a = int[N - 3](); return a.len }
fn g() -> int { return f([1, 2]) })"},
    {"T1105", R"(fn f<T: Ordered + Printable>(a: T) {})"},
    {"T1106", R"(struct S<T: Ordered + Hash> { x: T }
fn f(s: S<f32>) {})"},
    {"T1109", R"(struct P { a: f64, b: u8 }
fn f() { let x = P[5000]() })"},
    {"T1110", R"(struct S { f: fn(int) -> int })"},
    {"T1110", R"(fn f() { let g = x => x })"},
    {"T1110", R"(fn f(g: fn(int) -> int) { let h = g })"},
    {"T1111", R"(enum E {})"},
    {"T1113", R"(fn f<T: Copy>(x: T, n: int) { if n > 0 { f((x, x), n - 1) } }
fn main() { f(1, 3) })"},
    {"T1115", R"(struct T<X> { a: List<T<X[]>> }
fn f(t: T<int>) -> bool { return t.a.len == 0 })"},
    {"T1114", R"(fn f<T>() -> T { return T() }
fn main() { _ = f() })"},
};
INSTANTIATE_TEST_SUITE_P(Types, Rejected, testing::ValuesIn(kTypes));

const Case kValues[] = {
    {"T1201", R"(fn f() { let a: int = 1.5 })"},
    {"T1201", R"(fn f(x: i32) -> i64 { return x })"},
    {"T1201", R"(fn f(a: int[]) -> int[] { return a })"},
    {"T1201", R"(fn f<T>(sink x: T) -> T { return x }
fn g(a: int[]) -> int[] { return f(a[1..2]) })"},
    {"T1202", R"(fn f() { let a: u8 = 256 })"},
    {"T1202", R"(fn f() { let a: f32 = 16_777_217 })"},
    {"T1202", R"(fn f() { let a = 9_223_372_036_854_775_808 })"},
    {"T1202", R"(fn f() { let a: u32 = -1 })"},
    {"T1202", R"(fn f() { let a = 100_000_000_000_000_000_000 })"},
    {"T1203", R"(fn f(a: int, b: f64) -> f64 { return a + b })"},
    {"T1203", R"(fn f<T: Ordered>(a: T, b: T) -> T { return a + b })"},
    {"T1203", R"(struct P { x: int }
fn f(a: P) -> P { return a + a })"},
    {"T1203", R"(fn f(a: int?) -> bool { return a > 3 })"},
    {"T1204", R"(fn f(a: str) { let b = -a })"},
    {"T1205", R"(fn f(a: int) { if a { } })"},
    {"T1206", R"(fn f(a: int[]) -> int { return a[1.5] })"},
    {"T1207", R"(fn f(a: int) -> int { return a ?? 1 })"},
    {"T1207", R"(fn f(a: int) { if let x = a { print("{x}") } })"},
    {"T1208", R"(fn f() { let a = none })"},
    {"T1209", R"(fn f(a: int) { let b = if a > 1 { a } else { "no" } })"},
    {"T1210", R"(fn f(a: int) { let b = if a > 1 { a } else { print("x") } })"},
    {"T1211", R"(fn f(a: int) -> int { if a > 1 { return 1 } })"},
    {"T1212", R"(fn f() -> int {
    return
    5
})"},
    {"T1213", R"(fn f() { return 5 })"},
    {"T1214", R"(fn g() {}
fn f() { let a = g() })"},
    {"T1215", R"(fn f(s: str) -> int { return int(s) })"},
    {"T1216", R"(fn f(x: f32) -> u64 { return bits<u64>(x) })"},
    {"T1217", R"(fn f(x: int) -> str { return str(x) })"},
    {"T1218", R"(fn f(s: str) { print("{s:.3f}") })"},
    {"T1218", R"(fn f<T: Number>(x: T) { print("{x:d}") })"},
    {"T1218", R"(fn f(x: int[]) { print("{x:3}") })"},
    {"T1219", R"(fn g() {}
fn f() { print("{g()}") })"},
    {"T1220", R"(fn f(x: List<int>) { let a = List<int>[](3, x) })"},
    {"T1221", R"(fn f() { let a = [[1, 2], [3]] })"},
    {"T1222", R"(fn f() { let a = [] })"},
    {"T1223", R"(struct P { x: int }
fn f(p: P) -> int { return p.y })"},
    {"T1223", R"(fn f(p: int[]) -> int { return p.rows })"},
    {"T1223", R"(fn f(p: (int, int)) -> int { return p.2 })"},
    {"T1224", R"(fn f(p: int) -> int { return p[0] })"},
    {"T1225", R"(fn f(p: int[,]) -> int { return p[0] })"},
    {"T1226", R"(fn f(p: int[,]) { let c = p[.., 0] })"},
    {"T1227", R"(fn f(p: int[]) { let c = p[0..4 by 2] })"},
    {"T1228", R"(fn f(p: str) { let c = p[0] })"},
    {"T1229", R"(fn g() -> int { return 1 }
fn f() { g() })"},
    {"T1230", R"(fn f(a: int) { a + 1 })"},
};
INSTANTIATE_TEST_SUITE_P(Values, Rejected, testing::ValuesIn(kValues));

const Case kCalls[] = {
    {"T1301", R"(fn f(a: int) { a(1) })"},
    {"T1302", R"(fn g(a: int) {}
fn f() { g(1, 2) })"},
    {"T1302", R"(enum E { A(int) }
fn f() { let e = A(1, 2) })"},
    {"T1303", R"(fn g(a: int) {}
fn g(a: str) {}
fn f() { g(true) })"},
    {"T1304", R"(fn g(a: u8) {}
fn g(a: i8) {}
fn f() { g(1) })"},
    {"T1305", R"(fn f(a: int[]) { a.push(1) })"},
    {"T1306", R"(fn g(inout a: int) {}
fn f() { var x = 1; g(x) })"},
    {"T1307", R"(fn g(a: int) {}
fn f() { var x = 1; g(&x) })"},
    {"T1308", R"(fn g(a: int) {}
fn f() { g(a: 1) })"},
    {"T1309", R"(struct P { x: int, y: int }
fn f() { let p = P(1, 2) })"},
    {"T1310", R"(struct P { x: int, y: int }
fn f() { let p = P(x: 1, x: 2) })"},
    {"T1311", R"(fn g(f: fn(int) -> int) -> int { return f(1) }
fn f() { let p = g((a, b) => a) })"},
    {"T1312", R"(fn g<T>(f: fn(T) -> int) -> int { return 1 }
fn f() { let p = g(a => 1) })"},
    {"T1313", R"(fn g(f: fn(int) -> int) -> int { return f(1) }
fn f() { let p = g((inout a: int) => 1) })"},
    {"T1314", R"(fn g(f: fn(int)) { f(1) }
fn f() { var n = 0; g(x => { n += x }) })"},
    {"T1315", R"(fn g() throws -> int { return 1 }
fn f() throws { let a = g() })"},
    {"T1316", R"(fn g() throws -> int { return 1 }
fn f() { let a = try g() })"},
    {"T1317", R"(struct E { a: int }
fn g() throws -> int { return 1 }
fn f() throws E { let a = try g() })"},
    {"T1318", R"(fn f() throws { throw "no" })"},
    {"T1319", R"(fn f() { do { print("a") } catch e { print("b") } })"},
    {"T1023", R"(const A = try parse<int>("3"))"},
};
INSTANTIATE_TEST_SUITE_P(Calls, Rejected, testing::ValuesIn(kCalls));

const Case kPlaces[] = {
    {"T1401", R"(fn f() { let a = 1; a = 2 })"},
    {"T1401", R"(fn f(a: int) { a = 2 })"},
    {"T1401", R"(fn f(a: int[]) { a[0] = 2 })"},
    {"T1401", R"(fn f(a: int[]) { for x in a { x = 2 } })"},
    {"T1402", R"(fn g(inout a: int) {}
fn f() { g(&(1 + 2)) })"},
    {"T1403", R"(fn f(rows: int[][]) -> int[] { return rows[0] })"},
    {"T1403", R"(struct S { a: int[] }
fn f(s: S) -> int[] { return s.a })"},
    {"T1403", R"(fn f(inout x: List<int>) -> List<int> { return x })"},
    {"T1404", R"(fn f(a: int[]) { var s = a[1..2] })"},
    {"T1404", R"(fn f(a: int[]) { let s = (a[1..2], 1) })"},
    {"T1405", R"(fn g() -> int[] { return int[](3) }
fn f() { let s = g()[1..2] })"},
    {"T1406", R"(fn f(inout a: int[]) { a = int[](3) })"},
    {"T1407", R"(fn f() { var s = "abc"; s.bytes[0] = 1 })"},
    {"T1408", R"(fn f() { var s = (1, 2); inout (a, b) = &s })"},
    {"T1409", R"(fn f() { var l = List<int>(); l.len = 3 })"},
};
INSTANTIATE_TEST_SUITE_P(Places, Rejected, testing::ValuesIn(kPlaces));

const Case kPatterns[] = {
    {"T1501", R"(enum E { A, B }
fn f(e: E) -> int { return match e { A => 1 } })"},
    {"T1501", R"(fn f(e: int) -> int { return match e { 0 => 1, 1..=9 => 2 } })"},
    {"T1501", R"(fn f(e: (bool, bool)) -> int { return match e { (true, _) => 1, (_, true) => 2 } })"},
    {"T1501", R"(fn f(e: int?) -> int { return match e { none => 1, 3 => 2 } })"},
    {"T1502", R"(enum E { A, B }
fn f(e: E) -> int { return match e { A => 1, _ => 2, B => 3 } })"},
    {"T1504", R"(fn f(e: int) -> int { return match e { "a" => 1, _ => 2 } })"},
    {"T1504", R"(fn f(e: int) { let (a, b) = e })"},
    {"T1505", R"(enum E { A, B }
fn f(e: E) -> int { return match e { C(1) => 1, _ => 2 } })"},
    {"T1505", R"(enum E { A, B }
fn f() { let e = E.C })"},
    {"T1506", R"(enum E { A }
enum F { A }
fn f() { let e = A })"},
    {"T1507", R"(enum E { A(int), B }
fn f(e: E) -> int { return match e { A(x, y) => 1, _ => 2 } })"},
    {"T1509", R"(enum E { A(int), B(int) }
fn f(e: E) -> int { return match e { A(x), B(x) => x } })"},
    {"T1510", R"(enum E { A(int), B }
fn f(e: E) { let A(x) = e })"},
    {"T1511", R"(fn f() { for &i in 0..3 { print("{i}") } })"},
    {"T1512", R"(fn f(a: int?) { let x = a else { print("none") } })"},
};
INSTANTIATE_TEST_SUITE_P(Patterns, Rejected, testing::ValuesIn(kPatterns));

const Case kLoops[] = {
    {"T1601", R"(fn f(a: int) { for x in a { print("{x}") } })"},
    {"T1613", R"(fn f(a: int[]) { var n = 0; let w = first for x in a reduce(+: n) { x } })"},
    {"T1603", R"(fn f(n: i32, m: int) { for x in n..m { print("{x}") } })"},
    {"T1603", R"(fn f() { for x in 0.5..2.5 { print("{x}") } })"},
    {"T1604", R"(struct S { n: int }
fn next(inout s: S) -> int? { return none }
fn f() { par for x in S(n: 1) { print("{x}") } })"},
    {"T1605", R"(fn f(a: int[]) { for sink x in a { print("{x}") } })"},
    {"T1606", R"(fn f(a: int[]) { for r in a.rows() { print("{r.len}") } })"},
    {"T1607", R"(fn f(a: int[]) { let b = [for x in a { print("{x}") }] })"},
    {"T1608", R"(fn f(a: str[]) { let b = reduce(*) for x in a { x } })"},
    {"T1620", R"(fn f(n: int) -> int { var k = n; let s = reduce((x, y) => x + y + k) for i in 0..n { i }; k = 0; return s + k })"},
    {"T1620", R"(fn f(n: int) -> int { return reduce((x, y) => x + y + i) for i in 0..n { i } })"},
    {"T1609", R"(fn bad(a: int) -> int { return a }
fn f(a: int[]) { let b = reduce(bad) for x in a { x } })"},
    {"T1610", R"(fn f(a: int[]) { let b = reduce(min, max) for x in a { x } })"},
    {"T1611", R"(fn f(a: int[]) { var b = int[](3); par for x in a reduce(+: b[0]) { b[0] += x } })"},
    {"T1612", R"(fn f(a: int[]) { var b = 0; par for x in a reduce(+: b, max: b) { b += x } })"},
    {"T1614", R"(fn f(a: int[]) { var b = 0; par for x in a { atomic b *= x } })"},
    {"T1615", R"(fn f(a: f64[]) { var b: f64 = 0; par for x in a { atomic b += x } })"},
    {"T1616", R"(fn f(p: int[]) { var b = int[][](9); par for i in 0..9 { disjoint b[p[i]] = int[](i) } })"},
    {"T1617", R"(fn f(a: int[]) -> int { par for x in a { return x }; return 0 })"},
    {"T1617", R"(fn f(a: int[]) { par for x in a { break } })"},
    {"T1617", R"(fn f() -> int { invoke { return 1 }; return 0 })"},
    {"T1618", R"(fn f() { break })"},
    {"T1619", R"(fn f(a: int[]) { let b = [for x in a { if x > 1 { continue }; x }] })"},
};
INSTANTIATE_TEST_SUITE_P(Loops, Rejected, testing::ValuesIn(kLoops));

TEST(CheckLimits, AnEnumHasAtMost256Cases) {
    std::string text = "enum E { ";
    for (int i = 0; i < 257; ++i) text += "C" + std::to_string(i) + ", ";
    EXPECT_EQ(test::Checked(text + "}").codes(), "T1112");
}

/// Seven pigeons in six holes: every value is covered, but no short proof of it is known.
TEST(CheckLimits, AMatchThatIsTooHardToCompareIsAnError) {
    constexpr int kPigeons = 7, kHoles = 6;
    auto row = [&](auto &&pattern) {
        std::string out = "(";
        for (int p = 0; p < kPigeons; ++p)
            for (int h = 0; h < kHoles; ++h) out += std::string(p + h ? ", " : "") + pattern(p, h);
        return out + ") => 1\n";
    };
    std::string text = "fn f(v: " + row([](int, int) { return "bool"; });
    text.resize(text.find(" =>"));
    text += ") -> int { return match v {\n";
    for (int i = 0; i < kPigeons; ++i) text += row([&](int p, int) { return p == i ? "false" : "_"; });
    for (int hole = 0; hole < kHoles; ++hole)
        for (int i = 0; i < kPigeons; ++i)
            for (int j = 0; j < i; ++j) text += row([&](int p, int h) { return h == hole && (p == i || p == j) ? "true"
                : "_"; });
    EXPECT_EQ(test::Checked(text + "} }").codes(), "T1503");
}

TEST(CheckModules, PrivateAndClashingNamesAreSaidWhereTheyAreUsed) {
    test::MemoryModules modules;
    modules.texts["a"] =
        "pub fn f() -> int { return 1 }\nfn hidden() {}\npub struct P { private x: int }\npub const C = 1";
    modules.texts["b"] = "pub fn f() -> int { return 2 }\npub const C = 2";
    auto codes = [&](const std::string &body) { return test::Checked("import a\nimport b\nfn main() { " + body + " }",
        modules).codes(); };
    EXPECT_EQ(codes("print(\"{a.f() + b.f()}\")"), "");
    EXPECT_EQ(codes("print(\"{f()}\")"), "T1007");
    EXPECT_EQ(codes("print(\"{C}\")"), "T1007");
    EXPECT_EQ(codes("a.hidden()"), "T1005");
    EXPECT_EQ(codes("a.nothing()"), "T1004");
    EXPECT_EQ(codes("let p = a.P(); print(\"{p.x}\")"), "T1006");
    EXPECT_EQ(codes("let p = a"), "T1025");
}

TEST(CheckModules, AnImportWithoutANameIsASyntaxError) {
    EXPECT_EQ(test::Checked("import 3\nfn main() {}").codes().substr(0, 1), "P");
}

TEST(CheckModules, CyclesAndStatementsInModulesAreErrors) {
    test::MemoryModules modules;
    modules.texts["a"] = "import b";
    modules.texts["b"] = "import a";
    modules.texts["s"] = "print(\"hello\")";
    EXPECT_EQ(test::Checked("import a\nfn main() {}", modules).codes(), "T1008");
    EXPECT_EQ(test::Checked("import s\nfn main() {}", modules).codes(), "T1015");
}

TEST(CheckModules, AChainOfImportsThatNeverEndsIsAnError) {
    struct Endless : test::MemoryModules {
        std::expected<check::ModuleText, std::string> find(std::string_view name, std::string_view importer) override {
            if (name.starts_with("std.")) return MemoryModules::find(name, importer);
            return check::ModuleText{std::string(name) + ".par", "import " + std::string(name) + "x\n"};
        }
    } endless;
    source::SourceMap sources;
    Interner names;
    diag::Emitter emitter;
    source::FileId file = sources.add("main.par", "import x\n");
    (void)check::check(sources, names, endless, {file}, emitter);
    ASSERT_EQ(emitter.sorted().size(), 1u);
    EXPECT_EQ(emitter.sorted()[0].code, diag::Code::ImportsTooDeep);
}

} // namespace
} // namespace parlane
