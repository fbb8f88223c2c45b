#!/usr/bin/env python3
"""Random programs in every way there is.

    random_programs.py --parc PATH [--seed S] [--count N] [--seconds T] [--jobs J] [--json FILE] [--keep FOLDER]

Program k is that of `generate.py --seed k`. Each runs in the interpreter and twice in the JIT, optimised and not, at 1, 2, 3 or 7 threads in turn;
every fourth also under a perturbed schedule, every fourth as an executable. Standard output, standard error and exit status must be those of the
interpreter, byte by byte. No program is begun after T seconds but the first ten; the seeds that ran are printed. What fails is kept in the folder.
"""
import argparse
import concurrent.futures
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import generate
import run

LEAST = 10
THREADS = (1, 2, 3, 7)


def judge(seed, parc, folder):
    """Empty, or why program `seed` failed."""
    path = folder / f"generated_{seed}.par"
    path.write_text(generate.program(seed))
    program = run.Program(path)
    file = str(path)
    reference = run.execute([parc, "run", "--interpret", file], program)
    if reference[0] not in (0, 4, 5):
        return f"interpreter: exit status {reference[0]}\n{reference[2].decode('utf-8', 'replace')[:600]}"
    optimised, plain = THREADS[seed % 4], THREADS[3 - seed % 4]
    ways = [(f"jit -j {optimised}", [parc, "run", "-j", str(optimised), file], {}),
            (f"jit -O0 -j {plain}", [parc, "run", "-O0", "-j", str(plain), file], {})]
    if seed % 4 == 1:
        schedule = ("steal-always", f"seed:{seed}", "reverse")[seed // 4 % 3]
        ways.append((f"jit -j 4 {schedule}", [parc, "run", "-j", "4", file], {"PARLANE_SCHED": schedule}))
    if seed % 4 == 3:
        executable = str(folder / f"program_{seed}")
        built = run.execute([parc, "build", file, "-o", executable], program)
        if built[0] != 0:
            return f"build: status {built[0]}\n{built[2].decode('utf-8', 'replace')[:600]}"
        ways.append(("executable", [executable], {"PARLANE_THREADS": "3"}))
    for label, command, env in ways:
        why = run.same(label, run.execute(command, program, env), reference)
        if why:
            return why
    return ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parc", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "parlane-random")
    parser.add_argument("--filter", default="")
    options = parser.parse_args()
    options.keep.mkdir(parents=True, exist_ok=True)
    parc, end = os.path.abspath(options.parc), time.monotonic() + options.seconds
    results = {}
    with tempfile.TemporaryDirectory(prefix="parlane-random-") as folder:

        def one(seed):
            if time.monotonic() > end and len(results) >= LEAST:
                return None
            why = judge(seed, parc, Path(folder))
            if why:
                kept = options.keep / f"generated_{seed}.par"
                kept.write_text((Path(folder) / kept.name).read_text())
                why += f"\nkept as {kept}"
            results[f"seed {seed}"] = why
            return why

        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            list(pool.map(one, range(options.seed, options.seed + options.count)))
    seeds = sorted(int(name.split()[1]) for name in results)
    for name, why in sorted(results.items()):
        if why:
            print(f"FAILED {name}: {why}")
    good = sum(not why for why in results.values())
    print(f"{good} of {len(results)} programs agree, seeds {seeds[0]} to {seeds[-1]}")
    if options.json:
        options.json.write_text(json.dumps(results))
    return 0 if good == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
