"""Runs every bench in a process of its own: `make bench`. Its status is 0 when all kept their limits."""

from __future__ import annotations

import subprocess
import sys

BENCHES = (
    ("start",),
    ("lists", "--rows", "1000000"),
    ("imports", "--rows", "100000"),
    ("serving",),
    ("lessons",),
    ("members", "--rows", "1000000"),
    ("archetypes",),
    ("recommendations",),
    ("recalculation",),
    ("customers",),
    ("events_file",),
)


def main() -> int:
    """Run them one after the other, so that none disturbs another."""
    missed = []
    for name, *words in BENCHES:
        sys.stdout.write(f"\n== {name}\n")
        sys.stdout.flush()
        done = subprocess.run([sys.executable, "-m", f"tests.bench.{name}", *words], check=False)
        if done.returncode:
            missed.append(name)
    sys.stdout.write(f"\nover a limit: {', '.join(missed)}\n" if missed else "\nall within their limits\n")
    return len(missed)


if __name__ == "__main__":
    sys.exit(main())
