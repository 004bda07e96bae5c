#!/usr/bin/env python3
"""Runs lit on the built tree and closes with the line "N passed, N failed"."""
import json
import os
import subprocess
import sys

PASSED = {"PASS"}
SKIPPED = {"UNSUPPORTED", "SKIPPED", "EXCLUDED"}


def main():
    build = os.path.abspath(sys.argv[1])
    lit = os.path.join(os.environ.get("RONDO_LLVM_PREFIX", "/usr/lib/llvm-22"), "bin", "lit")
    report = os.path.join(build, "lit-report.json")
    if os.path.exists(report):
        os.remove(report)
    arguments = sys.argv[2:] or [os.path.join(build, "test")]
    status = subprocess.run([sys.executable, lit, "-sv", "-o", report] + arguments).returncode
    if not os.path.exists(report):
        print("lit left no report", file=sys.stderr)
        return 1
    with open(report) as file:
        tests = json.load(file)["tests"]
    passed = sum(test["code"] in PASSED for test in tests)
    skipped = sum(test["code"] in SKIPPED for test in tests)
    failed = len(tests) - passed - skipped
    for test in sorted(tests, key=lambda test: -test["elapsed"])[:5]:
        print(f"{test['elapsed']:7.1f} s  {test['name']}")
    suffix = f", {skipped} skipped" if skipped else ""
    print(f"{passed} passed, {failed} failed{suffix}")
    return 1 if failed or status or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
