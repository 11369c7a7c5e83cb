"""Whatever changes in an asset, what scenes refer to stays: guids, sprite ids, ids of states."""

from __future__ import annotations

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st

from exporters import samples
from exporters.base import ExportContext, ExportOptions
from exporters.model.asset import Animation, Frame, ItemsAsset, SpriteAsset
from exporters.unity.slices import frame_key
from tests.unit.exporters.unity_files import load_meta, load_objects
from tests.unit.exporters.unity_project import guids, written

ACTIONS = ("idle", "walk", "swing")
WAYS = ("south", "east", None)
FOREIGN = {"art/heroine.png": b"a", "art/zone.png.meta": b"b", "../outside.txt": b"c"}


@dataclasses.dataclass(frozen=True)
class State:
    """An asset as its author has it at one moment: frames of each clip in order, and how it is exported."""

    clips: tuple[tuple[str, str | None, int], ...]
    stem: str
    side: int
    padding: int
    names: str
    max_sheet: int
    version: str


STATES = st.builds(
    State,
    st.lists(
        st.tuples(st.sampled_from(ACTIONS), st.sampled_from(WAYS), st.integers(1, 3)),
        min_size=2,
        max_size=5,
        unique_by=lambda clip: clip[:2],
    ).map(tuple),
    st.sampled_from(["art/hero", "art/knight", "people/hero"]),
    st.sampled_from([9, 16, 30]),
    st.integers(0, 3),
    st.sampled_from(["compass", "screen"]),
    st.sampled_from([64, 512]),
    st.sampled_from(["2021.3", "2022.3", "6000.0"]),
)


def asset_of(state: State) -> SpriteAsset:
    def frame(action: int, way: int, number: int) -> Frame:
        picture = samples.picture(state.side, state.side, 50 * action + 10 * way + number)
        return Frame(picture, 100 + 10 * number)

    clips = [
        Animation(
            name, tuple(frame(ACTIONS.index(name), WAYS.index(way), k) for k in range(count)), way, name != "swing"
        )
        for name, way, count in state.clips
    ]
    return SpriteAsset(state.stem, "character", tuple(clips))


def context_of(state: State, before: str) -> ExportContext:
    options = ExportOptions(state.names, state.padding, 0, state.max_sheet, {"version": state.version, "prefab": True})
    return ExportContext(state.stem, "Assets/Art", "0123abcd:first", options, previous_stem=before)


def ids_of(disk: dict[str, bytes], state: State) -> dict[str, object]:
    """What scenes can refer to, by what it is."""
    name = state.stem.rsplit("/", 1)[1]
    found: dict[str, object] = {}
    pairs: dict[str, tuple[str, str]] = {}
    for path, data in disk.items():
        if path.startswith(state.stem) and path.endswith(".png.meta"):
            sheet = load_meta(data)["TextureImporter"]["spriteSheet"]
            pairs |= {one["name"]: (one["internalID"], one["spriteID"]) for one in sheet["sprites"]}
    by_path = guids({path: data for path, data in disk.items() if path.startswith(state.stem)})
    for animation in asset_of(state).animations:
        shown = animation.output_name(state.names)
        found[f"clip {animation.output_name()}"] = by_path[f"{state.stem}/{name}_{shown}.anim"]
        for number in range(len(animation.frames)):
            found[f"sprite {frame_key(animation, number)}"] = pairs.pop(f"{name}_{shown}_{number}")
    assert pairs == {}
    for suffix in (".png", ".controller", ".prefab"):
        found[f"file {suffix}"] = by_path[f"{state.stem}{suffix}"]
    objects = load_objects(disk[f"{state.stem}.controller"])
    found |= {f"state {one.fields['m_Name']}": one.anchor for one in objects if one.type == "AnimatorState"}
    return found


@given(st.lists(STATES, min_size=2, max_size=4))
@settings(max_examples=30, deadline=None)
def test_nothing_that_was_ever_given_an_id_gets_another_one(history: list[State]) -> None:
    disk = dict(FOREIGN)
    known: dict[str, object] = {}
    before = history[0].stem
    for state in history:
        disk = written(disk, asset_of(state), context_of(state, before))
        before = state.stem
        now = ids_of(disk, state)
        assert {key: known.get(key, one) for key, one in now.items()} == now
        known |= now
        sprites = [one for key, one in known.items() if key.startswith("sprite ")]
        assert len(set(sprites)) == len(sprites)
    assert {path: disk[path] for path in FOREIGN} == FOREIGN


@given(st.lists(STATES, min_size=2, max_size=4))
@settings(max_examples=20, deadline=None)
def test_names_once_used_stay_in_the_table(history: list[State]) -> None:
    disk: dict[str, bytes] = {}
    remembered: dict[str, str] = {}
    for state in history:
        same = dataclasses.replace(state, stem="art/hero", max_sheet=512, names="compass")
        disk = written(disk, asset_of(same), context_of(same, "art/hero"))
        table = load_meta(disk["art/hero.png.meta"])["TextureImporter"]["spriteSheet"]["nameFileIdTable"]
        assert remembered.items() <= table.items()
        remembered = table


@given(STATES, STATES)
@settings(max_examples=20, deadline=None)
def test_a_lost_meta_is_written_again_with_the_same_ids(first: State, second: State) -> None:
    second = dataclasses.replace(second, stem=first.stem)
    disk = written({}, asset_of(first), context_of(first, first.stem))
    kept = written(disk, asset_of(second), context_of(second, first.stem))
    lost = written({}, asset_of(second), context_of(second, first.stem))
    assert ids_of(kept, second) == ids_of(lost, second)


@given(st.lists(st.permutations(["potion", "sword", "key", "ring"]), min_size=2, max_size=4), st.integers(1, 4))
@settings(max_examples=15, deadline=None)
def test_an_item_keeps_its_id_in_every_place(orders: list[list[str]], columns: int) -> None:
    disk: dict[str, bytes] = {}
    found: dict[str, str] = {}
    for number, order in enumerate(orders):
        cells = [dataclasses.replace(one) for one in samples.items().items][:1]
        items = tuple(dataclasses.replace(cells[0], name=name, slot=slot) for slot, name in enumerate(order[number:]))
        asset = ItemsAsset("art/icons", (16, 16), columns, items)
        state_context = ExportContext("art/icons", "Assets/Art", "0123abcd:icons", previous_stem="art/icons")
        disk = written(disk, asset, state_context)
        sheet = load_meta(disk["art/icons.png.meta"])["TextureImporter"]["spriteSheet"]
        now = {one["name"]: one["internalID"] for one in sheet["sprites"]} if items else {}
        assert {name: found.get(name, one) for name, one in now.items()} == now
        found |= now
