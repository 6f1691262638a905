"""The pages of content blocks: the list; one block with its preview as any customer and its reach."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.htmx import render
from webapp.core.list_pages import add_list_routes, views_of
from webapp.core.services import services
from webapp.customers.blueprint import contents
from webapp.customers.contents import considered, content_for, reach, text_for
from webapp.customers.desks import BLOCK_DESK
from webapp.customers.facts import Feature
from webapp.customers.forms import BlockForm
from webapp.customers.lists import BLOCK_LIST, BLOCKS, state_of
from webapp.customers.models import ContentBlock
from webapp.customers.picture import newest_customers
from webapp.customers.record_screens import Screen, add_record_routes
from webapp.customers.rules.audience import WRITTEN
from webapp.customers.service import service_of
from webapp.people.known import person_id_of

SCREEN = Screen(contents, BLOCKS, BlockForm, "Content", "customers/_block_fields.html", "show")
MOST_OFFERED = 50  # user ids that the preview's field suggests
add_list_routes(contents, BLOCK_DESK)
add_record_routes(SCREEN)


@contents.get("")
@requires(Permission.CUSTOMERS_READ)
def index() -> Response:
    page = BLOCK_LIST.page(db.session(), request.args)
    now = services().clock.now()
    states = {row.id: state_of(row, now) for row in page.rows}
    return render("customers/contents.html", "list", page=page, states=states, views=views_of(BLOCK_DESK))


@contents.get("/<uuid:row_id>")
@requires(Permission.CUSTOMERS_READ)
def show(row_id: UUID) -> Response:
    session, now = db.session(), services().clock.now()
    block = BLOCKS.find(session, row_id)
    service = service_of(session, services().settings)
    return render(
        "customers/content.html",
        "preview",
        row=block,
        state=state_of(block, now),
        open=[name for name in dict.fromkeys(WRITTEN.findall(block.body)) if not block.fallbacks.get(name)],
        off=service.why_off(Feature.ALL),
        reach=reach(session, service, block, now),
        customers=newest_customers(session, MOST_OFFERED),
        preview=_preview(session, block, request.args.get("user_id", "").strip()[:200]),
    )


def _preview(session: Session, block: ContentBlock, user_id: str) -> dict[str, Any] | None:
    """What this customer gets in the block's slot, what this block would say to them, and why."""
    if not user_id:
        return None
    service, now = service_of(session, services().settings), services().clock.now()
    person_id = person_id_of(session, user_id)
    shown = content_for(session, service, person_id, block.slot, now)
    whose = person_id if service.on(Feature.ALL) else None
    return {
        "user_id": user_id,
        "stranger": person_id is None,
        "shown": shown,
        "own": text_for(session, block, whose, now),
        "considered": considered(session, service, person_id, block.slot, now),
    }
