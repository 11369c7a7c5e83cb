"""One declaration an endpoint: its address, what it takes and gives, and the function that answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from starlette.responses import Response

from bridge.daemon.api.request_models import RequestModel
from bridge.daemon.events import EventLog
from bridge.daemon.runtime import Runtime
from bridge.daemon.worker.plan_reader import PlanReader
from bridge.daemon.worker.worker import BuildWorker

Taken = TypeVar("Taken", bound=RequestModel)
Document = dict[str, Any]
ONE_ASSET = "/v1/assets/{key}"
ONE_JOB = "/v1/jobs/{number}"
# Reading the project meets whatever is wrong with its files.
PROJECT_ERRORS = frozenset({404, 409, 500, 502})


@dataclass(frozen=True, slots=True)
class DaemonContext:
    """What endpoints work with. stop: ends the daemon. notice: why files are looked at in turns, if they are."""

    runtime: Runtime
    worker: BuildWorker
    reader: PlanReader
    log: EventLog
    stop: Callable[[], None]
    notice: Callable[[], str | None]
    endpoints: tuple[Endpoint, ...]


@dataclass(frozen=True, slots=True)
class Call(Generic[Taken]):
    """A request that was read. taken: the query of a GET, the body of a POST.

    asset_id, number, kind: what the address names, where it does.
    """

    context: DaemonContext
    taken: Taken
    headers: Mapping[str, str]
    asset_id: str = ""
    number: int = 0
    kind: str = ""

    @property
    def worker(self) -> BuildWorker:
        """Who builds."""
        return self.context.worker

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.context.worker.root


Answered = Document | Response
Handler = Callable[[Call[Taken]], Answered | Awaitable[Answered]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address. `async` handlers answer in the event loop, others in a thread; their docstring says what they do.

    operation: its name in OpenAPI. takes: query of a GET, body of a POST. gives: model of the answer, None for any
    object. status: of success. errors: beside those of every request. media: of the answer. unknown: the error code for
    a number in the address that counts nothing.
    """

    operation: str
    method: str
    path: str
    handler: Handler[Any]
    takes: type[RequestModel] = RequestModel
    gives: Any = None
    status: int = 200
    errors: frozenset[int] = PROJECT_ERRORS
    media: tuple[str, ...] = ("application/json",)
    unknown: str = "unknown_job"

    @property
    def summary(self) -> str:
        """What it does, in one line."""
        return (self.handler.__doc__ or "").split("\n", 1)[0]


@dataclass(frozen=True, slots=True)
class Endpoints:
    """A table of endpoints, declared by decorating their handlers."""

    _rows: list[Endpoint] = field(default_factory=list)

    def __iter__(self) -> Iterator[Endpoint]:
        return iter(self._rows)

    def get(
        self, operation: str, path: str, takes: type[Taken], **facts: Any
    ) -> Callable[[Handler[Taken]], Handler[Taken]]:
        """Declares what reads. facts: further fields of `Endpoint`."""
        return self._declare("GET", operation, path, takes, facts)

    def post(
        self, operation: str, path: str, takes: type[Taken], **facts: Any
    ) -> Callable[[Handler[Taken]], Handler[Taken]]:
        """Declares what changes something."""
        return self._declare("POST", operation, path, takes, facts)

    def _declare(
        self, method: str, operation: str, path: str, takes: type[Taken], facts: Mapping[str, Any]
    ) -> Callable[[Handler[Taken]], Handler[Taken]]:
        def declared(handler: Handler[Taken]) -> Handler[Taken]:
            self._rows.append(Endpoint(operation, method, path, handler, takes, **facts))
            return handler

        return declared
