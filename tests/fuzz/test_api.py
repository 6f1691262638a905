"""C5: fuzzing the OpenAPI document finds no 5xx, no undocumented answer, no ignored authentication."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.instance import Instance

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(900)]
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance,ignored_auth"
)


def test_C5_the_api_keeps_to_its_document(tmp_path: Path) -> None:
    limits = {"API_CALLS_PER_MINUTE": "1000000", "GENERATION_WAIT": "2"}
    with Instance(tmp_path / "instance", **limits) as instance:
        token = instance.api("all").headers["Authorization"]
        command = [
            *(
                str(Path(sys.executable).parent / "schemathesis"),
                "run",
                f"{instance.base}/openapi/openapi.json",
            ),
            *(
                "--header",
                f"Authorization: {token}",
                "--checks",
                CHECKS,
                "--max-examples",
                "40",
                "--seed",
                "7",
            ),
            *("--workers", "2", "--no-color"),
        ]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
