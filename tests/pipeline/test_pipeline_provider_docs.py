"""Every spec on the pages of the paid providers is planned as it stands there."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bridge.media.images import encode_png
from bridge.providers.pixeldojo import catalogue
from tests.pipeline.conftest import Workspace

PAGES = sorted((Path(__file__).resolve().parents[2] / "docs" / "guides" / "providers").glob("*.md"))
BLOCK = re.compile(r"```toml\n(?:# (\S+)\.asset\.toml\n)?(.*?)```", re.DOTALL)
LARGE = ("painting",)


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No keys and no kept catalogue: plans are made by what the program itself knows."""
    monkeypatch.setattr("bridge.core.credentials.credentials_path", lambda: tmp_path / "credentials.json")
    monkeypatch.setattr("bridge.core.credentials._from_keyring", lambda _name: "")
    monkeypatch.setattr(catalogue, "default_file", lambda: tmp_path / "models.json")
    for name in ("PIXELLAB", "PIXELENGINE", "PIXELDOJO", "SPRIXEN"):
        monkeypatch.delenv(f"{name}_API_KEY", raising=False)


def specs_of(page: Path) -> dict[str, str]:
    """The specs of a page by asset id; blocks without a name are numbered. Other TOML (settings) is left out."""
    found: dict[str, str] = {}
    for name, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        if "kind" in tomllib.loads(text):
            found[name or f"{page.stem}/example_{len(found) + 1}"] = text
    return found


def pictures_of(value: Any) -> Iterator[str]:
    """Paths of pictures in a spec, wherever they stand."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from pictures_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from pictures_of(inner)
    elif isinstance(value, str) and value.endswith(".png") and "://" not in value:
        yield value


def drawn(name: str) -> bytes:
    side = 512 if any(word in name for word in LARGE) else 32
    pixels = np.zeros((side, side, 4), dtype=np.uint8)
    pixels[side // 4 : -side // 4, side // 4 : -side // 4] = (90, 120, 60, 255)
    return encode_png(pixels)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_example_is_planned(workspace: Workspace, page: Path) -> None:
    workspace.replace("assetbridge.toml", "art/**/*.asset.toml", "**/*.asset.toml")
    specs = specs_of(page)
    assert specs
    for asset_id, text in specs.items():
        workspace.write(f"{asset_id}.asset.toml", text)
        for name in pictures_of(tomllib.loads(text)):
            workspace.write(name.removeprefix("./"), drawn(name))
    if page.stem == "pixellab":
        workspace.write("pixellab/poses/stride.json", '["estimate", {"LEFT KNEE": [0.05, -0.02]}]')
        workspace.write("poses/stride.json", '["estimate", {"LEFT KNEE": [0.05, -0.02]}]')
    document = workspace.run("plan", "--json", expect=None).json
    assert document.get("errors", []) == []
    actions = {asset["id"]: asset["action"] for asset in document["assets"]}
    assert actions == dict.fromkeys(specs, "create")
    assert {cost["provider"] for cost in document["cost"]} >= {page.stem}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_kind_has_an_example(page: Path) -> None:
    from bridge.providers import registry

    kinds = {tomllib.loads(text)["kind"] for text in specs_of(page).values()}
    assert kinds >= registry.get(page.stem).kinds
