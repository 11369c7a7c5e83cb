"""Ctrl-C at any moment of a command, from its first own line to its last: one line, exit code 130, no traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the program is copied at each moment")

# At every `STEP`th moment (an import, a line of the program's first module, its end) a copy of the process is
# interrupted, and goes on to its end; what came of it is written down, and the original goes on untouched.
SCRIPT = """\
import atexit, json, os, signal, sys, tempfile

STEP, results = int(sys.argv.pop(1)), sys.argv.pop(1)
seen, is_copy = 0, False

def look(where):
    global seen, is_copy
    seen += 1
    if is_copy or seen % STEP:
        return
    out = tempfile.TemporaryFile()
    child = os.fork()
    if child == 0:
        is_copy = True
        sys.settrace(None)
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
        signal.raise_signal(signal.SIGINT)
        return
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    out.seek(0)
    with open(results, "a") as file:
        file.write(json.dumps([where, code, out.read().decode()]) + "\\n")

def look_at_lines(frame, event, arg):
    if not frame.f_code.co_filename.endswith(os.path.join("bridge", "__main__.py")) or frame.f_code.co_name != "run":
        return None
    # The first line is `try`: before it nothing of the program has run.
    if event == "line" and frame.f_lineno > frame.f_code.co_firstlineno + 2:
        look(f"line {frame.f_lineno}")
    return look_at_lines

import bridge.__main__ as program
import threading
sys.addaudithook(lambda event, words: look(words[0]) if event == "import" else None)
threading.main_thread()
sys.settrace(look_at_lines)
code = program.run()
sys.settrace(None)
look("end")
sys.exit(code)
"""
FINALIZER = """\
import signal, sys, time
import bridge.cli
from bridge.__main__ import run

class Interrupted:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

def main():
    Interrupted()
    time.sleep(30)
    return 0

bridge.cli.main = main
sys.exit(run())
"""
PROJECT = (
    '[project]\nname = "stopped"\nid = "7e57"\nspecs = ["art/**/*.asset.toml"]\n[targets.json]\noutput = "export"\n'
)
ROCK = 'kind = "sprite"\nprovider = "procedural"\nsize = [8, 8]\ndescription = "rock"\n'


def run_script(script: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *words], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )


# No command that writes: the copies would get in the way of the original.
@pytest.mark.parametrize(("command", "step"), [("--version", 1), ("status", 12), ("plan", 50)])
def test_an_interrupt_at_any_moment_is_one_line(tmp_path: Path, command: str, step: int) -> None:
    folder = tmp_path / "game"
    (folder / "art").mkdir(parents=True)
    (folder / "assetbridge.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "art/rock.asset.toml").write_text(ROCK, encoding="utf-8")
    results = tmp_path / "results"
    done = run_script(SCRIPT, folder, str(step), str(results), command)
    assert done.returncode == 0, done.stderr
    moments = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    assert len(moments) >= 5
    wrong = [
        (where, code, text)
        for where, code, text in moments
        if code != 130 or text.strip().splitlines()[-1:] != [text.strip()] or not text.strip().startswith("Stopped.")
    ]
    assert wrong == []


def test_an_interrupt_inside_a_finalizer_is_not_forgotten(tmp_path: Path) -> None:
    stopped = run_script(FINALIZER, tmp_path)
    assert stopped.returncode == 130
    assert stopped.stderr.strip().startswith("Stopped.")
    assert "Interrupted" not in stopped.stderr
