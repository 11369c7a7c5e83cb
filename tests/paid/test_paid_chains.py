"""Chains over several providers: one figure whose clips are bought elsewhere, clean-ups, and words in between."""

from __future__ import annotations

import dataclasses
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bridge.media.images import decode_still, encode_png
from exporters.model.asset import Pixels
from exporters.packing.trim import trimmed
from tests.emulator import Emulator, faults
from tests.emulator import pixeldojo as dojo
from tests.emulator.pictures import figure
from tests.emulator.pixelengine import KEY, PixelEngine
from tests.engines.engine import Engine
from tests.engines.godot_runs import import_project, run_quietly
from tests.paid.conftest import Make, Paid, Server

KNIGHT = """\
kind = "character"
description = "brave knight with shining armor"
size = [48, 48]
directions = 4
mirror = { west = "east" }
[animations.walk]
template = "walking-8-frames"
[animations.attack]
provider = "pixelengine"
action = "heavy sword swing"
frames = 6
fps = 12
loop = false
[[animations.attack.retakes]]
frames = [2, 3]
action = "sword higher"
"""
CLEAN = '[refine]\npixelate = { provider = "pixelengine", colors = 16 }\n'
SPRITE = 'kind = "sprite"\ndescription = "mossy boulder"\nsize = [32, 32]\nvariants = 2\n' + CLEAN
DRAWN = 'kind = "character"\nprovider = "procedural"\ndescription = "knight"\nsize = [32, 32]\ndirections = 1\n'
OWN = """\
kind = "character"
provider = "files"
directions = ["south", "east"]
[files]
pattern = "art/own/idle_{direction}.png"
[animations.attack]
provider = "pixelengine"
frames = 4
"""
GODOT_CHECK = """\
extends SceneTree

func _init() -> void:
	var frames: SpriteFrames = load("res://generated/art/knight.tres")
	for name in ["attack_south", "attack_east", "attack_north", "attack_west", "walk_south", "idle_south"]:
		var count := frames.get_frame_count(name)
		var length := 0.0
		for place in count:
			length += frames.get_frame_duration(name, place) / frames.get_animation_speed(name)
		var size := frames.get_frame_texture(name, 0).get_size()
		print("CLIP ", name, " ", count, " ", roundi(length * 1000.0), " ", frames.get_animation_loop(name), " ", size)
	for place in frames.get_frame_count("attack_south"):
		var texture := frames.get_frame_texture("attack_south", place) as AtlasTexture
		var image := texture.atlas.get_image().get_region(Rect2i(texture.region))
		image.save_png("res://seen_%d.png" % place)
	quit(0)
"""


@dataclasses.dataclass
class Chain:
    """A project that buys from two services."""

    paid: Paid
    engine: Emulator[PixelEngine]

    @property
    def credits(self) -> float:
        """What the second service has charged, less what it gave back."""
        return self.engine.ledger.total("credits")

    def steps(self) -> dict[str, dict[str, Any]]:
        """The knight's planned steps by key."""
        return {step["key"]: step for step in self.paid.plan()["art/knight"]["steps"]}


@pytest.fixture
def chain(make: Make, emulator: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chain]:
    monkeypatch.setenv("PIXELENGINE_API_KEY", KEY)
    with Emulator(PixelEngine()) as engine:
        settings = f'[providers.pixelengine]\nbase_url = "{engine.url}"\n'
        yield Chain(make(emulator, settings), engine)


def test_one_figure_has_clips_from_two_providers(chain: Chain) -> None:
    chain.paid.spec("art/knight", KNIGHT)
    plan = chain.paid.run("plan", "--json").json
    assert plan["cost"] == [
        {"provider": "pixelengine", "unit": "credits", "amount": "132"},
        {"provider": "pixellab", "unit": "generations", "amount": "4"},
    ]
    keys = [step["key"] for step in plan["assets"][0]["steps"]]
    assert keys[:4] == ["base", "clip/walk/south", "clip/walk/east", "clip/walk/north"]
    assert keys[4:6] == ["clip/attack@south", "retake/attack/1@south"]
    assert len(keys) == 10
    built = chain.paid.built("--yes")["art/knight"]
    assert built["state"] == "ready"
    assert (chain.credits, chain.paid.charged) == (132, 4)
    assert chain.paid.run("plan", "--json").json["changes"] == 0
    sheet = json.loads((chain.paid.root / "export/art/knight.json").read_text())
    tags = {tag["name"]: tag["to"] - tag["from"] + 1 for tag in sheet["meta"]["frameTags"]}
    assert {f"attack_{side}" for side in ("south", "east", "north", "west")} <= tags.keys()
    assert tags["attack_west"] == 6


