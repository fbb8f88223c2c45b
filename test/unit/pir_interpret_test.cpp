#include "compiler/pir/interpret.h"
#include "compiler/pir/parse.h"
#include "compiler/pir/print.h"
#include "compiler/pir/verify.h"

#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>

using namespace parlane;
using namespace parlane::pir;

namespace {

/// Text of Pir, verified, with an interpreter; nothing may be alive at the end.
class Program {
public:
    explicit Program(std::string_view text) : module(read(text)), interpreter(module) {
        for (const std::string &message : verify(module)) ADD_FAILURE() << message;
        EXPECT_EQ(print(*parse(print(module))), print(module));
    }
    ~Program() { EXPECT_EQ(plainRuntimeLive(interpreter.context()), 0) << "memory is left"; }

    int32_t run(std::string_view name, std::vector<const void *> arguments = {}, void *result = nullptr) {
        return interpreter.run(module.find(name), arguments, result);
    }
    template <class R = int64_t, class... A> R call(std::string_view name, A... arguments) {
        R result{};
        int32_t outcome = run(name, {static_cast<const void *>(&arguments)...}, &result);
        EXPECT_EQ(outcome, PAR_OK) << interpreter.faultText();
        return result;
    }

    Module module;
    Interpreter interpreter;

private:
    static Module read(std::string_view text) {
        auto result = parse(text);
        if (!result) {
            ADD_FAILURE() << result.error().line << ":" << result.error().column << ": " << result.error().message;
            std::abort();
        }
        return std::move(*result);
    }
};

template <class T> struct View {
    T *data;
    int64_t n;
};

constexpr std::string_view kFib = R"(fn @fib(%n: i64) -> i64 {level=0} {
  %two = const 2 : i64
  %small = lt %n, %two : bool
  if %small {
    then {
      return %n
    }
  }
  %one = const 1 : i64
  %a = sub %n, %one : i64
  %x = call %a {callee=@fib} : i64
  %b = sub %n, %two : i64
  %y = call %b {callee=@fib} : i64
  %s = add %x, %y : i64
  return %s
}
)";

} // namespace

TEST(PirInterpret, calls_itself) {
    Program p(kFib);
    EXPECT_EQ(p.call<int64_t>("fib", int64_t{20}), 6765);
}

TEST(PirInterpret, too_deep_recursion_is_a_trap) {
    Program p(R"(fn @f(%n: i64) -> i64 {level=0} {
  %x = call %n {callee=@f} : i64
  return %x
}
)");
    int64_t n = 1;
    EXPECT_EQ(p.run("f", {&n}, &n), PAR_TRAPPED);
    EXPECT_EQ(p.interpreter.fault().trap, uint32_t{PAR_TRAP_stack});
}

TEST(PirInterpret, loops_sum_in_slots) {
    Program p(R"(fn @sum(%xs: view<i32,1>) -> i32 {level=0} {
  %s = slot : ref<i32>
  %zero = const 0 : i64
  %one = const 1 : i64
  %n = extent %xs {dim=0} : i64
  for %zero, %n, %one {
    body (%i: i64) {
      %p = elem %xs, %i {bounds=checked, own=read} : ref<i32>
      %x = load %p : i32
      %old = load %s : i32
      %new = add %old, %x : i32
      store %s, %new
    }
  }
  %r = load %s : i32
  return %r
}
)");
    std::vector<int32_t> data(1000);
    for (int i = 0; i < 1000; ++i) data[static_cast<size_t>(i)] = i;
    EXPECT_EQ((p.call<int32_t>("sum", View<int32_t>{data.data(), 1000})), 499500);
}

TEST(PirInterpret, traps_name_values_and_iterations) {
    Program p(R"(fn @f(%xs: view<i32,1>, %n: i64) {level=0} {
  par.for L0 %n, %n {rank=2} {
    checked (%i: i64, %j: i64) {
      iteration %i, %j
      %ten = const 10 : i64
      %m = mul %i, %ten : i64
      %at = add %m, %j : i64
      %s = slot : ref<str>
      %t = const "some text that is too long to be inline" : str
      store %s, %t
      %p = elem %xs, %at {bounds=checked, own=loop(L0)} : ref<i32>
      %one = const 1 : i32
      store %p, %one
    }
  }
  return
}
)");
    std::vector<int32_t> data(37);
    View<int32_t> xs{data.data(), 37};
    int64_t n = 10;
    EXPECT_EQ(p.run("f", {&xs, &n}), PAR_TRAPPED);
    EXPECT_EQ(p.interpreter.faultText(), "trap index: 37, 37, 0 at ?; iteration 3 of ?; iteration 7 of ?");
    EXPECT_EQ(data[36], 1);
}

