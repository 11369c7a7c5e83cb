"""Sprixen's steps that lean on each other: projects, clips of pictures, clean-ups; webhooks and lost clips."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from bridge.assemble.parts import ClipPart, ImagePart
from bridge.core.errors import UserError
from bridge.media.images import encode_png
from bridge.providers.api import ResultFile, Step, StepResult
from bridge.providers.fingerprint import step_fingerprint
from bridge.providers.paid import LostOrder, Remote
from bridge.providers.testing import SpecContext, compile_checked, spec_of
from tests.unit.providers.files_project import painted
from tests.unit.providers.sprixen_samples import SPECS, SPRIXEN, Line, steps

PROJECT = '[provider_options]\nproject = { name = "Town", artStyle = "pixel" }\n'
STONE = 'kind = "sprite"\nprovider = "sprixen"\ndescription = "stone"\n'
CLIP = 'kind = "animation"\nprovider = "sprixen"\naction = "waves the hand"\n'
SHEET = StepResult(
    (ResultFile("0.png", "image/png", encode_png(painted(16, 8, 1))),), {"animation": "a", "count": 2, "grid": [2, 1]}
)


def step_of(text: str, key: str) -> Step:
    return next(step for step in steps(text) if step.key == key)


def test_a_project_is_one_wish_of_many_assets() -> None:
    wishes = [steps(text + PROJECT) for text in (STONE, STONE.replace("stone", "wood"), SPECS["refined"])]
    prints = {step_fingerprint(found[0], {}) for found in wishes}
    assert len(prints) == 1
    for found in wishes:
        assert found[0].key == "project"
        assert found[1].after == ("project",)
    order = SPRIXEN.order(wishes[0][0], {}, {})
    assert (order.path, order.shared) == ("/projects", True)
    body = SPRIXEN.order(wishes[0][1], {}, {"project": StepResult((), {"project": "p"})}).body
    assert body["projectId"] == "p"
    assert "project" not in body


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({}, True),
        ({"artStyle": "pixel", "resolution": "32x32"}, True),
        ({"artStyle": "vector"}, False),
        ({"name": "Village"}, False),
        ({"id": ""}, False),
    ],
)
def test_a_project_is_known_by_name_and_style(row: Mapping[str, Any], found: bool) -> None:
    (project, *_) = steps(STONE + PROJECT)
    lost = LostOrder(project, project.params["request"], 0.0, 1.0, frozenset())
    line = Line({"/projects": [{"id": "p", "name": "Town", **row}]})
    assert asyncio.run(SPRIXEN.search(line, lost)) == ([Remote({"project": "p"})] if found else [])


def test_a_clip_is_drawn_after_the_picture_at_an_address() -> None:
    keys = [step.key for step in steps(SPECS["animation"])]
    assert keys == ["project", "base", "sprite", "clip/block"]
    base = step_of(SPECS["animation"], "base")
    assert base.params["request"]["referenceImageUrl"] == "https://example.com/guard.png"
    clip = step_of(SPECS["animation"], "clip/block")
    assert clip.params["request"] == {
        "type": "custom",
        "customDescription": "raises the shield",
        "frameCount": 6,
        "direction": "down",
    }
    assert clip.gives == ("clip/block",)


def test_a_file_goes_by_the_address_that_it_got() -> None:
    context = SpecContext(files={"art/guard.png": b"png"})
    base = compile_checked(SPRIXEN, spec_of(CLIP + 'source = "art/guard.png"\n'), context)[0]
    assert [(item.role, item.by_url) for item in base.inputs] == [("source", True)]
    order = SPRIXEN.order(base, {"source": b"https://files.example.com/1.png"}, {})
    assert order.body["referenceImageUrl"] == "https://files.example.com/1.png"


def test_its_own_picture_is_moved_by_its_id() -> None:
    made = step_of('kind = "sprite"\nprovider = "sprixen"\ndescription = "rock"\nvariants = 3\n', "image/1")
    context = SpecContext(makers={"asset:art/rock": made})
    text = CLIP + 'source = "asset:art/rock"\n'
    chosen, moved = compile_checked(SPRIXEN, spec_of(text), context)
    assert [(item.role, item.by_id, item.by_url) for item in chosen.inputs] == [("source", True, False)]
    assert moved.after == ("sprite",)
    told = json.dumps({"ids": {"job": "gen_1"}, "place": 2}).encode()
    order = SPRIXEN.order(chosen, {"source": told}, {})
    assert (order.path, order.body) == ("/generations/select", {"generationId": "gen_1", "variationIndex": 2})
    with pytest.raises(UserError) as caught:
        compile_checked(SPRIXEN, spec_of(text + 'shading = "flat"\n'), context)
    assert caught.value.code == "spec_not_applicable"


def test_an_adopted_sprite_of_another_asset_is_moved_as_it_is() -> None:
    adopted = Step("sprite", "sprixen", "character.adopt", {"sprite": "s"}, gives=("still/south",))
    context = SpecContext(makers={"asset:art/guard#south": adopted})
    first = compile_checked(SPRIXEN, spec_of(CLIP + 'source = "asset:art/guard#south"\n'), context)[0]
    assert (first.operation, first.params, first.inputs) == ("character.adopt", {"sprite": "s"}, ())


def test_what_it_did_not_draw_itself_goes_by_its_address() -> None:
    foreign = Step("image/1", "pixellab", "image.create", {}, gives=("still/1",))
    pack = step_of(
        'kind = "items"\nprovider = "sprixen"\n[[items]]\nname = "axe"\n[[items]]\nname = "bow"\n', "pack/axe+bow"
    )
    for maker in (foreign, pack):
        base = compile_checked(
            SPRIXEN, spec_of(CLIP + 'source = "asset:art/x"\n'), SpecContext(makers={"asset:art/x": maker})
        )[0]
        assert [(base.key, item.by_url, item.field) for item in base.inputs] == [("base", True, "source")]


@pytest.mark.parametrize("kind", ["sprite", "items", "character"])
def test_a_style_goes_by_its_address(kind: str) -> None:
    more = {"items": '[[items]]\nname = "axe"\n', "character": 'directions = ["south"]\n'}.get(kind, "")
    text = f'kind = "{kind}"\nprovider = "sprixen"\ndescription = "town guard"\n{more}[reference]\nstyle = "a.png"\n'
    step = compile_checked(SPRIXEN, spec_of(text), SpecContext())[0]
    assert [(item.role, item.by_url, item.field) for item in step.inputs] == [("reference", True, "reference.style")]
    body = SPRIXEN.order(step, {"reference": b"https://x/a.png"}, {}).body
    assert body["referenceImageUrl"] == "https://x/a.png"


def test_an_adopted_sprite_is_moved_as_it_is() -> None:
    found = steps(CLIP + 'adopt = "s"\n')
    assert [step.operation for step in found] == ["character.adopt", "clip.create"]
    picture = ResultFile("0.png", "image/png", encode_png(painted(8, 8, 1)))
    assert SPRIXEN.interpret(found[0], StepResult((picture,), {"sprite": "s"})) == []


def test_a_clean_up_is_the_same_part_again() -> None:
    refined = steps(SPECS["refined"])[-1]
    assert refined.gives == ("clip/idle/south",)
    (part,) = SPRIXEN.interpret(refined, SHEET)
    assert isinstance(part, ClipPart)
    assert (part.animation, part.direction, len(part.frames), part.whole) == ("idle", "south", 2, True)
    alone = steps(SPECS["animation"] + '[refine]\nstabilize = { provider = "sprixen" }\n')[-1]
    assert (alone.key, alone.params["request"]) == ("stabilize/clip/block", {"mode": "stabilize"})


def test_a_direction_without_a_still_lends_its_first_frame() -> None:
    east = step_of(SPECS["character"], "clip/walk/east/still")
    assert east.gives == ("clip/walk/east", "still/east")
    clip, still = SPRIXEN.interpret(east, SHEET)
    assert isinstance(clip, ClipPart)
    assert isinstance(still, ImagePart)
    assert (clip.direction, still.name) == ("east", "east")


@pytest.mark.parametrize("kind", SPECS)
def test_webhooks_go_only_where_the_route_takes_them(kind: str) -> None:
    taking = {"image.create", "image.pack", "character.create", "tile.create"}
    known = StepResult(
        (ResultFile("map.json", "application/json", b'{"layers": {}}'),),
        {
            **dict.fromkeys(("project", "generation", "sprite", "animation", "map", "state", "pack"), "x"),
            "pack_field": "packs",
            "packs": True,
        },
    )
    for step in steps(SPECS[kind]):
        if SPRIXEN.adopted_ids(step) is None:
            order = SPRIXEN.order(step, {}, dict.fromkeys(step.after, known))
            assert order.webhook == ("webhookUrl" if step.operation in taking else ""), step.key


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({}, True),
        ({"direction": "down", "frameCount": 6}, True),
        ({"direction": "up"}, False),
        ({"frameCount": 8}, False),
        ({"type": "walk"}, False),
        ({"id": "taken"}, False),
        ({"createdAt": "2026-01-15T11:00:00.000Z"}, False),
    ],
)
def test_a_lost_clip_is_found_at_its_sprite(row: Mapping[str, Any], found: bool) -> None:
    clip = step_of(SPECS["animation"], "clip/block")
    sent = 1768478400.0  # 2026-01-15 12:00 UTC
    lost = LostOrder(clip, clip.params["request"], sent, sent + 30, frozenset({"taken"}), {"sprite": "s"})
    listed = {"id": "a", "type": "custom", "createdAt": "2026-01-15T12:00:01.000Z", **row}
    line = Line({"/sprites/s/animations": [listed]})
    assert asyncio.run(SPRIXEN.search(line, lost)) == ([Remote({"job": "a"})] if found else [])
