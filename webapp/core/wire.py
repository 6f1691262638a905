"""What the models of all areas' calls have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic.alias_generators import to_camel

_schemas: dict[tuple[Any, ...], dict[str, Any]] = {}


class Wire(BaseModel):
    """Base of the models: camelCase outside, unknown names refused."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The schema, made once for the same words: the web library asks for it with each call's query."""
        asked = (cls, args, *kwargs.items())
        if asked not in _schemas:
            _schemas[asked] = super().model_json_schema(*args, **kwargs)
        return _schemas[asked]

    @field_validator("*", mode="before")
    @classmethod
    def _no_nul(cls, given: Any, info: ValidationInfo) -> Any:
        """No database column holds a NUL, and no person means one; an odd company is just not there."""
        if info.field_name != "company_hq_id" and any("\x00" in text for text in _texts(given)):
            raise ValueError("a text holds a NUL character")
        return given


def _texts(given: Any) -> Iterator[str]:
    if isinstance(given, str):
        yield given
    elif isinstance(given, dict | list):
        for value in given.values() if isinstance(given, dict) else given:
            yield from _texts(value)


class SnakeWire(Wire):
    """Base of the models whose names are written in snake_case outside too."""

    model_config = ConfigDict(alias_generator=None)


class InCompany(Wire):
    """A body that may name its company by id or key; a token’s company may be left out."""

    company_hq_id: str | None = Field(None, alias="companyHQId", max_length=64)


class ListQuery(Wire):
    """A page of a list."""

    company_hq_id: str | None = Field(None, alias="companyHQId", max_length=64)
    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, max_length=500)


class CompanyQuery(Wire):
    """The company, where a call has no body."""

    company_hq_id: str | None = Field(None, alias="companyHQId", max_length=64)
