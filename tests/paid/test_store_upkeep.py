"""`store du`, `verify` and `gc`: nothing goes that a branch needs, nor what was paid for unless it is asked."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from bridge.core.paths import STORE_FOLDER
from tests.paid.conftest import GUARD, Paid
from tests.paid.test_paid_receipts import forget

ROCK = 'kind = "sprite"\nprovider = "procedural"\ndescription = "{}"\nsize = [16, 16]\n'


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


def save(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qm", "work")


def sweep(paid: Paid, *words: str) -> dict[str, Any]:
    return dict(paid.run("store", "gc", "--json", *words).json)


@pytest.fixture
def branches(paid: Paid) -> Paid:
    """Two branches that need one rock each, one that nobody needs any more, and two guards that were bought."""
    git(paid.root, "init", "-q", "-b", "main")
    paid.run("init", "--git")
    # A store that is committed is another one on every branch; this one is not.
    (paid.root / ".gitignore").write_text(".assetbridge/\n", encoding="utf-8")
    for text in ("wooden barrel", "treasure chest"):
        paid.spec("art/rock", ROCK.format(text))
        paid.spec("art/guard", GUARD if text == "treasure chest" else GUARD.replace("town", "castle"))
        paid.built("--yes")
    save(paid.root)
    git(paid.root, "checkout", "-qb", "side")
    paid.spec("art/rock", ROCK.format("mossy rock"))
    paid.built()
    save(paid.root)
    git(paid.root, "checkout", "-q", "main")
    return paid


def test_it_is_shown_first_and_keeps_what_branches_need_and_what_was_bought(branches: Paid) -> None:
    use = branches.run("store", "du", "--json").json
    assert (use["here"]["blobs"], use["branches"]["blobs"], use["bought"]["blobs"]) == (4, 2, 2)
    assert (use["rest"]["blobs"], use["receipts"]) == (2, 2)
    assert use["total"]["bytes"] == sum(use[part]["bytes"] for part in ("here", "branches", "bought", "rest"))
    shown = sweep(branches)
    assert (shown["blobs"], shown["receipts"], shown["costs"], shown["removed"]) == (2, 0, [], False)
    assert branches.run("store", "du", "--json").json == use
    assert sweep(branches, "--yes")["removed"]
    assert branches.run("store", "du", "--json").json["rest"]["blobs"] == 0
    assert branches.run("store", "verify", "--json").json["problems"] == []
    charged = branches.charged
    for branch in ("side", "main"):
        git(branches.root, "checkout", "-q", branch)
        forget_memory(branches.root)
        branches.run("export")
        branches.run("check")
    assert branches.charged == charged
    assert sweep(branches)["blobs"] == 0


def forget_memory(root: Path) -> None:
    for path in (root / ".assetbridge").glob("state.db*"):
        path.unlink()


def test_what_was_bought_goes_only_when_it_is_asked_for_with_its_price_shown(branches: Paid) -> None:
    shown = branches.run("store", "gc", "--bought")
    assert "paid for it: 1 generations at pixellab" in shown.out
    assert "nothing needs 4 blobs" in shown.out
    done = sweep(branches, "--bought", "--yes")
    assert (done["blobs"], done["receipts"]) == (4, 1)
    forget(branches.root)
    assert branches.run("plan", "--json", expect=None).json["cost"] == []


def test_where_a_branch_cannot_be_asked_nothing_goes(branches: Paid) -> None:
    git(branches.root, "checkout", "-qb", "broken")
    (branches.root / "assetbridge.lock").write_text("{", encoding="utf-8")
    save(branches.root)
    git(branches.root, "checkout", "-q", "main")
    answer = branches.run("store", "gc", "--yes", expect=2)
    assert "what broken needs is not known" in answer.err
    git(branches.root, "branch", "-qD", "broken")
    (branches.root / ".git/HEAD").write_text("", encoding="utf-8")
    assert "nothing was removed" in branches.run("store", "gc", "--yes", expect=1).err


def test_verify_names_what_is_damaged_or_gone(branches: Paid) -> None:
    blobs = sorted((branches.root / STORE_FOLDER).glob("??/*"))
    damaged = next(path for path in blobs if path.read_bytes()[:4] == b"\x89PNG")
    damaged.write_bytes(b"not that")
    receipts = sorted((branches.root / STORE_FOLDER / "receipts").iterdir())
    receipts[0].write_bytes(b"{")
    answer = branches.run("store", "verify", expect=1)
    assert f"{damaged.parent.name}/{damaged.name}: the stored result" in answer.out
    assert receipts[0].name in answer.out
    assert "does not match its hash" in answer.out
    # A receipt that cannot be read may need anything.
    branches.run("store", "gc", "--yes", expect=1)


def test_without_a_repository_the_lock_here_counts(paid: Paid) -> None:
    paid.spec("art/rock", ROCK.format("wooden barrel"))
    paid.built()
    paid.spec("art/rock", ROCK.format("treasure chest"))
    paid.built()
    assert "nothing needs 2 blobs" in paid.run("store", "gc").out
    assert "removed 2 blobs" in paid.run("store", "gc", "--yes").out
    assert "nothing to remove" in paid.run("store", "gc").out
    assert "all whole" in paid.run("store", "verify").out
    assert "needed by the lock here" in paid.run("store", "du").out
