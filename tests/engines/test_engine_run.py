"""Engines run isolated, end when they have to, and the real ones do what the other engine tests build on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from platformdirs import user_cache_path, user_config_path

from tests import conftest
from tests.engines import fetch
from tests.engines.engine import Engine, Missing

PYTHON = Engine("python", (sys.executable,))
SHOW_ENVIRONMENT = "import json, os; print(json.dumps(dict(os.environ)))"

GODOT_PROJECT = 'config_version=5\n\n[application]\n\nconfig/name="probe"\n'
GODOT_SCRIPT = """\
extends SceneTree

func _init() -> void:
\tprint("data in ", OS.get_user_data_dir())
\tquit(7)
"""
MAP = """\
<?xml version="1.0" encoding="UTF-8"?>
<map version="1.10" orientation="orthogonal" renderorder="right-down" width="2" height="1" tilewidth="8" \
tileheight="8" infinite="0" nextlayerid="2" nextobjectid="1">
 <tileset firstgid="1" name="probe" tilewidth="8" tileheight="8" tilecount="1" columns="1">
  <image source="probe.png" width="8" height="8"/>
 </tileset>
 <layer id="1" name="ground" width="2" height="1">
  <data encoding="csv">
0,1
</data>
 </layer>
</map>
"""


def runs(process: int) -> bool:
    """Whether a process is at work; a killed one may still wait to be collected by whoever adopted it."""
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state.rpartition(")")[2].split()[0] != "Z"


@pytest.fixture
def tiled_map(tmp_path: Path) -> Path:
    Image.new("RGBA", (8, 8), (200, 30, 40, 255)).save(tmp_path / "probe.png")
    path = tmp_path / "probe.tmx"
    path.write_text(MAP, encoding="utf-8")
    return path


def test_run_gives_exit_code_and_both_streams(tmp_path: Path) -> None:
    done = PYTHON.run(["-c", "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"], tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (3, "out\n", "err\n")


def test_run_keeps_away_from_the_users_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_STYLE_OVERRIDE", "users-choice")
    monkeypatch.setenv("XDG_DATA_HOME", "/users/data")
    monkeypatch.setenv("DISPLAY", ":0")
    seen: dict[str, str] = json.loads(PYTHON.run(["-c", SHOW_ENVIRONMENT], tmp_path).stdout)
    assert not {"QT_STYLE_OVERRIDE", "DISPLAY"} & set(seen)
    home = Path(seen["HOME"])
    assert all(Path(seen[name]).is_relative_to(home) for name in seen if name.startswith("XDG_"))
    assert not home.exists()


def test_named_home_is_kept(tmp_path: Path) -> None:
    home = tmp_path / "home"
    script = "import os, pathlib; pathlib.Path(os.environ['XDG_CONFIG_HOME'], 'kept').touch()"
    PYTHON.run(["-c", script], tmp_path, home=home)
    assert (home / ".config/kept").exists()


def test_settings_of_the_engine_and_of_one_run(tmp_path: Path) -> None:
    engine = Engine("python", (sys.executable,), settings={"A": "engine", "B": "engine"})
    seen = json.loads(engine.run(["-c", SHOW_ENVIRONMENT], tmp_path, settings={"B": "run"}).stdout)
    assert (seen["A"], seen["B"]) == ("engine", "run")


@pytest.mark.skipif(sys.platform != "linux", reason="looks at the child through /proc")
def test_timeout_ends_the_children_too(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys, time, pathlib\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "pathlib.Path('pid').write_text(str(child.pid))\n"
        "time.sleep(600)\n"
    )
    with pytest.raises(subprocess.TimeoutExpired):
        PYTHON.run(["-c", script], tmp_path, timeout=3)
    assert not runs(int((tmp_path / "pid").read_text(encoding="utf-8")))


def test_tests_have_a_home_of_their_own() -> None:
    home = Path.home()
    assert home.name.startswith("home")
    assert user_config_path("assetbridge").is_relative_to(home)
    assert user_cache_path("assetbridge").is_relative_to(home)
    assert not fetch.CACHE.is_relative_to(home)
    assert not [name for name in os.environ if name.endswith("_API_KEY")]


def test_missing_engine_fails_in_ci_and_skips_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = Missing("godot", "no network")
    monkeypatch.setattr(conftest, "IN_CI", True)
    with pytest.raises(pytest.fail.Exception, match="godot is missing: no network"):
        conftest.required(missing)
    monkeypatch.setattr(conftest, "IN_CI", False)
    with pytest.raises(pytest.skip.Exception, match="godot is missing: no network"):
        conftest.required(missing)
    assert conftest.required(PYTHON) is PYTHON


def test_godot_runs_a_script(godot: Engine, tmp_path: Path) -> None:
    (tmp_path / "project.godot").write_text(GODOT_PROJECT, encoding="utf-8")
    (tmp_path / "probe.gd").write_text(GODOT_SCRIPT, encoding="utf-8")
    home = tmp_path / "home"
    done = godot.run(["--headless", "--path", tmp_path, "--script", "probe.gd"], tmp_path, home=home)
    assert done.returncode == 7, done.stderr
    assert f"data in {home}" in done.stdout
    assert done.stderr == ""
    assert godot.version >= (4, 3)


def test_tiled_runs_a_script(tiled: Engine, tmp_path: Path) -> None:
    (tmp_path / "probe.js").write_text("tiled.log(`version ${tiled.version}`)", encoding="utf-8")
    done = tiled.run(["--evaluate", "probe.js"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"version {'.'.join(map(str, tiled.version))}" in done.stdout + done.stderr
    assert tiled.version >= (1, 10)


def test_tiled_has_its_plugins(tiled: Engine, tiled_map: Path) -> None:
    done = tiled.run(["--export-map", "json", tiled_map, "probe.json"], tiled_map.parent)
    assert done.returncode == 0, done.stderr
    exported = json.loads((tiled_map.parent / "probe.json").read_text(encoding="utf-8"))
    assert exported["layers"][0]["data"] == [0, 1]


def test_rasterizer_draws_a_map(tmxrasterizer: Engine, tiled_map: Path) -> None:
    picture = tiled_map.with_name("picture.png")
    done = tmxrasterizer.run([tiled_map, picture], tiled_map.parent)
    assert done.returncode == 0, done.stderr
    with Image.open(picture) as image:
        assert image.size == (16, 8)
        drawn = image.convert("RGBA")
    assert drawn.getpixel((12, 4)) == (200, 30, 40, 255)
    assert drawn.getchannel("A").getpixel((2, 4)) == 0
