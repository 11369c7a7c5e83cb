"""A provider in memory with a ledger that knows the truth, and a clock that nobody has to wait for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import TracebackType
from typing import Any, Self

from bridge.core.credentials import ApiKey
from bridge.http.api import Api, Method
from bridge.http.outcome import Answer, Outcome, Sent, TransportError
from bridge.orders.access import ProviderAccess
from bridge.orders.model import OrderRequest
from bridge.orders.runner.rate_limit import RateLimiter
from bridge.providers.api import Price, ResultFile, Step, StepResult
from bridge.providers.paid import (
    Accepted,
    Balance,
    Broken,
    Capabilities,
    Charge,
    DamagedResultError,
    Delivered,
    Finished,
    FreeCalls,
    Gone,
    LostOrder,
    Models,
    Order,
    OrderRefusal,
    RateLimits,
    Remote,
    RemoteAsset,
    Running,
    Status,
)


class FakeClock:
    """Time that passes only by sleeping."""

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self.time = start
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += max(0.0, seconds)
        await asyncio.sleep(0)

    def chance(self) -> float:
        return 0.5


@dataclass
class Shop:
    """The provider's side. `script` has a word per submission (then all go well):

    ok, delivered, not_sent, rejected, limited, lost (charged, no answer), never (not charged, no answer), nonsense.
    """

    script: list[str] = field(default_factory=list)
    charges: list[str] = field(default_factory=list)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    polls: int = 0
    looks: int = 2
    fail: str = ""
    searchable: bool = False
    offline: int = 0
    broken_fetches: int = 0
    fetches: int = 0
    most_at_once: int = 0
    at_once: int = 0

    def submit(self, body: bytes, key: str | None) -> Sent:
        word = self.script.pop(0) if self.script else "ok"
        if word == "not_sent":
            return Sent(Outcome.NOT_SENT, detail="connection refused")
        if word == "limited":
            return Sent(Outcome.RATE_LIMITED, Answer(429, {}, b""), retry_after=7.0, detail="HTTP 429")
        if word == "rejected":
            return Sent(Outcome.REJECTED, Answer(422, {}, b'{"detail": "too large"}'), detail="HTTP 422")
        if word == "never":
            return Sent(Outcome.UNKNOWN, detail="the connection broke")
        number = self._order(body, key)
        if word == "lost":
            return Sent(Outcome.UNKNOWN, detail="the connection broke")
        if word == "nonsense":
            return Sent(Outcome.OK, Answer(200, {}, b"<html>"))
        answer = {"image": "x" + number} if word == "delivered" else {"job": number}
        return Sent(Outcome.OK, Answer(200, {}, json.dumps(answer).encode()))

    def _order(self, body: bytes, key: str | None) -> str:
        if key is not None and key in self.keys:
            return self.keys[key]
        number = f"r{len(self.orders) + 1}"
        self.charges.append(body.decode())
        self.orders[number] = {"body": body.decode(), "looks": 0}
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        if key is not None:
            self.keys[key] = number
        return number


class FakeLine:
    """OrderConnection that reach a `Shop`."""

    def __init__(self, shop: Shop, pace: RateLimiter) -> None:
        self.shop = shop
        self.pace = pace

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    async def submit(
        self, path: str, body: bytes, headers: Mapping[str, str] | None = None, *, method: Method = "POST"
    ) -> Sent:
        assert path == "/make"
        await asyncio.sleep(0)
        return self.shop.submit(body, (headers or {}).get("Idempotency-Key"))

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Answer:
        await self.pace.before_request()
        if self.shop.offline:
            self.shop.offline -= 1
            raise TransportError("offline", "no connection")
        self.shop.polls += 1
        if path == "/list":
            return Answer(
                200,
                {},
                json.dumps(
                    {"orders": {n: json.loads(o["body"])["what"] for n, o in self.shop.orders.items()}}
                ).encode(),
            )
        number = path.rsplit("/", 1)[-1]
        order = self.shop.orders.get(number)
        if order is None:
            raise TransportError("refused", "not found", 404, Answer(404, {}, b"{}"))
        order["looks"] += 1
        done = order["looks"] >= self.shop.looks
        if order["looks"] == self.shop.looks:
            self.shop.at_once -= 1
        return Answer(200, {}, json.dumps({"done": done, "body": order["body"], "failed": self.shop.fail}).encode())

    async def download(self, url: str, *, most: int = 0) -> Answer:
        raise AssertionError(url)


class FakeProvider:
    """An adapter for `Shop`."""

    name = "shop"
    kinds = frozenset({"sprite"})
    offline = False
    main_id = "job"
    api = Api("http://127.0.0.1:1", "SHOP_API_KEY")

    def __init__(self, abilities: Capabilities | None = None, limits: RateLimits | None = None) -> None:
        self.abilities = abilities or Capabilities()
        self.limits = limits or RateLimits(poll_first=5, poll=5, poll_most=15, patience=600)

    def compile(self, spec: object, context: object) -> Sequence[Step]:
        raise AssertionError

    def interpret(self, step: Step, result: StepResult) -> Sequence[Any]:
        raise AssertionError

    def order(self, step: Step, inputs: Mapping[str, bytes], needed: Mapping[str, StepResult]) -> Order:
        del needed
        return Order("/make", {**step.params, "seed": step.seed, "inputs": sorted(inputs)})

    def adopted_ids(self, step: Step) -> Mapping[str, str] | None:
        return {"job": step.params["adopt"]} if "adopt" in step.params else None

    async def assets(self, calls: FreeCalls) -> Sequence[RemoteAsset]:
        return []

    def cancelling(self, ids: Mapping[str, str]) -> Order:
        raise NotImplementedError

    async def models(self, calls: FreeCalls, about: Sequence[str] = ()) -> Models:
        return Models([])

    def accepted(self, step: Step, answer: Answer) -> Accepted | None:
        data = answer.json()
        if not isinstance(data, dict):
            return None
        if "image" in data:
            return Delivered(_result(data["image"]), Charge("coins", Decimal(2)))
        return Remote({"job": data["job"]}) if "job" in data else None

    def refusal(self, step: Step, answer: Answer) -> OrderRefusal:
        return OrderRefusal("provider_refused", f"shop says: {answer.json()['detail']}", "Make it smaller.", "size")

    async def check(self, calls: FreeCalls, step: Step, ids: Mapping[str, str]) -> Status:
        try:
            data = (await calls.get(f"/jobs/{ids['job']}")).json()
        except TransportError as error:
            if error.status == 404:
                return Gone("unknown job")
            raise
        if data["failed"]:
            return Broken(data["failed"])
        return Finished(Charge("coins", Decimal(3)), {"body": data["body"]}) if data["done"] else Running(0.5)

    async def fetch(
        self, calls: FreeCalls, step: Step, ids: Mapping[str, str], facts: Mapping[str, Any]
    ) -> StepResult | Running | Gone:
        shop: Shop = calls.shop  # type: ignore[attr-defined]
        shop.fetches += 1
        if shop.broken_fetches:
            shop.broken_fetches -= 1
            raise DamagedResultError("it is cut off", [ResultFile("a.txt", "text/plain", b"ha")])
        return _result(facts["body"])

    async def search(self, calls: FreeCalls, lost: LostOrder) -> Sequence[Remote]:
        """By what is drawn, not by its seed: lists of providers do not tell everything."""
        data = (await calls.get("/list")).json()
        return [Remote({"job": number}) for number, what in data["orders"].items() if what == lost.body["what"]]

    async def balance(self, calls: FreeCalls) -> Balance:
        return Balance({"coins": Decimal(100)})


def _result(text: str) -> StepResult:
    return StepResult((ResultFile("a.txt", "text/plain", text.encode()),), {"made": True})


def access(provider: FakeProvider) -> ProviderAccess:
    return ProviderAccess(
        provider, provider.api, provider.limits, ApiKey("SHOP_API_KEY", "environment", "secret-key-1")
    )


def wish(name: str = "art/rock", *, seed: int = 1, price: Price | None = None) -> OrderRequest:
    step = Step(
        "image/1", "shop", "make", {"what": name}, seed, price=price or Price("coins", Decimal(3)), field="size"
    )
    return OrderRequest(name, step, f"f1:{name}:{seed}")
