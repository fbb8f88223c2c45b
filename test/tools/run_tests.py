#!/usr/bin/env python3
"""Runs every suite and ends with the line `N passed, N failed`. Exit status 1 if anything failed or nothing ran."""
import argparse
import sys
import time

import laws
import planted
import robustness
import speed
import suites
from suite import Result

# In this order: cheap ones first. A suite is a function of the options that returns results.
SUITES = {
    "laws": laws.run,
    "unit": suites.unit,
    "lit": suites.lit,
    "access": suites.access,
    "robustness": robustness.run,
    "speed": speed.run,
    "conformance": suites.conformance,
    "differential": suites.differential,
    "random": suites.random_programs,
    "examples": suites.examples,
    "planted": planted.run,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="the long tests as well")
    parser.add_argument("--only", choices=SUITES, action="append", help="these suites alone")
    parser.add_argument("--filter", default="", help="only tests whose name contains this text")
    parser.add_argument("--planted", default="", metavar="NAME", help="also this planted bug, without --all")
    options = parser.parse_args()

    passed = failed = 0
    for name in options.only or SUITES:
        start = time.monotonic()
        try:
            results = SUITES[name](options)
        except Exception as error:  # a suite that cannot run is a failure, never a skip
            results = [Result(name, f"the suite itself failed: {type(error).__name__}: {error}")]
        good = sum(result.passed for result in results)
        print(f"{name}: {good} of {len(results)} passed in {time.monotonic() - start:.1f} s", flush=True)
        for result in results:
            if not result.passed:
                print(f"FAILED {name}: {result.name}\n    " + result.why.replace("\n", "\n    "), flush=True)
        passed += good
        failed += len(results) - good
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
