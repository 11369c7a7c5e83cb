"""`GET /v1/openapi.json`: the addresses and their summaries, from the table that serves them (OpenAPI 3.1.0)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge import __version__
from bridge.daemon.api.schemas import (
    FLAG,
    IDS,
    NAME,
    SHAPES,
    TEXT,
    WHOLE,
    WISHES,
    Shape,
    given,
    maybe,
    ref,
    rows,
    taken,
)

_SWITCH: Shape = {"enum": ["0", "1"]}
_PATH: dict[str, Shape] = {
    "key": {"type": "string", "pattern": "^[0-9a-f]{16}$", "description": "`key` of the asset in GET /v1/assets"},
    "number": {"type": "integer", "minimum": 0},
    "kind": {"enum": ["png", "gif", "json"]},
}
_STATUS = {
    200: "done",
    201: "made",
    202: "queued: its events begin at `cursor`, its outcome will be at /v1/builds/{request}",
    304: "it is as the If-None-Match of the request says",
    400: "the request or a spec has a mistake",
    401: "the token is missing or wrong",
    403: "the request may come from a web page",
    404: "there is no such asset, job or address",
    409: "it cannot be so now, or a person has to decide",
    413: "the body is too large",
    415: "the body is not declared as JSON",
    500: "the project's disk, lock or journal cannot be used",
    502: "a provider failed",
}


@dataclass(frozen=True, slots=True)
class Described:
    """What an address takes and gives.

    query, body: fields; gives: media type → shape; status: of success. plain: it reads no file of the project, so that
    only the gate and a wrong query can refuse it.
    """

    gives: Shape
    query: Mapping[str, Shape] = field(default_factory=dict)
    body: Shape = field(default_factory=taken)
    status: int = 200
    plain: bool = False
    media: tuple[str, ...] = ("application/json",)


_FROM_ONE: Shape = {"type": "integer", "minimum": 1}
_EDIT = {"build": {**FLAG, "description": "build it at once, inside the budgets"}, "part": maybe(NAME)}
_SPEC = {"description": maybe(NAME), "provider": maybe(NAME), "terrains": maybe(IDS), "tile_size": maybe(_FROM_ONE)}
_JOB = given(job=ref("Job"))
_WAIT: Shape = {"type": "string", "pattern": "^[0-9]{1,3}$", "description": "seconds"}
_BALANCE = {"balance": {**_SWITCH, "description": "1 asks the providers what is left"}}
_AGAIN = {"accept_second_charge": FLAG, "every": WISHES["every"]}
# By the name of the endpoint in app.py.
_DESCRIBED: dict[str, Described] = {
    "health": Described(
        given(ok=FLAG, version=TEXT, pid=WHOLE, nonce=TEXT, root=TEXT, busy=FLAG, notice=maybe(TEXT), cursor=TEXT),
        plain=True,
    ),
    "assets": Described(given(assets=rows(ref("Asset")), cursor=TEXT)),
    "asset": Described(ref("Asset")),
    "variants": Described(given(id=TEXT, variants=rows(given(number=WHOLE, picked=FLAG, preview=TEXT)))),
    "preview": Described(
        given(of=TEXT, kind=TEXT, animation=TEXT, frame=given(width=WHOLE, height=WHOLE), durations=rows(WHOLE)),
        {"animation": TEXT, "variant": {"type": "string", "pattern": "^[0-9]{1,3}$"}},
        media=("image/png", "image/gif", "application/json"),
    ),
    "plan": Described(ref("Plan"), _BALANCE),
    "jobs": Described(given(jobs=rows(ref("Job"))), {"all": {**_SWITCH, "description": "1: also those that ended"}}),
    "outcome": Described(given(request=WHOLE, done=FLAG), plain=True),
    "providers": Described(given(providers=rows(ref("Provider"))), _BALANCE),
    "spend": Described(
        given(by=TEXT, rows=rows(ref("Spent"))),
        {"by": {"enum": ["provider", "asset", "day"]}},
    ),
    "doctor": Described(given(ok=FLAG, findings=rows(ref("Finding")))),
    "schema": Described({"type": "object"}, plain=True),
    "openapi": Described({"type": "object"}, plain=True),
    "events": Described(
        given(events=rows(ref("Event")), cursor=TEXT),
        {"after": {**TEXT, "description": "a cursor; 0: from the daemon's start; empty: from now"}, "wait": _WAIT},
        plain=True,
        media=("application/json", "text/event-stream"),
    ),
    "build": Described(ref("Queued"), body=taken(ids=IDS, all=FLAG, **WISHES), status=202),
    "build_one": Described(ref("Queued"), body=taken(**WISHES), status=202),
    "approve": Described(ref("Queued"), body=taken({"digest": NAME}, ids=maybe(IDS), **WISHES), status=202),
    "approve_one": Described(ref("Queued"), body=taken({"digest": NAME}, **WISHES), status=202),
    "cancel": Described(given(id=TEXT, jobs=rows(WHOLE))),
    "reroll": Described(given(id=TEXT, take=WHOLE), body=taken(**_EDIT)),
    "pick": Described(given(id=TEXT, pick=WHOLE), body=taken({"variant": _FROM_ONE}, **_EDIT)),
    "specs": Described(
        given(key=TEXT, id=TEXT, kind=TEXT, path=TEXT),
        body=taken({"kind": NAME, "id": NAME}, **_SPEC),
        status=201,
    ),
    "adopt_job": Described(_JOB, body=taken({"provider_ids": IDS})),
    "abandon_job": Described(_JOB),
    "cancel_job": Described(_JOB),
    "resubmit_job": Described(ref("Queued"), body=taken(**_AGAIN), status=202),
    "shutdown": Described(given(ok=FLAG), plain=True),
}


def query_of(endpoint: str) -> frozenset[str]:
    """What may stand in the query of an endpoint's address."""
    return frozenset(_DESCRIBED[endpoint].query)


