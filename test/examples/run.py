#!/usr/bin/env python3
"""Runs the programs of examples/ on real input, in the JIT and as executables, and compares with programs that are not ours.

    run.py --parc PATH [--all] [--filter TEXT] [--json FILE]
"""
import argparse
import collections
import functools
import gzip
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

import gallery
from gallery import english

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"


class Failed(Exception):
    pass


def demand(condition, why):
    if not condition:
        raise Failed(why)


class Bench:
    """One folder for one example, and its two ways to run."""

    def __init__(self, parc, folder, everything):
        self.parc, self.folder, self.everything = parc, Path(folder), everything

    def execute(self, command, status=0, timeout=120):
        run = subprocess.run(command, capture_output=True, cwd=self.folder, timeout=timeout,
                             env=dict(os.environ, NO_COLOR="1"))
        demand(run.returncode == status, f"{' '.join(command[:4])}: status {run.returncode} instead of {status}\n"
               + run.stderr.decode("utf-8", "replace")[:800])
        return run

    def both(self, name, *args, status=0):
        """Standard output of JIT and executable, which must agree; the executable stays in self.exe."""
        source = str(EXAMPLES / f"{name}.par")
        jit = self.execute([self.parc, "run", source, "--", *args], status)
        self.exe = str(self.folder / name)
        self.execute([self.parc, "build", source, "-o", self.exe])
        exe = self.execute([self.exe, *args], status)
        demand(jit.stdout == exe.stdout, f"JIT prints\n{jit.stdout[:300]}\nexecutable prints\n{exe.stdout[:300]}")
        self.err = jit.stderr.decode("utf-8", "replace")
        return jit.stdout.decode()


def escape(cx, cy, limit):
    x = y = 0.0
    for n in range(limit):
        if x * x + y * y > 4:
            return n
        x, y = x * x - y * y + cx, 2 * x * y + cy
    return limit


def mandelbrot(bench):
    width, height, limit = 96, 64, 100
    said = bench.both("mandelbrot", str(width), str(height), str(limit))
    data = (bench.folder / "mandelbrot.pgm").read_bytes()
    head = re.match(rb"P5\s+(\d+)\s+(\d+)\s+(\d+)\s", data)
    demand(head, f"not a PGM: {data[:20]!r}")
    demand((int(head[1]), int(head[2])) == (width, height), f"size {head[1]} x {head[2]}")
    inside = sum(escape(-2 + 3 * col / width, -1 + 2 * row / height, limit) == limit
                 for row in range(height) for col in range(width))
    got = int(re.match(r"(\d+) of", said)[1])
    demand(abs(got - inside) <= 8, f"{got} points never escape, in double precision {inside}")  # f32 at the border
    demand(len(set(data[head.end():])) > 5, "the picture is of one colour")


def wordcount(bench):
    path = bench.folder / "book.txt"
    english(path, 4)
    said = bench.both("wordcount", str(path))
    script = r"tr 'A-Z' 'a-z' < book.txt | LC_ALL=C tr -cs 'a-z' '\n' | grep . | LC_ALL=C sort | uniq -c"
    lines = subprocess.run(script, shell=True, cwd=bench.folder, capture_output=True, text=True, check=True).stdout
    counts = collections.Counter({word: int(n) for n, word in (line.split() for line in lines.splitlines())})
    want = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:20]
    got = [(word, int(n)) for n, word in (line.split() for line in said.splitlines())]
    demand(got == want, f"prints {got[:5]}, sort | uniq -c says {want[:5]}")


def pack(bench):
    text, packed, back = (str(bench.folder / name) for name in ("text", "text.gz", "back"))
    data = english(Path(text))
    bench.both("pack", "pack", text, packed)
    demand(gzip.decompress(Path(packed).read_bytes()) == data, "gunzip gives other bytes")
    subprocess.run(["gunzip", "-t", packed], check=True)
    ours = Path(packed).stat().st_size
    theirs = len(subprocess.run(["gzip", "-6", "-c", text], capture_output=True, check=True).stdout)
    demand(ours <= 1.15 * theirs, f"{ours} bytes, gzip -6 {theirs}: {ours / theirs:.2f} times")
    bench.both("pack", "unpack", packed, back)
    demand(Path(back).read_bytes() == data, "unpacks to other bytes")
    Path(text).write_bytes(data * 6)
    bench.both("pack", "pack", text, packed)
    bench.both("pack", "unpack", packed, back)
    demand(Path(back).read_bytes() == data * 6, "with duplicates unpacks to other bytes")


