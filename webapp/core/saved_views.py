"""Views of lists that people keep under a name: a list's address, theirs alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import Row, Tenant, unit
from webapp.core.errors import DomainError, NotFound

LONGEST_NAME = 80
LONGEST_QUERY = 2_000
MOST_VIEWS = 30


class SavedView(Tenant, Row, kw_only=True):
    """A list's search, filters and order, kept by one person. `query` is that part of the address."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("company_id", "staff_id", "listing", "name"),)

    staff_id: Mapped[UUID]
    listing: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    query: Mapped[str] = mapped_column(String(LONGEST_QUERY), default="")
    created_at: Mapped[datetime]


@dataclass(frozen=True)
class Views:
    """The views that one person keeps of one list."""

    listing: str
    staff_id: UUID

    def all(self, session: Session) -> list[SavedView]:
        """Answer them by name."""
        mine = select(SavedView).where(SavedView.listing == self.listing, SavedView.staff_id == self.staff_id)
        return list(session.scalars(mine.order_by(SavedView.name).limit(MOST_VIEWS)))

    def save(
        self, session: Session, actor: Actor, name: str, query: str, clock: Clock, auditor: Auditor
    ) -> None:
        """Keep the address under the name; a view of that name becomes this one. Raises DomainError."""
        kept, named = _kept(query), _named(name)
        with unit(session):
            found = next((view for view in self.all(session) if view.name == named), None)
            if found is None:
                if len(self.all(session)) >= MOST_VIEWS:
                    raise DomainError(f"You keep {MOST_VIEWS} views of this list already. Delete one first.")
                found = SavedView(
                    staff_id=self.staff_id, listing=self.listing, name=named, created_at=clock.now()
                )
                session.add(found)
            found.query = kept
            session.flush()
            auditor.record(session, actor, AuditAction.VIEW_SAVED, found)

    def rename(self, session: Session, actor: Actor, view_id: UUID, name: str, auditor: Auditor) -> None:
        """Give the view another name. Raises NotFound, or DomainError when another one has it."""
        named = _named(name)
        with unit(session):
            view = self._own(session, view_id)
            if any(other.name == named and other.id != view_id for other in self.all(session)):
                raise DomainError(f"You keep another view called {named}.")
            view.name = named
            auditor.record(session, actor, AuditAction.VIEW_RENAMED, view)

    def delete(self, session: Session, actor: Actor, view_id: UUID, auditor: Auditor) -> None:
        """Forget the view. Raises NotFound."""
        with unit(session):
            view = self._own(session, view_id)
            auditor.record(session, actor, AuditAction.VIEW_DELETED, view)
            session.delete(view)

    def _own(self, session: Session, view_id: UUID) -> SavedView:
        found = next((view for view in self.all(session) if view.id == view_id), None)
        if found is None:
            raise NotFound("There is no such view.")
        return found


def _named(name: str) -> str:
    kept = " ".join(name.replace("\0", "").split())
    if not kept:
        raise DomainError("Give the view a name.")
    return kept[:LONGEST_NAME]


def _kept(query: str) -> str:
    """The address's query without the place in the list."""
    pairs = [pair for pair in parse_qsl(query.lstrip("?")) if pair[0] not in {"after", "before"}]
    kept = urlencode(pairs)
    if len(kept) > LONGEST_QUERY:
        raise DomainError("This search is too long to be kept.")
    return kept
