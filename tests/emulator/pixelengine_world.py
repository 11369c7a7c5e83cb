"""The state of the emulated Pixel Engine: wallets with holds, jobs, and signed links that end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from uuid import UUID

from tests.emulator import pictures
from tests.emulator.ledger import Charge
from tests.emulator.personality import Call, Refund

EPOCH = datetime(2026, 3, 2, 18, tzinfo=UTC)  # when the emulator's clock starts
QUEUED_SHARE = 0.3  # of a job's time
HOLD_SECONDS = 600.0
LINK_SECONDS = 3600.0
KEEP_SECONDS = 24 * 3600.0
PRICES = {"animate": 20, "keyframes": 24, "retake": 24, "pixelate": 0}


class Refusal(Exception):
    """An error answer: `{"error": {"code", "message"}}` with a status."""

    def __init__(self, status: int, code: str, message: str, retry_after: str = "") -> None:
        super().__init__(status, code, message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after


@dataclass(slots=True)
class Wallet:
    """What the keys of one account pay from: credits, and those that running jobs hold."""

    monthly: int
    purchased: int
    reserved: int = 0

    @property
    def available(self) -> int:
        """What new jobs may use."""
        return max(0, self.monthly + self.purchased - self.reserved)

    def capture(self, amount: int) -> None:
        """Takes held credits for good, the monthly ones first."""
        self.reserved -= amount
        monthly = min(self.monthly, amount)
        self.monthly -= monthly
        self.purchased -= amount - monthly


@dataclass(slots=True)
class Job:
    """One piece of work. Times are in seconds of the emulator's clock; hold: open, captured, released, expired."""

    id: str
    key: str
    created: float
    seconds: float
    credits: int
    inputs: dict[str, Any]
    draw: Callable[[], tuple[bytes, str, dict[str, Any]]]
    route: str
    body: str
    fate: str = ""
    trouble: str = ""
    hold: str = "open"
    cancelled: float | None = None

    @property
    def ready(self) -> float:
        """When it ends; never, for a stuck one."""
        return float("inf") if self.fate == "stuck" else self.created + self.seconds

    @property
    def broken(self) -> bool:
        """Whether it ends without a result."""
        return bool(self.trouble) or self.fate == "failed"

    def word(self, now: float) -> str:
        """Its status."""
        if self.cancelled is not None:
            return "cancelled"
        if now >= self.ready:
            if self.fate == "lag" and now < self.ready + self.seconds:
                return "pending"
            return "failure" if self.broken else "success"
        if self.fate == "unknown word":
            return "warming"
        share = (now - self.created) / self.seconds if self.seconds else 1.0
        queued = share < QUEUED_SHARE or (self.fate == "backwards" and share > 1 - QUEUED_SHARE)
        return "queued" if queued else "pending"


@dataclass(slots=True)
class World:
    """Everything the service knows. `now` and `origin` are those of the call that is being answered."""

    wallet: Wallet
    job_seconds: float
    seed: int = 0
    now: float = 0.0
    origin: str = ""
    jobs: dict[str, Job] = field(default_factory=dict)
    links: dict[str, tuple[str, float]] = field(default_factory=dict)  # token → job id, when it was given out
    ids: int = 0
    epoch: datetime = EPOCH
    keeps_failed: bool = False

    def new_id(self) -> str:
        """A UUID that depends on the seed and on how many were given out."""
        self.ids += 1
        numbers = [pictures.digit("pixelengine", self.seed, self.ids, part) for part in range(4)]
        return str(UUID(int=sum(number << 32 * place for place, number in enumerate(numbers)), version=4))

    def stamp(self, time: float) -> str:
        """A time of the emulator's clock as the API writes it."""
        return (self.epoch + timedelta(seconds=int(time))).strftime("%Y-%m-%dT%H:%M:%S.000Z")

    @property
    def date(self) -> str:
        """Now, as the `Date` header says it."""
        return format_datetime(self.epoch + timedelta(seconds=int(self.now)), usegmt=True)

    def start(self, call: Call, key: str, kind: str, inputs: dict[str, Any], draw: Callable[..., Any]) -> Job:
        """Holds the price and starts a job. The ledger counts a hold as a charge and gives back what is released."""
        credits_ = PRICES[kind]
        if credits_ > self.wallet.available:
            raise Refusal(402, "insufficient_credits", "Not enough available credits.")
        job = Job(
            id=self.new_id(),
            key=key,
            created=self.now,
            seconds=self.job_seconds,
            credits=credits_,
            inputs=inputs,
            draw=draw,
            route=call.route,
            body=call.body_hash,
            fate=call.fate.partition("@")[0],
        )
        self.jobs[job.id] = job
        if credits_:
            self.wallet.reserved += credits_
            call.charge = Charge("credits", credits_, job.id)
        return job

    def settle(self, call: Call) -> None:
        """Ends holds: captured by success, released by failure, ended after ten minutes."""
        for job in self.jobs.values():
            if job.hold != "open" or not job.credits:
                continue
            if self.now >= job.ready and (not job.broken or self.keeps_failed):
                job.hold = "captured"
                self.wallet.capture(job.credits)
            elif self.now >= job.ready or self.now >= job.created + HOLD_SECONDS:
                self.release(call, job, "released" if job.broken else "expired")

    def release(self, call: Call, job: Job, word: str) -> None:
        """Gives a hold back."""
        job.hold = word
        if job.credits:
            self.wallet.reserved -= job.credits
            call.refunds.append(Refund(job.route, job.body, Charge("credits", -job.credits, job.id)))

    def link(self, job: Job) -> str:
        """A new signed link to a job's file."""
        token = f"{pictures.digit('link', job.id, len(self.links)):08x}"
        self.links[token] = (job.id, self.now)
        return f"{self.origin}/storage/v1/object/sign/outputs/{job.id}?token={token}"
