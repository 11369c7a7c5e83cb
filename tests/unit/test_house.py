"""The house in numbers: where modules stand, who may import whom, and what things are called (STYLE.md).

Each number was measured before the house was put in order and is kept from growing again.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.unit.test_repository import CODE, ROOT, modules, name_of, project_files, text_of

FOLDERS = (
    "cli",
    "daemon",
    "watch",
    "operations",
    "build",
    "plan",
    "orders",
    "lint",
    "preview",
    "store",
    "providers",
    "assemble",
    "processing",
    "cache",
    "spec",
    "config",
    "trust",
    "http",
    "media",
    "core",
)
MOST_ONE_WORD = 0.45
MOST_POINTERS = 20
# Names without a meaning of their own: a variable has the name of the thing.
EMPTY_NAMES = {"found", "place"}
# Where an import may stand inside a function: the commands of the command line and the fronts of providers, which load
# what a run needs, and these modules, each for the reason beside it. A folder (with a slash at its end) stands for
# every module in it, at least one of which has such an import.
LAZY_MODULES = {
    "bridge/__main__.py": "an interrupt while the program loads is like any other",
    "bridge/cli/": "a command loads what it runs",
    "bridge/cache/asset_status.py": "a status that a plan answers reads no settings and no specs",
    "bridge/core/credentials.py": "keyring is an extra",
    "bridge/core/project_database.py": "few runs have something to say of a database",
    "bridge/core/redact.py": "few commands read a key, and only they need the forms of it",
    "bridge/core/user_files.py": "`status` looks into the folder of the user, which Linux names without a package",
    "bridge/media/audio_encoder.py": "soundfile is an extra",
    "bridge/media/images.py": "Pillow comes with the first picture: a changed plan reads none",
    "bridge/operations/plan.py": "a plan that costs nothing loads neither prices nor budgets",
    "bridge/orders/runner/connection.py": "a plan loads no HTTP client",
    "bridge/orders/webhooks/receiver.py": "the web server comes with the first hint that is awaited",
    "bridge/plan/input_urls.py": "few plans ask for kept addresses, and every plan would load orders for it",
    "bridge/processing/palettes.py": "numpy comes with the pixels, and spec models load this module",
    "bridge/processing/steps/": "numpy comes with the pixels, and spec models load these modules",
    "bridge/store/shared/bucket.py": "obstore is an extra",
    "bridge/store/shared/cloud_keys.py": "boto3 is asked where a profile needs it and it is there",
    "bridge/trust/record.py": "a file lock comes with the first change: every order reads what is trusted",
    "bridge/project.py": "a project that buys and writes nothing needs neither journal, numpy nor a file lock",
    "bridge/providers/files/audio.py": "soundfile is an extra",
    "bridge/providers/pixeldojo/video.py": "av is an extra",
    "bridge/providers/procedural/": "a plan compiles with these; what draws, and Pillow, comes with the build",
    "bridge/providers/sprixen/sound_decoder.py": "soundfile is an extra",
}


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(text_of(path))


def folder_of(path: Path) -> str:
    """The folder that a class name is told apart by: one below `bridge` or `exporters`, one more below providers."""
    parts = name_of(path).split("/")
    depth = 3 if parts[:2] == ["bridge", "providers"] else 2
    return "/".join(parts[: min(depth, len(parts))])


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_one_module_stands_flat_beside_twenty_folders() -> None:
    names = {name_of(path) for path in modules("bridge")}
    flat = {name for name in names if name.count("/") == 1}
    assert flat == {"bridge/__init__.py", "bridge/__main__.py", "bridge/project.py"}
    assert {name.split("/")[1] for name in names - flat} == set(FOLDERS)


def test_two_contracts_say_who_may_import_whom() -> None:
    settings = tomllib.loads(text_of(ROOT / "pyproject.toml"))["tool"]["importlinter"]
    layers, circles = settings["contracts"]
    named = [name.strip() for layer in layers["layers"] for name in layer.split("|")]
    assert sorted(named) == sorted([*(f"bridge.{folder}" for folder in FOLDERS), "bridge.project", "exporters"])
    assert (layers["type"], circles["type"]) == ("layers", "acyclic_siblings")
    assert circles["ancestors"] == ["bridge", "exporters"]
    # Imports for types and inside functions count: nothing is left out.
    assert "exclude_type_checking_imports" not in settings
    assert not [contract for contract in (layers, circles) if "ignore_imports" in contract]


def test_function_names_say_what_they_do() -> None:
    names = [
        node.name.strip("_")
        for path in modules(*CODE)
        for node in functions(tree_of(path))
        if not node.name.startswith("__")
    ]
    assert sum("_" not in name for name in names) / len(names) < MOST_ONE_WORD


def test_variables_have_the_name_of_the_thing() -> None:
    empty = [
        f"{name_of(path)}:{node.lineno}: {name}"
        for path in modules(*CODE)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Name | ast.arg)
        and (name := node.id if isinstance(node, ast.Name) else node.arg) in EMPTY_NAMES
    ]
    assert empty == []


def test_a_class_name_occurs_once_in_the_project() -> None:
    where = defaultdict(set)
    for path in modules(*CODE):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef):
                where[node.name].add(folder_of(path))
    assert {name: sorted(folders) for name, folders in where.items() if len(folders) > 1} == {}


def test_imports_stand_at_the_top() -> None:
    inside = {
        name_of(path)
        for path in modules(*CODE)
        for function in functions(tree_of(path))
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    others = {name for name in inside if not re.fullmatch(r"bridge/providers/\w+/__init__\.py", name)}
    folders = tuple(name for name in LAZY_MODULES if name.endswith("/"))
    reasons = {next((folder for folder in folders if name.startswith(folder)), name) for name in others}
    assert reasons == set(LAZY_MODULES)


def test_docstrings_say_the_thing_and_not_where_it_is_said() -> None:
    pointers = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in modules(*CODE)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and re.fullmatch(r"See (the )?[`\w.]+( \([^)]*\))?\.", ast.get_docstring(node) or "")
    ]
    assert len(pointers) < MOST_POINTERS, pointers


def test_nothing_refers_to_a_document_that_is_not_here() -> None:
    outside = re.compile(r"§|\b(?:specs|design|decisions)(?:\.md)? \d|(?<![\w/.])(?:design|decisions|redesign)\.md")
    lines = [
        f"{name_of(path)}:{number}: {line.strip()}"
        for path in project_files()
        if path != Path(__file__).resolve() and path.suffix in {".py", ".md", ".toml", ".gd", ".js", ".mjs", ".yml"}
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if outside.search(line)
    ]
    assert lines == []


def test_every_page_that_is_named_is_here() -> None:
    missing = [
        f"{name_of(path)}: {page}"
        for path in project_files()
        if path.suffix in {".py", ".md", ".gd", ".toml"}
        for page in re.findall(r"(?<![\w/.-])docs/[\w/.-]+\.md", text_of(path))
        if not (ROOT / page).is_file()
    ]
    assert missing == []
