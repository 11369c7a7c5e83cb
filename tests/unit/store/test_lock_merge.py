"""Two versions of the lock joined entry by entry: nothing bought is lost, nothing named is renamed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.conflict_markers import split_conflict
from bridge.core.errors import UserError
from bridge.store import lockfile
from bridge.store.lock_entry import LockedAsset, LockedStep, LockedTarget
from bridge.store.lock_merge import merge_entries


def entry(identity: str = "a", *, fingerprint: str = "f1:1", **changed: object) -> LockedAsset:
    step = LockedStep(fingerprint, "pixellab", "image", f"result of {fingerprint}")
    targets = {"json": LockedTarget(f"o1:{fingerprint}", "export", {"a.png": f"hash of {fingerprint}"})}
    made = LockedAsset("sprite", identity, 7, "wish", {"image/1": step}, targets=targets)
    return replace(made, **changed)  # type: ignore[arg-type]


def fingerprints(entries: dict[str, LockedAsset]) -> set[str]:
    return {step.fingerprint for asset in entries.values() for step in asset.steps.values()}


def test_what_one_side_added_changed_or_removed_is_taken_from_it() -> None:
    base = {"kept": entry(), "gone": entry("gone"), "changed": entry("changed")}
    ours = {"kept": entry(), "gone": entry("gone"), "changed": entry("changed", fingerprint="f1:2"), "new": entry("n")}
    theirs = {"kept": entry(), "changed": entry("changed"), "other": entry("o")}
    merged = merge_entries(base, ours, theirs)
    assert list(merged.assets) == ["changed", "kept", "new", "other"]
    assert merged.assets["changed"] == ours["changed"]
    assert merged.notes() == []


def test_an_asset_that_both_changed_keeps_both_results_and_is_made_anew() -> None:
    ours, theirs = entry(fingerprint="f1:2"), entry(fingerprint="f1:3")
    merged = merge_entries({"a": entry()}, {"a": ours}, {"a": theirs})
    assert {step.fingerprint for step in merged.assets["a"].steps.values()} == {"f1:2", "f1:3"}
    assert merged.assets["a"].steps["image/1"].fingerprint == "f1:2"
    assert merged.assets["a"].targets["json"].made == ""
    assert "the results of both are kept" in merged.notes()[0]


def test_the_older_identity_and_its_seed_stay() -> None:
    first, second = entry("a"), entry("a#2", seed=9)
    for ours, theirs in ((first, second), (second, first)):
        merged = merge_entries({}, {"a": ours}, {"a": theirs})
        assert (merged.assets["a"].identity, merged.assets["a"].seed) == ("a", 7)
        assert "a, the older, stays" in merged.notes()[0]


def test_places_that_were_there_before_stay_and_two_new_ones_do_not_share_one() -> None:
    base = {"a": entry(slots={"grass": 0})}
    ours = {"a": entry(slots={"grass": 0, "water": 1})}
    theirs = {"a": entry(slots={"grass": 0, "sand": 1, "lava": 2})}
    merged = merge_entries(base, ours, theirs)
    assert merged.assets["a"].slots == {"grass": 0, "lava": 2, "water": 1}
    assert "sand" in merged.notes()[0]


def test_an_asset_that_one_removed_and_the_other_changed_is_kept() -> None:
    changed = entry(fingerprint="f1:2")
    for ours, theirs in (({"a": changed}, {}), ({}, {"a": changed})):
        merged = merge_entries({"a": entry()}, ours, theirs)
        assert merged.assets == {"a": changed}
        assert "it is kept" in merged.notes()[0]


def test_a_target_that_moved_on_one_side_leaves_its_old_files_to_be_removed() -> None:
    ours = entry(targets={"json": LockedTarget("o1:x", "art", {"a.png": "1"})})
    theirs = entry(targets={"json": LockedTarget("o1:y", "export", {"a.png": "2"})})
    merged = merge_entries({}, {"a": ours}, {"a": theirs})
    target = merged.assets["a"].targets["json"]
    assert (target.output, target.files, target.left) == ("art", {"a.png": "1"}, {"export": {"a.png": "2"}})


def test_an_asset_that_one_side_renamed_and_the_other_changed_is_one_asset() -> None:
    base = {"art/hero": entry("art/hero")}
    renamed, changed = {"art/knight": entry("art/hero")}, {"art/hero": entry("art/hero", fingerprint="f1:2")}
    for ours, theirs in ((renamed, changed), (changed, renamed)):
        merged = merge_entries(base, ours, theirs)
        assert merged.assets == {"art/knight": changed["art/hero"]}
        assert merged.notes() == []


def test_without_a_base_the_specs_say_which_of_two_names_holds() -> None:
    ours = {"art/knight": entry("art/hero")}
    theirs = {**ours, "art/hero": entry("art/hero", fingerprint="f1:2")}
    merged = merge_entries({}, ours, theirs, lambda asset_id: asset_id == "art/knight")
    assert list(merged.assets) == ["art/knight"]
    assert merged.assets["art/knight"].identity == "art/hero"
    assert fingerprints(dict(merged.assets)) == {"f1:1", "f1:2"}
    assert "it was art/hero on one side" in merged.notes()[0]


def test_an_asset_that_both_renamed_is_two_and_nothing_of_it_is_bought_again() -> None:
    base = {"art/hero": entry("art/hero")}
    ours, theirs = {"art/knight": entry("art/hero")}, {"art/paladin": entry("art/hero")}
    merged = merge_entries(base, ours, theirs)
    assert {name: asset.identity for name, asset in merged.assets.items()} == {
        "art/knight": "art/hero",
        "art/paladin": "art/paladin",
    }
    assert {asset.seed for asset in merged.assets.values()} == {7}
    assert "keeps it" in merged.notes()[0]


ENTRIES = st.dictionaries(
    st.sampled_from("abcd"),
    st.builds(
        entry,
        st.sampled_from(["x", "y", "x#2"]),
        fingerprint=st.sampled_from(["f1:1", "f1:2", "f1:3"]),
        slots=st.dictionaries(st.sampled_from("pqr"), st.integers(0, 2), max_size=2),
    ),
).filter(lambda entries: len({asset.identity for asset in entries.values()}) == len(entries))


@given(ENTRIES, ENTRIES, ENTRIES)
def test_no_result_of_a_kept_asset_is_lost_and_no_place_is_given_twice(
    base: dict[str, LockedAsset], ours: dict[str, LockedAsset], theirs: dict[str, LockedAsset]
) -> None:
    merged = dict(merge_entries(base, ours, theirs).assets)
    for asset_id, asset in merged.items():
        sides = [side[asset_id] for side in (ours, theirs) if asset_id in side]
        made = fingerprints({str(at): side for at, side in enumerate(sides)}) - fingerprints(base)
        assert fingerprints({"a": asset}) >= made
        if all(len(set(side.slots.values())) == len(side.slots) for side in (*ours.values(), *theirs.values())):
            assert len(set(asset.slots.values())) == len(asset.slots)
        known = {side.identity for side in (*ours.values(), *theirs.values())}
        assert asset.identity in known | {asset_id, f"{asset_id}#2"}
    assert len({asset.identity for asset in merged.values()}) == len(merged)
    assert lockfile.loads(lockfile.dumps(lockfile.Lock(merged))).assets == merged


@given(ENTRIES, ENTRIES)
def test_merging_with_an_unchanged_side_gives_the_other(
    base: dict[str, LockedAsset], changed: dict[str, LockedAsset]
) -> None:
    assert merge_entries(base, base, changed).assets == changed
    assert merge_entries(base, changed, base).assets == changed
    assert merge_entries(base, changed, changed).assets == changed


def test_conflict_markers_are_taken_apart_with_and_without_the_base() -> None:
    two = split_conflict("1\n<<<<<<< HEAD\n2\n=======\n3\n>>>>>>> a\n4\n")
    assert (two.ours, two.theirs, two.base) == ("1\n2\n4\n", "1\n3\n4\n", "")
    three = split_conflict("1\r\n<<<<<<< HEAD\r\n2\r\n||||||| b\r\n0\r\n=======\r\n3\r\n>>>>>>> a\r\n")
    assert (three.ours, three.theirs, three.base) == ("1\r\n2\r\n", "1\r\n3\r\n", "1\r\n0\r\n")


@pytest.mark.parametrize(
    "text", ["<<<<<<< a\n1\n", "<<<<<<< a\n>>>>>>> b\n", "<<<<<<< a\n<<<<<<< b\n=======\n>>>>>>> c\n"]
)
def test_markers_that_do_not_pair_up_are_one_error_with_the_line(text: str) -> None:
    with pytest.raises(ValueError, match=r"conflict|line"):
        split_conflict(text)
    with pytest.raises(UserError, match="cannot be told apart") as caught:
        lockfile.join_sides(text)
    assert caught.value.code == "lock_invalid"
    assert caught.value.where is not None
    assert caught.value.where.line == 1
