"""Ctrl-C and SIGTERM end a run that buys at its next safe point: a request that is out is waited for."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine
from typing import Any

_running: dict[asyncio.AbstractEventLoop, Callable[[], None]] = {}


def stop_all() -> None:
    """Ends every run of this process as SIGTERM would; from any thread."""
    for loop, stop in list(_running.items()):
        with contextlib.suppress(RuntimeError):  # it has just ended by itself
            loop.call_soon_threadsafe(stop)


async def run_stoppable(coroutine: Coroutine[Any, Any, None]) -> None:
    """Runs work; SIGTERM cancels it as Ctrl-C does (asyncio itself turns Ctrl-C into a cancellation).

    Raises:
        KeyboardInterrupt: it was stopped by SIGTERM.
    """
    task = asyncio.ensure_future(coroutine)
    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True
        task.cancel()

    loop = asyncio.get_running_loop()
    # Not on Windows, where the daemon is stopped by a request instead.
    with contextlib.suppress(NotImplementedError, RuntimeError):
        loop.add_signal_handler(signal.SIGTERM, stop)
    _running[loop] = stop
    try:
        await task
    except asyncio.CancelledError:
        if stopped:
            raise KeyboardInterrupt from None
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        raise
    finally:
        del _running[loop]
        with contextlib.suppress(NotImplementedError, RuntimeError):
            loop.remove_signal_handler(signal.SIGTERM)
