"""Own sprites, characters and clips in every form, rebuilt from art that the tests draw."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bridge.core.errors import UserError
from bridge.providers.files import names
from tests.unit.providers.files_project import OwnArt, encoded, painted


@pytest.fixture
def art(tmp_path: Path) -> OwnArt:
    return OwnArt(tmp_path)


def clips(asset: Any) -> dict[str, list[np.ndarray]]:
    return {clip.output_name(): [frame.pixels for frame in clip.frames] for clip in asset.animations}


def same(found: list[np.ndarray], wanted: list[np.ndarray]) -> bool:
    return len(found) == len(wanted) and all(
        np.array_equal(one, other) for one, other in zip(found, wanted, strict=True)
    )


def test_one_picture_is_exported_as_it_is(art: OwnArt) -> None:
    art.write("art/rock.png", painted(20, 13, 1))
    asset = art.asset('kind = "sprite"\nsource = "./rock.png"\n')
    assert clips(asset)["default"][0].shape == (13, 20, 4)
    assert np.array_equal(clips(asset)["default"][0], painted(20, 13, 1))


def test_a_stated_size_is_the_canvas(art: OwnArt) -> None:
    art.write("art/rock.png", painted(20, 13, 1))
    asset = art.asset('kind = "sprite"\nsource = "art/rock.png"\nsize = [32, 24]\n')
    assert clips(asset)["default"][0].shape == (24, 32, 4)


def test_pick_chooses_among_numbered_pictures(art: OwnArt) -> None:
    for number in (1, 2, 10):
        art.write(f"art/rock{number}.png", painted(8, 8, number))
    asset = art.asset('kind = "sprite"\nvariants = 3\npick = 3\n[files]\npattern = "art/rock{frame}.png"\n')
    assert np.array_equal(clips(asset)["default"][0], painted(8, 8, 10))


HERO = 'kind = "character"\nsize = [16, 16]\ndirections = ["south", "east"]\n[process]\nalign = "none"\n'


def test_numbered_files_are_sorted_as_numbers_and_directions_read_in_any_spelling(art: OwnArt) -> None:
    for word, base in (("Down", 0), ("right", 20)):
        for number in range(12):
            art.write(f"hero/walk_{word}_{number}.png", painted(16, 16, base + number))
    asset = art.asset(HERO + '[files]\npattern = "hero/{animation}_{direction}_{frame}.png"\n')
    found = clips(asset)
    assert list(found) == ["walk_south", "walk_east"]
    assert same(found["walk_east"], [painted(16, 16, 20 + number) for number in range(12)])


def test_fps_loop_and_mirror_of_the_spec_apply_to_clips_found(art: OwnArt) -> None:
    for direction in ("s", "e"):
        for number in (1, 2, 3):
            art.write(f"hero/{direction}/walk{number}.png", painted(16, 16, number))
    spec = HERO.replace('["south", "east"]', '["south", "east", "west"]\nmirror = { west = "east" }')
    asset = art.asset(
        spec + '[files]\npattern = "hero/{direction}/{animation}{frame}.png"\n'
        '[animations.walk]\nfps = 5\nloop = "pingpong"\n'
    )
    walk = {clip.output_name(): clip for clip in asset.animations}
    assert [frame.duration_ms for frame in walk["walk_west"].frames] == [200] * 3 + [200]
    assert same(clips(asset)["walk_west"][:1], [painted(16, 16, 1)[:, ::-1]])


def test_stills_without_an_animation_are_the_idle_of_their_direction(art: OwnArt) -> None:
    art.write("hero/front.png", painted(16, 16, 1))
    art.write("hero/right.png", painted(16, 16, 2))
    asset = art.asset(HERO + '[files]\npattern = "hero/{direction}.png"\n')
    assert list(clips(asset)) == ["idle_south", "idle_east"]


def test_frames_of_other_sizes_stand_in_the_middle_of_the_largest_lower_edge(art: OwnArt) -> None:
    art.write("hero/walk_1.png", painted(10, 16, 1))
    art.write("hero/walk_2.png", painted(14, 20, 2))
    spec = 'kind = "animation"\n[files]\npattern = "hero/{animation}_{frame}.png"\n'
    first, second = clips(art.asset(spec))["own"]
    assert first.shape == second.shape == (20, 14, 4)
    assert np.array_equal(first[4:, 2:12], painted(10, 16, 1))
    assert not first[:4].any()


def test_a_sheet_is_cut_by_rows_with_margin_and_spacing(art: OwnArt) -> None:
    sheet = np.zeros((2 + 2 * 8 + 3 + 2, 2 + 3 * 8 + 2 * 3 + 2, 4), dtype=np.uint8)
    for row in range(2):
        for column in range(3):
            top, left = 2 + row * 11, 2 + column * 11
            sheet[top : top + 8, left : left + 8] = painted(8, 8, row * 3 + column)
    art.write("hero.png", sheet)
    asset = art.asset(
        HERO + '[files]\nsheet = "hero.png"\nframe = [8, 8]\nmargin = 2\nspacing = 3\n'
        'rows = [{ animation = "walk", direction = "south", frames = 3 },'
        ' { animation = "walk", direction = "east", frames = 2 }]\n'
    )
    assert same(clips(asset)["walk_south"], [painted(8, 8, number) for number in (0, 1, 2)])
    assert same(clips(asset)["walk_east"], [painted(8, 8, number) for number in (3, 4)])


@pytest.mark.parametrize(("kind", "options"), [("GIF", {"disposal": 2}), ("WEBP", {"lossless": True}), ("PNG", {})])
def test_an_animated_picture_gives_its_frames_and_delays(art: OwnArt, kind: str, options: dict[str, object]) -> None:
    frames = [painted(12, 12, number) for number in range(4)]
    art.write(f"art/fire.{kind.lower()}", encoded(frames, kind, duration=[40, 80, 120, 160], loop=0, **options))
    asset = art.asset(f'kind = "animation"\n[files]\nclip = "art/fire.{kind.lower()}"\n')
    assert same(clips(asset)["own"], frames)
    assert [frame.duration_ms for frame in asset.animations[0].frames] == [40, 80, 120, 160]


def aseprite(frames: list[np.ndarray], tags: list[dict[str, object]], *, array: bool) -> tuple[np.ndarray, str]:
    """A trimmed sheet and its JSON, as Aseprite exports it."""
    sheet = np.zeros((16, 16 * len(frames), 4), dtype=np.uint8)
    entries = []
    for number, pixels in enumerate(frames):
        rows, columns = np.nonzero(pixels[..., 3])
        top, left, below, right = rows.min(), columns.min(), rows.max() + 1, columns.max() + 1
        high, wide = int(below - top), int(right - left)
        sheet[:high, 16 * number : 16 * number + wide] = pixels[top:below, left:right]
        entries.append(
            {
                "filename": f"hero {number}.aseprite",
                "frame": {"x": 16 * number, "y": 0, "w": wide, "h": high},
                "rotated": False,
                "trimmed": True,
                "spriteSourceSize": {"x": int(left), "y": int(top), "w": wide, "h": high},
                "sourceSize": {"w": 16, "h": 16},
                "duration": 50 + 10 * number,
            }
        )
    body = entries if array else {entry.pop("filename"): entry for entry in entries}
    meta = {"app": "https://www.aseprite.org/", "image": "hero.png", "frameTags": tags}
    return sheet, json.dumps({"frames": body, "meta": meta})


def trimmed_frames(count: int) -> list[np.ndarray]:
    frames = []
    for number in range(count):
        frame = np.zeros((16, 16, 4), dtype=np.uint8)
        frame[3 : 9 + number, 2 + number : 12] = painted(10 - number, 6 + number, number)
        frames.append(frame)
    return frames


@pytest.mark.parametrize("array", [True, False])
def test_aseprite_tags_become_clips_with_untrimmed_frames(art: OwnArt, array: bool) -> None:
    frames = trimmed_frames(5)
    tags: list[dict[str, object]] = [
        {"name": "walk_down", "from": 0, "to": 2, "direction": "forward"},
        {"name": "Walk-Right", "from": 2, "to": 4, "direction": "reverse"},
        {"name": "jumpSouth", "from": 1, "to": 4, "direction": "pingpong", "repeat": "1"},
        {"name": "jump right", "from": 1, "to": 3, "direction": "pingpong_reverse"},
    ]
    sheet, text = aseprite(frames, tags, array=array)
    art.write("art/hero.png", sheet)
    art.write("art/hero.json", text)
    asset = art.asset(HERO + '[files]\njson = "./hero.json"\n')
    found = clips(asset)
    assert same(found["walk_south"], [frames[n] for n in (0, 1, 2)])
    assert same(found["walk_east"], [frames[n] for n in (4, 3, 2)])
    assert same(found["jump_south"], [frames[n] for n in (1, 2, 3, 4, 3, 2)])
    assert same(found["jump_east"], [frames[n] for n in (3, 2, 1, 2)])
    by_name = {clip.output_name(): clip for clip in asset.animations}
    assert [frame.duration_ms for frame in by_name["walk_east"].frames] == [90, 80, 70]
    assert not by_name["jump_south"].loop


def test_aseprite_without_tags_is_one_clip(art: OwnArt) -> None:
    frames = trimmed_frames(3)
    sheet, text = aseprite(frames, [], array=False)
    art.write("art/hero.png", sheet)
    art.write("art/hero.json", text)
    assert same(clips(art.asset('kind = "animation"\n[files]\njson = "./hero.json"\n'))["own"], frames)


def texture_packer(frames: dict[str, np.ndarray], **meta: object) -> tuple[np.ndarray, str]:
    """A sheet whose second and fourth frames are turned by 90° clockwise, as TexturePacker packs them."""
    sheet = np.zeros((40, 40 * len(frames), 4), dtype=np.uint8)
    entries = {}
    for number, (name, pixels) in enumerate(frames.items()):
        turned = number % 2 == 1
        stored = np.rot90(pixels, -1) if turned else pixels
        sheet[: stored.shape[0], 40 * number : 40 * number + stored.shape[1]] = stored
        high, wide = pixels.shape[:2]
        entries[name] = {
            "frame": {"x": 40 * number, "y": 0, "w": wide, "h": high},
            "rotated": turned,
            "trimmed": False,
            "spriteSourceSize": {"x": 0, "y": 0, "w": wide, "h": high},
            "sourceSize": {"w": wide, "h": high},
        }
    return sheet, json.dumps({"frames": entries, "meta": {"app": "texturepacker", "image": "hero.png", **meta}})


def test_texture_packer_frames_are_turned_back_and_grouped_by_their_names(art: OwnArt) -> None:
    frames = {f"hero/walk_south_{number}.png": painted(12, 20, number) for number in (1, 2, 10)}
    frames["hero/walk_east.png"] = painted(12, 20, 30)
    sheet, text = texture_packer(frames)
    art.write("art/hero.png", sheet)
    art.write("art/hero.json", text)
    spec = HERO.replace("[process]", '[files]\njson = "./hero.json"\n[animations.hero_walk]\n[process]')
    found = clips(art.asset(spec))
    assert same(found["hero_walk_south"], [painted(12, 20, number) for number in (1, 2, 10)])
    assert same(found["hero_walk_east"], [painted(12, 20, 30)])


def test_a_changed_file_is_another_fingerprint_and_every_file_is_watched(art: OwnArt) -> None:
    sheet, text = aseprite(trimmed_frames(3), [], array=False)
    art.write("art/hero.png", sheet)
    art.write("art/hero.json", text)
    spec = 'kind = "animation"\n[files]\njson = "art/hero.json"\n'
    before = art.fingerprints(spec)
    assert art.compiled(spec)[2] == {"art/hero.json", "art/hero.png"}
    assert art.fingerprints(spec + "[process]\ncolors = 4\n") == before
    art.write("art/hero.png", np.ascontiguousarray(sheet[:, ::-1]))
    assert art.fingerprints(spec) != before


MESSAGES = {
    "no file": ('[files]\npattern = "hero/{animation}_{frame}.gif"\n', "source_missing", "hero/walk_south_1.png"),
    "bad placeholder": ('[files]\npattern = "hero/{name}.png"\n', "spec_invalid", "{animation}"),
    "wrong placeholder": ('[files]\npattern = "hero/{item}.png"\n', "spec_not_applicable", "{direction}"),
    "no animation": ('[files]\npattern = "hero/{animation}_{direction}_{frame}.png"\n[animations.run]\n',
                     "source_missing", "walk"),
    "no direction": ('[files]\npattern = "hero/{animation}_south_{frame}.png"\n', "source_missing", "directions"),
    "nothing": ("[files]\n", "spec_invalid", "files.pattern"),
    "no frame size": ('[files]\nsheet = "hero/walk_south_1.png"\n', "spec_invalid", "frame = "),
    "missing sheet": ('[files]\nsheet = "hero/walk_south_11.png"\nframe = [8, 8]\n', "source_missing", "Did you mean"),
    "no such layout of a character": ('[files]\njson = "hero/walk_south_1.png"\n', "source_broken", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", MESSAGES)
def test_what_the_spec_gets_wrong_is_one_error_with_the_way_out(art: OwnArt, case: str) -> None:
    art.write("hero/walk_south_1.png", painted(16, 16, 1))
    text, code, help_ = MESSAGES[case]
    with pytest.raises(UserError) as raised:
        art.compiled(HERO + text)
    assert raised.value.code == code
    assert raised.value.where is not None
    assert help_ in raised.value.hint


def _huge_png() -> bytes:
    data = bytearray(encoded([painted(8, 8, 1)], "PNG"))
    data[16:24] = (9000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    return bytes(data)


BROKEN: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "truncated png": ("art/a.png", lambda: encoded([painted(64, 64, 1)], "PNG")[:90], "cut off"),
    "truncated gif": (
        "art/a.gif",
        lambda: encoded([painted(32, 32, n) for n in range(5)], "GIF", duration=50)[:-40],
        "cut off",
    ),
    "truncated webp": ("art/a.webp", lambda: encoded([painted(64, 64, 1)], "WEBP")[:60], "cut off"),
    "text": ("art/a.png", lambda: b"not a picture at all", "not a PNG"),
    "empty": ("art/a.png", lambda: b"", "empty"),
    "huge": ("art/a.png", _huge_png, "9000"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_picture_is_named_with_the_reason(art: OwnArt, case: str) -> None:
    path, data, reason = BROKEN[case]
    art.write(path, data())
    with pytest.raises(UserError) as raised:
        art.asset(f'kind = "animation"\n[files]\nclip = "{path}"\n')
    assert raised.value.code == "source_broken"
    assert path in raised.value.message
    assert reason in raised.value.message


def frame_text(x: int, image: str, more: str = "") -> str:
    return f'{{"frames": [{{"frame": {{"x": {x}, "y": 0, "w": 8, "h": 8}}}}], "meta": {{"image": "{image}"{more}}}}}'


BROKEN_JSON = {
    "syntax": ("{", "source_broken", "not valid JSON"),
    "a list": ("[]", "source_broken", "no frames"),
    "no place": ('{"frames": {"a": {}}, "meta": {"image": "hero.png"}}', "source_broken", "'frame' is missing"),
    "no meta": ('{"frames": [{"frame": {"x": 0, "y": 0, "w": 8, "h": 8}}]}', "source_broken", "'image' is missing"),
    "several textures": ('{"textures": []}', "provider_limit", "several sheets"),
    "multipack": (
        frame_text(0, "hero.png", ', "related_multi_packs": ["b.json"]'),
        "provider_limit",
        "several sheets",
    ),
    "outside": (frame_text(30, "hero.png"), "source_broken", "outside the 16 × 16 sheet"),
    "no image": (frame_text(0, "none.png"), "source_missing", "no file art/none.png"),
    "tag": (
        frame_text(0, "hero.png", ', "frameTags": [{"name": "walk", "from": 0, "to": 3}]'),
        "source_broken",
        "of 1 frames",
    ),
}


@pytest.mark.parametrize("case", BROKEN_JSON)
def test_a_broken_json_sheet_is_named_with_the_reason(art: OwnArt, case: str) -> None:
    content, code, words = BROKEN_JSON[case]
    art.write("art/hero.png", painted(16, 16, 1))
    art.write("art/hero.json", content)
    with pytest.raises(UserError) as raised:
        art.asset('kind = "animation"\n[files]\njson = "art/hero.json"\n')
    assert raised.value.code == code
    assert words in raised.value.message


MISFITS = {
    "grid": ("frame = [7, 8]", "no whole number of 7 × 8"),
    "columns": ('frame = [8, 8]\nrows = [{ animation = "walk", frames = 3 }]', "room for 2 frames"),
    "rows": (
        'frame = [16, 16]\nrows = [{ animation = "a", frames = 1 }, { animation = "b", frames = 1 }]',
        "it has 1 rows",
    ),
}


@pytest.mark.parametrize("case", MISFITS)
def test_a_sheet_that_does_not_fit_its_grid_is_named(art: OwnArt, case: str) -> None:
    rows, words = MISFITS[case]
    art.write("art/hero.png", painted(16, 16, 1))
    with pytest.raises(UserError, match=words):
        art.asset(f'kind = "animation"\n[files]\nsheet = "art/hero.png"\n{rows}\n')


def test_two_files_for_one_frame_are_refused(art: OwnArt) -> None:
    art.write("hero/walk_down_1.png", painted(16, 16, 1))
    art.write("hero/walk_south_01.png", painted(16, 16, 2))
    with pytest.raises(UserError, match="both frame 1 of walk south"):
        art.compiled(HERO + '[files]\npattern = "hero/{animation}_{direction}_{frame}.png"\n')


@pytest.mark.parametrize(
    ("text", "name", "direction"),
    [
        ("walk_down_right", "walk", "south_east"),
        ("walk-se", "walk", "south_east"),
        ("WalkRight", "walk", "east"),
        ("walk_upleft", "walk", "north_west"),
        ("walk/north-east", "walk", "north_east"),
        ("sit_down", "sit", "south"),
        ("crown", "crown", None),
        ("south", "", "south"),
        ("s", "s", None),
        ("3d spin", "n3d_spin", None),
    ],
)
def test_directions_are_read_from_the_end_of_names(text: str, name: str, direction: str | None) -> None:
    assert names.split_direction(text) == (name, direction)
