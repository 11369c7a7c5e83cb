"""Before trust: no request, no key, no command, no port, no foreign module, whatever the settings say."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pytest

from bridge.config.project_config import read_config
from bridge.core.errors import NeedsDecision
from bridge.orders.access import open_access, open_public_access, provider_settings
from bridge.orders.budget import Approval, read_budgets
from bridge.orders.upload import upload_for_provider
from bridge.orders.webhooks.receiver import receive_hints
from bridge.orders.webhooks.trial import try_webhook
from bridge.providers import registry as providers
from bridge.store.lockfile import read as read_lock
from bridge.store.lockfile import write as write_lock
from bridge.watch.session import WatchSession
from exporters import registry as targets
from tests.hostile.listening_server import CommandLine, Trap, open_trap
from tests.hostile.outside import Outside, snapshot_tree
from tests.hostile.stranger import KEYS, PROJECT

Lure: TypeAlias = Callable[[str], Path]
Capture: TypeAlias = pytest.CaptureFixture[str]
PAID = 'kind = "sprite"\nprovider = "{}"\ndescription = "town guard"\nsize = [64, 64]\n'
MOVED = (
    'kind = "animation"\nprovider = "pixeldojo"\nmodel = "motion-video"\naction = "waves"\nframes = 4\n'
    'source = "asset:art/gem"\n'
)
# What a stranger may write, by the key: lines of assetbridge.toml. Every project has the trap as its base_url.
SETTINGS = {
    "base_url": "",
    "api_key_env": 'api_key_env = "AWS_SECRET_ACCESS_KEY"\n',
    "upload_command": "upload_command = '''{command}'''\n",
    "webhooks": '[webhooks]\nlisten = "127.0.0.1:{free}"\npublic_url = "https://hooks.example.com"\n',
    "budget": '[budget]\npixellab = {{ unit = "generations" }}\npixeldojo = {{ unit = "credits" }}\n',
    "store": '[store]\nremote = "s3://stolen/results"\n',
    "plug_ins": '[targets.foreign]\n[providers.strange]\nbase_url = "{url}"\n',
}
# Every command that works on a project, and a code that it may end with before trust.
COMMANDS: dict[tuple[str, ...], tuple[int, ...]] = {
    ("plan",): (0, 4),
    ("plan", "--json"): (0, 4),
    ("status",): (0,),
    ("build",): (4,),
    ("build", "--yes"): (4,),
    ("build", "--max-cost", "generations=100"): (4,),
    ("approve",): (4,),
    ("export",): (1, 4),
    ("check",): (1, 4, 5),
    ("providers",): (0,),
    ("providers", "balance"): (4,),
    ("providers", "balance", "pixellab"): (4,),
    ("providers", "models", "pixeldojo"): (4,),
    ("providers", "assets", "pixellab"): (4,),
    ("doctor",): (0, 1),
    ("spend",): (0,),
    ("spend", "--remote"): (4,),
    ("spend", "--team"): (0,),
    ("jobs", "--team"): (2, 4),
    ("store", "probe"): (2, 4),
    ("store", "push"): (2, 4),
    ("store", "pull"): (2, 4),
    ("store", "remote", "du"): (2, 4),
    ("store", "remote", "verify"): (2, 4),
    ("store", "remote", "gc", "--yes"): (2, 4),
    ("jobs",): (0,),
    ("jobs", "webhook"): (0,),
    ("jobs", "webhook", "--test"): (0, 4),
    ("jobs", "cancel", "1"): (4,),
    ("jobs", "resubmit", "1", "--yes"): (4,),
    ("jobs", "resubmit", "--all", "--yes"): (4,),
    ("jobs", "refetch", "1"): (4,),
    ("skeleton", "art/rock", "poses.json", "--yes"): (2, 4),
    ("jobs", "abandon", "1"): (4,),
    ("jobs", "adopt", "1", "--provider-id", "x"): (4,),
    ("jobs", "settle", "1", "--charged", "1"): (4,),
    ("trust",): (4,),
    ("trust", "--json"): (4,),
}


@pytest.fixture
def trap(monkeypatch: pytest.MonkeyPatch) -> Iterator[Trap]:
    with open_trap(monkeypatch) as opened:
        yield opened


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """A file that is there once something of the stranger's ran."""
    return tmp_path / "it-ran"


