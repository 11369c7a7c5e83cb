"""The fetcher, with stand-ins for apt, dpkg and the engines: the order of places, what a stopped fetch leaves."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.engines import debian, fetch
from tests.engines.aptsources import Mirror, mirrors
from tests.engines.engine import Engine, Missing, version_in

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")

MIRROR = Mirror("http://mirror.example/debian", "/usr/share/keyrings/example.gpg")


def script(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def unpacked_root(root: Path, *, godot: str = "4.6.3.stable", tiled: str = "Tiled 1.12.1") -> Path:
    """An unpacked root whose loader is a script that starts the program it is given."""
    script(root / "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", 'shift 2\nexec "$@"')
    script(root / "usr/bin/godot", f"echo '{godot}'")
    script(root / "usr/bin/tiled", f"echo '{tiled}'")
    script(root / "usr/bin/tmxrasterizer", "echo 'TmxRasterizer 1.0'")
    (root / debian.LOADER).write_bytes((root / "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2").read_bytes())
    (root / debian.LOADER).chmod(0o755)
    return root


def unpacks(packages: Sequence[str], work: Path) -> Path:
    assert tuple(packages) == ("godot", "tiled")
    return unpacked_root(work / "root")


def never(_packages: Sequence[str], _work: Path) -> Path:
    raise AssertionError("nothing had to be fetched")


def unavailable(_packages: Sequence[str], _work: Path) -> Path:
    raise debian.FetchError("apt knows no Debian mirror")


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No engine is named by the environment or found on PATH."""
    for program in (fetch.GODOT, fetch.TILED, fetch.RASTERIZER):
        monkeypatch.delenv(program.variable, raising=False)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr("shutil.which", lambda _name: None)


def on_path(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr("shutil.which", lambda name: str(path) if name == path.name else None)


def test_named_engine_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = script(tmp_path / "my godot", "echo 4.5.stable.official")
    monkeypatch.setenv("ASSETBRIDGE_GODOT", str(named))
    on_path(monkeypatch, script(tmp_path / "bin/godot", "echo 4.6.stable"))
    engine = fetch.find(fetch.GODOT, store=tmp_path / "store", unpack=never)
    assert isinstance(engine, Engine)
    assert engine.command == (str(named),)
    assert engine.version == (4, 5)


def test_relative_name_survives_a_change_of_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(tmp_path / "godot-here", "echo 4.5.stable.official")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASSETBRIDGE_GODOT", "./godot-here")
    engine = fetch.find(fetch.GODOT, store=tmp_path / "store", unpack=never)
    assert isinstance(engine, Engine)
    assert Path(engine.command[0]).is_absolute()


@pytest.mark.parametrize(
    ("body", "said"),
    [("echo 3.5.3.stable", "version 3.5.3, 4.3 or newer"), ("exit 3", "gave no version (exit code 3)")],
)
def test_unusable_named_engine_is_reported_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, said: str
) -> None:
    monkeypatch.setenv("ASSETBRIDGE_GODOT", str(script(tmp_path / "godot", body)))
    engine = fetch.find(fetch.GODOT, store=tmp_path / "store", unpack=never)
    assert isinstance(engine, Missing)
    assert "ASSETBRIDGE_GODOT is set, but" in str(engine)
    assert said in str(engine)


def test_named_engine_that_does_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSETBRIDGE_TILED", str(tmp_path / "nothing"))
    engine = fetch.find(fetch.TILED, store=tmp_path / "store", unpack=never)
    assert isinstance(engine, Missing)
    assert "does not run" in engine.reason


def test_engine_on_path_is_used_when_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_path(monkeypatch, script(tmp_path / "bin/tiled", "echo Tiled 1.10.2"))
    engine = fetch.find(fetch.TILED, store=tmp_path / "store", unpack=never)
    assert isinstance(engine, Engine)
    assert engine.version == (1, 10, 2)


def test_old_engine_on_path_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_path(monkeypatch, script(tmp_path / "bin/tiled", "echo Tiled 1.8.2"))
    engine = fetch.find(fetch.TILED, store=tmp_path / "store", unpack=unpacks)
    assert isinstance(engine, Engine)
    assert engine.version == (1, 12, 1)


