"""`assetbridge plan` when nothing changed: from memory, with the standard library only, so that it is instant."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from bridge.cli.light import options
from bridge.cli.show import show_unchanged
from bridge.plan import quick
from bridge.plan.quick import Answer
from bridge.project_file import find_project
from bridge.state import State


def plan(words: Sequence[str]) -> int | None:
    """Prints the remembered plan while it holds; None when a real one has to be made."""
    given = options(words, frozenset({"--json", "--detailed-exitcode", "-v", "--verbose"}))
    if given is None:
        return None
    state = State(find_project(given.start))
    try:
        answer = quick.unbroken(state) or _remembered(state)
        if answer is None:
            return None
        if "--json" in given.flags:
            sys.stdout.write(quick.document(state) + "\n")
        else:
            show_unchanged(answer)
    finally:
        state.close()
    return 0


def _remembered(state: State) -> Answer | None:
    from bridge.config import read_config

    return quick.recall(read_config(state.root), state)
