"""A bad file stops the assets that need it, each with one error, and nobody else."""

from __future__ import annotations

import contextlib
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.build.asset_loader import part_hash_of
from bridge.build.builder import Builder
from bridge.core.errors import UserError
from bridge.operations.plan import make_plan, record_project_state
from bridge.plan import evaluator
from bridge.plan.compile_context import compile_spec
from bridge.plan.incremental import IncrementalPlanner
from bridge.project import Project
from bridge.store import lockfile
from bridge.watch.session import WatchSession
from exporters.generic.exporter import JsonExporter
from tests.hostile.fuzz import seeds
from tests.hostile.stranger import SPRITE, run_bridge

FILES = 'provider = "files"\n'
SPECS = {
    "bad_json": f'kind = "animation"\n{FILES}[files]\njson = "art/bad.json"\n',
    "deep_json": f'kind = "animation"\n{FILES}[files]\njson = "art/deep.json"\n',
    "nan_json": f'kind = "animation"\n{FILES}[files]\njson = "art/nan.json"\n',
    "long_pattern": f'kind = "sprite"\n{FILES}[files]\npattern = "art/{"a" * 3000}{{frame}}.png"\n',
    "long_name": f'kind = "sprite"\n{FILES}[files]\npattern = "art/{"a" * 300}_{{frame}}.png"\n',
    "long_source": f'kind = "sprite"\n{FILES}source = "art/{"b" * 600}.png"\n',
    "bad_map": f'kind = "map"\n{FILES}source = "art/bad.tmx"\n',
    "bad_sound": f'kind = "music"\n{FILES}source = "art/bad.wav"\n',
    "bad_picture": f'kind = "sprite"\n{FILES}source = "art/bad.png"\n',
    "deep_spec": SPRITE + "a = " + "[" * 3000 + "]" * 3000 + "\n",
}
SOURCES = {
    "bad.json": b'{"frames": [',
    "deep.json": b"[" * 100_000,
    "nan.json": b'{"frames": {"a": {"frame": {"x": NaN}}}}',
    "bad.tmx": b"<map><layer",
    "bad.wav": b"RIFF\0\0\0\0WAVEfmt ",
    "bad.png": b"\x89PNG\r\n\x1a\n",
}


def fill(root: Path) -> None:
    """Ten assets that are no good beside the good one."""
    for name, text in SPECS.items():
        (root / "art" / f"{name}.asset.toml").write_text(text, encoding="utf-8")
    for name, data in SOURCES.items():
        (root / "art" / name).write_bytes(data)


def test_bad_files_stop_their_own_assets_alone(stranger: Path) -> None:
    fill(stranger)
    done = run_bridge(stranger, "build", "--json")
    answer = json.loads(done.stdout)
    states = {asset["id"]: asset["state"] for asset in answer["assets"]}
    wrong = [asset["error"] for asset in answer["assets"] if asset.get("error")] + answer["errors"]
    assert done.returncode == 2, done.stderr
    assert states["art/gem"] == "ready"
    assert (stranger / "export/art/gem.png").is_file()
    assert {error["where"]["file"] for error in wrong} == {f"art/{name}.asset.toml" for name in SPECS}
    assert len(wrong) == len(SPECS)
    assert not [error for error in wrong if error["code"] == "internal"]
    assert not (stranger / ".assetbridge/crash.log").exists()
    checked = run_bridge(stranger, "check", "--art")
    assert checked.returncode == 2
    assert run_bridge(stranger, "plan").returncode == 2


def test_a_shared_palette_fails_each_of_its_ten_users_once(stranger: Path) -> None:
    (stranger / "art/colors.gpl").write_bytes(b"GIMP Palette\n999 0 0 red\n")
    for number in range(10):
        spec = SPRITE + '[process]\npalette = "art/colors.gpl"\n'
        (stranger / f"art/user{number}.asset.toml").write_text(spec, encoding="utf-8")
    with Project.open(stranger) as project:
        planner, plan = make_plan(project)
        failures = planner.evaluation.failures
        assert sorted(failures) == [f"art/user{number}" for number in range(10)]
        assert {error.code for error in failures.values()} == {"source_broken"}
        assert all("art/colors.gpl" in error.message for error in failures.values())
        assert {error.where.file for error in failures.values() if error.where} == {
            f"art/user{number}.asset.toml" for number in range(10)
        }
        assert not plan.errors


UNEXPECTED = [
    *(ValueError("x"), OverflowError("x"), RecursionError("x"), MemoryError(), UnicodeError("x"), KeyError("x")),
    *(struct.error("x"), zlib.error("x"), OSError(36, "File name too long"), PermissionError(13, "Permission denied")),
    *(SyntaxError("broken PNG"), AssertionError("x"), EOFError(), ZeroDivisionError("x")),
]


def _raising(error: Exception, asset_id: str, real: Callable[..., Any]) -> Callable[..., Any]:
    def replaced(*values: Any, **named: Any) -> Any:
        if any(asset_id in (getattr(value, "id", ""), getattr(value, "stem", "")) for value in values):
            raise error
        return real(*values, **named)

    return replaced


