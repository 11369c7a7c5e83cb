"""The three forms in which the project is installed all work from a foreign folder and carry the addons."""

from __future__ import annotations

import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from bridge import __version__
from tests.packaging.environments import ADDONS, ROOT, Environment, addon_files, build, environment

pytestmark = pytest.mark.packaging

DESCRIBE = """
import importlib.metadata, json, pathlib, bridge, exporters
place = pathlib.Path(bridge.__file__).parent
data = place / "_data" if (place / "_data").is_dir() else place.parent
print(json.dumps({
    "version": importlib.metadata.version("assetbridge"),
    "bridge": bridge.__file__,
    "exporters": exporters.__file__,
    "typed": [(pathlib.Path(m.__file__).parent / "py.typed").exists() for m in (bridge, exporters)],
    "addons": sorted(
        file.relative_to(data).as_posix() for name in %r for file in (data / name).rglob("*") if file.is_file()
    ),
}))
"""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> dict[str, Path]:
    """The sdist, the wheel of the tree and the wheel of the sdist; built once for all test workers."""
    own = tmp_path_factory.getbasetemp()
    shared = (own if worker_id == "master" else own.parent) / "built"
    record = shared / "built.json"
    shared.mkdir(exist_ok=True)
    with FileLock(shared / ".lock"):
        if not record.exists():
            sdist = build(ROOT, shared / "sdist", "sdist")
            with tarfile.open(sdist) as archive:
                archive.extractall(shared / "unpacked", filter="data")
            (source,) = (shared / "unpacked").iterdir()
            paths = {
                "sdist": sdist,
                "wheel": build(ROOT, shared / "wheel", "wheel"),
                "wheel-of-sdist": build(source, shared / "wheel-of-sdist", "wheel"),
            }
            record.write_text(json.dumps({form: str(path) for form, path in paths.items()}), encoding="utf-8")
    return {form: Path(path) for form, path in json.loads(record.read_text(encoding="utf-8")).items()}


@pytest.fixture(scope="session")
def install(built: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Environment]:
    """Installs a form into a new environment."""

    def installed(form: str) -> Environment:
        requirement = ("--editable", str(ROOT)) if form == "editable" else (str(built[form]),)
        return environment(tmp_path_factory.mktemp("environment") / form, *requirement)

    return installed


@pytest.mark.parametrize("form", ["wheel", "wheel-of-sdist", "editable"])
def test_installed_form_works_from_a_foreign_folder(
    install: Callable[[str], Environment], tmp_path: Path, form: str
) -> None:
    installed = install(form)
    assert installed.run("assetbridge", "--version", cwd=tmp_path).stdout == f"assetbridge {__version__}\n"
    module = installed.run("python", "-m", "bridge", "--version", cwd=tmp_path)
    assert module.stdout == f"assetbridge {__version__}\n", module.stderr
    described = installed.run("python", "-c", DESCRIBE % (ADDONS,), cwd=tmp_path)
    assert described.returncode == 0, described.stderr
    found = json.loads(described.stdout)
    home = ROOT if form == "editable" else installed.bin.parent
    assert found["version"] == __version__
    assert all(Path(found[package]).is_relative_to(home) for package in ("bridge", "exporters"))
    assert found["typed"] == [True, True]
    assert addon_files() <= set(found["addons"])
    help_text = installed.run("assetbridge", "--help", cwd=tmp_path)
    assert help_text.returncode == 0, help_text.stderr
    assert "Commands" in help_text.stdout


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist() if ".dist-info/" not in name}


def test_wheel_carries_every_addon_file_unchanged(built: dict[str, Path]) -> None:
    inside = contents(built["wheel"])
    carried = {name.removeprefix("bridge/_data/"): data for name, data in inside.items() if "/_data/" in name}
    assert carried == {name: (ROOT / name).read_bytes() for name in addon_files()}


def test_wheel_holds_the_two_packages_and_nothing_else(built: dict[str, Path]) -> None:
    names = contents(built["wheel"])
    assert {name.partition("/")[0] for name in names} == {"bridge", "exporters"}
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


def test_both_wheels_are_the_same(built: dict[str, Path]) -> None:
    assert contents(built["wheel"]) == contents(built["wheel-of-sdist"])


def test_sdist_can_run_its_own_checks(built: dict[str, Path]) -> None:
    with tarfile.open(built["sdist"]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", ".ci/run", "Makefile", "CHANGELOG.md", "tests/run.py", "tests/conftest.py"} <= names
