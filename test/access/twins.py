#!/usr/bin/env python3
"""Twins: each form of access in each construct, once as a race that must be rejected and once as the nearest neighbour
that must be accepted; hand-written pairs (pairs.py); and loops of real programs (loops/), which must be accepted.

    twins.py --parc PATH [--filter TEXT] [--json FILE] [--show]
"""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import pairs  # noqa: E402
import pairs_more  # noqa: E402

HEAD = """
struct P { x: int, y: int }
struct Grid { w: int, cells: int[] }
enum Door { Open(int), Shut }
fn put(inout a: int[], i: int) { a[i] = 7 }
fn put_even(inout a: int[], i: int) { if i % 2 == 0 { a[i / 2] = 7 } }
fn fill(inout a: int[]) { for &x in a { x = 1 } }
fn set(inout g: Grid, i: int, j: int) { g.cells[i * g.w + j] = 1 }
fn apply(inout f: fn(int), x: int) { f(x) }
fn half(x: int) -> int { x / 2 }
"""

# Form: what iteration `i` of `n` does, in a race and in its twin. `w` is a width of at least 1.
FORMS = {
    "a_scalar": ("total += i", "let t = i * 2\n b[i] = t"),
    "one_element": ("a[0] = i", "a[i] = i"),
    "a_neighbour": ("a[i] = a[i + 1]", "b[i] = a[i + 1]"),
    "a_stride": ("a[2 * i] = a[2 * i + 2]", "a[2 * i] = a[2 * i + 1]"),
    "an_offset": ("a[i + k] = a[i + k + 1]", "a[i + k] = a[i + k] + 1"),
    "a_flat_index": ("for j in 0..w + 1 { a[i * w + j] = j }", "for j in 0..w { a[i * w + j] = j }"),
    "two_dimensions": ("m[0, i / 2] = i", "m[i, 0] = i"),
    "a_column": ("for j in 0..m.rows { m[j, i] = m[j, i + 1] }", "for j in 0..m.rows { m[j, i] = m[j, i] + 1 }"),
    "a_slice": ("fill(&a[i..i + 2])", "fill(&a[2 * i..2 * i + 2])"),
    "a_bound_slice": ("inout s = &a[3 * i..3 * i + 4]\n s[3] = s[0]", "inout s = &a[3 * i..3 * i + 3]\n s[2] = s[0]"),
    "a_row": ("fill(&m[i / 2, ..])", "fill(&m[i, ..])"),
    "a_flat_view": ("m.flat[i] = m.flat[i + 1]", "m.flat[i] = 1"),
    "a_field": ("ps[i].x = ps[i + 1].x", "ps[i].x = ps[i + 1].y"),
    "a_callee": ("put(&a, i / 2)", "put(&a, i)"),
    "a_conditional_callee": ("put_even(&a, i)\n a[i / 2] = 1", "put_even(&a, i)"),
    "a_method_of_a_grid": ("for j in 0..g.w + 1 { g.set(i, j) }", "for j in 0..g.w { g.set(i, j) }"),
    "a_list": ("l[i] = l[i + 1]", "l[i] = l[i] + 1"),
    "a_growing_list": ("l.push(i)", "ls[i].push(i)"),
    "rows_of_their_own": ("r[i][0] = r[i + 1][0]", "r[i][0] = r[i][1]"),
    "a_replaced_row": ("r[i] = int[](3)\n b[i] = r[i + 1].len", "r[i] = int[](3)\n b[i] = r[i].len"),
    "an_unknown_index": ("a[idx[i]] = i", "disjoint a[idx[i]] = i"),
    "a_histogram": ("h[i % 7] += 1", "atomic h[i % 7] += 1"),
    "an_optional": ("e[i] = none\n if let x = e[i + 1] { b[i] = x }", "e[i] = none\n if let x = e[i] { b[i] = x }"),
    "a_tag": ("d[i] = Door.Shut\n match d[i + 1] { Open(_) => { b[i] = 1 }\n Shut => {} }",
              "d[i] = Door.Shut\n match d[i] { Open(_) => { b[i] = 1 }\n Shut => {} }"),
    "a_condition": ("if i % 2 == 0 { a[i] = a[i + 2] }", "if i % 2 == 0 { a[i] = a[i + 1] }"),
    "a_quotient": ("a[i / 2] = i", "if i % 2 == 1 { a[i / 2] = i }"),
    "a_remainder": ("a[i % 16] = i", "a[i / 16 * 16 + i % 16] = i"),
    "the_other_end": ("a[n - 1 - i] = a[i]", "b[n - 1 - i] = a[i]"),
    "a_let_between": ("let q = half(i)\n a[q] = i", "let q = i + half(6)\n a[q] = i"),
    "a_mutated_local": ("var q = i\n q = q / 2\n a[q] = 1", "var q = i\n q += 3\n a[q] = 1"),
    "a_narrow_index": ("a[int(u8(i))] = i", "if i >= 0 && i < 256 { a[int(u8(i))] = i }"),
    "a_shift": ("a[i >> 1] = i", "a[i << 1] = a[(i << 1) + 1]"),
    "a_swap": ("a.swap(i, i + 1)", "a.swap(2 * i, 2 * i + 1)"),
    "a_tuple_of_targets": ("(a[i], a[i + 1]) = (1, 2)", "(a[i], b[i + 1]) = (1, 2)"),
    "a_closure": ("apply(x => { a[x] = i }, i)", "apply(x => { a[i] = x }, i)"),
    "an_inner_loop": ("for j in i..n { a[j] = i }", "for j in i..n { b[i] += a[j] }"),
    "an_inner_while": ("var j = i\n while j < n { a[j] = 1; j += 1 }", "var j = 0\n while j < n { b[i] += a[j]; j += 1 }"),
    "a_pair_of_ends": ("a[i + 1] = b[i]\n a[i] = b[i]", "a[2 * i + 1] = b[i]\n a[2 * i] = b[i]"),
    "a_choice": ("let q = if i % 2 == 0 { i } else { i - 1 }\n a[q] = 1",
                 "let q = if i % 2 == 0 { i } else { i }\n a[q] = 1"),
}

