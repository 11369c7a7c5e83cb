"""What anybody may ask of the daemon at most: one table, which docs/reference/daemon.md shows.

Any program of this machine, of any user, can open a connection; only the token tells a friend from a stranger. So the
limits of strangers are their own: whatever they do, those who have the token find a place.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, fields, replace
from typing import Any

if sys.platform != "win32":
    import resource

# Descriptors that are not connections: databases, watches, pictures that are being written.
SPARE_DESCRIPTORS = 192
_WANTED_DESCRIPTORS = 4096


def _limit(value: Any, unit: str, meaning: str) -> Any:
    return field(default=value, metadata={"unit": unit, "meaning": meaning})


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one daemon; tests run with smaller ones."""

    connections: int = _limit(512, "connections", "that have shown the token; for more, one that is idle is closed")
    strangers: int = _limit(256, "connections", "that have not shown the token yet; for more, the oldest is closed")
    header_seconds: float = _limit(5.0, "s", "until a request's header is there as a whole (408)")
    body_seconds: float = _limit(30.0, "s", "until a request's body is there as a whole (408)")
    idle_seconds: int = _limit(5, "s", "that a connection is kept between two requests")
    stalled_seconds: float = _limit(60.0, "s", "that an answer waits for somebody who does not read it")
    header_bytes: int = _limit(16 << 10, "bytes", "of a request's header (431)")
    body_bytes: int = _limit(1 << 20, "bytes", "of a request's body (413)")
    listeners: int = _limit(256, "requests", "for events that wait at once (503)")
    builds: int = _limit(256, "builds", "that wait or run at once (503)")
    log_bytes: int = _limit(1 << 20, "bytes", "of `daemon.log`; what was in it is kept once, as `daemon.log.1`")
    log_lines: int = _limit(100, "entries a minute", "in `daemon.log`; the same one at most three times")
    look_seconds: float = _limit(1.0, "s", "between two looks whether the project's folder is still the same")


LIMITS = Limits()


def list_limits(limits: Limits = LIMITS) -> list[tuple[str, str, str]]:
    """Every limit as text: its name, its value with unit, and what it is of."""
    return [
        (row.name, f"{_show_number(getattr(limits, row.name))} {row.metadata['unit']}", row.metadata["meaning"])
        for row in fields(Limits)
    ]


def _show_number(number: float) -> str:
    return str(number) if isinstance(number, int) else f"{number:g}"


def fit_descriptors(limits: Limits, descriptors: int) -> Limits:
    """The limits for a process that may open so many files: connections leave enough for everything else."""
    room = max(descriptors - SPARE_DESCRIPTORS, descriptors // 2)
    wanted = limits.connections + limits.strangers
    if wanted <= room:
        return limits
    strangers = max(1, room * limits.strangers // wanted)
    connections = max(1, room - strangers)
    return replace(
        limits, strangers=strangers, connections=connections, listeners=min(limits.listeners, max(1, connections // 2))
    )


def allow_descriptors() -> int:
    """Raises how many files this process may open as far as it may and needs; returns the number."""
    if sys.platform == "win32":
        return _WANTED_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _WANTED_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _WANTED_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < most:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        except (OSError, ValueError):
            return soft
        return most
    return most if soft == resource.RLIM_INFINITY else soft
