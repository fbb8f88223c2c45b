"""Pairs of a race and its nearest neighbour that is none; either may be missing. Found by trying to break the checker."""

PAIRS = {
    'atomic_field_index': (
        """
struct P { xs: int[], ys: int[] }
fn f(inout p: P, n: int, inout o: int[]) { par for i in 0..n - 1 { atomic p.xs[i] += 1; o[i] = p.xs[i + 1] } }
""",
        None,
    ),
    'atomic_other_field': (
        """
struct P { a: int, b: int }
fn f(inout p: P, n: int) { par for i in 0..n { atomic p.a += 1; p.b = i } }
""",
        None,
    ),
    'disjoint_rows': (
        """
fn f(inout m: int[][], perm: int[], n: int) { par for i in 0..n { disjoint m[perm[i]][i] = m[perm[i]][i + 1] } }
""",
        None,
    ),
    'dedup_facts': (
        """
fn g(inout a: int[], c: int) { if c % 2 == 0 { a[c / 2] = 1 }
 a[c / 2] = 2 }
fn f(inout a: int[], n: int) { par for c in 0..n { g(&a, c) } }
""",
        None,
    ),
    'dedup_facts2': (
        """
fn g(inout a: int[], c: int) { if c > 5 { a[c / 7] = 1 }
 a[c / 7] = 2 }
fn f(inout a: int[]) { par for c in 0..8 by 7 { g(&a, c) }
 par for c in 5..7 { if c == 5 { g(&a, c) } else { g(&a, 0) } } }
""",
        None,
    ),
    'chunk_sizes': (
        """
fn f(inout a: int[]) { par for i in 1..5 { for (k, &c) in enumerate(a.chunks(i)) { if k == 5 - i { c[0] = i } } } }
""",
        None,
    ),
    'chunks_of_slices': (
        """
fn f(inout a: int[]) { par for i in 0..2 { inout s = &a[4 * i..]
 for (k, &c) in enumerate(s.chunks(4)) { if k == 1 - i { c[0] = i } } } }
""",
        None,
    ),
    'while_let_tag': (
        """
enum S { Open, Closed }
fn f(inout s: S[], inout o: int[], n: int) { par for i in 0..n - 1 { while let Open = s[i + 1] { o[i] += 1; break }
 s[i] = S.Closed } }
""",
        None,
    ),
    'let_else_tag': (
        """
enum S { Open, Closed }
fn f(inout s: S[], inout o: int[], n: int) { par for i in 0..n - 1 { s[i] = S.Closed
 let Open = s[i + 1] else { continue }
 o[i] = 1 } }
""",
        None,
    ),
    'match_tag': (
        """
enum S { Open, Closed }
fn f(inout s: S[], inout o: int[], n: int) { par for i in 0..n - 1 { s[i] = S.Closed
 match s[i + 1] { Open => { o[i] = 1 }
 _ => {} } } }
""",
        None,
    ),
    'if_let_tag': (
        """
fn f(inout s: (int?)[], inout o: int[], n: int) { par for i in 0..n - 1 { s[i] = none
 if let _ = s[i + 1] { o[i] = 1 } } }
""",
        None,
    ),
    'for_wild_rows': (
        """
fn f(inout rows: int[][], inout o: int[], n: int) { par for i in 0..n - 1 { rows[i] = int[](3)
 var c = 0
 for _ in rows[i + 1] { c += 1 }
 o[i] = c } }
""",
        None,
    ),
    'len_of_rows': (
        """
fn f(inout rows: int[][], inout o: int[], n: int) { par for i in 0..n - 1 { rows[i] = int[](3)
 o[i] = rows[i + 1].len } }
""",
        None,
    ),
    'rows_bound_view': (
        """
fn f(inout rows: int[][], inout o: int[], n: int) { par for i in 0..n - 1 { if i % 2 == 0 { rows[i] = int[](3) }
 let v = rows[i + 1]
 if i % 2 == 0 { o[i] = v[0] } } }
""",
        None,
    ),
    'generic_arg_value': (
        """
fn g<N: int>(x: int[N]) -> int { N }
fn f(inout a: int[], n: int) { let p = int[3]()
 let q = int[4]()
 par for i in 0..n { a[i + g(p)] = a[i + g(q)] } }
""",
        """
fn g<N: int>(x: int[N]) -> int { N }
fn f(inout a: int[], n: int) { let p = int[3]()
 let q = int[3]()
 par for i in 0..n { a[i + g(p)] = a[i + g(q)] } }
""",
    ),
    'move_in_branch': (
        """
fn s(sink a: int[]) -> int { a.len }
fn f() { var a = int[](4)
 var x = 0
 var y = 0
 invoke { x = s(a)
 y = a.len }
 print("{x} {y}") }
""",
        None,
    ),
    'wrap_product': (
        None,
        """
fn f(inout a: int[], k: int) { par for i in 0..4 { a[i * k] = i } }
""",
    ),
    'wrap_two': (
        None,
        """
fn f(inout a: int[], k: int) { par for i in 0..2 { a[i * 2 * k] = i } }
""",
    ),
    'wrap_ranges': (
        """
fn f(inout a: int[]) { par for i in -9223372036854775807..9223372036854775807 { if i == 0 || i == 4611686018427387904 { a[4 * i] = i } } }
""",
        None,
    ),
    'cond_wrap': (
        """
fn f(inout a: int[], k: int, n: int) { par for i in 0..n { if i + k < 5 && i + k > 3 { a[0] = i } 
 if i * k == 6 { a[1] = i } } }
""",
        None,
    ),
    'cast_u8': (
        """
fn f(inout a: int[], n: int) { par for i in 0..n { a[int(u8(i))] = i } }
""",
        """
fn f(inout a: int[]) { par for i in 0..256 { a[int(u8(i))] = i } }
""",
    ),
    'i32_wrap': (
        """
fn f(inout a: int[], k: i32) { par for i in 0..100 { a[i] = 1 } }
fn g(inout a: int[]) { par for i in 0..300 { a[u8(i) + 1] = i } }
""",
        None,
    ),
    'i32_mul': (
        """
fn g(inout a: int[], k: i32) { par for i in i32(0)..i32(4) { a[i * k] = 1 } }
""",
        None,
    ),
    'reshape_partial': (
        """
fn f(inout m: int[,], n: int) { par for i in 0..n { inout v = &m[3..4, 2..5]
 inout w = &v.flat
 w[i] = m[3, 3 + i] } }
""",
        None,
    ),
    'closure_inout_par': (
        """
fn each(n: int, inout f: fn(int)) { par for i in 0..n { f(i) } }
fn g() -> int { var s = 0
 each(10, i => { s += i })
 return s }
""",
        None,
    ),
    'closure_captures_write': (
        """
fn apply(inout f: fn(int), x: int) { f(x) }
fn g(inout a: int[], n: int) { par for i in 0..n { apply(x => { a[x] = i }, i / 2) } }
""",
        None,
    ),
    'closure_captures_same': (
        """
fn apply(inout f: fn(int), x: int) { f(x) }
fn g(inout a: int[], n: int) { par for i in 0..n { apply(x => { a[0] = x }, i) } }
""",
        None,
    ),
    'closure_captures_own': (
        None,
        """
fn apply(inout f: fn(int), x: int) { f(x) }
fn g(inout a: int[], n: int) { par for i in 0..n { apply(x => { a[i] = x }, i) } }
""",
    ),
    'swap_in_loop': (
        """
fn f(inout a: int[], n: int) { par for i in 0..n { a.swap(i, n - i) } }
""",
        """
fn f(inout a: int[], n: int) { par for i in 0..n / 2 { a.swap(i, n - 1 - i) } }
""",
    ),
    'alias_inout': (
        """
fn f(inout a: int[], n: int) { par for i in 0..n { inout s = &a[i..i + 2]
 s[1] = s[0] } }
""",
        """
fn f(inout a: int[], n: int) { par for i in 0..n / 2 { inout s = &a[2 * i..2 * i + 2]
 s[1] = s[0] } }
""",
    ),
    'list_push': (
        """
fn f(n: int) { var l = List<int>()
 par for i in 0..n { l.push(i) } }
""",
        None,
    ),
    'list_index': (
        """
fn f(inout l: List<int>, n: int) { par for i in 0..n { l[i] = l[i + 1] } }
""",
        """
fn f(inout l: List<int>, n: int) { par for i in 0..n { l[i] = l[i] + 1 } }
""",
    ),
    'list_len': (
        """
fn f(inout l: List<List<int>>, n: int) { par for i in 0..n { l[i].push(l[i + 1].len) } }
""",
        None,
    ),
    'list_of_lists': (
        None,
        """
fn f(inout l: List<List<int>>, n: int) { par for i in 0..n { l[i].push(i) } }
""",
    ),
    'map_set': (
        """
fn f(n: int) { var m = Map<int, int>()
 par for i in 0..n { m.set(i, i) } }
""",
        None,
    ),
    'box': (
        """
struct N { v: int, next: Box<N> }
fn f(inout b: Box<int>, n: int) { par for i in 0..n { b.value = i } }
""",
        None,
    ),
    'box_read': (
        """
fn f(inout b: (Box<int>)[], n: int) { par for i in 0..n - 1 { b[i].value = b[i + 1].value } }
""",
        None,
    ),
    'box_own': (
        None,
        """
fn f(inout b: (Box<int>)[], n: int) { par for i in 0..n { b[i].value = i } }
""",
    ),
    'box_replace': (
        """
fn f(inout b: (Box<int>)[], inout o: int[], n: int) { par for i in 0..n - 1 { b[i] = Box(3)
 o[i] = b[i + 1].value } }
""",
        None,
    ),
    'payload': (
        """
enum E { A(int), B }
fn f(inout e: E[], inout o: int[], n: int) { par for i in 0..n - 1 { match e[i + 1] { A(x) => { o[i] = x }
 B => {} }
 e[i] = E.B } }
""",
        None,
    ),
    'unwrap': (
        """
fn f(inout e: (int?)[], inout o: int[], n: int) { par for i in 0..n - 1 { o[i] = e[i + 1]!
 e[i] = 3 } }
""",
        None,
    ),
    'str_elem': (
        """
fn f(inout s: str[], n: int) { par for i in 0..n - 1 { s[i] = s[i + 1] } }
""",
        None,
    ),
    'interp': (
        """
fn f(inout s: str[], n: int) { par for i in 0..n - 1 { s[i] = "x{s[i + 1]}" } }
""",
        None,
    ),
    'eq_slices': (
        """
fn f(inout a: int[], inout o: bool[], n: int) { par for i in 0..n { o[i] = a[..i] == a[i..]
 a[i] = 3 } }
""",
        None,
    ),
    'tuple_assign': (
        """
fn f(inout a: int[], n: int) { par for i in 0..n { (a[i], a[i + 1]) = (1, 2) } }
""",
        None,
    ),
    'zip_self': (
        """
fn f(inout a: int[]) { par for (&x, y) in zip(&a[1..], a[..a.len - 1]) { x = y } }
""",
        None,
    ),
}
