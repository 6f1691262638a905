"""The pages of the AI service: what it was used for, its daily limit, and the wordings of prompts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request
from werkzeug.wrappers import Response
from wtforms import DecimalField, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from webapp.core.access import Permission, requires
from webapp.core.audit import AuditAction
from webapp.core.clock import day_begin
from webapp.core.db import db, new_id, unit
from webapp.core.diff import diff
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.forms import Form, put_error
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.llm import usage, wording
from webapp.core.llm.ledger import MILLION, LlmCall, LlmLimit, purse
from webapp.core.llm.prompt import PromptUse
from webapp.core.llm.trying import start_try, tries
from webapp.core.services import services
from webapp.core.tables import Column, Filter, Listing

pages = Blueprint("llm", __name__, url_prefix="/admin/ai")
SPANS = (7, 30, 90)
CALLS = Listing(
    LlmCall,
    columns=(Column("at", LlmCall.at), Column("id", LlmCall.id)),
    filters=(
        Filter("prompt", LlmCall.prompt, "Prompt"),
        Filter("model", LlmCall.model, "Model"),
        Filter("outcome", LlmCall.outcome, "Outcome"),
    ),
    default_sort="-at",
)


class LimitForm(Form):
    """What the company may spend a day."""

    daily = DecimalField(
        "Daily limit",
        [InputRequired("Give an amount; 0 stops all calls."), NumberRange(0, 1_000_000)],
        places=2,
    )


class WordingForm(Form):
    """A wording that is being written."""

    version = HiddenField(default="0")
    system = TextAreaField("What the model is told to be (system)")
    user = TextAreaField("What it is asked (user)")


class PublishForm(Form):
    """Why a wording comes into force."""

    reason = StringField("Why?", [InputRequired("Say why, for those who read the history."), Length(max=500)])


class BackForm(Form):
    """Which wording comes into force again; 0 is the built-in one."""

    number = IntegerField("Wording", [NumberRange(0, 1_000_000)])


@pages.get("")
@requires(Permission.LLM_READ)
def index() -> Response:
    return _usage(LimitForm(formdata=None))


@pages.post("/limit")
@requires(Permission.LLM_MANAGE)
def save_limit() -> Response:
    form = LimitForm()
    if not form.validate():
        return _usage(form, 422)
    now, session = services().clock.now(), db.session()
    with unit(session):
        row = session.query(LlmLimit).first() or LlmLimit(daily=0, changed_at=now)
        before, row.daily = row.daily, round(float(form.daily.data or 0) * MILLION)
        row.changed_at, row.changed_by = now, actor().name
        session.add(row)
        session.flush()
        changes = {"daily": (before, row.daily)}
        services().auditor.record(session, actor(), AuditAction.LLM_LIMIT_CHANGED, row, changes=changes)
    flash("The daily limit is saved.")
    return go("llm.index")


@pages.get("/calls")
@requires(Permission.LLM_READ)
def calls() -> Response:
    page = CALLS.page(db.session(), request.args)
    return render("llm/calls.html", "list", page=page, currency=services().settings.llm_currency)


@pages.get("/prompts")
@requires(Permission.LLM_READ)
def prompts() -> Response:
    rows = [(use, wording.in_force(db.session(), use.file)) for use in services().prompts.values()]
    drafts = {use.name for use, _ in rows if wording.draft_of(db.session(), use.name)}
    return render("llm/prompts.html", None, rows=rows, drafts=drafts)


@pages.get("/prompts/<string:name>")
@requires(Permission.LLM_READ)
def prompt(name: str) -> Response:
    return _prompt(_use(name))


@pages.get("/prompts/<string:name>/wording")
@requires(Permission.LLM_MANAGE)
def edit(name: str) -> Response:
    use, form = _use(name), WordingForm(formdata=None)
    draft, force = wording.draft_of(db.session(), name), wording.in_force(db.session(), use.file)
    form.system.data, form.user.data = (draft or force).system.strip(), (draft or force).user.strip()
    form.version.data = str(draft.version if draft else 0)
    return _edit(use, form)


@pages.post("/prompts/<string:name>/wording")
@requires(Permission.LLM_MANAGE)
def save(name: str) -> Response:
    use, form = _use(name), WordingForm()
    texts = (form.system.data or "", form.user.data or "")
    try:
        wording.keep_draft(db.session(), actor(), use.file, texts, _number(form.version.data), **_clients())
    except Conflict as error:
        put_error(form, None, error.message)
        theirs = wording.draft_of(db.session(), name)
        form.version.data = str(theirs.version if theirs else 0)
        form.version.raw_data = None
        return _edit(use, form, 409)
    except DomainError as error:
        put_error(form, next(iter(error.details), None), error.message)
        return _edit(use, form, 422)
    if request.form.get("do") == "try":
        _start(use, draft=True)
    else:
        flash("The draft is kept. The wording in force is unchanged.")
    return go("llm.prompt", name=name)


@pages.post("/prompts/<string:name>/try")
@requires(Permission.LLM_MANAGE)
def try_it(name: str) -> Response:
    use = _use(name)
    _start(use, draft=request.form.get("wording") == "draft")
    return go("llm.prompt", name=name)


@pages.post("/prompts/<string:name>/publish")
@requires(Permission.LLM_MANAGE)
def publish(name: str) -> Response:
    use, form = _use(name), PublishForm()
    if not form.validate():
        return _prompt(use, form, 422)
    read = _number(request.form.get("version"))
    row = wording.publish(db.session(), actor(), use.file, form.reason.data or "", read, **_clients())
    flash(f"Wording {use.file.version}.{row.number} is in force.")
    return go("llm.prompt", name=name)


@pages.post("/prompts/<string:name>/back")
@requires(Permission.LLM_MANAGE)
def back(name: str) -> Response:
    use, form = _use(name), BackForm()
    if not form.validate():
        raise NotFound("There is no such wording.")
    wording.roll_back(db.session(), actor(), use.file, form.number.data or 0, **_clients())
    flash("That wording is in force again." if form.number.data else "The built-in wording is in force.")
    return go("llm.prompt", name=name)


@pages.post("/prompts/<string:name>/drop")
@requires(Permission.LLM_MANAGE)
def drop(name: str) -> Response:
    read = _number(request.form.get("version"))
    wording.drop_draft(db.session(), actor(), _use(name).name, read, auditor=services().auditor)
    flash("The draft is dropped. The wording in force is unchanged.")
    return go("llm.prompt", name=name)


def _usage(form: LimitForm, status: int = 200) -> Response:
    session, clock, known = db.session(), services().clock, services()
    span = _number(request.args.get("days"))
    span = span if span in SPANS else SPANS[1]
    group = request.args.get("by", "prompt")
    group = group if group in usage.GROUPS else "prompt"
    zone = known.zone(session)
    begins = [day_begin(clock.now(), zone, back) for back in range(span - 1, -1, -1)]
    today = purse(session, known.runner.terms, begins[-1])
    if form.daily.raw_data is None:
        form.daily.data = today.limit / MILLION
    return render(
        "llm/usage.html",
        None,
        status,
        form=form,
        span=span,
        spans=SPANS,
        group=group,
        groups=list(usage.GROUPS),
        rows=usage.use_by(session, group, begins[0]),
        days=usage.use_by_day(session, [(one.astimezone(zone).date(), one) for one in begins]),
        total=usage.total(session, begins[0]),
        today=today,
        currency=known.settings.llm_currency,
        by_rules=known.llm.by_rules,
        text_days=known.settings.llm_text_days,
    )


def _prompt(use: PromptUse, form: PublishForm | None = None, status: int = 200) -> Response:
    session, file = db.session(), use.file
    force, draft = wording.in_force(session, file), wording.draft_of(session, use.name)
    texts = [(part, getattr(force, part), getattr(draft, part, "")) for part in ("system", "user")]
    changes = [(part, diff(old.strip(), new.strip())) for part, old, new in texts]
    return render(
        "llm/prompt.html",
        None,
        status,
        use=use,
        file=file,
        force=force,
        draft=draft,
        changes=changes if draft else [],
        wordings=wording.wordings(session, use.name),
        tries=tries(session, services().kinds["llm.try"], use.name),
        form=form or PublishForm(formdata=None),
        by_rules=services().llm.by_rules,
    )


def _edit(use: PromptUse, form: WordingForm, status: int = 200) -> Response:
    return render("llm/wording.html", None, status, use=use, file=use.file, form=form)


def _start(use: PromptUse, *, draft: bool) -> None:
    kind = services().kinds["llm.try"]
    key = f"try:{new_id()}"
    start_try(db.session(), actor(), kind, use, draft=draft, key=key, starter=services().starter)


def _use(name: str) -> PromptUse:
    use = services().prompts.get(name)
    if use is None:
        raise NotFound("There is no such prompt.")
    return use


def _number(word: str | None) -> int:
    return int(word) if word and word.isdecimal() and len(word) < 10 else 0


def _clients() -> dict[str, Any]:
    return {"clock": services().clock, "auditor": services().auditor}
