"""An emulated PixelLab on a clock that the test moves, with a client: the usual setting of a test."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from tests.emulator.client import Client
from tests.emulator.clock import ManualClock
from tests.emulator.pixellab import KEY, PixelLab
from tests.emulator.pixellab_variant import Variant
from tests.emulator.server import Emulator

JOB_SECONDS = 10.0


class Lab:
    """A context manager; `options` go to `PixelLab`. Jobs take JOB_SECONDS of `clock`, unless told otherwise."""

    def __init__(self, variant: Variant | None = None, **options: Any) -> None:
        self.clock = ManualClock()
        self.emulator = Emulator(PixelLab(variant, **{"job_seconds": JOB_SECONDS} | options), clock=self.clock)

    def __enter__(self) -> Self:
        self.emulator.start()
        self.client = self.client_of(KEY)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.emulator.stop()

    def client_of(self, key: str = "", timeout: float = 10.0) -> Client:
        """A client with another key, or without one."""
        return Client(self.emulator.url, key, timeout)

    def finished(self, path: str, body: object) -> Any:
        """Starts a job, lets it finish, and returns what was answered at its start."""
        answer = self.client.post(path, body)
        self.clock.advance(JOB_SECONDS)
        return answer.json
