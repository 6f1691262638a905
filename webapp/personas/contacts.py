"""Contacts: real people at prospects' companies, written by hand or read from an enrichment document."""

from collections.abc import Iterator

from webapp.core.audit import AuditAction
from webapp.core.catalog import Catalog
from webapp.core.checks import checked_email
from webapp.core.tables import Column, Filter, Listing
from webapp.personas.facts import PersonFacts
from webapp.personas.models import Contact

CONTACTS = Catalog(
    model=Contact,
    noun="contact",
    fields=(
        "name",
        "email",
        "title",
        "seniority",
        "department",
        "company",
        "industry",
        "headcount",
        "revenue",
        "location",
        "notes",
    ),
    required=("name",),
    created=AuditAction.CONTACT_CREATED,
    changed=AuditAction.CONTACT_CHANGED,
    deleted=AuditAction.CONTACT_DELETED,
    checks={"email": checked_email},
)
LISTING = Listing(
    model=Contact,
    columns=(
        Column("name", Contact.name),
        Column("company", Contact.company),
        Column("updated", Contact.updated_at),
    ),
    search=(Contact.name, Contact.email, Contact.company),
    filters=(Filter("industry", Contact.industry, "Industry"),),
)


def values_of(person: PersonFacts) -> tuple[dict[str, str], tuple[str, ...]]:
    """A contact's fields from what a document says of a person, and sentences about what had to be cut.

    What has no field of its own goes into the notes, so that nothing read is lost.
    """
    found = {name: getattr(person, name) or "" for name in CONTACTS.fields}
    found["notes"] = "\n".join(line for line in (person.headline, person.notes, *person.facts) if line)
    return {name: text[: CONTACTS.longest(name)] for name, text in found.items()}, tuple(_cut(found))


def _cut(found: dict[str, str]) -> Iterator[str]:
    for name, text in found.items():
        longest = CONTACTS.longest(name)
        if len(text) > longest:
            yield f"The {name} was too long; its first {longest:,} characters stand in the form."
