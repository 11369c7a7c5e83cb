"""`.assetbridge/crash.log`: the trace of the last defect, for a report."""

from __future__ import annotations

import contextlib
import traceback
from pathlib import Path

from bridge.core import credentials
from bridge.core.disk_errors import reason_of
from bridge.core.errors import BridgeError, Defect, UserError, WorkFailed
from bridge.core.redact import redact
from bridge.core.root_folder import RootFolder
from bridge.core.visible import show_lines

CRASH_LOG = ".assetbridge/crash.log"


def record_defect(error: Exception, root: Path, subject: str = "") -> Defect:
    """Keeps the trace of an exception that nobody expected; returns the error to show. subject: whose it is."""
    with contextlib.suppress(BridgeError):
        write_crash_log(error, root, subject)
    return Defect(
        "internal",
        describe_defect(error, subject),
        hint=f"This is a defect in assetbridge; {CRASH_LOG} has the details for a report.",
    )


def explain_failure(error: Exception, root: Path, subject: str) -> BridgeError:
    """What an exception means for one asset, so that it stops no other one.

    A file that cannot be read and memory that is not there are no defects; of everything else the trace is kept.
    """
    if isinstance(error, BridgeError):
        return error
    if isinstance(error, MemoryError):
        hint = "Make its pictures, sizes or numbers of frames smaller."
        return WorkFailed("out_of_memory", f"{subject} takes more memory than this machine has", hint=hint)
    if isinstance(error, OSError) and error.errno:
        return UserError(
            "source_broken", f"a file of {subject} cannot be read: {reason_of(error)}", hint="Check its name."
        )
    return record_defect(error, root, subject)


def describe_defect(error: Exception, subject: str = "") -> str:
    """One sentence without keys."""
    whose = f"{subject}: " if subject else ""
    return redact(f"{whose}unexpected {type(error).__name__}: {error}", credentials.live_keys())


def write_crash_log(error: Exception, root: Path, subject: str = "") -> None:
    """Writes the trace, without keys and without the place of the project.

    Raises:
        WorkFailed: the disk takes nothing.
    """
    trace = "".join(traceback.format_exception(error)).replace(str(root), ".")
    head = f"{subject}\n" if subject else ""
    RootFolder(root, make=False).write(CRASH_LOG, show_lines(head + redact(trace, credentials.live_keys())).encode())
