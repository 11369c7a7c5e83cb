"""Branches switched, rebased, stashed and merged under a running `watch` and daemon, over real git.

Nothing that was bought is ordered again, no file appears that git does not expect, and no switch is refused.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from bridge.cli import main
from bridge.daemon.process import control
from bridge.watch.events import WatchEvent
from bridge.watch.loop import WatchLoop
from tests.paid.conftest import Make, Server

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

BUDGET = '[budget]\npixellab = { unit = "generations", per_day = 100 }'
PAID = 'kind = "sprite"\ndescription = "{name}"\nsize = [32, 32]\n'
FREE = 'kind = "sprite"\nprovider = "procedural"\ndescription = "mossy {name}"\nsize = [16, 16]\n'
ENVIRONMENT: Mapping[str, str] = {
    **os.environ,
    **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "someone"),
    **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "someone@example.com"),
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_EDITOR": "true",
}
BRANCHES = ("main", "art", "docs", "tune")
REST = 0.8


class Repository:
    """A working tree. Every command has to succeed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=self.root, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, f"git {' '.join(words)}\n{done.stdout}{done.stderr}"
        return done.stdout

    def commit(self, message: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-qm", message)

    def unexpected(self) -> str:
        """What git would tell its user of."""
        return self.git("status", "--porcelain")


def spec(root: Path, name: str, text: str) -> None:
    path = root / "art" / f"{name}.asset.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text.format(name=name), encoding="utf-8")


@pytest.fixture
def clone(make: Make, emulator: Server, tmp_path: Path) -> Repository:
    """A teammate's clone: it has the lock, the store and the files, and no journal."""
    paid = make(emulator, BUDGET, "origin")
    origin = Repository(paid.root)
    origin.git("init", "-q", "-b", "main")
    paid.write(".gitignore", ".assetbridge/*\n!.assetbridge/store/\n")
    paid.write("README.md", "a game\n")
    spec(paid.root, "guard", PAID)
    spec(paid.root, "rock", FREE)
    paid.built()
    origin.commit("begin")
    origin.git("checkout", "-qb", "docs")
    for number in range(2):
        paid.write("README.md", f"a game\n{number}\n")
        origin.commit(f"say {number}")
    origin.git("checkout", "-q", "main")
    origin.git("checkout", "-qb", "tune")
    spec(paid.root, "rock", FREE.replace("[16, 16]", "[24, 24]"))
    paid.built()
    origin.commit("a larger rock")
    origin.git("checkout", "-q", "main")
    origin.git("checkout", "-qb", "art")
    for name in ("knight", "archer", "mage"):
        spec(paid.root, name, PAID)
    spec(paid.root, "moss", FREE)
    paid.built()
    origin.commit("three heroes")
    assert paid.charged == 4
    root = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(paid.root), str(root)], env=ENVIRONMENT, check=True, timeout=60)
    repository = Repository(root)
    for branch in BRANCHES:
        repository.git("checkout", "-q", branch)
    return repository


@contextmanager
def under_watch(root: Path) -> Iterator[Callable[[], None]]:
    """A watch that has built what was stale; gives what waits until it rests."""
    heard: list[float] = []
    begun = threading.Event()

    def hear(event: WatchEvent) -> None:
        heard.append(time.monotonic())
        if event.name == "watching":
            begun.set()

    loop = WatchLoop(root, hear)
    thread = threading.Thread(target=loop.run, daemon=True)
    thread.start()
    assert begun.wait(60)

    def rest() -> None:
        since = time.monotonic()
        while time.monotonic() - max(since, heard[-1]) < REST:
            time.sleep(0.05)
            assert thread.is_alive()

    try:
        yield rest
    finally:
        loop.stop()
        thread.join(30)


@contextmanager
def under_daemon(root: Path) -> Iterator[Callable[[], None]]:
    """A daemon that builds saved files."""
    client_of = control.start_daemon(root)[0]
    del client_of
    try:
        yield lambda: time.sleep(2 * REST)
    finally:
        control.stop_daemon(root)


