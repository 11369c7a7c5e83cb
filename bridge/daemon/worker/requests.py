"""What is asked of the daemon's worker, and how far it is with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from bridge.core.errors import UserError
from bridge.operations.plan import WantedOrder


@dataclass(frozen=True, slots=True)
class ApprovedPlan:
    """What a person approved: the plan of this digest."""

    digest: str


@dataclass(frozen=True, slots=True)
class RequestOptions:
    """How to build.

    approved: None spends inside the budgets alone, and at most `caps` per unit. only: orders that a person asks
    for by themselves, whatever the plan is: if any, nothing else is bought. force: overwrites what was edited by hand.
    every: tells of assets that stay as they are, too. is_asked: somebody asks for it; a saved file does not.
    """

    approved: ApprovedPlan | None = None
    caps: Mapping[str, Decimal] = field(default_factory=dict)
    only: frozenset[WantedOrder] = frozenset()
    force: bool = False
    every: bool = False
    is_asked: bool = True


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """Builds these assets (None: all) and what they use.

    options: how. follows: builds what follows from changed files, and looks no further. is_retry: nothing has changed,
    but what is owed may be possible by now.
    """

    number: int
    ids: tuple[str, ...] | None
    options: RequestOptions = RequestOptions()
    follows: bool = False
    is_retry: bool = False


@dataclass(frozen=True, slots=True)
class Activity:
    """What an asset is in the middle of: state `queued` or `building`, and how far it is (0–1) where that is known."""

    state: str
    progress: float | None = None


def plan_changed() -> UserError:
    """The plan is not the one that a person has seen."""
    return UserError(
        "plan_changed",
        "the plan has changed since it was shown",
        hint="Look at the new plan and approve that one.",
    )