TEST(PirInterpret, thrown_values_are_caught_and_slots_dropped) {
    Program p(R"(struct $Error {message: str}

fn @thrower(%n: i64) -> i64 throws $Error {level=0} {
  %text = slot : ref<array<i64,1>>
  %a = array %n : array<i64,1>
  store %text, %a
  %zero = const 0 : i64
  %bad = lt %zero, %n : bool
  if %bad {
    then {
      %m = const "no good" : str
      %e = tuple %m : $Error
      throw %e
    }
  }
  return %n
}

fn @catcher(%n: i64) -> i64 {level=0} {
  %r = try : i64 {
    body {
      %x = call %n {callee=@thrower} : i64
      yield %x
    }
    catch (%e: $Error) {
      %kept = slot : ref<$Error>
      store %kept, %e
      %q = field %kept {field=0} : ref<str>
      %v = view %q : view<u8,1>
      %len = extent %v {dim=0} : i64
      yield %len
    }
  }
  return %r
}
)");
    EXPECT_EQ(p.call<int64_t>("catcher", int64_t{5}), 7);
    EXPECT_EQ(p.call<int64_t>("catcher", int64_t{0}), 0);
    int64_t n = 3;
    EXPECT_EQ(p.run("thrower", {&n}, &n), PAR_THROWN);
}

namespace {

constexpr std::string_view kFold = R"(fn @sum(%xs: view<f32,1>) -> f32 {level=0} {
  %n = extent %xs {dim=0} : i64
  %s = par.fold %n {rank=1, ops=[add]} : f32 {
    checked (%i: i64) {
      iteration %i
      %p = elem %xs, %i {bounds=proved, own=read} : ref<f32>
      %x = load %p : f32
      yield %x
    }
  }
  return %s
}

fn @dot_max(%xs: view<f32,1>, %ys: view<f32,1>) -> tuple<f32,f32> {level=0} {
  %n = extent %xs {dim=0} : i64
  %s = par.fold L0 %n {rank=1, ops=[fma,max]} : tuple<f32,f32> {
    checked (%i: i64) {
      iteration %i
      %p = elem %xs, %i {bounds=proved, own=read} : ref<f32>
      %x = load %p : f32
      %q = elem %ys, %i {bounds=proved, own=read} : ref<f32>
      %y = load %q : f32
      %zero = const 0 : f32
      %neg = lt %x, %zero : bool
      if %neg {
        then {
          again {target=L0}
        }
      }
      yield %x, %y, %y
    }
  }
  return %s
}
)";

/// The order of the language page, written down a second time.
template <class T, class Value> T reference(int64_t n, int64_t lanes, Value value) {
    if (n <= lanes) {
        T s = -0.0;
        for (int64_t i = 0; i < n; ++i) s = value(i, s);
        return s + T(0);
    }
    std::vector<T> blocks;
    for (int64_t b = 0; b < n; b += 4096) {
        std::vector<T> partials(static_cast<size_t>(lanes), T(-0.0));
        for (int64_t i = b; i < std::min(n, b + 4096); ++i) {
            T &s = partials[static_cast<size_t>((i - b) % lanes)];
            s = value(i, s);
        }
        for (int64_t half = lanes / 2; half; half /= 2)
            for (int64_t j = 0; j < half; ++j) partials[static_cast<size_t>(j)] += partials[static_cast<size_t>(j + half)];
        blocks.push_back(partials[0]);
    }
    auto tree = [&](auto &&self, size_t lo, size_t hi) -> T {
        if (hi - lo == 1) return blocks[lo];
        size_t split = 1;
        while (split * 2 < hi - lo) split *= 2;
        return self(self, lo, lo + split) + self(self, lo + split, hi);
    };
    return tree(tree, 0, blocks.size()) + T(0);
}

} // namespace

TEST(PirInterpret, folds_have_the_order_of_the_language) {
    Program p(kFold);
    for (int64_t n : {0, 1, 63, 64, 65, 4095, 4096, 4097, 30000, 65536, 100001}) {
        std::vector<float> xs(static_cast<size_t>(n)), ys(static_cast<size_t>(n));
        for (size_t i = 0; i < xs.size(); ++i) {
            xs[i] = std::sin(static_cast<float>(i)) * 1e3f;
            ys[i] = std::cos(static_cast<float>(i) * 1.7f);
        }
        float want = reference<float>(n, 64, [&](int64_t i, float s) { return s + xs[static_cast<size_t>(i)]; });
        EXPECT_EQ((p.call<float>("sum", View<float>{xs.data(), n})), want) << n;
        auto got = p.call<std::array<float, 2>>("dot_max", View<float>{xs.data(), n}, View<float>{ys.data(), n});
        float dot = reference<float>(n, 64, [&](int64_t i, float s) {
            auto k = static_cast<size_t>(i);
            return xs[k] < 0 ? s : std::fma(xs[k], ys[k], s);
        });
        EXPECT_EQ(got[0], dot) << n;
    }
}

