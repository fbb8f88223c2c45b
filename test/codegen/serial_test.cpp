#include "test/codegen/both.h"

using parlane::test::both;

TEST(Codegen, recursion) {
    auto e = both(R"(fn @fib(%n: i64) -> i64 {level=0} {
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
fn @main() {level=0} {
  %n = const 20 : i64
  %r = call %n {callee=@fib} : i64
  trap %r {trap=other}
}
)");
    EXPECT_EQ(e.values, std::vector<int64_t>{6765});
}

TEST(Codegen, arrays_are_filled_checked_and_dropped) {
    auto e = both(R"(fn @main() {level=0} {
  %n = const 100 : i64
  %zero = const 0 : i64
  %one = const 1 : i64
  %s = slot : ref<array<i64,1>>
  %f = const 7 : i64
  %a = array %n, %f : array<i64,1>
  store %s, %a
  %v = view %s : view<i64,1>
  %sum = slot : ref<i64>
  for %zero, %n, %one {
    body (%i: i64) {
      %p = elem %v, %i {bounds=checked, own=local} : ref<i64>
      %x = load %p : i64
      %y = mul %x, %i : i64
      %old = load %sum : i64
      %new = add %old, %y : i64
      store %sum, %new
    }
  }
  %r = load %sum : i64
  %p.1 = elem %v, %n {bounds=checked, own=local} : ref<i64>
  trap %r {trap=other}
}
)");
    EXPECT_EQ(e.values, (std::vector<int64_t>{100, 100, 0}));
}

TEST(Codegen, too_deep_recursion_is_a_trap) {
    auto e = both(R"(fn @f(%n: i64) -> i64 {level=0} {
  %x = call %n {callee=@f} : i64
  %one = const 1 : i64
  %y = add %x, %one : i64
  return %y
}
fn @main() {level=0} {
  %n = const 1 : i64
  %r = call %n {callee=@f} : i64
  trap %r {trap=other}
}
)");
    EXPECT_EQ(e.outcome, 2);
}