def document(routes: Iterable[tuple[str, str, Callable[..., Any]]]) -> dict[str, Any]:
    """The description of (method, path, endpoint); an endpoint's docstring is its summary."""
    paths: dict[str, dict[str, Any]] = {}
    for method, path, endpoint in routes:
        paths.setdefault(path, {})[method.lower()] = _operation(method, path, endpoint)
    return {
        "openapi": "3.1.0",
        "info": {"title": "assetbridge daemon", "version": __version__},
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": SHAPES,
        },
    }


def _operation(method: str, path: str, endpoint: Callable[..., Any]) -> dict[str, Any]:
    described = _DESCRIBED[endpoint.__name__]
    operation: dict[str, Any] = {
        "operationId": endpoint.__name__,
        "summary": (endpoint.__doc__ or "").split("\n", 1)[0],
        "parameters": [
            *(_parameter("path", name, _PATH[name]) for name in re.findall(r"{(\w+)}", path)),
            *(_parameter("query", name, shape) for name, shape in described.query.items()),
        ],
        "responses": {
            str(described.status): {
                "description": _STATUS[described.status],
                "content": {media: {"schema": _content(media, described)} for media in described.media},
            },
            **{str(status): _error(status) for status in _errors(method, path, described)},
        },
    }
    if "image/png" in described.media:
        operation["responses"]["304"] = {"description": _STATUS[304]}
    if method == "POST":
        content = {"application/json": {"schema": described.body}}
        operation["requestBody"] = {"required": bool(described.body["required"]), "content": content}
    return operation


def _content(media: str, described: Described) -> Shape:
    if media == "application/json":
        return described.gives
    return {"type": "string"} if media.startswith("text/") else {}


def _errors(method: str, path: str, described: Described) -> list[int]:
    found = {400, 401, 403}
    if not described.plain:
        # Reading the project meets whatever is wrong with its files.
        found |= {404, 409, 500, 502}
    if "{" in path:
        found.add(404)
    if method == "POST":
        found |= {413, 415}
    return sorted(found)


def _error(status: int) -> dict[str, Any]:
    return {"description": _STATUS[status], "content": {"application/json": {"schema": ref("Error")}}}


def _parameter(place: str, name: str, shape: Shape) -> dict[str, Any]:
    described = {key: value for key, value in shape.items() if key != "description"}
    said = {"description": shape["description"]} if "description" in shape else {}
    return {"name": name, "in": place, "required": place == "path", "schema": described, **said}
