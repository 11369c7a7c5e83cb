"""Named points where a test lets the program die, to prove that what comes after a crash is right.

`failpoint("name")` does nothing unless ASSETBRIDGE_FAILPOINT is `name` or `name:N` (the N-th passing, from 1): then the
process kills itself with SIGKILL, as a power cut would. ASSETBRIDGE_FAILPOINT_TRACE names a file that gets a line per
passing. Both are read once, at import.
"""

from __future__ import annotations

import os
import signal

_NAME, _, _NUMBER = os.environ.get("ASSETBRIDGE_FAILPOINT", "").partition(":")
_TRACE = os.environ.get("ASSETBRIDGE_FAILPOINT_TRACE", "")
_passed = 0


def failpoint(name: str) -> None:
    """Marks a point where a crash must be harmless."""
    if not _NAME and not _TRACE:
        return
    global _passed  # noqa: PLW0603
    if _TRACE:
        with open(_TRACE, "a", encoding="utf-8") as trace:  # noqa: PTH123
            trace.write(f"{name}\n")
    if name == _NAME:
        _passed += 1
        if _passed >= int(_NUMBER or 1):
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
