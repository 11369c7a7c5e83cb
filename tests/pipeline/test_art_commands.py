"""`check --art` and `inspect` as a user runs them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from bridge.media.images import decode, encode_png
from tests.pipeline.conftest import PLAIN_PROJECT, Workspace

COIN = """\
kind = "animation"
provider = "files"
name = "spin"
loop = true
[files]
sheet = "art/coin.png"
frame = [12, 12]
rows = [{ animation = "spin", frames = 3 }]
"""


@pytest.fixture
def coin(workspace: Workspace) -> Workspace:
    """A project with one clip of three frames; the second has soft pixels."""
    sheet = np.zeros((12, 36, 4), dtype=np.uint8)
    for place, width in enumerate((8, 6, 2)):
        left = 12 * place + 6 - width // 2
        sheet[2:10, left : left + width] = (220, 170, 60, 255)
        sheet[2, left] = (255, 240, 180, 255)
    sheet[9, 15:17, 3] = 90
    workspace.write("assetbridge.toml", PLAIN_PROJECT)
    workspace.write("art/coin.png", encode_png(sheet))
    workspace.write("art/coin.asset.toml", COIN)
    workspace.run("build")
    return workspace


def test_check_art_names_file_frame_box_and_fix(coin: Workspace) -> None:
    answer = coin.run("check", "--art", expect=1)
    assert "art/coin.asset.toml: spin, frame 1, 2×1 at 3,9: 2 half-transparent pixels [soft_alpha]" in answer.out
    assert 'Set [process] alpha = "binary"' in answer.out
    (checked,) = coin.run("check", "--art", "--json", expect=1).json["art"]
    assert checked["id"] == "art/coin"
    assert checked["error"] is None
    assert [finding["rule"] for finding in checked["findings"]] == ["soft_alpha"]
    assert coin.run("check").out == "all current\n"


def test_following_the_advice_clears_the_finding(coin: Workspace) -> None:
    coin.write("art/coin.asset.toml", COIN + '[process]\nalpha = "binary"\n')
    coin.run("build")
    assert coin.run("check", "--art").out == "all current\nart: nothing found\n"


def test_meant_softness_and_a_switched_off_rule_are_quiet(coin: Workspace) -> None:
    coin.write("assetbridge.toml", PLAIN_PROJECT + "[lint]\nsoft_alpha = false\n")
    coin.run("build")
    coin.run("check", "--art")
    coin.write("assetbridge.toml", PLAIN_PROJECT)
    coin.write("art/coin.asset.toml", COIN + '[process]\nalpha = "keep"\n')
    coin.run("build")
    coin.run("check", "--art")


def test_the_projects_palette_is_checked(coin: Workspace) -> None:
    coin.write("art/two.hex", "dcaa3c\n")
    coin.write("assetbridge.toml", PLAIN_PROJECT + '[lint]\nsoft_alpha = 2\npalette = "art/two.hex"\n')
    coin.run("build")
    answer = coin.run("check", "--art", expect=1)
    assert "1 pixel off the palette [off_palette]" in answer.out
    coin.write("assetbridge.toml", PLAIN_PROJECT + '[lint]\nsoft_alpha = 2\npalette = ["#dcaa3c", "#fff0b4"]\n')
    coin.run("build")
    coin.run("check", "--art")


@pytest.mark.parametrize(
    ("table", "code", "words"),
    [
        ('palette = "art/none.hex"', "source_missing", "art/none.hex"),
        ('palette = ["red"]', "config_invalid", "red"),
        ("soft_alfa = 1", "config_invalid", "soft_alpha"),
        ("seam = -1", "config_invalid", "seam must be"),
        ("seam = true", "config_invalid", "seam must be"),
    ],
)
def test_a_wrong_lint_table_is_one_clear_error(coin: Workspace, table: str, code: str, words: str) -> None:
    coin.write("assetbridge.toml", PLAIN_PROJECT + f"[lint]\n{table}\n")
    answer = coin.run("check", "--art", expect=2)
    assert words in answer.err
    assert "assetbridge.toml:" in answer.err
    assert coin.run("check", "--art", "--json", expect=2).json["error"]["code"] == code


def test_seams_come_with_a_picture(workspace: Workspace) -> None:
    workspace.write("assetbridge.toml", PLAIN_PROJECT)
    terrains = '[[terrains]]\nname = "sand"\n[[terrains]]\nname = "grass"\n'
    workspace.write("art/ground.asset.toml", 'kind = "tileset"\ntile_size = 16\n' + terrains)
    workspace.run("build")
    assert "art/ground.asset.toml: all corner tiles of sand and grass" in workspace.run("check", "--art").out
    (row,) = workspace.run("check", "--art", "--json").json["art"]
    assert row["coverage"] == [{"terrains": "sand and grass", "missing": []}]
    sheet = (workspace.root / "export/art/ground.png").read_bytes()
    cells = decode(sheet, "sheet")[0].pixels
    columns = cells.shape[1] // 16
    tiles = [cells[16 * (k // columns) :, 16 * (k % columns) :][:16, :16] for k in range(16)]
    tiles[1] = tiles[1][::-1, ::-1]
    rows = [np.concatenate(tiles[4 * row : 4 * row + 4], axis=1) for row in range(4)]
    workspace.write("art/copy.png", encode_png(np.concatenate(rows)))
    spec = f'kind = "tileset"\nprovider = "files"\ntile_size = 16\n{terrains}[files]\nsheet = "art/copy.png"\n'
    workspace.write("art/copy.asset.toml", spec + 'layout = "corner16"\n')
    workspace.run("build")
    answer = workspace.run("check", "--art", expect=1)
    assert "[seam]" in answer.out
    assert "see .assetbridge/lint/art/copy.seams.png" in answer.out
    assert decode((workspace.root / ".assetbridge/lint/art/copy.seams.png").read_bytes(), "seams")


def test_inspect_writes_a_picture_for_each_step(coin: Workspace) -> None:
    coin.write("art/coin.asset.toml", COIN + '[process]\ncanvas = [16, 16]\nalpha = "binary"\noutline = "#102030"\n')
    rows = coin.run("inspect", "art/coin", "--json").json["steps"]
    assert [row["step"] for row in rows] == ["canvas", "colours", "outline"]
    assert rows[0]["size"] == [[12, 12], [16, 16]]
    assert [row["frames_changed"] for row in rows] == [3, 1, 3]
    assert rows[2]["colours"] == [2, 3]
    for row in rows:
        assert decode((coin.root / row["picture"]).read_bytes(), row["picture"])
    text = coin.run("inspect", "art/coin").out
    assert "canvas   3 of 3 frames changed, 12×12 → 16×16, 2 colours" in text


def test_inspect_says_where_clips_stand(coin: Workspace) -> None:
    (row,) = coin.run("inspect", "art/coin", "--json").json["drift"]
    assert row["clip"] == "spin"
    assert row["after"] == {"feet": [10, 10, 10], "centre": [6, 6, 6]}
    assert row["wander"] == [0, 0]
    assert "drift    spin: feet line 10, centre 6" in coin.run("inspect", "art/coin").out


def test_inspect_names_the_clips_that_wander_most(coin: Workspace) -> None:
    sheet = np.zeros((13 * 12, 24, 4), dtype=np.uint8)
    for row in range(1, 13):
        sheet[12 * row + 2 : 12 * row + 6, 2:6] = sheet[12 * row + 3 : 12 * row + 7, 14:18] = (220, 170, 60, 255)
    sheet[12 * 12 + 7, 14:18] = (220, 170, 60, 255)
    coin.write("art/coin.png", encode_png(sheet))
    rows = ", ".join(f'{{ animation = "spin{number}", frames = 2 }}' for number in range(13))
    coin.write(
        "art/coin.asset.toml",
        f'kind = "animation"\nprovider = "files"\n[files]\nsheet = "art/coin.png"\nframe = [12, 12]\nrows = [{rows}]\n',
    )
    coin.run("build")
    lines = coin.run("inspect", "art/coin").out.splitlines()
    assert lines[1] == "drift    spin12: feet line 6–8, centre 4"
    assert lines[2] == "drift    spin1: feet line 6–7, centre 4"
    assert lines[-1] == "drift    1 more clip wanders less"
    assert "nowhere" not in "".join(lines)
    assert {row["clip"]: row["wander"] for row in coin.run("inspect", "art/coin", "--json").json["drift"]}["spin0"] == [
        0,
        0,
    ]


def test_inspect_leaves_no_pictures_of_steps_that_are_gone(coin: Workspace) -> None:
    coin.write("art/coin.asset.toml", COIN + "[process]\ncanvas = [16, 16]\ndespeckle = 1\n")
    coin.run("inspect", "art/coin")
    own = coin.root / ".assetbridge/inspect/art/coin"
    assert [path.name for path in sorted(own.iterdir())] == ["1-canvas.png", "2-colours.png", "3-despeckle.png"]
    coin.write("art/coin.asset.toml", COIN + '[process]\nalpha = "binary"\n')
    coin.run("inspect", "art/coin")
    assert [path.name for path in own.iterdir()] == ["1-colours.png"]
    coin.write("out/2-mine.png", b"")
    coin.run("inspect", "art/coin", "--output", str(coin.root / "out"))
    assert sorted(path.name for path in (coin.root / "out").iterdir()) == ["1-colours.png", "2-mine.png"]


def test_inspect_tells_what_is_wrong_with_a_spec(coin: Workspace) -> None:
    coin.write("art/rock.asset.toml", 'kind = "sprite"\ndescription = "rock"\nsize = [4, 4]\n')
    assert "size.0 must be a whole number from 8 to 2048" in coin.run("inspect", "art/rock", expect=2).err
    coin.write("art/rock.asset.toml", 'kind = "sprite"\nprovider = "files"\nsource = "none.png"\n')
    assert "there is no file none.png" in coin.run("inspect", "art/rock", expect=2).err


def test_a_last_frame_that_repeats_the_first_goes_with_a_notice(coin: Workspace) -> None:
    sheet = np.zeros((12, 72, 4), dtype=np.uint8)
    for place, width in enumerate((8, 6, 2, 4, 6, 8)):
        left = 12 * place + 6 - width // 2
        sheet[2:10, left : left + width] = (220, 170, 60, 255)
        sheet[2, left] = (255, 240, 180, 255)
    coin.write("art/coin.png", encode_png(sheet))
    timed = COIN.replace("[files]", "durations = [50, 60, 70, 80, 90, 100]\n[files]")
    spec = timed.replace("frames = 3", "frames = 6")
    coin.write("art/coin.asset.toml", spec)
    coin.run("build")
    assert "[loop]" in coin.run("check", "--art", expect=1).out
    coin.write("art/coin.asset.toml", spec + '[process]\nalpha = "binary"\nrepeats = "drop"\n')
    assert "note: the last frame of spin repeats the first and is left out" in coin.run("build").out
    assert "art: nothing found" in coin.run("check", "--art").out
    frames = json.loads((coin.root / "export/art/coin.json").read_bytes())["frames"]
    assert [frame["duration"] for frame in frames] == [50, 60, 70, 80, 90]
    steps = coin.run("inspect", "art/coin", "--json").json["steps"]
    assert (steps[-1]["step"], steps[-1]["frames_changed"], steps[-1]["frames"]) == ("repeats", 1, 6)


def test_steps_that_could_not_decide_say_so_with_the_way_out(workspace: Workspace) -> None:
    scene = np.random.default_rng(1).integers(0, 256, (256, 256, 4)).astype(np.uint8)
    scene[..., 3] = 255
    workspace.write("assetbridge.toml", PLAIN_PROJECT)
    workspace.write("art/scene.png", encode_png(scene))
    spec = 'kind = "sprite"\nprovider = "files"\nsource = "art/scene.png"\n'
    workspace.write("art/scene.asset.toml", spec + '[process]\nmatte = "auto"\ngrid = "auto"\n')
    built = workspace.run("build").out
    assert "matte: no background of one colour was found" in built
    assert "grid: no regular blocks stand out in frames of 256 × 256" in built
    inspected = workspace.run("inspect", "art/scene").out
    assert 'Set [process] matte = "#rrggbb"' in inspected
    assert [doubt["step"] for doubt in workspace.run("inspect", "art/scene", "--json").json["doubts"]] == [
        "matte",
        "grid",
    ]
    (checked,) = workspace.run("check", "--art", "--json", expect=1).json["art"]
    assert {finding["rule"] for finding in checked["findings"]} == {"undecided"}
    workspace.write("art/scene.asset.toml", spec)
    assert "no background" not in workspace.run("build").out
    workspace.run("check", "--art")


def test_inspect_says_what_it_cannot_do(coin: Workspace) -> None:
    assert "there is no asset art/coi" in coin.run("inspect", "art/coi", expect=2).err
    coin.write("art/rock.asset.toml", 'kind = "sprite"\ndescription = "rock"\nsize = [16, 16]\n')
    answer = coin.run("inspect", "art/rock", expect=2)
    assert "art/rock is not made yet" in answer.err
    assert "assetbridge build art/rock" in answer.err
    coin.write("art/theme.asset.toml", 'kind = "music"\ndescription = "calm"\nduration = 2\n')
    coin.run("build")
    assert coin.run("inspect", "art/theme").out == "art/theme: [process] does nothing to it\n"
