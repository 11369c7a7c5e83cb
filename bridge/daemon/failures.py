"""What an exception means for whoever asked: an error with a code, and the HTTP status that goes with it."""

from __future__ import annotations

import contextlib
import traceback
from pathlib import Path

from bridge.core.errors import BridgeError, Defect, NeedsDecision, ProviderError, UserError
from bridge.core.paths import CRASH_LOG_FILE

_STATUS = {
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "unknown_asset": 404,
    "unknown_job": 404,
    "file_exists": 409,
    "plan_changed": 409,
    "project_locked": 409,
    "store_missing": 409,
    "source_failed": 409,
}


def status_of(error: BridgeError) -> int:
    """The HTTP status of an error: 4xx when the asker can mend it, 502 for a provider, else 500."""
    if error.code in _STATUS:
        return _STATUS[error.code]
    if isinstance(error, NeedsDecision):
        return 409
    if isinstance(error, UserError):
        return 400
    return 502 if isinstance(error, ProviderError) else 500


def told(error: Exception, root: Path) -> BridgeError:
    """The error to show. The trace of a defect is kept in crash.log, without keys and without the project's place."""
    if isinstance(error, BridgeError):
        return error
    from bridge.core import atomic_files as disk
    from bridge.core import credentials as secrets
    from bridge.http.redact import redact

    if isinstance(error, OSError):
        return disk.describe_failure(error, root, error.filename and Path(str(error.filename)).name)
    text = "".join(traceback.format_exception(error)).replace(str(root), ".")
    with contextlib.suppress(BridgeError):
        disk.write(root / CRASH_LOG_FILE, redact(text, secrets.live_keys()).encode())
    return Defect(
        "internal",
        redact(f"unexpected {type(error).__name__}: {error}", secrets.live_keys()),
        hint=f"This is a defect in assetbridge; {CRASH_LOG_FILE} has the details for a report.",
    )
