"""Around every command: errors become one clear message and an exit code, never a traceback."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bridge.core.errors import EXIT_BUG, EXIT_FAILED, EXIT_INTERRUPTED, BridgeError, ErrorGroup, WorkFailed

_GO_ON = "Run the same command again to go on."
# strongest first: decisions.md 11
STRENGTH = (EXIT_BUG, 2, 3, 1, 4, 5, 0)


def strongest(codes: Sequence[int]) -> int:
    """The exit code of several results."""
    return min(codes, key=STRENGTH.index, default=0)


def counted(number: int, word: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def guarded(command: Callable[[], int], words: Sequence[str]) -> int:
    """Runs a command; what goes wrong is told on stderr, as JSON on stdout with `--json`."""
    as_json = "--json" in words or "--events" in words
    try:
        code = command()
        sys.stdout.flush()
    except BridgeError as error:
        tell(error, as_json=as_json)
        errors = error.errors if isinstance(error, ErrorGroup) else [error]
        return strongest([one.exit_code for one in errors])
    except KeyboardInterrupt:
        stopped = WorkFailed("interrupted", "stopped; what was finished is kept", hint=_GO_ON)
        if as_json:
            sys.stdout.write(json.dumps({"error": stopped.as_dict()}) + "\n")
        sys.stderr.write(f"\nStopped. What was finished is kept. {_GO_ON}\n")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader went away (`| head`): nothing more can be told, and that is no defect.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED
    except Exception as error:  # noqa: BLE001  the last line of defence: no traceback reaches a user
        return _defect(error, as_json=as_json)
    return code


def _defect(error: Exception, *, as_json: bool) -> int:
    import traceback

    from bridge.core import credentials as secrets
    from bridge.core.redact import redact

    log = Path.cwd() / ".assetbridge" / "crash.log"
    place = ""
    try:
        if log.parent.is_dir():
            log.write_text(redact("".join(traceback.format_exception(error)), secrets.live()), encoding="utf-8")
            place = " Details for a report are in .assetbridge/crash.log."
    except OSError:
        place = ""
    message = redact(f"unexpected {type(error).__name__}: {error}", secrets.live())
    if as_json:
        body = {"code": "internal", "message": message, "hint": place.strip(), "where": None}
        sys.stdout.write(json.dumps({"error": body}) + "\n")
    sys.stderr.write(f"error: {message}. This is a defect in assetbridge.{place}\n")
    return EXIT_BUG


def lines_of(error: BridgeError | dict[str, Any]) -> list[str]:
    """An error as shown to people: place, message, and the way out on a line of its own."""
    data = error if isinstance(error, dict) else error.as_dict()
    where = data.get("where") or {}
    place = ":".join(str(where[key]) for key in ("file", "line", "column") if where.get(key) is not None)
    field = f" [{where['field']}]" if where.get("field") else ""
    lines = [f"error: {place}{': ' if place else ''}{data['message']}{field}"]
    if data.get("hint"):
        lines.append(f"  → {data['hint']}")
    return lines


def tell(error: BridgeError, *, as_json: bool) -> None:
    """Shows an error, or several."""
    errors = error.errors if isinstance(error, ErrorGroup) else [error]
    if as_json:
        body: dict[str, Any] = {"error": errors[0].as_dict()}
        if len(errors) > 1:
            body["errors"] = [one.as_dict() for one in errors]
        sys.stdout.write(json.dumps(body) + "\n")
    for one in errors:
        sys.stderr.write("\n".join(lines_of(one)) + "\n")
