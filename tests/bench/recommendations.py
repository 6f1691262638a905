"""Times the calls of archetypes.

`python -m tests.bench.recommendations [--seconds N] [--clients N] [--json]`

A priced recommendation (stored archetype, logged), a stored archetype read, and one recalculated, through
granian with the demo company; beside them bare Flask views that do the same SELECT and INSERT, and one
SELECT, under the same server on the same database.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.load import bare_server, clients
from tests.instance import Instance

MEMBER, NIGHT = "21179358", {"basePrice": 1890, "currency": "EUR", "checkinDate": "2033-01-01"}
P95_MS = {"recommendation": 15.0, "stored archetype": 5.0, "recalculated archetype": 15.0}
SHARE = 0.6  # of the bare view's requests a second


def main() -> int:
    """Ask for so many seconds each, print; the status is 0 when the limits are kept and no call failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
        found = _measured(Path(folder) / "instance", given)
    return _report(given, found)


def _measured(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    body, one = {"userId": MEMBER, **NIGHT}, f"/api/user-archetype/{MEMBER}"
    call = "/api/transaction-recommendations"
    alone = argparse.Namespace(seconds=given.seconds, clients=1)
    with Instance(folder, API_CALLS_PER_MINUTE="100000000") as instance:
        api = instance.api("all")
        token = api.headers["Authorization"]
        assert api.call("POST", call, body).status == 200
        found = {
            "recommendation": clients(instance.port, "POST", call, token, body, given),
            "stored archetype": clients(instance.port, "GET", one, token, None, alone),
            "recalculated archetype": clients(instance.port, "POST", one, token, None, alone),
        }
    with bare_server(folder, "tests.bench.bare_recommendation:app") as port:
        found["bare SELECT and INSERT"] = clients(port, "POST", "/recommend", "none", body, given)
        found["bare SELECT"] = clients(port, "GET", f"/archetype/{MEMBER}", "none", None, alone)
    return found


def _report(given: argparse.Namespace, found: dict[str, Any]) -> int:
    rates = {name: one["requests per second"] for name, one in found.items()}
    share = rates["recommendation"] / rates["bare SELECT and INSERT"]
    missed = [name for name, most in P95_MS.items() if found[name]["p95 ms"] >= most]
    bad = any(one["failed"] for one in found.values()) or bool(missed) or share < SHARE
    if given.json:
        told = {"clients": given.clients, **found, "share of the bare view": round(share, 2)}
        sys.stdout.write(json.dumps(told))
        return bad
    for name, seen in found.items():
        told = "".join(f"{label} {value:>8}   " for label, value in seen.items())
        sys.stdout.write(f"{name:26}{told}\n")
    sys.stdout.write(f"share of the bare view's rate: {share:.2f} (target {SHARE})\n")
    return bad


if __name__ == "__main__":
    sys.exit(main())
