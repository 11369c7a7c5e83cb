"""What people buy from Pixel Engine, from the spec to the exported frames: palettes, and retakes of any clip."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bridge.media.images import decode, encode_png
from bridge.providers.pixelengine import PixelEngineProvider
from exporters.model.asset import Pixels
from tests.emulator import Emulator, faults
from tests.emulator.pictures import figure
from tests.emulator.pixelengine import KEY, PixelEngine
from tests.paid.conftest import Paid

HEAD = 'kind = "animation"\nprovider = "pixelengine"\naction = "raises the shield"\nframes = 4\nname = "block"\n'
MOVE = HEAD + 'source = "art/knight.png"\n'
RETAKE = "[[retakes]]\nframes = [{}, {}]\n"
PALETTE = ("#000000", "#ff0000", "#00ff00", "#ffffff")
Service = Emulator[PixelEngine]


@pytest.fixture
def engine(paid: Paid, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("PIXELENGINE_API_KEY", KEY)
    quick = replace(PixelEngineProvider.limits, poll_first=0.02, poll=0.03, poll_most=0.1)
    monkeypatch.setattr(PixelEngineProvider, "limits", quick)
    with Emulator(PixelEngine()) as running:
        settings = f'[providers.pixelengine]\nbase_url = "{running.url}"\n'
        paid.write("assetbridge.toml", (paid.root / "assetbridge.toml").read_text() + settings)
        paid.write("art/knight.png", encode_png(figure("knight", (32, 32), share=70)))
        yield running


def jobs(engine: Service, route: str) -> list[dict[str, object]]:
    """What was asked for on a route."""
    return [job.inputs for job in engine.personality.world.jobs.values() if job.route == f"POST /{route}"]


def frames(paid: Paid, asset_id: str) -> list[Pixels]:
    """The exported frames of an asset's only clip, at their whole size."""
    document = json.loads((paid.root / f"export/{asset_id}.json").read_text(encoding="utf-8"))
    [sheet] = decode((paid.root / f"export/{asset_id}.png").read_bytes(), "sheet")
    return [_whole_frame(sheet.pixels, entry) for entry in document["frames"]]


def _whole_frame(sheet: Pixels, entry: Any) -> Pixels:
    at, inside, size = entry["frame"], entry["spriteSourceSize"], entry["sourceSize"]
    whole = np.zeros((size["h"], size["w"], 4), np.uint8)
    cut = sheet[at["y"] : at["y"] + at["h"], at["x"] : at["x"] + at["w"]]
    whole[inside["y"] : inside["y"] + inside["h"], inside["x"] : inside["x"] + inside["w"]] = cut
    return whole


def colors(pictures: Sequence[Pixels]) -> set[str]:
    """The colours that can be seen."""
    seen = np.unique(np.concatenate([pixels[pixels[..., 3] > 0][:, :3] for pixels in pictures]), axis=0)
    return {f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in seen.tolist()}


def walking(count: int) -> list[Pixels]:
    """Frames of one's own."""
    return [figure("own", (32, 32), frame=number, belt=str(number), share=70) for number in range(count)]


def as_gif(pictures: Sequence[Pixels]) -> bytes:
    buffer = io.BytesIO()
    shown = [Image.fromarray(pixels) for pixels in pictures]
    shown[0].save(buffer, "GIF", save_all=True, append_images=shown[1:], duration=120, loop=0, disposal=2)
    return buffer.getvalue()


def test_a_clean_up_in_the_colours_of_a_palette(paid: Paid, engine: Service) -> None:
    paid.write("art/four.hex", "\n".join(color.removeprefix("#") for color in PALETTE))
    rock = 'kind = "sprite"\nprovider = "files"\nsource = "art/knight.png"\nsize = [32, 32]\n[refine]\n'
    paid.spec("art/rock", rock + 'pixelate = { provider = "pixelengine", palette = "art/four.hex" }\n')
    paid.run("build", "--yes", expect=0)
    (asked,) = jobs(engine, "pixelate")
    assert "colors" not in asked
    assert asked["palette"][: len(PALETTE)] == list(PALETTE)  # type: ignore[index]
    assert colors(frames(paid, "art/rock")) <= set(PALETTE)
    # The colours count, and neither how they are written nor in which file.
    paid.write("art/four.hex", "; a comment\n" + "\n".join(color.removeprefix("#") for color in PALETTE))
    paid.run("build", expect=0)
    assert len(engine.personality.world.jobs) == 1


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        ('palette = "art/none.hex"', "source_missing", "art/none.hex"),
        ('palette = "art/broken.hex"', "source_broken", "line 2"),
        ("colors = 8, palette = ['#000000']", "spec_invalid", "cannot stand beside palette"),
        ('palette = "art/large.hex"', "provider_limit", "256 colours at most, and the palette has 300"),
    ],
)
def test_palettes_that_cannot_be_sent_are_said_by_the_plan(
    paid: Paid, engine: Service, said: str, code: str, words: str
) -> None:
    paid.write("art/broken.hex", "112233\nblue\n")
    paid.write("art/large.hex", "\n".join(f"{number:06x}" for number in range(300)))
    rock = 'kind = "sprite"\nprovider = "files"\nsource = "art/knight.png"\nsize = [32, 32]\n[refine]\n'
    paid.spec("art/rock", f'{rock}pixelate = {{ provider = "pixelengine", {said} }}\n')
    answer = paid.run("plan", "--json", expect=2)
    (error,) = [one["error"] for one in answer.json["assets"] if one["error"]] or answer.json["errors"]
    assert (error["code"], words in error["message"]) == (code, True), error
    assert error["where"]["file"] == "art/rock.asset.toml"
    assert not engine.ledger.rows


