"""What happens, in order: one ring of events with one cursor for server-sent events and long polls alike.

The ring lives in memory: a cursor names the daemon's run and how many events it had seen. Whoever comes with a
cursor of another run, or of events that were overwritten, gets `reset` and looks at everything anew.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bridge.core.visible import write_json
from bridge.daemon.asset_key import key_of

CAPACITY = 2000
HEARTBEAT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class DaemonEvent:
    """One event. at: seconds since 1970. files: project-relative paths written, by target. progress: 0–1.

    data: further facts by type (`error`, `step`, `request`, `job`, `paths`).
    """

    seq: str
    at: float
    type: str
    id: str | None = None
    state: str | None = None
    progress: float | None = None
    files: Mapping[str, list[str]] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form ; `seq` is text, so that no reader rounds it."""
        return {
            "seq": self.seq,
            "at": self.at,
            "type": self.type,
            "key": key_of(self.id) if self.id is not None else None,
            "id": self.id,
            "state": self.state,
            "progress": self.progress,
            "files": {target: list(paths) for target, paths in self.files.items()},
            **self.data,
        }


class EventLog:
    """Append-only; `publish` and `close` may be called from any thread, the rest belongs to an event loop.

    run: names this run of the daemon, in every cursor. listeners: how many streams are open and how many polls wait.
    """

    def __init__(self, run: str, *, capacity: int = CAPACITY, now: Callable[[], float] = time.time) -> None:
        self._run = run
        self._now = now
        self._ring: deque[DaemonEvent] = deque(maxlen=capacity)
        self._count = 0
        # Signal handlers close it while the same thread may be publishing.
        self._lock = threading.RLock()
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self.listeners = 0
        self.closed = False

    @property
    def cursor(self) -> str:
        """After the last event."""
        return f"{self._run}.{self._count}"

    def publish(self, kind: str, asset_id: str | None = None, **facts: Any) -> None:
        """Appends an event; `facts` are fields of `DaemonEvent`, and others for its `data`."""
        own = {name: facts.pop(name) for name in ("state", "progress", "files") if name in facts}
        with self._lock:
            self._count += 1
            self._ring.append(DaemonEvent(self.cursor, round(self._now(), 3), kind, asset_id, data=facts, **own))
            self._wake_waiting()

    def close(self) -> None:
        """Ends all waiting and all streams."""
        with self._lock:
            self.closed = True
            self._wake_waiting()

    def _wake_waiting(self) -> None:
        for event, loop in self._waiting.items():
            loop.call_soon_threadsafe(event.set)

    def after(self, cursor: str) -> list[DaemonEvent] | None:
        """The events since a cursor (`0`: since the start, empty: none); None when it does not lead into the ring."""
        with self._lock:
            count = self._read_cursor(cursor)
            first = self._count - len(self._ring)
            if count is None or not first <= count <= self._count:
                return None
            return list(itertools.islice(self._ring, count - first, None))

    def _read_cursor(self, cursor: str) -> int | None:
        """How many events had happened at a cursor; None for one of another run."""
        if cursor in ("", "0"):
            return 0 if cursor else self._count
        run, _, count = cursor.rpartition(".")
        return int(count) if run == self._run and count.isascii() and count.isdigit() and len(count) < 16 else None

    async def wait(self, cursor: str, seconds: float) -> tuple[list[DaemonEvent] | None, str]:
        """Events since `cursor`, at the latest after `seconds` (then none), and the cursor to go on from."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        cursor = f"{self._run}.0" if cursor == "0" else cursor or self.cursor
        event = asyncio.Event()
        with self._lock:
            self._waiting[event] = loop
        try:
            while True:
                event.clear()
                events = self.after(cursor)
                if events is None:
                    return None, self.cursor
                if events:
                    return events, events[-1].seq
                left = deadline - loop.time()
                if self.closed or left <= 0:
                    return [], cursor
                try:
                    await asyncio.wait_for(event.wait(), left)
                except TimeoutError:
                    return [], cursor
        finally:
            with self._lock:
                del self._waiting[event]

    @contextmanager
    def _listening(self) -> Iterator[None]:
        self.listeners += 1
        try:
            yield
        finally:
            self.listeners -= 1

    async def poll(self, cursor: str, seconds: float) -> tuple[list[DaemonEvent] | None, str]:
        """As `wait`, for somebody who counts as a listener meanwhile."""
        with self._listening():
            return await self.wait(cursor, seconds)

    async def stream(self, cursor: str) -> AsyncIterator[bytes]:
        """Server-sent events (HTML Living Standard, 9.2) since a cursor; ends when the log is closed."""
        cursor = cursor or self.cursor
        with self._listening():
            yield b"retry: 1000\n\n"
            while not self.closed:
                events, cursor = await self.wait(cursor, HEARTBEAT_SECONDS)
                if events is None:
                    yield _encode_event(cursor, reset_event(cursor))
                for event in events or ():
                    yield _encode_event(event.seq, event.as_dict())
                if events == []:
                    yield b": still here\n\n"


def reset_event(cursor: str) -> dict[str, Any]:
    """Said once instead of events that are gone; `seq` is where to go on."""
    return {"type": "reset", "seq": cursor}


def _encode_event(seq: str, event: Mapping[str, Any]) -> bytes:
    return f"id: {seq}\nevent: {event['type']}\ndata: {write_json(event)}\n\n".encode()
