"""Around every command: errors become one clear message and an exit code, never a traceback."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bridge.cli.output import flush_output, print_json, print_note, print_notes
from bridge.core.errors import (
    EXIT_BUG,
    EXIT_CHANGES,
    EXIT_DECISION,
    EXIT_DONE,
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    EXIT_PROVIDER,
    EXIT_USAGE,
    BridgeError,
    ErrorGroup,
    WorkFailed,
)
from bridge.core.paths import CRASH_LOG_FILE, MEMORY_FOLDER
from bridge.core.root_folder import RootFolder

_GO_ON = "Run the same command again to go on."
# Strongest first: what has to be mended before a second run makes sense wins over what a second run may cure, and
# both over a question to a person.
STRENGTH = (EXIT_BUG, EXIT_USAGE, EXIT_PROVIDER, EXIT_FAILED, EXIT_DECISION, EXIT_CHANGES, EXIT_DONE)


def worst_exit_code(codes: Sequence[int]) -> int:
    """The exit code of several results."""
    return min(codes, key=STRENGTH.index, default=EXIT_DONE)


def pluralize(number: int, word: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def run_guarded(command: Callable[[], int], words: Sequence[str]) -> int:
    """Runs a command; what goes wrong is told on stderr, as JSON on stdout with `--json`."""
    as_json = _is_for_programs(words)
    try:
        code = command()
        flush_output()
    except BridgeError as error:
        print_error(error, as_json=as_json)
        errors = error.errors if isinstance(error, ErrorGroup) else [error]
        return worst_exit_code([member.exit_code for member in errors])
    except KeyboardInterrupt:
        return report_interrupt(words)
    except BrokenPipeError:
        # The reader went away (`| head`): nothing more can be told, and that is no defect.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED
    except Exception as error:  # noqa: BLE001  the last line of defence: no traceback reaches a user
        return _report_defect(error, as_json=as_json)
    return code


def report_interrupt(words: Sequence[str]) -> int:
    """Says that a command was stopped; returns the exit code. words: its command line."""
    stopped = WorkFailed("interrupted", "stopped; what was finished is kept", hint=_GO_ON)
    if _is_for_programs(words):
        print_json({"error": stopped.as_dict()})
    print_notes(["", f"Stopped. What was finished is kept. {_GO_ON}"])
    return EXIT_INTERRUPTED


def _is_for_programs(words: Sequence[str]) -> bool:
    return "--json" in words or "--events" in words


def _report_defect(error: Exception, *, as_json: bool) -> int:
    import traceback

    from bridge.core import credentials
    from bridge.core.redact import redact
    from bridge.core.visible import show_lines

    folder = RootFolder(Path.cwd())
    details = ""
    trace = redact("".join(traceback.format_exception(error)), credentials.live_keys())
    with contextlib.suppress(OSError, WorkFailed):
        if folder.exists(MEMORY_FOLDER):
            folder.write(CRASH_LOG_FILE, show_lines(trace).encode("utf-8", "replace"))
            details = f" Details for a report are in {CRASH_LOG_FILE}."
    message = redact(f"unexpected {type(error).__name__}: {error}", credentials.live_keys())
    if as_json:
        body = {"code": "internal", "message": message, "hint": details.strip(), "where": None}
        print_json({"error": body})
    print_note(f"error: {message}. This is a defect in assetbridge.{details}")
    return EXIT_BUG


def error_lines(error: BridgeError | dict[str, Any]) -> list[str]:
    """An error as shown to people: position, message, and the way out on a line of its own."""
    data = error if isinstance(error, dict) else error.as_dict()
    where = data.get("where") or {}
    position = ":".join(str(where[key]) for key in ("file", "line", "column") if where.get(key) is not None)
    field = f" [{where['field']}]" if where.get("field") else ""
    lines = [f"error: {position}{': ' if position else ''}{data['message']}{field}"]
    if data.get("hint"):
        lines.append(f"  → {data['hint']}")
    return lines


def print_error(error: BridgeError, *, as_json: bool) -> None:
    """Shows an error, or several."""
    errors = error.errors if isinstance(error, ErrorGroup) else [error]
    if as_json:
        body: dict[str, Any] = {"error": errors[0].as_dict()}
        if len(errors) > 1:
            body["errors"] = [member.as_dict() for member in errors]
        print_json(body)
    for member in errors:
        print_notes(error_lines(member))