def act(repository: Repository, dice: random.Random) -> None:
    """One thing that people do, to its end."""
    match dice.choice(("switch", "switch", "rebase", "merge", "stash", "edit")):
        case "switch":
            repository.git("checkout", "-q", dice.choice(BRANCHES))
        case "rebase":
            repository.git("checkout", "-qB", "moved", "docs")
            repository.git("rebase", "-q", dice.choice(("art", "tune")))
            repository.git("checkout", "-q", dice.choice(BRANCHES))
        case "merge":
            repository.git("checkout", "-qB", "joined", dice.choice(("art", "tune")))
            repository.git("merge", "-q", "--no-edit", "docs")
        case "stash":
            (repository.root / "README.md").write_text("something else\n", encoding="utf-8")
            repository.git("stash", "push", "-qu")
            repository.git("checkout", "-q", "main")
            repository.git("stash", "drop", "-q")
        case "edit":
            # A free asset is changed, perhaps built, and put away before the switch.
            spec(repository.root, "rock", FREE.replace("[16, 16]", f"[{dice.randrange(17, 40)}, 20]"))
            time.sleep(dice.choice((0.0, 0.1, 1.5)))
            repository.git("stash", "push", "-qu")
            repository.git("checkout", "-q", dice.choice(BRANCHES))
            repository.git("stash", "drop", "-q")


def go_through(
    repository: Repository, emulator: Server, rest: Callable[[], None], dice: random.Random, count: int
) -> None:
    charged = emulator.ledger.total("generations")
    for number in range(count):
        act(repository, dice)
        if dice.random() < 0.5:
            time.sleep(dice.random() * 0.6)
            continue
        rest()
        assert repository.unexpected() == "", number
        assert emulator.ledger.total("generations") == charged, number
    rest()
    for branch in BRANCHES[::-1]:
        repository.git("checkout", "-q", branch)
        rest()
        assert repository.unexpected() == "", branch
    assert emulator.ledger.total("generations") == charged


@pytest.mark.parametrize("count", [8, pytest.param(50, marks=pytest.mark.full)])
@pytest.mark.parametrize("actor", [under_watch, under_daemon])
def test_what_git_does_is_not_built_over(
    clone: Repository,
    emulator: Server,
    actor: Callable[[Path], contextmanager[Callable[[], None]]],  # type: ignore[valid-type]
    count: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("XDG_CONFIG_HOME", "HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    with actor(clone.root) as rest:  # type: ignore[attr-defined]
        go_through(clone, emulator, rest, random.Random(count), count)


def test_a_switch_right_after_a_save_orders_nothing_for_what_is_gone(clone: Repository, emulator: Server) -> None:
    """The very complaint: three bought specs are committed, and the branch is left and taken up again at once."""
    charged = emulator.ledger.total("generations")
    clone.git("checkout", "-q", "art")
    with under_watch(clone.root) as rest:
        for _ in range(4):
            clone.git("checkout", "-q", "main")
            clone.git("checkout", "-q", "art")
        clone.git("checkout", "-q", "main")
        rest()
        assert clone.unexpected() == ""
    assert emulator.ledger.total("generations") == charged
    assert main(["plan", "--project", str(clone.root)]) == 0


def test_a_rebase_that_waits_for_its_user_is_waited_for(clone: Repository, emulator: Server) -> None:
    charged = emulator.ledger.total("generations")
    clone.git("checkout", "-q", "art")
    with under_watch(clone.root) as rest:
        (clone.root / ".git" / "rebase-merge").mkdir()
        spec(clone.root, "wizard", PAID)
        rest()
        assert emulator.ledger.total("generations") == charged
        (clone.root / ".git" / "rebase-merge").rmdir()
        deadline = time.monotonic() + 20
        while emulator.ledger.total("generations") == charged and time.monotonic() < deadline:
            time.sleep(0.1)
    assert emulator.ledger.total("generations") == charged + 1
