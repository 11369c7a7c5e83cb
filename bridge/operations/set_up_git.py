"""`assetbridge init --git`: what git has to know of a project, in its files and in this clone's settings.

Source: the gitattributes manual, "Defining a custom merge driver": `%O`, `%A` and `%B` are files with the common
version, ours and theirs; the result is left in `%A`.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable
from pathlib import Path

from bridge.core import limits
from bridge.core.disk_errors import describe_failure
from bridge.core.errors import WorkFailed
from bridge.core.git_programs import ask_git
from bridge.core.git_state import find_git_folder
from bridge.core.paths import MEMORY_FOLDER, SPEC_SUFFIX, STORE_FOLDER
from bridge.core.programs import python_command
from bridge.core.root_folder import RootFolder

ATTRIBUTES_FILE = ".gitattributes"
DRIVER = "assetbridge"
_SETTING = f"merge.{DRIVER}.driver"
# Without our program git's own merge of the lines has to do: the next build joins what it leaves.
_FALLBACK = "git merge-file --diff3 -L ours -L base -L theirs %A %O %B"
_ATTRIBUTES = f"""\
# Generated art and the lock are the same on every system.
assetbridge.lock text eol=lf merge={DRIVER}
*{SPEC_SUFFIX} text eol=lf
*.tres text eol=lf
*.tscn text eol=lf
*.tsx text eol=lf
*.tmx text eol=lf
{STORE_FOLDER}/** -text
{STORE_FOLDER}/receipts/* merge={DRIVER}
"""
_IGNORE = f"""\
# Local memory of assetbridge. Keep {STORE_FOLDER}/ in version control (or Git LFS) to share paid results.
{MEMORY_FOLDER}/*
!{STORE_FOLDER}/
"""
# Settings of the user's stand in these beside ours: git may merge them.
_SHARED_SUFFIXES = (".import", ".meta")


def write_git_files(folder: RootFolder, outputs: Iterable[str]) -> list[str]:
    """Adds to .gitattributes and .gitignore what they lack; returns which were written.

    outputs: the folders of generated files, which no merge by lines may put together.

    Raises:
        WorkFailed: a file cannot be read or written.
    """
    # In an output folder that is the project itself there are files of all kinds.
    folders = [f"{path.replace(' ', '?')}/" for path in sorted(set(outputs)) if path != "."]
    generated = [f"{folder}** merge=binary" for folder in folders]
    generated += [f"{folder}**/*{suffix} !merge" for folder in folders for suffix in _SHARED_SUFFIXES]
    attributes = _ATTRIBUTES + "".join(f"{line}\n" for line in generated)
    files = ((ATTRIBUTES_FILE, attributes), (".gitignore", _IGNORE))
    return [file for file, wanted in files if _append_lines(folder, file, wanted)]


def _append_lines(folder: RootFolder, file: str, text: str) -> bool:
    """Adds the lines that a user's file lacks."""
    present = _read_lines(folder, file)
    known = set(present.splitlines())
    missing = [line for line in text.splitlines() if line not in known]
    if not [line for line in missing if not line.startswith("#")]:
        return False
    gap = "" if not present or present.endswith("\n") else "\n"
    folder.write(file, (present + gap + "\n".join(missing) + "\n").encode())
    return True


def _read_lines(folder: RootFolder, file: str) -> str:
    try:
        return folder.read(file, limits.SPEC_BYTES).decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise describe_failure(error, file) from error


def set_merge_driver(root: Path) -> bool:
    """Tells git, for this clone alone, how assetbridge.lock is merged; False where the folder is in no clone.

    Raises:
        WorkFailed: git is not there, or does not take it.
    """
    if find_git_folder(root.resolve()) is None:
        return False
    settings = {f"merge.{DRIVER}.name": "assetbridge.lock, entry by entry", _SETTING: driver_command()}
    for name, value in settings.items():
        if ask_git(root, "config", "--local", name, value) is None:
            raise WorkFailed(
                "output_unwritable",
                f"git did not take the setting {name}",
                hint=f"Set it yourself: git config {name} {shlex.quote(value)}",
            )
    return True


def driver_command() -> str:
    """The command line that git gives to its shell; of this installation, wherever PATH leads."""
    words = python_command("-m", "bridge", "merge-lock")
    program = " ".join(shlex.quote(word.replace("\\", "/") if sys.platform == "win32" else word) for word in words)
    return f"{program} %O %A %B || {_FALLBACK}"


def list_git_gaps(root: Path) -> list[str]:
    """What git does not know yet of this project; nothing where it is in no clone."""
    if find_git_folder(root.resolve()) is None:
        return []
    gaps = []
    try:
        lines = _read_lines(RootFolder(root), ATTRIBUTES_FILE).splitlines()
    except WorkFailed:
        lines = []
    if not any(line.split()[:1] == ["assetbridge.lock"] and f"merge={DRIVER}" in line for line in lines):
        gaps.append(f"{ATTRIBUTES_FILE} does not name the merge driver of assetbridge.lock")
    if not (ask_git(root, "config", "--get", _SETTING) or "").strip():
        gaps.append("git does not know how to merge assetbridge.lock in this clone")
    return gaps
