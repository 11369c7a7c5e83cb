"""The recipe of bridge/processing/ADDING.md: its module and one place in the registry add a step, in a copy."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
RECIPE = ROOT / "bridge" / "processing" / "ADDING.md"
PROJECT = """\
[project]
name = "inverted"
id = "7e57"
specs = ["art/**/*.asset.toml"]
[targets.json]
output = "export"
"""
GEM = 'kind = "sprite"\ndescription = "red gem"\nsize = [16, 16]\n'


class ChangedCopy:
    """The packages with the step of the recipe, and a project that they are run in."""

    def __init__(self, folder: Path) -> None:
        self.site = folder / "site"
        self.game = folder / "game"
        for package in ("bridge", "exporters"):
            shutil.copytree(ROOT / package, self.site / package, ignore=shutil.ignore_patterns("__pycache__"))
        (code,) = re.findall(r"```python\n# (\S+)\n(.*?)```", RECIPE.read_text(encoding="utf-8"), re.DOTALL)
        (self.site / code[0]).write_text(code[1], encoding="utf-8")
        registry = self.site / "bridge" / "processing" / "registry.py"
        text = registry.read_text(encoding="utf-8")
        text = text.replace("\nPIPELINE", "\nfrom bridge.processing.steps.invert import InvertStep\n\nPIPELINE")
        text = text.replace("    DespeckleStep,\n", "    DespeckleStep,\n    InvertStep,\n")
        registry.write_text(text, encoding="utf-8")
        (self.game / "art").mkdir(parents=True)
        (self.game / "assetbridge.toml").write_text(PROJECT)

    def write(self, text: str, asset: str = "gem") -> None:
        (self.game / "art" / f"{asset}.asset.toml").write_text(text)

    def run(self, *words: str, expect: int = 0) -> Any:
        """The document that a command prints."""
        env = {**os.environ, "PYTHONPATH": str(self.site)}
        command = [sys.executable, "-c", "from bridge.cli import main; raise SystemExit(main())", *words, "--json"]
        done = subprocess.run(command, cwd=self.game, capture_output=True, text=True, timeout=120, env=env)
        assert done.returncode == expect, done.stdout + done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> ChangedCopy:
    return ChangedCopy(tmp_path_factory.mktemp("step"))


def test_the_recipe_adds_a_step_everywhere(copy: ChangedCopy) -> None:
    copy.write(GEM)
    copy.run("build")
    before = (copy.game / "export" / "art" / "gem.png").read_bytes()
    copy.write(GEM + "[process]\ninvert = true\n")
    (asset,) = copy.run("plan")["assets"]
    assert (asset["action"], asset["reasons"]) == ("export", ["process.invert added: true"])
    copy.run("build")
    assert (copy.game / "export" / "art" / "gem.png").read_bytes() != before
    stages = [row["step"] for row in copy.run("inspect", "art/gem")["steps"]]
    assert stages == ["canvas", "colours", "invert"]
    assert copy.run("schema", "--stdout")["definitions"]["ProcessTable"]["properties"]["invert"]["type"] == "boolean"


def test_kinds_that_cannot_have_it_say_so(copy: ChangedCopy) -> None:
    copy.write('kind = "tileset"\n[process]\ninvert = true\n[[terrains]]\nname = "grass"\n', "ground")
    errors = json.dumps(copy.run("check", expect=2))
    assert "process.invert does not apply to tileset" in errors
