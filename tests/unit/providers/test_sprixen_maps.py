"""Sprixen's maps: steps, orders, ends of edits, exports in every form, lost edits."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from bridge.assemble.parts import TileMapPart
from bridge.core.errors import WorkFailed
from bridge.http.outcome import TransportError
from bridge.media.images import encode_png
from bridge.providers.api import ResultFile, Step, StepResult
from bridge.providers.fingerprint import step_fingerprint
from bridge.providers.paid import Broken, DamagedResultError, Finished, Gone, LostOrder, Remote, Running
from exporters.model.asset import TileLayer
from tests.unit.providers.sprixen_samples import SPECS, SPRIXEN, Line, answer, steps

PICTURE = encode_png(np.full((8, 8, 4), 200, np.uint8))
TMX = (
    '<map version="1.10" orientation="orthogonal" width="2" height="1" tilewidth="8" tileheight="8" infinite="0">'
    '<tileset firstgid="1" name="t" tilewidth="8" tileheight="8" tilecount="1" columns="0">'
    '<tile id="0"><image width="8" height="8" source="{}"/></tile></tileset>'
    '<layer id="1" name="ground" width="2" height="1"><data encoding="csv">1,0</data></layer></map>'
)
TSX = (
    '<tileset name="t" tilewidth="8" tileheight="8" tilecount="1" columns="1">'
    '<image source="pictures/a.png" width="8" height="8"/></tileset>'
)
OUTSIDE = TMX[: TMX.index("<tileset")] + '<tileset firstgid="1" source="t.tsx"/>' + TMX[TMX.index("<layer") :]
SHOWN = {"id": "m", "layers": {"terrain": [[1, 0]]}, "tilePackIds": []}
BY_KEY = {step.key: step for step in steps(SPECS["map"])}
EDIT = BY_KEY["edit/1"]


def zipped(**files: str | bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), data)
    return target.getvalue()


def checked(pages: Mapping[str, Any], step: Step = EDIT, **ids: str) -> object:
    return asyncio.run(SPRIXEN.check(Line(pages), step, {"map": "m", **ids}))


def fetched(pages: Mapping[str, Any], step: Step = EDIT) -> Any:
    return asyncio.run(SPRIXEN.fetch(Line(pages), step, {"map": "m"}, {}))


def test_edits_follow_each_other_on_one_map() -> None:
    assert list(BY_KEY) == ["map", "pack", "packed", "edit/1", "state/2", "edit/2", "state/3", "edit/3"]
    assert [step.after[:1] for step in BY_KEY.values()][3:] == [
        ("packed",),
        ("edit/1",),
        ("state/2",),
        ("edit/2",),
        ("state/3",),
    ]
    request = BY_KEY["map"].params["request"]
    assert (request["projectionType"], request["gridWidth"], request["gridHeight"]) == ("isometric", 12, 10)
    assert request["name"].startswith("green meadow ")
    assert {step.price.amount for key, step in BY_KEY.items() if key.startswith("edit/")} == {None}


@pytest.mark.parametrize(
    ("before", "after", "anew"),
    [
        ("a stone path", "a bridge", {"state/3", "edit/3"}),
        ("a river", "a lake", {"state/2", "edit/2", "state/3", "edit/3"}),
        ("green meadow", "desert", {"map", "packed", "edit/1", "state/2", "edit/2", "state/3", "edit/3"}),
        ('path"]', 'path", "add a well"]', {"state/4", "edit/4"}),
    ],
)
def test_a_changed_edit_buys_itself_and_what_follows(before: str, after: str, anew: set[str]) -> None:
    prints: list[dict[str, str | None]] = []
    for text in (SPECS["map"], SPECS["map"].replace(before, after)):
        found: dict[str, str] = {}
        for step in steps(text):
            found[step.key] = step_fingerprint(step, found) or ""
        prints.append(dict(found))
    assert {key for key, value in prints[1].items() if prints[0].get(key) != value} == anew


def test_orders_name_the_map_and_what_it_was() -> None:
    made = StepResult((), {"map": "m", "state": "before", "pack_field": "tilePackIds", "packs": True})
    edit = SPRIXEN.order(EDIT, {}, {"packed": made})
    assert (edit.method, edit.path, edit.body) == ("POST", "/maps/m/ai-edit", {"prompt": "green meadow"})
    assert edit.origin == {"map": "m", "before": "before"}
    packed = SPRIXEN.order(BY_KEY["packed"], {}, {"map": made, "pack": StepResult((), {"pack": "p"})})
    assert (packed.method, packed.path, packed.body) == ("PATCH", "/maps/m", {"tilePackIds": ["p"]})
    kept = StepResult((ResultFile("map.json", "application/json", json.dumps(SHOWN).encode()),), made.meta)
    restored = SPRIXEN.order(BY_KEY["state/2"], {}, {"edit/1": kept})
    assert (restored.method, restored.body) == ("PATCH", {"layers": SHOWN["layers"]})


def test_a_pack_is_named_the_way_the_map_names_packs() -> None:
    line = {"/maps/m": {"id": "m", "tilePackId": None}}
    result = fetched(line, BY_KEY["map"])
    order = SPRIXEN.order(BY_KEY["packed"], {}, {"map": result, "pack": StepResult((), {"pack": "p"})})
    assert order.body == {"tilePackId": "p"}


def test_an_edit_ends_when_the_map_is_another() -> None:
    before = fetched({"/maps/m": SHOWN}, BY_KEY["state/2"]).meta["state"]
    assert checked({"/maps/m": SHOWN}, before=before) == Running()
    assert checked({"/maps/m": {**SHOWN, "name": "renamed"}}, before=before) == Running()
    assert checked({"/maps/m": {**SHOWN, "layers": {"terrain": [[1, 1]]}}}, before=before) == Finished()
    said = {"aiEdit": {"id": "j", "status": "failed", "message": "too large"}}
    assert checked({"/maps/m": {**SHOWN, **said}}, before=before, job="j") == Broken("too large")
    # What failed was an earlier one: this one goes on.
    assert checked({"/maps/m": {**SHOWN, **said}}, before=before, job="k") == Running()
    assert checked({"/maps/m": {**SHOWN, "status": "failed"}}, before=before, job="j") == Running()
    assert isinstance(checked({}, before=before), Gone)
    # An edit that changes nothing is over when the map was written after it, or its job says so.
    stamps = {"before": before, "updated": "2026-01-01T00:00:00Z", "job": "j"}
    assert checked({"/maps/m": {**SHOWN, "updatedAt": "2026-01-01T00:00:00Z"}}, **stamps) == Running()
    assert checked({"/maps/m": {**SHOWN, "updatedAt": "2026-01-01T00:00:09Z"}}, **stamps) == Finished()
    assert checked({"/maps/m": {**SHOWN, "aiEdit": {"id": "j", "status": "completed"}}}, **stamps) == Finished()


def test_an_unknown_pack_is_said_with_those_there_are() -> None:
    packs = {"/tile-packs": [{"id": "p", "name": "Fantasy Terrain", "tiles": []}]}
    assert asyncio.run(SPRIXEN.check(Line(packs), BY_KEY["pack"], {"pack": "fantasy terrain"})) == Finished()
    broken = asyncio.run(SPRIXEN.check(Line(packs), BY_KEY["pack"], {"pack": "Desert"}))
    assert isinstance(broken, Broken)
    assert "fantasy terrain" in broken.message


EXPORTS: dict[str, dict[str, Any]] = {
    "with addresses": {"export": TMX.format("/a.png").encode(), "/a.png": answer(PICTURE)},
    "with a whole address": {
        "export": TMX.format("https://cdn.sprixen.com/a.png").encode(),
        "https://cdn.sprixen.com/a.png": answer(PICTURE),
    },
    "with names of a pack's pictures": {
        "export": TMX.format("tiles/A.png").encode(),
        "/tile-packs": [{"id": "p", "tiles": [{"id": "t", "imageUrl": "/public/a.png"}]}],
        "/public/a.png": answer(PICTURE),
    },
    "as an archive": {"export": zipped(maps__m_tmx=OUTSIDE, maps__t_tsx=TSX, maps__pictures__a_png=PICTURE)},
    "as an address": {
        "export": json.dumps({"downloadUrl": "/files/m.tmx"}).encode(),
        "/files/m.tmx": answer(OUTSIDE.encode()),
        "/files/t.tsx": answer(TSX.encode()),
        "/files/pictures/a.png": answer(PICTURE),
    },
    "in a field": {"export": json.dumps({"content": TMX.format("/a.png")}).encode(), "/a.png": answer(PICTURE)},
}


@pytest.mark.parametrize("form", EXPORTS)
def test_an_export_is_read_in_every_form(form: str) -> None:
    pages = dict(EXPORTS[form])
    raw = answer(pages.pop("export"))
    pages = {"/maps/m": SHOWN, "/maps/m/export/tmx": raw, **pages}
    result = fetched(pages)
    assert isinstance(result, StepResult)
    assert result.files[0].name == "map.json"
    (part,) = SPRIXEN.interpret(EDIT, result)
    assert isinstance(part, TileMapPart)
    layer = part.map.layers[0]
    assert isinstance(layer, TileLayer)
    assert layer.cells.tolist() == [[1, 0]]
    assert np.array_equal(part.map.tilesets[0].tiles[0].pixels, np.full((8, 8, 4), 200, np.uint8))
    assert json.loads(json.dumps(result.meta)) == result.meta


@pytest.mark.parametrize(
    "pages",
    [
        {},
        {"/maps/m/export/tmx": answer(TMX.format("/none.png").encode())},
        {"/maps/m/export/tmx": answer(TMX.format("none.png").encode())},
        {"/maps/m/export/tmx": answer(b"{}")},
    ],
)
def test_what_is_not_there_yet_is_waited_for(pages: Mapping[str, Any]) -> None:
    assert fetched({"/maps/m": SHOWN, **pages}) == Running()


@pytest.mark.parametrize("export", [zipped(readme_txt="nothing"), b"PK broken", b"", b"\x89PNG"])
def test_an_export_that_is_no_map_is_damaged(export: bytes) -> None:
    with pytest.raises(DamagedResultError):
        fetched({"/maps/m": SHOWN, "/maps/m/export/tmx": answer(export)})


def test_a_connection_that_breaks_is_for_the_runner() -> None:
    pages = {"/maps/m": SHOWN, "/maps/m/export/tmx": answer(TMX.format("/a.png").encode())}
    with pytest.raises(TransportError):
        fetched({**pages, "/a.png": TransportError("interrupted", "the connection broke")})


@pytest.mark.parametrize("data", [b"<map", b"<!DOCTYPE a [<!ENTITY b 'c'>]><map/>", b"<map/>"])
def test_a_damaged_export_is_kept_and_said(data: bytes) -> None:
    result = fetched({"/maps/m": SHOWN, "/maps/m/export/tmx": answer(data)})
    assert result.files[1].data == data
    with pytest.raises(WorkFailed) as caught:
        SPRIXEN.interpret(EDIT, result)
    assert caught.value.code == "assemble_failed"


def test_a_lost_edit_shows_on_the_map() -> None:
    before = fetched({"/maps/m": SHOWN}, BY_KEY["state/2"]).meta["state"]

    def searched(document: Mapping[str, Any], **origin: str) -> Sequence[Remote]:
        lost = LostOrder(EDIT, {"prompt": "x"}, 0.0, 1.0, frozenset(), origin)
        return asyncio.run(SPRIXEN.search(Line({"/maps/m": document}), lost))

    assert searched(SHOWN, map="m", before=before) == []
    assert searched(SHOWN) == []
    assert len(searched({**SHOWN, "layers": {}}, map="m", before=before)) == 1


def test_an_adopted_map_costs_nothing() -> None:
    (step,) = steps('kind = "map"\nprovider = "sprixen"\nadopt = "m"\n')
    assert SPRIXEN.adopted_ids(step) == {"map": "m"}
    assert step.price.amount == 0
    assert checked({"/maps/m": SHOWN}, step) == Finished()
