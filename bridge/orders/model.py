"""A job: one paid request from approval to files, and which moves between its states are allowed.

```
planned ─► approved ─► submitting ─► submitted ─► running ─► fetching ─► stored ─► exported
              ▲           │  │  │         └───────────┴──────────┴──► failed, expired, cancelled
              └── not sent┘  │  └─► rejected                   └─► damaged ─► stored (fetched again)
                             └─► uncertain ─► submitted (found, adopted) or cancelled (given up, by a person)
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bridge.http.api import Method
from bridge.providers.api import Price, Step
from bridge.providers.paid import Charge


class JobState(StrEnum):
    """Where a job stands. The names are recovery points: after a crash the state says what may be done next."""

    PLANNED = "planned"
    APPROVED = "approved"
    SUBMITTING = "submitting"
    SUBMITTED = "submitted"
    RUNNING = "running"
    FETCHING = "fetching"
    STORED = "stored"
    EXPORTED = "exported"
    REJECTED = "rejected"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNCERTAIN = "uncertain"
    DAMAGED = "damaged"


_S = JobState
MOVES: Mapping[JobState, frozenset[JobState]] = {
    _S.PLANNED: frozenset({_S.APPROVED, _S.CANCELLED}),
    # `submitted` at once is an order that costs nothing: adopting what the provider already has.
    _S.APPROVED: frozenset({_S.SUBMITTING, _S.SUBMITTED, _S.CANCELLED}),
    _S.SUBMITTING: frozenset({_S.SUBMITTED, _S.STORED, _S.DAMAGED, _S.REJECTED, _S.APPROVED, _S.UNCERTAIN}),
    # Back to `submitting` only with the same bytes under the same idempotency key, which cannot charge twice.
    _S.UNCERTAIN: frozenset({_S.SUBMITTING, _S.SUBMITTED, _S.STORED, _S.CANCELLED}),
    _S.SUBMITTED: frozenset({_S.RUNNING, _S.FETCHING, _S.FAILED, _S.EXPIRED, _S.CANCELLED}),
    _S.RUNNING: frozenset({_S.FETCHING, _S.FAILED, _S.EXPIRED, _S.CANCELLED}),
    _S.FETCHING: frozenset({_S.STORED, _S.DAMAGED, _S.FAILED, _S.EXPIRED, _S.CANCELLED}),
    # What came cannot be used; it is paid for, so only a person has it fetched or ordered again.
    _S.DAMAGED: frozenset({_S.STORED, _S.CANCELLED}),
    _S.STORED: frozenset({_S.EXPORTED}),
    _S.EXPORTED: frozenset(),
    _S.REJECTED: frozenset(),
    _S.FAILED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.EXPIRED: frozenset(),
}
LIVE = frozenset(
    {_S.PLANNED, _S.APPROVED, _S.SUBMITTING, _S.SUBMITTED, _S.RUNNING, _S.FETCHING, _S.UNCERTAIN}
)  # holds money back
TAKEN = frozenset({_S.SUBMITTED, _S.RUNNING, _S.FETCHING})  # the provider works on it
OWNED = frozenset({_S.STORED, _S.EXPORTED})  # its result is here


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """A step that has to be bought: whose it is, what it may cost, and who said so.

    approved_by: `plan` (a person saw the price), `budget`, or empty where nobody has said so yet.
    """

    asset: str
    step: Step
    fingerprint: str
    approved_by: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A row of the journal. Times are seconds since 1970; amounts are in the provider's unit.

    key: an UUID, the idempotency key where the provider knows such a thing. account: fingerprint of the key used.
    body: the exact bytes of the request, dropped when the job has ended. remote: the provider's ids.
    facts: what `check` found out for `fetch`. result: manifest hash in the store (of a damaged one: of
    what came). next_attempt: not before then.
    path, method, origin: see `bridge.providers.paid.Order`.
    hook: secret of the address that the provider was given to tell of the end; empty where it was given none.
    """

    id: int
    key: str
    asset: str
    step: Step
    fingerprint: str
    provider: str
    state: JobState
    version: int
    account: str
    estimate: Price
    approved_by: str
    created: float
    updated: float
    sent: float | None = None
    path: str = ""
    body: bytes = b""
    attempt: int = 0
    next_attempt: float | None = None
    remote: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    charge: Charge | None = None
    result: str = ""
    error: Mapping[str, Any] | None = None
    balance_before: Mapping[str, str] = field(default_factory=dict)
    hook: str = field(default="", repr=False)
    method: Method = "POST"
    origin: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_live(self) -> bool:
        """Whether it still holds money back."""
        return self.state in LIVE

    def as_dict(self) -> dict[str, Any]:
        """The JSON form of `jobs --json`."""
        return {
            "id": self.id,
            "asset": self.asset,
            "step": self.step.key,
            "provider": self.provider,
            "operation": self.step.operation,
            "state": str(self.state),
            "provider_id": next(iter(self.remote.values()), None),
            "remote": dict(self.remote),
            "estimate": format_money(self.estimate.unit, self.estimate.amount),
            "charged": format_money(self.charge.unit, self.charge.amount) if self.charge else None,
            "attempt": self.attempt,
            "error": dict(self.error) if self.error else None,
        }


class JobMovedError(Exception):
    """Compare-and-set failed: the caller looked at an old version of the job."""


@dataclass(frozen=True, slots=True)
class KeptUrl:
    """Where a delivered picture can still be seen. pixels: its content (`bridge.media.images.pixel_hash`).

    url: perhaps signed, so it is shown nowhere. expires: seconds since 1970; None where no end is known. provider:
    whose address it is; empty before it is in the journal.
    """

    pixels: str
    url: str = field(repr=False)
    expires: float | None = None
    provider: str = ""


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """One entry of the append-only log: `seq` rises strictly and is the cursor of all listeners."""

    seq: int
    at: float
    type: str
    asset: str
    job: int | None
    data: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """The JSON form; the sequence number is text, so that no reader rounds it."""
        return {"seq": str(self.seq), "at": self.at, "type": self.type, "id": self.asset, "job": self.job, **self.data}


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A row of the ledger. kind: `charge` (reported or, where nothing is reported, estimated), `possible` (an
    uncertain order that was given up: it may have been charged)."""

    at: float
    day: str
    job: int
    provider: str
    account: str
    asset: str
    step: str
    kind: str
    unit: str
    amount: Decimal
    reported: bool


def format_money(unit: str, amount: Decimal | None) -> dict[str, str | None] | None:
    """`{"unit", "amount"}`; None for what has no price at all."""
    if not unit:
        return None
    return {"unit": unit, "amount": None if amount is None else format_amount(amount)}


def format_amount(amount: Decimal) -> str:
    """`4`, `0.05`: no exponent, no trailing zeros."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
