"""A project that buys from an emulated PixelLab, driven through the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from bridge.cli import main
from bridge.core.clock import Clock
from bridge.http.outcome import Sent
from tests.emulator import KEY, OBSERVED, Emulator, PixelLab
from tests.pipeline.conftest import Answer, Workspace

PROJECT = """\
[project]
name = "paid"
id = "7e57"
specs = ["art/**/*.asset.toml"]
[defaults]
provider = "pixellab"
[targets.godot]
root = "game"
output = "generated"
[targets.tiled]
output = "maps"
[targets.json]
output = "export"
[providers.pixellab]
base_url = "{url}"
{settings}
"""
KNIGHT = """\
kind = "character"
description = "brave knight with shining armor"
size = [48, 48]
directions = 8
mirror = { west = "east", south-west = "south-east", north-west = "north-east" }
[animations.walk]
template = "walking-8-frames"
fps = 10
[animations.idle]
template = "breathing-idle"
[animations.attack]
template = "cross-punch"
"""
LAND = """\
kind = "tileset"
tile_size = 16
[[terrains]]
name = "water"
description = "deep blue ocean"
[[terrains]]
name = "sand"
[[terrains]]
name = "grass"
variations = 0
"""
BLOCKS = """\
kind = "isometric_tiles"
tile_size = [32, 32]
[[tiles]]
name = "grass"
description = "grass block"
[[tiles]]
name = "stone"
"""
ICONS = """\
kind = "items"
description = "fantasy icon"
size = [32, 32]
[[items]]
name = "health_potion"
[[items]]
name = "iron_sword"
[[items]]
name = "wooden_shield"
"""
WAVE = """\
kind = "animation"
source = "asset:art/guard"
description = "town guard"
action = "waves the hand"
size = [64, 64]
frames = 8
"""
GUARD = 'kind = "sprite"\ndescription = "town guard"\nsize = [64, 64]\n'
EVERYTHING = {
    "art/knight": KNIGHT,
    "art/land": LAND,
    "art/blocks": BLOCKS,
    "art/icons": ICONS,
    "art/wave": WAVE,
    "art/guard": GUARD,
}


Server: TypeAlias = Emulator[PixelLab]


class Paid(Workspace):
    """A workspace with an account."""

    emulator: Server

    def spec(self, asset_id: str, text: str) -> None:
        """Writes a spec."""
        self.write(f"{asset_id}.asset.toml", text)

    def jobs(self) -> list[dict[str, Any]]:
        """All jobs of the journal."""
        return list(self.run("jobs", "--all", "--json").json["jobs"])

    def built(self, *words: str, expect: int | None = 0) -> dict[str, Any]:
        """Builds; the assets by id."""
        answer = self.run("build", "--json", *words, expect=expect)
        return {asset["id"]: asset for asset in answer.json["assets"]}

    @property
    def charged(self) -> float:
        """What the account was charged, in its unit."""
        return self.emulator.ledger.total("generations")


Make: TypeAlias = Callable[..., Paid]


@pytest.fixture(autouse=True)
def no_own_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys and rescued results of the person who runs the tests stay out of them."""
    monkeypatch.setattr("bridge.core.credentials.credentials_path", lambda: tmp_path / "user" / "credentials.json")
    monkeypatch.setattr("bridge.core.credentials._from_keyring", lambda _name: "")
    monkeypatch.setenv("PIXELLAB_API_KEY", KEY)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses that nobody asked for by a number are short; what was asked for is waited for."""

    def seconds_until_resend(sent: Sent, _attempt: int, _clock: Clock) -> float:
        return 0.01 if sent.retry_after is None else max(0.05, sent.retry_after)

    monkeypatch.setattr("bridge.http.waits.backoff", lambda _attempt, _chance: 0.01)
    monkeypatch.setattr("bridge.orders.runner.submit.seconds_until_resend", seconds_until_resend)


@pytest.fixture
def emulator() -> Iterator[Server]:
    with Emulator(PixelLab(OBSERVED)) as running:
        yield running


@pytest.fixture
def make(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Make:
    """A project for an emulator; `settings` are further lines of its file."""

    def run(*words: str) -> Answer:
        capsys.readouterr()
        code = main(words)
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    def made(emulator: Server, settings: str = "", name: str = "game") -> Paid:
        paid = Paid(tmp_path / name, run)
        paid.emulator = emulator
        paid.write("assetbridge.toml", PROJECT.format(url=emulator.url, settings=settings))
        paid.write("game/project.godot", "config_version=5\n")
        return paid

    return made


@pytest.fixture
def paid(make: Make, emulator: Server) -> Paid:
    return make(emulator)


def documents(text: str) -> list[Any]:
    """JSON documents, one per line."""
    return [json.loads(line) for line in text.splitlines()]
