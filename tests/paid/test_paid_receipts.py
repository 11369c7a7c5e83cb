"""Receipts: what was bought once is never bought again, though the lock, the journal and the memory are gone."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bridge.cli import main
from bridge.core.paths import STORE_FOLDER
from bridge.providers.sprixen import SprixenProvider
from bridge.store import lockfile
from tests.emulator import Emulator, payloads
from tests.emulator.faults import Fault
from tests.paid.conftest import GUARD, ICONS, Paid
from tests.paid.shops import SHOPS
from tests.paid.test_paid_doubts import TILE, lose
from tests.pipeline.conftest import Answer, Workspace
from tests.unit.providers import pixeldojo_samples, pixelengine_samples, pixellab_samples, sprixen_samples

SAMPLES: Mapping[str, ModuleType] = {
    "pixeldojo": pixeldojo_samples,
    "pixelengine": pixelengine_samples,
    "pixellab": pixellab_samples,
    "sprixen": sprixen_samples,
}
PROJECT = """\
[project]
name = "receipts"
id = "7e57"
specs = ["art/**/*.asset.toml"]
[defaults]
provider = "{name}"
[targets.json]
output = "export"
[providers.{name}]
base_url = "{url}"
"""
MARKETS = [pytest.param(name, marks=() if name == "pixeldojo" else pytest.mark.full) for name in SAMPLES]
FORGOTTEN = ("assetbridge.lock", "state.db*", "journal.db*")


def forget(root: Path) -> None:
    """The lock, the journal and the memory are gone; the store is not."""
    (root / "assetbridge.lock").unlink()
    for pattern in FORGOTTEN[1:]:
        for path in (root / ".assetbridge").glob(pattern):
            path.unlink()


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for shop in SHOPS.values():
        monkeypatch.setenv(*shop.key)
    monkeypatch.setattr(SprixenProvider, "limits", replace(SprixenProvider.limits, per_minute=None))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    def ran(*words: str) -> Answer:
        capsys.readouterr()
        code = main(words)
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return ran


@pytest.fixture
def market(tmp_path: Path, run: Any, request: pytest.FixtureRequest) -> Iterator[tuple[Workspace, Emulator[Any]]]:
    """A project with everything that a provider sells, and the provider."""
    name = request.param
    with Emulator(SHOPS[name].make(False)) as emulator:
        game = Workspace(tmp_path / "game", run)
        game.write("assetbridge.toml", PROJECT.format(name=name, url=emulator.url))
        if name == "pixeldojo":
            game.run("providers", "models", "pixeldojo")
        for path, data in getattr(SAMPLES[name], "FILES", {}).items():
            (game.root / path).parent.mkdir(parents=True, exist_ok=True)
            (game.root / path).write_bytes(data)
        for kind, text in SAMPLES[name].SPECS.items():
            if kind == "adopted":
                # It takes over what an account has, and this one is new.
                continue
            game.write(f"art/{kind.replace(' ', '_')}.asset.toml", text)
        yield game, emulator


def orders(emulator: Emulator[Any]) -> int:
    return len(emulator.ledger.rows)


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


def receipts_of(root: Path) -> dict[str, dict[str, Any]]:
    folder = root / STORE_FOLDER / "receipts"
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("market", MARKETS, indirect=True)
def test_with_nothing_but_the_store_everything_is_there(market: tuple[Workspace, Emulator[Any]]) -> None:
    game, emulator = market
    assets = game.run("build", "--yes", "--json").json["assets"]
    assert {asset["state"] for asset in assets} == {"ready"}
    lock, before = (game.root / "assetbridge.lock").read_bytes(), orders(emulator)
    forget(game.root)
    plan = game.run("plan", "--json", expect=None).json
    assert plan["cost"] == []
    assert all(step["cached"] for asset in plan["assets"] for step in asset["steps"])
    assert {asset["state"] for asset in game.run("build", "--json").json["assets"]} == {"ready"}
    assert orders(emulator) == before
    assert (game.root / "assetbridge.lock").read_bytes() == lock


@pytest.mark.parametrize(
    "market",
    MARKETS,
    indirect=True,
)
def test_a_clone_with_the_store_and_no_lock_buys_nothing(
    market: tuple[Workspace, Emulator[Any]], tmp_path: Path, run: Any
) -> None:
    game, emulator = market
    git(game.root, "init", "-q")
    main(["init", str(tmp_path / "new")])
    for name in (".gitignore", ".gitattributes"):
        shutil.copy(tmp_path / "new" / name, game.root)
    game.run("build", "--yes")
    git(game.root, "add", "-A")
    git(game.root, "rm", "-q", "--cached", "assetbridge.lock")
    git(game.root, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qm", "all but the lock")
    git(tmp_path, "clone", "-q", "game", "clone")
    clone, before = Workspace(tmp_path / "clone", run), orders(emulator)
    assert clone.run("plan", "--json", expect=None).json["cost"] == []
    clone.run("build")
    assert orders(emulator) == before
    assert (clone.root / "assetbridge.lock").read_bytes() == (game.root / "assetbridge.lock").read_bytes()


def test_a_receipt_says_what_was_bought_and_nothing_private(paid: Paid, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.orders.receipts.read_user_name", lambda _root: "Ada")
    paid.spec("art/guard", GUARD)
    paid.built("--yes")
    [(name, receipt)] = receipts_of(paid.root).items()
    lock = json.loads((paid.root / "assetbridge.lock").read_text(encoding="utf-8"))
    [step] = lock["assets"]["art/guard"]["steps"].values()
    assert name == step["fingerprint"].replace(":", "-")
    assert (receipt["fingerprint"], receipt["result"]) == (step["fingerprint"], step["result"])
    assert (receipt["asset"], receipt["provider"], receipt["by"]) == ("art/guard", "pixellab", "Ada")
    assert receipt["cost"] == {"unit": "generations", "amount": "1", "reported": True}
    text = json.dumps(receipt)
    for private in ("town guard", str(paid.root), "Bearer", paid.emulator.url):
        assert private not in text


def test_a_receipt_is_the_same_whenever_it_is_written(paid: Paid) -> None:
    paid.spec("art/icons", ICONS)
    paid.built("--yes")
    folder = paid.root / STORE_FOLDER / "receipts"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    shutil.rmtree(folder)
    # The next purchase writes what a kill has left out.
    paid.spec("art/guard", GUARD)
    paid.built("--yes")
    after = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert before.items() < after.items()
    # The next build of this version writes what an earlier one has not.
    shutil.rmtree(folder)
    for path in (paid.root / ".assetbridge").glob("state.db*"):
        path.unlink()
    paid.built()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == after


def test_what_a_person_says_of_an_order_is_in_its_receipt(paid: Paid) -> None:
    paid.spec("art/guard", GUARD)
    paid.built("--yes")
    [before] = receipts_of(paid.root).values()
    assert before["cost"]["amount"] == "1"
    paid.run("jobs", "settle", "1", "--charged", "5")
    [after] = receipts_of(paid.root).values()
    assert after == {**before, "cost": {"unit": "generations", "amount": "5", "reported": True}}
    # That of somebody else's order for the same thing is theirs.
    [path] = (paid.root / STORE_FOLDER / "receipts").iterdir()
    other = json.dumps({**before, "at": "2026-01-01T00:00:00Z", "by": "Ada"})
    path.write_text(other, encoding="utf-8")
    paid.run("jobs", "settle", "1", "--charged", "4")
    assert path.read_text(encoding="utf-8") == other


def test_what_was_adopted_or_fetched_again_has_a_receipt_of_what_came(paid: Paid) -> None:
    shown = lose(paid, "art/block", TILE, "/create-isometric-tile", "/isometric-tiles")
    assert not (paid.root / STORE_FOLDER / "receipts").exists()
    paid.run("jobs", "adopt", "1", "--provider-id", shown)
    paid.built()
    [adopted] = receipts_of(paid.root).values()
    assert shown in adopted["ids"].values()
    other = Fault("other", change=lambda answer: payloads.with_pictures(answer, lambda _: payloads.bomb_png(32)))
    paid.emulator.faults.on("GET /isometric-tiles/*", other)
    paid.run("jobs", "refetch", "1")
    [fetched] = receipts_of(paid.root).values()
    [step] = lockfile.read(paid.root).assets["art/block"].steps.values()
    assert fetched == {**adopted, "result": step.result}
    assert fetched != adopted


@pytest.mark.parametrize("model", ["", 'model = "bitforge"\n'], ids=["has ids", "came at once"])
def test_a_receipt_without_its_result_is_fetched_again_or_waited_for_and_never_bought(paid: Paid, model: str) -> None:
    paid.spec("art/guard", GUARD + model)
    paid.built("--yes")
    charged = paid.charged
    forget(paid.root)
    for path in (paid.root / STORE_FOLDER).glob("??/*"):
        path.unlink()
    if not model:
        assert paid.built("--yes")["art/guard"]["state"] == "ready"
        assert paid.charged == charged
        assert paid.run("store", "verify").code == 0
        return
    assets = paid.built("--yes", expect=1)
    assert (assets["art/guard"]["state"], assets["art/guard"]["error"]["code"]) == ("blocked", "store_missing")
    assert "git lfs pull" in assets["art/guard"]["error"]["hint"]
    assert paid.charged == charged


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (b"{", "not valid JSON"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "pointer of Git LFS"),
        (b" " * 70_000, "more than 0.064 MB"),
        (b'{"version": 2}', "newer"),
    ],
    ids=["torn", "lfs", "large", "newer"],
)
def test_a_damaged_receipt_keeps_its_step_from_being_bought_and_says_the_way_out(
    paid: Paid, damage: bytes, said: str
) -> None:
    paid.spec("art/guard", GUARD)
    paid.built("--yes")
    charged = paid.charged
    forget(paid.root)
    [receipt] = (paid.root / STORE_FOLDER / "receipts").iterdir()
    receipt.write_bytes(damage)
    answer = paid.run("build", "--yes", expect=None)
    assert answer.code != 0
    assert answer.err.count("the receipt of something that was bought") == 1
    assert said in answer.err
    assert "git checkout -- .assetbridge/store/receipts/f1-" in answer.err
    assert paid.charged == charged


def test_a_lock_that_lies_about_a_result_is_set_right_by_the_receipt(paid: Paid) -> None:
    paid.spec("art/guard", GUARD)
    paid.built("--yes")
    lock, charged = (paid.root / "assetbridge.lock").read_bytes(), paid.charged
    result = next(iter(receipts_of(paid.root).values()))["result"]
    forget(paid.root)
    (paid.root / "assetbridge.lock").write_bytes(lock.replace(result.encode(), b"0" * 64))
    (paid.root / "export/art/guard.json").unlink()
    paid.built()
    assert (paid.root / "assetbridge.lock").read_bytes() == lock
    assert paid.charged == charged


def test_a_strangers_receipt_may_save_money_and_never_leads_out(paid: Paid) -> None:
    paid.spec("art/guard", GUARD)
    paid.built("--yes")
    charged = paid.charged
    forget(paid.root)
    [path] = (paid.root / STORE_FOLDER / "receipts").iterdir()
    receipt = json.loads(path.read_text(encoding="utf-8"))
    for result in ("../../../../etc/passwd", "/etc/passwd", 7):
        path.write_text(json.dumps({**receipt, "result": result}), encoding="utf-8")
        assert "its result is not what assetbridge writes" in paid.run("build", "--yes", expect=None).err
    path.unlink()
    path.symlink_to("/etc/passwd")
    assert "is a link" in paid.run("build", "--yes", expect=None).err
    assert paid.charged == charged
