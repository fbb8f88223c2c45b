#!/usr/bin/env python3
"""docs/library.md from the comments of stdlib/: every public function with its types, what it does and what it costs.

    library_page.py [--check]      writes the page; with --check only says whether it is up to date (status 1 if not)
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "library.md"
PRELUDE = ["core/prelude", "core/list", "core/map", "core/text", "core/random", "math/exp_log", "math/trig"]
HEAD = """# The library

Written in Parlane; the sources are in [stdlib/](../stdlib). This page is made from their comments by `test/tools/library_page.py`, and the
examples are the `test` blocks at the ends of the modules (`parc test stdlib/array.par`). What is marked as parallel is spread over threads and
gives the same bits for every number of them; no caller needs `disjoint`.

"""


def declarations(lines):
    """(signature, comment) of every public function, struct and enum, in order; overloads without a comment share the one above."""
    comment, found = [], []
    for line in lines:
        if line.startswith("///"):
            comment.append(line[3:].strip())
            continue
        match = re.match(r"pub (fn|struct|enum) (.*)", line)
        if match:
            signature = match[2].rstrip()
            if match[1] == "fn":
                signature = re.split(r" \{(?: |$)", signature)[0]
            else:
                signature = f"{match[1]} {signature}".removesuffix(" {")
            found.append((signature, " ".join(comment)))
        if not line.startswith("///"):
            comment = []
    return found


def module_text(path, title):
    lines = path.read_text().splitlines()
    intro = []
    for line in lines:
        if not line.startswith("// "):
            break
        intro.append(line[3:])
    rows = declarations(lines)
    text = [f"## {title}", "", " ".join(intro), ""]
    if rows:
        text += ["| | |", "| --- | --- |"]
        text += [f"| `{signature}` | {comment} |".replace("||", "&#124;&#124;") for signature, comment in rows] + [""]
    return text


def page():
    modules = sorted(path for path in (ROOT / "stdlib").glob("*.par"))
    text = ["Without an import: the prelude. With `import std.NAME`: " +
            ", ".join(f"[{path.stem}](#std{path.stem})" for path in modules) + ".", ""]
    for name in PRELUDE:
        text += module_text(ROOT / "stdlib" / f"{name}.par", f"Prelude: {name.split('/')[1]}")
    for path in modules:
        text += module_text(path, f"std.{path.stem}")
    return HEAD + "\n".join(text).rstrip() + "\n"


def main():
    made = page()
    if "--check" in sys.argv:
        if not PAGE.exists() or PAGE.read_text() != made:
            print("docs/library.md is not what test/tools/library_page.py makes of stdlib/: run it")
            return 1
        return 0
    PAGE.write_text(made)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
