"""The models of the service: fetched live, kept in a file, and read from there when plans are made offline.

The catalogue changes every week, so no model is known by heart. The file decides what a plan refuses and which price it
shows; it never decides what is sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import platformdirs

from bridge.core import limits
from bridge.core.json_text import parse_json
from bridge.core.root_folder import RootFolder
from bridge.http.outcome import TransportError
from bridge.providers import values
from bridge.providers.api import Price
from bridge.providers.paid import Charge, FreeCalls, Models
from bridge.providers.paid import ModelInfo as Offer
from bridge.providers.pixeldojo import responses
from bridge.providers.pixeldojo.routes import UNIT
from bridge.providers.pixeldojo.schema import Schema

_VERSION = 1


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    """One model. modality: `image` or `video`; cost: credits for one image or one second; schema: of the request."""

    id: str
    name: str = ""
    modality: str = ""
    cost: Decimal | None = None
    per_second: bool = False
    schema: Schema = field(default_factory=dict)

    def price(self, seconds: Any) -> Price:
        """What a request costs; the amount is unknown for a video whose length the request does not say."""
        if self.cost is None or not self.per_second:
            return Price(UNIT, self.cost)
        duration = values.number(seconds)
        return Price(UNIT, None if duration is None else self.cost * duration)


def default_file() -> Path:
    """Where the catalogue is kept between runs, in the user's cache folder."""
    return Path(platformdirs.user_cache_dir("assetbridge")) / "pixeldojo" / "models.json"


def read(file: Path) -> dict[str, CatalogueModel]:
    """The models of the kept catalogue by id; none where there is none, or where it cannot be read."""
    try:
        document = _read_document(file)
    except (OSError, ValueError):
        return {}
    if document.get("version") != _VERSION:
        return {}
    return {model.id: model for row in responses.rows(document) if (model := model_of(row)) is not None}


def model_of(row: Mapping[str, Any]) -> CatalogueModel | None:
    """A model of the catalogue, or of its own page; None where it has no id."""
    name = values.text(row.get("apiId"))
    if not name:
        return None
    said = row.get("creditCost")
    modality = values.text(row.get("modality")).lower()
    kind = values.text(values.fields(said).get("type")).lower()
    per_second = "second" in kind or (not kind and modality == "video")
    schema = values.fields(row.get("requestSchema"))
    return CatalogueModel(name, values.text(row.get("name")), modality, responses.cost(said), per_second, schema)


async def listed(calls: FreeCalls, file: Path, about: Sequence[str] = ()) -> Models:
    """See `PaidProvider.models`.

    Raises:
        TransportError: the service cannot be asked, and nothing was kept. WorkFailed: the file cannot be written.
    """
    try:
        models = await fetch(calls, file, about)
    except TransportError:
        models = list(read(file).values())
        if not models:
            raise
    try:
        asked = values.text(_read_document(file).get("asked"))
    except (OSError, ValueError):
        # Another process has just written it anew, or taken it away: the models are at hand all the same.
        asked = ""
    return Models([_offered(model) for model in models], asked)


def _read_document(file: Path) -> Mapping[str, Any]:
    return values.fields(parse_json(RootFolder(file.parent).read(file.name, limits.JSON_BYTES)))


def _offered(model: CatalogueModel) -> Offer:
    kinds = {"image": ("sprite", "edit"), "video": ("animation",)}.get(model.modality, ())
    price = None if model.cost is None else Charge(UNIT, model.cost)
    return Offer(model.id, model.name, kinds, price, "second" if model.per_second else "image", model.schema or None)


async def fetch(calls: FreeCalls, file: Path, schemas_of: Sequence[str] = ()) -> list[CatalogueModel]:
    """All models of the service, and the schemas of some; they are kept in `file` for plans.

    Schemas that were fetched earlier stay for models that are still there: one request each is too many for all.

    Raises:
        TransportError: as `FreeCalls.get`. WorkFailed: the file cannot be written.
    """
    answer = await calls.get("/models", {"detailed": "true"})
    known = read(file)
    rows: list[dict[str, Any]] = []
    for listed_model in responses.rows(answer.json()):
        row = dict(listed_model)
        name = values.text(row.get("apiId"))
        if name in schemas_of:
            row["requestSchema"] = _fetch_schema((await calls.get(f"/models/{name}/schema")).json())
        elif name in known and not values.fields(row.get("requestSchema")):
            row["requestSchema"] = dict(known[name].schema)
        rows.append(row)
    document = {"version": _VERSION, "asked": answer.headers.get("date", ""), "models": rows}
    # Another process may read at the same time: it sees the old file or the new one.
    RootFolder(file.parent).write(file.name, json.dumps(document, ensure_ascii=False, indent=1).encode())
    return [model for row in rows if (model := model_of(row)) is not None]


def _fetch_schema(document: Any) -> Mapping[str, Any]:
    """A schema under `schema` or `requestSchema`, or bare."""
    schema = values.fields(document)
    for name in ("schema", "requestSchema"):
        if isinstance(schema.get(name), dict):
            return values.fields(schema[name])
    return schema if "properties" in schema else {}
