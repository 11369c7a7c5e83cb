"""The recipes of CONTRIBUTING.md, carried out word for word on a copy of the code.

A block of Python whose first line is a comment with a path is a new file. A block of `diff` begins with such a line too
and changes that file: a line that begins with a space is looked for, one with `-` is taken out, one with `+` is put in
where the search stands.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
COPIED = ("bridge", "exporters", "docs/guides", "tests/pages")
PROJECT = """\
[project]
name = "added"
id = "7e57"
specs = ["art/**/*.asset.toml"]
[targets.json]
output = "export"
"""


def read_recipe(title: str) -> str:
    """The part of CONTRIBUTING.md under a heading."""
    (text,) = re.findall(rf"^### {re.escape(title)}\n(.*?)(?=^##|\Z)", CONTRIBUTING, re.MULTILINE | re.DOTALL)
    assert isinstance(text, str)
    return text


def read_blocks(title: str, language: str) -> dict[str, str]:
    """The blocks of a recipe that name a file, by its path."""
    blocks = re.findall(rf"^```{language}\n# (\S+/\S+)\n(.*?)^```", read_recipe(title), re.MULTILINE | re.DOTALL)
    assert len({path for path, _ in blocks}) == len(blocks)
    return dict(blocks)


def edit_text(text: str, edit: str) -> str:
    """The text after an edit in the form of the recipes."""
    lines = text.splitlines()
    at = 0
    for line in edit.splitlines():
        sign, content = line[:1], line[1:]
        if sign == "+":
            lines.insert(at, content)
            at += 1
            continue
        at = lines.index(content, at)
        if sign == "-":
            del lines[at]
        else:
            assert sign == " ", line
            at += 1
    return "\n".join(lines) + "\n"


class RecipeCopy:
    """A copy of the code in which one recipe was followed, and a project that its commands run in."""

    def __init__(self, folder: Path, title: str) -> None:
        self.site = folder / "site"
        self.game = folder / "game"
        for name in COPIED:
            shutil.copytree(ROOT / name, self.site / name, ignore=shutil.ignore_patterns("__pycache__", "*.png"))
        shutil.copy(ROOT / "tests/__init__.py", self.site / "tests/__init__.py")
        for path, code in read_blocks(title, "python").items():
            file = self.site / path
            assert not file.exists(), path
            file.parent.mkdir(exist_ok=True)
            file.write_text(code, encoding="utf-8")
        for path, edit in read_blocks(title, "diff").items():
            file = self.site / path
            file.write_text(edit_text(file.read_text(encoding="utf-8"), edit), encoding="utf-8")
        (self.game / "art").mkdir(parents=True)
        (self.game / "assetbridge.toml").write_text(PROJECT)

    def list_changed(self) -> list[str]:
        """The files of the project that are other than before the recipe; new ones are not among them."""
        return sorted(
            path.relative_to(self.site).as_posix()
            for name in COPIED
            for path in (self.site / name).rglob("*")
            if path.is_file()
            and "__pycache__" not in path.parts
            and (original := ROOT / path.relative_to(self.site)).exists()
            and original.read_bytes() != path.read_bytes()
        )

    def write(self, text: str, asset: str = "gem") -> None:
        (self.game / "art" / f"{asset}.asset.toml").write_text(text)

    def read_export(self, name: str) -> bytes:
        return (self.game / "export" / "art" / name).read_bytes()

    def call(self, *words: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Runs Python with the copy's packages, in the project."""
        env = {**os.environ, "PYTHONPATH": str(self.site)}
        command = [sys.executable, *words]
        return subprocess.run(
            command, cwd=folder or self.game, capture_output=True, text=True, timeout=120, env=env, encoding="utf-8"
        )

    def run(self, *words: str, expect: int = 0) -> Any:
        """The document that a command prints."""
        # `-m bridge` may not find the copy first where the project's own checkout is installed in place.
        done = self.call("-c", "from bridge.cli import main; raise SystemExit(main())", *words, "--json")
        assert done.returncode == expect, done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        return json.loads(done.stdout)

    def write_page(self, name: str) -> str:
        """A generated page of the reference, as the copy writes it."""
        script = (
            "import sys; from tests.pages.docs import PAGES; sys.stdout.buffer.write(PAGES[sys.argv[1]]().encode())"
        )
        done = self.call("-c", script, name)
        assert done.returncode == 0, done.stderr
        return done.stdout
