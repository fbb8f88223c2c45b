#!/usr/bin/env python3
"""Runs every libFuzzer program of build/fuzz/bin for some seconds, seeded with the programs of the repository.

    run.py [SECONDS] [NAME]        (through `./dev fuzz`)
"""
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    name = sys.argv[2] if len(sys.argv) > 2 else ""
    programs = [p for p in sorted((ROOT / "build" / "fuzz" / "bin").glob("*_fuzz")) if name in p.name]
    if not programs:
        print("no fuzzer matches")
        return 1
    failed = 0
    for program in programs:
        with tempfile.TemporaryDirectory(prefix="parlane-fuzz-") as folder:
            corpus = Path(folder) / "corpus"
            corpus.mkdir()
            pattern = "**/*.pir" if "pir" in program.name else "**/*.par"
            for k, seed in enumerate(sorted(ROOT.glob("test/" + pattern)) + sorted(ROOT.glob("examples/" + pattern))):
                (corpus / f"seed{k}").write_bytes(seed.read_bytes())
            run = subprocess.run([str(program), f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048",
                                  "-max_len=16384", f"-artifact_prefix={ROOT}/build/fuzz/", str(corpus)],
                                 capture_output=True, text=True, errors="replace")
        verdict = "no finding" if run.returncode == 0 else f"FOUND SOMETHING (status {run.returncode})"
        print(f"{program.name}: {verdict}", flush=True)
        if run.returncode:
            failed += 1
            print(run.stderr[-3000:])
    print(f"{len(programs) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
