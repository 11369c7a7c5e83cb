"""The one entry to every check, on every system: `python3 -m tests.run test|test-full|lint|bench|demo|package`.

It needs nothing but Python: a virtual environment `.venv` is made beside `pyproject.toml` and filled again
whenever `pyproject.toml` or the Python version changes. `make` and `.ci/run` call it and decide nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "assetbridge-installed"
EXTRAS = ".[dev,audio]"
OLDEST = (3, 11)
MEMORY = Path("/dev/shm")
MEMORY_BYTES = 4_000_000_000

LINT = (
    ("ruff", "check", "--no-cache", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports",),
)
# Tests of daemons and engines wait for half of their time, so that one worker more than processors is busy. Workers
# take tests from each other near the end: engine tests last seconds, most others milliseconds.
WORKERS = str(min(8, (os.cpu_count() or 1) + 1))
PYTEST = (str(PYTHON), "-m", "pytest", "-n", WORKERS, "--dist", "worksteal")
TASKS = {
    "test": "lint, then every test but the full matrices (about ten minutes)",
    "test-full": "lint, then every test",
    "lint": "ruff, mypy and import-linter",
    "bench": "the benchmarks",
    "demo": "make a demo project in demo/ and build it, offline and free",
    "package": "build the wheel and the sdist in dist/, and test them installed",
}


class SetupError(Exception):
    """The environment for the checks cannot be made; the text says what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Runs one task and returns its exit code; extra arguments go to the program that the task runs."""
    parser = argparse.ArgumentParser(
        prog="python3 -m tests.run",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"  {name:10} {text}" for name, text in TASKS.items()),
    )
    parser.add_argument("task", choices=TASKS, metavar="TASK", help="one of the tasks below")
    parser.add_argument("extra", nargs=argparse.REMAINDER, help="passed on, for example -k NAME to pytest")
    parsed = parser.parse_args(arguments)
    try:
        prepare()
        return run_task(parsed.task, parsed.extra)
    except SetupError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def run_task(task: str, extra: list[str]) -> int:
    """Runs a task in the prepared environment and returns its exit code.

    The tests run also when lint found mistakes; then the exit code is theirs, or 1 when all of them passed.
    """
    if task == "lint":
        return lint()
    if task == "bench":
        return call(str(PYTHON), "-m", "tests.benchmarks", *extra)
    if task == "demo":
        return call(str(PYTHON), "-m", "bridge", "demo", "demo", *extra)
    if task == "package":
        built = call(str(PYTHON), "-m", "build", "--no-isolation", "--outdir", "dist", *extra)
        return built or call(str(PYTHON), "-m", "pytest", "tests/packaging")
    tier = ("-m", "not full") if task == "test" else ()
    engines = subprocess.Popen([str(PYTHON), "-m", "tests.engines.fetch"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        unclean = lint()
        print(f"== real engines\n{engines.communicate()[0]}", end="", flush=True)
    finally:
        engines.kill()
    if unclean:
        print("== lint found mistakes (see above); the tests run all the same", flush=True)
    with memory_folder() as place:
        return call(*PYTEST, *place, *tier, *extra) or unclean


@contextlib.contextmanager
def memory_folder() -> Iterator[tuple[str, ...]]:
    """pytest's options for folders of the tests in memory, where the system has room: every file is waited for there
    as on a disk, which takes no time. Elsewhere none.
    """
    with contextlib.ExitStack() as stack:
        options: tuple[str, ...] = ()
        with contextlib.suppress(OSError):
            if shutil.disk_usage(MEMORY).free >= MEMORY_BYTES:
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="assetbridge-", dir=MEMORY))
                # Some tests act as another user, who has to reach what is shared with him.
                Path(folder).chmod(0o755)
                options = ("--basetemp", f"{folder}/tests")
        yield options


def lint() -> int:
    """Every static check, also after one has failed; 0 when all are clean, else 1."""
    codes = [call(str(BIN / tool), *arguments) for tool, *arguments in LINT]
    return int(any(codes))


def call(*command: str) -> int:
    """Runs a program in the project's folder, says so first, and returns its exit code."""
    shown = " ".join((Path(command[0]).name, *command[1:]))
    print(f"== {shown}", flush=True)
    return subprocess.run(command, cwd=ROOT).returncode


def prepare() -> None:
    """Makes `.venv` and installs the project with its development tools, unless that was done already.

    Raises:
        SetupError: Python is too old, has no venv module, or the installation failed.
    """
    if sys.version_info < OLDEST:
        raise SetupError(
            f"Python {'.'.join(map(str, OLDEST))} or newer is needed, this is {sys.version.split()[0]}: "
            "start it with a newer one (make PYTHON=python3.12 test)"
        )
    wanted = installation()
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted:
        return
    if not usable(PYTHON):
        print(f"== making {VENV.name}", flush=True)
        shutil.rmtree(VENV, ignore_errors=True)
        if subprocess.run([sys.executable, "-m", "venv", str(VENV)]).returncode != 0:
            raise SetupError(
                "python -m venv failed: install the venv module of this Python (on Debian: apt install python3-venv)"
            )
    STAMP.unlink(missing_ok=True)
    if call(str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-e", EXTRAS) != 0:
        raise SetupError("pip could not install the project (see above)")
    STAMP.write_text(wanted, encoding="utf-8")


def installation() -> str:
    """Identifies what an installation depends on: declared dependencies, Python version, folder."""
    declared = (ROOT / "pyproject.toml").read_bytes()
    return hashlib.sha256(b"\0".join([declared, sys.version.encode(), str(ROOT).encode()])).hexdigest() + "\n"


def usable(python: Path) -> bool:
    """Whether the environment's Python still runs, is of the running version, and has pip."""
    version = ".".join(map(str, sys.version_info[:3]))
    probe = "import pip, platform; print(platform.python_version())"
    try:
        answer = subprocess.run([str(python), "-c", probe], capture_output=True, text=True, timeout=60)
    except OSError:
        return False
    return answer.returncode == 0 and answer.stdout.strip() == version


if __name__ == "__main__":
    sys.exit(main())
