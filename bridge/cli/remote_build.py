"""Commands through the daemon that runs for the project: it goes on while editors look on, and nothing is locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge.build.reporter import AssetResult, OrderNotice
from bridge.cli.output import print_note
from bridge.config.project_config import read_config
from bridge.core.errors import EXIT_INTERRUPTED, BridgeError, WorkFailed
from bridge.core.paths import DAEMON_FILE, find_project

if TYPE_CHECKING:
    from bridge.cli.render import LineProgress
    from bridge.daemon.client import DaemonClient

# A plan that somebody else's build changes while it is being approved is looked at again so often.
_TRIES = 5


def root_of(project_dir: Path | None) -> Path:
    """The project's folder.

    Raises:
        UserError: `no_project`, `config_invalid`.
    """
    return read_config(find_project(project_dir or Path.cwd())).root


def find_daemon(project_dir: Path | None, *, no_daemon: bool) -> DaemonClient | None:
    """The daemon to ask, if one of this version answers; one that cannot be used is mentioned on stderr."""
    if no_daemon:
        return None
    folder = find_project(project_dir or Path.cwd())
    if not (folder / DAEMON_FILE).exists():
        return None
    from bridge.daemon.client import find_daemon

    search = find_daemon(read_config(folder).root)
    if search.why_not:
        print_note(f"note: {search.why_not}; working without it")
    return search.client


def approve_build(client: DaemonClient, body: Mapping[str, Any], digest: str | None) -> dict[str, Any]:
    """Queues a build for what the plan of `digest` says; without one, for what it says now.

    Raises:
        BridgeError: `plan_changed` and what else the daemon says.
    """
    tries = 1 if digest is not None else _TRIES
    while True:
        tries -= 1
        seen = digest or client.get("/v1/plan")["digest"]
        try:
            return client.post("/v1/approve", {**body, "digest": seen})
        except BridgeError as error:
            if error.code != "plan_changed" or tries == 0:
                raise


def build_body(caps: Mapping[str, Decimal], *, force: bool) -> dict[str, Any]:
    """What the body of every build says besides what to build."""
    return {"every": True, "force": force, "max_cost": {unit: str(amount) for unit, amount in caps.items()}}


def follow_build(client: DaemonClient, queued: Mapping[str, Any], progress: LineProgress) -> dict[str, Any]:
    """Shows a queued build as it goes; returns its outcome (`GET /v1/builds/NUMBER`).

    Raises:
        BridgeError: what stopped it as a whole; `daemon_failed` when the daemon is gone.
    """
    from bridge.daemon.client import RemoteError, group_errors

    number, shown = queued["request"], set()
    try:
        for event in client.events(queued["cursor"]):
            if event["type"] == "reset":
                if client.get(f"/v1/builds/{number}")["done"]:
                    break
            elif event.get("request") == number:
                if event["type"] == "done":
                    break
                if "result" in event:
                    shown.add(event["id"])
                _show_event(event, progress)
        outcome = client.get(f"/v1/builds/{number}")
        results = outcome["assets"]
        # Events that were lost: whoever reads too slowly is told to look anew.
        for done, document in enumerate(results, start=1):
            if document["id"] not in shown:
                progress.asset(_read_result(document), done, len(results))
    finally:
        progress.close()
    if outcome["failures"]:
        # One group has errors of one kind: the strongest code of all is that of each.
        raise group_errors([RemoteError(failure, outcome["exit_codes"][0]) for failure in outcome["failures"]])
    return outcome


def _show_event(event: Mapping[str, Any], progress: LineProgress) -> None:
    if event["type"] == "job":
        order = OrderNotice(event["id"], event["step"], event["state"], event["provider"], event["job"])
        progress.order(order, event["progress"])
    elif "result" in event:
        progress.asset(_read_result(event["result"]), event["done"], event["total"])
    elif event.get("state") == "building":
        progress.step(event["id"], event["step"], event["done"], event["total"])


def _read_result(document: Mapping[str, Any]) -> AssetResult:
    from bridge.daemon.client import RemoteError

    error = RemoteError(document["error"]) if document["error"] else None
    return AssetResult(
        document["id"], document["state"], error, document["outputs"], document["changed"], document["notes"]
    )


def report_detached(ids: Sequence[str], *, as_json: bool) -> int:
    """Ctrl-C while the daemon works: says what goes on; returns the exit code."""
    from bridge.cli.errors import print_error

    what = ", ".join(ids) if ids else "the project"
    hint = "`assetbridge daemon stop` ends it at its next safe point."
    print_error(
        WorkFailed("interrupted", f"waits no longer; the daemon goes on building {what}", hint=hint), as_json=as_json
    )
    return EXIT_INTERRUPTED
