"""A project, a map in it, and a home folder with the Tiled extension: what its tests work in."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bridge.daemon.process import control
from tests.emulator import KEY, Emulator, PixelLab
from tests.engines.engine import Engine
from tests.engines.tiled_session import Session, install, running
from tests.engines.user_settings import write_launchers

PROJECT = """\
[project]
name = "lands"
id = "7e57"
specs = ["art/**/*.asset.toml"]
[targets.tiled]
output = "maps"
"""
LAND = """\
kind = "tileset"
tile_size = 16
[[terrains]]
name = "water"
[[terrains]]
name = "sand"
[[terrains]]
name = "grass"
"""
WIDTH, HEIGHT = 12, 8  # of the map, tiles


@dataclass(frozen=True)
class Workplace:
    """See the module. Use `started`; the daemon that Tiled starts ends with it."""

    tiled: Engine
    home: Path
    root: Path
    settings: dict[str, str] = field(default_factory=dict)

    @classmethod
    def made(cls, tiled: Engine, folder: Path, project: str = PROJECT) -> Workplace:
        """A new one in an empty folder."""
        place = cls(tiled, folder / "home", folder / "my lands")
        place.home.mkdir()
        install(place.home)
        place.write("assetbridge.toml", project)
        place.write("maps/level.tmx", empty_map())
        write_launchers(place.home)
        return place

    @classmethod
    def buying(cls, tiled: Engine, folder: Path, shop: Emulator[PixelLab]) -> Workplace:
        """A new one that buys from an emulated provider unless a spec says otherwise."""
        settings = f'[defaults]\nprovider = "pixellab"\n[providers.pixellab]\nbase_url = "{shop.url}"\n'
        place = cls.made(tiled, folder, PROJECT + settings)
        place.settings["PIXELLAB_API_KEY"] = KEY
        return place

    def write(self, path: str, text: str) -> Path:
        """Writes a file of the project."""
        full = self.root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text, encoding="utf-8", newline="\n")
        return full

    def launch_with(self, *words: str) -> None:
        """Makes another command than that of this installation start assetbridge."""
        write_launchers(self.home, *words)

    @contextmanager
    def started(
        self, *words: str, settings: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> Iterator[Session]:
        """Tiled with the map (or with `words`) open; nothing of the extension's folder changes while it runs."""
        extension = self.home / ".config/tiled/extensions/assetbridge"
        before = contents(extension)
        variables = {**self.settings, **(settings or {})}
        try:
            with running(self.tiled, self.home, words or ("maps/level.tmx",), cwd or self.root, variables) as session:
                session.until("tiled.menus.indexOf('Map') !== -1")
                yield session
        finally:
            if (self.root / ".assetbridge").is_dir():
                control.stop_daemon(self.root)
        assert contents(extension) == before


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file of a folder: its bytes and when it was written, in nanoseconds."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def empty_map() -> str:
    """A map with one empty layer, as Tiled writes it."""
    rows = ",\n".join(",".join("0" * WIDTH) for _ in range(HEIGHT))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<map version="1.10" orientation="orthogonal" renderorder="right-down" width="{WIDTH}" height="{HEIGHT}"'
        ' tilewidth="16" tileheight="16" infinite="0" nextlayerid="2" nextobjectid="1">\n'
        f' <layer id="1" name="ground" width="{WIDTH}" height="{HEIGHT}">\n'
        f'  <data encoding="csv">\n{rows}\n</data>\n </layer>\n</map>\n'
    )


def trigger(session: Session, action: str, window: str) -> Any:
    """Chooses an action of the menu and waits for its window; returns the window's text."""
    session.evaluate(f"tiled.trigger('Assetbridge{action}')")
    return text_of(session, window)


def text_of(session: Session, window: str) -> Any:
    """Waits for a window of the extension by words of its title or text; returns its text."""
    session.until(f"tools.form({json.dumps(window)})")
    return session.evaluate("const form = forms[forms.length - 1]; return form.widgets.text && form.widgets.text.text")


def press(session: Session, button: str) -> None:
    """Presses a button of the newest window."""
    session.evaluate(f"return tools.press({json.dumps(button)})")


def failing_launcher(folder: Path, refused: str) -> list[str]:
    """A command like assetbridge's that refuses one of its commands as a broken daemon does."""
    script = folder / "launcher.py"
    error = {
        "error": {"code": "daemon_failed", "message": "it cannot start", "hint": "Look into its log.", "where": None}
    }
    script.write_text(
        "import json, os, sys\n"
        f"if sys.argv[1] == {refused!r}:\n"
        f"    print(json.dumps({error!r}))\n"
        "    sys.exit(1)\n"
        # What it runs must not write itself down in the place of this.
        f"os.environ['XDG_CONFIG_HOME'] = {os.fspath(folder / 'own')!r}\n"
        f"os.execv({sys.executable!r}, [{sys.executable!r}, '-P', '-m', 'bridge', *sys.argv[1:]])\n",
        encoding="utf-8",
    )
    return [sys.executable, os.fspath(script)]
