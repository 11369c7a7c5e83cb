"""A folder full of modules and programs named like everything that is ever looked for: none of them runs.

Of `python -m bridge` Python itself loads parts from the folder, and then `bridge`, before any code of ours runs.
`assetbridge`, the addons and the daemon are not started like that (docs/reference/daemon.md).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from bridge.core.module_path import OWN_FOLDER
from bridge.daemon.runtime import read_record
from bridge.media.audio import encode_ogg
from bridge.providers.sprixen.sound import decoded
from tests.hostile.outside import Outside
from tests.hostile.planted_programs import Traps, careless_path, set_traps
from tests.hostile.stranger import run_bridge

# As the installed script starts: its own folder is on the path of modules, the working folder is not.
SCRIPT = """\
import sys
sys.path.append({own!r})
from bridge.build import draw_pool as drawing
from bridge.cli import main

class Noted(drawing.ProcessPoolExecutor):
    def submit(self, *words, **named):
        print("drawn elsewhere", file=sys.stderr)
        return super().submit(*words, **named)

if __name__ == "__main__":
    drawing.ProcessPoolExecutor = Noted
    drawing.TRIED = drawing.WORTH = 0.0
    drawing._count_processors = lambda: 3
    sys.exit(main())
"""


@pytest.fixture
def careless(stranger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell as many are: nothing isolates Python, and PATH has folders of the project in front."""
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setenv("PATH", careless_path(stranger))


@pytest.fixture
def traps(stranger: Path, tmp_path: Path, careless: None) -> Traps:
    del careless
    return set_traps(stranger, tmp_path / "ran")


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """The installed command, which draws in other processes from the first step on."""
    path = tmp_path / "bin" / "assetbridge-start"
    path.parent.mkdir()
    path.write_text(SCRIPT.format(own=OWN_FOLDER), encoding="utf-8")
    return path


def run_script(script: Path, folder: Path, *words: str) -> str:
    """Runs the installed command; gives what it said."""
    command = [sys.executable, str(script), *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_the_traps_work(traps: Traps) -> None:
    subprocess.run([sys.executable, "-c", "import numpy, bridge"], cwd=traps.folder, check=False, capture_output=True)
    assert {"numpy", "bridge"} <= {*traps.sprung()}
    subprocess.run(["git"], cwd=traps.folder, check=True)
    assert "git" in traps.sprung()


@pytest.mark.parametrize("words", [["plan"], ["providers"], ["doctor"]])
def test_no_command_imports_or_runs_what_lies_in_the_folder(
    traps: Traps, script: Path, words: list[str], outside: Outside
) -> None:
    run_script(script, traps.folder, *words)
    assert traps.sprung() == []
    outside.assert_unchanged()


@pytest.mark.usefixtures("careless")
def test_python_m_imports_nothing_but_what_python_itself_does(stranger: Path, tmp_path: Path) -> None:
    show = [sys.executable, "-P", "-c", "import runpy, sys; print(*sys.modules)"]
    left_out = subprocess.run(show, capture_output=True, text=True, check=True).stdout.split()
    traps = set_traps(stranger, tmp_path / "ran", left_out=["bridge", *left_out])
    run_bridge(stranger, "build", environment={"PYTHONSAFEPATH": ""})
    assert traps.sprung() == []


def test_processes_that_draw_import_nothing_from_it(traps: Traps, script: Path) -> None:
    for number in range(6):
        spec = f'kind = "sprite"\ndescription = "red gem {number}"\nsize = [16, 16]\n'
        (traps.folder / "art" / f"gem{number}.asset.toml").write_text(spec, encoding="utf-8")
    assert "drawn elsewhere" in run_script(script, traps.folder, "build", "--no-daemon")
    assert (traps.folder / "export/art/gem5.png").is_file()
    assert traps.sprung() == []


def test_nor_does_the_daemon(traps: Traps, script: Path) -> None:
    try:
        run_script(script, traps.folder, "daemon", "start")
        run_script(script, traps.folder, "build")
        record = read_record(traps.folder)
        assert record is not None
        if Path("/proc/self/cwd").exists():
            assert Path(f"/proc/{record.pid}/cwd").resolve() == Path("/")
    finally:
        run_script(script, traps.folder, "daemon", "stop")
    assert traps.sprung() == []


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent as a signal")
def test_nor_does_a_watch(traps: Traps, script: Path) -> None:
    watch = subprocess.Popen(
        [sys.executable, str(script), "watch"],
        cwd=traps.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not (traps.folder / "export/art/gem.png").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    watch.send_signal(signal.SIGINT)
    said, _ = watch.communicate(timeout=60)
    assert (traps.folder / "export/art/gem.png").exists(), said
    assert traps.sprung() == []


def test_nor_do_the_processes_that_read_and_write_sound(traps: Traps, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(traps.folder)
    samples = np.zeros((800, 1), dtype=np.int16)
    ogg = encode_ogg(samples, 8000)
    assert ogg is not None
    assert decoded(ogg)[1] == 8000
    assert traps.sprung() == []
