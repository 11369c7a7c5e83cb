"""A team with a shared store: what one has bought, nobody buys again, and nothing is bought without it."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.core.remote_address import parse_remote
from bridge.store.blobs import BlobStore
from bridge.store.shared.claims import ClaimKind, ClaimRecord
from bridge.store.shared.shared_store import SharedStore
from tests.paid.conftest import GUARD, ICONS, Make, Paid, Server
from tests.s3_server import KEYS, S3Server, s3_server

BUDGET = '[budget]\npixellab = { unit = "generations", per_day = 100 }\n'
ROCK = 'kind = "sprite"\nprovider = "procedural"\ndescription = "rock"\nsize = [8, 8]\n'


@pytest.fixture
def nas(tmp_path: Path) -> Path:
    folder = tmp_path / "nas"
    folder.mkdir()
    return folder


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    with s3_server() as server:
        for name, value in server.env.items():
            monkeypatch.setenv(name, value)
        yield server


def store_at(remote: object, budget: str = BUDGET) -> str:
    return f'{budget}[store]\nremote = "{remote}"\n'


@pytest.fixture
def team(make: Make, emulator: Server, nas: Path) -> tuple[Paid, Paid]:
    """Two clones of one project."""
    clones = make(emulator, store_at(f"file://{nas}"), "one"), make(emulator, store_at(f"file://{nas}"), "two")
    for clone in clones:
        clone.spec("art/icons", ICONS)
    return clones


def test_what_one_has_bought_the_other_collects(team: tuple[Paid, Paid], nas: Path) -> None:
    one, two = team
    assert one.built()["art/icons"]["state"] == "ready"
    charged = one.charged
    assert charged > 0
    assert two.run("plan", "--json").json["cost"] == []
    assert two.built()["art/icons"]["state"] == "ready"
    assert two.charged == charged
    assert two.jobs() == []
    assert {path.name for path in nas.iterdir()} >= {"blobs", "receipts", "claims", "days", "store.json"}
    # What was asked for in words stays in version control.
    assert not any(b"fantasy icon" in path.read_bytes() for path in nas.rglob("*") if path.is_file())
    rows = two.run("spend", "--team", "--json").json["rows"]
    assert [(row["unit"], float(row["charged"])) for row in rows] == [("generations", charged)]
    mine = one.run("spend", "--team", "--json").json["rows"]
    assert [row["charged"] for row in mine] == [row["charged"] for row in rows]
    assert two.run("jobs", "--team", "--json").json == {"jobs": []}
    assert two.run("store", "verify", "--remote").code == 0


def test_with_a_committed_store_too_nothing_counts_twice(make: Make, emulator: Server, nas: Path) -> None:
    budget = '[budget]\npixellab = { unit = "generations", per_day = 2 }\n'
    one, two = (make(emulator, store_at(f"file://{nas}", budget), name) for name in ("one", "two"))
    one.spec("art/guard", GUARD)
    one.built()
    shutil.copytree(one.root / ".assetbridge/store", two.root / ".assetbridge/store")
    two.spec("art/guard", GUARD)
    two.spec("art/knight", GUARD.replace("town", "castle"))
    assert two.built()["art/knight"]["state"] == "ready"
    assert two.charged == 2
    [row] = two.run("spend", "--team", "--json").json["rows"]
    assert (row["charged"], row["possible"], row["orders"]) == ("2", "0", 2)
    two.spec("art/king", GUARD.replace("town", "palace"))
    # Whoever has none of it yet is told before anything is ordered.
    three = make(emulator, store_at(f"file://{nas}", budget), "three")
    three.spec("art/king", GUARD.replace("town", "palace"))
    [cost] = three.run("plan", "--json", expect=None).json["providers"]
    assert (cost["used"], cost["verdict"]) == ("2", "over")
    assert two.built(expect=None)["art/king"]["error"]["code"] == "over_budget"
    assert two.charged == 2


def test_what_others_have_on_their_way_is_listed(team: tuple[Paid, Paid], nas: Path) -> None:
    address = parse_remote(f"file://{nas}")
    assert address is not None
    shared = SharedStore(address, BlobStore(team[0].root, ".assetbridge/store"), lambda: None)
    for letter, kinds in {"a": "claimed", "b": "claimed sending taken", "c": "claimed ended"}.items():
        state = shared.claims.read(f"f1:{letter * 40}")
        for kind in kinds.split():
            record = ClaimRecord(
                ClaimKind(kind), "somebody", "key", 1.0, 60.0, "Ann", "pixellab", asset=f"art/{letter}"
            )
            named = replace(record, step="image/1", unit="generations", amount="2", ending="unsent" * (kind == "ended"))
            after = shared.claims.append(state, named, time.time())
            assert after is not None
            state = after
    shared.close()
    listed = team[1].run("jobs", "--team", "--json").json["jobs"]
    assert {(job["asset"], job["stage"], job["by"], job["amount"], job["unit"]) for job in listed} == {
        ("art/a", "claimed", "Ann", "2", "generations"),
        ("art/b", "taken", "Ann", "2", "generations"),
    }
    text = team[1].run("jobs", "--team").out
    assert "art/b: image/1  pixellab  2 generations  Ann" in text
    assert "art/c" not in text


def test_the_remote_alone_is_enough(team: tuple[Paid, Paid]) -> None:
    one, _ = team
    one.built()
    charged = one.charged
    shutil.rmtree(one.root / ".assetbridge")
    (one.root / "assetbridge.lock").unlink()
    assert one.run("plan", "--json").json["cost"] == []
    assert one.built()["art/icons"]["state"] == "ready"
    assert one.charged == charged


def test_over_s3_and_a_plan_without_changes_asks_nothing(make: Make, emulator: Server, s3: S3Server) -> None:
    one, two = (make(emulator, store_at("s3://team/game"), name) for name in ("one", "two"))
    for clone in (one, two):
        clone.spec("art/icons", ICONS)
    one.built()
    charged = one.charged
    two.built()
    assert two.charged == charged
    assert all("/team/game" in request or request.endswith("/team") for request in s3.requests)
    s3.requests.clear()
    for words in (("plan",), ("status",), ("build",), ("check",)):
        two.run(*words)
    assert s3.requests == []


def test_the_number_of_requests_grows_as_what_is_new_and_no_faster(make: Make, emulator: Server, s3: S3Server) -> None:
    counts = []
    for number in (1, 3, 7):
        clone = make(emulator, store_at(f"s3://team/game{number}"), f"clone{number}")
        items = "".join(f'[[items]]\nname = "icon_{number}_{item}"\n' for item in range(number))
        clone.spec("art/icons", ICONS.partition("[[")[0] + items)
        s3.requests.clear()
        clone.built()
        counts.append(len(s3.requests))
    per_item = (counts[1] - counts[0]) / 2
    assert per_item <= 20
    assert counts[2] - counts[1] <= 4 * per_item + 6, counts


def test_without_a_connection_nothing_is_bought_and_all_else_goes_on(
    team: tuple[Paid, Paid], nas: Path, caplog: pytest.LogCaptureFixture
) -> None:
    one, _ = team
    one.spec("art/rock", ROCK)
    nas.rename(nas.with_name("unplugged"))
    answer = one.run("build", "--json", expect=None)
    states = {asset["id"]: asset for asset in answer.json["assets"]}
    assert states["art/rock"]["state"] == "ready"
    assert states["art/icons"]["error"]["code"] == "remote_offline"
    assert one.charged == 0
    assert caplog.text.count("working with what is on this machine alone") == 1
    nas.with_name("unplugged").rename(nas)
    assert one.built()["art/icons"]["state"] == "ready"


def test_a_drive_that_is_not_there_is_no_empty_store(team: tuple[Paid, Paid], nas: Path) -> None:
    one, _ = team
    one.built()
    charged = one.charged
    one.spec("art/more", ICONS.replace("fantasy", "modern"))
    nas.rename(nas.with_name("unplugged"))
    # What a mount leaves behind when it goes.
    nas.mkdir()
    assert one.built(expect=None)["art/more"]["error"]["code"] == "remote_offline"
    assert one.charged == charged
    assert list(nas.iterdir()) == []
    assert one.run("store", "probe").code == 0
    assert one.built()["art/more"]["state"] == "ready"


def test_a_server_that_lets_the_second_win_holds_no_claims(
    make: Make, emulator: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with s3_server(is_unsafe=True) as server:
        for name, value in server.env.items():
            monkeypatch.setenv(name, value)
        one = make(emulator, store_at("s3://team/game"))
        one.spec("art/icons", ICONS)
        error = one.built(expect=None)["art/icons"]["error"]
        assert error["code"] == "remote_unsafe"
        assert "overwrite" in error["message"]
        assert one.charged == 0
        findings = one.run("doctor", "--json", expect=None).json["findings"]
        assert any(row["level"] == "problem" and "cannot hold claims" in row["what"] for row in findings)


def test_keys_that_may_only_read_collect_and_never_buy(
    team: tuple[Paid, Paid], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = team
    one.built()
    charged = one.charged
    two.spec("art/more", ICONS.replace("fantasy", "modern"))

    def refuse(*_values: object, **_more: object) -> None:
        import obstore.exceptions

        raise obstore.exceptions.PermissionDeniedError("Server returned non-2xx status code: 403 Forbidden")

    monkeypatch.setattr("obstore.put", refuse)
    built = two.built(expect=None)
    assert built["art/icons"]["state"] == "ready"
    assert built["art/more"]["error"]["code"] == "remote_read_only"
    assert two.charged == charged


def test_what_is_not_what_its_name_says_is_not_believed(
    team: tuple[Paid, Paid], nas: Path, caplog: pytest.LogCaptureFixture
) -> None:
    one, two = team
    for clone in team:
        # What comes with the answer to its order cannot be had from the provider again.
        clone.spec("art/icons", GUARD + 'model = "bitforge"\n')
    one.built()
    charged = one.charged
    for path in (nas / "blobs").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes() + b" ")
    assert two.built(expect=None)["art/icons"]["state"] == "blocked"
    assert "is not what its name says" in caplog.text
    # The receipt holds, whatever became of what it names.
    assert two.run("build", "--yes", expect=None).code == 1
    assert two.charged == charged
    assert two.run("store", "verify", "--remote", expect=1).code == 1
    assert one.run("store", "verify", "--remote", "--repair").code == 0
    assert two.run("store", "verify", "--remote").code == 0
    assert two.built()["art/icons"]["state"] == "ready"
    assert two.charged == charged


def test_what_was_bought_before_there_was_a_store_is_put_there(make: Make, emulator: Server, nas: Path) -> None:
    one, two = make(emulator, BUDGET, "one"), make(emulator, store_at(f"file://{nas}"), "two")
    for clone in (one, two):
        clone.spec("art/icons", ICONS)
    one.built()
    charged = one.charged
    text = (one.root / "assetbridge.toml").read_text()
    one.write("assetbridge.toml", text + f'[store]\nremote = "file://{nas}"\n')
    one.built()
    assert two.built()["art/icons"]["state"] == "ready"
    assert two.charged == charged
    pushed = one.run("store", "push", "--json").json
    assert (pushed["done"], pushed["failed"]) == (0, [])
    shutil.rmtree(two.root / ".assetbridge" / "store")
    assert two.run("store", "pull", "--json").json["done"] == pushed["present"]


def test_every_question_to_the_store_has_its_answer(team: tuple[Paid, Paid], nas: Path) -> None:
    one, _ = team
    one.built()
    answers: dict[tuple[str, ...], set[str]] = {
        ("store", "probe"): {"remote", "id"},
        ("store", "push"): {"done", "present", "failed"},
        ("store", "pull", "--all"): {"done", "present", "failed"},
        ("store", "du", "--remote"): {"folders"},
        ("store", "verify", "--remote"): {"blobs", "receipts", "problems"},
        ("store", "gc", "--remote"): {"files", "removed", "bytes", "names"},
        ("jobs", "--team"): {"jobs"},
        ("spend", "--team"): {"rows"},
    }
    for words, members in answers.items():
        assert members <= set(one.run(*words, "--json").json), words
        assert one.run(*words).out, words
    # What is old and needed by nobody goes, and nothing else.
    kept = {path for path in nas.rglob("*") if path.is_file() and "claims" not in path.parts}
    stray = nas / "blobs" / "ab" / ("c" * 62)
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.write_bytes(b"stray")
    for path in (*kept, stray, *nas.glob("claims/*/*")):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    shown = one.run("store", "gc", "--remote")
    assert "--yes removes it" in shown.out
    assert stray.exists()
    assert one.run("store", "gc", "--remote", "--bought", expect=2).code == 2
    assert one.run("store", "verify", "--repair", expect=2).code == 2
    one.run("store", "gc", "--remote", "--yes")
    assert {path for path in nas.rglob("*") if path.is_file()} == kept
    assert one.run("store", "verify", "--remote").code == 0


def test_no_key_of_the_store_is_ever_shown(make: Make, emulator: Server, s3: S3Server) -> None:
    one = make(emulator, store_at("s3://nobody/game"))
    one.spec("art/icons", ICONS)
    said = [
        one.run(*words, expect=None)
        for words in (("build",), ("build", "--json"), ("doctor",), ("store", "du", "--remote"))
    ]
    s3.is_down = True
    said += [one.run(*words, expect=None) for words in (("build", "--json"), ("store", "push"))]
    text = json.dumps([[answer.out, answer.err] for answer in said])
    assert "remote_" in text
    assert not any(key in text for key in KEYS.values())
    assert "Debug source" not in text
