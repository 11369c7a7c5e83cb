"""The question: asked once, on a terminal, with what is asked for; and what follows from the answer."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from bridge.cli import trust_question
from bridge.config.project_config import read_config
from bridge.core.user_files import user_folder
from tests.hostile.listening_server import CommandLine, Trap, open_trap
from tests.hostile.stranger import KEYS

BUDGET = '[budget]\npixellab = { unit = "generations", per_day = 5 }\n'
PAID = 'kind = "sprite"\nprovider = "pixellab"\ndescription = "town guard"\nsize = [64, 64]\n'


class Person:
    """Who sits at the terminal: gives the same answer to every question and counts them."""

    def __init__(self) -> None:
        self.answer = False
        self.asked: list[str] = []

    def confirm(self, text: str, **_: object) -> bool:
        self.asked.append(text)
        return self.answer


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> Person:
    """A terminal with a person; programs are still not asked."""
    sitting = Person()
    monkeypatch.setattr(click, "confirm", sitting.confirm)
    monkeypatch.setattr(trust_question, "is_terminal", lambda: True)
    return sitting


@pytest.fixture
def trap(monkeypatch: pytest.MonkeyPatch) -> Iterator[Trap]:
    with open_trap(monkeypatch) as opened:
        yield opened


@pytest.fixture
def command_line(stranger: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(stranger, capsys)


def add(root: Path, text: str) -> None:
    with (root / "assetbridge.toml").open("a", encoding="utf-8") as file:
        file.write(text)


def test_a_project_that_asks_for_nothing_is_never_asked_about(command_line: CommandLine, person: Person) -> None:
    for words in (("plan",), ("build",), ("status",), ("doctor",), ("check",), ("export",), ("providers",)):
        command_line.run(*words)
    assert person.asked == []


def test_no_holds_for_this_command_and_free_art_goes_on(
    stranger: Path, command_line: CommandLine, person: Person
) -> None:
    add(stranger, BUDGET)
    (stranger / "art" / "guard.asset.toml").write_text(PAID)
    said = command_line.run("build")
    assert len(person.asked) == 1, "once in a command, though two gates were met"
    assert "budget.pixellab" in said.err
    assert "spends at pixellab without asking: 5 generations a day" in said.err
    assert said.code == 4
    assert (stranger / "export" / "art" / "gem.png").is_file()
    command_line.run("plan")
    assert len(person.asked) == 2, "the next command asks again"
    assert not (user_folder() / "trust.json").exists()


def test_yes_is_asked_for_once(stranger: Path, command_line: CommandLine, person: Person, trap: Trap) -> None:
    add(stranger, f'[providers.pixellab]\nbase_url = "{trap.url}"\n')
    (stranger / "art" / "guard.asset.toml").write_text(PAID)
    person.answer = True
    command_line.run("plan")
    assert len(person.asked) == 1
    assert any(KEYS["PIXELLAB_API_KEY"].encode() in request for request in trap.received)
    command_line.run("plan")
    command_line.run("build")
    command_line.run("providers", "balance", "pixellab")
    assert person.asked[1:] in ([], ["Spend this?"]), "trust is settled; money is asked about as ever"


def test_paid_art_alone_is_asked_about_when_it_is_met(
    stranger: Path, command_line: CommandLine, person: Person
) -> None:
    command_line.run("plan")
    assert person.asked == []
    (stranger / "art" / "guard.asset.toml").write_text(PAID)
    said = command_line.run("plan")
    assert len(person.asked) == 1
    assert "paid art from pixellab, with your key" in said.err


@pytest.mark.parametrize("words", [("plan", "--json"), ("build", "--json"), ("build", "--events"), ("trust", "--json")])
def test_programs_are_never_asked(
    stranger: Path, command_line: CommandLine, person: Person, words: tuple[str, ...]
) -> None:
    add(stranger, BUDGET)
    (stranger / "art" / "guard.asset.toml").write_text(PAID)
    command_line.run(*words)
    assert person.asked == []


def test_a_pipe_is_never_asked(stranger: Path, command_line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a pipe was asked")

    monkeypatch.setattr(click, "confirm", refuse)
    add(stranger, BUDGET)
    (stranger / "art" / "guard.asset.toml").write_text(PAID)
    said = command_line.run("build", "--no-daemon")
    assert (said.code, "not trusted" in said.err, "assetbridge trust" in said.err) == (4, True, True)
    assert command_line.run("trust").code == 4


def test_a_pull_is_asked_about_with_the_difference_alone(
    stranger: Path, command_line: CommandLine, person: Person
) -> None:
    add(stranger, BUDGET)
    person.answer = True
    command_line.run("plan")
    file = stranger / "assetbridge.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("per_day = 5", "per_day = 5, per_build = 5"), encoding="utf-8")
    add(stranger, '[webhooks]\npublic_url = "https://hooks.example.com"\n')
    said = command_line.run("plan")
    assert len(person.asked) == 2
    assert "asks for something else than when you trusted it" in said.err
    lines = [line.split()[:2] for line in said.err.splitlines() if line.startswith("  ")]
    assert lines == [["changed", "budget.pixellab"], ["new", "webhooks"]]
    file.write_text(text, encoding="utf-8")
    said = command_line.run("plan")
    lines = [line.split()[:2] for line in said.err.splitlines() if line.startswith("  ")]
    assert lines == [["changed", "budget.pixellab"], ["gone", "webhooks"]]
    command_line.run("plan")
    assert len(person.asked) == 3


def test_a_copy_and_a_moved_folder_are_asked_about(
    stranger: Path, command_line: CommandLine, person: Person, tmp_path: Path
) -> None:
    add(stranger, BUDGET)
    person.answer = True
    command_line.run("plan")
    person.answer = False
    for other in (shutil.copytree(stranger, tmp_path / "copy"), stranger.rename(tmp_path / "moved")):
        command_line.root = other
        command_line.run("plan")
    assert len(person.asked) == 3


def test_trust_by_command(stranger: Path, command_line: CommandLine) -> None:
    add(stranger, BUDGET)
    assert command_line.run("trust", "--json").json["state"] == "untrusted"
    said = command_line.run("trust", "--yes")
    assert (said.code, "budget.pixellab" in said.out) == (0, True)
    document = command_line.run("trust", "--json").json
    assert (document["trusted"], document["by"], document["changes"]) == (True, "record", [])
    assert [ask["key"] for ask in document["asks"]] == ["budget.pixellab"]
    (listed,) = command_line.run("trust", "--list", "--json").json["projects"]
    assert (Path(listed["path"]), listed["asks"]) == (Path(os.path.realpath(stranger)), ["budget.pixellab"])
    assert command_line.run("trust").code == 0
    assert command_line.run("trust", "--revoke", "--json").json == {"revoked": True}
    assert command_line.run("trust", "--revoke", "--json").json == {"revoked": False}
    assert command_line.run("trust", "--json").code == 4
    assert command_line.run("trust", "--yes", "--revoke").code == 2


def test_here_trusts_this_very_folder(stranger: Path, command_line: CommandLine) -> None:
    command_line.root = stranger / "art"
    assert command_line.run("trust", "--here").code == 2
    assert not read_config(stranger).trust.is_trusted
    command_line.root = stranger
    assert command_line.run("trust", "--here").code == 0
    assert read_config(stranger).trust.is_trusted


def test_a_record_that_came_with_the_clone_is_not_read(stranger: Path, command_line: CommandLine) -> None:
    command_line.run("trust", "--yes")
    for place in (".", ".assetbridge", "assetbridge", ".config/assetbridge"):
        (stranger / place).mkdir(parents=True, exist_ok=True)
        shutil.copy(user_folder() / "trust.json", stranger / place / "trust.json")
    command_line.run("trust", "--revoke")
    assert command_line.run("trust", "--json").json["state"] == "untrusted"


def test_a_made_project_is_trusted_and_a_found_demo_is_not(
    user_home: Path, tmp_path: Path, command_line: CommandLine, person: Person
) -> None:
    del user_home
    command_line.root = tmp_path / "own"
    command_line.root.mkdir()
    assert command_line.run("init").code == 0
    assert read_config(command_line.root).trust.is_trusted
    command_line.run("new", "sprite", "gem")
    for words in (("plan",), ("build",), ("plan",), ("status",)):
        assert command_line.run(*words).code == 0
    (command_line.root / "guard.asset.toml").write_text(PAID)
    command_line.run("plan", "--json")
    command_line.run("build", "--json")
    assert person.asked == []
    add(command_line.root, BUDGET)
    command_line.run("status")
    command_line.run("plan")
    assert len(person.asked) == 1, "a budget that its own user adds is asked about once"


def test_a_demo_is_trusted_where_it_was_made(user_home: Path, tmp_path: Path) -> None:
    from bridge.operations.demo import copy_demo
    from bridge.trust.record import forget_record

    del user_home
    copy_demo(tmp_path / "demo")
    assert read_config(tmp_path / "demo").trust.is_trusted
    forget_record(tmp_path / "demo")
    copy_demo(tmp_path / "demo")
    assert not read_config(tmp_path / "demo").trust.is_trusted, "it may be a stranger's"


def test_init_says_when_trust_cannot_be_kept(user_home: Path, tmp_path: Path, command_line: CommandLine) -> None:
    del user_home
    user_folder().parent.mkdir(parents=True, exist_ok=True)
    user_folder().write_text("in the way")
    command_line.root = tmp_path / "own"
    command_line.root.mkdir()
    said = command_line.run("init")
    assert said.code == 0
    assert "the project is not trusted" in said.err
    assert (command_line.root / "assetbridge.toml").is_file()


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo terminal is POSIX'")
def test_on_a_real_terminal(stranger: Path, user_home: Path) -> None:
    """Nothing is replaced here: the command line in a pseudo terminal, answered by keys."""
    import pty

    del user_home
    add(stranger, BUDGET)

    def run(*words: str, keys: bytes) -> str:
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(stranger)
            os.execv(sys.executable, [sys.executable, "-P", "-m", "bridge", *words])
        text = b""
        os.write(terminal, keys)
        while True:
            try:
                part = os.read(terminal, 4096)
            except OSError:
                break
            if not part:
                break
            text += part
        os.waitpid(child, 0)
        os.close(terminal)
        return text.decode(errors="replace")

    assert "Do you trust it?" in run("plan", keys=b"n\n")
    assert "1 to create" in run("plan", keys=b"y\n")
    again = run("plan", keys=b"")
    assert "Do you trust it?" not in again
    assert "1 to create" in again
