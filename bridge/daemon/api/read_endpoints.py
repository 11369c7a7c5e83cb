"""The endpoints that read: assets, the plan, orders, events, and what this machine can do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from starlette.responses import Response, StreamingResponse

from bridge import __version__
from bridge.config.project_config import read_config
from bridge.core.visible import write_json
from bridge.daemon.api import previews, queries
from bridge.daemon.api.auth import PLAIN_HEADERS, too_busy
from bridge.daemon.api.endpoint import ONE_ASSET, Call, Document, Endpoints
from bridge.daemon.api.openapi import describe_api
from bridge.daemon.api.request_models import (
    BalanceQuery,
    EventsQuery,
    HealthQuery,
    JobsQuery,
    PreviewQuery,
    RequestModel,
    SpendQuery,
)
from bridge.daemon.api.response_models import (
    ASSET,
    BUILD,
    DECISION,
    DETAILS,
    EVENT,
    FINDING,
    JOB,
    OWED,
    PLAN,
    PREVIEW,
    PROVIDER,
    SPENT,
    SPENT_BY_UNIT,
    TRUST,
    VARIANT,
    answer,
    rows,
)
from bridge.daemon.events import reset_event
from bridge.operations.doctor import list_findings
from bridge.operations.spend import describe_spending
from bridge.orders.ledger import list_orders
from bridge.project import Project
from bridge.spec.schema import json_schema

READING = Endpoints()
_LONGEST_POLL_SECONDS = 60.0
_NO_ERRORS: frozenset[int] = frozenset()
_HEALTH = answer(
    ok=bool,
    version=str,
    pid=int,
    nonce=str,
    root=str,
    serves=bool | None,
    busy=bool,
    notice=str | None,
    owed=OWED | None,
    cursor=str,
)
_PICTURES = ("image/png", "image/gif", "application/json")
_STREAM = ("application/json", "text/event-stream")


@READING.get("health", "/v1/health", HealthQuery, _HEALTH, errors=_NO_ERRORS)
async def show_health(call: Call[HealthQuery]) -> Document:
    """The daemon of this very start, whether it is working, and as `serves` whether `?root=` is its folder."""
    context, runtime = call.context, call.context.runtime
    process: dict[str, Any] = {
        "version": __version__,
        "pid": runtime.pid,
        "nonce": runtime.nonce,
        "root": os.path.realpath(call.root),
    }
    process["serves"] = _is_same_folder(call.fields.root, call.root) if call.fields.root else None
    owed = call.worker.owed
    state = {"busy": call.worker.is_busy, "notice": context.notice(), "owed": owed.as_dict() if owed else None}
    return {"ok": True, **process, **state, "cursor": context.log.cursor}


def _is_same_folder(named: str, root: Path) -> bool:
    """Whether a folder is the project's, through whatever links and spelling. A copy of it is another."""
    try:
        return os.path.isabs(named) and os.path.samefile(named, root)  # noqa: PTH117, PTH121
    except (OSError, ValueError):
        return False


@READING.get("assets", "/v1/assets", RequestModel, answer(assets=rows(ASSET), cursor=str))
def list_assets(call: Call[RequestModel]) -> Document:
    """Every asset with its key and state; `cursor` continues with events from here."""
    cursor = call.context.log.cursor
    return {"assets": queries.list_assets(call.worker), "cursor": cursor}


@READING.get("asset", ONE_ASSET, RequestModel, DETAILS)
async def show_asset(call: Call[RequestModel]) -> Document:
    """One asset with its plan, files and animations."""
    listed = await call.context.reader.run(lambda: queries.list_assets(call.worker))
    row = next(row for row in listed if row["id"] == call.asset_id)
    return {**row, **await call.context.reader.ask(lambda view: queries.asset_details(view, call.asset_id))}


@READING.get("variants", f"{ONE_ASSET}/variants", RequestModel, answer(id=str, variants=rows(VARIANT)))
async def list_variants(call: Call[RequestModel]) -> Document:
    """The variants to pick from, each with the address of its picture."""
    return await call.context.reader.ask(lambda view: queries.list_variants(view, call.asset_id))


@READING.get("preview", ONE_ASSET + "/preview.{kind}", PreviewQuery, PREVIEW, media=_PICTURES)
async def show_preview(call: Call[PreviewQuery]) -> Response:
    """A picture of an asset (`?animation=&variant=`), or as `.json` what its strip shows."""
    wanted = previews.PreviewRequest(
        call.asset_id,
        call.fields.animation,
        int(call.fields.variant) if call.fields.variant else None,
        "gif" if call.kind == "gif" else "png",
    )
    preview = await call.context.reader.ask(lambda view: previews.make_preview(view, wanted), recent=True)
    tag = f'"{preview.info.of}"'
    headers = {"etag": tag, "cache-control": "no-cache", "x-content-type-options": "nosniff"}
    if call.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    if call.kind == "json":
        return Response(write_json(preview.info.as_dict()), headers=headers, media_type="application/json")
    return Response(preview.data, headers=headers, media_type=f"image/{call.kind}")


