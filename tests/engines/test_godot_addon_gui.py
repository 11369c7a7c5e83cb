"""The addon in the real Godot editor with a window: every button is pressed against the real daemon.

The pictures that are taken on the way lie in `build/screenshots` (see tests/engines/display.py).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.cli import main
from bridge.core.root_folder import RootFolder
from bridge.daemon.process import control
from bridge.operations import install_addon as addons
from tests.conftest import required
from tests.emulator import KEY, OBSERVED, Emulator, PixelLab
from tests.engines.display import PICTURES, Display, display, tools
from tests.engines.engine import Engine
from tests.engines.fake_daemon import FakeDaemon, serving
from tests.engines.godot_runs import COMPLAINTS, ENDING
from tests.engines.user_settings import write_launchers

CHECKS = Path(__file__).with_name("addon_checks")
GODOT_PROJECT = """config_version=5

[application]

config/name="addon"

[editor]

run/main_run_args="{starter}"

[rendering]

renderer/rendering_method="gl_compatibility"
textures/canvas_textures/default_texture_filter=0

[audio]

driver/driver="Dummy"

[editor_plugins]

enabled=PackedStringArray("res://addons/assetbridge/plugin.cfg")
"""
PROJECT = """\
[project]
name = "addon"
id = "7e57"
specs = ["art/**/*.asset.toml"]
[defaults]
provider = "procedural"
[targets.godot]
root = "game"
output = "."
[providers.pixellab]
base_url = "{url}"
"""
SPECS = {
    "art/hero": 'kind = "character"\ndescription = "a knight in blue"\nsize = [48, 48]\ndirections = 4\n'
    "[animations.idle]\n[animations.walk]\n",
    "art/gem": 'kind = "character"\ndescription = "a slime"\nsize = [32, 32]\ndirections = 4\nvariants = 3\n',
    "art/land": 'kind = "tileset"\ntile_size = 16\n[[terrains]]\nname = "water"\n[[terrains]]\nname = "sand"\n',
    "art/guard": 'kind = "sprite"\nprovider = "pixellab"\ndescription = "town guard"\nsize = [64, 64]\n',
    "art/knight": 'kind = "character"\nprovider = "pixellab"\ndescription = "brave knight"\nsize = [48, 48]\n'
    "directions = 4\n",
}
# What an editor says on this screen in an empty project, without the addon, when a script drives it.
SURROUNDINGS = (
    # There is no graphics card: Godot looks for one all the same.
    "VK_KHR_surface",
    'Condition "err != OK" is true. Returning: err',
    "Could not set V-Sync mode",
    # The window that shows the progress of an import looks for the main window of the editor's own main loop, in the
    # place of which the script is.
    'Parameter "current_window" is null.',
    # At the end, as in ENDING.
    ": leaked ",
)
SESSION = (
    "starts_the_daemon",
    "builds_one",
    "takes_over_a_saved_spec",
    "reaches_a_running_game",
    "builds_all",
    "approves_the_price",
    "picks_a_variant",
    "rerolls",
    "makes_a_new_asset",
    "cancels",
    "opens_and_shows",
    "drags_into_the_scene",
    "inspector_buttons",
    "shows_a_mistake",
    "recovers_from_a_killed_daemon",
    "stops_the_daemon",
)
EDITOR = ("--editor", "--path", ".", "--rendering-driver", "opengl3", "--audio-driver", "Dummy", "--single-window")


@pytest.fixture
def root(godot: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project with an account at an emulated service, the addon installed as a user does."""
    monkeypatch.setenv("PIXELLAB_API_KEY", KEY)
    root = tmp_path / "project"
    (root / "game").mkdir(parents=True)
    (root / "game/project.godot").write_text(GODOT_PROJECT.format(starter=starting(godot)))
    with Emulator(PixelLab(OBSERVED, job_seconds=20.0)) as emulator:
        (root / "assetbridge.toml").write_text(PROJECT.format(url=emulator.url))
        for name, text in SPECS.items():
            path = root / f"{name}.asset.toml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        assert main(["install-addon", "godot", "--project", str(root)]) == 0
        shutil.copytree(CHECKS, root / "game/checks")
        yield root
        control.stop_daemon(root)


def starting(godot: Engine) -> str:
    """What `run/main_run_args` has to say for games to start from the editor.

    A fetched Godot is run by its dynamic loader and takes that for its own program, so the loader is given what to run.
    Godot names its own program once more then, which becomes the value of an option that means nothing here; the
    first word it drops.
    """
    loader = godot.command[1:]
    return " ".join(["run", *loader, "--language", "%command%"]) if loader else ""


