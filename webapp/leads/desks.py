"""What the list of leads offers beside its page: files to import again, deeds on many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Permission
from webapp.core.audit import AuditAction
from webapp.core.list_desk import ListDesk
from webapp.leads.leads import LEADS, attribute_texts
from webapp.leads.models import Lead
from webapp.leads.owners import owners_by_id
from webapp.leads.reading import LEAD_COLUMNS, TAKEN, TOLD, lead_texts
from webapp.leads.storing import COLUMNS

MOST_COLUMNS = 400


def attribute_names(session: Session) -> tuple[str, ...]:
    """The attributes that any lead of the company has, in the order of the alphabet."""
    found = set[str]()
    for attributes in session.scalars(select(Lead.attributes).execution_options(yield_per=500)):
        found.update(attributes)
    return tuple(sorted(found.difference(TAKEN))[:MOST_COLUMNS])


def _texts(lead: Lead) -> dict[str, str]:
    own = lead_texts({name: getattr(lead, name) for name in COLUMNS}, "")
    del own["owner"]
    scored = lead.scored_at is not None
    told = {
        "score": str(lead.score) if scored else "",
        "probability": "" if lead.probability is None else f"{lead.probability * 100:.1f}",
        "next_action": lead.next_action.value if lead.next_action else "",
        "priority": lead.priority.value if lead.priority else "",
        "at_risk": ("true" if lead.at_risk else "false") if scored else "",
    }
    return {**attribute_texts(lead), **told, **own}


def _owners(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, str]]:
    rows = session.execute(select(Lead.id, Lead.owner_id).where(Lead.id.in_(ids))).all()
    owners = owners_by_id(session, (row.owner_id for row in rows))
    return {row.id: {"owner": owners[row.owner_id].email} for row in rows if row.owner_id in owners}


LEAD_DESK = ListDesk(
    name="leads",
    noun="lead",
    listing=LEADS,
    read=Permission.LEADS_READ,
    write=Permission.LEADS_WRITE,
    columns=(*LEAD_COLUMNS, *TOLD),
    texts=_texts,
    endpoint="leads.index",
    deleted=AuditAction.LEAD_DELETED,
    also=_owners,
    further=attribute_names,
    whose=lambda lead: lead.id,
)
