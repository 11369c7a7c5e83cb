"""Two people, one repository, real git: the lock merges by itself, with and without the merge driver."""

from __future__ import annotations

import subprocess
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.cli import main
from bridge.core.paths import STORE_FOLDER
from bridge.store import lockfile
from bridge.store.blobs import BlobStore
from bridge.store.receipts import Receipt, encode_receipt, receipt_name

SPRITE = 'kind = "sprite"\ndescription = "{}"\nsize = [16, 16]\n'


def git(folder: Path, *words: str, fails: bool = False) -> str:
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    for name, value in (("user.email", "a@example.org"), ("user.name", "A"), ("core.autocrlf", "false")):
        git(tmp_path, "config", name, value)
    assert main(["init", str(tmp_path)]) == 0
    add_sprite(tmp_path, "crate")
    return tmp_path


def add_sprite(root: Path, name: str, description: str = "") -> None:
    spec = root / "art" / f"{name}.asset.toml"
    spec.parent.mkdir(exist_ok=True)
    spec.write_text(SPRITE.format(description or name), encoding="utf-8")
    assert main(["build", "--project", str(root)]) == 0
    git(root, "add", "-A")
    git(root, "commit", "-qm", name)


def without_driver(root: Path) -> None:
    git(root, "config", "--remove-section", "merge.assetbridge")


def find_same_gap(count: int) -> list[str]:
    """Names whose lines stand side by side in the lock, so that git alone cannot merge them."""
    names = [f"thing_{number}" for number in range(1000)]
    crate = zlib.crc32(b"art/crate")
    return [name for name in names if zlib.crc32(f"art/{name}".encode()) > crate][:count]


@pytest.mark.parametrize("has_driver", [False, True], ids=["markers", "driver"])
def test_two_assets_in_the_same_gap_merge_and_nothing_is_made_again(
    repository: Path, capsys: pytest.CaptureFixture[str], has_driver: bool
) -> None:
    if not has_driver:
        without_driver(repository)
    barrel, bench = find_same_gap(2)
    git(repository, "checkout", "-qb", "one")
    add_sprite(repository, barrel)
    git(repository, "checkout", "-q", "main")
    add_sprite(repository, bench)
    git(repository, "merge", "-q", "one", fails=not has_driver)
    capsys.readouterr()
    assert main(["build", "--project", str(repository)]) == 0
    said = capsys.readouterr()
    assert "3 ready; 0 files changed" in said.out
    assert ("note: the two sides of an unfinished merge" in said.err) is not has_driver
    assert sorted(lockfile.read(repository).assets) == ["art/crate", f"art/{barrel}", f"art/{bench}"]
    assert "<<<<" not in (repository / "assetbridge.lock").read_text(encoding="utf-8")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "merged", "--allow-empty")
    assert main(["check", "--project", str(repository)]) == 0
    assert git(repository, "status", "--porcelain") == ""


def test_a_plan_says_that_it_joined_the_sides_and_writes_nothing(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    without_driver(repository)
    barrel, bench = find_same_gap(2)
    git(repository, "checkout", "-qb", "one")
    add_sprite(repository, barrel)
    git(repository, "checkout", "-q", "main")
    add_sprite(repository, bench)
    git(repository, "merge", "-q", "one", fails=True)
    before = (repository / "assetbridge.lock").read_bytes()
    capsys.readouterr()
    assert main(["plan", "--project", str(repository)]) == 0
    assert "note: the two sides of an unfinished merge of assetbridge.lock were joined" in capsys.readouterr().out
    assert (repository / "assetbridge.lock").read_bytes() == before


@pytest.mark.parametrize("has_driver", [False, True], ids=["markers", "driver"])
def test_an_asset_that_both_changed_is_made_again_from_what_the_spec_says(
    repository: Path, *, has_driver: bool
) -> None:
    if not has_driver:
        without_driver(repository)
    spec = repository / "art/crate.asset.toml"
    identity = lockfile.read(repository).assets["art/crate"].identity
    git(repository, "checkout", "-qb", "one")
    add_sprite(repository, "crate", "crate of oak")
    git(repository, "checkout", "-q", "main")
    add_sprite(repository, "crate", "crate of iron")
    git(repository, "merge", "-q", "one", fails=True)
    # The spec is the one thing that only a person can decide about.
    assert main(["build", "--project", str(repository)]) == 2
    spec.write_text(SPRITE.format("crate of oak"), encoding="utf-8")
    assert main(["build", "--project", str(repository)]) == 0
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "merged")
    assert main(["check", "--project", str(repository)]) == 0
    assert git(repository, "status", "--porcelain") == ""
    assert lockfile.read(repository).assets["art/crate"].identity == identity
    for path in (repository / "export").rglob("*"):
        assert path.is_dir() or b"<<<<<<<" not in path.read_bytes()
    git(repository, "checkout", "-q", "one")
    assert main(["check", "--project", str(repository)]) == 0
    made = {path.name: path.read_bytes() for path in (repository / "export").rglob("*.png")}
    git(repository, "checkout", "-q", "main")
    assert {path.name: path.read_bytes() for path in (repository / "export").rglob("*.png")} == made


