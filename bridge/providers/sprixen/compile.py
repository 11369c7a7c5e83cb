"""What compiling has in common: prompts, options, and a step.

`params` of a step hold `request`: the body as it is sent, without ids of earlier steps. The service takes no seed; the
effective one counts into the fingerprint all the same, so that `take` asks for another result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from bridge.providers.api import CompileContext, Input, Price, Step
from bridge.providers.sprixen.routes import DIRECTIONS, NAME, PIXEL_PERFECT, PROMPT_LENGTH, ROUTES

if TYPE_CHECKING:
    from bridge.spec.base_spec import BaseSpec

REFERENCE = "reference"
"""The role of the picture that goes along as an address."""
_KINDS: Mapping[type, str] = {str: "text", bool: "truth value: true or false"}
_OPTIONS: Mapping[str, type] = {"pixelPerfect": str, "noBase": bool, "projectId": str}
_PROJECT = "project"


def suggestion(said: str, known: Sequence[str]) -> str:
    """Which word may have been meant, or all there are."""
    near = get_close_matches(said, known, 1)
    return f"Did you mean {near[0]!r}?" if near else f"It knows {', '.join(known)}."


def plain(text: str | None) -> str:
    """A text with single blanks."""
    return " ".join((text or "").split())


def prompt(spec: BaseSpec, context: CompileContext, *words: str, field: str = "description") -> str:
    """The words of a request: what it is, then how it is seen and drawn, which the service takes in words only.

    Raises:
        UserError: `provider_limit`: too short or too long for the service.
    """
    projection = getattr(spec, "projection", "orthogonal")
    said = [
        *map(plain, words),
        f"{spec.view} view" if spec.view else "",
        f"{projection} projection" if projection != "orthogonal" else "",
        *(plain(f"{getattr(spec, name) or ''} {name}") if getattr(spec, name) else "" for name in _STYLE),
    ]
    return fitting(", ".join(word for word in said if word), PROMPT_LENGTH, field, context)


_STYLE = ("outline", "shading", "detail")


def fitting(text: str, length: tuple[int, int], field: str, context: CompileContext) -> str:
    """The text, where its number of characters is one that the service takes.

    Raises:
        UserError: `provider_limit`.
    """
    least, most = length
    if not least <= len(text) <= most:
        message = f"sprixen takes {least} to {most} characters here, and with all style words these are {len(text)}"
        raise context.fail("provider_limit", message, field, "Shorten it." if len(text) > most else "Say more.")
    return text


def facing(direction: str | None) -> str:
    """A direction in words of a prompt; empty for none."""
    return f"facing {DIRECTIONS[direction]}" if direction else ""


def picture(spec: BaseSpec, size: Sequence[int], context: CompileContext) -> dict[str, Any]:
    """What requests of pictures share, without the prompt.

    Raises:
        UserError: `spec_not_applicable`, `provider_limit`.
    """
    request: dict[str, Any] = {"type": "sprite", "resolution": f"{size[0]}x{size[1]}", "pixelPerfect": "auto"}
    if not spec.transparent:
        # The service removes backgrounds unless told otherwise, and cuts holes into whole scenes.
        request["skipBgRemoval"] = True
    table = spec.reference
    if table is not None and table.style_url is not None:
        if table.style is not None:
            message = "sprixen takes one reference picture"
            hint = "Remove it, or `style_url`."
            raise context.fail("spec_not_applicable", message, "reference.style", hint)
        request["referenceImageUrl"] = table.style_url
    return request | options(spec.provider_options, context)


def reference(spec: BaseSpec, context: CompileContext) -> tuple[Input, ...]:
    """The picture whose style is followed, where it is a file or another asset: it gets an address when it is ordered.

    Raises:
        UserError: as for any input.
    """
    table = spec.reference
    if table is None or table.style is None:
        return ()
    return (context.address(REFERENCE, table.style, "reference.style"),)


def options(given: Mapping[str, Any] | None, context: CompileContext) -> dict[str, Any]:
    """`provider_options`: fields of the request that nothing in a spec stands for; a project is a step of its own.

    Raises:
        UserError: `spec_not_applicable` for unknown ones, `provider_limit` for values that they do not have.
    """
    for name, value in (given or {}).items():
        field = f"provider_options.{name}"
        kind = _OPTIONS.get(name)
        if name == _PROJECT:
            continue
        if kind is None:
            message = f"sprixen takes no option {name} here"
            raise context.fail("spec_not_applicable", message, field, suggestion(name, [*_OPTIONS, _PROJECT]))
        if not isinstance(value, kind) or (name == "pixelPerfect" and value not in PIXEL_PERFECT):
            hint = f"It is one of {', '.join(PIXEL_PERFECT)}." if name == "pixelPerfect" else f"It is a {_KINDS[kind]}."
            raise context.fail("provider_limit", f"{name} cannot be {value!r}", field, hint)
    return {name: value for name, value in (given or {}).items() if name != _PROJECT}


def asked_size(one: Step) -> tuple[int, int] | None:
    """Width and height that were asked for; None where the service moves what it has."""
    wide, _, high = str(one.params.get("request", {}).get("resolution", "")).partition("x")
    if wide.isdigit() and high.isdigit():
        return int(wide), int(high)
    hinted = (one.hints or {}).get("size")
    return (hinted[0], hinted[1]) if hinted else None


def single(one: Step) -> bool:
    """Whether each picture of a result is a file of its own, and no cell of a sheet."""
    pack = one.params.get("request", {}).get("packItems")
    return one.operation in _PICTURES or (one.operation == "image.pack" and pack is None)


_PICTURES = frozenset({"image.create", "character.create", "character.adopt", "tile.create", "tile.builtin"})


def step(
    key: str,
    operation: str,
    request: Mapping[str, Any],
    *,
    seed: int | None,
    of: str,
    after: Sequence[str] = (),
    direction: str = "",
    inputs: Sequence[Input] = (),
    gives: Sequence[str] = (),
    hints: Mapping[str, Any] | None = None,
) -> Step:
    """A step that orders `request`; one credit per variant where there are several.

    direction: which way the result looks, where the request says so in its prompt only. gives, hints: as of `Step`.
    """
    price = ROUTES[operation].price
    count = request.get("variantCount", 1)
    if price.amount is not None:
        price = Price(price.unit, price.amount * Decimal(count))
    params: dict[str, Any] = {"request": dict(request)}
    if direction:
        params["direction"] = direction
    return Step(key, NAME, operation, params, seed, tuple(inputs), tuple(after), price, of, tuple(gives), hints)
