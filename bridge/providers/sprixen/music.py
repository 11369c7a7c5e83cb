"""Kind music as a step: one track by words or by preset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bridge.providers.api import CompileContext, Step
from bridge.providers.sprixen.compile import fitting, plain, step, suggestion
from bridge.providers.sprixen.routes import PRESETS, PROMPT_LENGTH

if TYPE_CHECKING:
    from bridge.spec.model import MusicSpec


def compile_music(spec: MusicSpec, context: CompileContext) -> list[Step]:
    """One step: `track`.

    Raises:
        UserError: `spec_not_applicable`, `provider_limit`.
    """
    words = plain(spec.description) or (spec.preset or "").replace("_", " ")
    request: dict[str, Any] = {"prompt": fitting(words, PROMPT_LENGTH, "description", context)}
    if spec.preset is not None:
        if spec.preset not in PRESETS:
            message = f"sprixen has no preset {spec.preset!r}"
            raise context.fail("provider_limit", message, "preset", suggestion(spec.preset, PRESETS))
        request["presetSlug"] = spec.preset
    if spec.bpm is not None:
        request["bpm"] = spec.bpm
    if spec.key is not None:
        request["key"] = plain(spec.key)
    if spec.duration != int(spec.duration):
        message = "sprixen takes whole seconds"
        raise context.fail("provider_limit", message, "duration", f"Write {round(spec.duration)}.")
    request["duration"] = int(spec.duration)
    return [step("track", "music.create", request, seed=context.seed(), of="description")]
