"""`lock --rebuild`: the lock made again, with every uid, for nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bridge.store import lockfile
from tests.paid.conftest import EVERYTHING, GUARD, ICONS, Paid
from tests.paid.test_paid_receipts import forget

ROCK = 'kind = "sprite"\nprovider = "procedural"\ndescription = "mossy rock"\nsize = [16, 16]\n'


def outputs(root: Path) -> dict[str, bytes]:
    folders = [root / name for name in ("export", "maps", "game/generated")]
    return {str(path): path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}


def rebuild(paid: Paid, *, expect: int | None = 0) -> dict[str, Any]:
    return dict(paid.run("lock", "--rebuild", "--json", expect=expect).json)


@pytest.fixture
def built(paid: Paid) -> Paid:
    paid.spec("art/guard", GUARD)
    paid.spec("art/icons", ICONS)
    paid.spec("art/rock", ROCK)
    paid.built("--yes")
    return paid


def test_it_is_the_same_lock_and_no_file_changes(built: Paid) -> None:
    before, lock, charged = outputs(built.root), (built.root / "assetbridge.lock").read_bytes(), built.charged
    forget(built.root)
    done = rebuild(built)
    assert {asset["state"] for asset in done["assets"]} == {"ready"}
    assert (built.root / "assetbridge.lock").read_bytes() == lock
    assert outputs(built.root) == before
    assert built.charged == charged
    built.run("check")


@pytest.mark.full
def test_it_is_the_same_lock_for_everything_that_is_sold(paid: Paid) -> None:
    for asset_id, text in EVERYTHING.items():
        paid.spec(asset_id, text)
    paid.built("--yes")
    before, lock, charged = outputs(paid.root), (paid.root / "assetbridge.lock").read_bytes(), paid.charged
    forget(paid.root)
    rebuild(paid)
    assert (paid.root / "assetbridge.lock").read_bytes() == lock
    assert (outputs(paid.root), paid.charged) == (before, charged)


def test_a_renamed_asset_keeps_its_uids_and_is_not_bought_again(built: Paid) -> None:
    (built.root / "art/guard.asset.toml").rename(built.root / "art/warden.asset.toml")
    built.built()
    before, lock, charged = outputs(built.root), (built.root / "assetbridge.lock").read_bytes(), built.charged
    assert lockfile.read(built.root).assets["art/warden"].identity == "art/guard"
    forget(built.root)
    assert built.run("plan", "--json", expect=None).json["cost"] == []
    rebuild(built)
    assert (built.root / "assetbridge.lock").read_bytes() == lock
    assert (outputs(built.root), built.charged) == (before, charged)


def test_a_broken_lock_is_kept_beside_and_what_can_be_read_of_it_is_used(built: Paid) -> None:
    path = built.root / "assetbridge.lock"
    lock = path.read_bytes()
    torn = lock[: lock.rindex(b'"art/')]
    path.write_bytes(torn)
    error = built.run("plan", expect=2).err
    assert "assetbridge lock --rebuild" in error
    done = rebuild(built)
    assert (done["salvaged"], done["kept"]) == (2, ".assetbridge/assetbridge.lock.before")
    assert (built.root / done["kept"]).read_bytes() == torn
    assert path.read_bytes() == lock


def test_files_that_differ_are_kept_and_said(built: Paid) -> None:
    edited = built.root / "export/art/guard.json"
    edited.write_text(edited.read_text(encoding="utf-8") + " ", encoding="utf-8")
    before = outputs(built.root)
    forget(built.root)
    done = built.run("lock", "--rebuild")
    assert "art/guard: its files differ from what would be written and are kept" in done.out
    assert outputs(built.root) == before
    assert [asset["state"] for asset in rebuild(built)["assets"]] == ["drifted", "ready", "ready"]


def test_what_was_never_bought_is_left_to_the_plan(built: Paid) -> None:
    built.spec("art/new", GUARD.replace("town guard", "night watch"))
    charged = built.charged
    forget(built.root)
    done = rebuild(built)
    assert done["unbought"] == ["art/new"]
    assert built.charged == charged
    assert json.loads((built.root / "assetbridge.lock").read_text(encoding="utf-8"))["assets"].keys() == {
        "art/guard",
        "art/icons",
        "art/rock",
    }
