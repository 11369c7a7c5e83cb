"""After a crash, a full disk or a lost answer: what the journal says may be done next.

- planned, approved: cancelled. Nothing was sent; the approval was for that build.
- submitting: rescued facts are taken over; else it is uncertain (what costs nothing is cancelled).
- uncertain: a rescued result is stored. Else, when its request comes up: the same bytes are sent again under the same
  idempotency key, where the provider knows keys and the window is open; or it is looked up in the provider's lists.
- submitted, running, fetching: collected, for nothing.
- stored: its receipt is written, where it has none; its result is known by its fingerprint.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from bridge.core import limits
from bridge.core.clock import Clock
from bridge.core.errors import UserError, WorkFailed
from bridge.core.private_folder import open_private_folder
from bridge.core.root_folder import RootFolder
from bridge.http.outcome import TransportError
from bridge.orders.journal import Journal
from bridge.orders.model import Job, JobState
from bridge.orders.receipts import write_missing_receipts
from bridge.providers.api import ResultFile, StepResult
from bridge.providers.paid import FreeCalls, LostOrder, PaidProvider, Remote
from bridge.store import results
from bridge.store.blobs import BlobStore

_FOLDER = "rescue"
# the folder, the name of the file in it, and what it says
_Rescued = tuple[RootFolder, str, dict[str, Any]]


def recover_jobs(journal: Journal, store: BlobStore) -> None:
    """Puts every job that a stopped run left half-way into a state that says what is known of it."""
    rescued = _read_rescued(store.root.parent)
    for job in journal.jobs.list_in((JobState.SUBMITTING, JobState.UNCERTAIN)):
        facts = rescued.get(job.key)
        if facts is not None and _take_over_rescued(journal, store, job, facts):
            continue
        if job.state is JobState.SUBMITTING and job.estimate.amount == 0:
            # It may be sent twice, for it costs nothing; below it is cancelled, and ordered anew when it is wished for.
            journal.jobs.move(job, JobState.APPROVED)
        elif job.state is JobState.SUBMITTING:
            why = "the run was stopped while the order was on its way"
            journal.jobs.move(job, JobState.UNCERTAIN, say={"why": why}, error={"code": "uncertain", "message": why})
    for job in journal.jobs.list_in((JobState.PLANNED, JobState.APPROVED)):
        journal.jobs.move(job, JobState.CANCELLED, say={"why": "the run was stopped before it was sent"})
    write_missing_receipts(journal, store)


# what could not be kept in the usual places


def rescue_result(folder: Path, job: Job, result: StepResult) -> str:
    """Keeps a delivered result outside the store (which could not take it); returns where, for people."""
    files = [
        {"name": file.name, "type": file.media_type, "data": base64.b64encode(file.data).decode()}
        for file in result.files
    ]
    return _write_rescued(folder, job, {"files": files, "meta": result.meta})


def rescue_facts(folder: Path, job: Job, remote: Mapping[str, str] | None, result: str | None) -> str:
    """Keeps what the journal could not take: the provider's ids, or the hash of a stored result."""
    return _write_rescued(folder, job, {"remote": dict(remote or {}), "result": result or ""})


def _rescue_folders(folder: Path, *, create: bool) -> Iterator[RootFolder]:
    """Where rescued facts are kept, best first: in the project, then in folders that this user alone may look into.

    folder: the project's `.assetbridge`. Others may make folders of these names before us: theirs are passed over.
    """
    yield RootFolder(folder.parent).below(f"{folder.name}/{_FOLDER}")
    shared = Path(tempfile.gettempdir())
    user = getattr(os, "geteuid", lambda: "user")()
    # The last one is what earlier versions called it.
    for path in (
        Path(platformdirs.user_state_dir("assetbridge")) / _FOLDER,
        shared / f"assetbridge-rescue-{user}",
        shared / "assetbridge-rescue",
    ):
        try:
            private = open_private_folder(path, create=create)
        except OSError:
            continue
        except UserError as error:
            logging.getLogger("assetbridge").warning("note: %s", error)
            continue
        if private is not None:
            yield private


def _write_rescued(folder: Path, job: Job, facts: Mapping[str, Any]) -> str:
    data = json.dumps({"key": job.key, "job": job.id, **facts}).encode()
    for target in _rescue_folders(folder, create=True):
        try:
            target.write(f"{job.key}.json", data, durable=True, private=True)
        except WorkFailed:
            continue
        return f"{target.path.name}/{job.key}.json"
    return "no place at all: every disk is full"


def _read_rescued(folder: Path) -> dict[str, _Rescued]:
    rescued = {}
    for target in _rescue_folders(folder, create=False):
        try:
            names = target.list_names(".")
        except OSError:
            continue
        for name in names:
            if name.endswith(".json"):
                try:
                    facts = json.loads(target.read(name, 2 * limits.SOURCE_BYTES))
                    rescued[str(facts["key"])] = (target, name, facts)
                except (OSError, ValueError, KeyError, TypeError, RecursionError):
                    continue
    return rescued


