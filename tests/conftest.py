"""What every test gets: a home folder of its own, one hypothesis profile, and the real engines on request."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TypeVar

import hypothesis
import pytest
from filelock import FileLock

from tests.engines import display, fetch
from tests.engines.demo_project import DEMO_ENVIRONMENT, Demo, build_demo
from tests.engines.engine import Engine, Missing, home_variables

IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}
T = TypeVar("T")
ENGINE_MARKS = {"godot": "godot", "tiled": "tiled", "tmxrasterizer": "tiled"}
SLOW_MARKS = ("godot", "packaging", "tiled")

# No deadline: it would time the machine, not the code. Seeds are fixed in CI so that a red build stays red.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, database=None, print_blob=True)
hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if IN_CI else "local"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests that ask for an engine; slow ones start first, so that no worker ends on one alone."""
    for item in items:
        for fixture, mark in ENGINE_MARKS.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(mark)
    items.sort(key=lambda item: not any(item.get_closest_marker(mark) for mark in SLOW_MARKS))


@pytest.fixture(scope="session", autouse=True)
def home_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """HOME and every settings folder are temporary and no key is set: nothing of the user's is read, written, spent."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.endswith("_API_KEY")]:
            patch.delenv(name)
        for name, value in home_variables(tmp_path_factory.mktemp("home")).items():
            patch.setenv(name, value)
        # The projects of the tests are the user's own; tests/hostile takes this away.
        patch.setenv("ASSETBRIDGE_TRUST", "1")
        yield


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo as `assetbridge demo` leaves it, built once for all workers. Copy it before you change anything."""
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    with FileLock(shared / "demo.lock"):
        if not (shared / "demo").exists():
            built = build_demo(shared / "unfinished" / "demo", DEMO_ENVIRONMENT)
            built.root.rename(shared / "demo")
    return Demo(shared / "demo")


@pytest.fixture(scope="session")
def godot() -> Engine:
    """The real Godot 4.3 or newer."""
    return required(fetch.godot())


@pytest.fixture(scope="session")
def tiled() -> Engine:
    """The real Tiled 1.10 or newer."""
    return required(fetch.tiled())


@pytest.fixture(scope="session")
def tmxrasterizer() -> Engine:
    """Tiled's own renderer of maps to pictures."""
    return required(fetch.tmxrasterizer())


@pytest.fixture
def screen() -> Iterator[display.Display]:
    """A screen in memory of 1600 by 900 pixels."""
    with display.display(required(display.tools())) as shown:
        yield shown


def required(found: T | Missing) -> T:
    """What was found; when it is missing the test is skipped, and fails in CI, where nothing may go unproven."""
    if not isinstance(found, Missing):
        return found
    if IN_CI:
        pytest.fail(str(found), pytrace=False)
    pytest.skip(str(found))
