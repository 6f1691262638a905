"""Recommendations: the model's for a customer's newest taste, then what is alike, then what is popular."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from webapp.core.clock import Clock
from webapp.core.db import company_of, read
from webapp.core.services import services
from webapp.customers.cache import EVERYBODY, cache_of
from webapp.customers.facts import Feature
from webapp.customers.model_files import ModelFiles, Numbers
from webapp.customers.models import CatalogItem, Event, Preference, RecommenderModel
from webapp.customers.rules.ranking import Chosen, by_model, filled
from webapp.customers.rules.scoring import scored
from webapp.customers.rules.strengths import SAYING, strength_of
from webapp.customers.service import Service
from webapp.customers.tastes import Taste, taste_of
from webapp.customers.tracking import refusal
from webapp.people.models import Person

MOST = 100
RECENT = 10_000  # newest events that popularity is counted from before there is a model
POPULAR_DAYS = 60
TREND_DAYS = 14
MOST_TRENDING = 400
AT_ONCE = 400  # items that one statement looks for
ITEMS = select(CatalogItem.identifier, CatalogItem.category).where(
    CatalogItem.identifier.in_(bindparam("items", expanding=True)), CatalogItem.available
)
CATEGORIES = select(CatalogItem.identifier, CatalogItem.category).where(
    CatalogItem.identifier.in_(bindparam("items", expanding=True)), CatalogItem.category != ""
)
ANY_ITEM = select(CatalogItem.id).limit(1)
WHO = (  # built once, as those beside it: every call asks it
    select(Person.id, Preference.tracking_enabled)
    .outerjoin(Preference, Preference.person_id == Person.id)
    .where(Person.identifier == bindparam("user_id"))
)
THERE = select(
    select(RecommenderModel.number).where(RecommenderModel.in_force).limit(1).scalar_subquery(),
    ANY_ITEM.scalar_subquery(),
)


@dataclass(frozen=True)
class Context:
    """Where the customer is: at an item, in a category, with a basket."""

    item: str | None = None
    category: str | None = None
    basket: tuple[str, ...] = ()


@dataclass(frozen=True)
class Suggestion:
    """An item with its score and why it is shown, in words that are true."""

    item: str
    score: float
    reason: str
    because: str = ""


@dataclass(frozen=True)
class Suggestions:
    """What a customer is shown; `model` says by what, `personalized` whether by anything of their own.

    `instead` says that the built-in answer stands in for an external one that did not come.
    """

    items: tuple[Suggestion, ...]
    model: str
    personalized: bool
    instead: bool = False


@dataclass(frozen=True)
class Shelf:
    """What all answers to one customer share: their taste, the model in force, and what may be shown."""

    session: Session
    now: datetime
    taste: Taste
    numbers: Numbers | None
    number: int | None
    personal: bool
    any_catalog: bool


@dataclass(frozen=True)
class Recommender:
    """Answers what customers are shown, from the models that `files` keeps."""

    clock: Clock
    files: ModelFiles

    def shelf(self, session: Session, service: Service, user_id: str, *, always: bool = False) -> Shelf:
        """Read what the answers to this customer rest on; a stranger's taste is empty.

        Where recommendations are off everybody's is, unless it is read for something else (`always`).
        """
        personal, now = always or service.on(Feature.RECOMMENDATIONS), self.clock.now()
        number, item_id = read(session, THERE).one()
        numbers = self.files.read(company_of(session), number) if number is not None else None
        taste = self._taste(session, service, user_id, now) if personal else Taste()
        return Shelf(session, now, taste, numbers, number, personal, item_id is not None)

    def _taste(self, session: Session, service: Service, user_id: str, now: datetime) -> Taste:
        """What the customer likes, as far as they, and the company, want it to be known."""
        who = read(session, WHO, {"user_id": user_id}).first() if "\0" not in user_id else None
        if who is None or refusal(service, who.tracking_enabled):
            return Taste()
        found = taste_of(session, who.id, now)
        return found if service.on(Feature.HISTORY) else replace(found, viewed=())


def suggest(
    shelf: Shelf, limit: int, context: Context = Context(), exclude: Collection[str] = frozenset()
) -> Suggestions:
    """Answer up to `limit` items: never one that is sold out, known already, disliked or excluded."""
    here = [one for one in (context.item, *context.basket) if one]
    taste, numbers = _with(shelf.taste, here), shelf.numbers
    hidden = {*exclude, *taste.known, *taste.disliked, *here}
    found = None
    if numbers is not None and shelf.personal and taste.strengths:
        found = scored(numbers.weights, numbers.gram, numbers.places, taste.strengths)
    asked = context.category if shelf.any_catalog else None  # without a catalog nothing has a category
    if asked and found is not None and numbers is not None:
        found = found.among([numbers.places[one] for one in _within(shelf, asked) if one in numbers.places])
    by_own = by_model(found, numbers.items, hidden) if found is not None and numbers is not None else iter(())
    chosen = filled(
        [
            _without_disliked(shelf, by_own, taste),
            _alike(shelf, lambda: asked or _favourite(shelf, taste), hidden),
            iter(()) if asked else _popular(shelf, hidden),
        ],
        limit,
        lambda items: allowed(shelf, items, asked),
    )
    personal = bool(shelf.taste.strengths) and any(one.because or one.alike for one in chosen)
    model = f"{numbers.method}-{shelf.number}" if numbers is not None and found is not None else "popular"
    return Suggestions(tuple(_told(one, taste, here) for one in chosen), model, personal)


def _with(taste: Taste, here: Sequence[str]) -> Taste:
    """The taste with what the customer has before them now, which says most."""
    if not here:
        return taste
    most = max([1.0, *taste.strengths.values()])
    strengths = {**taste.strengths, **{one: most for one in here if one not in taste.disliked}}
    return replace(taste, strengths=strengths)


def _without_disliked(shelf: Shelf, chosen: Iterator[Chosen], taste: Taste) -> Iterator[Chosen]:
    """Leave out what is most like an item the customer wants less of: what that one brings more to."""
    numbers = shelf.numbers
    away = dict.fromkeys(taste.disliked, 1.0)
    against = scored(numbers.weights, numbers.gram, numbers.places, away) if numbers and away else None
    for one in chosen:
        if against is None or numbers is None or float(against.scores[numbers.places[one.item]]) < one.score:
            yield one


def allowed(shelf: Shelf, items: Sequence[str], category: str | None = None) -> set[str]:
    """Those of the items that may be shown: in the catalog, available, in the category if one is asked for.

    A company without a catalog is shown what its customers did.
    """
    if not shelf.any_catalog:
        return set(items)
    rows = read(shelf.session, ITEMS, {"items": list(items)})
    return {row.identifier for row in rows if category is None or row.category == category}


def _favourite(shelf: Shelf, taste: Taste) -> str | None:
    """The category that the customer's strengths speak most for."""
    if not taste.strengths:
        return None
    best = sorted(taste.strengths, key=lambda one: (-taste.strengths[one], one))[:50]
    sums: dict[str, float] = {}
    for item, category in categories_of(shelf, best).items():
        sums[category] = sums.get(category, 0.0) + taste.strengths[item]
    return min(sums, key=lambda one: (-sums[one], one)) if sums else None


