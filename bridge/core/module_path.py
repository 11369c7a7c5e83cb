"""Where this process imports modules from: never from the folder in which it happens to be started.

That folder is a project, which may come from a stranger, and a `numpy.py` in it would run. Python looks there first
when it is started as `python -m bridge`, and also where PYTHONPATH has an empty or a relative entry.

No `from __future__` here, nor in what is imported before `leave_working_folder`: it is an import like any other.
"""

import os
import sys

OWN_FOLDER = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120
"""Where `bridge` itself lies: it stays, also when a checkout of it is the working folder."""


def leave_working_folder() -> None:
    """Takes the working folder, and what PYTHONPATH names relative to it, off the path of modules."""
    here = _working_folder()
    named = "" if sys.flags.ignore_environment else os.environ.get("PYTHONPATH", "")
    # `site` has made these absolute.
    dropped = {here, *(_join(here, entry) for entry in named.split(os.pathsep) if not os.path.isabs(entry))}  # noqa: PTH117
    sys.path[:] = [
        entry
        for entry in sys.path
        if _join(here, entry) == OWN_FOLDER or (os.path.isabs(entry) and entry not in dropped)  # noqa: PTH117
    ]


def keep_absolute(entries: str) -> str:
    """A list of folders as in PATH, without those that are relative; `bridge`'s own becomes absolute."""
    here = _working_folder()
    kept = []
    for entry in entries.split(os.pathsep):
        if os.path.isabs(entry):  # noqa: PTH117
            kept.append(entry)
        elif _join(here, entry) == OWN_FOLDER:
            kept.append(OWN_FOLDER)
    return os.pathsep.join(kept)


def _working_folder() -> str:
    """Empty when it was deleted."""
    try:
        return os.getcwd()  # noqa: PTH109  pathlib is not loaded yet
    except OSError:
        return ""


def _join(folder: str, entry: str) -> str:
    return os.path.normpath(os.path.join(folder, entry))  # noqa: PTH118
