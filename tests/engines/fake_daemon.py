"""A daemon that only talks: it keeps assets in memory and writes the files that a build of them would write.

It answers the addresses that the addons use with the documents of the real one, so that a test decides what happens
and when.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np

from bridge.daemon.asset_key import key_of
from bridge.media.images import encode_png
from tests.engines.user_settings import list_daemon

SIZE = 8
TOKEN = "0123456789abcdef"


class FakeDaemon:
    """The state behind the addresses. asked: `METHOD /path` and body of every request that was let in.

    upstream: ids of what assets are made of, by id.
    """

    def __init__(
        self,
        root: Path,
        ids: list[str],
        *,
        version: str = "0.1.0",
        token: str = TOKEN,
        upstream: Mapping[str, list[str]] | None = None,
    ) -> None:
        self.root = root
        self.version = version
        self.token = token
        self.upstream = upstream or {}
        self.states = dict.fromkeys(ids, "new")
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.refused = 0
        self.digest = "digest-1"
        self.nonce = "n"
        self._events: list[dict[str, Any]] = []
        self._news = threading.Condition()
        self.closed = False

    def publish(self, kind: str, asset_id: str | None = None, **facts: Any) -> None:
        """Adds an event."""
        with self._news:
            key = key_of(asset_id) if asset_id else None
            event: dict[str, Any] = {
                "seq": f"run.{len(self._events) + 1}",
                "type": kind,
                "id": asset_id,
                "key": key,
                "files": {},
            }
            self._events.append({**event, **facts})
            self._news.notify_all()

    def close(self) -> None:
        """Ends the waiting of every long poll."""
        with self._news:
            self.closed = True
            self._news.notify_all()

    @property
    def cursor(self) -> str:
        """The place after the last event."""
        return f"run.{len(self._events)}"

    def events(self, after: str, wait: float) -> dict[str, Any]:
        """Events after a cursor, waited for."""
        run, _, place = after.rpartition(".")
        if run != "run":
            return {"events": [{"type": "reset", "seq": self.cursor}], "cursor": self.cursor}
        with self._news:
            self._news.wait_for(lambda: self.closed or len(self._events) > int(place), wait)
            return {"events": self._events[int(place) :], "cursor": self.cursor}

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: dict[str, Any]) -> Any:
        """The document (or picture) for a request.

        Raises:
            LookupError: there is nothing at this address.
        """
        self.asked.append((f"{method} {path}", body))
        words = path.strip("/").split("/")[1:]
        if words[0] == "assets" and len(words) > 1:
            asset_id = next(asset_id for asset_id in self.states if key_of(asset_id) == words[1])
            return self._one(asset_id, words[2] if len(words) > 2 else "", body)
        documents: dict[str, Any] = {
            "health": lambda: self._health(query["root"][0]),
            "assets": lambda: {"assets": [self._row(asset_id) for asset_id in self.states], "cursor": self.cursor},
            "plan": self._plan,
            "providers": lambda: {"providers": [{"name": "shop", "balance": {"amounts": {"credits": "95"}}}]},
            "events": lambda: self.events(query["after"][0], float(query["wait"][0])),
            "build": self._build_all,
            "schema": lambda: {"properties": {"kind": {"enum": ["sprite", "character"]}}},
            "specs": lambda: self._new(body),
            "shutdown": lambda: {"ok": True},
        }
        return documents[words[0]]()

    def _health(self, asked: str) -> dict[str, Any]:
        serves = self.root.samefile(asked)
        return {"ok": True, "version": self.version, "nonce": self.nonce, "serves": serves, "cursor": self.cursor}

    def _one(self, asset_id: str, verb: str, body: dict[str, Any]) -> Any:
        if verb == "preview.png":
            return picture(2)
        if verb == "preview.json":
            return {"frame": {"width": SIZE, "height": SIZE}, "durations": [100, 100]}
        if verb == "variants":
            return {"variants": [{"number": number, "picked": number == 1} for number in (1, 2, 3)]}
        if verb == "approve" and body.get("digest") != self.digest:
            return 409, {"error": {"code": "plan_changed", "message": "The plan changed.", "hint": "Look again."}}
        if verb in ("build", "approve"):
            self._build(asset_id)
        return self._row(asset_id)

    def _build(self, asset_id: str) -> None:
        self.states[asset_id] = "building"
        self.publish("asset", asset_id, state="building", progress=0.5)
        files = self._files(asset_id)
        for path in files:
            target = self.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(picture(1))
        self.states[asset_id] = "ready"
        self.publish("asset", asset_id, state="ready", files={"godot": files})

    def _build_all(self) -> dict[str, Any]:
        for asset_id in self.states:
            self._build(asset_id)
        return {"request": 1}

    def _new(self, body: dict[str, Any]) -> Any:
        if body["id"] in self.states:
            return 409, {"error": {"code": "file_exists", "message": "It exists.", "hint": "Take another name."}}
        self.states[body["id"]] = "new"
        return 201, {"id": body["id"], "key": key_of(body["id"])}

    def _files(self, asset_id: str) -> list[str]:
        return [f"game/art/{asset_id}.png"]

    def _row(self, asset_id: str) -> dict[str, Any]:
        state = self.states[asset_id]
        facts = {"kind": "sprite", "state": state, "stale": state != "ready", "error": None, "progress": None}
        outputs = {"godot": [*self._files(asset_id), f"game/art/{asset_id}.tres"]}
        return {"id": asset_id, "key": key_of(asset_id), **facts, "outputs": outputs}

    def _plan(self) -> dict[str, Any]:
        cost = {"provider": "shop", "unit": "credits", "amount": "2.5"}
        steps = [{"cached": False, "cost": cost}, {"cached": False, "cost": cost}, {"cached": True, "cost": cost}]
        assets = [
            {"id": asset_id, "steps": steps, "upstream": self.upstream.get(asset_id, [])}
            for asset_id, state in self.states.items()
            if state != "ready"
        ]
        return {"digest": self.digest, "assets": assets, "providers": []}


def picture(frames: int) -> bytes:
    """A strip of square frames, the first one red, the others blue."""
    pixels = np.zeros((SIZE, SIZE * frames, 4), dtype=np.uint8)
    pixels[:] = (0, 0, 255, 255)
    pixels[:, :SIZE] = (255, 0, 0, 255)
    return encode_png(pixels)


def _handler(daemon: FakeDaemon) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer("GET", {})

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            self._answer("POST", json.loads(self.rfile.read(length) or b"{}"))

        def log_message(self, *_: object) -> None:
            """Says nothing."""

        def _answer(self, method: str, body: dict[str, Any]) -> None:
            if self.headers.get("Authorization") != f"Bearer {daemon.token}" or "Origin" in self.headers:
                daemon.refused += 1
                self._send(401, {"error": {"code": "unauthorized", "message": "The token is wrong.", "hint": ""}})
                return
            address = urlsplit(self.path)
            try:
                found = daemon.answer(method, address.path, parse_qs(address.query, keep_blank_values=True), body)
            except (LookupError, StopIteration):
                found = 404, {"error": {"code": "not_found", "message": "Nothing here.", "hint": ""}}
            status, document = found if isinstance(found, tuple) else (200, found)
            self._send(status, document)

        def _send(self, status: int, document: Any) -> None:
            data = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "image/png" if isinstance(document, bytes) else "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    return Handler


@contextmanager
def serving(daemon: FakeDaemon, home: Path, *, token_in_file: str = "") -> Iterator[FakeDaemon]:
    """Serves on a free port and says where, in the project and in the user's settings, as the real one does."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(daemon))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    facts = {"pid": 1, "port": server.server_port, "token": token_in_file or daemon.token, "version": daemon.version}
    runtime = daemon.root / ".assetbridge/daemon.json"
    runtime.parent.mkdir(exist_ok=True)
    record = {**facts, "nonce": "n"}
    runtime.write_text(json.dumps(record))
    runtime.chmod(0o600)
    list_daemon(home, daemon.root, record)
    try:
        yield daemon
    finally:
        daemon.close()
        server.shutdown()
        server.server_close()
        runtime.unlink(missing_ok=True)
        list_daemon(home, daemon.root, None)
