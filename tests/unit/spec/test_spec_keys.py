"""Keys: unknown ones, keys of other kinds, missing ones, names, and the kind itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.core.errors import BridgeError, UserError
from bridge.spec.edit import new_spec
from bridge.spec.load import load_spec
from bridge.spec.model import KINDS
from tests.unit.spec.spec_project import SpecProject, flat

SPRITE = 'kind = "sprite"\ndescription = "mossy boulder"\n'


@pytest.fixture
def project(tmp_path: Path) -> SpecProject:
    return SpecProject(tmp_path)


def codes(project: SpecProject, text: str) -> list[str]:
    with pytest.raises(BridgeError) as caught:
        project.load(text)
    return [error.code for error in flat(caught.value)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("sise = [8, 8]", "3:1 sise is not known in a spec of kind sprite | Did you mean size?"),
        ("[procces]\ncolors = 3", "3:2 procces is not known in a spec of kind sprite | Did you mean process?"),
        ("[process]\npallete = 3", "4:1 pallete is not known in [process] | Did you mean palette?"),
        ("process.pallete = 3", "3:9 pallete is not known in [process] | Did you mean palette?"),
        ("process = { pallete = 3 }", "3:13 pallete is not known in [process] | Did you mean palette?"),
        ("[export.godott]", "3:9 godott is not known in [export] | Did you mean godot?"),
        (
            "[refine]\npixelate = { provider = 'x', speed = 1 }",
            "4:30 speed is not known in [refine.pixelate] | Known here: colors, mode, palette, provider.",
        ),
        (
            "[export.tiled]\npixels_per_unit = 16",
            (
                "4:1 pixels_per_unit is not known in [export.tiled]"
                " | Known here: direction_names, encoding, extrude, max_sheet, padding, pivot, preview."
            ),
        ),
    ],
)
def test_an_unknown_key_comes_with_the_nearest_one(project: SpecProject, text: str, problem: str) -> None:
    assert project.problems(f"{SPRITE}{text}\n") == [problem]
    assert codes(project, f"{SPRITE}{text}\n") == ["spec_unknown_key"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("bpm = 96", "3:1 bpm does not apply to sprite | It is a key of music: remove it here."),
        ("fps = 8", "3:1 fps does not apply to sprite | It is a key of animation: remove it here."),
        (
            "directions = 8",
            (
                "3:1 directions does not apply to sprite"
                " | It is a key of character, turnaround: write direction instead, or remove it."
            ),
        ),
        (
            "tile_size = 16",
            "3:1 tile_size does not apply to sprite | It is a key of tileset, isometric_tiles: remove it here.",
        ),
        ("[[items]]\nname = 'a'", "3:3 items does not apply to sprite | It is a key of items: remove it here."),
        ("[animations.walk]", "3:2 animations does not apply to sprite | It is a key of character: remove it here."),
    ],
)
def test_a_key_of_another_kind_says_whose_it_is(project: SpecProject, text: str, problem: str) -> None:
    assert project.problems(f"{SPRITE}{text}\n") == [problem]
    assert codes(project, f"{SPRITE}{text}\n") == ["spec_not_applicable"]


@pytest.mark.parametrize("kind", ["music", "map", "turnaround", "isometric_tiles"])
def test_common_keys_that_mean_nothing_for_a_kind(project: SpecProject, kind: str) -> None:
    head, body = new_spec(kind, "a").split("\n", 2)[1:]
    values = {"transparent": "true", "colors": "2", "variants": "2", "pick": "1", "reference": "{}", "refine": "{}"}
    for key in sorted(KINDS[kind].not_applicable):
        text = f"{head}\n{key} = {values.get(key, '3')}\n{body}"
        assert project.problems(text) == [f"2:1 {key} does not apply to {kind} | Remove it here."]
        assert codes(project, text) == ["spec_not_applicable"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "",
            (
                "1:1 kind is missing | Say what it is: sprite, items, character, animation, turnaround, edit, tileset, "
                "isometric_tiles, map, music."
            ),
        ),
        (
            "# only a comment\n[process]\n",
            (
                "1:1 kind is missing | Say what it is: sprite, items, character, animation, "
                "turnaround, edit, tileset, isometric_tiles, map, music."
            ),
        ),
        ('\nkind = "sprit"', "2:1 there is no kind sprit | Did you mean sprite?"),
        ('kind = "tile_set"', "1:1 there is no kind tile_set | Did you mean tileset?"),
        (
            "kind = 7",
            (
                "1:1 there is no kind 7 | Kinds: sprite, items, character, animation, turnaround, edit, tileset, "
                "isometric_tiles, map, music."
            ),
        ),
        ('kind = "items"', "1:1 items is missing | Add tables: [[items]]."),
        ('kind = "tileset"', "1:1 terrains is missing | Add tables: [[terrains]]."),
        ('kind = "isometric_tiles"', "1:1 tiles is missing | Add tables: [[tiles]]."),
        (
            'kind = "edit"\ndescription = "x"\nsource = "a.png"',
            "1:1 mask is missing | Add mask, a text or a list of 4 whole numbers from 0 to 8192.",
        ),
        (
            'kind = "items"\n[[items]]\n[[items]]\nname = "a"',
            "2:1 items.0.name is missing | Add name, a name of small letters, digits and _ that begins with a letter.",
        ),
        (
            'kind = "tileset"\n[[terrains]]\nname = "a"\n[[transitions]]\nsize = 0.5',
            "4:1 transitions.0.between is missing | Add between, a list of 2 names.",
        ),
    ],
)
def test_what_is_missing(project: SpecProject, text: str, problem: str) -> None:
    assert project.problems(text) == [problem]


@pytest.mark.parametrize(
    ("name", "near"),
    [("Walk", ": walk"), ("'walk fast'", ": walk_fast"), ("walk-fast", ": walk_fast"), ("2walk", ""), ("'лук'", "")],
)
def test_names_of_animations_are_what_outputs_can_have(project: SpecProject, name: str, near: str) -> None:
    text = f'kind = "character"\ndescription = "knight"\n[animations.{name}]\nfps = 8\n'
    shown = name.strip("'")
    rule = "Names begin with a small letter and have at most 48 small letters, digits and _"
    assert project.problems(text) == [f"3:13 animations.{shown} is not a valid name | {rule}{near}."]


@pytest.mark.parametrize("name", ["a", "a_1", "a" * 48])
def test_valid_names(project: SpecProject, name: str) -> None:
    assert project.problems(f'kind = "items"\n[[items]]\nname = "{name}"\n') == []


@pytest.mark.parametrize("name", ["", "A", "a-b", "1a", "_a", "é", "a" * 49])
def test_invalid_names(project: SpecProject, name: str) -> None:
    shown = f'"{name}"' if len(name) <= 40 else f'"{name[:40]}…" (49 characters)'
    assert project.problems(f'kind = "items"\n[[items]]\nname = "{name}"\n') == [
        f"3:1 items.0.name must be a name of small letters, digits and _ that begins with a letter, not {shown}"
    ]


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        (b'kind = "sprite"\ndescription = "Fl\xfcgel"\n', "spec_encoding", "a.asset.toml:2:18"),
        (b'kind = "sprite\n', "spec_syntax", "a.asset.toml:1:15"),
        (b'kind = "sprite"\nseed = 99999999999999999999\n', "spec_syntax", "a.asset.toml:2:1"),
    ],
)
def test_a_file_that_is_no_toml(project: SpecProject, content: bytes, code: str, place: str) -> None:
    path = project.write("a", "")
    path.write_bytes(content)
    found, errors = project.load_all({})
    assert (found, [error.code for error in errors], str(errors[0].where)) == ([], [code], place)
    assert errors[0].hint


def test_a_file_that_cannot_be_read(project: SpecProject) -> None:
    # A folder in place of the file: as root, a file without permissions could be read.
    path = project.root / "a.asset.toml"
    path.mkdir()
    with pytest.raises(UserError, match="the spec cannot be read: ") as caught:
        load_spec(path, project.config())
    assert (caught.value.code, str(caught.value.where)) == ("spec_unreadable", "a.asset.toml")