def opener(root: Path, tmp_path: Path) -> str:
    """A PATH whose program for opening files only notes which."""
    script = tmp_path / "bin/xdg-open"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\necho "$1" > "{root}/opened.txt"\n')
    script.chmod(0o755)
    return f"{script.parent}:{os.environ['PATH']}"


def run_session(
    godot: Engine, screen: Display, root: Path, *checks: str, settings: dict[str, str], home: Path | None = None
) -> None:
    """Runs methods of gui_checks.gd in an editor with a window."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    words = [
        *EDITOR,
        "--resolution",
        f"{screen.width}x{screen.height}",
        "--position",
        "0,0",
        "--script",
        "checks/gui_runner.gd",
        "--",
        *checks,
    ]
    environment = {**screen.settings, **settings, "ASSETBRIDGE_SCREENSHOTS": str(PICTURES)}
    done = godot.run(words, root / "game", 400, settings=environment, home=home)
    report = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("    ")]
    complaints = [
        line
        for line in report
        if line.startswith(COMPLAINTS) and not any(known in line for known in (*ENDING, *SURROUNDINGS))
    ]
    assert "RESULT 0" in report, (
        "\n".join(line for line in report if "RESULT" in line or line.startswith("FAIL"))
        or f"ended with {done.returncode}: {done.stderr[-2000:]}"
    )
    assert not complaints, "\n".join(complaints)


@pytest.mark.timeout(600)
def test_a_first_session_with_every_button(godot: Engine, screen: Display, root: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_launchers(home)
    run_session(godot, screen, root, *SESSION, settings={"PATH": opener(root, tmp_path)}, home=home)


def project(tmp_path: Path) -> Path:
    """A project without specs, for a stand-in daemon to talk about."""
    root = tmp_path / "project"
    addons.install_files(RootFolder(root / "game/addons/assetbridge"), addons.packaged_files("godot"))
    (root / "game/project.godot").write_text(GODOT_PROJECT.format(starter=""))
    (root / "assetbridge.toml").write_text("")
    shutil.copytree(CHECKS, root / "game/checks")
    return root


def editor_settings(godot: Engine, home: Path, **settings: str) -> Path:
    """A home folder whose editor has these settings, as Godot's text format has values."""
    major, minor = godot.version[:2]
    path = home / f".config/godot/editor_settings-{major}.{minor}.tres"
    path.parent.mkdir(parents=True)
    lines = [f"interface/{name} = {value}" for name, value in settings.items()]
    path.write_text('[gd_resource type="EditorSettings" format=3]\n\n[resource]\n' + "\n".join(lines) + "\n")
    return home


DOUBLE = {"editor/display_scale": "7", "editor/custom_display_scale": "2.0"}
LOOKS = {
    "normal": (("looks", "looks_narrow"), {}),
    # The longest words in the largest letters.
    "double_german": (("speaks_german",), DOUBLE | {"editor/editor_language": '"de"'}),
    "double": (("looks",), DOUBLE),
    "light": (("looks",), {"theme/color_preset": '"Light"'}),
    "german": (("speaks_german",), {"editor/editor_language": '"de"'}),
}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if name in ("normal", "double_german") else [pytest.mark.full]) for name in LOOKS],
)
def test_the_dock_fits_in_every_editor(name: str, godot: Engine, tmp_path: Path) -> None:
    checks, settings = LOOKS[name]
    size = (2560, 1440) if settings.keys() >= DOUBLE.keys() else (1600, 900)
    home = editor_settings(godot, tmp_path / "home", **settings)
    root = project(tmp_path)
    with (
        display(required(tools()), *size) as screen,
        serving(FakeDaemon(root, ["hero", "creatures/slime_of_the_northern_swamp"]), home),
    ):
        run_session(godot, screen, root, *checks, settings={"ASSETBRIDGE_LOOK": name}, home=home)


@pytest.mark.parametrize(
    ("version", "check"),
    [
        pytest.param("1.0.0", "tells_the_wrong_version", marks=pytest.mark.full),
        ("0.9.9", "tells_another_version"),
    ],
)
def test_versions_that_differ_are_told(
    version: str, check: str, godot: Engine, screen: Display, tmp_path: Path
) -> None:
    root = project(tmp_path)
    home = tmp_path / "home"
    with serving(FakeDaemon(root, ["hero"], version=version), home):
        run_session(godot, screen, root, check, settings={}, home=home)


@pytest.mark.full
def test_a_thousand_assets_leave_the_editor_fluent(godot: Engine, tmp_path: Path) -> None:
    root = project(tmp_path)
    # Few pixels, for a processor draws them.
    with (
        display(required(tools()), 1024, 640) as screen,
        serving(FakeDaemon(root, [f"art/asset{number:04}" for number in range(1000)]), tmp_path / "home"),
    ):
        run_session(godot, screen, root, "measures_a_thousand", settings={}, home=tmp_path / "home")
