"""Formats a copy of every .par file of the repository; a second time nothing may change, and no comment may be lost."""
import os, shutil, subprocess, sys, tempfile
from pathlib import Path

parc, root = sys.argv[1], Path(__file__).resolve().parents[4]


def comments(text):
    found = []
    for line in text.split("\n"):
        at, quoted, raw = 0, False, False
        while at < len(line):
            c = line[at]
            if quoted:
                if c == "\\" and not raw: at += 1
                elif c == '"': quoted = False
            elif c == '"':
                quoted, raw = True, at > 0 and line[at - 1] == "r"
            elif c == "'": at += 2 if line[at + 1:at + 2] != "\\" else line.index("'", at + 2 + (line[at + 2] == "'")) - at
            elif line.startswith("//", at):
                found.append(line[at:].rstrip())
                break
            at += 1
    return found


with tempfile.TemporaryDirectory() as folder:
    copies = {}
    for name in subprocess.check_output(["git", "ls-files", "*.par"], cwd=root, text=True).split():
        copies[os.path.join(folder, name.replace("/", "+"))] = (root / name)
    for copy, source in copies.items(): shutil.copy(source, copy)
    # Files with broken syntax are tests of the parser and stay as they are.
    good = [c for c in copies if "error[P" not in subprocess.run([parc, "fmt", "--check", c], capture_output=True,
                                                                   text=True).stderr]
    subprocess.run([parc, "fmt", *good], check=True)
    again = subprocess.run([parc, "fmt", "--check", *good], capture_output=True, text=True)
    lost = [c for c in good if comments(Path(c).read_text()) != comments(copies[c].read_text())]
    if again.returncode or lost or len(good) < 300:
        sys.exit(f"not stable:\n{again.stdout}{again.stderr}comments differ: {lost}\n{len(good)} files")
    print(f"{len(good)} files are stable and keep their comments")
