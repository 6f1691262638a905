"""Imports a large contacts file: `python -m tests.bench.imports [--rows N] [--engine sqlite|postgres]`.

A dry run with bad rows of eight kinds, the write of the good ones, and the export's way back without a
difference; prints seconds and each process's peak of memory, with `--json` one document.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests import databases
from webapp.core.csv_files import safe_cell

MOST_MB = 300.0
BAD = (
    ";nobody@x.example;",
    f"{'n' * 201};long@x.example;",
    "Bad Address;nowhere;",
    "Nul\0;nul@x.example;",
    "Person 0;person.0@x.example;other",
    "one cell",
    "a;b;c;d",
    f'"{"x" * 200_001}";y;z',
)
RUN = """
import re, sys
from flask.cli import main
try:
    main()
except SystemExit as end:
    code = end.code
status = open("/proc/self/status").read()
print(int(re.search(r"VmHWM:\\s+(\\d+)", status).group(1)) // 1024, file=sys.stderr)
sys.exit(code)
"""


def main() -> int:
    """Write the file, import it three ways, print; the status is 0 when all is as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--engine", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    os.environ["ATELIER_TEST_DATABASE"] = given.engine
    folder = Path(tempfile.mkdtemp(prefix="atelier-bench-"))
    with databases.maker(folder / "databases") as make, make() as urls:
        names = {name.upper(): value for name, value in urls.items()}
        environment = {
            **os.environ,
            **names,
            "INSTANCE_PATH": str(folder / "instance"),
            "ATELIER_ENV": "test",
        }
        environment |= {"REDIS_URL": "redis://127.0.0.1:1", "LOG_LEVEL": "ERROR"}
        found = _three_ways(given.rows, folder, environment)
    sound = _is_sound(given.rows, found)
    sys.stdout.write(json.dumps(found) if given.json else _table(found))
    return 0 if sound else 1


def _three_ways(rows: int, folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    flask_command(environment, "company", "create", "bench", "--name", "Bench")
    first, again = folder / "first.csv", folder / "again.csv"
    each = max(1, 300 // len(BAD))
    first.write_bytes(("\ufeff" + _table_of(rows, BAD * each)).encode())
    again.write_bytes(_table_of(rows, ()).encode("latin-1"))
    words = ("import", "contacts", str(first), "--company", "bench", "--json")
    return {
        "dry run": flask_command(environment, *words, "--dry-run"),
        "refused with bad rows": flask_command(environment, *words),
        "good rows written": flask_command(environment, *words, "--skip-bad-rows"),
        "the same once more, latin-1": flask_command(
            environment, "import", "contacts", str(again), *words[3:]
        ),
        "exported": flask_command(environment, "export", "contacts", *words[3:5], into=folder / "out.csv"),
        "the export imported": flask_command(
            environment, "import", "contacts", str(folder / "out.csv"), *words[3:]
        ),
    }


def _table_of(rows: int, bad: tuple[str, ...]) -> str:
    lines = ["name;email;company"]
    texts = ("Jörg", "=Formel", "Zoë", "-minus", "O’Neil".replace("’", "'"))
    for number in range(rows):
        name = safe_cell(f"{texts[number % 5]} {number}" if number else "Person 0")
        email = f"person.{number}@x.example" if number % 10 or not number else ""
        lines.append(f"{name};{email};Firma {number % 977}")
    return "\n".join([*lines, *bad]) + "\n"


def flask_command(environment: dict[str, str], *words: str, into: Path | None = None) -> dict[str, Any]:
    """Run a command in a process of its own; what it told, its seconds and its peak of memory in MB."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", RUN, "--app", "app", *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = round(time.perf_counter() - started, 1)
    if into:
        into.write_text(done.stdout, encoding="utf-8", newline="")
    told = json.loads(done.stdout) if done.stdout.startswith("{") else {}
    peak = done.stderr.strip().rpartition("\n")[2]
    return {
        **told,
        "status": done.returncode,
        "seconds": seconds,
        "MB": float(peak) if peak.isdecimal() else 0,
    }


def _is_sound(rows: int, found: dict[str, Any]) -> bool:
    bad = len(BAD) * max(1, 300 // len(BAD))
    dry, refused, written, again, _, export = found.values()
    return (
        max(one["MB"] for one in found.values()) < MOST_MB
        and (dry.get("created"), dry.get("bad"), dry["status"]) == (rows, bad, 1)
        and (refused.get("written"), refused["status"]) == (False, 1)
        and (written.get("created"), written["status"]) == (rows, 0)
        and (again.get("unchanged"), again.get("bad"), again["status"]) == (rows, 0, 0)
        and (export.get("unchanged"), export.get("bad"), export["status"]) == (rows, 0, 0)
    )


def _table(found: dict[str, Any]) -> str:
    return "".join(f"{name:30}{one}\n" for name, one in found.items())


if __name__ == "__main__":
    sys.exit(main())
