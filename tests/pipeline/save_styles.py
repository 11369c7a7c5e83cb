"""The ways in which editors, version control and other programs put new content into a file."""

from __future__ import annotations

import mmap
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

Style: TypeAlias = Callable[[Path, bytes], None]


def in_place(path: Path, data: bytes) -> None:
    """Opens, truncates, writes (VS Code, nano)."""
    path.write_bytes(data)


def replaced(path: Path, data: bytes) -> None:
    """A temporary file beside it takes its place (gedit, Kate)."""
    temp = path.with_name(f".{path.name}.tmp")
    temp.write_bytes(data)
    temp.replace(path)


def moved_in(path: Path, data: bytes) -> None:
    """A file of another folder takes its place (editors with a temporary folder, downloads)."""
    temp = _outside(path)
    temp.write_bytes(data)
    temp.replace(path)


def backed_up(path: Path, data: bytes) -> None:
    """The old file is moved away, a new one written, the backup removed (vim, `backupcopy=no`)."""
    backup = path.with_name(f"{path.name}~")
    if path.exists():
        path.rename(backup)
    path.write_bytes(data)
    backup.unlink(missing_ok=True)


def with_swap(path: Path, data: bytes) -> None:
    """A swap and a lock file stand beside it while it is written (vim, Emacs, LibreOffice)."""
    swap, lock = path.with_name(f".{path.name}.swp"), path.with_name(f".#{path.name}")
    swap.write_bytes(b"b0VIM 9.1")
    lock.write_bytes(b"somebody")
    path.write_bytes(data)
    swap.unlink()
    lock.unlink()


def with_mode(path: Path, data: bytes) -> None:
    """Writes and sets the mode afterwards."""
    path.write_bytes(data)
    path.chmod(0o600)
    path.chmod(0o644)


def in_chunks(path: Path, data: bytes) -> None:
    """Truncates and writes piece by piece."""
    with path.open("wb") as file:
        for place in range(0, len(data), 24):
            file.write(data[place : place + 24])
            file.flush()


def copied_over(path: Path, data: bytes) -> None:
    """`cp other path`."""
    source = _outside(path)
    source.write_bytes(data)
    shutil.copyfile(source, path)
    source.unlink()


def copied_with_times(path: Path, data: bytes) -> None:
    """`cp -p`: the time of the copy is older than that of what it replaces (unzip, rsync -t)."""
    source = _outside(path)
    source.write_bytes(data)
    os.utime(source, (1_600_000_000, 1_600_000_000))
    shutil.copy2(source, path)
    source.unlink()


def linked(path: Path, data: bytes) -> None:
    """A second name of a new file takes its place (hard links; where there are none, a rename)."""
    temp = path.with_name(f"{path.name}.new")
    temp.write_bytes(data)
    other = path.with_name(f"{path.name}.link")
    os.link(temp, other)
    other.replace(path)
    temp.unlink()


def symlinked(path: Path, data: bytes) -> None:
    """The path is a link that is switched to another file (dotfile managers, Nix)."""
    target = _outside(path)
    target.write_bytes(data)
    link = path.with_name(f"{path.name}.ln")
    link.symlink_to(target)
    link.replace(path)


def recreated(path: Path, data: bytes) -> None:
    """Deleted and made anew."""
    path.unlink(missing_ok=True)
    path.write_bytes(data)


def folder_renamed(path: Path, data: bytes) -> None:
    """Its folder is moved away, changed there and moved back."""
    away = path.parent.with_name(f"{path.parent.name}.away")
    path.parent.rename(away)
    (away / path.name).write_bytes(data)
    away.rename(path.parent)


def folder_swapped(path: Path, data: bytes) -> None:
    """Another folder with all files takes the place of its folder (unpacked releases)."""
    new, old = path.parent.with_name("new.tmp"), path.parent.with_name("old.tmp")
    shutil.copytree(path.parent, new)
    (new / path.name).write_bytes(data)
    path.parent.rename(old)
    new.rename(path.parent)
    shutil.rmtree(old)


def touched_after(path: Path, data: bytes) -> None:
    """Written, and its times set twice more."""
    path.write_bytes(data)
    os.utime(path)
    os.utime(path, (1_700_000_000, 1_700_000_000))


def written_twice(path: Path, data: bytes) -> None:
    """The same content again and again (format on save)."""
    for _ in range(3):
        path.write_bytes(data)


def with_bom(path: Path, data: bytes) -> None:
    """Saved with a byte order mark first, then without (a change of the encoding)."""
    path.write_bytes(b"\xef\xbb\xbf" + data)
    path.write_bytes(data)


def with_crlf(path: Path, data: bytes) -> None:
    """Saved with the newlines of Windows."""
    path.write_bytes(data.replace(b"\n", b"\r\n"))


def mapped(path: Path, data: bytes) -> None:
    """Through memory: nothing is written that the system would tell of, but the file is closed."""
    with path.open("w+b") as file:
        file.truncate(len(data))
        with mmap.mmap(file.fileno(), len(data)) as memory:
            memory[:] = data
            memory.flush()


def grown(path: Path, data: bytes) -> None:
    """Half of it first, the rest by another opening (sync clients, slow writers)."""
    half = len(data) // 2
    path.write_bytes(data[:half])
    with path.open("ab") as file:
        file.write(data[half:])


def sparse(path: Path, data: bytes) -> None:
    """The end first, then the beginning (downloads in parts)."""
    half = len(data) // 2
    with path.open("wb") as file:
        file.seek(half)
        file.write(data[half:])
        file.flush()
        file.seek(0)
        file.write(data[:half])


def _outside(path: Path) -> Path:
    """A file that nothing watches, on the same disk."""
    folder = path.parents[1] / "elsewhere"
    folder.mkdir(exist_ok=True)
    return folder / f"{path.name}.{os.urandom(4).hex()}"


STYLES: Mapping[str, Style] = {
    style.__name__: style
    for style in (
        in_place,
        replaced,
        moved_in,
        backed_up,
        with_swap,
        with_mode,
        in_chunks,
        copied_over,
        copied_with_times,
        linked,
        symlinked,
        recreated,
        folder_renamed,
        folder_swapped,
        touched_after,
        written_twice,
        with_bom,
        with_crlf,
        mapped,
        grown,
        sparse,
    )
}
