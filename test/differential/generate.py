#!/usr/bin/env python3
"""Writes random programs that are free of races by construction, terminate, and print all they compute.

    generate.py --seed N [--count K] --into FOLDER

The same seed gives the same program. Every construct of the language has a function `make_…` below; each nests in the
bodies of the others through `expression` (folds, collects and calls inside bodies) and `block`.
"""
import argparse
import random
import textwrap
from pathlib import Path

from generate_forms import HELPERS, Forms

INTS = ["int", "i32", "u8", "i16", "u64"]
FLOATS = ["f64", "f32"]
SCALARS = INTS + FLOATS

PRELUDE = '''\
struct Pair { a: int, b: f64 }

enum Kind { Empty, One(int), Two(int, f64) }

fn at(xs: int[], i: int) -> int { if xs.len == 0 { 7 } else { xs[(i % xs.len + xs.len) % xs.len] } }

fn mix(x: int) -> int {
    var h = x * 0x9E3779B9 + 0x7F4A7C15
    h = h ^ (h >> 15)
    return h * 31 + 11
}

fn risky(i: int, limit: int) throws -> int {
    if i >= limit { throw Error("risky {i}") }
    return i * 3
}

fn kind(x: int) -> Kind {
    if x % 3 == 0 { return Kind.Empty }
    if x % 3 == 1 { return One(x) }
    return Two(x, 0.5)
}

fn weigh(k: Kind) -> int {
    match k {
        Empty => 1
        One(x) => x * 2
        Two(x, f) => x + int(f * 4)
    }
}

fn tree(n: int) -> int {
    if n < 2 { return n + 1 }
    invoke {
        let l = tree(n - 1)
        let r = tree(n - 2)
    }
    return l * 3 + r
}

fn joined(a: Pair, b: Pair) -> Pair { Pair(a: a.a * b.a, b: max(a.b, b.b)) }

fn larger<T: Ordered>(a: T, b: T) -> T { if a < b { b } else { a } }

fn apply(f: fn(int) -> int, x: int) -> int { f(f(x)) }

fn bump(inout xs: int[], by: int) {
    for &x in xs { x += by }
}

fn sum(xs: int[]) -> int { reduce(+) par for x in xs { x } }
'''


