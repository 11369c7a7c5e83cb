"""A plan: what a build would do, per asset and step, with its price. Shown before anything happens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bridge.errors import BridgeError
from bridge.plan.fingerprint import digest
from bridge.providers.base import Price


class Action(StrEnum):
    """What a build does with an asset."""

    CREATE = "create"
    UPDATE = "update"
    EXPORT = "export"
    RENAME = "rename"
    NONE = "none"
    ORPHAN = "orphan"
    BLOCKED = "blocked"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step and whether its result is at hand. `fingerprint` is None while an input is not made yet."""

    key: str
    provider: str
    operation: str
    fingerprint: str | None
    cached: bool
    price: Price

    def as_dict(self) -> dict[str, Any]:
        """The JSON form; a cached step costs nothing, an unknown amount is null."""
        return {
            "key": self.key,
            "provider": self.provider,
            "operation": self.operation,
            "fingerprint": self.fingerprint,
            "cached": self.cached,
            "cost": None if self.cached or not self.price.unit else _cost(self.provider, self.price),
        }


def _cost(provider: str, price: Price) -> dict[str, Any]:
    amount = None if price.amount is None else str(price.amount)
    return {"provider": provider, "unit": price.unit, "amount": amount}


@dataclass(frozen=True, slots=True)
class AssetPlan:
    """One asset's part of the plan. `targets` are those whose files are to be written; `drifted` are edited files."""

    id: str
    kind: str
    action: Action
    reasons: tuple[str, ...] = ()
    steps: tuple[PlannedStep, ...] = ()
    targets: tuple[str, ...] = ()
    drifted: tuple[str, ...] = ()
    renamed_from: str | None = None
    error: BridgeError | None = None

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "id": self.id,
            "kind": self.kind,
            "action": str(self.action),
            "reasons": list(self.reasons),
            "steps": [step.as_dict() for step in self.steps],
            "targets": list(self.targets),
            "drifted": list(self.drifted),
            "renamed_from": self.renamed_from,
            "error": self.error.as_dict() if self.error else None,
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """All assets in order of their ids. `digest` changes whenever the plan would do something else."""

    assets: tuple[AssetPlan, ...] = ()
    errors: tuple[BridgeError, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def changes(self) -> int:
        """How many assets a build would touch."""
        return sum(asset.action not in (Action.NONE, Action.ORPHAN, Action.ERROR) for asset in self.assets)

    @property
    def digest(self) -> str:
        """16 hex digits over what would be done."""
        return digest([[asset.id, str(asset.action), _step_marks(asset)] for asset in self.assets])[:16]

    def costs(self) -> list[dict[str, Any]]:
        """The sum of the prices of what is not at hand, per provider and unit; null when a price is unknown."""
        return sum_costs(
            (step.provider, step.price)
            for asset in self.assets
            for step in asset.steps
            if not step.cached and step.price.unit
        )

    def as_dict(self) -> dict[str, Any]:
        """The document of `plan --json`."""
        return {
            "changes": self.changes,
            "digest": self.digest,
            "cost": self.costs(),
            "providers": [],
            "assets": [asset.as_dict() for asset in self.assets],
            "errors": [error.as_dict() for error in self.errors],
            "notes": list(self.notes),
        }


def _step_marks(asset: AssetPlan) -> list[list[str | bool | None]]:
    return [[step.key, step.fingerprint, step.cached] for step in asset.steps]


def sum_costs(prices: Iterable[tuple[str, Price]]) -> list[dict[str, Any]]:
    """Prices added up per provider and unit, sorted."""
    sums: dict[tuple[str, str], Decimal | None] = {}
    for provider, price in prices:
        before = sums.get((provider, price.unit), Decimal(0))
        sums[provider, price.unit] = None if before is None or price.amount is None else before + price.amount
    return [_cost(provider, Price(unit, amount)) for (provider, unit), amount in sorted(sums.items())]
