"""Whether a delivered result can be used at all: every file has content, is of the right kind, and decodes to its end.

What the art looks like is nobody's business here, and neither is what a spec makes of it: a sheet that nobody can
divide is whole, and kept.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bridge.core.errors import BridgeError
from bridge.media.images import decode
from bridge.providers.api import DIRECTION_MARK
from bridge.providers.paid import MediaFamilies, PaidProvider

if TYPE_CHECKING:
    from bridge.providers.api import ResultFile, Step, StepResult

_ANY = frozenset({"image", "audio", "video", "application", "text"})
_DECODED_BY_MEANING = frozenset({"audio", "video", "application"})
_DAMAGE = frozenset({"source_broken", "result_damaged"})


def find_damage(provider: PaidProvider, step: Step, result: StepResult) -> str:
    """What is wrong with a result, for people; empty where it is whole. It decodes everything, so it takes its time."""
    families = provider.families(step) if isinstance(provider, MediaFamilies) else _ANY
    for file in result.files:
        reason = _find_file_damage(file, families)
        if reason:
            return reason
    kinds = {_family_of(file) for file in result.files}
    # A video may come as an animated picture, and must not come as a still.
    if kinds & _DECODED_BY_MEANING or (kinds and "video" in families and families is not _ANY):
        return _find_meaning_damage(provider, step, result)
    return ""


def _family_of(file: ResultFile) -> str:
    return file.media_type.partition("/")[0]


def _find_file_damage(file: ResultFile, families: frozenset[str]) -> str:
    if not file.data:
        return f"{file.name} is empty"
    family = _family_of(file)
    if family not in families or file.media_type == "application/octet-stream":
        return f"{file.name} is no {' or '.join(sorted(families - {'application'}) or families)}"
    if family != "image":
        return ""
    try:
        decode(file.data, file.name)
    except BridgeError as error:
        return error.message
    return ""


def _find_meaning_damage(provider: PaidProvider, step: Step, result: StepResult) -> str:
    """Sounds, videos and maps are decoded by who knows what they are."""
    try:
        # A clip of one direction has the direction behind its own key (`bridge.plan.provider_clips`).
        provider.interpret(replace(step, key=step.key.partition(DIRECTION_MARK)[0]), result)
    except BridgeError as error:
        cause = error.__cause__
        codes = {error.code, cause.code if isinstance(cause, BridgeError) else ""}
        return error.message if codes & _DAMAGE else ""
    return ""
