"""Builds the project and installs it into throw-away environments, without network and within seconds.

An environment sees the dependencies of the Python that runs the tests through one `.pth` line. A path added that way
does not run the `.pth` files inside it (see the documentation of the `site` module), so the editable installation
under test is not seen: what an environment imports is what was installed into it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ADDONS = ("godot_addon", "tiled_extension")


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment; `bin` is the folder of its programs."""

    bin: Path

    def run(self, program: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Runs a program of the environment with nothing of the source tree on the import path."""
        return run([str(self.bin / program), *arguments], cwd)


def run(command: Sequence[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Runs a command in `cwd` without the variables that would lead Python or pip elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_", "VIRTUAL_"))}
    return subprocess.run(
        command, cwd=cwd, env=kept | {"PYTHONUTF8": "1"}, capture_output=True, text=True, encoding="utf-8", timeout=120
    )


def succeed(command: Sequence[str], cwd: Path) -> str:
    """Runs a command that has to succeed and returns its output."""
    done = run(command, cwd)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def build(source: Path, out: Path, form: str) -> Path:
    """Builds `form` (`sdist` or `wheel`) of a source tree with the installed build backend; returns the file."""
    out.mkdir(parents=True, exist_ok=True)
    succeed([sys.executable, "-m", "build", "--no-isolation", f"--{form}", "--outdir", str(out), str(source)], cwd=out)
    (built,) = out.glob("*.whl" if form == "wheel" else "*.tar.gz")
    return built


def environment(folder: Path, *requirement: str) -> Environment:
    """A new environment with `requirement` (arguments of `pip install`) in it."""
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    python = str(programs / "python")
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(succeed([python, "-c", where], cwd=folder).strip())
    dependencies = dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    (packages / "dependencies.pth").write_text("\n".join(dependencies) + "\n", encoding="utf-8")
    options = ("--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check")
    # The new environment's pip is the one it sees through the `.pth`, so it installs into the new environment. It
    # would take the project as installed already if it were not told to ignore that.
    succeed([python, "-m", "pip", "install", "--ignore-installed", *options, *requirement], cwd=folder)
    return Environment(programs)


def addon_files() -> set[str]:
    """Every file of the addons that belongs to the project, by its path in the repository.

    Git tells (also what is new and not ignored); outside a git checkout it is every file that is there.
    """
    git = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", *ADDONS]
    try:
        listed = run(git, ROOT)
    except FileNotFoundError:
        listed = None
    if listed is not None and listed.returncode == 0:
        return {name for name in listed.stdout.splitlines() if (ROOT / name).is_file()}
    present = (path for addon in ADDONS for path in (ROOT / addon).rglob("*") if path.is_file())
    return {path.relative_to(ROOT).as_posix() for path in present}
