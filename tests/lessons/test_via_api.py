"""Driving a running server over real HTTP: patient, bounded, and honest about what failed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from socket import SHUT_WR, create_server
from threading import Thread
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from werkzeug import Request, Response
from werkzeug.serving import make_server

from tests.conftest import World
from tests.instance import free_port
from tests.lessons.making import course, learner
from webapp.core.db import db
from webapp.core.errors import BadRequest
from webapp.lessons.choosing import read_numbers, read_users
from webapp.lessons.driving import MOST_TRIES, Server, Wish, drive, report

MARTA = "21179358"
Make = Callable[..., World]


@dataclass
class Shop:
    """A server that answers by a script, then with the last line of it."""

    script: list[tuple[int, dict[str, str], Any]]
    calls: list[Any] = field(default_factory=list)

    def __call__(self, environ: Any, start: Any) -> Any:
        self.calls.append(Request(environ).get_json())
        status, headers, told = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        answer = Response(json.dumps(told), status, headers, mimetype="application/json")
        return answer(environ, start)


@pytest.fixture
def serve() -> Iterator[Callable[[Any], str]]:
    """Serves applications in threads and answers their addresses."""
    running = []

    def run(app: Any) -> str:
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = Thread(target=server.serve_forever, name="test-server")
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield run
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Pauses:
    """Remembers how long it was asked to wait, and does not."""

    seconds: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


GOOD = (200, {}, {"success": True, "cached": True, "stale": False})
BUSY = {"error": "Too many.", "code": "too_many", "retryable": True}


def test_the_token_is_never_sent_on_by_a_redirection(serve: Callable[[Any], str]) -> None:
    elsewhere = Shop([GOOD])
    shop = Shop([(307, {"Location": serve(elsewhere)}, {}), (302, {"Location": serve(elsewhere)}, {})])
    server = Server(serve(shop), "token", pause=Pauses())
    calls = list(drive(server, Wish(("a",), (1, 2))))
    assert [call.answer.status for call in calls] == [307, 302]
    assert "It redirects to" in calls[0].answer.why
    assert elsewhere.calls == []


@pytest.mark.parametrize(
    "sent", [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}", b"nonsense\r\n\r\n", b""]
)
def test_an_answer_that_breaks_off_is_a_failed_try(sent: bytes) -> None:
    with create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            for _ in range(MOST_TRIES):
                call, _ = listening.accept()
                with call:
                    call.recv(65536)
                    call.sendall(sent)
                    call.shutdown(SHUT_WR)
                    while call.recv(65536):
                        pass

        thread = Thread(target=answer)
        thread.start()
        server = Server(f"http://127.0.0.1:{listening.getsockname()[1]}", "token", pause=Pauses())
        found = server.serve({})
        thread.join()
    assert (found[0].status, found[2]) == (0, MOST_TRIES)
    assert found[0].told["error"]


def test_it_waits_as_long_as_the_server_asks(serve: Callable[[Any], str]) -> None:
    shop, pauses = Shop([(429, {"Retry-After": "7"}, BUSY), (503, {}, BUSY), GOOD]), Pauses()
    server = Server(serve(shop), "token", pause=pauses)
    calls = list(drive(server, Wish(("a", "b"), (1, 2), delay=0.5, flush=True, course="c")))
    assert [call.answer.status for call in calls] == [200] * 4
    assert calls[0].tries == 3
    assert pauses.seconds == [7.0, 2.0, 0.5, 0.5, 0.5]
    assert shop.calls[0] == {"user_id": "a", "lesson_number": 1, "flush": True, "course": "c"}
    assert len(shop.calls) == 6


@pytest.mark.parametrize(
    ("script", "tries"),
    [
        ([(503, {}, BUSY)], MOST_TRIES),
        ([(502, {}, {**BUSY, "retryable": False})], 1),
        ([(404, {}, {"error": "No."})], 1),
        ([(500, {}, {"error": "No.", "retryable": True})], 1),
    ],
)
def test_tries_are_bounded_and_only_what_may_pass_is_tried_again(
    serve: Callable[[Any], str], script: list[Any], tries: int
) -> None:
    shop = Shop(script)
    server = Server(serve(shop), "token", pause=Pauses())
    found = report(list(drive(server, Wish(("a",), (3,)))))
    assert len(shop.calls) == tries
    assert (found["success"], found["failed"], found["median_ms"]) == (False, 1, None)
    assert found["failures"][0]["lesson_number"] == 3


def test_nobody_listening_is_a_failure_in_words() -> None:
    server = Server(f"http://127.0.0.1:{free_port()}", "token", pause=Pauses())
    found = report(list(drive(server, Wish(("a",), (1,)))))
    assert "no answer" in found["failures"][0]["why"]
    for wrong in ("ftp://x", "127.0.0.1:8000", ""):
        with pytest.raises(BadRequest):
            Server(wrong, "token")


def run(world: World, *words: str) -> Result:
    return world.app.test_cli_runner().invoke(args=["lessons", "personalize-via-api", "--delay", "0", *words])


@pytest.fixture
def world(make_world: Make) -> World:
    made = make_world(worker=True)
    course(made, lessons=2)
    learner(made)
    return made


def outside(app: Flask) -> Any:
    """The application as its server would run it: no context of the test reaches its threads."""
    return app.wsgi_app


def test_every_lesson_of_the_demos_learner_comes(world: World, serve: Callable[[Any], str]) -> None:
    given = ("--url", serve(outside(world.app)), "--token", world.token("lessons"))
    db.session().commit()
    result = run(world, *given)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0].startswith(f"success  {MARTA} lesson 1: ")
    assert lines[1].endswith("[2/2]")
    assert lines[-1] == "Completed: every lesson came."
    again = run(world, *given, "--company", "acme", "--lessons", "1,2", "--json", MARTA)
    told = json.loads(again.stdout)
    assert (told["success"], told["calls"], told["cached"], told["failed"]) == (True, 2, 2, 0)
    assert [one["lesson_number"] for one in told["lessons"]] == [1, 2]
    assert all(one["p95_ms"] >= one["median_ms"] > 0 for one in told["lessons"])
    assert "success" in again.stderr


def test_an_unknown_id_of_the_file_fails_and_the_others_go_on(
    world: World, serve: Callable[[Any], str], tmp_path: Path
) -> None:
    file = tmp_path / "users.csv"
    file.write_text(f"name,user_id\nNobody,nobody\nMarta,{MARTA}\n")
    url, token = serve(outside(world.app)), world.token("lessons")
    db.session().commit()
    result = run(
        world,
        "--url",
        url,
        "--token",
        token,
        "--users-file",
        str(file),
        "--lessons",
        "1",
        "--json",
        "--flush",
    )
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert (told["success"], told["served"], told["failed"]) == (False, 1, 1)
    assert told["failures"][0]["user_id"] == "nobody"
    assert "error    nobody lesson 1: 404" in result.stderr


def test_what_cannot_be_asked_is_said_plainly(world: World, serve: Callable[[Any], str]) -> None:
    url = serve(outside(world.app))
    for words, why in (
        (("--url", "nowhere", "--token", "x"), "needs an address"),
        (("--url", url, "--token", "x", "--lessons", "one"), "no lesson number"),
        (("--url", url, "--token", "x"), "does not tell its lessons"),
        (("--url", url), "--token"),
    ):
        result = run(world, *words)
        assert result.exit_code != 0
        assert why in result.output


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("a\nb\n\n a \n", ["a", "b"]),
        ("user_id,name\n1,x\n2,y\n", ["1", "2"]),
        ("name;user_id\nx;1\n", ["1"]),
        (
            "7,x\n8,y\n",
            ["7", "x", "8", "y"],
        ),  # separated, without a head: none is lost, unknown ones are named
        ('["a", 7, {"user_id": "c"}]', ["a", "7", "c"]),
        ("\ufeffuser_id\n5\n", ["5"]),
    ],
)
def test_a_file_of_users_is_read_in_every_usual_form(tmp_path: Path, text: str, ids: list[str]) -> None:
    file = tmp_path / "users"
    file.write_text(text, encoding="utf-8")
    assert read_users(file) == ids


@pytest.mark.parametrize("text", ['{"a": 1}', "[1.5]", "[true]", "[", "[[1]]"])
def test_a_file_that_holds_no_ids_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "users"
    file.write_text(text)
    with pytest.raises(BadRequest):
        read_users(file)
    with pytest.raises(BadRequest):
        read_users(tmp_path / "none")


def test_lesson_numbers_are_read_with_ranges() -> None:
    assert read_numbers("1,2,5-7, 3 ,2") == [1, 2, 3, 5, 6, 7]
    for wrong in ("x", "3-1", "1-", "-1", "1-99999999", "1 2"):
        with pytest.raises(BadRequest):
            read_numbers(wrong)
