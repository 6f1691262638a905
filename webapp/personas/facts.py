"""The facts a persona is drafted from: plain frozen values that carry no rule and no database row."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo
from pydantic.alias_generators import to_camel

LONGEST_TEXT = 20_000  # characters; longer texts are mistakes (a pasted site, a log), not facts
MOST_FACTS = 200  # single facts beside the named fields


def _bounded(value: str, info: ValidationInfo) -> str:
    if len(value) > LONGEST_TEXT:
        shown = to_camel(info.field_name or "text")
        raise ValueError(f"{shown} is longer than {LONGEST_TEXT:,} characters. Shorten it and try again.")
    return value.replace("\x00", "")


def _few(value: tuple[str, ...]) -> tuple[str, ...]:
    if len(value) > MOST_FACTS:
        raise ValueError(f"facts holds more than {MOST_FACTS} entries. Keep the ones that matter.")
    return value


Text = Annotated[str, AfterValidator(_bounded)]


class Facts(BaseModel):
    """Base of the values below: frozen, camelCase on the wire, unknown names refused."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class CompanyProfile(Facts):
    """The company that sells: who they are, whom they speak to, and the language they write in."""

    name: Text = ""
    about: Text = ""
    audience: Text = ""
    industry: Text = ""
    market: Text = ""
    language: Text = ""


class ProductFacts(Facts):
    """What is sold. A product described on the fly has a description and no name."""

    name: Text | None = None
    description: Text = ""
    value_proposition: Text = ""
    target_market: Text = ""
    price_note: Text = ""


class PersonFacts(Facts):
    """What is known of one contact, read by the drafter as an example of a type of buyer.

    `headcount` and `revenue` are texts as people and services write them ("11-50", "approx. 1.200",
    "40 people, 4 sites"); `facts` are further single facts that fit none of the named fields.
    """

    name: Text | None = None
    email: Text | None = None
    title: Text | None = None
    seniority: Text | None = None
    department: Text | None = None
    company: Text | None = None
    industry: Text | None = None
    headcount: Text | None = None
    revenue: Text | None = None
    location: Text | None = None
    notes: Text | None = None
    headline: Text | None = None
    facts: Annotated[tuple[Text, ...], AfterValidator(_few)] = ()


class Brief(Facts):
    """Everything one draft is made from: the company, the product and at most one source."""

    company: CompanyProfile = CompanyProfile()
    product: ProductFacts = ProductFacts()
    person: PersonFacts | None = None
    description: Text | None = None

    def for_model(self) -> "Brief":
        """The brief as it leaves for a model: without the person's name and e-mail, which no field needs."""
        if self.person is None:
            return self
        return self.model_copy(
            update={"person": self.person.model_copy(update={"name": None, "email": None})}
        )
