#include "test/unit/parse_testing.h"

namespace parlane::parse {
namespace {

using testing_::Parsed;

std::string tree(std::string text) {
    Parsed parsed(std::move(text));
    EXPECT_EQ(parsed.errors(), "") << parsed.sources.file(parsed.file).text;
    return parsed.tree();
}
std::string errors(std::string text) { return Parsed(std::move(text)).errors(); }

TEST(ParseExpr, PrecedenceIsThatOfTheReference) {
    EXPECT_EQ(tree("a + b * c - d"), "(- (+ a (* b c)) d)");
    EXPECT_EQ(tree("a << 1 + b & c ^ d | e"), "(| (^ (& (<< a (+ 1 b)) c) d) e)");
    EXPECT_EQ(tree("a & b == c && d || e ?? f"), "(?? (|| (&& (== (& a b) c) d) e) f)");
    EXPECT_EQ(tree("a ?? b ?? c"), "(?? a (?? b c))");
    EXPECT_EQ(tree("-a.b!(c)[d]"), "(- (index (call (unwrap (.b a)) c) d))");
    EXPECT_EQ(tree("a >> b > c"), "(> (>> a b) c)");
    EXPECT_EQ(tree("x => a + b"), "(=> (x) (+ a b))");
    EXPECT_EQ(tree("0..n + 1 by 2"), "(.. 0 (+ n 1) (by 2))");
    EXPECT_EQ(tree("try f(x) + try? g()!"), "(+ (try (call f x)) (try? (unwrap (call g))))");
    EXPECT_EQ(tree("!a && ~b == -1"), "(&& (! a) (== (~ b) (- 1)))");
}

TEST(ParseExpr, TypeArgumentsOnlyInFrontOfACallIndexOrMember) {
    EXPECT_EQ(tree("f<int>(x)"), "(call (generic f int) x)");
    EXPECT_EQ(tree("Map<K, List<V>>()"), "(call (generic Map K (List V)))");
    EXPECT_EQ(tree("m.f<3>(x)"), "(call (generic (.f m) 3) x)");
    EXPECT_EQ(tree("a < b"), "(< a b)");
    EXPECT_EQ(tree("f(a < b, c > d)"), "(call f (< a b) (> c d))");
    EXPECT_EQ(tree("List<int>[](n)"), "(call (type ([] (List int))) n)");
    EXPECT_EQ(tree("f<fn(inout V, int) -> W, (A, B)[,]?>(x)"),
              "(call (generic f (fn ((inout V) int) (-> W)) (? ([,] (tuple A B)))) x)");
}

TEST(ParseExpr, TypesStandForConversionsAndArrays) {
    EXPECT_EQ(tree("f32(x)"), "(call (type f32) x)");
    EXPECT_EQ(tree("f32[,](h, w)"), "(call (type ([,] f32)) h w)");
    EXPECT_EQ(tree("int[256]()"), "(call (type (fixed int 256)))");
    EXPECT_EQ(tree("P[](n)"), "(call (type ([] P)) n)");
    EXPECT_EQ(tree("P[][](n)"), "(call (type ([] ([] P))) n)");
    EXPECT_EQ(tree("P[4](n)"), "(call (index P 4) n)");
    EXPECT_EQ(tree("m.P?[](n)"), "(call (type ([] (? m.P))) n)");
    EXPECT_EQ(tree("(int, f32)[](n)"), "(call (type ([] (tuple int f32))) n)");
}

TEST(ParseExpr, IndicesCallsTuplesAndStrings) {
    EXPECT_EQ(tree("a[..k, k.., .., i]"), "(index a (.. _ k) (.. k _) (.. _ _) i)");
    EXPECT_EQ(tree("f(&a[..k], x: 1, y => y,)"), "(call f (inout (index a (.. _ k))) (x: 1) (=> (y) y))");
    EXPECT_EQ(tree("t.0.1"), "(.1 (.0 t))");
    EXPECT_EQ(tree("()"), "(tuple)");
    EXPECT_EQ(tree("[[a, b], [c, d],]"), "(array (array a b) (array c d))");
    EXPECT_EQ(tree(R"("a{x:>5}{"b{y}"}\n")"), R"((string "a" (format ">5" x) (string "b" y) "\x0a"))");
    EXPECT_EQ(tree(R"(r"\{" + "" + '\n')"), R"((+ (+ "\\{" "") byte:10))");
    EXPECT_EQ(tree("18_446_744_073_709_551_616"), "18446744073709551616");
    EXPECT_EQ(tree("1.5e3 + 1_0.5"), "(+ 1.5e3 10.5)");
}

TEST(ParseExpr, ControlHasValues) {
    EXPECT_EQ(tree("let a = if b { 1 } else if let x = c { 2 } else { 3 }"),
              "(let a (if b (block 1) (if (let x c) (block 2) (block 3))))");
    EXPECT_EQ(tree("match x {\n 1, 2 => a\n 3..=5 if ok => b\n LO.. => c\n S.A(&p) => return p\n -1 => y => y\n _ => { "
                   "d }\n}"),
              "(match x (case (any (is 1) (is 2)) a) (case (..= 3 5) (if ok) b) (case (.. LO _) c) (case (S.A (& p)) "
              "(block (return p))) (case (is (- 1)) (=> (y) y)) (case _ (block d)))");
    EXPECT_EQ(tree("match x { A => 1, B => 2; C => 3 }"), "(match x (case A 1) (case B 2) (case C 3))");
    EXPECT_EQ(tree("let a = do { try f() } catch e { 0 }"), "(let a (do (block (try (call f))) (catch e (block 0))))");
    EXPECT_EQ(tree("(a, inout b: int, _) => { b += a }"), "(=> (a (inout (: b int)) _) (block (+= b a)))");
    EXPECT_EQ(tree("f(x => total += x)"), "(call f (=> (x) (block (+= total x))))");
}

TEST(ParseLoop, EveryForm) {
    EXPECT_EQ(tree("par for i in 0..n, j in 0..=i if i != j reduce(+: a, merge: b.c) { }"),
              "(par for (in i (.. 0 n)) (in j (..= 0 i)) (if (!= i j)) (into + a) (into merge (.c b)) (block))");
    EXPECT_EQ(tree("simd par for (x, &y) in zip(xs, &ys) { y = x }"),
              "(simd par for (in (tuple x (& y)) (call zip xs (inout ys))) (block (= y x)))");
    EXPECT_EQ(tree("for &x in &xs { }"), "(for (in (& x) & xs) (block))");
    EXPECT_EQ(tree("for sink x in xs { }"), "(for (in x sink xs) (block))");
    EXPECT_EQ(tree("for line in try lines(p) { }"), "(for (in line try (call lines p)) (block))");
    EXPECT_EQ(tree("let a = [par for i in 0..n { i }]"), "(let a (par collect (in i (.. 0 n)) (block i)))");
    EXPECT_EQ(tree("let a = reduce(min, max) par for v in x { (v, v) }"),
              "(let a (par reduce (ops min max) (in v x) (block (tuple v v))))");
    EXPECT_EQ(tree("let a = scan(+) for v in x { v }"), "(let a (scan (ops +) (in v x) (block v)))");
    EXPECT_EQ(tree("let a = scan_inclusive(m.f) par for v in x { v }"),
              "(let a (par scan_inclusive (ops (.f m)) (in v x) (block v)))");
    EXPECT_EQ(tree("let a = first par for i in 0..n if x[i] == k { i }"),
              "(let a (par first (in i (.. 0 n)) (if (== (index x i) k)) (block i)))");
    EXPECT_EQ(tree("outer: for i in a { outer2: while b { break outer } }"),
              "(for (label outer) (in i a) (block (while (label outer2) b (block (break outer)))))");
    EXPECT_EQ(tree("while let x = next() { continue }"), "(while (let x (call next)) (block (continue)))");
}

TEST(ParseStmt, AssignmentsAndClaims) {
    EXPECT_EQ(tree("a min= b; c max= d; e >>= 1; f &&= g; h ||= i"),
              "(min= a b) (max= c d) (>>= e 1) (&&= f g) (||= h i)");
    EXPECT_EQ(tree("atomic a[i] += 1; atomic b min= 2; disjoint c[p[i]] = 3"),
              "(atomic (+= (index a i) 1)) (atomic (min= b 2)) (disjoint (= (index c (index p i)) 3))");
    EXPECT_EQ(tree("(a, b[0]) = (b[0], a); _ = f(); (a, _) = g()"),
              "(= (tuple a (index b 0)) (tuple (index b 0) a)) (= _ (call f)) (= (tuple a _) (call g))");
    EXPECT_EQ(tree("inout s = &a[..k]; let Some(x): T = f() else { return }"),
              "(inout s (index a (.. _ k))) (let (Some x) (: T) (call f) (else (block (return))))");
}

TEST(ParseStmt, InvokeAndPipelines) {
    EXPECT_EQ(tree("invoke { f(&a); let b = g() }"), "(invoke (block (call f (inout a)) (let b (call g))))");
    EXPECT_EQ(
        tree("pipeline b in try chunks(p, 1 << 20) limit(32) {\nstage parallel:\n let d = h(b)\nstage unordered: f(d)\n"
             "stage serial:\n}"),
        "(pipeline (in b try (call chunks p (<< 1 20))) (limit 32) (stage parallel (block (let d (call h b)))) "
        "(stage unordered (block (call f d))) (stage serial (block)))");
    EXPECT_EQ(tree("pipeline while let x = r.next() {\nstage serial:\n f(x) }"),
              "(pipeline while (in x (call (.next r))) (stage serial (block (call f x))))");
}

TEST(ParseStmt, ContextualWordsAreOrdinaryNamesElsewhere) {
    EXPECT_EQ(tree("limit = first + reduce(a) + scan(b, c) + stage * by"),
              "(= limit (+ (+ (+ first (call reduce a)) (call scan b c)) (* stage by)))");
    EXPECT_EQ(tree("test.bench(disjoint, atomic); atomic = 1; disjoint[0] += 2; atomic min= 3"),
              "(call (.bench test) disjoint atomic) (= atomic 1) (+= (index disjoint 0) 2) (min= atomic 3)");
    EXPECT_EQ(tree("let (serial, parallel, unordered) = (link, pure, on); min = max"),
              "(let (tuple serial parallel unordered) (tuple link pure on)) (= min max)");
    EXPECT_EQ(tree("fn first(by: stage) -> reduce { on(by) }"),
              "(fn first ((: by stage)) (-> reduce) (block (call on by)))");
    EXPECT_EQ(tree("import c\nimport c.d"), "(import c) (import c.d)");
}

TEST(ParseItem, Declarations) {
    EXPECT_EQ(
        tree("/// Adds.\n/// Twice.\npub fn f<T: Ordered, N: int>(a: T[N], inout b: T, sink c: T[]) throws E -> T? { a "
             "}"),
        "(doc \"Adds.\\x0aTwice.\" (pub fn f (types (: T Ordered) (: N int)) ((: a (fixed T N)) (inout (: b T)) (sink "
        "(: c ([] T)))) (throws E) (-> (? T)) (block a)))");
    EXPECT_EQ(tree("fn sqrt(x: f64) -> f64\nfn f() throws\nfn >>(a: V, b: V) -> V { a }"),
              "(fn sqrt ((: x f64)) (-> f64)) (fn f () throws) (fn >> ((: a V) (: b V)) (-> V) (block a))");
    EXPECT_EQ(tree("pub struct P<T> { x: T, private y: List<T>\n z: int? = none }"),
              "(pub struct P (types T) (: x T) (private : y (List T)) (: z (? int) none))");
    EXPECT_EQ(tree("enum S { Empty, Circle(f32)\n Rect(f32, f32), }"), "(enum S (Empty) (Circle f32) (Rect f32 f32))");
    EXPECT_EQ(tree("const N: int = 3\npub const M = N\ntest \"a b\" { }\nbench \"c\" { f() }"),
              "(const N (: int) 3) (pub const M N) (test \"a b\" (block)) (bench \"c\" (block (call f)))");
    EXPECT_EQ(tree("import c \"zlib.h\" link \"z\" pure { crc32, adler32 }"),
              "(import-c \"zlib.h\" (link \"z\") (pure crc32) (pure adler32))");
    EXPECT_EQ(tree("fn f(g: fn(inout V, V), h: fn() throws -> int, _: (A, B)[3,3])").substr(0, 3), "(fn");
}

TEST(ParseErrors, AreAtThePlaceAndDoNotCascade) {
    EXPECT_EQ(errors("let x = "), "1:9 UnexpectedToken");
    EXPECT_EQ(errors("fn f() {\n  let = 3\n  g(1 2)\n  h()\n}\nfn 3() { }\nlet y = 1"),
              "2:7 UnexpectedToken, 3:7 UnexpectedToken, 6:4 UnexpectedToken");
    EXPECT_EQ(errors("a b"), "1:3 StatementNeedsEnd");
    EXPECT_EQ(errors("a < b < c"), "1:7 ComparisonChain");
    EXPECT_EQ(errors("(a < b) == c"), "");
    EXPECT_EQ(errors("at[i] = atomic n += 1"), "1:9 AtomicHasNoValue");
    EXPECT_EQ(errors("f() = 3; a + b += 1; atomic (a, b) = 2"), "1:1 NotAPlace, 1:10 NotAPlace, 1:22 NotAPlace");
    EXPECT_EQ(errors("let match = 1"), "1:5 ReservedName");
    EXPECT_EQ(errors("fn f() { fn g() { } }"), "1:10 MisplacedItem");
    EXPECT_EQ(errors("fn ==(a: V, b: V) -> bool { true }"), "1:4 BadOperatorName");
    EXPECT_EQ(errors("let s = reduce(-) par for x in xs { x }"), "1:16 BadFold");
    EXPECT_EQ(errors("let s = reduce(+) xs"), "1:9 NotAFoldLoop");
    EXPECT_EQ(errors("var x: int"), "1:1 NeedsInitialiser");
    EXPECT_EQ(errors("par for i in 0..n on gpu { }"), "1:22 NotSupportedYet");
    EXPECT_EQ(errors("par for i in 0..n on mars { }"), "1:22 UnknownPlace");
    EXPECT_EQ(errors("simd for i in 0..n { }"), "1:1 BadModifier");
    EXPECT_EQ(errors("let a = &b"), "1:9 MisplacedMode");
    EXPECT_EQ(errors("let a = \"{}{:3}\""), "1:10 EmptyInterpolation, 1:12 EmptyInterpolation");
    EXPECT_EQ(errors("let a = \"{x y}\" + 1"), "1:13 UnexpectedToken");
    EXPECT_EQ(errors("pipeline x in xs { }"), "1:1 NoStages");
    EXPECT_EQ(errors("pipeline x in xs {\n f(x)\nstage serial:\n g(x) }"), "2:2 StatementBeforeStage");
    EXPECT_EQ(errors("export struct S { }"), "1:1 BadModifier");
    EXPECT_EQ(errors("var x = y else { return }"), "1:11 ElseOnLet");
    EXPECT_EQ(errors("let a = for i in 0..3 { i }"), "1:9 UnexpectedToken");
    EXPECT_EQ(errors("match x {\n A > b\n B => 3\n C = 4\n}\nlet y = 2"), "2:4 UnexpectedToken, 4:4 UnexpectedToken");
    EXPECT_EQ(errors("struct S { a int, b: int }\nlet x = 1"), "1:14 UnexpectedToken");
    EXPECT_EQ(errors("f(x)[]"), "1:6 UnexpectedToken");
}

TEST(ParseErrors, HabitsFromOtherLanguagesGetAdvice) {
    auto advice = [](std::string text) {
        Parsed parsed(std::move(text));
        auto all = parsed.emitter.sorted();
        return all.empty() || all[0].fixes.empty() ? std::string() : all[0].fixes[0].text;
    };
    EXPECT_EQ(advice("i++"), "write `x += 1`; there is no `++`");
    EXPECT_EQ(advice("if a = b { }"), "to compare, write `==`");
    EXPECT_EQ(advice("let mut x = 1"), "a variable that changes is a `var`");
    EXPECT_EQ(advice("def f(x) { }"), "functions begin with `fn`");
    EXPECT_EQ(advice("fn f(x: int): int { }"), "the result of a function stands behind `->`");
    EXPECT_EQ(advice("if a and b { }"), "write `&&`");
    EXPECT_EQ(advice("let x = a\n  + b"),
              "a line cannot begin with this operator; put it at the end of the line before");
    EXPECT_EQ(advice("let x = c ? a : b"), "a choice is `if c { a } else { b }`");
    EXPECT_EQ(advice("for (i = 0; i < n; i += 1) { }"), "a loop is `for i in 0..n { … }`");
    EXPECT_EQ(errors("let x = disjoint a[0] = 1"), "1:9 AssignmentHasNoValue");
}

TEST(ParseErrors, AMissingBraceEndsAtTheNextDeclaration) {
    Parsed parsed("fn f() {\n  if a {\n  g()\n}\nfn h() { }\n");
    EXPECT_EQ(parsed.errors(), "1:8 Unclosed");
    EXPECT_EQ(parsed.ast.top.size(), 2u);
}

TEST(ParseErrors, WhatFollowsAnErrorIsStillParsed) {
    Parsed parsed("fn f() { let x = ] }\nfn g() { h( }\nfn i() -> int { 3 }");
    EXPECT_EQ(parsed.ast.top.size(), 3u);
    EXPECT_NE(parsed.tree().find("(fn i () (-> int) (block 3))"), std::string::npos);
}

} // namespace
} // namespace parlane::parse
