"""The emulated Sprixen (REST API v1): routing, keys, limits, error bodies; the work is in `sprixen_world`.

Sources: the API documentation (sprixen.com/docs), and observations of 2026 where `Style` says so: ids without prefix,
relative addresses, answers 201, messages as lists.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, ValidationError

from tests.emulator import sprixen_requests as bodies
from tests.emulator import sprixen_routes as routes
from tests.emulator.http import Response, json_response
from tests.emulator.personality import Call
from tests.emulator.postman import Hook
from tests.emulator.sprixen_world import Account, Refusal, Style, World

KEY = "spx_live_test"
OTHER_KEY = "spx_live_other"
MINUTE = 60.0
WORDS = {400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 404: "Not Found"}

Handler = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Route:
    """One route: a pattern on "METHOD path", who answers, and which body it takes."""

    pattern: re.Pattern[str]
    handler: Handler
    body: type[BaseModel] | None = None


class Sprixen:
    """A Sprixen account per key, on a clock of its own.

    credits: what every key starts with. job_seconds: how long a job takes on the emulator's clock. max_jobs,
    per_minute: limits with 429, None for no limit.
    """

    def __init__(
        self,
        style: Style | None = None,
        *,
        keys: Iterable[str] = (KEY, OTHER_KEY),
        credits: float = 1000.0,  # noqa: A002 - the word of the service
        job_seconds: float = 0.05,
        max_jobs: int | None = 5,
        per_minute: int | None = None,
    ) -> None:
        self.style = style or Style()
        accounts = {key: Account(key, credits) for key in keys}
        self.world = World(self.style, job_seconds, max_jobs, accounts)
        self._per_minute = per_minute
        self._seen: dict[str, list[float]] = {key: [] for key in accounts}
        self._routes = _routes()

    @property
    def base_path(self) -> str:
        """Version 1."""
        return "/v1"

    def credits_left(self, key: str = KEY) -> float:
        """What the account has left."""
        return self.world.accounts[key].left

    def due(self, now: float) -> list[Hook]:
        """The webhooks of all jobs that have ended, by the emulator's clock; nothing in them is signed."""
        found = []
        for job in list(self.world.jobs.values()):
            url, word = job.request.get("webhookUrl"), job.status(now)
            if url and word in ("completed", "failed"):
                body = {"event": f"{job.family}.{word}", "timestamp": self.world.stamp(now), "data": {"id": job.id}}
                found.append(Hook(job.id, url, json.dumps(body).encode()))
        return found

    def answer(self, call: Call) -> Response:
        """Acts on one request."""
        self.world.now, self.world.origin = call.now, call.origin
        self.world.settle(call)
        try:
            answer = self._handle(call)
        except Refusal as refusal:
            answer = self._refused(refusal)
        return replace(answer, headers={"date": self.world.date, **answer.headers})

    def _refused(self, refusal: Refusal) -> Response:
        document = {"statusCode": refusal.status, "message": refusal.message}
        if refusal.status in WORDS and refusal.status != 401:
            document["error"] = WORDS[refusal.status]
        answer = json_response(refusal.status, document)
        if refusal.status != 429 or self.style.reset == "absent":
            return answer
        seconds = "1" if self.style.reset == "relative" else str(int(self.world.unix) + 1)
        return replace(answer, headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": seconds})

    def _handle(self, call: Call) -> Response:
        if call.request.path.startswith("/api/public/"):
            draw = self.world.storage.get(call.request.path)
            if draw is None:
                raise Refusal(404, "Not Found")
            suffix = call.request.path.rpartition(".")[2]
            return Response(200, draw(), {"flac": "audio/flac", "tmx": "application/xml"}.get(suffix, "image/png"))
        known = [(route, found) for route in self._routes if (found := route.pattern.fullmatch(call.route))]
        if not known:
            method, _, path = call.route.partition(" ")
            raise Refusal(404, f"Cannot {method} {path}")
        route, found = known[0]
        account = self._account(call)
        self._count(account)
        if route.body is None:
            return route.handler(self.world, call, account, **found.groupdict())
        body = _validated(call, route.body)
        return route.handler(self.world, call, account, body, **found.groupdict())

    def _account(self, call: Call) -> Account:
        scheme, _, key = call.request.headers.get("authorization", "").partition(" ")
        account = self.world.accounts.get(key.strip()) if scheme == "Bearer" else None
        if account is None:
            raise Refusal(401, "Unauthorized")
        call.key_ok = True
        return account

    def _count(self, account: Account) -> None:
        if self._per_minute is None:
            return
        seen = [time for time in self._seen[account.key] if time > self.world.now - MINUTE]
        if len(seen) >= self._per_minute:
            raise Refusal(429, "ThrottlerException: Too Many Requests")
        self._seen[account.key] = [*seen, self.world.now]


def _validated(call: Call, model: type[BaseModel]) -> BaseModel:
    """The request's body. Raises Refusal with a list of messages that begin with the property, as NestJS has it."""
    try:
        document: Any = json.loads(call.request.body)
    except ValueError:
        raise Refusal(400, "Unexpected token in JSON") from None
    try:
        return model.model_validate(document)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        messages = [
            f"property {item['loc'][0]} should not exist"
            if item["type"] == "extra_forbidden"
            else f"{'.'.join(map(str, item['loc']))} {item['msg']}"
            for item in found
        ]
        raise Refusal(400, messages) from None


def _routes() -> tuple[Route, ...]:
    table: tuple[tuple[str, Handler, type[BaseModel] | None], ...] = (
        ("GET /billing/status", routes.billing, None),
        ("POST /generations/select", routes.select, bodies.Select),
        ("POST /generations", routes.generate, bodies.Generation),
        ("GET /generations", routes.generations, None),
        ("GET /generations/(?P<name>[^/]+)", routes.generation, None),
        ("POST /sprites/(?P<sprite>[^/]+)/animations", routes.animate, bodies.Animation),
        ("GET /sprites/(?P<sprite>[^/]+)/animations", routes.sprite_animations, None),
        ("GET /animations/(?P<name>[^/]+)", routes.animation, None),
        ("POST /animations/(?P<name>[^/]+)/process", routes.process, bodies.Process),
        ("GET /projects", routes.projects, None),
        ("POST /projects", routes.create_project, bodies.Project),
        ("GET /projects/(?P<name>[^/]+)", routes.project, None),
        ("POST /tile-packs/generate", routes.tile, bodies.Tile),
        ("GET /tile-packs", routes.tile_packs, None),
        ("POST /maps", routes.create_map, bodies.Map),
        ("GET /maps", routes.maps, None),
        ("GET /maps/(?P<name>[^/]+)", routes.game_map, None),
        ("PATCH /maps/(?P<name>[^/]+)", routes.change_map, bodies.MapChange),
        ("POST /maps/(?P<name>[^/]+)/ai-edit", routes.edit_map, bodies.MapEdit),
        ("GET /maps/(?P<name>[^/]+)/export/(?P<form>[^/]+)", routes.export_map, None),
        ("POST /music", routes.compose, bodies.Music),
        ("GET /music", routes.tracks, None),
        ("GET /music/(?P<name>[^/]+)", routes.track, None),
    )
    return tuple(Route(re.compile(pattern), handler, body) for pattern, handler, body in table)