# Clean, but not provable yet (docs/limits.md); that they are still rejected is checked, so that the list stays true.
LIMITS = {"csr_clean", "loops/fft_butterflies_flat"}

PARAMS = ("inout a: int[], inout b: int[], inout m: int[,], inout ps: P[], inout g: Grid, inout l: List<int>, "
          "inout ls: List<List<int>>, inout r: int[][], idx: int[], inout h: int[], inout e: (int?)[], inout d: Door[], "
          "zs: int[], n: int, w: int, k: int")

# Construct: the text around the body, and the forms that mean something else in it.
CONSTRUCTS = {
    "par_for": ("par for i in 0..n {\n BODY\n}", ()),
    "a_filtered_par_for": ("par for i in 0..n if i != 3 {\n BODY\n}", ()),
    "a_par_for_by_four": ("par for q4 in 0..n by 4 { let i = q4\n BODY\n}",
                          ("a_flat_index", "a_method_of_a_grid", "two_dimensions", "a_neighbour", "a_stride", "an_offset", "a_bound_slice", "a_slice", "a_row",
                           "a_field", "a_flat_view", "a_callee", "a_conditional_callee", "a_list", "rows_of_their_own",
                           "a_replaced_row", "an_optional", "a_tag", "a_condition", "a_quotient", "a_let_between",
                           "a_mutated_local", "a_shift", "a_swap", "a_tuple_of_targets", "a_closure", "a_choice",
                           "a_pair_of_ends", "a_column")),
    "an_inner_par_for": ("par for outer in 0..1 {\n par for i in 0..n {\n BODY\n} }", ()),
    "a_serial_loop_around": ("for round in 0..3 { par for i in 0..n {\n BODY\n} }", ()),
    "a_serial_loop_inside": ("par for i in 0..n { for round in 0..2 {\n BODY\n} }", ()),
    "a_branch_inside": ("par for i in 0..n { if k > 2 {\n BODY\n} }", ()),
    "a_collect": ("let c = [par for i in 0..n {\n BODY\n i }]\n print(\"{c.len}\")", ()),
    "a_fold": ("let c = reduce(+) par for i in 0..n {\n BODY\n i }\n print(\"{c}\")", ()),
    "elements_with_numbers": ("par for (i, z) in enumerate(zs) { let unused = z\n BODY\n}", ()),
    "narrow_numbers": ("par for small in i32(0)..i32(60000) { let i = int(small)\n BODY\n}", ()),
    "a_parallel_stage": ("pipeline i in 0..n { stage parallel:\n BODY\n}", ("a_flat_index", "a_method_of_a_grid")),
    "an_accumulator_beside": ("var s = 0\n par for i in 0..n reduce(+: s) { s += i\n BODY\n}", ()),
    "a_do_block": ("par for i in 0..n { do {\n BODY\n if i < 0 { throw Error(\"no\") } } catch {} }", ()),
}


