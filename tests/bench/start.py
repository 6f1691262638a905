"""Times a start to the first page on a warm install: `python -m tests.bench.start [--times N]`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from tests.instance import Instance

LIMIT_SECONDS = 3.0


def main() -> int:
    """Start an instance again and again, print the seconds; the first start, with demo data, stands apart."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
        instance = Instance(Path(folder) / "instance")
        first, *seconds = [_once(instance) for _ in range(given.times + 1)]
    middle = sorted(seconds)[len(seconds) // 2]
    found = {"first start": first, "later starts": seconds, "median": middle, "limit": LIMIT_SECONDS}
    told = f"first start {first} s, later starts {seconds}, median {middle} s of {LIMIT_SECONDS} s\n"
    sys.stdout.write(json.dumps(found) if given.json else told)
    return int(middle > LIMIT_SECONDS)


def _once(instance: Instance) -> float:
    """Start and stop; answers the seconds from the command to the first page that is served."""
    began = time.perf_counter()
    instance.start()
    seconds = time.perf_counter() - began
    instance.stop()
    return round(seconds, 2)


if __name__ == "__main__":
    sys.exit(main())
