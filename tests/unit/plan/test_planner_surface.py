"""What the rest of the project knows of a planner stays small, and nobody but the planner writes what it holds."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from bridge.plan.evaluation import Evaluation
from bridge.plan.planner import Planner

BRIDGE = Path(__file__).parents[3] / "bridge"
MOST = 6
MAKERS = frozenset({"Planner", "make_plan"})
"""What returns a planner, alone or as the first of a tuple."""


def _is_named_so(node: ast.expr, aliases: set[str]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in aliases or node.id.lower().strip("_").endswith("planner")
    return isinstance(node, ast.Attribute) and node.attr.lower().strip("_").endswith("planner")


def _gives_planner(node: ast.expr | None, aliases: set[str]) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        return name in MAKERS
    return node is not None and _is_named_so(node, aliases)


def _is_planner(annotation: ast.expr | None) -> bool:
    return annotation is not None and "Planner" in re.findall(r"\w+", ast.unparse(annotation))


def _aliases(tree: ast.AST) -> set[str]:
    """The variables that hold a planner, by what they are annotated with or assigned from."""
    names: set[str] = set()
    before = -1
    while before != len(names):
        before = len(names)
        for node in ast.walk(tree):
            if isinstance(node, ast.arg) and _is_planner(node.annotation):
                names.add(node.arg)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and _is_planner(node.annotation):
                names.add(node.target.id)
            elif isinstance(node, ast.Assign | ast.NamedExpr):
                names.update(_assigned(node, names))
    return names


def _assigned(node: ast.Assign | ast.NamedExpr, aliases: set[str]) -> Iterator[str]:
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = zip(target.elts, node.value.elts, strict=False)
        elif isinstance(target, ast.Tuple):
            pairs = zip(target.elts[:1], [node.value], strict=True)
        else:
            pairs = zip([target], [node.value], strict=True)
        for name, value in pairs:
            if isinstance(name, ast.Name) and _gives_planner(value, aliases):
                yield name.id


def _used_members(source: str) -> set[str]:
    tree = ast.parse(source)
    aliases = _aliases(tree)
    members = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _gives_planner(node.value, aliases):
            members.add(node.attr)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("getattr", "setattr"):
            members |= {ast.unparse(node.args[1])} if _gives_planner(node.args[0], aliases) else set()
    return members


def test_few_members_of_a_planner_are_used_outside_its_folder() -> None:
    used: set[str] = set()
    for path in BRIDGE.rglob("*.py"):
        if not path.is_relative_to(BRIDGE / "plan"):
            used |= _used_members(path.read_text(encoding="utf-8"))
    assert "evaluation" in used
    assert len(used) <= MOST, sorted(used)
    assert used <= set(dir(Planner)), sorted(used - set(dir(Planner)))


def test_the_count_sees_through_other_names() -> None:
    assert _used_members("def f(p: Planner):\n    q = p\n    q.one\n    getattr(q, 'two')\n") == {"one", "'two'"}
    assert _used_members("a, b = make_plan(project)\na.three\nb.no\nself._planner.four = 1\n") == {"three", "four"}
    assert _used_members("Planner(project).five\nif (x := view.planner):\n    x.six\n") == {"five", "six"}


def test_a_planner_has_no_public_field_and_its_readers_nothing_to_write_with() -> None:
    source = textwrap.dedent(inspect.getsource(Planner))
    fields = {
        node.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }
    assert fields
    assert all(field.startswith("_") for field in fields), fields
    properties = [value for value in vars(Planner).values() if isinstance(value, property)]
    properties += [value for value in vars(Evaluation).values() if isinstance(value, property)]
    assert all(value.fset is None for value in properties)
    writers = {"keep", "keep_lost", "accept", "fail", "forgive", "drop", "take_specs", "take_entries"}
    assert writers.isdisjoint(dir(Evaluation))
