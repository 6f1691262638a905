"""The base of every table: time-ordered ids, UTC times, named constraints."""

from __future__ import annotations

import enum
import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import JSON, DateTime, Dialect, Engine, Enum, ForeignKey, MetaData, Uuid
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    MappedAsDataclass,
    Session,
    declared_attr,
    mapped_column,
    registry,
)
from sqlalchemy.types import TypeDecorator
from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Make a public id that sorts by the time it was made (UUID version 7, RFC 9562)."""
    return uuid7()


def new_ids(count: int) -> list[str]:
    """Make many such ids at once, as hex digits, in rising order; at most 4,194,304.

    The milliseconds, a counter of 22 bits and 52 random ones (RFC 9562, section 6.2, method 1).
    """
    moment, chance = f"{time.time_ns() // 1_000_000:012x}7", os.urandom(7 * count).hex()
    return [
        f"{moment}{n >> 10:03x}{8 | n >> 8 & 3:x}{n & 255:02x}{chance[14 * n + 1 : 14 * n + 14]}"
        for n in range(count)
    ]


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC: aware in Python on every engine; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store the moment in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Answer the moment aware, in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
Json = JSON().with_variant(postgresql.JSONB(), "postgresql")
WordEnum = Enum(
    enum.Enum,
    native_enum=False,
    create_constraint=False,
    length=40,
    values_callable=lambda kind: [member.value for member in kind],
)


class Base(DeclarativeBase):
    """Where all tables register."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        type_annotation_map={
            datetime: UtcDateTime(),
            UUID: Uuid(),
            dict[str, Any]: Json,
            list[Any]: Json,
            enum.Enum: WordEnum,
        },
    )


class ScopedSession(FlaskSession):
    """The session whose statements stay inside one company; see `scope`."""

    def _refuse(self, *_args: Any, **_keywords: Any) -> None:
        raise NotImplementedError("bulk work past the unit of work would not be confined to a company")

    bulk_save_objects = bulk_insert_mappings = bulk_update_mappings = _refuse


class EngineSession(ScopedSession):
    """A scoped session outside a request: one engine, named when it is made."""

    def __init__(self, engine: Engine, **options: object) -> None:
        Session.__init__(self, bind=engine, **options)  # type: ignore[arg-type]  # SQLAlchemy's own keywords

    def get_bind(self, *_args: object, **_keywords: object) -> Engine:
        """Answer the one engine."""
        assert isinstance(self.bind, Engine)
        return self.bind


db = SQLAlchemy(
    model_class=Base,
    disable_autonaming=True,
    session_options={"class_": ScopedSession, "expire_on_commit": False},
)

if TYPE_CHECKING:

    class Model(Base):
        """The declarative base, as the type checker should see it."""

        __abstract__ = True
else:
    Model = db.Model


class Row(MappedAsDataclass, Model, kw_only=True):
    """A table's row with a public, time-ordered id."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)


class Tenant(MappedAsDataclass, kw_only=True):
    """Mixed into every row that belongs to exactly one company.

    The session fills `company_id` from its scope and refuses any other value.
    """

    @declared_attr
    def company_id(cls) -> Mapped[UUID]:  # noqa: N805  # SQLAlchemy hands over the class
        """The company the row belongs to."""
        return mapped_column(ForeignKey("companies.id", ondelete="CASCADE"), index=True, init=False)