@pytest.fixture(autouse=True)
def foreign_packages(tmp_path: Path, marker: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Installed packages that offer a provider and a target, and leave a mark when they are imported."""
    site = tmp_path / "site"
    code = f"open({os.fspath(marker)!r}, 'w').close()\nOFFER = None\n"
    for group, name in (("providers", "strange"), ("exporters", "foreign")):
        info = site / f"assetbridge_{name}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: assetbridge-{name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[assetbridge.{group}]\n{name} = hostile_{name}:OFFER\n")
        (site / f"hostile_{name}.py").write_text(code)
    monkeypatch.syspath_prepend(str(site))
    for cache in (providers._entry_points, targets._added_points):
        cache.cache_clear()
    yield
    for name in ("hostile_strange", "hostile_foreign"):
        sys.modules.pop(name, None)
    monkeypatch.undo()
    for cache in (providers._entry_points, targets._added_points):
        cache.cache_clear()


@pytest.fixture
def lure(stranger: Path, marker: Path, trap: Trap, monkeypatch: pytest.MonkeyPatch) -> Lure:
    """Makes the clone ask for one thing more than the trap's address, or for everything."""
    monkeypatch.setenv("PIXELDOJO_API_KEY", "hostile-test-dojo-key")
    # The user's own cloud, which a stranger's bucket would be asked with.
    monkeypatch.setenv("AWS_ENDPOINT_URL", trap.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAHOSTILETEST")

    def write(setting: str) -> Path:
        with socket.create_server(("127.0.0.1", 0)) as unused:
            free = unused.getsockname()[1]
        script = f"import pathlib; pathlib.Path({os.fspath(marker)!r}).touch()"
        facts = {"command": f'"{sys.executable}" -c "{script}"', "url": trap.url, "free": free}
        chosen = SETTINGS if setting == "everything" else {setting: SETTINGS[setting]}
        lines = {key: text.format(**facts) for key, text in chosen.items()}
        provider_lines = lines.pop("api_key_env", "") + lines.pop("upload_command", "")
        tables = [
            f'[providers.{name}]\nbase_url = "{trap.url}"\n{provider_lines}' for name in ("pixellab", "pixeldojo")
        ]
        (stranger / "assetbridge.toml").write_text(PROJECT + "".join(tables) + "".join(lines.values()))
        (stranger / "art" / "guard.asset.toml").write_text(PAID.format("pixellab"))
        (stranger / "art" / "moved.asset.toml").write_text(MOVED)
        if setting in ("plug_ins", "everything"):
            (stranger / "art" / "odd.asset.toml").write_text(PAID.format("strange"))
        return stranger

    return write


@pytest.mark.parametrize("setting", ["everything", *(pytest.param(name, marks=pytest.mark.full) for name in SETTINGS)])
def test_no_command_does_what_a_stranger_set(
    setting: str,
    lure: Lure,
    trap: Trap,
    marker: Path,
    outside: Outside,
    capsys: Capture,
) -> None:
    command_line = CommandLine(lure(setting), capsys)
    outside.renew()
    for words, codes in COMMANDS.items():
        said = command_line.run(*words)
        assert said.code in codes, (words, said)
        assert not any(key in said.out + said.err for key in KEYS.values()), words
        assert not marker.exists(), words
        trap.assert_untouched()
    assert (command_line.root / "export" / "art" / "gem.png").is_file()
    outside.assert_unchanged()


def test_everything_at_once_under_watch(lure: Lure, trap: Trap, marker: Path) -> None:
    root = lure("everything")
    told: list[str] = []
    session = WatchSession(read_config(root), lambda event: told.append(str(event.as_dict())))
    try:
        with session.project.owned():
            session.build()
            session.build_changes(frozenset({"assetbridge.toml"}))
    finally:
        session.close()
    assert any("not_trusted" in line for line in told)
    assert any("art/gem" in line and "ready" in line for line in told)
    assert not marker.exists()
    trap.assert_untouched()


def test_the_same_project_does_all_of_it_once_it_is_trusted(lure: Lure, trap: Trap, capsys: Capture) -> None:
    """The net of these tests: they would see what they say does not happen."""
    command_line = CommandLine(lure("api_key_env"), capsys)
    assert command_line.run("trust", "--yes").code == 0
    command_line.run("plan")
    assert any(KEYS["AWS_SECRET_ACCESS_KEY"].encode() in request for request in trap.received)


def test_a_team_store_is_asked_once_it_is_trusted(lure: Lure, trap: Trap, capsys: Capture) -> None:
    """The same net, for the store that a stranger names."""
    command_line = CommandLine(lure("store"), capsys)
    assert command_line.run("trust", "--yes").code == 0
    said = command_line.run("store", "du", "--remote", "--json")
    assert "remote_" in said.err + said.out
    assert any(b"/stolen" in request for request in trap.received)


def test_a_folder_outside_is_neither_read_nor_written_before_trust(
    lure: Lure, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    command_line = CommandLine(lure("base_url"), capsys)
    folder = tmp_path / "nas"
    folder.mkdir()
    config = command_line.root / "assetbridge.toml"
    config.write_text(config.read_text() + f'[store]\nremote = "file://{folder}"\n')

    def refuse(*_: object) -> None:
        raise AssertionError("the store was opened")

    monkeypatch.setattr("bridge.store.shared.bucket._load_library", refuse)
    for words, codes in COMMANDS.items():
        if words[0] != "trust":
            assert command_line.run(*words).code in codes, words
    assert list(folder.iterdir()) == []


def test_no_gate_of_the_orders_can_be_passed(lure: Lure, trap: Trap, marker: Path) -> None:
    """What builds on these functions cannot forget to ask: they ask themselves."""
    config = read_config(lure("everything"))
    refused: list[Callable[[], object]] = [
        lambda: provider_settings(config, "pixellab"),
        lambda: open_access(config, "pixellab"),
        lambda: open_public_access(config, "pixellab"),
        lambda: upload_for_provider(b"\x89PNG", "pixellab", config),
        lambda: try_webhook(config),
        lambda: Approval(read_budgets(config), trust=config.trust).grant(None, None),  # type: ignore[arg-type]
        lambda: Approval({}).grant(None, None),  # type: ignore[arg-type]
        lambda: providers.get("strange"),
    ]
    for call in refused:
        with pytest.raises(NeedsDecision) as caught:
            call()
        assert caught.value.code == "not_trusted"
        assert "assetbridge trust" in caught.value.hint
    assert read_budgets(config) == {}
    with receive_hints(config, lambda _: None) as hints:
        assert hints.address is None
    assert not marker.exists()
    trap.assert_untouched()


def test_a_plan_reads_no_key(lure: Lure, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """Not even to see whether there is one: a keyring may ask its user."""

    def refuse(*_: object) -> None:
        raise AssertionError("a key was looked for")

    monkeypatch.setattr("bridge.core.credentials.find_key", refuse)
    command_line = CommandLine(lure("everything"), capsys)
    assert command_line.run("plan").code in (0, 4)
    assert command_line.run("build", "--yes").code == 4


def test_a_plan_shows_what_is_paid_and_no_price(lure: Lure, trap: Trap, capsys: Capture) -> None:
    command_line = CommandLine(lure("budget"), capsys)
    text = command_line.run("plan").out
    assert "pixellab: not priced: this project is not trusted" in text
    assert "1 step, not priced: image/1" in text
    assert "assetbridge trust" in text
    assert f"pixellab at {trap.url}" in text
    plan = command_line.run("plan", "--json").json
    assert plan["priced"] is False
    assert {cost["amount"] for cost in plan["cost"]} == {None}
    assert {cost["verdict"] for cost in plan["providers"]} == {"not_trusted"}
    assert f"pixellab at {trap.url} (base_url in assetbridge.toml)" in plan["notes"]


def test_packages_are_listed_and_not_loaded(lure: Lure, marker: Path, capsys: Capture) -> None:
    command_line = CommandLine(lure("plug_ins"), capsys)
    rows = {row["name"]: row for row in command_line.run("providers", "--json").json["providers"]}
    assert rows["strange"]["error"]["code"] == "not_trusted"
    assert "not loaded" in command_line.run("providers").out
    findings = [row["what"] for row in command_line.run("doctor", "--json").json["findings"]]
    assert any("the export target foreign is not loaded" in what for what in findings)
    assert any("the provider strange is not loaded" in what for what in findings)
    assert any(
        "nothing is written for the target foreign" in note for note in command_line.run("plan", "--json").json["notes"]
    )
    assert not marker.exists()


def test_files_of_a_target_that_is_not_loaded_stay(lure: Lure, capsys: Capture) -> None:
    """The lock names them: they are neither removed, nor is the asset built again for them."""
    command_line = CommandLine(lure("plug_ins"), capsys)
    command_line.run("build")
    root = command_line.root
    lock = read_lock(root)
    entry = lock.assets["art/gem"]
    entry.targets["foreign"] = replace(entry.targets["json"], output="theirs")
    lock.put("art/gem", entry)
    write_lock(root, lock)
    for path in entry.targets["foreign"].files:
        (root / "theirs" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / "theirs" / path).write_bytes((root / "export" / path).read_bytes())
    before = snapshot_tree(root / "theirs")
    plan = {asset["id"]: asset for asset in command_line.run("plan", "--json").json["assets"]}
    assert plan["art/gem"]["action"] == "none"
    (root / "art" / "gem.asset.toml").write_text('kind = "sprite"\ndescription = "blue gem"\nsize = [16, 16]\n')
    command_line.run("build")
    assert snapshot_tree(root / "theirs") == before
    assert "foreign" in read_lock(root).assets["art/gem"].targets


def test_the_journal_of_a_clone_is_not_collected(
    lure: Lure, trap: Trap, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that is `submitted` would be asked for at the stranger's address, with the key."""
    root = lure("base_url")
    command_line = CommandLine(root, capsys)
    monkeypatch.setenv("ASSETBRIDGE_TRUST", "1")
    command_line.run("build", "--yes")
    assert trap.received, "nothing was ordered"
    monkeypatch.delenv("ASSETBRIDGE_TRUST")
    with sqlite3.connect(root / ".assetbridge" / "journal.db") as database:
        database.execute("UPDATE job SET state = 'submitted', remote = ?", (json.dumps({"job": "j1"}),))
    trap.received.clear()
    (root / "art" / "guard.asset.toml").unlink()
    for words in (("build",), ("build", "--yes"), ("jobs",), ("plan",), ("jobs", "cancel", "1")):
        command_line.run(*words)
    trap.assert_untouched()
