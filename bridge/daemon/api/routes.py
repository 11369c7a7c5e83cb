"""The daemon's addresses, under `/v1`. Addons show, trigger and reload; every rule is behind here."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bridge.core.errors import BridgeError, UserError
from bridge.core.paths import is_text
from bridge.core.visible import write_json
from bridge.daemon import failures
from bridge.daemon.api import queries
from bridge.daemon.api.auth import EXIT_CODE, PLAIN_HEADERS, encode_error
from bridge.daemon.api.endpoint import Call, DaemonContext, Endpoint
from bridge.daemon.api.read_endpoints import READING
from bridge.daemon.api.write_endpoints import WRITING
from bridge.daemon.build_outcomes import flatten_errors

ENDPOINTS: tuple[Endpoint, ...] = (*READING, *WRITING)


def make_application(context: DaemonContext) -> Starlette:
    """The ASGI application behind the gate."""
    routes = [
        Route(endpoint.path, _serve(context, endpoint), methods=[endpoint.method]) for endpoint in context.endpoints
    ]
    application = Starlette(routes=routes, exception_handlers={HTTPException: _answer_unknown})
    # A redirect would be one more answer without the error shape.
    application.router.redirect_slashes = False
    return application


def _serve(context: DaemonContext, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        try:
            call = await _read_call(context, endpoint, request)
            if inspect.iscoroutinefunction(endpoint.handler):
                answered = await endpoint.handler(call)
            else:
                answered = await context.reader.run(lambda: endpoint.handler(call))
        except Exception as error:  # noqa: BLE001  whatever happens, one error shape and no traceback
            return _refuse(failures.error_to_show(error, context.worker.root))
        if isinstance(answered, Response):
            return answered
        return Response(write_json(answered), endpoint.status, PLAIN_HEADERS)

    return serve


async def _read_call(context: DaemonContext, endpoint: Endpoint, request: Request) -> Call[Any]:
    """Checks a request: the names in its query, what its address names, then the query or the body as a whole."""
    _check_query_names(request, endpoint.request_model.model_fields.keys() if endpoint.method == "GET" else ())
    parts = request.path_params
    named: dict[str, Any] = {}
    if "key" in parts:
        named["asset_id"] = await context.reader.run(lambda: queries.asset_id_of(context.worker.root, parts["key"]))
    if "number" in parts:
        named["number"] = _read_number(parts["number"], endpoint.unknown)
    if "kind" in parts:
        if parts["kind"] not in ("png", "gif", "json"):
            raise UserError("not_found", "there are preview.png, preview.gif and preview.json")
        named["kind"] = parts["kind"]
    fields = dict(request.query_params) if endpoint.method == "GET" else await _read_object(request)
    return Call(context, endpoint.request_model.read(fields), request.headers, **named)


def _check_query_names(request: Request, known: Collection[str]) -> None:
    names = [name for name, _ in request.query_params.multi_items()]
    unknown = sorted(set(names).difference(known))
    if unknown:
        raise UserError("bad_request", f"unknown in the query: {', '.join(unknown)}")
    if len(set(names)) < len(names):
        raise UserError("bad_request", "something stands in the query twice")


def _read_number(text: str, unknown: str) -> int:
    """The number in an address; one that no counter here reaches is not known."""
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise UserError(unknown, f"there is nothing with the number {text[:20]!r}")
    return int(text)


async def _read_object(request: Request) -> dict[str, Any]:
    """The JSON object of a body; none is an empty one. Only what RFC 8259 knows, and no name twice in one object."""
    raw = await request.body()
    try:
        fields = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_read_pairs)
    except (ValueError, RecursionError):
        if not raw:
            return {}
        raise UserError("bad_request", "the body is not valid JSON") from None
    if not isinstance(fields, dict):
        raise UserError("bad_request", "the body is not a JSON object")
    return fields


def _refuse_constant(name: str) -> None:
    raise UserError("bad_request", f"the body is not valid JSON: {name} is no number")


def _read_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON. Readers disagree on which of two values of one name counts, and half of a surrogate pair is
    no text that could be written anywhere."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise UserError("bad_request", "the body is not valid JSON: a name stands in an object twice")
    if not all(is_text(name) for name in fields):
        raise UserError("bad_request", "the body is not valid JSON: a name is not Unicode")
    return fields


async def _answer_unknown(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    text = f"{request.method} is not for this address" if status == 405 else "there is nothing at this address"
    problem = UserError("not_found", text, hint="GET /v1/openapi.json lists the addresses.")
    # RFC 9110, 15.5.6: a 405 says in `Allow` what there is.
    allowed = error.headers if isinstance(error, HTTPException) and error.headers else {}
    return Response(encode_error(problem), status, {**PLAIN_HEADERS, **allowed})


def _refuse(error: BridgeError) -> Response:
    # A command line that speaks for a person ends as it would have ended without a daemon.
    code = {EXIT_CODE: str(flatten_errors(error)[0].exit_code)}
    return Response(encode_error(error), failures.status_of(error), {**PLAIN_HEADERS, **code})
