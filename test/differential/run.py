#!/usr/bin/env python3
"""Runs programs in every way there is and demands the same bytes.

    run.py --parc PATH [--all] [--filter TEXT] [--json FILE] [FILE...]

Each file of test/differential/programs runs in the interpreter, in the JIT at 1, 2, 3 and 7 threads, as an executable,
and with PARLANE_SCHED=steal-always and seeded schedules. Standard output, standard error (a trap's text with all its
iterations) and exit status must agree with the interpreter's. The first lines of a program may say more:

    // args: 100 xyz            arguments of the program
    // stdin: text              one line of standard input (several allowed)
    // status: 4                expected exit status (else 0)
    // out: line                expected standard output, so that all cannot be wrong in the same way
    // err: text                standard error contains this
    // only: jit                there is no other way to run it (says why behind it)
    // shares: par for          under steal-always -j4 every construct that --stats lists shows at least two workers
"""
import argparse
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
HEADER = re.compile(r"// (args|stdin|status|out|err|only|shares):(?: (.*))?$")


class Program:
    def __init__(self, path):
        self.path = path
        self.args, self.stdin, self.status, self.out, self.err, self.only, self.shares = [], [], 0, None, [], "", ""
        for line in path.read_text().splitlines():
            match = HEADER.match(line)
            if not match:
                break
            key, value = match[1], match[2] or ""
            if key == "args":
                self.args = value.split()
            elif key == "status":
                self.status = int(value)
            elif key == "stdin":
                self.stdin.append(value)
            elif key == "out":
                self.out = (self.out or []) + [value]
            elif key == "err":
                self.err.append(value)
            else:
                setattr(self, key, value)


def execute(command, program, env=None, timeout=60):
    """(status, standard output, standard error); status None is a timeout."""
    env = dict(os.environ, NO_COLOR="1", **(env or {}))
    try:
        run = subprocess.run(command, input="".join(line + "\n" for line in program.stdin).encode(),
                             capture_output=True, timeout=timeout, env=env)
    except subprocess.TimeoutExpired:
        return None, b"", b"over %d s" % timeout
    return run.returncode, run.stdout, run.stderr


def ways(program, parc, folder, everything):
    """(label, command, environment) of every run but the first, which is the interpreter's."""
    file, args = str(program.path), ["--", *program.args]
    threads = [1, 2, 3, 7] + ([64] if everything else [])
    found = [(f"jit -j {n}", [parc, "run", "-j", str(n), file, *args], {}) for n in threads]
    found.append(("jit -O0 -j 2", [parc, "run", "-O0", "-j", "2", file, *args], {}))
    schedules = ["steal-always", "seed:1", "reverse"] + [f"seed:{k}" for k in range(2, 22) if everything]
    found += [(f"jit -j 4 {s}", [parc, "run", "-j", "4", file, *args], {"PARLANE_SCHED": s}) for s in schedules]
    if program.path.parent.name == "lanes":  # forced widths, and what the vectorizer made in the interpreter
        widths = [4, 8, 16, 32] if everything else [4, 16]
        found += [(f"jit --lanes={n}", [parc, "run", "-j", "2", f"--lanes={n}", file, *args], {}) for n in widths]
        found += [(f"interpreter --lanes={n}", [parc, "run", "--interpret", f"--lanes={n}", file, *args], {}) for n in widths]
    if program.only != "jit":
        exe = str(Path(folder) / "program")
        found += [(f"exe {n} threads", [exe, *program.args], {"PARLANE_THREADS": str(n)}) for n in ([1, 7] if not everything else threads)]
    return found


def same(label, got, want):
    names = ("exit status", "standard output", "standard error")
    for name, mine, theirs in zip(names, got, want):
        if mine != theirs:
            show = lambda value: value if isinstance(value, (int, type(None))) else value.decode("utf-8", "replace")[:300]
            return f"{label}: {name} is\n{show(mine)}\ninstead of\n{show(theirs)}"
    return ""


def judge_reference(program, result):
    status, out, err = result
    if status != program.status:
        return f"interpreter: exit status {status} instead of {program.status}\n{err.decode('utf-8', 'replace')[:600]}"
    if program.out is not None and out.decode("utf-8", "replace") != "".join(line + "\n" for line in program.out):
        return "interpreter: prints\n" + out.decode("utf-8", "replace")[:600]
    for text in program.err:
        if text not in err.decode("utf-8", "replace"):
            return f"interpreter: standard error lacks `{text}`\n{err.decode('utf-8', 'replace')[:600]}"
    return ""


def judge(program, parc, everything):
    """Empty, or why it failed."""
    file = str(program.path)
    reference = execute([parc, "run", "--interpret", file, "--", *program.args], program)
    why = judge_reference(program, reference)
    if why:
        return why
    with tempfile.TemporaryDirectory(prefix="parlane-differential-") as folder:
        if program.only != "jit":
            built = execute([parc, "build", file, "-o", str(Path(folder) / "program")], program)
            if built[0] != 0:
                return f"build: status {built[0]}\n{built[2].decode('utf-8', 'replace')[:600]}"
        for label, command, env in ways(program, parc, folder, everything):
            why = same(label, execute(command, program, env), reference)
            if why:
                return why
    # Who takes part depends on the machine's load: three tries.
    why = ""
    for _ in range(3 if program.shares else 0):
        why = judge_shares(program, parc)
        if not why:
            break
    return why


def judge_shares(program, parc):
    command = [parc, "run", "--stats", "-j", "4", str(program.path), "--", *program.args]
    status, _, err = execute(command, program, {"PARLANE_SCHED": "steal-always"})
    text = err.decode("utf-8", "replace")
    if "{\n" not in text:
        return f"--stats printed no JSON (status {status})\n{text[:300]}"
    try:
        rows = json.JSONDecoder().raw_decode(text[text.index("{\n"):])[0]["constructs"]
    except (ValueError, KeyError) as error:
        return f"--stats printed no table of constructs: {error}\n{text[:300]}"
    if not rows:
        return "--stats lists no construct"
    alone = [f"{row['construct']} at line {row['line']}" for row in rows if row["workers"] < 2]
    kinds = {row["construct"] for row in rows}
    missing = [kind for kind in program.shares.split(", ") if kind not in kinds]
    if missing:
        return f"--stats lists {sorted(kinds)}, not {missing}"
    return f"only one worker took part in {', '.join(alone)}" if alone else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--parc", required=True)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--filter", default="")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    files = options.files or sorted(HERE.glob("programs/**/*.par"))
    programs = [Program(file) for file in files if options.filter in str(file)]
    results = {}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        jobs = {pool.submit(judge, program, os.path.abspath(options.parc), options.all): program for program in programs}
        for job in concurrent.futures.as_completed(jobs):
            program = jobs[job]
            name = str(program.path.relative_to(HERE)) if program.path.is_relative_to(HERE) else str(program.path)
            results[name] = job.result()
    for name, why in sorted(results.items()):
        if why:
            print(f"FAILED {name}: {why}")
    print(f"{sum(not why for why in results.values())} of {len(results)} programs agree")
    if options.json:
        options.json.write_text(json.dumps(results))
    return 1 if any(results.values()) or not results else 0


if __name__ == "__main__":
    sys.exit(main())
