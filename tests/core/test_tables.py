"""Lists: paged by key without losing or repeating a row, counted up to a cap, searched by beginnings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, insert, text
from sqlalchemy.orm import Session

from tests.conftest import World
from webapp.core import tables
from webapp.core.cursors import read_cursor, write_cursor
from webapp.core.db import db, new_id, scope_to, unit
from webapp.core.db.migrate import measure
from webapp.core.errors import BadRequest
from webapp.core.folded import fold, last_name_first
from webapp.core.jobs.models import Job, JobState
from webapp.core.tables import Column, Filter, Listing, ListPage
from webapp.personas.models import Contact, Product

MOST_PAGES = 100
NOW = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = st.text(alphabet="aAbBzäÄßéЖж_%\\'🙂 1", max_size=3)
PRODUCTS = Listing(
    Product, (Column("name", Product.name), Column("version", Product.version)), (Product.name,), size=3
)
JOBS = Listing(
    Job,
    (
        Column("title", Job.title),
        Column("started", Job.started_at),
        Column("state", Job.state),
        Column("total", Job.total),
    ),
    filters=(Filter("state", Job.state, "State"),),
    default_sort="title",
    size=3,
)
CONTACTS = Listing(
    Contact,
    (Column("name", Contact.name), Column("company", Contact.company)),
    search=(Contact.name, Contact.email),
    filters=(
        Filter("industry", Contact.industry, "Industry"),
        Filter("seniority", Contact.seniority, "Seniority"),
    ),
)
slow = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def session(world: World) -> Session:
    scope_to(world.session, world.company_id)
    return db.session()


def product(name: str, **values: Any) -> Product:
    return Product(name=name, description="what it does", created_at=NOW, updated_at=NOW, **values)


def contact(name: str, **values: Any) -> Contact:
    return Contact(name=name, created_at=NOW, updated_at=NOW, **values)


def job(title: str, **values: Any) -> Job:
    return Job(kind="k", title=title, queue="q", created_at=NOW, **values)


def only(session: Session, *rows: Any) -> None:
    """Make these the only rows."""
    with unit(session):
        for model in (Product, Contact, Job):
            session.execute(delete(model))
        session.add_all(rows)


def walk(listing: Listing[Any], session: Session, **args: str) -> Iterator[ListPage[Any]]:
    """The pages from the first to the last."""
    page = listing.page(session, args)
    yield page
    for _ in range(MOST_PAGES):
        if not page.next:
            return
        page = listing.page(session, {**args, "after": page.next})
        yield page
    raise AssertionError("the list never ends")


def walk_back(
    listing: Listing[Any], session: Session, last: ListPage[Any], **args: str
) -> Iterator[ListPage[Any]]:
    """The pages from the last to the first."""
    page = last
    yield page
    for _ in range(MOST_PAGES):
        if not page.previous:
            return
        page = listing.page(session, {**args, "before": page.previous})
        yield page
    raise AssertionError("the list never begins")


def ids(rows: Any) -> list[UUID]:
    return [row.id for row in rows]


def assert_walks(listing: Listing[Any], session: Session, expected: list[Any], sort: str) -> None:
    """Forwards and backwards, each row stands once and in order; a page but the last is full."""
    pages = list(walk(listing, session, sort=sort))
    assert [row.id for page in pages for row in page.rows] == ids(expected)
    assert all(page.shown == listing.size for page in pages[:-1])
    back = list(walk_back(listing, session, pages[-1], sort=sort))
    assert [row.id for page in reversed(back) for row in page.rows] == ids(expected)
    assert {page.count for page in pages} == {len(expected)}


@slow
@given(names=st.lists(NAMES, max_size=14), down=st.booleans())
def test_texts_are_walked_in_the_order_of_a_full_sort(session: Session, names: list[str], down: bool) -> None:
    rows = [product(name) for name in names]
    only(session, *rows)
    expected = sorted(rows, key=lambda row: (fold(row.name), row.id), reverse=down)
    assert_walks(PRODUCTS, session, expected, "-name" if down else "name")


@slow
@given(numbers=st.lists(st.integers(-2, 2), max_size=14), down=st.booleans())
def test_numbers_are_walked_in_the_order_of_a_full_sort(
    session: Session, numbers: list[int], down: bool
) -> None:
    rows = [product("same", version=number) for number in numbers]
    only(session, *rows)
    expected = sorted(rows, key=lambda row: (row.version, row.id), reverse=down)
    assert_walks(PRODUCTS, session, expected, "-version" if down else "version")


@slow
@given(days=st.lists(st.none() | st.integers(-2, 2), max_size=14), down=st.booleans())
def test_rows_without_a_value_stand_last_either_way(
    session: Session, days: list[int | None], down: bool
) -> None:
    times = [None if day is None else NOW + timedelta(days=day, microseconds=day) for day in days]
    rows = [job("same", started_at=time) for time in times]
    only(session, *rows)
    known = sorted(
        (row for row in rows if row.started_at), key=lambda row: (row.started_at, row.id), reverse=down
    )
    unknown = sorted((row for row in rows if not row.started_at), key=lambda row: row.id, reverse=down)
    assert_walks(JOBS, session, known + unknown, "-started" if down else "started")


@pytest.mark.thorough
@slow
@given(states=st.lists(st.sampled_from(JobState), max_size=10))
def test_enums_are_walked_by_their_word(session: Session, states: list[JobState]) -> None:
    rows = [job("same", state=state) for state in states]
    only(session, *rows)
    assert_walks(JOBS, session, sorted(rows, key=lambda row: (row.state.value, row.id)), "state")


@slow
@given(names=st.lists(NAMES, max_size=8), start=NAMES)
def test_a_search_finds_exactly_what_begins_so(session: Session, names: list[str], start: str) -> None:
    only(session, *map(product, names))
    found = {row.name for page in walk(PRODUCTS, session, q=start) for row in page.rows}
    assert found == {name for name in names if not start.strip() or fold(name).startswith(fold(start))}


@pytest.mark.parametrize("start", ["österreich", "ÖSTERREICH", "osterreich", "o\u0308s", " ö "])
def test_a_search_asks_neither_case_nor_accents(session: Session, start: str) -> None:
    names = {"Österreich", "ÖSTERREICH", "österreich", "Osterreich"}
    only(session, *map(product, [*names, "Estland"]))
    assert {row.name for row in PRODUCTS.page(session, {"q": start, "size": "25"}).rows} == names


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("  Müller   LÜDENSCHEIDT ", "muller ludenscheidt"),
        ("Straße", "strasse"),
        ("Łukasz Żółw", "lukasz zolw"),
        ("Søren Ægir Þór", "soren aegir thor"),
        ("İstanbul ILICA ılıca", "istanbul ilica ilica"),
        ("Élodie", "elodie"),
        ("ﬁne Ⅷ", "fine viii"),
        ("Ёлка", "елка"),
        ("", ""),
    ],
)
def test_one_rule_folds_texts(text: str, key: str) -> None:
    assert fold(text) == key


@given(text=st.text(max_size=300))
def test_folding_twice_changes_nothing_and_fits_an_index(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert len(fold(text).encode(errors="surrogatepass")) <= 800


@pytest.mark.parametrize(
    ("name", "key"),
    [("John Smith", "smith john"), ("Ana María Ruíz", "ruiz ana maria"), ("Cher", "cher"), ("", "")],
)
def test_a_surname_stands_first_in_a_key_of_its_own(name: str, key: str) -> None:
    assert last_name_first(name) == key


def test_a_changed_text_changes_its_key(session: Session) -> None:
    row = contact("Jörg Öz", email="J@x.example")
    only(session, row)
    for name, q in (("Jörg Öz", "oz"), ("Zoë Weiß", "weiss"), ("Zoë Weiß", "zoe w")):
        with unit(session):
            session.get_one(Contact, row.id).name = name
        session.expunge_all()
        assert [found.name for found in CONTACTS.page(session, {"q": q}).rows] == [name]
    assert CONTACTS.page(session, {"q": "oz"}).count == 0


def test_wildcards_are_signs_like_any_other(session: Session) -> None:
    only(session, *map(product, ["100% linen", "1000 threads", "a_b", "axb", "back\\slash"]))
    for start, name in (("100%", "100% linen"), ("a_", "a_b"), ("back\\", "back\\slash")):
        assert [row.name for row in PRODUCTS.page(session, {"q": start}).rows] == [name]


def test_a_search_is_cut_and_a_nul_is_refused(session: Session) -> None:
    only(session, product("x" * 200))
    assert PRODUCTS.page(session, {"q": "x" * 5000}).shown == 1
    with pytest.raises(BadRequest, match="NUL"):
        PRODUCTS.page(session, {"q": "a\0"})
    with pytest.raises(BadRequest, match="NUL"):
        CONTACTS.page(session, {"industry": "a\0"})


def test_counting_stops_at_ten_thousand(session: Session, world: World) -> None:
    with unit(session):
        session.connection().execute(
            insert(Product.__table__),
            [
                {"id": new_id(), "company_id": world.company_id,
                 "name": f"p{number}", "name_key": f"p{number}",
                 "description": "d",
                 "value_proposition": "", "target_market": "", "price_note": "", "version": 1,
                 "created_at": NOW, "updated_at": NOW}
                for number in range(10_000)
            ],
        )  # fmt: skip
    page = PRODUCTS.page(session, {})
    assert (page.count, page.capped) == (10_000, False)
    with unit(session):
        session.add(product("one more"))
    page = PRODUCTS.page(session, {})
    assert (page.count, page.capped) == (10_000, True)
    page = PRODUCTS.page(session, {"q": "p9999"})
    assert (page.count, page.capped) == (1, False)


def good_cursor(session: Session) -> str:
    only(session, *[product(f"p{number}") for number in range(7)])
    cursor = PRODUCTS.page(session, {}).next
    assert cursor
    return cursor


@pytest.mark.parametrize(
    "document",
    ["[]", "null", '["products:name"]', '["products:name", 3, "x"]', '["products:name", "a\\u0000", "{id}"]',
     '["products:name", "\\ud800", "{id}"]', '["products:name", NaN, "{id}"]',
     '["products:name", {}, "{id}"]',
     "[" * 900, '["jobs:title", "a", "{id}"]'],
)  # fmt: skip
def test_a_forged_cursor_is_the_first_page(session: Session, document: str) -> None:
    import base64  # noqa: PLC0415  # only the forger needs it

    first = good_cursor(session) and PRODUCTS.page(session, {})
    forged = base64.urlsafe_b64encode(document.replace("{id}", new_id().hex).encode()).decode()
    for word in (forged, forged.rstrip("="), "%%%", "é", "a", "\0", "A" * 9000):
        for name in ("after", "before"):
            assert PRODUCTS.page(session, {name: word}) == first


@pytest.mark.parametrize("args", [{"sort": "-name"}, {"sort": "version"}])
def test_a_cursor_of_another_order_is_the_first_page(session: Session, args: dict[str, str]) -> None:
    cursor = good_cursor(session)
    assert PRODUCTS.page(session, {**args, "after": cursor}) == PRODUCTS.page(session, args)


@slow
@given(word=st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_no_cursor_is_an_error(word: str) -> None:
    for kind in (str, int, float, datetime, UUID, JobState, bool):
        assert read_cursor(word, "m", kind) is None


@pytest.mark.parametrize("value", ["Ärzte\n", 3, 2.5, True, NOW, NOW.date(), new_id(), JobState.DONE])
def test_a_cursor_brings_back_what_it_was_given(value: Any) -> None:
    place = new_id()
    cursor = write_cursor("m", value, place)
    assert read_cursor(cursor, "m", type(value)) == (value, place)
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize(
    ("value", "kind"), [(2**70, int), ("a", int), (1, str), ("2026-01-01", datetime), ("no", JobState)]
)
def test_a_value_the_column_cannot_hold_is_no_place(value: Any, kind: type) -> None:
    assert read_cursor(write_cursor("m", value, new_id()), "m", kind) is None


def test_a_column_no_cursor_can_carry_is_refused() -> None:
    with pytest.raises(TypeError, match="params"):
        Column("params", Job.params).kind  # noqa: B018  # asking is the test


def test_a_page_whose_rows_are_gone_shows_the_first(session: Session) -> None:
    rows = [product(f"p{number}") for number in range(4)]
    only(session, *rows)
    cursor = PRODUCTS.page(session, {}).next
    with unit(session):
        session.delete(session.get_one(Product, rows[3].id))
    page = PRODUCTS.page(session, {"after": cursor or ""})
    assert [row.name for row in page.rows] == ["p0", "p1", "p2"]


def test_what_an_address_gets_wrong_is_the_default(session: Session) -> None:
    only(session, product("a"))
    page = PRODUCTS.page(session, {"sort": "password", "size": "1000000", "q": " "})
    assert (page.sort, page.size, page.q) == ("name", 3, "")
    assert PRODUCTS.page(session, {"size": "50", "sort": "-version"}).size == 50


def test_filters_offer_each_value_once_and_hide_other_rows(session: Session) -> None:
    only(
        session,
        contact("a", industry="Health", seniority="C-level"),
        contact("b", industry="Health"),
        contact("c", industry="Travel"),
        contact("d"),
    )
    page = CONTACTS.page(session, {"industry": "Health"})
    assert [row.name for row in page.rows] == ["a", "b"]
    industry, seniority = page.filters
    assert (industry.value, industry.choices) == ("Health", (("Health", "Health"), ("Travel", "Travel")))
    assert (seniority.value, seniority.choices) == ("", (("C-level", "C-level"),))
    assert page.narrowed


def test_a_filter_offers_a_bounded_number_and_always_the_chosen_one(session: Session) -> None:
    only(session, *[contact("same", industry=f"i{number:03}") for number in range(250)])
    state = CONTACTS.page(session, {"industry": "i249"}).filters[0]
    assert len(state.choices) == 201
    assert state.more
    assert ("i249", "i249") in state.choices


def test_an_enum_filter_offers_its_members_and_ignores_strangers(session: Session) -> None:
    only(session, job("a", state=JobState.DONE), job("b", state=JobState.FAILED))
    assert [row.title for row in JOBS.page(session, {"state": "failed"}).rows] == ["b"]
    page = JOBS.page(session, {"state": "sideways"})
    assert page.shown == 2
    assert not page.narrowed
    assert ("done with failures", "done with failures") in page.filters[0].choices


def test_a_list_and_its_filters_show_one_company_only(session: Session, world: World) -> None:
    only(session, contact("ours", industry="Health"))
    scope_to(session, world.other_id)
    with unit(session):
        session.add(contact("theirs", industry="Aviation"))
    assert [row.name for row in CONTACTS.page(session, {}).rows] == ["theirs"]
    scope_to(session, world.company_id)
    page = CONTACTS.page(session, {})
    assert ([row.name for row in page.rows], page.count) == (["ours"], 1)
    assert page.filters[0].choices == (("Health", "Health"),)


def test_a_list_can_be_narrowed_by_its_area(session: Session) -> None:
    only(session, product("a", version=1), product("b", version=2))
    page = PRODUCTS.page(session, {}, Product.version > 1)
    assert ([row.name for row in page.rows], page.count) == (["b"], 1)


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    """Everything sent to the database in the body, but for what begins and ends transactions."""
    sent: list[str] = []

    def heard(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")) and "set_config" not in statement:
            sent.append(statement)

    event.listen(session.get_bind(), "before_cursor_execute", heard)
    yield sent
    event.remove(session.get_bind(), "before_cursor_execute", heard)


@pytest.mark.parametrize("count", [10, 1000])
def test_a_page_takes_four_statements_however_many_rows(session: Session, count: int) -> None:
    only(session, *[contact(f"n{number}", industry=f"i{number % 5}") for number in range(count)])
    session.expunge_all()
    with statements(session) as sent:
        page = CONTACTS.page(session, {"q": "n", "sort": "-company"})
        assert [row.email for row in page.rows] == [""] * page.shown
    assert len(sent) == 4


def test_sqlite_measures_its_tables_so_that_indexes_serve(session: Session) -> None:
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("PostgreSQL measures by itself")
    only(session, *[contact(f"n{number}") for number in range(50)])
    with unit(session):
        measure(session.connection())
    with session.get_bind().connect() as connection:  # type: ignore[union-attr]  # an engine
        found = connection.execute(text("SELECT idx FROM sqlite_stat1 WHERE tbl = 'contacts'")).scalars()
        measured = set(found)
    assert {"ix_contacts_by_name", "ix_contacts_by_email", "ix_contacts_in_industry"} <= measured


def test_a_text_without_a_key_is_refused() -> None:
    with pytest.raises(TypeError, match="keeps no seniority_key"):
        Column("seniority", Contact.seniority).order  # noqa: B018  # asking is the test


@pytest.mark.parametrize("sort", ["name", "-name", "company", "-company"])
def test_a_search_that_matches_many_walks_the_order(
    session: Session, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr(tables, "MOST_COUNTED", 20)
    monkeypatch.setattr(tables, "STEPS_A_ROW", (1, 2))
    rows = [contact(f"{'ab'[number % 2]}{number:02}", company=f"c{number % 7}") for number in range(90)]
    only(session, *rows)
    pages = list(walk(CONTACTS, session, q="a", sort=sort))
    expected = sorted(
        (row for row in rows if row.name.startswith("a")),
        key=lambda row: (row.company if "company" in sort else row.name, row.id),
        reverse=sort.startswith("-"),
    )
    assert [row.name for page in pages for row in page.rows] == [row.name for row in expected]
    assert pages[0].capped


def test_programs_read_a_list_by_cursor_and_a_stranger_is_refused(session: Session) -> None:
    only(session, *[product(f"p{number}") for number in range(5)])
    rows, cursor = PRODUCTS.items(session, 2)
    more, cursor = PRODUCTS.items(session, 200, cursor)
    assert [row.name for row in rows + more] == ["p0", "p1", "p2", "p3", "p4"]
    assert cursor is None
    with pytest.raises(BadRequest):
        PRODUCTS.items(session, 2, "nonsense")
