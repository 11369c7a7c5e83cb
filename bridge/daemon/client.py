"""A project's running daemon, for commands: requests, and what follows of them as events. Standard library only."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge import __version__
from bridge.core.errors import EXIT_FAILED, BridgeError, ErrorGroup, Where, WorkFailed
from bridge.core.paths import DAEMON_FILE
from bridge.daemon import runtime
from bridge.daemon.asset_key import key_of
from bridge.daemon.runtime import Runtime

# The daemon says something every 15 s (events.HEARTBEAT_SECONDS): a stream that is silent for longer is dead.
_SILENCE_SECONDS = 45.0
# Evaluating ten thousand specs takes a while, and a build in the same process makes it longer.
_ANSWER_SECONDS = 300.0
# The plan of ten thousand assets is some ten megabytes.
_MOST_ANSWER_BYTES = 512 << 20


class RemoteError(BridgeError):
    """An error that the daemon answered with; exit_code as it would have been here."""

    def __init__(self, problem: Mapping[str, Any], exit_code: int = EXIT_FAILED) -> None:
        where = problem.get("where")
        super().__init__(
            problem["code"], problem["message"], hint=problem.get("hint") or "", where=Where(**where) if where else None
        )
        self.remote_exit_code = exit_code

    @property
    def exit_code(self) -> int:  # type: ignore[override]  # of this very error, not of its class
        """As the daemon answered."""
        return self.remote_exit_code


def group_errors(errors: list[BridgeError]) -> BridgeError:
    """One error, or several as one."""
    return errors[0] if len(errors) == 1 else ErrorGroup(errors)


@dataclass(frozen=True, slots=True)
class DaemonLookup:
    """A daemon that answers (client), or one sentence on why the one that was recorded is not used; or neither."""

    client: DaemonClient | None = None
    why_not: str = ""


def find_daemon(root: Path) -> DaemonLookup:
    """The daemon of a project."""
    if not (root / DAEMON_FILE).exists():
        return DaemonLookup()
    record = runtime.load_record(root)
    recorded = record.runtime
    if recorded is None:
        return DaemonLookup(why_not=f"{DAEMON_FILE} {record.problem}" if record.problem else "")
    if not runtime.is_answering(recorded, root):
        return DaemonLookup(why_not=f"no daemon answers where {DAEMON_FILE} says")
    if recorded.version != __version__:
        return DaemonLookup(why_not=f"the daemon is version {recorded.version}, this is {__version__}")
    return DaemonLookup(DaemonClient(recorded))


class DaemonClient:
    """Speaks to one daemon."""

    def __init__(self, recorded: Runtime) -> None:
        self._runtime = recorded

    def get(self, path: str) -> dict[str, Any]:
        """The document at an address.

        Raises:
            BridgeError: as the daemon says; `daemon_failed` when it is gone.
        """
        return self._request("GET", path, None)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Has something done; raises as `get`."""
        return self._request("POST", path, body)

    def post_to(self, asset_id: str, verb: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Has something done to an asset; raises as `get`."""
        return self.post(f"/v1/assets/{key_of(asset_id)}/{verb}", body)

    def decide(self, number: int, verb: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Has a decision on an order carried out; returns the job as it is then. Raises as `get`."""
        job: dict[str, Any] = self.post(f"/v1/jobs/{number}/{verb}", body)["job"]
        return job

    def _request(self, method: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        with (
            _expecting_daemon(),
            runtime.open_request(self._runtime, method, path, body, patience=_ANSWER_SECONDS) as answer,
        ):
            document = runtime.read_object(answer, _MOST_ANSWER_BYTES)
        if answer.status < 400:
            return document
        with _expecting_daemon():
            code = int(answer.getheader("x-exit-code") or EXIT_FAILED)
            errors: list[BridgeError] = [
                RemoteError(one, code) for one in document.get("errors") or [document["error"]]
            ]
        raise group_errors(errors)

    def events(self, cursor: str) -> Iterator[dict[str, Any]]:
        """What happens after a cursor, as it happens; never ends by itself.

        Raises:
            WorkFailed: `daemon_failed`: the daemon is gone.
        """
        path = f"/v1/events?after={cursor}"
        with (
            _expecting_daemon(),
            runtime.open_request(self._runtime, "GET", path, patience=_SILENCE_SECONDS) as answer,
        ):
            while line := answer.readline(_MOST_ANSWER_BYTES):
                if line.startswith(b"data: "):
                    yield json.loads(line.removeprefix(b"data: "))
        raise _lost_daemon()


@contextlib.contextmanager
def _expecting_daemon() -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        # Or somebody else is on its port by now and answers anything.
        raise _lost_daemon() from error


def _lost_daemon() -> WorkFailed:
    return WorkFailed(
        "daemon_failed",
        "the daemon does not answer any more; what was finished is kept",
        hint="Run the same command again to go on.",
    )
