"""What the queue calls: it answers the doorbell inside the worker's application context."""

from __future__ import annotations

from uuid import UUID

from flask import current_app


def answer(job_id: str) -> None:
    """Run the job of this id if it is to be had."""
    current_app.extensions["atelier"].runner.run(UUID(job_id))
