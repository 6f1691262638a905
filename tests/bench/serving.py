"""Times serving a stored lesson: `python -m tests.bench.serving [--seconds N] [--clients N] [--json]`.

Requests a second and latency through granian, beside a bare Flask view under the same server that does
the same SELECT. The clients are one process of their own, so both are slowed by it alike.
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

LEARNER, LESSON = "21179358", 1


def main() -> int:
    """Serve for so many seconds each, print; the status is 0 when no call failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
        found = _measured(Path(folder) / "instance", given)
    return _report(given, found)


def _measured(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    with Instance(folder, API_CALLS_PER_MINUTE="100000000") as instance:
        api = instance.api("all")
        course = str(api.call("GET", "/api/lessons?limit=1").json["items"][0]["course_id"])
        course = str(api.call("GET", f"/api/courses/{course}").json["key"])
        body = {"user_id": LEARNER, "lesson_number": LESSON, "course": course}
        first = api.call("POST", "/api/persona/personalize-template", body)
        assert first.status == 200, first.text
        token = api.headers["Authorization"]
        path = "/api/persona/personalize-template"
        served = clients(instance.port, "POST", path, token, body, given)
    with bare_server(folder, "tests.bench.bare:app") as port:
        bare = clients(port, "POST", "/lesson", "none", body, given)
    return {"served": served, "bare": bare}


def _report(given: argparse.Namespace, found: dict[str, Any]) -> int:
    served, bare = found["served"], found["bare"]
    share = served["requests per second"] / bare["requests per second"]
    found["share of the bare view"] = round(share, 2)
    bad = bool(served["failed"] or bare["failed"])
    if given.json:
        sys.stdout.write(json.dumps({"clients": given.clients, **found}))
        return bad
    sys.stdout.write(f"{given.clients} clients, {given.seconds:g} s each\n")
    for name, seen in (("stored lesson", served), ("bare view, same SELECT", bare)):
        told = "".join(f"{label} {value:>8}   " for label, value in seen.items())
        sys.stdout.write(f"{name:26}{told}\n")
    sys.stdout.write(f"share of the bare view's rate: {share:.2f}\n")
    return bad


if __name__ == "__main__":
    sys.exit(main())
