"""The recipe of a provider: built in, and in a package of somebody else, in a process of its own.

The package is a folder on the path with real metadata (a `.dist-info` with `entry_points.txt`), as pip leaves it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.contract.recipes import PROJECT, ROOT, RecipeCopy, read_blocks

TILE = 'kind = "sprite"\nprovider = "checkers"\ndescription = "red and black"\nsize = [16, 8]\n'
ROCK = 'kind = "sprite"\nprovider = "procedural"\ndescription = "mossy boulder"\nsize = [16, 16]\n'


def module() -> str:
    """The provider that the recipe shows, as it stands there."""
    return read_blocks("A provider", "python")["bridge/providers/checkers/__init__.py"]


def install(folder: Path, points: str, code: str, name: str = "checkers") -> None:
    """Puts a package on a folder of the path."""
    info = folder / f"assetbridge_{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: assetbridge-{name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[assetbridge.providers]\n{points}\n")
    (folder / f"{name}.py").write_text(code)


class Plugged:
    """A project whose commands see what lies in `path`."""

    def __init__(self, root: Path) -> None:
        self.root = root / "game"
        self.path = root / "site"
        self.path.mkdir()
        self.write("assetbridge.toml", PROJECT)

    def write(self, name: str, text: str) -> None:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def run(self, *words: str, expect: int = 0) -> Any:
        """The document that a command prints."""
        done = subprocess.run(
            [sys.executable, "-m", "bridge", *words, "--json", "--project", str(self.root)],
            capture_output=True,
            text=True,
            timeout=60,
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(self.path), str(ROOT)])},
        )
        assert done.returncode == expect, done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def plugged(tmp_path: Path) -> Plugged:
    return Plugged(tmp_path)


@pytest.mark.full
def test_one_line_makes_it_built_in(tmp_path: Path) -> None:
    copy = RecipeCopy(tmp_path, "A provider")
    assert copy.list_changed() == ["bridge/providers/registry.py"]
    copy.write(TILE, "tile")
    assert [asset["state"] for asset in copy.run("build")["assets"]] == ["ready"]
    assert copy.read_export("tile.png").startswith(b"\x89PNG")
    copy.write(TILE + "take = 2\n", "tile")
    assert "checkers has no use for take here" in json.dumps(copy.run("plan", expect=2))


def test_the_recipe_makes_a_provider_that_builds(plugged: Plugged) -> None:
    install(plugged.path, "checkers = checkers:Checkers", module())
    plugged.write("art/tile.asset.toml", TILE)
    rows = {row["name"]: row for row in plugged.run("providers")["providers"]}
    assert list(rows)[-1] == "checkers"
    assert rows["checkers"] == {
        "name": "checkers",
        "kinds": ["sprite"],
        "offline": True,
        "available": True,
        "error": None,
        "key": None,
    }
    (asset,) = plugged.run("build")["assets"]
    assert asset["state"] == "ready"
    assert (plugged.root / "export/art/tile.png").exists()
    plugged.write("art/tile.asset.toml", TILE.replace("[16, 8]", "[900, 8]"))
    (asset,) = plugged.run("build", expect=2)["assets"]
    assert asset["error"]["where"]["line"] == 4


BROKEN = {
    "no module": ("checkers = nowhere:Checkers", "", "nowhere"),
    "no class": ("checkers = checkers:Chequers", "class Checkers: ...", "Chequers"),
    "raises": ("checkers = checkers:Checkers", "raise RuntimeError('no luck today')", "no luck today"),
    "syntax": ("checkers = checkers:Checkers", "class Checkers(", "SyntaxError"),
    "constructor": ("checkers = checkers:Checkers", "class Checkers:\n    def __init__(self, x): ...", "TypeError"),
    "empty": ("checkers = checkers:Checkers", "class Checkers: ...", "it has no name, kinds, offline, compile"),
    "name": ("checkers = checkers:Checkers", "NAMED", "calls itself 'draughts'"),
    "kind": ("checkers = checkers:Checkers", "KIND", "pawn, which is no kind"),
    "not paid": ("checkers = checkers:Checkers", "SOLD", "abilities, limits, api, order"),
}


@pytest.mark.full
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_one_is_one_clear_error_and_stops_nothing(plugged: Plugged, name: str) -> None:
    points, code, says = BROKEN[name]
    changes = {"NAMED": ('"checkers"', '"draughts"'), "KIND": ('"sprite"', '"pawn"'), "SOLD": ("= True", "= False")}
    if code in changes:
        code = module().replace(*changes[code])
    install(plugged.path, points, code)
    plugged.write("art/tile.asset.toml", TILE)
    plugged.write("art/rock.asset.toml", ROCK)
    assets = {asset["id"]: asset for asset in plugged.run("build", expect=2)["assets"]}
    error = assets["art/tile"]["error"]
    assert error["code"] == "provider_broken"
    assert says in error["message"]
    assert error["hint"]
    assert (error["where"]["file"], error["where"]["line"]) == ("art/tile.asset.toml", 2)
    assert assets["art/rock"]["state"] == "ready"


def test_a_broken_one_is_listed_as_such(plugged: Plugged) -> None:
    install(plugged.path, "checkers = nowhere:Checkers", "")
    row = plugged.run("providers")["providers"][-1]
    assert (row["name"], row["available"], row["error"]["code"]) == ("checkers", False, "provider_broken")


@pytest.mark.full
def test_two_packages_cannot_share_a_name(plugged: Plugged) -> None:
    install(plugged.path, "checkers = checkers:Checkers", module())
    install(plugged.path, "checkers = chess:Chess", module(), name="chess")
    plugged.write("art/tile.asset.toml", TILE)
    (asset,) = plugged.run("build", expect=2)["assets"]
    assert "two packages" in asset["error"]["message"]


@pytest.mark.full
def test_a_built_in_name_cannot_be_taken(plugged: Plugged) -> None:
    install(plugged.path, "procedural = checkers:Checkers", "raise RuntimeError('must not be imported')")
    plugged.write("art/rock.asset.toml", ROCK)
    assert [asset["state"] for asset in plugged.run("build")["assets"]] == ["ready"]
    assert "checkers" not in {row["name"] for row in plugged.run("providers")["providers"]}