def categories_of(shelf: Shelf, items: Collection[str]) -> dict[str, str]:
    """The categories of the items that have one."""
    wanted, found = sorted(set(items)), dict[str, str]()
    for begin in range(0, len(wanted), AT_ONCE):
        rows = read(shelf.session, CATEGORIES, {"items": wanted[begin : begin + AT_ONCE]})
        found |= {row.identifier: row.category for row in rows}
    return found


def _alike(shelf: Shelf, of: Callable[[], str | None], hidden: Collection[str]) -> Iterator[Chosen]:
    """Available items of a category, the most popular first; which one is asked only when they are."""
    category = of()
    if not category:
        return
    names = _within(shelf, category)
    weight = _weights(shelf, names)
    for one in sorted(names, key=lambda name: (-weight.get(name, 0.0), name)):
        if one not in hidden:
            yield Chosen(one, weight.get(one, 0.0), alike=category)


def _within(shelf: Shelf, category: str) -> list[str]:
    """The available items of a category."""
    asked = select(CatalogItem.identifier).where(CatalogItem.category == category, CatalogItem.available)
    return list(shelf.session.scalars(asked))


def _weights(shelf: Shelf, names: Sequence[str]) -> Mapping[str, float]:
    numbers = shelf.numbers
    if numbers is None:
        return dict(counted(shelf.session, shelf.now))
    return {one: float(numbers.popular[numbers.places[one]]) for one in names if one in numbers.places}


