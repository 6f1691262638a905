"""What the platform's own tables hold of persons: jobs, calls, files, views, the trail."""

from __future__ import annotations

from webapp.core.audit import AuditEntry, AuditHead, PersonKey
from webapp.core.idempotency import IdempotencyKey
from webapp.core.imports.models import Import
from webapp.core.jobs.models import Job, JobEvent, JobItem
from webapp.core.jobs.schedule import ScheduleRow
from webapp.core.llm.ledger import LlmCall, LlmLimit
from webapp.core.llm.wording import Wording
from webapp.core.privacy import Fate, Holding, nothing_personal
from webapp.core.saved_views import SavedView

WORK = "Work is told apart from whom it was for: what a job was given and gave is emptied, its counts stay."

JOB_HOLDINGS = (
    Holding(
        Job,
        fate=Fate.KEPT,
        mentions=("title", "params", "idempotency_key", "problem"),
        plain=("kind", "queue", "asked_by", "request_id", "worker", "cancel_asked_by", "problem_code"),
        why=WORK,
    ),
    Holding(
        JobItem,
        fate=Fate.KEPT,
        mentions=("subject", "params", "outcome", "problem"),
        plain=("problem_code",),
        why=WORK,
    ),
    nothing_personal(JobEvent, "deed", mentions=("note",), why=WORK),
    nothing_personal(ScheduleRow, "name", "plan", "last_job_id", "paused_by"),
    nothing_personal(
        IdempotencyKey,
        "fingerprint",
        mentions=("key", "call", "body"),
        why="A copy of an answer goes whole when it mentions the person; all go after a day.",
    ),
    nothing_personal(SavedView, "listing", mentions=("name", "query"), why="A view is its author’s."),
)
IMPORT_HOLDINGS = (
    nothing_personal(
        Import,
        "kind",
        "stored",
        "staged",
        "form",
        "encoding",
        "separator",
        "headers",
        "mapping",
        "asked_by",
        mentions=("file_name",),
        why="Counts of a file; the file itself goes when it mentions the person.",
    ),
)
LLM_HOLDINGS = (
    nothing_personal(
        LlmCall,
        "prompt",
        "version",
        "model",
        "fingerprint",
        "outcome",
        "item_id",
        "request_id",
        mentions=("answer",),
        why="What a call cost stays; its answer is emptied.",
    ),
    nothing_personal(LlmLimit, "changed_by"),
    nothing_personal(Wording, "prompt", "system", "user", "reason", "author"),
)
TRAIL_HOLDINGS = (
    Holding(
        AuditEntry,
        by=(AuditEntry.subject_id,),
        title="What was done with this person’s records",
        fate=Fate.KEPT,
        plain=("subject", "address", "request_id", "changes", "reason", "previous", "hash"),
        hides=("address", "request_id", "changes", "reason", "seq", "previous", "hash"),
        why="The trail is append-only and holds ids, keyed hashes and sealed reasons; the person’s key goes.",
    ),
    nothing_personal(AuditHead, "hash", "seal"),
    Holding(
        PersonKey,
        by=(PersonKey.person_id,),
        title="The key of the audit trail",
        plain=("key",),
        hides=("key",),
    ),
)
