"""Speaks to a daemon over real HTTP, header by header."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bridge.daemon.asset_key import key_of
from bridge.daemon.runtime import Runtime
from tests.pipeline.declared_answers import check_declared


@dataclass
class Answer:
    """What the daemon said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of an error, which must have the one shape."""
        error = self.json["error"]
        assert sorted(error) == ["code", "hint", "message", "where"]
        return str(error["code"])


@dataclass
class Client:
    """Speaks to the daemon of a project. Every answer must be as its endpoint declares it.

    held: the operations whose answers were held against their models.
    """

    root: Path
    runtime: Runtime
    held: set[str] = field(default_factory=set)

    def ask(self, method: str, path: str, body: Any = None, headers: Mapping[str, str | None] | None = None) -> Answer:
        """One request; a header of None is left out."""
        connection = http.client.HTTPConnection("127.0.0.1", self.runtime.port, timeout=20)
        sent: dict[str, str | None] = {
            "Host": f"127.0.0.1:{self.runtime.port}",
            "Authorization": f"Bearer {self.runtime.token}",
            "Content-Type": "application/json",
            **(headers or {}),
        }
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in sent.items():
                if value is not None:
                    connection.putheader(name, value)
            if data or method == "POST":
                connection.putheader("Content-Length", str(len(data)))
            connection.endheaders(data or None)
            response = connection.getresponse()
            answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()
        operation = check_declared(method, path, answer.status, answer.headers, answer.body)
        if operation is not None:
            self.held.add(operation)
        return answer

    def get(self, path: str) -> Any:
        """The JSON of a GET that must succeed."""
        answer = self.ask("GET", path)
        assert answer.status == 200, answer
        return answer.json

    def post(self, path: str, body: Any = None) -> Any:
        """The JSON of a POST that must succeed."""
        answer = self.ask("POST", path, {} if body is None else body)
        assert answer.status < 300, answer
        return answer.json

    def asset(self, asset_id: str, rest: str = "") -> str:
        """The address of an asset."""
        return f"/v1/assets/{key_of(asset_id)}{rest}"

    def until_done(self, queued: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The events of a queued build up to its `done`."""
        number = queued["request"]
        return self.until(queued["cursor"], lambda event: (event["type"], event.get("request")) == ("done", number))

    def until(self, cursor: str, fits: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        """The events after a cursor up to the first that fits."""
        seen: list[dict[str, Any]] = []
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            answer = self.get(f"/v1/events?after={cursor}&wait=10")
            cursor = answer["cursor"]
            for event in answer["events"]:
                seen.append(event)
                if fits(event):
                    return seen
        raise AssertionError(seen)


def ended(pid: int, seconds: float) -> bool:
    """Whether a child of this process has ended in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(ChildProcessError):
            if os.waitpid(pid, os.WNOHANG)[0] == 0:
                time.sleep(0.02)
                continue
        return True
    return False
