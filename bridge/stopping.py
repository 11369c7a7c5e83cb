"""Ctrl-C and SIGTERM end a run that buys at its next safe point: a request that is out is waited for."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from typing import Any


async def stoppable(work: Coroutine[Any, Any, None]) -> None:
    """Runs work; SIGTERM cancels it as Ctrl-C does (asyncio itself turns Ctrl-C into a cancellation).

    Raises:
        KeyboardInterrupt: it was stopped by SIGTERM.
    """
    task = asyncio.ensure_future(work)
    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True
        task.cancel()

    loop = asyncio.get_running_loop()
    # Not on Windows, where the daemon is stopped by a request instead.
    with contextlib.suppress(NotImplementedError, RuntimeError):
        loop.add_signal_handler(signal.SIGTERM, stop)
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
        with contextlib.suppress(NotImplementedError, RuntimeError):
            loop.remove_signal_handler(signal.SIGTERM)
