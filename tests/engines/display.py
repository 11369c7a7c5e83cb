"""A screen in memory for tests of programs with windows: Xvfb, software OpenGL, xdotool, pictures of what is shown.

The programs come from PATH, else they are fetched from Debian's unstable suite, as the engines are, into the
user's cache folder (65 MB, 280 MB unpacked); no special right is needed. Options: the manual page Xvfb(1); format of
the frame buffer: XWDFile.h of the X protocol headers.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bridge.media.images import encode_png
from tests.engines import debian, fetch
from tests.engines.engine import Engine, Missing

PACKAGES = ("xvfb", "xdotool")
# Where pictures of tests go when nobody names another place: outside of version control, kept between runs.
PICTURES = Path(os.environ.get("ASSETBRIDGE_SCREENSHOTS") or Path(__file__).parents[2] / "build/screenshots")
_FOLDER = "display_1"  # raise the number when what `_prepare` leaves behind changes
_KEYMAP_FOLDER = b"\0/usr/bin\0"
_WRAPPER = """#!/bin/sh
exec "{loader}" --library-path "{libraries}" "{program}" "$@"
"""
# Qt and Godot draw by the processor: the same pixels on machines with and without a graphics card.
_SOFTWARE = {"LIBGL_ALWAYS_SOFTWARE": "1", "GALLIUM_DRIVER": "llvmpipe", "QT_QPA_PLATFORM": "xcb"}


@dataclass(frozen=True, slots=True)
class Tools:
    """The programs behind a screen; `options` are the X server's own on this machine."""

    server: Engine
    xdotool: Engine
    options: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.server.name} ({self.server.command[-1]}), {self.xdotool.name} ({self.xdotool.command[-1]})"


@dataclass(frozen=True, slots=True)
class Display:
    """A running screen. Pass `settings` to `Engine.run(..., settings=...)` to have a program show its windows on it."""

    settings: Mapping[str, str]
    frame_buffer: Path
    tools: Tools
    width: int
    height: int

    def pixels(self) -> npt.NDArray[np.uint8]:
        """What is shown now: RGBA, opaque, (height, width, 4)."""
        return read_xwd(self.frame_buffer.read_bytes())

    def save(self, name: str) -> Path:
        """Keeps a picture of the screen as `<name>.png` in the folder of test pictures and returns its path."""
        path = PICTURES / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode_png(self.pixels()))
        return path

    def xdotool(self, *words: str, timeout: float = 30) -> str:
        """Runs an xdotool command (`"key", "ctrl+s"`, `"mousemove", "10", "20", "click", "1"`); returns its output.

        Raises:
            AssertionError: xdotool failed, for example because no window has the name searched for.
        """
        done = self.tools.xdotool.run(list(words), Path("/"), timeout, settings=self.settings)
        assert done.returncode == 0, f"xdotool {' '.join(words)}: {done.stderr or done.returncode}"
        return done.stdout.strip()


@cache
def tools() -> Tools | Missing:
    """The programs of this machine, fetched when they are not on PATH."""
    server, xdotool = shutil.which("Xvfb"), shutil.which("xdotool")
    if server and xdotool:
        return Tools(Engine("Xvfb", (server,)), Engine("xdotool", (xdotool,)))
    try:
        root = fetched(fetch.CACHE / "display")
        return _unpacked(root)
    except (debian.FetchError, OSError) as error:
        return Missing("Xvfb", f"Xvfb and xdotool are not both on PATH and cannot be fetched: {error}")


def fetched(store: Path, unpack: fetch.Unpack = debian.unpack) -> Path:
    """The root folder with the fetched programs in `store`; fetches them first when they are not there.

    Raises:
        debian.FetchError: they cannot be fetched, or are built in another way than known here.
        OSError: `store` cannot be written.
    """
    return fetch.kept_packages(store / _FOLDER, PACKAGES, _prepare, unpack)