@pytest.mark.usefixtures("engine")
def test_a_palette_file_that_cannot_be_read_is_said_before_a_clip_is_approved(paid: Paid) -> None:
    paid.write("art/broken.hex", "112233\nblue\n")
    paid.spec("art/guard", MOVE + '[reference]\ncolors = "art/broken.hex"\n')
    (asset,) = paid.run("plan", "--json", expect=2).json["assets"]
    assert (asset["error"]["code"], asset["error"]["where"]["line"]) == ("source_broken", 8)


def test_a_clip_of_a_figure_gets_the_figures_palette(paid: Paid, engine: Service) -> None:
    """Also where its own provider has no use for one; a clip that takes none leaves it as an error."""
    figure_text = (
        'kind = "character"\nprovider = "procedural"\ndescription = "knight"\nsize = [32, 32]\ndirections = 1\n'
        '[reference]\ncolors = ["#000000", "#ff0000", "#00ff00", "#ffffff"]\n'
        '[animations.attack]\nprovider = "pixelengine"\nframes = 4\n'
    )
    paid.spec("art/hero", figure_text)
    paid.run("build", "--yes", expect=0)
    (asked,) = jobs(engine, "animate")
    assert asked["pixel_config"]["palette"][: len(PALETTE)] == list(PALETTE)  # type: ignore[index]
    paid.spec("art/hero", figure_text.partition("[animations")[0])
    (asset,) = paid.run("plan", "--json", expect=2).json["assets"]
    assert asset["error"]["code"] == "spec_not_applicable"
    assert asset["error"]["where"]["line"] == 6


@pytest.mark.parametrize("form", ["gif", "strip", "asset"])
def test_frames_of_a_clip_of_ones_own_are_made_again(paid: Paid, engine: Service, form: str) -> None:
    """A file or another asset: the frames outside of the region stay, pixel for pixel, and no clip is bought."""
    own = walking(4)
    strip = encode_png(np.concatenate(own, axis=1))
    paid.write("art/own.gif", as_gif(own))
    paid.write("art/own.png", strip)
    source = {"gif": "art/own.gif", "strip": "art/own.png", "asset": "asset:art/own"}[form]
    if form == "asset":
        sheet = 'kind = "animation"\nprovider = "files"\n[files]\nsheet = "art/own.png"\nframe = [32, 32]\n'
        paid.spec("art/own", sheet)
    paid.spec("art/guard", HEAD + f'source_clip = "{source}"\n' + RETAKE.format(2, 3))
    (planned,) = [one for one in paid.run("plan", "--json", expect=None).json["assets"] if one["id"] == "art/guard"]
    assert [step["key"] for step in planned["steps"]] == ["retake/block/1"]
    paid.run("build", "--yes", expect=0)
    (asked,) = jobs(engine, "retake")
    assert asked["retake_region"] == {"start_frame": 2, "end_frame": 3}
    assert engine.ledger.total("credits") == 24
    made = frames(paid, "art/guard")
    assert [np.array_equal(one, other) for one, other in zip(made, own, strict=True)] == [True, True, False, False]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (HEAD + 'source_clip = "art/own.png"\n', "spec_invalid", "retakes is required"),
        (MOVE + 'source_clip = "art/own.png"\n' + RETAKE.format(0, 1), "spec_invalid", "source cannot stand beside"),
        (
            HEAD.replace("frames = 4\n", "") + 'source_clip = "art/own.png"\n' + RETAKE.format(0, 1),
            "spec_invalid",
            "frames is required",
        ),
        (HEAD + 'source_clip = "art/own.png"\n' + RETAKE.format(2, 4), "provider_limit", "its last is 3, not 4"),
        (HEAD + 'source_clip = "asset:art/hero"\n' + RETAKE.format(0, 1), "source_part", "one must be named"),
        (HEAD + 'source_clip = "asset:art/hero#run"\n' + RETAKE.format(0, 1), "source_part", "no part run"),
    ],
)
@pytest.mark.usefixtures("engine")
def test_what_is_wrong_with_a_clip_of_ones_own_is_said_by_the_plan(
    paid: Paid, text: str, code: str, words: str
) -> None:
    paid.write("art/own.png", encode_png(np.concatenate(walking(4), axis=1)))
    hero = 'kind = "character"\nprovider = "procedural"\ndescription = "knight"\ndirections = 1\n[animations.walk]\n'
    paid.spec("art/hero", hero)
    paid.run("build", "art/hero", expect=0)
    paid.spec("art/guard", text)
    answer = paid.run("plan", "--json", expect=2).json
    errors = [*answer["errors"], *(one["error"] for one in answer["assets"] if one["error"])]
    (error,) = errors
    assert (error["code"], words in error["message"]) == (code, True), error


