from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bridge.build import draw_pool as drawing
from bridge.build.draw_pool import DrawPool
from bridge.core.errors import UserError
from bridge.providers import registry
from bridge.providers.api import Step, StepResult
from bridge.providers.procedural import ProceduralProvider

STEPS = 12
PARAMS = {
    "size": [8, 8],
    "view": "low top-down",
    "outline": "",
    "shading": "",
    "detail": "medium",
    "colors": None,
    "transparent": True,
    "prefix": "",
    "name": "",
}


def step(number: int) -> Step:
    return Step("image/1", "procedural", "things.draw", {**PARAMS, "text": f"red potion {number}"}, seed=number + 1)


@pytest.fixture
def steps() -> dict[str, Step]:
    return {f"f1:{number}": step(number) for number in range(STEPS)}


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process pays from the first step on."""
    monkeypatch.setattr(drawing, "TRIED", 0.0)
    monkeypatch.setattr(drawing, "WORTH", 0.0)


@pytest.fixture
def drawn_here(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts of what this process draws."""
    texts: list[str] = []
    run = ProceduralProvider.run

    def noted(provider: ProceduralProvider, of: Step, *rest: object) -> StepResult:
        texts.append(str(of.params["text"]))
        return run(provider, of, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(ProceduralProvider, "run", noted)
    return texts


def drawn(steps: dict[str, Step], with_: DrawPool) -> list[StepResult]:
    return [with_.make_result(fingerprint, one, {}, {}) for fingerprint, one in steps.items()]


def alone(steps: dict[str, Step]) -> list[StepResult]:
    return [registry.get("procedural").run(one, {}, {}) for one in steps.values()]  # type: ignore[attr-defined]


@pytest.mark.usefixtures("at_once")
def test_it_makes_what_one_process_makes_alone(steps: dict[str, Step], drawn_here: list[str]) -> None:
    expected = alone(steps)
    drawn_here.clear()
    with DrawPool(steps, processes=2) as ahead:
        assert drawn(steps, ahead) == expected
    assert len(drawn_here) < STEPS


def test_little_work_starts_no_process(steps: dict[str, Step], monkeypatch: pytest.MonkeyPatch) -> None:
    def started(*_: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(drawing, "ProcessPoolExecutor", started)
    with DrawPool(steps, processes=2) as ahead:
        assert drawn(steps, ahead) == alone(steps)


@pytest.mark.usefixtures("at_once")
def test_a_step_that_fails_does_so_in_its_turn(steps: dict[str, Step]) -> None:
    bad = Step("image/1", "procedural", "things.nothing", PARAMS)
    many = {"f1:first": steps.pop("f1:0"), "f1:bad": bad, **steps}
    with DrawPool(many, processes=1) as ahead:
        ahead.make_result("f1:first", many["f1:first"], {}, {})
        with pytest.raises(UserError, match=r"things\.nothing"):
            ahead.make_result("f1:bad", bad, {}, {})
        assert drawn(steps, ahead) == alone(steps)


@pytest.mark.usefixtures("at_once")
def test_a_killed_process_costs_only_time(steps: dict[str, Step]) -> None:
    with DrawPool(steps, processes=1) as ahead:
        first = ahead.make_result("f1:0", steps.pop("f1:0"), {}, {})
        assert ahead._pool is not None
        for process in ahead._pool._processes.values():
            process.kill()
            process.join()
        assert [first, *drawn(steps, ahead)] == alone({"f1:0": step(0), **steps})


@pytest.mark.usefixtures("at_once")
def test_no_process_can_be_had(steps: dict[str, Step], monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr("bridge.build.draw_pool.ProcessPoolExecutor.submit", refused)
    with DrawPool(steps, processes=1) as ahead:
        assert drawn(steps, ahead) == alone(steps)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("error", [OSError("no semaphores left"), ImportError("no semaphores")])
def test_no_semaphore_can_be_had(steps: dict[str, Step], monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def refused(*_: object) -> None:
        raise error

    monkeypatch.setattr(drawing, "ProcessPoolExecutor", refused)
    with DrawPool(steps, processes=1) as ahead:
        assert drawn(steps, ahead) == alone(steps)


def test_a_large_machine_is_not_filled_with_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "_count_processors", lambda: 128)
    assert DrawPool({})._processes == 8


@pytest.mark.usefixtures("at_once")
def test_an_error_in_another_process_does_not_stop_it(steps: dict[str, Step], drawn_here: list[str]) -> None:
    bad = Step("image/1", "procedural", "things.nothing", {**PARAMS, "text": "nothing"})
    many = {"f1:first": step(STEPS), "f1:bad": bad, **steps}
    expected = alone(steps)
    with DrawPool(many, processes=1) as ahead:
        ahead.make_result("f1:first", many["f1:first"], {}, {})
        with pytest.raises(UserError):
            ahead.make_result("f1:bad", bad, {}, {})
        drawn_here.clear()
        assert drawn(steps, ahead) == expected
        assert ahead._pool is not None
    assert len(drawn_here) < STEPS


# whole builds

BUILD = """
import sys
from bridge.build import draw_pool as drawing
drawing.TRIED = drawing.WORTH = 0.0
drawing._count_processors = lambda: 3
from bridge.cli import main
sys.exit(main(["build", "--no-daemon"]))
"""
HERO = 'kind = "character"\ndescription = "red knight {}"\nsize = [64, 64]\ndirections = 4\n[animations]\nwalk = {{}}\n'


@pytest.fixture
def building(tmp_path: Path) -> Iterator[Callable[[], tuple[subprocess.Popen[str], list[int]]]]:
    """Starts the build of many characters; gives it and its children once there are some that draw."""
    (tmp_path / "assetbridge.toml").write_text('[project]\nname = "b"\nid = "7e57"\n[targets.json]\n', encoding="utf-8")
    for number in range(60):
        (tmp_path / f"hero{number}.asset.toml").write_text(HERO.format(number), encoding="utf-8")
    started: list[subprocess.Popen[str]] = []

    def start() -> tuple[subprocess.Popen[str], list[int]]:
        build = subprocess.Popen(
            [sys.executable, "-c", BUILD],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(build)
        while build.poll() is None:
            children = [int(pid) for pid in Path(f"/proc/{build.pid}/task/{build.pid}/children").read_text().split()]
            # Two that draw, and Python's own that tidies up after them.
            if len(children) == 3:
                return build, children
            time.sleep(0.01)
        raise AssertionError(build.communicate())

    yield start
    for build in started:
        build.kill()
        build.communicate()


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc for the children of a process")
def test_processes_that_draw_end_with_a_killed_build(
    building: Callable[[], tuple[subprocess.Popen[str], list[int]]],
) -> None:
    build, children = building()
    build.kill()
    build.wait()
    deadline = time.monotonic() + 20
    while any(running(pid) for pid in children):
        assert time.monotonic() < deadline, "they go on"
        time.sleep(0.02)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc for the children of a process")
def test_ctrl_c_ends_a_build_that_draws_ahead_without_noise(
    building: Callable[[], tuple[subprocess.Popen[str], list[int]]], tmp_path: Path
) -> None:
    build, _ = building()
    # As a terminal does it: to all processes of the group.
    os.killpg(build.pid, signal.SIGINT)
    _, errors = build.communicate(timeout=60)
    assert build.returncode == 130
    assert errors.strip() == "Stopped. What was finished is kept. Run the same command again to go on."
    again = subprocess.run(
        [sys.executable, "-m", "bridge", "build"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "60 ready" in again.stdout
