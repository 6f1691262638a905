"""The write of rows that are only ever added: part by part, each for good, the whole still to be undone."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.db import lock_key
from webapp.core.errors import Conflict
from webapp.core.imports.bulk import plan_anew
from webapp.core.imports.kind import Adding, Left, Values, Writing
from webapp.core.imports.models import Import, ImportState
from webapp.core.imports.stage import CREATE, Stage
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.lease import LeaseLost
from webapp.core.jobs.models import Job, JobState

WRONG_NOW = "What is saved has changed since the dry run: now rows are wrong. Run it again."
PART = 20_000  # rows of a transaction: others who write wait for about a second
LESS = 5_000  # rows of one that takes back, which must be heard of every few seconds
SECOND = "Another import of this kind is being written. Nothing of this one was; try again when it is done."
ANOTHERS = "Another job writes this import now."
TITLES = 5_000
MOST_ROWS = 1 << 32  # that one import may add
# SQLite: how much of the file is held, and pages of its log before they are copied back. A part's rows go all
# over the indexes: nearly the same pages would be copied after each.
CACHE_KIB, LOG_PAGES = 160 * 1024, 65_536


@contextmanager
def uncollected() -> Iterator[None]:
    """Spare the collector what stood before: for rows by the million it would go through it many times."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def refuse_second(session: Session, found: Import) -> None:
    """Raise Conflict while another import of the kind is written: what it has may still be taken back."""
    others = select(Import.id).join(Job, Job.id == Import.job_id)
    at_work = (Import.state == ImportState.WRITING, Job.state == JobState.RUNNING)
    mine = (Import.kind == found.kind, Import.id != found.id)
    if session.scalar(others.where(*mine, *at_work).limit(1)):
        raise Conflict(SECOND)


def first_id(found: Import) -> int:
    """The least id of the rows that this dry run found: a time-ordered id (UUID version 7) as a number.

    It has the upload's millisecond, 42 bits of the dry run's own name, and 32 bits for the row's place.
    Every claim on the write gives a row the same id; after another dry run it is another.
    """
    word = int.from_bytes(blake2b(found.staged.encode(), digest_size=8).digest(), "big")
    version_and_variant = 0x7 << 76 | 0b10 << 62
    high, low = word & 0xFFF, (word >> 12 & (1 << 30) - 1) << 32
    return found.id.int >> 80 << 80 | version_and_variant | high << 64 | low


@dataclass(frozen=True)
class Adder:
    """One claim's write of one import, whose rows have the ids from `first` on."""

    context: ItemContext
    adding: Adding
    writing: Writing
    found: Import
    first: int

    def add(self, stage: Stage) -> None:
        """Add what the stage holds to create. Raises Conflict when a row must not be added."""
        self._prepare(stage)
        place, of = self.first, max(1, stage.counts()[CREATE])
        for part in stage.by_title(CREATE, PART):
            left = self._part(place, [values for _, values in part], of)
            if left:
                stage.leave([(part[one.place][0], one.problem) for one in left])
            place += len(part)

    @contextmanager
    def taken_back_on_failure(self) -> Iterator[None]:
        """Leave nothing of the import behind when the body fails; not when another claim goes on with it."""
        try:
            yield
        except LeaseLost:
            raise
        except Exception:
            self.context.session.rollback()
            self._take_back()
            raise

    def _prepare(self, stage: Stage) -> None:
        session = self.context.session
        refuse_second(session, self.found)
        if not self.found.skip_bad:
            # Most changes since the dry run are seen here, before anything is written.
            if stage.counts()["bad"]:
                raise Conflict(WRONG_NOW)
            for titles in stage.titles(CREATE, TITLES):
                if self.adding.refuses(session, titles):
                    raise Conflict(WRONG_NOW)
        connection = session.connection()
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA cache_size=-{CACHE_KIB}")
            connection.exec_driver_sql(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
        session.commit()

    def _part(self, place: int, rows: Sequence[Values], of: int) -> list[Left]:
        self.context.stop_if_asked()
        with self.context.lease.unit(self.context.session) as session:
            lock_key(session, self.writing.company_id, "import", self.found.kind)
            plan_anew(session)
            left = self.adding.add(session, self.writing, place, rows)
            if not self.found.skip_bad and any(one.problem for one in left):
                raise Conflict(WRONG_NOW)
            if not self._is_ours(session):
                raise Conflict(ANOTHERS)
            done = place - self.first + len(rows)
            session.get_one(Import, self.found.id).progress = max(1, min(99, 100 * done // of))
        return left

    def _take_back(self) -> None:
        while self._taken_back():
            pass

    def _taken_back(self) -> int:
        session: Session = self.context.session
        with self.context.lease.unit(session, stopping=True):
            if not self._is_ours(session):
                return 0
            self.context.lease.still_stopping(session)
            gone = self.adding.take_back(session, self.writing, self.first, self.first + MOST_ROWS, LESS)
            if not gone:
                session.get_one(Import, self.found.id).progress = 0
            return gone

    def _is_ours(self, session: Session) -> bool:
        """Whether the import is still this job's: written anew by another, its rows have the same ids."""
        return session.get_one(Import, self.found.id).job_id == self.context.lease.job_id