TEST(PirInterpret, a_fold_by_a_function_concatenates_in_order) {
    Program p(R"(fn @join(%n: i64) -> str {level=0} {
  %s = par.fold L0 %n {rank=1, ops=[fn]} : str {
    checked (%i: i64) {
      iteration %i
      %three = const 3 : i64
      %r = rem %i, %three : i64
      %t = slot : ref<str>
      switch %r {
        case 0 {
          %a = const "a" : str
          store %t, %a
        }
        case 1 {
          %b = const "b" : str
          store %t, %b
        }
        default {
          again {target=L0}
        }
      }
      %v = take %t : str
      yield %v
    }
    combine 0 (%left: ref<str>, %right: ref<str>) {
      %x = take %left : str
      %y = take %right : str
      %two = tuple %x, %y : fixed<str,2>
      %parts = slot : ref<fixed<str,2>>
      store %parts, %two
      %view = view %parts : view<str,1>
      %sum = call.rt %view {name="str_concat"} : str
      store %left, %sum
    }
  }
  return %s
}
)");
    for (int64_t n : {0, 1, 2, 3, 7, 100, 3000}) {
        std::string want;
        for (int64_t i = 0; i < n; ++i) want += i % 3 == 0 ? "a" : i % 3 == 1 ? "b" : "";
        par_str s{};
        ASSERT_EQ(p.run("join", {&n}, &s), PAR_OK);
        bool small = s.u.bytes[15] < 16;
        std::string got(reinterpret_cast<const char *>(small ? s.u.bytes : s.u.far.data), small ? s.u.bytes[15] : s.u.far.length & 0xffffff);
        EXPECT_EQ(got, want) << n;
        p.interpreter.drop(p.module.types.str(), &s);
    }
}

constexpr const char *kAccumulators = R"(fn @hist(%xs: view<u8,1>, inout %h: view<f64,1>, inout %top: ref<u8>) {level=0} {
  %n = extent %xs {dim=0} : i64
  par.for L0 %n, %h, %top {rank=1, ops=[add,max]} {
    checked (%i: i64, %acc: view<f64,1>, %best: ref<u8>) {
      iteration %i
      %p = elem %xs, %i {bounds=proved, own=read} : ref<u8>
      %x = load %p : u8
      %at = convert %x : i64
      %q = elem %acc, %at {bounds=checked, own=acc} : ref<f64>
      %old = load %q : f64
      %one = const 1 : f64
      %new = add %old, %one : f64
      store %q, %new
      %b = load %best : u8
      %c = max %b, %x : u8
      store %best, %c
    }
  }
  return
}

fn @evens(%n: i64) -> array<i64,1> {level=0} {
  %r = par.filter L0 %n {rank=1} : array<i64,1> {
    checked (%i: i64) {
      iteration %i
      %one = const 1 : i64
      %odd = and %i, %one : i64
      %is = eq %odd, %one : bool
      if %is {
        then {
          again {target=L0}
        }
      }
      yield %i
    }
  }
  return %r
}

fn @starts(%xs: view<i64,1>) -> array<i64,1> {level=0} {
  %n = extent %xs {dim=0} : i64
  %a = array %n : array<i64,1>
  %s = slot : ref<array<i64,1>>
  store %s, %a
  %v = view %s : view<i64,1>
  par.scan %n, %v {rank=1, ops=[add]} {
    checked (%i: i64) {
      iteration %i
      %p = elem %xs, %i {bounds=proved, own=read} : ref<i64>
      %x = load %p : i64
      yield %x
    }
  }
  %r = take %s : array<i64,1>
  return %r
}

fn @where(%xs: view<i64,1>, %key: i64) -> optional<i64> {level=0} {
  %n = extent %xs {dim=0} : i64
  %r = par.first L0 %n {rank=1} : optional<i64> {
    checked (%i: i64) {
      iteration %i
      %p = elem %xs, %i {bounds=proved, own=read} : ref<i64>
      %x = load %p : i64
      %other = ne %x, %key : bool
      if %other {
        then {
          again {target=L0}
        }
      }
      yield %i
    }
  }
  return %r
}

fn @triangle(%n: i64) -> i64 {level=0} {
  %s = par.fold %n {rank=2, ops=[add]} : i64 {
    extent 1 (%a: i64) {
      yield %a
    }
    checked (%i: i64, %j: i64) {
      iteration %i, %j
      %x = mul %i, %j : i64
      yield %x
    }
  }
  return %s
}
)";

