#include "compiler/pir/parse.h"
#include "compiler/pir/print.h"
#include "compiler/pir/verify.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

using namespace parlane;
using namespace parlane::pir;

namespace {

Module parsed(std::string_view text) {
    auto result = parse(text);
    if (!result) {
        ADD_FAILURE() << result.error().line << ":" << result.error().column << ": " << result.error().message;
        return {};
    }
    return std::move(*result);
}

std::string complaint(std::string_view text) {
    auto messages = verify(parsed(text));
    return messages.empty() ? "" : messages[0];
}

constexpr std::string_view kScale = R"(struct $Point {x: f32, y: f32}
enum $Shape {Empty: unit, Circle: f32, Rect: tuple<f32,f32>}
struct $"List<i64>" container {items: array<i64,1>, len: i64}

fn @scale(%a: f32, %xs: view<f32,1>, inout %ys: view<f32,1>) {level=0} {
  %n = extent %xs {dim=0} : i64 !12-34
  %m = extent %ys {dim=0} : i64 !12-34<-56-78
  %e = eq %n, %m : bool
  check %e, %n, %m {trap=zip_length}
  par.for L0 %n {rank=1, space="cpu"} {
    checked (%i: i64) {
      iteration %i
      %0 = elem %xs, %i {bounds=proved, own=read} : ref<f32>
      %x = load %0 : f32
      %1 = elem %ys, %i {bounds=checked, own=loop(L0)} : ref<f32>
      %y = load %1 : f32
      %s = fma %a, %x, %y : f32
      store %1, %s
    }
  }
  %c = const -2.5 : f32
  %big = const 18446744073709551615 : u64
  %text = const "a\"b\n\x00" : str
  %text.1 = slot : ref<str>
  store %text.1, %text
  return
}
)";

} // namespace

TEST(PirText, prints_what_it_parsed) {
    Module module = parsed(kScale);
    EXPECT_EQ(print(module, {.locations = true}), kScale);
    EXPECT_EQ(verify(module), std::vector<std::string>{});
}

TEST(PirText, names_the_place_of_an_error) {
    auto result = parse("fn @f() {level=0} {\n  %x = const 1 : i64\n  %y = add %x, %z : i64\n}\n");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().line, 3u);
    EXPECT_EQ(result.error().message, "no value %z above");
}

TEST(PirVerify, a_write_to_a_shared_element_needs_a_verdict) {
    std::string text(kScale);
    text.replace(text.find("own=loop(L0)"), 12, "own=local");
    EXPECT_NE(complaint(text).find("without a verdict"), std::string::npos) << complaint(text);
}

TEST(PirVerify, an_owned_value_is_consumed_once) {
    const char *twice = R"(fn @f() {level=0} {
  %s = slot : ref<str>
  %t = slot : ref<str>
  %v = take %s : str
  store %s, %v
  store %t, %v
})";
    EXPECT_NE(complaint(twice).find("consumed already"), std::string::npos) << complaint(twice);
    const char *never = R"(fn @f() {level=0} {
  %s = slot : ref<str>
  %v = take %s : str
})";
    EXPECT_NE(complaint(never).find("never consumed"), std::string::npos) << complaint(never);
    const char *borrowed = R"(fn @f() {level=0} {
  %s = slot : ref<str>
  %v = load %s : str
  store %s, %v
})";
    EXPECT_NE(complaint(borrowed).find("borrowed"), std::string::npos) << complaint(borrowed);
}

TEST(PirVerify, values_are_seen_only_below_and_inside) {
    const char *text = R"(fn @f(%c: bool) -> i64 {level=0} {
  if %c {
    then {
      %x = const 1 : i64
    }
  }
  return %x
})";
    EXPECT_NE(complaint(text).find("not visible"), std::string::npos) << complaint(text);
}

TEST(PirVerify, nothing_leaves_a_parallel_body) {
    const char *text = R"(fn @f(%n: i64) {level=0} {
  loop L0 {
    body {
      par.for %n {rank=1} {
        checked (%i: i64) {
          leave {target=L0}
        }
      }
    }
  }
})";
    EXPECT_NE(complaint(text).find("may not leave a parallel body"), std::string::npos) << complaint(text);
}
