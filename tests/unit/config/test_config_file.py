"""assetbridge.toml: what it gives, and every mistake in it with its place, all at once."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from bridge.config.project_config import Config, TargetConfig, read_config
from bridge.core.errors import BridgeError, UserError, Where
from bridge.core.paths import find_project
from tests.unit.spec.spec_project import flat

HEAD = '[project]\nname = "game"\nid = "6f1c2a9e"\n'
OUTSIDE = "Use a folder inside the project, with `/`; put assetbridge.toml higher up if need be."


def read(root: Path, text: str | bytes) -> Config:
    (root / "assetbridge.toml").write_bytes(text.encode() if isinstance(text, str) else text)
    return read_config(root)


def problems(root: Path, text: str | bytes) -> list[tuple[str, str, str]]:
    """(`line:column`, message, hint) of every mistake."""
    with pytest.raises(UserError if isinstance(text, bytes) else BridgeError) as caught:
        read(root, text)
    errors = flat(caught.value)
    assert {error.code for error in errors} <= {"config_invalid", "output_outside"}
    return [(str(error.where).removeprefix("assetbridge.toml:"), error.message, error.hint) for error in errors]


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    text = f"""{HEAD}specs = ["art/**/*.asset.toml", "maps/*.asset.toml"]
[defaults]
view = "side"
[defaults.process]
palette = "a.hex"
[targets.godot]
root = "./game/"
output = "art//generated"
[targets.tiled]
[targets.unity]
root = "unity"
pixels_per_unit = 16
[targets.json]
output = "."
[providers.pixellab]
max_concurrent = 4
[webhooks]
listen = "127.0.0.1:8765"
[budget]
pixellab = {{ unit = "generations", per_build = 20, per_day = 100 }}
[lint]
"""
    config = read(tmp_path, text)
    assert (config.root, config.name, config.id) == (tmp_path, "game", "6f1c2a9e")
    assert config.spec_patterns == ("art/**/*.asset.toml", "maps/*.asset.toml")
    assert config.defaults == {"view": "side", "process": {"palette": "a.hex"}}
    assert config.targets == {
        "godot": TargetConfig("godot", "game", "art/generated"),
        "tiled": TargetConfig("tiled", ".", "tilesets"),
        "unity": TargetConfig("unity", "unity", "Assets/Art/Generated", {"pixels_per_unit": 16}),
        "json": TargetConfig("json", ".", "."),
    }
    assert {name: target.path for name, target in config.targets.items()} == {
        "godot": "game/art/generated",
        "tiled": "tilesets",
        "unity": "unity/Assets/Art/Generated",
        "json": ".",
    }
    assert config.providers == {"pixellab": {"max_concurrent": 4}}
    assert config.budget == {"pixellab": {"unit": "generations", "per_build": 20, "per_day": 100}}
    assert config.sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert config.where(("defaults", "process", "palette")) == Where(
        "assetbridge.toml", 8, 1, "defaults.process.palette"
    )
    assert config.where(("targets", "godot", "absent")).line == 9
    assert config.where(("absent",)) == Where("assetbridge.toml", 1, 1, "absent")


def test_little_is_required(tmp_path: Path) -> None:
    config = read(tmp_path, '\ufeff[project]\r\nid = "x"\r\n')
    assert (config.name, config.spec_patterns, config.targets) == (tmp_path.name, ("**/*.asset.toml",), {})


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("", "1:1", "there is no [project] table", "It holds name, id and specs; `assetbridge init` writes one."),
        ("[project]\n", "1:2", "[project] has no id", 'Add id = "8 letters or digits": it salts every uid.'),
        (HEAD + "nmae = 'x'", "4:1", "nmae is not known here", "Did you mean name?"),
        (HEAD + "specs = 'art'", "4:1", 'specs must be a list of patterns like ["**/*.asset.toml"]', ""),
        (HEAD + "specs = []", "4:1", 'specs must be a list of patterns like ["**/*.asset.toml"]', ""),
        (HEAD + "specs = [3]", "4:1", 'specs must be a list of patterns like ["**/*.asset.toml"]', ""),
        ("[project]\nid = 7", "2:1", "id must be a text", ""),
        (HEAD + "[target.godot]", "4:2", "target is not known here", "Did you mean targets?"),
        ("targets = 3\n" + HEAD, "1:1", "targets must be a table: [targets]", ""),
        (HEAD + "[targets.godt]", "4:10", "godt is not known here", "Did you mean godot?"),
        (HEAD + "[targets]\ngodot = true", "5:1", "targets.godot must be a table", ""),
        (HEAD + "[targets.godot]\noutputs = 'x'", "5:1", "outputs is not known here", "Did you mean output?"),
        (HEAD + "[targets.godot]\noutput = ''", "5:1", "output must be a folder", ""),
        (
            HEAD + "[targets.godot]\npixels_per_unit = 16",
            "5:1",
            "pixels_per_unit is not known here",
            "Known here: root, output.",
        ),
        (
            HEAD + "[targets.unity]\npixels_per_unit = 0",
            "5:1",
            "pixels_per_unit must be a whole number from 1 to 1024",
            "",
        ),
        (
            HEAD + "[targets.unity]\npixels_per_unit = true",
            "5:1",
            "pixels_per_unit must be a whole number from 1 to 1024",
            "",
        ),
        (
            HEAD + "[targets.unity]\noutput = 'Art'",
            "5:1",
            "Unity reads only what lies in Assets/",
            'Set output = "Assets/Art".',
        ),
        (
            HEAD + "[targets.json]\noutput = 'Out'\n[targets.tiled]\noutput = 'out'",
            "7:1",
            "tiled and json have the same output folder out",
            "Give each target a folder of its own.",
        ),
        (HEAD + "[providers]\npixellab = 3", "5:1", "providers.pixellab must be a table", ""),
        (HEAD + "[providers.pixellab]\napi_key = 'x'", "5:1", "api_key is not known here", "Did you mean api_key_env?"),
        (
            HEAD + "[providers.mine]\nmax_concurrent = 65",
            "5:1",
            "max_concurrent must be a whole number from 1 to 64",
            "",
        ),
        (HEAD + "[webhooks]\nport = 1", "5:1", "port is not known here", "Known here: listen, public_url."),
        (HEAD + "[budget.pixellab]\nunit = 3", "5:1", 'unit must be a text like "generations"', ""),
        (HEAD + "[budget.x]\nper_day = 1", "4:9", "budget.x has no unit", 'For example unit = "generations".'),
    ],
)
def test_a_mistake_has_its_place(tmp_path: Path, text: str, place: str, message: str, hint: str) -> None:
    assert problems(tmp_path, text + "\n") == [(place, message, hint)]


def test_all_mistakes_are_said_at_once(tmp_path: Path) -> None:
    text = "[projct]\n[targets.godt]\n[targets.unity]\noutput = '../x'\n"
    assert [message for _, message, _ in problems(tmp_path, text)] == [
        "projct is not known here",
        "there is no [project] table",
        "godt is not known here",
        "output = '../x' leads out of the project",
    ]


@pytest.mark.parametrize(
    "folder", ["../x", "a/../../x", "/tmp", "\\\\host\\x", "a\\b", "C:/x", "~/x", "a\nb", "a\0b", ".."]
)
@pytest.mark.parametrize("key", ["root", "output"])
def test_a_target_outside_the_project(tmp_path: Path, key: str, folder: str) -> None:
    escaped = folder.replace("\\", "\\\\").replace("\n", "\\n").replace("\0", "\\u0000")
    found = problems(tmp_path, f'{HEAD}[targets.godot]\n{key} = "{escaped}"\n')
    assert found == [("5:1", f"{key} = {folder!r} leads out of the project", OUTSIDE)]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_target_that_is_a_link_to_outside(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "out").symlink_to(tmp_path)
    found = problems(project, f"{HEAD}[targets.json]\noutput = 'out/x'\n")
    assert found == [
        ("5:1", "the folder out/x is a link that leads out of the project", "Use a real folder inside the project.")
    ]


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        (b"[project]\nname = 'H\xf6hle'\n", "2:1", "assetbridge.toml is not UTF-8 text"),
        (b"[project]\nid = \n", "2:6", "assetbridge.toml is not valid TOML: "),
        (b"[project]\nid = 1\nid = 2\n", "3:7", "assetbridge.toml is not valid TOML: "),
    ],
)
def test_a_file_that_is_no_toml(tmp_path: Path, content: bytes, place: str, message: str) -> None:
    ((found, said, _),) = problems(tmp_path, content)
    assert found == place
    assert said.startswith(message)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"assetbridge\.toml cannot be read: "):
        read_config(tmp_path)


def test_the_project_is_the_folder_with_the_file_here_or_above(tmp_path: Path) -> None:
    deep = tmp_path / "game" / "art" / "heroes"
    deep.mkdir(parents=True)
    (tmp_path / "game" / "art" / "assetbridge.toml").mkdir()
    (tmp_path / "game" / "assetbridge.toml").write_text(HEAD, encoding="utf-8")
    assert find_project(deep) == find_project(tmp_path / "game") == tmp_path / "game"
    with pytest.raises(UserError) as caught:
        find_project(tmp_path)
    assert caught.value.code == "no_project"
    assert caught.value.message == f"there is no assetbridge.toml in {tmp_path.name} or above it"
    assert "assetbridge init" in caught.value.hint