def test_a_clip_of_other_frames_than_the_spec_says_is_not_sent(paid: Paid, engine: Service) -> None:
    paid.write("art/own.gif", as_gif(walking(6)))
    paid.spec("art/guard", HEAD + 'source_clip = "art/own.gif"\n' + RETAKE.format(2, 3))
    error = paid.built("--yes", expect=None)["art/guard"]["error"]
    assert (error["code"], error["where"]["line"]) == ("provider_limit", 4)
    assert "has 6, and the spec says 4" in error["message"]
    assert not engine.ledger.rows
    paid.write("art/own.gif", b"no picture")
    error = paid.built("--yes", expect=None)["art/guard"]["error"]
    assert (error["code"], error["where"]["field"]) == ("source_broken", "source_clip")
    assert not engine.ledger.rows
    paid.write("art/own.gif", as_gif(walking(6)))
    paid.replace("art/guard.asset.toml", "frames = 4", "frames = 6")
    paid.run("build", "--yes", expect=0)
    assert engine.ledger.total("credits") == 24


def test_another_take_of_one_retake_buys_it_and_what_stands_on_it(paid: Paid, engine: Service) -> None:
    paid.spec("art/guard", MOVE + RETAKE.format(0, 1) + RETAKE.format(2, 3))
    paid.run("build", "--yes", expect=0)
    assert engine.ledger.total("credits") == 20 + 2 * 24
    assert "take 2" in paid.run("reroll", "art/guard#retake/2").out
    assert (paid.root / "art/guard.asset.toml").read_text().endswith(RETAKE.format(2, 3) + "take = 2\n")
    paid.run("build", "--yes", expect=0)
    assert engine.ledger.total("credits") == 20 + 3 * 24
    first, second, third = (asked["seed"] for asked in jobs(engine, "retake"))
    assert first == second != third
    for part in ("retake/3", "retake/0", "retake/", "retake", "block", "block/retake/1"):
        assert paid.run("reroll", f"art/guard#{part}", expect=2).err


@pytest.mark.usefixtures("engine")
def test_a_retake_of_a_figures_clip_is_rerolled_by_its_animation(paid: Paid) -> None:
    text = (
        'kind = "character"\nprovider = "procedural"\ndescription = "knight"\ndirections = 1\n'
        '[animations.attack]\nprovider = "pixelengine"\nframes = 4\n[[animations.attack.retakes]]\nframes = [2, 3]\n'
    )
    paid.spec("art/hero", text)
    paid.run("build", "--yes", expect=0)
    paid.run("reroll", "art/hero#attack/retake/1", expect=0)
    assert (paid.root / "art/hero.asset.toml").read_text() == text + "take = 2\n"
    steps = paid.plan()["art/hero"]["steps"]
    assert [step["key"] for step in steps if not step["cached"]] == ["retake/attack/1@south"]


def test_credits_that_running_jobs_hold_are_shown_with_every_doubt_and_balance(paid: Paid, engine: Service) -> None:
    """They are no part of what is left: of an order whose answer was lost they are the sign that it arrived."""
    engine.personality.world.job_seconds = 3600.0
    engine.faults.on("POST /animate", faults.close_after_reading(), nth=0)
    paid.spec("art/guard", MOVE)
    paid.built("--yes", expect=4)
    assert "held back" not in "".join(paid.run(*words).out for words in (("jobs",), ("spend",)))
    # Asked once right before the order: no list there would show it.
    assert "before it 1700 credits were left" in paid.run("jobs").out
    assert "1680 credits (20 credits held by running jobs)" in paid.run("providers", "balance", "pixelengine").out
    (row,) = paid.run("providers", "balance", "pixelengine", "--json").json["balances"]
    assert (row["balance"], row["reserved"]) == ({"credits": "1680"}, {"credits": "20"})
    for command in ("jobs", "spend", "plan"):
        said = paid.run(command, expect=None).out
        assert "running jobs held back 20 credits there on" in said
        assert "of which 0 are other orders of this project" in said
    paid.spec("art/smith", MOVE.replace("shield", "hammer"))
    planned = paid.run("plan", expect=None).out
    assert "20 credits, 1680 left and 20 held by running jobs" in planned
    (cost,) = paid.run("plan", "--json", expect=None).json["providers"]
    assert (cost["balance"], cost["reserved"]) == ("1680", "20")
    assert "left 1680  held by running jobs 20" in paid.run("spend", "--remote", "--from", "2026-03-01").out
    (job,) = engine.personality.world.jobs.values()
    job.seconds = 0.0
    paid.run("providers", "balance", "pixelengine")
    assert "running jobs held back no credits there on" in paid.run("jobs").out
