"""No statement of a session reaches another company's rows."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import column, delete, func, insert, literal_column, select, table, text, update
from sqlalchemy.orm import aliased

from tests.conftest import World
from webapp.core.db import (
    ForeignCompany,
    NoCompany,
    UnscopedStatement,
    every_company,
    scope_to,
    unit,
)
from webapp.personas.models import Persona, PersonaVersion, Product


def product(world: World, company_id: UUID, name: str) -> UUID:
    scope_to(world.session, company_id)
    with unit(world.session) as session:
        row = Product(name=name, description="x", created_at=world.clock.now(), updated_at=world.clock.now())
        session.add(row)
    return row.id


@pytest.fixture
def ids(world: World) -> tuple[UUID, UUID]:
    """A product of each company; the session is confined to the first."""
    theirs = product(world, world.other_id, "theirs")
    ours = product(world, world.company_id, "ours")
    return ours, theirs


STATEMENTS = [
    select(Product.name),
    select(Product.name).join(Persona, Persona.id == Product.id, isouter=True),
    select(func.max(Product.name)),
    select(aliased(Product, name="p").name),
    select(select(Product.name).subquery().c.name),
    select(Product.name).where(Product.id.in_(select(Product.id))),
    select(Product.name).union_all(select(Product.name).where(Product.name == "nothing")),
]


@pytest.mark.parametrize("statement", STATEMENTS, ids=range(len(STATEMENTS)))
def test_every_shape_of_select_stays_inside(world: World, ids: tuple[UUID, UUID], statement: object) -> None:
    assert world.session.execute(statement).scalars().all() == ["ours"]  # type: ignore[call-overload]  # one of many kinds


def test_a_foreign_id_is_not_there(world: World, ids: tuple[UUID, UUID]) -> None:
    ours, theirs = ids
    assert world.session.get(Product, ours) is not None
    assert world.session.get(Product, theirs) is None


def test_a_row_seen_in_one_scope_is_not_remembered_in_the_next(world: World, ids: tuple[UUID, UUID]) -> None:
    session = world.session
    assert session.get(Product, ids[0]) is not None
    scope_to(session, world.other_id)
    assert session.get(Product, ids[0]) is None


def test_updates_and_deletes_stay_inside(world: World, ids: tuple[UUID, UUID]) -> None:
    session = world.session
    with unit(session):
        assert session.execute(update(Product).values(name="renamed")).rowcount == 1  # type: ignore[attr-defined]
    with unit(session):
        assert session.execute(delete(Product)).rowcount == 1  # type: ignore[attr-defined]
    with every_company(session):
        assert session.scalars(select(Product.name)).all() == ["theirs"]


BARE = Product.__table__
REFUSED = [
    select(BARE),
    select(func.count(BARE.c.id)),
    select(Persona.id).where(Persona.id.in_(select(BARE.c.id))),
    update(Product).where(Product.id.in_(select(BARE.c.id))).values(name="x"),
    insert(Product).values(name="x"),
    text("SELECT name FROM products"),
    text("SELECT name FROM PRODUCTS"),
    select(Product.name).where(text("1=1 OR name = 'x'")),
    select(Product.name, select(func.count()).select_from(BARE).scalar_subquery()),
    select(Product.name, BARE.alias().c.name),
    select(text("name")).select_from(text("products")),
    select(Product.name, literal_column("(SELECT max(name) FROM products)")),
    select(table("products", column("name")).c.name),
    update(Product).values(company_id=UUID(int=1)),
]


@pytest.mark.parametrize("statement", REFUSED, ids=range(len(REFUSED)))
def test_a_statement_past_the_classes_is_refused(
    world: World, ids: tuple[UUID, UUID], statement: object
) -> None:
    with pytest.raises(UnscopedStatement):
        world.session.execute(statement)  # type: ignore[call-overload]  # one of many kinds


def test_bulk_work_past_the_unit_is_refused(world: World, ids: tuple[UUID, UUID]) -> None:
    session = world.session
    with pytest.raises(UnscopedStatement):
        session.execute(update(Product), [{"id": ids[1], "name": "x"}])
    with pytest.raises(NotImplementedError):
        session.bulk_update_mappings(Product, [{"id": ids[1], "name": "x"}])


def test_a_row_loaded_for_every_company_is_not_remembered(world: World, ids: tuple[UUID, UUID]) -> None:
    session = world.session
    with every_company(session):
        held = session.get(Product, ids[1])
    assert held is not None
    assert session.get(Product, ids[1]) is None


def test_without_a_company_nothing_is_read_or_written(world: World) -> None:
    session = world.session
    scope_to(session, None)
    with pytest.raises(NoCompany):
        session.scalars(select(Product)).all()
    with pytest.raises(NoCompany):
        product_without_company(world)


def product_without_company(world: World) -> None:
    with unit(world.session) as session:
        now = world.clock.now()
        session.add(Product(name="x", description="x", created_at=now, updated_at=now))


def test_a_row_cannot_be_given_to_another_company(world: World, ids: tuple[UUID, UUID]) -> None:
    def smuggle() -> None:
        with unit(world.session) as session:
            row = session.get_one(Product, ids[0])
            row.company_id = world.other_id

    with pytest.raises(ForeignCompany):
        smuggle()


def test_lazy_loads_and_refreshes_stay_inside(world: World, ids: tuple[UUID, UUID]) -> None:
    session = world.session
    row = session.get_one(Product, ids[0])
    session.refresh(row)
    assert row.name == "ours"
    assert session.scalars(select(PersonaVersion)).all() == []


@pytest.mark.postgres
def test_raw_sql_without_a_company_finds_nothing_on_postgresql(world: World, ids: tuple[UUID, UUID]) -> None:
    with world.app.extensions["sqlalchemy"].engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM products")).scalar() == 0
        connection.execute(text("SELECT set_config('app.company', :c, true)"), {"c": str(world.company_id)})
        assert connection.execute(text("SELECT name FROM products")).scalars().all() == ["ours"]
