#!/usr/bin/env python3
"""The scoreboard: the same work in Parlane, plain C++, OpenMP and oneTBB, in turn, checksums compared.

    run.py [GROUP...] [--rounds N] [--quick] [--threads 1,2] [--json FILE] [--write] [--parc PATH]

Groups are names of programs (fib, triad, ...) or all of them. --write puts table, JSON and chart into docs/. A peer is fastest
of its runs; a cell is the median over rounds of the program's own best of three, and the spread of the rounds behind it.
"""
import argparse, json, os, re, shutil, statistics, subprocess, sys, tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
QUICK = {"fib": "30", "nqueens": "10", "parfor": "2000 64", "triad": "4000000", "sum": "4000000", "dot": "4000000", "mandelbrot": "512",
         "blackscholes": "1000000", "heat": "512 10", "nbody": "1024", "spmv": "50000", "matmul": "256", "histogram": "8000000",
         "scan": "4000000", "sort": "1000000", "wordcount": "4000000", "life": "256 10", "pipe_dedup": "32", "pipe_tiny": "50000"}
OFF_BY_ONE = {"parlane": "a trap that names place, index and iteration", "serial": "undefined", "openmp": "undefined", "onetbb": "undefined"}


def expected():
    """[(program, arguments, result, tolerance)] of programs/expected.txt."""
    rows = []
    for line in (HERE / "programs" / "expected.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            program, args, result, tolerance = (part.strip() for part in line.split("|"))
            rows.append((program, args, result, float(tolerance)))
    return rows


def agree(a, b, tolerance):
    if tolerance == 0:
        return a == b
    return abs(float(a) - float(b)) <= tolerance * max(abs(float(a)), abs(float(b)))


def build(programs, parc, folder):
    """Executables by (program, contestant); a contestant that does not build is reported and left out."""
    built = {}
    for program in sorted(programs):
        peer = folder / f"{program}-peer"
        p = subprocess.run(["clang++-22", "-std=c++23", "-O3", "-march=native", "-fopenmp", str(HERE / "peers" / f"{program}.cpp"),
                            "-o", str(peer), "-ltbb"], capture_output=True, text=True)
        if p.returncode == 0:
            for contestant in ("serial", "openmp", "onetbb"):
                built[program, contestant] = [str(peer), contestant]
        else:
            print(f"peers of {program} do not build: {p.stderr.strip().splitlines()[:1]}", file=sys.stderr)
        exe = folder / f"{program}-parlane"
        p = subprocess.run([parc, "build", "-O3", "--cpu=native", str(HERE / "programs" / f"{program}.par"), "-o", str(exe)],
                           capture_output=True, text=True)
        if p.returncode == 0:
            built[program, "parlane"] = [str(exe)]
        else:
            print(f"parc build {program}: {(p.stderr.strip().splitlines() or ['?'])[0]}", file=sys.stderr)
    return built


def run(command, contestant, threads, args, timeout):
    """(result, seconds) or an error text."""
    env = dict(os.environ, PARLANE_THREADS=str(threads))
    full = command + ([] if contestant == "parlane" else [str(threads)]) + args.split()
    try:
        p = subprocess.run(full, capture_output=True, text=True, timeout=timeout, env=env)
    except subprocess.TimeoutExpired:
        return f"over {timeout} s"
    result = re.search(r"^result (\S+)", p.stdout, re.M)
    seconds = re.search(r"^seconds (\S+)", p.stdout, re.M)
    if p.returncode != 0 or not result or not seconds:
        return f"status {p.returncode}: {(p.stderr.strip().splitlines() or ['no message'])[0]}"
    return result[1], float(seconds[1])


def code_size(program, contestant):
    """(lines of code, notes to the compiler) of the program as a reader counts them."""
    if contestant == "parlane":
        text = (HERE / "programs" / f"{program}.par").read_text()
        notes = len(re.findall(r"\bsimd\b", re.sub(r"//.*", "", text)))
    else:
        text = (HERE / "peers" / f"{program}.cpp").read_text()
        notes = len(re.findall(r"#pragma|__restrict", text)) if contestant == "openmp" else len(re.findall(r"__restrict", text))
    lines = [l for l in text.splitlines() if l.strip() and not l.strip().startswith("//")]
    return len(lines), notes


def measure(rows, built, threads, rounds, timeout):
    """{(program, args): {(contestant, threads): [seconds] or text}}, contestants in turn."""
    table = {}
    for program, args, result, tolerance in rows:
        cells = table.setdefault((program, args), {})
        entries = [("serial", 1)] + [(c, t) for t in threads for c in ("openmp", "onetbb", "parlane")]
        for _ in range(rounds):
            for contestant, count in entries:
                if (program, contestant) not in built or isinstance(cells.get((contestant, count)), str):
                    continue
                got = run(built[program, contestant], contestant, count, args, timeout)
                if isinstance(got, str):
                    cells[contestant, count] = got
                elif result is not None and not agree(got[0], result, tolerance):
                    cells[contestant, count] = f"wrong result {got[0]}, expected {result}"
                else:
                    cells.setdefault((contestant, count), []).append(got[1])
                    if result is None:
                        result = got[0]
        print(line(program, args, cells, threads), flush=True)
    return table


def text_of(cells, key, serial):
    value = cells.get(key)
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    middle = statistics.median(value)
    spread = (max(value) - min(value)) / middle
    ratio = f" ({serial / middle:.2f})" if serial else ""
    return f"{middle * 1e3:.3f} ms{ratio} ±{50 * spread:.0f} %"


def line(program, args, cells, threads):
    base = cells.get(("serial", 1))
    serial = statistics.median(base) if isinstance(base, list) else None
    columns = [text_of(cells, ("serial", 1), None)]
    for count in threads:
        columns += [text_of(cells, (c, count), serial) for c in ("openmp", "onetbb", "parlane")]
    own, notes = code_size(program, "parlane")
    peer, pragmas = code_size(program, "openmp")
    return f"| {program} {args} | " + " | ".join(columns) + f" | {own}, {notes} / {peer}, {pragmas} |"


def chart(table, threads):
    """Bars of the speed-up over serial C++ at the most threads, logarithmic, as SVG."""
    import math
    most = max(threads)
    rows, y = [], 30
    colours = {"openmp": "#8aa", "onetbb": "#ca8", "parlane": "#264"}
    for (program, args), cells in table.items():
        base = cells.get(("serial", 1))
        if not isinstance(base, list):
            continue
        rows.append(f'<text x="150" y="{y + 14}" text-anchor="end">{program}</text>')
        for contestant, colour in colours.items():
            value = cells.get((contestant, most))
            if isinstance(value, list):
                ratio = statistics.median(base) / statistics.median(value)
                width = max(1, 160 + 80 * math.log2(max(ratio, 2 ** -4)) - 0) if ratio > 2 ** -2 else 1
                rows.append(f'<rect x="160" y="{y}" width="{width:.0f}" height="6" fill="{colour}"/>'
                            f'<text x="{165 + width:.0f}" y="{y + 7}" font-size="8">{ratio:.2f}</text>')
            y += 7
        y += 8
    legend = "".join(f'<text x="{160 + 90 * k}" y="16" fill="{c}">{n}</text>' for k, (n, c) in enumerate(colours.items()))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="760" height="{y + 10}" font-family="sans-serif" font-size="12">'
            f'<rect width="100%" height="100%" fill="white"/>{legend}{"".join(rows)}</svg>\n')


