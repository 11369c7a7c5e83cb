"""The emulated PixelLab: routing, keys, limits and error bodies. The work is done in the `pixellab_*` modules.

Sources: the API document v2 of 2025-09-18 and, where `Variant` says so, observations of 2026. v1 routes are the ones
of the official Python package; they share the work of v2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from pydantic import BaseModel, ValidationError

from tests.emulator import (
    pixellab_archive,
    pixellab_characters,
    pixellab_images,
    pixellab_jobs,
    pixellab_objects,
    pixellab_tilesets,
)
from tests.emulator import pixellab_requests as bodies
from tests.emulator.http import Response, json_response
from tests.emulator.ledger import Unit
from tests.emulator.personality import Call
from tests.emulator.pixellab_variant import Variant
from tests.emulator.pixellab_world import Account, Refusal, World

KEY = "test-key"
OTHER_KEY = "other-key"
MINUTE = 60.0
PLAN_TOTAL = 2000.0
REFUSED_AGENTS = re.compile(r"(python-urllib|python-requests|python-httpx|python/[\d.]+ aiohttp)\b", re.IGNORECASE)

Handler = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Route:
    """One route: a pattern on "METHOD path", who answers, and which body it takes."""

    pattern: re.Pattern[str]
    handler: Handler
    body: type[BaseModel] | None = None
    needs_key: bool = True


class PixelLab:
    """A PixelLab account, or one per key, on a clock of its own.

    credits: what every key starts with, in `unit`. job_seconds: how long a job takes on the emulator's clock.
    sync_seconds: how long the routes without jobs take, in real time. max_jobs, per_minute: limits with 429, None for
    no limit; `throttled` counts them. retry_after: value of that header on 429, "" for none.
    """

    def __init__(
        self,
        variant: Variant | None = None,
        *,
        keys: Iterable[str] = (KEY, OTHER_KEY),
        unit: Unit = "generations",
        credits: float = 1000.0,  # noqa: A002 - the word of the service
        job_seconds: float = 0.05,
        sync_seconds: float = 0.0,
        max_jobs: int | None = None,
        per_minute: int | None = None,
        retry_after: str = "",
        seed: int = 0,
    ) -> None:
        self.variant = variant or Variant()
        accounts = {key: Account(key, f"user-{number}", unit, credits) for number, key in enumerate(keys)}
        self.world = World(self.variant, seed, job_seconds, sync_seconds, max_jobs, accounts)
        self._per_minute = per_minute
        self._retry_after = retry_after
        self._seen: dict[str, list[float]] = {key: [] for key in accounts}
        self._routes = _routes(self.variant)

    @property
    def base_path(self) -> str:
        """Version 2."""
        return "/v2"

    @property
    def throttled(self) -> Mapping[str, int]:
        """How many 429s were given, by "rate" and "concurrency"."""
        return dict(self.world.throttled)

    def credits_left(self, key: str = KEY) -> float:
        """What the account has left, in its unit."""
        return self.world.accounts[key].left

    def answer(self, call: Call) -> Response:
        """Acts on one request."""
        self.world.now, self.world.origin = call.now, call.origin
        self.world.settle(call)
        answer = self._answered(call)
        return replace(answer, headers={"date": self.world.date, **answer.headers})

    def _answered(self, call: Call) -> Response:
        try:
            return self._handle(call)
        except Refusal as refusal:
            wait = refusal.retry_after or (self._retry_after if refusal.status == 429 else "")
            answer = json_response(refusal.status, {"detail": refusal.detail})
            return replace(answer, headers={"retry-after": wait}) if wait else answer

    def _handle(self, call: Call) -> Response:
        if call.request.path.startswith("/storage/"):
            return self._stored(call)
        known = [(route, found) for route in self._routes if (found := route.pattern.fullmatch(call.route))]
        if not known:
            path = call.route.partition(" ")[2]
            others = any(
                route.pattern.fullmatch(f"{verb} {path}") for route in self._routes for verb in ("GET", "POST")
            )
            raise Refusal(405, "Method Not Allowed") if others else Refusal(404, "Not Found")
        route, found = known[0]
        if not route.needs_key:
            return route.handler(self.world, call, **found.groupdict())
        account = self._account(call)
        self._count(account)
        if route.body is None:
            return route.handler(self.world, call, account, **found.groupdict())
        return route.handler(self.world, call, account, _validated(call, route.body))

    def _account(self, call: Call) -> Account:
        scheme, _, key = call.request.headers.get("authorization", "").partition(" ")
        account = self.world.accounts.get(key.strip()) if scheme.lower() == "bearer" else None
        if account is None:
            raise Refusal(401, "Invalid API token")
        call.key_ok = True
        return account

    def _count(self, account: Account) -> None:
        if self._per_minute is None:
            return
        now = self.world.now
        seen = [time for time in self._seen[account.key] if time > now - MINUTE]
        if len(seen) >= self._per_minute:
            self.world.throttled["rate"] += 1
            self._seen[account.key] = seen
            raise Refusal(429, "Too many requests")
        self._seen[account.key] = [*seen, now]

    def _stored(self, call: Call) -> Response:
        """A file behind a storage URL: no key, but the host turns away programs that do not say who they are."""
        agent = call.request.headers.get("user-agent", "")
        if not agent or REFUSED_AGENTS.match(agent):
            raise Refusal(403, "Forbidden")
        path = call.request.path.removeprefix("/storage/v1/object/public/")
        draw = self.world.storage.get(path)
        if draw is None or call.request.method != "GET":
            raise Refusal(404, "Object not found")
        return Response(200, draw(), "image/png")


def _validated(call: Call, model: type[BaseModel]) -> BaseModel:
    """The request's body. Raises Refusal with the list form of 422, as FastAPI writes it."""
    try:
        document = json.loads(call.request.body)
    except ValueError as error:
        place = getattr(error, "pos", 0)
        detail = {"type": "json_invalid", "loc": ["body", place], "msg": "JSON decode error", "input": {}}
        raise Refusal(422, [detail | {"ctx": {"error": str(error).partition(":")[0]}}]) from None
    if not call.request.headers.get("content-type", "").startswith("application/json"):
        message = "Input should be a valid dictionary or object to extract fields from"
        text = call.request.body.decode("utf-8", "replace")
        raise Refusal(422, [{"type": "model_attributes_type", "loc": ["body"], "msg": message, "input": text}])
    try:
        return model.model_validate(document)
    except ValidationError as error:
        found = json.loads(error.json(include_url=False))
        raise Refusal(422, [item | {"loc": ["body", *item["loc"]]} for item in found]) from None


