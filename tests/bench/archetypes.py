"""How well archetypes are recognised: `python -m tests.bench.archetypes [--members N] [--json]`.

A table of the share that is right, and of the confidence's calibration error, by length of history and
noise, on members of known type (see `tests.archetypes.simulator`) that no constant was chosen on.
"""

from __future__ import annotations

import argparse
import json
import sys

import numpy as np

from tests.archetypes.simulator import NOW, TYPES, calibration_error, simulate
from webapp.archetypes.rules.detect import detect
from webapp.archetypes.rules.ruleset import SHIPPED

LENGTHS = (3, 5, 10, 15, 20, 30, 60)
NOISES = (0.0, 0.05, 0.1, 0.2, 0.3)
TARGET, MOST_ERROR, AT_NOISE = 0.95, 0.05, 0.1


def main() -> int:
    """Simulate, print; the status is 0 when the target holds for 10 and more requests at a noise of 0.1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=20_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    table = [_cell(length, noise, given.members) for noise in NOISES for length in LENGTHS]
    long = [one for one in table if one["requests"] >= 10 and one["noise"] == AT_NOISE]
    share = float(np.mean([one["right"] for one in long]))
    error = max(one["calibration error"] for one in long)
    if given.json:
        sys.stdout.write(json.dumps({"table": table, "right from 10 requests on": share}))
    else:
        _print(table)
        sys.stdout.write(f"10 and more requests, noise {AT_NOISE}: {share:.1%} right (target {TARGET:.0%})\n")
    return share < TARGET or error >= MOST_ERROR


def _cell(length: int, noise: float, members: int) -> dict[str, float]:
    types = np.random.default_rng(length * 1_000).integers(0, len(TYPES), members)
    what = detect(simulate(types, length, noise, length + 31), SHIPPED.detection, NOW, 100.0)
    right, known = what.best == types, ~what.new
    return {
        "noise": noise,
        "requests": length,
        "right": round(float(right[known].mean()), 4),
        "confidence": round(float(what.confidence[known].mean()), 4),
        "calibration error": round(calibration_error(what.confidence[known], right[known]), 4),
        "new members": round(float(what.new.mean()), 4),
    }


def _print(table: list[dict[str, float]]) -> None:
    names = list(table[0])
    sys.stdout.write("".join(f"{name:>20}" for name in names) + "\n")
    for row in table:
        sys.stdout.write("".join(f"{row[name]:>20}" for name in names) + "\n")


if __name__ == "__main__":
    sys.exit(main())
