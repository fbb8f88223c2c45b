// Text to Pir to results: each test checks, proves, lowers, verifies and interprets a function of a small program.
#include "check_fixture.h"
#include "compiler/lower/lower.h"
#include "compiler/pir/interpret.h"
#include "compiler/pir/print.h"
#include "compiler/pir/verify.h"
#include "lang/access/proofs.h"

#include <gtest/gtest.h>

namespace parlane::test {
namespace {

struct LoweredProgram {
    explicit LoweredProgram(const std::string &text) : checked(text) {
        if (checked.emitter.hasErrors()) return;
        access::Proofs proofs = access::access(checked.program, checked.names, checked.emitter);
        if (checked.emitter.hasErrors()) return;
        lowered = lower::lower(checked.program, proofs, checked.names, checked.emitter);
        for (const std::string &message : pir::verify(lowered.module)) problems += message + "\n";
        problems += checked.rendered();
    }

    /// Result of `fn name() -> int`; the outcome if it fails. Nothing may be left allocated.
    int64_t call(const char *name) {
        EXPECT_TRUE(problems.empty() && !checked.emitter.hasErrors()) << problems << checked.rendered();
        pir::FunctionId id = lowered.module.find(name);
        if (!id.valid()) {
            ADD_FAILURE() << "no function " << name;
            return -1;
        }
        pir::Interpreter interpreter(lowered.module);
        int64_t result = 0;
        outcome = interpreter.run(id, {}, &result);
        fault = outcome ? interpreter.faultText() : "";
        EXPECT_EQ(interpreter.internalError(), "");
        EXPECT_EQ(pir::plainRuntimeLive(interpreter.context()), 0) << name;
        return result;
    }

    std::string text() const { return pir::print(lowered.module); }

