"""The demo project, built once for all tests of a worker."""

from __future__ import annotations

import pytest

from tests.engines.demo_project import Demo, build


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo as `assetbridge demo` leaves it. Copy it before you change anything."""
    return build(tmp_path_factory.mktemp("demo") / "demo")
