"""What the daemon's addresses work with, and how they read a request and answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bridge.core.errors import UserError
from bridge.daemon.api import queries as answers
from bridge.daemon.api.auth import HEADERS
from bridge.daemon.events import EventLog
from bridge.daemon.runtime import Runtime
from bridge.daemon.worker.reader import Reader
from bridge.daemon.worker.requests import Wishes
from bridge.daemon.worker.worker import BuildWorker

PLAIN = {name.decode(): value.decode() for name, value in HEADERS}


def reply(document: dict[str, Any], status: int = 200) -> Response:
    """A JSON answer."""
    return Response(json.dumps(document), status, PLAIN)


class Api:
    """What the addresses work with. stop: ends the daemon. notice: why files are looked at in turns, if they are."""

    def __init__(
        self,
        runtime: Runtime,
        engine: BuildWorker,
        reader: Reader,
        log: EventLog,
        *,
        stop: Callable[[], None],
        notice: Callable[[], str | None],
    ) -> None:
        self.runtime = runtime
        self.engine = engine
        self.reader = reader
        self.log = log
        self.stop = stop
        self.notice = notice

    async def asset_id(self, request: Request) -> str:
        """The id behind the key in the address.

        Raises:
            UserError: `unknown_asset`.
        """
        key = request.path_params["key"]
        return await self.reader.run(partial(answers.id_of, self.engine.root, key))

    def queued(self, ids: list[str] | None, wishes: Wishes, **facts: Any) -> Response:
        """Queues a build; the answer says where its events begin."""
        cursor = self.log.cursor
        number = self.engine.build(ids, wishes)
        return reply({"request": number, "ids": ids, "cursor": cursor, **facts}, 202)


def asked(request: Request, name: str) -> bool:
    """A switch in the query: `1`, or `0` as when it is not there."""
    value = request.query_params.get(name, "0")
    if value not in ("0", "1"):
        raise UserError("bad_request", f"{name} is 0 or 1")
    return value == "1"


def number_of(request: Request, code: str) -> int:
    """The number in an address; one that no counter here reaches is not known."""
    text = request.path_params["number"]
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise UserError(code, f"there is nothing with the number {text[:20]!r}")
    return int(text)
