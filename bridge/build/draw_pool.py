"""Steps that this machine draws itself, drawn ahead in other processes where that pays.

Drawing is most of the work of a first build, and each step is a pure function of its params and its seed. It pays when
much is left: a process needs a good part of a second before it draws. So drawing begins here, and how long that takes
decides. Results come in any order and are used in that of the build, so nothing else depends on it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self, cast

from bridge.core.programs import isolated_children, neutral_folder
from bridge.core.visible import guard_process
from bridge.providers import registry
from bridge.providers.api import OfflineProvider, Step, StepResult

# Seconds of drawing that show how long the rest will take, and that have to be left for other processes to pay.
TRIED = 0.5
WORTH = 2.0
# Results of each process that may wait for their turn.
_WAITING = 4
# Each takes some 60 MB; Windows allows no more than 61.
_MOST = 8


class DrawPool:
    """The steps of one build by their fingerprints, in the order in which they will be asked for.

    Only steps without inputs and without steps before them may be drawn ahead. processes: beside this one; default:
    one fewer than the machine's processors, at most `_MOST`.
    """

    def __init__(self, steps: Mapping[str, Step], processes: int | None = None) -> None:
        self._left = {fingerprint: step for fingerprint, step in steps.items() if not step.inputs and not step.after}
        self._processes = min(_count_processors() - 1, _MOST) if processes is None else processes
        self._pool: ProcessPoolExecutor | None = None
        self._begun: dict[str, Future[StepResult | None]] = {}
        self._ready: dict[str, StepResult] = {}
        self._spent = 0.0
        self._drawn = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop_processes()

    def make_result(
        self, fingerprint: str, step: Step, inputs: Mapping[str, bytes], needed: Mapping[str, StepResult]
    ) -> StepResult:
        """Makes a step, or hands out what was made of it ahead.

        Raises:
            BridgeError: what the provider raises.
        """
        self._left.pop(fingerprint, None)
        future = self._begun.pop(fingerprint, None)
        self._send_steps()
        made = self._ready.pop(fingerprint, None) or (self._await_result(future) if future is not None else None)
        return made or self._draw_here(step, inputs, needed)

    def _draw_here(self, step: Step, inputs: Mapping[str, bytes], needed: Mapping[str, StepResult]) -> StepResult:
        began = time.monotonic()
        made = cast("OfflineProvider", registry.get(step.provider)).run(step, inputs, needed)
        self._spent += time.monotonic() - began
        self._drawn += 1
        if self._pool is None and self._processes > 0 and self._spent >= TRIED:
            expected = len(self._left) * self._spent / self._drawn
            if expected > WORTH:
                self._start_processes()
        return made

    def _await_result(self, future: Future[StepResult | None]) -> StepResult | None:
        """What another process makes of a step; meanwhile this one draws too. None: it has to be drawn here."""
        while not future.done() and self._left and len(self._ready) < _WAITING * self._processes:
            fingerprint, step = next(iter(self._left.items()))
            del self._left[fingerprint]
            try:
                self._ready[fingerprint] = self._draw_here(step, {}, {})
            except Exception:  # noqa: BLE001  it is drawn again in its turn, and told then
                continue
        try:
            return future.result()
        except Exception:  # noqa: BLE001  a process was killed, or a result does not travel
            if self._pool is not None and _is_broken(self._pool):
                self._stop_processes()
            return None

    # processes

    def _start_processes(self) -> None:
        # Spawned, for a daemon has threads that a fork would leave half-way.
        context = multiprocessing.get_context("spawn")
        with isolated_children() as are_isolated:
            if not are_isolated:
                self._processes = 0
                return
            try:
                # A process that keeps count of semaphores is started here.
                self._pool = ProcessPoolExecutor(self._processes, context, _begin_process)
            except (ImportError, OSError, RuntimeError):
                # The system has no semaphores, or none left.
                self._processes = 0
        self._send_steps()

    def _send_steps(self) -> None:
        while self._pool is not None and self._left and len(self._begun) < _WAITING * self._processes:
            fingerprint, step = next(iter(self._left.items()))
            try:
                # Processes are started with the steps that are sent, as long as none is idle.
                with _interrupts_held(), isolated_children():
                    self._begun[fingerprint] = self._pool.submit(_draw_step, step)
            except (OSError, RuntimeError):
                self._stop_processes()
                return
            del self._left[fingerprint]

    def _stop_processes(self) -> None:
        """No other process draws any more, nor will."""
        pool, self._pool = self._pool, None
        self._processes = 0
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C waits for the end of the block, and never reaches processes that are started in it.

    They inherit which signals are blocked, but not who handles them (POSIX.1-2017, `exec`); there is no blocking on
    Windows. The handler is needed as well: the signal may come to a thread that does not block it.
    """
    held: list[int] = []
    main = threading.current_thread() is threading.main_thread()
    handler = signal.signal(signal.SIGINT, lambda number, _frame: held.append(number)) if main else None
    can_block = hasattr(signal, "pthread_sigmask")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if can_block else set()
    try:
        yield
    finally:
        if can_block:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if main:
            signal.signal(signal.SIGINT, handler or signal.SIG_DFL)
        if held:
            signal.raise_signal(signal.SIGINT)


def _count_processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _is_broken(pool: ProcessPoolExecutor) -> bool:
    try:
        pool.submit(int).cancel()
    except RuntimeError:
        return True
    return False


def _draw_step(step: Step) -> StepResult | None:
    """None: it cannot be drawn. Not every error survives the way between processes; it shows again where it is told."""
    with suppress(Exception):
        return cast("OfflineProvider", registry.get(step.provider)).run(step, {}, {})
    return None


def _begin_process() -> None:
    """A process that draws: Ctrl-C is for the one that builds, and it ends with that one, however that ends.

    Its library has put it into the working folder of that one, a project.
    """
    guard_process()
    os.chdir(neutral_folder())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)