def function(name, construct, body):
    around, _ = CONSTRUCTS[construct]
    text = f"fn {name}({PARAMS}) {{\n var total = 0\n assert(w > 0, \"a width\")\n"
    return text + around.replace("BODY", body) + "\n print(\"{total}\")\n}\n"


def generated():
    """(construct, name, text, whether it is a race)"""
    for construct, (_, leaves_out) in CONSTRUCTS.items():
        for form, (race, clean) in FORMS.items():
            if form in leaves_out:
                continue
            for kind, body in (("race", race), ("clean", clean)):
                name = f"{form}_in_{construct}_{kind}"
                yield construct, name, function(name, construct, body), kind == "race"


def errors_of(parc, text, where):
    """Lines with errors, and the whole output."""
    path = Path(where) / "twins.par"
    path.write_text(text)
    run = subprocess.run([parc, "check", "--message-format=short", str(path)], capture_output=True, text=True,
                         timeout=120)
    found = []
    for line in (run.stdout + run.stderr).splitlines():
        if "error[" in line and ".par:" in line:
            number = int(line.split(".par:")[1].split(":")[0])
            found.append((number, line.split("error[")[1].split("]")[0], line))
    if run.returncode not in (0, 1) or (run.returncode == 1 and not found):
        found.append((0, "crash", run.stdout + run.stderr))
    return found


def judge_file(parc, functions, where, head):
    """{name: "" or why it is wrong}"""
    text, starts = head, []
    for name, body, race in functions:
        starts.append((text.count("\n") + 1, name, race))
        text += body
    text += "\nfn main() {}\n"
    found = errors_of(parc, text, where)
    wrong = {}
    for k, (start, name, race) in enumerate(starts):
        end = starts[k + 1][0] if k + 1 < len(starts) else 10**9
        mine = [e for e in found if start <= e[0] < end]
        others = [e for e in mine if not e[1].startswith("R")]
        if others:
            wrong[name] = "does not get to the race rules: " + others[0][2]
        elif race and not mine:
            wrong[name] = "is a race and was accepted"
        elif not race and mine:
            wrong[name] = "is no race and was rejected: " + mine[0][2]
        else:
            wrong[name] = ""
    for number, code, line in found:
        if number < starts[0][0]:
            wrong["file"] = line
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--parc", required=True)
    parser.add_argument("--filter", default="")
    parser.add_argument("--json")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    results = {}
    with tempfile.TemporaryDirectory() as where:
        by_construct = {}
        for construct, name, text, race in generated():
            if options.filter in name:
                by_construct.setdefault(construct, []).append((name, text, race))
                if options.show:
                    print(text)
        for functions in by_construct.values():
            clean = [f for f in functions if not f[2]]
            races = [f for f in functions if f[2]]
            # parc stops after 20 errors.
            for part in [clean] + [races[k:k + 18] for k in range(0, len(races), 18)]:
                if part:
                    results.update(judge_file(options.parc, part, where, HEAD))
        for name, (race, clean) in {**pairs.PAIRS, **pairs_more.PAIRS}.items():
            for kind, text in (("race", race), ("clean", clean)):
                full = f"{name}_{kind}"
                if text and options.filter in full:
                    if options.show:
                        print(text)
                    results.update(judge_file(options.parc, [(full, "\n" + text, kind == "race")], where, ""))
    for path in sorted((HERE / "loops").glob("*.par")):
        if options.filter in path.stem:
            run = subprocess.run([options.parc, "check", str(path)], capture_output=True, text=True, timeout=120)
            results[f"loops/{path.stem}"] = "" if run.returncode == 0 else (run.stdout + run.stderr)[-800:]
    for name in LIMITS & results.keys():
        results[name] = "" if results[name] else "is accepted now: take it off the list of limits"
    bad = {name: why for name, why in results.items() if why}
    for name, why in bad.items():
        print(f"{name}: {why}")
    print(f"{len(results) - len(bad)} of {len(results)} as they should be")
    if options.json:
        Path(options.json).write_text(json.dumps(results))
    return 1 if bad or not results else 0


if __name__ == "__main__":
    sys.exit(main())
