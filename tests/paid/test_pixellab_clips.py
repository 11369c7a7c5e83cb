"""Clips of PixelLab that take several orders see each other's frames, and no order draws what is drawn already."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from bridge.media.images import decode_still, encode_png
from bridge.store import lockfile, results
from bridge.store.blobs import BlobStore
from tests.emulator import faults
from tests.emulator.http import Response
from tests.emulator.personality import Call
from tests.emulator.pictures import figure
from tests.paid.conftest import WAVE, Paid

POSE: list[dict[str, Any]] = [{"x": 0.5, "y": 0.2, "label": "NOSE"}, {"x": 0.4, "y": 0.7, "label": "LEFT KNEE"}]
CLIPS = {
    "words": (WAVE.replace("asset:art/guard", "art/knight.png"), "/animate-with-text", 4),
    "poses": (
        'kind = "animation"\nsource = "art/knight.png"\n[skeleton]\nposes = "poses/run.json"\n',
        "/animate-with-skeleton",
        3,
    ),
}


@pytest.fixture
def bodies(paid: Paid, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The bodies of all orders."""
    paid.write("art/knight.png", encode_png(figure("knight", (64, 64), share=70)))
    poses = [[{**joint, "x": joint["x"] + 0.02 * number} for joint in POSE] for number in range(8)]
    paid.write("poses/run.json", json.dumps(poses))
    sent: list[Any] = []
    service = paid.emulator.personality
    answer = service.answer

    def answered(call: Call) -> Response:
        if call.request.body:
            sent.append(json.loads(call.request.body))
        return answer(call)

    monkeypatch.setattr(service, "answer", answered)
    return sent


def frames_of(paid: Paid, key: str) -> list[bytes]:
    locked = lockfile.read(paid.root).assets["art/wave"].steps[key]
    files = results.load(BlobStore(paid.root, ".assetbridge/store"), locked.result).files
    return [file.data for file in files]


@pytest.mark.parametrize("clip", CLIPS)
def test_every_order_goes_on_from_the_last_frame(paid: Paid, bodies: list[Any], clip: str) -> None:
    text, _, length = CLIPS[clip]
    paid.spec("art/wave", text)
    assert paid.built("--yes")["art/wave"]["state"] == "ready"
    keys = sorted(lockfile.read(paid.root).assets["art/wave"].steps, key=lambda key: int(key.rpartition("/")[2]))
    assert len(bodies) == len(keys) == paid.charged
    first = 0
    for body, key, before in zip(bodies, keys, [None, *keys], strict=False):
        start = int(key.rpartition("/")[2])
        slots = body.get("inpainting_images") or [None] * length
        assert len(slots) == length
        # Something is left to be drawn in each, and what is shown is what was drawn right before.
        assert None in slots
        for place, slot in enumerate(slots):
            if slot is not None:
                assert before is not None
                shown = base64.b64decode(slot["base64"])
                drawn = frames_of(paid, before)[start - first + place]
                assert (decode_still(shown, "") == decode_still(drawn, "")).all()
        first = start
    sheet = json.loads((paid.root / "export/art/wave.json").read_text())
    assert len(sheet["frames"]) == 8


@pytest.mark.usefixtures("bodies")
@pytest.mark.parametrize("clip", CLIPS)
def test_a_broken_chain_goes_on_where_it_stopped(paid: Paid, clip: str) -> None:
    text, route, _ = CLIPS[clip]
    paid.emulator.faults.on(f"POST {route}", faults.status(422, "no"), nth=1)
    paid.spec("art/wave", text)
    paid.built("--yes", expect=3)
    assert paid.charged == 1
    assert paid.built("--yes")["art/wave"]["state"] == "ready"
    assert paid.charged == len(lockfile.read(paid.root).assets["art/wave"].steps)