def _take_over_rescued(journal: Journal, store: BlobStore, job: Job, rescued: _Rescued) -> bool:
    folder, name, facts = rescued
    if "files" in facts:
        files = tuple(
            ResultFile(entry["name"], entry["type"], base64.b64decode(entry["data"])) for entry in facts["files"]
        )
        sha256 = results.save(store, StepResult(files, facts["meta"]))
        journal.jobs.move(job, JobState.STORED, result=sha256, say={"why": "rescued"})
    elif facts.get("result"):
        journal.jobs.move(job, JobState.STORED, result=facts["result"], say={"why": "rescued"})
    elif facts.get("remote"):
        journal.jobs.move(job, JobState.SUBMITTED, remote=facts["remote"], say={"why": "rescued"})
    else:
        return False
    with contextlib.suppress(FileNotFoundError):
        folder.remove(name)
    return True


# what is there already


async def find_existing(clock: Clock, provider: PaidProvider, calls: FreeCalls, job: Job) -> Remote | None:
    """What a free order that all share asks for, where it is there already; the first of several.

    A provider that cannot be asked now has nothing: at worst it gets a second one, which costs nothing.
    """
    lost = LostOrder(job.step, json.loads(job.body), 0.0, clock.now(), frozenset(), job.origin)
    try:
        return next(iter(await provider.search(calls, lost)), None)
    except TransportError:
        return None


# lost answers


@dataclass(frozen=True, slots=True)
class LostSearch:
    """What a search for a lost order came to. said: what was found out, for people, where nothing certain was.

    is_done: whether another search would hardly say more; not where the lists could not be read.
    """

    remote: Remote | None = None
    said: str = ""
    is_done: bool = True


@dataclass(frozen=True, slots=True)
class ForeignOrders:
    """What other machines of the team have at a provider. ids: the provider's own. bodies: sha256 of the requests of
    orders whose answers they lost."""

    ids: frozenset[str] = frozenset()
    bodies: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SearchContext:
    """Where a lost order is looked for, and what is known not to be it."""

    journal: Journal
    clock: Clock
    provider: PaidProvider
    calls: FreeCalls
    foreign: ForeignOrders = ForeignOrders()


async def find_lost(context: SearchContext, job: Job, delay: float) -> LostSearch:
    """The one order at the provider that can only be this one; none when there is none, or when it is not clear.

    Looked for twice, `delay` seconds apart (the time after which lists are complete), before "none" is believed. An
    order that could as well be another lost one is left to a person. Call it for one job at a time: what one takes, the
    next must know.
    """
    provider, clock = context.provider, context.clock
    name = provider.name
    if not provider.abilities.can_search:
        return LostSearch(said=f"{name} has no list in which it could be looked for")
    for _ in range(2):
        wait = (job.sent or 0.0) + delay - clock.now()
        await clock.sleep(max(0.0, min(wait, delay)))
        try:
            matches = await _find_matches(context, job)
            if len(matches) == 1 and await _fits_another(context, job, matches[0]):
                return LostSearch(said=f"the lists of {name} have one that could also be another lost order")
        except TransportError as error:
            return LostSearch(said=f"the lists of {name} could not be read: {error.detail}", is_done=False)
        if len(matches) == 1:
            return LostSearch(matches[0])
        if matches:
            return LostSearch(said=f"the lists of {name} have {len(matches)} that could be it")
        await clock.sleep(delay)
    return LostSearch(said=f"the lists of {name} were read twice, {delay:g} s apart, and did not show it")


async def _find_matches(context: SearchContext, job: Job) -> Sequence[Remote]:
    body = json.loads(job.body or b"{}")
    taken = frozenset(context.journal.jobs.list_remote_ids()) | context.foreign.ids
    lost = LostOrder(job.step, body, job.sent or 0.0, context.clock.now(), taken, job.origin)
    matches = await context.provider.search(context.calls, lost)
    return [remote for remote in matches if not lost.taken & set(remote.ids.values())]


async def _fits_another(context: SearchContext, job: Job, match: Remote) -> bool:
    """Whether the match fits another lost order too, here or on another machine."""
    if hashlib.sha256(job.body).hexdigest() in context.foreign.bodies:
        return True
    for other in context.journal.jobs.list_in((JobState.UNCERTAIN, JobState.SUBMITTING)):
        if other.id != job.id and other.provider == job.provider:
            theirs = await _find_matches(context, other)
            if any(set(one.ids.values()) & set(match.ids.values()) for one in theirs):
                return True
    return False
