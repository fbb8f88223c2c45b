"""Deliberate bugs (test/planted/*.patch): for each, the test that it names must fail."""
import os
import shutil
import subprocess

from suite import BUILD, ROOT, Result, first_lines, tracked

COPY = BUILD / "planted"


def run(options):
    if not options.all and not options.planted:
        return []
    results = []
    for patch in tracked("test/planted/*.patch"):
        if options.filter and options.filter not in patch.stem and not options.planted:
            continue
        if options.planted and options.planted not in patch.stem:
            continue
        results.append(Result(patch.stem, judge(patch)))
    return results


def sources():
    """A fresh copy of the files of the repository; what is unchanged keeps its time, so that ninja rebuilds little."""
    wanted = {path.relative_to(ROOT) for path in tracked(".")}
    for old in [p for p in COPY.rglob("*") if p.is_file() and "build" not in p.relative_to(COPY).parts[:1]]:
        if old.relative_to(COPY) not in wanted:
            old.unlink()
    for name in wanted:
        to = COPY / name
        if not to.exists() or to.read_bytes() != (ROOT / name).read_bytes():
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, to)


def judge(patch):
    first = patch.read_text().splitlines()[0]
    if not first.startswith("test: "):
        return "its first line is not `test: SUITE FILTER`"
    suite, _, filter_text = first.removeprefix("test: ").partition(" ")
    sources()
    if not (COPY / ".git").exists():
        subprocess.run(["git", "init", "-q", str(COPY)], check=True)  # suites ask git which files there are
    env = dict(os.environ, PARLANE_BUILD=str(COPY / "build"), CCACHE_BASEDIR=str(COPY), CCACHE_NOHASHDIR="1")
    step = lambda *command: subprocess.run(command, cwd=COPY, env=env, capture_output=True, text=True, timeout=3000)
    applied = step("patch", "-p1", "-i", str(patch))
    if applied.returncode:
        return "does not apply\n" + first_lines(applied.stdout + applied.stderr)
    if not (COPY / "build" / "build.ninja").exists():
        configured = step("cmake", "--preset", "dev")
        if configured.returncode:
            return "cannot be configured\n" + first_lines(configured.stderr)
    built = step("cmake", "--build", "build")
    if built.returncode:
        return "does not build\n" + first_lines(built.stdout[-2000:])
    tested = step("python3", "test/tools/run_tests.py", "--only", suite, "--filter", filter_text)
    if tested.stdout.strip().splitlines()[-1:] == ["0 passed, 0 failed"]:
        return f"no test matches `{suite} {filter_text}`"
    return "" if tested.returncode else f"`{suite} {filter_text}` passes in spite of the bug"
