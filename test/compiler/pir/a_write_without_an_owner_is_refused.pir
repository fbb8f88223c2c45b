// RUN: not %pir_opt %s 2>&1 | FileCheck %s
// CHECK: verify: {{.*}}
// The verdict of the store says `read`: nobody proved that iterations touch different elements.
fn @f(inout %ys: view<f32,1>) {level=0} {
  %n = extent %ys {dim=0} : i64
  par.for L0 %n {rank=1, space="cpu"} {
    checked (%i: i64) {
      iteration %i
      %1 = elem %ys, %i {bounds=checked, own=read} : ref<f32>
      %c = const 1 : f32
      store %1, %c
    }
  }
  return
}
