#!/usr/bin/env python3
"""How often random programs use each Hir node, each Pir op, each parallel construct, and each construct inside of each other one.

    coverage.py --parc PATH [--seed S] [--count N] [--least 20]

Counts programs, not occurrences. Nesting is seen through calls. Prints a table and ends with status 1 if a construct or a nesting of two occurs in
fewer than `--least` programs; ops and nodes are listed only.
"""
import argparse
import collections
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import generate

ROOT = Path(__file__).resolve().parents[2]
FUNCTION = re.compile(r'^fn @("[^"]*"|[^(\s]+)\(')
OP = re.compile(r"^( +)(?:%[^=]* = )?([a-z][a-z0-9._]*)")
CALLEE = re.compile(r'callee=@("[^"]*"|[^,}\s]+)')
CONSTRUCTS = ["par.for", "par.fold", "par.scan", "par.filter", "par.first", "par.invoke", "par.pipeline"]


def listed(file, pattern):
    return re.findall(pattern, (ROOT / file).read_text(), re.MULTILINE)


def functions(text):
    """Of each function: its ops, what it calls, (outer, inner) constructs, and (construct, callee) pairs."""
    found, now, open_ops = {}, None, []
    for line in text.splitlines():
        if match := FUNCTION.match(line):
            now = found.setdefault(match[1], {"ops": set(), "calls": set(), "nested": set(), "calls_in": set(), "constructs": set()})
            open_ops = []
        elif now is not None and (match := OP.match(line)):
            depth, name = len(match[1]), match[2]
            while open_ops and open_ops[-1][0] >= depth:
                open_ops.pop()
            now["ops"].add(name)
            around = {outer for _, outer in open_ops}
            if name in CONSTRUCTS:
                now["nested"] |= {(outer, name) for outer in around}
                now["constructs"].add(name)
                open_ops.append((depth, name))
            if callee := CALLEE.search(line):
                now["calls"].add(callee[1])
                now["calls_in"] |= {(outer, callee[1]) for outer in around}
    return found


def reached(found):
    """Constructs that a call of each function may run."""
    inside = {name: set(entry["constructs"]) for name, entry in found.items()}
    changed = True
    while changed:
        changed = False
        for name, entry in found.items():
            more = set().union(inside[name], *(inside.get(callee, set()) for callee in entry["calls"]))
            changed, inside[name] = changed or more != inside[name], more
    return inside


def study(path, parc):
    """(Hir nodes, Pir ops, constructs, nestings) of one program."""
    emit = lambda kind: subprocess.run([parc, "build", f"--emit={kind}", str(path), "-o", "-"], capture_output=True, text=True, timeout=120)
    pir, hir = emit("pir"), emit("hir")
    if pir.returncode:
        raise SystemExit(f"{path} does not compile:\n{pir.stderr[:2000]}")
    found = functions(pir.stdout)
    inside = reached(found)
    ops = set().union(*(entry["ops"] for entry in found.values()))
    nested = set().union(*(entry["nested"] for entry in found.values()))
    for entry in found.values():
        nested |= {(outer, inner) for outer, callee in entry["calls_in"] for inner in inside.get(callee, set())}
    return set(re.findall(r"[A-Za-z_]\w*", hir.stdout)), ops, ops & set(CONSTRUCTS), nested


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parc", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--least", type=int, default=20)
    options = parser.parse_args()
    counts = {kind: collections.Counter() for kind in ("ops", "constructs", "nested")}
    with tempfile.TemporaryDirectory(prefix="parlane-coverage-") as folder:
        for seed in range(options.seed, options.seed + options.count):
            path = Path(folder) / f"generated_{seed}.par"
            path.write_text(generate.program(seed))
            _, ops, constructs, nested = study(path, os.path.abspath(options.parc))
            counts["ops"].update(ops)
            counts["constructs"].update(constructs)
            counts["nested"].update(nested)
    print(f"programs {options.seed} to {options.seed + options.count - 1}; in how many:")
    width = max(map(len, CONSTRUCTS)) + 2
    print("inside".ljust(width) + "".join(name.rjust(width) for name in ["any", *CONSTRUCTS]))
    rare = [name for name in CONSTRUCTS if counts["constructs"][name] < options.least]
    for inner in CONSTRUCTS:
        row = [counts["constructs"][inner]] + [counts["nested"][(outer, inner)] for outer in CONSTRUCTS]
        print(inner.ljust(width) + "".join(str(n).rjust(width) for n in row))
        rare += [f"{inner} in {outer}" for outer in CONSTRUCTS if counts["nested"][(outer, inner)] < options.least]
    lowered = [text for _, text, level in listed("compiler/pir/ops.def", r'^OP\((\w+), "([^"]+)",.*?(\d), \d\)$') if level in "01"]
    print("ops: " + ", ".join(f"{name} {counts['ops'][name]}" for name in sorted(lowered, key=lambda n: counts["ops"][n])))
    if rare:
        print(f"in fewer than {options.least} programs: " + ", ".join(rare))
    return 1 if rare else 0


if __name__ == "__main__":
    sys.exit(main())
