"""The second half of the pairs (see pairs.py)."""

PAIRS = {
    'take_neighbour': (
        """
fn f(inout r: int[][], n: int) { par for i in 0..n - 1 { r[i] = take(&r[i + 1]) } }
""",
        None,
    ),
    'world_write': (
        """
import std.io
fn f(n: int) { par for i in 0..n { do { try write_file("x", "a") } catch e {} } }
""",
        None,
    ),
    'file_shared': (
        """
import std.io
fn f(inout f: File, n: int) { par for i in 0..n { do { try f.write("abc".bytes) } catch e {} } }
""",
        None,
    ),
    'first_write': (
        """
fn f(inout a: int[], n: int) -> int? { first par for i in 0..n if a[i] == 0 { a[i] = 1; i } }
""",
        None,
    ),
    'acc_read': (
        """
fn f(x: int[]) -> int { var s = 0
 par for v in x reduce(+: s) { if s < 10 { s += v } }
 return s }
""",
        None,
    ),
    'acc_index': (
        """
fn f(x: int[], inout h: int[]) { par for v in x reduce(+: h) { h[h[0]] += 1 } }
""",
        None,
    ),
    'acc_other_op': (
        """
fn f(x: int[]) -> int { var s = 0
 par for v in x reduce(+: s) { s += v; s *= 2 }
 return s }
""",
        None,
    ),
    'acc_invoke': (
        """
fn f(x: int[]) -> int { var s = 0
 par for v in x reduce(+: s) { invoke { s += v; s += 2 } }
 return s }
""",
        None,
    ),
    'acc_nested': (
        """
fn f(x: int[]) -> int { var s = 0
 par for v in x reduce(+: s) { par for j in 0..v { s += j } }
 return s }
""",
        None,
    ),
    'atomic_plain_read': (
        """
fn f(inout h: int[], n: int, inout o: int[]) { par for i in 0..n { atomic h[i % 7] += 1; o[i] = h[0] } }
""",
        None,
    ),
    'atomic_mixed_ops': (
        """
fn f(inout h: int[], n: int) { par for i in 0..n { atomic h[i % 7] += 1; atomic h[0] max= 3 } }
""",
        None,
    ),
    'atomic_plain_write': (
        """
fn f(inout h: int[], n: int) { par for i in 0..n { atomic h[i % 7] += 1; h[i] = 0 } }
""",
        None,
    ),
    'atomic_call_read': (
        """
fn g(h: int[]) -> int { h[0] }
fn f(inout h: int[], n: int, inout o: int[]) { par for i in 0..n { atomic h[i % 7] += 1; o[i] = g(h) } }
""",
        None,
    ),
    'atomic_in_call_and_read': (
        """
fn g(inout h: int[], i: int) { atomic h[i % 7] += 1 }
fn f(inout h: int[], n: int, inout o: int[]) { par for i in 0..n { g(&h, i); o[i] = h[0] } }
""",
        None,
    ),
    'serial_atomic_par_branch': (
        """
fn f(inout h: int[]) { invoke { atomic h[0] += 1
 h[0] += 1 } }
""",
        None,
    ),
    'disjoint_two': (
        """
fn f(inout a: int[], p: int[], q: int[], n: int) { par for i in 0..n { disjoint a[p[i]] = 1; disjoint a[q[i]] = 2 } }
""",
        None,
    ),
    'disjoint_read': (
        """
fn f(inout a: int[], p: int[], n: int) { par for i in 0..n { disjoint a[p[i]] = a[i] } }
""",
        None,
    ),
    'disjoint_call_read': (
        """
fn g(a: int[]) -> int { a[0] }
fn f(inout a: int[], p: int[], n: int) { par for i in 0..n { disjoint a[p[i]] = g(a) } }
""",
        None,
    ),
    'disjoint_shift': (
        """
fn f(inout a: int[], p: int[], n: int) { par for i in 0..n { for k in 0..2 { disjoint a[p[i] + k] = a[p[i]] } } }
""",
        None,
    ),
    'nested_inner_write_outer': (
        """
fn f(inout m: int[,]) { par for i in 0..m.rows { par for j in 0..m.cols { m[j, 0] = i } } }
""",
        None,
    ),
    'invoke_in_par': (
        """
fn f(inout a: int[], n: int) { par for i in 0..n { invoke { a[i] = 1
 a[i + 1] = 2 } } }
""",
        None,
    ),
    'par_in_invoke': (
        """
fn f(inout a: int[], n: int) { invoke { par for i in 0..n { a[i] = 1 }
 par for i in n..2 * n + 1 { a[i - 1] = 2 } } }
""",
        """
fn f(inout a: int[], n: int) { invoke { par for i in 0..n { a[i] = 1 }
 par for i in n..2 * n { a[i] = 2 } } }
""",
    ),
    'pipeline_par_stage': (
        """
fn f(inout a: int[], n: int) { pipeline i in 0..n { stage parallel: a[i] = i
 stage serial: a[i + 1] = 0 } }
""",
        None,
    ),
    'pipeline_par_self': (
        """
fn f(inout a: int[], n: int) { pipeline i in 0..n { stage parallel: a[i / 2] = i } }
""",
        None,
    ),
    'pipeline_invoke': (
        """
fn f(inout a: int[], n: int) { pipeline i in 0..n { stage parallel:
 invoke { a[i] = i
 a[i + 1] = 2 } } }
""",
        None,
    ),
    'pipeline_two_serial': (
        """
fn f(n: int) { var s = 0
 var o = int[](100)
 pipeline i in 0..n { stage serial: s += i
 stage serial: o[i] = s } }
""",
        None,
    ),
    'pipeline_one_serial': (
        None,
        """
fn f(n: int) { var s = 0
 var o = int[](100)
 pipeline i in 0..n { stage serial: s += i; let t = s
 stage serial: o[i] = t } }
""",
    ),
    'pipeline_source': (
        """
fn f(n: int) { var x = 0
 pipeline while let i = next(&x) { stage serial: x += 1 } }
fn next(inout x: int) -> int? { x += 1; if x > 10 { return none }
 return x }
""",
        None,
    ),
    'pipeline_view_later': (
        """
fn f(inout b: int[], inout o: int[], n: int) { pipeline i in 0..n { stage serial: b[0] = i; let v = b[0..2]
 stage serial: o[i] = v[0] } }
""",
        None,
    ),
    'exclusive_field': (
        """
struct G { w: int, data: int[] }
fn g(x: G, inout d: int[]) { d[0] = x.w }
fn f(inout x: G) { g(x, &x.data) }
""",
        None,
    ),
    'exclusive_slices': (
        """
fn g(inout a: int[], inout b: int[]) { a[0] = b[0] }
fn f(inout x: int[], k: int) { g(&x[..k + 1], &x[k..]) }
""",
        """
fn g(inout a: int[], inout b: int[]) { a[0] = b[0] }
fn f(inout x: int[], k: int) { g(&x[..k], &x[k..]) }
""",
    ),
    'exclusive_wrap': (
        """
fn g(inout a: int, inout b: int) { a = b }
fn f(inout x: int[], i: int, j: int) { if i != j { g(&x[2 * i], &x[2 * j]) } }
""",
        None,
    ),
    'exclusive_ne': (
        None,
        """
fn g(inout a: int, inout b: int) { a = b }
fn f(inout x: int[], i: int, j: int) { if i != j { g(&x[i], &x[j]) } }
""",
    ),
    'method_write': (
        """
struct G { w: int, data: int[] }
fn set(inout g: G, i: int, j: int, v: int) { g.data[i * g.w + j] = v }
fn f(inout g: G, h: int) { par for i in 0..h, j in 0..g.w + 1 { g.set(i, j, 1) } }
""",
        """
struct G { w: int, data: int[] }
fn set(inout g: G, i: int, j: int, v: int) { g.data[i * g.w + j] = v }
fn f(inout g: G, h: int) { par for i in 0..h, j in 0..g.w { g.set(i, j, 1) } }
""",
    ),
    'method_write_w': (
        None,
        """
struct G { h: int, w: int, data: f32[] }
fn set(inout g: G, i: int, j: int, v: f32) { g.data[i * g.w + j] = v }
fn get(g: G, i: int, j: int) -> f32 { g.data[i * g.w + j] }
fn f(src: G, inout g: G) { par for i in 1..g.h - 1, j in 1..g.w - 1 { g.set(i, j, src.get(i - 1, j) + src.get(i, j + 1)) } }
""",
    ),
    'stride_unknown': (
        None,
        """
fn f(inout a: int[], n: int, s: int) { par for i in 0..n { a[i * s] = i } }
""",
    ),
    'packed_triangle': (
        """
fn f(inout a: f64[], n: int) { par for i in 0..n { for j in 0..i + 2 { a[i * (i + 1) / 2 + j] = 1 } } }
""",
        """
fn f(inout a: f64[], n: int) { par for i in 0..n { for j in 0..i + 1 { a[i * (i + 1) / 2 + j] = 1 } } }
""",
    ),
    'packed_triangle_2': (
        None,
        """
fn f(inout a: f64[], n: int) { par for i in 0..n, j in 0..i + 1 { a[i * (i + 1) / 2 + j] = 1 } }
""",
    ),
    'csr': (
        None,
        """
fn f(counts: int[], inout val: f64[], n: int) { let start = scan(+) par for c in counts { c }
 par for i in 0..n - 1 { for e in start[i]..start[i + 1] { val[e] = 1 } } }
""",
    ),
    'xor': (
        None,
        """
fn f(inout a: int[], n: int, j: int) { par for i in 0..n { let p = i ^ j
 if p > i { if a[i] > a[p] { a.swap(i, p) } } } }
""",
    ),
    'if_index': (
        None,
        """
fn f(inout a: int[], inout o: int[], n: int) { par for i in 0..n { let k = if i % 2 == 0 { i } else { i + 1 - 1 }
 o[k] = 1 } }
""",
    ),
    'if_index2': (
        """
fn f(inout o: int[], n: int) { par for i in 0..n { let k = if i < n / 2 { 2 * i } else { 2 * (i - n / 2) }
 o[k] = 1 } }
""",
        """
fn f(inout o: int[], n: int) { par for i in 0..n { let k = if i < n / 2 { 2 * i } else { 2 * (i - n / 2) + 1 }
 o[k] = 1 } }
""",
    ),
    'u64_index': (
        """
fn f(inout a: int[], n: u64) { par for i in 0..n { a[i + 1] = a[i] } }
""",
        """
fn f(inout a: int[], n: u64) { par for i in 0..n { a[i + 1] = 1 } }
""",
    ),
    'i32_index': (
        None,
        """
fn f(inout a: int[], n: i32) { par for i in 0..n { a[i] = 1 } }
""",
    ),
    'i32_flat': (
        None,
        """
fn f(inout a: f32[], w: i32, h: i32) { par for i in 0..h, j in 0..w { a[i * w + j] = 1 } }
""",
    ),
    'i32_flat_64': (
        None,
        """
fn f(inout a: f32[], w: i32, h: i32) { par for i in 0..h, j in 0..w { a[int(i) * int(w) + int(j)] = 1 } }
""",
    ),
}
