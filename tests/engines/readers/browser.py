"""A headless Chromium: the one that ASSETBRIDGE_CHROMIUM names, one on PATH, or Debian's in the user's cache folder.

The fetched one (170 MB, 600 MB unpacked) runs through its own folder's dynamic loader, as the engines do. Its processes
start each other by name: `--browser-subprocess-path` names the script that does the same for them.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.engines import debian, fetch
from tests.engines.engine import Missing

PACKAGES = ("chromium-headless-shell",)
NAMES = ("chromium-headless-shell", "chromium", "google-chrome")
# No graphics card and no user: WebGL is drawn by the processor, and a container's root has no sandbox.
_OPTIONS = ("--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--mute-audio")
_FOLDER = "browser_1"  # raise the number when what `_prepare` leaves behind changes
_PROGRAM = Path("usr/lib/chromium/chromium-headless-shell")
_SCRIPT = Path("usr/lib/chromium/browser.sh")
_WRAPPER = """#!/bin/sh
exec "{loader}" --library-path "{libraries}" "{program}" "$@"
"""


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser's program and the options that it needs here."""

    program: Path
    options: tuple[str, ...]

    def __str__(self) -> str:
        return f"Chromium ({self.program})"


@cache
def browser() -> Browser | Missing:
    """The browser of this machine, fetched when there is none."""
    named = os.environ.get("ASSETBRIDGE_CHROMIUM")
    for name in (named,) if named else NAMES:
        program = shutil.which(name)
        if program is not None:
            return Browser(Path(program).absolute(), _OPTIONS)
    if named:
        return Missing("chromium", f"ASSETBRIDGE_CHROMIUM is set, but {named} is no program")
    try:
        root = fetched(fetch.CACHE / "browser")
    except (debian.FetchError, OSError) as error:
        return Missing("chromium", f"it is not on PATH, and cannot be fetched: {error}")
    script = root / _SCRIPT
    return Browser(script, (*_OPTIONS, "--no-zygote", f"--browser-subprocess-path={script}"))


def fetched(store: Path, unpack: fetch.Unpack = debian.unpack) -> Path:
    """The root folder with the fetched browser in `store`; fetches it first when it is not there.

    Raises:
        debian.FetchError: it cannot be fetched.
        OSError: `store` cannot be written.
    """
    return fetch.kept_packages(store / _FOLDER, PACKAGES, _prepare, unpack)


def _prepare(root: Path, whole: Path) -> None:
    """Puts the loader beside the program, which looks for its data where /proc/self/exe lies, and adds a script."""
    folder = (root / _PROGRAM).parent
    shutil.copy2(root / debian.LOADER, folder / debian.LOADER.name)
    libraries = [whole / path.relative_to(root) for path in (*debian.library_folders(root), folder)]
    script = root / _SCRIPT
    text = _WRAPPER.format(
        loader=whole / _PROGRAM.parent / debian.LOADER.name,
        libraries=":".join(map(str, libraries)),
        program=whole / _PROGRAM,
    )
    script.write_text(text, encoding="utf-8")
    script.chmod(0o755)
