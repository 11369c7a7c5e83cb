"""docs/security.md names a test for every threat, and each of them is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "security.md"


def list_threats() -> list[list[str]]:
    """The cells of the table of threats, row by row."""
    _, _, table = PAGE.read_text(encoding="utf-8").partition("| threat |")
    rows = [line for line in table.splitlines()[2:] if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]


def list_tests(text: str) -> Iterator[tuple[str, str]]:
    """File and function of the tests that a text names."""
    for name in re.findall(r"`([^`]+)`", text):
        file, _, function = name.partition("::")
        yield file, function


def test_every_threat_has_a_test_that_is_there() -> None:
    rows = list_threats()
    assert len(rows) > 10
    for cells in rows:
        assert len(cells) == 3, cells
        named = list(list_tests(cells[2]))
        assert named, cells[0]
        for file, function in named:
            tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
            functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
            assert function in functions, f"{file}::{function}"


def test_the_page_can_be_found() -> None:
    for name, link in (
        ("README.md", "docs/security.md"),
        ("SECURITY.md", "docs/security.md"),
        ("docs/README.md", "(security.md"),
    ):
        assert link in (ROOT / name).read_text(encoding="utf-8"), name