class Generator(Forms):
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.counter = 0
        self.lines = []
        self.indent = 1
        self.prints = []
        self.arrays = {}  # name: (element type, length or None); readable int arrays, float arrays
        self.scalars = {}  # name: type; everything that may be read here
        self.depth = 0
        self.used = set()

    # ---- helpers

    def name(self, prefix):
        self.counter += 1
        return f"{prefix}_{self.counter}"

    def say(self, text):
        for line in textwrap.dedent(text).strip("\n").split("\n"):
            self.lines.append("    " * self.indent + line)

    def pick(self, *choices):
        return self.random.choice(choices)

    def length(self):
        return self.pick(0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 64, 65, 100, 127, 257, 1000, 4097)

    def int_arrays(self):
        return [name for name, (element, _) in self.arrays.items() if element == "int"]

    def scoped(self, **more):
        """The scalars with those of a body added; give back the result to `leave`."""
        before = dict(self.scalars)
        self.scalars.update(more)
        return before

    def leave(self, before):
        self.scalars = before

    # ---- expressions

    def literal(self, kind):
        if kind in FLOATS:
            return self.pick("0.5", "1.25", "3", "-2.5", "1e3", "0.1")
        high = {"u8": 200, "i16": 3000}.get(kind, 100000)
        value = self.random.randrange(0, high)
        return f"{value}" if kind.startswith("u") or self.random.random() < 0.7 else f"(-{value})"

    def scalar(self, kind):
        names = [name for name, own in self.scalars.items() if own == kind]
        if names and self.random.random() < 0.7:
            return self.random.choice(names)
        others = [(name, own) for name, own in self.scalars.items() if own in SCALARS and own != kind]
        if others and self.random.random() < 0.5:
            return f"{kind}({self.random.choice(others)[0]})"
        return f"{kind}({self.literal(kind)})"

    def expression(self, kind, depth=2):
        if depth <= 0:
            return self.scalar(kind)
        sub = lambda: self.expression(kind, depth - 1)
        forms = [lambda: f"({sub()} {self.pick('+', '-', '*')} {sub()})",
                 lambda: f"(if {self.condition(depth - 1)} {{ {sub()} }} else {{ {sub()} }})",
                 lambda: f"{self.pick('min', 'max', 'larger')}({sub()}, {sub()})",
                 lambda: self.scalar(kind)]
        if kind in FLOATS:
            forms += [lambda: f"({sub()} * {sub()} {self.pick('+', '-')} {sub()})", lambda: f"abs({sub()})",
                      lambda: f"({sub()} / ({sub()} * {self.scalar(kind)} + 1))",
                      lambda: f"{kind}({self.expression('int', depth - 1)} % 1000)"]
        else:
            forms += [lambda: f"({sub()} {self.pick('&', '|', '^')} {sub()})",
                      lambda: f"({sub()} {self.pick('/', '%')} {kind}({self.random.randrange(1, 100)}))",
                      lambda: f"({sub()} {self.pick('<<', '>>')} {self.random.randrange(0, 9)})"]
        if kind == "int":
            forms += [lambda: f"mix({sub()})", lambda: f"weigh(kind({sub()} & 1023))",
                      lambda: f"apply(q => q * 3 + {self.scalar('int')} % 100, {sub()})"]
            if self.int_arrays():
                forms += [lambda: f"at({self.random.choice(self.int_arrays())}, {sub()})"] * 2
            if self.depth < 2:
                forms += [self.inner_fold, self.nested, lambda: f"tree({self.random.randrange(0, 6)})"]
        return self.random.choice(forms)()

    def condition(self, depth=1):
        kind = self.pick("int", "int", "f64", "i32")
        test = f"{self.expression(kind, depth)} {self.pick('<', '<=', '>', '>=', '==', '!=')} {self.scalar(kind)}"
        return test if self.random.random() < 0.8 else f"{test} {self.pick('&&', '||')} {self.scalar('int')} % 2 == 0"

    def inner_fold(self):
        self.depth += 1
        i = self.name("j")
        before = self.scoped(**{i: "int"})
        body = self.expression("int", 1)
        self.leave(before)
        self.depth -= 1
        word = self.pick("par for", "for")
        self.used.add("fold in a body")
        return f"(reduce({self.pick('+', 'min', 'max', '^')}) {word} {i} in 0..{self.pick(0, 1, 3, 17, 70)} {{ {body} }})"

    # ---- statements that make something readable

    def par(self):
        return self.pick("par for", "par for", "par for", "for")

    def keep_array(self, name, element, show=True):
        self.arrays[name] = (element, None)
        if show:
            self.prints.append((name, element))

    def make_collect(self):
        element, n, a, i = self.pick(*SCALARS), self.length(), self.name("a"), self.name("i")
        before = self.scoped(**{i: "int"})
        self.say(f"let {a} = [{self.par()} {i} in 0..{n} {{ {self.expression(element)} }}]")
        self.leave(before)
        self.keep_array(a, element)

    def make_filter(self):
        if not self.int_arrays():
            return self.make_collect()
        source, a, x = self.random.choice(self.int_arrays()), self.name("a"), self.name("x")
        before = self.scoped(**{x: "int"})
        self.say(f"let {a} = [{self.par()} {x} in {source} if {x} % {self.pick(2, 3, 5)} == 0 {{ {self.expression('int', 1)} }}]")
        self.leave(before)
        self.keep_array(a, "int")

    def make_flat_map(self):
        a, i, j = self.name("a"), self.name("i"), self.name("j")
        before = self.scoped(**{i: "int", j: "int"})
        self.say(f"let {a} = [{self.par()} {i} in 0..{self.pick(0, 5, 40)}, {j} in {i}..{i} + {i} % 4 {{ {self.expression('int', 1)} }}]")
        self.leave(before)
        self.keep_array(a, "int")

    def make_own_index(self):
        element, n, a, i = self.pick(*SCALARS), self.length(), self.name("a"), self.name("i")
        self.say(f"var {a} = {element}[]({n})")
        before = self.scoped(**{i: "int"})
        value = self.expression(element)
        filtered = f" if {i} % 3 != 1" if self.random.random() < 0.3 else ""
        self.say(f"{self.par()} {i} in 0..{n}{filtered} {{ {a}[{i}] = {value} }}")
        self.leave(before)
        if self.random.random() < 0.5:
            x = self.name("x")
            before = self.scoped(**{x: element})
            self.say(f"{self.par()} &{x} in {a} {{ {x} = {self.expression(element, 1)} }}")
            self.leave(before)
        self.keep_array(a, element)

    def make_matrix(self):
        h, w, m = self.pick(0, 1, 3, 17, 40), self.pick(1, 5, 16, 33), self.name("m")
        i, j, row = self.name("i"), self.name("j"), self.name("row")
        self.say(f"var {m} = int[,]({h}, {w})")
        before = self.scoped(**{i: "int", j: "int"})
        self.say(f"{self.par()} {i} in 0..{h}, {j} in 0..{w} {{ {m}[{i}, {j}] = {self.expression('int')} }}")
        self.leave(before)
        if self.random.random() < 0.5:
            self.say(f"{self.par()} (k, &{row}) in enumerate({m}.rows()) {{ bump(&{row}, k) }}")
        total = self.name("s")
        self.say(f"let {total} = reduce(+) par for v in {m} {{ v }}")
        self.keep_scalar(total, "int")

    def make_zip(self):
        if not self.int_arrays():
            return self.make_collect()
        source, a = self.random.choice(self.int_arrays()), self.name("a")
        x, y = self.name("x"), self.name("y")
        self.say(f"var {a} = int[]({source}.len)")
        before = self.scoped(**{x: "int"})
        self.say(f"{self.par()} ({x}, &{y}) in zip({source}, &{a}) {{ {y} = {self.expression('int', 1)} }}")
        self.leave(before)
        self.keep_array(a, "int")

    def make_chunks(self):
        a, n = self.name("a"), self.length()
        self.say(f"""
            var {a} = int[]({n})
            {self.par()} (k, &part) in enumerate({a}.chunks({self.pick(1, 4, 10, 64)})) {{
                for j in 0..part.len {{ part[j] = k * 100 + j }}
            }}""")
        self.keep_array(a, "int")

    def keep_scalar(self, name, kind):
        self.scalars[name] = kind
        self.prints.append((name, kind))

    def make_fold(self):
        kind, s, i = self.pick(*SCALARS), self.name("s"), self.name("i")
        operators = ["+", "*", "min", "max"] + (["&", "|", "^"] if kind in INTS else [])
        before = self.scoped(**{i: "int"})
        filtered = f" if {i} % 3 != 0" if self.random.random() < 0.3 else ""
        value = self.expression(kind)
        self.leave(before)
        self.say(f"let {s} = reduce({self.pick(*operators)}) {self.par()} {i} in 0..{self.length()}{filtered} {{ {value} }}")
        self.keep_scalar(s, kind)

    def make_fold_of_tuple(self):
        a, b, i = self.name("s"), self.name("s"), self.name("i")
        before = self.scoped(**{i: "int"})
        self.say(f"let ({a}, {b}) = reduce(min, +) {self.par()} {i} in 0..{self.length()} "
                 f"{{ ({self.expression('int', 1)}, {self.expression('f64', 1)}) }}")
        self.leave(before)
        self.keep_scalar(a, "int")
        self.keep_scalar(b, "f64")

    def make_user_fold(self):
        p, i = self.name("p"), self.name("i")
        before = self.scoped(**{i: "int"})
        self.say(f"let {p} = reduce(joined) {self.par()} {i} in 0..{self.length()} "
                 f"{{ Pair(a: {self.expression('int', 1)} | 1, b: {self.expression('f64', 1)}) }}")
        self.leave(before)
        self.prints += [(f"{p}.a", "int"), (f"{p}.b", "f64")]

    def make_scan(self):
        kind, a, i = self.pick("int", "f64", "u8"), self.name("a"), self.name("i")
        before = self.scoped(**{i: "int"})
        self.say(f"let {a} = {self.pick('scan', 'scan_inclusive')}({self.pick('+', 'max')}) {self.par()} "
                 f"{i} in 0..{self.pick(self.length(), 10000)} {{ {self.expression(kind, 1)} }}")
        self.leave(before)
        self.keep_array(a, kind)

    def make_first(self):
        s, i = self.name("s"), self.name("i")
        before = self.scoped(**{i: "int"})
        self.say(f"let {s} = (first {self.par()} {i} in 0..{self.length()} if {self.condition()} {{ {i} }}) ?? -1")
        self.leave(before)
        self.keep_scalar(s, "int")

    def make_accumulators(self):
        h, c, i = self.name("a"), self.name("s"), self.name("i")
        before = self.scoped(**{i: "int"})
        value = self.expression("int", 1)
        self.leave(before)
        self.say(f"""
            var {h} = int[](16)
            var {c} = 3
            {self.par()} {i} in 0..{self.length()} reduce(+: {h}, max: {c}) {{
                {h}[{i} & 15] += {value}
                {c} max= {i} * 3
            }}""")
        self.keep_array(h, "int")
        self.keep_scalar(c, "int")

    def make_atomics(self):
        h, c, i = self.name("a"), self.name("s"), self.name("i")
        before = self.scoped(**{i: "int"})
        value = self.expression("int", 1)
        self.leave(before)
        self.say(f"""
            var {h} = i32[](8)
            var {c} = 0
            par for {i} in 0..{self.length()} {{
                let v = {value}
                atomic {h}[v & 7] += 1
                atomic {c} {self.pick('+', '^', '|')}= v
            }}""")
        self.keep_array(h, "i32")
        self.keep_scalar(c, "int")

    def make_disjoint(self):
        a, i, n = self.name("a"), self.name("i"), self.pick(1, 101, 1009)
        self.say(f"""
            var {a} = int[]({n})
            par for {i} in 0..{n} {{ disjoint {a}[{i} * 5 % {n}] = {i} }}""")
        self.keep_array(a, "int")

    def make_invoke(self):
        a, b, xs = self.name("s"), self.name("s"), self.name("a")
        left, right = self.expression("int"), self.expression("f64")
        self.say(f"var {xs} = int[](20)")
        self.say(f"""
            invoke {{
                let {a} = {left}
                bump(&{xs}[..10], 3)
                let {b} = {right}
                par for &x in {xs}[10..] {{ x = 9 }}
            }}""")
        self.keep_scalar(a, "int")
        self.keep_scalar(b, "f64")
        self.keep_array(xs, "int")

    def make_pipeline(self):
        t, k, i, v = self.name("s"), self.name("s"), self.name("i"), self.name("v")
        before = self.scoped(**{i: "int"})
        value = self.expression("int")
        self.leave(before)
        limit = self.pick("", " limit(1)", " limit(3)", " limit(64)")
        skip = f"if {i} % 5 == 2 {{ continue }}" if self.random.random() < 0.4 else ""
        self.say(f"""
            var {t} = 0
            var {k} = 0
            pipeline {i} in 0..{self.pick(0, 1, 9, 100)}{limit} {{
            stage parallel:
                {skip or "let w = " + i}
                var {v} = {value}
            stage serial:
                {t} = {t} * 31 + {v}
                {v} = {i}
            stage {self.pick("unordered", "serial")}:
                {k} += {v}
            }}""")
        self.keep_scalar(t, "int")
        self.keep_scalar(k, "int")

    def make_caught_error(self):
        s, i = self.name("s"), self.name("i")
        n, limit = self.pick(1, 20, 300), self.pick(0, 5, 150, 1000)
        self.say(f"""
            var {s} = 0
            do {{
                let xs = [{self.par()} {i} in 0..{n} {{ try risky({i}, {limit}) }}]
                {s} = sum(xs)
            }} catch e {{
                print("caught {{e.message}}")
                {s} = -1
            }}""")
        self.keep_scalar(s, "int")

    def make_prints(self):
        i = self.name("i")
        before = self.scoped(**{i: "int"})
        self.say(f"{self.par()} {i} in 0..{self.pick(0, 3, 40)} {{ print(\"{i} {{{self.scalar('int')}}}\") }}")
        self.leave(before)

    def make_strings(self):
        a, i, s = self.name("t"), self.name("i"), self.name("s")
        self.say(f"""
            let {a} = [{self.par()} {i} in 0..{self.pick(1, 20, 200)} {{ "{{{i} % 7}}-{{{i}:03}}" }}]
            let {s} = reduce(+) par for t in {a} {{ t.len }}
            print("{{{a}[0]}}")""")
        self.keep_scalar(s, "int")

    def make_containers(self):
        m, s, i = self.name("m"), self.name("s"), self.name("i")
        self.say(f"""
            var {m} = Map<int, int>()
            var {s} = List<int>()
            for {i} in 0..{self.pick(0, 10, 100)} {{
                {m}.add(mix({i}) & 15, {i})
                if {i} % 2 == 0 {{ {s}.push({i}) }} else {{ {s}.push({i} * 2) }}
            }}
            for (k, v) in {m} {{ print("{{k}}: {{v}}") }}
            print("{{{s}.len}} {{sum({s})}}")""")

    def make_serial_loops(self):
        s, k = self.name("s"), self.name("k")
        before = self.scoped(**{k: "int"})
        value = self.expression("int", 1)
        self.leave(before)
        self.say(f"""
            var {s} = {self.scalar('int')}
            var {k} = 0
            while {k} < {self.pick(0, 5, 30)} {{
                {k} += 1
                if {k} % 7 == 3 {{ continue }}
                if {k} == 25 {{ break }}
                {s} = {s} * 3 + {value}
            }}""")
        self.keep_scalar(s, "int")
        self.scalars[k] = "int"

    def make_nested_loops(self):
        m, i, j = self.name("a"), self.name("i"), self.name("j")
        before = self.scoped(**{i: "int", j: "int"})
        value = self.expression("int", 1)
        self.leave(before)
        self.say(f"""
            var {m} = int[]({self.pick(1, 9, 30)})
            par for {i} in 0..{m}.len {{
                var local = {i}
                {self.par()} {j} in 0..{self.pick(1, 8, 70)} reduce(+: local) {{ local += {value} }}
                let rest = [{self.par()} q in 0..{i} {{ q * local }}]
                {m}[{i}] = local + sum(rest)
            }}""")
        self.keep_array(m, "int")

    def program(self, statements):
        makers = [getattr(self, name) for name in sorted(dir(self)) if name.startswith("make_")]
        for _ in range(statements):
            maker = self.random.choice(makers)
            self.used.add(maker.__name__)
            maker()
        for name, kind in self.prints:
            shown = {"f64": f"bits<u64>({name})", "f32": f"bits<u32>({name})"}
            if "." not in name and name in self.arrays:
                convert = {"f64": "int(bits<u64>(v))", "f32": "int(bits<u32>(v))"}.get(kind, "int(v)")
                self.say(f"let h_{name} = reduce(+) for (k, v) in enumerate({name}) {{ {convert} * (k + 1) }}")
                self.say(f"print(\"{name} {{{name}.len}} {{h_{name}}}\")")
            else:
                self.say(f"print(\"{name} {{{shown.get(kind, name)}}}\")")
        return PRELUDE + "\n" + HELPERS + "\nfn main() {\n" + "\n".join(self.lines) + "\n}\n"


def program(seed, statements=12):
    return f"// generate.py --seed {seed}\n" + Generator(seed).program(statements)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--statements", type=int, default=12)
    parser.add_argument("--into", type=Path, required=True)
    options = parser.parse_args()
    options.into.mkdir(parents=True, exist_ok=True)
    for seed in range(options.seed, options.seed + options.count):
        (options.into / f"generated_{seed}.par").write_text(program(seed, options.statements))


if __name__ == "__main__":
    main()
