"""What customers consented to: the history of each, and how many said what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, cast, func, select
from sqlalchemy.orm import Session

from webapp.core.tables import Column, Filter, Listing
from webapp.customers.customers import IS_CUSTOMER
from webapp.customers.facts import Purpose
from webapp.customers.models import Consent, Preference
from webapp.customers.rules.preferring import NAME_OF
from webapp.people.models import Person

GRANTED = {"yes": True, "no": False}


def _narrowed(args: Mapping[str, str]) -> Sequence[ColumnElement[bool]]:
    wanted = GRANTED.get(args.get("granted", ""))
    return () if wanted is None else (Consent.granted.is_(wanted),)


CONSENTS = Listing(
    model=Consent,
    columns=(Column("at", Consent.at),),
    filters=(Filter("purpose", Consent.purpose, "Purpose"),),
    default_sort="-at",
    narrow=_narrowed,
)


@dataclass(frozen=True)
class Share:
    """How many customers granted a purpose, refused it, and said nothing of it."""

    purpose: Purpose
    granted: int
    refused: int
    unsaid: int

    @property
    def total(self) -> int:
        """All customers."""
        return self.granted + self.refused + self.unsaid


def coverage(session: Session) -> list[Share]:
    """What the customers said of each purpose, in two statements."""
    customers = session.scalar(select(func.count(Person.id)).where(IS_CUSTOMER)) or 0
    counted = [
        func.coalesce(func.sum(cast(getattr(Preference, name).is_(said), Integer)), 0)
        for name in NAME_OF.values()
        for said in (True, False)
    ]
    numbers = [int(one) for one in session.execute(select(*counted)).one()]
    return [
        Share(purpose, granted, refused, max(0, customers - granted - refused))
        for purpose, granted, refused in zip(NAME_OF, numbers[::2], numbers[1::2], strict=True)
    ]


def history_of(
    session: Session, person_id: UUID, limit: int, cursor: str | None = None
) -> tuple[list[Consent], str | None]:
    """A person's consents, the newest first, and the cursor of the older ones. Raises BadRequest."""
    return CONSENTS.items(session, limit, cursor, Consent.person_id == person_id)
