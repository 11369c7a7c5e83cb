"""The ring of events and its cursor."""

from __future__ import annotations

import asyncio
import hashlib
import threading

from bridge.daemon.events import EventLog


def _log(capacity: int = 5) -> EventLog:
    return EventLog("run", capacity=capacity, now=lambda: 12.5)


def test_events_come_in_order_and_once() -> None:
    log = _log()
    start = log.cursor
    log.publish("asset", "art/a", state="building", progress=0.5)
    middle = log.cursor
    log.publish("done", request=1)
    assert [event.type for event in log.after(start) or ()] == ["asset", "done"]
    assert [event.type for event in log.after(middle) or ()] == ["done"]
    assert log.after(log.cursor) == []


def test_the_json_form() -> None:
    log = _log()
    log.publish("asset", "art/a", state="ready", files={"godot": ["g/a.tres"]}, request=3)
    events = log.after("0")
    assert events is not None
    (event,) = events
    assert event.as_dict() == {
        "seq": "run.1",
        "at": 12.5,
        "type": "asset",
        "key": hashlib.sha256(b"art/a").hexdigest()[:16],
        "id": "art/a",
        "state": "ready",
        "progress": None,
        "files": {"godot": ["g/a.tres"]},
        "request": 3,
    }


def test_cursors_that_lead_nowhere() -> None:
    log = _log(capacity=3)
    for _ in range(5):
        log.publish("done")
    assert len(log.after("run.2") or ()) == 3
    for cursor in ("run.1", "0", "run.6", "other.3", "run.", "run.-1", "run.x", "3", "run.²", "run." + "9" * 5000):
        assert log.after(cursor) is None, cursor


def test_waiting_ends_with_an_event_of_another_thread() -> None:
    log = _log()

    async def scene() -> None:
        threading.Timer(0.05, log.publish, ("done",)).start()
        events, cursor = await log.wait("", 10)
        assert [event.type for event in events or ()] == ["done"]
        assert cursor == "run.1"

    asyncio.run(scene())


def test_waiting_ends_without_events() -> None:
    assert asyncio.run(_log().wait("", 0.01)) == ([], "run.0")


def test_waiting_ends_when_the_log_is_closed() -> None:
    log = _log()

    async def scene() -> None:
        threading.Timer(0.05, log.close).start()
        assert await log.wait("", 30) == ([], "run.0")
        assert [part async for part in log.stream("")] == [b"retry: 1000\n\n"]

    asyncio.run(scene())


def test_a_stream_says_reset_and_goes_on() -> None:
    log = _log()
    log.publish("done")

    async def scene() -> list[bytes]:
        stream = log.stream("older.7")
        parts = [await anext(stream) for _ in range(2)]
        log.publish("changed", paths=["a"])
        parts.append(await anext(stream))
        return parts

    _, first, second = asyncio.run(scene())
    assert first == b'id: run.1\nevent: reset\ndata: {"type": "reset", "seq": "run.1"}\n\n'
    assert second.startswith(b"id: run.2\nevent: changed\n")
