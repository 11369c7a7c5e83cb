"""Which assets a request means, once the project was looked at."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from bridge.core.errors import BridgeError
from bridge.daemon.worker.requests import BuildRequest, plan_changed
from bridge.plan.model import Action, Plan


@dataclass(frozen=True, slots=True)
class Selection:
    """ids: what to build with what it uses; None: all. errors: of specs that are no assets, where all was asked for."""

    ids: tuple[str, ...] | None
    errors: tuple[BridgeError, ...] = ()


def select(request: BuildRequest, plan: Plan, looked: AbstractSet[str]) -> Selection:
    """looked: the assets that the look at the project evaluated.

    Raises:
        UserError: `plan_changed`: a person has approved another plan.
    """
    options = request.options
    if options.approved is not None and not options.only and plan.digest != options.approved.digest:
        raise plan_changed()
    if request.follows:
        stale = {asset.id for asset in plan.assets if asset.action not in (Action.NONE, Action.ORPHAN)}
        return Selection(tuple(sorted(stale | looked)), plan.errors)
    if request.ids is None:
        return Selection(None, plan.errors)
    return Selection(request.ids)
