"""What was bought is opened by the real engines without a word of complaint."""

from __future__ import annotations

import pytest

from tests.engines.engine import Engine
from tests.engines.godot_runs import import_project
from tests.paid.conftest import EVERYTHING, Paid

pytestmark = [pytest.mark.godot, pytest.mark.tiled]


def test_bought_art_opens_in_the_real_engines(paid: Paid, godot: Engine, tiled: Engine) -> None:
    for asset_id, text in EVERYTHING.items():
        paid.spec(asset_id, text)
    paid.built("--yes")
    import_project(godot, paid.root / "game")
    assert "\nnothing to do" in paid.run("plan").out
    saved = paid.root / "saved.tsx"
    land = paid.root / "maps/art/land.tsx"
    done = tiled.run(["--export-tileset", "tsx", str(land), str(saved)], cwd=paid.root, timeout=60)
    assert done.returncode == 0, done.stderr
    ours, theirs = land.read_text(encoding="utf-8"), saved.read_text(encoding="utf-8")
    assert ours.count("<wangtile ") == theirs.count("<wangtile ") == 31
