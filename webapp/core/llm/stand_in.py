"""A scripted stand-in for an OpenAI-compatible server: real HTTP, no model, any failure on demand."""

import json
import os
import select
import socket
import struct
import sys
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self, cast

from webapp.core.llm.stand_in_replies import Mode, Reply, Request, failure, reply_for

MODELS = ("gpt-4o-mini", "gpt-4o")
FAILURES = (
    Mode.REFUSAL,
    Mode.BROKEN,
    Mode.MALFORMED,
    Mode.RESET,
    Mode.WRONG,
    Mode.BUSY,
    Mode.TRUNCATED,
    Mode.HTML,
)
LOOK_AGAIN = 0.05  # seconds between two looks at whether a hanging client has gone


@dataclass(frozen=True)
class Call:
    """One completion that was asked for. `answered` turns true when the answer is sent."""

    path: str
    mode: str
    messages: tuple[Mapping[str, Any], ...]
    model: str
    at: datetime
    answered: bool = False
    prompt_tokens: int = 0
    completion_tokens: int = 0


class StandIn:
    """The server as a context manager; `.base_url` is what the client is given.

    A call's mode is, in this order: the one behind "#" in the model's name (`gpt-4o-mini#429`), the next of
    `.script(…)`, the next way to fail when it is the turn of one of the share `failing`, then `.mode`.
    Unknown modes raise ValueError here and answer 400 over HTTP. Leaving the context releases hanging calls
    and waits for every thread.
    """

    def __init__(
        self, mode: str = "ok", delay: float = 0.5, seed: int = 0, port: int = 0, *, failing: float = 0.0
    ) -> None:
        if not 0 <= failing <= 1:
            raise ValueError("the share of failing calls is a number from 0 to 1")
        self._mode = Mode(mode)
        self.delay = delay
        self.seed = seed
        self.failing = failing
        self._script: deque[Mode] = deque()
        self._calls: list[Call] = []
        self._changed = threading.Condition()
        self.closing = threading.Event()
        self._server = _Server(("127.0.0.1", port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="llm-stand-in")

    @property
    def base_url(self) -> str:
        """The address to give to a client as its base URL."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    @property
    def mode(self) -> str:
        """How calls are answered when neither the script nor the model's name says otherwise."""
        return self._mode.value

    @mode.setter
    def mode(self, value: str) -> None:
        self._mode = Mode(value)

    @property
    def calls(self) -> list[Call]:
        """The completions asked for so far, oldest first (a copy)."""
        with self._changed:
            return list(self._calls)

    def script(self, modes: Iterable[str]) -> None:
        """Answer the next calls by these modes, one each, then by `.mode` again; replaces what was left."""
        wanted = deque(Mode(mode) for mode in modes)
        with self._changed:
            self._script = wanted

    def wait_for_calls(self, count: int, timeout: float = 10.0) -> bool:
        """Wait until `count` calls have arrived, at most `timeout` seconds; whether they have."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._calls) >= count, timeout)

    def arrived(self, path: str, request: Request) -> tuple[int, Call, Request]:
        """Take note of a call before it is answered; its number, its record and the request to answer."""
        model, _, named = request.model.partition("#")
        with self._changed:
            mode = Mode(named) if named else self._next()
            call = Call(path, mode.value, request.messages, model, datetime.now(UTC))
            self._calls.append(call)
            self._changed.notify_all()
            return len(self._calls) - 1, call, replace(request, model=model)

    def _next(self) -> Mode:
        """The mode of the next call: the script's, a failure when its turn has come, else the usual one."""
        if self._script:
            return self._script.popleft()
        number = len(self._calls) + 1
        before, so_far = int((number - 1) * self.failing), int(number * self.failing)
        return FAILURES[before % len(FAILURES)] if so_far > before else self._mode

    def answered(self, number: int, reply: Reply) -> None:
        """Take note of an answer before it is sent, so that whoever has it also finds it noted."""
        with self._changed:
            self._calls[number] = replace(
                self._calls[number],
                answered=True,
                prompt_tokens=reply.prompt_tokens,
                completion_tokens=reply.completion_tokens,
            )

    def start(self) -> Self:
        """Serve in a thread of its own."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Release what hangs, stop serving and wait for every thread."""
        self.closing.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.release()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that server_close waits for them

    def __init__(self, address: tuple[str, int], owner: StandIn) -> None:
        self.owner = owner
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def release(self) -> None:
        """End the connections whose clients never finished their request."""
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what several modes are for, not news."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    @property
    def owner(self) -> StandIn:
        return cast("_Server", self.server).owner

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Stay silent: `.calls` is the log."""

    def do_GET(self) -> None:
        if self.path == "/v1/models":
            models = [
                {"id": name, "object": "model", "created": 0, "owned_by": "stand-in"} for name in MODELS
            ]
            self._send_json({"object": "list", "data": models})
        elif self.path == "/control/calls":
            self._send_json({"calls": [asdict(call) for call in self.owner.calls]})
        else:
            self._send(_unknown(self.path))

    def do_POST(self) -> None:
        body = self._body()
        if body is None:
            self._send(_unreadable("We could not parse the JSON body of your request."))
        elif self.path == "/control":
            self._control(body)
        elif self.path == "/v1/chat/completions":
            self._complete(body)
        else:
            self._send(_unknown(self.path))

    def _body(self) -> dict[str, Any] | None:
        try:
            read = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        except ValueError:
            return None
        return read if isinstance(read, dict) else None

    def _control(self, body: Mapping[str, Any]) -> None:
        """Set the mode, the script or the delay; an unknown mode changes nothing."""
        owner = self.owner
        try:
            mode = Mode(str(body.get("mode", owner.mode)))
            owner.delay = float(body.get("delay", owner.delay))
            owner.script([str(one) for one in body.get("script", [])])
        except (ValueError, TypeError) as error:
            self._send(_unreadable(str(error)))
            return
        owner.mode = mode
        self._send_json({"mode": owner.mode, "delay": owner.delay, "script": body.get("script", [])})

    def _complete(self, body: Mapping[str, Any]) -> None:
        request = _request(body)
        if request is None:
            self._send(_unreadable("'messages' must be a list of messages; streaming is not offered here."))
            return
        try:
            number, call, request = self.owner.arrived(self.path, request)
        except ValueError as error:
            self._send(_unreadable(str(error)))
            return
        self._answer(number, Mode(call.mode), request)

    def _answer(self, number: int, mode: Mode, request: Request) -> None:
        if mode is Mode.HANG:
            self._hang()
        elif mode is Mode.RESET:
            self._reset()
        else:
            reply = reply_for(request, mode, self.owner.seed)
            if mode is Mode.SLOW:
                self.owner.closing.wait(self.owner.delay)
            self.owner.answered(number, reply)
            self._send(reply)

    def _hang(self) -> None:
        """Answer nothing until the server closes or the client goes."""
        while not self.owner.closing.wait(LOOK_AGAIN):
            readable, _, _ = select.select([self.connection], [], [], 0)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                return

    def _reset(self) -> None:
        """Close with a TCP reset: lingering zero seconds drops the connection instead of ending it."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())

    def _send_json(self, value: object) -> None:
        self._send(Reply(200, json.dumps(value, default=str, ensure_ascii=False).encode()))

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)


def _request(body: Mapping[str, Any]) -> Request | None:
    messages = body.get("messages")
    if not isinstance(messages, list) or not all(isinstance(one, dict) for one in messages):
        return None
    if body.get("stream"):
        return None
    wanted = body.get("response_format")
    return Request(
        str(body.get("model", MODELS[0])), tuple(messages), wanted if isinstance(wanted, dict) else {}
    )


def _unreadable(message: str) -> Reply:
    return failure(400, message, "invalid_request_error", None)


def _unknown(path: str) -> Reply:
    return failure(404, f"Invalid URL ({path})", "invalid_request_error", None)


def serve(port: int, mode: str = "ok", delay: float = 0.5, failing: float = 0.0) -> None:
    """Serve until Ctrl-C, after printing the base URL; raises OSError when the port is taken."""
    with StandIn(mode=mode, delay=delay, port=port, failing=failing) as stand_in:
        sys.stdout.write(f"{stand_in.base_url}\n")
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            threading.Event().wait()
