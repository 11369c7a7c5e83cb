"""`--json` of every command: exactly one object, at the end, whatever happens."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from bridge.cli.group import group
from bridge.daemon.process import control
from bridge.watch.events import OnEvent, WatchEvent
from bridge.watch.loop import WatchLoop
from tests.pipeline.conftest import SPRITE, Answer, Workspace

# Every command with arguments that it can carry out on a project of sprites, and the members of its answer.
ANSWERS: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "init": (("--name", "other"), {"error"}),
    "new": (("sprite", "art/gem"), {"id", "kind", "path"}),
    "plan": ((), {"assets", "errors"}),
    "build": ((), {"assets", "spent", "errors"}),
    "watch": ((), {"assets", "errors"}),
    "daemon start": ((), {"daemon", "started"}),
    "daemon status": ((), {"daemon"}),
    "daemon stop": ((), {"daemon", "stopped"}),
    "status": ((), {"assets", "daemon"}),
    "check": (("--art",), {"ok", "findings", "errors", "art"}),
    "inspect": (("art/rock",), {"id", "steps"}),
    "skeleton": (("art/rock", "poses.json"), {"error"}),
    "export": ((), {"assets", "spent", "errors"}),
    "reroll": (("art/rock",), {"id", "take"}),
    "pick": (("art/many", "2"), {"id", "pick"}),
    "approve": ((), {"assets", "spent", "errors"}),
    "jobs": ((), {"jobs"}),
    "jobs adopt": (("1", "--provider-id", "x"), {"error"}),
    "jobs abandon": (("1",), {"error"}),
    "jobs refetch": (("1",), {"error"}),
    "jobs resubmit": (("1",), {"error"}),
    "jobs cancel": (("1",), {"error"}),
    "jobs settle": (("1", "--charged", "2"), {"error"}),
    "jobs webhook": ((), {"on", "listen", "public_url", "waiting"}),
    "spend": ((), {"by", "rows", "entries"}),
    "lock": ((), {"assets", "notes"}),
    "store du": ((), {"total", "here", "branches", "bought", "rest", "receipts"}),
    "store verify": ((), {"blobs", "receipts", "problems"}),
    "store gc": ((), {"blobs", "bytes", "receipts", "costs", "removed"}),
    # A store of a team is set up in tests/paid/test_team_store.py.
    "store probe": ((), {"error"}),
    "store push": ((), {"error"}),
    "store pull": ((), {"error"}),
    "clean": (("--yes",), {"assets", "removed", "kept"}),
    "providers": ((), {"providers"}),
    "providers list": ((), {"providers"}),
    "providers login": (("procedural",), {"error"}),
    "providers balance": ((), {"balances"}),
    "providers assets": (("procedural",), {"error"}),
    "providers models": (("procedural",), {"error"}),
    "trust": ((), {"project", "trusted", "state", "by", "asks", "changes"}),
    "schema": ((), {"path", "changed"}),
    "install-addon": (("godot",), {"engine", "version", "folder", "written", "removed"}),
    "doctor": ((), {"ok", "findings"}),
    "demo": (("art",), {"error"}),
}


def commands(node: click.Command, names: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something by itself, with its words."""
    if not isinstance(node, click.Group) or (names and node.invoke_without_command):
        yield " ".join(names), node
    if isinstance(node, click.Group):
        context = click.Context(node)
        for name in node.list_commands(context):
            command = node.get_command(context, name)
            assert command is not None
            yield from commands(command, (*names, name))


def only_object(answer: Answer) -> dict[str, Any]:
    """What was answered: one object on one line and nothing else."""
    document = json.loads(answer.out)
    assert answer.out == json.dumps(document) + "\n"
    assert isinstance(document, dict)
    assert "Traceback" not in answer.out + answer.err
    return document


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Watching ends as soon as it has begun."""

    class Brief(WatchLoop):
        def __init__(self, start: Path | None, hear: OnEvent) -> None:
            def stop_when_watching(event: WatchEvent) -> None:
                hear(event)
                if event.name == "watching":
                    self.stop()

            super().__init__(start, stop_when_watching)

    monkeypatch.setattr("bridge.watch.loop.WatchLoop", Brief)


def test_every_command_is_here_and_has_the_option() -> None:
    found = dict(commands(group))
    # What only git calls speaks to git alone.
    assert set(found) - {"merge-lock"} == set(ANSWERS)
    del found["merge-lock"]
    for name, command in found.items():
        assert "--json" in {option for parameter in command.params for option in parameter.opts}, name


@pytest.mark.usefixtures("brief", "start")
def test_each_answers_with_one_object(built_plain: Workspace) -> None:
    built_plain.write("art/many.asset.toml", "variants = 2\n" + SPRITE)
    try:
        for name, (words, members) in ANSWERS.items():
            answer = built_plain.run(*name.split(), *words, "--json", expect=None)
            document = only_object(answer)
            assert members <= set(document), (name, document)
            assert ("error" in document) == ("error" in members), (name, document)
    finally:
        control.stop_daemon(built_plain.root)


def test_each_answers_with_one_object_where_there_is_no_project(
    tmp_path: Path, run_words: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "art").mkdir()
    (tmp_path / "art" / "mine.txt").touch()
    monkeypatch.chdir(tmp_path)
    for name, (words, _) in ANSWERS.items():
        if name != "init":
            answer = run_words(*name.split(), *words, "--json")
            document = only_object(answer)
            assert ("error" in document or document.get("ok") is False) == bool(answer.code), name


def test_each_answers_with_one_object_to_what_it_does_not_know(run_words: Callable[..., Answer]) -> None:
    for name in ANSWERS:
        answer = run_words(*name.split(), "--no-such-option", "--json")
        assert only_object(answer)["error"]["code"] == "usage", name


def test_options_before_a_commands_second_word_count(
    workspace: Workspace, run_words: Callable[..., Answer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    project = ("--project", str(workspace.root))
    assert only_object(run_words("jobs", "--json", *project, "webhook"))["on"] is False
    assert only_object(run_words("providers", "--json", *project, "balance"))["balances"] == []
    assert only_object(run_words("providers", "--json", "list"))["providers"]


def test_a_watch_that_built_says_so_in_the_end(plain: Workspace, brief: None) -> None:
    del brief
    plain.write("art/rock.asset.toml", SPRITE)
    plain.write("art/bad.asset.toml", SPRITE.replace("16", "x"))
    document = only_object(plain.run("watch", "--json"))
    assert [(asset["id"], asset["state"]) for asset in document["assets"]] == [("art/rock", "ready")]
    assert [error["id"] for error in document["errors"]] == ["art/bad"]


def test_a_watch_with_events_tells_them_as_they_come(plain: Workspace, brief: None) -> None:
    del brief
    told = [json.loads(line)["event"] for line in plain.run("watch", "--json", "--events").out.splitlines()]
    assert told == ["watching", "stopped"]
