#include "test/codegen/both.h"

using parlane::test::both;

TEST(Codegen, par_for_and_sum) {
    auto e = both(R"(fn @main() {level=0} {
  %n = const 100000 : i64
  %zero = const 0 : i64
  %s = slot : ref<array<i64,1>>
  %a = array %n : array<i64,1>
  store %s, %a
  par.for L0 %n {rank=1} {
    checked (%i: i64) {
      iteration %i
      %v = view %s : view<i64,1>
      %p = elem %v, %i {bounds=checked, own=loop(L0)} : ref<i64>
      %y = mul %i, %i : i64
      store %p, %y
    }
  }
  %sum = par.fold %n {rank=1, ops=[add]} : i64 {
    checked (%i.1: i64) {
      iteration %i.1
      %v.1 = view %s : view<i64,1>
      %p.1 = elem %v.1, %i.1 {bounds=checked, own=read} : ref<i64>
      %x.1 = load %p.1 : i64
      yield %x.1
    }
  }
  trap %sum {trap=other}
}
)");
    EXPECT_EQ(e.values, std::vector<int64_t>{333328333350000});
}

TEST(Codegen, float_sum_has_the_order_of_the_language) {
    for (int n : {0, 1, 31, 32, 33, 100, 4096, 4097, 70001}) {
        auto e = both(fmt::format(R"(fn @main() {{level=0}} {{
  %n = const {} : i64
  %sum = par.fold %n {{rank=1, ops=[add]}} : f64 {{
    checked (%i: i64) {{
      iteration %i
      %x = convert %i : f64
      %one = const 1 : f64
      %d = add %x, %one : f64
      %y = div %one, %d : f64
      yield %y
    }}
  }}
  %bits = bits %sum : i64
  trap %bits {{trap=other}}
}}
)", n));
        EXPECT_EQ(e.outcome, 2);
    }
}

TEST(Codegen, invoke_spawns) {
    auto e = both(R"(fn @fib(%n: i64) -> i64 {level=0} {
  %two = const 2 : i64
  %small = lt %n, %two : bool
  if %small {
    then {
      return %n
    }
  }
  %l = slot : ref<i64>
  %r = slot : ref<i64>
  par.invoke {
    branch 0 {
      %one = const 1 : i64
      %a = sub %n, %one : i64
      %x = call %a {callee=@fib} : i64
      store %l, %x
    }
    branch 1 {
      %b = sub %n, %two : i64
      %y = call %b {callee=@fib} : i64
      store %r, %y
    }
  }
  %x.1 = load %l : i64
  %y.1 = load %r : i64
  %s = add %x.1, %y.1 : i64
  return %s
}
fn @main() {level=0} {
  %n = const 22 : i64
  %r = call %n {callee=@fib} : i64
  trap %r {trap=other}
}
)");
    EXPECT_EQ(e.values, std::vector<int64_t>{17711});
}
