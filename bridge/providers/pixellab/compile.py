"""What compiling has in common: style words, references, and a step whose request is checked.

`params` of a step hold `request`, the body without pictures, ids and seed and without what the service assumes anyway,
so that equal wishes are equal; beside it stands what is turned into pictures later (`colors`, `mask`).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from bridge.providers.api import CompileContext, Input, Step
from bridge.providers.pixellab import words
from bridge.providers.pixellab.requests import written
from bridge.providers.pixellab.routes import NAME, ROUTES, spec_field

if TYPE_CHECKING:
    from bridge.spec.base_spec import BaseSpec

_PLACEHOLDER: Mapping[str, Any] = {
    "picture": {"type": "base64", "base64": "AA==", "format": "png"},
    # The size of a source is known when its pixels are; every route takes this one.
    "image_size": {"width": 64, "height": 64},
    "character_id": "unknown",
}
_PROVIDED = ("image_size", "character_id")
_IHDR_END = 24


@dataclass(slots=True)
class Draft:
    """What a request is going to hold: fields of the body, inputs by role, and what becomes a picture later."""

    fields: dict[str, Any] = field(default_factory=dict)
    inputs: list[Input] = field(default_factory=list)
    extras: dict[str, Any] = field(default_factory=dict)

    def copy(self) -> Draft:
        """A draft of its own with the same content."""
        return Draft(dict(self.fields), list(self.inputs), dict(self.extras))


def style_fields(spec: BaseSpec, context: CompileContext, outlines: Sequence[str] = words.OUTLINES) -> dict[str, Any]:
    """Outline, shading and detail in PixelLab's words.

    Raises:
        UserError: `provider_limit`: a word is not one of the route's closed list.
    """
    style: dict[str, Any] = {}
    for name, known in (("outline", outlines), ("shading", words.SHADINGS), ("detail", words.DETAILS)):
        said = getattr(spec, name)
        if said is None:
            continue
        word = words.style_word(said, known)
        if word is None:
            message = f"pixellab knows no {name} {said!r} here"
            raise context.fail("provider_limit", message, name, words.suggestion(said, known))
        style[name] = word
    return style


def description_of(spec: BaseSpec, context: CompileContext) -> str:
    """The description with single blanks.

    Raises:
        UserError: `spec_invalid`: there is none.
    """
    text = " ".join((spec.description or "").split())
    if not text:
        raise context.fail("spec_invalid", "description: is required: say what it is", "description")
    return text


def with_prefix(spec: BaseSpec, text: str) -> str:
    """The words of a part, after those of the whole."""
    return ", ".join(" ".join(words_of.split()) for words_of in (spec.description or "", text) if words_of.strip())


def add_references(spec: BaseSpec, context: CompileContext, allowed: Sequence[str], draft: Draft) -> None:
    """`[reference]` into the draft; `allowed` are the keys of pictures that the route has a place for.

    Raises:
        UserError: `spec_not_applicable`: a strength without its picture.
    """
    table = spec.reference
    if table is None:
        return
    for key in allowed:
        picture, strength = getattr(table, key), getattr(table, f"{key}_strength")
        if picture is not None:
            draft.inputs.append(context.input(f"{key}_image", picture, f"reference.{key}"))
            if strength is not None:
                draft.fields["style_strength" if key == "style" else "init_image_strength"] = strength
        elif strength is not None:
            message = f"{key}_strength says nothing without {key}"
            raise context.fail("spec_not_applicable", message, f"reference.{key}_strength", f"Give `{key}` too.")
    if table.colors is not None:
        add_palette(table.colors, context, draft)


def required_source(spec: BaseSpec, context: CompileContext) -> str:
    """The picture that a route begins with.

    Raises:
        UserError: `spec_invalid`: there is none (the project's defaults may name only an address, or an id).
    """
    if spec.source is None:
        raise context.fail("spec_invalid", "source: is required: pixellab begins with a picture", "source")
    return spec.source


def add_palette(colors: str | Sequence[str], context: CompileContext, draft: Draft) -> None:
    """Colours that become the route's colour picture when the order is written."""
    if isinstance(colors, str):
        draft.inputs.append(context.input("colors", colors, "reference.colors"))
    else:
        draft.extras["colors"] = [color.lower() for color in colors]


def source_size(ref: str, context: CompileContext) -> dict[str, int] | None:
    """The size of a source that is a PNG of the project; None where it shows only when the order is written.

    The header is enough: PNG specification, section 11.2.2 (IHDR).
    """
    if ref.startswith("asset:"):
        return None
    _, data = context.read(ref, "source")
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR" or len(data) < _IHDR_END:
        return None
    width, height = struct.unpack(">II", data[16:_IHDR_END])
    return {"width": width, "height": height}


def checked_options(
    operation: str, given: Mapping[str, Any] | None, context: CompileContext, prefix: str = ""
) -> Mapping[str, Any]:
    """`provider_options`: fields of the request that nothing in a spec stands for.

    Raises:
        UserError: `spec_not_applicable`: the route has no such field, or a spec has a field for it.
    """
    known = sorted(ROUTES[operation].options)
    for name in given or {}:
        if name not in known:
            own = spec_field(operation, (name,), prefix.removesuffix("."))
            hint = f"Use `{own}` for it." if own else ""
            raise context.fail(
                "spec_not_applicable",
                f"pixellab takes no option {name} here",
                f"{prefix}provider_options.{name}",
                hint or words.suggestion(name, known),
            )
    return given or {}


def checked_step(
    key: str,
    operation: str,
    draft: Draft,
    context: CompileContext,
    *,
    seed: int | None,
    of: str,
    after: Sequence[str] = (),
    shown: Mapping[str, int] | None = None,
    gives: Sequence[str] = (),
) -> Step:
    """A step whose request keeps every published limit.

    of: the field of the spec that it comes from. shown: the size of its source, where it is known and asked for.
    gives: see `Step`.

    Raises:
        UserError: `provider_limit` on the line of the field that breaks one.
    """
    route = ROUTES[operation]
    body = dict(draft.fields)
    for name in route.pictures:
        if route.body.model_fields[name].is_required():
            body[name] = _PLACEHOLDER["picture"]
    filled = [name for name in _PROVIDED if name in route.body.model_fields and name not in body]
    body |= {name: shown if shown and name == "image_size" else _PLACEHOLDER[name] for name in filled}
    try:
        checked = route.body.model_validate(body)
    except ValidationError as error:
        location, reason = first_mistake(error)
        wrong_field = "source" if location[0] in filled else spec_field(operation, location, of) or of
        raise context.fail(
            "provider_limit", f"pixellab cannot make this: {wrong_field}: {reason}", wrong_field
        ) from None
    request = {name: value for name, value in written(checked).items() if name not in (*route.pictures, *filled)}
    return Step(
        key,
        NAME,
        operation,
        {"request": request, **draft.extras},
        seed,
        tuple(draft.inputs),
        tuple(dict.fromkeys(after)),
        route.price,
        of,
        tuple(gives),
    )


def first_mistake(error: ValidationError) -> tuple[tuple[str | int, ...], str]:
    """Where a request breaks its first limit, and what pydantic says of it."""
    details = error.errors(include_url=False)[0]
    message = details["msg"].removeprefix("Value error, ")
    if not details["loc"]:
        # Rules over several fields begin with the name of the one to blame.
        name, _, rest = message.partition(": ")
        return (name,), rest
    given = details["input"]
    said = f" (it is {given!r})" if isinstance(given, str | int | float) and len(str(given)) < 60 else ""
    return details["loc"], re.sub(r"^Input should be ", "must be ", message) + said
