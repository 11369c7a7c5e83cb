"""An estimated skeleton as a file: estimated alone, edited and moved, and never written over."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from bridge.media.images import encode_png
from tests.emulator import faults
from tests.emulator.http import Response
from tests.emulator.personality import Call
from tests.emulator.pictures import figure
from tests.paid.conftest import GUARD, Paid

STRIDE = 'kind = "animation"\nsource = "art/knight.png"\n[skeleton]\nposes = "poses/stride.json"\n'
POSES = '["estimate", {"LEFT KNEE": [0.05, -0.02]}, {"LEFT KNEE": [0.1, 0.0]}]'
ESTIMATE, CLIP = "POST /estimate-skeleton", "POST /animate-with-skeleton"


@pytest.fixture
def striding(paid: Paid) -> Paid:
    paid.write("art/knight.png", encode_png(figure("knight", (64, 64), share=70)))
    paid.write("poses/stride.json", POSES)
    paid.spec("art/stride", STRIDE)
    return paid


def write(paid: Paid, *words: str, name: str = "poses/knight.json", expect: int | None = 0) -> str:
    answer = paid.run("skeleton", "art/stride", str(paid.root / name), *words, expect=expect)
    return answer.out + answer.err


def orders(paid: Paid, route: str) -> int:
    return sum(row.route == route for row in paid.emulator.ledger.rows)


def record_bodies(paid: Paid, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    """The bodies of the orders from now on, by route."""
    bodies: dict[str, list[Any]] = defaultdict(list)
    service = paid.emulator.personality
    answer = service.answer

    def answered(call: Call) -> Response:
        if call.request.body:
            bodies[call.route].append(json.loads(call.request.body))
        return answer(call)

    monkeypatch.setattr(service, "answer", answered)
    return bodies


def test_the_estimate_alone_is_ordered(striding: Paid) -> None:
    refused = write(striding, expect=4)
    assert "the skeleton of art/stride costs 0.1 generations at pixellab" in refused
    assert "--yes" in refused
    assert striding.charged == 0
    said = write(striding, "--yes")
    assert "needs_approval" not in said
    assert 'estimate = "poses/knight.json"' in said
    assert (orders(striding, ESTIMATE), orders(striding, CLIP)) == (1, 0)
    assert striding.charged == 0.1
    [pose] = json.loads((striding.root / "poses/knight.json").read_text())
    assert len(pose) == 18
    assert all(isinstance(joint["z_index"], int) for joint in pose)
    # The clip goes on from there: nothing is estimated again.
    assert striding.built("--yes")["art/stride"]["state"] == "ready"
    assert (orders(striding, ESTIMATE), orders(striding, CLIP)) == (1, 1)


def test_the_clip_follows_the_edited_skeleton(striding: Paid, monkeypatch: pytest.MonkeyPatch) -> None:
    bodies = record_bodies(striding, monkeypatch)
    striding.built("--yes")
    write(striding)
    assert striding.charged == 1.1
    file = striding.root / "poses/knight.json"
    [pose] = json.loads(file.read_text())
    nose = next(joint for joint in pose if joint["label"] == "NOSE")
    nose["x"] = 0.75
    file.write_text(json.dumps([pose]))
    striding.spec("art/stride", STRIDE + 'estimate = "poses/knight.json"\n')
    assert striding.built("--yes")["art/stride"]["state"] == "ready"
    assert (orders(striding, ESTIMATE), orders(striding, CLIP)) == (1, 2)
    sent = bodies[CLIP][-1]["skeleton_keypoints"]
    assert [next(joint["x"] for joint in one if joint["label"] == "NOSE") for one in sent] == [0.75] * 3
    knees = [next(joint["x"] for joint in one if joint["label"] == "LEFT KNEE") for one in sent]
    assert knees == pytest.approx([knees[0], knees[0] + 0.05, knees[0] + 0.1])
    # It is the user's: no build and no command touches it.
    before = file.read_bytes()
    striding.built()
    assert "exists already" in write(striding, name="poses/knight.json", expect=2)
    assert file.read_bytes() == before


def test_a_clip_with_its_own_skeleton_estimates_nothing(striding: Paid) -> None:
    write(striding, "--yes")
    striding.spec("art/stride", STRIDE + 'estimate = "poses/knight.json"\n')
    assert "no skeleton is estimated" in write(striding, name="poses/other.json", expect=2)
    striding.built("--yes")
    assert orders(striding, ESTIMATE) == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../outside.json", "not inside the project"),
        ("poses/knight.txt", "no name of a JSON file"),
        ("poses/stride.json", "exists already"),
        ("poses/../poses/stride.json", "exists already"),
        (".assetbridge/knight.json", "own folder"),
    ],
)
def test_where_it_cannot_be_written_nothing_is_ordered(striding: Paid, name: str, said: str) -> None:
    assert said in write(striding, "--yes", name=name, expect=2)
    assert striding.charged == 0
    assert (striding.root / "poses/stride.json").read_text() == POSES


@pytest.mark.parametrize("name", ["poses/stride.json/knight.json", "link/knight.json"])
def test_what_is_in_the_way_is_seen_before_the_order(striding: Paid, name: str, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (striding.root / "link").symlink_to(tmp_path / "elsewhere")
    assert "error" in write(striding, "--yes", name=name, expect=1)
    assert striding.charged == 0
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_budget_and_a_cap_hold(striding: Paid) -> None:
    text = (striding.root / "assetbridge.toml").read_text()
    striding.write("assetbridge.toml", text + '\n[budget]\npixellab = { unit = "generations", per_day = 0.05 }\n')
    assert "over" in write(striding, "--json", expect=4)
    striding.write("assetbridge.toml", text + '\n[budget]\npixellab = { unit = "generations", per_day = 5 }\n')
    assert "--max-cost" in write(striding, "--max-cost", "generations=0.05", expect=4)
    # Inside the budget it is not asked for; the clip, which the budget allows too, was not asked for.
    write(striding)
    assert (orders(striding, ESTIMATE), orders(striding, CLIP)) == (1, 0)
    assert striding.charged == 0.1


def test_what_it_is_made_from_is_not_bought_for_it(striding: Paid) -> None:
    striding.spec("art/guard", GUARD)
    striding.spec("art/stride", STRIDE.replace("art/knight.png", "asset:art/guard"))
    assert "art/guard" in write(striding, "--yes", expect=None)
    assert striding.charged == 0
    striding.built("art/guard", "--yes")
    write(striding, "--yes")
    assert striding.charged == 1.1


def test_a_refused_estimate_is_told(striding: Paid) -> None:
    striding.emulator.faults.on(ESTIMATE, faults.status(422, "no figure was found"))
    assert "no figure was found" in write(striding, "--yes", expect=3)
    assert not (striding.root / "poses/knight.json").exists()


def test_an_asset_without_one_is_told(striding: Paid) -> None:
    striding.spec("art/guard", GUARD)
    file = str(striding.root / "poses/knight.json")
    assert "no skeleton is estimated" in striding.run("skeleton", "art/guard", file, expect=2).err
    assert "Did you mean art/stride" in striding.run("skeleton", "art/strid", file, expect=2).err
    striding.spec("art/stride", STRIDE + 'estimate = "poses/none.json"\n')
    assert "there is no file poses/none.json" in write(striding, expect=2)
