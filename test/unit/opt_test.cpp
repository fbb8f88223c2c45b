#include "compiler/opt/pass.h"
#include "compiler/pir/interpret.h"
#include "compiler/pir/parse.h"
#include "compiler/pir/print.h"
#include "compiler/pir/verify.h"
#include "test/unit/random_pir.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

using namespace parlane;
using namespace parlane::pir;

namespace {

struct Observed {
    int32_t outcome = 0;
    int64_t result = 0;
    std::string fault, internal;
    std::array<int64_t, 16> xs{};
    friend bool operator==(const Observed &, const Observed &) = default;
};

/// Runs @f of a random program; everything that a pass must not change.
Observed observe(const Module &module, int64_t a, int64_t b) {
    InterpretOptions options;
    options.max_ops = 200000;
    Interpreter interpreter(module, options);
    Observed seen;
    std::array<float, 16> ys{};
    for (int i = 0; i < 16; ++i) {
        seen.xs[static_cast<size_t>(i)] = i * 7 % 5 - 2;
        ys[static_cast<size_t>(i)] = static_cast<float>(i) * 0.37f - 2;
    }
    struct {
        void *data;
        int64_t n;
    } xs{seen.xs.data(), 16}, ys_view{ys.data(), 16};
    std::vector<const void *> arguments = {&a, &b, &xs, &ys_view};
    seen.outcome = interpreter.run(module.find("f"), arguments, &seen.result);
    if (seen.outcome) seen.result = 0;
    if (seen.outcome) seen.fault = interpreter.faultText();
    seen.internal = interpreter.internalError();
    EXPECT_EQ(seen.internal, "");
    EXPECT_EQ(plainRuntimeLive(interpreter.context()), 0);
    return seen;
}

std::string afterPass(std::string_view pass, std::string_view text) {
    auto module = parse(text);
    if (!module) return fmt::format("{}:{}: {}", module.error().line, module.error().column, module.error().message);
    for (const std::string &message : verify(*module)) return message;
    for (const std::string &message : opt::runPassList(*module, pass)) return message;
    return print(*module);
}

} // namespace

/// Each pass alone and all in order keep what random programs do, bit for bit.
TEST(Opt, passes_keep_the_meaning_of_random_programs) {
    std::vector<std::string> lists = {""};
    for (const opt::PassInfo &pass : opt::passes()) {
        lists.emplace_back(pass.name);
        lists[0] += (lists[0].empty() ? "" : ",") + std::string(pass.name);
    }
    int failures = 0, trapped = 0;
    for (uint64_t seed = 0; seed < 400 && failures < 3; ++seed) {
        Module original = fuzz::RandomProgram(seed).make();
        std::string text = print(original);
        auto complaints = verify(original);
        ASSERT_TRUE(complaints.empty()) << "seed " << seed << ": " << complaints[0];
        Observed before[2] = {observe(original, 3, 5), observe(original, -7, 1000003)};
        trapped += before[0].outcome == PAR_TRAPPED;
        for (const std::string &list : lists) {
            Module changed = std::move(*parse(text));
            auto broken = opt::runPassList(changed, list);
            if (broken.empty() && observe(changed, 3, 5) == before[0] && observe(changed, -7, 1000003) == before[1])
                continue;
            ADD_FAILURE() << "seed " << seed << ", passes " << list << ": "
                          << (broken.empty() ? "another result" : broken[0]) << "\n"
                          << text << "\nbecame\n"
                          << print(changed);
            ++failures;
            break;
        }
    }
    EXPECT_GT(trapped, 10); // or the programs say nothing about the point of failure
}

TEST(Opt, inline_keeps_the_call_in_locations_and_early_returns_as_leave) {
    std::string text = afterPass("inline", R"(fn @clamp(%x: i64) -> i64 {level=0} {
  %zero = const 0 : i64
  %neg = lt %x, %zero : bool
  if %neg {
    then {
      return %zero
    }
  }
  return %x
}

fn @main(%a: i64) -> i64 {level=0} {
  %r = call %a {callee=@clamp} : i64
  return %r
}
)");
    EXPECT_NE(text.find("leave %zero {target=L0}"), std::string::npos) << text;
    EXPECT_EQ(text.find("call"), std::string::npos) << text;
}

TEST(Opt, inline_drops_owned_arguments_where_the_callee_did) {
    std::string text = afterPass("inline", R"(fn @eat(sink %s: str) {level=0} {
  %mine = slot : ref<str>
  store %mine, %s
  return
}

fn @main(%s: ref<str>) {level=0} {
  %c = copy %s : str
  call %c {callee=@eat}
  return
}
)");
    EXPECT_EQ(text.find("call"), std::string::npos) << text;
    EXPECT_NE(text.find("block"), std::string::npos) << text;
}

TEST(Opt, simplify_folds_forwards_and_decides) {
    std::string text = afterPass("simplify", R"(fn @f(%a: i64) -> i64 {level=0} {
  %two = const 2 : i64
  %three = const 3 : i64
  %six = mul %two, %three : i64
  %s = slot : ref<i64>
  store %s, %six
  %x = load %s : i64
  %yes = lt %two, %three : bool
  check %yes {trap=other}
  %r = if %yes : i64 {
    then {
      %y = add %x, %a : i64
      yield %y
    }
    else {
      yield %a
    }
  }
  return %r
}
)");
    EXPECT_EQ(text, R"(fn @f(%a: i64) -> i64 {level=0} {
  %six = const 6 : i64
  %r = scope : i64 {
    body {
      %y = add %six, %a : i64
      yield %y
    }
  }
  return %r
}
)");
}