def test_another_action_buys_its_clips_only_and_another_speed_nothing(chain: Chain) -> None:
    chain.paid.spec("art/knight", KNIGHT)
    chain.paid.built("--yes")
    chain.paid.replace("art/knight.asset.toml", "fps = 12", "fps = 6")
    assert chain.paid.run("plan", "--json").json["cost"] == []
    chain.paid.replace("art/knight.asset.toml", "sword higher", "sword lower")
    open_steps = [key for key, step in chain.steps().items() if not step["cached"]]
    assert open_steps == ["retake/attack/1@south", "retake/attack/1@east", "retake/attack/1@north"]
    chain.paid.replace("art/knight.asset.toml", "heavy sword swing", "spin")
    assert {key for key, step in chain.steps().items() if step["cached"]} == {
        "base",
        "clip/walk/south",
        "clip/walk/east",
        "clip/walk/north",
    }


def test_a_failed_link_leaves_the_others_bought(chain: Chain) -> None:
    chain.paid.spec("art/knight", KNIGHT)
    chain.engine.faults.on("POST /retake", faults.status(400), nth=0)
    failed = chain.paid.built("--yes", expect=None)["art/knight"]
    assert failed["error"]["where"]["field"].startswith("animations.attack")
    open_steps = [key for key, step in chain.steps().items() if not step["cached"]]
    assert len(open_steps) == 1
    assert open_steps[0].startswith("retake/attack/1@")
    chain.paid.built("--yes")
    assert (chain.credits, chain.paid.charged) == (132, 4)


