"""Whatever stands in the specs and in the project file: an answer, never a traceback, and the file is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.cli import main
from tests.pipeline.conftest import HERO, PLAIN_PROJECT, SPRITE, TILES

VALID = {
    "sprite": SPRITE,
    "character": HERO,
    "tileset": TILES,
    "items": 'kind = "items"\ndescription = "x"\nsize = [16, 16]\n[[items]]\nname = "gem"\n[[items]]\nname = "key"\n',
    "map": 'kind = "map"\nsize = [6, 5]\ntileset = "asset:art/land"\n[noise]\nscale = 4\nlevels = { water = 0.3 }\n',
    "music": 'kind = "music"\ndescription = "calm"\nduration = 1\nbpm = 120\n',
    "animation": 'kind = "animation"\nsource = "asset:art/rock"\naction = "shakes"\nframes = 4\nfps = 8\n',
    "isometric_tiles": 'kind = "isometric_tiles"\ntile_size = [16, 16]\n[[tiles]]\nname = "grass"\nshape = "thin"\n',
    "edit": 'kind = "edit"\nsource = "asset:art/rock"\nmask = [0, 0, 4, 4]\ndescription = "moss"\n',
    "turnaround": 'kind = "turnaround"\nsource = "asset:art/rock"\ndirection = "south"\ndirections = 4\n',
}
# Values that are wrong for most keys, and some that are just inside or outside of what they may be.
VALUES = st.one_of(
    st.sampled_from(
        [0, 1, -1, 2, 8, 64, 100000, 2**63 - 1, 0.0, 0.5, 1e308, float("nan"), float("inf"), True, False, ""]
    ),
    st.sampled_from(
        ["none", "auto", "asset:", "asset:art/rock", "asset:art/land#x", "asset:art/it", "#ffffff", "south"]
    ),
    st.sampled_from(
        ["../up", "/etc/hosts", "./x.png", "a\\b", "art", "art/it.asset.toml", "\u202e", "é" * 50, "files"]
    ),
    st.lists(st.sampled_from([0, 8, 16, -1, "x", "south", "east", 0.5, True]), max_size=4),
    st.dictionaries(
        st.sampled_from(["x", "name", "fps", "east", "water"]), st.sampled_from([1, "x", "south"]), max_size=2
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=12),
)
COMMANDS = ("plan", "build", "status", "check")


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every key and element of a document."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key)
            yield from _places(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield (*path, number)
            yield from _places(item, (*path, number))


KEYS = [
    *("seed", "take", "variants", "pick", "size", "view", "direction", "directions", "mirror", "source", "transparent"),
    *("process", "export", "reference", "animations", "terrains", "transitions", "items", "tiles", "columns", "files"),
    *("provider", "frames", "fps", "loop", "durations", "tile_size", "transition_size", "colors", "adopt", "x", "é"),
]


@st.composite
def broken(draw: st.DrawFn, text: str) -> str:
    """A document with one to three keys changed, removed or added."""
    document = tomlkit.parse(text).unwrap()
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(document))
        change: bool = draw(st.booleans())
        if places and change:
            path = draw(st.sampled_from(places))
            holder: Any = document
            for part in path[:-1]:
                holder = holder[part]
            if draw(st.integers(0, 3)) == 0:
                del holder[path[-1]]
            else:
                holder[path[-1]] = draw(VALUES)
        else:
            document[draw(st.sampled_from(KEYS))] = draw(VALUES)
    return str(tomlkit.dumps(document))


@st.composite
def torn(draw: st.DrawFn, text: str) -> bytes:
    """Text with some bytes cut out or put in: mostly no TOML any more."""
    data = text.encode()
    at = draw(st.integers(0, len(data)))
    end = min(len(data), at + draw(st.integers(0, 5)))
    return data[:at] + draw(st.binary(max_size=3)) + data[end:]


@st.composite
def damaged(draw: st.DrawFn) -> list[tuple[int, Any]]:
    """Which values of a lock are replaced (by their place in the order of all), and by what."""
    return [(draw(st.integers(0, 300)), draw(VALUES)) for _ in range(draw(st.integers(1, 2)))]


SPECS = st.sampled_from(sorted(VALID)).flatmap(
    lambda kind: st.one_of(broken(VALID[kind]).map(str.encode), broken(VALID[kind]).map(str.encode), torn(VALID[kind]))
)
PROJECTS = st.one_of(broken(PLAIN_PROJECT).map(str.encode), torn(PLAIN_PROJECT))
SETTINGS = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def _make(root: Path, project: bytes, spec: bytes) -> None:
    shutil.rmtree(root, ignore_errors=True)
    for path, data in {
        "assetbridge.toml": project,
        "game/project.godot": b"config_version=5\n",
        "art/rock.asset.toml": SPRITE.encode(),
        "art/land.asset.toml": TILES.encode(),
        "art/it.asset.toml": spec,
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)


def _answers(root: Path, capsys: pytest.CaptureFixture[str], named: str) -> None:
    for command in COMMANDS:
        code = main([command, "--project", str(root)])
        said = capsys.readouterr()
        assert code in (0, 1, 2, 4), said.err
        assert "Traceback" not in said.err + said.out
        assert "defect" not in said.err, said.err
        complaints = [line for line in said.err.splitlines() if line.startswith("error: ")]
        assert complaints or code in (0, 1) or command == "status", said
        assert all(f"{named}" in line or "art/" in line for line in complaints), complaints
        document = json.loads(_json(root, command, capsys))
        assert isinstance(document, dict)


def _json(root: Path, command: str, capsys: pytest.CaptureFixture[str]) -> str:
    main([command, "--json", "--project", str(root)])
    return capsys.readouterr().out


def _any_spec(root: Path, capsys: pytest.CaptureFixture[str], spec: bytes) -> None:
    _make(root, PLAIN_PROJECT.encode(), spec)
    _answers(root, capsys, "art/it")
    assert (root / "export/art/rock.png").is_file(), "other assets are built whatever one spec says"


@given(spec=SPECS)
@settings(SETTINGS, max_examples=40)
def test_any_spec(tmp_path: Path, capsys: pytest.CaptureFixture[str], spec: bytes) -> None:
    _any_spec(tmp_path / "p", capsys, spec)


@given(project=PROJECTS)
@settings(SETTINGS, max_examples=25)
def test_any_project_file(tmp_path: Path, capsys: pytest.CaptureFixture[str], project: bytes) -> None:
    _make(tmp_path / "p", project, SPRITE.encode())
    _answers(tmp_path / "p", capsys, "assetbridge.toml")


@given(damage=damaged())
@settings(SETTINGS, max_examples=15)
def test_any_lock(tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: list[tuple[int, Any]]) -> None:
    _any_lock(tmp_path / "p", capsys, damage)


def _any_lock(root: Path, capsys: pytest.CaptureFixture[str], damage: list[tuple[int, Any]]) -> None:
    _make(root, PLAIN_PROJECT.encode(), SPRITE.encode())
    main(["build", "--project", str(root)])
    capsys.readouterr()
    lock = json.loads((root / "assetbridge.lock").read_text())
    for number, value in damage:
        places = list(_places(lock))
        *above, last = places[number % len(places)]
        holder = lock
        for part in above:
            holder = holder[part]
        holder[last] = value
    (root / "assetbridge.lock").write_text(json.dumps(lock))
    _answers(root, capsys, "assetbridge.lock")


@pytest.mark.full
@pytest.mark.timeout(1200)
@given(damage=damaged())
@settings(SETTINGS, max_examples=600)
def test_any_lock_many(tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: list[tuple[int, Any]]) -> None:
    _any_lock(tmp_path / "p", capsys, damage)


@pytest.mark.full
@pytest.mark.timeout(1200)
@given(spec=SPECS)
@settings(SETTINGS, max_examples=1500)
def test_any_spec_many(tmp_path: Path, capsys: pytest.CaptureFixture[str], spec: bytes) -> None:
    _any_spec(tmp_path / "p", capsys, spec)


@pytest.mark.full
@pytest.mark.timeout(1200)
@given(project=PROJECTS)
@settings(SETTINGS, max_examples=600)
def test_any_project_file_many(tmp_path: Path, capsys: pytest.CaptureFixture[str], project: bytes) -> None:
    _make(tmp_path / "p", project, SPRITE.encode())
    _answers(tmp_path / "p", capsys, "assetbridge.toml")