def _prepare(root: Path, whole: Path) -> None:
    """Makes the server find its keymap compiler in its working directory; `whole` is the folder's later name.

    Xvfb starts `/usr/bin/xkbcomp` wherever it lies itself (`XKB_BIN_DIRECTORY` of its build); only the folder with
    the keymaps has an option.
    """
    server = root / "usr/bin/Xvfb"
    code = server.read_bytes()
    if code.count(_KEYMAP_FOLDER) != 1:
        raise debian.FetchError("this Xvfb names the folder of its keymap compiler in an unknown way")
    server.write_bytes(code.replace(_KEYMAP_FOLDER, b"\0usr/bin\0\0"))
    compiler = root / "usr/bin/xkbcomp"
    compiler.rename(compiler.with_name("xkbcomp.program"))
    libraries = debian.library_folders(root)[0].relative_to(root)
    compiler.write_text(
        _WRAPPER.format(
            loader=whole / debian.LOADER, libraries=whole / libraries, program=whole / "usr/bin/xkbcomp.program"
        ),
        encoding="utf-8",
    )
    compiler.chmod(0o755)


def _unpacked(root: Path) -> Tools:
    libraries = debian.library_folders(root)
    loader = (str(root / debian.LOADER), "--library-path", ":".join(map(str, libraries)))
    drivers = {"LIBGL_DRIVERS_PATH": str(libraries[0] / "dri"), **_SOFTWARE}
    server = Engine("Xvfb", (*loader, str(root / "usr/bin/Xvfb")), settings=drivers)
    xdotool = Engine("xdotool", (*loader, str(root / "usr/bin/xdotool")))
    return Tools(server, xdotool, ("-xkbdir", str(root / "usr/share/X11/xkb")))


@contextmanager
def display(found: Tools, width: int = 1600, height: int = 900) -> Iterator[Display]:
    """A screen of this size in pixels, without a window manager, that ends with the context.

    Raises:
        AssertionError: the X server did not start; the text is what it said.
    """
    with tempfile.TemporaryDirectory(prefix="display-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        reader, writer = os.pipe()
        command = [*found.server.command, "-displayfd", str(writer), "-screen", "0", f"{width}x{height}x24"]
        command += ["-fbdir", folder, "-nolisten", "tcp", "+extension", "GLX", *found.options]
        log = home / "log"
        with log.open("wb") as output:
            server = subprocess.Popen(
                command,
                # The fetched server looks for its keymap compiler below its working directory.
                cwd=Path(found.server.command[-1]).parents[2],
                env=found.server.environment(home),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=[writer],
            )
        try:
            os.close(writer)
            number = _number(reader)
            assert number, f"Xvfb did not start: {log.read_text(errors='replace')[-2000:]}"
            yield Display({"DISPLAY": f":{number}", **_SOFTWARE}, home / "Xvfb_screen0", found, width, height)
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _number(reader: int) -> str:
    """The display's number, which the server writes when it is ready; empty when it ended before."""
    with os.fdopen(reader, encoding="ascii") as pipe:
        return pipe.readline().strip()


def read_xwd(data: bytes) -> npt.NDArray[np.uint8]:
    """The pixels of a 32-bit little-endian true-colour X window dump as RGBA, (height, width, 4).

    Raises:
        ValueError: it is a dump of another layout.
    """
    fields = struct.unpack(">25I", data[:100])
    header, width, height, order, bits, stride, colours = (fields[i] for i in (0, 4, 5, 7, 11, 12, 19))
    if order != 0 or bits != 32:
        raise ValueError(f"byte order {order} with {bits} bits a pixel is not read")
    start = header + 12 * colours
    rows = np.frombuffer(data, np.uint8, stride * height, start).reshape(height, stride)
    bgrx = rows[:, : width * 4].reshape(height, width, 4)
    rgba = bgrx[:, :, [2, 1, 0, 3]]
    rgba[:, :, 3] = 255
    return rgba