TEST(Opt, split_slots_gives_each_field_its_slot) {
    std::string text = afterPass("split_slots,simplify", R"(struct $P {x: i64, y: i64}

fn @f(%a: i64) -> i64 {level=0} {
  %p = slot : ref<$P>
  %x = field %p {field=0} : ref<i64>
  store %x, %a
  %q = load %p : $P
  %r = get %q {field=0} : i64
  return %r
}
)");
    EXPECT_NE(text.find("return %a"), std::string::npos) << text;
}

TEST(Opt, ranges_proves_what_loops_and_checks_say) {
    std::string text = afterPass(
        "simplify,ranges", R"(fn @f(inout %xs: view<i64,1>, inout %ys: view<i64,1>, %lo: i64, %hi: i64) {level=0} {
  %zero = const 0 : i64
  %one = const 1 : i64
  %n = extent %xs {dim=0} : i64
  %m = extent %ys {dim=0} : i64
  %same = eq %n, %m : bool
  check %same, %n, %m {trap=zip_length}
  %less = sub %n, %one : i64
  %count = max %less, %zero : i64
  for %zero, %count, %one {
    body (%i: i64) {
      %a = elem %xs, %i {bounds=checked, own=read} : ref<i64>
      %x = load %a : i64
      %j = add %i, %one : i64
      %b = elem %ys, %j {bounds=checked, own=local} : ref<i64>
      store %b, %x
    }
  }
  return
}
)");
    EXPECT_EQ(text.find("bounds=checked"), std::string::npos) << text;
    EXPECT_NE(text.find("level=1"), std::string::npos) << text;
}

TEST(Opt, ranges_does_not_prove_what_may_wrap) {
    std::string text = afterPass("simplify,ranges", R"(fn @f(inout %xs: view<i64,1>, %k: i64) -> i64 {level=0} {
  %n = extent %xs {dim=0} : i64
  %in = lt %k, %n : bool
  check %in {trap=other}
  %one = const 1 : i64
  %less = sub %k, %one : i64
  %zero = const 0 : i64
  %positive = le %zero, %less : bool
  check %positive {trap=other}
  %a = elem %xs, %less {bounds=checked, own=read} : ref<i64>
  %x = load %a : i64
  return %x
}
)");
    // k may be the smallest integer: then k - 1 is the largest
    EXPECT_NE(text.find("bounds=checked"), std::string::npos) << text;
}

TEST(Opt, version_checks_leaves_the_point_of_failure_where_it_was) {
    constexpr std::string_view kText =
        R"(fn @f(%a: i64, %b: i64, inout %xs: view<i64,1>, %ys: view<f32,1>) -> i64 {level=0} {
  %zero = const 0 : i64
  %one = const 1 : i64
  for %zero, %a, %one {
    body (%i: i64) {
      %j = add %i, %b : i64
      %p = elem %xs, %j {bounds=checked, own=local} : ref<i64>
      store %p, %i
    }
  }
  return %zero
}
)";
    std::string text = afterPass("version_checks", kText);
    EXPECT_NE(text.find("bounds=versioned"), std::string::npos) << text;
    Module before = std::move(*parse(kText)), after = std::move(*parse(text));
    for (auto [a, b] : {std::pair<int64_t, int64_t>{16, 0},
                        {17, 0},
                        {4, 12},
                        {4, 13},
                        {3, -1},
                        {0, 99},
                        {5, INT64_MAX - 2},
                        {2, INT64_MIN}})
        EXPECT_EQ(observe(after, a, b), observe(before, a, b)) << a << " " << b;
}

TEST(Opt, simplify_takes_views_out_of_loops_that_keep_the_array) {
    constexpr std::string_view kText = R"(fn @f(inout %a: ref<array<i64,1>>, %n: i64) {level=0} {
  %zero = const 0 : i64
  %one = const 1 : i64
  for %zero, %n, %one {
    body (%i: i64) {
      %v = view %a : view<i64,1>
      %p = elem %v, %i {bounds=checked, own=local} : ref<i64>
      store %p, %i
    }
  }
  return
}
)";
    std::string text = afterPass("simplify", kText);
    EXPECT_LT(text.find("view %a"), text.find("for ")) << text;
    std::string replaced(kText);
    replaced.replace(
        replaced.find("      store %p, %i"), 18,
        "      store %p, %i\n      drop %a\n      %new = array %n : array<i64,1>\n      store %a, %new\n    ");
    text = afterPass("simplify", replaced);
    EXPECT_GT(text.find("view %a"), text.find("for ")) << text;
}

TEST(Opt, place_polls_marks_recursion) {
    std::string text = afterPass("plan,place_polls", R"(fn @even(%n: i64) -> i64 {level=0} {
  %x = call %n {callee=@odd} : i64
  return %x
}

fn @odd(%n: i64) -> i64 {level=0} {
  %x = call %n {callee=@even} : i64
  return %x
}

fn @leaf(%n: i64) -> i64 {level=0} {
  return %n
}
)");
    size_t polls = 0;
    for (size_t at = text.find("poll"); at != std::string::npos; at = text.find("poll", at + 1)) ++polls;
    EXPECT_EQ(polls, 2u) << text;
}
