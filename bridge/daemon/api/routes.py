"""The daemon's addresses, under `/v1`. Addons show, trigger and reload; every rule is behind here."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from bridge import __version__
from bridge.core.errors import BridgeError, UserError
from bridge.daemon import failures
from bridge.daemon.api import queries as answers
from bridge.daemon.api.auth import EXIT_CODE, error_body
from bridge.daemon.api.context import PLAIN, Api, asked, number_of, reply
from bridge.daemon.api.openapi import document, query_of
from bridge.daemon.api.request_body import Body
from bridge.daemon.events import reset
from bridge.daemon.outcomes import flat
from bridge.daemon.worker.requests import Approved, Wishes, plan_changed
from bridge.daemon.worker.worker import BuildWorker

if TYPE_CHECKING:
    from bridge.orders.model import Job

_LONGEST_POLL = 60.0
Endpoint = Callable[["Api", Request], Awaitable[Response]]


# reading


async def health(api: Api, request: Request) -> Response:
    """Whether the daemon of this very start is there, and whether it is working."""
    del request
    runtime = api.runtime
    facts: dict[str, Any] = {"version": __version__, "pid": runtime.pid, "nonce": runtime.nonce}
    facts["root"] = os.path.realpath(api.engine.root)
    return reply({"ok": True, **facts, "busy": api.engine.busy, "notice": api.notice(), "cursor": api.log.cursor})


async def assets(api: Api, request: Request) -> Response:
    """Every asset with its key and state; `cursor` continues with events from here."""
    del request
    cursor = api.log.cursor
    rows = await api.reader.run(partial(answers.assets, api.engine))
    return reply({"assets": rows, "cursor": cursor})


async def asset(api: Api, request: Request) -> Response:
    """One asset with its plan, files and animations."""
    asset_id = await api.asset_id(request)
    rows = await api.reader.run(partial(answers.assets, api.engine))
    row = next(row for row in rows if row["id"] == asset_id)
    return reply({**row, **await api.reader.ask(partial(answers.details, asset_id=asset_id))})


async def variants(api: Api, request: Request) -> Response:
    """The variants to pick from, each with the address of its picture."""
    asset_id = await api.asset_id(request)
    return reply(await api.reader.ask(partial(answers.variants, asset_id=asset_id)))


async def preview(api: Api, request: Request) -> Response:
    """A picture of an asset (`?animation=&variant=`), or as `.json` what its strip shows."""
    from bridge.daemon.api.previews import preview as made_of

    asset_id = await api.asset_id(request)
    query = request.query_params
    kind = request.path_params["kind"]
    if kind not in ("png", "gif", "json"):
        raise UserError("not_found", "there are preview.png, preview.gif and preview.json")
    variant = query.get("variant", "")
    if "variant" in query and not re.fullmatch("[0-9]{1,3}", variant):
        raise UserError("bad_request", "variant is a number")
    ask = partial(
        made_of,
        asset_id=asset_id,
        animation=query.get("animation", ""),
        variant=int(variant) if variant else None,
        kind="gif" if kind == "gif" else "png",
    )
    made = await api.reader.ask(ask, recent=True)
    tag = f'"{made.info.of}"'
    headers = {"etag": tag, "cache-control": "no-cache", "x-content-type-options": "nosniff"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    if kind == "json":
        return Response(json.dumps(made.info.as_dict()), headers=headers, media_type="application/json")
    return Response(made.data, headers=headers, media_type=f"image/{kind}")


async def plan(api: Api, request: Request) -> Response:
    """The plan as `plan --json` has it; `?balance=1` asks the providers what is left."""
    text = await api.reader.ask(partial(answers.plan, ask=asked(request, "balance")))
    return Response(text, headers=PLAIN)


async def jobs(api: Api, request: Request) -> Response:
    """Paid orders; `?all=1` also those that have ended."""
    everything = asked(request, "all")
    return reply(await api.reader.run(partial(answers.jobs, api.engine.root, everything=everything)))


async def providers(api: Api, request: Request) -> Response:
    """Who can make art, keys, budgets; `?balance=1` asks what is left."""
    ask = asked(request, "balance")
    return reply(await api.reader.run(partial(answers.providers, api.engine.root, ask=ask)))


async def spend(api: Api, request: Request) -> Response:
    """What was spent (`?by=provider|asset|day`)."""
    by = request.query_params.get("by", "provider")
    if by not in ("provider", "asset", "day"):
        raise UserError("bad_request", "by is provider, asset or day")
    return reply(await api.reader.run(partial(answers.spend, api.engine.root, by)))


async def outcome(api: Api, request: Request) -> Response:
    """What became of a build (`request` of its answer): the document of `build --json`; only the last few are kept."""
    number = number_of(request, "not_found")
    found = api.engine.outcome(number)
    return reply({"request": number, "done": found is not None, **(found.as_dict() if found else {})})


async def doctor(api: Api, request: Request) -> Response:
    """What could go wrong."""
    del request
    return reply(await api.reader.run(partial(answers.doctor, api.engine.root)))


async def schema(api: Api, request: Request) -> Response:
    """The JSON Schema of specs."""
    from bridge.spec.schema import json_schema

    del api, request
    return reply(json_schema())


async def openapi(api: Api, request: Request) -> Response:
    """This interface, described."""
    del api, request
    return reply(document(ROUTES))


async def events(api: Api, request: Request) -> Response:
    """Events since `?after=CURSOR`: server-sent, or with `?wait=SECONDS` as one answer when there are some."""
    query = request.query_params
    cursor = query.get("after") or request.headers.get("last-event-id", "")
    if "wait" not in query:
        headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
        return StreamingResponse(api.log.stream(cursor), headers=headers, media_type="text/event-stream")
    wait = query["wait"]
    if not re.fullmatch("[0-9]{1,3}", wait):
        raise UserError("bad_request", "wait is a number of seconds")
    found, cursor = await api.log.wait(cursor, min(float(wait), _LONGEST_POLL))
    told = [reset(cursor)] if found is None else [event.as_dict() for event in found]
    return reply({"events": told, "cursor": cursor})


# writing


async def build(api: Api, request: Request) -> Response:
    """Builds `{ids}` or `{all: true}`, spending inside budgets alone and at most `{max_cost: {UNIT: N}}`."""
    body = await Body.of(request)
    ids = None if body.flag("all") else body.names("ids")
    wishes = _wishes(body)
    body.end()
    if ids is not None:
        await api.reader.ask(partial(answers.check_ids, ids=ids))
    return api.queued(ids, wishes)


def _wishes(body: Body, approved: Approved | None = None) -> Wishes:
    return Wishes(approved, body.caps("max_cost"), force=body.flag("force"), every=body.flag("every"))


async def build_one(api: Api, request: Request) -> Response:
    """Builds one asset, spending inside budgets alone."""
    asset_id = await api.asset_id(request)
    body = await Body.of(request)
    wishes = _wishes(body)
    body.end()
    return api.queued([asset_id], wishes)


async def approve(api: Api, request: Request) -> Response:
    """Builds `{ids}` (default: all) for what the plan of `{digest}` says, at most `{max_cost: {UNIT: N}}`."""
    body = await Body.of(request)
    return await _approved(api, body, body.names("ids") if body.has("ids") else None)


async def approve_one(api: Api, request: Request) -> Response:
    """Builds one asset for what the plan of `{digest}` says, at most `{max_cost}`."""
    asset_id = await api.asset_id(request)
    return await _approved(api, await Body.of(request), [asset_id])


async def _approved(api: Api, body: Body, ids: list[str] | None) -> Response:
    digest = body.text("digest")
    wishes = _wishes(body, Approved(digest))
    body.end()
    if ids is not None:
        await api.reader.ask(partial(answers.check_ids, ids=ids))
    # Said at once where it can be; the worker looks again before it spends.
    if await api.reader.ask(answers.digest) != digest:
        raise plan_changed()
    return api.queued(ids, wishes)


async def cancel(api: Api, request: Request) -> Response:
    """Takes an asset out of what waits and runs."""
    asset_id = await api.asset_id(request)
    (await Body.of(request)).end()
    return reply({"id": asset_id, "jobs": await api.reader.run(partial(api.engine.cancel, asset_id))})


async def reroll(api: Api, request: Request) -> Response:
    """Another take of an asset or of its `{part}`; with `{build: true}` it is built inside the budgets."""
    from bridge.operations import edit_spec as edits

    asset_id = await api.asset_id(request)
    body = await Body.of(request)
    target = _target(asset_id, body)
    then = body.flag("build")
    body.end()
    edited = await api.reader.run(lambda: api.engine.edit(lambda project: edits.reroll(project, target)))
    if then:
        api.engine.build([asset_id])
    return reply(edited.as_dict("reroll"))


async def pick(api: Api, request: Request) -> Response:
    """Chooses variant `{variant}` of an asset or of its `{part}`; with `{build: true}` it is built."""
    from bridge.operations import edit_spec as edits

    asset_id = await api.asset_id(request)
    body = await Body.of(request)
    target, number = _target(asset_id, body), body.number("variant")
    then = body.flag("build")
    body.end()
    edited = await api.reader.run(lambda: api.engine.edit(lambda project: edits.pick(project, target, number)))
    if then:
        api.engine.build([asset_id])
    return reply(edited.as_dict("pick"))


def _target(asset_id: str, body: Body) -> str:
    return f"{asset_id}#{body.text('part')}" if body.has("part") else asset_id


async def specs(api: Api, request: Request) -> Response:
    """Writes a new spec of `{kind, id}`, with `{description, provider}` and, of a tileset, `{terrains, tile_size}`."""
    body = await Body.of(request)
    kind, name = body.text("kind"), body.text("id")
    description = body.text("description") if body.has("description") else None
    provider = body.text("provider") if body.has("provider") else None
    terrains = body.names("terrains") if body.has("terrains") else []
    tile_size = body.number("tile_size") if body.has("tile_size") else None
    body.end()
    write = partial(answers.new_spec, api.engine, kind, name, description, provider)
    return reply(await api.reader.run(partial(write, terrains=terrains, tile_size=tile_size)), 201)


async def adopt_job(api: Api, request: Request) -> Response:
    """An uncertain order did arrive: `{provider_ids}` are its ids at the provider; the next build collects it."""
    number, body = number_of(request, "unknown_job"), await Body.of(request)
    ids = body.names("provider_ids")
    body.end()
    return await _decided(api, partial(answers.adopt, number=number, ids=ids))


async def abandon_job(api: Api, request: Request) -> Response:
    """An uncertain order is given up; it may have been charged."""
    number = number_of(request, "unknown_job")
    (await Body.of(request)).end()
    return await _decided(api, partial(answers.abandon, number=number))


async def cancel_job(api: Api, request: Request) -> Response:
    """Nobody waits for an order any more; the provider may charge it."""
    number = number_of(request, "unknown_job")
    (await Body.of(request)).end()
    return await _decided(api, partial(answers.cancel, number=number))


async def _decided(api: Api, decision: Callable[[BuildWorker], Job]) -> Response:
    decided = await api.reader.run(partial(decision, api.engine))
    return reply({"job": decided.as_dict()})


async def resubmit_job(api: Api, request: Request) -> Response:
    """Orders an uncertain order again; a second charge needs `{accept_second_charge: true}`."""
    number, body = number_of(request, "unknown_job"), await Body.of(request)
    accepted, every = body.flag("accept_second_charge"), body.flag("every")
    body.end()
    given_up = await api.reader.run(partial(answers.resubmit, api.engine, number=number, accepted=accepted))
    digest = await api.reader.ask(answers.digest)
    return api.queued([given_up.asset], Wishes(Approved(digest), again=True, every=every), job=given_up.as_dict())


async def shutdown(api: Api, request: Request) -> Response:
    """Ends the daemon; what runs ends at its next safe point."""
    (await Body.of(request)).end()
    api.stop()
    return reply({"ok": True})


ONE = "/v1/assets/{key}"
JOB = "/v1/jobs/{number}"
ROUTES: list[tuple[str, str, Endpoint]] = [
    ("GET", "/v1/health", health),
    ("GET", "/v1/assets", assets),
    ("GET", ONE, asset),
    ("GET", ONE + "/variants", variants),
    ("GET", ONE + "/preview.{kind}", preview),
    ("GET", "/v1/plan", plan),
    ("GET", "/v1/jobs", jobs),
    ("GET", "/v1/builds/{number}", outcome),
    ("GET", "/v1/providers", providers),
    ("GET", "/v1/spend", spend),
    ("GET", "/v1/doctor", doctor),
    ("GET", "/v1/schema", schema),
    ("GET", "/v1/openapi.json", openapi),
    ("GET", "/v1/events", events),
    ("POST", "/v1/build", build),
    ("POST", ONE + "/build", build_one),
    ("POST", "/v1/approve", approve),
    ("POST", ONE + "/approve", approve_one),
    ("POST", ONE + "/cancel", cancel),
    ("POST", ONE + "/reroll", reroll),
    ("POST", ONE + "/pick", pick),
    ("POST", "/v1/specs", specs),
    ("POST", JOB + "/adopt", adopt_job),
    ("POST", JOB + "/abandon", abandon_job),
    ("POST", JOB + "/resubmit", resubmit_job),
    ("POST", JOB + "/cancel", cancel_job),
    ("POST", "/v1/shutdown", shutdown),
]


def application(api: Api) -> Starlette:
    """The ASGI application behind the gate."""

    def answering(endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        known = query_of(endpoint.__name__)

        async def answer(request: Request) -> Response:
            try:
                _check_query(request, known)
                return await endpoint(api, request)
            except Exception as error:  # noqa: BLE001  whatever happens, one error shape and no traceback
                return _refused(failures.told(error, api.engine.root))

        return answer

    async def missing(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        text = f"{request.method} is not for this address" if status == 405 else "there is nothing at this address"
        problem = UserError("not_found", text, hint="GET /v1/openapi.json lists the addresses.")
        # RFC 9110, 15.5.6: a 405 says in `Allow` what there is.
        allowed = error.headers if isinstance(error, HTTPException) and error.headers else {}
        return Response(error_body(problem), status, {**PLAIN, **allowed})

    routes = [Route(path, answering(endpoint), methods=[method]) for method, path, endpoint in ROUTES]
    made = Starlette(routes=routes, exception_handlers={HTTPException: missing})
    # A redirect would be one more answer without the error shape.
    made.router.redirect_slashes = False
    return made


def _check_query(request: Request, known: frozenset[str]) -> None:
    names = [name for name, _ in request.query_params.multi_items()]
    unknown = sorted(set(names) - known)
    if unknown:
        raise UserError("bad_request", f"unknown in the query: {', '.join(unknown)}")
    if len(set(names)) < len(names):
        raise UserError("bad_request", "something stands in the query twice")


def _refused(error: BridgeError) -> Response:
    # A command line that speaks for a person ends as it would have ended without a daemon.
    code = {EXIT_CODE: str(flat(error)[0].exit_code)}
    return Response(error_body(error), failures.status_of(error), {**PLAIN, **code})
