"""`assetbridge init --ci`: a check on every push, without keys."""

from __future__ import annotations

from pathlib import Path

from bridge import __version__
from bridge.core.errors import UserError, Where
from bridge.core.root_folder import RootFolder

GITHUB_FILE = ".github/workflows/assetbridge.yml"
_GITHUB = """\
# Whether the generated art is what the specs ask for. No keys: nothing can be bought here.
name: assetbridge
on:
  push:
  pull_request:
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    steps:
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install "assetbridge=={version}"
      - run: assetbridge check{where}
"""


def write_github_check(root: Path) -> str:
    """Writes the workflow into the repository that a project is in; returns its path in the repository.

    Raises:
        UserError: `usage`: the project is in no repository; `file_exists`: there is another workflow of this name.
        WorkFailed: it cannot be written.
    """
    project = root.resolve()
    top = next((folder for folder in (project, *project.parents) if (folder / ".git").exists()), None)
    if top is None:
        raise UserError("usage", "this project is in no git repository", hint="Run `git init` first.")
    below = project.relative_to(top).as_posix()
    where = "" if below == "." else f'\n        working-directory: "{below}"'
    data = _GITHUB.format(version=__version__, where=where).encode()
    folder = RootFolder(top)
    if folder.exists(GITHUB_FILE) and folder.read(GITHUB_FILE) != data:
        raise UserError(
            "file_exists",
            f"{GITHUB_FILE} exists and is another one",
            hint="Move it away, or add a step to it: assetbridge check",
            where=Where(GITHUB_FILE),
        )
    folder.write(GITHUB_FILE, data)
    return GITHUB_FILE
