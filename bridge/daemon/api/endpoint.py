"""One declaration an endpoint: its address, its request and response models, and the function that answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from starlette.responses import Response

from bridge.daemon.api.request_models import RequestModel
from bridge.daemon.events import EventLog
from bridge.daemon.limits import LIMITS, Limits
from bridge.daemon.runtime import Runtime
from bridge.daemon.worker.plan_reader import PlanReader
from bridge.daemon.worker.worker import BuildWorker

Fields = TypeVar("Fields", bound=RequestModel)
Document = dict[str, Any]
ONE_ASSET = "/v1/assets/{key}"
ONE_JOB = "/v1/jobs/{number}"
# Reading the project meets whatever is wrong with its files.
PROJECT_ERRORS = frozenset({404, 409, 500, 502})


@dataclass(frozen=True, slots=True)
class DaemonContext:
    """What endpoints work with. stop: ends the daemon. notice: why files are looked at in turns, if they are.

    limits: how many may listen, and how many builds may wait.
    """

    runtime: Runtime
    worker: BuildWorker
    reader: PlanReader
    log: EventLog
    stop: Callable[[], None]
    notice: Callable[[], str | None]
    endpoints: tuple[Endpoint, ...]
    limits: Limits = LIMITS


@dataclass(frozen=True, slots=True)
class Call(Generic[Fields]):
    """A request that was read. fields: the query of a GET, the body of a POST.

    asset_id, number, kind: what the address names, where it does.
    """

    context: DaemonContext
    fields: Fields
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
Handler = Callable[[Call[Fields]], Answered | Awaitable[Answered]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address. `async` handlers answer in the event loop, others in a thread; their docstring says what they do.

    operation: its name in OpenAPI. request_model: query of a GET, body of a POST. response_model: None for any object.
    status: of success. errors: beside those of every request. media: of the answer. unknown: the error code for a
    number in the address that counts nothing.
    """

    operation: str
    method: str
    path: str
    handler: Handler[Any]
    request_model: type[RequestModel] = RequestModel
    response_model: Any = None
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
        self, operation: str, path: str, request_model: type[Fields], response_model: Any = None, **facts: Any
    ) -> Callable[[Handler[Fields]], Handler[Fields]]:
        """Declares what reads. facts: further fields of `Endpoint`."""
        return self._declare("GET", operation, path, request_model, {"response_model": response_model, **facts})

    def post(
        self, operation: str, path: str, request_model: type[Fields], response_model: Any = None, **facts: Any
    ) -> Callable[[Handler[Fields]], Handler[Fields]]:
        """Declares what changes something."""
        return self._declare("POST", operation, path, request_model, {"response_model": response_model, **facts})

    def _declare(
        self, method: str, operation: str, path: str, request_model: type[Fields], facts: Mapping[str, Any]
    ) -> Callable[[Handler[Fields]], Handler[Fields]]:
        def declared(handler: Handler[Fields]) -> Handler[Fields]:
            self._rows.append(Endpoint(operation, method, path, handler, request_model, **facts))
            return handler

        return declared
