"""Models of the emulated PixelDojo, and the strict check of request bodies against their schemas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

_SEED = {"type": "integer", "minimum": 0}
_PROMPT = {"type": "string", "minLength": 1}
_HOOK = {"type": "string", "pattern": "^https://|^http://127[.]0[.]0[.]1:"}


@dataclass(frozen=True, slots=True)
class EmulatedModel:
    """cost: credits of one image or of one second."""

    id: str
    modality: Literal["image", "video"]
    cost: float
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def schema(self) -> dict[str, Any]:
        """The request schema; unknown fields are refused."""
        properties = {"prompt": _PROMPT, "seed": _SEED, "webhook_url": _HOOK, **self.properties}
        return {"type": "object", "required": ["prompt"], "properties": properties, "additionalProperties": False}

    def listed(self, *, detailed: bool) -> dict[str, Any]:
        """The model in the catalogue."""
        kind = "per_second" if self.modality == "video" else "per_image"
        row: dict[str, Any] = {
            "apiId": self.id,
            "name": self.id.replace("-", " ").title(),
            "description": "",
            "modality": self.modality,
            "creditCost": {"default": self.cost, "type": kind, "amount": self.cost},
        }
        return row | ({"requestSchema": self.schema} if detailed else {})

    def price(self, body: Mapping[str, Any]) -> float:
        """Credits of a request."""
        count = body.get("duration", 5) if self.modality == "video" else body.get("num_outputs", 1)
        return float(round(self.cost * count, 6))

    def mistake(self, body: Any) -> str:
        """Why a body is refused; empty where it is taken."""
        found = sorted(
            Draft202012Validator(self.schema).iter_errors(body), key=lambda error: list(map(str, error.path))
        )
        if not found:
            return ""
        return ".".join(map(str, found[0].path)) + f": {found[0].message}"


_RATIO = {"type": "string", "enum": ["1:1", "16:9", "9:16", "4:3", "3:4"]}
_URL = {"type": "string", "pattern": "^https?://"}
MODELS: Mapping[str, EmulatedModel] = {
    model.id: model
    for model in (
        EmulatedModel(
            "pixel-image",
            "image",
            0.5,
            {
                "aspect_ratio": _RATIO,
                "num_outputs": {"type": "integer", "minimum": 1, "maximum": 4},
                "style": {"type": "string"},
            },
        ),
        EmulatedModel(
            "edit-image", "image", 1.5, {"image_url": _URL, "strength": {"type": "number", "minimum": 0, "maximum": 1}}
        ),
        EmulatedModel(
            "motion-video", "video", 0.7, {"image_url": _URL, "duration": {"type": "number", "enum": [3, 5]}}
        ),
    )
}
