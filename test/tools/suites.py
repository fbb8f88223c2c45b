"""The suites that run programs: unit tests, lit, conformance, differential, examples."""
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

from suite import BUILD, PARC, ROOT, Result, first_lines, relative

TEST = ROOT / "test"


def unit(options):
    """Every `*_tests` program in build/bin, one result a GoogleTest case."""
    results = []
    for program in sorted((BUILD / "bin").glob("*_tests")):
        with tempfile.NamedTemporaryFile(suffix=".json") as report:
            command = [str(program), f"--gtest_output=json:{report.name}"]
            if options.filter:
                command.append(f"--gtest_filter=*{options.filter}*")
            run = subprocess.run(command, capture_output=True, text=True, timeout=900, cwd=ROOT)
            try:
                cases = json.loads(Path(report.name).read_text())["testsuites"]
            except (json.JSONDecodeError, KeyError):
                results.append(Result(program.name, f"ended with status {run.returncode} and no report\n"
                                      + first_lines(run.stdout[-2000:] + run.stderr[-2000:])))
                continue
        for suite in cases:
            for case in suite["testsuite"]:
                if case.get("status") != "RUN":
                    continue
                why = "\n".join(failure["failure"] for failure in case.get("failures", []))
                results.append(Result(f"{program.name}: {suite['name']}.{case['name']}", first_lines(why)))
        if run.returncode != 0 and all(result.passed for result in results):
            results.append(Result(program.name, f"ended with status {run.returncode} although every case passed"))
    return results


def lit(options):
    """Compiler tests: text in, FileCheck on what comes out."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        command = ["lit-22", "-q", "--timeout", "120", "-o", report.name, str(TEST)]
        if options.filter:
            command += ["--filter", re.escape(options.filter)]
        env = dict(os.environ, PARLANE_BUILD=str(BUILD))
        run = subprocess.run(command, capture_output=True, text=True, env=env, timeout=1800)
        text = Path(report.name).read_text()
    if not text:
        return [Result("lit", first_lines(run.stdout + run.stderr))]
    results = []
    for test in json.loads(text)["tests"]:
        if test["code"] in ("UNSUPPORTED", "EXCLUDED", "SKIPPED"):
            continue
        bad = test["code"] not in ("PASS", "XFAIL")
        results.append(Result(test["name"], f"{test['code']}\n{test['output'][-2500:]}" if bad else ""))
    return results


def conformance(options):
    """The language page as programs, one rule a file (test/conformance/run.py explains the headers)."""
    if not PARC.exists():
        return [Result("conformance", f"{PARC} does not exist")]
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        command = ["python3", str(TEST / "conformance" / "run.py"), "--parc", str(PARC), "--threads", "1,2",
                   "--jobs", "2", "--timeout", "30", "--json", report.name, "--aot", "--interpret"]
        if options.filter:
            command += ["--filter", options.filter]
        run = subprocess.run(command, capture_output=True, text=True, timeout=3000)
        text = Path(report.name).read_text()
    if not text:
        if options.filter and "no test" in run.stdout + run.stderr:
            return []
        return [Result("conformance", first_lines(run.stdout + run.stderr))]
    known = known_failures()
    results = []
    for name, row in sorted(json.loads(text)["tests"].items()):
        reasons = row["why"]
        why = "\n".join(reasons)
        if name in known:
            # A listed gap that closes must leave the list: so it cannot hide a later regression.
            why = "" if why else "passes now: remove it from test/conformance/known_failures.txt"
        results.append(Result(name, why))
    return results


def known_failures():
    path = TEST / "conformance" / "known_failures.txt"
    if not path.exists():
        return set()
    return {line.split("#")[0].strip() for line in path.read_text().splitlines() if line.split("#")[0].strip()}


def differential(options):
    """Interpreter, JIT and executable at several thread counts and schedules print the same bytes."""
    path = TEST / "differential" / "run.py"
    return json_suite([str(path), "--parc", str(PARC)] + (["--all"] if options.all else []), options, "differential")


def random_programs(options):
    """Random programs: what the interpreter, the JIT at several thread counts and executables print is one text."""
    path = TEST / "differential" / "random_programs.py"
    share = ["--count", "400", "--seconds", "1500"] if options.all else ["--count", "40", "--seconds", "90"]
    return json_suite([str(path), "--parc", str(PARC), *share], options, "random")


def access(options):
    """Races and their nearest clean neighbours over access form and construct, and loops of real programs."""
    path = TEST / "access" / "twins.py"
    return json_suite([str(path), "--parc", str(PARC)], options, "access")


def examples(options):
    """Each example runs and agrees with a program that is not ours."""
    path = TEST / "examples" / "run.py"
    return json_suite([str(path), "--parc", str(PARC)] + (["--all"] if options.all else []), options, "examples")


def json_suite(command, options, name):
    """A script that writes `{test: reason or ""}` into the file named by --json."""
    if not Path(command[0]).exists():
        return []
    if not PARC.exists():
        return [Result(name, f"{relative(PARC)} does not exist")]
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        command = ["python3", *command, "--json", report.name]
        if options.filter:
            command += ["--filter", options.filter]
        run = subprocess.run(command, capture_output=True, text=True, timeout=3000, cwd=ROOT)
        text = Path(report.name).read_text()
    if not text:
        return [Result(name, f"status {run.returncode}, no report\n" + first_lines(run.stdout + run.stderr))]
    return [Result(test, why) for test, why in sorted(json.loads(text).items())]
