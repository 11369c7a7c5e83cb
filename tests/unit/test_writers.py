"""Who touches the disk: one module writes and deletes, and every exception is here with its reason."""

from __future__ import annotations

import ast

from tests.unit.test_repository import CODE, modules, name_of, text_of

# Calls that write, delete or open by a path, by the name of the function or method.
TOUCHING = {
    "FileLock",
    "NamedTemporaryFile",
    "TemporaryDirectory",
    "chmod",
    "connect",
    "copyfile",
    "copytree",
    "hardlink_to",
    "makedirs",
    "mkdir",
    "mkstemp",
    "read_bytes",
    "read_text",
    "rmdir",
    "rmtree",
    "symlink_to",
    "touch",
    "unlink",
    "write_bytes",
    "write_text",
}
OPENING = {"open"}
# The rest are methods, or functions of `os` and `shutil` named with them.
BY_NAME = {"FileLock", "NamedTemporaryFile", "TemporaryDirectory", "mkstemp", "open"}
OURS = {"bridge/core/folder_entry.py", "bridge/core/root_folder.py"}
ALLOWED = {
    ("bridge/cache/memory_database.py", "connect"): "a database in memory",
    ("bridge/cache/plan_seal.py", "open"): "the project's folder itself, to look at entries from it",
    ("bridge/cli/errors.py", "open"): "the system's null device",
    ("bridge/core/failpoint.py", "open"): "a test names the file",
    ("bridge/core/flush.py", "open"): "the project's folder itself, to wait for its disk",
    ("bridge/core/private_folder.py", "mkdir"): "a folder of the user's that is looked at afterwards",
    ("bridge/core/project_database.py", "connect"): "SQLite opens by name: checked before and after",
    ("bridge/core/user_files.py", "mkdir"): "the user's own settings",
    ("bridge/core/user_files.py", "open"): "the user's own settings, without links",
    ("bridge/core/user_files.py", "unlink"): "the user's own settings",
    ("bridge/daemon/process/presence.py", "open"): "the project's folder itself, to know it under another name",
    ("bridge/daemon/runtime.py", "connect"): "a socket",
    ("bridge/daemon/process/presence.py", "FileLock"): "the map in the user's own settings",
    ("bridge/daemon/process/presence.py", "mkdir"): "the user's own settings",
    ("bridge/operations/demo.py", "read_bytes"): "files of this installation",
    ("bridge/operations/install_addon.py", "read_bytes"): "files of this installation",
    ("bridge/orders/upload.py", "TemporaryDirectory"): "a folder of a random name that this user alone may enter",
    ("bridge/orders/upload.py", "write_bytes"): "into that folder",
    ("bridge/providers/files/tmx.py", "TemporaryDirectory"): "a folder of a random name that this user alone may enter",
    ("bridge/watch/filesystems.py", "read_text"): "the system's table of mounts",
    ("bridge/trust/record.py", "FileLock"): "the user's own settings",
    ("bridge/trust/record.py", "mkdir"): "the user's own settings",
    ("bridge/store/shared/cloud_keys.py", "open"): "the user's own settings of a cloud's tools",
    ("exporters/sheet/folder.py", "chmod"): "the file of a random name that becomes the one the user named",
    ("exporters/sheet/folder.py", "mkstemp"): "the same: without a project, the user names the file",
    ("exporters/sheet/folder.py", "unlink"): "the same, where it fails",
}
# Names that are something else: opening of archives, pictures and projects from memory, lists of ids.
ELSEWHERE = {
    "Image",
    "Project",
    "ProjectDatabase",
    "_file",
    "_graph",
    "_opened",
    "archive",
    "av",
    "self",
    "wave",
    "words",
}


def _calls() -> set[tuple[str, str]]:
    found = set()
    for path in modules(*CODE):
        name = name_of(path)
        if name in OURS:
            continue
        for node in ast.walk(ast.parse(text_of(path))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            if isinstance(called, ast.Name) and called.id in BY_NAME:
                found.add((name, called.id))
            elif isinstance(called, ast.Attribute) and called.attr in TOUCHING | OPENING:
                holder = called.value
                holder = holder.func if isinstance(holder, ast.Call) else holder
                word = holder.id if isinstance(holder, ast.Name) else getattr(holder, "attr", "")
                if word not in ELSEWHERE:
                    found.add((name, called.attr))
    return found


def test_one_module_writes_and_deletes() -> None:
    calls = _calls()
    assert calls - ALLOWED.keys() == set(), "go through bridge/core/root_folder.py"
    assert ALLOWED.keys() - calls == set(), "these exceptions are used no more"
