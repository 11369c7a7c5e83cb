"""The parts of the Tiled extension that need no window, run in the real Tiled."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path

from bridge import __version__
from bridge.cli import main
from bridge.operations import install_addon as addons
from tests.engines.engine import Engine
from tests.engines.tiled_session import CHECKS
from tests.engines.tiled_workplace import LAND, Workplace
from tests.engines.user_settings import list_daemon, write_launchers

EXTENSION = Path(__file__).parents[2] / "tiled_extension"
# Syntax that the script engine of Qt 5 does not know, and what Qt 6 refuses or lacks.
TOO_NEW = re.compile(
    r"\?\.[\w(\[]|\basync\b|\bawait\b|\bcatch\s*\{|\{\s*\.\.\.|\bsetTimeout\b|\bfetch\(|\.flat\(|replaceAll"
)


def test_the_parts_without_windows(tiled: Engine, tmp_path: Path) -> None:
    place = Workplace.made(tiled, tmp_path)
    place.write("art/land.asset.toml", LAND)
    assert main(["build", "--project", str(place.root)]) == 0
    root = place.root.resolve().as_posix()
    stranger = {"port": 1, "token": "a stranger's", "nonce": "n"}
    place.write(".assetbridge/daemon.json", json.dumps(stranger))
    place.write(".assetbridge/launcher.json", json.dumps({"launcher": [f"{root}/assetbridge"]}))
    place.write("assetbridge", "#!/bin/sh\n").chmod(0o755)
    write_launchers(place.home, sys.executable, projects={f"{root}/own": ["/bin/sh"], f"{root}/gone": ["/gone/python"]})
    list_daemon(place.home, place.root / "listed", {"port": 2, "token": "of the list", "nonce": "n"})
    path = os.pathsep.join([root, ".", "", "bin", f"{root}/bin", *os.environ["PATH"].split(os.pathsep)])
    shutil.copytree(EXTENSION / "lib", place.root / "lib")
    shutil.copy(CHECKS / "checks.mjs", place.root)
    done = tiled.run(["--evaluate", "checks.mjs", root], place.root, home=place.home, settings={"PATH": path})
    report = done.stdout + done.stderr
    assert "FAIL" not in report, report
    assert re.search(r"DONE \d\d", report), report
    assert report.count("this works only in Tiled's window") == 5


def test_loading_complains_of_nothing(tiled: Engine, tmp_path: Path) -> None:
    place = Workplace.made(tiled, tmp_path)
    (place.root / "nothing.js").write_text('tiled.log("LOADED")')
    done = tiled.run(["--evaluate", "nothing.js"], place.root, home=place.home)
    lines = (done.stdout + done.stderr).splitlines()
    assert [line for line in lines if not line.startswith(("Importing module", "Evaluating"))] == ["LOADED"]


def test_a_team_gets_it_with_the_tiled_project(tiled: Engine, tmp_path: Path) -> None:
    place = Workplace.made(tiled, tmp_path)
    shutil.rmtree(place.home / ".config/tiled/extensions")
    project = place.write("level.tiled-project", '{"extensionsPath": "tools"}')
    assert main(["install-addon", "tiled", "--in-project", "--project", str(place.root)]) == 0
    place.write("actions.js", "tiled.log(tiled.actions.filter(name => name.startsWith('Assetbridge')).length)")
    words = ["--project", project.name, "--evaluate", "actions.js"]
    untrusted = tiled.run(words, place.root, home=place.home)
    assert (untrusted.stdout + untrusted.stderr).splitlines()[-1] == "0"
    settings = place.home / ".config/mapeditor.org/tiled.conf"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(f"[Scripting]\nEnabledProjects={project.resolve()}\n")
    trusted = tiled.run(words, place.root, home=place.home)
    assert (trusted.stdout + trusted.stderr).splitlines()[-1] == "5"


def test_its_version_is_that_of_assetbridge() -> None:
    text = addons.packaged_files("tiled")["lib/version.mjs"].decode()
    assert f'export const VERSION = "{__version__}"' in text


def test_it_keeps_to_the_dialect_of_both_script_engines() -> None:
    found = [
        f"{path.name}:{number}: {line.strip()}"
        for path in sorted(EXTENSION.rglob("*.mjs"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if TOO_NEW.search(line) and not line.strip().startswith(("*", "/*", "//"))
    ]
    assert found == []


def test_lines_are_short() -> None:
    for path in sorted(EXTENSION.rglob("*.mjs")):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert max(map(len, lines)) <= 120, path.name
        assert len(lines) <= 200, path.name