def test_a_clone_with_lock_and_store_buys_nothing(chain: Chain, make: Make) -> None:
    chain.paid.spec("art/knight", KNIGHT.replace("fps = 12", "fps = 12\nenhance = true") + CLEAN)
    chain.paid.built("--yes")
    other = make(chain.paid.emulator, f'[providers.pixelengine]\nbase_url = "{chain.engine.url}"\n', "clone")
    for path in chain.paid.root.rglob("*"):
        name = path.relative_to(chain.paid.root).as_posix()
        if path.is_file() and not re.search(r"\.assetbridge/(?!store)", name):
            other.write(name, path.read_bytes())
    assert other.run("plan", "--json").json["cost"] == []
    # Without the store the fingerprints still stand in the lock: nothing is wished anew.
    for path in sorted((other.root / ".assetbridge/store").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    assert all(step["cached"] for step in other.plan()["art/knight"]["steps"])


def test_better_words_are_free_and_bought_once(chain: Chain) -> None:
    spec = KNIGHT.replace("fps = 12", "fps = 12\nenhance = true")
    chain.paid.spec("art/knight", spec)
    planned = chain.steps()["enhance/attack@south"]
    assert planned["cost"] == {"provider": "pixelengine", "unit": "credits", "amount": "0"}
    chain.engine.faults.on("POST /enhance-prompt", faults.html_page(502, charged=True), nth=0)
    chain.paid.built("--yes")
    lock = json.loads((chain.paid.root / "assetbridge.lock").read_text())["assets"]["art/knight"]
    assert lock["steps"]["enhance/attack@south"]["meta"]["text"].endswith("heavy sword swing. The camera stays still.")
    assert chain.credits == 132
    assert {job["state"] for job in chain.paid.jobs()} == {"exported"}


def test_clean_ups_are_planned_locked_and_free(chain: Chain) -> None:
    chain.paid.spec("art/boulder", SPRITE)
    steps = {step["key"]: step for step in chain.paid.plan()["art/boulder"]["steps"]}
    assert list(steps) == ["image/1", "image/2", "pixelate/still/1", "pixelate/still/2"]
    assert steps["pixelate/still/1"]["cost"]["amount"] == "0"
    chain.paid.built("--yes")
    assert (chain.credits, chain.paid.charged) == (0, 2)
    chain.paid.replace("art/boulder.asset.toml", "colors = 16", "colors = 4")
    chain.paid.built()
    assert (chain.credits, chain.paid.charged) == (0, 2)
    picture = decode_still((chain.paid.root / "export/art/boulder.png").read_bytes(), "boulder")
    assert 0 < len(np.unique(picture[picture[..., 3] > 0], axis=0)) <= 4
    assert (picture[..., 3] == 0).any()


def test_a_drawn_figure_and_own_files_get_bought_clips(chain: Chain) -> None:
    clip = '[animations.attack]\nprovider = "pixelengine"\nframes = 4\n'
    chain.paid.spec("art/drawn", DRAWN + clip)
    chain.paid.spec("art/own_knight", OWN)
    for direction in ("south", "east"):
        chain.paid.write(f"art/own/idle_{direction}.png", encode_png(figure(direction, (40, 40), share=70)))
    built = chain.paid.built("--yes")
    assert {asset["state"] for asset in built.values()} == {"ready"}
    assert (chain.credits, chain.paid.charged) == (60, 0)
    # Another motion of the drawn figure changes nothing that the clip was made from; another look does.
    chain.paid.spec("art/drawn", DRAWN + '[animations.walk]\naction = "walk"\n' + clip)
    chain.paid.built()
    assert chain.credits == 60
    chain.paid.spec("art/drawn", DRAWN.replace("knight", "wizard") + clip)
    assert chain.paid.built(expect=None)["art/drawn"]["state"] == "needs_approval"


def test_what_no_chain_can_do_is_said_before_any_money(chain: Chain) -> None:
    rows = (
        ('[animations.a]\nprovider = "files"\n', "provider_kind", "animations.a.provider"),
        ('[animations.a]\nprovider = "pixelengin"\n', "unknown_provider", "animations.a.provider"),
        (
            '[animations.a]\nprovider = "pixelengine"\ntemplate = "walk"\n',
            "spec_not_applicable",
            "animations.a.template",
        ),
        ('[animations.a]\nprovider = "pixelengine"\nframes = 5\n', "provider_limit", "animations.a.frames"),
        ('[animations.a]\nprovider = "pixeldojo"\nmodel = "m"\n', "source_needs_address", "animations.a"),
        ('[refine]\npixelate = { provider = "procedural" }\n', "spec_not_applicable", "refine.pixelate.provider"),
        ('[refine]\npixelate = { provider = "nobody" }\n', "unknown_provider", "refine.pixelate.provider"),
        (
            '[refine]\npixelate = { provider = "pixelengine", mode = "tight" }\n',
            "spec_not_applicable",
            "refine.pixelate.mode",
        ),
    )
    for text, code, field in rows:
        chain.paid.spec("art/knight", DRAWN + text)
        error = chain.paid.plan()["art/knight"]["error"]
        assert (error["code"], error["where"]["field"]) == (code, field), error
        assert error["hint"]
    terrains = "".join(f'[[terrains]]\nname = "{name}"\n' for name in ("water", "sand"))
    chain.paid.spec("art/knight", 'kind = "tileset"\nprovider = "procedural"\n' + terrains + CLEAN)
    error = chain.paid.plan()["art/knight"]["error"]
    assert (error["code"], error["where"]["field"]) == ("spec_not_applicable", "refine.pixelate")
    assert (chain.credits, chain.paid.charged) == (0, 0)


def test_nothing_is_made_of_variants_before_one_is_picked(chain: Chain) -> None:
    text = KNIGHT.replace("directions = 4", "directions = 4\nvariants = 2") + CLEAN
    chain.paid.spec("art/knight", text)
    assert list(chain.steps()) == ["base/1", "base/2"]
    assert chain.paid.built("--yes", expect=4)["art/knight"]["state"] == "needs_pick"
    first = {}
    for pick in (1, 2):
        chain.paid.run("pick", "art/knight", str(pick))
        chain.paid.built("--yes")
        first[pick] = (chain.paid.root / "export/art/knight.png").read_bytes()
    assert first[1] != first[2]
    assert chain.credits == 2 * 132
    # The first one's steps stand in the journal still: nothing is bought twice.
    chain.paid.run("pick", "art/knight", "1")
    chain.paid.built()
    assert (chain.paid.root / "export/art/knight.png").read_bytes() == first[1]
    assert (chain.credits, chain.paid.charged) == (2 * 132, 2 + 6)


def test_keyframes_may_name_the_figures_own_still(chain: Chain) -> None:
    frames = '[[animations.wave.keyframes]]\nindex = 7\nsource = "asset:art/knight"\n'
    chain.paid.spec("art/knight", DRAWN + '[animations.wave]\nprovider = "pixelengine"\nframes = 8\n' + frames)
    chain.paid.built("--yes")
    assert chain.credits == 24


def test_the_page_about_chains_says_what_a_plan_says(chain: Chain) -> None:
    page = (Path(__file__).parents[2] / "docs/guides/chains.md").read_text(encoding="utf-8")
    for asset_id, text in re.findall(r"```toml\n# (art/\w+)\.asset\.toml\n(.*?)```", page, re.DOTALL):
        chain.paid.spec(asset_id, text)
    costs = chain.paid.plan()
    steps = [step for asset in costs.values() for step in asset["steps"]]
    assert {"clip/attack@north", "retake/attack/1@north", "enhance/attack@north", "pixelate/still/1"} <= {
        step["key"] for step in steps
    }
    knight = [step["cost"] for step in costs["art/knight"]["steps"] if step["cost"]["provider"] == "pixelengine"]
    assert f"{sum(int(cost['amount']) for cost in knight)} credits at pixelengine" in page
    assert {asset["state"] for asset in chain.paid.built("--yes").values()} == {"ready"}


@pytest.mark.godot
def test_the_golden_chain_in_godot(chain: Chain, godot: Engine) -> None:
    """A knight bought in four directions, an attack with a retake bought elsewhere, played by the engine."""
    chain.paid.spec("art/knight", KNIGHT)
    chain.paid.built("--yes")
    game = chain.paid.root / "game"
    (game / "check.gd").write_text(GODOT_CHECK)
    import_project(godot, game)
    out = run_quietly(godot, ["--headless", "--path", ".", "--script", "check.gd"], game)
    clips = {words[1]: words[2:5] for line in out.splitlines() if (words := line.split())[:1] == ["CLIP"]}
    for side in ("south", "east", "north", "west"):
        assert clips[f"attack_{side}"] == ["6", "500", "false"]
    assert clips["walk_south"] == ["8", "800", "true"]
    assert len({line.split("(", 1)[1] for line in out.splitlines() if line.startswith("CLIP")}) == 1
    seen = [decode_still((game / f"seen_{place}.png").read_bytes(), "seen") for place in range(6)]
    for mine, theirs in zip(exported(chain.paid), seen, strict=True):
        # What cannot be seen may have any colour.
        assert np.array_equal(mine * (mine[..., 3:] > 0), theirs * (theirs[..., 3:] > 0))
    assert len({pixels.tobytes() for pixels in seen}) > 2


def exported(paid: Paid) -> list[Pixels]:
    """The frames of the attack to the south, by the sheet's own JSON, cut to what they show."""
    folder = paid.root / "export/art"
    sheet = json.loads((folder / "knight.json").read_text())
    whole = decode_still((folder / "knight.png").read_bytes(), "knight")
    (tag,) = [tag for tag in sheet["meta"]["frameTags"] if tag["name"] == "attack_south"]
    boxes = [frame["frame"] for frame in sheet["frames"][tag["from"] : tag["to"] + 1]]
    frames = [whole[box["y"] : box["y"] + box["h"], box["x"] : box["x"] + box["w"]] for box in boxes]
    return [crop.pixels for crop in trimmed(frames)]


UPLOADER = """\
import os, pathlib, sys
picture = pathlib.Path(sys.argv[1])
assert picture.read_bytes()[:4] == b"\\x89PNG"
assert not [name for name in os.environ if name.endswith("_API_KEY")]
with pathlib.Path(__file__).with_name("uploads.txt").open("a") as log:
    log.write(picture.name + "\\n")
print("done:")
print("https://files.example.com/" + picture.name)
"""


def test_a_chain_over_the_web_uploads_only_what_is_ordered(
    make: Make, emulator: Server, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("PIXELDOJO_API_KEY", dojo.KEY)
    script = tmp_path_factory.mktemp("tools") / "upload.py"
    script.write_text(UPLOADER)
    uploads = script.with_name("uploads.txt")
    with Emulator(dojo.PixelDojo()) as service:
        command = f"'{sys.executable}' '{script}' {{file}}"
        paid = make(
            emulator, f'[providers.pixeldojo]\nbase_url = "{service.url}"\nupload_command = "{command}"\n', "web"
        )
        paid.spec(
            "art/knight", DRAWN + '[animations.wave]\nprovider = "pixeldojo"\nmodel = "motion-video"\nframes = 4\n'
        )
        paid.run("plan")
        assert not uploads.exists()
        paid.built(expect=4)
        assert not uploads.exists()
        built = paid.built("--yes", expect=None)["art/knight"]
        assert built["state"] == "ready", built["error"]
        (name,) = uploads.read_text().split()
        assert re.fullmatch(r"[0-9a-f]{32}\.png", name)
        (job,) = service.personality.jobs.values()
        assert job.body["image_url"] == f"https://files.example.com/{name}"
