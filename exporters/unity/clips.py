"""AnimationClip files (`.anim`): sprites over time on the SpriteRenderer of the object that has the Animator.

Times are those of Unity's Aseprite importer (com.unity.2d.aseprite, AnimationClipGeneration.cs): frames that all last
equally long give the clip's own rate; otherwise the rate is 100 and the last sprite is repeated one step before the
end, since a clip ends one step after its last key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exporters.unity.editor import Editor
from exporters.unity.ids import CLIP
from exporters.unity.native import COMMON
from exporters.unity.yaml import Node, Tree, YamlObject, flow, write_number, write_text

VARIABLE_RATE = 100
FINEST_RATE = 1000
SPRITE_RENDERER = 212
SPRITE_CURVE = 23
_ORIGIN = flow(x=0, y=0, z=0)


@dataclass(frozen=True, slots=True)
class PictureKey:
    """A sprite (as a reference) that shows from a time on, milliseconds."""

    time_ms: float
    sprite: str


@dataclass(frozen=True, slots=True)
class ClipTiming:
    """The keys of a clip, its steps a second, and where it ends (milliseconds)."""

    keys: tuple[PictureKey, ...]
    rate: float
    stop_ms: float


def frame_timing(frames: Sequence[tuple[str, int]]) -> ClipTiming:
    """The timing of sprites with their durations in milliseconds."""
    starts, total = [], 0
    for sprite, duration in frames:
        starts.append(PictureKey(total, sprite))
        total += duration
    durations = {duration for _, duration in frames}
    if len(durations) == 1:
        return ClipTiming(tuple(starts), 1000 / durations.pop(), total)
    last = frames[-1][1]
    rate = VARIABLE_RATE if last * VARIABLE_RATE >= 1000 else FINEST_RATE
    end = total - 1000 / rate
    if end > starts[-1].time_ms:
        starts.append(PictureKey(end, frames[-1][0]))
    return ClipTiming(tuple(starts), rate, total)


def make_clip(name: str, frames: Sequence[tuple[str, int]], editor: Editor, *, loop: bool) -> YamlObject:
    """The clip of sprite references with durations in milliseconds."""
    timed = frame_timing(frames)
    fields: Tree = {
        **COMMON,
        "m_Name": write_text(name),
        "serializedVersion": 7,
        "m_Legacy": 0,
        "m_Compressed": 0,
        "m_UseHighQualityCurve": 1,
        "m_RotationCurves": [],
        "m_CompressedRotationCurves": [],
        "m_EulerCurves": [],
        "m_PositionCurves": [],
        "m_ScaleCurves": [],
        "m_FloatCurves": [],
        "m_PPtrCurves": [_picture_curve(timed.keys, editor)],
        "m_SampleRate": write_number(timed.rate),
        "m_WrapMode": 0,
        "m_Bounds": {"m_Center": _ORIGIN, "m_Extent": _ORIGIN},
        "m_ClipBindingConstant": {
            "genericBindings": [_curve_binding(editor)],
            "pptrCurveMapping": [key.sprite for key in timed.keys],
        },
        "m_AnimationClipSettings": _clip_settings(timed.stop_ms, loop=loop),
        "m_EditorCurves": [],
        "m_EulerEditorCurves": [],
        "m_HasGenericRootTransform": 0,
        "m_HasMotionFloatCurves": 0,
        "m_Events": [],
    }
    return YamlObject(74, CLIP, "AnimationClip", fields)


def _picture_curve(keys: Sequence[PictureKey], editor: Editor) -> Tree:
    modern = editor >= Editor.V2022
    times: list[Node] = [{"time": write_number(key.time_ms / 1000), "value": key.sprite} for key in keys]
    return {
        **({"serializedVersion": 2} if modern else {}),
        "curve": times,
        "attribute": "m_Sprite",
        "path": "",
        "classID": SPRITE_RENDERER,
        "script": "{fileID: 0}",
        **({"flags": 2} if modern else {}),
    }


def _curve_binding(editor: Editor) -> Tree:
    """Which property the curve drives; `path` is the CRC-32 of the object's path, 0 for the object itself."""
    return {
        "serializedVersion": 2,
        "path": 0,
        "attribute": 0,
        "script": "{fileID: 0}",
        "typeID": SPRITE_RENDERER,
        "customType": SPRITE_CURVE,
        "isPPtrCurve": 1,
        **({"isIntCurve": 0, "isSerializeReferenceCurve": 0} if editor >= Editor.V2022 else {}),
    }


def _clip_settings(stop_ms: float, *, loop: bool) -> Tree:
    return {
        "serializedVersion": 2,
        "m_AdditiveReferencePoseClip": "{fileID: 0}",
        "m_AdditiveReferencePoseTime": 0,
        "m_StartTime": 0,
        "m_StopTime": write_number(stop_ms / 1000),
        "m_OrientationOffsetY": 0,
        "m_Level": 0,
        "m_CycleOffset": 0,
        "m_HasAdditiveReferencePose": 0,
        "m_LoopTime": int(loop),
        "m_LoopBlend": 0,
        "m_LoopBlendOrientation": 0,
        "m_LoopBlendPositionY": 0,
        "m_LoopBlendPositionXZ": 0,
        "m_KeepOriginalOrientation": 0,
        "m_KeepOriginalPositionY": 1,
        "m_KeepOriginalPositionXZ": 0,
        "m_HeightFromFeet": 0,
        "m_Mirror": 0,
    }
