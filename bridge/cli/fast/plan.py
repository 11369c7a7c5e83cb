"""`assetbridge plan` when nothing changed: from memory, with the standard library only, so that it is instant."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.cache import plan_cache
from bridge.cache.project_memory import ProjectMemory
from bridge.cli.fast.arguments import parse_options
from bridge.cli.output import print_json_text
from bridge.cli.render import show_unchanged
from bridge.core.paths import find_project


def answer_plan(words: Sequence[str]) -> int | None:
    """Prints the remembered plan while it holds; None when a real one has to be made."""
    given = parse_options(words, frozenset({"--json", "--detailed-exitcode", "-v", "--verbose"}))
    if given is None:
        return None
    memory = ProjectMemory(find_project(given.start))
    try:
        answer = plan_cache.load_sealed(memory) or plan_cache.load_plan(memory)
        if answer is None:
            return None
        if "--json" in given.flags:
            print_json_text(plan_cache.load_document(memory))
        else:
            show_unchanged(answer)
    finally:
        memory.close()
    return 0
