"""Taking over what an account has for an order whose answer was lost: by the ids that the provider shows to people.

The provider is asked first: an id that is not there, or that is something else, would give the paid result up.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from bridge.core.errors import UserError
from bridge.core.waits import ADOPTION_PATIENCE_S
from bridge.http.outcome import TransportError
from bridge.orders import decisions, failures
from bridge.orders.access import open_access
from bridge.orders.balances import limit_requests
from bridge.orders.runner.connection import open_connection
from bridge.providers import registry
from bridge.providers.paid import DamagedResultError, Finished, Gone

if TYPE_CHECKING:
    from bridge.config.project_config import Config
    from bridge.orders.access import ProviderAccess
    from bridge.orders.journal import Journal
    from bridge.orders.model import Job
    from bridge.providers.paid import FreeCalls

# What accounts and documents call an id → what it is called here.
ALIASES: Mapping[str, str] = {
    "background_job": "job",
    "background_job_id": "job",
    "job_id": "job",
    "api_job_id": "job",
    "generation": "job",
    "animation": "clip",
    "animation_id": "clip",
    "animation_group_id": "clip",
    "character_id": "character",
    "tileset_id": "tileset",
    "tile_id": "tile",
    "isometric_tile": "tile",
    "isometric_tile_id": "tile",
    "isometric_tiles": "tile",
    "object_id": "object",
    "map_object": "object",
    "sprite_id": "sprite",
    "map_id": "map",
    "project_id": "project",
}
_OF_ALL = ("job",)


def list_named_ids(job: Job, texts: Iterable[str]) -> list[dict[str, str]]:
    """`NAME=ID` and bare ids as the provider's own ids, in the order in which they are to be looked for: a bare id may
    be of each kind that what was ordered has, the main one first.

    Raises:
        UserError: nothing of this kind has an id, or none of this name.
    """
    provider = registry.get(job.provider)
    names: tuple[str, ...] = provider.id_names(job.step) if hasattr(provider, "id_names") else _OF_ALL
    if not names:
        raise UserError(
            "usage",
            f"what {job.provider} makes for {job.step.key} has no id there: there is nothing to adopt",
            hint=f"assetbridge jobs abandon {job.id}, or jobs resubmit {job.id} (it may be charged twice).",
        )
    ids: dict[str, str] = {}
    bare = ""
    for text in texts:
        said, sign, value = text.partition("=")
        name = ALIASES.get(said, said) if sign else ""
        value = (value if sign else text).strip()
        if (sign and name not in names) or not value:
            raise UserError("usage", f"{job.step.key} has no id {said!r} at {job.provider}", hint=_list_names(names))
        if name in ids or (bare and not name):
            raise UserError("usage", f"two ids are given for one: {value} too", hint=_list_names(names))
        if name:
            ids[name] = value
        else:
            bare = value
    free = [name for name in names if name not in ids]
    every = [{**ids, name: bare} for name in free] if bare else [ids]
    if hasattr(provider, "complete_ids"):
        body = json.loads(job.body or b"{}")
        every = [dict(provider.complete_ids(job.step, body, one)) for one in every]
    return every


def _list_names(names: tuple[str, ...]) -> str:
    return "Write --provider-id ID, or " + ", ".join(f"{name}=ID" for name in names) + "."


def adopt_at_provider(config: Config, journal: Journal, number: int, texts: Iterable[str]) -> Job:
    """An uncertain job did arrive, and the provider has it: the next build collects it, for nothing.

    Raises:
        UserError: `unknown_job`, it is not uncertain, or the provider has nothing of these ids for it.
        ProviderError: the provider cannot be asked; nothing is decided.
    """
    job = decisions.require_uncertain(journal, number)
    every = list_named_ids(job, texts)
    for ids in every:
        _require_free(journal, ids)
    ids = asyncio.run(_find_there(open_access(config, job.provider), journal, job, every))
    return decisions.adopt_job(journal, number, ids)


def _require_free(journal: Journal, ids: Mapping[str, str]) -> None:
    for other in journal.jobs.list_all():
        shared = set(other.remote.values()) & set(ids.values())
        if shared:
            raise UserError(
                "usage",
                f"job {other.id} ({other.asset}: {other.step.key}) has {min(shared)} already",
                hint="Two orders are never the same thing: look at your account for the other one.",
            )


async def _find_there(
    access: ProviderAccess, journal: Journal, job: Job, every: Sequence[dict[str, str]]
) -> dict[str, str]:
    """The first ids under which the provider has something."""
    limiter = limit_requests(access, journal, journal.clock)
    absent: UserError | None = None
    async with open_connection(access, limiter, journal.clock) as line:
        for ids in every:
            try:
                await _require_there(access, line, job, {**job.origin, **ids})
            except UserError as error:
                absent = absent or error
            else:
                return ids
        assert absent is not None
        absent.message += await _tell_what_it_is(access, line, every)
        raise absent


async def _tell_what_it_is(access: ProviderAccess, line: FreeCalls, every: Sequence[Mapping[str, str]]) -> str:
    """What the account lists under such an id, where that is something else; empty where it is in no list."""
    values = {value for ids in every for value in ids.values()}
    with contextlib.suppress(TransportError, TimeoutError):
        for asset in await asyncio.wait_for(access.provider.assets(line), ADOPTION_PATIENCE_S):
            if asset.id in values:
                return f"; in the account, {asset.id} is {asset.kind} {asset.name!r}"
    return ""


async def _require_there(access: ProviderAccess, line: FreeCalls, job: Job, remote: Mapping[str, str]) -> None:
    name = access.provider.name
    try:
        status = await asyncio.wait_for(access.provider.check(line, job.step, remote), ADOPTION_PATIENCE_S)
        outcome: object = status
        if isinstance(status, Finished):
            fetching = access.provider.fetch(line, job.step, remote, status.facts)
            outcome = await asyncio.wait_for(fetching, ADOPTION_PATIENCE_S)
    except DamagedResultError:
        # It is there; the build that collects it says what is wrong with it.
        return
    except TimeoutError:
        raise failures.describe_offline(name, "it did not answer in time") from None
    except TransportError as error:
        if error.is_temporary:
            raise failures.describe_offline(name, error.detail) from error
        if error.answer is not None and error.status in (401, 402, 403):
            raise failures.describe_refusal(access.provider, job, error.answer) from error
        raise _describe_absent(job, remote, error.detail) from error
    if isinstance(outcome, Gone):
        raise _describe_absent(job, remote, outcome.message)


def _describe_absent(job: Job, remote: Mapping[str, str], why: str) -> UserError:
    shown = ", ".join(f"{name} {value}" for name, value in remote.items() if name not in job.origin)
    return UserError(
        "usage",
        f"{job.provider} has no {shown} for {job.asset}: {job.step.key} ({why}); nothing is decided",
        hint=f"Look at your account for its id; or: assetbridge jobs abandon {job.id}, jobs resubmit {job.id}.",
    )