@READING.get("plan", "/v1/plan", BalanceQuery, PLAN)
async def show_plan(call: Call[BalanceQuery]) -> Response:
    """The plan as `plan --json` has it; `?balance=1` asks the providers what is left."""
    ask = call.fields.balance == "1"
    text = await call.context.reader.ask(lambda view: queries.plan_text(view, ask=ask))
    return Response(text, headers=PLAIN_HEADERS)


@READING.get("jobs", "/v1/jobs", JobsQuery, answer(jobs=rows(JOB)))
def list_jobs(call: Call[JobsQuery]) -> Document:
    """Paid orders; `?all=1` also those that have ended."""
    with Project.open(call.root) as project:
        return {"jobs": [job.as_dict() for job in list_orders(project.journal, everything=call.fields.all == "1")]}


@READING.get("outcome", "/v1/builds/{number}", RequestModel, BUILD, errors=_NO_ERRORS, unknown="not_found")
async def show_build(call: Call[RequestModel]) -> Document:
    """What became of a build (`request` of its answer): the document of `build --json`; only the last few are kept."""
    outcome = call.worker.outcome_of(call.number)
    return {"request": call.number, "done": outcome is not None, **(outcome.as_dict() if outcome else {})}


@READING.get("providers", "/v1/providers", BalanceQuery, answer(providers=rows(PROVIDER)))
def list_providers(call: Call[BalanceQuery]) -> Document:
    """Who can make art, keys, budgets; `?balance=1` asks what is left."""
    return queries.list_providers(call.root, ask=call.fields.balance == "1")


_SPENDING = answer(by=str, rows=rows(SPENT), sums=rows(SPENT_BY_UNIT), decide=rows(DECISION))


@READING.get("spend", "/v1/spend", SpendQuery, _SPENDING)
def sum_spending(call: Call[SpendQuery]) -> Document:
    """What was charged, may have been, and was given back (`?by=provider|asset|day|order`)."""
    with Project.open(call.root) as project:
        return describe_spending(project, call.fields.by).as_dict()


@READING.get("trust", "/v1/trust", RequestModel, TRUST)
def show_trust(call: Call[RequestModel]) -> Document:
    """Whether the user trusts the project, and what it asks for; `assetbridge trust` in a terminal answers."""
    return read_config(call.root).trust.as_dict()


@READING.get("doctor", "/v1/doctor", RequestModel, answer(ok=bool, findings=rows(FINDING)))
def examine_machine(call: Call[RequestModel]) -> Document:
    """What could go wrong."""
    examined = list_findings(call.root)
    is_bad = any(finding.level == "problem" for finding in examined)
    return {"ok": not is_bad, "findings": [finding.as_dict() for finding in examined]}


@READING.get("schema", "/v1/schema", RequestModel, errors=_NO_ERRORS)
async def show_spec_schema(call: Call[RequestModel]) -> Document:
    """The JSON Schema of specs."""
    del call
    return json_schema()


@READING.get("openapi", "/v1/openapi.json", RequestModel, errors=_NO_ERRORS)
async def describe_interface(call: Call[RequestModel]) -> Document:
    """This interface, described."""
    return describe_api(call.context.endpoints)


@READING.get(
    "events",
    "/v1/events",
    EventsQuery,
    answer(events=rows(EVENT), cursor=str),
    errors=_NO_ERRORS,
    media=_STREAM,
)
async def show_events(call: Call[EventsQuery]) -> Document | Response:
    """Events since `?after=CURSOR`: server-sent, or with `?wait=SECONDS` as one answer when there are some."""
    log = call.context.log
    if log.listeners >= call.context.limits.listeners:
        raise too_busy("listeners")
    cursor = call.fields.after or call.headers.get("last-event-id", "")
    if not call.fields.wait:
        headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
        return StreamingResponse(log.stream(cursor), headers=headers, media_type="text/event-stream")
    events, cursor = await log.poll(cursor, min(float(call.fields.wait), _LONGEST_POLL_SECONDS))
    shown = [reset_event(cursor)] if events is None else [event.as_dict() for event in events]
    return {"events": shown, "cursor": cursor}