@pytest.mark.parametrize(
    "error",
    [pytest.param(error, marks=[] if place % 4 == 0 else [pytest.mark.full]) for place, error in enumerate(UNEXPECTED)],
    ids=[type(error).__name__ for error in UNEXPECTED],
)
@pytest.mark.parametrize("stage", ["compile", "export"])
def test_whatever_one_asset_raises_the_others_are_made(
    stranger: Path, error: Exception, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (stranger / "art/other.asset.toml").write_text(SPRITE, encoding="utf-8")
    if stage == "compile":
        monkeypatch.setattr(evaluator, "compile_spec", _raising(error, "art/gem", compile_spec))
    else:
        monkeypatch.setattr(JsonExporter, "export", _raising(error, "art/gem", JsonExporter.export))
    with Project.open(stranger) as project, project.owned():
        planner, plan = make_plan(project)
        made = {result.id: result for result in Builder(project, planner, plan).build()}
        record_project_state(project, planner, planner.plan())
        look = IncrementalPlanner(project, part_hash_of).look()
    assert made["art/other"].state == "ready"
    failed = made["art/gem"].error
    assert failed is not None
    assert failed.where is None or failed.where.file.startswith("art/gem")
    assert failed.code in ("internal", "out_of_memory", "source_broken", "output_unwritable")
    assert (stranger / ".assetbridge/crash.log").exists() == (failed.code == "internal")
    assert {asset.id for asset in look.assets} == {"art/gem", "art/other"}


def test_watching_outlives_bad_files_and_sees_them_mended(stranger: Path) -> None:
    fill(stranger)
    events: list[Any] = []
    with Project.open(stranger) as project, project.owned():
        session = WatchSession(project.config, events.append)
        try:
            session.build()
            assert (stranger / "export/art/gem.png").is_file()
            (stranger / "art/bad.png").write_bytes(seeds.picture(16, 16))
            session.build_changes(frozenset(["art/bad.png"]))
        finally:
            session.close()
    assert (stranger / "export/art/bad_picture.png").is_file()


LOCK = seeds.lock_text().decode()
BAD_LOCKS = {
    "no JSON": "{",
    "conflict markers": f"<<<<<<< ours\n{LOCK}\n=======\n{LOCK}\n>>>>>>> theirs\n",
    "an asset twice": LOCK.replace('"art/two"', '"art/gem"', 1),
    "a list": "[]",
    "a text": '"lock"',
    "null": "null",
    "no assets": '{"version": 1}',
    "assets that are a list": '{"version": 1, "assets": []}',
    "an asset that is null": '{"version": 1, "assets": {"a": null}}',
    "a version that is a text": LOCK.replace('"version": 1', '"version": "1"'),
    "a version that is true": LOCK.replace('"version": 1', '"version": true'),
    "a version below one": LOCK.replace('"version": 1', '"version": -1'),
    "a version that is NaN": LOCK.replace('"version": 1', '"version": NaN'),
    "deep facts": LOCK.replace('{"x": 0.5}', '{"x": ' * 300 + "0.5" + "}" * 300),
    "100,000 levels": LOCK.replace('{"x": 0.5}', "[" * 100_000),
    "a cost that is a number": LOCK.replace('"amount": "0.1"', '"amount": 0.1'),
    "an id that is a list": LOCK.replace('"job": "x"', '"job": []'),
}


def _fields(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [path] if path else []
    for key in value if isinstance(value, dict) else ():
        found += _fields(value[key], (*path, key))
    return found


@pytest.mark.parametrize("text", BAD_LOCKS.values(), ids=BAD_LOCKS)
def test_a_bad_lock_is_one_error(text: str) -> None:
    with pytest.raises(UserError) as caught:
        lockfile.loads(text)
    assert caught.value.code == "lock_invalid"
    assert len(caught.value.message) < 400


def test_every_field_of_the_lock_of_a_wrong_type_is_one_error_or_none() -> None:
    """None: where whatever a provider said is kept as it came."""
    for path in _fields(json.loads(LOCK)):
        odd: object
        for odd in (None, 3.5, [], {}, "x", [[]], {"a": {"b": []}}, 10**30, True):
            document = json.loads(LOCK)
            holder = document
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = odd
            with contextlib.suppress(UserError):
                lock = lockfile.loads(json.dumps(document))
                lockfile.loads(lockfile.dumps(lock))


def test_a_bad_lock_stops_with_exit_2_and_is_kept(stranger: Path) -> None:
    for text in (f"<<<<<<< ours\n{LOCK}\n", BAD_LOCKS["100,000 levels"]):
        (stranger / "assetbridge.lock").write_text(text, encoding="utf-8")
        done = run_bridge(stranger, "build")
        assert done.returncode == 2, done.stderr
        assert "assetbridge.lock" in done.stderr
        assert (stranger / "assetbridge.lock").read_text(encoding="utf-8") == text
