"""What git is asked by its own program: it knows best what its settings are."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from bridge.core.programs import find_program, run_program
from bridge.core.visible import show_text
from bridge.core.waits import GIT_ANSWER_S

_MOST_LETTERS = 100


def ask_git(root: Path, *words: str) -> str | None:
    """What `git` prints in a folder; None where there is no git, it fails, or it does not answer in time."""
    answer = run_git(root, *words)
    return answer.decode("utf-8", "replace") if answer is not None else None


def run_git(root: Path, *words: str, data: bytes = b"") -> bytes | None:
    """The bytes that `git` prints in a folder, as `ask_git`. data: its standard input."""
    git = find_program("git", root)
    if git is None:
        return None
    try:
        ended = run_program([git, "-C", str(root.absolute()), *words], timeout=GIT_ANSWER_S, data=data)
    except (OSError, ValueError):
        return None
    return ended.stdout if ended.returncode == 0 else None


@lru_cache(maxsize=16)
def read_user_name(root: Path) -> str:
    """What the user calls themselves in git (`user.name`); empty where git does not know. Asked once a process."""
    name = ask_git(root, "config", "--get", "user.name") or ""
    return show_text(" ".join(name.split()))[:_MOST_LETTERS]
