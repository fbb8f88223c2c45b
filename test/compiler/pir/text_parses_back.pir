// RUN: %pir_opt %s > %t && %pir_opt %t | diff %t -
// RUN: %pir_opt %s | FileCheck %s
// CHECK: fn @scale(%a: f32, %xs: view<f32,1>, inout %ys: view<f32,1>)
// CHECK: par.for L0 %n
fn @scale(%a: f32, %xs: view<f32,1>, inout %ys: view<f32,1>) {level=0} {
  %n = extent %xs {dim=0} : i64
  %m = extent %ys {dim=0} : i64
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
  return
}
