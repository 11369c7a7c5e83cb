"""The simplest client there is: one connection per request, no retries, nothing hidden. For tests of the emulators."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Client:
    """Calls one base URL with one key ("" for none). Raises what http.client raises; `timeout` is in seconds."""

    url: str
    key: str = ""
    timeout: float = 10.0
    agent: str = "emulator-test"

    def get(self, path: str) -> Answer:
        """GET of a path below the base URL, or of a whole URL."""
        return self.send("GET", path)

    def post(self, path: str, document: object) -> Answer:
        """POST of a JSON document."""
        return self.send("POST", path, json.dumps(document).encode(), {"content-type": "application/json"})

    def send(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        """One request."""
        target = urlsplit(path if path.startswith("http://") else self.url + path)
        given = {"user-agent": self.agent, **({"authorization": f"Bearer {self.key}"} if self.key else {})}
        connection = HTTPConnection(target.hostname or "", target.port, timeout=self.timeout)
        try:
            connection.request(method, target._replace(scheme="", netloc="").geturl(), body, given | (headers or {}))
            response = connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, names, response.read())
        finally:
            connection.close()