TEST(PirInterpret, accumulators_filter_scan_first) {
    Program p(kAccumulators);
    std::vector<uint8_t> bytes;
    for (int i = 0; i < 10000; ++i) bytes.push_back(static_cast<uint8_t>(i * 7 % 200));
    std::vector<double> counts(256, 0.5);
    uint8_t top = 3, *top_place = &top;
    View<uint8_t> xs{bytes.data(), 10000};
    View<double> h{counts.data(), 256};
    ASSERT_EQ(p.run("hist", {&xs, &h, &top_place}), PAR_OK) << p.interpreter.faultText();
    EXPECT_EQ(top, 199);
    EXPECT_EQ(counts[7], 50.5);
    EXPECT_EQ(counts[255], 0.5);

    auto evens = p.call<View<int64_t>>("evens", int64_t{101});
    EXPECT_EQ(evens.n, 51);
    EXPECT_EQ(evens.data[50], 100);
    p.interpreter.drop(p.module.types.array(p.module.types.i64(), 1), &evens);

    std::vector<int64_t> values(10000, 2);
    auto starts = p.call<View<int64_t>>("starts", View<int64_t>{values.data(), 10000});
    EXPECT_EQ(starts.data[0], 0);
    EXPECT_EQ(starts.data[9999], 19998);
    p.interpreter.drop(p.module.types.array(p.module.types.i64(), 1), &starts);

    values[77] = 5, values[99] = 5;
    struct {
        int64_t value;
        uint8_t some;
    } hit{};
    View<int64_t> vs{values.data(), 10000};
    int64_t key = 5;
    ASSERT_EQ(p.run("where", {&vs, &key}, &hit), PAR_OK);
    EXPECT_TRUE(hit.some && hit.value == 77);
    key = 6;
    ASSERT_EQ(p.run("where", {&vs, &key}, &hit), PAR_OK);
    EXPECT_FALSE(hit.some);

    int64_t want = 0;
    for (int64_t i = 0; i < 30; ++i)
        for (int64_t j = 0; j < i; ++j) want += i * j;
    EXPECT_EQ(p.call<int64_t>("triangle", int64_t{30}), want);
}

TEST(PirInterpret, pipelines_run_item_by_item) {
    Program p(R"(fn @pipe(%n: i64) -> i64 {level=0} {
  %sum = slot : ref<i64>
  par.pipeline L0 {stages=[parallel,serial]} {
    source (%item: i64, %x: ref<i64>, %text: ref<str>) {
      iteration %item
      %more = lt %item, %n : bool
      store %x, %item
      yield %more
    }
    stage 0 (%item.1: i64, %x.1: ref<i64>, %text.1: ref<str>) {
      iteration %item.1
      %v = load %x.1 : i64
      %one = const 1 : i64
      %odd = and %v, %one : i64
      %is = eq %odd, %one : bool
      if %is {
        then {
          again {target=L0}
        }
      }
      %s = const "some text that is too long to be inline" : str
      %t = slot : ref<str>
      store %t, %s
      %c = copy %t : str
      store %text.1, %c
    }
    stage 1 (%item.2: i64, %x.2: ref<i64>, %text.2: ref<str>) {
      iteration %item.2
      %v.1 = load %x.2 : i64
      %old = load %sum : i64
      %new = add %old, %v.1 : i64
      store %sum, %new
    }
  }
  %r = load %sum : i64
  return %r
}
)");
    EXPECT_EQ(p.call<int64_t>("pipe", int64_t{10}), 20);
}

TEST(PirInterpret, closures_carry_their_captures) {
    Program p(R"(fn @body(%k: i64, %x: i64) -> i64 {level=0, captures=1} {
  %r = mul %k, %x : i64
  return %r
}

fn @apply(%f: closure<(i64)->i64>, %x: i64) -> i64 {level=0} {
  %r = call.closure %f, %x : i64
  return %r
}

fn @main(%k: i64) -> i64 {level=0} {
  %f = closure %k {callee=@body} : closure<(i64)->i64>
  %x = const 7 : i64
  %r = call %f, %x {callee=@apply} : i64
  return %r
}
)");
    EXPECT_EQ(p.call<int64_t>("main", int64_t{6}), 42);
}

TEST(PirInterpret, speed_is_that_of_an_oracle) {
    Program p(kFib);
    auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(p.call<int64_t>("fib", int64_t{27}), 196418);
    std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    // 832,040 calls of about 8 ops; the bound is loose, for slow machines
    RecordProperty("million_ops_a_second", std::to_string(832040 * 8 / took.count() / 1e6));
    EXPECT_LT(took.count(), 5.0);
}
