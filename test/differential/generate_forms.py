"""More forms for generate.py: helpers that hold one construct each, so that everything nests in everything, and statements over strings,
structs, enums, optionals, closures, errors, views and containers."""

HELPERS = '''\
struct Count { left: int }

struct Grid { cells: f64[,], name: str }

struct Stats { n: int, sum: f64, most: int }

enum Shape { Empty, Circle(int), Rect(int, int), Named(str) }

enum Tree { Leaf, Node(Box<Inner>) }

struct Inner { left: Tree, v: int, right: Tree }

struct Missing { name: str, at: int }

fn next(inout s: Count) -> int? {
    if s.left <= 0 { return none }
    s.left -= 1
    return s.left * 3
}

fn via_elements(n: int) -> int {
    var xs = [par for i in 0..n { i * n }]
    par for &x in xs if x % 3 != 1 { x += n }
    return sum(xs)
}

fn via_grid(n: int) -> int {
    var m = int[,](n, 5)
    par for i in 0..n, j in 0..5 { m[i, j] = i * 7 - j * n }
    par for (k, &row) in enumerate(m.rows()) { for &v in row { v ^= k } }
    return reduce(max) par for v in m { v }
}

fn via_cube(n: int) -> int {
    let m = [par for i in 0..n, j in 0..3, k in 0..4 { i * j - k }]
    return reduce(+) par for i in 0..n, j in 0..3, k in 0..4 { m[i, j, k] * (k + 1) }
}

fn via_filter(n: int) -> int {
    let kept = [par for i in 0..n if i % 3 != 0 { i * i }]
    return kept.len * 1000 + sum(kept)
}

fn via_scan(n: int) -> int {
    let s = scan(+) par for i in 0..n { i % 5 }
    let t = scan_inclusive(max) par for x in s { x ^ 3 }
    return at(t, n / 2) + at(s, n - 1)
}

fn via_first(n: int) -> int { (first par for i in 0..n if i * i > n { i }) ?? -1 }

fn via_pipeline(n: int) -> int {
    var t = 0
    pipeline i in 0..n limit(2) {
    stage parallel:
        let v = mix(i) & 255
    stage serial:
        t = t * 3 + v
    }
    return t
}

fn via_accumulators(n: int) -> int {
    var h = int[](5)
    var top = -1
    par for i in 0..n reduce(+: h, max: top) {
        h[i % 5] += i
        top max= i % 11
    }
    return at(h, n) + top
}

fn via_atomic(n: int) -> int {
    var c = 0
    var h = i32[](3)
    par for i in 0..n {
        atomic c += i
        atomic h[i % 3] max= i32(i)
    }
    return c + int(h[0] ^ h[2])
}

fn via_disjoint(n: int) -> int {
    var a = int[](101)
    par for i in 0..101 { disjoint a[i * 7 % 101] = i + n }
    return at(a, n)
}

fn via_user_fold(n: int) -> int {
    let p = reduce(joined) par for i in 0..n { Pair(a: i | 1, b: f64(i)) }
    return p.a & 0xffff
}

fn via_float_fold(n: int) -> int { int(reduce(+) par for i in 0..n { 1.5 * f64(i) }) }

fn via_rows(n: int) -> f64 {
    let m = [par for i in 0..n, j in 0..7 { 1 / f64(i + j + 1) }]
    return reduce(+) par for i in 0..n, j in 0..7 { m[i, j] * 1.25 }
}

fn via_triangle(n: int) -> f64 { reduce(+) par for i in 0..n, j in 0..i { f64(i - j) / 3 } }

fn via_words(n: int) -> int {
    let words = [par for i in 0..n { "w{i % 4}" }]
    let long = reduce(longest) par for w in words { w }
    return long.len + words.len
}

fn via_invoke(n: int) -> int {
    var a = 0
    var xs = int[](4)
    invoke {
        a = n * 3
        bump(&xs, n)
        let c = mix(n)
    }
    return a + xs[1] + (c & 15)
}

fn via_caught(n: int) -> int {
    var r = 0
    do {
        let xs = [par for i in 0..n { try risky(i, 9) }]
        r = sum(xs)
    } catch e { r = -e.message.len }
    return r
}

fn via_chunks(n: int) -> int {
    var a = int[](n)
    par for (k, &part) in enumerate(a.chunks(3)) { for j in 0..part.len { part[j] = k - j } }
    return sum(a)
}

fn longest(a: str, b: str) -> str { if a.len < b.len { b } else { a } }

fn merge(inout into: Map<int, int>, from: Map<int, int>) { for (k, v) in from { into.add(k, v) } }

fn gather(inout into: List<int>, from: List<int>) { for x in from { into.push(x) } }

fn note(inout s: Stats, x: int) {
    s.n += 1
    s.sum += f64(x) / 3
    s.most max= x
}

fn joinStats(inout a: Stats, b: Stats) {
    a.n += b.n
    a.sum += b.sum
    a.most max= b.most
}

fn find(n: int) throws Missing -> int {
    if n % 13 == 5 { throw Missing(name: "m{n}", at: n) }
    return n + 1
}

fn half(n: int) -> int? { if n % 2 == 0 { n / 2 } else { none } }

fn area(s: Shape) -> int {
    match s {
        Circle(r) if r > 50 => r * 3
        Circle(r) => r
        Rect(w, h) => w * h
        Named(name) => name.len
        Empty => -1
    }
}

fn shape(n: int) -> Shape {
    match n & 3 {
        0 => Shape.Empty
        1 => Circle(n & 127)
        2 => Rect(n & 15, 3)
        _ => Named("s{n & 31}")
    }
}

fn leaf(v: int) -> Tree { Tree.Node(Box(Inner(left: Tree.Leaf, v: v, right: Tree.Leaf))) }

fn grow(n: int) -> Tree {
    if n <= 1 { return leaf(n) }
    return Tree.Node(Box(Inner(left: grow(n / 2), v: n, right: grow(n - n / 2 - 1))))
}

fn weight(t: Tree) -> int {
    match t {
        Leaf => 0
        Node(b) => weight(b.value.left) * 2 + b.value.v - weight(b.value.right)
    }
}

fn each(xs: int[], inout f: fn(int)) { for x in xs { f(x) } }

fn fold_with<T: Copy>(n: int, start: T, f: fn(T, int) -> T) -> T {
    var r = start
    for i in 0..n { r = f(r, i) }
    return r
}

fn sort_part(inout a: int[]) {
    if a.len < 5 {
        for i in 1..a.len { for j in 0..i by 1 { if a[i - j] < a[i - j - 1] { a.swap(i - j, i - j - 1) } else { break } } }
        return
    }
    let p = a[a.len / 2]
    var lo = 0
    var hi = a.len - 1
    while lo <= hi {
        while a[lo] < p { lo += 1 }
        while a[hi] > p { hi -= 1 }
        if lo <= hi {
            a.swap(lo, hi)
            lo += 1
            hi -= 1
        }
    }
    invoke {
        sort_part(&a[..hi + 1])
        sort_part(&a[hi + 1..])
    }
}
'''

