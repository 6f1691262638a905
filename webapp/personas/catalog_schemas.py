"""Products, contacts and enrichment documents on the wire."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from webapp.core.wire import InCompany, Wire
from webapp.personas.contacts import CONTACTS
from webapp.personas.facts import LONGEST_TEXT

NO_NUL = r"^[^\x00]*$"
NOT_BLANK = r"^[^\x00]*[^\s\x00][^\x00]*$"


def _short(name: str) -> Any:
    return StringConstraints(max_length=CONTACTS.longest(name), pattern=NO_NUL)


Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NOT_BLANK)]
Prose = Annotated[str, StringConstraints(max_length=LONGEST_TEXT, pattern=NO_NUL)]
Written = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT, pattern=NOT_BLANK)]


class ProductTexts(Wire):
    """What people write of a product."""

    name: Name
    description: Written
    value_proposition: Prose = ""
    target_market: Prose = ""
    price_note: Prose = ""


class ContactTexts(Wire):
    """What is known of a contact."""

    name: Name
    email: Annotated[str, _short("email")] = ""
    title: Annotated[str, _short("title")] = ""
    seniority: Annotated[str, _short("seniority")] = ""
    department: Annotated[str, _short("department")] = ""
    company: Annotated[str, _short("company")] = ""
    industry: Annotated[str, _short("industry")] = ""
    headcount: Annotated[str, _short("headcount")] = ""
    revenue: Annotated[str, _short("revenue")] = ""
    location: Annotated[str, _short("location")] = ""
    notes: Prose = ""


class ProductIn(InCompany, ProductTexts):
    """A new product."""


class ContactIn(InCompany, ContactTexts):
    """A new contact."""


class ReadAt(InCompany):
    """A change of what was read at a version."""

    version: int = Field(ge=1, le=2**31 - 1, description="The version that was read; 409 when it is no more.")


class ProductChange(ReadAt, ProductTexts):
    """All texts of a product; one that is left out becomes empty."""


class ContactChange(ReadAt, ContactTexts):
    """All texts of a contact; one that is left out becomes empty."""


class Saved(Wire):
    """What every saved row carries."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    company_hq_id: UUID = Field(alias="companyHQId", validation_alias="company_id")
    version: int
    created_at: datetime
    updated_at: datetime


class ProductOut(ProductTexts, Saved):
    """A product."""


class ContactOut(ContactTexts, Saved):
    """A contact."""


class ProductsOut(Wire):
    """A page of products; `next` is the cursor of the following one."""

    items: list[ProductOut]
    next: str | None


class ContactsOut(Wire):
    """A page of contacts; `next` is the cursor of the following one."""

    items: list[ContactOut]
    next: str | None


class ProductPath(BaseModel):
    """Which product."""

    product_id: UUID


class ContactPath(BaseModel):
    """Which contact."""

    contact_id: UUID


class DocumentIn(InCompany):
    """An enrichment document, as the service returned it; at most 1 MB."""

    document: dict[str, Any]


class ParkedOut(Wire):
    """Where the document is kept, and until when."""

    redis_key: str
    expires_at: datetime