def test_fetch_is_kept_under_its_versions_and_used_again(tmp_path: Path) -> None:
    first = fetch.find(fetch.GODOT, store=tmp_path, unpack=unpacks)
    again = fetch.find(fetch.GODOT, store=tmp_path, unpack=never)
    assert isinstance(first, Engine)
    assert first == again
    visible = [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")]
    assert visible == ["v1_godot-4.6.3_tiled-1.12.1"]
    assert not (tmp_path / ".fetching").exists()


def test_newest_fetch_wins_by_number(tmp_path: Path) -> None:
    unpacked_root(tmp_path / "v1_godot-4.9_tiled-1.12", godot="4.9.stable")
    unpacked_root(tmp_path / "v1_godot-4.10_tiled-1.12", godot="4.10.stable")
    engine = fetch.find(fetch.GODOT, store=tmp_path, unpack=never)
    assert isinstance(engine, Engine)
    assert engine.version == (4, 10)


def test_damaged_fetch_is_a_reason_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "v1_godot-4.9_tiled-1.12").mkdir()
    engine = fetch.find(fetch.GODOT, store=tmp_path, unpack=never)
    assert isinstance(engine, Missing)
    assert "no dynamic loader" in engine.reason


def test_no_way_to_fetch_is_a_reason(tmp_path: Path) -> None:
    engine = fetch.find(fetch.GODOT, store=tmp_path, unpack=unavailable)
    assert isinstance(engine, Missing)
    assert "ASSETBRIDGE_GODOT is not set" in engine.reason
    assert "apt knows no Debian mirror" in engine.reason


def test_old_engine_from_the_mirror_is_not_kept(tmp_path: Path) -> None:
    engine = fetch.find(
        fetch.TILED,
        store=tmp_path,
        unpack=lambda _packages, work: unpacked_root(work / "root", tiled="Tiled 1.8.2"),
    )
    assert isinstance(engine, Missing)
    assert "1.10 or newer" in engine.reason
    assert not list(tmp_path.glob("v1_*"))


def test_stopped_fetch_leaves_nothing_that_looks_whole(tmp_path: Path) -> None:
    def stopped(_packages: Sequence[str], work: Path) -> Path:
        script(work / "root/usr/bin/godot", "echo 4.6.3.stable")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch.find(fetch.GODOT, store=tmp_path, unpack=stopped)
    assert not list(tmp_path.glob("v1_*"))
    assert isinstance(fetch.find(fetch.GODOT, store=tmp_path, unpack=unpacks), Engine)


class Apt:
    """Answers for apt and dpkg: remembers the commands, downloads an empty package, unpacks a stand-in root."""

    def __init__(self, work: Path, *, fails: Callable[[Sequence[str]], bool] = lambda _command: False) -> None:
        self.work = work
        self.fails = fails
        self.commands: list[list[str]] = []

    def __call__(self, command: Sequence[str], environment: dict[str, str]) -> str:
        self.commands.append(list(command))
        if self.fails(command):
            raise debian.FetchError(f"{command[0]} failed: no network")
        if command[:2] == ["apt-config", "dump"]:
            return 'Acquire::http::Proxy "http://proxy.example:3128";\nDPkg::Post-Invoke:: "rm -rf /";\n'
        if "install" in command:
            assert environment["APT_CONFIG"] == str(self.work / "apt.conf")
            (self.work / "archives/godot_4.6.3_amd64.deb").write_bytes(b"")
        if command[0] == "dpkg":
            unpacked_root(Path(command[3]))
        return ""


@pytest.fixture
def apt_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    folder = tmp_path / "etc-apt"
    folder.mkdir()
    (folder / "sources.list").write_text("deb http://mirror.example/debian bookworm main\n", encoding="utf-8")
    return folder


def test_private_apt_touches_only_its_own_folder(tmp_path: Path, apt_folder: Path) -> None:
    work = tmp_path / "work"
    run = Apt(work)
    root = debian.unpack(["godot", "tiled"], work, apt=apt_folder, run=run)
    settings = dict(
        line.rstrip(";").split(" ", 1) for line in (work / "apt.conf").read_text(encoding="utf-8").splitlines()
    )
    folders = {name: value for name, value in settings.items() if name.startswith("Dir::")}
    assert all(value.strip('"') == "/dev/null" or str(work) in value for value in folders.values())
    assert settings["Acquire::http::Proxy"] == '"http://proxy.example:3128"'
    assert not any(name.startswith("DPkg::") for name in settings)
    assert (work / "sources.list.d/engines.sources").read_text(encoding="utf-8").splitlines() == [
        "Types: deb",
        "URIs: http://mirror.example/debian",
        "Suites: sid",
        "Components: main",
    ]
    assert os.access(root / debian.LOADER, os.X_OK)
    assert [command[:2] for command in run.commands if command[0] == "dpkg"] == [["dpkg", "-x"]]


