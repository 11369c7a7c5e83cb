"""Taking over what an account has for an order whose answer was lost: by the ids that the provider shows to people.

The provider is asked first: an id that is not there, or that is something else, would give the paid result up.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
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
    "sprite_id": "sprite",
    "map_id": "map",
    "project_id": "project",
}
_OF_ALL = ("job",)


def named_ids(job: Job, texts: Iterable[str]) -> dict[str, str]:
    """`NAME=ID` or a bare id, which is the main one of what was ordered, as the provider's own ids.

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
    for text in texts:
        said, sign, value = text.partition("=")
        name = ALIASES.get(said, said) if sign else names[0]
        value = (value if sign else text).strip()
        if name not in names or not value:
            raise UserError("usage", f"{job.step.key} has no id {said!r} at {job.provider}", hint=_list_names(names))
        ids[name] = value
    if hasattr(provider, "complete_ids"):
        ids = dict(provider.complete_ids(job.step, json.loads(job.body or b"{}"), ids))
    return ids


def _list_names(names: tuple[str, ...]) -> str:
    return "Write --provider-id ID, or " + ", ".join(f"{name}=ID" for name in names) + "."


def adopt_at_provider(config: Config, journal: Journal, number: int, texts: Iterable[str]) -> Job:
    """An uncertain job did arrive, and the provider has it: the next build collects it, for nothing.

    Raises:
        UserError: `unknown_job`, it is not uncertain, or the provider has nothing of these ids for it.
        ProviderError: the provider cannot be asked; nothing is decided.
    """
    job = decisions.require_uncertain(journal, number)
    ids = named_ids(job, texts)
    _require_free(journal, ids)
    remote = {**job.origin, **ids}
    asyncio.run(_require_there(open_access(config, job.provider), journal, job, remote))
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


async def _require_there(access: ProviderAccess, journal: Journal, job: Job, remote: Mapping[str, str]) -> None:
    name = access.provider.name
    limiter = limit_requests(access, journal, journal.clock)
    try:
        async with open_connection(access, limiter, journal.clock) as line:
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
