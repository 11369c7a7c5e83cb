"""What the server asks of an emulated service: one answer per call, and a word on what the call cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from tests.emulator.http import Request, Response
from tests.emulator.ledger import Charge


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back for an earlier request; `charge.amount` is negative."""

    route: str
    body: str
    charge: Charge


@dataclass(slots=True)
class Call:
    """One request on its way through a personality.

    origin: scheme, host and port the client reached. now: seconds of the emulator's clock since it started.
    fate: what a fault wants to become of the job that this request starts ("" for nothing special).
    route, body_hash: as in the ledger. The personality fills in the rest.
    """

    request: Request
    origin: str
    now: float
    route: str
    body_hash: str
    fate: str = ""
    key_ok: bool = False
    charge: Charge | None = None
    refunds: list[Refund] = field(default_factory=list)


class Personality(Protocol):
    """An emulated service. It is called by one thread at a time and never blocks."""

    @property
    def base_path(self) -> str:
        """The path its client puts in front of every route, as "/v2"."""

    def answer(self, call: Call) -> Response:
        """Acts on one request: validates, charges, starts jobs, answers."""
