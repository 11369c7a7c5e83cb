"""The recipe of an export target: built in, and in a package of somebody else, in a process of its own.

The package is a folder on the path with real metadata (a `.dist-info` with `entry_points.txt`), as pip leaves it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.contract.recipes import ROOT, RecipeCopy, read_blocks

PROJECT = '[project]\nname = "added"\nid = "7e57"\nspecs = ["art/**/*.asset.toml"]\n'
TARGETS = "[targets.json]\n[targets.sheetlist]\nheader = false\n"
ROCK = 'kind = "sprite"\ndescription = "mossy boulder"\nsize = [16, 16]\n'
POINT = "sheetlist = sheet_list.target:TARGET"


def package_file(name: str) -> str:
    """A file that the recipe shows, as it stands in a package of its own."""
    code = read_blocks("An export target", "python")[f"exporters/sheet_list/{name}"]
    return code.replace("exporters.sheet_list", "sheet_list")


def contract_test() -> str:
    """The test that exporters/ADDING.md shows."""
    page = (ROOT / "exporters" / "ADDING.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n# test_sheet_list\.py\n(.*?)```", page, re.DOTALL)
    assert isinstance(code, str)
    return code


class AddedTarget:
    """A project whose commands see what lies in `path`."""

    def __init__(self, root: Path) -> None:
        self.root = root / "game"
        self.path = root / "site"
        self.write("assetbridge.toml", PROJECT + TARGETS)
        self.write("art/rock.asset.toml", ROCK)
        package = self.path / "sheet_list"
        package.mkdir(parents=True)
        for name in ("target.py", "exporter.py"):
            (package / name).write_text(package_file(name), encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def install(self, points: str = POINT, name: str = "sheet_list") -> None:
        """Puts the metadata of a package on the path."""
        info = self.path / f"assetbridge_{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: assetbridge-{name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[assetbridge.exporters]\n{points}\n")

    def call(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs Python in the project."""
        path = os.pathsep.join([str(self.path), str(ROOT)])
        return subprocess.run(
            [sys.executable, *words],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": path},
        )

    def run(self, *words: str, expect: int = 0) -> Any:
        """The document that a command prints."""
        done = self.call("-m", "bridge", *words, "--json")
        assert done.returncode == expect, done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        return json.loads(done.stdout)

    def list_of_rock(self) -> list[str]:
        return (self.root / "lists/art/rock.txt").read_text(encoding="utf-8").splitlines()

    def spec_schema(self) -> Any:
        """The schema that the project's editors read."""
        return json.loads((self.root / ".assetbridge/spec.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def added(tmp_path: Path) -> AddedTarget:
    return AddedTarget(tmp_path)


def test_the_recipe_makes_a_target_with_its_options(added: AddedTarget) -> None:
    added.install()
    assert [asset["state"] for asset in added.run("build")["assets"]] == ["ready"]
    assert len(added.list_of_rock()) == 1
    assert (added.root / "lists/art/rock.png").exists()
    assert added.run("plan", "--detailed-exitcode")["changes"] == 0
    added.write("art/rock.asset.toml", ROCK + '[export]\ntargets = ["sheetlist"]\n[export.sheetlist]\nheader = true\n')
    added.run("build")
    assert added.list_of_rock()[0] == "clip page x y width height ms"
    assert not (added.root / "export/art/rock.png").exists()


@pytest.mark.full
def test_one_line_makes_it_built_in(tmp_path: Path) -> None:
    copy = RecipeCopy(tmp_path, "An export target")
    assert copy.list_changed() == ["exporters/registry.py"]
    (copy.game / "assetbridge.toml").write_text(PROJECT + TARGETS, encoding="utf-8")
    copy.write(ROCK, "rock")
    assert [asset["state"] for asset in copy.run("build")["assets"]] == ["ready"]
    assert len((copy.game / "lists/art/rock.txt").read_text(encoding="utf-8").splitlines()) == 1
    line = "| `header` | true or false | `true` | Whether lists begin with a line of titles"
    assert line in copy.write_page("config.md")
    assert "sheetlist" in copy.run("schema", "--stdout")["definitions"]["ExportTable"]["properties"]


def test_the_schema_knows_a_target_of_a_package(added: AddedTarget) -> None:
    added.install()
    assert added.call("-m", "bridge", "schema").returncode == 0
    export = added.spec_schema()["definitions"]["ExportTable"]["properties"]
    assert export["targets"]["items"]["enum"][-1] == "sheetlist"
    assert export["sheetlist"]["properties"]["header"]["type"] == "boolean"


@pytest.mark.full
def test_it_keeps_the_contract(added: AddedTarget) -> None:
    (added.path / "test_sheet_list.py").write_text(contract_test(), encoding="utf-8")
    done = added.call("-m", "pytest", "-q", "-p", "no:cacheprovider", str(added.path / "test_sheet_list.py"))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.full
@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("[export.sheetlist]\nheder = true", 5, "heder is not known in [export.sheetlist]", "Did you mean header?"),
        ("[export.sheetlist]\nheader = 1", 5, "export.sheetlist.header must be true or false, not 1", ""),
        ("[export]\npadding = 99\n[export.sheetlist]\nextrude = 9", 5, "export.padding must be", ""),
        ('[export]\ntargets = ["sheetlst"]', 5, '"json" or "sheetlist", not "sheetlst"', 'Did you mean "sheetlist"?'),
        ("[export.sheetlst]", 4, "sheetlst is not known in [export]", "Did you mean sheetlist?"),
    ],
)
def test_mistakes_in_a_spec_are_told_as_for_built_in_targets(
    added: AddedTarget, text: str, line: int, message: str, hint: str
) -> None:
    added.install()
    added.write("art/rock.asset.toml", f"{ROCK}{text}\n")
    error = added.run("plan", expect=2)
    errors = error.get("errors") or [error["error"]]
    assert message in errors[0]["message"]
    assert errors[0]["hint"] == hint
    assert errors[0]["where"]["line"] == line


