"""The state of the emulated PixelLab: accounts, jobs, characters, tilesets, and the bytes behind storage URLs."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from uuid import UUID

import numpy as np

from tests.emulator import pictures
from tests.emulator.ledger import Charge, Unit
from tests.emulator.personality import Call, Refund
from tests.emulator.pictures import Pixels
from tests.emulator.pixellab_variant import PRICES, Variant

EPOCH = datetime(2025, 9, 18, tzinfo=UTC)  # when the emulator's clock starts
DIRECTIONS = {4: ("south", "west", "east", "north"), 8: tuple(pictures.FACING)}
QUEUED_SHARE = 0.3  # of a job's time


class Refusal(Exception):
    """An error answer: `{"detail": ...}` with a status and perhaps Retry-After."""

    def __init__(self, status: int, detail: Any, retry_after: str = "") -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail
        self.retry_after = retry_after


@dataclass(slots=True)
class Account:
    """Who pays: a key, and what is left in its unit."""

    key: str
    user: str
    unit: Unit
    left: float
    history: list[tuple[float, float]] = field(default_factory=list)  # time, amount taken

    def balance(self, now: float, lag: float) -> float:
        """What the service says is left; charges of the last `lag` seconds do not show yet."""
        hidden = sum(amount for time, amount in self.history if time > now - lag)
        return round(self.left + hidden, 6)


@dataclass(slots=True)
class Job:
    """Background work. Times are in seconds of the emulator's clock."""

    id: str
    owner: Account
    kind: str
    created: float
    seconds: float
    charge: Charge
    route: str
    body: str
    result: dict[str, Any]
    fate: str = ""
    error: str = ""
    refunded: bool = False

    @property
    def ready(self) -> float:
        """When it ends; never, for a stuck one."""
        return float("inf") if self.fate == "stuck" else self.created + self.seconds

    def done(self, now: float) -> bool:
        """Whether its result exists."""
        return now >= self.ready and not self.broken and self.fate != "expired"

    @property
    def broken(self) -> bool:
        """Whether it ends, or has ended, without a result."""
        return bool(self.error) or self.fate == "failed"


@dataclass(slots=True)
class Clip:
    """One animation of a character: a job per direction."""

    group: str
    template: str
    name: str
    frames: int
    jobs: dict[str, Job]


@dataclass(slots=True)
class Figure:
    """A character; `canvas` is the size of its rotations in pixels."""

    id: str
    job: Job
    look: str
    request: dict[str, Any]
    directions: tuple[str, ...]
    canvas: tuple[int, int]
    palette: Pixels | None
    clips: list[Clip] = field(default_factory=list)


