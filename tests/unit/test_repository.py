"""House rules that no linter knows: sizes, who may name whom, and what must never be written down."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from bridge import __version__
from bridge.core.errors import CODES

ROOT = Path(__file__).resolve().parents[2]
CODE = ("bridge", "exporters")
MODULE_LINES = 450
FUNCTION_LINES = 80

VENDORS = re.compile(r"pixellab|pixelengine|pixel engine|pixeldojo|sprixen", re.IGNORECASE)
# The schema is a closed list of what specs may say, so it names vendors too.
# A tool's sheet layout carries its name.
MAY_NAME_VENDORS = ("bridge/providers/", "bridge/spec/", "exporters/model/layouts.py", "exporters/generic/target.py")
ENGINES = re.compile(r"\b(godot|tiled|unity)\b", re.IGNORECASE)
ENGINE_FREE = (
    "bridge/processing/",
    "bridge/assemble/",
    "bridge/plan/",
    "bridge/store/",
    "bridge/providers/procedural/",
)

# Folders that exist on one person's machine only.
MACHINE_PATH = re.compile(r"(?<![\w.$}/-])(/(?:work|root|home|mnt|Users)/\w|[A-Z]:\\Users\\\w)")
REGISTRY_HOST = re.compile(
    r"\b(pypi\.org|files\.pythonhosted\.org|deb\.debian\.org|registry\.npmjs\.org|proxy\.golang\.org)\b"
)
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


@cache
def project_files() -> tuple[Path, ...]:
    """Every text file of the project: what git would track, or outside a checkout everything but caches."""
    git = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(git, cwd=ROOT, capture_output=True, text=True)
    except FileNotFoundError:
        listed = None
    if listed is not None and listed.returncode == 0 and listed.stdout:
        paths: Iterable[Path] = (ROOT / name for name in listed.stdout.split("\0") if name)
    else:
        paths = (path for path in ROOT.rglob("*") if not _generated(path.relative_to(ROOT)))
    return tuple(sorted(path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:8000]))


def _generated(path: Path) -> bool:
    top = path.parts[0]
    hidden = top.startswith(".") and top not in {".ci", ".gitignore", ".gitattributes"}
    return hidden or top in {"demo", "dist", "build"} or "__pycache__" in path.parts


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def modules(*folders: str) -> list[Path]:
    prefixes = tuple(f"{folder}/" for folder in folders)
    return [path for path in project_files() if path.suffix == ".py" and name_of(path).startswith(prefixes)]


def lines_with(pattern: re.Pattern[str], paths: Iterable[Path]) -> Iterator[str]:
    for path in paths:
        for number, line in enumerate(text_of(path).splitlines(), 1):
            if pattern.search(line):
                yield f"{name_of(path)}:{number}: {line.strip()}"


def test_the_checkout_is_seen() -> None:
    names = {name_of(path) for path in project_files()}
    assert {
        "pyproject.toml",
        "bridge/core/errors.py",
        "exporters/model/asset.py",
        "tests/unit/test_repository.py",
    } <= names
    assert not [name for name in names if name.startswith((".venv/", "demo/", "dist/"))]


@pytest.mark.parametrize("folders", [CODE, ("tests",)], ids=["code", "tests"])
def test_modules_fit_on_a_few_screens(folders: tuple[str, ...]) -> None:
    sizes = {name_of(path): len(text_of(path).splitlines()) for path in modules(*folders)}
    assert {name: size for name, size in sizes.items() if size > MODULE_LINES} == {}


def test_functions_fit_on_a_screen() -> None:
    long = [
        f"{name_of(path)}:{node.lineno} {node.name}: {length} lines"
        for path in modules(*CODE, "tests")
        for node in ast.walk(ast.parse(text_of(path)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    ]
    assert long == []


def test_vendors_are_named_only_where_they_are_known() -> None:
    elsewhere = [path for path in modules(*CODE) if not name_of(path).startswith(MAY_NAME_VENDORS)]
    assert list(lines_with(VENDORS, elsewhere)) == []


def test_engines_are_unknown_to_what_makes_art() -> None:
    neutral = [path for path in modules(*CODE) if name_of(path).startswith(ENGINE_FREE)]
    strings = [
        f"{name_of(path)}: {text}"
        for path in neutral
        for text in _code_strings(ast.parse(text_of(path)))
        if ENGINES.search(text)
    ]
    assert strings == []


def test_one_module_speaks_http() -> None:
    clients = ("httpx", "httpcore", "requests", "aiohttp", "http.client", "urllib.request")
    importers = {
        name_of(path)
        for path in modules(*CODE)
        for name in _imported(ast.parse(text_of(path)))
        if any(f"{name}.".startswith(f"{client}.") for client in clients)
    }
    # The second asks the project's own daemon on this machine, and no provider.
    assert importers == {"bridge/http/client.py", "bridge/daemon/runtime.py"}


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _code_strings(tree: ast.Module) -> Iterator[str]:
    """Strings that the program uses; prose in docstrings may give an engine as an example."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    prose = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


def test_every_error_code_is_used() -> None:
    users = [path for path in modules("bridge") if name_of(path) != "bridge/core/errors.py"]
    used = {text for path in users for text in _code_strings(ast.parse(text_of(path)))}
    assert sorted(set(CODES) - used) == []


def test_every_raised_code_is_known() -> None:
    errors = {"UserError", "ProviderError", "WorkFailed", "NeedsDecision", "BridgeError"}
    unknown = [
        f"{name_of(path)}:{node.lineno}: {node.args[0].value!r}"
        for path in modules("bridge")
        for node in ast.walk(ast.parse(text_of(path)))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in errors
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value not in CODES
    ]
    assert unknown == []


def test_no_file_tells_of_one_machine() -> None:
    assert list(lines_with(MACHINE_PATH, project_files())) == []


def test_no_file_names_a_package_registry() -> None:
    assert list(lines_with(REGISTRY_HOST, project_files())) == []


def test_nothing_is_left_unfinished() -> None:
    others = [path for path in project_files() if path != Path(__file__).resolve()]
    assert list(lines_with(UNFINISHED, others)) == []


def test_text_files_end_their_lines_alike() -> None:
    crooked = [
        name_of(path)
        for path in project_files()
        if (data := path.read_bytes()) and (b"\r" in data or not data.endswith(b"\n"))
    ]
    assert crooked == []


def test_test_modules_have_unique_names() -> None:
    """Test folders are no packages: pytest could not import two modules of the same name."""
    tests = [path for path in modules("tests") if path.name.startswith("test_")]
    names = [path.name for path in tests]
    assert sorted(name_of(path) for path in tests if names.count(path.name) > 1) == []


def test_the_changelog_tells_of_this_version() -> None:
    headings = re.findall(r"(?m)^## \[?([^\]\s]+)", text_of(ROOT / "CHANGELOG.md"))
    assert headings, "CHANGELOG.md has no version heading"
    assert headings[0] in {"Unreleased", __version__}


def test_continuous_integration_can_start() -> None:
    entry = ROOT / ".ci/run"
    assert text_of(entry).startswith("#!/usr/bin/env bash\n")
    assert "tests.run test" in text_of(entry)
    assert "export CI=true" in text_of(entry)
