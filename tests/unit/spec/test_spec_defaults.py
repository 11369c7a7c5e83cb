"""`[defaults]` and `[defaults.KIND]` under a spec; a mistake in them points into assetbridge.toml."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.errors import Where
from bridge.spec.defaults import merge_defaults
from tests.unit.spec.spec_project import SpecProject, said

SPRITE = 'kind = "sprite"\ndescription = "boulder"\n'
# The lines before `more` in assetbridge.toml.
HEAD_LINES = 3


@pytest.mark.parametrize(
    ("defaults", "data", "result"),
    [
        ({"view": "side"}, {}, {"view": "side"}),
        ({"view": "side"}, {"view": "low top-down"}, {"view": "low top-down"}),
        ({"view": "side", "sprite": {"view": "high top-down"}}, {}, {"view": "high top-down"}),
        ({"items": {"columns": 4}}, {}, {}),
        ({"bpm": 90, "view": "side"}, {}, {"view": "side"}),
        (
            {"process": {"alpha": "keep", "dither": True}, "sprite": {"process": {"dither": False}}},
            {"process": {"outline": "none"}},
            {"process": {"alpha": "keep", "dither": False, "outline": "none"}},
        ),
        (
            {"export": {"godot": {"padding": 2, "scene": True}}},
            {"export": {"godot": {"padding": 1}}},
            {"export": {"godot": {"padding": 1, "scene": True}}},
        ),
        ({"size": [8, 8]}, {"size": [16, 16]}, {"size": [16, 16]}),
        (
            {"process": {"palette": ["#000000", "#ffffff"]}},
            {"process": {"palette": ["#ff0000"]}},
            {"process": {"palette": ["#ff0000"]}},
        ),
        (
            {"process": {"palette": "a.hex", "dither": True}},
            {"process": {"colors": 8}},
            {"process": {"colors": 8, "dither": True}},
        ),
        ({"process": {"colors": 8}}, {"process": {"palette": "a.hex"}}, {"process": {"palette": "a.hex"}}),
        (
            {"process": {"colors": 8}, "sprite": {"process": {"palette": "a.hex"}}},
            {},
            {"process": {"palette": "a.hex"}},
        ),
        ({"source": "a.png"}, {"source_url": "https://a"}, {"source_url": "https://a"}),
        ({"files": {"clip": "a.gif"}}, {}, {}),
        ({"files": {"clip": "a.gif"}}, {"provider": "files"}, {"provider": "files", "files": {"clip": "a.gif"}}),
        ({"provider": "files", "files": {"clip": "a.gif"}}, {}, {"provider": "files", "files": {"clip": "a.gif"}}),
    ],
)
def test_tables_merge_and_values_replace(
    defaults: dict[str, Any], data: dict[str, Any], result: dict[str, Any]
) -> None:
    before = copy.deepcopy((data, defaults))
    assert merge_defaults(data, "sprite", defaults) == result
    assert (data, defaults) == before


@pytest.mark.parametrize(
    ("defaults", "data", "result"),
    [
        ({"fps": 8}, {"durations": [100]}, {"durations": [100]}),
        ({"durations": [100]}, {"fps": 8}, {"fps": 8}),
        ({"animation": {"fps": 8}}, {"loop": True}, {"fps": 8, "loop": True}),
    ],
)
def test_a_spec_that_has_chosen_drops_the_default_of_what_excludes_it(
    defaults: dict[str, Any], data: dict[str, Any], result: dict[str, Any]
) -> None:
    assert merge_defaults(data, "animation", defaults) == result


def test_animations_may_be_called_like_keys_that_exclude_each_other() -> None:
    defaults = {"character": {"animations": {"template": {"fps": 8}, "walk": {"template": "walk-8"}}}}
    data = {"animations": {"action": {"fps": 9}, "walk": {"action": "limps"}}}
    assert merge_defaults(data, "character", defaults) == {
        "animations": {"template": {"fps": 8}, "action": {"fps": 9}, "walk": {"action": "limps"}}
    }


KEYS = st.sampled_from(["alpha", "matte", "grid", "outline"])


@given(st.dictionaries(KEYS, st.integers()), st.dictionaries(KEYS, st.integers()), st.dictionaries(KEYS, st.integers()))
def test_the_spec_wins_over_its_kind_and_the_kind_over_all(
    spec: dict[str, int], kind: dict[str, int], general: dict[str, int]
) -> None:
    found = merge_defaults({"process": spec}, "sprite", {"process": general, "sprite": {"process": kind}})
    assert found == {"process": general | kind | spec}


@pytest.mark.parametrize(
    ("more", "line", "column", "field"),
    [
        ("[defaults]\nsize = [0, 32]\n", 2, 9, "defaults.size.0"),
        ("[defaults.sprite]\nsize = [0, 32]\n", 2, 9, "defaults.sprite.size.0"),
        ("[defaults]\nsize = [8, 8]\n[defaults.sprite]\nsize = [0, 32]\n", 4, 9, "defaults.sprite.size.0"),
        ("[defaults.process]\npallete = 'x'\n", 2, 1, "defaults.process.pallete"),
        ("[defaults]\nprocess = { grid = 0 }\n", 2, 13, "defaults.process.grid"),
    ],
)
def test_a_wrong_default_is_shown_in_the_project_file(
    tmp_path: Path, more: str, line: int, column: int, field: str
) -> None:
    _, errors = SpecProject(tmp_path, more).load_all({"a": SPRITE, "b": SPRITE, "c": 'kind = "music"\npreset = "x"\n'})
    assert [error.where for error in errors] == [Where("assetbridge.toml", HEAD_LINES + line, column, field)]


def test_what_the_spec_says_itself_is_shown_in_the_spec(tmp_path: Path) -> None:
    more = "[defaults.process]\npalette = 'a.hex'\n[defaults.sprite]\nview = 'side'\n"
    problems = SpecProject(tmp_path, more).problems(f"{SPRITE}view = 'top'\n[process]\ngrid = 0\n")
    assert [problem.split(" must")[0] for problem in problems] == ["3:1 view", "5:1 process.grid"]


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("[defaults]\nveiw = 'side'\n", "5:1 veiw is not known in [defaults] | Did you mean view?"),
        ("[defaults.sprit]\nview = 'side'\n", "4:11 sprit is not known in [defaults] | Did you mean sprite?"),
        ("[defaults]\nzzz = 1\n", "5:1 zzz is not known in [defaults] | Remove it."),
        ("[defaults.music]\nsize = [8, 8]\n", "5:1 size is not known in [defaults.music] | Remove it."),
        ("[defaults.music]\nview = 'side'\n", "5:1 view is not known in [defaults.music] | Remove it."),
        ("[defaults]\nkind = 'sprite'\n", "5:1 kind is not known in [defaults] | Remove it."),
    ],
)
def test_a_default_that_no_kind_has_is_said_once(tmp_path: Path, more: str, problem: str) -> None:
    found, errors = SpecProject(tmp_path, more).load_all({"a": SPRITE, "b": SPRITE})
    assert [said(error).removeprefix("assetbridge.toml:") for error in errors] == [problem]
    assert errors[0].code == "config_invalid"
    assert [one.id for one in found] == ["a", "b"]


def test_a_default_that_only_other_kinds_have_is_ignored(tmp_path: Path) -> None:
    more = "[defaults]\nfps = 12\ntile_size = 16\nbpm = 90\ncolors = 8\n[defaults.items]\ncolumns = 4\n"
    project = SpecProject(tmp_path, more)
    assert project.load(SPRITE).spec.colors == 8
    music = project.load('kind = "music"\npreset = "x"\n').spec
    assert music.kind == "music"
    assert (music.bpm, music.colors) == (90, None)


def test_fields_of_a_loaded_spec_have_places(tmp_path: Path) -> None:
    more = "[defaults]\nview = 'side'\n[defaults.items]\ncolumns = 4\n"
    text = 'kind = "items"\n[[items]]\nname = "a"\n[[items]]\nname = "b"\npick = 1\n'
    loaded = SpecProject(tmp_path, more).load(text)
    assert str(loaded.where("items.1.pick")) == "a.asset.toml:6:1"
    assert str(loaded.where("items.0.pick")) == "a.asset.toml:2:1"
    assert str(loaded.where("seed")) == "a.asset.toml:1:1"
    assert str(loaded.where("view")) == f"assetbridge.toml:{HEAD_LINES + 2}:1"
    assert str(loaded.where("columns")) == f"assetbridge.toml:{HEAD_LINES + 4}:1"
    assert loaded.where("items.1.pick").field == "items.1.pick"