def _balance(world: World, _call: Call, account: Account, *, flat: bool = False) -> Response:
    left = account.balance(world.now, world.variant.balance_lag)
    dollars = left if account.unit == "usd" else 0.0
    if flat or world.variant.balance_shape == "v1":
        return json_response(200, {"type": "usd", "usd": dollars})
    subscription: dict[str, Any] = {"type": "generations", "generations": 0, "total": 0, "plan": None, "status": None}
    if account.unit == "generations":
        subscription |= {"generations": left, "total": PLAN_TOTAL, "plan": "Tier 1: Pixel Apprentice"}
        subscription["status"] = "active"
    return json_response(200, {"credits": {"type": "usd", "usd": dollars}, "subscription": subscription})


def _document(_world: World, _call: Call) -> Response:
    return Response(200, b"# Pixel Lab API - v2 API Documentation\n", "text/plain; charset=utf-8")


def _routes(variant: Variant) -> tuple[Route, ...]:
    """All routes, with the request bodies of the variant's API."""
    newer = variant.api == "2026"
    images, figures, tiles = pixellab_images, pixellab_characters, pixellab_tilesets
    character = bodies.Character2026 if newer else bodies.Character
    tileset = bodies.Tileset2026 if newer else bodies.Tileset
    table: tuple[tuple[str, Handler, type[BaseModel] | None], ...] = (
        ("GET /balance", _balance, None),
        ("GET /v1/balance", partial(_balance, flat=True), None),
        ("POST /create-image-pixflux", images.pixflux, bodies.Pixflux),
        ("POST /v1/generate-image-pixflux", images.pixflux, bodies.Pixflux),
        ("POST /create-image-bitforge", images.bitforge, bodies.Bitforge),
        ("POST /v1/generate-image-bitforge", images.bitforge, bodies.Bitforge),
        ("POST (/v1)?/inpaint", images.inpaint, bodies.Inpaint),
        ("POST (/v1)?/rotate", images.rotate, bodies.Rotate),
        ("POST (/v1)?/animate-with-text", images.animate_with_text, bodies.AnimateWithText),
        ("POST /animate-with-skeleton", images.animate_with_skeleton, bodies.AnimateWithSkeleton),
        ("POST /v1/animate-with-skeleton", images.animate_with_skeleton, bodies.AnimateWithSkeletonV1),
        ("POST (/v1)?/estimate-skeleton", images.estimate_skeleton, bodies.EstimateSkeleton),
        ("POST /create-character-with-4-directions", partial(figures.create, directions=4), character),
        ("POST /create-character-with-8-directions", partial(figures.create, directions=8), character),
        ("POST /characters/animations", figures.animate, bodies.Animation),
        ("POST /animate-character", figures.animate, bodies.Animation),
        ("GET /background-jobs/(?P<job_id>[^/]+)", pixellab_jobs.job, None),
        ("GET /characters", figures.listing, None),
        ("GET /characters/(?P<character_id>[^/]+)", figures.detail, None),
        ("POST /(create-tileset|tilesets)", tiles.create, tileset),
        ("GET /tilesets", tiles.listing, None),
        ("GET /tilesets/(?P<tileset_id>[^/]+)", tiles.tileset, None),
        ("POST /create-isometric-tile", tiles.create_isometric, bodies.IsometricTile),
        ("GET /isometric-tiles", tiles.isometric_listing, None),
        ("GET /isometric-tiles/(?P<tile_id>[^/]+)", tiles.isometric, None),
    )
    if newer:
        table += (
            ("POST /map-objects", pixellab_objects.create, bodies.MapObject),
            ("GET /objects", pixellab_objects.listing, None),
            ("GET /objects/(?P<object_id>[^/]+)", pixellab_objects.detail, None),
            (f"GET /(?P<route>{'|'.join(pixellab_objects.LISTS)})", pixellab_objects.others, None),
        )
    if variant.background != "absent":
        table += (("POST /create-image-pixflux-background", images.pixflux_background, bodies.Pixflux),)
    return (
        *(Route(re.compile(pattern), handler, body) for pattern, handler, body in table),
        Route(re.compile("GET /characters/(?P<character_id>[^/]+)/zip"), pixellab_archive.export, needs_key=False),
        Route(re.compile(r"GET /llms\.txt"), _document, needs_key=False),
    )