def pack_memory(bench):
    """256 MiB under 150 MB of memory: of the executable, so that the compiler is not counted."""
    if not bench.everything:
        return
    text, packed = bench.folder / "text", bench.folder / "text.gz"
    data = english(text)
    with open(text, "wb") as out:
        for k in range((256 << 20) // len(data) + 1):
            out.write(b"%d" % k + data)
        out.truncate(256 << 20)
    bench.execute([bench.parc, "build", str(EXAMPLES / "pack.par"), "-o", str(bench.folder / "pack")])
    script = ("import resource,subprocess,sys;subprocess.run(sys.argv[1:],check=True);"
              "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
    run = bench.execute(["python3", "-c", script, str(bench.folder / "pack"), "pack", str(text), str(packed)], timeout=900)
    peak = int(run.stdout.split()[-1]) / 1000
    demand(peak < 150, f"{peak:.0f} MB")
    same = subprocess.run(f"gunzip -c '{packed}' | cmp - '{text}'", shell=True)
    demand(same.returncode == 0, "gunzip gives other bytes")


def nbody(bench):
    said = bench.both("nbody", "200", "10")
    energies = [float(number) for number in re.findall(r"energy (\S+)", said)]
    demand(len(energies) == 2 and energies[0] < 0, f"prints {said!r}")
    drift = abs(energies[1] / energies[0] - 1)
    demand(drift < 1e-5, f"energy drifts by {drift:.1e} in 10 steps")


def quicksort(bench):
    said = bench.both("quicksort", "100000")
    demand("as before: true" in said and said.startswith("100000 numbers sorted"), f"prints {said!r}")


def life_step(cells, n):
    counts = collections.Counter(((i + a) % n, (j + b) % n) for i, j in cells for a in (-1, 0, 1) for b in (-1, 0, 1) if a or b)
    return {cell for cell, count in counts.items() if count == 3 or (count == 2 and cell in cells)}


def life(bench):
    n, steps = 16, 37
    said = bench.both("life", str(n), str(steps)).splitlines()
    cells = {(0, 1), (1, 2), (2, 0), (2, 1), (2, 2)}
    for _ in range(steps):
        cells = life_step(cells, n)
    want = ["".join("#" if (i, j) in cells else "." for j in range(n)) for i in range(n)]
    demand(said[:n] == want, "the glider is elsewhere:\n" + "\n".join(said))
    demand(said[n] == f"{len(cells)} alive after {steps} steps", said[n])


def fourops(bench):
    said = bench.both("fourops", "100000")
    demand(said.startswith("all three agree: true"), f"prints {said!r}")
    bench.both("fourops", "9000", "zero", status=4)
    demand("3000" in bench.err and "fourops.par:" in bench.err, f"the trap does not name its index: {bench.err}")


def library_blocks(bench):
    """The `test` blocks beside the library: they are its examples."""
    bench.execute(["python3", str(ROOT / "test" / "tools" / "library_page.py"), "--check"])
    for module in sorted((ROOT / "stdlib").glob("*.par")):
        if '\ntest "' in module.read_text():
            said = bench.execute([bench.parc, "test", str(module)]).stdout.decode()
            demand(re.search(r"\b[1-9]\d* passed, 0 failed", said), f"{module.name}: {said}")


TESTS = [library_blocks, mandelbrot, wordcount, pack, pack_memory, nbody, quicksort, life, fourops]
TESTS += [functools.wraps(test)(lambda bench, test=test: test(bench, demand)) for test in gallery.TESTS]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parc", required=True)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--filter", default="")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = {}
    for test in TESTS:
        if options.filter not in test.__name__ or (test is pack_memory and not options.all):
            continue
        with tempfile.TemporaryDirectory(prefix="parlane-example-") as folder:
            try:
                test(Bench(os.path.abspath(options.parc), folder, options.all))
                results[test.__name__] = ""
            except (Failed, OSError, subprocess.SubprocessError, ValueError, TypeError, IndexError, AssertionError) as error:
                results[test.__name__] = f"{type(error).__name__}: {error}"
        if results[test.__name__]:
            print(f"FAILED {test.__name__}: {results[test.__name__]}")
    print(f"{sum(not why for why in results.values())} of {len(results)} examples are right")
    if options.json:
        options.json.write_text(json.dumps(results))
    return 1 if any(results.values()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
