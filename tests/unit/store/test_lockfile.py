from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.errors import UserError
from bridge.store.lock_entry import (
    LockedAsset,
    LockedParts,
    LockedStep,
    LockedTarget,
    join_path,
    mint_identity,
    mint_seed,
)
from bridge.store.lockfile import Lock, dumps, loads, read, write

NAME = st.text('abcdefgh/_-é"\\', min_size=1, max_size=8)
PATH = st.lists(st.text('abcdefgh_-é"', min_size=1, max_size=4), min_size=1, max_size=3).map("/".join)
STEP = st.builds(
    LockedStep,
    fingerprint=NAME,
    provider=NAME,
    operation=NAME,
    result=NAME,
    seed=st.none() | st.integers(1, 2**31 - 1),
    provider_ids=st.dictionaries(NAME, NAME, max_size=2),
    cost=st.none() | st.fixed_dictionaries({"unit": NAME, "amount": NAME}),
)
FILES = st.dictionaries(PATH, NAME, max_size=3)
TARGET = st.builds(
    LockedTarget, made=NAME, output=PATH, files=FILES, left=st.dictionaries(PATH, FILES.filter(bool), max_size=2)
)
ASSET = st.builds(
    LockedAsset,
    kind=NAME,
    identity=NAME,
    seed=st.integers(1, 2**31 - 1),
    seedless_hash=st.just("") | NAME,
    steps=st.dictionaries(NAME, STEP, max_size=3),
    slots=st.dictionaries(NAME, st.integers(0, 500), max_size=3),
    parts=st.builds(LockedParts, of=st.just("") | NAME, hashes=st.dictionaries(NAME, NAME, max_size=2)),
    targets=st.dictionaries(NAME, TARGET, max_size=2),
)


@given(st.dictionaries(NAME, ASSET, max_size=4))
def test_text_round_trips_and_is_json_in_a_stable_order(assets: dict[str, LockedAsset]) -> None:
    text = dumps(Lock(assets))
    assert loads(text) == Lock(assets)
    assert dumps(loads(text)) == text
    assert dumps(Lock(dict(reversed(assets.items())))) == text
    json.loads(text)


def locked(number: int) -> LockedAsset:
    asset = LockedAsset("character", f"art/hero_{number}", 5)
    asset.steps = {key: LockedStep("f1:a", "procedural", "character.clip", "00") for key in ("base", "clip/walk/south")}
    asset.targets = {"godot": LockedTarget("o1:b", "art", {"hero.png": "11", "hero.tres": "m:22"})}
    return asset


def test_one_changed_asset_of_ten_thousand_is_a_diff_of_one_line() -> None:
    lock = Lock({f"art/hero_{number}": locked(number) for number in range(10_000)})
    before = dumps(lock).splitlines()
    lock.put("art/hero_77", LockedAsset("sprite", "art/hero_77", 5))
    after = dumps(lock).splitlines()
    assert len(before) == len(after) == 10_002
    changed = [number for number, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
    assert len(changed) == 1
    lock.put("art/new", locked(1))
    added = dumps(lock).splitlines()
    assert len(added) == 10_003
    assert len(set(added) - set(after)) <= 2


def test_new_assets_with_neighbouring_names_stand_apart() -> None:
    lines = dumps(Lock({f"art/hero_{number}": locked(number) for number in range(1000)})).splitlines()
    places = {line.partition(":")[0]: number for number, line in enumerate(lines)}
    apart = [abs(places[f'"art/hero_{number}"'] - places[f'"art/hero_{number + 1}"']) for number in range(999)]
    assert sum(distance <= 2 for distance in apart) < 20


def test_an_earlier_form_is_read_and_stays_until_something_changes(tmp_path: Path) -> None:
    file = tmp_path / "assetbridge.lock"
    lock = Lock({"a": locked(1), "b": locked(2)})
    earlier = json.dumps(json.loads(dumps(lock)), indent=1, sort_keys=True)
    file.write_text(earlier, encoding="utf-8")
    kept = read(tmp_path)
    assert kept == lock
    assert not write(tmp_path, kept)
    kept.put("a", kept.assets["a"].copy())
    assert not write(tmp_path, kept)
    assert file.read_text(encoding="utf-8") == earlier
    kept.put("a", locked(3))
    assert write(tmp_path, kept)
    assert file.read_text(encoding="utf-8") == dumps(kept)
    file.unlink()
    assert write(tmp_path, kept)


def test_an_entry_that_is_changed_after_it_was_put_is_written(tmp_path: Path) -> None:
    write(tmp_path, Lock({"a": locked(1)}))
    lock = read(tmp_path)
    entry = lock.assets["a"].copy()
    lock.put("a", entry)
    entry.targets["godot"].files["hero.png"] = "22"
    lock.put("a", entry)
    assert write(tmp_path, lock)
    assert read(tmp_path).assets["a"].targets["godot"].files["hero.png"] == "22"


def test_the_file_is_written_only_when_it_changes(tmp_path: Path) -> None:
    lock = Lock({"a": LockedAsset("sprite", "a", 1)})
    assert write(tmp_path, lock)
    before = (tmp_path / "assetbridge.lock").stat().st_mtime_ns
    assert not write(tmp_path, lock)
    assert (tmp_path / "assetbridge.lock").stat().st_mtime_ns == before
    assert read(tmp_path) == lock
    assert read(tmp_path / "elsewhere") == Lock()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "lock_invalid"),
        ("[]", "lock_invalid"),
        ('{"version": 1}', "lock_invalid"),
        ('{"version": 1, "assets": {"a": {}}}', "lock_invalid"),
        ('{"version": 1, "assets": {"a": 3}}', "lock_invalid"),
        ('<<<<<<< ours\n{"version": 1}', "lock_invalid"),
        ('{"version": 2, "assets": {}}', "lock_newer"),
    ],
)
def test_a_broken_lock_is_one_clear_error(text: str, code: str) -> None:
    with pytest.raises(UserError) as caught:
        loads(text)
    assert caught.value.code == code
    assert caught.value.where is not None
    assert caught.value.where.file == "assetbridge.lock"


def test_identities_are_never_given_twice() -> None:
    lock = Lock({"art/knight": LockedAsset("sprite", "art/hero", 1)})
    assert mint_identity(lock.identities(), "art/hero") == "art/hero#2"
    assert mint_identity(lock.identities(), "art/other") == "art/other"


@given(st.text())
def test_minted_seeds_are_in_range_and_repeat(identity: str) -> None:
    assert 1 <= mint_seed(identity) <= 2147483647
    assert mint_seed(identity) == mint_seed(identity)


def test_join() -> None:
    assert join_path(".", "a") == join_path("", "a") == "a"
    assert join_path("x/y", "a") == "x/y/a"
