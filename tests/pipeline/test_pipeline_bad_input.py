"""What a user can get wrong, and what assetbridge says to it: one clear error with file, line and the way out.

Every case runs `build --json` beside a good asset: the good one is built whatever happens to the other. Then `build`
without `--json`, `plan`, `check` and `status` have to answer without a traceback too.
"""

from __future__ import annotations

import io
import json
import os
import struct
import sys
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bridge.cli import main
from tests.pipeline.conftest import HERO, SPRITE, TILES, Answer, Workspace

BAD = "art/bad.asset.toml"


@dataclass(frozen=True)
class Case:
    """A spec (or more files) with a mistake, and what has to be said.

    code: the error's code. place: `file:line`. says, hint: parts of the message and of the way out.
    """

    name: str
    files: Mapping[str, str | bytes]
    code: str
    place: str = f"{BAD}:1"
    says: str = ""
    hint: str = ""
    exit_code: int = 2


def _png(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    rows = zlib.compress(b"".join(b"\0" + b"\x40\x80\xc0\xff" * width for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


_HEAD_1 = struct.pack(">II", 1, 1)
_HEAD_HUGE = struct.pack(">II", 60000, 60000)


def _gif() -> bytes:
    frames = [Image.effect_noise((32, 32), sigma) for sigma in (20.0, 60.0)]
    data = io.BytesIO()
    frames[0].save(data, "GIF", save_all=True, append_images=frames[1:], duration=80)
    return data.getvalue()


def _bad(text: str, **others: str | bytes) -> dict[str, str | bytes]:
    return {BAD: text, **others}


CHARACTER = 'kind = "character"\ndescription = "knight"\nsize = [24, 24]\n'
FILES = 'kind = "sprite"\nprovider = "files"\n'

SPEC_CASES = [
    Case("no kind", _bad("size = [16, 16]\n"), "spec_invalid", says="kind", hint="sprite"),
    Case("unknown kind", _bad('# x\nkind = "sprit"\n'), "spec_unknown_kind", f"{BAD}:2", "sprit", "sprite"),
    Case("kind of a wrong type", _bad("kind = 7\n"), "spec_unknown_kind", f"{BAD}:1", "7", "sprite"),
    Case("unknown key", _bad(SPRITE + "colour = 3\n"), "spec_unknown_key", f"{BAD}:4", "colour", "color"),
    Case(
        "unknown key in a table",
        _bad(CHARACTER + "[animations.walk]\nfsp = 8\n"),
        "spec_unknown_key",
        f"{BAD}:5",
        "fsp",
        "fps",
    ),
    Case(
        "key of another kind",
        _bad(SPRITE + "tile_size = 16\n"),
        "spec_not_applicable",
        f"{BAD}:4",
        "tile_size",
        "tileset",
    ),
    Case("text for a number", _bad(SPRITE + 'seed = "x"\n'), "spec_invalid", f"{BAD}:4", "seed", ""),
    Case("number for a text", _bad('kind = "sprite"\ndescription = 5\n'), "spec_invalid", f"{BAD}:2", "description"),
    Case("table for a number", _bad(SPRITE + "[seed]\nx = 1\n"), "spec_invalid", f"{BAD}:4", "seed"),
    Case("number for a table", _bad(SPRITE + "process = 3\n"), "spec_invalid", f"{BAD}:4", "process"),
    Case("size of nothing", _bad('kind = "sprite"\ndescription = "x"\nsize = [0, 16]\n'), "spec_invalid", f"{BAD}:3"),
    Case("huge", _bad('kind = "sprite"\ndescription = "x"\nsize = [100000, 16]\n'), "spec_invalid", f"{BAD}:3"),
    Case(
        "size of three", _bad('kind = "sprite"\ndescription = "x"\nsize = [16, 16, 16]\n'), "spec_invalid", f"{BAD}:3"
    ),
    Case("negative size", _bad('kind = "sprite"\ndescription = "x"\nsize = [-16, 16]\n'), "spec_invalid", f"{BAD}:3"),
    Case("not a number", _bad(CHARACTER + "[animations.walk]\nfps = nan\n"), "spec_invalid", f"{BAD}:5", "fps"),
    Case("no description", _bad('kind = "sprite"\n'), "spec_invalid", f"{BAD}:1", "description"),
    Case(
        "pick beyond the variants",
        _bad(SPRITE + "variants = 2\npick = 3\n"),
        "spec_invalid",
        f"{BAD}:5",
        "pick",
    ),
    Case(
        "unknown direction",
        _bad('kind = "sprite"\ndescription = "x"\ndirection = "southeast"\n'),
        "spec_invalid",
        f"{BAD}:3",
        "",
        "south-east",
    ),
    Case("syntax", _bad('kind = "sprite\n'), "spec_syntax", f"{BAD}:1"),
    Case("key twice", _bad('kind = "sprite"\nkind = "sprite"\n'), "spec_syntax", f"{BAD}:2"),
    Case("open table", _bad('kind = "sprite"\n[process\n'), "spec_syntax", f"{BAD}:2"),
    Case("nothing after =", _bad("kind =\n"), "spec_syntax", f"{BAD}:1"),
    Case("empty file", _bad(""), "spec_invalid", f"{BAD}:1", "kind"),
    Case(
        "Latin-1",
        {BAD: 'kind = "sprite"\ndescription = "Flügel"\n'.encode("latin-1")},
        "spec_encoding",
        f"{BAD}:2",
        "UTF-8",
        "UTF-8",
    ),
    Case("UTF-16", {BAD: SPRITE.encode("utf-16")}, "spec_encoding", f"{BAD}:1", "UTF-8", "UTF-8"),
    Case("a zero byte", {BAD: SPRITE.encode() + b"\0"}, "spec_syntax", f"{BAD}:4"),
    Case(
        "no palette file",
        _bad(SPRITE + '[process]\npalette = "art/swetie.hex"\n', **{"art/sweetie.hex": "ff0000\n"}),
        "source_missing",
        f"{BAD}:5",
        "art/swetie.hex",
        "art/sweetie.hex",
    ),
    Case(
        "a palette without colours",
        _bad(SPRITE + '[process]\npalette = "art/p.hex"\n', **{"art/p.hex": "no colours\n"}),
        "source_broken",
        f"{BAD}:5",
        "art/p.hex",
        ".gpl",
    ),
    Case(
        "a path out of the project",
        _bad(SPRITE + '[process]\npalette = "../p.hex"\n'),
        "source_outside",
        f"{BAD}:5",
        "../p.hex",
        "relative to the project",
    ),
    Case(
        "an absolute path",
        _bad(SPRITE + '[process]\npalette = "/etc/p.hex"\n'),
        "source_outside",
        f"{BAD}:5",
        "/etc/p.hex",
        "relative to the project",
    ),
    Case(
        "unknown provider", _bad(SPRITE + 'provider = "procedual"\n'), "unknown_provider", f"{BAD}:4", "", "procedural"
    ),
    Case("no model", _bad(SPRITE + 'provider = "pixeldojo"\n'), "spec_invalid", BAD, "model", "providers models"),
    Case(
        "too small for the provider",
        _bad(SPRITE + 'provider = "pixellab"\n'),
        "provider_limit",
        f"{BAD}:3",
        "size",
        "",
    ),
    Case(
        "target not set up",
        _bad(SPRITE + '[export]\ntargets = ["unity"]\n'),
        "config_invalid",
        f"{BAD}:5",
        "unity",
        "[targets.unity]",
    ),
    Case("unknown target", _bad(SPRITE + '[export]\ntargets = ["goddot"]\n'), "spec_invalid", f"{BAD}:5", "", "godot"),
    Case(
        "no such asset",
        _bad('kind = "map"\nsize = [4, 4]\ntileset = "asset:art/lnd"\n', **{"art/land.asset.toml": TILES}),
        "source_missing",
        f"{BAD}:3",
        "art/lnd",
        "asset:art/land",
    ),
    Case(
        "no picture",
        _bad(FILES + 'source = "art/rok.png"\n', **{"art/rock.png": _png(4, 4)}),
        "source_missing",
        f"{BAD}:3",
        "art/rok.png",
        "art/rock.png",
    ),
    Case(
        "a picture that is none",
        _bad(FILES + 'source = "art/rock.png"\n', **{"art/rock.png": b"GIF87a, or not"}),
        "source_broken",
        f"{BAD}:3",
        "art/rock.png",
    ),
    Case(
        "a pointer of Git LFS",
        _bad(FILES + 'source = "art/rock.png"\n', **{"art/rock.png": b"version https://git-lfs.github.com/spec/v1\n"}),
        "source_broken",
        f"{BAD}:3",
        "pointer of Git LFS",
        "git lfs pull",
    ),
    Case(
        "a picture that ends early",
        _bad(FILES + 'source = "art/rock.png"\n', **{"art/rock.png": _png(64, 64)[:60]}),
        "source_broken",
        f"{BAD}:3",
        "art/rock.png",
    ),
    Case(
        "a huge picture in a small file",
        _bad(FILES + 'source = "art/rock.png"\n', **{"art/rock.png": _png(1, 1).replace(_HEAD_1, _HEAD_HUGE)}),
        "source_broken",
        f"{BAD}:3",
        "art/rock.png",
    ),
    Case(
        "an animation that ends early",
        _bad(
            'kind = "animation"\nprovider = "files"\n[files]\nclip = "art/fire.gif"\n',
            **{"art/fire.gif": _gif()[:-20]},
        ),
        "source_broken",
        f"{BAD}:4",
        "art/fire.gif",
    ),
    Case(
        "a part that is not there",
        _bad('kind = "animation"\nsource = "asset:art/land#lava"\naction = "hop"\n', **{"art/land.asset.toml": HERO}),
        "source_part",
        f"{BAD}:2",
        "lava",
        "walk_south",
    ),
    Case(
        "one of several parts is meant",
        _bad('kind = "animation"\nsource = "asset:art/land"\naction = "hop"\n', **{"art/land.asset.toml": HERO}),
        "source_part",
        f"{BAD}:2",
        "several",
        "walk_south",
    ),
    Case(
        "a kind that the provider does not make",
        _bad('kind = "turnaround"\nsource = "art/rock.png"\ndirections = 4\n', **{"art/rock.png": _png(8, 8)}),
        "provider_kind",
        f"{BAD}:1",
        "turnaround",
        "pixellab",
    ),
    Case(
        "a name that is no id",
        {"art/my rock.asset.toml": SPRITE},
        "id_invalid",
        "art/my rock.asset.toml",
        "",
        "letters",
    ),
    Case("a device name", {"art/con.asset.toml": SPRITE}, "id_invalid", "art/con.asset.toml", "Windows", "name"),
    Case(
        "names that differ in case",
        {"art/Good.asset.toml": SPRITE},
        "id_clash",
        "art/good.asset.toml",
        "case",
        "rename",
    ),
]


def _errors(document: Any) -> list[dict[str, Any]]:
    if "error" in document:
        return [document["error"], *document.get("errors", [])]
    return [*document["errors"], *(asset["error"] for asset in document["assets"] if asset["error"])]


def _place(error: Mapping[str, Any]) -> str:
    where = error["where"] or {"file": "", "line": None}
    return f"{where['file']}:{where['line']}" if where["line"] else str(where["file"])


def _speaks(answer: Answer) -> None:
    """The same in words: `error:` on stderr, nothing that looks like a defect."""
    assert answer.code != 70, answer
    assert "defect" not in answer.err, answer
    assert "Traceback" not in answer.err + answer.out


@pytest.mark.parametrize("case", SPEC_CASES, ids=lambda case: case.name)
def test_a_mistake_in_a_spec(plain: Workspace, case: Case) -> None:
    plain.write("art/good.asset.toml", SPRITE)
    for path, data in case.files.items():
        plain.write(path, data)
    answer = plain.run("build", "--json", expect=None)
    errors = [error for error in _errors(answer.json) if _place(error).startswith(case.place)]
    assert len(errors) == 1, answer
    error = errors[0]
    assert answer.code == case.exit_code, answer
    assert case.code == error["code"], error
    assert case.says in error["message"] + str(error["where"]["field"]), error
    assert case.hint in error["hint"], error
    assert set(error) == {"code", "message", "hint", "where"}
    assert set(error["where"]) == {"file", "line", "column", "field"}
    if case.code != "id_clash":
        assert "export/art/good.png" in plain.files(), "the good asset is built all the same"
    words = plain.run("build", expect=case.exit_code)
    assert f"error: {case.place}" in words.err
    for command in ("plan", "check", "status"):
        _speaks(plain.run(command, expect=None))
        json.loads(plain.run(command, "--json", expect=None).out)


def test_all_mistakes_are_said_at_once(plain: Workspace) -> None:
    plain.write("art/one.asset.toml", 'kind = "sprite"\ndescription = 5\nsize = [0, 0]\ncolour = 1\n')
    plain.write("art/two.asset.toml", "kind = \n")
    errors = _errors(plain.run("build", "--json", expect=2).json)
    assert [_place(error) for error in errors] == [
        "art/one.asset.toml:2",
        "art/one.asset.toml:3",
        "art/one.asset.toml:3",
        "art/one.asset.toml:4",
        "art/two.asset.toml:1",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such a name")
def test_names_and_screens_that_are_not_unicode(plain: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    plain.write("art/good.asset.toml", SPRITE)
    bad = os.fsencode(plain.root / "art") + b"/b\xff.asset.toml"
    Path(os.fsdecode(bad)).write_text(SPRITE)
    for command in ("build", "plan", "status", "check"):
        for words in ((command,), (command, "--json")):
            streams = [io.TextIOWrapper(io.BytesIO(), encoding="cp1252") for _ in range(2)]
            monkeypatch.setattr(sys, "stdout", streams[0])
            monkeypatch.setattr(sys, "stderr", streams[1])
            code = main([*words, "--project", str(plain.root)])
            monkeypatch.undo()
            assert code in (0, 2), streams[1].buffer.getvalue()
    assert "export/art/good.png" in plain.files()


def test_a_circle_of_sources_is_printed(plain: Workspace) -> None:
    for one, other in (("a", "b"), ("b", "c"), ("c", "a")):
        plain.write(f"art/{one}.asset.toml", f'{SPRITE}[reference]\nstyle = "asset:art/{other}"\n')
    plain.write("art/good.asset.toml", SPRITE)
    answer = plain.run("build", "--json", expect=2)
    errors = [error for error in _errors(answer.json) if error["code"] == "source_cycle"]
    assert len(errors) == 3
    assert "art/a → art/b → art/c → art/a" in errors[0]["message"]
    assert errors[0]["where"]["line"] == 5
    assert "export/art/good.png" in plain.files()


@pytest.mark.parametrize("name", ["potion", "Potion"])
def test_two_assets_that_would_write_one_file(plain: Workspace, name: str) -> None:
    plain.write(
        "art/hero.asset.toml", 'kind = "items"\ndescription = "icon"\nsize = [16, 16]\n[[items]]\nname = "potion"\n'
    )
    plain.write(f"art/hero/{name}.asset.toml", SPRITE)
    first = plain.run("build", "--json", expect=1)
    (error,) = _errors(first.json)
    assert error["code"] == "id_clash"
    assert "is already an output of art/hero" in error["message"]
    assert "Rename" in error["hint"]
    written = plain.files()
    plain.run("build", expect=1)
    assert plain.files() == written, "two assets overwrite each other for ever"
    (plain.root / f"art/hero/{name}.asset.toml").rename(plain.root / "art/other.asset.toml")
    plain.run("build")
    plain.run("check")


@pytest.mark.parametrize(
    ("before", "after", "code", "line"),
    [
        ('output = "export"', 'output = "../export"', "output_outside", 11),
        ('output = "export"', 'output = "a/../../export"', "output_outside", 11),
        ('output = "export"', 'output = "/tmp/export"', "output_outside", 11),
        ('output = "export"', "output = 'C:\\export'", "output_outside", 11),
        ('output = "export"', 'output = "outside"', "output_outside", 11),
        ('output = "export"', "output = 3", "config_invalid", 11),
        ('output = "export"', 'output = "a\\u0000b"', "output_outside", 11),
        ('output = "export"', 'output = "game/Generated"', "config_invalid", 11),
        ('output = "export"', 'ouput = "export"', "config_invalid", 11),
        ("[targets.json]", "[targets.jsn]", "config_invalid", 10),
        ('id = "7e57"\n', "", "config_invalid", 1),
        ("[project]", "[project", "config_invalid", 1),
        ('provider = "procedural"', 'provider = "procedual"', "unknown_provider", 6),
        ('provider = "procedural"', 'kind = "sprite"', None, 6),
        ('provider = "procedural"', "process = 3", None, 6),
        ('specs = ["art/**/*.asset.toml"]', "specs = []", "config_invalid", 4),
    ],
)
def test_a_mistake_in_the_project_file(
    plain: Workspace, tmp_path: Path, before: str, after: str, code: str | None, line: int
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (plain.root / "outside").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    plain.write("art/rock.asset.toml", SPRITE)
    plain.replace("assetbridge.toml", before, after)
    answer = plain.run("build", "--json", expect=None)
    errors = _errors(answer.json)
    if code is not None:
        assert answer.code == 2, answer
        assert (errors[0]["code"], _place(errors[0])) == (code, f"assetbridge.toml:{line}"), errors
    elif errors:
        assert (answer.code, _place(errors[0])) == (2, f"assetbridge.toml:{line}"), errors
    assert not list((tmp_path / "elsewhere").iterdir())
    for command in ("plan", "build", "check", "status", "doctor", "export", "clean"):
        _speaks(plain.run(command, expect=None))


def test_an_output_folder_that_became_a_link_to_outside(built_plain: Workspace, tmp_path: Path) -> None:
    """The check is made at every run, and a folder below the output folder is no way out either."""
    (tmp_path / "elsewhere").mkdir()
    art = built_plain.root / "export/art"
    for path in art.iterdir():
        path.unlink()
    art.rmdir()
    art.symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    answer = built_plain.run("build", "--json", expect=None)
    assert answer.code in (1, 2), answer
    assert {error["code"] for error in _errors(answer.json)} <= {"output_outside", "output_conflict", "unsafe_path"}
    assert not list((tmp_path / "elsewhere").iterdir())
