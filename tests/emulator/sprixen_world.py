"""The state of the emulated Sprixen: accounts, jobs, sprites, and the bytes behind addresses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Literal

from tests.emulator import pictures
from tests.emulator.ledger import Charge
from tests.emulator.personality import Call, Refund
from tests.emulator.sprixen_maps import GameMap

EPOCH = datetime(2026, 1, 15, 12, tzinfo=UTC)


class Refusal(Exception):
    """An error answer: a status, and a message or a list of them."""

    def __init__(self, status: int, message: Any) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message


@dataclass(frozen=True, slots=True)
class Style:
    """Where the documentation is silent or was seen to be wrong.

    accepted: status of accepted orders. relative: addresses without host. sheet: how frames lie on a sheet. extra_urls:
    generations show three pictures whatever was ordered. process_async: processed copies are jobs. reset: form of
    X-RateLimit-Reset. export: form of an exported map (the map itself with addresses, or with names of pictures of a
    pack; an archive; an address of it). nested: a map shows its layers in one field. edit_price: credits of an edit.
    refunds: failed jobs give their credits back; only the balance shows it.
    """

    accepted: int = 201
    relative: bool = True
    sheet: Literal["strip", "grid", "column"] = "strip"
    extra_urls: bool = False
    process_async: bool = False
    reset: Literal["relative", "absolute", "absent"] = "relative"
    export: Literal["tmx", "names", "zip", "url"] = "tmx"
    nested: bool = True
    edit_price: float = 1.0
    refunds: bool = False


@dataclass(slots=True)
class Account:
    """Who pays, and what is left."""

    key: str
    left: float


@dataclass(slots=True)
class Job:
    """Something ordered: its request, and where its files are when it is done."""

    id: str
    owner: Account
    family: str
    created: float
    seconds: float
    request: dict[str, Any]
    fate: str = ""
    urls: list[str] = field(default_factory=list)
    price: float = 0.0
    route: str = ""
    body_hash: str = ""
    refunded: bool = False

    def status(self, now: float) -> str:
        """The word for now."""
        if self.fate == "stuck" or now < self.created + self.seconds:
            return "pending" if now < self.created + self.seconds / 2 else "processing"
        return "failed" if self.fate == "failed" else "completed"


@dataclass(slots=True)
class Sprite:
    """A promoted picture of a generation."""

    id: str
    owner: Account
    look: str
    url: str
    project: str


@dataclass(slots=True)
class Project:
    """A project: its fields as they were sent."""

    id: str
    owner: Account
    fields: dict[str, Any]


@dataclass(slots=True)
class World:
    """Everything the service knows. `now` and `origin` are those of the call that is being answered."""

    style: Style
    job_seconds: float
    max_jobs: int | None
    accounts: dict[str, Account]
    now: float = 0.0
    origin: str = ""
    jobs: dict[str, Job] = field(default_factory=dict)
    sprites: dict[str, Sprite] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    maps: dict[str, tuple[Account, GameMap]] = field(default_factory=dict)
    storage: dict[str, Callable[[], bytes]] = field(default_factory=dict)
    ids: int = 0

    @property
    def unix(self) -> float:
        """Now, in seconds since 1970."""
        return EPOCH.timestamp() + self.now

    @property
    def date(self) -> str:
        """Now, as the `Date` header says it."""
        return format_datetime(EPOCH + timedelta(seconds=int(self.now)), usegmt=True)

    def stamp(self, time: float) -> str:
        """A time of the emulator's clock as the API writes it."""
        return (EPOCH + timedelta(seconds=int(time))).strftime("%Y-%m-%dT%H:%M:%S.000Z")

    def new_id(self) -> str:
        """An opaque id of 25 characters."""
        self.ids += 1
        return f"cm{pictures.digit('id', self.ids):010d}{pictures.digit('more', self.ids):010d}{self.ids:03d}"

    def pay(self, call: Call, account: Account, amount: float, remote_id: str) -> None:
        """Charges. Raises Refusal where the credits are out."""
        if amount > account.left:
            raise Refusal(402, f"Insufficient credits. You have {account.left:g} credits remaining.")
        account.left -= amount
        call.charge = Charge("credits", amount, remote_id)

    def start(self, call: Call, account: Account, family: str, request: dict[str, Any], price: float) -> Job:
        """Charges for a job and starts it."""
        running = [job for job in self.jobs.values() if job.owner is account and job.status(self.now) in _RUNNING]
        if self.max_jobs is not None and len(running) >= self.max_jobs:
            raise Refusal(429, "ThrottlerException: Too Many Requests")
        name = self.new_id()
        self.pay(call, account, price, name)
        fate = call.fate.partition("@")[0]
        job = Job(name, account, family, self.now, self.job_seconds, request, fate)
        job.price, job.route, job.body_hash = price, call.route, call.body_hash
        self.jobs[name] = job
        return job

    def settle(self, call: Call) -> None:
        """Gives back what failed jobs cost, where it does."""
        for job in self.jobs.values() if self.style.refunds else ():
            if job.price and not job.refunded and job.status(self.now) == "failed":
                job.refunded = True
                job.owner.left += job.price
                call.refunds.append(Refund(job.route, job.body_hash, Charge("credits", -job.price, job.id)))

    def job(self, account: Account, family: str, name: str) -> Job:
        """A job of the account. Raises Refusal for what it does not have, or has no more."""
        job = self.jobs.get(name)
        gone = job is not None and job.fate == "expired" and self.now >= job.created + job.seconds
        if job is None or job.owner is not account or job.family != family or gone:
            raise Refusal(404, f"{family} not found")
        return job

    def of(self, account: Account, family: str) -> list[Job]:
        """All jobs of a family, newest first."""
        return [job for job in self.jobs.values() if job.owner is account and job.family == family][::-1]

    def address(self, name: str, draw: Callable[[], bytes]) -> str:
        """An address behind which `draw` makes the bytes."""
        path = f"/api/public/uploads/{name}"
        self.storage[path] = draw
        return path if self.style.relative else f"{self.origin}{path}"


_RUNNING = ("pending", "processing")
