from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from exporters import samples
from exporters.sheet.__main__ import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for seed in range(6):
        image = samples.picture(20 + seed, 18, seed, box=(seed, 2, 17, 16))
        Image.fromarray(image).save(tmp_path / f"frame_{seed}.png")
    (tmp_path / "notes.txt").write_text("not a picture")
    return tmp_path


@pytest.mark.parametrize("options", [[], ["--extrude", "1", "--padding", "2"], ["--max-sheet", "32"]])
def test_a_folder_becomes_sheet_and_json(folder: Path, options: list[str]) -> None:
    assert main([str(folder), str(folder / "out"), *options]) == 0
    files = [folder / "out.json"]
    head = json.loads(files[0].read_text())
    files += [folder / name for name in head["meta"].get("related_multi_packs", [])]
    frames: dict[str, np.ndarray] = {}
    for file in files:
        document = json.loads(file.read_text())
        sheet = Image.open(folder / document["meta"]["image"]).convert("RGBA")
        for name, entry in document["frames"].items():
            f, s = entry["frame"], entry["spriteSourceSize"]
            image = Image.new("RGBA", (entry["sourceSize"]["w"], entry["sourceSize"]["h"]))
            image.paste(sheet.crop((f["x"], f["y"], f["x"] + f["w"], f["y"] + f["h"])), (s["x"], s["y"]))
            frames[name] = np.asarray(image)
    for seed in range(6):
        assert (frames[f"frame_{seed}"] == np.asarray(Image.open(folder / f"frame_{seed}.png"))).all()


def test_pictures_of_other_modes_are_read(folder: Path) -> None:
    Image.new("L", (4, 4), 77).save(folder / "gray.png")
    assert main([str(folder), str(folder / "out")]) == 0


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\nbroken"])
def test_a_broken_picture_is_named(folder: Path, content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "broken.png").write_bytes(content)
    assert main([str(folder), str(folder / "out")]) == 1
    assert "broken.png" in capsys.readouterr().err


def test_an_empty_and_a_missing_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), str(tmp_path / "out")]) == 1
    assert "no PNG file" in capsys.readouterr().err
    assert main([str(tmp_path / "missing"), str(tmp_path / "out")]) == 1
    assert "missing" in capsys.readouterr().err


def test_what_a_message_says_acts_on_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "x\x1b[2J\u202e\nerror"), str(tmp_path / "out")]) == 1
    assert r"x\x1b[2J\u202e\nerror" in capsys.readouterr().err
