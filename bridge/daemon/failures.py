"""What an exception means for whoever asked: an error with a code, and the HTTP status that goes with it."""

from __future__ import annotations

from pathlib import Path

from bridge.core.crash_log import record_defect
from bridge.core.disk_errors import describe_failure
from bridge.core.errors import BridgeError, NeedsDecision, ProviderError, UserError

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
    "daemon_busy": 503,
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


def error_to_show(error: Exception, root: Path) -> BridgeError:
    """The error to show. The trace of a defect is kept in crash.log."""
    if isinstance(error, BridgeError):
        return error
    if isinstance(error, OSError):
        return describe_failure(error, root, error.filename and Path(str(error.filename)).name)
    return record_defect(error, root)
