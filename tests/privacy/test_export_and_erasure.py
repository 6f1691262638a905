"""P1, P2: an export holds all of one person and nothing of another; an erasure leaves nothing of them."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import World
from tests.privacy.asking import done, everything
from tests.privacy.canaries import Filler, Somebody
from webapp.core.audit_verify import verify
from webapp.core.db import unit
from webapp.customers.cache import Cache
from webapp.people.erased import is_erased
from webapp.people.models import Person, Tombstone
from webapp.personas.parking import park
from webapp.privacy.ledger import NAME, noted
from webapp.privacy.models import PrivacyRequest, RequestKind, RequestState
from webapp.privacy.work import folder


@dataclass
class Two:
    """Two people and where everything of them may stand."""

    world: World
    ann: Somebody
    bob: Somebody

    def ask(self, kind: RequestKind, who: str) -> PrivacyRequest:
        return done(self.world, kind, who)

    def everything(self) -> bytes:
        return everything(self.world)


def beyond_the_tables(world: World, who: Somebody) -> None:
    """What stands in Redis and in files."""
    made, session = world.services, world.session
    person = {"name": who.name, "email": who.email, "title": who.word()}
    park(made.store, made.clock, world.company_id, {"person": person})
    Cache(made.store, 3600).kept(session, who.identifier, "homepage", lambda: {"greeting": who.word()})
    place = made.settings.imports / world.company_id.hex
    place.mkdir(parents=True, exist_ok=True)
    (place / f"file{who.seed}").write_text(f"user_id,note\n{who.identifier},{who.word()}\n", encoding="utf-8")


@pytest.fixture
def two(make_world: Callable[..., World]) -> Two:
    world = make_world()
    world.actor()
    with unit(world.session) as session:
        filler = Filler(session, world.staff["editor"])
        ann = filler.fill(Somebody("zqanna"))
        bob = filler.fill(Somebody("zqbert"), ann)
    hidden = (set(ann.words), set(bob.words))
    beyond_the_tables(world, ann)
    beyond_the_tables(world, bob)
    for who, before in zip((ann, bob), hidden, strict=True):
        who.hidden |= set(who.words) - before  # caches, parked documents and uploads are no record
    return Two(world, ann, bob)


def read(two: Two, request: PrivacyRequest) -> tuple[str, dict[str, Any]]:
    with zipfile.ZipFile(folder(two.world.session).path(request.file)) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    return "\n".join(texts.values()), texts


def test_P1_an_export_holds_all_of_one_person_and_nothing_of_another(two: Two) -> None:
    told = two.ask(RequestKind.EXPORT, two.ann.identifier)
    assert (told.state, told.problem) == (RequestState.DONE, "")
    whole, files = read(two, told)
    missing = [one for one in two.ann.words if one not in whole and one not in two.ann.hidden]
    assert missing == []
    assert all(one in whole for one in (two.ann.identifier, two.ann.email, two.ann.name))
    assert two.bob.seed not in whole.lower()
    assert two.bob.seed[::-1] not in whole.lower()
    assert not any(str(one) in whole for one in two.bob.rows.values())
    index = json.loads(files["index.json"])
    assert {one["file"] for one in index["parts"]} == files.keys() - {"index.html", "index.json"}
    assert sorted(told.report.items()) == sorted((one["title"], one["rows"]) for one in index["parts"])
    for part in index["parts"]:
        assert part["title"] in files["index.html"]


@pytest.mark.skipif(
    os.environ.get("ATELIER_TEST_DATABASE") == "postgres", reason="its files are the server's own"
)
def test_P2_after_an_erasure_nothing_is_found_anywhere_and_the_other_is_whole(two: Two) -> None:
    two.ask(RequestKind.EXPORT, two.ann.identifier)
    two.ask(RequestKind.EXPORT, two.bob.identifier)
    before = two.everything()
    assert [one for one in (*two.ann.words, *two.bob.words) if one.encode() not in before] == []
    told = two.ask(RequestKind.ERASE, two.ann.identifier)
    assert (told.state, told.problem) == (RequestState.DONE, "")
    after = two.everything()
    left = [one for one in (two.ann.seed, two.ann.seed[::-1], *two.ann.words) if one.encode() in after]
    assert left == []
    gone = [one for one in two.bob.words if one.encode() not in after and one.encode() in before]
    dropped = set(two.bob.words) & {one for one in two.bob.hidden if one.encode() not in after}
    assert set(gone) <= dropped
    assert two.bob.email.encode() in after
    assert (told.known_as, told.note, told.file) == ("", "", "")
    assert told.report["Person"] == 1


def test_what_an_erasure_leaves(two: Two) -> None:
    two.ask(RequestKind.ERASE, two.ann.identifier)
    session, made = two.world.session, two.world.services
    key = made.settings.audit_secret()
    assert is_erased(session, key, two.ann.identifier)
    assert not is_erased(session, key, two.bob.identifier)
    assert [one.identifier for one in session.scalars(select(Person))] == [two.bob.identifier]
    digests = {one.digest for one in noted(made.settings.instance)}
    assert digests == set(session.scalars(select(Tombstone.digest)))
    assert (made.settings.instance / NAME).stat().st_mode & 0o777 == 0o600
    assert all(one.broken is None for one in verify(session, made.auditor.chain, two.world.company_id))
