"""A clip as a request: what characters and single animations have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bridge.providers.api import CompileContext
from bridge.providers.sprixen.compile import fitting, plain, suggestion
from bridge.providers.sprixen.routes import ARCHETYPES, CUSTOM, DIRECTIONS, FRAMES, MOTION_LENGTH, MOTIONS

if TYPE_CHECKING:
    from bridge.spec.character import ClipFields, WeaponTable


def motion(
    name: str, table: ClipFields, context: CompileContext, *, template: str | None = None, prefix: str = ""
) -> dict[str, Any]:
    """Type, words and frames of a clip. The rate is left out: frames are drawn the same, and playing them otherwise is
    free.

    Raises:
        UserError: `provider_limit`: a motion that it does not have, too many words, or too few or too many frames.
    """
    if template is not None and template not in MOTIONS:
        message = f"sprixen has no motion {template!r}"
        raise context.fail("provider_limit", message, f"{prefix}template", suggestion(template, MOTIONS))
    kind = template or (name if name in MOTIONS else CUSTOM)
    words = plain(table.action) or (name.replace("_", " ") if kind == CUSTOM else "")
    request: dict[str, Any] = {"type": kind}
    if words:
        request["customDescription"] = fitting(words, (1, MOTION_LENGTH), f"{prefix}action", context)
    frames = table.frames or (len(table.durations) if table.durations else None)
    if frames is not None:
        least, most = FRAMES
        if not least <= frames <= most:
            of = f"{prefix}frames" if table.frames is not None else f"{prefix}durations"
            message = f"sprixen makes clips of {least} to {most} frames, not {frames}"
            raise context.fail("provider_limit", message, of, f"Ask for {max(least, min(most, frames))} frames.")
        request["frameCount"] = frames
    return request


def body(archetype: str | None, weapon: WeaponTable | None = None) -> dict[str, Any]:
    """The body plan, without which the service guesses it, and what is held."""
    fields: dict[str, Any] = {}
    if archetype is not None:
        fields["archetype"] = ARCHETYPES[archetype]
    if weapon is not None:
        if weapon.type is not None:
            fields |= {"weaponHand": weapon.hand, "weaponType": plain(weapon.type)}
        if weapon.shield:
            fields["hasShield"] = True
    return fields


def towards(direction: str | None) -> dict[str, str]:
    """The direction of a clip in the words of the service."""
    return {"direction": DIRECTIONS[direction]} if direction else {}
