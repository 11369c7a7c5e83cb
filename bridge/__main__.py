"""The program: `assetbridge`, and `python -m bridge`. It runs the command line; an interrupt never shows a traceback.

What loads is loaded in `run`: there an interrupt is like any other. At the top stands only what Python has loaded
already: the working folder may still be on the path of modules.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sys import UnraisableHookArgs
    from types import FrameType
    from typing import NoReturn

_INTERRUPTED = 130


def run() -> int:
    """Runs the command line of this process; returns its exit code."""
    try:
        sys.unraisablehook = _pass_interrupt_on
        from bridge.cli import main

        code = main()
        _leave_at_interrupt()
    except KeyboardInterrupt:
        code = _report_interrupt()
        _leave_at_interrupt()
    return code


def _leave_at_interrupt() -> None:
    """From now on: what is left is to wait for threads and to close files."""
    import signal

    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _leave)


def _report_interrupt() -> int:
    from bridge.core.module_path import leave_working_folder

    leave_working_folder()
    import signal

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    from bridge.cli.errors import report_interrupt

    code = report_interrupt(sys.argv[1:])
    signal.signal(signal.SIGINT, before)
    return code


def _leave(_signal: int, _frame: "FrameType | None") -> "NoReturn":
    os.write(2, b"\nStopped.\n")
    os._exit(_INTERRUPTED)


def _pass_interrupt_on(unraisable: "UnraisableHookArgs") -> None:
    """An interrupt that came inside a finalizer (imports have some) would be shown there, and be forgotten."""
    if not isinstance(unraisable.exc_value, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)
        return
    import _thread

    _thread.start_new_thread(_interrupt_soon, ())


def _interrupt_soon() -> None:
    import signal
    import time

    time.sleep(0.001)
    os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    raise SystemExit(run())