def _popular(shelf: Shelf, hidden: Collection[str]) -> Iterator[Chosen]:
    """The most popular items; the newest of the catalog where nobody did anything yet."""
    numbers = shelf.numbers
    if numbers is not None:
        for place in numbers.ranked:
            if numbers.items[place] not in hidden:
                yield Chosen(numbers.items[place], float(numbers.popular[place]))
    else:
        for item, weight in counted(shelf.session, shelf.now):
            if item not in hidden:
                yield Chosen(item, weight)
    newest = select(CatalogItem.identifier).where(CatalogItem.available)
    for item in shelf.session.scalars(newest.order_by(CatalogItem.updated_at.desc()).limit(2 * MOST)):
        if item not in hidden:
            yield Chosen(item, 0.0)


def counted(session: Session, now: datetime, days: int = POPULAR_DAYS) -> list[tuple[str, float]]:
    """Items by how much customers did with them lately, from the newest events, the most popular first."""
    newest = (
        select(Event.item, Event.kind, Event.value, Event.person_id)
        .where(Event.at > now - timedelta(days=days))
        .order_by(Event.at.desc())
        .limit(RECENT)
        .subquery()
    )
    customers = func.count(newest.c.person_id.distinct())  # nobody counts twice
    asked = select(newest.c.item, newest.c.kind, customers, func.avg(newest.c.value))
    sums: dict[str, float] = {}
    rows = session.execute(
        asked.where(newest.c.kind.in_(SAYING), newest.c.item.is_not(None)).group_by(
            newest.c.item, newest.c.kind
        )
    )
    for item, kind, count, value in rows:
        sums[item] = sums.get(item, 0.0) + count * strength_of(kind, value)
    return sorted(((one, sums[one]) for one in sums if sums[one] > 0), key=lambda pair: (-pair[1], pair[0]))


def _told(one: Chosen, taste: Taste, here: Sequence[str]) -> Suggestion:
    if one.because in here:
        reason = f"goes with {one.because}"
    elif one.because:
        reason = f"because you {taste.deeds.get(one.because, 'looked at')} {one.because}"
    else:
        reason = f"popular in {one.alike}" if one.alike else "popular"
    return Suggestion(one.item, round(one.score, 6), reason, one.because)


def trending(
    shelf: Shelf, limit: int, category: str | None, hidden: Collection[str]
) -> tuple[Suggestion, ...]:
    """What customers turn to in these two weeks, in a category first; then what is popular."""
    lately = cache_of(services()).kept(shelf.session, EVERYBODY, "trends", lambda: _trends(shelf))
    seen = [one for one in lately if one[0] not in hidden]
    sources = [_turned_to(seen), _popular(shelf, hidden)]
    if category:
        sources.insert(0, _turned_to([one for one in seen if one[2] == category]))
    chosen = filled(sources, limit, lambda items: allowed(shelf, items))
    return tuple(_told(one, shelf.taste, ()) for one in chosen)


def _trends(shelf: Shelf) -> list[tuple[str, float, str]]:
    """What customers turned to lately, the most first, with its weight and its category."""
    most = counted(shelf.session, shelf.now, TREND_DAYS)[:MOST_TRENDING]
    of = categories_of(shelf, [item for item, _ in most])
    return [(item, weight, of.get(item, "")) for item, weight in most]


def _turned_to(trends: Sequence[tuple[str, float, str]]) -> Iterator[Chosen]:
    return (Chosen(item, weight) for item, weight, _ in trends)


def seen_lately(shelf: Shelf, limit: int, hidden: Collection[str]) -> tuple[Suggestion, ...]:
    """What the customer viewed last, the newest first."""
    names = [one for one in islice(shelf.taste.viewed, 3 * limit + 20) if one not in hidden]
    may = allowed(shelf, names) if names else set()
    return tuple(Suggestion(one, 0.0, "you viewed this") for one in names if one in may)[:limit]


def favourite(shelf: Shelf) -> str | None:
    """The category that the customer turns to most; None without a taste."""
    return _favourite(shelf, shelf.taste)