def machine():
    model = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "unknown")
    date = subprocess.run(["date", "+%Y-%m-%d"], capture_output=True, text=True).stdout.strip()
    # Wall times of a machine that others use as well say less: the load is part of the figures.
    return f"{model}, {os.cpu_count()} cores, {date}, load {os.getloadavg()[1]:.1f}"


def main():
    cli = argparse.ArgumentParser()
    cli.add_argument("groups", nargs="*")
    cli.add_argument("--rounds", type=int, default=3)
    cli.add_argument("--threads", default="1," + str(os.cpu_count()))
    cli.add_argument("--timeout", type=float, default=120)
    cli.add_argument("--quick", action="store_true", help="small sizes: does everything run and agree?")
    cli.add_argument("--write", action="store_true", help="put table, JSON and chart into docs/")
    cli.add_argument("--json")
    cli.add_argument("--parc", default=str(ROOT / "build/release/bin/parc"))
    opt = cli.parse_args()
    threads = sorted({int(t) for t in opt.threads.split(",")})
    rows = [r for r in expected() if not opt.groups or r[0] in opt.groups]
    if opt.quick:
        rows = [(p, QUICK[p], None, t) for p, _, _, t in dict((r[0], r) for r in rows).values()]
    folder = Path(tempfile.mkdtemp(prefix="parlane-bench-"))
    try:
        built = build({r[0] for r in rows}, opt.parc, folder)
        head = "| workload | serial C++ | " + " | ".join(f"{c} ×{t}" for t in threads for c in ("OpenMP", "oneTBB", "Parlane")) + \
            " | lines, notes: Parlane / C++ |"
        head += "\n|" + " --- |" * (2 + 3 * len(threads) + 1)
        print(head)
        table = measure(rows, built, threads, opt.rounds, opt.timeout)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    data = {"machine": machine(), "rows": [{"program": p, "args": a, "cells": {f"{c} x{t}": v for (c, t), v in cells.items()}}
                                           for (p, a), cells in table.items()]}
    if opt.json:
        Path(opt.json).write_text(json.dumps(data, indent=1))
    if opt.write:
        docs = ROOT / "docs"
        (docs / "performance.json").write_text(json.dumps(data, indent=1) + "\n")
        (docs / "performance.svg").write_text(chart(table, threads))
        write_page(docs / "performance.md", head, table, threads, opt)
    wrong = [k for k, cells in table.items() for v in cells.values() if isinstance(v, str)]
    sys.exit(1 if wrong else 0)


def write_page(path, head, table, threads, opt):
    """Replaces the generated part of the page; what stands around it stays."""
    begin, end = "<!-- scoreboard -->", "<!-- end of scoreboard -->"
    old = path.read_text() if path.exists() else f"# Performance\n\n{begin}\n{end}\n"
    body = f"{begin}\n\n{machine()}; `./dev bench {' '.join(a for a in sys.argv[1:] if '/' not in a and a != '--parc')}`. Medians of rounds; in brackets the speed-up over serial C++;\n" \
           f"± is half the spread of the rounds. An off-by-one in Parlane: {OFF_BY_ONE['parlane']}; in the C++ peers: {OFF_BY_ONE['serial']} behaviour.\n\n" \
           f"{head}\n" + "\n".join(line(p, a, c, threads) for (p, a), c in table.items()) + f"\n\n![speed-up over serial C++](performance.svg)\n\n{end}"
    path.write_text(re.sub(re.escape(begin) + ".*" + re.escape(end), lambda m: body, old, flags=re.S))


if __name__ == "__main__":
    main()
