"""No input may crash or hang the compiler: broken, absurd and hostile files end in diagnostics, status 1, under 5 s."""
import random
import subprocess
import tempfile
import time
from pathlib import Path

from suite import PARC, ROOT, Result, first_lines, relative, tracked

LIMIT_S = 5


def run(options):
    if not PARC.exists():
        return [Result("robustness", f"{relative(PARC)} does not exist")]
    results = []
    with tempfile.TemporaryDirectory(prefix="parlane-robust-") as folder:
        folder = Path(folder)
        for name, build, may_pass in CASES:
            if options.filter in name:
                results.append(judge(name, build(folder), may_pass))
        if options.filter in "any prefix of any example":
            results.append(prefixes(folder, 400 if options.all else 4))
        if options.filter in "random bytes":
            results.append(noise(folder, 400 if options.all else 30))
    return results


def check(path):
    """(why it is bad or "", status)."""
    start = time.monotonic()
    try:
        run = subprocess.run([str(PARC), "check", str(path)], capture_output=True, timeout=LIMIT_S, cwd=ROOT)
    except subprocess.TimeoutExpired:
        return f"over {LIMIT_S} s", None
    took = time.monotonic() - start
    if run.returncode not in (0, 1):
        return f"status {run.returncode} after {took:.1f} s: {first_lines(run.stderr.decode('utf-8', 'replace'), 5)}", run.returncode
    if run.returncode == 1 and b"error[" not in run.stderr:
        return "status 1 without a diagnostic", 1
    return "", run.returncode


def judge(name, path, may_pass):
    why, status = check(path)
    if not why and status == 0 and not may_pass:
        why = "accepted"
    return Result(name, why)


def prefixes(folder, per_file):
    """Cuts every example and test program at places that a seeded generator picks (so every run is the same)."""
    choose, path, bad = random.Random(1), folder / "prefix.par", []
    for file in tracked("examples/*.par", "test/differential/programs/*.par"):
        text = file.read_bytes()
        for _ in range(per_file):
            cut = choose.randrange(len(text) + 1)
            path.write_bytes(text[:cut])
            why, _ = check(path)
            if why:
                bad.append(f"{relative(file)} cut at byte {cut}: {why}")
                break
    return Result("any prefix of any example", "\n".join(bad[:10]))


def noise(folder, count):
    choose, path, bad = random.Random(2), folder / "noise.par", []
    words = b"fn let var par for in 0 .. { } ( ) [ ] if else match => reduce + \" \n x y i & = == , . ? ! stage invoke".split()
    for k in range(count):
        if k % 2:
            text = bytes(choose.randrange(256) for _ in range(choose.randrange(2000)))
        else:
            text = b" ".join(choose.choice(words) for _ in range(choose.randrange(600)))
        path.write_bytes(text)
        why, _ = check(path)
        if why:
            bad.append(f"case {k}: {why}\n{text[:200]!r}")
    return Result("random bytes and words", "\n".join(bad[:3]))


def file_with(text):
    def build(folder):
        path = folder / "case.par"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path
    return build


def cycle(folder):
    (folder / "cycle_a.par").write_text("import cycle_b\npub fn f() -> int { g() }\n")
    (folder / "cycle_b.par").write_text("import cycle_a\npub fn g() -> int { f() }\n")
    return folder / "cycle_a.par"


def folder_as_file(folder):
    (folder / "folder.par").mkdir(exist_ok=True)
    return folder / "folder.par"


DEEP = 100_000
CASES = [
    ("10^5 parentheses", file_with("fn main() { let x = " + "(" * DEEP + "1" + ")" * DEEP + "\n}\n"), False),
    ("10^5 open parentheses", file_with("fn main() { let x = " + "(" * DEEP), False),
    ("10^5 brackets", file_with("fn main() { let x = " + "[" * DEEP + "\n}\n"), False),
    ("10^5 braces", file_with("fn main() " + "{" * DEEP), False),
    ("10^5 closing braces", file_with("}" * DEEP), False),
    ("10^5 minus signs", file_with("fn main() { let x = " + "-" * DEEP + "1\n}\n"), False),
    ("10^5 additions", file_with("fn main() { let x = 0" + " + 1" * DEEP + "\n_ = x }\n"), True),
    ("10^5 calls after one another", file_with("fn main() { let x = f" + ".g()" * DEEP + "\n}\n"), False),
    ("10^5 else if", file_with("fn main() { " + "if a { } else " * DEEP + "{ } }\n"), False),
    ("10^5 nested types", file_with("fn f(x: " + "Box<" * DEEP + "int" + ">" * DEEP + ") { }\n"), False),
    ("10^5 statements", file_with("fn main() {\n" + "let x = 1\n" * DEEP + "}\n"), True),
    ("a string of 10^6 braces", file_with('fn main() { print("' + "{" * 1_000_000 + '") }\n'), True),
    ("an unclosed string", file_with('fn main() { print("abc\n'), False),
    ("a number of 10^5 digits", file_with("fn main() { let x = " + "9" * DEEP + "\n}\n"), False),
    ("an empty file", file_with(""), True),
    ("zero bytes", file_with(b"\0" * 1000), False),
    ("invalid UTF-8", file_with(b"fn main() { print(\"\xff\xfe\") }\n"), False),
    ("carriage returns only", file_with(b"fn main() {\r}\r"), True),
    ("a missing file", lambda folder: folder / "missing.par", False),
    ("a folder", folder_as_file, False),
    ("a cycle of imports", cycle, False),
    ("an import of itself", file_with("import case\nfn main() { }\n"), False),
    ("an import that is missing", file_with("import nowhere\nfn main() { }\n"), False),
    ("a struct that contains itself", file_with("struct S { s: S }\nfn main() { let s = S()\n _ = s }\n"), False),
    ("a constant that needs itself", file_with("const A = B + 1\nconst B = A\nfn main() { print(\"{A}\") }\n"), False),
    ("generic instances that grow for ever",
     file_with("fn f<T>(x: T, n: int) { if n > 0 { f((x, x), n - 1) } }\nfn main() { f(1, 3) }\n"), False),
]
