"""The endpoints that change something: builds, edits of specs, decisions about orders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from bridge.config.project_config import read_config
from bridge.core.errors import NeedsDecision, UserError
from bridge.core.paths import JOURNAL_FILE, spec_file
from bridge.daemon.api.auth import too_busy
from bridge.daemon.api.endpoint import ONE_ASSET, ONE_JOB, Call, Document, Endpoints
from bridge.daemon.api.request_models import (
    AdoptBody,
    ApproveBody,
    ApproveOneBody,
    BuildBody,
    BuildOneBody,
    NewSpecBody,
    PickBody,
    RequestModel,
    RerollBody,
    ResubmitBody,
    SettleBody,
)
from bridge.daemon.api.response_models import JOB, KEY, QUEUED, answer, rows
from bridge.daemon.asset_key import key_of
from bridge.daemon.worker.requests import ApprovedPlan, RequestOptions, plan_changed
from bridge.operations import edit_spec
from bridge.operations.edit_spec import SpecEdit
from bridge.operations.new_spec import write_new
from bridge.orders import decisions
from bridge.orders.adoption import adopt_at_provider
from bridge.orders.cancel import cancel_at_provider
from bridge.orders.journal import Journal
from bridge.orders.model import Job, format_price
from bridge.project import Project

WRITING = Endpoints()
_ONE_JOB = answer(job=JOB)


@WRITING.post("build", "/v1/build", BuildBody, QUEUED, status=202)
async def build_assets(call: Call[BuildBody]) -> Document:
    """Builds `{ids}` or `{all: true}`, spending inside budgets alone and at most `{max_cost: {UNIT: N}}`."""
    ids = None if call.fields.all else call.fields.ids
    if ids is not None:
        await call.context.reader.ask(lambda view: view.check_ids(ids))
    return _queue_build(call, ids, call.fields.options())


@WRITING.post("build_one", f"{ONE_ASSET}/build", BuildOneBody, QUEUED, status=202)
async def build_one_asset(call: Call[BuildOneBody]) -> Document:
    """Builds one asset, spending inside budgets alone."""
    return _queue_build(call, [call.asset_id], call.fields.options())


@WRITING.post("approve", "/v1/approve", ApproveBody, QUEUED, status=202)
async def approve_assets(call: Call[ApproveBody]) -> Document:
    """Builds `{ids}` (default: all) for what the plan of `{digest}` says, at most `{max_cost: {UNIT: N}}`."""
    return await _approve(call, call.fields, call.fields.ids)


@WRITING.post("approve_one", f"{ONE_ASSET}/approve", ApproveOneBody, QUEUED, status=202)
async def approve_one_asset(call: Call[ApproveOneBody]) -> Document:
    """Builds one asset for what the plan of `{digest}` says, at most `{max_cost}`."""
    return await _approve(call, call.fields, [call.asset_id])


async def _approve(
    call: Call[ApproveBody] | Call[ApproveOneBody], body: ApproveOneBody | ApproveBody, ids: list[str] | None
) -> Document:
    if ids is not None:
        await call.context.reader.ask(lambda view: view.check_ids(ids))
    # Said at once where it can be; the worker looks again before it spends.
    if await call.context.reader.ask(lambda view: view.plan.digest) != body.digest:
        raise plan_changed()
    return _queue_build(call, ids, body.options(ApprovedPlan(body.digest)))


def _queue_build(call: Call[Any], ids: Sequence[str] | None, options: RequestOptions) -> Document:
    """Queues a build; the answer says where its events begin.

    Raises:
        WorkFailed: `daemon_busy`.
    """
    _check_room(call)
    cursor = call.context.log.cursor
    return {"request": call.worker.build(ids, options), "ids": ids, "cursor": cursor}


def _check_room(call: Call[Any]) -> None:
    if call.worker.waiting_builds >= call.context.limits.builds:
        raise too_busy("builds")


@WRITING.post("cancel", f"{ONE_ASSET}/cancel", RequestModel, answer(id=str, jobs=rows(int)))
def cancel_asset(call: Call[RequestModel]) -> Document:
    """Takes an asset out of what waits and runs."""
    return {"id": call.asset_id, "jobs": call.worker.cancel(call.asset_id)}


@WRITING.post("reroll", f"{ONE_ASSET}/reroll", RerollBody, answer(id=str, part=str | None, take=int))
def reroll_asset(call: Call[RerollBody]) -> Document:
    """Another take of an asset or of its `{part}`; with `{build: true}` it is built inside the budgets."""
    target = call.fields.target(call.asset_id)
    if call.fields.build:
        _check_room(call)
    edited = call.worker.edit(lambda project: edit_spec.reroll(project, target))
    if call.fields.build:
        call.worker.build([call.asset_id])
    return edited.as_dict("reroll")


@WRITING.post("pick", f"{ONE_ASSET}/pick", PickBody, answer(id=str, part=str | None, pick=int))
def pick_variant(call: Call[PickBody]) -> Document:
    """Chooses variant `{variant}` of an asset or of its `{part}`; with `{build: true}` it is built."""
    target, variant = call.fields.target(call.asset_id), call.fields.variant
    if call.fields.build:
        _check_room(call)
    edited = call.worker.edit(lambda project: edit_spec.pick(project, target, variant))
    if call.fields.build:
        call.worker.build([call.asset_id])
    return edited.as_dict("pick")


@WRITING.post("specs", "/v1/specs", NewSpecBody, answer(key=KEY, id=str, kind=str, path=str), status=201)
def write_spec(call: Call[NewSpecBody]) -> Document:
    """Writes a new spec of `{kind, id}`, with `{description, provider}` and, of a tileset, `{terrains, tile_size}`."""
    wanted = call.fields
    terrains = wanted.terrains or []

    def write(project: Project) -> SpecEdit:
        made_by = (wanted.description, wanted.provider)
        new_id = write_new(
            project.config, wanted.kind, wanted.id, *made_by, terrains=terrains, tile_size=wanted.tile_size
        )
        return SpecEdit(new_id, None, 1)

    asset_id = call.worker.edit(write).id
    return {"key": key_of(asset_id), "id": asset_id, "kind": wanted.kind, "path": spec_file(asset_id)}


@WRITING.post("adopt_job", f"{ONE_JOB}/adopt", AdoptBody, _ONE_JOB)
async def adopt_job(call: Call[AdoptBody]) -> Document:
    """An uncertain order did arrive: `{provider_ids}` are its ids at the provider, which is asked whether it has them;
    the next build collects it."""

    def adopt(journal: Journal) -> Job:
        return adopt_at_provider(read_config(call.root), journal, call.number, call.fields.provider_ids)

    job = await call.context.reader.run(lambda: _decide(call, adopt))
    return {"job": job.as_dict()}


@WRITING.post("abandon_job", f"{ONE_JOB}/abandon", RequestModel, _ONE_JOB)
def abandon_job(call: Call[RequestModel]) -> Document:
    """An uncertain order is given up; it may have been charged."""
    return {"job": _decide(call, lambda journal: decisions.abandon_job(journal, call.number)).as_dict()}


@WRITING.post("refetch_job", f"{ONE_JOB}/refetch", RequestModel, _ONE_JOB)
async def refetch_job(call: Call[RequestModel]) -> Document:
    """Fetches the result of a paid order again, for nothing; the build that follows uses it."""
    job = await call.context.reader.run(lambda: call.worker.refetch(call.number))
    return {"job": job.as_dict()}


@WRITING.post(
    "resubmit_job",
    f"{ONE_JOB}/resubmit",
    ResubmitBody,
    answer("QueuedAgain", QUEUED, job=JOB),
    status=202,
)
async def resubmit_job(call: Call[ResubmitBody]) -> Document:
    """Orders an uncertain order again; a second charge needs `{accept_second_charge: true}`."""
    # Before the decision: an order that was given up and then not repeated would be half of what was asked.
    _check_room(call)
    _require_journal(call)
    repeat = await call.context.reader.ask(lambda view: view.find_repeat(call.number))
    if not call.fields.accept_second_charge:
        raise NeedsDecision(
            "needs_approval",
            f"job {call.number} may be charged a second time: a new order costs {format_price(repeat.price)}",
            hint='Send {"accept_second_charge": true} to order it again.',
        )

    def give_up(journal: Journal) -> Job:
        return decisions.abandon_job(journal, call.number, "ordered again")

    job = await call.context.reader.run(lambda: _decide(call, give_up))
    digest = await call.context.reader.ask(lambda view: view.plan.digest)
    options = RequestOptions(ApprovedPlan(digest), only=frozenset({repeat.wanted}), every=call.fields.every)
    return {**_queue_build(call, [repeat.asset], options), "job": job.as_dict()}


@WRITING.post("settle_job", f"{ONE_JOB}/settle", SettleBody, _ONE_JOB)
def settle_job(call: Call[SettleBody]) -> Document:
    """Enters what was found at the provider: what an order that has ended cost (`{charged}`) or got back."""
    charged, refunded = (
        None if said is None else Decimal(said) for said in (call.fields.charged, call.fields.refunded)
    )
    if charged is None and refunded is None:
        raise UserError("bad_request", "charged or refunded must be said")
    return {
        "job": _decide(call, lambda journal: decisions.settle_job(journal, call.number, charged, refunded)).as_dict()
    }


@WRITING.post("cancel_job", f"{ONE_JOB}/cancel", RequestModel, _ONE_JOB)
def cancel_job(call: Call[RequestModel]) -> Document:
    """Nobody waits for an order any more; the provider may charge it."""
    return {
        "job": _decide(call, lambda journal: cancel_at_provider(read_config(call.root), journal, call.number)).as_dict()
    }


def _decide(call: Call[Any], decision: Callable[[Journal], Job]) -> Job:
    _require_journal(call)
    return call.worker.decide(decision)


def _require_journal(call: Call[Any]) -> None:
    if not (call.root / JOURNAL_FILE).exists():
        raise UserError("unknown_job", f"there is no job {call.number}", hint="`assetbridge jobs` lists them.")


@WRITING.post("shutdown", "/v1/shutdown", RequestModel, answer(ok=bool), errors=frozenset())
async def shut_down(call: Call[RequestModel]) -> Document:
    """Ends the daemon; what runs ends at its next safe point."""
    call.context.stop()
    return {"ok": True}