    Checked checked;
    lower::Lowered lowered;
    std::string problems;
    int32_t outcome = 0;
    std::string fault;
};

/// The body of `export fn f() -> int`, which only exports keep alive without a main.
int64_t result(const std::string &text) { return LoweredProgram(text).call("f"); }

size_t count(const std::string &text, std::string_view what) {
    size_t n = 0;
    for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
    return n;
}

TEST(Lower, TargetIndicesComeBeforeTheValue) {
    EXPECT_EQ(result(R"(
fn step(inout k: int) -> int { k += 1; return k }
export fn f() -> int {
    var a = int[](4)
    var k = 0
    a[step(&k)] = step(&k)
    return a[1] * 10 + k
})"),
              22);
}

TEST(Lower, CompoundAssignmentReadsItsTargetBehindTheValue) {
    EXPECT_EQ(result(R"(
fn bump(inout a: int[]) -> int { a[0] = 5; return 1 }
export fn f() -> int {
    var a = int[](1)
    a[0] += bump(&a)
    return a[0]
})"),
              6);
}

TEST(Lower, CopyableArgumentsAreCopiedBeforeExclusiveAccessBegins) {
    EXPECT_EQ(result(R"(
fn grow(inout s: str, t: str) { s = "{s}{t}{t}" }
export fn f() -> int {
    var s = "abcdefghijklmnopqrstuvwxyz"
    grow(&s, s)
    return s.len
})"),
              78);
}

TEST(Lower, WhatATrapLeavesBehindIsDropped) {
    LoweredProgram program(R"(
fn pair(sink a: int[], b: int) -> int { return a.len + b }
export fn f() -> int {
    let text = "a text that is too long for the inline form"
    let a = [for i in 0..10 { "{text} {text}" }]
    return pair(int[](3), a[10].len)
})");
    program.call("f");
    EXPECT_EQ(program.outcome, 2);
    EXPECT_NE(program.fault.find("10, 10"), std::string::npos) << program.fault;
}

TEST(Lower, AThrownValueIsCaughtWithItsTypeAndItsText) {
    EXPECT_EQ(result(R"(
struct Missing { name: str }
fn missing() -> Missing { return Missing(name: "a name that is too long for the inline form") }
fn find(n: int) throws Missing -> int { if n > 2 { throw missing() }; return n }
fn any(n: int) throws -> int { return try find(n) }
export fn f() -> int {
    var sum = 0
    do { sum += try find(7) } catch e { sum += e.name.len }
    do { sum += try any(8) } catch e { sum += 100 * e.message.len }
    return sum + ((try? any(1)) ?? 50)
})"),
              43 + 6000 + 1);
}

TEST(Lower, SerialAndParallelFoldsHaveTheSameBits) {
    EXPECT_EQ(result(R"(
fn x(i: int) -> f64 { return f64(i % 7) * 0.1 + f64(i) * 1e-7 }
export fn f() -> int {
    var calls = 0
    let a = reduce(+) par for i in 0..9000 if i % 5 != 0 { x(i) }
    let b = reduce(+) for i in 0..9000 if i % 5 != 0 { calls += 1; x(i) }
    let c = reduce(+) par for i in 0..50, j in 0..i + 70 { x(i * j) * x(j) }
    let d = reduce(+) for i in 0..50, j in 0..i + 70 { calls += 1; x(i * j) * x(j) }
    var same = 0
    if bits<u64>(a) == bits<u64>(b) { same += 1 }
    if bits<u64>(c) == bits<u64>(d) { same += 2 }
    return same
})"),
              3);
}

TEST(Lower, OnlyASumWithOneProductAsWrittenIsFused) {
    LoweredProgram program(R"(
export fn f(a: f64, b: f64, c: f64) -> f64 { return (a * b) + c }
export fn g(a: f64, b: f64, c: f64) -> f64 { return a * b - c * a }
export fn h(a: f64, b: f64, c: f64) -> f64 { let p = a * b; return p + c }
export fn s(a: f64, b: f64) -> f64 { var t = 1.0; t -= a * b; return t }
)");
    EXPECT_EQ(program.problems, "");
    EXPECT_EQ(count(program.text(), " = fma "), 2u) << program.text();
}

TEST(Lower, ClosuresSpecialiseAndEndInPairs) {
    LoweredProgram program(R"(
fn deep(n: int, f: fn(int) -> int) -> int { if n == 0 { return f(0) }; return deep(n - 1, x => f(x) + 1) }
fn twice(x: int, f: fn(int) -> int) -> int { return f(f(x)) }
export fn f() -> int {
    let k = 3
    return deep(20, x => x + k) + twice(1, x => x * 10)
})");
    EXPECT_EQ(program.call("f"), 123);
    EXPECT_GE(count(program.text(), "call.closure"), 1u);
}

TEST(Lower, GenericsAreOneInstanceATypeAndOnlyTheReachedExist) {
    LoweredProgram program(R"(
fn larger<T: Ordered>(a: T, b: T) -> T { if a < b { return b }; return a }
fn unused() -> int { return larger(1, 2) }
export fn f() -> int { return larger(3, 4) + larger(5, 4) + int(larger(1.5, 3.0)) }
)");
    EXPECT_EQ(program.call("f"), 12);
    EXPECT_FALSE(program.lowered.module.find("unused").valid());
    EXPECT_TRUE(program.lowered.module.find("larger<int>").valid());
    EXPECT_TRUE(program.lowered.module.find("larger<f64>").valid());
}

TEST(Lower, CollectsThatGrowFilterAndSplitGiveTheirItemsInOrder) {
    EXPECT_EQ(result(R"(
export fn f() -> int {
    var seen = 0
    let a = [for i in 0..10 if i % 3 == 1 { seen += 1; "a text that is too long for the inline form" }]
    let b = [par for i in 0..10, j in 0..i { 10 * i + j }]
    let (u, v) = [par for i in 0..5 { (i, 2 * i) }]
    var order = 1
    for k in 1..b.len { if b[k - 1] >= b[k] { order = 0 } }
    return a.len * 1000 + seen * 100 + b.len + order + u[4] + v[4]
})"),
              3000 + 300 + 45 + 1 + 4 + 8);
}

TEST(Lower, ItemsOfAPipelineOwnWhatTravels) {
    EXPECT_EQ(result(R"(
export fn f() -> int {
    var total = 0
    pipeline i in 0..20 {
    stage parallel:
        let part = "a text that does not fit inline"
        let text = "{part}{part}"
        let cells = [for k in 0..i { k }]
    stage serial:
        if i % 4 == 0 { continue }
        total += text.len * 0 + cells.len
    }
    return total
})"),
              190 - 40);
}

TEST(Lower, BreakContinueAndReturnLeaveWhatTheyOwn) {
    EXPECT_EQ(result(R"(
fn find(n: int) -> int {
    for i in 0..100 {
        let part = "a text that is long enough for the heap"
        let text = "{part}{part}"
        if i < n { continue }
        if i == n { return text.len * 0 + i }
    }
    return -1
}
export fn f() -> int {
    var k = 0
    outer: while true {
        let row = int[](8)
        for j in 0..10 {
            let cell = int[](j)
            if j == 5 { break outer }
            k += row.len + cell.len * 0
        }
    }
    return find(7) + k
})"),
              47);
}

TEST(Lower, RangesByStepsAndOfNarrowTypesCountExactly) {
    EXPECT_EQ(result(R"(
fn count(lo: int, hi: int, by: int) -> int { var n = 0; for i in lo..hi by by { n += 1 }; return n }
export fn f() -> int {
    var n = 0
    for b in u8(250)..=255 { n += 1 }
    for d in i8(127)..-128 by -100 { n += 10 }
    return n * 1000 + count(0, 10, 3) * 100 + count(10, 0, -3) * 10 + count(0, 10, -1)
})"),
              36000 + 440);
}

TEST(Lower, AStepOfZeroTraps) {
    LoweredProgram program(R"(
fn zero() -> int { return 0 }
export fn f() -> int { var n = 0; for i in 0..10 by zero() { n += 1 }; return n }
)");
    program.call("f");
    EXPECT_EQ(program.outcome, 2);
    EXPECT_NE(program.fault.find("step"), std::string::npos) << program.fault;
}

TEST(Lower, EveryElementInAParallelBodyHasAVerdict) {
    LoweredProgram program(R"(
fn one(inout a: int[], i: int) { a[i] = i }
export fn f() -> int {
    var a = int[](100)
    par for i in 0..100 { one(&a, i) }
    par for &x in a { x += 1 }
    return reduce(+) par for x in a { x }
})");
    EXPECT_EQ(program.call("f"), 5050);
    EXPECT_GE(count(program.text(), "own=loop("), 2u) << program.text();
}

} // namespace
} // namespace parlane::test