BROKEN = {
    "no module": ("sheetlist = nowhere:TARGET", ("", ""), "nowhere"),
    "no declaration": ("sheetlist = sheet_list.exporter:SheetListExporter", ("", ""), "it is no ExportTarget"),
    "name": (POINT, ('"sheetlist"', '"listing"'), "it calls itself 'listing'"),
    "syntax": (POINT, ("TARGET = ", "TARGET = ("), "SyntaxError"),
}


@pytest.mark.full
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_one_is_an_error_only_where_it_is_named(added: AddedTarget, name: str) -> None:
    point, change, reason = BROKEN[name]
    added.install(point)
    module = added.path / "sheet_list/target.py"
    if change[0]:
        module.write_text(module.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    error = added.run("plan", expect=2)["error"]
    assert error["code"] == "config_invalid"
    assert "the export target sheetlist" in error["message"]
    assert reason in error["message"]
    assert error["hint"]
    assert error["where"]["line"] == 6
    added.write("assetbridge.toml", PROJECT + "[targets.json]\n")
    assert [asset["state"] for asset in added.run("build")["assets"]] == ["ready"]
    assert any(reason in line["what"] for line in added.run("doctor")["findings"])


@pytest.mark.full
def test_an_exporter_that_lacks_something_is_told_where_it_is_named(added: AddedTarget) -> None:
    added.install()
    module = added.path / "sheet_list/exporter.py"
    module.write_text(module.read_text(encoding="utf-8").replace("def owned_hash", "def hashed"), encoding="utf-8")
    (asset,) = added.run("build", expect=2)["assets"]
    assert "it has no owned_hash" in asset["error"]["message"]
    assert asset["error"]["where"]["file"] == "assetbridge.toml"


@pytest.mark.full
def test_two_packages_cannot_share_a_name(added: AddedTarget) -> None:
    added.install()
    added.install("sheetlist = other:TARGET", name="other")
    assert "two packages offer it" in added.run("plan", expect=2)["error"]["message"]


@pytest.mark.full
def test_a_built_in_name_cannot_be_taken(added: AddedTarget) -> None:
    added.install("json = sheet_list.nowhere:TARGET")
    added.write("assetbridge.toml", PROJECT + "[targets.json]\n")
    assert [asset["state"] for asset in added.run("build")["assets"]] == ["ready"]
    assert "nowhere" not in json.dumps(added.run("doctor"))
