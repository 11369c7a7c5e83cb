"""A project in a temporary folder, and specs of it as what a user reads about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bridge.config.project_config import Config, read_config
from bridge.core.errors import BridgeError, ErrorGroup
from bridge.spec.load import Loaded, load_spec, load_specs

HEAD = '[project]\nname = "test"\nid = "12345678"\n'


@dataclass(frozen=True, slots=True)
class SpecProject:
    """`assetbridge.toml` is HEAD and `more`; specs are written by id."""

    root: Path
    more: str = field(default="")

    def config(self) -> Config:
        """The project file, written and read."""
        (self.root / "assetbridge.toml").write_text(HEAD + self.more, encoding="utf-8")
        return read_config(self.root)

    def write(self, asset_id: str, text: str) -> Path:
        """A spec file."""
        path = self.root / f"{asset_id}.asset.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
        return path

    def load(self, text: str, asset_id: str = "a") -> Loaded:
        """One spec."""
        return load_spec(self.write(asset_id, text), self.config())

    def problems(self, text: str) -> list[str]:
        """What is wrong with a spec: `line:column message`, then ` | hint` where there is one."""
        try:
            self.load(text)
        except BridgeError as error:
            return [said(one) for one in flat(error)]
        return []

    def load_all(self, specs: Mapping[str, str]) -> tuple[list[Loaded], list[BridgeError]]:
        """All specs by id."""
        for asset_id, text in specs.items():
            self.write(asset_id, text)
        return load_specs(self.config())


def flat(error: BridgeError) -> list[BridgeError]:
    """The errors of a group, or the one."""
    return error.errors if isinstance(error, ErrorGroup) else [error]


def said(error: BridgeError) -> str:
    """An error as one line; the file's name only where it is not the spec `a`."""
    place = str(error.where).removeprefix("a.asset.toml:") if error.where else ""
    return f"{place} {error.message}" + (f" | {error.hint}" if error.hint else "")