NESTED = ["via_elements", "via_grid", "via_cube", "via_filter", "via_scan", "via_first", "via_pipeline", "via_accumulators", "via_atomic",
          "via_disjoint", "via_user_fold", "via_float_fold", "via_words", "via_invoke", "via_caught", "via_chunks"]


class Forms:
    """Statements for class Generator, which gives names, expressions and scopes."""

    def nested(self):
        """An expression with a whole construct inside."""
        return f"{self.pick(*NESTED)}({self.pick(0, 1, 2, 5, 9, 20)})"

    def make_nested(self):
        a, i = self.name("a"), self.name("i")
        form = self.pick(
            f"let {a} = [par for {i} in 0..9 {{ {self.nested()} + {i} }}]",
            f"let {a} = [par for {i} in 0..30 if {i} % 2 == 0 {{ {self.nested()} - {i} }}]",
            f"let {a} = scan(+) par for {i} in 0..12 {{ {self.nested()} ^ {i} }}",
            f"let {a} = [reduce(+) par for {i} in 0..7 {{ {self.nested()} * {i} }}, 1]",
            f"let {a} = [(first par for {i} in 0..8 if {self.nested()} > {i} {{ {i} }}) ?? -3, 2]",
            f"let {a} = [reduce(max) par for {i} in 0..4, j in 0..3 {{ {self.nested()} - j }}, 3]")
        self.say(form)
        self.keep_array(a, "int")

    def make_nested_statements(self):
        a, i = self.name("a"), self.name("i")
        self.say(self.pick(f"""
            var {a} = int[](6)
            par for {i} in 0..6 {{ {a}[{i}] = {self.nested()} }}""", f"""
            var {a} = int[](4)
            invoke {{
                {a}[0] = {self.nested()}
                let l_{a} = {self.nested()}
                let r_{a} = {self.nested()}
            }}
            {a}[1] = l_{a}
            {a}[2] = r_{a}""", f"""
            var {a} = int[](3)
            par for {i} in 0..10 reduce(+: {a}) {{ {a}[{i} % 3] += {self.nested()} }}""", f"""
            var {a} = int[](3)
            par for {i} in 0..10 {{ atomic {a}[{i} % 3] += {self.nested()} }}""", f"""
            var {a} = int[](9)
            par for {i} in 0..9 {{ disjoint {a}[{i} * 2 % 9] = {self.nested()} }}""", f"""
            var {a} = int[](2)
            pipeline {i} in 0..6 {{
            stage parallel:
                let v_{a} = {self.nested()}
            stage serial:
                {a}[0] = {a}[0] * 7 + v_{a}
                {a}[1] += {self.nested()}
            }}"""))
        self.keep_array(a, "int")

    def make_pipeline_sources(self):
        s, x = self.name("s"), self.name("x")
        n = self.pick(0, 1, 7, 40)
        head = self.pick(f"pipeline {x} in Count(left: {n})", f"pipeline while let {x} = c_{s}.next()",
                         f"pipeline {x} in [par for i in 0..{n} {{ i * i }}]")
        self.say(f"""
            var {s} = 0
            var c_{s} = Count(left: {n})
            {head}{self.pick("", " limit(2)")} {{
            stage parallel:
                let t = "{{{x} % 100}}"
                var w = [for k in 0..3 {{ {x} + k }}]
            stage parallel:
                w[1] = w[0] * w[2]
            stage serial:
                {s} = {s} * 5 + t.len + sum(w)
            }}
            print("{{c_{s}.left}}")""")
        self.keep_scalar(s, "int")

    def make_merge(self):
        m, i = self.name("m"), self.name("i")
        self.say(f"""
            var {m} = Map<int, int>()
            {m}.add(3, 100)
            {self.par()} {i} in 0..{self.pick(0, 5, 100, 3000)} reduce(merge: {m}) {{ {m}.add(mix({i}) & 7, {self.expression('int', 1)} & 255) }}
            print("{{{m}.len}} {{{m}}}")""")

    def make_list_clause(self):
        m, i = self.name("m"), self.name("i")
        self.say(f"""
            var {m} = List<int>()
            {self.par()} {i} in 0..{self.pick(0, 5, 100, 3000)} reduce(gather: {m}) {{ if {i} % 3 == 1 {{ {m}.push({i} * 2) }} }}
            let s_{m} = sum({m})
            print("{{{m}.len}}")""")
        self.keep_scalar(f"s_{m}", "int")

    def make_stats_clause(self):
        s, i = self.name("st"), self.name("i")
        self.say(f"""
            var {s} = Stats(n: 2)
            {self.par()} {i} in 0..{self.pick(0, 7, 300, 5000)} reduce(joinStats: {s}) {{ note(&{s}, {i} * 3 % 101) }}
            print("{{{s}.n}} {{bits<u64>({s}.sum)}} {{{s}.most}}")""")

    def make_struct_accumulator(self):
        s, i, f = self.name("st"), self.name("i"), self.name("f")
        self.say(f"""
            var {s} = Stats(n: 1, sum: 0.5)
            var {f} = f32[](3, 0.25)
            {self.par()} {i} in 0..{self.pick(1, 33, 700, 5000)} reduce(+: {s}, +: {f}) {{
                {s}.n += 1
                {s}.sum += f64({i}) * 0.1
                {f}[{i} % 3] += f32({i}) / 7
            }}
            print("{{{s}.n}} {{bits<u64>({s}.sum)}}")""")
        self.keep_array(f, "f32")

    def make_shapes(self):
        a, i, t = self.name("a"), self.name("i"), self.name("t")
        self.say(f"""
            let {t} = [{self.par()} {i} in 0..{self.pick(1, 40, 300)} {{ shape(mix({i}) ^ {self.scalar('int')}) }}]
            let {a} = [{self.par()} q in {t} {{ area(q) }}]
            print("{{{t}[0]}}")""")
        self.keep_array(a, "int")

    def make_optionals(self):
        a, i, o = self.name("a"), self.name("i"), self.name("o")
        self.say(f"""
            let {o} = [{self.par()} {i} in 0..{self.pick(1, 20, 200)} {{ half({self.expression('int', 1)}) }}]
            let {a} = [{self.par()} q in {o} {{ if let v = q {{ v }} else {{ half(6) ?? 1 }} }}]
            print("{{{o}[0]}} {{half(8)!}} {{half(7) ?? -1}}")""")
        self.keep_array(a, "int")

    def make_trees(self):
        s = self.name("s")
        self.say(f"let {s} = weight(grow({self.pick(0, 1, 5, 33)})) + weight(leaf(3))")
        self.keep_scalar(s, "int")

    def make_closures(self):
        s, k = self.name("s"), self.name("s")
        array = self.random.choice(self.int_arrays()) if self.int_arrays() else "int[](3, 4)"
        self.say(f"""
            var {s} = {self.scalar('int')}
            each({array}, x => {{ {s} = {s} * 3 + x }})
            let {k} = fold_with({self.pick(0, 3, 20)}, {s}, (r, i) => r ^ (i * {self.scalar('int')}))""")
        self.keep_scalar(s, "int")
        self.keep_scalar(k, "int")

    def make_typed_errors(self):
        s, i = self.name("s"), self.name("i")
        self.say(f"""
            var {s} = 0
            do {{
                {self.par()} {i} in {self.pick(0, 3)}..{self.pick(4, 6, 19)} reduce(+: {s}) {{ {s} += try find({i}) }}
            }} catch e {{
                print("missing {{e.name}} {{e.at}} {{{s}}}")
                {s} -= e.at
            }}
            print("{{try? find(5)}} {{(try? find(6)) ?? 0}}")""")
        self.keep_scalar(s, "int")

    def make_errors_in_tasks(self):
        s = self.name("s")
        self.say(f"""
            var {s} = 1
            do {{
                invoke {{
                    let a_{s} = try risky({self.pick(1, 5)}, {self.pick(3, 9)})
                    let b_{s} = try risky({self.pick(2, 6)}, {self.pick(3, 9)})
                }}
                {s} = a_{s} + b_{s}
            }} catch e {{ print("task {{e.message}}") }}
            do {{
                pipeline i in 0..{self.pick(3, 30)} {{
                stage parallel:
                    let v = try risky(i, {self.pick(2, 11, 99)})
                stage serial:
                    {s} += v
                }}
            }} catch e {{ print("item {{e.message}} {{{s}}}") }}""")
        self.keep_scalar(s, "int")

    def make_words(self):
        t, s = self.name("t"), self.name("s")
        self.say(f"""
            let {t} = "{self.pick('alpha', 'x', '', 'a b c')}-{{{self.scalar('int')} % 1000:05}}"
            let {s} = reduce(+) par for c in {t}.bytes {{ int(c) }}
            print("{{{t}}} {{{t}[0..1]}} {{{t}[1..]}} {{{t} < "b"}} {{{self.scalar('f64')}:.3f}}")""")
        self.keep_scalar(s, "int")

    def make_views(self):
        a, n = self.name("a"), self.pick(12, 24, 60)
        self.say(f"""
            var {a} = [{self.par()} i in 0..{n} {{ {self.expression('int', 1)} + i }}]
            bump(&{a}[..{n // 3}], 5)
            bump(&{a}[{n // 3}..{n // 2}], 7)
            let v_{a} = sum({a}[{n // 4}..]) + reduce(max) par for x in {a}.view(4, {n // 4}) {{ x }}
            {a}[..3] = {a}[3..6]
            {a}[6..8] = 1
            {a}.swap(0, {n - 1})
            for &part in {a}.parts([0, 2, {n // 2}, {n}]) {{ part[0] = part.len }}""")
        self.keep_scalar(f"v_{a}", "int")
        self.keep_array(a, "int")

    def make_grids(self):
        g, s = self.name("g"), self.name("s")
        self.say(f"""
            var {g} = Grid(cells: f64[,]({self.pick(1, 4, 9)}, {self.pick(3, 8, 40)}), name: "g")
            {self.par()} (k, &row) in enumerate({g}.cells.rows()) {{ for j in 0..row.len {{ row[j] = f64(k) + 1 / f64(j + 1) }} }}
            {self.par()} &tile in {g}.cells.tiles(2, 3) {{ tile[0, 0] += 0.125 }}
            let {s} = reduce(+) par for i in 0..{g}.cells.rows, j in 0..{g}.cells.cols {{ {g}.cells[i, j] * 3 }}
            print("{{{g}.name}} {{{g}.cells.shape}}")""")
        self.keep_scalar(s, "f64")

    def make_dependent(self):
        s, a = self.name("s"), self.name("a")
        n = self.pick(0, 1, 5, 40, 90)
        self.say(f"""
            let {s} = via_triangle({n}) + via_rows({n})
            var {a} = int[,]({max(n, 1)}, {max(n, 1)})
            {self.par()} i in 0..{n}, j in i..{n} {{ {a}[i, j] = i * 100 + j }}
            let d_{a} = reduce(+) par for v in {a} {{ v }}""")
        self.keep_scalar(s, "f64")
        self.keep_scalar(f"d_{a}", "int")

    def make_rows_of_rows(self):
        r, s = self.name("r"), self.name("s")
        self.say(f"""
            var {r} = [{self.par()} i in 0..{self.pick(1, 6, 20)} {{ [{self.par()} j in 0..i {{ j * i }}] }}]
            {self.par()} &row in {r} {{ bump(&row, 2) }}
            let {s} = reduce(+) par for row in {r} {{ sum(row) }}
            let first_{r} = take(&{r}[{r}.len - 1])
            var n_{r} = first_{r}.len
            for sink row in {r} {{ n_{r} = n_{r} * 3 + row.len }}""")
        self.keep_scalar(s, "int")
        self.keep_scalar(f"n_{r}", "int")

    def make_columns(self):
        a, b = self.name("a"), self.name("a")
        self.say(f"let ({a}, {b}) = [{self.par()} i in 0..{self.length()} {{ ({self.expression('int', 1)}, {self.expression('f64', 1)}) }}]")
        self.keep_array(a, "int")
        self.keep_array(b, "f64")

    def make_user_scan(self):
        a, i = self.name("a"), self.name("i")
        self.say(f"""
            let {a} = {self.pick('scan', 'scan_inclusive')}(longest) {self.par()} {i} in 0..{self.pick(0, 3, 50)} {{ "{{mix({i}) & 0xfff}}" }}
            print("{{{a}}}")""")

    def make_labels(self):
        s = self.name("s")
        self.say(f"""
            var {s} = 0
            outer: for i in 0..{self.pick(3, 12)} {{
                for j in 0..{self.pick(3, 9)} {{
                    if i * j == {self.pick(6, 12, 99)} {{ break outer }}
                    if j > i {{ continue outer }}
                    {s} += i * 10 + j
                }}
            }}
            while let v = half({s}) {{ {s} = v + if v % 2 == 0 {{ 1 }} else {{ 0 }} }}""")
        self.keep_scalar(s, "int")

    def make_sorted(self):
        a, s = self.name("a"), self.name("s")
        self.say(f"""
            var {a} = [{self.par()} i in 0..{self.pick(0, 1, 6, 50, 400)} {{ mix(i + {self.scalar('int')}) & 1023 }}]
            sort_part(&{a})
            let {s} = (first par for i in 1..{a}.len if {a}[i] < {a}[i - 1] {{ i }}) ?? -1""")
        self.keep_scalar(s, "int")
        self.keep_array(a, "int")

    def make_simd(self):
        a, b = self.name("a"), self.name("a")
        n, kind = self.length(), self.pick("f32", "f64", "i32", "int")
        self.say(f"""
            let {a} = [par for i in 0..{n} {{ {kind}(i % 91) }}]
            var {b} = {kind}[]({n})
            simd par for i in 0..{n} {{ {b}[i] = {a}[i] * 3 + {kind}(i & 7) }}""")
        self.keep_array(b, kind)

    def make_three_indices(self):
        s, f = self.name("s"), self.name("s")
        n = self.pick(0, 1, 4, 11)
        self.say(f"""
            let {s} = reduce(+) {self.par()} i in 0..{n}, j in 0..{self.pick(2, 5)}, k in 0..{self.pick(3, 70)} if k != j {{ i * j + k }}
            let {f} = reduce(+) {self.par()} i in 0..{n}, j in 0..3, k in 0..{self.pick(3, 70)} {{ f64(i + j) / f64(k + 1) }}""")
        self.keep_scalar(s, "int")
        self.keep_scalar(f, "f64")

    def make_tuples(self):
        p, i = self.name("p"), self.name("i")
        self.say(f"""
            var {p} = ({self.scalar('int')}, "t", {self.scalar('f64')})
            ({p}.0, {p}.2) = ({p}.0 * 3, f64({p}.0 % 100))
            let b_{p} = reduce(max) {self.par()} {i} in 0..{self.pick(1, 50, 5000)} {{ (mix({i}) & 255, {i}) }}
            print("{{{p}.0}} {{{p}.1}} {{b_{p}}}")""")

    def make_sink(self):
        l = self.name("l")
        self.say(f"""
            var {l} = List<str>()
            for i in 0..{self.pick(0, 4, 30)} {{ {l}.push("e{{i * i}}") }}
            let p_{l} = {l}.pop() ?? "none"
            let a_{l} = {l}.array()
            print("{{a_{l}}} {{p_{l}}}")""")
