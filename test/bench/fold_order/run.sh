#!/usr/bin/env bash
# Prints, for AVX2 and AVX-512, the time of every candidate of the fold order relative to the best one of its row.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rounds=${1:-9}
for isa in v3 v4; do
    [ $isa = v4 ] && ! grep -q avx512f /proc/cpuinfo && continue
    flags="-march=x86-64-$isa"; [ $isa = v4 ] && flags="$flags -mprefer-vector-width=512"
    clang++-22 -std=c++23 -O3 -fno-math-errno -ffp-contract=off -Wno-pass-failed $flags "$here/fold_order.cpp" -o "$work/$isa"
done
for isa in v3 v4; do [ -x "$work/$isa" ] && "$work/$isa" "$rounds" | sed "s/^/$isa|/"; done | python3 -c '
import sys, collections
rows = collections.OrderedDict()
for line in sys.stdin:
    isa, t, kernel, l, b, cut, ns = line.strip().split("|")
    rows.setdefault((isa, t, kernel), {})[(int(l), int(b), int(cut))] = float(ns)
def table(title, pick, middle=False):
    print("\n" + title)
    for (isa, t, kernel), all in rows.items():
        some = {k: v for k, v in all.items() if pick(k) and (not middle or k[0] == (64 if t == "f32" else 32))}
        best = min(some.values())
        print(f"| {isa} {t} {kernel} | " + " | ".join(f"{v / best:.2f}" for _, v in sorted(some.items())) + f" | {best:.3f} ns |")
table("L = 16 32 64 128 (f32) or half (f64), blocks of 4,096, plain up to L", lambda k: k[1:] == (4096, 1))
table("blocks of 1,024 4,096 16,384", lambda k: k[2] == 1, True)
table("plain up to L, 2 L", lambda k: k[1] == 4096, True)
'
