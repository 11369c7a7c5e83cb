"""With a daemon running, saving a file is enough."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from bridge.daemon.process import control
from tests.pipeline.conftest import SPRITE, Workspace


@pytest.fixture
def served(workspace: Workspace) -> Iterator[Workspace]:
    workspace.write("art/rock.asset.toml", SPRITE)
    control.start_daemon(workspace.root)
    yield workspace
    control.stop_daemon(workspace.root)


def until(workspace: Workspace, path: str, before: bytes | None = None) -> bytes:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            now = (workspace.root / path).read_bytes()
        except OSError:
            now = None
        if now is not None and now != before:
            return now
        time.sleep(0.01)
    raise AssertionError(f"{path} did not change")


def test_saves_and_new_specs_reach_the_engines_files(served: Workspace) -> None:
    first = until(served, "export/art/rock.png")
    served.replace("art/rock.asset.toml", "mossy boulder", "red gem")
    until(served, "export/art/rock.png", first)
    served.write("art/deep/new/tree.asset.toml", SPRITE.replace("mossy boulder", "oak tree"))
    until(served, "export/art/deep/new/tree.png")


def test_a_mistake_keeps_the_last_good_files_until_it_is_mended(served: Workspace) -> None:
    first = until(served, "export/art/rock.png")
    served.replace("art/rock.asset.toml", "size = [16, 16]", "size = [1, 16]")
    served.write("art/other.asset.toml", SPRITE.replace("boulder", "pot"))
    until(served, "export/art/other.png")
    assert (served.root / "export/art/rock.png").read_bytes() == first
    served.replace("art/rock.asset.toml", "size = [1, 16]", "size = [24, 24]")
    until(served, "export/art/rock.png", first)
