"""Paths and assets that specs name, and the graph that they form."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.errors import UserError
from bridge.spec.references import references
from bridge.spec.refs import AssetRef, parse_ref, resolve_path
from bridge.spec.spec_graph import graph_order
from tests.unit.spec.spec_project import SpecProject


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("asset:art/hero", AssetRef("art/hero", None)),
        ("asset:art/hero#", AssetRef("art/hero", None)),
        ("asset:art/hero#south", AssetRef("art/hero", "south")),
        ("asset:art/hero#walk_south/3", AssetRef("art/hero", "walk_south/3")),
        ("asset:a#b#c", AssetRef("a", "b#c")),
        ("art/hero.png", None),
        ("./asset:x.png", None),
    ],
)
def test_references_to_assets(text: str, ref: AssetRef | None) -> None:
    assert parse_ref(text) == ref


@pytest.mark.parametrize(
    ("spec", "ref", "path"),
    [
        ("art/hero.asset.toml", "refs/a.png", "refs/a.png"),
        ("art/hero.asset.toml", "./a.png", "art/a.png"),
        ("art/x/hero.asset.toml", "./../a.png", "art/a.png"),
        ("hero.asset.toml", "./a.png", "a.png"),
        ("art/hero.asset.toml", "art//./x/../a.png", "art/a.png"),
        ("art/hero.asset.toml", "a/../b..png", "b..png"),
    ],
)
def test_paths_are_of_the_project_or_of_the_spec(tmp_path: Path, spec: str, ref: str, path: str) -> None:
    assert resolve_path(tmp_path, spec, ref) == path


ABSOLUTE = ("/etc/passwd", "\\\\host\\a.png", "art\\a.png", "C:/a.png", "c:a.png")
UPWARD = ("../a.png", "art/../../a.png", "./../../a.png")


@pytest.mark.parametrize("ref", [*ABSOLUTE, *UPWARD, "", ".", "art/..", "a\0.png"])
def test_paths_that_lead_out_or_nowhere(tmp_path: Path, ref: str) -> None:
    with pytest.raises(UserError) as caught:
        resolve_path(tmp_path, "art/hero.asset.toml", ref)
    assert caught.value.code == "source_outside"
    assert caught.value.hint == "Paths are relative to the project, with `/`; `./` is the spec's own folder."


@given(st.lists(st.sampled_from(["a", "..", ".", "", "b.png"]), min_size=1, max_size=8).map("/".join))
def test_no_path_ever_leaves_the_project(ref: str) -> None:
    with contextlib.suppress(UserError):
        path = resolve_path(Path("/project"), "art/hero.asset.toml", ref)
        assert ".." not in path.split("/")
        assert path == os.path.normpath(path).replace(os.sep, "/")


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_may_stay_inside_and_not_lead_out(tmp_path: Path) -> None:
    root = tmp_path / "project"
    (root / "art").mkdir(parents=True)
    (tmp_path / "secret.png").write_bytes(b"")
    (root / "inside").symlink_to(root / "art")
    (root / "outside").symlink_to(tmp_path)
    (root / "file.png").symlink_to(tmp_path / "secret.png")
    assert resolve_path(root, "hero.asset.toml", "inside/a.png") == "inside/a.png"
    for ref in ("outside/secret.png", "file.png", "outside/missing.png"):
        with pytest.raises(UserError, match="leads out of the project through a link"):
            resolve_path(root, "hero.asset.toml", ref)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('kind = "sprite"\ndescription = "x"\n', []),
        (
            'kind = "sprite"\nsource = "a.png"\n[reference]\nstyle = "s.png"\ninit = "asset:i"\n',
            [("source", "a.png"), ("reference.style", "s.png"), ("reference.init", "asset:i")],
        ),
        (
            'kind = "edit"\ndescription = "x"\nsource = "a.png"\nmask = "m.png"\n',
            [("source", "a.png"), ("mask", "m.png")],
        ),
        ('kind = "edit"\ndescription = "x"\nsource = "a.png"\nmask = "transparent"\n', [("source", "a.png")]),
        ('kind = "edit"\ndescription = "x"\nsource = "a.png"\nmask = [0, 0, 1, 1]\n', [("source", "a.png")]),
        ('kind = "map"\ntileset = "asset:ground"\n', [("tileset", "asset:ground")]),
        (
            'kind = "animation"\naction = "x"\n[[keyframes]]\nindex = 0\nsource = "k.png"\n',
            [("keyframes.0.source", "k.png")],
        ),
        (
            'kind = "character"\ndescription = "x"\n[[animations.walk.keyframes]]\nindex = 0\nsource = "k.png"\n',
            [("animations.walk.keyframes.0.source", "k.png")],
        ),
        (
            (
                'kind = "tileset"\n[[terrains]]\nname = "a"\nreference = "a.png"\n[[terrains]]\nname = "b"\n'
                '[[transitions]]\nbetween = ["a", "b"]\nreference = "t.png"\n'
            ),
            [("terrains.0.reference", "a.png"), ("transitions.0.reference", "t.png")],
        ),
        (
            (
                'kind = "animation"\naction = "x"\nsource = "a.png"\n[[keyframes]]\nindex = 0\nsource = "k.png"\n'
                '[[keyframes]]\nindex = 3\nsource = "asset:b#walk_south/2"\n[reference]\ninit = "i.png"\n'
                '[export.unity]\ncontroller = "asset:hero"\n'
            ),
            [
                ("source", "a.png"),
                ("reference.init", "i.png"),
                ("export.unity.controller", "asset:hero"),
                ("keyframes.0.source", "k.png"),
                ("keyframes.1.source", "asset:b#walk_south/2"),
            ],
        ),
        ('kind = "sprite"\nsource = ""\nprovider = "files"\n', []),
    ],
)
def test_every_input_that_a_spec_names(tmp_path: Path, text: str, found: list[tuple[str, str]]) -> None:
    assert references(SpecProject(tmp_path).load(text).spec) == found


def using(*ids: str) -> str:
    """A sprite that starts from other assets."""
    keys = ("[reference]\nstyle", "init")
    source = f'source = "asset:{ids[0]}"\n' if ids else 'description = "x"\n'
    more = "".join(f'{key} = "asset:{other}"\n' for key, other in zip(keys, ids[1:], strict=False))
    return f'kind = "sprite"\n{source}{more}'


def test_each_asset_comes_after_what_it_uses(tmp_path: Path) -> None:
    specs = {"a": using("c"), "b": using(), "c": using("d#south", "b"), "d": using("missing"), "e": using()}
    loaded, errors = SpecProject(tmp_path).load_all(specs)
    assert errors == []
    assert graph_order(reversed(loaded)) == (["d", "b", "c", "a", "e"], {})


def test_a_circle_is_printed_whole_at_every_asset_of_it(tmp_path: Path) -> None:
    specs = {"a": using("b"), "b": using("x", "c"), "c": using("a"), "d": using("a"), "x": using()}
    loaded, _ = SpecProject(tmp_path).load_all(specs)
    order, cycles = graph_order(loaded)
    assert sorted(order) == sorted(specs)
    assert sorted(cycles) == ["a", "b", "c"]
    assert {error.message for error in cycles.values()} == {"assets use each other in a circle: a → b → c → a"}
    assert [str(error.where) for _, error in sorted(cycles.items())] == [
        "a.asset.toml:2:1",
        "b.asset.toml:4:1",
        "c.asset.toml:2:1",
    ]


def test_an_asset_that_uses_itself_and_two_circles(tmp_path: Path) -> None:
    specs = {"a": using("a"), "b": using("c"), "c": using("b", "a")}
    loaded, _ = SpecProject(tmp_path).load_all(specs)
    _, cycles = graph_order(loaded)
    assert {asset_id: error.message.partition(": ")[2] for asset_id, error in cycles.items()} == {
        "a": "a → a",
        "b": "b → c → b",
        "c": "b → c → b",
    }


def test_a_chain_may_be_longer_than_python_recurses(tmp_path: Path) -> None:
    names = [f"n{number:04}" for number in range(1200)]
    one = SpecProject(tmp_path).load(using())
    chain = [
        dataclasses.replace(one, id=name, spec=one.spec.model_copy(update={"source": f"asset:{after}"}))
        for name, after in zip(names, [*names[1:], "end"], strict=True)
    ]
    assert graph_order(chain) == (names[::-1], {})


def test_a_link_to_another_drive_leads_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def other_drive(_paths: list[str]) -> str:
        raise ValueError("Paths don't have the same drive")

    monkeypatch.setattr("os.path.commonpath", other_drive)
    with pytest.raises(UserError, match="through a link"):
        resolve_path(tmp_path, "a.asset.toml", "art/a.png")
