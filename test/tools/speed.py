"""How long the compiler takes: medians of several runs, printed beside the bound. Machines are shared, so a time never fails a test."""
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from suite import PARC, ROOT, Result, first_lines, tracked

RUNS = 7


def run(options):
    cases = [("`parc check` on 1,000 lines", check_1000_lines, 0.050), ("`parc run` of hello world", hello, 0.100)]
    results = []
    for name, case, bound in cases:
        if options.filter not in name:
            continue
        with tempfile.TemporaryDirectory(prefix="parlane-speed-") as folder:
            results.append(case(name, Path(folder), bound))
    return results


def median(command, status=0):
    """(median seconds, why it cannot be measured)."""
    times = []
    for _ in range(RUNS):
        start = time.monotonic()
        run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60)
        times.append(time.monotonic() - start)
        if run.returncode != status:
            return None, f"status {run.returncode}: {first_lines(run.stderr, 4)}"
    return statistics.median(times), ""


def bounded(name, command, bound):
    took, why = median(command)
    if why:
        return Result(name, why)
    print(f"speed: {name}: {took * 1000:.0f} ms (bound {bound * 1000:.0f} ms)")
    return Result(name, "")


def hello(name, folder, bound):
    path = folder / "hello.par"
    path.write_text('fn main() { print("hello, world") }\n')
    return bounded(name, [str(PARC), "run", str(path)], bound)


def check_1000_lines(name, folder, bound):
    """Functions of the differential programs under other names, until there are a thousand lines."""
    lines, number, parts = [], 0, []
    programs = [path.read_text() for path in tracked("test/differential/programs/data/*.par")]
    while len(lines) < 1000:
        text = programs[number % len(programs)]
        number += 1
        if "struct " in text or text.count("\nfn ") != 1 or "status:" in text:
            continue
        parts.append(f"part{number}()")
        lines += text.replace("fn main()", f"fn part{number}()").splitlines()
    path = folder / "thousand.par"
    path.write_text("\n".join(lines[:]) + "\nfn main() { " + "; ".join(parts) + " }\n")
    return bounded(name, [str(PARC), "check", str(path)], bound)