def test_testing_is_tried_when_unstable_has_no_engine(tmp_path: Path, apt_folder: Path) -> None:
    work = tmp_path / "work"
    sources = work / "sources.list.d/engines.sources"
    run = Apt(work, fails=lambda command: "install" in command and "Suites: sid" in sources.read_text())
    assert debian.unpack(["godot"], work, apt=apt_folder, run=run) == work / "root"


def test_every_failure_is_told_once(tmp_path: Path, apt_folder: Path) -> None:
    run = Apt(tmp_path / "work", fails=lambda command: "update" in command)
    with pytest.raises(
        debian.FetchError, match=r"^sid: apt-get failed: no network; testing: apt-get failed: no network$"
    ):
        debian.unpack(["godot"], tmp_path / "work", apt=apt_folder, run=run)


def test_system_without_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(debian.FetchError, match="no apt-get"):
        debian.unpack(["godot"], tmp_path, apt=tmp_path)


def test_system_without_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: name)
    with pytest.raises(debian.FetchError, match="no Debian mirror"):
        debian.unpack(["godot"], tmp_path, apt=tmp_path)


def test_failed_command_tells_what_was_wrong() -> None:
    with pytest.raises(debian.FetchError, match=r"^sh failed: broken$"):
        debian.execute(["sh", "-c", "echo start; echo broken >&2; exit 100"], {})
    with pytest.raises(debian.FetchError, match=r"^sh failed: E: no such host$"):
        debian.execute(["sh", "-c", "echo start; echo E: no such host >&2; echo E: bad index; exit 100"], {})


def test_mirror_in_the_middle_of_an_update_is_asked_again(tmp_path: Path, apt_folder: Path) -> None:
    work = tmp_path / "work"
    run = Apt(work)
    run.fails = lambda command: "install" in command and sum("update" in done for done in run.commands) <= 2
    assert debian.unpack(["godot"], work, apt=apt_folder, run=run) == work / "root"


ONE_LINE = """\
# deb http://commented.example/debian bookworm main
deb-src http://source.example/debian bookworm main
deb [arch=amd64 signed-by=/usr/share/keyrings/example.gpg] http://mirror.example/debian bookworm main # ours
deb http://mirror.example/debian-security bookworm-security main
deb https://tools.example/apt stable stable
"""
DEB822 = """\
Types: deb
# a comment inside
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/example.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sources.list", ONE_LINE),
        ("sources.list.d/a.list", ONE_LINE),
        ("sources.list.d/debian.sources", DEB822),
    ],
)
def test_both_formats_of_sources(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    assert mirrors(tmp_path) == [MIRROR]


def test_other_files_beside_the_sources_are_ignored(tmp_path: Path) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d/old.list.disabled").write_text(ONE_LINE, encoding="utf-8")
    assert mirrors(tmp_path) == []


def test_debian_comes_before_other_distributions(tmp_path: Path) -> None:
    (tmp_path / "sources.list").write_text(
        "deb http://vendor.example/linux stable main\ndeb http://mirror.example/debian/ trixie main\n",
        encoding="utf-8",
    )
    assert [mirror.uri for mirror in mirrors(tmp_path)] == [
        "http://mirror.example/debian/",
        "http://vendor.example/linux",
    ]


def test_embedded_key_is_kept_whole(tmp_path: Path) -> None:
    key = """\
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBGPL0BUBEADmW5NdOOHwPIJlgPu6
 -----END PGP PUBLIC KEY BLOCK-----"""
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d/debian.sources").write_text(
        f"Types: deb\nURIs: http://mirror.example/debian\nSuites: sid\nComponents: main\nSigned-By:\n{key}\n",
        encoding="utf-8",
    )
    (mirror,) = mirrors(tmp_path)
    assert mirror.stanza("sid").endswith(f"Signed-By: {key.strip()}\n")


@pytest.mark.parametrize(
    ("answer", "version"),
    [
        ("4.6.3.stable.debian4.6.3+ds-3\n", (4, 6, 3)),
        ("Tiled 1.12.1", (1, 12, 1)),
        ("v1_godot-4.10_tiled-1.12", (4, 10)),
        ("no version at all", ()),
    ],
)
def test_version_in_an_answer(answer: str, version: tuple[int, ...]) -> None:
    assert version_in(answer) == version