@dataclass(slots=True)
class Terrain:
    """A tileset, an isometric tile or an object: what was asked, and the job that makes it."""

    id: str
    job: Job
    look: str
    request: dict[str, Any]
    base_tiles: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class World:
    """Everything the service knows. `now` and `origin` are those of the call that is being answered."""

    variant: Variant
    seed: int
    job_seconds: float
    sync_seconds: float
    max_jobs: int | None
    accounts: dict[str, Account]
    now: float = 0.0
    origin: str = ""
    jobs: dict[str, Job] = field(default_factory=dict)
    figures: dict[str, Figure] = field(default_factory=dict)
    tilesets: dict[str, Terrain] = field(default_factory=dict)
    tiles: dict[str, Terrain] = field(default_factory=dict)
    objects: dict[str, Terrain] = field(default_factory=dict)
    storage: dict[str, Callable[[], bytes]] = field(default_factory=dict)
    busy_until: list[tuple[str, float]] = field(default_factory=list)  # account key, end of synchronous work
    throttled: dict[str, int] = field(default_factory=lambda: {"rate": 0, "concurrency": 0})
    ids: int = 0

    def new_id(self) -> str:
        """A UUID that depends on the seed and on how many were given out."""
        self.ids += 1
        numbers = [pictures.digit("id", self.seed, self.ids, part) for part in range(4)]
        return str(UUID(int=sum(number << 32 * place for place, number in enumerate(numbers)), version=4))

    def stamp(self, time: float) -> str:
        """A time of the emulator's clock as the API writes it."""
        return (EPOCH + timedelta(seconds=int(time))).strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def date(self) -> str:
        """Now, as the `Date` header of every answer says it (RFC 9110 section 6.6.1)."""
        return format_datetime(EPOCH + timedelta(seconds=int(self.now)), usegmt=True)

    def price(self, account: Account, kind: str) -> Charge:
        """What one piece of work costs this account; without a remote id."""
        generations, dollars = PRICES[kind]
        return Charge(account.unit, generations if account.unit == "generations" else dollars)

    def pay(self, call: Call, account: Account, kind: str, times: int = 1, remote_id: str = "") -> Charge:
        """Charges for `times` pieces of work and returns the price of one. Raises Refusal where the money is out."""
        one = self.price(account, kind)
        amount = round(one.amount * times, 6)
        if amount > round(account.left, 6):
            raise Refusal(402, "Insufficient credits. Please purchase more credits or upgrade your subscription.")
        account.left = round(account.left - amount, 6)
        account.history.append((self.now, amount))
        call.charge = Charge(account.unit, amount, remote_id)
        return replace(one, remote_id=remote_id)

    def make_room(self, account: Account, jobs: int = 1) -> None:
        """Raises Refusal where the account would run more jobs than it may."""
        if self.max_jobs is None:
            return
        running = sum(job.owner is account and self.now < job.ready for job in self.jobs.values())
        running += sum(key == account.key and self.now < end for key, end in self.busy_until)
        if running + jobs > self.max_jobs:
            self.throttled["concurrency"] += 1
            raise Refusal(429, f"Too many concurrent jobs. Your plan allows {self.max_jobs}.")

    def start(self, call: Call, account: Account, kind: str, charge: Charge, fate: str, result: dict[str, Any]) -> Job:
        """Starts a background job; its id is a new one, or the one that was charged as `background_job_id`."""
        job = Job(
            id=str(result.pop("background_job_id", "")) or self.new_id(),
            owner=account,
            kind=kind,
            created=self.now,
            seconds=self.job_seconds,
            charge=charge,
            route=call.route,
            body=call.body_hash,
            result=result,
            fate=fate.partition("@")[0],
        )
        self.jobs[job.id] = job
        return job

    def settle(self, call: Call) -> None:
        """Gives back the money of jobs that failed meanwhile."""
        if not self.variant.refunds:
            return
        for job in self.jobs.values():
            if job.broken and not job.refunded and self.now >= job.ready:
                job.refunded = True
                job.owner.left = round(job.owner.left + job.charge.amount, 6)
                call.refunds.append(
                    Refund(job.route, job.body, Charge(job.charge.unit, -job.charge.amount, job.charge.remote_id))
                )

    def usage(self, charge: Charge | None) -> dict[str, Any] | None:
        """The `usage` object: what was charged; None asks for the one of an accepted job."""
        if charge is None:
            return None if self.variant.usage_on_accept == "null" else {"type": "usd", "usd": 0.0, "generations": None}
        dollars = charge.unit == "usd"
        amount = charge.amount
        return {"type": charge.unit, "usd": amount if dollars else None, "generations": None if dollars else amount}

    def image(self, pixels: Pixels) -> dict[str, Any]:
        """A picture as the API sends it inside JSON."""
        encoding = self.variant.encoding
        if encoding in ("rgba", "rgba_unsized"):
            height, width = pixels.shape[:2]
            raw = {"type": "rgba_bytes", "base64": _text(np.ascontiguousarray(pixels).tobytes())}
            return raw | ({"width": width, "height": height} if encoding == "rgba" else {})
        prefix = "data:image/png;base64," if encoding == "data_url" else ""
        image = {"type": "base64", "base64": prefix + _text(pictures.png(pixels))}
        return image | ({"format": "png"} if self.variant.format_key else {})

    def image_url(self, path: str, draw: Callable[[], bytes]) -> str:
        """A URL under /storage behind which `draw` makes the bytes; the stamp changes with the time of drawing."""
        self.storage.setdefault(path, draw)
        return f"{self.origin}/storage/v1/object/public/{path}?t={int(self.now)}"

    def locked(self, what: str) -> Refusal:
        """423, with or without Retry-After."""
        return Refusal(423, f"{what} is still being generated", "1" if self.variant.locked_retry_after else "")


def only_for(fate: str, direction: str) -> str:
    """The part of a fate "failed@east" that concerns one direction; without "@" it concerns all."""
    kind, _, only = fate.partition("@")
    return kind if only in ("", direction) else ""


def page(items: Sequence[Any], query: Any) -> Sequence[Any]:
    """The items that `limit` (default 50) and `offset` ask for. Raises Refusal for numbers out of bounds."""
    numbers = {}
    for name, default, least, most in (("limit", 50, 1, 100), ("offset", 0, 0, 10**9)):
        text = query.get(name, str(default))
        if not text.isdecimal() or not least <= int(text) <= most:
            kind = "greater_than_equal" if text.isdecimal() and int(text) < least else "int_parsing"
            detail = {"type": kind, "loc": ["query", name], "msg": f"Input should be in {least}..{most}", "input": text}
            raise Refusal(422, [detail])
        numbers[name] = int(text)
    return items[numbers["offset"] : numbers["offset"] + numbers["limit"]]


def _text(data: bytes) -> str:
    return b64encode(data).decode()
