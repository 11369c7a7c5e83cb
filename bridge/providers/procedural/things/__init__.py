"""Kinds `sprite` and `items`: things drawn from words.

A description is read for a noun (potion, sword, tree …), materials, colours and adjectives; the noun's drawing is
composed of shapes with volume, lit from the top left and coloured with ramps.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bridge.assemble.parts import ImagePart, Part
from bridge.providers.api import CompileContext, ResultFile, Step, StepResult

if TYPE_CHECKING:
    from bridge.spec.model import ItemsSpec, Spec, SpriteSpec
    from exporters.model.asset import Pixels

KINDS = frozenset({"sprite", "items"})
OPERATION = "things.draw"
OPERATIONS = frozenset({OPERATION})
LARGEST = 256
DETAILS = ("low", "medium", "high")


def compile(spec: Spec, context: CompileContext) -> Sequence[Step]:  # noqa: A001  (the name that the shell calls)
    """One step per variant (`image/1`), or per item (`item/NAME`).

    Raises:
        UserError: `spec_not_applicable` or `provider_limit`.
    """
    if spec.kind == "sprite":
        return _compile_sprite(spec, context)
    assert spec.kind == "items"
    return _compile_items(spec, context)


def _compile_sprite(spec: SpriteSpec, context: CompileContext) -> list[Step]:
    params = _common_params(spec, context)
    params |= {"text": _normalize(spec.description or ""), "prefix": "", "name": ""}
    return [
        Step(
            f"image/{variant}",
            "procedural",
            OPERATION,
            params,
            seed=context.seed(variant=variant),
            field="description",
        )
        for variant in range(1, spec.variants + 1)
    ]


def _compile_items(spec: ItemsSpec, context: CompileContext) -> list[Step]:
    common = _common_params(spec, context)
    steps = []
    for index, item in enumerate(spec.items):
        text = _normalize(item.description or item.name)
        params = common | {"text": text, "prefix": _normalize(spec.description or ""), "name": item.name}
        seed = context.seed(variant=item.pick or spec.pick or 1, own=item.seed, own_take=item.take)
        steps.append(Step(f"item/{item.name}", "procedural", OPERATION, params, seed=seed, field=f"items.{index}"))
    return steps


def _normalize(text: str) -> str:
    from bridge.providers.procedural.things.words import normalize_text

    return normalize_text(text)


def _common_params(spec: SpriteSpec | ItemsSpec, context: CompileContext) -> dict[str, Any]:
    if max(spec.size) > LARGEST:
        raise context.fail(
            "provider_limit",
            f"the procedural provider draws things up to {LARGEST} pixels",
            "size",
            f"Choose a size of at most [{LARGEST}, {LARGEST}].",
        )
    detail = (spec.detail or "medium").lower()
    return {
        "size": list(spec.size),
        "view": spec.view or "low top-down",
        "outline": _normalize(spec.outline or _outline_words(spec.description or "")),
        "shading": _normalize(spec.shading or ""),
        "detail": next((word for word in DETAILS if word in detail), "medium"),
        "colors": spec.colors,
        "transparent": spec.transparent,
    }


def _outline_words(text: str) -> str:
    """The phrase of a description that speaks of the outline."""
    return next((phrase for phrase in text.lower().split(",") if "outline" in phrase or "lineless" in phrase), "")


def run(step: Step, inputs: Mapping[str, bytes], needed: Mapping[str, StepResult]) -> StepResult:
    """Draws the thing: one PNG."""
    del inputs, needed
    from bridge.providers.procedural.things.render import draw_thing

    pixels = draw_thing(step.params, step.seed or 1)
    return StepResult((ResultFile("image.png", "image/png", _encode_png(pixels)),), {"size": list(step.params["size"])})


def interpret(step: Step, result: StepResult) -> list[Part]:
    """The picture under the item's name, or the number of the variant."""
    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(result.files[0].data), formats=["PNG"]) as picture:
        pixels = np.asarray(picture.convert("RGBA"), dtype=np.uint8)
    name = step.params["name"] or step.key.rpartition("/")[2]
    return [ImagePart(name, pixels)]


def _encode_png(pixels: Pixels) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
