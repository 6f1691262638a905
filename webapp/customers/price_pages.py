"""The pages of dynamic prices: versions, the draft's form, the trial on the catalog, what was quoted."""

from __future__ import annotations

from typing import Any

from flask import flash, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.errors import Conflict, DomainError
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.money import said
from webapp.core.record_forms import now_at
from webapp.core.services import services
from webapp.core.tables import Column, Listing
from webapp.customers.blueprint import pages
from webapp.customers.clients import service
from webapp.customers.facts import Feature
from webapp.customers.models import PriceQuote, PriceRules
from webapp.customers.picture import newest_customers
from webapp.customers.price_facts import FACT_WORDS
from webapp.customers.price_forms import FACTS, PriceForm, plain
from webapp.customers.price_rules import PriceDeeds, draft_of, in_force, prices_in, version_of, versions
from webapp.customers.price_trial import MOST, Buyer, Trial, trial
from webapp.customers.quoted import quoted_lines
from webapp.customers.rules.pricing import Prices
from webapp.people.known import person_id_of

QUOTES = Listing(PriceQuote, (Column("at", PriceQuote.at),), default_sort="-at")
SHOWN = 10  # quotes on the first page
SUGGESTED = 50  # user ids that a field suggests
TYPICAL = ("lifecycle", "archetype", "loyalty", "demand")


@pages.get("/prices")
@requires(Permission.CUSTOMERS_READ)
def prices() -> Response:
    session = db.session()
    force = in_force(session)
    newest, _ = QUOTES.items(session, SHOWN)
    return render(
        "customers/prices.html",
        None,
        200,
        **_head(session),
        in_force=force,
        rules=prices_in(force),
        versions=[(one, prices_in(one)) for one in versions(session)],
        quotes=quoted_lines(session, newest),
    )


@pages.get("/prices/draft")
@requires(Permission.CUSTOMERS_MANAGE)
def price_draft() -> Response:
    session = db.session()
    draft = draft_of(session)
    begin = draft or _numbered(session, request.args.get("from", "")) or in_force(session)
    note = draft.note if draft else ""
    return _form(PriceForm.of(prices_in(begin), note, draft.version if draft else 0), 200)


@pages.post("/prices/draft")
@requires(Permission.CUSTOMERS_MANAGE)
def save_price_draft() -> Response:
    form, session = PriceForm(), db.session()
    if form.moved:
        return _form(form, 200)
    wanted = form.prices()
    if wanted is None:
        return _form(form, 422)
    try:
        _deeds().save(session, actor(), wanted, form.note.data or "", form.version.data or 0)
    except Conflict as error:
        draft = draft_of(session)
        now_at(form, draft.version if draft else 0, error)
        return _form(form, 409, theirs=prices_in(draft) if draft else None)
    flash("The draft is saved. Nobody is told a price by it until it is published.")
    return go("customers.price_trial")


@pages.post("/prices/draft/discard")
@requires(Permission.CUSTOMERS_MANAGE)
def discard_price_draft() -> Response:
    try:
        _deeds().discard(db.session(), actor(), _read())
        flash("The draft is discarded.")
    except DomainError as error:
        flash(error.message, "bad")
    return go("customers.prices")


@pages.post("/prices/draft/publish")
@requires(Permission.CUSTOMERS_MANAGE)
def publish_prices() -> Response:
    try:
        row = _deeds().publish(db.session(), actor(), _read())
        flash(f"Version {row.number} is in force. Prices that were quoted before hold until they end.")
    except DomainError as error:
        flash(f"{error.message} Nothing was published.", "bad")
    return go("customers.prices")


@pages.post("/prices/force")
@requires(Permission.CUSTOMERS_MANAGE)
def force_prices() -> Response:
    number = _number(request.form.get("number", ""))
    _deeds().force(db.session(), actor(), number)
    flash(f"Version {number} is in force again.")
    return go("customers.prices")


@pages.get("/prices/trial")
@requires(Permission.CUSTOMERS_READ)
def price_trial() -> Response:
    session = db.session()
    force = in_force(session)
    tried = _numbered(session, request.args.get("version", "")) or draft_of(session) or force
    user_id = request.args.get("user_id", "").strip()[:200]
    buyer = _buyer(session, user_id)
    return render(
        "customers/price_trial.html",
        None,
        200,
        **_head(session),
        in_force=force,
        tried=tried,
        rules=prices_in(tried),
        trial=_trial(session, buyer, force, tried),
        asked=request.args,
        user_id=user_id,
        stranger=bool(user_id) and buyer.person_id is None,
        typical={fact: FACT_WORDS[fact] for fact in TYPICAL},
        customers=newest_customers(session, SUGGESTED),
        most=MOST,
        said=said,
    )


@pages.get("/prices/quotes")
@requires(Permission.CUSTOMERS_READ)
def price_quotes() -> Response:
    session = db.session()
    page = QUOTES.page(session, request.args)
    return render(
        "customers/price_quotes.html", None, 200, page=page, quotes=quoted_lines(session, page.rows)
    )


def _head(session: Session) -> dict[str, Any]:
    """What the pages say alike: the draft, and whether prices move at all."""
    told = service()
    return {
        "draft": draft_of(session),
        "why_off": told.why_off(Feature.PRICING),
        "by_instance": not told.instance.enable_dynamic_pricing,
        "facts": FACTS,
        "plain": plain,
    }


def _form(form: PriceForm, status: int, theirs: Prices | None = None) -> Response:
    session = db.session()
    return render(
        "customers/price_draft.html",
        None,
        status,
        **_head(session),
        form=form,
        words=FACT_WORDS,
        theirs=theirs,
    )


def _trial(
    session: Session, buyer: Buyer, force: PriceRules | None, tried: PriceRules | None
) -> Trial | None:
    """What the two versions come to; None while there is nothing to try."""
    if tried is None:
        return None
    both = (prices_in(force) if force else None, prices_in(tried))
    return trial(session, buyer, both, services().clock.now())


def _buyer(session: Session, user_id: str) -> Buyer:
    """Who the address asks about: a customer by their id, or a typical one; what is odd is left out."""
    if user_id:
        return Buyer(person_id_of(session, user_id))
    words = {fact: request.args.get(fact, "") for fact in TYPICAL}
    said = {fact: word for fact, word in words.items() if word in FACT_WORDS[fact]}
    return Buyer(words=said, demand=said.pop("demand", ""))


def _deeds() -> PriceDeeds:
    return PriceDeeds(services().clock, services().auditor)


def _read() -> int:
    """The version of the draft that the page showed."""
    return _number(request.form.get("read", ""))


def _number(word: str) -> int:
    return int(word) if word.isdecimal() and len(word) < 7 else -1


def _numbered(session: Session, word: str) -> PriceRules | None:
    number = _number(word)
    return version_of(session, number) if number > 0 else None
