"""Edits of spec files keep everything else as it was; new specs of every kind are valid."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.errors import UserError
from bridge.spec.edit import new_spec, set_value
from bridge.spec.model import KINDS
from tests.unit.spec.spec_project import SpecProject
from tests.unit.spec.toml_writer import Writer

HERO = """\
#:schema ../.assetbridge/spec.schema.json
kind = "character"   # the hero
description = "knight"

# how he moves
[animations.walk]
fps   =  10          # slow
[animations."run"]
take = 2 # again
"""
ITEMS = """\
kind = "items"

[[items]]            # first
name = "potion"
[[items]]
name = "sword"
pick = 1             # of two
"""


@pytest.mark.parametrize(
    ("text", "field", "value", "old", "new"),
    [
        (HERO, "take", 2, 'description = "knight"\n', 'description = "knight"\ntake = 2\n'),
        (HERO, "animations.walk.take", 3, "# slow\n", "# slow\ntake = 3\n"),
        (HERO, "animations.run.take", 3, "take = 2 #", "take = 3 #"),
        (HERO, "animations.walk.fps", 12, "fps   =  10 ", "fps   =  12 "),
        (HERO, "description", 'a "new" one', '"knight"', '"a \\"new\\" one"'),
        (ITEMS, "items.1.pick", 2, "pick = 1 ", "pick = 2 "),
        (ITEMS, "items.0.pick", 2, 'name = "potion"\n', 'name = "potion"\npick = 2\n'),
        ("[process]\ncolors = 3\n", "take", 2, "[process]", "take = 2\n[process]"),
        ("# only this\n", "take", 2, "this\n", "this\ntake = 2\n"),
        ("", "take", 2, "", "take = 2\n"),
        ('kind = "sprite"', "take", 2, '"sprite"', '"sprite"\ntake = 2\n'),
        ("a = { x = 1 } # one\n", "a.x", 2, "x = 1", "x = 2"),
        ("seed = 1 # s\n[[items]]\n", "take", 2, "# s\n", "# s\ntake = 2\n"),
        ("\ufeffseed = 1\n", "take", 2, "1\n", "1\ntake = 2\n"),
        # A comment stays with the table that it stands over.
        ("seed = 1\n\n# art\n[process]\n", "take", 2, "1\n", "1\ntake = 2\n"),
        ("[a]\nx = 1\n\n# about b\n[b]\n", "a.take", 2, "1\n", "1\ntake = 2\n"),
        ("[a]\n\n# about b\n[b]\n", "a.take", 2, "[a]\n", "[a]\ntake = 2\n"),
        ("[[a]]\nx = 1\n# second\n[[a]]\n", "a.0.take", 2, "1\n", "1\ntake = 2\n"),
        ("[a]\nx = 1\n[a.b]\ny = 1\n", "a.take", 2, "1\n", "1\ntake = 2\n"),
        ("[a.b]\nx = 1\n[c]\n[a.d]\n", "a.b.take", 2, "1\n", "1\ntake = 2\n"),
        ("a.b.c = 1\n", "a.b.take", 2, "1\n", "1\na.b.take = 2\n"),
    ],
)
def test_only_the_value_changes(text: str, field: str, value: int | str, old: str, new: str) -> None:
    expected = text.replace(old, new, 1)
    assert set_value(text, field, value) == expected
    assert set_value(expected, field, value) == expected


def test_newlines_of_windows_stay() -> None:
    for text, field in ((HERO, "take"), (HERO, "animations.walk.take"), (HERO, "animations.run.take"), (ITEMS, "take")):
        changed = set_value(text.replace("\n", "\r\n"), field, 5)
        assert changed == set_value(text, field, 5).replace("\n", "\r\n")


@given(
    st.sampled_from(sorted(KINDS)),
    st.sampled_from(["take", "seed", "pick"]),
    st.integers(1, 9),
    st.sampled_from(["\n", "\r\n"]),
)
def test_any_new_spec_can_be_rerolled(kind: str, field: str, value: int, newline: str) -> None:
    text = new_spec(kind, "art/x").replace("\n", newline)
    changed = set_value(text, field, value)
    assert tomllib.loads(changed) == tomllib.loads(text) | {field: value}
    rest = [line for line in changed.splitlines() if not line.startswith(f"{field} ")]
    assert rest == [line for line in text.splitlines() if not line.startswith(f"{field} ")]


@given(st.data(), st.sampled_from(["\n", "\r\n"]))
def test_whatever_else_stands_in_a_file_is_still_said(data: st.DataObject, newline: str) -> None:
    writer = Writer(lambda options: data.draw(st.sampled_from(options)), newline)
    writer.document()
    changed = tomllib.loads(set_value(writer.text, "take", 5))
    assert changed.pop("take") == 5
    # repr: nan is not equal to itself.
    assert repr(changed) == repr(tomllib.loads(writer.text))


def test_text_that_is_no_toml() -> None:
    with pytest.raises(UserError) as caught:
        set_value("kind = ", "take", 2)
    assert caught.value.code == "spec_syntax"


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize(
    ("asset_id", "schema"),
    [("hero", ".assetbridge/spec.schema.json"), ("art/props/hero", "../../.assetbridge/spec.schema.json")],
)
def test_a_new_spec_of_every_kind_loads(tmp_path: Path, kind: str, asset_id: str, schema: str) -> None:
    text = new_spec(kind, asset_id)
    assert text.startswith(f"#:schema {schema}\n")
    loaded = SpecProject(tmp_path).load(text, asset_id)
    assert (loaded.id, loaded.spec.kind, loaded.spec.provider) == (asset_id, kind, "procedural")


@pytest.mark.parametrize("words", ['a "quoted" \\ word', "Höhle 洞", "two\nlines", "{braces} # hash", "]"])
def test_words_of_a_description_may_be_any(tmp_path: Path, words: str) -> None:
    for kind in KINDS:
        spec = SpecProject(tmp_path).load(new_spec(kind, "a", description=words, provider="pixellab")).spec
        assert (spec.description, spec.provider) == (words, "pixellab")


def test_a_new_spec_of_no_kind() -> None:
    with pytest.raises(UserError) as caught:
        new_spec("tilest", "a")
    assert (caught.value.code, caught.value.hint) == ("spec_unknown_kind", "Did you mean tileset?")
    with pytest.raises(UserError, match="there is no kind qqq") as caught:
        new_spec("qqq", "a")
    assert "isometric_tiles" in caught.value.hint


@pytest.mark.parametrize("terrains", [(), ("lava", "rock"), tuple(f"t{number}" for number in range(9))])
@pytest.mark.parametrize("tile_size", [None, 8, 64])
def test_a_new_tileset_of_chosen_terrains_loads(
    tmp_path: Path, terrains: tuple[str, ...], tile_size: int | None
) -> None:
    text = new_spec("tileset", "a", description="a cave", terrains=terrains, tile_size=tile_size)
    spec = SpecProject(tmp_path).load(text).spec
    assert spec.kind == "tileset"
    assert tuple(terrain.name for terrain in spec.terrains) == (terrains or ("water", "grass"))
    assert spec.tile_size == (tile_size or 16)


def test_only_tilesets_have_terrains() -> None:
    for wish in ({"terrains": ("lava",)}, {"tile_size": 16}):
        with pytest.raises(UserError) as caught:
            new_spec("sprite", "a", **wish)
        assert caught.value.code == "spec_not_applicable"