def test_outputs_in_which_git_left_both_sides_are_made_again(repository: Path) -> None:
    without_driver(repository)
    (repository / ".gitattributes").unlink()
    git(repository, "commit", "-qam", "as an older project has it")
    git(repository, "checkout", "-qb", "one")
    add_sprite(repository, "crate", "crate of oak")
    git(repository, "checkout", "-q", "main")
    add_sprite(repository, "crate", "crate of iron")
    git(repository, "merge", "-q", "one", fails=True)
    (repository / "art/crate.asset.toml").write_text(SPRITE.format("crate of oak"), encoding="utf-8")
    for path in (repository / "export").rglob("*.json"):
        both = b"<<<<<<< HEAD\n" + path.read_bytes() + b"=======\n" + path.read_bytes() + b">>>>>>> one\n"
        path.write_bytes(both)
    assert main(["build", "--project", str(repository)]) == 0
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "merged")
    assert main(["check", "--project", str(repository)]) == 0


def test_a_spec_in_which_git_left_both_sides_is_one_error_with_the_lines(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = repository / "art/crate.asset.toml"
    text = 'description = """\n<<<<<<< HEAD\noak\n=======\niron\n>>>>>>> one\n"""\n'
    spec.write_text(f'kind = "sprite"\nsize = [16, 16]\n{text}', encoding="utf-8")
    capsys.readouterr()
    assert main(["plan", "--project", str(repository)]) == 2
    said = capsys.readouterr().err
    assert said.count("unfinished merge") == 1
    assert "art/crate.asset.toml:4:1" in said
    assert "lines 4 to 8 hold both sides" in said
    assert "take out the lines that begin with <<<<<<<" in said
    project = repository / "assetbridge.toml"
    project.write_text("<<<<<<< HEAD\n=======\n>>>>>>> one\n" + project.read_text(encoding="utf-8"), encoding="utf-8")
    for command in ("plan", "build", "status"):
        main([command, "--project", str(repository)])
        said = capsys.readouterr().err
        assert command == "status" or "assetbridge.toml:1:1" in said
        assert command == "status" or "lines 1 to 3 hold both sides" in said


def test_a_clone_is_set_up_by_an_explicit_command_alone(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    clone = tmp_path_factory.mktemp("clone")
    git(clone, "clone", "-q", str(repository), ".")
    for command in ("plan", "build", "check", "doctor"):
        main([command, "--project", str(clone)])
    assert "git does not know how to merge assetbridge.lock" in capsys.readouterr().out
    git(clone, "config", "--get", "merge.assetbridge.driver", fails=True)
    assert main(["init", "--git", str(clone)]) == 0
    assert git(clone, "status", "--porcelain") == ""
    assert "merge-lock %O %A %B" in git(clone, "config", "--get", "merge.assetbridge.driver")
    capsys.readouterr()
    main(["doctor", "--project", str(clone)])
    assert "git does not know" not in capsys.readouterr().out
    assert main(["init", "--git", str(tmp_path_factory.mktemp("none"))]) == 2


def test_git_merges_no_generated_file_by_lines_but_those_with_settings_of_the_user(repository: Path) -> None:
    asked = ["assetbridge.lock", "export/a.json", "export/art/a.png", "export/a.png.import", "export/art/a.meta"]
    asked += [".assetbridge/store/receipts/f1-00", ".assetbridge/store/ab/cd", "art/a.asset.toml"]
    lines = git(repository, "check-attr", "merge", "--", *asked).splitlines()
    assert [line.rpartition(": ")[2] for line in lines] == [
        "assetbridge",
        "binary",
        "binary",
        "unspecified",
        "unspecified",
        "assetbridge",
        "unspecified",
        "unspecified",
    ]


def test_where_the_program_is_gone_git_merges_the_lines(repository: Path) -> None:
    command = git(repository, "config", "--get", "merge.assetbridge.driver").strip()
    git(repository, "config", "merge.assetbridge.driver", "/nowhere/python" + command[command.index(" ") :])
    barrel, bench = find_same_gap(2)
    git(repository, "checkout", "-qb", "one")
    add_sprite(repository, barrel)
    git(repository, "checkout", "-q", "main")
    add_sprite(repository, bench)
    git(repository, "merge", "-q", "one", fails=True)
    assert "|||||||" in (repository / "assetbridge.lock").read_text(encoding="utf-8")
    assert main(["build", "--project", str(repository)]) == 0
    assert sorted(lockfile.read(repository).assets) == ["art/crate", f"art/{barrel}", f"art/{bench}"]


@pytest.mark.parametrize("has_driver", [False, True], ids=["markers", "driver"])
def test_receipts_of_the_same_thing_bought_twice_are_settled(repository: Path, *, has_driver: bool) -> None:
    if not has_driver:
        without_driver(repository)
    receipts = BlobStore(repository, STORE_FOLDER).receipts
    first = Receipt("f1:" + "ab" * 20, "cd" * 32, "p", "o", "art/a", "image/1", "2026-03-01T12:00:00Z", by="Ada")
    barrel, bench = find_same_gap(2)
    git(repository, "checkout", "-qb", "one")
    receipts.write(replace(first, at="2026-03-02T12:00:00Z", by="Bob"))
    add_sprite(repository, barrel)
    git(repository, "checkout", "-q", "main")
    receipts.write(first)
    add_sprite(repository, bench)
    git(repository, "merge", "-q", "one", fails=not has_driver)
    assert main(["build", "--project", str(repository)]) == 0
    text = (repository / STORE_FOLDER / "receipts" / receipt_name(first.fingerprint)).read_bytes()
    assert text == encode_receipt(first)
