"""What a power cut leaves of outputs: they are flushed before the lock, and an emptied one is made again."""

from __future__ import annotations

import shutil

import pytest

from bridge.core.root_folder import RootFolder
from bridge.project import Project
from tests.pipeline.conftest import Workspace


@pytest.mark.parametrize("memory", ["kept", "lost"])
@pytest.mark.parametrize("torn", ["empty", "zeros"])
def test_an_output_that_was_emptied_is_made_again_and_none_passes_for_edited(
    built_plain: Workspace, torn: str, memory: str
) -> None:
    before = built_plain.files()
    for path, data in before.items():
        if path.startswith(("export/", "game/generated/")):
            built_plain.write(path, b"" if torn == "empty" else b"\0" * len(data))
    if memory == "lost":
        shutil.rmtree(built_plain.root / ".assetbridge")
    plan = built_plain.run("plan", "--json").json
    assert not [asset for asset in plan["assets"] if asset.get("drifted")]
    built_plain.run("build")
    now = built_plain.files()
    # What an engine took over once is not watched: only one that is empty is seen.
    watched = [path for path in before if torn == "empty" or not path.endswith(".import")]
    assert {path: now[path] for path in watched} == {path: before[path] for path in watched}


def test_an_edited_output_is_still_kept(built_plain: Workspace) -> None:
    path = next(path for path in built_plain.files() if path.startswith("export/") and path.endswith(".png"))
    built_plain.write(path, b"\0\0edited\0")
    plan = built_plain.run("plan", "--json").json
    assert [asset["drifted"] for asset in plan["assets"] if asset.get("drifted")] == [[path]]


def test_outputs_are_on_the_disk_before_the_lock_is_written(
    built_plain: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    flush, write = Project._sync_written, RootFolder.write

    def flushed(project: Project) -> None:
        order.extend(sorted(project._written))
        flush(project)

    def written(folder: RootFolder, path: str, *words: object, **options: object) -> bool:
        if path == "assetbridge.lock":
            order.append(path)
        return write(folder, path, *words, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Project, "_sync_written", flushed)
    monkeypatch.setattr(RootFolder, "write", written)
    built_plain.replace("art/rock.asset.toml", "mossy", "grey")
    built_plain.run("build")
    assert order[-1] == "assetbridge.lock"
    assert any(path.endswith("rock.png") for path in order[:-1])
    assert order.count("assetbridge.lock") == 1
