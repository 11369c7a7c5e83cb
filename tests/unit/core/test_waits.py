"""Every endless loop and every wait stands in the table of waits, and the table names nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from bridge.core.waits import WAIT_LIMITS

ROOT = Path(__file__).parents[3]
_WAITS = frozenset(
    {"sleep", "wait", "wait_for", "acquire", "communicate", "serve_forever", "recv", "pause", "run_program"}
)


def is_endless(node: ast.AST) -> bool:
    return isinstance(node, ast.While) and isinstance(node.test, ast.Constant) and bool(node.test.value)


def is_wait(node: ast.AST) -> bool:
    """A call that may take as long as something else does."""
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    owner = ast.unparse(called.value) if isinstance(called, ast.Attribute) else ""
    return (
        name in _WAITS
        or name == "FileLock"
        or (name == "join" and owner.rpartition(".")[2] in ("thread", "_thread", "observer", "parent", "process"))
        or (name in ("get", "put") and owner.rpartition(".")[2] in ("_queue", "_inbox", "queue") and name == "get")
        or (name == "run" and owner == "subprocess")
    )


def places(path: Path) -> Iterator[str]:
    def visit(node: ast.AST, names: tuple[str, ...]) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            named = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            inner = (*names, child.name) if named else names  # type: ignore[attr-defined]
            if is_endless(child) or is_wait(child):
                yield f"{path.relative_to(ROOT).as_posix()}:{'.'.join(inner)}"
            yield from visit(child, inner)

    yield from visit(ast.parse(path.read_text(encoding="utf-8")), ())


def test_every_endless_loop_and_wait_has_a_limit() -> None:
    found = {
        place for folder in ("bridge", "exporters") for path in (ROOT / folder).rglob("*.py") for place in places(path)
    }
    listed = [row.function for row in WAIT_LIMITS]
    assert len(listed) == len(set(listed))
    unlisted = {place for place in found if not any(fnmatchcase(place, pattern) for pattern in listed)}
    assert unlisted == set(), "give it a limit, and name it in bridge/core/waits.py"
    # `acquire` of job slots waits for a future: the call has no telling name.
    gone = {pattern for pattern in listed if not any(fnmatchcase(place, pattern) for place in found)}
    assert gone <= {"bridge/orders/runner/rate_limit.py:JobSlots.acquire"}


def test_every_row_says_what_ends_it() -> None:
    assert all(row.waits_for and row.limit for row in WAIT_LIMITS)
